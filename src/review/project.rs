//! What changed in each project.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::case::{self, Cases};
use super::change::{Effect, Notes, Noun, State, Subject};
use super::documents::{self, Describe, item};
use super::elsewhere::{self, Went};
use super::gates::{self, Places};
use super::kind::Kind;
use super::pair::{Pairs, pair, paths};
use super::report::{Input, Review};
use super::scenario::{self, Body};
use super::settings::Differing;
use super::words::{quote, some, steps as numbered};
use super::{plans, requirements, triage};
use crate::analysis::align::text_likeness;
use crate::analysis::executed::SharedByPath;
use crate::analysis::meaning::{self, plain_steps};
use crate::base::text::{count, list};
use crate::diag::Span;
use crate::model::{Case, Gate, ProjectFile, SharedSteps};
use crate::store::{Doc, FileKind, Files, Key, Loaded, Project, StoreError};

/// Cases less like each other than this are different cases, though they stand in one file.
const ALIKE: f64 = 0.5;

/// Both sides of a project.
#[derive(Clone, Copy, Debug)]
pub(super) struct Both<'a> {
    pub(super) before: &'a Project,
    pub(super) after: &'a Project,
    /// Its key, else its folder.
    pub(super) name: &'a str,
}

/// Adds what changed in all projects.
pub(super) fn all(input: &Input<'_>, out: &mut Review) -> Result<(), StoreError> {
    let (old, new) = (
        &input.before.workspace.projects,
        &input.after.workspace.projects,
    );
    let unread = Unread::new(input);
    let mut used = BTreeSet::new();
    for after in new {
        let by_key = |project: &&Project| project.key().is_some() && project.key() == after.key();
        let by_folder = |project: &&Project| project.folder == after.folder;
        let before = old
            .iter()
            .find(by_key)
            .or_else(|| old.iter().find(by_folder));
        let Some(before) = before.filter(|project| used.insert(project.folder.as_str())) else {
            whole(after, true, out);
            continue;
        };
        let name = after.key().unwrap_or(&after.folder);
        one(
            input,
            &Both {
                before,
                after,
                name,
            },
            &unread,
            out,
        );
        others(
            input,
            &Both {
                before,
                after,
                name,
            },
            out,
        )?;
    }
    for before in old
        .iter()
        .filter(|project| !used.contains(project.folder.as_str()))
    {
        whole(before, false, out);
    }
    unread.say(input, out);
    Ok(())
}

/// A project that only one side has, in one sentence.
fn whole(project: &Project, is_new: bool, out: &mut Review) {
    let counts = [
        (project.cases.len(), "case"),
        (project.plans.len(), "plan"),
        (project.mutes.len(), "mute"),
        (project.defects.len(), "defect"),
        (project.members.len(), "member"),
    ];
    let counts = counts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| count(*n as u64, noun));
    let counts: Vec<String> = counts.collect();
    let with = if counts.is_empty() {
        String::new()
    } else {
        format!(", with {}", list(&counts, "and"))
    };
    let path = project
        .settings
        .as_ref()
        .map_or_else(|| project.path.clone(), |doc| doc.path.clone());
    let side = Some((path.as_str(), ""));
    let (mut notes, state) = if is_new {
        (Notes::new(None, side), State::Added)
    } else {
        (Notes::new(side, None), State::Removed)
    };
    let (kind, effect, what) = if is_new {
        (Kind::ProjectAdded, Effect::Changes, "is new")
    } else {
        (Kind::ProjectRemoved, Effect::Weakens, "is gone")
    };
    notes
        .say(kind, effect, format!("{what}{with}"))
        .texts(None, None);
    let subject = Subject {
        project: project.key().unwrap_or(&project.folder).to_owned(),
        noun: Noun::Project,
        id: project.key().unwrap_or(&project.folder).to_owned(),
        title: project.name().to_owned(),
    };
    out.items.push(item(subject, state, &path, None, notes));
}

fn one(input: &Input<'_>, both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    settings(both, out);
    let cases = pair(
        &both.before.cases,
        &both.after.cases,
        |case| &case.id,
        |case| &case.aliases,
        |one, other| {
            meaning::is_same(&one.value.title, &other.value.title)
                || text_likeness(one.body(), other.body()) >= ALIKE
        },
    );
    let cases = unread.without(cases);
    all_cases(both, &cases, out);
    shared_steps(both, unread, out);
    small_files(both, unread, out);
    gate_files(both, unread, out);
    all_requirements(both, out);
    plans::all(input, both, unread, out);
}

