use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;
use crate::model::ProjectFile;
use crate::store::Project;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0163", "unknown-state"),
    page: r"
## What it checks

The `status` of a case is a state of the project's `workflow`: `draft`, `review`, `active` and
`outdated`, unless `project.yaml` gives others.

## Why

A mistyped state takes a case out of every list and plan that asks for the right one.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draaft
---
```

## Fix

Correct the state, or add it to `workflow` in `project.yaml`.

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let states = workflow(project);
        for doc in &project.cases {
            let state = doc.value.status.as_str();
            if state.is_empty() || states.contains(&state) {
                continue;
            }
            let message = format!("status `{state}` is not {}", ticked(&states, "or"));
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &["status".into()])
                    .suggest(state, states.iter().copied()),
            );
        }
    }
}

/// The states that cases of a project may have.
fn workflow(project: &Project) -> Vec<&str> {
    match &project.settings {
        Some(doc) => doc.value.workflow.iter().map(String::as_str).collect(),
        None => ProjectFile::WORKFLOW.to_vec(),
    }
}
