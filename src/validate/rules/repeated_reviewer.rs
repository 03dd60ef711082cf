use std::collections::BTreeMap;

use super::{Facts, Finding, Rule, code};
use crate::analysis::approval::reviewer;
use crate::diag::Span;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0323", "repeated-reviewer"),
    page: r#"
## What it checks

A file of approvals has one line for each reviewer. A warning.

## Why

Of several the newest counts, so nothing goes wrong; the others say nothing any more. It happens when
two branches are merged on which the same person approved.

## Example

```yaml projects/shop/approvals/SHOP-K4F7QM.yaml
approvals:
- {"by": "alice", "at": "2026-11-22T18:43:00Z", "digest": "0f3c1d5a7b9e2846a1c3e5079b2d4f6880a2c4e6183a5c7e90b2d4f61a3c5e70"}
- {"by": "Alice <alice@example.com>", "at": "2026-11-23T09:10:00Z", "digest": "0f3c1d5a7b9e2846a1c3e5079b2d4f6880a2c4e6183a5c7e90b2d4f61a3c5e70"}
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```

## Fix

Remove the older line; the reviewer's next `tallybook approve` does.

```yaml projects/shop/approvals/SHOP-K4F7QM.yaml
approvals:
- {"by": "Alice <alice@example.com>", "at": "2026-11-23T09:10:00Z", "digest": "0f3c1d5a7b9e2846a1c3e5079b2d4f6880a2c4e6183a5c7e90b2d4f61a3c5e70"}
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
    for project in facts.projects() {
        for doc in &project.approvals {
            let mut newest: BTreeMap<String, usize> = BTreeMap::new();
            let all = &doc.value.all;
            let field = |n: usize| ["approvals".into(), n.into()];
            for (n, approval) in all.iter().enumerate().filter(|(_, one)| !one.by.is_empty()) {
                let key = reviewer(project, &approval.by).to_lowercase();
                let Some(other) = newest.get(&key).copied() else {
                    newest.insert(key, n);
                    continue;
                };
                let (old, new) = match all[other].at > approval.at {
                    true => (n, other),
                    false => (other, n),
                };
                newest.insert(key, new);
                let by = &all[old].by;
                let message =
                    format!("`{by}` approved the case again later, so this counts no more");
                let mut finding = Finding::warning(RULE.code, &doc.path, message)
                    .at_field(doc, &field(old))
                    .help("remove this line");
                let span: Option<Span> = doc.span(&field(new));
                if let Some(span) = span {
                    finding = finding.label(&doc.path, span, "this one counts");
                }
                out.push(finding);
            }
        }
    }
}
