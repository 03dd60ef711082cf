use super::{Facts, Finding, Rule, code};
use crate::model::Gate;
use crate::query::parse;
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0314", "ordered-gate-query"),
    page: r#"
## What it checks

The `query` of a gate's group has no `limit` and no `order by`.

## Why

A rule is put to all that its query selects. With `limit 10` the eleventh failure would be seen by no rule,
and the gate would pass; such a rule fails with this as its reason. An order alone changes nothing.

## Example

```yaml projects/shop/gates/release.yaml
name: Release
groups:
- name: Payments
  query: tag = "payments" order by duration desc limit 10
  max_failed: 0
```

## Fix

```yaml projects/shop/gates/release.yaml
name: Release
groups:
- name: Payments
  query: tag = "payments"
  max_failed: 0
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        if let Some(doc) = &project.settings
            && let Some(gate) = &doc.value.gate
        {
            one(doc, gate, &["gate".into()], out);
        }
        for doc in &project.gates {
            one(doc, &doc.value, &[], out);
        }
    }
}

fn one<T>(doc: &Doc<T>, gate: &Gate, above: &[Key<'_>], out: &mut Vec<Finding>) {
    for group in &gate.groups {
        let (Some(place), Some(text)) = (group.place, &group.query) else {
            continue;
        };
        let Ok(query) = parse(text) else { continue };
        let field = [above, &["groups".into(), place.into(), "query".into()]].concat();
        let found = match (query.limit.is_some(), query.order.is_empty()) {
            (true, _) => Finding::error(
                RULE.code,
                &doc.path,
                "the group's query has a `limit`, and a gate is put to all that fits",
            )
            .help("leave out `limit` and `order by`"),
            (false, false) => Finding::warning(
                RULE.code,
                &doc.path,
                "the group's query has an order, which changes nothing",
            )
            .help("leave out `order by`"),
            (false, true) => continue,
        };
        out.push(found.at_field(doc, &field));
    }
}
