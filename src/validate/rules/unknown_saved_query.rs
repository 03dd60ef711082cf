use super::{Facts, Finding, Rule, code};
use crate::model::Of;
use crate::store::{Doc, Key, Project};
use crate::validate::facts::At as _;
use crate::validate::places::widget_field;

pub(super) const RULE: Rule = Rule {
    code: code("TB0253", "unknown-saved-query"),
    page: r#"
## What it checks

The `saved` of a plan is a saved query of cases, that of a widget of what the widget counts: the name of a
file in `queries/`, without `.yaml`.

## Why

A plan whose query is not there selects nothing by it, and tests that were meant don't run. A widget
without its query has nothing to show.

## Example

```yaml projects/shop/plans/release.yaml
name: Release
saved: risk
```

```yaml projects/shop/queries/risky.yaml
name: What a release may break
query: severity in [blocker, critical]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
severity: critical
---
```

## Fix

```yaml projects/shop/plans/release.yaml
name: Release
saved: risky
```

```yaml projects/shop/queries/risky.yaml
name: What a release may break
query: severity in [blocker, critical]
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
severity: critical
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.plans {
            if let Some(saved) = &doc.value.saved {
                let asked = Asked {
                    saved,
                    of: Of::Cases,
                    who: "a plan selects",
                };
                one(facts, project, doc, (&["saved".into()], asked), out);
            }
        }
        for doc in &project.dashboards {
            for widget in &doc.value.widgets {
                if let (Some(saved), Some(of)) = (&widget.saved, widget.subject()) {
                    let asked = Asked {
                        saved,
                        of,
                        who: "this widget counts",
                    };
                    let field = widget_field(widget, "saved");
                    one(facts, project, doc, (&field, asked), out);
                }
            }
        }
    }
}

/// A saved query by its name.
struct Asked<'a> {
    saved: &'a str,
    of: Of,
    who: &'static str,
}

fn one<T>(
    facts: &Facts<'_>,
    project: &Project,
    doc: &Doc<T>,
    (field, asked): (&[Key<'_>], Asked<'_>),
    out: &mut Vec<Finding>,
) {
    let Asked { saved, of, who } = asked;
    // A file that is there and does not read has its own findings.
    let is_file = facts.exists(&format!("{}/queries/{saved}.yaml", project.path));
    let message = match project.saved_query(saved) {
        Some(query) if query.value.of == of => return,
        Some(query) => format!(
            "the saved query `{saved}` is of {}, and {who} {}",
            query.value.of.as_str(),
            of.as_str()
        ),
        None if is_file => return,
        None => format!("there is no saved query `{saved}`"),
    };
    let fitting = project.queries.iter().map(|doc| &doc.value);
    let fitting = fitting.filter(|query| query.of == of);
    out.push(
        Finding::error(RULE.code, &doc.path, message)
            .at_field(doc, field)
            .help(format!(
                "name a query of {}, or add `{}/queries/<name>.yaml`",
                of.as_str(),
                project.path
            ))
            .suggest(saved, fitting.map(|query| query.id.as_str())),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::store::{MemoryFiles, Snapshot};

    #[test]
    fn widgets_ask_by_what_they_count() {
        let widgets = "name: D\nwidgets:\n- {kind: pie, by: tag, saved: slow}\n\
            - {kind: durations, saved: slow}\n- {kind: durations, saved: slwo}\n";
        let files: MemoryFiles = [
            ("tallybook.yaml", "format: 1\ntitle: T\n"),
            ("projects/p/project.yaml", "key: P\nname: P\n"),
            (
                "projects/p/queries/slow.yaml",
                "name: Slow\nof: results\nquery: duration > 5 s\n",
            ),
            ("projects/p/dashboards/d.yaml", widgets),
        ]
        .into_iter()
        .collect();
        let report = crate::validate::check(&Snapshot::memory(files), Timestamp::from_ms(0));
        let findings = report.expect("loads").findings.into_iter();
        let ours = findings.filter(|finding| finding.code == RULE.code);
        let told: Vec<_> = ours
            .map(|f| (f.message, f.help.unwrap_or_default()))
            .collect();
        let of = "the saved query `slow` is of results, and this widget counts cases";
        assert_eq!(told[0].0, of);
        assert_eq!(told[1].0, "there is no saved query `slwo`");
        assert_eq!(told[1].1, "did you mean `slow`?");
        assert_eq!(told.len(), 2);
    }
}