/// Pairs files that have nothing but an id.
pub(super) fn by_id<'a, T>(
    before: &'a [Doc<T>],
    after: &'a [Doc<T>],
    id: fn(&T) -> &str,
) -> Pairs<'a, T> {
    pair(before, after, id, |_| &[], |_, _| false)
}

fn all_cases(both: &Both<'_>, cases: &Pairs<'_, Case>, out: &mut Review) {
    let went = elsewhere::find(cases);
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
        keys: &case::KEYS,
        added: &|notes, doc| {
            notes
                .say(
                    Kind::CaseAdded,
                    Effect::Strengthens,
                    case::summary(&doc.value),
                )
                .texts(None, None);
        },
        removed: &|notes, doc| case_removed(notes, doc, went.get(doc.path.as_str())),
        changed: &|notes, before, after| {
            moved(notes, before, after);
            case::front(notes, &Cases { before, after }, &workflow);
            body(
                notes,
                before,
                after,
                &shared,
                went.get(before.path.as_str()),
            );
        },
    };
    describe.items(cases, out);
}

fn shared(project: &Project) -> SharedByPath<'_> {
    project
        .steps
        .iter()
        .map(|doc| (doc.path.as_str(), doc))
        .collect()
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
            notes
                .say(Kind::CaseMerged, Effect::Changes, sentence)
                .texts(None, None);
            return;
        }
    }
    let requirements: Vec<&str> = doc
        .value
        .links
        .iter()
        .filter(|link| meaning::is_requirement(link))
        .filter_map(|link| link.name.as_deref())
        .collect();
    let mut sentence = format!("is gone, with {}", count(all as u64, "step"));
    if !requirements.is_empty() {
        sentence.push_str(&format!("; it covered {}", some(&requirements)));
    }
    notes
        .say(Kind::CaseRemoved, Effect::Weakens, sentence)
        .texts(None, None);
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
        format!(
            "has another file name: {}",
            crate::base::path::file_name(&after.path)
        )
    } else {
        format!("stands in {} now, and stood in {}", shown(&is), shown(&was))
    };
    notes
        .say(Kind::CaseMoved, Effect::Changes, sentence)
        .texts(None, None);
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
        notes
            .say(Kind::StepsShared, Effect::Changes, what)
            .texts(None, None);
        return;
    }
    for (case, numbers) in went.iter().flat_map(|went| &went.to) {
        let verb = if numbers.len() == 1 {
            "stands"
        } else {
            "stand"
        };
        let sentence = format!("{} {verb} in {} now", numbered(numbers), named(case));
        notes
            .say(Kind::CaseSplit, Effect::Changes, sentence)
            .texts(None, None);
    }
    scenario::steps(notes, &old, &new, &|number| {
        went.is_some_and(|went| went.has(number))
    });
}

