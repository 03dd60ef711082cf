use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;
use crate::model::{Widget, WidgetOption};
use crate::validate::places::widget_field;

pub(super) const RULE: Rule = Rule {
    code: code("TB0362", "idle-option"),
    page: r#"
## What it checks

A widget is told only what its kind takes: options, what `of` and `metric` may be. `docs/dashboards.md` has
the table of kinds.

## Why

An option that is not looked at makes believe that the figure shows something else than it does.

## Example

```yaml projects/shop/dashboards/release.yaml
name: Release
widgets:
- kind: last_launch
  interval: week
```

## Fix

```yaml projects/shop/dashboards/release.yaml
name: Release
widgets:
- kind: statistic_trend
  interval: week
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.dashboards) {
        for widget in &doc.value.widgets {
            for (option, message, help) in problems(widget) {
                out.push(
                    Finding::error(RULE.code, &doc.path, message)
                        .at(doc.key_span(&widget_field(widget, option.as_str())))
                        .help(help),
                );
            }
        }
    }
}

/// Returns what is said in vain: the option, what is wrong, and what to do.
fn problems(widget: &Widget) -> Vec<(WidgetOption, String, String)> {
    let kind = widget.kind;
    let takes = kind.takes();
    let mut out = Vec::new();
    for option in WidgetOption::ALL {
        if widget.says(*option) && !takes.contains(option) {
            let message = format!("`{}` takes no `{}`", kind.as_str(), option.as_str());
            let words = takes.iter().map(|option| option.as_str());
            let words: Vec<&str> = words.chain(["title", "size"]).collect();
            let help = format!("it takes {}", ticked(&words, "and"));
            out.push((*option, message, help));
        }
    }
    let mut wrong = |option: WidgetOption, found: &str, known: Vec<&str>| {
        let (kind, option_word) = (kind.as_str(), option.as_str());
        let message = format!("`{option_word}` of `{kind}` is `{found}`");
        out.push((
            option,
            message,
            format!("expected {}", ticked(&known, "or")),
        ));
    };
    if let Some(of) = widget.of.filter(|of| !kind.subjects().contains(of))
        && takes.contains(&WidgetOption::Of)
    {
        let known = kind.subjects().iter().map(|of| of.as_str());
        wrong(WidgetOption::Of, of.as_str(), known.collect());
    }
    if let Some(metric) = widget.metric.filter(|m| !kind.metrics().contains(m))
        && takes.contains(&WidgetOption::Metric)
    {
        let known = kind.metrics().iter().map(|metric| metric.as_str());
        wrong(WidgetOption::Metric, metric.as_str(), known.collect());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Metric, Of, WidgetKind};

    #[test]
    fn every_option_that_a_kind_does_not_take_is_told() {
        for kind in WidgetKind::ALL {
            let widget = Widget {
                kind: *kind,
                of: Some(Of::Cases),
                query: Some("x".into()),
                saved: Some("x".into()),
                launches: Some("x".into()),
                by: Some("x".into()),
                metric: Some(Metric::Duration),
                interval: Some(Default::default()),
                last: Some(1),
                days: Some(1),
                limit: Some(1),
                body: Some("x".into()),
                ..Widget::default()
            };
            let idle = problems(&widget).len();
            assert_eq!(
                idle + kind.takes().len(),
                WidgetOption::ALL.len(),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn what_a_kind_does_not_count_is_told() {
        let widget = Widget {
            kind: WidgetKind::TopCases,
            metric: Some(Metric::Total),
            ..Widget::default()
        };
        let [(_, message, help)] = &problems(&widget)[..] else {
            panic!("one problem");
        };
        assert_eq!(message, "`metric` of `top_cases` is `total`");
        assert_eq!(
            help,
            "expected `duration`, `flip_rate`, `pass_rate` or `failed`"
        );
    }
}
