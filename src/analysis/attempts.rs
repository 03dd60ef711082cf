//! Attempts of one test, ordered; the last decides.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::keys;
use crate::base::{Digest, Timestamp};
use crate::model::{Environment, Job, Status, TestResult};

/// What tells the attempts of one test apart and puts them in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The result's id.
    pub id: String,
    pub key: Digest,
    /// The producer's uuid and the digest of what it wrote.
    pub repeat: Option<(String, String)>,
    /// The attempt of the job itself, from 1.
    pub job_attempt: u32,
    /// The order that the format states.
    pub attempt: Option<u32>,
    pub start: Option<Timestamp>,
    pub status: Status,
    /// The formats of the reports that may tell it; none where they are not known.
    pub told_by: Arc<BTreeSet<String>>,
}

impl Run {
    /// `params` is the digest of the result's parameters, `variables` the shard's environment.
    pub fn new(result: &TestResult, params: &str, job: &Job, variables: &Environment) -> Self {
        let digest = || result.digest.clone().unwrap_or_default();
        Self {
            id: result.id.clone(),
            key: keys::attempt_key(result, params, variables, &job.name),
            repeat: result.uuid.clone().map(|uuid| (uuid, digest())),
            job_attempt: job.attempt.unwrap_or(1),
            attempt: result.attempt,
            start: result.start,
            status: result.status,
            told_by: Arc::default(),
        }
    }
}

/// The attempts of one test in one job: indices of rows, oldest first. The last decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    pub rows: Vec<usize>,
}

impl Attempts {
    /// The row that decides.
    pub fn deciding(&self) -> usize {
        *self.rows.last().expect("a group has at least one row")
    }

    /// The rows that don't decide, oldest first.
    pub fn retries(&self) -> &[usize] {
        &self.rows[..self.rows.len() - 1]
    }
}

/// Groups runs into attempts, by key. Repeats of a producer's uuid with the same content count once. What reports of
/// different formats tell are no attempts of one another: they tell of one run, each in its own words.
///
/// Order: the job's attempt, then the order that a format states, then start; where these don't
/// decide, the worst result counts as the last. The order of arrival never matters.
pub fn group<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Vec<Attempts> {
    let runs: Vec<&Run> = runs.into_iter().collect();
    let mut groups: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        groups.entry(run.key).or_default().push(index);
    }
    groups
        .into_values()
        .flat_map(|group| parted(&runs, group))
        .map(|group| Attempts {
            rows: ordered(&runs, group),
        })
        .collect()
}

/// Parts runs of one key by the formats that tell them.
fn parted(runs: &[&Run], group: Vec<usize>) -> Vec<Vec<usize>> {
    let formats = |index: usize| &runs[index].told_by;
    if group
        .iter()
        .all(|index| formats(*index) == formats(group[0]))
    {
        return vec![group];
    }
    let mut parts: Vec<(BTreeSet<&String>, Vec<usize>)> = Vec::new();
    for index in group {
        let mut own: (BTreeSet<&String>, Vec<usize>) =
            (formats(index).iter().collect(), Vec::new());
        let (joined, others) = parts.into_iter().partition(|(known, _)| {
            known.is_empty() || own.0.is_empty() || !known.is_disjoint(&own.0)
        });
        parts = others;
        for (known, rows) in joined {
            let known: BTreeSet<&String> = known;
            own.0.extend(known);
            own.1.extend::<Vec<usize>>(rows);
        }
        own.1.push(index);
        parts.push(own);
    }
    parts.into_iter().map(|(_, rows)| rows).collect()
}

fn ordered(runs: &[&Run], mut group: Vec<usize>) -> Vec<usize> {
    if group.len() == 1 {
        return group;
    }
    group.sort_by(|a, b| runs[*a].id.cmp(&runs[*b].id));
    let mut seen = HashSet::new();
    group.dedup_by(|a, b| runs[*a].id == runs[*b].id);
    group.retain(|index| {
        runs[*index]
            .repeat
            .as_ref()
            .is_none_or(|repeat| seen.insert(repeat))
    });
    let rank = |index: &usize| (runs[*index].job_attempt, runs[*index].attempt.unwrap_or(0));
    group.sort_by_key(rank);
    for equal in group.chunk_by_mut(|a, b| rank(a) == rank(b)) {
        let timed = equal.iter().all(|index| runs[*index].start.is_some());
        equal.sort_by(|a, b| by_start_then_worst(runs[*a], runs[*b], timed));
    }
    group
}

