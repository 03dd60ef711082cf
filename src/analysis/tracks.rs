//! Tracks: the line of results of one test over closed launches. Computed on reading, never stored.
//!
//! *Track key*: the case, else the test's identity; + parameters + the declared environment
//! variables; + the name where results of one launch would share the key but differ in name. The
//! case is the one stored at closing; where none was stored, or it is gone, today's match.
//!
//! Names are asked for only where they decide: for tests without a case, once each, and where results of
//! one launch share all else.

mod cases;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use self::cases::Cases;
use super::keys;
use super::matching::Matcher;
use super::stability::is_significant;
use crate::model::{
    Brief, Briefs, DeclaredVariable, Flag, OrderedMap, Status, TestIdentity, number,
};

/// What producers call the tests of one launch.
pub trait Identities: Sync + std::fmt::Debug {
    /// Returns the words for a test, by the number that briefs have for it.
    fn get(&self, test: u64) -> Option<Cow<'_, TestIdentity>>;

    /// Returns the documented cases that some of the tests belong to, by today's documentation. There may be others
    /// among them.
    fn matching(&self, tests: &[u64], matcher: &Matcher) -> Vec<(u64, String)> {
        let found = tests.par_iter().with_min_len(256).filter_map(|test| {
            let identity = self.get(*test)?;
            let case = matcher.case(&identity.ids, identity.full_name.as_deref())?;
            Some((*test, case))
        });
        found.collect()
    }
}

/// Identities that are read already.
#[derive(Debug, Default)]
pub struct Known<'a>(HashMap<u64, &'a TestIdentity>);

impl<'a> Known<'a> {
    pub fn new(tests: &'a BTreeMap<String, TestIdentity>) -> Self {
        Self(
            tests
                .iter()
                .map(|(test, identity)| (number(test), identity))
                .collect(),
        )
    }
}

impl Identities for Known<'_> {
    fn get(&self, test: u64) -> Option<Cow<'_, TestIdentity>> {
        self.0.get(&test).map(|identity| Cow::Borrowed(*identity))
    }
}

/// What tracks need of one launch.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    pub briefs: &'a Briefs,
    pub identities: &'a dyn Identities,
}

/// The history of one test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// The documented case, as of today.
    pub case: Option<String>,
    /// At most one entry a launch, in the order of launches.
    pub entries: Vec<Entry>,
}

/// A track's result in one launch: the worst of its results there, overridden ones apart. There are millions of
/// them, so that they are small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// See [`Entry::launch`].
    launch: u32,
    /// See [`Entry::outcome`].
    outcome: u32,
    pub status: Status,
    pub muted: bool,
    pub flaky: bool,
    pub manual: bool,
    /// See [`Entry::duration`].
    duration: u32,
}

impl Entry {
    fn new(launch: usize, outcome: usize, brief: &Brief) -> Self {
        let duration = brief.duration().map_or(0, |ms| ms + 1);
        Self {
            launch: launch as u32,
            outcome: outcome as u32,
            status: brief.status,
            muted: brief.has(Flag::Muted),
            flaky: brief.has(Flag::Flaky),
            manual: brief.has(Flag::Manual),
            duration: u32::try_from(duration).unwrap_or(u32::MAX),
        }
    }

    /// Returns the index of the launch.
    pub fn launch(&self) -> usize {
        self.launch as usize
    }

    /// Returns the index of the deciding outcome in that launch.
    pub fn outcome(&self) -> usize {
        self.outcome as usize
    }

    /// Returns how long it took, in milliseconds.
    pub fn duration(&self) -> Option<u64> {
        self.duration.checked_sub(1).map(u64::from)
    }
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
    of_outcome: Vec<Vec<u32>>,
    /// By case: the indices of its tracks.
    of_case: HashMap<String, Vec<u32>>,
}

