//! Figures over days, weeks or months: results of all launches that were opened in each.

use super::facts::{Facts, Nothing, Scope};
use super::launches::{cells, no_results, statuses};
use super::shown::{
    Figure, Filter, Line, Mark, Row, Shown, Stack, Table, Target, Tone, numbers, words,
};
use super::tally::{Tally, percent};
use crate::analysis::stability::Rate;
use crate::base::Timestamp;
use crate::model::{Flag, Interval, Outcome, Widget};
use crate::site::texts::{counted, day, human_duration, month, say, thousands};

const DAY: i64 = 86_400_000;
/// Steps of the axis that are shown where the widget says nothing of days.
const STEPS: i64 = 12;
/// The most steps of an axis: more days than that are shown from the newest back.
const MOST_STEPS: usize = 400;

/// Results of one step of the axis.
struct Step {
    /// The day it begins with, or its month.
    begins: String,
    label: String,
    tally: Tally,
    /// Its launches, oldest first.
    launches: Vec<usize>,
}

impl Step {
    /// Names it, and says where it has no launch.
    fn named(&self) -> String {
        match self.launches.is_empty() {
            true => say!("widget.step-without-launch", step = &self.label),
            false => self.label.clone(),
        }
    }
}

/// Returns the number of a step on an axis without gaps.
fn step(at: Timestamp, interval: Interval) -> i64 {
    let day = at.ms().div_euclid(DAY);
    match interval {
        Interval::Day => day,
        // 1 January 1970 was a Thursday.
        Interval::Week => (day + 3).div_euclid(7),
        Interval::Month => i64::from(at.year()) * 12 + i64::from(at.month()) - 1,
    }
}

/// Returns the day with which a step begins; of a month, its name.
fn begins(number: i64, interval: Interval) -> String {
    let at = |day: i64| Timestamp::from_ms(day.saturating_mul(DAY));
    match interval {
        Interval::Day => day(at(number)),
        Interval::Week => day(at(number * 7 - 3)),
        Interval::Month => {
            let (year, of_year) = (number.div_euclid(12), number.rem_euclid(12) + 1);
            let first = Timestamp::parse(&format!("{year:04}-{of_year:02}-01T00:00:00Z"));
            first.map(month).unwrap_or_default()
        }
    }
}

fn named(number: i64, interval: Interval) -> String {
    let begins = begins(number, interval);
    match interval {
        Interval::Week => say!("widget.week-of", day = begins),
        Interval::Day | Interval::Month => begins,
    }
}

