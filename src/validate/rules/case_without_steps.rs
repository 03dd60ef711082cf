use super::misspelt_label::section_meant;
use super::{Facts, Finding, Rule, code};
use crate::base::text::sanitize_line;
use crate::model::{Case, Execution, Scenario};
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
                    .help(next(&doc.value.scenario)),
            );
        }
    }
}

/// What to do: above all with a list that stands where nobody looks for steps.
fn next(scenario: &Scenario) -> String {
    let other = scenario.other.iter();
    let misspelt = other
        .clone()
        .find(|(title, _)| section_meant(title) == Some("Steps"));
    let lists = || scenario.other.iter().find(|(_, text)| has_list(text));
    if let Some((title, _)) = misspelt.or_else(lists) {
        let title = sanitize_line(title);
        return format!("the steps stand below `## Steps`; is `## {title}` meant to be that?");
    }
    if has_list(&scenario.description) || has_list(&scenario.preconditions) {
        return "put the heading `## Steps` above the list that is to be the steps".to_owned();
    }
    "add `## Steps` with a list `1. …`, or set the status to `draft`".to_owned()
}

/// Whether a text has a numbered list.
fn has_list(text: &str) -> bool {
    text.lines().any(|line| {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let after = line.get(digits..).unwrap_or_default();
        (1..=9).contains(&digits) && (after.starts_with(". ") || after.starts_with(") "))
    })
}

#[cfg(test)]
mod tests {
    use super::next;
    use crate::model::Scenario;

    #[test]
    fn what_to_do_depends_on_what_is_there() {
        let other = |title: &str, text: &str| Scenario {
            other: vec![(title.to_owned(), text.to_owned())],
            ..Scenario::default()
        };
        let described = Scenario {
            description: "Do this:\n\n1. Open it".to_owned(),
            ..Scenario::default()
        };
        for (scenario, wanted) in [
            (other("Stpes", "x"), "is `## Stpes` meant to be that?"),
            (
                other("Procedure", "1. Open it"),
                "is `## Procedure` meant to be that?",
            ),
            (
                other("Notes", "x 1. y"),
                "add `## Steps` with a list `1. …`",
            ),
            (described, "put the heading `## Steps` above the list"),
            (Scenario::default(), "add `## Steps` with a list `1. …`"),
        ] {
            let said = next(&scenario);
            assert!(said.contains(wanted), "{said}");
        }
    }
}
