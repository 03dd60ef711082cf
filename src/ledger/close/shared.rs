//! Closing a launch that many machines share.

use std::collections::BTreeMap;

use super::{CloseError, CloseRequest, Closed, prepare};
use crate::git::{CommitId, FastForward, MadeTag, Pushed, RefUpdate, Repo};
use crate::ledger::lfs;
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
        branch: request.branch.name.clone(),
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
    let mut refs = sharing.refs(id, &request.branch.name)?;
    let remote_tip = refs.remove(&request.branch.name);
    let base = request.branch.shared_tip(repo, remote_tip)?;
    let gathered = Gathered {
        refs,
        base,
        remote_tip,
    };
    sharing.gather_refs(id, &gathered.refs)?;
    let _lock = state.lock_exclusive(id)?;
    let prepared = match prepare(repo, state, project, request, base)? {
        Ok(prepared) => prepared,
        Err(closed) => return closed_before(sharing, request, closed, &gathered),
    };
    let mut made = None;
    let mut tag = None;
    let commit = repo.write_commit_on(&request.commit(None), base, &mut |tip| {
        let (changes, file, receipt) = prepared.changes(tip)?;
        made = Some((file, receipt));
        tag.clone_from(&changes.tag);
        Ok(changes)
    })?;
    if let Some(commit) = commit {
        prepared.clear_the_way(repo, commit)?;
    }
    push_content(sharing, commit.or(base), &gathered)?;
    let tag = match (tag, commit) {
        (Some(tag), Some(commit)) => Some(repo.write_tag(&tag, commit, &request.commit(None))?),
        _ => None,
    };
    let update = tag.as_ref().map(MadeTag::update);
    let arrived = push(sharing, request, commit.or(base), update, &gathered);
    if let Some(tag) = tag.filter(|_| !matches!(arrived, Ok(true))) {
        repo.remove_tag(&tag)?;
    }
    if !arrived? {
        return Ok(None);
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

/// What a try found on the remote, and the commit that it goes on.
struct Gathered {
    refs: BTreeMap<String, CommitId>,
    base: Option<CommitId>,
    remote_tip: Option<CommitId>,
}

/// Ends with a launch that is closed already: what waits on the remote for it goes, and a closing that
/// was not pushed yet is, with its tag.
fn closed_before(
    sharing: &Sharing<'_>,
    request: &CloseRequest,
    mut closed: Closed,
    found: &Gathered,
) -> Result<Option<Closed>, CloseError> {
    let late = sharing.late(&request.launch, &found.refs, &closed.file);
    if !late.is_empty() {
        return Err(CloseError::Late {
            id: request.launch.clone(),
            receipt: closed.receipt,
            shards: late,
            tip: found.base,
        });
    }
    let tag = tag_before(sharing, request, &closed, found.base)?;
    if found.base == found.remote_tip && tag.is_none() {
        sharing.remove(&found.refs)?;
    } else {
        push_content(sharing, found.base, found)?;
        let tag = tag.as_ref().map(MadeTag::update);
        if !push(sharing, request, found.base, tag, found)? {
            return Ok(None);
        }
    }
    closed.followed = follow(sharing.repo, request, found.base)?;
    Ok(Some(closed))
}

/// Returns the tag that a closing here made of a commit that is pushed.
fn tag_before(
    sharing: &Sharing<'_>,
    request: &CloseRequest,
    closed: &Closed,
    base: Option<CommitId>,
) -> Result<Option<MadeTag>, CloseError> {
    let Some(base) = base else {
        return Ok(None);
    };
    let name = request.signing.tag_name(&closed.file);
    let receipt = format!("Tallybook-Receipt: sha256:{}", closed.receipt);
    Ok(sharing.repo.made_tag(&name, &receipt, base)?)
}

/// Gives the remote the attachments that a push of the branch brings pointers to.
fn push_content(
    sharing: &Sharing<'_>,
    to: Option<CommitId>,
    found: &Gathered,
) -> Result<(), CloseError> {
    let pushed = lfs::push_content(sharing.repo, sharing.remote, found.remote_tip, to);
    pushed.map_err(|source| CloseError::Lfs {
        remote: sharing.remote.to_owned(),
        source,
    })
}

/// Pushes the branch, with the tag of the closing; `false` where others pushed first.
fn push(
    sharing: &Sharing<'_>,
    request: &CloseRequest,
    to: Option<CommitId>,
    tag: Option<RefUpdate>,
    found: &Gathered,
) -> Result<bool, CloseError> {
    let branch = RefUpdate {
        name: request.branch.name.clone(),
        to,
        expected: found.remote_tip,
    };
    match sharing.push_closing(branch, tag, &found.refs)? {
        Pushed::Done | Pushed::UpToDate => Ok(true),
        Pushed::Stale | Pushed::Busy(_) | Pushed::Atomic => Ok(false),
        Pushed::Rejected(reason) => Err(CloseError::Refusal {
            remote: sharing.remote.to_owned(),
            reason,
        }),
    }
}

/// Moves the local branch to what is on the remote.
fn follow(
    repo: &Repo,
    request: &CloseRequest,
    to: Option<CommitId>,
) -> Result<Option<FastForward>, CloseError> {
    let step = request.commit(None);
    let followed = to.map(|to| request.branch.follow(repo, &step, to));
    Ok(followed.transpose()?)
}
