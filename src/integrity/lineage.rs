//! Where a workspace comes from: the workspaces of a parent commit whose evidence the workspace of
//! its child must account for.
//!
//! A workspace or a project's folder may move whole. What moves keeps the ids of its launches, so
//! that a launch is known again whatever was done to its bytes.

use std::collections::{BTreeSet, HashMap};

use super::evolution::{Gone, Side, gone};
use super::layout;
use crate::base::path::{self, join};
use crate::git::{EntryKind, GitError, ObjectId, Repo, TreeEntry, TreeView};

/// A workspace of a parent commit.
pub(super) struct Origin {
    pub(super) side: Side,
    /// What the child lost of it, and the workspace of the child that should have it.
    pub(super) lost: Vec<(Side, Gone)>,
    /// Whether the history of the workspace goes on here.
    pub(super) goes_on: bool,
}

/// Finds workspaces; remembers what trees hold, so that each tree is read once.
pub(super) struct Lineage<'a> {
    repo: &'a Repo,
    /// What all is seen from.
    tip: TreeView,
    /// Workspaces below a tree, by their paths from it.
    below: HashMap<ObjectId, Vec<String>>,
    /// Whether there is a launch in any project of a tree that is a folder `projects`.
    launches: HashMap<ObjectId, bool>,
}

impl<'a> Lineage<'a> {
    pub(super) fn new(repo: &'a Repo, tip: TreeView) -> Self {
        Self {
            repo,
            tip,
            below: HashMap::new(),
            launches: HashMap::new(),
        }
    }

    /// Whether a workspace with launches is the same in a parent: nothing came, went or moved.
    pub(super) fn is_untouched(&mut self, parent: &TreeView, now: &Side) -> Result<bool, GitError> {
        let path = projects(now);
        match now.tree.subtree_id(&path)? {
            Some(id) if parent.subtree_id(&path)? == Some(id) => self.any_launch(id),
            _ => Ok(false),
        }
    }

    /// Returns the workspaces of a parent that a workspace stems from: the one in the same place
    /// and those whose launches turn up in it. Where there is neither, every workspace counts.
    pub(super) fn origins(
        &mut self,
        parent: TreeView,
        now: &Side,
    ) -> Result<Vec<Origin>, GitError> {
        let same = Side {
            tree: parent,
            workspace: now.workspace.clone(),
        };
        let stood = self.has_launches(&same)?;
        let arrived = arrivals(now, &same)?;
        let lost = gone(&same, now)?;
        let mut out = vec![Origin {
            lost: lost.into_iter().map(|gone| (now.clone(), gone)).collect(),
            side: same.clone(),
            goes_on: true,
        }];
        if stood && arrived.is_empty() {
            return Ok(out);
        }
        for workspace in self.workspaces(&same.tree)? {
            if workspace == now.workspace {
                continue;
            }
            let tree = same.tree.clone();
            let side = Side { tree, workspace };
            let moved = self.projects_with(&side, &arrived)?;
            if !moved.is_empty() || !stood {
                out.push(self.origin(side, now, &moved)?);
            }
        }
        let stands = same.tree.subtree_id(&projects(&same))?.is_some();
        out[0].goes_on = stands || !out[1..].iter().any(|origin| origin.goes_on);
        Ok(out)
    }

    /// Holds another workspace of the parent against the child: the projects that moved must be in
    /// the workspace, all else must stand where it stood or in any other workspace.
    fn origin(
        &mut self,
        side: Side,
        now: &Side,
        moved: &BTreeSet<String>,
    ) -> Result<Origin, GitError> {
        let mut lost = Vec::new();
        let is_moved = |gone: &Gone| moved.contains(project_of(&gone.path));
        if !moved.is_empty() {
            let gone = gone(&side, now)?.into_iter().filter(&is_moved);
            lost.extend(gone.map(|gone| (now.clone(), gone)));
        }
        let there = Side {
            tree: now.tree.clone(),
            workspace: side.workspace.clone(),
        };
        for gone in gone(&side, &there)? {
            let is_lost = !is_moved(&gone) && (gone.now.is_some() || !self.stands(now, &gone)?);
            if is_lost {
                lost.push((there.clone(), gone));
            }
        }
        Ok(Origin {
            goes_on: !moved.is_empty() || !self.has_launches(&there)?,
            side,
            lost,
        })
    }