impl Tracks {
    /// Computes the tracks of launches given in the order of their opening.
    pub fn new(
        launches: &[Launch<'_>],
        declared: &OrderedMap<DeclaredVariable>,
        matcher: &Matcher,
    ) -> Self {
        let environments = declared_environments(launches, declared);
        let cases = Cases::resolve(launches, matcher);
        let mut slots = Slots::default();
        let mut of_outcome: Vec<Vec<u32>> = Vec::with_capacity(launches.len());
        for (number, launch) in launches.iter().enumerate() {
            let key = |brief: &Brief| {
                let case = cases.of(number, brief);
                let environment = environments[number].get(brief.env as usize);
                Key {
                    test: case.map_or(brief.test, u64::from),
                    params: brief.params,
                    environment: environment.copied().unwrap_or(0),
                    is_case: case.is_some(),
                }
            };
            of_outcome.push(slots.place(number, launch, key));
        }
        slots.split(launches, &mut of_outcome);
        let mut tracks = slots.tracks(&cases.names, &of_outcome);
        for (number, (launch, slots)) in launches.iter().zip(&of_outcome).enumerate() {
            for (outcome, (brief, slot)) in launch.briefs.outcomes.iter().zip(slots).enumerate() {
                tracks[*slot as usize].record(number, outcome, brief);
            }
        }
        let mut of_case: HashMap<String, Vec<u32>> = HashMap::new();
        for (at, track) in tracks.iter().enumerate() {
            if let Some(case) = &track.case {
                of_case.entry(case.clone()).or_default().push(at as u32);
            }
        }
        Self {
            tracks,
            of_outcome,
            of_case,
        }
    }

    /// Returns the track of an outcome, by the launch's and the outcome's index.
    pub fn of(&self, launch: usize, outcome: usize) -> &Track {
        &self.tracks[self.of_outcome[launch][outcome] as usize]
    }

    /// Returns all tracks of a documented case.
    pub fn of_case(&self, case: &str) -> impl Iterator<Item = &Track> {
        let tracks = self.of_case.get(case).into_iter().flatten();
        tracks.map(|at| &self.tracks[*at as usize])
    }

    pub fn iter(&self) -> impl Iterator<Item = &Track> {
        self.tracks.iter()
    }
}

/// What makes results those of one test, names apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    /// The test's number, or that of the case.
    test: u64,
    params: u64,
    environment: u32,
    is_case: bool,
}

