use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0216", "mute-of-nothing"),
    page: r"
## What it checks

A mute says what it covers: `cases`, a `selector`, a `query`, or several of these.

## Why

With none of them it covers nothing, and the failures that were meant count.

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
        let mute = &doc.value;
        if mute.cases.is_empty() && mute.selector.is_none() && mute.query.is_none() {
            let message = format!("the mute `{}` covers nothing", doc.value.id);
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &["cases".into()])
                    .help("add `cases: [<id>]`, `selector: <full name>` or `query: …`"),
            );
        }
    }
}
