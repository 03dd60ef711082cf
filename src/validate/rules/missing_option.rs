use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;
use crate::model::{Widget, WidgetOption};
use crate::validate::facts::At as _;
use crate::validate::places::widget_field;

pub(super) const RULE: Rule = Rule {
    code: code("TB0363", "missing-option"),
    page: r#"
## What it checks

A widget is told what its kind can't do without: `by` of a pie, `metric` of a metric and of top cases,
`body` of a text.

## Why

Without it nobody knows what the figure is to show.

## Example

```yaml projects/shop/dashboards/release.yaml
name: Release
widgets:
- kind: metric
  last: 20
```

## Fix

```yaml projects/shop/dashboards/release.yaml
name: Release
widgets:
- kind: metric
  metric: pass_rate
  last: 20
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.dashboards) {
        for widget in &doc.value.widgets {
            for option in widget.kind.needs() {
                let field = widget_field(widget, option.as_str());
                // What is there and has a wrong shape is a finding already.
                if widget.says(*option) || doc.has(&field) {
                    continue;
                }
                let (kind, word) = (widget.kind.as_str(), option.as_str());
                out.push(
                    Finding::error(RULE.code, &doc.path, format!("`{kind}` needs `{word}`"))
                        .at_field(doc, &widget_field(widget, "kind"))
                        .help(help(widget, *option)),
                );
            }
        }
    }
}

fn help(widget: &Widget, option: WidgetOption) -> String {
    match option {
        WidgetOption::Metric => {
            let known = widget.kind.metrics().iter().map(|metric| metric.as_str());
            let known: Vec<&str> = known.collect();
            format!("add `metric`: {}", ticked(&known, "or"))
        }
        WidgetOption::By => "add `by` with a field, such as `by: layer`".to_owned(),
        _ => format!("add `{}: …`", option.as_str()),
    }
}
