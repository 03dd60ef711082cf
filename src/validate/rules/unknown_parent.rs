use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;
use crate::validate::places::{each_requirement, requirement_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0258", "unknown-parent"),
    page: r"
## What it checks

The `parent` of a requirement is the id of a requirement of the same project.

## Why

Coverage is added up over parents. A part of nothing is missing in the sum.

## Example

```yaml projects/shop/requirements/sign-in.yaml
requirements:
- {id: REQ-4, title: Sign in}
- {id: REQ-5, title: Sign in with a passkey, parent: REG-4}
```

## Fix

```yaml projects/shop/requirements/sign-in.yaml
requirements:
- {id: REQ-4, title: Sign in}
- {id: REQ-5, title: Sign in with a passkey, parent: REQ-4}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let ids = || project.all_requirements().map(|r| r.id.as_str());
        for (doc, n, requirement) in each_requirement(project) {
            let Some(parent) = &requirement.parent else {
                continue;
            };
            if ids().any(|id| id == parent) {
                continue;
            }
            let message = format!(
                "there is no requirement `{parent}` that `{}` could be a part of",
                requirement.id
            );
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &requirement_field(doc, n, &["parent".into()]))
                    .help("correct the id, or add the requirement")
                    .suggest(parent, ids()),
            );
        }
    }
}
