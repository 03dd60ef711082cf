//! Figures over launches: one column, point or row a launch.

use super::facts::{Facts, Nothing, Scope};
use super::shown::{
    Figure, Filter, Line, Mark, Row, Shown, Stack, Table, Target, Tone, numbers, words,
};
use super::tally::{ORDER, Tally, percent};
use crate::analysis::stability::Rate;
use crate::analysis::verdict::is_judged;
use crate::base::text::slug;
use crate::model::{Flag, Metric, Outcome, Status, Widget};
use crate::site::texts::{counted as amount, decimal, human_duration, say, thousands};

/// Launches that are shown where the widget says nothing.
const LAST: u64 = 20;
const LISTED: u64 = 8;

/// A launch and what was counted in it.
pub(super) type Counted = (usize, Tally);

pub(super) fn counted(
    facts: &Facts<'_>,
    scope: &Scope,
    launches: &[usize],
) -> Result<Vec<Counted>, Nothing> {
    let each = launches
        .iter()
        .map(|launch| Ok((*launch, scope.tally(facts, *launch)?)));
    each.collect()
}

/// Returns whether anything was counted.
fn has_results(counted: &[Counted]) -> bool {
    counted.iter().any(|(_, tally)| tally.total() > 0)
}

/// Returns a table of statuses: `first` is the head of its first column.
pub(super) fn statuses(first: String) -> Table {
    Table::new([
        words(first),
        numbers(say!("column.failed")),
        numbers(say!("column.broken")),
        numbers(say!("column.unknown")),
        numbers(say!("column.in-progress")),
        numbers(say!("column.skipped")),
        numbers(say!("column.passed")),
        numbers(say!("column.results")),
    ])
}

/// Returns the cells of a row of statuses.
pub(super) fn cells(name: String, tally: &Tally) -> Vec<String> {
    let counts = ORDER.iter().map(|status| thousands(tally.of(*status)));
    let total = thousands(tally.total());
    [name].into_iter().chain(counts).chain([total]).collect()
}

pub(super) fn list(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LISTED);
    let counted = counted(facts, scope, launches)?;
    let mut table = Table::new([
        words(say!("column.launch")),
        words(say!("column.opened")),
        numbers(say!("column.unresolved")),
        numbers(say!("column.failed")),
        numbers(say!("column.broken")),
        numbers(say!("column.results")),
        numbers(say!("metric.pass-rate")),
    ]);
    for (launch, tally) in counted.iter().rev() {
        let one = &facts.launches[*launch];
        table.rows.push(Row {
            cells: vec![
                one.name(),
                one.day(),
                thousands(tally.unresolved),
                thousands(tally.of(Status::Failed)),
                thousands(tally.of(Status::Broken)),
                thousands(tally.total()),
                percent(tally.passes),
            ],
            target: Some(Target::Launch(*launch)),
            counts: Some(*tally),
        });
    }
    let clean = counted
        .iter()
        .filter(|(_, tally)| tally.unresolved == 0)
        .count();
    let finding = match (clean, counted.len()) {
        _ if !has_results(&counted) => {
            say!("widget.no-result", launches = scope.in_last(launches.len()))
        }
        (1, 1) => say!("widget.only-launch-clean"),
        (_, 1) => say!("widget.only-launch-unresolved"),
        (n, of) if n == of => say!("widget.all-clean", n = of),
        (0, of) => say!("widget.none-clean", n = of),
        (n, of) => say!("widget.some-unresolved", n = of - n, all = of),
    };
    Ok(Shown {
        finding,
        measure: scope.newest_first(launches.len()),
        figure: Figure::List,
        table,
    })
}

pub(super) fn latest(facts: &Facts<'_>, scope: &Scope) -> Result<Shown, Nothing> {
    let launch = scope.latest().unwrap_or_default();
    let tally = scope.tally(facts, launch)?;
    let name = facts.launches[launch].name();
    if tally.total() == 0 {
        return Ok(no_results(say!("widget.no-result-of", launch = name)));
    }
    let mut table = Table::new([
        words(say!("column.status")),
        numbers(say!("column.results")),
        numbers(say!("column.share")),
    ]);
    let marks = scope.marks(facts, launch, &tally)?;
    for mark in &marks {
        let share = percent(Rate {
            part: mark.value as u64,
            of: tally.total(),
        });
        table.row(
            mark.target.clone(),
            [mark.label.clone(), mark.text.clone(), share],
        );
    }
    let total = tally.total();
    let finding = match (tally.failures(), tally.of(Status::Passed)) {
        (0, 0) => say!("widget.nothing-judged", launch = name),
        (0, passed) if passed == total => say!("widget.all-passed", n = total, launch = name),
        (0, passed) => say!("widget.no-failure", n = passed, all = total, launch = name),
        (n, _) => say!(
            "widget.did-not-pass",
            n = n,
            results = amount(total, "result"),
            launch = name
        ),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.results-of",
            results = amount(total, "result"),
            launch = facts.launches[launch].named(),
            asked = scope.asked()
        ),
        figure: Figure::Donut(marks),
        table,
    })
}

