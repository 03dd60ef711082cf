use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;

pub(super) const RULE: Rule = Rule {
    code: code("TB0169", "unknown-field-value"),
    page: r"
## What it checks

Where `project.yaml` declares the values of a custom field, those that a case has are among them.

## Why

A mistyped value is a group of its own in every list and on every dashboard.

## Example

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
fields:
  component: [login, cart]
  story:
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
fields: {component: [logon]}
---
```

## Fix

Correct the value, or add it to the field in `project.yaml`.

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
fields:
  component: [login, cart]
  story:
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
fields: {component: [login]}
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
        for doc in &project.cases {
            for (name, known) in settings.value.vocabularies.iter() {
                let values = doc.value.fields.all(name).iter().enumerate();
                for (n, value) in values.filter(|(_, value)| !known.contains(value)) {
                    let message = format!(
                        "field `{name}` is `{value}`, expected {}",
                        ticked(known, "or")
                    );
                    let place = doc
                        .span(&["fields".into(), name.into(), n.into()])
                        .or_else(|| doc.key_span(&["fields".into(), name.into()]));
                    out.push(
                        Finding::error(RULE.code, &doc.path, message)
                            .at(place)
                            .suggest(value, known.iter().map(String::as_str)),
                    );
                }
            }
        }
    }
}
