use super::{Facts, Finding, Rule, code};
use crate::base::path::{extension, file_name};
use crate::store::Doc;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0202", "file-name-mismatch"),
    page: r"
## What it checks

The file of a defect or of a mute is named after its id.

## Why

Closed launches name defects and mutes by their ids. Whoever looks one up looks for the file.

## Example

```markdown projects/shop/defects/DEF-1.md
---
id: DEF-2
title: The gateway times out
---
```

## Fix

Rename the file, or correct the id.

```markdown projects/shop/defects/DEF-2.md
---
id: DEF-2
title: The gateway times out
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.defects {
            one(doc, &doc.value.id, out);
        }
        for doc in &project.mutes {
            one(doc, &doc.value.id, out);
        }
    }
}

fn one<T>(doc: &Doc<T>, id: &str, out: &mut Vec<Finding>) {
    let (name, extension) = (file_name(&doc.path), extension(&doc.path));
    let expected = format!("{id}.{extension}");
    if id.is_empty() || name == expected {
        return;
    }
    let message = format!("the file of `{id}` is named `{name}`, expected `{expected}`");
    out.push(
        Finding::error(RULE.code, &doc.path, message)
            .at_field(doc, &["id".into()])
            .help("rename the file, or correct the id"),
    );
}
