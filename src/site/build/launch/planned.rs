//! What was planned of a launch: how much of it was done and by whom, and why the rest was left.

use std::collections::BTreeMap;

use crate::analysis::planned::{ASSIGNEE, TESTER};
use crate::model::{Flag, PlannedRecord, Status};
use crate::site::build::failures::LaunchContext;
use crate::site::build::paths;
use crate::site::build::rows::Row;
use crate::site::texts::{counted, say, thousands};
use crate::site::view::{Link, PlannedPart, PlannedPerson};
use crate::site::words;

/// Returns what the page says of planned results; none where nothing was planned.
pub(super) fn planned(context: &LaunchContext<'_>) -> Option<PlannedPart> {
    let launch = &context.project.project.launches[context.number];
    let record = launch.file.planned.as_ref()?;
    Some(PlannedPart {
        text: sentence(record),
        unplanned: unplanned(record),
        reason: words::line(record.reason.as_deref().unwrap_or_default()),
        people: people(context),
    })
}

fn sentence(record: &PlannedRecord) -> String {
    let results = counted(record.total, "planned result");
    match record.unfinished {
        0 => say!("planned.done", n = record.done, results = results),
        left => say!(
            "planned.done-and-left",
            n = record.done,
            results = results,
            left = left
        ),
    }
}

fn unplanned(record: &PlannedRecord) -> Option<Link> {
    (record.unplanned > 0).then(|| Link {
        text: say!("planned.not-planned", n = record.unplanned),
        href: Some("results.html#q=is:unplanned".to_owned()),
        kind: String::new(),
    })
}

/// Whoever is named by a row's label.
fn who<'r>(row: &Row<'r>, label: &str) -> Option<&'r str> {
    row.result?.labels.first(label)
}

/// Who executed how much, and what was left to whom; nobody last.
fn people(context: &LaunchContext<'_>) -> Vec<PlannedPerson> {
    let rows = context.rows;
    let mut people: BTreeMap<(bool, Option<&str>), (u64, u64)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.result.is_some()) {
        let outcome = row.outcome;
        if outcome.status == Status::InProgress {
            let who = who(row, ASSIGNEE);
            people.entry((who.is_none(), who)).or_default().1 += 1;
        } else if let Some(who) = who(row, TESTER).filter(|_| outcome.has(Flag::Manual)) {
            people.entry((false, Some(who))).or_default().0 += 1;
        }
    }
    let href =
        |label: &str, who: &str| format!("results.html#q={label}:%22{}%22", paths::fragment(who));
    let person = |((_, who), (done, left)): ((bool, Option<&str>), (u64, u64))| PlannedPerson {
        name: who.map_or_else(|| say!("planned.nobody"), |id| context.project.person(id)),
        done: thousands(done),
        left: thousands(left),
        done_href: who.filter(|_| done > 0).map(|who| href(TESTER, who)),
        left_href: who.filter(|_| left > 0).map(|who| href(ASSIGNEE, who)),
    };
    people.into_iter().map(person).collect()
}

/// Who executed a result, or who was to: `tester alice`, `assigned to bob`; nothing of what tests did.
pub(crate) fn person(context: &LaunchContext<'_>, row: &Row<'_>) -> String {
    let name = |label| who(row, label).map(|id| context.project.person(id));
    let said = match row.outcome.status {
        Status::InProgress => name(ASSIGNEE).map(|name| say!("planned.assigned-to", name = name)),
        _ if row.outcome.has(Flag::Manual) => {
            name(TESTER).map(|name| say!("planned.tester", name = name))
        }
        _ => None,
    };
    words::line(&said.unwrap_or_default())
}
