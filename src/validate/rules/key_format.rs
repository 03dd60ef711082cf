use super::{Facts, Finding, Rule, code};
use crate::model::is_project_key;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0151", "key-format"),
    page: r"
## What it checks

A project's key is an upper-case ASCII letter followed by up to 15 upper-case letters or digits.

## Why

The key starts the ids of cases, names the project in closed launches, and is a part of git refs.

## Example

```yaml projects/web/project.yaml
key: web-shop
name: Web shop
```

## Fix

```yaml projects/web/project.yaml
key: WEBSHOP
name: Web shop
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().filter_map(|p| p.settings.as_ref()) {
        let key = &doc.value.key;
        if is_project_key(key) || !doc.has(&["key".into()]) {
            continue;
        }
        let message = format!(
            "the key `{key}` is not an upper-case letter and up to 15 upper-case letters or digits"
        );
        let finding = Finding::error(RULE.code, &doc.path, message).at_field(doc, &["key".into()]);
        let mut likely = key.to_ascii_uppercase();
        likely.retain(|c| c.is_ascii_alphanumeric());
        likely.truncate(16);
        out.push(if is_project_key(&likely) {
            finding.help(format!("write `{likely}`"))
        } else {
            finding
        });
    }
}