/// Counts results by steps, from the first that the widget is about to that of now. Steps without launches
/// are there too.
fn steps(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<(Vec<Step>, usize), Nothing> {
    let interval = widget.interval.unwrap_or_default();
    let end = step(facts.now, interval);
    let start = match widget.days {
        Some(days) => {
            let back = i64::try_from(days).unwrap_or_default().saturating_sub(1);
            step(Timestamp::from_ms(facts.now.ms() - back * DAY), interval)
        }
        // What was before the first launch says nothing.
        None => {
            let first = scope.launches.first();
            let first = first.map(|at| step(facts.launches[*at].about.opened.at, interval));
            (end - STEPS + 1).max(first.unwrap_or(end).min(end))
        }
    };
    let start = start.max(end - MOST_STEPS as i64 + 1);
    let mut out: Vec<Step> = (start..=end)
        .map(|number| Step {
            begins: begins(number, interval),
            label: named(number, interval),
            tally: Tally::default(),
            launches: Vec::new(),
        })
        .collect();
    let mut n = 0;
    for launch in &scope.launches {
        let number = step(facts.launches[*launch].about.opened.at, interval);
        let Some(one) = usize::try_from(number - start)
            .ok()
            .and_then(|at| out.get_mut(at))
        else {
            continue;
        };
        one.tally.merge(&scope.tally(facts, *launch)?);
        one.launches.push(*launch);
        n += 1;
    }
    Ok((out, n))
}

/// Adds the row of a step, which leads nowhere where the step has no launch.
fn add_row(facts: &Facts<'_>, table: &mut Table, step: &Step, cells: Vec<String>) {
    let has_launch = !step.launches.is_empty();
    table.rows.push(Row {
        cells,
        target: has_launch.then(|| target(facts, step)),
        counts: None,
    });
}

/// Where a step leads: to its launch, to its launches where it has several.
fn target(facts: &Facts<'_>, step: &Step) -> Target {
    match step.launches.as_slice() {
        [launch] => Target::Launch(*launch),
        launches => {
            let ids = launches.iter().map(|at| facts.launches[*at].about.id);
            Target::Launches(ids.map(str::to_owned).collect())
        }
    }
}

/// Where some results of a step lead: to them where they are of one launch.
fn list(
    facts: &Facts<'_>,
    scope: &Scope,
    step: &Step,
    filter: Filter,
    asked: impl Fn(&Outcome) -> bool,
) -> Result<Target, Nothing> {
    match step.launches.as_slice() {
        [launch] => scope.list(facts, *launch, filter, asked),
        _ => Ok(target(facts, step)),
    }
}

/// The word for a step within a sentence.
fn word(widget: &Widget) -> String {
    let interval = widget.interval.unwrap_or_default();
    say!(&format!("interval.{}", interval.as_str()))
}

/// The word for a step as the head of a column.
fn head(widget: &Widget) -> String {
    let interval = widget.interval.unwrap_or_default();
    say!(&format!("interval.head-{}", interval.as_str()))
}

pub(super) fn statistic(
    facts: &Facts<'_>,
    scope: &Scope,
    widget: &Widget,
) -> Result<Shown, Nothing> {
    let (steps, n) = steps(facts, scope, widget)?;
    if n == 0 {
        return Ok(no_results(say!("widget.no-launch-then")));
    }
    let mut all = Tally::default();
    steps.iter().for_each(|step| all.merge(&step.tally));
    if all.total() == 0 {
        return Ok(no_results(say!("widget.none-result")));
    }
    let mut table = statuses(head(widget));
    for step in &steps {
        add_row(facts, &mut table, step, cells(step.named(), &step.tally));
    }
    let stack = |step: &Step| {
        let parts = match step.launches.as_slice() {
            [launch] => scope.marks(facts, *launch, &step.tally)?,
            _ => step.tally.marks_to(|_| target(facts, step)),
        };
        Ok(Stack {
            label: step.label.clone(),
            parts,
            target: target(facts, step),
        })
    };
    let stacks: Result<Vec<Stack>, Nothing> = steps.iter().map(stack).collect();
    let finding = match all.failures() {
        0 => say!(
            "widget.none-failed",
            n = all.total(),
            results = counted(all.total(), "result")
        ),
        failures => {
            let worst = steps.iter().max_by_key(|step| step.tally.failures());
            let worst = worst.map_or("", |step| step.begins.as_str());
            let results = counted(all.total(), "result");
            match widget.interval.unwrap_or_default() {
                Interval::Day => say!(
                    "widget.most-on-day",
                    n = failures,
                    results = results,
                    day = worst
                ),
                Interval::Week => say!(
                    "widget.most-in-week",
                    n = failures,
                    results = results,
                    day = worst
                ),
                Interval::Month => say!(
                    "widget.most-in-month",
                    n = failures,
                    results = results,
                    month = worst
                ),
            }
        }
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.statistic-measure",
            launches = counted(n as u64, "launch"),
            step = word(widget),
            asked = scope.asked(),
            rate = percent(all.passes)
        ),
        figure: Figure::Stacks(stacks?),
        table,
    })
}

