use super::{Facts, Finding, Rule, code};
use crate::model::Of;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0253", "unknown-saved-query"),
    page: r#"
## What it checks

The `saved` of a plan is a saved query of cases: the name of a file in `queries/`, without `.yaml`.

## Why

A plan whose query is not there selects nothing by it, and tests that were meant don't run.

## Example

```yaml projects/shop/plans/release.yaml
name: Release
saved: risk
```

```yaml projects/shop/queries/risky.yaml
name: What a release may break
query: severity in [blocker, critical]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
severity: critical
---
```

## Fix

```yaml projects/shop/plans/release.yaml
name: Release
saved: risky
```

```yaml projects/shop/queries/risky.yaml
name: What a release may break
query: severity in [blocker, critical]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
severity: critical
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.plans {
            let Some(saved) = &doc.value.saved else {
                continue;
            };
            // A file that is there and does not read has its own findings.
            let is_file = facts.exists(&format!("{}/queries/{saved}.yaml", project.path));
            let message = match project.saved_query(saved) {
                Some(query) if query.value.of == Of::Cases => continue,
                Some(query) => format!(
                    "the saved query `{saved}` is of {}, and a plan selects cases",
                    query.value.of.as_str()
                ),
                None if is_file => continue,
                None => format!("there is no saved query `{saved}`"),
            };
            let of_cases = project.queries.iter().map(|doc| &doc.value);
            let of_cases = of_cases.filter(|query| query.of == Of::Cases);
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &["saved".into()])
                    .help(format!(
                        "name a query of cases, or add `{}/queries/<name>.yaml`",
                        project.path
                    ))
                    .suggest(saved, of_cases.map(|query| query.id.as_str())),
            );
        }
    }
}
