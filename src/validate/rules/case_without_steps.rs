use super::{Facts, Finding, Rule, code};
use crate::model::{Case, Execution};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0175", "case-without-steps"),
    page: r"
## What it checks

A manual case in the state `active` has steps. A warning.

## Why

It is handed to people to execute, and doesn't say what to do.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
execution: manual
status: active
---

Signing in works.
```

## Fix

Write the steps, or set the state back to `draft`.

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
execution: manual
status: active
---

Signing in works.

## Steps

1. Sign in with a valid password.
   - **Expected:** the overview is shown.
```
",
    check,
};

/// Whether people are asked to execute a case.
pub(super) fn is_ready_for_people(case: &Case) -> bool {
    case.execution == Execution::Manual && case.status == "active"
}

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        if is_ready_for_people(&doc.value) && doc.value.scenario.steps.is_empty() {
            out.push(
                Finding::warning(RULE.code, &doc.path, "the case is active and has no steps")
                    .at_field(doc, &["status".into()])
                    .help("add `## Steps` with a list `1. …`, or set the status to `draft`"),
            );
        }
    }
}
