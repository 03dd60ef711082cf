use std::collections::BTreeSet;

use super::{Facts, Finding, Rule, code};
use crate::analysis::approval::Approvals;
use crate::analysis::plan::{ReadyPlan, select};
use crate::analysis::subjects::{CaseSubject, Of};
use crate::model::Plan;
use crate::query::{Bound, Context, parse};
use crate::store::{Doc, Project};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0255", "empty-plan"),
    page: r#"
## What it checks

A plan selects at least one case as things stand. A warning; plans whose queries ask for history are
left out.

## Why

A tag that was renamed leaves a plan that is well-formed and runs no test. Whoever waits for its
results waits for nothing.

## Example

```yaml projects/shop/plans/smoke.yaml
name: Smoke
query: tag = "smok"
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
        for doc in &project.plans {
            if selects_nothing(facts, project, &doc.value) == Some(true) {
                let message = format!("the plan `{}` selects no case", doc.value.id);
                let keys = ["query", "saved", "cases"];
                let key = keys.into_iter().find(|key| doc.has(&[(*key).into()]));
                out.push(
                    Finding::warning(RULE.code, &doc.path, message)
                        .at_field(doc, &[key.unwrap_or("cases").into()])
                        .help("run `tallybook query` with its query, and mend what fits nothing"),
                );
            }
        }
    }
}

/// Whether a plan selects nothing; none where it can't be told, or where another rule says what is
/// wrong.
fn selects_nothing(facts: &Facts<'_>, project: &Project, plan: &Plan) -> Option<bool> {
    let saved = match &plan.saved {
        Some(saved) => {
            let saved = &project.saved_query(saved)?.value;
            (saved.of == Of::Cases).then_some(())?;
            Some(&saved.query)
        }
        None => None,
    };
    let ready = ReadyPlan {
        plan,
        query: optional(facts, plan.query.as_ref())?,
        saved: optional(facts, saved)?,
        exclude_query: optional(facts, plan.exclude_query.as_ref())?,
    };
    let muted = muted(facts, project);
    let approvals = Approvals::new(project);
    let sections: Vec<Vec<&str>> = project.cases.iter().map(Doc::section).collect();
    let cases = project.cases.iter().zip(&sections);
    let subjects = cases.map(|(doc, section)| CaseSubject {
        case: &doc.value,
        path: &doc.path,
        text: doc.body(),
        section,
        muted: muted.contains(doc.value.id.as_str()),
        approval: Some((&approvals, doc)),
        past: None,
    });
    let selection = select(&ready, &subjects.collect::<Vec<_>>());
    let asks = ready.query.is_some() || ready.saved.is_some();
    let is_told = !asks && (plan.cases.is_empty() || !selection.unknown.is_empty());
    Some(selection.selected.is_empty() && !is_told)
}

/// Makes a query ready where there is one; none where it can't be.
fn optional(facts: &Facts<'_>, text: Option<&String>) -> Option<Option<Bound>> {
    match text {
        Some(text) => bound(facts, text).map(Some),
        None => Some(None),
    }
}

/// Returns a query of cases that needs no history.
fn bound(facts: &Facts<'_>, text: &str) -> Option<Bound> {
    let query = parse(text).ok()?;
    if query.accessors().iter().any(|at| at.arguments.is_some()) {
        return None;
    }
    // Who asks is not known here.
    let context = Context {
        now: facts.now,
        user: None,
    };
    query.bind(Of::Cases.schema(), &context).ok()
}

/// The cases that mutes name which hold today.
fn muted<'a>(facts: &Facts<'_>, project: &'a Project) -> BTreeSet<&'a str> {
    let mutes = project.mutes.iter().map(|doc| &doc.value);
    let held = mutes.filter(|mute| mute.until.is_some_and(|until| facts.now <= until.end()));
    held.flat_map(|mute| &mute.cases)
        .map(String::as_str)
        .collect()
}
