use super::{Facts, Finding, Rule, code};
use crate::model::Gate;
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0266", "rule-out-of-scope"),
    page: r#"
## What it checks

A group of a gate that has a `query` has only rules that results can answer. `all_jobs`,
`all_planned_ran`, `no_expired_mute` and `min_requirement_coverage` ask something of the launch as a
whole.

## Why

What didn't run has no result that a query could select. Such a rule would look at less than it says.

## Example

```yaml projects/shop/gates/release.yaml
name: Release
groups:
- name: Payments
  query: tag = "payments"
  max_failed: 0
  all_jobs: true
```

## Fix

```yaml projects/shop/gates/release.yaml
name: Release
all_jobs: true
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
    for group in gate.groups.iter().filter(|group| group.query.is_some()) {
        let Some(place) = group.place else { continue };
        for rule in group.rules.iter().filter(|rule| rule.is_of_launch()) {
            let key = rule.key();
            let message =
                format!("`{key}` asks something of the launch, and no query selects that");
            let field = [above, &["groups".into(), place.into(), key.into()]].concat();
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &field)
                    .help("move it out of the group, beside `groups`"),
            );
        }
    }
}
