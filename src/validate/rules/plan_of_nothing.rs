use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0254", "plan-of-nothing"),
    page: r#"
## What it checks

A plan says what it selects: a `query`, a `saved` query, a list of `cases`, or several of these.

## Why

With none of them it selects nothing, and whoever runs by it runs nothing.

## Example

```yaml projects/shop/plans/smoke.yaml
name: Smoke
exclude_query: status = "outdated"
```

## Fix

```yaml projects/shop/plans/smoke.yaml
name: Smoke
query: tag = "smoke"
exclude_query: status = "outdated"
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
    for doc in facts.projects().flat_map(|p| &p.plans) {
        let plan = &doc.value;
        let selects = plan.query.is_some() || plan.saved.is_some() || !plan.cases.is_empty();
        // What is there and has a wrong shape is a finding already.
        let written = ["query", "saved"]
            .iter()
            .any(|key| doc.has(&[(*key).into()]));
        if !selects && !written {
            out.push(
                Finding::error(RULE.code, &doc.path, "the plan selects nothing")
                    .at_field(doc, &["cases".into()])
                    .help("add `query: …`, `saved: <name>` or `cases: [<id>]`"),
            );
        }
    }
}
