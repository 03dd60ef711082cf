//! What counts as verified before: the evidence of commits that were looked at already.

use std::collections::HashSet;

use super::layout::{self, Place};
use crate::base::path::join;
use crate::git::{CommitId, GitError, ObjectId, Repo, TreeView};

/// The evidence of commits that count as verified.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Launches by their paths, each with its folder's tree and that of what is said of it: the same bytes
    /// in another place are another launch.
    launches: HashSet<(String, ObjectId, Option<ObjectId>)>,
    /// The blobs of executed texts.
    executed: HashSet<ObjectId>,
    /// The paths of files that belong to no launch.
    strays: HashSet<String>,
}

impl Known {
    /// Surveys the workspace in each of the commits. One that stood elsewhere there is not found, and
    /// checked again.
    pub(super) fn new(
        repo: &Repo,
        commits: &[CommitId],
        workspace: &str,
    ) -> Result<Self, GitError> {
        let mut out = Self::default();
        let mut seen = HashSet::new();
        for commit in commits {
            let tree = repo.tree(*commit)?;
            let projects = tree.subtree_id(&join(workspace, "projects"))?;
            if !projects.is_some_and(|id| seen.insert(id)) {
                continue;
            }
            let survey = layout::survey(&tree, workspace)?;
            for place in &survey.places {
                let said = said_of(&tree, place)?;
                out.launches.insert((place.path.clone(), place.tree, said));
            }
            out.strays.extend(survey.strays);
            for project in layout::projects(&tree, workspace)? {
                let texts = tree.list(&join(&project.path, "executed"))?;
                out.executed.extend(texts.iter().map(|text| text.id));
            }
        }
        Ok(out)
    }

    /// Whether a launch is as it was, and what is said of it too: a record that is gone excuses nothing.
    pub(super) fn has_launch(&self, tree: &TreeView, place: &Place) -> Result<bool, GitError> {
        let known = (place.path.clone(), place.tree, said_of(tree, place)?);
        Ok(self.launches.contains(&known))
    }

    pub(super) fn has_executed(&self, blob: ObjectId) -> bool {
        self.executed.contains(&blob)
    }

    pub(super) fn has_stray(&self, path: &str) -> bool {
        self.strays.contains(path)
    }
}

/// Returns the tree of what is said of a launch.
fn said_of(tree: &TreeView, place: &Place) -> Result<Option<ObjectId>, GitError> {
    tree.subtree_id(&join(&place.project, &format!("annotations/{}", place.id)))
}
