//! Two launches side by side, matched by track.
//!
//! Each track is in exactly one class, so that classes add up. The other way round what was added is
//! removed, what passed and fails is fixed, what passed and is skipped is resumed, and what is the same or
//! still failing stays so.

use std::collections::BTreeSet;

use super::keys;
use super::matching::Matcher;
use super::stability::Rate;
use super::tracks::{Entry, Launch, Track, Tracks};
use crate::model::{DeclaredVariable, OrderedMap, Status};

/// What became of a test from one launch to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It failed, broke or is unknown, and did not before.
    NewFailure,
    /// It failed, broke or is unknown in both.
    StillFailing,
    /// It passed, and failed, broke or was unknown before.
    Fixed,
    /// It was skipped, and ran before.
    NewlySkipped,
    /// It passed, and was skipped before.
    Resumed,
    /// The first launch has no result of it.
    Added,
    /// The second launch has no result of it.
    Removed,
    /// It passed in both, or was skipped in both.
    Same,
}

impl Change {
    pub const ALL: [Self; 8] = [
        Self::NewFailure,
        Self::StillFailing,
        Self::Fixed,
        Self::NewlySkipped,
        Self::Resumed,
        Self::Added,
        Self::Removed,
        Self::Same,
    ];

    /// Returns the name for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewFailure => "new_failure",
            Self::StillFailing => "still_failing",
            Self::Fixed => "fixed",
            Self::NewlySkipped => "newly_skipped",
            Self::Resumed => "resumed",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Same => "same",
        }
    }

    /// Returns the name for people, to stand behind a number.
    pub fn label(self, many: bool) -> &'static str {
        match self {
            Self::NewFailure if many => "new failures",
            Self::NewFailure => "new failure",
            Self::StillFailing => "still failing",
            Self::Fixed => "fixed",
            Self::NewlySkipped => "newly skipped",
            Self::Resumed => "no longer skipped",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Same => "the same",
        }
    }

    /// Returns the class of a test by its statuses, none where a launch has no result of it.
    pub fn of(before: Option<Status>, now: Option<Status>) -> Self {
        use Status::{Passed, Skipped};
        match (before, now) {
            (None, _) => Self::Added,
            (_, None) => Self::Removed,
            (Some(before), Some(now)) => match (before, now) {
                (Passed, Passed) | (Skipped, Skipped) => Self::Same,
                (Skipped, Passed) => Self::Resumed,
                (_, Skipped) => Self::NewlySkipped,
                (_, Passed) => Self::Fixed,
                (Passed | Skipped, _) => Self::NewFailure,
                _ => Self::StillFailing,
            },
        }
    }
}

/// One test in both launches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub change: Change,
    /// The documented case, as of today.
    pub case: Option<String>,
    pub before: Option<Entry>,
    pub now: Option<Entry>,
}

impl Compared {
    /// Whether it fails now and did not before, be it that the first launch has no result of it. Muted
    /// ones don't count.
    pub fn is_new_failure(&self) -> bool {
        let fails = self
            .now
            .is_some_and(|now| now.status.needs_resolution() && !now.muted);
        fails && matches!(self.change, Change::NewFailure | Change::Added)
    }

    /// Whether its attempts differ now and did not before.
    pub fn is_newly_flaky(&self) -> bool {
        self.now.is_some_and(|now| now.flaky) && self.before.is_some_and(|before| !before.flaky)
    }
}

/// A declared variable that was left out of the match: its values don't overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub variable: String,
    pub before: Vec<String>,
    pub now: Vec<String>,
}

/// Two launches, test by test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// One for each track that has a result in either, in the order of the first launch's outcomes, then
    /// of the second's.
    pub tests: Vec<Compared>,
    pub left_out: Vec<LeftOut>,
}

/// Compares two launches by today's documentation.
pub fn compare(
    before: &Launch<'_>,
    now: &Launch<'_>,
    declared: &OrderedMap<DeclaredVariable>,
    matcher: &Matcher,
) -> Comparison {
    let left_out = left_out(before, now, declared);
    let is_left_out = |name: &str| left_out.iter().any(|left| left.variable == name);
    let kept = declared.iter().filter(|(name, _)| !is_left_out(name));
    let kept = kept.map(|(name, variable)| (name.to_owned(), variable.clone()));
    let tracks = Tracks::new(&[*before, *now], &kept.collect(), matcher);
    Comparison {
        tests: tracks.iter().filter_map(compared).collect(),
        left_out,
    }
}

