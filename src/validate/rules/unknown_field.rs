use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;

pub(super) const RULE: Rule = Rule {
    code: code("TB0165", "unknown-field"),
    page: r"
## What it checks

Where `project.yaml` declares `fields`, cases have those alone below `fields`. Its own `documentation.fields` names
those, and what every case has: `owner`, `layer`, `severity`, `tags`, `section`.

## Why

Cases are grouped and queried by their fields. One with `compnent` is missing wherever `component`
is asked for.

## Example

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
fields: [component, feature]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
fields: {compnent: login}
---
```

## Fix

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
fields: [component, feature]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
fields: {component: login}
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let Some(settings) = &project.settings else {
            continue;
        };
        let declared = &settings.value.fields;
        let known = |name: &str| declared.is_empty() || declared.iter().any(|f| f == name);
        for doc in &project.cases {
            for name in doc.value.fields.keys().filter(|name| !known(name)) {
                let message = format!(
                    "field `{name}` is not declared, expected {}",
                    ticked(declared, "or")
                );
                out.push(
                    Finding::error(RULE.code, &doc.path, message)
                        .at(doc.key_span(&["fields".into(), name.into()]))
                        .suggest(name, declared.iter().map(String::as_str)),
                );
            }
        }
        let own = ["owner", "layer", "severity", "tags", "section"];
        let sources = settings.value.documentation.fields.keys();
        for name in sources.filter(|name| !own.contains(name) && !known(name)) {
            let message = format!("field `{name}` is not declared, and no field of every case");
            let at = ["documentation".into(), "fields".into(), name.into()];
            let among = declared.iter().map(String::as_str).chain(own);
            out.push(
                Finding::error(RULE.code, &settings.path, message)
                    .at(settings.key_span(&at))
                    .suggest(name, among),
            );
        }
    }
}
