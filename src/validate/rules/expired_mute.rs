use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0213", "expired-mute"),
    page: r"
## What it checks

A mute has not ended: its `until`, the last day on which it holds, is not past. A warning; the day
is taken in UTC.

## Why

A mute that has ended does nothing. The failures that it covered count again, and someone should
decide about them.

## Example

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: alice
until: 2026-10-31
selector: tests.auth.test_login
```

## Fix

Remove the file once the cause is gone; else give the mute another day and say why.

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night, until its contract ends in December.
owner: alice
until: 2026-12-31
selector: tests.auth.test_login
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.mutes) {
        let Some(until) = doc.value.until.filter(|until| until.end() < facts.now) else {
            continue;
        };
        let message = format!("the mute `{}` ended on {until}", doc.value.id);
        out.push(
            Finding::warning(RULE.code, &doc.path, message)
                .at_field(doc, &["until".into()])
                .help("remove the file, or set another day"),
        );
    }
}
