use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0360", "dashboard-of-nothing"),
    page: r#"
## What it checks

A dashboard has widgets.

## Why

A page without figures tells nobody anything, and a project without dashboards has a page that says
how it stands.

## Example

```yaml projects/shop/dashboards/release.yaml
name: Release
widgets: []
```

## Fix

```yaml projects/shop/dashboards/release.yaml
name: Release
widgets:
- kind: last_launch
- kind: launch_trend
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.dashboards) {
        let field = ["widgets".into()];
        // What is there and can't be read is a finding already.
        let written = doc.span(&field).filter(|_| doc.has(&field));
        let written = written.and_then(|span| doc.text.get(span.range()));
        let written: String = written.unwrap_or_default().split_whitespace().collect();
        let is_empty = matches!(written.as_str(), "" | "[]" | "~" | "null");
        if doc.value.widgets.is_empty() && is_empty {
            out.push(
                Finding::error(RULE.code, &doc.path, "the dashboard has no widgets")
                    .at_field(doc, &field)
                    .help("add one, such as `- kind: last_launch`, or remove the file"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Timestamp;
    use crate::store::{MemoryFiles, Snapshot};

    #[test]
    fn what_is_empty_is_told_and_what_does_not_read_is_not_told_twice() {
        for (widgets, codes) in [
            ("", vec!["TB0360"]),
            ("widgets:\n", vec!["TB0360"]),
            ("widgets: [ ]\n", vec!["TB0360"]),
            ("widgets: ~\n", vec!["TB0360"]),
            ("widgets: x\n", vec!["TB0113"]),
            ("widgets: [{kind: x}]\n", vec!["TB0114"]),
            ("widgets: [{kind: coverage}]\n", vec![]),
        ] {
            let files: MemoryFiles = [
                ("tallybook.yaml", "format: 1\ntitle: T\n".to_owned()),
                ("projects/p/project.yaml", "key: P\nname: P\n".to_owned()),
                (
                    "projects/p/dashboards/d.yaml",
                    format!("name: D\n{widgets}"),
                ),
            ]
            .into_iter()
            .collect();
            let report = crate::validate::check(&Snapshot::memory(files), Timestamp::from_ms(0));
            let findings = report.expect("loads").findings.into_iter();
            let ours = findings.filter(|finding| finding.path.contains("dashboards"));
            let ours: Vec<&str> = ours.map(|finding| finding.code.id).collect();
            assert_eq!(ours, codes, "{widgets}");
        }
    }
}
