//! Figures over documented cases: which ran how, which are slow, which unsteady.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::facts::{Facts, Nothing, Scope};
use super::groups;
use super::history::{LAST, set, within};
use super::launches::no_results;
use super::shown::{
    Figure, Filter, Grid, GridRow, Mark, Shown, Table, Target, Tone, numbers, words,
};
use super::tally::percent;
use crate::analysis::stability::{Rate, flip_rate, is_significant, pass_rate};
use crate::analysis::subjects::CaseSubject;
use crate::analysis::tracks::Entry;
use crate::base::text::line;
use crate::model::{Metric, Status, Widget};
use crate::site::texts::{counted, human_duration, say, thousands};
use crate::site::words::label;

const LIMIT: u64 = 10;
/// Characters of a title.
const TITLE: usize = 80;

/// Returns a case's tracks in some launches, as entries that passed, failed or broke.
fn significant<'f>(
    facts: &'f Facts<'_>,
    case: &str,
    launches: &HashSet<usize>,
) -> Vec<Vec<&'f Entry>> {
    let tracks = facts.past.tracks.of_case(case);
    tracks
        .map(|track| {
            within(track, launches)
                .filter(|e| is_significant(e.status))
                .collect()
        })
        .collect()
}

fn titled(case: &CaseSubject<'_>) -> String {
    let title = line(&case.case.title, TITLE);
    if title.is_empty() {
        line(&case.case.id, TITLE)
    } else {
        title
    }
}

pub(super) fn heat(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let within_these = set(launches);
    let limit = widget.limit.unwrap_or(15) as usize;
    let mut rows: Vec<(u64, &CaseSubject<'_>, BTreeMap<usize, Status>)> = Vec::new();
    let cases = scope.cases(facts);
    for case in &cases {
        let mut worst: BTreeMap<usize, Status> = BTreeMap::new();
        for track in facts.past.tracks.of_case(&case.case.id) {
            for entry in within(track, &within_these) {
                let status = worst.entry(entry.launch()).or_insert(entry.status);
                *status = (*status).min(entry.status);
            }
        }
        if !worst.is_empty() {
            let failures = worst
                .values()
                .filter(|status| status.needs_resolution())
                .count();
            rows.push((failures as u64, case, worst));
        }
    }
    if rows.is_empty() {
        return Ok(Shown::nothing(
            say!("widget.no-case-has-a-result"),
            say!("widget.no-case-has-a-result-do"),
        ));
    }
    let ran = rows.len();
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.case.id.cmp(&b.1.case.id)));
    let failing = rows.iter().filter(|row| row.0 > 0).count() as u64;
    rows.truncate(limit);
    let mut table = Table::new([
        words(say!("column.case")),
        numbers(say!("column.did-not-pass")),
        numbers(say!("column.launches-with-a-result")),
    ]);
    let mut grid = Grid {
        columns: Vec::new(),
        rows: Vec::new(),
    };
    let columns = launches
        .iter()
        .map(|l| (facts.launches[*l].named(), Target::Launch(*l)));
    grid.columns = columns.collect();
    for (failures, case, worst) in &rows {
        let target = Target::Case(case.case.id.clone());
        let cell = |launch: &usize| {
            let status = worst.get(launch)?;
            let target = Target::Results {
                launch: *launch,
                filter: Filter::status(*status),
            };
            Some(Mark {
                label: say!(
                    "history.entry",
                    launch = facts.launches[*launch].name(),
                    day = facts.launches[*launch].day(),
                    status = label(*status)
                ),
                value: 1.0,
                text: label(*status),
                tone: Tone::Status(*status),
                target,
            })
        };
        grid.rows.push(GridRow {
            label: titled(case),
            target: target.clone(),
            cells: launches.iter().map(cell).collect(),
        });
        table.row(
            target,
            [
                titled(case),
                thousands(*failures),
                thousands(worst.len() as u64),
            ],
        );
    }
    let finding = match failing {
        0 => say!(
            "widget.none-failed-there",
            launches = scope.in_last(launches.len())
        ),
        n => say!(
            "widget.so-many-failed-there",
            n = n,
            cases = counted(ran as u64, "case"),
            launches = scope.in_last(launches.len())
        ),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.heat-measure",
            n = rows.len(),
            cases = counted(ran as u64, "case"),
            asked = scope.asked()
        ),
        figure: Figure::HeatMap(grid),
        table,
    })
}

