//! What a commit changed in a workspace: two trees compared by ids, so that the cost is in what
//! changed.

use std::collections::BTreeMap;

use super::area::{self, Area, Part};
use crate::base::path::join;
use crate::git::{EntryKind, GitError, ObjectId, Repo, TreeEntry, TreeView};
use crate::integrity::layout::{self, LEVELS};
use crate::model::{Annotation, AnnotationKind};
use crate::store::read_yaml;

/// Something in a tree.
pub(super) type Thing = (EntryKind, ObjectId);

/// One path that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The project's folder; `None` for files of the workspace.
    pub(super) project: Option<String>,
    pub(super) area: Area,
    /// What the other tree has there.
    pub(super) before: Option<Thing>,
    pub(super) now: Option<Thing>,
}

/// Changes by their path from the workspace.
pub(super) type Changes = BTreeMap<String, Change>;

/// What of a workspace roles are about; equal where nothing of it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Print(Vec<(String, Thing)>);

impl Print {
    pub(super) fn of(repo: &Repo, root: ObjectId, workspace: &str) -> Result<Self, GitError> {
        let ours = |name: &str| area::is_projects(name) || area::is_workspace_setting(name);
        let entries = repo.tree_of(root).pick(workspace, ours)?.into_iter();
        Ok(Self(entries.map(|e| (e.name, (e.kind, e.id))).collect()))
    }

    fn get(&self, name: &str) -> Option<Thing> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, thing)| *thing)
    }

    /// The tree of `projects`.
    pub(super) fn projects(&self) -> Option<ObjectId> {
        folder(self.get("projects"))
    }

    /// Whether there is a workspace: a file `tallybook.yaml`.
    pub(super) fn is_workspace(&self) -> bool {
        self.get("tallybook.yaml").is_some()
    }
}

/// Lists what differs between a workspace before and now.
pub(super) fn changes(repo: &Repo, before: &Print, now: &Print) -> Result<Changes, GitError> {
    let mut out = Differ {
        repo,
        project: String::new(),
        changes: Changes::new(),
    };
    let names = |print: &Print| {
        print
            .0
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    let mut all = [names(before), names(now)].concat();
    all.sort();
    all.dedup();
    for name in all.iter().filter(|name| *name != "projects") {
        let (before, now) = (before.get(name), now.get(name));
        if before != now {
            let change = Change {
                project: None,
                area: Area::Settings,
                before,
                now,
            };
            out.changes.insert(name.clone(), change);
        }
    }
    for (name, before, now) in pairs(repo, before.projects(), now.projects())? {
        let is_attributes = area::is_attributes(&name);
        let (old, new) = (folder(before), folder(now));
        if is_project(repo, old)? || is_project(repo, new)? {
            out.project(&name, old, new)?;
        } else if is_attributes || old.is_some() || new.is_some() {
            out.attributes(join("projects", &name), before, now)?;
        }
    }
    Ok(out.changes)
}

/// Whether a folder below `projects` is a project, by what it holds.
pub(super) fn is_project(repo: &Repo, tree: Option<ObjectId>) -> Result<bool, GitError> {
    let Some(tree) = tree else { return Ok(false) };
    let entries = repo.tree_of(tree).list("")?;
    Ok(entries.iter().any(|entry| area::makes_project(&entry.name)))
}

fn folder(thing: Option<Thing>) -> Option<ObjectId> {
    thing
        .filter(|(kind, _)| *kind == EntryKind::Folder)
        .map(|(_, id)| id)
}

/// A name that two trees have otherwise.
type Pair = (String, Option<Thing>, Option<Thing>);

/// Pairs what two trees have otherwise, by name. Equal trees are not read.
fn pairs(
    repo: &Repo,
    before: Option<ObjectId>,
    now: Option<ObjectId>,
) -> Result<Vec<Pair>, GitError> {
    if before == now {
        return Ok(Vec::new());
    }
    let thing = |entry: &TreeEntry| (entry.kind, entry.id);
    let mut out: Vec<Pair> = Vec::new();
    if let Some(now) = now {
        for (entry, other) in repo.tree_of(now).differing(before)? {
            let now = Some(thing(&entry));
            out.push((entry.name, other.as_ref().map(thing), now));
        }
    }
    if let Some(before) = before {
        for (entry, other) in repo.tree_of(before).differing(now)? {
            if other.is_none() {
                let before = Some(thing(&entry));
                out.push((entry.name, before, None));
            }
        }
    }
    Ok(out)
}

struct Differ<'a> {
    repo: &'a Repo,
    /// The folder of the project that is compared.
    project: String,
    changes: Changes,
}

