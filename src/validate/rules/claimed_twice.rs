use std::collections::BTreeMap;
use std::ops::Bound;

use super::{Facts, Finding, Rule, code};
use crate::analysis::matching::selects;
use crate::model::Case;
use crate::store::{Doc, Project};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0187", "claimed-twice"),
    page: r#"
## What it checks

No two cases of a project have the same selector, nor does a selector with `*` match the full name
that another case selects.

## Why

A result that two cases claim is matched to neither of them.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: active
automation: {selectors: ["tests.auth.*"]}
---
```

```markdown projects/shop/cases/sign-out.md
---
id: SHOP-Q9W2MA
title: Sign out
status: active
automation: {selectors: ["tests.auth.test_sign_out"]}
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: active
automation: {selectors: ["tests.auth.test_sign_in*"]}
---
```

```markdown projects/shop/cases/sign-out.md
---
id: SHOP-Q9W2MA
title: Sign out
status: active
automation: {selectors: ["tests.auth.test_sign_out"]}
---
```
"#,
    check,
};

/// A selector, its case, and its place among the case's selectors.
type Claim<'a> = (&'a str, &'a Doc<Case>, usize);

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let (patterns, names): (Vec<_>, Vec<_>) =
            claims(project).partition(|(selector, ..)| selector.contains('*'));
        let mut first: BTreeMap<&str, &Claim<'_>> = BTreeMap::new();
        for claim in names.iter().chain(&patterns) {
            match first.get(claim.0) {
                Some(other) => out.extend(conflict(claim, other)),
                None => _ = first.insert(claim.0, claim),
            }
        }
        for pattern in &patterns {
            for name in candidates(&first, pattern.0) {
                if selects(pattern.0, name.0) {
                    out.extend(conflict(pattern, name));
                }
            }
        }
    }
}

fn claims(project: &Project) -> impl Iterator<Item = Claim<'_>> {
    project.cases.iter().flat_map(|doc| {
        let selectors = doc.value.automation.selectors.iter().enumerate();
        selectors.map(move |(n, selector)| (selector.as_str(), doc, n))
    })
}

/// The full names that start and end as a pattern does: all that it can match.
fn candidates<'m, 'a>(
    first: &'m BTreeMap<&'a str, &'m Claim<'a>>,
    pattern: &'m str,
) -> impl Iterator<Item = &'m Claim<'a>> {
    let prefix = pattern.split('*').next().unwrap_or_default();
    let suffix = pattern.rsplit('*').next().unwrap_or_default();
    first
        .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(move |(name, _)| name.starts_with(prefix))
        .filter(move |(name, _)| name.ends_with(suffix) && !name.contains('*'))
        .map(|(_, claim)| *claim)
}

fn conflict(claim: &Claim<'_>, other: &Claim<'_>) -> Option<Finding> {
    let (selector, doc, n) = claim;
    let (name, other, m) = other;
    if doc.path == other.path || selector.trim_matches('*').is_empty() {
        return None;
    }
    let what = if selector == name {
        "is"
    } else {
        "matches what is"
    };
    let message = format!(
        "the selector `{selector}` {what} also selected by `{}`",
        other.path
    );
    let place = |n: usize| ["automation".into(), "selectors".into(), n.into()];
    let finding = Finding::error(RULE.code, &doc.path, message)
        .at_field(doc, &place(*n))
        .help("make one of the selectors narrower: a result that two cases claim matches neither");
    Some(match other.span(&place(*m)) {
        Some(span) => finding.label(&other.path, span, "also selected here"),
        None => finding,
    })
}
