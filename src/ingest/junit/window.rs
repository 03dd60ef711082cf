//! Same-named cases of one file: which are one result, which are two.
//!
//! Rows wait in a window of bounded size before they go on, so that a tear-down error can still
//! join the failure that it belongs to, and a suite's end can still tell what its cases were.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::ingest::gather::doubt;
use crate::ingest::{Part, Row};
use crate::model::Status;

/// Rows and bytes that wait at most.
const ROWS: usize = 4096;
const BYTES: usize = 16 << 20;

/// What is known of an attempt that was not the last.
pub(in crate::ingest) const RERUN: &str =
    "the attempt failed and the test ran again; the report does not say why";

/// What became of the rows of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    Own,
    /// They joined an earlier row.
    Joined,
    /// An earlier row is an attempt of theirs.
    Rerun,
}

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) row: Row,
    /// Of the suite that the case stands in.
    pub(super) suite: u32,
    /// The case has no child that tells an outcome.
    pub(super) plain: bool,
    bytes: usize,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Elements with this name so far.
    count: u32,
    /// The number of the last one's deciding row.
    last: u64,
}

#[derive(Debug, Default)]
pub(super) struct Window {
    rows: VecDeque<Waiting>,
    /// How many rows have gone on.
    gone: u64,
    bytes: usize,
    seen: HashMap<u64, Seen>,
    /// Cases that share their name with an earlier one, and the first such name.
    pub(super) repeats: u64,
    pub(super) example: String,
}

impl Window {
    /// Adds the rows of one element, the deciding one last. With `reruns`, one that tells no outcome
    /// and has another of its name after it is an attempt that failed.
    pub(super) fn add(
        &mut self,
        mut rows: Vec<Row>,
        suite: u32,
        plain: bool,
        reruns: bool,
    ) -> Added {
        let Some(deciding) = rows.last() else {
            return Added::Own;
        };
        let key = key_of(deciding);
        let seen = self.seen.get(&key).copied();
        if let Some(seen) = seen {
            if reruns && rows.len() == 1 && self.rerun(seen.last, suite, &mut rows[0]) {
                for row in rows {
                    self.push(row, suite, plain);
                }
                let last = self.gone + self.rows.len() as u64 - 1;
                self.seen.insert(key, Seen { last, ..seen });
                return Added::Rerun;
            }
            if rows.len() == 1 && is_tear_down(&rows[0]) && self.join(seen.last, &rows[0]) {
                return Added::Joined;
            }
            if self.repeats == 0 {
                self.example = rows.last().map_or_else(String::new, |row| {
                    let result = &row.result;
                    result
                        .full_name
                        .clone()
                        .unwrap_or_else(|| result.name.clone())
                });
            }
            self.repeats += 1;
            let occurrence = Some(seen.count.saturating_add(1));
            rows.iter_mut()
                .for_each(|row| row.result.occurrence = occurrence);
        }
        for row in rows {
            self.push(row, suite, plain);
        }
        let count = seen.map_or(0, |seen| seen.count).saturating_add(1);
        let last = self.gone + self.rows.len() as u64 - 1;
        self.seen.insert(key, Seen { count, last });
        Added::Own
    }

    fn push(&mut self, row: Row, suite: u32, plain: bool) {
        let bytes = bytes_of(&row);
        self.bytes += bytes;
        self.rows.push_back(Waiting {
            row,
            suite,
            plain,
            bytes,
        });
    }

    fn waiting(&mut self, number: u64) -> Option<&mut Waiting> {
        let at = usize::try_from(number.checked_sub(self.gone)?).ok()?;
        self.rows.get_mut(at)
    }

    /// Makes an attempt of the earlier row where that tells no outcome; whatever tells one of its own
    /// stays a result.
    fn rerun(&mut self, number: u64, suite: u32, row: &mut Row) -> bool {
        let Some(earlier) = self.waiting(number) else {
            return false;
        };
        if !earlier.plain || earlier.suite != suite {
            return false;
        }
        earlier.plain = false;
        earlier.row.part = Part::Retry;
        let result = &mut earlier.row.result;
        result.status = Status::Failed;
        result.message = Some(RERUN.to_owned());
        let n = result.attempt.unwrap_or(1);
        result.attempt = Some(n);
        row.result.attempt = Some(n.saturating_add(1));
        row.result.occurrence = result.occurrence;
        true
    }

    /// Takes back that the last row passed, unless `other` is the test whose element is cut: what
    /// follows may have been another attempt.
    pub(super) fn doubt_last(&mut self, other: Option<&str>) {
        if let Some(last) = self.rows.back_mut()
            && last.plain
            && other.is_none_or(|other| other == last.row.result.name)
        {
            doubt(&mut last.row);
        }
    }

    fn join(&mut self, number: u64, tear_down: &Row) -> bool {
        let Some(waiting) = self.waiting(number) else {
            return false;
        };
        merge(&mut waiting.row, tear_down);
        waiting.plain = false;
        true
    }

    /// Returns the rows of a suite that still wait.
    pub(super) fn of_suite(&mut self, suite: u32) -> impl Iterator<Item = &mut Waiting> {
        self.rows.iter_mut().rev().filter(move |w| w.suite == suite)
    }

    /// Returns the rows that need not wait any longer: the older half once the window is full.
    pub(super) fn full(&mut self) -> Vec<Row> {
        if self.rows.len() < ROWS && self.bytes < BYTES {
            return Vec::new();
        }
        self.take(self.rows.len().div_ceil(2))
    }

    /// Returns all rows that wait.
    pub(super) fn rest(&mut self) -> Vec<Row> {
        self.take(self.rows.len())
    }

