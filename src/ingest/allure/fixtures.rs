//! Containers: which set-ups and tear-downs belong to which result.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use super::raw::{RawContainer, RawStep};
use super::redact::{self, Around};
use crate::model::Status;

/// A result that is listed failed.
const RED: u8 = 1;
/// A result that is listed was skipped.
const SKIPPED: u8 = 2;
/// A result that is listed has masked or hidden values.
const SECRET: u8 = 4;

/// What the full name of a fixture that has a row begins with.
const PREFIX: &str = "fixtures.";

/// The fixtures of all containers, by the results that these list.
#[derive(Debug, Default)]
pub(super) struct Fixtures {
    containers: Vec<Container>,
    /// By a result's uuid, the containers that list it, in the order of their files.
    by_child: HashMap<String, Vec<u32>>,
    /// Any fixture failed.
    any_red: AtomicBool,
    /// Full names of fixtures that results tell themselves, as in our own exports.
    told: Mutex<HashSet<String>>,
}

#[derive(Debug)]
struct Container {
    before: Vec<RawStep>,
    after: Vec<RawStep>,
    /// The place of its file among the entries.
    entry: usize,
    has_secrets: bool,
    uuid: Option<String>,
    name: Option<String>,
    /// What is known of the results below it.
    below: AtomicU8,
}

/// A set-up or tear-down that failed, of which no test says so.
#[derive(Debug)]
pub(super) struct Unshown<'a> {
    /// `None` where it may repeat a secret of a test.
    pub(super) step: Option<&'a RawStep>,
    pub(super) full_name: String,
    pub(super) is_before: bool,
    /// The place of the container's file.
    pub(super) entry: usize,
    /// Its place in the container.
    pub(super) nth: usize,
}

/// What ran before and after one result. Most results pass and their steps are not kept, so the
/// steps stay in their containers until somebody takes them.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    containers: Vec<&'a Container>,
    own: Option<Around>,
}

impl Surroundings<'_> {
    pub(super) fn have_secrets(&self) -> bool {
        self.containers.iter().any(|c| c.has_secrets)
    }

    /// Returns the places of the containers' files.
    pub(super) fn entries(&self) -> Vec<usize> {
        self.containers.iter().map(|c| c.entry).collect()
    }

    /// Returns the result's own copy of the steps, to change.
    pub(super) fn own(&mut self) -> &mut Around {
        let containers = &self.containers;
        self.own.get_or_insert_with(|| copied(containers))
    }

    /// Returns what ran before and what after, each sorted by start, those without one last.
    pub(super) fn into_steps(self) -> Around {
        self.own.unwrap_or_else(|| copied(&self.containers))
    }

    /// All steps in no particular order, as the containers have them.
    pub(super) fn unsorted(&self) -> impl Iterator<Item = &RawStep> {
        let containers = self.containers.iter();
        containers.flat_map(|c| c.before.iter().chain(&c.after))
    }
}

fn copied(containers: &[&Container]) -> Around {
    let before = containers.iter().flat_map(|c| c.before.iter().cloned());
    let after = containers.iter().flat_map(|c| c.after.iter().cloned());
    (sorted(before.collect()), sorted(after.collect()))
}

impl Fixtures {
    /// Adds the container of an entry.
    pub(super) fn add(&mut self, raw: RawContainer, entry: usize) {
        let place = u32::try_from(self.containers.len()).unwrap_or(u32::MAX);
        let mut steps = raw.befores.iter().chain(&raw.afters).flatten();
        if steps.any(is_red) {
            self.any_red.store(true, Ordering::Relaxed);
        }
        self.containers.push(Container {
            has_secrets: redact::has_secrets(&raw),
            uuid: raw.uuid,
            name: raw.name,
            below: AtomicU8::new(0),
            before: raw.befores.unwrap_or_default(),
            after: raw.afters.unwrap_or_default(),
            entry,
        });
        for child in raw.children.unwrap_or_default() {
            let places = self.by_child.entry(child).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }

    /// Returns what ran before and after a result.
    pub(super) fn of(&self, uuid: Option<&str>) -> Surroundings<'_> {
        let places = uuid.and_then(|uuid| self.by_child.get(uuid));
        let places = places.map_or(&[][..], Vec::as_slice).iter();
        Surroundings {
            containers: places
                .filter_map(|at| self.containers.get(*at as usize))
                .collect(),
            own: None,
        }
    }
}

