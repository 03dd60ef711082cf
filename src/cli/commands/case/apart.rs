//! Tests that one of two launches has and the other has not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::analysis::matching::{Match, Matcher, selects};
use crate::analysis::rename::{Named, renames};
use crate::ledger::Launch;
use crate::model::{Case, TestIdentity};
use crate::store::{Doc, Project};

/// The tests of a launch that have results in it.
pub(super) fn tests(launch: &Launch) -> BTreeMap<&str, &TestIdentity> {
    let used: HashSet<&str> = launch
        .outcomes
        .iter()
        .map(|one| one.test.as_str())
        .collect();
    let all = launch.tests().iter();
    all.map(|(test, identity)| (test.as_str(), identity))
        .filter(|(test, _)| used.contains(test))
        .collect()
}

/// Tests by name.
#[derive(Debug)]
pub(super) struct Apart<'a> {
    pub(super) gone: Vec<&'a TestIdentity>,
    pub(super) come: Vec<&'a TestIdentity>,
}

/// Holds a launch against the one before it: by tests, by what they are called, and without tests whose case
/// follows them.
pub(super) fn apart<'a>(
    project: &Project,
    matcher: &Matcher,
    before: &'a Launch,
    launch: &'a Launch,
) -> Apart<'a> {
    let mut out = Apart {
        gone: beyond(before, launch),
        come: beyond(launch, before),
    };
    let (old, new) = followed(project, matcher, &out);
    let mut at = 0..;
    out.gone
        .retain(|_| at.next().is_some_and(|at| !old.contains(&at)));
    let mut at = 0..;
    out.come
        .retain(|_| at.next().is_some_and(|at| !new.contains(&at)));
    out
}

fn beyond<'a>(of: &'a Launch, other: &Launch) -> Vec<&'a TestIdentity> {
    let there = tests(other);
    let names: BTreeSet<&str> = { there.values() }
        .filter_map(|test| test.full_name.as_deref())
        .collect();
    let own = tests(of).into_iter();
    let is_beyond = |(digest, test): &(&str, &TestIdentity)| {
        let name = test.full_name.as_deref();
        !there.contains_key(digest) && name.is_none_or(|name| !names.contains(name))
    };
    let mut out: Vec<_> = own.filter(is_beyond).map(|(_, test)| test).collect();
    out.sort_by(|a, b| (&a.full_name, &a.name).cmp(&(&b.full_name, &b.name)));
    out
}

/// Returns the places of tests that took each other's in a case that names both: somebody has said already that
/// they are one. A pattern or an id says that of no two tests.
fn followed(
    project: &Project,
    matcher: &Matcher,
    apart: &Apart<'_>,
) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let docs = project.cases.iter().map(|doc| (doc.value.id.as_str(), doc));
    let docs: HashMap<&str, &Doc<Case>> = docs.collect();
    let mut by_case: BTreeMap<String, [Vec<usize>; 2]> = BTreeMap::new();
    for (side, tests) in [&apart.gone, &apart.come].into_iter().enumerate() {
        for (at, test) in tests.iter().enumerate() {
            let name = test.full_name.as_deref();
            if let (Match::Case(case), Some(name)) = (matcher.find(&test.ids, name), name)
                && docs
                    .get(case.as_str())
                    .is_some_and(|doc| names(&doc.value, name))
            {
                by_case.entry(case).or_default()[side].push(at);
            }
        }
    }
    let (mut old, mut new) = (BTreeSet::new(), BTreeSet::new());
    for [gone, come] in by_case.into_values() {
        let pairs = gone.len().min(come.len());
        let gone: Side<'_> = (&gone, &apart.gone);
        let come: Side<'_> = (&come, &apart.come);
        old.extend(nearest(gone, come, pairs));
        new.extend(nearest(come, gone, pairs));
    }
    (old, new)
}

/// Whether a case has a test's full name among its selectors, not by a pattern.
fn names(case: &Case, name: &str) -> bool {
    let mut selectors = case.automation.selectors.iter();
    selectors.any(|one| !one.contains('*') && selects(one, name))
}

/// Places of a case's tests among all of one launch.
type Side<'a> = (&'a [usize], &'a [&'a TestIdentity]);

/// Returns as many as there are pairs: those that are most like one of the others, then the first.
fn nearest(own: Side<'_>, others: Side<'_>, pairs: usize) -> Vec<usize> {
    if pairs == own.0.len() {
        return own.0.to_vec();
    }
    let named = |(places, tests): Side<'_>| -> Vec<Named> {
        let named = |at: &usize| Named {
            full_name: tests[*at].full_name.clone().unwrap_or_default(),
            ..Named::default()
        };
        places.iter().map(named).collect()
    };
    let alike = renames(&named(own), &named(others), |_, _| true).into_iter();
    let own = own.0;
    let mut out: Vec<usize> = alike.map(|one| own[one.gone]).collect();
    let rest = own.iter().filter(|at| !out.contains(at)).copied();
    let rest: Vec<usize> = rest.collect();
    out.extend(rest);
    out.truncate(pairs);
    out
}