fn linked(steps: &[crate::model::ScenarioStep]) -> usize {
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
            notes
                .say(Kind::SharedStepsAdded, Effect::Changes, sentence)
                .texts(None, None);
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
            notes
                .say(Kind::SharedStepsRemoved, effect, what)
                .texts(None, None);
        },
        changed: &|notes, before, after| {
            if before.path != after.path {
                let sentence = format!("have another file: {}", after.path);
                notes
                    .say(Kind::CaseMoved, Effect::Changes, sentence)
                    .texts(None, None);
            }
            if !meaning::is_same(&before.value.title, &after.value.title) {
                let sentence = format!(
                    "have another title: {}",
                    super::words::arrow(&before.value.title, &after.value.title)
                );
                notes
                    .say(Kind::Title, Effect::Changes, sentence)
                    .texts(None, None);
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

/// Members, saved queries, defects and mutes.
fn small_files(both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    let (old, new) = (both.before, both.after);
    let members = Describe {
        noun: Noun::Member,
        project: both.name,
        id: |member: &crate::model::Member| &member.id,
        title: |member| &member.name,
        keys: &documents::MEMBER_KEYS,
        added: &documents::member_added,
        removed: &documents::member_removed,
        changed: &documents::member_changed,
    };
    members.items(
        &unread.without(by_id(&old.members, &new.members, |one| &one.id)),
        out,
    );
    let queries = Describe {
        noun: Noun::Query,
        project: both.name,
        id: |query: &crate::model::SavedQuery| &query.id,
        title: |query| &query.name,
        keys: &documents::QUERY_KEYS,
        added: &|notes, doc| {
            let sentence = format!(
                "is new: {} with {}",
                doc.value.of.as_str(),
                quote(&doc.value.query)
            );
            notes
                .say(Kind::QueryAdded, Effect::Changes, sentence)
                .texts(None, None);
        },
        removed: &|notes, doc| {
            let sentence = format!(
                "is gone: {} with {}",
                doc.value.of.as_str(),
                quote(&doc.value.query)
            );
            notes
                .say(Kind::QueryRemoved, Effect::Changes, sentence)
                .texts(None, None);
        },
        changed: &documents::query_changed,
    };
    queries.items(
        &unread.without(by_id(&old.queries, &new.queries, |one| &one.id)),
        out,
    );
    let defects = Describe {
        noun: Noun::Defect,
        project: both.name,
        id: |defect: &crate::model::Defect| &defect.id,
        title: |defect| &defect.title,
        keys: &triage::DEFECT_KEYS,
        added: &|notes, doc| triage::defect_added(notes, &doc.value),
        removed: &|notes, doc| triage::defect_removed(notes, &doc.value),
        changed: &|notes, before, after| {
            triage::defect(notes, before, after);
            let (one, other) = (
                Body::of(before, &before.value.description),
                Body::of(after, &after.value.description),
            );
            scenario::texts(notes, &one, &other);
            scenario::steps(notes, &one, &other, &|_| false);
        },
    };
    defects.items(
        &unread.without(by_id(&old.defects, &new.defects, |one| &one.id)),
        out,
    );
    let mutes = Describe {
        noun: Noun::Mute,
        project: both.name,
        id: |mute: &crate::model::Mute| &mute.id,
        title: |mute| &mute.reason,
        keys: &triage::MUTE_KEYS,
        added: &|notes, doc| triage::mute_added(notes, &doc.value),
        removed: &|notes, doc| triage::mute_removed(notes, &doc.value),
        changed: &triage::mute,
    };
    mutes.items(
        &unread.without(by_id(&old.mutes, &new.mutes, |one| &one.id)),
        out,
    );
}

/// Where keys of a gate stand, below `at`.
struct GateKeys<'a, T> {
    before: &'a Doc<T>,
    after: &'a Doc<T>,
    at: &'a [Key<'a>],
}

impl<T> Places for GateKeys<'_, T> {
    fn key(&self, name: &str) -> (Option<Span>, Option<Span>) {
        let keys: Vec<Key<'_>> = self.at.iter().copied().chain([Key::from(name)]).collect();
        (
            self.before.nearest_span(&keys),
            self.after.nearest_span(&keys),
        )
    }
}

fn gate_files(both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    let describe = Describe {
        noun: Noun::Gate,
        project: both.name,
        id: |gate: &Gate| &gate.id,
        title: |gate| &gate.name,
        keys: &gates::KEYS,
        added: &|notes, doc| gates::whole(notes, &doc.value, true),
        removed: &|notes, doc| gates::whole(notes, &doc.value, false),
        changed: &|notes, before, after| {
            gates::compare(
                notes,
                &before.value,
                &after.value,
                &GateKeys {
                    before,
                    after,
                    at: &[],
                },
            );
            documents::described(
                notes,
                after,
                &before.value.description,
                &after.value.description,
            );
        },
    };
    let pairs = by_id(&both.before.gates, &both.after.gates, |gate| &gate.id);
    describe.items(&unread.without(pairs), out);
}

/// `project.yaml`: its gate as a gate, the rest key by key.
fn settings(both: &Both<'_>, out: &mut Review) {
    let (Some(before), Some(after)) = (&both.before.settings, &both.after.settings) else {
        return;
    };
    if before.text == after.text {
        return;
    }
    gate_of_project(both, before, after, out);
    let mut notes = documents::both(before, after);
    signatures(&mut notes, before, after);
    documents::others(&mut notes, before, after, &["gate", "signatures"], &weigh);
    let same_gate = before.value.gate == after.value.gate;
    if notes.is_empty() {
        if same_gate {
            out.editorial.push(after.path.clone());
        }
        return;
    }
    let subject = Subject {
        project: both.name.to_owned(),
        noun: Noun::Project,
        id: both.name.to_owned(),
        title: both.after.name().to_owned(),
    };
    out.items
        .push(item(subject, State::Changed, &after.path, None, notes));
}

