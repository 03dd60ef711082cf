//! Which commits changed the documentation of a workspace, as its branch saw it.

use std::collections::HashMap;

use super::{CommitId, GitError, ObjectId, Repo};
use crate::base::path::join;

/// Commits looked at before a walk gives up.
const MAX_WALK: usize = 50_000;

/// The latest commits of a line of history that changed what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Each commit with its first parent, the latest first.
    pub commits: Vec<(CommitId, CommitId)>,
    /// Commits that were looked at → how many of `commits` are later than they.
    pub later: HashMap<CommitId, usize>,
    /// Whether earlier commits changed it, too, or may have.
    pub is_cut: bool,
}

impl Repo {
    /// Walks from a commit by first parents to the latest `most` that changed the files of a workspace
    /// below `prefix`, the named folders of its projects apart. A merge counts as one change, of all
    /// that it brought; the commit that begins the history is no change.
    ///
    /// # Errors
    /// Objects are missing or damaged.
    pub fn touched(
        &self,
        from: CommitId,
        prefix: &str,
        files: &[&str],
        apart: &[&str],
        most: usize,
    ) -> Result<Touched, GitError> {
        let cut = self.shallow_commits()?;
        let mut out = Touched::default();
        let mut step = self.step(from)?;
        let mut here = self.workspace_ids(step.tree, prefix, files)?;
        for _ in 0..MAX_WALK {
            out.later.insert(step.id, out.commits.len());
            if cut.contains(&step.id) {
                out.is_cut = true;
                return Ok(out);
            }
            let Some(parent) = step.parents.first() else {
                return Ok(out);
            };
            let parent = self.step(*parent)?;
            let there = self.workspace_ids(parent.tree, prefix, files)?;
            let is_same = here == there
                || self.projects(&here, files.len(), apart)?
                    == self.projects(&there, files.len(), apart)?;
            if !is_same {
                if out.commits.len() == most {
                    out.is_cut = true;
                    return Ok(out);
                }
                out.commits.push((step.id, parent.id));
            }
            (step, here) = (parent, there);
        }
        out.is_cut = true;
        Ok(out)
    }

    /// The ids of a workspace's own files, and of its folder of projects.
    fn workspace_ids(
        &self,
        tree: ObjectId,
        prefix: &str,
        files: &[&str],
    ) -> Result<Vec<Option<ObjectId>>, GitError> {
        let tree = self.tree_of(tree);
        let mut out = Vec::with_capacity(files.len() + 1);
        for file in files {
            out.push(tree.entry(&join(prefix, file))?.map(|entry| entry.id));
        }
        out.push(tree.subtree_id(&join(prefix, "projects"))?);
        Ok(out)
    }

    /// What of a workspace is documentation, by ids.
    fn projects(
        &self,
        ids: &[Option<ObjectId>],
        files: usize,
        apart: &[&str],
    ) -> Result<Vec<(String, Option<ObjectId>)>, GitError> {
        let own = ids[..files].iter().map(|id| (String::new(), *id));
        let mut out: Vec<(String, Option<ObjectId>)> = own.collect();
        let Some(projects) = ids[files] else {
            return Ok(out);
        };
        for project in self.tree_of(projects).list("")? {
            let inside = self.tree_of(projects);
            if inside.subtree_id(&project.name)?.is_none() {
                out.push((project.path, Some(project.id)));
                continue;
            }
            let entries = inside.pick(&project.name, |name| !apart.contains(&name))?;
            out.extend(
                entries
                    .into_iter()
                    .map(|entry| (entry.path, Some(entry.id))),
            );
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Playground;
    use super::*;

    #[test]
    fn documentation_is_told_from_all_else() {
        let play = Playground::new();
        play.init("main");
        let commit = |path: &str, text: &str| -> CommitId {
            play.write(path, text);
            play.git(&["add", "-A"]);
            play.git(&["commit", "-qm", path]);
            CommitId::parse(play.git(&["rev-parse", "HEAD"]).trim()).expect("an id")
        };
        let first = commit("qa/tallybook.yaml", "1");
        commit("src/main.c", "1");
        let case = commit("qa/projects/shop/cases/a.md", "1");
        let launch = commit("qa/projects/shop/launches/x/launch.yaml", "1");
        let settings = commit("qa/tallybook.yaml", "2");
        play.git(&["checkout", "-qb", "side"]);
        commit("qa/projects/shop/cases/a.md", "2");
        commit("qa/projects/shop/cases/b.md", "2");
        play.git(&["checkout", "-q", "main"]);
        play.git(&["merge", "-q", "--no-ff", "--no-edit", "side"]);
        let merge = CommitId::parse(play.git(&["rev-parse", "HEAD"]).trim()).expect("an id");
        let last = commit("README.md", "1");
        let repo = play.open();
        let walk = |most| {
            repo.touched(last, "qa", &["tallybook.yaml"], &["launches"], most)
                .expect("walks")
        };
        let all = walk(9);
        let ids: Vec<CommitId> = all.commits.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [merge, settings, case]);
        assert!(!all.is_cut);
        assert_eq!(all.commits[0].1, settings);
        let later = [last, merge, settings, launch, case, first].map(|id| all.later[&id]);
        assert_eq!(later, [0, 0, 1, 2, 2, 3]);
        let two = walk(2);
        assert_eq!((two.commits.len(), two.is_cut), (2, true));
    }
}
