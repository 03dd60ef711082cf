use super::{Facts, Finding, Rule, code};
use crate::model::Gate;
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0265", "empty-gate"),
    page: r#"
## What it checks

A gate, and each of its groups, has at least one rule. A rule with `false` is none.

## Why

A gate without rules lets everything pass, and looks as if it did not.

## Example

```yaml projects/shop/gates/release.yaml
name: Release
groups:
- name: Payments
  query: tag = "payments"
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
    let help = "add a rule such as `max_failed: 0`";
    // A rule that can't be read has its own finding.
    if gate
        .groups
        .iter()
        .all(|g| g.place.is_none() && g.rules.is_empty() && g.unread.is_empty())
    {
        let finding = Finding::error(RULE.code, &doc.path, "the gate has no rules");
        let finding = match above {
            [] => finding.at_field(doc, &["name".into()]),
            above => finding.at_field(doc, above),
        };
        out.push(finding.help(help));
    }
    for group in &gate.groups {
        let Some(place) = group.place else { continue };
        if group.rules.is_empty() && group.unread.is_empty() {
            let message = format!("the group `{}` of the gate has no rules", group.name);
            let field = [above, &["groups".into(), place.into()]].concat();
            let finding = Finding::error(RULE.code, &doc.path, message);
            out.push(finding.at_field(doc, &field).help(help));
        }
    }
}
