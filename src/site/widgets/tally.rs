//! Counts of results, as every figure of statuses takes them.

use super::shown::{Mark, Target, Tone};
use crate::analysis::stability::Rate;
use crate::analysis::verdict::is_judged;
use crate::model::{Flag, Outcome, Status};
use crate::site::texts::{decimal, say};
use crate::site::words;

/// The order of every stack, from the axis upwards, and of lists: what needs attention stands first.
pub(crate) const ORDER: [Status; 6] = [
    Status::Failed,
    Status::Broken,
    Status::Unknown,
    Status::InProgress,
    Status::Skipped,
    Status::Passed,
];

/// Counts over results, overridden ones apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// In the order of [`ORDER`].
    by: [u64; 6],
    /// Passed, of those that passed, failed or broke; muted ones left out.
    pub(crate) passes: Rate,
    pub(crate) muted: u64,
    pub(crate) flaky: u64,
    pub(crate) unresolved: u64,
    pub(crate) retries: u64,
    pub(crate) manual: u64,
    /// Milliseconds of all results together.
    pub(crate) work: u64,
    pub(crate) manual_work: u64,
    /// Milliseconds since 1970: the earliest start, and the latest end.
    span: Option<(i64, i64)>,
}

impl Tally {
    /// Adds a result; an overridden one counts nowhere.
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        if outcome.has(Flag::Overridden) {
            return;
        }
        self.add_status(outcome.status);
        if is_judged(outcome) {
            self.passes.of += 1;
            self.passes.part += u64::from(outcome.status == Status::Passed);
        }
        self.muted += u64::from(outcome.has(Flag::Muted));
        self.flaky += u64::from(outcome.has(Flag::Flaky));
        self.unresolved += u64::from(outcome.is_unresolved());
        self.retries += outcome.retries.len() as u64;
        let ms = outcome.duration.unwrap_or(0);
        self.work = self.work.saturating_add(ms);
        if outcome.has(Flag::Manual) {
            self.manual += 1;
            self.manual_work = self.manual_work.saturating_add(ms);
        }
        if let Some(start) = outcome.start {
            let start = start.ms();
            let end = start.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX));
            let (first, last) = self.span.unwrap_or((start, end));
            self.span = Some((first.min(start), last.max(end)));
        }
    }

    /// Counts one more of a status, and nothing else.
    pub(crate) fn add_status(&mut self, status: Status) {
        let at = ORDER.iter().position(|known| *known == status);
        self.by[at.expect("all statuses are in the order")] += 1;
    }

    /// Adds what another has counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, more) in self.by.iter_mut().zip(other.by) {
            *own += more;
        }
        self.passes = self.passes.and(other.passes);
        self.muted += other.muted;
        self.flaky += other.flaky;
        self.unresolved += other.unresolved;
        self.retries += other.retries;
        self.manual += other.manual;
        self.work = self.work.saturating_add(other.work);
        self.manual_work = self.manual_work.saturating_add(other.manual_work);
        self.span = match (self.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }

    pub(crate) fn of(&self, status: Status) -> u64 {
        let at = ORDER.iter().position(|known| *known == status);
        at.map_or(0, |at| self.by[at])
    }

    pub(crate) fn total(&self) -> u64 {
        self.by.iter().sum()
    }

    /// Failed, broken and unknown.
    pub(crate) fn failures(&self) -> u64 {
        self.by[..3].iter().sum()
    }

    /// From the first start to the last end, in milliseconds; none where nothing says when.
    pub(crate) fn wall(&self) -> Option<u64> {
        let (first, last) = self.span?;
        u64::try_from(last - first).ok()
    }

    /// Returns a mark for each status that there is, leading where it is told.
    pub(crate) fn marks_to(&self, target: impl Fn(Status) -> Target) -> Vec<Mark> {
        let all = ORDER.iter().zip(self.by).filter(|(_, n)| *n > 0);
        all.map(|(status, n)| {
            Mark::count(
                words::label(*status),
                n,
                Tone::Status(*status),
                target(*status),
            )
        })
        .collect()
    }
}

/// Writes a share in percent with one decimal, rounded down as everywhere, so that nothing reads as 100 %
/// that is not.
pub(crate) fn percent(rate: Rate) -> String {
    match (rate.part, rate.of) {
        (_, 0) => say!("share.none"),
        (0, _) => say!("share.percent", share = "0"),
        (part, of) if part == of => say!("share.percent", share = "100"),
        (part, of) => match u128::from(part) * 1_000 / u128::from(of) {
            0 => say!("share.less", share = decimal("0.1")),
            tenths => say!(
                "share.percent",
                share = decimal(&format!("{}.{}", tenths / 10, tenths % 10))
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_round_to_what_they_are_not() {
        for (part, of, written) in [
            (0, 0, "no share"),
            (0, 7, "0 %"),
            (7, 7, "100 %"),
            (1, 3, "33.3 %"),
            (2, 3, "66.6 %"),
            (1_219, 1_220, "99.9 %"),
            (999_999, 1_000_000, "99.9 %"),
            (1, 1_000_000, "less than 0.1 %"),
            (1, 200, "0.5 %"),
            (99, 100, "99.0 %"),
            (995, 1_000, "99.5 %"),
        ] {
            assert_eq!(percent(Rate { part, of }), written, "{part} of {of}");
        }
    }

    #[test]
    fn overridden_results_count_nowhere_and_muted_ones_in_no_rate() {
        let one = |status, flags: &[Flag]| Outcome {
            status,
            flags: flags.to_vec(),
            duration: Some(10),
            ..Outcome::default()
        };
        let mut tally = Tally::default();
        tally.add(&one(Status::Passed, &[]));
        tally.add(&one(Status::Failed, &[Flag::Muted]));
        tally.add(&one(Status::Broken, &[Flag::Overridden]));
        tally.add(&one(Status::Passed, &[Flag::Manual]));
        assert_eq!((tally.total(), tally.failures(), tally.work), (3, 1, 30));
        assert_eq!(tally.passes, Rate { part: 2, of: 2 });
        assert_eq!((tally.muted, tally.manual, tally.manual_work), (1, 1, 10));
        assert_eq!(tally.wall(), None, "nothing says when");
    }
}
