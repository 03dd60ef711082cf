//! Tracks: the line of results of one test over closed launches. Computed on reading, never stored.
//!
//! *Track key*: the case, else the test's identity; + parameters + the declared environment
//! variables; + the name where results of one launch would share the key but differ in name. The
//! case is the one stored at closing; where none was stored, or it is gone, today's match.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::keys;
use super::matching::{Match, Matcher};
use super::stability::is_significant;
use crate::model::{
    DeclaredVariable, Environment, Flag, OrderedMap, Outcome, Status, TestIdentity,
};

/// What tracks need of one closed launch.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    pub environments: &'a [Environment],
    pub outcomes: &'a [Outcome],
    pub tests: &'a BTreeMap<String, TestIdentity>,
}

/// The history of one test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// The documented case, as of today.
    pub case: Option<String>,
    /// At most one entry a launch, in the order of launches.
    pub entries: Vec<Entry>,
}

/// A track's result in one launch: the worst of its results there, overridden ones apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The index of the launch.
    pub launch: usize,
    /// The index of the deciding outcome in that launch.
    pub outcome: usize,
    pub status: Status,
    pub muted: bool,
    pub flaky: bool,
}

/// How an entry compares with the last one before it that passed, failed or broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// There is none before it.
    New,
    Fixed,
    Regressed,
    Malfunctioned,
    Same,
}

impl Transition {
    /// Returns the name for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Fixed => "fixed",
            Self::Regressed => "regressed",
            Self::Malfunctioned => "malfunctioned",
            Self::Same => "same",
        }
    }
}

/// All tracks of a project over its launches.
#[derive(Clone, Debug, Default)]
pub struct Tracks {
    tracks: Vec<Track>,
    /// By launch and outcome: the index of its track.
    of_outcome: Vec<Vec<usize>>,
}

type Key = (String, String, String);

