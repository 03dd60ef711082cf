use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0211", "mute-without-owner"),
    page: r"
## What it checks

The `owner` of a mute is more than white space.

## Why

Somebody has to see to it that the mute ends.

## Example

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: ''
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
        if doc.value.owner.trim().is_empty() && doc.has(&["owner".into()]) {
            out.push(
                Finding::error(RULE.code, &doc.path, "the mute has no owner")
                    .at_field(doc, &["owner".into()])
                    .help("name a member of the project"),
            );
        }
    }
}
