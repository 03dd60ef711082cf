//! Attempts of one test that a format tells in any order, as Allure does with a file for each.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::base::Timestamp;
use crate::ingest::across::key_of;
use crate::model::{Status, TestResult};

/// What puts a result into the order of its test's attempts.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Attempt {
    test: (u64, Option<u32>),
    /// The order that the format states.
    number: u32,
    start: Option<Timestamp>,
    status: Status,
}

impl Attempt {
    pub(in crate::ingest) fn of(result: &TestResult) -> Self {
        Self {
            test: (key_of(result), result.occurrence),
            number: result.attempt.unwrap_or(0),
            start: result.start,
            status: result.status,
        }
    }

    pub(super) fn status(self) -> Status {
        self.status
    }
}

/// Groups attempts by their test: indices, the deciding one last. The order is that of a launch: what the format
/// states, then the later start, and where one has none or all have the same, what ended worst.
pub(in crate::ingest) fn of_tests(all: &[Attempt]) -> Vec<Vec<usize>> {
    let mut places: HashMap<(u64, Option<u32>), usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, one) in all.iter().enumerate() {
        let place = *places.entry(one.test).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    for group in groups.iter_mut().filter(|group| group.len() > 1) {
        let timed = group.iter().all(|at| all[*at].start.is_some());
        group.sort_by(|a, b| {
            let (a, b) = (all[*a], all[*b]);
            let by_start = match timed {
                true => a.start.cmp(&b.start),
                false => Ordering::Equal,
            };
            let stated = a.number.cmp(&b.number);
            stated.then(by_start).then(b.status.cmp(&a.status))
        });
    }
    groups
}

/// Returns the results that decide, of Allure's.
pub(super) fn deciding(
    results: &[TestResult],
    is_one: impl Fn(&TestResult) -> bool,
) -> HashSet<usize> {
    let places: Vec<usize> = (0..results.len())
        .filter(|at| is_one(&results[*at]))
        .collect();
    let all: Vec<Attempt> = places.iter().map(|at| Attempt::of(&results[*at])).collect();
    let groups = of_tests(&all);
    let last = groups.iter().filter_map(|group| group.last());
    last.map(|at| places[*at]).collect()
}