    fn take(&mut self, n: usize) -> Vec<Row> {
        self.gone += n as u64;
        let taken = self.rows.drain(..n);
        let mut bytes = 0;
        let rows = taken
            .map(|waiting| {
                bytes += waiting.bytes;
                waiting.row
            })
            .collect();
        self.bytes -= bytes;
        rows
    }
}

/// What counts in the keys of a result, but for what is equal in one file.
pub(in crate::ingest) fn key_of(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    let result = &row.result;
    (&result.full_name, &result.name).hash(&mut hasher);
    for parameter in &result.parameters {
        (&parameter.name, &parameter.value).hash(&mut hasher);
    }
    hasher.finish()
}

/// Whether a row is what pytest writes beside a failure for an error after it.
fn is_tear_down(row: &Row) -> bool {
    let message = row.result.message.as_deref().unwrap_or_default();
    row.result.status == Status::Broken && message.starts_with("failed on teardown with ")
}

fn merge(row: &mut Row, other: &Row) {
    let result = &mut row.result;
    result.status = result.status.min(other.result.status);
    join_text(&mut result.message, &other.result.message, "\n");
    join_text(&mut result.trace, &other.result.trace, "\n\n");
    result.duration = match (result.duration, other.result.duration) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    };
    result
        .attachments
        .extend(other.result.attachments.iter().cloned());
    for id in &other.result.ids {
        crate::ingest::ids::add(&mut result.ids, id);
    }
    for (name, values) in other.result.properties.iter() {
        for value in values {
            crate::ingest::report::add_distinct(&mut result.properties, name, value);
        }
    }
    let details = &mut row.details;
    join_text(&mut details.stdout, &other.details.stdout, "\n");
    join_text(&mut details.stderr, &other.details.stderr, "\n");
    details.steps.extend(other.details.steps.iter().cloned());
}

/// Appends a text; one that is there already is not repeated.
fn join_text(text: &mut Option<String>, other: &Option<String>, gap: &str) {
    match (text.as_mut(), other) {
        (Some(text), Some(other)) if text != other => {
            text.push_str(gap);
            text.push_str(other);
        }
        (None, Some(other)) => *text = Some(other.clone()),
        _ => {}
    }
}

/// About how much memory a row takes.
fn bytes_of(row: &Row) -> usize {
    let len = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let result = &row.result;
    let pairs = result.properties.iter().flat_map(|(_, values)| values);
    1024 + len(&result.message)
        + len(&result.trace)
        + len(&result.description)
        + len(&row.details.stdout)
        + len(&row.details.stderr)
        + pairs.map(String::len).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TestResult;

    fn row(name: &str, status: Status, message: &str) -> Row {
        let result = TestResult {
            name: name.into(),
            status,
            message: Some(message.into()),
            ..TestResult::default()
        };
        Row {
            result,
            ..Row::default()
        }
    }

    #[test]
    fn a_tear_down_joins_its_failure() {
        let mut window = Window::default();
        let tear_down = || row("a", Status::Broken, "failed on teardown with \"x\"");
        let mut add = |row, plain| window.add(vec![row], 0, plain, true);
        assert_eq!(add(row("a", Status::Failed, "m"), false), Added::Own);
        assert_eq!(add(row("b", Status::Passed, ""), true), Added::Own);
        assert_eq!(add(tear_down(), false), Added::Joined);
        let rows = window.rest();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].result.status, Status::Failed);
        assert_eq!(
            rows[0].result.message.as_deref(),
            Some("m\nfailed on teardown with \"x\"")
        );
        let late = window.add(vec![tear_down()], 0, false, true);
        assert_eq!(late, Added::Own, "its failure has gone on");
        assert_eq!(window.rest()[0].result.occurrence, Some(2));
    }

    #[test]
    fn what_runs_again_without_an_outcome_is_an_attempt() {
        let mut window = Window::default();
        let mut add = |suite, status, plain| {
            let row = row("a", status, "");
            window.add(vec![row], suite, plain, true)
        };
        assert_eq!(add(0, Status::Passed, true), Added::Own);
        assert_eq!(add(0, Status::Passed, true), Added::Rerun);
        assert_eq!(add(0, Status::Failed, false), Added::Rerun);
        assert_eq!(
            add(0, Status::Passed, true),
            Added::Own,
            "one that failed stays"
        );
        assert_eq!(add(1, Status::Passed, true), Added::Own, "of another suite");
        let rows = window.rest();
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.result.status, row.result.attempt, row.result.occurrence))
            .collect();
        assert_eq!(
            told,
            [
                (Status::Failed, Some(1), None),
                (Status::Failed, Some(2), None),
                (Status::Failed, Some(3), None),
                (Status::Passed, None, Some(2)),
                (Status::Passed, None, Some(3)),
            ]
        );
        assert_eq!(rows[1].part, Part::Retry);
        assert_eq!(rows[1].result.message.as_deref(), Some(RERUN));
    }

    #[test]
    fn other_repeats_are_numbered() {
        let mut window = Window::default();
        for _ in 0..3 {
            window.add(vec![row("a", Status::Failed, "m")], 0, false, true);
        }
        let occurrences: Vec<_> = window.rest().iter().map(|r| r.result.occurrence).collect();
        assert_eq!(occurrences, [None, Some(2), Some(3)]);
        assert_eq!((window.repeats, window.example.as_str()), (2, "a"));
    }

    #[test]
    fn the_window_is_bounded() {
        let mut window = Window::default();
        let mut out = 0;
        for n in 0..20_000 {
            window.add(
                vec![row(&n.to_string(), Status::Passed, "")],
                0,
                true,
                false,
            );
            out += window.full().len();
            assert!(window.rows.len() < ROWS);
        }
        assert_eq!(out + window.rest().len(), 20_000);
        assert_eq!(window.bytes, 0);
    }
}
