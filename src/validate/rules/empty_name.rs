use super::{Facts, Finding, Rule, code};
use crate::store::{Doc, Key};
use crate::validate::facts::At as _;
use crate::validate::places::{each_requirement, requirement_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0269", "empty-name"),
    page: r#"
## What it checks

Saved queries, plans, dashboards, gates and their groups, categories and integrations have a name, and requirements
an id, that is more than white space.

## Why

The name is what people see in lists and reports; a failure's category is stored by it.

## Example

```yaml projects/shop/queries/risky.yaml
name: ""
query: severity in [blocker, critical]
```

## Fix

```yaml projects/shop/queries/risky.yaml
name: What a release may break
query: severity in [blocker, critical]
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.queries {
            one(doc, &[], &doc.value.name, out);
        }
        for doc in &project.plans {
            one(doc, &[], &doc.value.name, out);
        }
        for doc in &project.dashboards {
            one(doc, &[], &doc.value.name, out);
        }
        for doc in &project.gates {
            one(doc, &[], &doc.value.name, out);
            let groups = doc.value.groups.iter().skip(1);
            each(
                doc,
                &["groups".into()],
                groups.map(|g| g.name.as_str()),
                out,
            );
        }
        for (doc, n, requirement) in each_requirement(project) {
            let field = requirement_field(doc, n, &["id".into()]);
            if requirement.id.trim().is_empty() && doc.has(&field) {
                let finding = Finding::error(RULE.code, &doc.path, "the id is empty");
                let finding = finding.at_field(doc, &field);
                out.push(finding.help("give the id by which cases name it, such as `REQ-4`"));
            }
        }
        let Some(doc) = &project.settings else {
            continue;
        };
        let settings = &doc.value;
        let names = settings.categories.iter().map(|c| c.name.as_str());
        each(doc, &["categories".into()], names, out);
        let names = settings.integrations.iter().map(|i| i.name.as_str());
        each(doc, &["integrations".into()], names, out);
        if let Some(gate) = &settings.gate {
            let names = gate.groups.iter().skip(1).map(|g| g.name.as_str());
            each(doc, &["gate".into(), "groups".into()], names, out);
        }
    }
}

fn each<'n, T>(
    doc: &Doc<T>,
    list: &[Key<'_>],
    names: impl Iterator<Item = &'n str>,
    out: &mut Vec<Finding>,
) {
    for (n, name) in names.enumerate() {
        one(doc, &[list, &[n.into()]].concat(), name, out);
    }
}

fn one<T>(doc: &Doc<T>, above: &[Key<'_>], name: &str, out: &mut Vec<Finding>) {
    let field = [above, &["name".into()]].concat();
    if name.trim().is_empty() && doc.has(&field) {
        out.push(
            Finding::error(RULE.code, &doc.path, "the name is empty")
                .at_field(doc, &field)
                .help("say in a few words what it is"),
        );
    }
}
