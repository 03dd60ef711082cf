use std::collections::BTreeSet;

use super::{Facts, Finding, Rule, code};
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0264", "repeated-name"),
    page: r"
## What it checks

Categories, integrations and the groups of a gate have names of their own. A warning.

## Why

Failures are counted by the names of their categories, and a gate's groups are told apart by theirs.

## Example

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
categories:
- {name: Network, message: connection refused}
- {name: Network, message: connection reset}
```

## Fix

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
categories:
- name: Network
  matchers:
  - message: connection refused
  - message: connection reset
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        if let Some(doc) = &project.settings {
            let settings = &doc.value;
            let names = settings.categories.iter().map(|c| c.name.as_str());
            one(doc, &["categories".into()], names, out);
            let names = settings.integrations.iter().map(|i| i.name.as_str());
            one(doc, &["integrations".into()], names, out);
            if let Some(gate) = &settings.gate {
                let names = gate.groups.iter().skip(1).map(|g| g.name.as_str());
                one(doc, &["gate".into(), "groups".into()], names, out);
            }
        }
        for doc in &project.gates {
            let names = doc.value.groups.iter().skip(1).map(|g| g.name.as_str());
            one(doc, &["groups".into()], names, out);
        }
    }
}

fn one<'n, T>(
    doc: &Doc<T>,
    list: &[Key<'_>],
    names: impl Iterator<Item = &'n str>,
    out: &mut Vec<Finding>,
) {
    let mut seen = BTreeSet::new();
    for (n, name) in names.enumerate() {
        if !name.trim().is_empty() && !seen.insert(name) {
            let field = [list, &[n.into(), "name".into()]].concat();
            out.push(
                Finding::warning(
                    RULE.code,
                    &doc.path,
                    format!("the name `{name}` is given twice"),
                )
                .at_field(doc, &field)
                .help("give it a name of its own"),
            );
        }
    }
}
