//! All that one launch says beside its history and its baseline: what comparisons, gates, reports and
//! triage start from, so that they agree.

use super::baseline::{Found, NoBaseline};
use super::history::{History, Moment};
use super::launch::Launch;
use super::ranges::Ranges;
use crate::analysis::age::{Age, age};
use crate::analysis::compare::{Comparison, compare};
use crate::analysis::matching::Matcher;
use crate::analysis::pace::Pace;
use crate::analysis::tracks::{self, Entry, Track, Transition};
use crate::model::{Flag, OrderedMap, Outcome, Status};
use crate::store::Project;

/// How many durations a pace is computed from.
const PACE_OVER: usize = 20;

/// A launch at the end of its history.
#[derive(Clone, Debug)]
pub struct Reading {
    history: History,
    pub baseline: Result<Baseline, NoBaseline>,
    /// Counts the commits that bracket a cause; without a repository none are counted.
    pub ranges: Ranges,
}

/// What a launch is held against.
#[derive(Clone, Debug)]
pub struct Baseline {
    pub launch: Launch,
    pub found: Found,
    pub comparison: Comparison,
}

/// An outcome that took longer than the test usually does.
#[derive(Clone, Debug)]
pub struct Slower<'a> {
    pub outcome: &'a Outcome,
    /// Milliseconds.
    pub duration: u64,
    pub pace: Pace,
}

impl Reading {
    /// Puts a launch, which ends its history, beside its baseline, by today's documentation.
    ///
    /// # Panics
    /// Where the history is empty.
    pub fn new(
        project: &Project,
        history: History,
        baseline: Result<(Launch, Found), NoBaseline>,
    ) -> Self {
        let launch = history
            .last
            .as_ref()
            .expect("a history ends with the launch");
        let baseline = baseline.map(|(base, found)| {
            let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
            let none = OrderedMap::default();
            let settings = project.settings.as_ref();
            let declared = settings.map_or(&none, |doc| &doc.value.environment);
            let comparison = {
                let (before, now) = (base.briefs(), launch.briefs());
                let (known_before, known_now) = (base.identities(), launch.identities());
                let before = tracks::Launch {
                    briefs: &before,
                    identities: &*known_before,
                };
                let now = tracks::Launch {
                    briefs: &now,
                    identities: &*known_now,
                };
                compare(&before, &now, declared, &matcher)
            };
            Baseline {
                launch: base,
                found,
                comparison,
            }
        });
        Self {
            history,
            baseline,
            ranges: Ranges::default(),
        }
    }

    pub fn launch(&self) -> &Launch {
        self.history
            .last
            .as_ref()
            .expect("a history ends with the launch")
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    /// Returns how many launches stand before this one in its history.
    pub fn earlier(&self) -> usize {
        self.history.earlier()
    }

    /// Returns the track of an outcome, by its index.
    pub fn track(&self, outcome: usize) -> &Track {
        self.history.past.tracks.of(self.earlier(), outcome)
    }

    /// Returns how an outcome compares with the last one of its track; none without history.
    pub fn transition(&self, outcome: usize) -> Option<Transition> {
        self.track(outcome).transition(self.earlier(), |_| true)
    }

    /// Returns how long an outcome's test has been failing.
    pub fn age(&self, outcome: usize) -> Option<Age> {
        age(self.track(outcome), self.earlier(), |_| true)
    }

    /// Returns a launch of the history, by the index that an age has.
    pub fn at(&self, launch: usize) -> &Moment {
        &self.history.moments[launch]
    }

    /// Returns the passed results that took longer than noise explains, worst first.
    pub fn slower(&self) -> Vec<Slower<'_>> {
        let outcomes = self.launch().outcomes.iter().enumerate();
        let passed = outcomes.filter(|(_, outcome)| {
            outcome.status == Status::Passed && !outcome.has(Flag::Overridden)
        });
        let slower = passed.filter_map(|(at, outcome)| {
            let duration = outcome.duration?;
            let pace = Pace::of(&self.durations(at))?;
            pace.is_slower(duration).then_some(Slower {
                outcome,
                duration,
                pace,
            })
        });
        let mut slower: Vec<Slower<'_>> = slower.collect();
        slower.sort_by_key(|slow| std::cmp::Reverse(slow.duration - slow.pace.median));
        slower
    }

    /// Returns the durations of the latest passed entries before this launch, executed as it was: by
    /// people or by machines.
    fn durations(&self, at: usize) -> Vec<u64> {
        let own = self.launch().outcomes[at].has(Flag::Manual);
        let entries = self.track(at).entries.iter().rev();
        let alike = entries.filter(|entry| {
            entry.launch() != self.earlier()
                && entry.status == Status::Passed
                && entry.manual == own
        });
        alike.filter_map(Entry::duration).take(PACE_OVER).collect()
    }
}
