use super::{Facts, Finding, Rule, code};
use crate::model::ScenarioStep;
use crate::store::Doc;
use crate::validate::facts::{At as _, each_step};

pub(super) const RULE: Rule = Rule {
    code: code("TB0174", "empty-expectation"),
    page: r"
## What it checks

A step that has **Expected:** says what is expected.

## Why

Whoever executes the case can't decide whether the step passed.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Submit the form.
   - **Expected:**
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Submit the form.
   - **Expected:** the overview is shown.
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.cases {
            one(doc, &doc.value.scenario.steps, out);
        }
        for doc in &project.steps {
            one(doc, &doc.value.scenario.steps, out);
        }
    }
}

fn one<T>(doc: &Doc<T>, steps: &[ScenarioStep], out: &mut Vec<Finding>) {
    each_step(steps, &mut |step| {
        let expected = step.expected.as_deref();
        if expected.is_some_and(|text| text.trim().is_empty()) {
            out.push(
                Finding::error(
                    RULE.code,
                    &doc.path,
                    "the expected result of the step is empty",
                )
                .at_body(doc, step.offset)
                .help("say what is expected, or remove `**Expected:**`"),
            );
        }
    });
}