fn by_start_then_worst(a: &Run, b: &Run, timed: bool) -> Ordering {
    let by_start = if timed {
        a.start.cmp(&b.start)
    } else {
        Ordering::Equal
    };
    by_start
        .then(b.status.cmp(&a.status))
        .then_with(|| a.id.cmp(&b.id))
}

/// Whether attempts in one launch ended differently: a fact that a test is flaky. Skipped ones
/// say nothing.
pub fn ended_differently(statuses: impl IntoIterator<Item = Status>) -> bool {
    let mut passed = false;
    let mut not_passed = false;
    for status in statuses {
        match status {
            Status::Passed => passed = true,
            Status::Failed | Status::Broken => not_passed = true,
            Status::Skipped | Status::Unknown | Status::InProgress => {}
        }
    }
    passed && not_passed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, status: Status, attempt: Option<u32>, start: Option<i64>) -> Run {
        Run {
            id: id.into(),
            key: Digest::of(b"same"),
            repeat: None,
            job_attempt: 1,
            attempt,
            start: start.map(Timestamp::from_ms),
            status,
            told_by: Arc::default(),
        }
    }

    fn order(rows: &[Run]) -> Vec<&str> {
        let groups = group(rows);
        assert_eq!(groups.len(), 1);
        groups[0]
            .rows
            .iter()
            .map(|i| rows[*i].id.as_str())
            .collect()
    }

    #[test]
    fn stated_order_beats_start() {
        let rows = [
            row("late", Status::Passed, Some(2), Some(1)),
            row("early", Status::Failed, Some(1), Some(9)),
        ];
        assert_eq!(order(&rows), ["early", "late"]);
    }

    #[test]
    fn a_jobs_attempt_beats_all() {
        let mut first = row("first", Status::Failed, None, Some(9));
        let mut second = row("second", Status::Passed, None, Some(1));
        (first.job_attempt, second.job_attempt) = (1, 2);
        assert_eq!(order(&[second, first]), ["first", "second"]);
    }

    #[test]
    fn formats_are_no_attempts_of_one_another() {
        let told = |id: &str, formats: &[&str]| Run {
            told_by: Arc::new(formats.iter().map(|name| (*name).to_owned()).collect()),
            ..row(id, Status::Passed, None, None)
        };
        let groups = |rows: &[Run]| {
            let mut all: Vec<usize> = group(rows).iter().map(|one| one.rows.len()).collect();
            all.sort_unstable();
            all
        };
        let (allure, junit) = (told("a", &["allure"]), told("b", &["junit"]));
        assert_eq!(
            groups(&[allure.clone(), junit.clone(), told("c", &["junit"])]),
            [1, 2]
        );
        assert_eq!(
            groups(&[allure.clone(), junit.clone(), told("c", &["junit", "ctrf"])]),
            [1, 2]
        );
        assert_eq!(
            groups(&[allure.clone(), junit.clone(), told("c", &[])]),
            [3]
        );
        assert_eq!(
            groups(&[allure, junit, told("c", &["allure", "junit"])]),
            [3]
        );
    }

    #[test]
    fn undecided_attempts_end_with_the_worst() {
        let rows = [
            row("a", Status::Failed, None, None),
            row("b", Status::Passed, None, Some(5)),
        ];
        assert_eq!(order(&rows), ["b", "a"]);
        let rows = [
            row("a", Status::Failed, None, Some(5)),
            row("b", Status::Passed, None, Some(5)),
        ];
        assert_eq!(order(&rows), ["b", "a"]);
    }

    #[test]
    fn a_repeat_counts_once() {
        let mut rows = [
            row("a", Status::Passed, None, Some(1)),
            row("b", Status::Passed, None, Some(1)),
            row("c", Status::Failed, None, Some(0)),
        ];
        for row in &mut rows {
            row.repeat = Some(("u".into(), "same".into()));
        }
        rows[2].repeat = Some(("u".into(), "other".into()));
        assert_eq!(order(&rows), ["c", "a"]);
    }

    #[test]
    fn only_passes_and_failures_make_flaky() {
        assert!(ended_differently([Status::Broken, Status::Passed]));
        assert!(!ended_differently([Status::Skipped, Status::Passed]));
        assert!(!ended_differently([Status::Failed, Status::Broken]));
    }
}
