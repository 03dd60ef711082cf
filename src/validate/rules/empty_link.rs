use super::{Facts, Finding, Rule, code};
use crate::model::Link;
use crate::store::Doc;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0185", "empty-link"),
    page: r"
## What it checks

A link in the front matter of a case, a defect or a mute has a name or an address; one of type
`requirement` has a name.

## Why

A link to nothing can't be followed. Requirements are traced to cases by their names.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
links: [{type: requirement, url: https://example.com/req/4}]
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
links: [{type: requirement, name: REQ-4, url: https://example.com/req/4}]
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.cases {
            all(doc, &doc.value.links, out);
        }
        for doc in &project.defects {
            all(doc, &doc.value.links, out);
        }
        for doc in &project.mutes {
            all(doc, &doc.value.links, out);
        }
    }
}

fn all<T>(doc: &Doc<T>, links: &[Link], out: &mut Vec<Finding>) {
    for (n, link) in links.iter().enumerate() {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
        let message = match (given(&link.name), given(&link.url)) {
            (false, _) if link.kind.as_deref() == Some("requirement") => {
                "the link to a requirement has no name"
            }
            (false, false) => "the link has neither a name nor an address",
            _ => continue,
        };
        out.push(
            Finding::error(RULE.code, &doc.path, message)
                .at_field(doc, &["links".into(), n.into()])
                .help("give it a `name`"),
        );
    }
}
