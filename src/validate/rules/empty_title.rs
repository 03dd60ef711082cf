use super::{Facts, Finding, Rule, code};
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;
use crate::validate::places::{each_requirement, requirement_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0166", "empty-title"),
    page: r#"
## What it checks

Cases, shared steps, defects and requirements have a title that is more than white space.

## Why

The title is what people see of a case in lists, in reviews and in reports.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: ""
status: draft
---
```

## Fix

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
    let field = ["title".into()];
    for project in facts.projects() {
        for doc in &project.cases {
            one("case", doc, &field, &doc.value.title, out);
        }
        for doc in &project.steps {
            one("shared steps", doc, &field, &doc.value.title, out);
        }
        for doc in &project.defects {
            one("defect", doc, &field, &doc.value.title, out);
        }
        for (doc, n, requirement) in each_requirement(project) {
            let field = requirement_field(doc, n, &field);
            one("requirement", doc, &field, &requirement.title, out);
        }
    }
}

fn one<T>(noun: &str, doc: &Doc<T>, field: &[Key<'_>], title: &str, out: &mut Vec<Finding>) {
    if title.trim().is_empty() && doc.has(field) {
        let message = format!("the title of the {noun} is empty");
        out.push(
            Finding::error(RULE.code, &doc.path, message)
                .at_field(doc, field)
                .help("say in a few words what it is about"),
        );
    }
}
