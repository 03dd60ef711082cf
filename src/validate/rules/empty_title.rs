use super::{Facts, Finding, Rule, code};
use crate::store::Doc;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0166", "empty-title"),
    page: r#"
## What it checks

Cases, shared steps and defects have a title that is more than white space.

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
    for project in facts.projects() {
        for doc in &project.cases {
            one("case", doc, &doc.value.title, out);
        }
        for doc in &project.steps {
            one("shared steps", doc, &doc.value.title, out);
        }
        for doc in &project.defects {
            one("defect", doc, &doc.value.title, out);
        }
    }
}

fn one<T>(noun: &str, doc: &Doc<T>, title: &str, out: &mut Vec<Finding>) {
    if title.trim().is_empty() && doc.has(&["title".into()]) {
        let message = format!("the title of the {noun} is empty");
        out.push(
            Finding::error(RULE.code, &doc.path, message)
                .at_field(doc, &["title".into()])
                .help("say in a few words what it is about"),
        );
    }
}
