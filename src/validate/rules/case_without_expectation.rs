use super::case_without_steps::is_ready_for_people;
use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0176", "case-without-expectation"),
    page: r"
## What it checks

A manual case in the state `active` says in at least one of its steps what is expected. Shared steps
that it includes count. A warning.

## Why

Without an expected result two people judge the same behaviour differently.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
execution: manual
status: active
---

## Steps

1. Sign in with a valid password.
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
execution: manual
status: active
---

## Steps

1. Sign in with a valid password.
   - **Expected:** the overview is shown.
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        let steps = &doc.value.scenario.steps;
        let Some(last) = steps.last().filter(|_| is_ready_for_people(&doc.value)) else {
            continue;
        };
        if !facts.any_step(&doc.path, steps, &|step| step.expected.is_some()) {
            let message = "the case is active and no step says what is expected";
            out.push(
                Finding::warning(RULE.code, &doc.path, message)
                    .at_body(doc, last.offset)
                    .help("add `- **Expected:** …` below the step that decides"),
            );
        }
    }
}