/// Settings that say how results count or who may do what are rules.
fn weigh(one: &Differing) -> (Kind, Effect) {
    let effect = match one.keys.first().map(String::as_str) {
        Some("key") => Effect::Weakens,
        Some(
            "environment" | "workflow" | "layers" | "fields" | "categories" | "keep" | "approvals",
        ) => Effect::Rules,
        _ => Effect::Changes,
    };
    (Kind::Settings, effect)
}

fn signatures(notes: &mut Notes<'_>, before: &Doc<ProjectFile>, after: &Doc<ProjectFile>) {
    let (was, is) = (before.value.signatures, after.value.signatures);
    if was == is {
        return;
    }
    let effect = if is < was {
        Effect::Weakens
    } else {
        Effect::Strengthens
    };
    let keys = [Key::from("signatures")];
    let sentence = format!(
        "`signatures` is {} now, and was {}",
        is.as_str(),
        was.as_str()
    );
    notes
        .say(Kind::Settings, effect, sentence)
        .then(before.key_span(&keys))
        .now(after.key_span(&keys))
        .texts(None, None);
}

fn gate_of_project(
    both: &Both<'_>,
    before: &Doc<ProjectFile>,
    after: &Doc<ProjectFile>,
    out: &mut Review,
) {
    let (was, is) = (&before.value.gate, &after.value.gate);
    let mut notes = documents::both(before, after);
    let state = match (was, is) {
        (None, None) => return,
        (None, Some(gate)) => {
            gates::whole(&mut notes, gate, true);
            State::Added
        }
        (Some(gate), None) => {
            gates::whole(&mut notes, gate, false);
            State::Removed
        }
        (Some(was), Some(is)) => {
            let at = [Key::from("gate")];
            gates::compare(
                &mut notes,
                was,
                is,
                &GateKeys {
                    before,
                    after,
                    at: &at,
                },
            );
            State::Changed
        }
    };
    if notes.is_empty() {
        return;
    }
    let subject = Subject {
        project: both.name.to_owned(),
        noun: Noun::Gate,
        id: "project.yaml".to_owned(),
        title: format!("gate of {}", both.after.name()),
    };
    out.items
        .push(item(subject, state, &after.path, None, notes));
}

/// A requirement in its file.
type InFile<'a> = (&'a Doc<crate::model::Requirements>, usize);

fn all_requirements(both: &Both<'_>, out: &mut Review) {
    let (old, new) = (in_files(both.before), in_files(both.after));
    let (covered_before, covered_after) = (coverage(both.before), coverage(both.after));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for id in ids {
        let (was, is) = (old.get(id), new.get(id));
        let value = |(doc, at): &InFile<'_>| doc.value.all[*at].clone();
        let place = |one: &InFile<'_>| place(one);
        let cases =
            |covered: &BTreeMap<String, BTreeSet<String>>| covered.get(id).map_or(0, BTreeSet::len);
        let mut notes = Notes::new(was.map(side), is.map(side));
        let state = match (was, is) {
            (None, Some(is)) => {
                requirements::added(&mut notes, &value(is), cases(&covered_after), place(is));
                State::Added
            }
            (Some(was), None) => {
                requirements::removed(&mut notes, cases(&covered_after), place(was));
                State::Removed
            }
            (Some(was), Some(is)) => {
                requirements::compare(&mut notes, &value(was), &value(is), (place(was), place(is)));
                covering(
                    &mut notes,
                    covered_before.get(id),
                    covered_after.get(id),
                    place(is),
                );
                State::Changed
            }
            (None, None) => continue,
        };
        let Some(one) = is.or(was) else { continue };
        let requirement = value(one);
        let subject = Subject {
            project: both.name.to_owned(),
            noun: Noun::Requirement,
            id: requirement.id,
            title: requirement.title,
        };
        out.items
            .push(item(subject, state, &one.0.path, None, notes));
    }
    out.items.retain(|item| !item.changes.is_empty());
    let said: BTreeSet<String> = out.items.iter().map(|item| item.path.clone()).collect();
    wording(both, &said, out);
}

