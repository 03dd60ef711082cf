use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;
use crate::store::Project;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0153", "issue-prefix"),
    page: r"
## What it checks

A project's key is not also the prefix of its issues: neither one of `issues` in `project.yaml`, nor
the prefix of an issue that one of its cases links.

## Why

Trackers and git hosts turn `SHOP-K4F7QM` into a link to an issue when `SHOP` is a key of theirs, and
people can't tell a case from an issue.

## Example

```yaml projects/web/project.yaml
key: WEB
name: Web shop
issues:
  WEB: https://tracker.example.com/browse/WEB-{id}
```

## Fix

```yaml projects/web/project.yaml
key: WEBTEST
name: Web shop
issues:
  WEB: https://tracker.example.com/browse/WEB-{id}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let Some(doc) = &project.settings else {
            continue;
        };
        let key = doc.value.key.as_str();
        let linked = issues_with_prefix(project, key);
        let why = if doc.value.issues.contains_key(key) {
            "`issues` gives it as one".to_owned()
        } else if linked.is_empty() {
            continue;
        } else {
            format!("cases link issues as {}", ticked(&linked, "and"))
        };
        let message = format!("the project's key `{key}` is also a prefix of issues: {why}");
        out.push(
            Finding::warning(RULE.code, &doc.path, message)
                .at_field(doc, &["key".into()])
                .help("give the project a key that no tracker uses"),
        );
    }
}

/// Returns up to two issues that cases link and that a tracker's key of this name would have.
fn issues_with_prefix<'a>(project: &'a Project, key: &str) -> Vec<&'a str> {
    let is_issue = |name: &str| {
        let number = name
            .strip_prefix(key)
            .and_then(|rest| rest.strip_prefix('-'));
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    if key.is_empty() {
        return Vec::new();
    }
    let links = project.cases.iter().flat_map(|doc| &doc.value.links);
    let issues = links.filter(|link| link.kind.as_deref() == Some("issue"));
    let named = issues.filter_map(|link| link.name.as_deref());
    named.filter(|name| is_issue(name)).take(2).collect()
}
