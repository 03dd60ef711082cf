//! Figures over launches: one column, point or row a launch.

use super::super::stability::Rate;
use super::facts::{Facts, Nothing, Scope};
use super::shown::{Figure, Filter, Line, Mark, Row, Shown, Stack, Table, Target, Tone};
use super::tally::{ORDER, Tally, percent};
use crate::base::text::{count, thousands};
use crate::base::time::human_duration;
use crate::model::{Flag, Metric, Status, Widget};

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

/// The columns of a table of statuses.
pub(super) const STATUSES: [&str; 8] = [
    "Launch",
    "#Failed",
    "#Broken",
    "#Unknown",
    "#In progress",
    "#Skipped",
    "#Passed",
    "#Results",
];

/// Returns the cells of a row of statuses.
pub(super) fn cells(name: String, tally: &Tally) -> Vec<String> {
    let counts = ORDER.iter().map(|status| thousands(tally.of(*status)));
    let total = thousands(tally.total());
    [name].into_iter().chain(counts).chain([total]).collect()
}

pub(super) fn list(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LISTED);
    let counted = counted(facts, scope, launches)?;
    let mut table = Table::new(&[
        "Launch",
        "Opened",
        "#Unresolved",
        "#Failed",
        "#Results",
        "#Passed",
    ]);
    for (launch, tally) in counted.iter().rev() {
        let one = &facts.launches[*launch];
        table.rows.push(Row {
            cells: vec![
                one.name(),
                one.day(),
                thousands(tally.unresolved),
                thousands(tally.failures()),
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
        _ if counted.iter().all(|(_, tally)| tally.total() == 0) => {
            format!("No result in {}", scope.last(launches.len()))
        }
        (1, 1) => "The only launch has nothing unresolved".to_owned(),
        (_, 1) => "The only launch has unresolved failures".to_owned(),
        (n, of) if n == of => format!("Nothing unresolved in the last {of} launches"),
        (0, of) => format!("Each of the last {of} launches has unresolved failures"),
        (n, of) => {
            let verb = if of - n == 1 { "has" } else { "have" };
            format!(
                "{} of the last {of} launches {verb} unresolved failures",
                of - n
            )
        }
    };
    Ok(Shown {
        finding,
        measure: format!("{}, newest first", capital(&scope.last(launches.len()))),
        figure: Figure::List,
        table,
    })
}

pub(super) fn latest(facts: &Facts<'_>, scope: &Scope) -> Result<Shown, Nothing> {
    let launch = scope.latest().unwrap_or_default();
    let tally = scope.tally(facts, launch)?;
    let name = facts.launches[launch].name();
    if tally.total() == 0 {
        return Ok(no_results(&format!("No result of {name} fits")));
    }
    let mut table = Table::new(&["Status", "#Results", "#Share"]);
    for mark in tally.marks(launch) {
        let share = percent(Rate {
            part: mark.value as u64,
            of: tally.total(),
        });
        table.row(
            mark.target.clone(),
            [mark.label.clone(), mark.text.clone(), share],
        );
    }
    let total = thousands(tally.total());
    let finding = match (tally.failures(), tally.of(Status::Passed)) {
        (0, 0) => format!("Nothing passed or failed in {name}"),
        (0, passed) if passed == tally.total() => format!("All {total} passed in {name}"),
        (0, passed) => format!(
            "No failure in {name}, {} of {total} passed",
            thousands(passed)
        ),
        (n, _) => format!("{} of {total} did not pass in {name}", thousands(n)),
    };
    Ok(Shown {
        finding,
        measure: format!(
            "{} of {}{}",
            count(tally.total(), "result"),
            facts.launches[launch].named(),
            scope.asked()
        ),
        figure: Figure::Donut(tally.marks(launch)),
        table,
    })
}

pub(super) fn trend(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let counted = counted(facts, scope, launches)?;
    let mut table = Table::new(&STATUSES);
    let stack = |(launch, tally): &Counted| Stack {
        label: facts.launches[*launch].named(),
        parts: tally.marks(*launch),
        target: Target::Launch(*launch),
    };
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
        finding: moved("Pass rate", &rates),
        measure: format!(
            "Results by status in {}, overridden ones apart{}; the pass rate is of those that passed, failed or broke, muted ones left out",
            scope.last(launches.len()),
            scope.asked()
        ),
        figure: Figure::Stacks(counted.iter().map(stack).collect()),
        table,
    })
}

/// Says how a share moved with the last launch.
pub(super) fn moved(what: &str, rates: &[(String, Rate)]) -> String {
    let said: Vec<&(String, Rate)> = rates.iter().filter(|(_, rate)| rate.of > 0).collect();
    match &said[..] {
        [] => format!("{what}: nothing passed or failed yet"),
        [(name, rate)] => format!("{what} is {} in {name}", percent(*rate)),
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
                    format!(
                        "{what} stays at {is} over {}",
                        count(same.count() as u64, "launch")
                    )
                }
                std::cmp::Ordering::Less => format!("{what} fell from {was} to {is} with {name}"),
                std::cmp::Ordering::Greater => {
                    format!("{what} rose from {was} to {is} with {name}")
                }
            }
        }
    }
}