    /// Lists the projects of a workspace with a launch that has one of the ids and went away since. One that
    /// still stands moved nowhere: whoever planted a copy beside would make the original a changed one.
    fn projects_with(
        &self,
        side: &Side,
        ids: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, GitError> {
        let mut out = BTreeSet::new();
        if ids.is_empty() {
            return Ok(out);
        }
        for place in layout::launches(&side.tree, &side.workspace)? {
            let name = path::file_name(&place.project);
            if ids.contains(&place.id)
                && !out.contains(name)
                && self.tip.subtree_id(&place.path)? != Some(place.tree)
            {
                out.insert(name.to_owned());
            }
        }
        Ok(out)
    }

    /// Whether any workspace of a commit has the evidence.
    fn stands(&mut self, now: &Side, gone: &Gone) -> Result<bool, GitError> {
        for workspace in self.workspaces(&now.tree)? {
            let tree = now.tree.clone();
            if (Side { tree, workspace }).holds(gone)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_launches(&mut self, side: &Side) -> Result<bool, GitError> {
        match side.tree.subtree_id(&projects(side))? {
            Some(projects) => self.any_launch(projects),
            None => Ok(false),
        }
    }

    fn any_launch(&mut self, projects: ObjectId) -> Result<bool, GitError> {
        if let Some(known) = self.launches.get(&projects) {
            return Ok(*known);
        }
        let any = layout::any_launch(&self.repo.tree_of(projects))?;
        self.launches.insert(projects, any);
        Ok(any)
    }

    /// Lists the workspaces of a tree: folders with launches in their `projects`. Sorted.
    fn workspaces(&mut self, tree: &TreeView) -> Result<Vec<String>, GitError> {
        let root = tree.id();
        let mut open = vec![root];
        while let Some(&id) = open.last() {
            let mut folders = Vec::new();
            if !self.below.contains_key(&id) {
                folders = self.repo.tree_of(id).list("")?;
                folders.retain(|entry| entry.kind == EntryKind::Folder);
            }
            let unknown = folders.iter().map(|folder| folder.id);
            let unknown: Vec<_> = unknown.filter(|id| !self.below.contains_key(id)).collect();
            if unknown.is_empty() {
                open.pop();
                self.note(id, &folders)?;
            }
            open.extend(unknown);
        }
        Ok(self.below.get(&root).cloned().unwrap_or_default())
    }

    /// Remembers what is below a tree, all of whose folders are known.
    fn note(&mut self, id: ObjectId, folders: &[TreeEntry]) -> Result<(), GitError> {
        if self.below.contains_key(&id) {
            return Ok(());
        }
        let mut found = Vec::new();
        for folder in folders {
            if folder.name == "projects" && self.any_launch(folder.id)? {
                found.push(String::new());
            }
            let inner = self.below.get(&folder.id).into_iter().flatten();
            found.extend(inner.map(|path| join(&folder.name, path)));
        }
        found.sort();
        self.below.insert(id, found);
        Ok(())
    }
}

fn projects(side: &Side) -> String {
    join(&side.workspace, "projects")
}

fn project_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// Lists the ids of launches that one side has in places where the other has nothing.
fn arrivals(now: &Side, before: &Side) -> Result<BTreeSet<String>, GitError> {
    let new = gone(now, before)?.into_iter();
    let new = new.filter(|gone| gone.now.is_none());
    Ok(new
        .filter_map(|gone| gone.launch().map(str::to_owned))
        .collect())
}