impl Fixtures {
    /// Takes in how a result ended, for all containers above it.
    pub(super) fn saw(&self, uuid: Option<&str>, status: Status, has_secrets: bool) {
        let Some(uuid) = uuid.filter(|_| self.any_red.load(Ordering::Relaxed)) else {
            return;
        };
        let bits = match status {
            Status::Failed | Status::Broken => RED,
            Status::Skipped => SKIPPED,
            _ => 0,
        };
        let bits = if has_secrets { bits | SECRET } else { bits };
        let mut below = vec![uuid];
        while let Some(child) = below.pop() {
            let places = self.by_child.get(child).into_iter().flatten();
            for container in places.filter_map(|at| self.containers.get(*at as usize)) {
                let before = container.below.fetch_or(bits, Ordering::Relaxed);
                if before & bits != bits {
                    below.extend(container.uuid.as_deref());
                }
            }
        }
    }

    /// Takes in the full name of a result that stands for a fixture.
    pub(super) fn told(&self, full_name: &str) {
        if full_name.starts_with(PREFIX) {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.insert(full_name.to_owned());
        }
    }

    /// Returns the fixtures that failed although no test below them did. A set-up that failed may also
    /// have ended in tests that were skipped.
    pub(super) fn unshown(&self) -> Vec<Unshown<'_>> {
        let mut unshown = Vec::new();
        if !self.any_red.load(Ordering::Relaxed) {
            return unshown;
        }
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for container in &self.containers {
            let below = container.below.load(Ordering::Relaxed);
            let is_secret = container.has_secrets || below & SECRET != 0;
            let befores = container.before.iter().map(|step| (step, true));
            let all = befores.chain(container.after.iter().map(|step| (step, false)));
            for (nth, (step, is_before)) in all.enumerate() {
                let shows = if is_before { RED | SKIPPED } else { RED };
                if !is_red(step) || below & shows != 0 {
                    continue;
                }
                let full_name = container.full_name(step, is_before, is_secret);
                if !told.contains(&full_name) {
                    unshown.push(Unshown {
                        step: Some(step).filter(|_| !is_secret),
                        full_name,
                        is_before,
                        entry: container.entry,
                        nth,
                    });
                }
            }
        }
        unshown
    }
}

impl Container {
    fn full_name(&self, step: &RawStep, is_before: bool, is_secret: bool) -> String {
        let kind = if is_before { "set-up" } else { "tear-down" };
        let names = [self.name.as_deref(), step.name.as_deref()];
        let mut names: Vec<&str> = names
            .into_iter()
            .flatten()
            .filter(|name| !name.trim().is_empty() && !is_secret)
            .collect();
        names.dedup();
        match names.as_slice() {
            [] => format!("{PREFIX}{kind}"),
            names => format!("{PREFIX}{} ({kind})", names.join(".")),
        }
    }
}

fn is_red(step: &RawStep) -> bool {
    let status = step.status.as_deref().and_then(Status::parse);
    matches!(status, Some(Status::Failed | Status::Broken))
}

fn sorted(mut steps: Vec<RawStep>) -> Vec<RawStep> {
    steps.sort_by_key(|step| step.start.unwrap_or(i64::MAX));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_of_several_containers_are_sorted() {
        let step = |name: &str, start| RawStep {
            name: Some(name.into()),
            start,
            ..RawStep::default()
        };
        let mut fixtures = Fixtures::default();
        fixtures.add(
            RawContainer {
                children: Some(vec!["a".into(), "a".into(), "b".into()]),
                befores: Some(vec![step("late", Some(9)), step("never", None)]),
                ..RawContainer::default()
            },
            3,
        );
        fixtures.add(
            RawContainer {
                children: Some(vec!["a".into()]),
                befores: Some(vec![step("early", Some(1))]),
                afters: Some(vec![step("down", None)]),
                ..RawContainer::default()
            },
            5,
        );
        assert_eq!(fixtures.of(Some("a")).entries(), [3, 5]);
        assert_eq!(fixtures.of(Some("a")).unsorted().count(), 4);
        let (before, after) = fixtures.of(Some("a")).into_steps();
        let names: Vec<_> = before.iter().filter_map(|s| s.name.as_deref()).collect();
        assert_eq!(names, ["early", "late", "never"]);
        assert_eq!(after.len(), 1);
        assert_eq!(fixtures.of(Some("b")).into_steps().0.len(), 2);
        assert!(fixtures.of(None).into_steps().0.is_empty());
    }
}
