use super::{Facts, Finding, Rule, code};
use crate::analysis::approval::reviewer;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0321", "unknown-reviewer"),
    page: r#"
## What it checks

Whoever approved a case is a member of the project: `by` is the name of a file in `members/`, without
`.yaml`, or has the address of a member. A warning; in a project without members anybody may approve.

## Why

It happens when people leave, and what they approved stays approved. A name that was mistyped or
made up looks the same.

## Example

```yaml projects/shop/approvals/SHOP-K4F7QM.yaml
approvals:
- {"by": "alise", "at": "2026-11-22T18:43:00Z", "digest": "0f3c1d5a7b9e2846a1c3e5079b2d4f6880a2c4e6183a5c7e90b2d4f61a3c5e70"}
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```

## Fix

```yaml projects/shop/approvals/SHOP-K4F7QM.yaml
approvals:
- {"by": "alice", "at": "2026-11-22T18:43:00Z", "digest": "0f3c1d5a7b9e2846a1c3e5079b2d4f6880a2c4e6183a5c7e90b2d4f61a3c5e70"}
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects().filter(|p| !p.members.is_empty()) {
        let members = || project.members.iter().map(|doc| doc.value.id.as_str());
        for doc in &project.approvals {
            for (n, approval) in doc.value.all.iter().enumerate() {
                let by = approval.by.as_str();
                let found = reviewer(project, by);
                if by.is_empty() || members().any(|member| member == found) {
                    continue;
                }
                let message = format!("the reviewer `{by}` is no member of the project");
                let help = "let another member approve the case, too: `tallybook approve CASE`";
                out.push(
                    Finding::warning(RULE.code, &doc.path, message)
                        .at_field(doc, &["approvals".into(), n.into(), "by".into()])
                        .help(help)
                        .suggest(by, members()),
                );
            }
        }
    }
}