/// Files of requirements that differ though no requirement in them does.
fn wording(both: &Both<'_>, said: &BTreeSet<String>, out: &mut Review) {
    for doc in &both.after.requirements {
        let before = both
            .before
            .requirements
            .iter()
            .find(|old| old.path == doc.path);
        let differs = before.is_some_and(|old| old.text != doc.text);
        if differs && !said.contains(&doc.path) {
            out.editorial.push(doc.path.clone());
        }
    }
}

fn in_files(project: &Project) -> BTreeMap<String, InFile<'_>> {
    let mut out = BTreeMap::new();
    for doc in &project.requirements {
        for (at, requirement) in doc.value.all.iter().enumerate() {
            out.entry(requirement.id.to_lowercase())
                .or_insert((doc, at));
        }
    }
    out
}

fn side<'a>((doc, _): &InFile<'a>) -> (&'a str, &'a str) {
    (&doc.path, &doc.text)
}

fn place((doc, at): &InFile<'_>) -> Option<Span> {
    if doc.value.is_list {
        doc.nearest_span(&[Key::from("requirements"), Key::from(*at)])
    } else {
        None
    }
}

/// Returns the ids of the cases that name each requirement, by its id in lower case.
fn coverage(project: &Project) -> BTreeMap<String, BTreeSet<String>> {
    let by_url: BTreeMap<&str, &str> = project
        .all_requirements()
        .filter_map(|one| Some((one.url.as_deref()?, one.id.as_str())))
        .collect();
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for doc in &project.cases {
        let links = doc
            .value
            .links
            .iter()
            .filter(|link| meaning::is_requirement(link));
        for link in links {
            let by_url = link.url.as_deref().and_then(|url| by_url.get(url).copied());
            for name in link.name.as_deref().into_iter().chain(by_url) {
                out.entry(name.to_lowercase())
                    .or_default()
                    .insert(doc.value.id.clone());
            }
        }
    }
    out
}

fn covering(
    notes: &mut Notes<'_>,
    before: Option<&BTreeSet<String>>,
    after: Option<&BTreeSet<String>>,
    at: Option<Span>,
) {
    let ids = |set: Option<&BTreeSet<String>>| -> Vec<String> {
        set.into_iter().flatten().cloned().collect()
    };
    let (was, is) = (ids(before), ids(after));
    match (was.is_empty(), is.is_empty()) {
        (false, true) => {
            let sentence = format!("has no case any more: {} covered it", some(&was));
            notes
                .say(Kind::CoverageLost, Effect::Weakens, sentence)
                .now(at)
                .texts(None, None);
        }
        (true, false) => {
            let verb = if is.len() == 1 { "covers" } else { "cover" };
            let sentence = format!("had no case, and {} {verb} it now", some(&is));
            notes
                .say(Kind::CoverageGained, Effect::Strengthens, sentence)
                .now(at)
                .texts(None, None);
        }
        _ => {}
    }
}

/// Files that are there and that nobody can read.
#[derive(Debug)]
pub(super) struct Unread<'a> {
    before: HashSet<&'a str>,
    after: HashSet<&'a str>,
}

impl<'a> Unread<'a> {
    fn new(input: &Input<'a>) -> Self {
        Self {
            before: unread(input.before),
            after: unread(input.after),
        }
    }

    /// Takes out files that went because they no longer read, and that came because they read again.
    pub(super) fn without<'p, T>(&self, mut pairs: Pairs<'p, T>) -> Pairs<'p, T> {
        pairs
            .gone
            .retain(|doc| !self.after.contains(doc.path.as_str()));
        pairs
            .come
            .retain(|doc| !self.before.contains(doc.path.as_str()));
        pairs
    }

    fn say(&self, input: &Input<'a>, out: &mut Review) {
        let text = |loaded: &'a Loaded, path: &str| loaded.sources.get(path).map(|text| &**text);
        let paths: BTreeSet<&str> = self.before.iter().chain(&self.after).copied().collect();
        for path in paths {
            let (was, is) = (text(input.before, path), text(input.after, path));
            if was == is {
                continue;
            }
            let mut notes = Notes::new(was.map(|text| (path, text)), is.map(|text| (path, text)));
            let bad = self.after.contains(path);
            let state = match (was, is) {
                (None, _) => State::Added,
                (_, None) => State::Removed,
                _ => State::Changed,
            };
            match (bad, is) {
                (true, _) => {
                    let found = input.after.findings.iter().find(|finding| {
                        finding.path == path && finding.severity == crate::diag::Severity::Error
                    });
                    let why = found
                        .map(|finding| format!(": {}", finding.message))
                        .unwrap_or_default();
                    let at = found.and_then(|finding| finding.span);
                    notes
                        .say(
                            Kind::Unreadable,
                            Effect::Weakens,
                            format!("can't be read{why}"),
                        )
                        .now(at)
                        .texts(None, None);
                }
                (false, Some(_)) => notes
                    .say(Kind::Readable, Effect::Changes, "can be read again")
                    .texts(None, None),
                (false, None) => notes
                    .say(
                        Kind::Other,
                        Effect::Changes,
                        "is gone, and could not be read",
                    )
                    .texts(None, None),
            }
            out.items.push(item(file(path), state, path, None, notes));
        }
    }
}

