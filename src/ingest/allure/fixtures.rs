//! Containers: which set-ups and tear-downs belong to which result.

use std::collections::HashMap;

use super::raw::{RawContainer, RawStep};
use super::redact::{self, Around};

/// The fixtures of all containers, by the results that these list.
#[derive(Debug, Default)]
pub(super) struct Fixtures {
    containers: Vec<Container>,
    /// By a result's uuid, the containers that list it, in the order of their files.
    by_child: HashMap<String, Vec<u32>>,
}

#[derive(Debug)]
struct Container {
    before: Vec<RawStep>,
    after: Vec<RawStep>,
    /// The place of its file among the entries.
    entry: usize,
    has_secrets: bool,
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
        self.containers.push(Container {
            has_secrets: redact::has_secrets(&raw),
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
                afters: None,
            },
            3,
        );
        fixtures.add(
            RawContainer {
                children: Some(vec!["a".into()]),
                befores: Some(vec![step("early", Some(1))]),
                afters: Some(vec![step("down", None)]),
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
