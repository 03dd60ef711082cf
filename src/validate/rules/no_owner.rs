use super::{Facts, Finding, Rule, code};
use crate::model::Role;

pub(super) const RULE: Rule = Rule {
    code: code("TB0154", "no-owner"),
    page: r"
## What it checks

A project that has members has at least one with the role `owner`. A warning. A project without
any members is not shared yet.

## Why

Owners decide what may happen to a project: who joins it, and what is acknowledged about its closed
launches. Without one, nobody can.

## Example

```yaml projects/web/project.yaml
key: WEB
name: Web shop
```

```yaml projects/web/members/bob.yaml
name: Bob Example
emails: [bob@example.com]
role: writer
```

## Fix

```yaml projects/web/project.yaml
key: WEB
name: Web shop
```

```yaml projects/web/members/bob.yaml
name: Bob Example
emails: [bob@example.com]
role: owner
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let owned = project.members.iter().any(|m| m.value.role == Role::Owner);
        if owned || project.members.is_empty() || project.settings.is_none() {
            continue;
        }
        let path = format!("{}/project.yaml", project.path);
        let message = format!(
            "the project `{}` has no member with the role `owner`",
            project.folder
        );
        out.push(Finding::warning(RULE.code, path, message).help(format!(
            "add `{}/members/<name>.yaml` with `role: owner`",
            project.path
        )));
    }
}
