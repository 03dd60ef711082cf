use super::{Facts, Finding, Rule, code};
use crate::model::ScenarioStep;
use crate::store::Doc;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0306", "repeated-step"),
    page: r"
## What it checks

Neighbouring steps, or runs of up to eight, don't say the same: action, expected result, data, nested
steps. A warning.

## Why

Where two branches add the same step, a merge of lines, as hosts do it, may keep both. Whoever executes
the case does it twice. The merge driver keeps one: see `tallybook hook install`.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Open the sign-in page.
1. Submit the form.
   - **Expected:** the overview is shown.
1. Submit the form.
   - **Expected:** the overview is shown.
```

## Fix

Remove one. Where it is to be done twice, say so: `Submit the form again.`

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Open the sign-in page.
1. Submit the form.
   - **Expected:** the overview is shown.
```
",
    check,
};

/// Runs of steps that are looked for.
const LONGEST: usize = 8;

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
    let mut at = 0;
    while at < steps.len() {
        let longest = LONGEST.min((steps.len() - at) / 2);
        let repeats = |len: &usize| {
            let (first, second) = (&steps[at..at + len], &steps[at + len..at + 2 * len]);
            first
                .iter()
                .zip(second)
                .all(|(one, other)| is_same(one, other))
        };
        match (1..=longest).find(repeats) {
            Some(len) => {
                let again = &steps[at + len];
                let message = match len {
                    1 => "the step says what the one before it says".to_owned(),
                    _ => format!("{len} steps say what those before them say"),
                };
                out.push(
                    Finding::warning(RULE.code, &doc.path, message)
                        .at_body(doc, again.offset)
                        .help("remove it, or say that it is done again"),
                );
                at += len;
            }
            None => at += 1,
        }
    }
    for step in steps {
        one(doc, &step.steps, out);
    }
}

/// Whether two steps say the same; one without a text says nothing.
fn is_same(one: &ScenarioStep, other: &ScenarioStep) -> bool {
    let alike = |one: &str, other: &str| one.split_whitespace().eq(other.split_whitespace());
    let either = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => alike(one, other),
        (None, None) => true,
        _ => false,
    };
    !one.action.trim().is_empty()
        && alike(&one.action, &other.action)
        && either(&one.expected, &other.expected)
        && either(&one.data, &other.data)
        && one.steps.len() == other.steps.len()
        && one
            .steps
            .iter()
            .zip(&other.steps)
            .all(|(one, other)| is_same(one, other))
}
