use super::{Facts, Finding, Rule, code};
use crate::store::{Doc, Key, Project};
use crate::validate::facts::At as _;
use crate::validate::places::requirement_field;

pub(super) const RULE: Rule = Rule {
    code: code("TB0256", "unknown-member"),
    page: r#"
## What it checks

The `assignees` of a plan, and whoever justifies a gap (`gap: {by: …}`), are members of the project:
names of files in `members/`, without `.yaml`. A warning.

## Why

Nobody takes on what is assigned to a stranger. It happens when people leave.

## Example

```yaml projects/shop/plans/smoke.yaml
name: Smoke
query: tag = "smoke"
assignees: [alise]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
tags: [smoke]
---
```

## Fix

```yaml projects/shop/plans/smoke.yaml
name: Smoke
query: tag = "smoke"
assignees: [alice]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
tags: [smoke]
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.plans {
            for (n, name) in doc.value.assignees.iter().enumerate() {
                one(project, doc, &["assignees".into(), n.into()], name, out);
            }
        }
        for doc in &project.requirements {
            for (n, requirement) in doc.value.all.iter().enumerate() {
                if let Some(gap) = &requirement.gap {
                    let field = requirement_field(doc, n, &["gap".into(), "by".into()]);
                    one(project, doc, &field, &gap.by, out);
                }
            }
        }
    }
}

fn one<T>(project: &Project, doc: &Doc<T>, field: &[Key<'_>], name: &str, out: &mut Vec<Finding>) {
    let members = || project.members.iter().map(|m| m.value.id.as_str());
    if name.trim().is_empty() || members().any(|member| member == name) {
        return;
    }
    let message = format!("`{name}` is no member of the project");
    let finding = Finding::warning(RULE.code, &doc.path, message)
        .at_field(doc, field)
        .help(format!(
            "name a member, or add `{}/members/<name>.yaml`",
            project.path
        ));
    out.push(finding.suggest(name, members()));
}
