use std::collections::BTreeMap;

use super::{Facts, Finding, Rule, code};
use crate::model::ProjectFile;
use crate::store::Doc;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0152", "duplicate-project-key"),
    page: r"
## What it checks

No two projects of a workspace have the same key.

## Why

Closed launches name their project by its key. With two projects of one key nobody can tell whose
evidence a launch is.

## Example

```yaml projects/web/project.yaml
key: WEB
name: Web shop
```

```yaml projects/web-admin/project.yaml
key: WEB
name: Administration
```

## Fix

```yaml projects/web/project.yaml
key: WEB
name: Web shop
```

```yaml projects/web-admin/project.yaml
key: WEBADMIN
name: Administration
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut first: BTreeMap<&str, &Doc<ProjectFile>> = BTreeMap::new();
    for doc in facts.projects().filter_map(|p| p.settings.as_ref()) {
        let key = doc.value.key.as_str();
        if key.is_empty() {
            continue;
        }
        let Some(other) = first.get(key) else {
            first.insert(key, doc);
            continue;
        };
        let message = format!("the key `{key}` belongs to the project of `{}`", other.path);
        let mut finding = Finding::error(RULE.code, &doc.path, message)
            .at_field(doc, &["key".into()])
            .help("give this project a key of its own");
        if let Some(span) = other.span(&["key".into()]) {
            finding = finding.label(&other.path, span, "first given here");
        }
        out.push(finding);
    }
}
