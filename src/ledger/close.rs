//! `launch close`: match, resolve, count, and one commit.

mod closing;
mod judged;
mod shared;
mod signing;

use std::sync::Arc;

use self::closing::Closing;
pub use self::shared::close_shared;
pub use self::signing::{Signing, TagName};
use super::branch::{BranchError, LaunchesBranch, Unfit};
use super::evidence::Evidence;
use super::part::{OpenState, Part, StateError};
use super::preview;
use super::refusal::{Refusal, refusals, unfinished, with_planned};
use super::share::ShareError;
use crate::base::path::join;
use crate::base::{Digest, FileError, Timestamp, text};
use crate::git::{
    CommitError, CommitId, CommitRequest, FastForward, GitError, Identity, Repo, TreeView,
};
use crate::integrity;
use crate::model::{LaunchFile, OpenLaunch};
use crate::store::annotations;
use crate::store::attachments::{AttachedFiles, AttachmentStore};
use crate::store::launches::LaunchHead;
use crate::store::{CommitFiles, Files as _, Project, StoreError, launches};

/// How to close which launch.
#[derive(Clone, Debug)]
pub struct CloseRequest {
    pub launch: String,
    /// The workspace's path in the repository, empty for its root.
    pub workspace: String,
    /// The branch that takes the closing.
    pub branch: LaunchesBranch,
    pub identity: Identity,
    pub now: Timestamp,
    pub reason: Option<String>,
    pub meaning: Option<String>,
    /// Shards, or jobs, whose loss is accepted for `reason`.
    pub accept_loss: Vec<String>,
    /// Jobs that must have appended, besides those that the opening names.
    pub expect: Vec<String>,
    /// Why planned results that nothing answers stay in progress for ever.
    pub allow_unfinished: Option<String>,
    /// The commit that the documentation was read from.
    pub documentation: Option<String>,
    pub version: String,
    /// Where attachments go.
    pub attachments: AttachmentStore,
    pub signing: Signing,
}

/// A launch that is closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// The launch's folder, relative to the workspace.
    pub path: String,
    pub file: LaunchFile,
    pub receipt: Digest,
    /// The closing commit; none where the launch was closed already.
    pub commit: Option<CommitId>,
    pub notes: Vec<String>,
    /// What became of the local branch, where the closing was pushed.
    pub followed: Option<FastForward>,
    /// The parts that were shared while the closing was pushed, and are not in it.
    pub late: Vec<String>,
}

impl Closed {
    fn before(head: LaunchHead) -> Self {
        Self {
            path: head.path,
            file: head.file,
            receipt: head.receipt,
            commit: None,
            notes: Vec::new(),
            followed: None,
            late: Vec::new(),
        }
    }

