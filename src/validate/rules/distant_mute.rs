use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0214", "distant-mute"),
    page: r"
## What it checks

A mute ends within a year from now. A warning.

## Why

An exclusion that nobody looks at for more than a year is a test that nobody runs.

## Example

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: alice
until: 2099-12-31
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

/// 366 days, in milliseconds.
const YEAR: i64 = 366 * 24 * 60 * 60 * 1000;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.mutes) {
        let is_distant = |end: i64| end - facts.now.ms() > YEAR;
        let Some(until) = doc.value.until.filter(|until| is_distant(until.end().ms())) else {
            continue;
        };
        let message = format!("the mute ends on {until}, more than a year from now");
        out.push(
            Finding::warning(RULE.code, &doc.path, message)
                .at_field(doc, &["until".into()])
                .help("set a day by which someone looks at it again"),
        );
    }
}
