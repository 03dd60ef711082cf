//! What the entries of one track say together: how steady the test is, and how long it has been failing.

use super::age::{Age, age};
use super::stability::{Rate, flip_rate, is_significant, pass_rate};
use super::tracks::{Entry, Track};
use crate::model::Status;

/// A track's latest entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Those that passed, failed or broke, oldest first.
    pub entries: Vec<Entry>,
    /// Neighbours that differ in having passed, as `flipRate(N)` has it.
    pub flips: Rate,
    /// Passed ones, muted ones left out, as `passRate(N)` has it.
    pub passes: Rate,
    /// Entries that were flaky.
    pub flaky: u64,
    /// None where the last entry passed, and where there is none.
    pub age: Option<Age>,
}

impl Record {
    /// Looks at the last so many entries that passed, failed or broke; the age looks at all.
    pub fn of(track: &Track, last: usize) -> Self {
        let entries = track.entries.iter();
        let mut entries: Vec<Entry> = entries
            .filter(|one| is_significant(one.status))
            .copied()
            .collect();
        entries.drain(..entries.len().saturating_sub(last));
        let statuses: Vec<Status> = entries.iter().map(|one| one.status).collect();
        let counted = entries.iter().filter(|one| !one.muted);
        let counted: Vec<Status> = counted.map(|one| one.status).collect();
        Self {
            flips: flip_rate(&statuses),
            passes: pass_rate(&counted),
            flaky: entries.iter().filter(|one| one.flaky).count() as u64,
            age: entries
                .last()
                .and_then(|one| age(track, one.launch(), |_| true)),
            entries,
        }
    }

    /// Whether it failed or broke when it last said something.
    pub fn is_failing(&self) -> bool {
        self.age.is_some()
    }

    /// Whether it changed between passed and not passed, or was flaky in a launch.
    pub fn is_unsteady(&self) -> bool {
        self.flips.part > 0 || self.flaky > 0
    }
}