impl Differ<'_> {
    fn project(
        &mut self,
        name: &str,
        before: Option<ObjectId>,
        now: Option<ObjectId>,
    ) -> Result<(), GitError> {
        self.project = name.to_owned();
        let base = join("projects", name);
        for (name, before, now) in pairs(self.repo, before, now)? {
            let path = join(&base, &name);
            match area::part_of(&name) {
                Part::Is(area) => self.files(area, path, before, now)?,
                Part::Launches => self.launches(&path, folder(before), folder(now), LEVELS)?,
                Part::Executed => self.executed(&path, folder(before), folder(now))?,
                Part::Annotations => self.annotations(path, before, now)?,
            }
        }
        Ok(())
    }

    fn note(&mut self, area: Area, path: String, before: Option<Thing>, now: Option<Thing>) {
        let change = Change {
            project: Some(self.project.clone()),
            area,
            before,
            now,
        };
        self.changes.insert(path, change);
    }

    /// Notes attributes of git in what is no project: they reach to what may become one.
    fn attributes(
        &mut self,
        path: String,
        before: Option<Thing>,
        now: Option<Thing>,
    ) -> Result<(), GitError> {
        let mut found = Differ {
            repo: self.repo,
            project: String::new(),
            changes: Changes::new(),
        };
        found.files(Area::Documentation, path, before, now)?;
        for (path, mut change) in found.changes {
            if change.area == Area::Settings {
                change.project = None;
                self.changes.insert(path, change);
            }
        }
        Ok(())
    }

    /// Notes every file that differs.
    fn files(
        &mut self,
        area: Area,
        path: String,
        before: Option<Thing>,
        now: Option<Thing>,
    ) -> Result<(), GitError> {
        let mut open = vec![(path, before, now)];
        while let Some((path, before, now)) = open.pop() {
            let (old, new) = (folder(before), folder(now));
            for (name, before, now) in pairs(self.repo, old, new)? {
                open.push((join(&path, &name), before, now));
            }
            let (before, now) = (file(before), file(now));
            if before.is_some() || now.is_some() {
                let name = path.rsplit('/').next().unwrap_or_default();
                self.note(area::below(area, name), path, before, now);
            }
        }
        Ok(())
    }

    /// Notes launches that are new, and those that are gone from where they were. What was changed in others
    /// is a matter of integrity.
    fn launches(
        &mut self,
        path: &str,
        before: Option<ObjectId>,
        now: Option<ObjectId>,
        levels: usize,
    ) -> Result<(), GitError> {
        for (name, before, now) in pairs(self.repo, before, now)? {
            let path = join(path, &name);
            if area::is_attributes(&name) {
                self.files(Area::Settings, path, before, now)?;
                continue;
            }
            let (old, new) = (folder(before), folder(now));
            if levels > 0 {
                self.launches(&path, old, new, levels - 1)?;
                continue;
            }
            let is_launch =
                |id: Option<ObjectId>| id.map_or(Ok(false), |id| layout::is_launch(self.repo, id));
            if before.is_none() && is_launch(new)? {
                self.note(Area::Closing, path, before, now);
            } else if now.is_none() && is_launch(old)? {
                self.note(Area::Departure, path, before, now);
            }
        }
        Ok(())
    }

    fn executed(
        &mut self,
        path: &str,
        before: Option<ObjectId>,
        now: Option<ObjectId>,
    ) -> Result<(), GitError> {
        for (name, before, now) in pairs(self.repo, before, now)? {
            if area::is_attributes(&name) {
                self.files(Area::Settings, join(path, &name), before, now)?;
            } else if before.is_none() {
                self.note(Area::Closing, join(path, &name), before, now);
            }
        }
        Ok(())
    }

    /// Notes annotations by what they do, and by what they did where they are changed or removed.
    fn annotations(
        &mut self,
        path: String,
        before: Option<Thing>,
        now: Option<Thing>,
    ) -> Result<(), GitError> {
        let mut found = Differ {
            repo: self.repo,
            project: self.project.clone(),
            changes: Changes::new(),
        };
        found.files(Area::Settings, path, before, now)?;
        for (path, mut change) in found.changes {
            let kinds = [change.before, change.now];
            let kinds = kinds
                .into_iter()
                .flatten()
                .map(|thing| kind_of(self.repo, thing));
            let kinds: Result<Vec<_>, _> = kinds.collect();
            let gravest = kinds?
                .into_iter()
                .max()
                .unwrap_or(AnnotationKind::Acknowledged);
            change.area = Area::Annotation(gravest);
            self.changes.insert(path, change);
        }
        Ok(())
    }
}

fn file(thing: Option<Thing>) -> Option<Thing> {
    thing.filter(|(kind, _)| *kind != EntryKind::Folder)
}

/// What an annotation does; what does not read as one counts as the gravest.
fn kind_of(repo: &Repo, (kind, id): Thing) -> Result<AnnotationKind, GitError> {
    if kind != EntryKind::File {
        return Ok(AnnotationKind::Acknowledged);
    }
    let bytes = repo.blob(id)?;
    let parsed = read_yaml::<Annotation>(&bytes);
    Ok(parsed.map_or(AnnotationKind::Acknowledged, |annotation| annotation.kind))
}

/// What a tree has at a path of a workspace.
pub(super) fn thing_at(
    view: &TreeView,
    workspace: &str,
    path: &str,
) -> Result<Option<Thing>, GitError> {
    let entry = view.entry(&join(workspace, path))?;
    Ok(entry.map(|entry| (entry.kind, entry.id)))
}
