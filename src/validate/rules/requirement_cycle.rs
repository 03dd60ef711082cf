use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;
use crate::validate::facts::At as _;
use crate::validate::places::{each_requirement, requirement_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0259", "requirement-cycle"),
    page: r"
## What it checks

No requirement is a part of itself, neither directly nor by way of its parents.

## Why

Coverage is added up from the parts. In a circle that never ends.

## Example

```yaml projects/shop/requirements/sign-in.yaml
requirements:
- {id: REQ-4, title: Sign in, parent: REQ-5}
- {id: REQ-5, title: Sign in with a passkey, parent: REQ-4}
```

## Fix

```yaml projects/shop/requirements/sign-in.yaml
requirements:
- {id: REQ-4, title: Sign in}
- {id: REQ-5, title: Sign in with a passkey, parent: REQ-4}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let mut parents: BTreeMap<&str, &str> = BTreeMap::new();
        for requirement in project.all_requirements() {
            if let Some(parent) = &requirement.parent {
                parents.entry(&requirement.id).or_insert(parent);
            }
        }
        let mut done = BTreeSet::new();
        for (doc, n, requirement) in each_requirement(project) {
            let Some(circle) = circle(&parents, &requirement.id, &mut done) else {
                continue;
            };
            let message = match circle.as_slice() {
                [_] => format!("`{}` is its own parent", requirement.id),
                [_, others @ ..] => format!(
                    "`{}` is a part of itself by way of {}",
                    requirement.id,
                    ticked(others, "and")
                ),
                [] => continue,
            };
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &requirement_field(doc, n, &["parent".into()]))
                    .help("remove the `parent` of one of them"),
            );
        }
    }
}

/// Returns the circle that starts at an id, once for each circle.
fn circle<'a>(
    parents: &BTreeMap<&'a str, &'a str>,
    id: &'a str,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<&'a str>> {
    let mut way = vec![id];
    let mut at = id;
    while let Some(parent) = parents.get(at).filter(|_| !done.contains(at)) {
        match way.iter().position(|step| step == parent) {
            Some(0) => {
                done.extend(&way);
                return Some(way);
            }
            // It leads into a circle that does not hold it.
            Some(_) => return None,
            None => way.push(parent),
        }
        at = parent;
    }
    done.extend(way);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_circle_is_found_once() {
        let parents = BTreeMap::from([
            ("a", "b"),
            ("b", "c"),
            ("c", "b"),
            ("d", "d"),
            ("e", "a"),
            ("f", "g"),
        ]);
        let mut done = BTreeSet::new();
        let ids = ["a", "b", "c", "d", "e", "f"];
        let found: Vec<_> = ids
            .into_iter()
            .filter_map(|id| circle(&parents, id, &mut done))
            .collect();
        assert_eq!(found, [vec!["b", "c"], vec!["d"]]);
    }
}
