use std::collections::BTreeSet;

use super::{Facts, Finding, Rule, code};
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0168", "repeated-value"),
    page: r"
## What it checks

Lists whose items are a set have each item once: `tags`, the values of a field, `selectors` and the
values of a parameter in a case; `workflow`, `layers` and `fields` in `project.yaml`; the `cases` of
a mute. A warning. Values of parameters that are combined as `each` or `rows` may repeat.

## Why

The second one changes nothing, or makes a row twice. Mostly something else was meant.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
tags: [smoke, auth, smoke]
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
tags: [smoke, auth]
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        if let Some(doc) = &project.settings {
            one(doc, &["workflow".into()], &doc.value.workflow, out);
            one(doc, &["layers".into()], &doc.value.layers, out);
            one(doc, &["fields".into()], &doc.value.fields, out);
        }
        for doc in &project.mutes {
            one(doc, &["cases".into()], &doc.value.cases, out);
        }
        for doc in &project.plans {
            one(doc, &["cases".into()], &doc.value.cases, out);
            one(doc, &["exclude".into()], &doc.value.exclude, out);
            one(doc, &["assignees".into()], &doc.value.assignees, out);
        }
        for doc in &project.cases {
            of_case(doc, out);
        }
    }
}

fn of_case(doc: &Doc<crate::model::Case>, out: &mut Vec<Finding>) {
    use crate::model::Combine::{Each, Rows};
    let case = &doc.value;
    one(doc, &["tags".into()], &case.tags, out);
    let selectors = ["automation".into(), "selectors".into()];
    one(doc, &selectors, &case.automation.selectors, out);
    for (name, values) in case.fields.iter() {
        one(doc, &["fields".into(), name.into()], values, out);
    }
    if !matches!(case.combine, Each | Rows) {
        for (name, values) in case.parameters.iter() {
            one(doc, &["parameters".into(), name.into()], values, out);
        }
    }
}

fn one<T>(doc: &Doc<T>, field: &[Key<'_>], values: &[String], out: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (n, value) in values.iter().enumerate() {
        if !seen.insert(value) {
            let mut place = field.to_vec();
            place.push(n.into());
            let message = format!("`{value}` is given twice");
            out.push(
                Finding::warning(RULE.code, &doc.path, message)
                    .at_field(doc, &place)
                    .help("remove one of them"),
            );
        }
    }
}
