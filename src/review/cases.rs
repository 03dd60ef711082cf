//! What changed in cases and shared steps: as wholes, and in their bodies.

use super::approvals::Standings;
use super::change::{Effect, Notes, Noun};
use super::documents::Describe;
use super::elsewhere::{self, Went};
use super::front::{self, Cases};
use super::kind::Kind;
use super::pair::{Pairs, pair};
use super::project::Both;
use super::report::Review;
use super::scenario::{self, Body};
use super::unread::Unread;
use super::words::{arrow, quote, some, steps as numbered};
use crate::analysis::align::text_likeness;
use crate::analysis::executed::{SharedByPath, shared};
use crate::analysis::meaning::{self, plain_steps};
use crate::base::path::file_name;
use crate::base::text::{count, list};
use crate::model::{Case, ScenarioStep, SharedSteps};
use crate::store::{Doc, Project};

/// Cases less like each other than this are different cases, though they stand in one file.
const ALIKE: f64 = 0.5;

/// Adds what changed in all of them.
pub(super) fn all(both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    let pairs = pair(
        &both.before.cases,
        &both.after.cases,
        |case| &case.id,
        |case| &case.aliases,
        |one, other| {
            meaning::is_same(&one.value.title, &other.value.title)
                || text_likeness(one.body(), other.body()) >= ALIKE
        },
    );
    documented(both, &unread.without(pairs), out);
    shared_steps(both, unread, out);
}

fn documented(both: &Both<'_>, cases: &Pairs<'_, Case>, out: &mut Review) {
    let went = elsewhere::find(cases);
    let standings = Standings::new(both);
    let workflow = |project: &'_ Project| -> Vec<String> {
        project
            .settings
            .as_ref()
            .map(|doc| doc.value.workflow.clone())
            .unwrap_or_default()
    };
    let workflow = workflow(both.after);
    let shared = (shared(both.before), shared(both.after));
    let describe = Describe::<Case> {
        noun: Noun::Case,
        project: both.name,
        id: |case| &case.id,
        title: |case| &case.title,
        keys: &front::KEYS,
        added: &|notes, doc| {
            notes.say(
                Kind::CaseAdded,
                Effect::Strengthens,
                front::summary(&doc.value),
            );
        },
        removed: &|notes, doc| case_removed(notes, doc, went.get(doc.path.as_str())),
        changed: &|notes, before, after| {
            moved(notes, before, after);
            front::front(notes, &Cases { before, after }, &workflow);
            standings.outdated(notes, before, after);
            body(
                notes,
                before,
                after,
                &shared,
                went.get(before.path.as_str()),
            );
        },
    };
    let both_sides = cases
        .both
        .iter()
        .map(|(before, after)| (Some(*before), *after));
    let all = both_sides.chain(cases.come.iter().map(|after| (None, *after)));
    let texts = |project: &'_ Project| -> Vec<_> {
        project
            .steps
            .iter()
            .map(|doc| (doc.path.clone(), doc.text.clone()))
            .collect()
    };
    let are_steps_same = texts(both.before) == texts(both.after);
    let unreviewed = all.filter(|(before, after)| {
        let is_same = before.is_some_and(|before| before.text == after.text);
        let is_whole = are_steps_same || linked(&after.value.scenario.steps) == 0;
        !(is_same && is_whole) && standings.is_unreviewed(*before, after)
    });
    out.unreviewed
        .extend(unreviewed.map(|(_, after)| describe.subject(after)));
    describe.items(cases, out);
}

fn case_removed(notes: &mut Notes<'_>, doc: &Doc<Case>, went: Option<&Went<'_>>) {
    let all = doc.value.scenario.steps.len();
    if let Some(went) = went {
        let moved: usize = went.to.iter().map(|(_, numbers)| numbers.len()).sum();
        let names: Vec<String> = went.to.iter().map(|(case, _)| named(case)).collect();
        if moved == all {
            let sentence = format!(
                "is gone: its {} in {} now",
                if all == 1 {
                    "step stands".to_owned()
                } else {
                    format!("{all} steps stand")
                },
                list(&names, "and")
            );
            notes.say(Kind::CaseMerged, Effect::Changes, sentence);
            return;
        }
    }
    let requirements: Vec<&str> = doc
        .value
        .links
        .iter()
        .filter(|link| link.is_of("requirement"))
        .filter_map(|link| link.name.as_deref())
        .collect();
    let mut sentence = format!("is gone, with {}", count(all as u64, "step"));
    if !requirements.is_empty() {
        sentence.push_str(&format!("; it covered {}", some(&requirements)));
    }
    notes.say(Kind::CaseRemoved, Effect::Weakens, sentence);
}

fn named(doc: &Doc<Case>) -> String {
    format!("{} {}", doc.value.id, quote(&doc.value.title))
}

