use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0252", "unknown-planned-case"),
    page: r"
## What it checks

The `cases` and the `exclude` of a plan are ids or aliases of cases of its project.

## Why

A case that is not there can't be run: the plan would promise more than it does, or keep out nothing.

## Example

```yaml projects/shop/plans/smoke.yaml
name: Smoke
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

```yaml projects/shop/plans/smoke.yaml
name: Smoke
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
    for project in facts.projects().filter(|p| !p.plans.is_empty()) {
        let all = project.cases.iter().map(|doc| &doc.value);
        let ids = all.flat_map(|case| case.aliases.iter().chain([&case.id]));
        let ids: std::collections::BTreeSet<&str> = ids.map(String::as_str).collect();
        for doc in &project.plans {
            for (key, named) in [("cases", &doc.value.cases), ("exclude", &doc.value.exclude)] {
                for (n, id) in named.iter().enumerate() {
                    if ids.contains(id.as_str()) {
                        continue;
                    }
                    let message = format!("the plan names `{id}`, which is the id of no case here");
                    out.push(
                        Finding::error(RULE.code, &doc.path, message)
                            .at_field(doc, &[key.into(), n.into()])
                            .help("correct the id, or remove it")
                            .suggest(id, ids.iter().copied()),
                    );
                }
            }
        }
    }
}
