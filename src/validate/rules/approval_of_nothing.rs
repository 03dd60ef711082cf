use std::collections::BTreeSet;

use super::{Facts, Finding, Rule, code};

pub(super) const RULE: Rule = Rule {
    code: code("TB0320", "approval-of-nothing"),
    page: r#"
## What it checks

A file in `approvals/` is named by the id of a case of its project, or by an alias. A warning.

## Why

Approvals of no case are shown nowhere and count nowhere: the case is gone, has another id, or the
file was named by hand.

## Example

```yaml projects/shop/approvals/SHOP-K4F7QX.yaml
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

## Fix

Let `tallybook approve` write these files, and remove one whose case is gone.

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
    for project in facts.projects().filter(|p| !p.approvals.is_empty()) {
        let all = project.cases.iter().map(|doc| &doc.value);
        let ids = all.flat_map(|case| case.aliases.iter().chain([&case.id]));
        let ids: BTreeSet<&str> = ids.map(String::as_str).collect();
        for doc in &project.approvals {
            let id = doc.value.case.as_str();
            if ids.contains(id) {
                continue;
            }
            let message = format!("the file is named `{id}`, which is the id of no case here");
            out.push(
                Finding::warning(RULE.code, &doc.path, message)
                    .help("remove it where the case is gone")
                    .suggest(id, ids.iter().copied()),
            );
        }
    }
}
