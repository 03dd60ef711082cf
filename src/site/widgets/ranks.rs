//! Figures over cases, documented or not: which ran how, which are slow, which unsteady.

use std::collections::{BTreeMap, HashSet};

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
use crate::analysis::tracks::{Entry, Track};
use crate::base::text::line;
use crate::model::{Metric, Status, Widget};
use crate::site::texts::{counted, human_duration, say, thousands};
use crate::site::words::label;

const LIMIT: u64 = 10;
/// Characters of a title.
const TITLE: usize = 80;

/// What is ranked: a documented case, or a test that has no file.
struct Ranked<'f> {
    /// The case's id, or the test's digest: what orders those that are alike.
    id: String,
    title: String,
    tracks: Vec<&'f Track>,
    target: Target,
}

/// Returns the documented cases that fit and, where no query asks for what only cases have, the tests without a file that
/// have a result in the launches. Such a test leads to its newest results, beside which its history stands.
fn ranked<'f>(facts: &'f Facts<'_>, scope: &Scope, launches: &HashSet<usize>) -> Vec<Ranked<'f>> {
    let tracks = &facts.past.tracks;
    let documented = scope.cases(facts).into_iter().map(|case| Ranked {
        id: case.case.id.clone(),
        title: titled(case),
        tracks: tracks.of_case(&case.case.id).collect(),
        target: Target::Case(case.case.id.clone()),
    });
    let mut out: Vec<Ranked<'f>> = documented.collect();
    if !scope.asks.is_empty() {
        return out;
    }
    // By the digest of their newest results: all environments and parameters of a test are one.
    let mut derived: BTreeMap<&'f str, Vec<(&'f Track, &'f Entry)>> = BTreeMap::new();
    for track in tracks.iter().filter(|track| track.case.is_none()) {
        if let Some(last) = within(track, launches).last() {
            let test = &facts.launches[last.launch()].outcomes[last.outcome()].test;
            derived.entry(test).or_default().push((track, last));
        }
    }
    // Names of functions are often alike: such tests are told apart by their full names.
    let mut names: BTreeMap<&str, u64> = BTreeMap::new();
    let identity = |launch: usize, test: &str| facts.launches[launch].tests.get(test);
    for (test, all) in &derived {
        let found = all
            .iter()
            .find_map(|(_, last)| identity(last.launch(), test));
        *names
            .entry(found.map_or(test, |one| &one.name))
            .or_default() += 1;
    }
    out.extend(derived.into_iter().map(|(test, all)| {
        let launch = all.iter().map(|(_, last)| last.launch()).max();
        let launch = launch.unwrap_or_default();
        let newest = all.iter().filter(|(_, last)| last.launch() == launch);
        let ids = newest.map(|(_, last)| facts.id(launch, last.outcome()));
        let filter = Filter::default().of(ids.collect());
        let name = identity(launch, test).map_or(test, |one| match &one.full_name {
            Some(full) if names.get(one.name.as_str()).is_some_and(|n| *n > 1) => full,
            _ => &one.name,
        });
        Ranked {
            id: test.to_owned(),
            title: line(name, TITLE),
            tracks: all.into_iter().map(|(track, _)| track).collect(),
            target: Target::Results { launch, filter },
        }
    }));
    out
}

/// Returns tracks in some launches, as entries that passed, failed or broke.
fn significant<'f>(tracks: &[&'f Track], launches: &HashSet<usize>) -> Vec<Vec<&'f Entry>> {
    tracks
        .iter()
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

/// By launch: the worst status that a case has there, and the results that have it.
type Worst = BTreeMap<usize, (Status, Vec<String>)>;

