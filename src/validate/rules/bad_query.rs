use super::{Facts, Finding, Rule, code};
use crate::analysis::subjects::Of;
use crate::model::{Dashboard, Gate};
use crate::query::{Context, parse};
use crate::store::{Doc, Key, Project};
use crate::validate::facts::At as _;
use crate::validate::places::{query_problem, widget_field};

pub(super) const RULE: Rule = Rule {
    code: code("TB0250", "bad-query"),
    page: r#"
## What it checks

The queries that files hold can be read, and ask for what there is: those of `queries/`, `query` and
`exclude_query` of plans, `query` of mutes and of groups of gates, `launches` of dashboards and of
`documentation` in `project.yaml`, `query` and `launches` of widgets. A saved query is held against what its `of` says, a plan's against cases, a
widget's against what its kind counts, `launches` against launches, the others against results.

## Why

A query that can't be read selects nothing. A plan with it runs no test, and a gate would have to
guess.

## Example

```yaml projects/shop/plans/smoke.yaml
name: Smoke
query: tga = "smoke"
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
tags: [smoke]
---
```

## Fix

```yaml projects/shop/plans/smoke.yaml
name: Smoke
query: tag = "smoke"
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
tags: [smoke]
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.queries {
            // What it is put to is not known where `of` can't be read.
            let of = doc
                .span(&["of".into()])
                .and_then(|s| doc.text.get(s.range()));
            let word = doc.value.of.as_str();
            if of.is_none_or(|of| of.trim_matches(['"', '\'']) == word) {
                one(
                    facts,
                    doc,
                    &["query".into()],
                    (doc.value.of, &doc.value.query),
                    out,
                );
            }
        }
        for doc in &project.plans {
            let plan = &doc.value;
            for (key, query) in [
                ("query", &plan.query),
                ("exclude_query", &plan.exclude_query),
            ] {
                if let Some(query) = query {
                    one(facts, doc, &[key.into()], (Of::Cases, query), out);
                }
            }
        }
        for doc in &project.dashboards {
            of_dashboard(facts, project, doc, out);
        }
        for doc in &project.mutes {
            if let Some(query) = &doc.value.query {
                one(facts, doc, &["query".into()], (Of::Results, query), out);
            }
        }
        for doc in &project.gates {
            of_gate(facts, doc, &doc.value, &[], out);
        }
        if let Some(doc) = &project.settings
            && let Some(query) = &doc.value.documentation.launches
        {
            let field = ["documentation".into(), "launches".into()];
            one(facts, doc, &field, (Of::Launches, query), out);
        }
        if let Some(doc) = &project.settings
            && let Some(gate) = &doc.value.gate
        {
            of_gate(facts, doc, gate, &["gate".into()], out);
        }
    }
}

fn of_dashboard(
    facts: &Facts<'_>,
    project: &Project,
    doc: &Doc<Dashboard>,
    out: &mut Vec<Finding>,
) {
    if let Some(query) = &doc.value.launches {
        of_page(facts, doc, &["launches".into()], (Of::Launches, query), out);
    }
    for widget in &doc.value.widgets {
        let field = |key: &'static str| widget_field(widget, key);
        if let Some(query) = &widget.launches {
            of_page(facts, doc, &field("launches"), (Of::Launches, query), out);
        }
        // What it is put to is not known where `of` can't be read.
        let unread = widget.of.is_none() && doc.has(&field("of"));
        if let (Some(query), Some(of), false) = (&widget.query, widget.subject(), unread) {
            of_page(facts, doc, &field("query"), (of, query), out);
        }
        let saved = widget.saved.as_ref();
        let saved = saved.and_then(|saved| project.saved_query(saved));
        if let Some(saved) = saved.filter(|saved| Some(saved.value.of) == widget.subject())
            && asks_who(facts, (saved.value.of, &saved.value.query))
        {
            let message = format!(
                "the saved query `{}` asks for `currentUser()`, and a page has none",
                saved.value.id
            );
            let finding = Finding::error(RULE.code, &doc.path, message);
            out.push(finding.at_field(doc, &field("saved")).help(NOBODY));
        }
    }
}

/// A page is made for whoever opens it.
const NOBODY: &str = "a page of the site is made for all who open it: name the member";

/// Returns whether a query can be asked only where it is known who asks.
fn asks_who(facts: &Facts<'_>, (of, text): (Of, &str)) -> bool {
    let can_be_asked_by = |user: Option<String>| {
        let context = Context {
            now: facts.now,
            user,
        };
        parse(text).is_ok_and(|query| query.bind(of.schema(), &context).is_ok())
    };
    can_be_asked_by(Some(String::new())) && !can_be_asked_by(None)
}

/// Checks a query of a dashboard, which nobody asks in person.
fn of_page(
    facts: &Facts<'_>,
    doc: &Doc<Dashboard>,
    field: &[Key<'_>],
    query: (Of, &str),
    out: &mut Vec<Finding>,
) {
    one(facts, doc, field, query, out);
    if asks_who(facts, query) {
        let message = "this asks for `currentUser()`, and a page has none";
        let finding = Finding::error(RULE.code, &doc.path, message);
        out.push(finding.at_field(doc, field).help(NOBODY));
    }
}

fn of_gate<T>(
    facts: &Facts<'_>,
    doc: &Doc<T>,
    gate: &Gate,
    above: &[Key<'_>],
    out: &mut Vec<Finding>,
) {
    for group in &gate.groups {
        if let (Some(place), Some(query)) = (group.place, &group.query) {
            let field = [above, &["groups".into(), place.into(), "query".into()]].concat();
            one(facts, doc, &field, (Of::Results, query), out);
        }
    }
}

fn one<T>(
    facts: &Facts<'_>,
    doc: &Doc<T>,
    field: &[Key<'_>],
    (of, text): (Of, &str),
    out: &mut Vec<Finding>,
) {
    // Who asks is known only when it is asked.
    let context = Context {
        now: facts.now,
        user: Some(String::new()),
    };
    let problems = match parse(text) {
        Ok(query) => query.bind(of.schema(), &context).err().unwrap_or_default(),
        Err(problem) => vec![problem],
    };
    let findings = problems.iter();
    out.extend(findings.map(|problem| query_problem(RULE.code, doc, field, text, problem)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::store::{MemoryFiles, Snapshot};

    fn found(path: &str, text: &str) -> Vec<(String, String)> {
        let files: MemoryFiles = [
            ("tallybook.yaml", "format: 1\ntitle: T\n"),
            ("projects/p/project.yaml", "key: P\nname: P\n"),
            (path, text),
        ]
        .into_iter()
        .collect();
        let report = crate::validate::check(&Snapshot::memory(files), Timestamp::from_ms(0));
        let findings = report.expect("loads").findings.into_iter();
        let ours = findings.filter(|finding| finding.code == RULE.code);
        ours.map(|finding| {
            let at = finding.span.expect("a place").range();
            (finding.message, text[at].to_owned())
        })
        .collect()
    }

    #[test]
    fn places_are_exact_where_the_text_stands_as_it_is() {
        let plan = "projects/p/plans/p.yaml";
        for (query, at) in [
            ("nmae = x", "nmae"),
            ("'nmae = \"é\"'", "nmae"),
            ("\"é = 1\"", "é"),
            ("\"nmae = \\\"x\\\"\"", "\"nmae = \\\"x\\\"\""),
            ("|\n  nmae = x", "nmae = x"),
            ("nmae = x and\n  tag = y", "nmae = x and\n  tag = y"),
        ] {
            let found = found(plan, &format!("name: P\nquery: {query}\n"));
            assert_eq!(found.len(), 1, "{query}: {found:?}");
            assert_eq!(found[0].1, at, "{query}");
        }
        assert_eq!(found(plan, "name: P\nquery: tag = \n").len(), 1);
    }

    #[test]
    fn every_file_with_a_query_is_read() {
        for (path, text) in [
            (
                "projects/p/queries/q.yaml",
                "name: Q\nof: launches\nquery: tagg = x\n",
            ),
            (
                "projects/p/plans/p.yaml",
                "name: P\ncases: []\nexclude_query: tagg = x\n",
            ),
            (
                "projects/p/gates/g.yaml",
                "name: G\ngroups:\n- {name: a, max_failed: 0, query: tagg = x}\n",
            ),
            (
                "projects/p/project.yaml",
                "key: P\nname: P\ngate: {groups: [{name: a, max_failed: 0, query: tagg = x}]}\n",
            ),
            (
                "projects/p/mutes/m.yaml",
                "reason: r\nowner: o\nuntil: 2027-01-01\nquery: tagg = x\n",
            ),
            (
                "projects/p/dashboards/d.yaml",
                "name: D\nlaunches: tagg = x\nwidgets: [{kind: launch_list}]\n",
            ),
            (
                "projects/p/dashboards/d.yaml",
                "name: D\nwidgets: [{kind: launch_list, launches: tagg = x}]\n",
            ),
            (
                "projects/p/dashboards/d.yaml",
                "name: D\nwidgets: [{kind: pie, by: layer, query: tagg = x}]\n",
            ),
        ] {
            let found = found(path, text);
            assert_eq!(found.len(), 1, "{path}: {found:?}");
            assert_eq!(found[0].1, "tagg");
        }
        let of = "name: Q\nof: launchs\nquery: branch = main\n";
        assert_eq!(found("projects/p/queries/q.yaml", of), []);
        let of = "name: D\nwidgets: [{kind: pie, by: tag, of: mute, query: until = x}]\n";
        assert_eq!(found("projects/p/dashboards/d.yaml", of), []);
        let mine = "name: Q\nquery: owner = currentUser()\n";
        assert_eq!(found("projects/p/queries/q.yaml", mine), []);
        // A page is nobody's.
        let page = "projects/p/dashboards/d.yaml";
        let mine = "name: D\nwidgets: [{kind: owners, query: owner = currentUser()}]\n";
        let found = found(page, mine);
        assert_eq!(found[0].1, "owner = currentUser()", "{found:?}");
    }
}
