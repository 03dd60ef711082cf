//! What one step of history did to closed launches, to what is said of them, and to executed texts:
//! two trees compared by ids, so that the cost is in what changed.

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
    /// From the workspace's `projects`: `shop/launches/2026/11/id`, `shop/executed/….md`,
    /// `shop/annotations/id/….yaml`.
    pub(super) path: String,
    pub(super) what: What,
    pub(super) id: ObjectId,
    /// What the other side has in this place.
    pub(super) now: Option<ObjectId>,
}

/// What a piece of evidence is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A closed launch, by its id.
    Launch(String),
    Executed,
    /// What was said of a launch later.
    Annotation {
        launch: String,
        /// Whether the other side has something else than a plain file in its place.
        displaced: bool,
    },
}

impl Gone {
    /// Returns the id of the closed launch that this is.
    pub(super) fn launch(&self) -> Option<&str> {
        match &self.what {
            What::Launch(id) => Some(id),
            What::Executed | What::Annotation { .. } => None,
        }
    }
}

impl Side {
    fn projects(&self) -> Result<Option<ObjectId>, GitError> {
        self.tree.subtree_id(&join(&self.workspace, "projects"))
    }

    /// The folder of a project.
    fn project(&self, name: &str) -> String {
        join(&join(&self.workspace, "projects"), name)
    }

    /// Whether this side holds the evidence in any project: a project's folder may move whole.
    pub(super) fn holds(&self, gone: &Gone) -> Result<bool, GitError> {
        for project in layout::projects(&self.tree, &self.workspace)? {
            if self.has_in(&project.path, gone)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_in(&self, project: &str, gone: &Gone) -> Result<bool, GitError> {
        let Some((_, below)) = gone.path.split_once('/') else {
            return Ok(false);
        };
        let entry = self.tree.entry(&join(project, below))?;
        let is_kind = |kind| match gone.what {
            What::Annotation { .. } => kind == EntryKind::File,
            What::Launch(_) | What::Executed => true,
        };
        Ok(entry.is_some_and(|entry| entry.id == gone.id && is_kind(entry.kind)))
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
/// is left where it was. What is said of launches moves with them.
fn moved_along(gone: &Gone, before: &Side, after: &Side) -> Result<bool, GitError> {
    let mut parts = gone.path.split('/');
    let (project, part) = (parts.next().unwrap_or_default(), parts.next());
    let was = before.project(project);
    let is_left = |part: &str| after.tree.subtree_id(&join(&was, part));
    if is_left(part.unwrap_or_default())?.is_some() || !after.holds(gone)? {
        return Ok(false);
    }
    if !matches!(gone.what, What::Annotation { .. }) {
        return Ok(true);
    }
    let Some(launch) = first_launch(&before.tree, &was)? else {
        return Ok(true);
    };
    if is_left("launches")?.is_some() {
        return Ok(false);
    }
    for project in layout::projects(&after.tree, &after.workspace)? {
        if after.tree.entry(&join(&project.path, &launch))?.is_some()
            && after.has_in(&project.path, gone)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the path of a project's first launch, from the project's folder.
fn first_launch(tree: &TreeView, project: &str) -> Result<Option<String>, GitError> {
    let mut path = "launches".to_owned();
    for _ in 0..=LEVELS {
        let entries = tree.list(&join(project, &path))?;
        match entries
            .into_iter()
            .find_map(|entry| (entry.kind == EntryKind::Folder).then_some(entry.name))
        {
            Some(name) => path = join(&path, &name),
            None => return Ok(None),
        }
    }
    Ok(Some(path))
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
                for part in ["launches", "executed", "annotations"] {
                    self.part(id, now, &project.name, part)?;
                }
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
            "annotations" => self.annotations(old, new, &path),
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
                let what = What::Launch(entry.name);
                self.out.push(Gone {
                    path,
                    what,
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
                what: What::Executed,
                id: entry.id,
                now: now.map(|now| now.id),
            });
        }
        Ok(())
    }

    fn annotations(
        &mut self,
        old: ObjectId,
        new: Option<ObjectId>,
        path: &str,
    ) -> Result<(), GitError> {
        for (launch, now) in self.differing(old, new)? {
            let Some(id) = folder(launch.clone()) else {
                continue;
            };
            for (entry, now) in self.differing(id, now.and_then(folder))? {
                if !layout::is_annotation(&entry) {
                    continue;
                }
                let displaced = now.as_ref().is_some_and(|now| now.kind != EntryKind::File);
                self.out.push(Gone {
                    path: join(&join(path, &launch.name), &entry.name),
                    what: What::Annotation {
                        launch: launch.name.clone(),
                        displaced,
                    },
                    id: entry.id,
                    now: now.map(|now| now.id),
                });
            }
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
