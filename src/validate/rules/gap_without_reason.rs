use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;
use crate::validate::places::{each_requirement, requirement_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0261", "gap-without-reason"),
    page: r#"
## What it checks

A justified gap has a `reason`, and a `by` who answers for it, that are more than white space.

## Why

A gap that nobody justified is a gap.

## Example

```yaml projects/shop/requirements/REQ-4.yaml
title: Sign in with a passkey
gap: {reason: "", by: alice}
```

## Fix

```yaml projects/shop/requirements/REQ-4.yaml
title: Sign in with a passkey
gap: {reason: No device in the lab, by: alice}
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for (doc, n, requirement) in each_requirement(project) {
            let Some(gap) = &requirement.gap else {
                continue;
            };
            for (key, text) in [("reason", &gap.reason), ("by", &gap.by)] {
                let field = requirement_field(doc, n, &["gap".into(), key.into()]);
                if text.trim().is_empty() && doc.has(&field) {
                    let message =
                        format!("the `{key}` of the gap of `{}` is empty", requirement.id);
                    out.push(
                        Finding::error(RULE.code, &doc.path, message)
                            .at_field(doc, &field)
                            .help("say why no test covers it, and who answers for that"),
                    );
                }
            }
        }
    }
}
