use std::collections::BTreeMap;

use super::{Facts, Finding, Rule, code};
use crate::store::Doc;
use crate::validate::facts::{At as _, IdPlace};

pub(super) const RULE: Rule = Rule {
    code: code("TB0161", "duplicate-id"),
    page: r"
## What it checks

The id of a case is given once in the whole workspace, aliases included. The ids of defects, and
those of mutes, are given once in their project.

## Why

A file may move or be renamed: its id is its identity. Two cases with one id would share results,
history and links. It happens when a file is copied to start a new case.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```

```markdown projects/shop/cases/sign-out.md
---
id: SHOP-K4F7QM
title: Sign out
status: draft
---
```

## Fix

Give the newer case an id of its own; six random characters do.

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```

```markdown projects/shop/cases/sign-out.md
---
id: SHOP-Q9W2MA
title: Sign out
status: draft
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (id, places) in &facts.case_ids {
        if let [first, others @ ..] = places.as_slice() {
            out.extend(others.iter().map(|other| of_case(id, first, other)));
        }
    }
    for project in facts.projects() {
        twice("defect", &project.defects, |defect| &defect.id, out);
        twice("mute", &project.mutes, |mute| &mute.id, out);
    }
}

fn of_case(id: &str, first: &IdPlace<'_>, other: &IdPlace<'_>) -> Finding {
    let (path, help) = (&other.doc.path, "give one of them an id of its own");
    let message = if first.doc.path == *path {
        format!("the case gives its id `{id}` twice")
    } else {
        format!("the id `{id}` belongs to the case `{}`", first.doc.path)
    };
    let finding = Finding::error(RULE.code, path, message).at(other.span());
    match first.span() {
        Some(span) => finding.label(&first.doc.path, span, "first given here"),
        None => finding,
    }
    .help(help)
}

fn twice<T>(noun: &str, docs: &[Doc<T>], id: fn(&T) -> &str, out: &mut Vec<Finding>) {
    let mut first: BTreeMap<&str, &Doc<T>> = BTreeMap::new();
    for doc in docs {
        let id = id(&doc.value);
        if id.is_empty() {
            continue;
        }
        let Some(other) = first.get(id) else {
            first.insert(id, doc);
            continue;
        };
        let message = format!("the id `{id}` belongs to the {noun} `{}`", other.path);
        let mut finding =
            Finding::error(RULE.code, &doc.path, message).at_field(doc, &["id".into()]);
        if let Some(span) = other.span(&["id".into()]) {
            finding = finding.label(&other.path, span, "first given here");
        }
        out.push(finding.help("give one of them an id of its own"));
    }
}
