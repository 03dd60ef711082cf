//! Containers: which set-ups and tear-downs belong to which result.

use std::collections::HashMap;

use super::raw::{RawContainer, RawStep};
use super::redact::Around;

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
}

impl Fixtures {
    /// Adds the container of an entry.
    pub(super) fn add(&mut self, raw: RawContainer, entry: usize) {
        let place = u32::try_from(self.containers.len()).unwrap_or(u32::MAX);
        self.containers.push(Container {
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

    /// Returns what ran before and after a result, each sorted by start, those without one last.
    pub(super) fn of(&self, uuid: Option<&str>) -> Around {
        let before = self.containers(uuid).flat_map(|c| c.before.iter().cloned());
        let after = self.containers(uuid).flat_map(|c| c.after.iter().cloned());
        (sorted(before.collect()), sorted(after.collect()))
    }

    /// Returns the places of the containers' files that list a result.
    pub(super) fn entries_of(&self, uuid: Option<&str>) -> Vec<usize> {
        self.containers(uuid).map(|c| c.entry).collect()
    }

    fn containers(&self, uuid: Option<&str>) -> impl Iterator<Item = &Container> {
        let places = uuid.and_then(|uuid| self.by_child.get(uuid));
        let places = places.map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .filter_map(|at| self.containers.get(*at as usize))
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
        let (before, after) = fixtures.of(Some("a"));
        let names: Vec<_> = before.iter().filter_map(|s| s.name.as_deref()).collect();
        assert_eq!(names, ["early", "late", "never"]);
        assert_eq!(after.len(), 1);
        assert_eq!(fixtures.of(Some("b")).0.len(), 2);
        assert!(fixtures.of(None).0.is_empty());
        assert_eq!(fixtures.entries_of(Some("a")), [3, 5]);
    }
}