fn compared(track: &Track) -> Option<Compared> {
    // What is planned and did not run has no result.
    let entry = |launch| {
        let has = |entry: &&Entry| entry.launch() == launch && entry.status != Status::InProgress;
        track.entries.iter().find(has).copied()
    };
    let (before, now) = (entry(0), entry(1));
    if before.is_none() && now.is_none() {
        return None;
    }
    let status = |entry: Option<Entry>| entry.map(|entry| entry.status);
    Some(Compared {
        change: Change::of(status(before), status(now)),
        case: track.case.clone(),
        before,
        now,
    })
}

fn left_out(
    before: &Launch<'_>,
    now: &Launch<'_>,
    declared: &OrderedMap<DeclaredVariable>,
) -> Vec<LeftOut> {
    let values = |launch: &Launch<'_>, name: &str| -> BTreeSet<String> {
        let briefs = launch.briefs;
        let mut used = vec![false; briefs.environments.len()];
        for brief in &briefs.outcomes {
            if let Some(used) = used.get_mut(brief.env as usize) {
                *used = true;
            }
        }
        let environments = briefs.environments.iter().zip(used);
        let environments =
            environments.filter_map(|(environment, used)| used.then_some(environment));
        let value = |environment| keys::declared_value(declared, environment, name);
        environments.filter_map(value).map(str::to_owned).collect()
    };
    declared
        .iter()
        .filter_map(|(name, _)| {
            let (before, now) = (values(before, name), values(now, name));
            let overlap = before.intersection(&now).next().is_some();
            let says = !before.is_empty() && !now.is_empty() && !overlap;
            says.then(|| LeftOut {
                variable: name.to_owned(),
                before: before.into_iter().collect(),
                now: now.into_iter().collect(),
            })
        })
        .collect()
}

impl Comparison {
    pub fn count(&self, change: Change) -> u64 {
        self.of(change).count() as u64
    }

    pub fn of(&self, change: Change) -> impl Iterator<Item = &Compared> {
        self.tests.iter().filter(move |test| test.change == change)
    }

    /// Returns what fails now and did not before, whether it is new or not; muted ones left out.
    pub fn new_failures(&self) -> impl Iterator<Item = &Compared> {
        self.tests.iter().filter(|test| test.is_new_failure())
    }

    /// Returns how many tests have a result in both.
    pub fn in_both(&self) -> u64 {
        let both = |test: &&Compared| test.before.is_some() && test.now.is_some();
        self.tests.iter().filter(both).count() as u64
    }

    /// Returns the pass rates of what both ran, before and now; muted entries left out on their side.
    pub fn pass_rates(&self) -> (Rate, Rate) {
        let both = self
            .tests
            .iter()
            .filter_map(|test| Some((test.before?, test.now?)));
        both.fold(Default::default(), |(before, now), (b, n)| {
            (before.and(rate_of(b)), now.and(rate_of(n)))
        })
    }
}

