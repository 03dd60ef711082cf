use super::{Facts, Finding, Rule, code};
use crate::base::text::count;
use crate::model::Role;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0324", "too-few-reviewers"),
    page: r"
## What it checks

A project has as many members who may approve, writers and owners, as `approvals: {required: …}` asks for.
A warning.

## Why

Otherwise no case can ever be approved, and a gate that asks for it never passes.

## Example

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
approvals: {required: 2}
```

## Fix

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
approvals: {required: 1}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects().filter(|p| !p.members.is_empty()) {
        let Some(doc) = &project.settings else {
            continue;
        };
        let field = ["approvals".into(), "required".into()];
        if !doc.has(&field) {
            continue;
        }
        let required = doc.value.approvals.required;
        let may = |role: Role| role.covers(Role::Writer);
        let members = project.members.iter();
        let able = members.filter(|member| may(member.value.role)).count() as u64;
        if able >= required {
            continue;
        }
        let message = format!(
            "a case needs {}, and {} may approve",
            count(required, "approval"),
            count(able, "member")
        );
        out.push(
            Finding::warning(RULE.code, &doc.path, message)
                .at_field(doc, &field)
                .help("ask for fewer, or make more members writers"),
        );
    }
}
