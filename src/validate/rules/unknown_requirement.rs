use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0262", "unknown-requirement"),
    page: r"
## What it checks

Where a project has requirements of its own, in `requirements/`, the links of type `requirement` of its
cases name one of them. A warning.

## Why

A mistyped id covers nothing: the requirement that was meant is shown as a gap.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
links:
- {type: requirement, name: REG-4}
---
```

```yaml projects/shop/requirements/REQ-4.yaml
title: Sign in
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
links:
- {type: requirement, name: REQ-4}
---
```

```yaml projects/shop/requirements/REQ-4.yaml
title: Sign in
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects().filter(|p| !p.requirements.is_empty()) {
        let ids = || project.all_requirements().map(|r| r.id.as_str());
        for doc in &project.cases {
            for (n, link) in doc.value.links.iter().enumerate() {
                let Some(name) = link.name.as_deref() else {
                    continue;
                };
                if !link.is_of("requirement") || ids().any(|id| id == name) {
                    continue;
                }
                let message = format!("`{name}` is no requirement of the project");
                out.push(
                    Finding::warning(RULE.code, &doc.path, message)
                        .at_field(doc, &["links".into(), n.into(), "name".into()])
                        .help(format!(
                            "correct the id, or add it to `{}/requirements/`",
                            project.path
                        ))
                        .suggest(name, ids()),
                );
            }
        }
    }
}
