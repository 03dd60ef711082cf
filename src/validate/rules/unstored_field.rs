use super::{Facts, Finding, Rule, code};
use crate::analysis::muting;
use crate::query::parse;
use crate::validate::places::query_problem;

pub(super) const RULE: Rule = Rule {
    code: code("TB0251", "unstored-field"),
    page: r#"
## What it checks

The `query` of a mute asks for what is stored of a result and known before mutes are decided: no
function of history, none of `muted`, `mute`, `unresolved` and `overridden`, no `order by` and no
`limit`. And it asks for something: an empty query would cover every failure.

## Why

Whether a mute held is decided once, when a launch closes, and never again. What follows from history
or from mutes would make that depend on what else is there.

## Example

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: alice
until: 2026-12-31
query: feature = "Sign in" and flipRate(20) > 30%
```

## Fix

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: alice
until: 2026-12-31
query: feature = "Sign in" and category = "Sandbox"
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.mutes) {
        let Some(text) = &doc.value.query else {
            continue;
        };
        let Ok(query) = parse(text) else { continue };
        for problem in muting::unstored(&query, text) {
            let field = ["query".into()];
            out.push(query_problem(RULE.code, doc, &field, text, &problem));
        }
    }
}