    /// The parts that wait here and are not in the closed launch.
    fn lacks(&self, parts: &[Part]) -> Vec<String> {
        let has = |part: &&Part| self.file.jobs.iter().any(|job| job.shard == part.shard);
        let late = parts.iter().filter(|part| !has(part));
        late.map(|part| part.shard.clone()).collect()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    #[error("launch `{0}` is not open")]
    NotOpen(String),
    #[error("launch `{launch}` can't be closed yet")]
    Refused {
        launch: String,
        refusals: Vec<Refusal>,
    },
    #[error(
        "launch `{id}` was closed elsewhere, with receipt {receipt}, without {} that wait here: {}",
        text::count(shards.len() as u64, "part"),
        text::ticked(shards, "and")
    )]
    Late {
        id: String,
        receipt: Digest,
        shards: Vec<String>,
        /// The commit that has the closed launch.
        tip: Option<CommitId>,
    },
    #[error(
        "`{path}` is committed, and is not the whole launch; its results wait here, and nothing was \
         removed"
    )]
    Partial { path: String },
    #[error(
        "`{branch}` of `{remote}` moved at each of {tries} tries to close the launch; everything is kept"
    )]
    Raced {
        remote: String,
        branch: String,
        tries: u32,
    },
    #[error("`{remote}` did not take the attachments by git-lfs; everything is kept")]
    Lfs {
        remote: String,
        #[source]
        source: GitError,
    },
    #[error("`{remote}` refused the closing: {reason}; everything is kept")]
    Refusal { remote: String, reason: String },
    #[error(transparent)]
    NotAllowed(Box<integrity::NotAllowed>),
    #[error(transparent)]
    Branch(#[from] BranchError),
    #[error(transparent)]
    Share(#[from] ShareError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("cannot read the launch's results")]
    File(#[from] FileError),
    #[error("cannot read the closed launches")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl CloseError {
    /// Takes what stopped a closing out of what git says of it.
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

impl From<Unfit> for CloseError {
    fn from(error: Unfit) -> Self {
        match error {
            Unfit::NotAllowed(why) => Self::NotAllowed(why),
            Unfit::Git(error) => error.into(),
        }
    }
}

/// Closes a launch: everything that was appended, what it means by the project's documentation,
/// and one commit on the branch. A launch that is closed already is returned as it is.
pub fn close(
    repo: &Repo,
    state: &OpenState,
    project: &Project,
    request: &CloseRequest,
) -> Result<Closed, CloseError> {
    let _lock = state.lock_exclusive(&request.launch)?;
    let tip = request.branch.tip(repo)?;
    let prepared = match prepare(repo, state, project, request, tip)? {
        Ok(prepared) => prepared,
        Err(closed) => return Ok(closed),
    };
    let step = request.commit(None);
    request.branch.catch_up(repo, &step, tip)?;
    let mut made = None;
    let mut build = |tip: Option<&TreeView>| {
        let (changes, file, receipt) = prepared.changes(tip)?;
        made = Some((file, receipt));
        Ok(changes)
    };
    let mut check = |commit| Ok(prepared.clear_the_way(repo, commit)?);
    let commit = repo.commit_if(
        &request.commit(Some(&prepared.path)),
        &mut build,
        &mut check,
    );
    let commit = commit.map_err(CloseError::of_commit)?;
    state.remove(&request.launch)?;
    let (file, receipt) = made.expect("a commit is built before it is made");
    Ok(prepared.closed(file, receipt, commit))
}

/// Reads and decides a launch; the closed one where the tip has it.
fn prepare<'a>(
    repo: &Repo,
    state: &OpenState,
    project: &'a Project,
    request: &'a CloseRequest,
    tip: Option<CommitId>,
) -> Result<Result<Closing<'a>, Closed>, CloseError> {
    let Some(open) = state.read(&request.launch)? else {
        let closed = closed_meanwhile(repo, project, request, tip)?;
        return match closed {
            Some(closed) => {
                state.remove(&request.launch)?;
                Ok(Err(closed))
            }
            None => Err(CloseError::NotOpen(request.launch.clone())),
        };
    };
    // The same key may have been opened twice, at different times: the id is what counts.
    if let Some(closed) = closed_meanwhile(repo, project, request, tip)? {
        let late = closed.lacks(&state.parts(&open.id)?);
        if !late.is_empty() {
            return Err(CloseError::Late {
                id: open.id,
                receipt: closed.receipt,
                shards: late,
                tip,
            });
        }
        if !is_whole(repo, request, tip, &closed)? {
            return Err(CloseError::Partial {
                path: join(&request.workspace, &closed.path),
            });
        }
        state.remove(&open.id)?;
        return Ok(Err(closed));
    }
    let path = launches::launch_folder(&project.folder, open.opened.at, &open.id);
    let parts = state.parts(&open.id)?;
    let accepted = match check(state, &open, &parts, request) {
        Err(CloseError::Refused { launch, refusals }) if parts.iter().any(Part::is_plan) => {
            let read = preview::read(&parts)?;
            let plans = preview::decide(project, &open, &read, request.now).plans;
            let refusals = match request.allow_unfinished {
                Some(_) => refusals,
                None => with_planned(refusals, &plans),
            };
            return Err(CloseError::Refused { launch, refusals });
        }
        accepted => accepted?,
    };
    let read = preview::read(&parts)?;
    let decision = preview::decide(project, &open, &read, request.now);
    let unfinished = unfinished(&decision.plans);
    if let Some(refusal) = unfinished.filter(|_| request.allow_unfinished.is_none()) {
        return Err(CloseError::Refused {
            launch: open.id,
            refusals: vec![refusal],
        });
    }
    let evidence = Evidence::new(project, &parts, &read, &decision)?;
    Ok(Ok(Closing {
        request,
        project,
        open,
        path,
        parts,
        accepted,
        evidence,
        decision,
        environments: read.environments,
    }))
}

/// Whether a commit has all files of a closed launch as its sums say: only then is what waits here
/// of no more use.
fn is_whole(
    repo: &Repo,
    request: &CloseRequest,
    tip: Option<CommitId>,
    closed: &Closed,
) -> Result<bool, CloseError> {
    let Some(tip) = tip else {
        return Ok(false);
    };
    let files = CommitFiles::at(repo, tip, &request.workspace)?;
    files.fetch_evidence(true)?;
    let files = AttachedFiles::new(Arc::new(files), request.attachments.clone());
    let project = closed.path.split('/').nth(1).unwrap_or_default();
    let (said, _) = annotations::of_launch(&files, project, &closed.file.id)?;
    let read = |path: &str| files.read(&join(&closed.path, path));
    let sums = read("SHA256SUMS")?.unwrap_or_default();
    if Digest::of(&sums).to_string() != closed.file.closed.sums {
        return Ok(false);
    }
    let prunable = read("PRUNABLE.sha256")?.unwrap_or_default();
    for list in [sums, prunable] {
        let Ok(list) = integrity::parse_sums(&list) else {
            return Ok(false);
        };
        for (path, digest) in list {
            let bytes = read(&path)?;
            if bytes.is_none() && said.removal(&path).is_some() {
                continue;
            }
            if bytes.is_none_or(|bytes| Digest::of(&bytes) != digest) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The launch as a commit has it.
fn closed_meanwhile(
    repo: &Repo,
    project: &Project,
    request: &CloseRequest,
    tip: Option<CommitId>,
) -> Result<Option<Closed>, CloseError> {
    let Some(tip) = tip else {
        return Ok(None);
    };
    let files = CommitFiles::at(repo, tip, &request.workspace)?;
    files.fetch_evidence(false)?;
    let (heads, _) = launches::heads(&files, &project.folder)?;
    let head = heads
        .into_iter()
        .find(|head| head.file.id == request.launch);
    Ok(head.map(Closed::before))
}

/// Returns the refusals that the request accepts; fails on any that it doesn't.
fn check(
    state: &OpenState,
    open: &OpenLaunch,
    parts: &[Part],
    request: &CloseRequest,
) -> Result<Vec<Refusal>, CloseError> {
    let mut open = open.clone();
    open.expect.extend(request.expect.iter().cloned());
    let refusals = refusals(state, &open, parts)?;
    let accepts = request.reason.is_some();
    let (accepted, refused): (Vec<_>, Vec<_>) = refusals
        .into_iter()
        .partition(|refusal| accepts && refusal.is_accepted(&request.accept_loss));
    if refused.is_empty() {
        return Ok(accepted);
    }
    Err(CloseError::Refused {
        launch: open.id,
        refusals: refused,
    })
}

impl CloseRequest {
    /// `own` is the launch's folder, where there is one.
    fn commit(&self, own: Option<&str>) -> CommitRequest {
        CommitRequest {
            branch: self.branch.name.clone(),
            author: self.identity.clone(),
            committer: self.identity.clone(),
            time: self.now,
            own: own.map(|own| join(&self.workspace, own)),
            sign: self.signing.commit,
        }
    }
}