/// A case's number for a ranking, and of how many values it was made.
fn ranked(entries: &[Vec<&Entry>], metric: Metric) -> Option<(f64, String, u64)> {
    let statuses =
        |entries: &[&Entry]| -> Vec<Status> { entries.iter().map(|e| e.status).collect() };
    let rate = |rate: Rate| Some((rate.value()? * 100.0, percent(rate), rate.of));
    match metric {
        Metric::FlipRate => {
            let each = entries.iter().map(|entries| flip_rate(&statuses(entries)));
            rate(each.max_by(Rate::compared)?)
        }
        Metric::PassRate => {
            let each = entries.iter().map(|entries| {
                let counted: Vec<&Entry> = entries.iter().copied().filter(|e| !e.muted).collect();
                pass_rate(&statuses(&counted))
            });
            rate(each.fold(Rate::default(), Rate::and))
        }
        Metric::Failed => {
            let all: Vec<&Entry> = entries.iter().flatten().copied().collect();
            let failed = all.iter().filter(|e| e.status != Status::Passed).count() as u64;
            (!all.is_empty()).then(|| (failed as f64, thousands(failed), all.len() as u64))
        }
        _ => {
            let mut all: Vec<u64> = entries
                .iter()
                .flatten()
                .filter_map(|e| e.duration())
                .collect();
            all.sort_unstable();
            let middle = *all.get(all.len() / 2)?;
            Some((middle as f64, human_duration(middle), all.len() as u64))
        }
    }
}

pub(super) fn top(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let metric = widget.metric.unwrap_or(Metric::Duration);
    let launches = scope.newest(widget, LAST);
    let these = set(launches);
    let cases = scope.cases(facts);
    let measured = cases.iter().filter_map(|case| {
        let found = ranked(&significant(facts, &case.case.id, &these), metric)?;
        Some((found, *case))
    });
    let mut measured: Vec<((f64, String, u64), &CaseSubject<'_>)> = measured.collect();
    if measured.is_empty() {
        return Ok(no_results(say!("widget.no-case-has-a-result")));
    }
    let of = measured.len();
    let ascending = metric == Metric::PassRate;
    measured.sort_by(|a, b| {
        let order = a.0.0.total_cmp(&b.0.0);
        let order = if ascending { order } else { order.reverse() };
        order.then_with(|| a.1.case.id.cmp(&b.1.case.id))
    });
    measured.truncate(widget.limit.unwrap_or(LIMIT) as usize);
    let head = match metric {
        Metric::FlipRate => say!("metric.flip-rate"),
        Metric::PassRate => say!("metric.pass-rate"),
        Metric::Failed => say!("column.failures"),
        _ => say!("column.usual-duration"),
    };
    let from = match metric {
        Metric::FlipRate => say!("column.of-neighbours"),
        _ => say!("column.of-results"),
    };
    let mut table = Table::new([words(say!("column.case")), numbers(head), numbers(from)]);
    let mut marks = Vec::new();
    for ((value, text, n), case) in &measured {
        let target = Target::Case(case.case.id.clone());
        table.row(target.clone(), [titled(case), text.clone(), thousands(*n)]);
        marks.push(Mark {
            label: titled(case),
            value: *value,
            text: text.clone(),
            tone: Tone::Plain,
            target,
        });
    }
    let ((value, text, n), case) = &measured[0];
    let (case, n) = (titled(case), *n);
    let calm = match metric {
        Metric::FlipRate | Metric::Failed => *value <= 0.0,
        Metric::PassRate => *value >= 100.0,
        _ => false,
    };
    let finding = match (metric, calm) {
        (Metric::FlipRate, true) => say!("widget.none-flipped"),
        // Of a single one there is no share to speak of.
        (Metric::FlipRate, false) if n == 1 => {
            say!("widget.flips-most-once", case = case, share = text)
        }
        (Metric::FlipRate, false) => say!(
            "widget.flips-most",
            case = case,
            share = text,
            times = counted(n, "time")
        ),
        (Metric::PassRate, true) => say!("widget.all-passed-each-time"),
        (Metric::PassRate, false) if n == 1 => {
            say!("widget.passes-least-once", case = case, share = text)
        }
        (Metric::PassRate, false) => say!(
            "widget.passes-least",
            case = case,
            share = text,
            results = counted(n, "result")
        ),
        (Metric::Failed, true) => say!("widget.no-case-failed"),
        (Metric::Failed, false) if n == 1 => {
            say!("widget.failed-most-once", case = case, share = text)
        }
        (Metric::Failed, false) => say!(
            "widget.failed-most",
            case = case,
            share = text,
            results = counted(n, "result")
        ),
        _ => say!("widget.takes-longest", case = case, time = text),
    };
    if !calm && let Some(first) = marks.first_mut() {
        first.tone = Tone::Accent;
    }
    let what = match metric {
        Metric::FlipRate => say!("widget.top-flip-rate"),
        Metric::PassRate => say!("widget.top-pass-rate"),
        Metric::Failed => say!("widget.top-failures"),
        _ => say!("widget.top-durations"),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.top-measure",
            what = what,
            launches = scope.in_last(launches.len()),
            n = marks.len(),
            cases = counted(of as u64, "case"),
            asked = scope.asked()
        ),
        figure: Figure::Bars(marks),
        table,
    })
}

