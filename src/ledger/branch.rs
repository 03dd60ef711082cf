//! The branch that holds closed launches, and its remote's. Where launches have it to themselves, one
//! side has all that the other has, and what is committed goes on top of that.

use crate::git::{CommitError, CommitId, CommitRequest, FastForward, GitError, Lead, Repo};
use crate::integrity::{self, NotAllowed};
use crate::store::launches;

/// A commit can't go onto the branch.
#[derive(Debug, thiserror::Error)]
pub enum BranchError {
    #[error("branch `{branch}` can't take it: {reason}")]
    Behind { branch: String, reason: String },
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Whether a commit has all that another one has, and beyond it closed launches and nothing else.
fn adds_evidence_alone(repo: &Repo, base: CommitId, with: CommitId) -> Result<bool, GitError> {
    if base == with || !repo.is_ancestor(base, with)? {
        return Ok(base == with);
    }
    let changed = repo.changed_paths(base, with)?;
    Ok(changed.iter().all(|path| launches::is_evidence(path)))
}

/// The branch that holds closed launches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchesBranch {
    /// The full name.
    pub name: String,
    /// Whether closed launches have it to themselves: the first closing begins it, and it moves forward
    /// with its remote's.
    pub own: bool,
    /// Commits of the documentation whose members say who may commit there, where launches have the
    /// branch to themselves; one of them has to allow it.
    pub documentation: Vec<CommitId>,
}

/// A commit was made that may not go onto the branch.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error(transparent)]
    NotAllowed(Box<NotAllowed>),
    #[error(transparent)]
    Git(#[from] GitError),
}

impl LaunchesBranch {
    /// Returns the commit that the next one goes on: the branch's tip, or that of its remote's branch as
    /// it was fetched, where that has all that the branch has.
    pub fn tip(&self, repo: &Repo) -> Result<Option<CommitId>, BranchError> {
        if !self.own {
            return Ok(repo.tip(&self.name)?);
        }
        let standing = repo.standing(&self.name)?;
        match standing.lead {
            Lead::Diverged { .. } => {
                Err(self.behind("it and its remote's each have what the other lacks"))
            }
            _ => Ok(standing.newest()),
        }
    }

    /// Returns the commit that the next one goes on which is pushed to a remote whose branch is at
    /// `theirs`. Closed launches here that were not pushed yet go along where launches have the branch
    /// to themselves; other people's unfinished work never does.
    pub(super) fn shared_tip(
        &self,
        repo: &Repo,
        theirs: Option<CommitId>,
    ) -> Result<Option<CommitId>, BranchError> {
        let Some(theirs) = theirs else {
            return self.tip(repo);
        };
        match repo.tip(&self.name)?.filter(|_| self.own) {
            Some(ours) if adds_evidence_alone(repo, theirs, ours)? => Ok(Some(ours)),
            _ => Ok(Some(theirs)),
        }
    }

    /// Judges a commit that is to go onto the branch, as `verify` will.
    pub(super) fn judge(
        &self,
        repo: &Repo,
        commit: CommitId,
        workspace: &str,
    ) -> Result<(), Unfit> {
        match integrity::judge_ahead(repo, commit, workspace, &self.documentation)? {
            Some(why) => Err(Unfit::NotAllowed(Box::new(why))),
            None => Ok(()),
        }
    }

    /// Makes the branch, or moves it forward, to the commit that the next one goes on.
    pub(super) fn catch_up(
        &self,
        repo: &Repo,
        step: &CommitRequest,
        to: Option<CommitId>,
    ) -> Result<(), BranchError> {
        let Some(to) = to.filter(|_| self.own) else {
            return Ok(());
        };
        match self.follow(repo, step, to)? {
            FastForward::Refused(reason) => Err(self.behind(reason)),
            FastForward::Diverged => {
                Err(self.behind("it moved meanwhile, and the same command may succeed"))
            }
            FastForward::Moved | FastForward::AlreadyThere | FastForward::Absent => Ok(()),
        }
    }

    /// Moves the local branch forward to a commit. One that launches have to themselves is made where
    /// it isn't there.
    pub(super) fn follow(
        &self,
        repo: &Repo,
        step: &CommitRequest,
        to: CommitId,
    ) -> Result<FastForward, CommitError> {
        let followed = repo.fast_forward(step, to)?;
        let is_made =
            followed == FastForward::Absent && self.own && repo.create_branch(step, to)?;
        Ok(if is_made {
            FastForward::Moved
        } else {
            followed
        })
    }

    fn behind(&self, reason: impl Into<String>) -> BranchError {
        let short = self.name.strip_prefix("refs/heads/");
        BranchError::Behind {
            branch: short.unwrap_or(&self.name).to_owned(),
            reason: reason.into(),
        }
    }
}
