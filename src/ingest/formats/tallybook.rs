//! Tallybook's own JSON Lines: results as `tallybook export jsonl` writes them, `export-1`.
//!
//! A line is a result with all its executions, oldest first, as rows keep them. What a launch says of itself
//! stays outside: who appends says the job, and variables are the launch's where all lines agree. Where lines of
//! one test don't, what differs is a parameter, as in exports of formats that tell one run.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, parameter};
use crate::ingest::json::{list, string, text};
use crate::ingest::junit::key_of;
use crate::ingest::lines::{self, Line};
use crate::ingest::notes::{self, Kind};
use crate::ingest::{Part, Row, own};
use crate::model::{Attachment, Details, Environment, Status, Step, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "tallybook",
    element: "result",
    read,
};

/// What the key that begins a line says of this version.
const VERSION: &str = "export-1";
/// How a line begins, whatever its version.
const MARK: &str = "{\"tallybook\":\"export-";

const MADE_APART: Kind = (
    "result",
    "of one test in several environments or jobs told apart by parameters",
);

/// What a row may hold.
const ROW: [&str; 32] = [
    "id",
    "uuid",
    "digest",
    "name",
    "full_name",
    "test_case_id",
    "ids",
    "execution",
    "status",
    "start",
    "duration",
    "attempt",
    "occurrence",
    "title_path",
    "labels",
    "parameters",
    "links",
    "message",
    "trace",
    "expected",
    "actual",
    "flaky",
    "known",
    "muted",
    "description",
    "description_html",
    "attachments",
    "properties",
    "file",
    "line",
    "start_assumed",
    "salvaged",
];
/// The last of them.
const SYNTHETIC: &str = "synthetic";
const DETAILS: [&str; 6] = ["id", "before", "steps", "after", "stdout", "stderr"];

/// Whether a line begins as ours do; a long one may be cut.
pub(in crate::ingest) fn begins(line: &str) -> bool {
    line.starts_with(MARK)
}

/// Whether a whole line is a result of ours, of whatever version.
pub(in crate::ingest) fn is_result(line: &Value) -> bool {
    is_ours(line) && line.get("executions").is_some()
}

/// Whether a whole line is a case, which no results are.
pub(in crate::ingest) fn is_case(line: &Value) -> bool {
    is_ours(line) && line.get("executions").is_none() && line.get("text").is_some()
}

fn is_ours(line: &Value) -> bool {
    text(&line["tallybook"]).starts_with("export-")
}

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let mut apart = survey(gather)?;
    apart.say_shared(gather);
    let seen = lines::each(gather, |gather, line| {
        if let Line::Event(event) = lines::event(line)
            && let Ok(rows) = rows(gather, &event)
        {
            hand_over(gather, &mut apart, &event, rows)?;
        }
        Ok(())
    })?;
    gather.notes.add_many(MADE_APART, apart.made, "");
    lines::settle(gather, seen);
    Ok(())
}

/// Counts the lines that hold something, and says of the first that is no result what is wrong with it.
fn survey(gather: &mut Gather<'_>) -> Result<Apart, Stop> {
    let mut apart = Apart::default();
    let mut number = 0_u64;
    let mut problem: Option<String> = None;
    lines::each(gather, |gather, line| {
        number += 1;
        if line.trim().is_empty() {
            return Ok(());
        }
        gather.elements += 1;
        let wrong = match lines::event(line) {
            Line::Event(event) => match rows(gather, &event) {
                Ok(rows) => {
                    apart.see(&event, &rows);
                    return Ok(());
                }
                Err(wrong) => wrong,
            },
            Line::Text | Line::Damaged => "is no valid JSON, or cut".to_owned(),
        };
        problem.get_or_insert_with(|| format!("line {number} {wrong}"));
        Ok(())
    })?;
    // What was noted while rows were looked at is noted again when they are read.
    gather.notes = notes::Notes::default();
    if let Some(problem) = problem {
        gather.fault(problem);
    }
    Ok(apart)
}

/// Makes the rows of a line, the deciding one last; says what is wrong with one that has none.
fn rows(gather: &mut Gather<'_>, event: &Value) -> Result<Vec<Row>, String> {
    let version = text(&event["tallybook"]);
    if version != VERSION {
        return Err(match version.starts_with("export-") {
            true => format!("is of `{version}`, which this version does not read"),
            false => "is no result of an export".to_owned(),
        });
    }
    if is_case(event) {
        return Err("is a case, not a result: `tallybook export jsonl --of results`".to_owned());
    }
    let executions = list(&event["executions"]);
    if executions.is_empty() {
        return Err("names no execution".to_owned());
    }
    let n = executions.len();
    let rows = executions.iter().enumerate().map(|(at, one)| {
        let mut row = row(gather, one)?;
        if at + 1 < n {
            row.part = Part::Retry;
        }
        Ok(row)
    });
    let mut rows: Vec<Row> = rows.collect::<Result<_, String>>()?;
    number(&mut rows);
    Ok(rows)
}

