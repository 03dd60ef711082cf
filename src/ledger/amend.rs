//! How what is said of closed launches gets onto their branch: as one commit here, or on what the
//! remote's branch holds.

use super::branch::{BranchError, LaunchesBranch, Unfit};
use super::pushing::{NotPushed, Onto};
use crate::base::Timestamp;
use crate::git::{
    BoxError, ChangeSet, CommitError, CommitId, CommitRequest, FastForward, GitError, Identity,
    Pushed, Repo, TreeView,
};
use crate::integrity::NotAllowed;

/// Where a commit about closed launches goes.
#[derive(Clone, Debug)]
pub struct AmendRequest {
    /// The branch that holds closed launches.
    pub branch: LaunchesBranch,
    /// The workspace's path in the repository, empty for its root.
    pub workspace: String,
    pub identity: Identity,
    pub now: Timestamp,
    /// Commit on this remote's branch, and push it.
    pub remote: Option<String>,
    /// Whether git signs the commit.
    pub sign: bool,
}

/// A commit about closed launches.
#[derive(Clone, Debug, PartialEq)]
pub struct Amended {
    /// None where there was nothing to change.
    pub commit: Option<CommitId>,
    /// What became of the local branch, where the commit was pushed.
    pub followed: Option<FastForward>,
}

#[derive(Debug, thiserror::Error)]
pub enum AmendError {
    #[error("`{branch}` of `{remote}` moved at each of {tries} tries; nothing was changed")]
    Raced {
        remote: String,
        branch: String,
        tries: u32,
    },
    #[error("`{remote}` refused the commit: {reason}; nothing was changed")]
    Refused { remote: String, reason: String },
    #[error("`{remote}` did not take the attachments by git-lfs; nothing was changed")]
    Lfs {
        remote: String,
        #[source]
        source: GitError,
    },
    #[error(transparent)]
    NotAllowed(Box<NotAllowed>),
    #[error(transparent)]
    Branch(#[from] BranchError),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl AmendError {
    /// Takes what stopped a commit out of what git says of it.
    fn of_commit(error: CommitError) -> Self {
        match error {
            CommitError::Check(inner) => match inner.downcast() {
                Ok(own) => *own,
                Err(other) => CommitError::Check(other).into(),
            },
            other => other.into(),
        }
    }
}

impl From<Unfit> for AmendError {
    fn from(error: Unfit) -> Self {
        match error {
            Unfit::NotAllowed(why) => Self::NotAllowed(why),
            Unfit::Git(error) => error.into(),
        }
    }
}

impl From<NotPushed> for AmendError {
    fn from(error: NotPushed) -> Self {
        match error {
            NotPushed::Raced {
                remote,
                branch,
                tries,
            } => Self::Raced {
                remote,
                branch,
                tries,
            },
            NotPushed::Refused { remote, reason } => Self::Refused { remote, reason },
            NotPushed::Lfs { remote, source } => Self::Lfs { remote, source },
        }
    }
}

/// Makes one commit on the tip of the branch that holds closed launches. `build` is called again on
/// the new tip where another commit came first.
pub fn amend(
    repo: &Repo,
    request: &AmendRequest,
    build: &mut dyn FnMut(Option<&TreeView>) -> Result<ChangeSet, BoxError>,
) -> Result<Amended, AmendError> {
    let commit = CommitRequest {
        branch: request.branch.name.clone(),
        author: request.identity.clone(),
        committer: request.identity.clone(),
        time: request.now,
        own: None,
        sign: request.sign,
    };
    let Some(remote) = &request.remote else {
        let tip = request.branch.tip(repo)?;
        request.branch.catch_up(repo, &commit, tip)?;
        let mut check = |commit| Ok(request.judge(repo, commit)?);
        let commit = repo.commit_if(&commit, build, &mut check);
        let commit = commit.map_err(AmendError::of_commit)?;
        return Ok(Amended {
            commit,
            followed: None,
        });
    };
    let onto = Onto {
        repo,
        remote,
        branch: &request.branch,
    };
    onto.until_through(&mut || try_remote(onto, request, &commit, build))
}

impl AmendRequest {
    fn judge(&self, repo: &Repo, commit: CommitId) -> Result<(), AmendError> {
        Ok(self.branch.judge(repo, commit, &self.workspace)?)
    }
}

/// One try; `None` where others pushed first.
fn try_remote(
    onto: Onto<'_>,
    request: &AmendRequest,
    step: &CommitRequest,
    build: &mut dyn FnMut(Option<&TreeView>) -> Result<ChangeSet, BoxError>,
) -> Result<Option<Amended>, AmendError> {
    let Onto {
        repo,
        remote,
        branch,
    } = onto;
    let refs = repo.remote_refs(remote, &[&branch.name])?;
    let remote_tip = refs.get(&branch.name).copied();
    if remote_tip.is_some() {
        repo.fetch_refs(remote, &[&branch.name])?;
    }
    let base = branch.shared_tip(repo, remote_tip)?;
    let Some(commit) = repo.write_commit_on(step, base, build)? else {
        return Ok(Some(Amended {
            commit: None,
            followed: None,
        }));
    };
    request.judge(repo, commit)?;
    let arrived = onto.push(remote_tip, Some(commit), |branch| {
        let pushed = repo.push(remote, &[branch], false)?.into_iter().next();
        Ok::<_, AmendError>(pushed.unwrap_or(Pushed::Stale))
    })?;
    if !arrived {
        return Ok(None);
    }
    let followed = branch.follow(repo, step, commit)?;
    Ok(Some(Amended {
        commit: Some(commit),
        followed: Some(followed),
    }))
}