pub(super) fn trend(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let counted = counted(facts, scope, launches)?;
    let mut table = statuses(say!("column.launch"));
    let stack = |(launch, tally): &Counted| {
        Ok(Stack {
            label: facts.launches[*launch].named(),
            parts: scope.marks(facts, *launch, tally)?,
            target: Target::Launch(*launch),
        })
    };
    let stacks: Result<Vec<Stack>, Nothing> = counted.iter().map(stack).collect();
    for (launch, tally) in &counted {
        table.row(
            Target::Launch(*launch),
            cells(facts.launches[*launch].named(), tally),
        );
    }
    let rates: Vec<(String, Rate)> = counted
        .iter()
        .map(|(launch, tally)| (facts.launches[*launch].name(), tally.passes))
        .collect();
    Ok(Shown {
        finding: moved(&rates),
        measure: say!(
            "widget.trend-measure",
            launches = scope.in_last(launches.len()),
            asked = scope.asked()
        ),
        figure: Figure::Stacks(stacks?),
        table,
    })
}

/// Says how the pass rate moved with the last launch.
fn moved(rates: &[(String, Rate)]) -> String {
    let said: Vec<&(String, Rate)> = rates.iter().filter(|(_, rate)| rate.of > 0).collect();
    match &said[..] {
        [] => say!("widget.rate-none"),
        [(name, rate)] => say!("widget.rate-is", now = percent(*rate), launch = name),
        [.., (_, before), (name, now)] => {
            let (was, is) = (percent(*before), percent(*now));
            // Shares are held against each other as they are, not as they are written.
            let order = (u128::from(now.part) * u128::from(before.of))
                .cmp(&(u128::from(before.part) * u128::from(now.of)));
            match order {
                std::cmp::Ordering::Equal => {
                    let same = said
                        .iter()
                        .rev()
                        .take_while(|(_, r)| r.compared(now).is_eq());
                    let launches = amount(same.count() as u64, "launch");
                    say!("widget.rate-stays", now = is, launches = launches)
                }
                std::cmp::Ordering::Less => {
                    say!("widget.rate-fell", before = was, now = is, launch = name)
                }
                std::cmp::Ordering::Greater => {
                    say!("widget.rate-rose", before = was, now = is, launch = name)
                }
            }
        }
    }
}

pub(super) fn mutes(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let counted = counted(facts, scope, launches)?;
    if !has_results(&counted) {
        return Ok(no_results(say!("widget.none-result")));
    }
    let mut points = Vec::new();
    for (launch, tally) in &counted {
        let asked = |outcome: &Outcome| outcome.has(Flag::Muted);
        let target = scope.list(facts, *launch, Filter::flag(Flag::Muted), asked)?;
        let name = facts.launches[*launch].named();
        points.push(Some(Mark::count(name, tally.muted, Tone::Accent, target)));
    }
    let line = Line {
        name: say!("flag.muted"),
        tone: Tone::Accent,
        points,
        ..Line::default()
    };
    let mut table = Table::new([
        words(say!("column.launch")),
        numbers(say!("metric.muted")),
        numbers(say!("column.results")),
    ]);
    for (launch, tally) in &counted {
        let name = facts.launches[*launch].named();
        let numbers = [name, thousands(tally.muted), thousands(tally.total())];
        table.row(Target::Launch(*launch), numbers);
    }
    let first = counted.first().map_or(0, |(_, tally)| tally.muted);
    let (muted, of) = counted.last().map_or((0, 0), |(_, t)| (t.muted, t.total()));
    let since = counted
        .first()
        .map_or(String::new(), |(l, _)| facts.launches[*l].name());
    let n = counted.len();
    let finding = if counted.iter().all(|(_, tally)| tally.muted == 0) {
        say!("widget.none-muted", launches = scope.in_last(n))
    } else {
        let said = say!("widget.muted", n = muted, results = amount(of, "result"));
        match muted.cmp(&first) {
            _ if n == 1 => said,
            std::cmp::Ordering::Equal => say!("widget.muted-as", said = said, launch = since),
            std::cmp::Ordering::Less => say!(
                "widget.muted-fewer",
                said = said,
                n = first - muted,
                launch = since
            ),
            std::cmp::Ordering::Greater => say!(
                "widget.muted-more",
                said = said,
                n = muted - first,
                launch = since
            ),
        }
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.muted-measure",
            launches = scope.in_last(n),
            asked = scope.asked()
        ),
        figure: Figure::Lines(vec![line]),
        table,
    })
}

