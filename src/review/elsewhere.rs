//! Steps that went from one case and came to another: cases that were split or merged.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::pair::Pairs;
use super::scenario::{Body, Loose, loose};
use crate::analysis::align::likeness;
use crate::analysis::meaning::{PlainStep, plain_steps};
use crate::model::Case;
use crate::store::Doc;

/// Steps less like each other than this did not move from one case to the other.
const SAME: f64 = 0.85;

/// Pairs of steps that are compared by words; beyond it only equal ones count.
const MAX_PAIRS: usize = 100_000;

/// Where steps of a case went: the other case, and their numbers here.
#[derive(Clone, Debug, Default)]
pub(super) struct Went<'a> {
    pub(super) to: Vec<(&'a Doc<Case>, Vec<String>)>,
}

impl Went<'_> {
    pub(super) fn has(&self, number: &str) -> bool {
        self.to
            .iter()
            .any(|(_, numbers)| numbers.iter().any(|one| one == number))
    }
}

struct Come<'a> {
    case: &'a Doc<Case>,
    step: PlainStep,
    taken: bool,
}

/// Finds the steps that went from a case, by its path before, to another. A single step that two cases
/// happen to share is no move: two at least must go the same way, or all that the case had, or all that a
/// new case has.
pub(super) fn find<'a>(pairs: &Pairs<'a, Case>) -> BTreeMap<&'a str, Went<'a>> {
    let mut gone: Vec<(&Doc<Case>, Vec<Loose>, usize)> = Vec::new();
    let mut come: Vec<Come<'_>> = Vec::new();
    for (before, after) in &pairs.both {
        if before.text == after.text {
            continue;
        }
        let (old, new) = loose(
            &Body::of(before, &before.value.scenario),
            &Body::of(after, &after.value.scenario),
        );
        if !old.is_empty() {
            gone.push((before, old, before.value.scenario.steps.len()));
        }
        come.extend(new.into_iter().map(|loose| Come {
            case: after,
            step: loose.plain,
            taken: false,
        }));
    }
    for doc in &pairs.come {
        let steps = plain_steps(&doc.value.scenario.steps, &doc.path);
        come.extend(steps.into_iter().map(|step| Come {
            case: doc,
            step,
            taken: false,
        }));
    }
    for doc in &pairs.gone {
        let steps = plain_steps(&doc.value.scenario.steps, &doc.path);
        let count = steps.len();
        let steps = steps.into_iter().enumerate();
        let loose = steps.map(|(at, plain)| Loose {
            number: (at + 1).to_string(),
            plain,
        });
        gone.push((doc, loose.collect(), count));
    }
    let total: usize = gone.iter().map(|(_, steps, _)| steps.len()).sum();
    let by_words = total.saturating_mul(come.len()) <= MAX_PAIRS;
    let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, one) in come.iter().enumerate() {
        by_text
            .entry(format!("{:?}", one.step))
            .or_default()
            .push(at);
    }
    let new: HashSet<&str> = pairs.come.iter().map(|doc| doc.path.as_str()).collect();
    let is_whole = |case: &Doc<Case>, steps: usize| {
        new.contains(case.path.as_str()) && steps == case.value.scenario.steps.len()
    };
    let mut out = BTreeMap::new();
    for (doc, steps, all) in gone {
        let mut found: Vec<(&Doc<Case>, Vec<String>, Vec<usize>)> = Vec::new();
        for step in &steps {
            let equal = by_text.get(&format!("{:?}", step.plain)).and_then(|list| {
                list.iter()
                    .copied()
                    .find(|at| !come[*at].taken && come[*at].case.value.id != doc.value.id)
            });
            let alike = || {
                let open = come
                    .iter()
                    .enumerate()
                    .filter(|(_, one)| !one.taken && one.case.value.id != doc.value.id);
                let scored = open.map(|(at, one)| (likeness(&step.plain, &one.step), at));
                let best = scored
                    .filter(|(score, _)| *score >= SAME)
                    .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
                best.map(|(_, at)| at)
            };
            let Some(at) = equal.or_else(|| by_words.then(alike).flatten()) else {
                continue;
            };
            come[at].taken = true;
            let case = come[at].case;
            match found.iter_mut().find(|(one, ..)| std::ptr::eq(*one, case)) {
                Some((_, numbers, places)) => {
                    numbers.push(step.number.clone());
                    places.push(at);
                }
                None => found.push((case, vec![step.number.clone()], vec![at])),
            }
        }
        let mut went = Went::default();
        for (case, numbers, places) in found {
            let steps = numbers.len();
            if steps > 1 || steps == all || is_whole(case, steps) {
                went.to.push((case, numbers));
            } else {
                for at in places {
                    come[at].taken = false;
                }
            }
        }
        if !went.to.is_empty() {
            out.insert(doc.path.as_str(), went);
        }
    }
    out
}

/// Returns the ids of cases that include shared steps, also by way of others, by the steps' path; steps
/// that are not there too.
pub(super) fn included(project: &crate::store::Project) -> BTreeMap<String, Vec<&str>> {
    let direct = |steps: &[crate::model::ScenarioStep], path: &str| {
        let mut out = HashSet::new();
        links(steps, path, &mut out);
        out
    };
    let inner: HashMap<&str, HashSet<String>> = project
        .steps
        .iter()
        .map(|doc| {
            (
                doc.path.as_str(),
                direct(&doc.value.scenario.steps, &doc.path),
            )
        })
        .collect();
    let mut out: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for case in &project.cases {
        let mut open: Vec<String> = direct(&case.value.scenario.steps, &case.path)
            .into_iter()
            .collect();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some(path) = open.pop() {
            if seen.contains(&path) {
                continue;
            }
            open.extend(inner.get(path.as_str()).into_iter().flatten().cloned());
            seen.insert(path);
        }
        for path in seen {
            out.entry(path).or_default().push(case.value.id.as_str());
        }
    }
    for ids in out.values_mut() {
        ids.sort_unstable();
        ids.dedup();
    }
    out
}

fn links(steps: &[crate::model::ScenarioStep], path: &str, out: &mut HashSet<String>) {
    for step in steps {
        let target = step.shared.as_deref();
        out.extend(target.and_then(|target| crate::base::path::resolve(path, target)));
        links(&step.steps, path, out);
    }
}