pub(super) fn stability(
    facts: &Facts<'_>,
    scope: &Scope,
    widget: &Widget,
) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let these = set(launches);
    let mut groups: BTreeMap<Option<String>, Rate> = BTreeMap::new();
    let mut all = Rate::default();
    for case in scope.cases(facts) {
        let mut own = Rate::default();
        for entries in significant(facts, &case.case.id, &these) {
            if entries.is_empty() {
                continue;
            }
            let statuses: Vec<Status> = entries.iter().map(|entry| entry.status).collect();
            let steady = flip_rate(&statuses).part == 0 && !entries.iter().any(|entry| entry.flaky);
            own = own.and(Rate {
                part: u64::from(steady),
                of: 1,
            });
        }
        if own.of == 0 {
            continue;
        }
        all = all.and(own);
        let names: BTreeSet<String> = scope.groups(case).into_iter().collect();
        if names.is_empty() {
            let entry = groups.entry(None).or_default();
            *entry = entry.and(own);
        }
        for name in names {
            let entry = groups.entry(Some(name)).or_default();
            *entry = entry.and(own);
        }
    }
    if all.of == 0 {
        return Ok(no_results(say!("widget.no-case-has-a-result")));
    }
    let mut rows: Vec<(Option<String>, Rate)> = groups.into_iter().collect();
    rows.sort_by(|a, b| a.1.compared(&b.1).then_with(|| a.0.cmp(&b.0)));
    let many = rows.len() as u64;
    rows.truncate(widget.limit.unwrap_or(LIMIT) as usize);
    let mut table = Table::new([
        groups::head(scope),
        numbers(say!("column.steady")),
        numbers(say!("column.tests")),
        numbers(say!("column.share")),
    ]);
    let mut marks = Vec::new();
    for (name, rate) in &rows {
        let target = groups::cases_with(widget, name.as_deref());
        let label = name
            .as_deref()
            .map_or_else(|| groups::without(scope), |name| scope.shown(name, TITLE));
        table.row(
            target.clone(),
            [
                label.clone(),
                thousands(rate.part),
                thousands(rate.of),
                percent(*rate),
            ],
        );
        let text = say!("share.of", part = percent(*rate), all = rate.of);
        marks.push(Mark {
            label,
            value: rate.value().unwrap_or(0.0) * 100.0,
            text,
            tone: Tone::Plain,
            target,
        });
    }
    let finding = match all.of - all.part {
        0 => say!("widget.all-steady", tests = counted(all.of, "test")),
        n => say!("widget.unsteady", n = n, tests = counted(all.of, "test")),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.stability-measure",
            launches = scope.in_last(launches.len()),
            field = groups::called(scope),
            n = rows.len(),
            groups = counted(many, "group"),
            asked = scope.asked()
        ),
        figure: Figure::Bars(marks),
        table,
    })
}
