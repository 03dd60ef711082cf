//! Commits: one by one, and all that are reachable.

use std::collections::{HashMap, HashSet};
use std::fmt;

use gix::bstr::ByteSlice as _;
use gix::objs::{CommitRef, Kind};

use super::tree::readable;
use super::{CommitId, GitError, ObjectId, Repo};
use crate::base::Timestamp;

/// A name and an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    pub name: String,
    pub email: String,
}

/// `Name <email>`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

/// A commit as it is stored: grafts and replacements are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    pub id: CommitId,
    pub parents: Vec<CommitId>,
    pub tree: ObjectId,
    pub author: Identity,
    pub committer: Identity,
    /// When it was committed, to the second.
    pub time: Timestamp,
    pub message: String,
}

/// One commit of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: CommitId,
    pub parents: Vec<CommitId>,
    pub tree: ObjectId,
}

/// All commits that are reachable from one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Every commit before its parents.
    pub steps: Vec<Step>,
    /// Commits whose parents a shallow clone left out.
    pub cut: Vec<CommitId>,
}

impl Repo {
    /// Reads a commit.
    pub fn commit_info(&self, id: CommitId) -> Result<CommitInfo, GitError> {
        let bytes = self.object(id.0, Kind::Commit)?;
        let fail = |source: gix::Error| GitError::Object {
            id: id.into(),
            source: source.into(),
        };
        let commit = CommitRef::from_bytes(&bytes, id.0.kind()).map_err(fail)?;
        let author = commit.author().map_err(fail)?;
        let committer = commit.committer().map_err(fail)?;
        let identity = |s: &gix::actor::SignatureRef<'_>| Identity {
            name: readable(s.name.trim()),
            email: readable(s.email.trim()),
        };
        Ok(CommitInfo {
            id,
            parents: commit.parents().map(CommitId).collect(),
            tree: ObjectId(commit.tree()),
            author: identity(&author),
            committer: identity(&committer),
            time: Timestamp::from_ms(committer.seconds().saturating_mul(1000)),
            message: readable(commit.message),
        })
    }

    pub(super) fn parse_commit(&self, id: CommitId) -> Result<Step, GitError> {
        let bytes = self.object(id.0, Kind::Commit)?;
        let commit = CommitRef::from_bytes(&bytes, id.0.kind());
        let commit = commit.map_err(|source| GitError::Object {
            id: id.into(),
            source: source.into(),
        })?;
        Ok(Step {
            id,
            parents: commit.parents().map(CommitId).collect(),
            tree: ObjectId(commit.tree()),
        })
    }

    /// Reads every commit that is reachable from one, each before its parents; the order depends
    /// on the graph alone.
    ///
    /// # Errors
    /// A commit is missing or damaged. In a shallow clone the missing parents are no error: see
    /// [`History::cut`].
    pub fn history(&self, from: CommitId) -> Result<History, GitError> {
        let shallow = self.shallow_commits()?;
        let mut steps: HashMap<CommitId, Step> = HashMap::new();
        let mut children: HashMap<CommitId, usize> = HashMap::new();
        let mut cut = Vec::new();
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            if steps.contains_key(&id) {
                continue;
            }
            let mut step = self.parse_commit(id)?;
            if shallow.contains(&id) && !step.parents.is_empty() {
                cut.push(id);
                step.parents.clear();
            }
            for parent in &step.parents {
                *children.entry(*parent).or_default() += 1;
                open.push(*parent);
            }
            steps.insert(id, step);
        }
        cut.sort_unstable();
        let steps = children_first(from, steps, children);
        Ok(History { steps, cut })
    }

    fn shallow_commits(&self) -> Result<HashSet<CommitId>, GitError> {
        let handle = self.handle();
        let commits = handle.repo.shallow_commits();
        let commits = commits.map_err(|source| GitError::Reference {
            name: "shallow".into(),
            source: source.into(),
        })?;
        Ok(commits.map_or_else(HashSet::new, |commits| {
            commits.iter().map(|id| CommitId(*id)).collect()
        }))
    }
}

/// Orders commits so that each stands before its parents.
fn children_first(
    from: CommitId,
    mut steps: HashMap<CommitId, Step>,
    mut children: HashMap<CommitId, usize>,
) -> Vec<Step> {
    let mut out = Vec::with_capacity(steps.len());
    let mut ready = vec![from];
    while let Some(id) = ready.pop() {
        let Some(step) = steps.remove(&id) else {
            continue;
        };
        for parent in step.parents.iter().rev() {
            let left = children.get_mut(parent).expect("counted with its child");
            *left -= 1;
            if *left == 0 {
                ready.push(*parent);
            }
        }
        out.push(step);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;

    fn merged() -> Playground {
        let play = Playground::new();
        play.init("main");
        play.git(&["commit", "-qm", "root", "--allow-empty"]);
        play.git(&["checkout", "-qb", "side"]);
        play.git(&["commit", "-qm", "side", "--allow-empty"]);
        play.git(&["checkout", "-q", "main"]);
        play.git(&["commit", "-qm", "main", "--allow-empty"]);
        play.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
        play
    }

    fn subjects(repo: &Repo, history: &History) -> Vec<String> {
        let message = |step: &Step| repo.commit_info(step.id).expect("reads").message;
        history
            .steps
            .iter()
            .map(|s| message(s).trim().to_owned())
            .collect()
    }

    #[test]
    fn children_stand_before_parents() {
        let play = merged();
        let repo = play.open();
        let head = repo.resolve("HEAD").expect("a commit");
        let history = repo.history(head).expect("walks");
        assert_eq!(subjects(&repo, &history), ["merge", "main", "side", "root"]);
        assert_eq!(history.steps[0].parents.len(), 2);
        assert!(history.cut.is_empty());
    }

    #[test]
    fn grafts_and_replacements_are_ignored() {
        let play = merged();
        let root = play.git(&["rev-list", "--max-parents=0", "HEAD"]);
        play.git(&["replace", "HEAD", root.trim()]);
        let repo = play.open();
        let head = repo.head().expect("reads").commit.expect("born");
        assert_eq!(repo.history(head).expect("walks").steps.len(), 4);
        assert_eq!(repo.commit_info(head).expect("reads").message, "merge\n");
    }

    #[test]
    fn a_shallow_clone_says_where_it_ends() {
        let play = merged();
        let url = format!("file://{}", play.root().display());
        let clone = play.outside().join("clone");
        play.git(&[
            "clone",
            "-q",
            "--depth=2",
            &url,
            clone.to_str().expect("UTF-8"),
        ]);
        let repo = Repo::discover(&clone).expect("opens").expect("found");
        let head = repo.resolve("HEAD").expect("a commit");
        let history = repo.history(head).expect("walks");
        assert!(repo.is_shallow());
        assert_eq!((history.steps.len(), history.cut.len()), (3, 2));
    }

    #[test]
    fn a_damaged_object_is_found() {
        let play = merged();
        let repo = play.open();
        let head = repo.resolve("HEAD").expect("a commit");
        let root = play.git(&["rev-list", "--max-parents=0", "HEAD"]);
        let file = |id: &str| {
            play.root()
                .join(".git/objects")
                .join(&id[..2])
                .join(&id[2..])
        };
        let other = crate::base::files::read(&file(root.trim())).expect("a loose object");
        let damaged = file(&head.to_string());
        crate::base::files::remove_file(&damaged).expect("removed");
        crate::base::files::write(&damaged, &other).expect("written");
        let repo = play.open();
        assert!(matches!(repo.history(head), Err(GitError::Damaged { .. })));
    }
}