/// Numbers attempts that nothing else puts in order.
fn number(rows: &mut [Row]) {
    let is_told = |pair: &[Row]| {
        let [a, b] = [&pair[0].result, &pair[1].result];
        a.attempt.is_some() && a.attempt < b.attempt
            || a.attempt == b.attempt && a.start.is_some() && a.start < b.start
    };
    if !rows.windows(2).all(is_told) {
        for (row, n) in rows.iter_mut().zip(1..) {
            row.result.attempt = Some(n);
        }
    }
}

fn row(gather: &mut Gather<'_>, execution: &Value) -> Result<Row, String> {
    let mut result = execution["result"].clone();
    for key in result.as_object().into_iter().flat_map(|map| map.keys()) {
        if !ROW.contains(&key.as_str()) && key != SYNTHETIC {
            gather.notes.add(notes::UNKNOWN_FIELD, key);
        }
    }
    let word = text(&result["status"]);
    // What was planned has no status; a report has no other word for it.
    if Status::parse(word).is_none_or(|status| status == Status::InProgress) {
        if word != Status::InProgress.as_str() {
            gather.notes.add(notes::UNKNOWN_STATUS, word);
        }
        result["status"] = Value::from(Status::Unknown.as_str());
    }
    let result: TestResult =
        serde_json::from_value(result).map_err(|error| format!("can't be read: {error}"))?;
    let mut result = own::checked(result).ok_or("names no test")?;
    result.id.clear();
    let is_short =
        |digest: &String| digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    result.digest = result.digest.take().filter(is_short);
    let details = &execution["details"];
    gather.unknown(details, &DETAILS);
    let mut details: Details = match details {
        Value::Null => Details::default(),
        told => serde_json::from_value(told.clone())
            .map_err(|error| format!("can't be read: {error}"))?,
    };
    details.id.clear();
    for steps in [&mut details.before, &mut details.steps, &mut details.after] {
        steps.iter_mut().for_each(own::check_step);
    }
    Ok(Row {
        result,
        details,
        ..Row::default()
    })
}

fn hand_over(
    gather: &mut Gather<'_>,
    apart: &mut Apart,
    event: &Value,
    mut rows: Vec<Row>,
) -> Result<(), Stop> {
    apart.tell(event, &mut rows);
    for mut row in rows {
        let status = row.result.status;
        attach(gather, status, &mut row.result.attachments);
        for steps in [
            &mut row.details.before,
            &mut row.details.steps,
            &mut row.details.after,
        ] {
            steps
                .iter_mut()
                .for_each(|step| attach_of(gather, status, step));
        }
        let is_retry = row.part == Part::Retry;
        gather.numbered(row)?;
        if is_retry {
            gather.counts.read -= 1;
            gather.counts.retries += 1;
        }
    }
    Ok(())
}

fn attach_of(gather: &mut Gather<'_>, status: Status, step: &mut Step) {
    attach(gather, status, &mut step.attachments);
    let steps = step.steps.iter_mut();
    steps.for_each(|step| attach_of(gather, status, step));
}

/// Takes the bytes of attachments from files beside the lines that are called as the launch keeps them.
fn attach(gather: &mut Gather<'_>, status: Status, attachments: &mut [Attachment]) {
    for one in attachments {
        let Some(file) = one.file.take() else {
            let known = |why: &String| matches!(why.as_str(), "refused" | "not kept");
            let why = one.absent.take().filter(known);
            one.absent = Some(why.unwrap_or_else(|| "missing".to_owned()));
            continue;
        };
        let (name, kind) = (one.name.as_str(), one.media_type.as_str());
        let kind = Some(kind).filter(|kind| !kind.is_empty());
        match gather.keeper.take(status, Some(name), kind, &file) {
            Ok(kept) if kept.file.is_some() => *one = kept,
            Ok(kept) => one.absent = kept.absent,
            Err(_) => one.absent = Some("missing".to_owned()),
        }
    }
}

/// What tells results of one test apart that ran in several environments or jobs.
#[derive(Debug, Default)]
struct Apart {
    /// Jobs with environments, each once.
    places: Vec<(String, Environment)>,
    /// Of each test, where it ran: places among them.
    tests: HashMap<u64, Vec<usize>>,
    /// Tests that rows were made of, with their numbers among those of one name.
    taken: HashSet<(u64, u32)>,
    /// Results that got parameters.
    made: u64,
}

impl Apart {
    fn see(&mut self, event: &Value, rows: &[Row]) {
        let Some(last) = rows.last() else { return };
        let own = place(event);
        let at = self.places.iter().position(|place| *place == own);
        let at = at.unwrap_or_else(|| {
            self.places.push(own);
            self.places.len() - 1
        });
        self.tests.entry(key(last)).or_default().push(at);
    }

    /// Says the variables that all lines agree on.
    fn say_shared(&self, gather: &mut Gather<'_>) {
        let Some((_, first)) = self.places.first() else {
            return;
        };
        for (name, value) in first.iter() {
            let mut all = self.places.iter();
            if all.all(|(_, other)| other.get(name) == Some(value)) {
                gather.say(name, value);
            }
        }
    }