pub(super) fn mutes(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let counted = counted(facts, scope, launches)?;
    let points = counted.iter().map(|(launch, tally)| {
        let filter = Filter {
            flag: Some(Flag::Muted),
            ..Filter::default()
        };
        let target = Target::Results {
            launch: *launch,
            filter,
        };
        Some(Mark::count(
            facts.launches[*launch].named(),
            tally.muted,
            Tone::Accent,
            target,
        ))
    });
    let line = Line {
        name: "muted".to_owned(),
        tone: Tone::Accent,
        points: points.collect(),
    };
    let mut table = Table::new(&["Launch", "#Muted", "#Results"]);
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
        format!("No result was muted in {}", scope.last(n))
    } else {
        let results = format!("{} of {} muted", thousands(muted), count(of, "result"));
        match muted.cmp(&first) {
            _ if n == 1 => results,
            std::cmp::Ordering::Equal => format!("{results}, as in {since}"),
            std::cmp::Ordering::Less => format!(
                "{results}, {} fewer than in {since}",
                thousands(first - muted)
            ),
            std::cmp::Ordering::Greater => format!(
                "{results}, {} more than in {since}",
                thousands(muted - first)
            ),
        }
    };
    Ok(Shown {
        finding,
        measure: format!("Muted results in {}{}", scope.last(n), scope.asked()),
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
    let mut table = Table::new(&["Launch", "#Took", "#Results added up", "#Side by side"]);
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
            Some(ms) if ms > 0 => format!("{:.1}", tally.work as f64 / ms as f64),
            _ => String::new(),
        };
        let took = took.map_or(String::new(), human_duration);
        table.row(target, [name, took, human_duration(tally.work), side]);
    }
    let known: Vec<&Counted> = counted.iter().filter(|(_, t)| t.wall().is_some()).collect();
    let Some((last, tally)) = known.last() else {
        let todo = "append results in a format that gives times, such as Allure results";
        return Ok(Shown::nothing("No result says when it started", todo));
    };
    let took = tally.wall().unwrap_or(0);
    let name = facts.launches[*last].name();
    let mut all: Vec<u64> = known.iter().filter_map(|(_, tally)| tally.wall()).collect();
    all.sort_unstable();
    let middle = all[all.len() / 2];
    let finding = match all.len() {
        1 => format!("{name} took {}", human_duration(took)),
        n => format!(
            "{name} took {}; half of {n} launches took at most {}",
            human_duration(took),
            human_duration(middle)
        ),
    };
    let line = |name: &str, tone, points| Line {
        name: name.to_owned(),
        tone,
        points,
    };
    Ok(Shown {
        finding,
        measure: format!(
            "From the first start to the last end, and all results added up, in {}{}",
            scope.last(launches.len()),
            scope.asked()
        ),
        figure: Figure::Lines(vec![
            line("took", Tone::Accent, wall),
            line("added up", Tone::Plain, work),
        ]),
        table,
    })
}

/// Returns a metric of a launch: a number and its text; none where there is nothing to tell.
fn measured(
    facts: &Facts<'_>,
    launch: usize,
    tally: &Tally,
    metric: Metric,
) -> Option<(f64, String)> {
    let number = |n: u64| Some((n as f64, thousands(n)));
    match metric {
        Metric::PassRate => Some((tally.passes.value()? * 100.0, percent(tally.passes))),
        Metric::FlipRate => {
            let flips = super::history::flips(facts, launch);
            Some((flips.value()? * 100.0, percent(flips)))
        }
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
    }
}

fn filter(metric: Metric) -> Filter {
    let status = |status| Filter::status(status);
    let flag = |flag| Filter {
        flag: Some(flag),
        ..Filter::default()
    };
    match metric {
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

/// Names a metric in a sentence.
pub(super) fn called(metric: Metric) -> String {
    match metric {
        Metric::Total => "results".to_owned(),
        other => other.as_str().replace('_', " "),
    }
}

pub(super) fn metric(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let metric = widget.metric.unwrap_or_default();
    let launches = scope.newest(widget, LAST);
    let counted = counted(facts, scope, launches)?;
    let word = called(metric);
    let mut table = Table::new(&["Launch", &format!("#{}", capital(&word)), "#Results"]);
    let mut points = Vec::new();
    for (launch, tally) in &counted {
        let name = facts.launches[*launch].named();
        let target = Target::Results {
            launch: *launch,
            filter: filter(metric),
        };
        let found = measured(facts, *launch, tally, metric);
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
    let what = capital(&word);
    let finding = match &known[..] {
        [] => format!(
            "{what}: nothing to measure in {}",
            scope.last(launches.len())
        ),
        [only] => format!("{what}: {} in {}", only.text, only.label),
        [.., before, last] if before.text == last.text => format!(
            "{what}: {} in {}, as in the launch before",
            last.text, last.label
        ),
        [.., before, last] => {
            let verb = if last.value > before.value {
                "up"
            } else {
                "down"
            };
            format!(
                "{what}: {} in {}, {verb} from {}",
                last.text, last.label, before.text
            )
        }
    };
    let line = Line {
        name: word,
        tone: Tone::Accent,
        points,
    };
    Ok(Shown {
        finding,
        measure: format!(
            "{what} by launch, in {}{}",
            scope.last(launches.len()),
            scope.asked()
        ),
        figure: Figure::Lines(vec![line]),
        table,
    })
}

/// Says that nothing was counted.
pub(super) fn no_results(reason: &str) -> Shown {
    Shown::nothing(
        reason,
        "widen the widget's query, or wait for a launch that has some",
    )
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}
