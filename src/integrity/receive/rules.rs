//! Which rules there are to judge by, and what is done where there are none.

use super::Session;
use crate::base::path::{join, parent};
use crate::base::text::{sanitize_line, shell_word};
use crate::git::{CommitId, GitError, Step};

/// The workspaces that rules know; `None` where no branch says any.
pub(super) struct Ruled(Option<Vec<String>>);

impl Ruled {
    /// Whether a copy in one project's folder counts against a launch in another's: in the same workspace, or
    /// where the launch lies in none that rules know. Other workspaces are others' affair.
    pub(super) fn counts(&self, copy: &str, launch: &str) -> bool {
        let (copy, launch) = (parent(parent(copy)), parent(parent(launch)));
        let knows = |workspace: &str| {
            let known = self.0.as_ref();
            known.is_none_or(|known| known.iter().any(|path| path == workspace))
        };
        knows(copy) && (copy == launch || !knows(launch))
    }
}

impl Ruled {
    /// Whether what a workspace has makes up for what is lost of another: the same one, or one that rules know.
    /// Anybody may put whatever they like into others.
    pub(super) fn makes_up(&self, copy: &str, lost: &str) -> bool {
        let known = self.0.as_ref();
        copy == lost || known.is_none_or(|known| known.iter().any(|path| path == copy))
    }
}

impl Session<'_> {
    /// Where the branch stood that rules are taken from; `None` where it is not here.
    pub(super) fn bench(&self) -> Option<CommitId> {
        let rules = self.rules.as_ref().and_then(|name| self.before.get(name));
        super::commit(rules)
    }

    /// The workspaces of the branch of rules. What lies elsewhere anybody may have put there.
    pub(super) fn ruled(&mut self) -> Result<Ruled, GitError> {
        let Some(bench) = self.bench() else {
            return Ok(Ruled(None));
        };
        let tree = self.repo.step(bench)?.tree;
        Ok(Ruled(Some(self.places.all(tree)?)))
    }

    /// Refuses a commit that nobody can judge: the branch of rules is not here, and no parent has the
    /// workspace. It may create the first workspace with members, not one beside another.
    pub(super) fn unruled(
        &mut self,
        name: &str,
        step: &Step,
        workspace: &str,
    ) -> Result<(), GitError> {
        if self.bench().is_some() {
            return Ok(());
        }
        let settings = join(workspace, "tallybook.yaml");
        for parent in &step.parents {
            if self.repo.tree(*parent)?.entry(&settings)?.is_some() {
                return Ok(());
            }
        }
        let creates = self.repo.tree_of(step.tree).entry(&settings)?.is_some();
        if !creates && !self.touches(step, workspace)? {
            return Ok(());
        }
        let Some(other) = self.shared_branch()? else {
            return Ok(());
        };
        let rules = match &self.rules {
            Some(rules) => format!("`{}`, which is not here", sanitize_line(rules)),
            None => "the branch of `HEAD`, which is none".to_owned(),
        };
        let message = format!(
            "nothing says who may make commit `{}`: members and settings are those of {rules}; on the \
             server, `tallybook hook install --rules {}` names the branch that decides",
            step.id.short(),
            shell_word(&sanitize_line(&other))
        );
        self.refuse(name, message);
        Ok(())
    }

    /// A branch that was here and has a project with members, if any.
    fn shared_branch(&mut self) -> Result<Option<String>, GitError> {
        let branches: Vec<(String, CommitId)> = self
            .before
            .iter()
            .filter(|(name, _)| name.starts_with("refs/heads/"))
            .filter_map(|(name, peeled)| Some((name.clone(), super::commit(Some(peeled))?)))
            .collect();
        let mut found = None;
        for (name, commit) in branches {
            let tree = self.repo.step(commit)?.tree;
            for workspace in self.places.all(tree)? {
                if self.court.is_shared(commit, &workspace)? {
                    let is_main = name == "refs/heads/main";
                    if is_main || found.is_none() {
                        found = Some(name.clone());
                    }
                }
            }
        }
        Ok(found)
    }
}
