use super::{Facts, Finding, Rule, code};
use crate::base::text::truncate;
use crate::model::is_case_id;
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0160", "malformed-id"),
    page: r"
## What it checks

The ids of cases, their aliases, and the ids of defects and mutes have 1 to 64 characters, each an
ASCII letter, a digit, `.`, `_` or `-`.

## Why

Ids stand in file names, in tags of test code, in query texts and in addresses on the site, where
other characters would have to be escaped, differently in each.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP K4F7QM
title: Sign in
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
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.cases {
            one(doc, &doc.value.id, &["id".into()], out);
            for (n, alias) in doc.value.aliases.iter().enumerate() {
                one(doc, alias, &["aliases".into(), n.into()], out);
            }
        }
        for doc in &project.defects {
            one(doc, &doc.value.id, &["id".into()], out);
        }
        for doc in &project.mutes {
            one(doc, &doc.value.id, &["id".into()], out);
        }
    }
}

fn one<T>(doc: &Doc<T>, id: &str, field: &[Key<'_>], out: &mut Vec<Finding>) {
    if is_case_id(id) || (id.is_empty() && !doc.has(field)) {
        return;
    }
    let message = format!(
        "the id `{}` is not 1 to 64 letters, digits, `.`, `_` or `-`",
        truncate(id, 80)
    );
    let finding = Finding::error(RULE.code, &doc.path, message).at_field(doc, field);
    let likely: String = id
        .trim()
        .chars()
        .map(|c| if c.is_whitespace() { '-' } else { c })
        .collect();
    out.push(if is_case_id(&likely) {
        finding.help(format!("write `{likely}`"))
    } else {
        finding
    });
}
