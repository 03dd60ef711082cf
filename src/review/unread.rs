//! Files that can't be read, and those that are not read as documentation.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::change::{Effect, Notes, Noun, State, Subject};
use super::documents::item;
use super::kind::Kind;
use super::pair::{Pairs, paths};
use super::project::Both;
use super::report::{Input, Review};
use crate::diag::Severity;
use crate::store::{FileKind, Files, Loaded, Project, StoreError};

/// Files that are there and that nobody can read.
#[derive(Debug)]
pub(super) struct Unread<'a> {
    before: HashSet<&'a str>,
    after: HashSet<&'a str>,
}

impl<'a> Unread<'a> {
    pub(super) fn new(input: &Input<'a>) -> Self {
        Self {
            before: unread(input.before),
            after: unread(input.after),
        }
    }

    /// Whether a file is there on either side, and can't be read.
    pub(super) fn has(&self, path: &str) -> bool {
        self.before.contains(path) || self.after.contains(path)
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

    pub(super) fn say(&self, input: &Input<'a>, out: &mut Review) {
        // A file without a text is there, and nobody knows what it says.
        let text =
            |loaded: &'a Loaded, unread: &HashSet<&str>, path: &str| -> Option<Option<&'a str>> {
                let text = loaded.sources.get(path).map(|text| &**text);
                (text.is_some() || unread.contains(path)).then_some(text)
            };
        let paths: BTreeSet<&str> = self.before.iter().chain(&self.after).copied().collect();
        for path in paths {
            let was = text(input.before, &self.before, path);
            let is = text(input.after, &self.after, path);
            if was == is {
                continue;
            }
            let side = |text: Option<&'a str>| (path, text.unwrap_or_default());
            let mut notes = Notes::new(was.map(side), is.map(side));
            let state = match (was, is) {
                (None, _) => State::Added,
                (_, None) => State::Removed,
                _ => State::Changed,
            };
            let (kind, effect, what, at) = match (self.after.contains(path), is) {
                (true, _) => {
                    let found = input.after.findings.iter().find(|finding| {
                        finding.path == path && finding.severity == Severity::Error
                    });
                    let why = found.map(|finding| format!(": {}", finding.message));
                    let what = format!("can't be read{}", why.unwrap_or_default());
                    let at = found.and_then(|finding| finding.span);
                    (Kind::Unreadable, Effect::Weakens, what, at)
                }
                (false, Some(_)) => {
                    let what = "can be read again".to_owned();
                    (Kind::Readable, Effect::Changes, what, None)
                }
                (false, None) => {
                    let what = "is gone, and could not be read".to_owned();
                    (Kind::Other, Effect::Changes, what, None)
                }
            };
            notes.say(kind, effect, what).now(at);
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
        paths(&project.dashboards, &mut read);
        paths(&project.requirements, &mut read);
        paths(&project.gates, &mut read);
        paths(&project.approvals, &mut read);
    }
    let texts = loaded.sources.iter().map(|(path, _)| path);
    let mut out: HashSet<&str> = texts.filter(|path| !read.contains(path)).collect();
    // What is too large, no text or no file at all has none.
    let wrong = loaded.findings.iter();
    let wrong = wrong.filter(|finding| finding.severity == Severity::Error);
    let wrong: HashSet<&str> = wrong.map(|finding| finding.path.as_str()).collect();
    let below = workspace.projects.iter().flat_map(|one| &one.entries);
    let entries = workspace.entries.iter().chain(below);
    let files = entries.filter(|entry| entry.kind != FileKind::Folder);
    let paths = files.map(|entry| entry.path.as_str());
    out.extend(paths.filter(|path| wrong.contains(path) && loaded.sources.get(path).is_none()));
    out
}

/// Adds that `.gitattributes` says something else: what git does to closed launches, and who merges
/// documentation.
pub(super) fn attributes(input: &Input<'_>, out: &mut Review) -> Result<(), StoreError> {
    const PATH: &str = ".gitattributes";
    let (before, after) = (input.files.0.read(PATH)?, input.files.1.read(PATH)?);
    if before == after {
        return Ok(());
    }
    let side = Some((PATH, ""));
    let (state, what, mut notes) = match (before.is_some(), after.is_some()) {
        (true, false) => (State::Removed, "is gone", Notes::new(side, None)),
        (false, _) => (State::Added, "is new", Notes::new(None, side)),
        (true, true) => (State::Changed, "changed", Notes::new(side, side)),
    };
    let sentence = format!(
        "{what}: it says what git may do to closed launches, and how documentation is merged"
    );
    notes.say(Kind::Settings, Effect::Rules, sentence);
    out.items.push(item(file(PATH), state, PATH, None, notes));
    Ok(())
}

/// Returns a file of which nothing is known but its path.
pub(super) fn file(path: &str) -> Subject {
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
pub(super) fn others(
    input: &Input<'_>,
    both: &Both<'_>,
    unread: &Unread<'_>,
    out: &mut Review,
) -> Result<(), StoreError> {
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
            // That it is documentation which can't be read, on one side, is said already.
            (None, Some((path, _))) if unread.after.contains(path.as_str()) => continue,
            (Some((path, _)), None) if unread.before.contains(path.as_str()) => continue,
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
        notes.say(Kind::Other, Effect::Changes, what);
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
