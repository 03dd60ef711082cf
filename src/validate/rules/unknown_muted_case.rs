use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0215", "unknown-muted-case"),
    page: r"
## What it checks

The `cases` of a mute are ids or aliases of cases of its project.

## Why

A mute of a case that is not there does nothing, and the failures that were meant count.

## Example

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: alice
until: 2026-12-31
cases: [SHOP-K4F7QX]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```

## Fix

```yaml projects/shop/mutes/flaky-login.yaml
reason: The identity provider's sandbox is down at night.
owner: alice
until: 2026-12-31
cases: [SHOP-K4F7QM]
```

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
    for project in facts.projects().filter(|p| !p.mutes.is_empty()) {
        let prefix = format!("{}/", project.path);
        let is_here = |path: &str| path.starts_with(&prefix);
        let here = facts
            .case_ids
            .iter()
            .filter(|(_, places)| places.iter().any(|place| is_here(&place.doc.path)));
        let ids: std::collections::BTreeSet<&str> = here.map(|(id, _)| *id).collect();
        for doc in &project.mutes {
            for (n, id) in doc.value.cases.iter().enumerate() {
                if ids.contains(id.as_str()) {
                    continue;
                }
                let message = format!("the mute names `{id}`, which is the id of no case here");
                out.push(
                    Finding::error(RULE.code, &doc.path, message)
                        .at_field(doc, &["cases".into(), n.into()])
                        .help("correct the id, or remove it")
                        .suggest(id, ids.iter().copied()),
                );
            }
        }
    }
}
