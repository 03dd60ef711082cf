use super::{Facts, Finding, Rule, code};
use crate::query::{Context, field};
use crate::validate::places::{query_problem, widget_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0361", "unknown-grouping"),
    page: r#"
## What it checks

The `by` of a widget is a field or a function of what the widget counts, written as in queries: `layer`,
`field[component]`, `label[team]`.

## Why

A widget that groups by what is not there shows one group without a name.

## Example

```yaml projects/shop/dashboards/release.yaml
name: Release
widgets:
- kind: pie
  by: layr
```

## Fix

```yaml projects/shop/dashboards/release.yaml
name: Release
widgets:
- kind: pie
  by: layer
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    // A page is made for whoever opens it: nobody asks.
    let context = Context {
        now: facts.now,
        user: None,
    };
    for doc in facts.projects().flat_map(|p| &p.dashboards) {
        for widget in &doc.value.widgets {
            let at = |key| widget_field(widget, key);
            let unread = widget.of.is_none() && doc.has(&at("of"));
            let (Some(by), Some(of), false) = (&widget.by, widget.subject(), unread) else {
                continue;
            };
            let problems = field(by, of.schema(), &context).err().unwrap_or_default();
            let findings = problems.iter();
            out.extend(findings.map(|p| query_problem(RULE.code, doc, &at("by"), by, p)));
        }
    }
}
