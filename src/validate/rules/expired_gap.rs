use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;
use crate::validate::places::{each_requirement, requirement_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0260", "expired-gap"),
    page: r"
## What it checks

A justified gap has not ended: its `until`, the last day on which it holds, is not past. A warning;
the day is taken in UTC.

## Why

Past that day the requirement counts as one without a test, and someone should decide about it.

## Example

```yaml projects/shop/requirements/REQ-4.yaml
title: Sign in with a passkey
gap: {reason: No device in the lab yet, by: alice, until: 2026-10-31}
```

## Fix

Remove the gap once there is a test; else give it another day and say why.

```yaml projects/shop/requirements/REQ-4.yaml
title: Sign in with a passkey
gap: {reason: The device comes in December, by: alice, until: 2026-12-31}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for (doc, n, requirement) in each_requirement(project) {
            let until = requirement.gap.as_ref().and_then(|gap| gap.until);
            let Some(until) = until.filter(|until| until.end() < facts.now) else {
                continue;
            };
            let message = format!("the gap of `{}` ended on {until}", requirement.id);
            let field = requirement_field(doc, n, &["gap".into(), "until".into()]);
            out.push(
                Finding::warning(RULE.code, &doc.path, message)
                    .at_field(doc, &field)
                    .help("remove the gap, or set another day"),
            );
        }
    }
}
