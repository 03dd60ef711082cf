use std::collections::BTreeMap;

use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;
use crate::validate::places::{each_requirement, requirement_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0257", "duplicate-requirement"),
    page: r"
## What it checks

The id of a requirement is given once in its project, over all files of `requirements/`.

## Why

Cases name requirements by their ids. Of two with one id nobody could say which is covered.

## Example

```yaml projects/shop/requirements/sign-in.yaml
requirements:
- {id: REQ-4, title: Sign in with a password}
- {id: REQ-4, title: Sign in with a passkey}
```

## Fix

```yaml projects/shop/requirements/sign-in.yaml
requirements:
- {id: REQ-4, title: Sign in with a password}
- {id: REQ-5, title: Sign in with a passkey}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let mut first = BTreeMap::new();
        for (doc, n, requirement) in each_requirement(project) {
            let id = requirement.id.as_str();
            if id.is_empty() {
                continue;
            }
            let field = requirement_field(doc, n, &["id".into()]);
            let Some((other, place)) = first.get(id) else {
                let span = doc.nearest_span(&field);
                first.insert(id, (doc.path.as_str(), span));
                continue;
            };
            let message = format!("the requirement `{id}` is given twice");
            let mut finding = Finding::error(RULE.code, &doc.path, message).at_field(doc, &field);
            if let Some(place) = place {
                finding = finding.label(*other, *place, "first given here");
            }
            out.push(finding.help("keep one of them, or give it an id of its own"));
        }
    }
}
