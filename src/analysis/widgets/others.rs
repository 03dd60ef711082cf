//! Defects, and how requirements stand.

use std::collections::BTreeMap;

use super::super::trace::{Matrix, Standing};
use super::facts::{Facts, Nothing, Scope};
use super::launches::capital;
use super::shown::{Figure, Mark, Shown, Table, Target, Tone};
use super::tally::percent;
use crate::base::text::{count, line, thousands};
use crate::model::{DefectState, Status, Widget};

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
    let shown = all
        .into_iter()
        .filter(|(id, _, closed, _)| !closed || recurs(id));
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by(|a, b| {
        let key = |d: &(&str, &str, bool, Seen)| (recurs(d.0), d.3.now, d.3.failures);
        key(b).cmp(&key(a)).then_with(|| a.0.cmp(b.0))
    });
    shown.truncate(widget.limit.unwrap_or(10) as usize);
    let mut table = Table::new(&[
        "Defect",
        "State",
        "#Failures now",
        "#Failures in all",
        "#Launches",
        "Last seen",
    ]);
    for (id, title, closed, seen) in &shown {
        let state = match (recurs(id) || *closed, seen.now > 0) {
            (true, _) => "recurs",
            (false, true) => "open",
            (false, false) => "open, not seen",
        };
        let last = seen
            .last
            .map_or_else(String::new, |l| facts.launches[l].named());
        let name = format!("{}: {}", line(id, TITLE), line(title, TITLE));
        let numbers = [seen.now, seen.failures, seen.launches].map(thousands);
        let cells = [name, state.to_owned()]
            .into_iter()
            .chain(numbers)
            .chain([last]);
        table.row(Target::Defect((*id).to_owned()), cells);
    }
    let explained: u64 = shown.iter().map(|(_, _, _, seen)| seen.now).sum();
    let finding = match (total, open, back) {
        (0, ..) => "No defect is known".to_owned(),
        (_, 0, 0) => format!("No defect is open, of {}", thousands(total)),
        (_, open, 0) => format!(
            "{} open, {} of the last launch known by them",
            count(open, "defect"),
            count(explained, "failure")
        ),
        (_, open, back) => format!(
            "{} back, {} open",
            count(back, "closed defect"),
            thousands(open)
        ),
    };
    Ok(Shown {
        finding,
        measure: format!(
            "Open defects and closed ones that recur, of {}, by failures in {}{}",
            count(total, "defect"),
            scope.last(scope.launches.len()),
            scope.asked()
        ),
        figure: Figure::List,
        table,
    })
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
            "No requirements yet",
            "`tallybook trace import FILE` brings them in from a table or from ReqIF",
        );
    };
    let own: Vec<_> = matrix.lines.iter().filter(|line| !line.by_parts).collect();
    let mut marks = Vec::new();
    for standing in Standing::ALL {
        let n = own.iter().filter(|line| line.standing == standing).count() as u64;
        if n > 0 {
            marks.push(Mark::count(
                standing.label(),
                n,
                tone(standing),
                Target::Requirements,
            ));
        }
    }
    let mut table = Table::new(&["Requirement", "Stands", "#Cases"]);
    for one in &own {
        let requirement = one.requirement;
        let name = format!(
            "{}: {}",
            line(&requirement.id, TITLE),
            line(&requirement.title, TITLE)
        );
        let stands = match one.reason() {
            Some(reason) => format!("{}: {}", one.standing.label(), line(&reason, 200)),
            None => one.standing.label().to_owned(),
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
        (0, _) if rate.of > 0 => format!("All {} are covered", count(rate.of, "requirement")),
        (_, 0) => format!(
            "{} of {} covered",
            percent(rate),
            count(rate.of, "requirement")
        ),
        (_, n) => format!(
            "{} of {} covered, {} failing",
            percent(rate),
            count(rate.of, "requirement"),
            thousands(n)
        ),
    };
    Shown {
        finding,
        measure: format!(
            "{} by their cases' latest results; those that stand as their parts do are left out, and justified gaps count in no share",
            capital(&count(own.len() as u64, "requirement"))
        ),
        figure: Figure::Donut(marks),
        table,
    }
}