fn unread(loaded: &Loaded) -> HashSet<&str> {
    let mut read = HashSet::new();
    let workspace = &loaded.workspace;
    read.extend(workspace.settings.as_ref().map(|doc| doc.path.as_str()));
    for project in &workspace.projects {
        read.extend(project.settings.as_ref().map(|doc| doc.path.as_str()));
        read.extend(project.readme.as_ref().map(|doc| doc.path.as_str()));
        paths(&project.cases, &mut read);
        paths(&project.steps, &mut read);
        paths(&project.defects, &mut read);
        paths(&project.mutes, &mut read);
        paths(&project.members, &mut read);
        paths(&project.queries, &mut read);
        paths(&project.plans, &mut read);
        paths(&project.requirements, &mut read);
        paths(&project.gates, &mut read);
    }
    let all = loaded.sources.iter().map(|(path, _)| path);
    all.filter(|path| !read.contains(path)).collect()
}

fn file(path: &str) -> Subject {
    let project = path
        .strip_prefix("projects/")
        .and_then(|rest| rest.split('/').next());
    Subject {
        project: project.unwrap_or_default().to_owned(),
        noun: Noun::File,
        id: path.to_owned(),
        title: String::new(),
    }
}

/// Files of a project that are not read as documentation, its page for people among them.
fn others(input: &Input<'_>, both: &Both<'_>, out: &mut Review) -> Result<(), StoreError> {
    let relative =
        |project: &Project, path: &str| path.strip_prefix(&project.path).unwrap_or(path).to_owned();
    let list = |project: &Project, loaded: &Loaded| -> BTreeMap<String, (String, Option<u64>)> {
        let files = project
            .entries
            .iter()
            .filter(|entry| entry.kind == FileKind::File);
        let files = files.filter(|entry| {
            loaded.sources.get(&entry.path).is_none()
                || Some(&entry.path) == project.readme.as_ref().map(|doc| &doc.path)
        });
        files
            .map(|entry| {
                (
                    relative(project, &entry.path),
                    (entry.path.clone(), entry.size),
                )
            })
            .collect()
    };
    let (old, new) = (
        list(both.before, input.before),
        list(both.after, input.after),
    );
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (was, is) = (old.get(name), new.get(name));
        let (state, what) = match (was, is) {
            (Some(was), Some(is)) => {
                if !differs(input, was, is)? {
                    continue;
                }
                (State::Changed, "changed")
            }
            (None, _) => (State::Added, "is new"),
            _ => (State::Removed, "is gone"),
        };
        let Some((path, _)) = is.or(was) else {
            continue;
        };
        let side = Some((path.as_str(), ""));
        let mut notes = if state == State::Removed {
            Notes::new(side, None)
        } else {
            Notes::new(None, side)
        };
        notes
            .say(Kind::Other, Effect::Changes, what)
            .texts(None, None);
        let mut subject = file(path);
        both.name.clone_into(&mut subject.project);
        out.items.push(item(subject, state, path, None, notes));
    }
    Ok(())
}

fn differs(
    input: &Input<'_>,
    was: &(String, Option<u64>),
    is: &(String, Option<u64>),
) -> Result<bool, StoreError> {
    if was.1.is_some() && is.1.is_some() && was.1 != is.1 {
        return Ok(true);
    }
    let read = |files: &dyn Files, path: &str| files.read(path);
    Ok(read(input.files.0, &was.0)? != read(input.files.1, &is.0)?)
}
