use super::{Facts, Finding, Rule, code};
use crate::store::{Doc, Project};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0167", "unknown-owner"),
    page: r"
## What it checks

The `owner` of a case, a defect or a mute is a member of the project: the name of a file in
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
    for project in facts.projects() {
        for doc in &project.cases {
            one(project, doc, doc.value.owner.as_deref(), out);
        }
        for doc in &project.defects {
            one(project, doc, doc.value.owner.as_deref(), out);
        }
        for doc in &project.mutes {
            one(project, doc, Some(&doc.value.owner), out);
        }
    }
}

fn one<T>(project: &Project, doc: &Doc<T>, owner: Option<&str>, out: &mut Vec<Finding>) {
    let members = || project.members.iter().map(|m| m.value.id.as_str());
    let Some(owner) = owner.filter(|o| !o.trim().is_empty() && members().all(|m| m != *o)) else {
        return;
    };
    let message = format!("the owner `{owner}` is no member of the project");
    let finding = Finding::warning(RULE.code, &doc.path, message)
        .at_field(doc, &["owner".into()])
        .help(format!(
            "name a member, or add `{}/members/<name>.yaml`",
            project.path
        ));
    out.push(finding.suggest(owner, members()));
}
