use super::{Facts, Finding, Rule, code};
use crate::author::case::{is_relation, relation_kinds};
use crate::base::text::{closest, line};
use crate::model::Link;
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0189", "misspelt-type"),
    page: r"
## What it checks

The type of a link in a case, a defect or a mute, and that of a relation between cases, may be any word. One that is
almost a word that means something (`issue`, `requirement`, `tms`, `link`; `automates`, `blocks` and so on) is a
warning.

## Why

A link of type `isue` is no issue: nothing shows it as one, and no requirement is covered by a `requirment`.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
links: [{type: isue, name: WEB-1}]
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
links: [{type: issue, name: WEB-1}]
---
```
",
    check,
};

/// Most words that are shorter are near others.
const SHORTEST: usize = 4;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.cases {
            of_links(doc, &doc.value.links, out);
            for (n, relation) in doc.value.relations.iter().enumerate() {
                if !is_relation(&relation.kind) {
                    let field = ["relations".into(), n.into(), "type".into()];
                    one(doc, &field, &relation.kind, relation_kinds(), out);
                }
            }
        }
        for doc in &project.defects {
            of_links(doc, &doc.value.links, out);
        }
        for doc in &project.mutes {
            of_links(doc, &doc.value.links, out);
        }
    }
}

fn of_links<T>(doc: &Doc<T>, links: &[Link], out: &mut Vec<Finding>) {
    for (n, link) in links.iter().enumerate() {
        let is_known = Link::KINDS.iter().any(|kind| link.is_of(kind));
        if let Some(kind) = link.kind.as_deref().filter(|_| !is_known) {
            let field = ["links".into(), n.into(), "type".into()];
            one(doc, &field, kind, Link::KINDS.into_iter(), out);
        }
    }
}

fn one<T>(
    doc: &Doc<T>,
    field: &[Key<'_>],
    kind: &str,
    known: impl Iterator<Item = &'static str>,
    out: &mut Vec<Finding>,
) {
    if kind.chars().count() < SHORTEST {
        return;
    }
    if let Some(meant) = closest(kind, known) {
        let message = format!("type `{}` is a word of its own", line(kind, 60));
        out.push(
            Finding::warning(RULE.code, &doc.path, message)
                .at_field(doc, field)
                .help(format!("did you mean `{meant}`?")),
        );
    }
}