pub(super) fn heat(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let within_these = set(launches);
    let limit = widget.limit.unwrap_or(15) as usize;
    let mut rows: Vec<(u64, Ranked<'_>, Worst)> = Vec::new();
    for case in ranked(facts, scope, &within_these) {
        let mut worst = Worst::new();
        for track in &case.tracks {
            for entry in within(track, &within_these) {
                let (status, ids) =
                    { worst.entry(entry.launch()) }.or_insert_with(|| (entry.status, Vec::new()));
                if entry.status < *status {
                    (*status, *ids) = (entry.status, Vec::new());
                }
                if entry.status == *status {
                    ids.push(facts.id(entry.launch(), entry.outcome()));
                }
            }
        }
        if !worst.is_empty() {
            let failures = worst
                .values()
                .filter(|(status, _)| status.needs_resolution())
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
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
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
        let target = case.target.clone();
        let cell = |launch: &usize| {
            let (status, ids) = worst.get(launch)?;
            let target = Target::Results {
                launch: *launch,
                filter: Filter::status(*status).of(ids.clone()),
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
            label: case.title.clone(),
            target: target.clone(),
            cells: launches.iter().map(cell).collect(),
        });
        table.row(
            target,
            [
                case.title.clone(),
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
fn measured(entries: &[Vec<&Entry>], metric: Metric) -> Option<(f64, String, u64)> {
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
    let cases = ranked(facts, scope, &these).into_iter();
    let measured = cases.filter_map(|case| {
        let found = measured(&significant(&case.tracks, &these), metric)?;
        Some((found, case))
    });
    let mut measured: Vec<((f64, String, u64), Ranked<'_>)> = measured.collect();
    if measured.is_empty() {
        return Ok(match metric {
            Metric::FlipRate => {
                Shown::nothing(say!("widget.no-rate-yet"), say!("widget.no-rate-yet-do"))
            }
            Metric::Duration => no_results(say!("widget.no-duration")),
            _ => no_results(say!("widget.no-case-has-a-result")),
        });
    }
    let of = measured.len();
    let ascending = metric == Metric::PassRate;
    measured.sort_by(|a, b| {
        let order = a.0.0.total_cmp(&b.0.0);
        let order = if ascending { order } else { order.reverse() };
        order.then_with(|| a.1.id.cmp(&b.1.id))
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
        let (title, target) = (case.title.clone(), case.target.clone());
        table.row(target.clone(), [title.clone(), text.clone(), thousands(*n)]);
        marks.push(Mark {
            label: title,
            value: *value,
            text: text.clone(),
            tone: Tone::Plain,
            target,
        });
    }
    let ((value, text, n), case) = &measured[0];
    let (case, n) = (&case.title, *n);
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
    let mut groups: BTreeMap<Option<String>, (Rate, Vec<String>)> = BTreeMap::new();
    let mut all = Rate::default();
    for case in scope.cases(facts) {
        let mut own = Rate::default();
        let tracks: Vec<&Track> = facts.past.tracks.of_case(&case.case.id).collect();
        for entries in significant(&tracks, &these) {
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
        let mut names: Vec<Option<String>> = scope.groups(case).into_iter().map(Some).collect();
        if names.is_empty() {
            names.push(None);
        }
        for name in names {
            let (rate, ids) = groups.entry(name).or_default();
            *rate = rate.and(own);
            ids.push(case.case.id.clone());
        }
    }
    if all.of == 0 {
        return Ok(no_results(say!("widget.no-case-has-a-result")));
    }
    let mut rows: Vec<_> = groups.into_iter().collect();
    rows.sort_by(|a, b| a.1.0.compared(&b.1.0).then_with(|| a.0.cmp(&b.0)));
    let many = rows.len() as u64;
    rows.truncate(widget.limit.unwrap_or(LIMIT) as usize);
    let mut table = Table::new([
        groups::head(scope),
        numbers(say!("column.steady")),
        numbers(say!("column.tests")),
        numbers(say!("column.share")),
    ]);
    let mut marks = Vec::new();
    for (name, (rate, ids)) in &rows {
        let target = Target::Cases(ids.clone());
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
        0 => say!(
            "widget.all-steady",
            n = all.of,
            tests = counted(all.of, "test")
        ),
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