    /// Gives rows the parameters that tell them from others of their test, or a number where none does.
    fn tell(&mut self, event: &Value, rows: &mut [Row]) {
        let Some(key) = rows.last().map(key) else {
            return;
        };
        let places = self.tests.get(&key).map_or(&[][..], Vec::as_slice);
        let own = place(event);
        let differing = self.differing(places, &own);
        self.made += u64::from(!differing.is_empty());
        for (name, value) in &differing {
            for row in rows.iter_mut() {
                if !row.result.parameters.iter().any(|one| one.name == *name) {
                    row.result.parameters.push(parameter(name, value.as_str()));
                }
            }
        }
        let Some(last) = rows.last() else { return };
        let (key, wanted) = (key_of(last), last.result.occurrence.unwrap_or(1));
        let free = (wanted..).find(|n| self.taken.insert((key, *n)));
        if let Some(n) = free.filter(|n| *n != wanted) {
            let rows = rows.iter_mut();
            rows.for_each(|row| row.result.occurrence = Some(n));
        }
    }

    /// Returns the variables in which results of one test differ, and the job where that is not enough.
    fn differing(&self, places: &[usize], own: &(String, Environment)) -> Vec<(String, String)> {
        if places.len() < 2 {
            return Vec::new();
        }
        let all: Vec<&(String, Environment)> = places.iter().map(|at| &self.places[*at]).collect();
        let mut names: Vec<&str> = Vec::new();
        for (_, environment) in &all {
            for (name, value) in environment.iter() {
                let is_shared = { all.iter() }.all(|(_, other)| other.get(name) == Some(value));
                if !is_shared && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let (job, environment) = own;
        let told = |environment: &Environment| -> Vec<Option<String>> {
            names
                .iter()
                .map(|name| environment.get(name).cloned())
                .collect()
        };
        let distinct: HashSet<_> = all.iter().map(|(_, other)| told(other)).collect();
        let value = |name: &&str| environment.get(name).cloned().unwrap_or_default();
        let mut out: Vec<(String, String)> = { names.iter() }
            .map(|name| ((*name).to_owned(), value(name)))
            .collect();
        let is_one_job = all.iter().all(|(other, _)| other == job);
        if distinct.len() < all.len() && !is_one_job {
            out.push(("job".to_owned(), job.clone()));
        }
        out
    }
}

/// Where the deciding execution of a line ran.
fn place(event: &Value) -> (String, Environment) {
    let last = list(&event["executions"]).last();
    let job = last
        .and_then(|last| string(&last["job"]))
        .unwrap_or_default();
    let mut environment = Environment::default();
    for (name, value) in event["environment"].as_object().into_iter().flatten() {
        environment.insert(name, string(value).unwrap_or_default());
    }
    (job, environment)
}

/// Tells a test from others, those of its name among them.
fn key(row: &Row) -> u64 {
    let occurrence = u64::from(row.result.occurrence.unwrap_or(1));
    key_of(row).wrapping_add(occurrence.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn attempts_that_are_in_order_stay_as_they_are() {
        let row = |attempt, start: Option<i64>| Row {
            result: TestResult {
                attempt,
                start: start.map(crate::base::Timestamp::from_ms),
                ..TestResult::default()
            },
            ..Row::default()
        };
        let numbers = |mut rows: Vec<Row>| -> Vec<Option<u32>> {
            number(&mut rows);
            rows.iter().map(|row| row.result.attempt).collect()
        };
        assert_eq!(
            numbers(vec![row(None, Some(1)), row(None, Some(2))]),
            [None, None]
        );
        assert_eq!(
            numbers(vec![row(Some(2), None), row(Some(5), None)]),
            [Some(2), Some(5)]
        );
        assert_eq!(
            numbers(vec![row(None, Some(2)), row(None, Some(1))]),
            [Some(1), Some(2)]
        );
        assert_eq!(numbers(vec![row(None, None)]), [None]);
    }

    #[test]
    fn a_test_of_several_places_is_told_apart() {
        let event = |job: &str, os: &str| json!({"environment": {"os": os, "db": "pg"}, "executions": [{"job": job}]});
        let rows = || {
            vec![Row {
                result: TestResult {
                    name: "a".into(),
                    ..TestResult::default()
                },
                ..Row::default()
            }]
        };
        let events = [
            event("unit", "linux"),
            event("unit", "mac"),
            event("e2e", "mac"),
        ];
        let mut apart = Apart::default();
        events.iter().for_each(|event| apart.see(event, &rows()));
        let told = |event: &Value| {
            let mut own = rows();
            apart.tell(event, &mut own);
            let result = &own[0].result;
            let pairs = result.parameters.iter();
            let pairs: Vec<String> = pairs
                .map(|one| format!("{}={}", one.name, one.value.as_deref().unwrap_or_default()))
                .collect();
            (pairs.join(" "), result.occurrence)
        };
        let told: Vec<_> = events.iter().chain([&events[2]]).map(told).collect();
        assert_eq!(told[0], ("os=linux job=unit".to_owned(), None));
        assert_eq!(told[2], ("os=mac job=e2e".to_owned(), None));
        // None vanishes behind another one.
        assert_eq!(told[3], ("os=mac job=e2e".to_owned(), Some(2)));
    }
}