fn moved(notes: &mut Notes<'_>, before: &Doc<Case>, after: &Doc<Case>) {
    if before.path == after.path {
        return;
    }
    let (was, is) = (before.section().join("/"), after.section().join("/"));
    let shown = |section: &str| {
        if section.is_empty() {
            "no section".to_owned()
        } else {
            format!("section {}", quote(section))
        }
    };
    let sentence = if was == is {
        format!("has another file name: {}", file_name(&after.path))
    } else {
        format!("stands in {} now, and stood in {}", shown(&is), shown(&was))
    };
    notes.say(Kind::CaseMoved, Effect::Changes, sentence);
}

fn body(
    notes: &mut Notes<'_>,
    before: &Doc<Case>,
    after: &Doc<Case>,
    shared: &(SharedByPath<'_>, SharedByPath<'_>),
    went: Option<&Went<'_>>,
) {
    if before.body() == after.body() && before.path == after.path {
        return;
    }
    let (old, new) = (
        Body::of(before, &before.value.scenario),
        Body::of(after, &after.value.scenario),
    );
    scenario::texts(notes, &old, &new);
    let whole = |doc: &Doc<Case>, shared: &SharedByPath<'_>| {
        meaning::expanded_steps(&doc.value.scenario.steps, &doc.path, shared)
    };
    let plain = |doc: &Doc<Case>| plain_steps(&doc.value.scenario.steps, &doc.path);
    if plain(before) != plain(after) && whole(before, &shared.0) == whole(after, &shared.1) {
        let links = |case: &Case| linked(&case.scenario.steps);
        let what = if links(&after.value) >= links(&before.value) {
            "takes steps from shared steps now, and does the same"
        } else {
            "has steps of its own in place of shared ones, and does the same"
        };
        notes.say(Kind::StepsShared, Effect::Changes, what);
        return;
    }
    for (case, numbers) in went.iter().flat_map(|went| &went.to) {
        let verb = if numbers.len() == 1 {
            "stands"
        } else {
            "stand"
        };
        let sentence = format!("{} {verb} in {} now", numbered(numbers), named(case));
        notes.say(Kind::CaseSplit, Effect::Changes, sentence);
    }
    scenario::steps(notes, &old, &new, &|number| {
        went.is_some_and(|went| went.has(number))
    });
}

fn linked(steps: &[ScenarioStep]) -> usize {
    steps
        .iter()
        .map(|step| usize::from(step.shared.is_some()) + linked(&step.steps))
        .sum()
}

fn shared_steps(both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    let pairs = pair(
        &both.before.steps,
        &both.after.steps,
        |steps| &steps.title,
        |_| &[],
        |_, _| true,
    );
    let pairs = unread.without(pairs);
    let (old, new) = (
        elsewhere::included(both.before),
        elsewhere::included(both.after),
    );
    let describe = Describe::<SharedSteps> {
        noun: Noun::SharedSteps,
        project: both.name,
        id: |_| "",
        title: |steps| &steps.title,
        keys: &["title"],
        added: &|notes, doc| {
            let sentence = format!(
                "are new: {}",
                count(doc.value.scenario.steps.len() as u64, "step")
            );
            notes.say(Kind::SharedStepsAdded, Effect::Changes, sentence);
        },
        removed: &|notes, doc| {
            let left = new.get(doc.path.as_str()).map_or(&[][..], Vec::as_slice);
            let (effect, what) = match left {
                [] => (
                    Effect::Changes,
                    "are gone, and no case includes them".to_owned(),
                ),
                ids => (
                    Effect::Weakens,
                    format!(
                        "are gone, and {} still {} them",
                        some(ids),
                        if ids.len() == 1 {
                            "includes"
                        } else {
                            "include"
                        }
                    ),
                ),
            };
            notes.say(Kind::SharedStepsRemoved, effect, what);
        },
        changed: &|notes, before, after| {
            if before.path != after.path {
                let sentence = format!("have another file: {}", after.path);
                notes.say(Kind::CaseMoved, Effect::Changes, sentence);
            }
            if !meaning::is_same(&before.value.title, &after.value.title) {
                let sentence = format!(
                    "have another title: {}",
                    arrow(&before.value.title, &after.value.title)
                );
                notes.say(Kind::Title, Effect::Changes, sentence);
            }
            let (one, other) = (
                Body::of(before, &before.value.scenario),
                Body::of(after, &after.value.scenario),
            );
            scenario::texts(notes, &one, &other);
            scenario::steps(notes, &one, &other, &|_| false);
        },
    };
    let from = out.items.len();
    describe.items(&pairs, out);
    for item in &mut out.items[from..] {
        let now = new
            .get(item.path.as_str())
            .or_else(|| old.get(item.path.as_str()));
        item.included_by = now
            .into_iter()
            .flatten()
            .map(|id| (*id).to_owned())
            .collect();
    }
}
