use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0164", "unknown-layer"),
    page: r"
## What it checks

Where `project.yaml` declares `layers`, the `layer` of a case is one of them.

## Why

Layers make the test pyramid on the dashboards. A mistyped one is a level of its own there.

## Example

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
layers: [unit, api, e2e]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
layer: e2
---
```

## Fix

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
layers: [unit, api, e2e]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
layer: e2e
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
        let layers = &settings.value.layers;
        for doc in project.cases.iter().filter(|_| !layers.is_empty()) {
            let Some(layer) = doc.value.layer.as_ref().filter(|l| !layers.contains(l)) else {
                continue;
            };
            let message = format!("layer `{layer}` is not {}", ticked(layers, "or"));
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &["layer".into()])
                    .suggest(layer, layers.iter().map(String::as_str)),
            );
        }
    }
}