pub(super) fn automation(
    facts: &Facts<'_>,
    scope: &Scope,
    widget: &Widget,
) -> Result<Shown, Nothing> {
    let (steps, n) = steps(facts, scope, widget)?;
    if n == 0 {
        return Ok(no_results(say!("widget.no-launch-then")));
    }
    let mut table = Table::new([
        words(head(widget)),
        numbers(say!("column.by-machines")),
        numbers(say!("column.by-hand")),
        numbers(say!("column.machines-took")),
        numbers(say!("column.people-took")),
    ]);
    let mut all = Tally::default();
    steps.iter().for_each(|step| all.merge(&step.tally));
    if all.total() == 0 {
        return Ok(no_results(say!("widget.none-result")));
    }
    let (mut machines, mut people) = (Vec::new(), Vec::new());
    for step in &steps {
        let tally = &step.tally;
        if step.launches.is_empty() {
            // Nothing was executed because there was no launch: that is a gap, and no fall to nought.
            machines.push(None);
            people.push(None);
            let blank = std::iter::repeat_n(String::new(), 4);
            let cells = [step.named()].into_iter().chain(blank).collect();
            add_row(facts, &mut table, step, cells);
            continue;
        }
        let automated = tally.total() - tally.manual;
        let by_hand = |outcome: &Outcome| outcome.has(Flag::Manual);
        let manual = list(facts, scope, step, Filter::flag(Flag::Manual), by_hand)?;
        let not_manual = Filter {
            unflagged: Some(Flag::Manual),
            ..Filter::default()
        };
        let others = list(facts, scope, step, not_manual, |one| !by_hand(one))?;
        let mark = |n, tone, target| Some(Mark::count(step.label.clone(), n, tone, target));
        machines.push(mark(automated, Tone::Plain, others));
        people.push(mark(tally.manual, Tone::Accent, manual));
        let took = [tally.work - tally.manual_work, tally.manual_work].map(human_duration);
        let [by_machines, by_hand] = took;
        let counts = [thousands(automated), thousands(tally.manual)];
        let [n_machines, n_hand] = counts;
        let cells = vec![step.named(), n_machines, n_hand, by_machines, by_hand];
        add_row(facts, &mut table, step, cells);
    }
    let rate = Rate {
        part: all.total() - all.manual,
        of: all.total(),
    };
    let finding = match all.manual {
        0 => say!(
            "widget.all-by-machines",
            n = all.total(),
            results = counted(all.total(), "result")
        ),
        manual => say!(
            "widget.by-machines",
            rate = percent(rate),
            results = counted(all.total(), "result"),
            n = manual,
            time = human_duration(all.manual_work)
        ),
    };
    let line = |name, tone, points| Line {
        name,
        tone,
        points,
        axis: steps.iter().map(|step| step.label.clone()).collect(),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.automation-measure",
            launches = counted(n as u64, "launch"),
            step = word(widget),
            asked = scope.asked()
        ),
        figure: Figure::Lines(vec![
            line(say!("widget.line-machines"), Tone::Plain, machines),
            line(say!("widget.line-hand"), Tone::Accent, people),
        ]),
        table,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_begin_where_calendars_have_them() {
        let at = |text| Timestamp::parse(text).expect("a time");
        for (interval, time, label) in [
            (Interval::Day, "2026-11-22T23:59:59Z", "22 Nov 2026"),
            (
                Interval::Week,
                "2026-11-22T23:59:59Z",
                "week of 16 Nov 2026",
            ),
            (
                Interval::Week,
                "2026-11-23T00:00:00Z",
                "week of 23 Nov 2026",
            ),
            (Interval::Month, "2026-12-31T23:00:00Z", "Dec 2026"),
            (Interval::Month, "2027-01-01T00:00:00Z", "Jan 2027"),
            (
                Interval::Week,
                "1970-01-01T00:00:00Z",
                "week of 29 Dec 1969",
            ),
            (Interval::Month, "1969-12-31T00:00:00Z", "Dec 1969"),
        ] {
            assert_eq!(named(step(at(time), interval), interval), label, "{time}");
        }
    }
}
