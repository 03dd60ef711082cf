//! How long a test has been failing: where that began, and what brackets the cause.

use super::stability::is_significant;
use super::tracks::{Entry, Track};
use crate::model::Status;

/// How long a track has not passed, as of one launch. All launches are indices into the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// The first launch of the unbroken row of failures.
    pub first: usize,
    /// The last launch before that in which it passed; none where history shows none.
    pub passed: Option<usize>,
    /// Failures in a row, this one included. Launches without a result, skipped and unknown ones don't
    /// count.
    pub failures: u64,
}

/// Returns how long a track has been failing as of a launch; none where its entry there neither failed
/// nor broke. `counts` says which launches count, of one branch say.
pub fn age(track: &Track, launch: usize, counts: impl Fn(usize) -> bool) -> Option<Age> {
    let fits = |entry: &&Entry| {
        entry.launch() == launch || entry.launch() < launch && counts(entry.launch())
    };
    let mut back = track
        .entries
        .iter()
        .rev()
        .filter(fits)
        .filter(|entry| is_significant(entry.status));
    let own = back.next()?;
    if own.launch() != launch || own.status == Status::Passed {
        return None;
    }
    let mut age = Age {
        first: launch,
        passed: None,
        failures: 1,
    };
    for entry in back {
        if entry.status == Status::Passed {
            age.passed = Some(entry.launch());
            break;
        }
        age.first = entry.launch();
        age.failures += 1;
    }
    Some(age)
}
