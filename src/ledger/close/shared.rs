//! Closing a launch that many machines share.

use super::{CloseError, CloseRequest, Closed, prepare};
use crate::git::{CommitId, FastForward, Pushed, RefUpdate, Repo};
use crate::ledger::share::{self, Sharing};
use crate::store::Project;

/// How often a closing is made again because others pushed first.
const TRIES: u32 = 24;

/// Closes a launch that is shared on a remote: gathers its parts from there, makes the commit on the
/// remote's branch, and pushes it together with the removal of what was gathered, all or nothing.
/// Where others pushed first it begins again. The local branch follows if it has no commits of its
/// own.
pub fn close_shared(
    sharing: &Sharing<'_>,
    project: &Project,
    request: &CloseRequest,
) -> Result<Closed, CloseError> {
    for attempt in 0..TRIES {
        share::pause(attempt);
        if let Some(closed) = try_shared(sharing, project, request)? {
            return Ok(closed);
        }
    }
    Err(CloseError::Raced {
        id: request.launch.clone(),
        remote: sharing.remote.to_owned(),
        branch: request.branch.clone(),
        tries: TRIES,
    })
}

/// One try; `None` where others pushed first.
fn try_shared(
    sharing: &Sharing<'_>,
    project: &Project,
    request: &CloseRequest,
) -> Result<Option<Closed>, CloseError> {
    let (repo, state, id) = (sharing.repo, sharing.state, &request.launch);
    let mut refs = sharing.refs(id, &request.branch)?;
    let remote_tip = refs.remove(&request.branch);
    let base = match remote_tip {
        Some(tip) => Some(tip),
        None => repo.tip(&request.branch)?,
    };
    sharing.gather_refs(id, &refs)?;
    let _lock = state.lock_exclusive(id)?;
    let prepared = match prepare(repo, state, project, request, base)? {
        Ok(prepared) => prepared,
        Err(mut closed) => {
            let late = sharing.late(id, &refs, &closed.file);
            if !late.is_empty() {
                return Err(CloseError::Late {
                    id: id.clone(),
                    receipt: closed.receipt,
                    shards: late,
                    tip: base,
                });
            }
            sharing.remove(&refs)?;
            closed.followed = follow(repo, request, base)?;
            return Ok(Some(closed));
        }
    };
    let mut made = None;
    let commit = repo.write_commit_on(&request.commit(None), base, &mut |tip| {
        let (changes, file, receipt) = prepared.changes(tip)?;
        made = Some((file, receipt));
        Ok(changes)
    })?;
    let branch = RefUpdate {
        name: request.branch.clone(),
        to: commit.or(base),
        expected: remote_tip,
    };
    match sharing.push_closing(branch, &refs)? {
        Pushed::Done | Pushed::UpToDate => {}
        Pushed::Stale | Pushed::Busy(_) | Pushed::Atomic => return Ok(None),
        Pushed::Rejected(reason) => {
            return Err(CloseError::Refusal {
                remote: sharing.remote.to_owned(),
                reason,
            });
        }
    }
    state.remove(id)?;
    let swept = made.as_ref().map(|(file, _)| sharing.sweep(id, file));
    let (file, receipt) = made.expect("a commit is built before it is made");
    let mut closed = prepared.closed(file, receipt, commit);
    if let Some(Err(error)) = swept {
        closed
            .notes
            .push(format!("references of the launch are left: {error}"));
    }
    closed.followed = follow(repo, request, commit)?;
    Ok(Some(closed))
}

/// Moves the local branch to what is on the remote.
fn follow(
    repo: &Repo,
    request: &CloseRequest,
    to: Option<CommitId>,
) -> Result<Option<FastForward>, CloseError> {
    let followed = to.map(|to| repo.fast_forward(&request.commit(None), to));
    Ok(followed.transpose()?)
}
