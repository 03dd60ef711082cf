use super::{Facts, Finding, Rule, code};
use crate::base::text::line;
use crate::model::Case;
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0178", "tag-with-comma"),
    page: r"
## What it checks

Several tags of a case are a list. `tags: smoke, auth` is one tag with a comma. A warning; a tag of a list that stands
in quotes is meant.

## Why

Whoever asks for `smoke` does not find the case.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
tags: smoke, auth
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
        for doc in &project.cases {
            for (n, tag) in doc.value.tags.iter().enumerate() {
                one(doc, n, tag, out);
            }
        }
    }
}

fn one(doc: &Doc<Case>, n: usize, tag: &str, out: &mut Vec<Finding>) {
    let parts: Vec<&str> = { tag.split(',') }
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if !tag.contains(',') || is_meant(doc, n) {
        return;
    }
    let parts = line(&parts.join(", "), 100);
    let help = match doc.value.tags.len() {
        1 => format!("did you mean `tags: [{parts}]`?"),
        _ => format!("did you mean `[{parts}]`? a tag with a comma stands in quotes"),
    };
    let message = format!("`{}` is one tag with a comma", line(tag, 100));
    out.push(
        Finding::warning(RULE.code, &doc.path, message)
            .at_field(doc, &["tags".into(), n.into()])
            .help(help),
    );
}

/// Whether it is an item of a list, in quotes.
fn is_meant(doc: &Doc<Case>, n: usize) -> bool {
    let item: [Key<'_>; 2] = ["tags".into(), n.into()];
    // One text stands for a list of it.
    let all = doc.span(&item[..1]);
    let span = doc.span(&item).filter(|span| Some(*span) != all);
    let written = span.and_then(|span| doc.text.get(span.range()));
    written.is_some_and(|written| written.starts_with(['"', '\'']))
}