/// Returns a number for each environment of each launch: the same where the declared variables are.
fn declared_environments(
    launches: &[Launch<'_>],
    declared: &OrderedMap<DeclaredVariable>,
) -> Vec<Vec<u32>> {
    let mut known: HashMap<String, u32> = HashMap::from([(String::new(), 0)]);
    let mut number = |environment| {
        let text = keys::declared_environment(declared, environment);
        let next = known.len() as u32;
        *known.entry(text).or_insert(next)
    };
    let all = launches.iter();
    all.map(|launch| launch.briefs.environments.iter().map(&mut number).collect())
        .collect()
}

/// Tracks while they are being found: each key has a slot.
#[derive(Default)]
struct Slots {
    keys: Vec<Key>,
    by_key: HashMap<Key, u32>,
    /// The slot that came after each one, when it was last placed: launches list tests in one order, so
    /// that the guess is nearly always right.
    next: Vec<u32>,
    /// The last launch and outcome placed, overridden ones apart.
    last: Vec<(u32, u32)>,
    /// Slots in which results of one launch differ in name.
    colliding: Vec<bool>,
}

const NOWHERE: u32 = u32::MAX;

impl Slots {
    /// Returns the slot of each outcome of a launch.
    fn place(
        &mut self,
        number: usize,
        launch: &Launch<'_>,
        key: impl Fn(&Brief) -> Key,
    ) -> Vec<u32> {
        let outcomes = &launch.briefs.outcomes;
        if self.keys.is_empty() {
            self.by_key.reserve(outcomes.len());
        }
        let mut placed = Vec::with_capacity(outcomes.len());
        let mut before = NOWHERE;
        for (outcome, brief) in outcomes.iter().enumerate() {
            let key = key(brief);
            let guess = self.next.get(before as usize).copied().unwrap_or(0);
            let slot = match self.keys.get(guess as usize) {
                Some(known) if *known == key => guess,
                _ => self.slot(key),
            };
            if let Some(next) = self.next.get_mut(before as usize) {
                *next = slot;
            }
            before = slot;
            placed.push(slot);
            if !brief.has(Flag::Overridden) {
                self.note(number, outcome, slot, launch);
            }
        }
        placed
    }

    fn slot(&mut self, key: Key) -> u32 {
        let new = self.keys.len() as u32;
        let slot = *self.by_key.entry(key).or_insert(new);
        if slot == new {
            self.keys.push(key);
            self.next.push(NOWHERE);
            self.last.push((NOWHERE, 0));
            self.colliding.push(false);
        }
        slot
    }

    /// Notes where a slot was used; twice in one launch under different names is a collision.
    fn note(&mut self, number: usize, outcome: usize, slot: u32, launch: &Launch<'_>) {
        let at = slot as usize;
        let (last, other) = self.last[at];
        if last == number as u32 && !self.colliding[at] {
            let outcomes = &launch.briefs.outcomes;
            let names = [other as usize, outcome].map(|at| name_of(launch, &outcomes[at]));
            self.colliding[at] = names[0] != names[1];
        }
        if last != number as u32 {
            self.last[at] = (number as u32, outcome as u32);
        }
    }

    /// Gives each name of a colliding slot a slot of its own.
    fn split(&mut self, launches: &[Launch<'_>], of_outcome: &mut [Vec<u32>]) {
        if !self.colliding.contains(&true) {
            return;
        }
        let mut by_name: HashMap<(u32, u64), u32> = HashMap::new();
        // The first name keeps the slot.
        let mut kept = vec![false; self.colliding.len()];
        for (launch, placed) in launches.iter().zip(of_outcome) {
            for (brief, slot) in launch.briefs.outcomes.iter().zip(placed) {
                let old = *slot as usize;
                if !self.colliding[old] {
                    continue;
                }
                let own = by_name
                    .entry((*slot, name_of(launch, brief)))
                    .or_insert_with(|| {
                        if !std::mem::replace(&mut kept[old], true) {
                            return *slot;
                        }
                        self.keys.push(self.keys[old]);
                        self.keys.len() as u32 - 1
                    });
                *slot = *own;
            }
        }
    }

    /// Makes the tracks, without entries but with room for them.
    fn tracks(&self, cases: &[String], of_outcome: &[Vec<u32>]) -> Vec<Track> {
        let mut many = vec![0_u32; self.keys.len()];
        of_outcome
            .iter()
            .flatten()
            .for_each(|slot| many[*slot as usize] += 1);
        let keys = self.keys.iter().zip(many);
        keys.map(|(key, many)| Track {
            case: key.is_case.then(|| cases[key.test as usize].clone()),
            entries: Vec::with_capacity(many as usize),
        })
        .collect()
    }
}

/// Returns the number of an outcome's name: as stored, else as the test is called.
fn name_of(launch: &Launch<'_>, brief: &Brief) -> u64 {
    if brief.name != 0 {
        return brief.name;
    }
    let identity = launch.identities.get(brief.test);
    identity.map_or(0, |test| number(&keys::name_digest(&test.name)))
}

impl Track {
    fn record(&mut self, launch: usize, index: usize, brief: &Brief) {
        if brief.has(Flag::Overridden) {
            return;
        }
        let entry = Entry::new(launch, index, brief);
        match self
            .entries
            .last_mut()
            .filter(|last| last.launch() == launch)
        {
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
            .position(|entry| entry.launch() == launch)?;
        let status = self.entries[at].status;
        if !is_significant(status) {
            return None;
        }
        let before = self.entries[..at]
            .iter()
            .rev()
            .find(|entry| counts(entry.launch()) && is_significant(entry.status));
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
    use crate::model::{Automation, Case, Environment, Outcome};

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
        let tests = tests(names);
        let identities = Known::new(&tests);
        let environments = [Environment::default()];
        let briefs: Vec<Briefs> = launches
            .iter()
            .map(|outcomes| Briefs::of(&environments, outcomes))
            .collect();
        let launches: Vec<Launch<'_>> = briefs
            .iter()
            .map(|briefs| Launch {
                briefs,
                identities: &identities,
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

    #[test]
    fn a_case_that_is_gone_keeps_its_history() {
        let mut with_case = outcome("a", Status::Passed);
        with_case.case = Some("S-9".into());
        let launches = [vec![with_case.clone()], vec![with_case]];
        let tracks = tracks(&launches, &[("a", "x")], &[]);
        assert_eq!(
            tracks
                .of_case("S-9")
                .map(|track| track.entries.len())
                .sum::<usize>(),
            2
        );
    }

    #[test]
    fn tests_come_back_in_any_order() {
        let names: Vec<String> = (0..50).map(|n| format!("t{n}")).collect();
        let forward: Vec<Outcome> = names.iter().map(|n| outcome(n, Status::Passed)).collect();
        let mut back = forward.clone();
        back.reverse();
        back.remove(7);
        let launches = [forward.clone(), back, forward];
        let tracks = tracks(&launches, &[], &[]);
        assert_eq!(tracks.iter().count(), 50);
        let lengths: Vec<usize> = tracks.iter().map(|track| track.entries.len()).collect();
        assert_eq!(lengths.iter().filter(|n| **n == 2).count(), 1);
        assert_eq!(lengths.iter().sum::<usize>(), 149);
    }
}
