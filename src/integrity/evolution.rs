//! What one step of history did to closed launches and executed texts: two trees compared by ids,
//! so that the cost is in what changed.

use super::layout::{self, LEVELS};
use crate::base::path::join;
use crate::git::{EntryKind, GitError, ObjectId, Repo, TreeEntry, TreeView};

/// A workspace in the tree of a commit.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) tree: TreeView,
    pub(super) workspace: String,
}

/// Evidence that one side has and the other has not, or has otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gone {
    /// From the workspace's `projects`: `shop/launches/2026/11/id`, `shop/executed/….md`.
    pub(super) path: String,
    /// The launch's id; `None` for an executed text.
    pub(super) launch: Option<String>,
    pub(super) id: ObjectId,
    /// What the other side has in this place.
    pub(super) now: Option<ObjectId>,
}

impl Side {
    fn projects(&self) -> Result<Option<ObjectId>, GitError> {
        self.tree.subtree_id(&join(&self.workspace, "projects"))
    }

    /// Whether this side holds the evidence in any project: a project's folder may move whole.
    pub(super) fn holds(&self, gone: &Gone) -> Result<bool, GitError> {
        let Some((_, below)) = gone.path.split_once('/') else {
            return Ok(false);
        };
        for project in layout::projects(&self.tree, &self.workspace)? {
            let entry = self.tree.entry(&join(&project.path, below))?;
            if entry.is_some_and(|entry| entry.id == gone.id) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Lists what `before` has and `after` has not, or has otherwise; what stands in another project of
/// `after` unaltered is not gone where its whole project moved there. With the sides swapped it lists what is new.
pub(super) fn gone(before: &Side, after: &Side) -> Result<Vec<Gone>, GitError> {
    let (Some(old), new) = (before.projects()?, after.projects()?) else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    let mut walk = Walk {
        repo: before.tree.repo(),
        out: &mut out,
    };
    walk.projects(old, new)?;
    let mut kept = Vec::new();
    for gone in out {
        if gone.now.is_some() || !moved_along(&gone, before, after)? {
            kept.push(gone);
        }
    }
    Ok(kept)
}

/// Whether evidence stands in another project because its own moved there whole: nothing of its kind
/// is left where it was.
fn moved_along(gone: &Gone, before: &Side, after: &Side) -> Result<bool, GitError> {
    let mut parts = gone.path.split('/');
    let (project, part) = (parts.next().unwrap_or_default(), parts.next());
    let was = join(&before.workspace, &join("projects", project));
    let was = join(&was, part.unwrap_or_default());
    Ok(after.tree.subtree_id(&was)?.is_none() && after.holds(gone)?)
}

struct Walk<'a> {
    repo: &'a Repo,
    out: &'a mut Vec<Gone>,
}

impl Walk<'_> {
    fn projects(&mut self, old: ObjectId, new: Option<ObjectId>) -> Result<(), GitError> {
        for (project, now) in self.differing(old, new)? {
            let now = now.and_then(folder);
            if let Some(id) = folder(project.clone()) {
                self.part(id, now, &project.name, "launches")?;
                self.part(id, now, &project.name, "executed")?;
            }
        }
        Ok(())
    }

    fn part(
        &mut self,
        old: ObjectId,
        new: Option<ObjectId>,
        project: &str,
        part: &str,
    ) -> Result<(), GitError> {
        let find = |tree| -> Result<Option<ObjectId>, GitError> {
            Ok(self.repo.tree_of(tree).entry(part)?.and_then(folder))
        };
        let (Some(old), new) = (find(old)?, new.map(find).transpose()?.flatten()) else {
            return Ok(());
        };
        let path = join(project, part);
        match part {
            "launches" => self.launches(old, new, &path, LEVELS),
            _ => self.executed(old, new, &path),
        }
    }

    fn launches(
        &mut self,
        old: ObjectId,
        new: Option<ObjectId>,
        path: &str,
        levels: usize,
    ) -> Result<(), GitError> {
        for (entry, now) in self.differing(old, new)? {
            let path = join(path, &entry.name);
            let Some(id) = folder(entry.clone()) else {
                continue;
            };
            if levels > 0 {
                self.launches(id, now.and_then(folder), &path, levels - 1)?;
            } else if layout::is_launch(self.repo, id)? {
                let now = now.map(|now| now.id);
                let launch = Some(entry.name);
                self.out.push(Gone {
                    path,
                    launch,
                    id,
                    now,
                });
            }
        }
        Ok(())
    }

    fn executed(
        &mut self,
        old: ObjectId,
        new: Option<ObjectId>,
        path: &str,
    ) -> Result<(), GitError> {
        for (entry, now) in self.differing(old, new)? {
            self.out.push(Gone {
                path: join(path, &entry.name),
                launch: None,
                id: entry.id,
                now: now.map(|now| now.id),
            });
        }
        Ok(())
    }

    /// Pairs the entries of one tree with those of another, leaving out equal ones.
    fn differing(
        &self,
        old: ObjectId,
        new: Option<ObjectId>,
    ) -> Result<Vec<(TreeEntry, Option<TreeEntry>)>, GitError> {
        self.repo.tree_of(old).differing(new)
    }
}

fn folder(entry: TreeEntry) -> Option<ObjectId> {
    (entry.kind == EntryKind::Folder).then_some(entry.id)
}
