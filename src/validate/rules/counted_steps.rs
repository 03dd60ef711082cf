use super::{Facts, Finding, Rule, code};
use crate::model::ScenarioStep;
use crate::store::Doc;
use crate::validate::facts::{At as _, each_step};

pub(super) const RULE: Rule = Rule {
    code: code("TB0177", "counted-steps"),
    page: r"
## What it checks

Every step is written `1.`, whatever its place. A warning, one for each file.

## Why

Markdown counts by itself. Where steps are written 1, 2, 3, two branches that each insert a step
change all lines below it, and conflict.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Open the sign-in page.
2. Submit the form.
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Open the sign-in page.
1. Submit the form.
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
    let mut counted = None;
    each_step(steps, &mut |step| {
        let number = number_at(doc.body(), step.offset);
        if counted.is_none() && number.is_some_and(|n| n != "1") {
            counted = number.map(|n| (n, step.offset));
        }
    });
    if let Some((number, offset)) = counted {
        let message = format!("the step is numbered `{number}.`, expected `1.`");
        out.push(
            Finding::warning(RULE.code, &doc.path, message)
                .at_body(doc, offset)
                .help("write every step as `1.`, so that branches which insert steps merge"),
        );
    }
}

/// Returns the digits with which a list's item starts.
fn number_at(body: &str, offset: usize) -> Option<&str> {
    let line = body.get(offset..)?.trim_start();
    let end = line.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = line.split_at(end);
    (!number.is_empty() && rest.starts_with(['.', ')'])).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::number_at;

    #[test]
    fn numbers_of_items() {
        assert_eq!(number_at("  12. x", 2), Some("12"));
        assert_eq!(number_at("1) x", 0), Some("1"));
        assert_eq!(number_at("- x", 0), None);
        assert_eq!(number_at("12", 0), None);
        assert_eq!(number_at("x", 9), None);
    }
}
