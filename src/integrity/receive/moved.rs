//! Launches that a commit takes away from beside their documentation, because they have a branch to
//! themselves from then on.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use super::{Session, launch_branch};
use crate::base::path::join;
use crate::base::text::sanitize_line;
use crate::git::{CommitId, GitError, TreeEntry, TreeView};
use crate::integrity::report::{Kind, Violation};

/// A branch for launches, as a commit's settings name it.
struct Destination {
    branch: String,
    /// Its tip once the push is through.
    tip: Option<CommitId>,
}

impl Session<'_> {
    /// Drops what went to the branch that the commit's own settings name for launches: it has the same
    /// there, and has it from a commit that both go on, so that its own history tells what became of it. Of
    /// what is not there it is said which branch lacks it. Who may move launches is asked elsewhere.
    pub(super) fn drop_moved(
        &mut self,
        name: &str,
        violations: &mut Vec<Violation>,
    ) -> Result<(), GitError> {
        let mut shared = HashMap::new();
        let mut kept = Vec::new();
        for mut violation in std::mem::take(violations) {
            if let (true, Some(commit)) = (is_removal(violation.kind), violation.commit)
                && let Some(to) = self.destination(name, commit, &violation.path)?
            {
                if self.is_there(&to, commit, &violation, &mut shared)? {
                    continue;
                }
                violation.message.push_str(&format!(
                    "; the branch `{}`, which its settings name for launches, does not have it: begin it at a \
                     commit that has all of them, and push both",
                    sanitize_line(&to.branch)
                ));
            }
            kept.push(violation);
        }
        *violations = kept;
        Ok(())
    }

    /// Finds the branch to which a commit says that the launches of a path's workspace went; another than
    /// that which it was pushed to.
    fn destination(
        &mut self,
        name: &str,
        commit: CommitId,
        path: &str,
    ) -> Result<Option<Destination>, GitError> {
        let tree = self.repo.tree(commit)?;
        for workspace in self.places.all(tree.id())? {
            if !path.starts_with(&join(&workspace, "projects/")) {
                continue;
            }
            let branch = launch_branch(&tree, &workspace)?;
            let Some(branch) = branch else { continue };
            let full = format!("refs/heads/{branch}");
            let tip = super::commit(self.after().get(full.as_str()));
            return Ok((full != name).then_some(Destination { branch, tip }));
        }
        Ok(None)
    }

    fn is_there(
        &self,
        to: &Destination,
        commit: CommitId,
        violation: &Violation,
        shared: &mut HashMap<(CommitId, CommitId), Vec<TreeView>>,
    ) -> Result<bool, GitError> {
        let Some(tip) = to.tip else {
            return Ok(false);
        };
        let path = match violation.kind {
            // Its files may be pruned there; this one commits to all of them.
            Kind::RemovedLaunch => join(&violation.path, "launch.yaml"),
            _ => violation.path.clone(),
        };
        let now = self.repo.tree(tip)?;
        let there = now.entry(&path)?;
        for parent in self.repo.step(commit)?.parents {
            let before = self.repo.tree(parent)?;
            let Some(was) = before.entry(&path)? else {
                continue;
            };
            if let Some(folder) = said_of(violation) {
                for file in before.walk(&folder)? {
                    if now.entry(&file.path)?.as_ref() != Some(&file) {
                        return Ok(false);
                    }
                }
            }
            let is_same = |entry: &TreeEntry| (entry.kind, entry.id) == (was.kind, was.id);
            if !there.as_ref().is_some_and(is_same) {
                return Ok(false);
            }
            let trees = match shared.entry((parent, tip)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(self.shared_trees(parent, tip)?),
            };
            let mut is_shared = false;
            for tree in trees.iter() {
                is_shared = is_shared || tree.entry(&path)?.as_ref().is_some_and(is_same);
            }
            if !is_shared {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The trees of the latest commits that two histories share.
    fn shared_trees(&self, one: CommitId, other: CommitId) -> Result<Vec<TreeView>, GitError> {
        let own = self.repo.history_since(one, &[other])?.steps;
        let ids: BTreeSet<CommitId> = own.iter().map(|step| step.id).collect();
        let parents = own.iter().flat_map(|step| step.parents.iter().copied());
        let mut shared: BTreeSet<CommitId> = parents.filter(|id| !ids.contains(id)).collect();
        if own.is_empty() {
            shared.insert(one);
        }
        shared.into_iter().map(|id| self.repo.tree(id)).collect()
    }
}

/// The folder of what is said of a launch that was removed, which goes with it.
fn said_of(violation: &Violation) -> Option<String> {
    let launch = violation.launch.as_ref()?;
    let (project, _) = violation.path.rsplit_once("/launches/")?;
    Some(join(project, &format!("annotations/{launch}")))
}

fn is_removal(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::RemovedLaunch | Kind::RemovedExecuted | Kind::RemovedAnnotation
    )
}