impl Tracks {
    /// Computes the tracks of launches given in the order of their opening.
    pub fn new(
        launches: &[Launch<'_>],
        declared: &OrderedMap<DeclaredVariable>,
        matcher: &Matcher,
    ) -> Self {
        let keys: Vec<Vec<Key>> = launches
            .iter()
            .map(|launch| keys_of(launch, declared, matcher))
            .collect();
        let colliding = colliding(launches, &keys);
        let mut tracks = Self::default();
        let mut by_key: HashMap<(Key, String), usize> = HashMap::new();
        for (number, (launch, keys)) in launches.iter().zip(keys).enumerate() {
            let mut of_outcome = Vec::with_capacity(keys.len());
            for (outcome, key) in launch.outcomes.iter().zip(keys) {
                let named = colliding.contains(&key);
                let name = if named {
                    name_key(launch, outcome)
                } else {
                    String::new()
                };
                let case = key.0.strip_prefix("case ").map(str::to_owned);
                let index = *by_key.entry((key, name)).or_insert_with(|| {
                    tracks.tracks.push(Track {
                        case,
                        entries: Vec::new(),
                    });
                    tracks.tracks.len() - 1
                });
                tracks.tracks[index].record(number, of_outcome.len(), outcome);
                of_outcome.push(index);
            }
            tracks.of_outcome.push(of_outcome);
        }
        tracks
    }

    /// Returns the track of an outcome, by the launch's and the outcome's index.
    pub fn of(&self, launch: usize, outcome: usize) -> &Track {
        &self.tracks[self.of_outcome[launch][outcome]]
    }

    /// Returns all tracks of a documented case.
    pub fn of_case<'a>(&'a self, case: &'a str) -> impl Iterator<Item = &'a Track> {
        self.tracks
            .iter()
            .filter(move |track| track.case.as_deref() == Some(case))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Track> {
        self.tracks.iter()
    }
}

fn keys_of(
    launch: &Launch<'_>,
    declared: &OrderedMap<DeclaredVariable>,
    matcher: &Matcher,
) -> Vec<Key> {
    let environments: Vec<String> = launch
        .environments
        .iter()
        .map(|environment| keys::declared_environment(declared, environment))
        .collect();
    let key = |outcome: &Outcome| {
        let identity = launch.tests.get(&outcome.test);
        let test = match case_of(outcome, identity, matcher) {
            Some(case) => format!("case {case}"),
            None => format!("test {}", outcome.test),
        };
        let environment = environments
            .get(outcome.env as usize)
            .cloned()
            .unwrap_or_default();
        (test, outcome.params.clone(), environment)
    };
    launch.outcomes.iter().map(key).collect()
}

fn case_of(
    outcome: &Outcome,
    identity: Option<&TestIdentity>,
    matcher: &Matcher,
) -> Option<String> {
    let stored = outcome
        .case
        .as_ref()
        .map(|case| matcher.find(std::slice::from_ref(case), None));
    if let Some(Match::Case(case)) = stored {
        return Some(case);
    }
    let identity = identity?;
    match matcher.find(&identity.ids, identity.full_name.as_deref()) {
        Match::Case(case) => Some(case),
        Match::None | Match::Ambiguous(_) => outcome.case.clone(),
    }
}

/// Keys that several differently named results of one launch share, overridden ones apart.
fn colliding(launches: &[Launch<'_>], keys: &[Vec<Key>]) -> BTreeSet<Key> {
    let mut out = BTreeSet::new();
    for (launch, keys) in launches.iter().zip(keys) {
        let mut names: HashMap<&Key, String> = HashMap::new();
        for (outcome, key) in launch.outcomes.iter().zip(keys) {
            if outcome.has(Flag::Overridden) {
                continue;
            }
            let name = name_key(launch, outcome);
            let first = names.entry(key).or_insert_with(|| name.clone());
            if *first != name {
                out.insert(key.clone());
            }
        }
    }
    out
}

fn name_key(launch: &Launch<'_>, outcome: &Outcome) -> String {
    let stored = || {
        launch
            .tests
            .get(&outcome.test)
            .map(|test| keys::name_digest(&test.name))
    };
    outcome.name.clone().or_else(stored).unwrap_or_default()
}

impl Track {
    fn record(&mut self, launch: usize, index: usize, outcome: &Outcome) {
        if outcome.has(Flag::Overridden) {
            return;
        }
        let entry = Entry {
            launch,
            outcome: index,
            status: outcome.status,
            muted: outcome.has(Flag::Muted),
            flaky: outcome.has(Flag::Flaky),
        };
        match self.entries.last_mut().filter(|last| last.launch == launch) {
            Some(last) if entry.status < last.status => *last = entry,
            Some(_) => {}
            None => self.entries.push(entry),
        }
    }

    /// Returns how the entry of a launch compares with the last significant one before it, over
    /// the launches that `counts` lets in (of one branch, say). `None` where the launch's own
    /// entry did not pass, fail or break.
    pub fn transition(&self, launch: usize, counts: impl Fn(usize) -> bool) -> Option<Transition> {
        let at = self
            .entries
            .iter()
            .position(|entry| entry.launch == launch)?;
        let status = self.entries[at].status;
        if !is_significant(status) {
            return None;
        }
        let before = self.entries[..at]
            .iter()
            .rev()
            .find(|entry| counts(entry.launch) && is_significant(entry.status));
        Some(match (before.map(|entry| entry.status), status) {
            (None, _) => Transition::New,
            (Some(before), now) if before == now => Transition::Same,
            (Some(_), Status::Passed) => Transition::Fixed,
            (Some(_), Status::Failed) => Transition::Regressed,
            (Some(_), _) => Transition::Malfunctioned,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Automation, Case};

    fn outcome(test: &str, status: Status) -> Outcome {
        Outcome {
            id: format!("{test}-{status}"),
            test: test.into(),
            status,
            ..Outcome::default()
        }
    }

    fn tests(items: &[(&str, &str)]) -> BTreeMap<String, TestIdentity> {
        let identity = |(test, name): &(&str, &str)| {
            let identity = TestIdentity {
                test: (*test).to_owned(),
                name: (*name).to_owned(),
                full_name: Some(format!("t#{name}")),
                ..TestIdentity::default()
            };
            ((*test).to_owned(), identity)
        };
        items.iter().map(identity).collect()
    }

    fn tracks(launches: &[Vec<Outcome>], names: &[(&str, &str)], cases: &[Case]) -> Tracks {
        let environments = [Environment::default()];
        let tests = tests(names);
        let launches: Vec<Launch<'_>> = launches
            .iter()
            .map(|outcomes| Launch {
                environments: &environments,
                outcomes,
                tests: &tests,
            })
            .collect();
        Tracks::new(&launches, &OrderedMap::default(), &Matcher::new(cases))
    }

    #[test]
    fn an_entry_is_the_worst_of_a_launch() {
        let launches = [
            vec![outcome("a", Status::Passed)],
            vec![outcome("a", Status::Passed), outcome("a", Status::Failed)],
        ];
        let tracks = tracks(&launches, &[("a", "x")], &[]);
        let statuses: Vec<_> = tracks.of(0, 0).entries.iter().map(|e| e.status).collect();
        assert_eq!(statuses, [Status::Passed, Status::Failed]);
        assert_eq!(
            tracks.of(1, 1).transition(1, |_| true),
            Some(Transition::Regressed)
        );
        assert_eq!(
            tracks.of(0, 0).transition(0, |_| true),
            Some(Transition::New)
        );
        assert_eq!(
            tracks.of(1, 1).transition(1, |_| false),
            Some(Transition::New)
        );
    }

    #[test]
    fn an_adopted_test_keeps_its_history() {
        let mut later = outcome("a", Status::Failed);
        later.case = Some("S-1".into());
        let case = Case {
            id: "S-1".into(),
            automation: Automation {
                selectors: vec!["t#x".into()],
            },
            ..Case::default()
        };
        let launches = [vec![outcome("a", Status::Passed)], vec![later]];
        let tracks = tracks(&launches, &[("a", "x")], &[case]);
        assert_eq!(tracks.of(0, 0).entries.len(), 2);
        assert_eq!(tracks.of_case("S-1").count(), 1);
    }

    #[test]
    fn names_keep_tests_of_one_case_apart() {
        let mut a = outcome("a", Status::Passed);
        let mut b = outcome("b", Status::Failed);
        (a.case, b.case) = (Some("S-1".into()), Some("S-1".into()));
        let case = Case {
            id: "S-1".into(),
            ..Case::default()
        };
        let launches = [vec![a.clone(), b], vec![a]];
        let tracks = tracks(&launches, &[("a", "x"), ("b", "y")], &[case]);
        assert_eq!(tracks.of_case("S-1").count(), 2);
        assert_eq!(tracks.of(0, 0).entries.len(), 2);
    }
}
