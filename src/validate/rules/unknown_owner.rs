use super::{Facts, Finding, Rule, code};
use crate::store::{Doc, Key, Project};
use crate::validate::facts::At as _;
use crate::validate::places::{each_requirement, requirement_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0167", "unknown-owner"),
    page: r"
## What it checks

The `owner` of a case, a defect, a mute or a requirement is a member of the project: the name of a file in
`members/`, without `.yaml`. A warning.

## Why

An owner who is no member gets no notice, and nobody can say who that was. It happens when people
leave.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
owner: alise
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
owner: alice
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let field = ["owner".into()];
    for project in facts.projects() {
        for doc in &project.cases {
            one(project, doc, &field, doc.value.owner.as_deref(), out);
        }
        for doc in &project.defects {
            one(project, doc, &field, doc.value.owner.as_deref(), out);
        }
        for doc in &project.mutes {
            one(project, doc, &field, Some(&doc.value.owner), out);
        }
        for (doc, n, requirement) in each_requirement(project) {
            let field = requirement_field(doc, n, &field);
            one(project, doc, &field, requirement.owner.as_deref(), out);
        }
    }
}

fn one<T>(
    project: &Project,
    doc: &Doc<T>,
    field: &[Key<'_>],
    owner: Option<&str>,
    out: &mut Vec<Finding>,
) {
    let members = || project.members.iter().map(|m| m.value.id.as_str());
    let Some(owner) = owner.filter(|o| !o.trim().is_empty() && members().all(|m| m != *o)) else {
        return;
    };
    let message = format!("the owner `{owner}` is no member of the project");
    let finding = Finding::warning(RULE.code, &doc.path, message)
        .at_field(doc, field)
        .help(format!(
            "name a member, or add `{}/members/<name>.yaml`",
            project.path
        ));
    out.push(finding.suggest(owner, members()));
}