fn rate_of(entry: Entry) -> Rate {
    let counts = !entry.muted && super::stability::is_significant(entry.status);
    Rate {
        part: u64::from(counts && entry.status == Status::Passed),
        of: u64::from(counts),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tracks::Known;
    use super::*;
    use crate::model::{Briefs, Environment, Flag, Outcome};

    const STATUSES: [Status; 6] = Status::ALL;

    fn outcome(test: &str, status: Status, flags: &[Flag], env: u32) -> Outcome {
        Outcome {
            id: format!("{test}-{env}"),
            test: test.to_owned(),
            status,
            env,
            flags: flags.to_vec(),
            ..Outcome::default()
        }
    }

    fn environments(names: &[&str]) -> Vec<Environment> {
        let one = |name: &&str| {
            [("browser".to_owned(), (*name).to_owned())]
                .into_iter()
                .collect()
        };
        names.iter().map(one).collect()
    }

    fn declared() -> OrderedMap<DeclaredVariable> {
        [("browser".to_owned(), DeclaredVariable { default: None })]
            .into_iter()
            .collect()
    }

    fn compare_outcomes(
        before: (&[Outcome], &[Environment]),
        now: (&[Outcome], &[Environment]),
    ) -> Comparison {
        let identities = Known::default();
        let [before, now] =
            [before, now].map(|(outcomes, environments)| Briefs::of(environments, outcomes));
        let launch = |briefs| Launch {
            briefs,
            identities: &identities,
        };
        let matcher = Matcher::new(std::iter::empty());
        compare(&launch(&before), &launch(&now), &declared(), &matcher)
    }

    #[test]
    fn new_failures_count_what_is_new_and_not_what_is_muted() {
        let both = environments(&["chrome"]);
        let before = [outcome("a", Status::Passed, &[], 0)];
        let now = [
            outcome("a", Status::Failed, &[], 0),
            outcome("b", Status::Broken, &[], 0),
            outcome("c", Status::Failed, &[Flag::Muted], 0),
            outcome("d", Status::Passed, &[Flag::Flaky], 0),
        ];
        let comparison = compare_outcomes((&before, &both), (&now, &both));
        assert_eq!(comparison.count(Change::NewFailure), 1);
        assert_eq!(comparison.count(Change::Added), 3);
        assert_eq!(comparison.new_failures().count(), 2);
        assert_eq!(comparison.in_both(), 1);
        assert_eq!(comparison.left_out, []);
    }

    #[test]
    fn variables_without_overlap_are_left_out_and_said() {
        let (chrome, firefox) = (
            environments(&["chrome"]),
            environments(&["firefox", "safari"]),
        );
        let before = [outcome("a", Status::Passed, &[], 0)];
        let now = [outcome("a", Status::Failed, &[], 0)];
        let comparison = compare_outcomes((&before, &chrome), (&now, &firefox));
        assert_eq!(comparison.count(Change::NewFailure), 1);
        let left = &comparison.left_out[0];
        assert_eq!(
            (left.before.as_slice(), left.now.as_slice()),
            (&["chrome".into()][..], &["firefox".into()][..])
        );
        let all = environments(&["chrome", "firefox"]);
        let now = [
            outcome("a", Status::Failed, &[], 1),
            outcome("a", Status::Passed, &[], 0),
        ];
        let comparison = compare_outcomes((&before, &chrome), (&now, &all));
        assert_eq!(comparison.left_out, []);
        assert_eq!(comparison.count(Change::Same), 1);
        assert_eq!(comparison.count(Change::Added), 1);
    }

    fn launches() -> impl Strategy<Value = Vec<Outcome>> {
        let one = (
            0..8_usize,
            0..STATUSES.len(),
            any::<bool>(),
            any::<bool>(),
            0..2_u32,
        );
        let one = one.prop_map(|(test, status, muted, flaky, env)| {
            let flags = [(muted, Flag::Muted), (flaky, Flag::Flaky)];
            let flags: Vec<Flag> = flags
                .into_iter()
                .filter_map(|(on, flag)| on.then_some(flag))
                .collect();
            outcome(&format!("t{test}"), STATUSES[status], &flags, env)
        });
        proptest::collection::vec(one, 0..16)
    }

    proptest! {
        #[test]
        fn the_other_way_round_it_is_mirrored(a in launches(), b in launches()) {
            let environments = environments(&["chrome", "firefox"]);
            let there = compare_outcomes((&a, &environments), (&b, &environments));
            let back = compare_outcomes((&b, &environments), (&a, &environments));
            prop_assert_eq!(there.tests.len(), back.tests.len());
            prop_assert_eq!(there.in_both(), back.in_both());
            let (before, now) = there.pass_rates();
            prop_assert_eq!(back.pass_rates(), (now, before));
            for change in [Change::StillFailing, Change::Same] {
                prop_assert_eq!(there.count(change), back.count(change));
            }
            prop_assert_eq!(there.count(Change::Added), back.count(Change::Removed));
            let failing = [Change::NewFailure, Change::Fixed, Change::NewlySkipped, Change::Resumed];
            let sum = |comparison: &Comparison| failing.iter().map(|c| comparison.count(*c)).sum::<u64>();
            prop_assert_eq!(sum(&there), sum(&back));
        }

        #[test]
        fn classes_add_up(a in launches(), b in launches()) {
            let environments = environments(&["chrome", "firefox"]);
            let comparison = compare_outcomes((&a, &environments), (&b, &environments));
            let sum: u64 = Change::ALL.iter().map(|change| comparison.count(*change)).sum();
            prop_assert_eq!(sum, comparison.tests.len() as u64);
            let one_sided = comparison.count(Change::Added) + comparison.count(Change::Removed);
            prop_assert_eq!(comparison.in_both() + one_sided, sum);
            prop_assert!(comparison.new_failures().count() as u64
                <= comparison.count(Change::NewFailure) + comparison.count(Change::Added));
        }
    }
}
