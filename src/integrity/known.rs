//! What counts as verified before: the evidence of commits that were looked at already.

use std::collections::HashSet;

use super::layout;
use crate::base::path::join;
use crate::git::{CommitId, GitError, ObjectId, Repo};

/// The evidence of commits that count as verified.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The trees of launches' folders.
    launches: HashSet<ObjectId>,
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
            out.launches
                .extend(survey.places.iter().map(|place| place.tree));
            out.strays.extend(survey.strays);
            for project in layout::projects(&tree, workspace)? {
                let texts = tree.list(&join(&project.path, "executed"))?;
                out.executed.extend(texts.iter().map(|text| text.id));
            }
        }
        Ok(out)
    }

    pub(super) fn has_launch(&self, tree: ObjectId) -> bool {
        self.launches.contains(&tree)
    }

    pub(super) fn has_executed(&self, blob: ObjectId) -> bool {
        self.executed.contains(&blob)
    }

    pub(super) fn has_stray(&self, path: &str) -> bool {
        self.strays.contains(path)
    }
}
