//! What changed in each project.

use std::collections::BTreeSet;

use super::change::{Effect, Notes, Noun, State, Subject};
use super::documents::{self, item};
use super::gates::{self, GateKeys};
use super::kind::Kind;
use super::report::{Input, Review};
use super::settings::Differing;
use super::unread::{self, Unread};
use super::{approvals, cases, plans, requirements, small};
use crate::base::text::{count, list};
use crate::model::ProjectFile;
use crate::store::{Doc, Key, Project, StoreError};

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
        let both = Both {
            before,
            after,
            name,
        };
        one(input, &both, &unread, out);
        unread::others(input, &both, &unread, out)?;
    }
    for before in old
        .iter()
        .filter(|project| !used.contains(project.folder.as_str()))
    {
        whole(before, false, out);
    }
    unread.say(input, out);
    unread::attributes(input, out)
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
    notes.say(kind, effect, format!("{what}{with}"));
    let subject = Subject {
        project: project.key().unwrap_or(&project.folder).to_owned(),
        noun: Noun::Project,
        id: project.key().unwrap_or(&project.folder).to_owned(),
        title: project.name().to_owned(),
    };
    out.items.push(item(subject, state, &path, None, notes));
}

fn one(input: &Input<'_>, both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    settings(both, unread, out);
    cases::all(both, unread, out);
    small::all(both, unread, out);
    approvals::all(both, unread, out);
    requirements::all(both, out);
    plans::all(input, both, unread, out);
}

/// `project.yaml`: its gate as a gate, the rest key by key.
fn settings(both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    let (before, after) = match (&both.before.settings, &both.after.settings) {
        (Some(before), Some(after)) if before.text == after.text => return,
        (Some(before), Some(after)) => (before, after),
        (before, after) => {
            one_side(both, before.as_ref(), after.as_ref(), unread, out);
            return;
        }
    };
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
    out.items.push(item(
        subject(both),
        State::Changed,
        &after.path,
        None,
        notes,
    ));
}

/// `project.yaml` that only one side has; where it is there and can't be read, that is said elsewhere.
fn one_side(
    both: &Both<'_>,
    before: Option<&Doc<ProjectFile>>,
    after: Option<&Doc<ProjectFile>>,
    unread: &Unread<'_>,
    out: &mut Review,
) {
    let Some(doc) = before.or(after).filter(|doc| !unread.has(&doc.path)) else {
        return;
    };
    let mut notes = Notes::new(
        before.map(|doc| (doc.path.as_str(), &*doc.text)),
        after.map(|doc| (doc.path.as_str(), &*doc.text)),
    );
    let (state, effect, what) = match after {
        None => (
            State::Removed,
            Effect::Weakens,
            "has no settings any more, and with them no gate",
        ),
        Some(_) => (State::Added, Effect::Rules, "has settings, and had none"),
    };
    notes.say(Kind::Settings, effect, what);
    out.items
        .push(item(subject(both), state, &doc.path, None, notes));
}

fn subject(both: &Both<'_>) -> Subject {
    Subject {
        project: both.name.to_owned(),
        noun: Noun::Project,
        id: both.name.to_owned(),
        title: both.after.name().to_owned(),
    }
}

/// Settings that say how results count or who may do what are rules.
fn weigh(one: &Differing) -> (Kind, Effect) {
    let effect = match one.keys.first().map(String::as_str) {
        Some("key") => Effect::Weakens,
        Some(
            "environment" | "workflow" | "layers" | "fields" | "categories" | "keep" | "approvals"
            | "manual_valid_for" | "documentation",
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
    let sentence = format!(
        "`signatures` is {} now, and was {}",
        is.as_str(),
        was.as_str()
    );
    notes
        .say(Kind::Settings, effect, sentence)
        .at_key(before, after, "signatures");
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
