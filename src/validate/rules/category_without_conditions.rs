use super::{Facts, Finding, Rule, code};
use crate::model::{Category, CategoryMatcher};
use crate::store::Key;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0263", "category-without-conditions"),
    page: r#"
## What it checks

A category, and each of its `matchers`, has at least one condition, and one that a failure can meet:
`status` names one of `failed`, `broken` and `unknown`, where it is given.

## Why

Categories sort failures, and the first that fits decides. Without conditions one fits nothing, since it
would otherwise take all that follow their failures. A category for the rest says so:
`status: [failed, broken, unknown]`.

## Example

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
categories:
- name: Network
  message: connection (refused|reset)
- name: Everything else
```

## Fix

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
categories:
- name: Network
  message: connection (refused|reset)
- name: Everything else
  status: [failed, broken, unknown]
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().filter_map(|p| p.settings.as_ref()) {
        for (n, category) in doc.value.categories.iter().enumerate() {
            for (place, problem, help) in problems(category) {
                let mut field: Vec<Key<'_>> = vec!["categories".into(), n.into()];
                field.extend(place);
                let message = format!("the category `{}` {problem}", category.name);
                let finding = Finding::error(RULE.code, &doc.path, message);
                out.push(finding.at_field(doc, &field).help(help));
            }
        }
    }
}

type Problem = (Vec<Key<'static>>, &'static str, &'static str);

fn problems(category: &Category) -> Vec<Problem> {
    const ADD: &str = "add `message`, `trace`, `full_name`, `status`, `labels`, `environment`, `flaky`, \
                       `message_regex` or `trace_regex`";
    let mut out = Vec::new();
    let is_empty = |matcher: &CategoryMatcher| *matcher == CategoryMatcher::default();
    if is_empty(&category.conditions) && category.matchers.is_empty() {
        out.push((Vec::new(), "has no conditions, so it fits nothing", ADD));
    }
    let own = (Vec::new(), &category.conditions);
    let each = category.matchers.iter().enumerate();
    let each = each.map(|(n, matcher)| (vec!["matchers".into(), n.into()], matcher));
    for (place, matcher) in std::iter::once(own).chain(each) {
        if is_empty(matcher) {
            if !place.is_empty() {
                out.push((place, "has a matcher without conditions", ADD));
            }
            continue;
        }
        let status = &matcher.search.status;
        if !status.is_empty() && !status.iter().any(|status| status.needs_resolution()) {
            let place = [place, vec!["status".into()]].concat();
            out.push((
                place,
                "asks for a status that no failure has",
                "categories sort results that failed, are broken or unknown",
            ));
        }
    }
    out
}