pub(super) fn durations(
    facts: &Facts<'_>,
    scope: &Scope,
    widget: &Widget,
) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let counted = counted(facts, scope, launches)?;
    if !has_results(&counted) {
        return Ok(no_results(say!("widget.none-result")));
    }
    let mut table = Table::new([
        words(say!("column.launch")),
        numbers(say!("column.took")),
        numbers(say!("column.results-added-up")),
        numbers(say!("column.side-by-side")),
    ]);
    let (mut wall, mut work) = (Vec::new(), Vec::new());
    for (launch, tally) in &counted {
        let name = facts.launches[*launch].named();
        let target = Target::Launch(*launch);
        let point = |ms: u64| Mark {
            label: name.clone(),
            value: ms as f64,
            text: human_duration(ms),
            tone: Tone::Plain,
            target: target.clone(),
        };
        let took = tally.wall();
        wall.push(took.map(|ms| Mark {
            tone: Tone::Accent,
            ..point(ms)
        }));
        work.push((tally.work > 0).then(|| point(tally.work)));
        let side = match took {
            Some(ms) if ms > 0 => decimal(&format!("{:.1}", tally.work as f64 / ms as f64)),
            _ => String::new(),
        };
        let took = took.map_or(String::new(), human_duration);
        table.row(target, [name, took, human_duration(tally.work), side]);
    }
    let known: Vec<&Counted> = counted.iter().filter(|(_, t)| t.wall().is_some()).collect();
    let Some((last, tally)) = known.last() else {
        return Ok(Shown::nothing(
            say!("widget.no-start"),
            say!("widget.no-start-do"),
        ));
    };
    let took = tally.wall().unwrap_or(0);
    let name = facts.launches[*last].name();
    let mut all: Vec<u64> = known.iter().filter_map(|(_, tally)| tally.wall()).collect();
    all.sort_unstable();
    let middle = all[all.len() / 2];
    let finding = match all.len() {
        1 => say!("widget.took", launch = name, time = human_duration(took)),
        n => say!(
            "widget.took-of",
            launch = name,
            time = human_duration(took),
            n = n,
            middle = human_duration(middle)
        ),
    };
    let line = |name, tone, points| Line {
        name,
        tone,
        points,
        ..Line::default()
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.took-measure",
            launches = scope.in_last(launches.len()),
            asked = scope.asked()
        ),
        figure: Figure::Lines(vec![
            line(say!("widget.line-took"), Tone::Accent, wall),
            line(say!("widget.line-added-up"), Tone::Plain, work),
        ]),
        table,
    })
}

/// Returns a metric of a launch: a number and its text; none where there is nothing to tell.
fn measured(
    facts: &Facts<'_>,
    scope: &Scope,
    (launch, tally): &Counted,
    metric: Metric,
) -> Result<Option<(f64, String)>, Nothing> {
    let number = |n: u64| Some((n as f64, thousands(n)));
    let share = |rate: Rate| Some((rate.value()? * 100.0, percent(rate)));
    Ok(match metric {
        Metric::PassRate => share(tally.passes),
        Metric::FlipRate => share(super::history::flips(facts, scope, *launch)?),
        Metric::Passed => number(tally.of(Status::Passed)),
        Metric::Failed => number(tally.of(Status::Failed)),
        Metric::Broken => number(tally.of(Status::Broken)),
        Metric::Skipped => number(tally.of(Status::Skipped)),
        Metric::Unknown => number(tally.of(Status::Unknown)),
        Metric::Unresolved => number(tally.unresolved),
        Metric::Muted => number(tally.muted),
        Metric::Flaky => number(tally.flaky),
        Metric::Retries => number(tally.retries),
        Metric::Total => number(tally.total()),
        Metric::Duration => tally.wall().map(|ms| (ms as f64, human_duration(ms))),
    })
}

