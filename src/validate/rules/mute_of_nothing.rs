use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0216", "mute-of-nothing"),
    page: r"
## What it checks

A mute says what it covers: `cases`, a `selector`, or both.

## Why

With neither it covers nothing, and the failures that were meant count.

## Example

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: alice
until: 2026-12-31
```

## Fix

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: alice
until: 2026-12-31
selector: tests.auth.test_login
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.mutes) {
        if doc.value.cases.is_empty() && doc.value.selector.is_none() {
            let message = format!("the mute `{}` covers nothing", doc.value.id);
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &["cases".into()])
                    .help("add `cases: [<id>]` or `selector: <full name>`"),
            );
        }
    }
}
