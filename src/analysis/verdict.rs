//! What a launch means, in one sentence that stands on its counts.

use super::stability::{Rate, is_significant};
use crate::base::text::{count, thousands};
use crate::model::{Flag, Outcome, Status, Totals};

/// The answer that a launch gives first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub state: State,
    /// Without a final period.
    pub sentence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Failures have neither a defect nor a mute.
    Blocked,
    /// Something failed, and each failure has a defect or a mute.
    Accounted,
    /// Nothing failed.
    Ready,
    /// There is nothing to judge.
    Empty,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Accounted => "accounted",
            Self::Ready => "ready",
            Self::Empty => "empty",
        }
    }
}

/// Returns the verdict on a launch's totals.
pub fn verdict(totals: &Totals) -> Verdict {
    let (state, sentence) = if totals.total == 0 {
        (State::Empty, "No results".to_owned())
    } else if totals.unresolved > 0 {
        let verb = if totals.unresolved == 1 {
            "needs"
        } else {
            "need"
        };
        let results = count(totals.unresolved, "result");
        let of = thousands(totals.counted());
        (
            State::Blocked,
            format!("Blocked: {results} of {of} {verb} a defect, a mute or a fix"),
        )
    } else if not_passing(totals) > 0 {
        let failures = count(not_passing(totals), "failure");
        let each = if not_passing(totals) == 1 {
            "it is"
        } else {
            "each is"
        };
        let of = thousands(totals.counted());
        (
            State::Accounted,
            format!("Accounted for: {failures} of {of}, {each} known or muted"),
        )
    } else if totals.passed == 0 {
        (
            State::Empty,
            format!("Nothing passed or failed: {}", counts(totals)),
        )
    } else {
        (
            State::Ready,
            format!(
                "Ready: {} passed, nothing unresolved",
                thousands(totals.passed)
            ),
        )
    };
    let sentence = match totals.in_progress {
        0 => sentence,
        open => {
            let were = if open == 1 { "was" } else { "were" };
            format!(
                "{sentence}; {} {were} not executed",
                count(open, "planned result")
            )
        }
    };
    Verdict { state, sentence }
}

fn not_passing(totals: &Totals) -> u64 {
    totals.failed + totals.broken + totals.unknown
}

/// The statuses in the order in which sentences count them.
pub const COUNTED: [Status; 6] = [
    Status::Passed,
    Status::Failed,
    Status::Broken,
    Status::Unknown,
    Status::Skipped,
    Status::InProgress,
];

/// Returns the counts above zero, as `1,204 passed, 3 failed, 12 skipped`; passed is always there.
pub fn counts(totals: &Totals) -> String {
    let parts: Vec<String> = COUNTED
        .into_iter()
        .filter(|status| *status == Status::Passed || totals.of(*status) > 0)
        .map(|status| format!("{} {status}", thousands(totals.of(status))))
        .collect();
    let overridden =
        (totals.overridden > 0).then(|| format!("{} overridden", thousands(totals.overridden)));
    let parts: Vec<String> = parts.into_iter().chain(overridden).collect();
    parts.join(", ")
}

/// Returns passed, of those that passed, failed or broke; muted and overridden ones are in neither. It
/// takes outcomes, since totals don't tell which of the muted failed and which are unknown.
pub fn pass_rate(outcomes: &[Outcome]) -> Rate {
    let judged = outcomes.iter().filter(|outcome| is_judged(outcome));
    judged.fold(Rate::default(), |rate, outcome| Rate {
        part: rate.part + u64::from(outcome.status == Status::Passed),
        of: rate.of + 1,
    })
}

/// Whether a result is in the denominator of the pass rate.
pub fn is_judged(outcome: &Outcome) -> bool {
    let is_left_out = outcome.has(Flag::Muted) || outcome.has(Flag::Overridden);
    !is_left_out && is_significant(outcome.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(totals: Totals) -> String {
        verdict(&totals).sentence
    }

    #[test]
    fn the_answer_comes_first() {
        let all = Totals {
            total: 1220,
            passed: 1204,
            failed: 3,
            skipped: 13,
            unresolved: 2,
            ..Totals::default()
        };
        assert_eq!(
            sentence(all),
            "Blocked: 2 results of 1,220 need a defect, a mute or a fix"
        );
        let known = Totals {
            unresolved: 0,
            ..all
        };
        assert_eq!(
            sentence(known),
            "Accounted for: 3 failures of 1,220, each is known or muted"
        );
        let ready = Totals {
            total: 5,
            passed: 5,
            ..Totals::default()
        };
        assert_eq!(sentence(ready), "Ready: 5 passed, nothing unresolved");
        assert_eq!(sentence(Totals::default()), "No results");
        let skipped = Totals {
            total: 2,
            skipped: 2,
            ..Totals::default()
        };
        assert_eq!(
            sentence(skipped),
            "Nothing passed or failed: 0 passed, 2 skipped"
        );
        let open = Totals {
            total: 7,
            in_progress: 2,
            ..ready
        };
        assert_eq!(
            sentence(open),
            "Ready: 5 passed, nothing unresolved; 2 planned results were not executed"
        );
        assert_eq!(counts(&all), "1,204 passed, 3 failed, 13 skipped");
    }

    #[test]
    fn muted_failures_leave_the_rate() {
        let outcome = |status, flags: &[Flag]| Outcome {
            status,
            flags: flags.to_vec(),
            ..Outcome::default()
        };
        let outcomes = [
            outcome(Status::Passed, &[]),
            outcome(Status::Passed, &[Flag::Overridden]),
            outcome(Status::Failed, &[]),
            outcome(Status::Broken, &[Flag::Muted]),
            // Muted, but in no denominator to be left out of.
            outcome(Status::Unknown, &[Flag::Muted]),
            outcome(Status::Skipped, &[]),
        ];
        assert_eq!(pass_rate(&outcomes), Rate { part: 1, of: 2 });
        assert_eq!(pass_rate(&[]), Rate::default());
    }
}