/// Which results of a launch a metric is made of, as their page can be asked.
fn filter(metric: Metric) -> Filter {
    let (status, flag) = (Filter::status, Filter::flag);
    match metric {
        Metric::PassRate => Filter {
            statuses: vec![Status::Failed, Status::Broken, Status::Passed],
            unflagged: Some(Flag::Muted),
            ..Filter::default()
        },
        Metric::Retries => flag(Flag::Retried),
        Metric::Passed => status(Status::Passed),
        Metric::Failed => status(Status::Failed),
        Metric::Broken => status(Status::Broken),
        Metric::Skipped => status(Status::Skipped),
        Metric::Unknown => status(Status::Unknown),
        Metric::Muted => flag(Flag::Muted),
        Metric::Flaky => flag(Flag::Flaky),
        Metric::Unresolved => Filter {
            unresolved: true,
            ..Filter::default()
        },
        _ => Filter::default(),
    }
}

/// Whether a result is one of those that a metric is made of.
fn counts(metric: Metric, outcome: &Outcome) -> bool {
    match metric {
        Metric::PassRate => is_judged(outcome),
        Metric::Retries => !outcome.retries.is_empty(),
        Metric::Passed => outcome.status == Status::Passed,
        Metric::Failed => outcome.status == Status::Failed,
        Metric::Broken => outcome.status == Status::Broken,
        Metric::Skipped => outcome.status == Status::Skipped,
        Metric::Unknown => outcome.status == Status::Unknown,
        Metric::Unresolved => outcome.is_unresolved(),
        Metric::Muted => outcome.has(Flag::Muted),
        Metric::Flaky => outcome.has(Flag::Flaky),
        Metric::Total | Metric::Duration | Metric::FlipRate => true,
    }
}

pub(super) fn metric(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let metric = widget.metric.unwrap_or_default();
    let launches = scope.newest(widget, LAST);
    let counted = counted(facts, scope, launches)?;
    let named = slug(metric.as_str(), 40);
    let what = say!(&format!("metric.{named}"));
    let mut table = Table::new([
        words(say!("column.launch")),
        numbers(what.clone()),
        numbers(say!("column.results")),
    ]);
    let mut points = Vec::new();
    for one in &counted {
        let (launch, tally) = one;
        let name = facts.launches[*launch].named();
        let asked = |outcome: &Outcome| counts(metric, outcome);
        let target = scope.list(facts, *launch, filter(metric), asked)?;
        let found = measured(facts, scope, one, metric)?;
        let text = found
            .as_ref()
            .map_or(String::new(), |(_, text)| text.clone());
        table.row(
            target.clone(),
            [name.clone(), text, thousands(tally.total())],
        );
        points.push(found.map(|(value, text)| Mark {
            label: name,
            value,
            text,
            tone: Tone::Accent,
            target,
        }));
    }
    let known: Vec<&Mark> = points.iter().flatten().collect();
    let finding = match &known[..] {
        [] => say!(
            "widget.metric-none",
            what = &what,
            launches = scope.in_last(launches.len())
        ),
        [only] => say!(
            "widget.metric-is",
            what = &what,
            value = &only.text,
            launch = &only.label
        ),
        [.., before, last] if before.text == last.text => say!(
            "widget.metric-same",
            what = &what,
            value = &last.text,
            launch = &last.label
        ),
        [.., before, last] if last.value > before.value => say!(
            "widget.metric-up",
            what = &what,
            value = &last.text,
            launch = &last.label,
            before = &before.text
        ),
        [.., before, last] => say!(
            "widget.metric-down",
            what = &what,
            value = &last.text,
            launch = &last.label,
            before = &before.text
        ),
    };
    let measure = say!(
        "widget.metric-measure",
        what = what,
        launches = scope.in_last(launches.len()),
        asked = scope.asked()
    );
    let line = Line {
        name: say!(&format!("line.{named}")),
        tone: Tone::Accent,
        points,
        ..Line::default()
    };
    Ok(Shown {
        finding,
        measure: match metric {
            Metric::Retries => say!("widget.retries-measure", measure = measure),
            _ => measure,
        },
        figure: Figure::Lines(vec![line]),
        table,
    })
}

/// Says that nothing was counted.
pub(super) fn no_results(reason: String) -> Shown {
    Shown::nothing(reason, say!("widget.widen"))
}
