//! Defects, and how requirements stand.

use std::collections::BTreeMap;

use super::facts::{Facts, Nothing, Scope};
use super::shown::{Figure, Mark, Shown, Table, Target, Tone, numbers, words};
use super::tally::percent;
use crate::analysis::trace::{Matrix, Standing};
use crate::base::text::line;
use crate::model::{DefectState, Status, Widget};
use crate::site::texts::{counted, say, thousands};
use crate::site::words::{standing, standing_reason};

const TITLE: usize = 80;

/// What a defect explained in the launches of a scope.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    failures: u64,
    launches: u64,
    last: Option<usize>,
    /// In the newest launch.
    now: u64,
}

pub(super) fn defects(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for launch in &scope.launches {
        for outcome in facts.launches[*launch].outcomes {
            let Some(defect) = outcome.defect.as_deref() else {
                continue;
            };
            let seen = seen.entry(defect).or_default();
            seen.failures += 1;
            if seen.last != Some(*launch) {
                seen.launches += 1;
            }
            seen.last = Some(*launch);
            seen.now += u64::from(scope.latest() == Some(*launch));
        }
    }
    let fitting = facts.defects.iter().filter(|defect| scope.fits(*defect));
    let recurs = |id: &str| {
        let latest = scope.latest();
        latest.is_some_and(|at| facts.recurring.contains(&(at, id.to_owned())))
    };
    let all: Vec<(&str, &str, bool, Seen)> = fitting
        .map(|subject| {
            let defect = subject.defect;
            let seen = seen.get(defect.id.as_str()).copied().unwrap_or_default();
            (
                defect.id.as_str(),
                defect.title.as_str(),
                defect.status == DefectState::Closed,
                seen,
            )
        })
        .collect();
    let open = all.iter().filter(|(_, _, closed, _)| !closed).count() as u64;
    let back = all.iter().filter(|(id, ..)| recurs(id)).count() as u64;
    let total = all.len() as u64;
    if facts.defects.is_empty() {
        return Ok(Shown::nothing(
            say!("defects.no-defect-is-known"),
            say!("widget.no-defect-do"),
        ));
    }
    let shown = all
        .into_iter()
        .filter(|(id, _, closed, _)| !closed || recurs(id));
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by(|a, b| {
        let key = |d: &(&str, &str, bool, Seen)| (recurs(d.0), d.3.now, d.3.failures);
        key(b).cmp(&key(a)).then_with(|| a.0.cmp(b.0))
    });
    shown.truncate(widget.limit.unwrap_or(10) as usize);
    let mut table = Table::new([
        words(say!("column.defect")),
        words(say!("column.state")),
        numbers(say!("column.failures-now")),
        numbers(say!("column.failures-in-all")),
        numbers(say!("column.launches")),
        words(say!("column.last-seen")),
    ]);
    for (id, title, closed, seen) in &shown {
        let state = match (recurs(id) || *closed, seen.now > 0) {
            (true, _) => say!("defects.state-recurs"),
            (false, true) => say!("defects.state-open"),
            (false, false) => say!("defects.state-not-seen"),
        };
        let last = seen
            .last
            .map_or_else(String::new, |l| facts.launches[l].named());
        let name = called(id, title);
        let counts = [seen.now, seen.failures, seen.launches].map(thousands);
        let cells = [name, state].into_iter().chain(counts).chain([last]);
        table.row(Target::Defect((*id).to_owned()), cells);
    }
    let explained: u64 = shown.iter().map(|(_, _, _, seen)| seen.now).sum();
    let finding = match (total, open, back) {
        (0, ..) => say!("defects.no-defect-is-known"),
        (_, 0, 0) => say!("defects.no-defect-is-open-of", n = total),
        (_, open, 0) => say!(
            "widget.defects-open",
            defects = counted(open, "defect"),
            failures = counted(explained, "failure")
        ),
        (_, open, back) => say!(
            "widget.defects-back",
            defects = counted(back, "closed defect"),
            n = open
        ),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.defects-measure",
            defects = counted(total, "defect"),
            launches = scope.in_last(scope.launches.len()),
            asked = scope.asked()
        ),
        figure: Figure::List,
        table,
    })
}

fn called(id: &str, title: &str) -> String {
    say!(
        "widget.id-and-title",
        id = line(id, TITLE),
        title = line(title, TITLE)
    )
}

fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Failing => Tone::Status(Status::Failed),
        Standing::Gap => Tone::Status(Status::Unknown),
        Standing::NotRun | Standing::Justified => Tone::Status(Status::Skipped),
        Standing::Stale => Tone::Status(Status::Broken),
        Standing::Covered => Tone::Status(Status::Passed),
    }
}

pub(super) fn coverage(matrix: Option<&Matrix<'_>>) -> Shown {
    let Some(matrix) = matrix.filter(|matrix| !matrix.lines.is_empty()) else {
        return Shown::nothing(
            say!("widget.no-requirements"),
            say!("widget.no-requirements-do"),
        );
    };
    let own: Vec<_> = matrix.lines.iter().filter(|line| !line.by_parts).collect();
    let mut marks = Vec::new();
    for one in Standing::ALL {
        let stand = own.iter().filter(|line| line.standing == one);
        let ids: Vec<String> = stand.map(|line| line.requirement.id.clone()).collect();
        if !ids.is_empty() {
            let n = ids.len() as u64;
            let target = Target::Requirements(ids);
            marks.push(Mark::count(standing(one), n, tone(one), target));
        }
    }
    let mut table = Table::new([
        words(say!("column.requirement")),
        words(say!("column.stands")),
        numbers(say!("column.cases")),
    ]);
    for one in &own {
        let requirement = one.requirement;
        let name = called(&requirement.id, &requirement.title);
        let stands = match standing_reason(one) {
            Some(reason) => say!(
                "standing.because",
                standing = standing(one.standing),
                reason = line(&reason, 200)
            ),
            None => standing(one.standing),
        };
        let target = Target::Requirement(requirement.id.clone());
        table.row(target, [name, stands, thousands(one.cases.len() as u64)]);
    }
    let rate = matrix.coverage();
    let failing = own
        .iter()
        .filter(|line| line.standing == Standing::Failing)
        .count() as u64;
    let finding = match (rate.of - rate.part, failing) {
        (0, _) if rate.of > 0 => say!(
            "widget.all-covered",
            n = rate.of,
            requirements = counted(rate.of, "requirement")
        ),
        (_, 0) => say!(
            "widget.covered",
            rate = percent(rate),
            requirements = counted(rate.of, "requirement")
        ),
        (_, n) => say!(
            "widget.covered-and-failing",
            rate = percent(rate),
            requirements = counted(rate.of, "requirement"),
            n = n
        ),
    };
    Shown {
        finding,
        measure: say!(
            "widget.coverage-measure",
            requirements = counted(own.len() as u64, "requirement")
        ),
        figure: Figure::Donut(marks),
        table,
    }
}
