use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0210", "mute-without-reason"),
    page: r"
## What it checks

The `reason` of a mute is more than white space.

## Why

A mute takes failures out of the statistics. Whoever reads these must be able to judge whether that
was right.

## Example

```yaml projects/shop/mutes/flaky-login.yaml
reason: ' '
owner: alice
until: 2026-12-31
selector: tests.auth.test_login
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
        if doc.value.reason.trim().is_empty() && doc.has(&["reason".into()]) {
            out.push(
                Finding::error(RULE.code, &doc.path, "the mute's reason is empty")
                    .at_field(doc, &["reason".into()])
                    .help("say why its failures don't count for now"),
            );
        }
    }
}
