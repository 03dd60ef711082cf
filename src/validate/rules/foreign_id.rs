use std::collections::BTreeMap;

use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0162", "foreign-id"),
    page: r"
## What it checks

The id of a case does not start with the key of another project of the workspace. A warning: an id
without any project's key is fine.

## Why

People read `WEB-K4F7QM` as a case of the project `WEB` and look for it there.

## Example

```yaml projects/web/project.yaml
key: WEB
name: Web shop
```

```markdown projects/shop/cases/sign-in.md
---
id: WEB-K4F7QM
title: Sign in
status: draft
---
```

## Fix

Give the case an id of its project, and keep the old one as an alias if results name it; or move the
file into the project that its id names.

```yaml projects/web/project.yaml
key: WEB
name: Web shop
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
aliases: [WEB-K4F7QM]
title: Sign in
status: draft
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let keyed = facts.projects().filter_map(|p| {
        let key = p.settings.as_ref()?.value.key.as_str();
        Some((key, p))
    });
    let by_key: BTreeMap<&str, _> = keyed.collect();
    for (project, doc) in facts.cases() {
        let Some((prefix, _)) = doc.value.id.split_once('-') else {
            continue;
        };
        let Some(other) = by_key.get(prefix).filter(|p| p.folder != project.folder) else {
            continue;
        };
        let own = project.settings.as_ref().map(|s| s.value.key.as_str());
        if own == Some(prefix) {
            continue;
        }
        let message = format!(
            "the id `{}` starts with the key of the project `{}`, and the case is in `{}`",
            doc.value.id, other.folder, project.folder
        );
        let finding = Finding::warning(RULE.code, &doc.path, message).at_field(doc, &["id".into()]);
        out.push(match own.filter(|key| !key.is_empty()) {
            Some(key) => finding.help(format!("start the id with `{key}-`, or move the file")),
            None => finding.help("move the file"),
        });
    }
}
