//! What a project has already, and what one import takes: ids, and names of tests.

use std::collections::{BTreeMap, BTreeSet};

use super::foreign::ForeignCase;
use crate::analysis::matching::selects;
use crate::base::hash::digest_fields;
use crate::model::{Case, is_case_id};
use crate::store::{Doc, Project};

pub(super) struct Known<'p> {
    by_id: BTreeMap<String, &'p Doc<Case>>,
    by_selector: BTreeMap<&'p str, &'p Doc<Case>>,
    ids: BTreeSet<String>,
    /// Full names that are selected, and patterns.
    names: BTreeSet<String>,
    patterns: Patterns,
}

/// Patterns of names, by what stands before their first `*`.
#[derive(Default)]
struct Patterns {
    by_start: BTreeMap<String, BTreeSet<String>>,
    /// How long these starts are, in bytes.
    lengths: BTreeSet<usize>,
}

impl Patterns {
    fn add(&mut self, pattern: &str) {
        let start = start(pattern);
        self.lengths.insert(start.len());
        let all = self.by_start.entry(start.to_owned()).or_default();
        all.insert(pattern.to_owned());
    }

    fn has(&self, pattern: &str) -> bool {
        let all = self.by_start.get(start(pattern));
        all.is_some_and(|all| all.contains(pattern))
    }

    fn select(&self, name: &str) -> bool {
        let lengths = self.lengths.range(..=name.len());
        let mut all = lengths
            .filter_map(|length| self.by_start.get(name.get(..*length)?))
            .flatten();
        all.any(|pattern| selects(pattern, name))
    }
}

/// What stands before the first `*`.
fn start(pattern: &str) -> &str {
    pattern.split('*').next().unwrap_or_default()
}

impl<'p> Known<'p> {
    /// `others` are all projects: an id is given once in a workspace.
    pub(super) fn new(project: &'p Project, others: &[Project]) -> Self {
        let mut out = Self {
            by_id: BTreeMap::new(),
            by_selector: BTreeMap::new(),
            ids: BTreeSet::new(),
            names: BTreeSet::new(),
            patterns: Patterns::default(),
        };
        for case in others.iter().flat_map(|other| &other.cases) {
            let case = &case.value;
            let ids = std::iter::once(&case.id).chain(&case.aliases);
            out.ids.extend(ids.map(|id| id.to_ascii_uppercase()));
        }
        for doc in &project.cases {
            let case = &doc.value;
            for id in std::iter::once(&case.id).chain(&case.aliases) {
                let id = id.to_ascii_uppercase();
                out.ids.insert(id.clone());
                out.by_id.entry(id).or_insert(doc);
            }
            for selector in &case.automation.selectors {
                out.by_selector.entry(selector).or_insert(doc);
                out.take(selector);
            }
        }
        out
    }

    /// Returns the case that is here already: by the id that it is known by elsewhere; one that has none, by
    /// a test that it names.
    pub(super) fn find(&self, foreign: &ForeignCase) -> Option<&'p Doc<Case>> {
        let by_id = |id: &str| self.by_id.get(&id.to_ascii_uppercase()).copied();
        match foreign.ids.iter().find(|id| is_case_id(id)) {
            Some(id) => by_id(id).or_else(|| by_id(&instead(foreign))),
            None => {
                let selectors = foreign.selectors.iter();
                let mut found = selectors.filter_map(|name| self.by_selector.get(name.as_str()));
                found.next().copied().or_else(|| by_id(&instead(foreign)))
            }
        }
    }

    /// Whether a case of the workspace has the id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(&id.to_ascii_uppercase())
    }

    /// Whether two ids mean one case of the project.
    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        let case = |id: &str| Some(&self.by_id.get(&id.to_ascii_uppercase())?.value.id);
        one == other || case(one).is_some_and(|id| case(other) == Some(id))
    }

    /// Takes an id; not one that is taken.
    pub(super) fn claim_id(&mut self, id: &str) -> bool {
        self.ids.insert(id.to_ascii_uppercase())
    }

    /// Whether a test's name or a pattern of names can be taken.
    ///
    /// # Errors
    /// It selects nothing that can be, or what another case selects.
    pub(super) fn may_claim(&self, selector: &str) -> Result<(), &'static str> {
        let is_wrong = selector.trim().is_empty()
            || selector.trim() != selector
            || selector.contains(char::is_control)
            || selector.chars().all(|c| c == '*');
        if is_wrong {
            return Err("no name that a test can have");
        }
        let is_taken = match selector.contains('*') {
            true => {
                let start = start(selector);
                let named = self.names.range(start.to_owned()..);
                let mut named = named.take_while(|name| name.starts_with(start));
                named.any(|name| selects(selector, name)) || self.patterns.has(selector)
            }
            false => self.names.contains(selector) || self.patterns.select(selector),
        };
        match is_taken {
            true => Err("another case has the test"),
            false => Ok(()),
        }
    }

    /// Takes a test's name or a pattern of names.
    pub(super) fn take(&mut self, selector: &str) {
        match selector.contains('*') {
            true => self.patterns.add(selector),
            false => drop(self.names.insert(selector.to_owned())),
        }
    }
}

/// The id by which a case is known again that can have none of its own here: another one has them.
pub(super) fn instead(foreign: &ForeignCase) -> String {
    let mut fields: Vec<&str> = foreign.ids.iter().map(String::as_str).collect();
    fields.extend(foreign.selectors.iter().map(String::as_str));
    fields.push(&foreign.title);
    format!("import-{}", &digest_fields(fields).short()[..12])
}
