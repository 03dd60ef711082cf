//! Closing a launch that many machines share.

use std::collections::BTreeMap;

use super::{CloseError, CloseRequest, Closed, prepare};
use crate::git::{CommitId, FastForward, GitError, MadeTag, Pushed, Repo};
use crate::integrity;
use crate::ledger::pushing::{NotPushed, Onto};
use crate::ledger::share::Sharing;
use crate::store::Project;

/// Closes a launch that is shared on a remote: gathers its parts from there, makes the commit on the
/// remote's branch, and pushes it together with the removal of what was gathered, all or nothing.
/// Where others pushed first it begins again. The local branch follows if it has no commits of its
/// own.
pub fn close_shared(
    sharing: &Sharing<'_>,
    project: &Project,
    request: &CloseRequest,
) -> Result<Closed, CloseError> {
    onto(sharing, request).until_through(&mut || try_shared(sharing, project, request))
}

/// The branch that takes the closing, on the remote.
fn onto<'a>(sharing: &Sharing<'a>, request: &'a CloseRequest) -> Onto<'a> {
    Onto {
        repo: sharing.repo,
        remote: sharing.remote,
        branch: &request.branch,
    }
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
    let arrived = onto(sharing, request).push(remote_tip, commit.or(base), |branch| {
        let tag = match (tag, commit) {
            (Some(tag), Some(commit)) => {
                Some(repo.write_tag(&tag, commit, &request.commit(None))?)
            }
            _ => None,
        };
        let update = tag.as_ref().map(MadeTag::update);
        let pushed = sharing.push_closing(branch, update, &gathered.refs);
        let is_there = matches!(pushed, Ok(Pushed::Done | Pushed::UpToDate));
        if let Some(tag) = tag.filter(|_| !is_there) {
            repo.remove_tag(&tag)?;
        }
        Ok::<_, CloseError>(pushed?)
    })?;
    if !arrived {
        return Ok(None);
    }
    // Before it is no longer open here: who finds it open no more finds it closed.
    let followed = follow(repo, request, commit);
    state.remove(id)?;
    let (file, receipt) = made.expect("a commit is built before it is made");
    let swept = sharing.sweep(id, &file);
    let mut closed = prepared.closed(file, receipt, commit);
    match swept {
        Ok(late) => closed.late = late,
        Err(error) => closed
            .notes
            .push(format!("references of the launch are left: {error}")),
    }
    match strangers(sharing, request, &closed.file.project, &gathered) {
        Ok(notes) => closed.notes.extend(notes),
        Err(error) => closed
            .notes
            .push(format!("who made its parts could not be read: {error}")),
    }
    closed.followed = followed?;
    Ok(Some(closed))
}

/// Says whose parts the closing took that the project's members would not have let in: where the remote's
/// server has no hook, whoever may push may append, and the closing answers for it.
fn strangers(
    sharing: &Sharing<'_>,
    request: &CloseRequest,
    key: &str,
    gathered: &Gathered,
) -> Result<Vec<String>, GitError> {
    let made = gathered.refs.iter().map(|(name, commit)| {
        let name = name.rsplit('/').next().unwrap_or(name);
        (name, *commit)
    });
    let workspace = (request.workspace.as_str(), key);
    // Where the branch has the documentation too, its members are those that the closing goes on.
    let rules = match request.branch.documentation.as_slice() {
        [] => gathered.base.as_slice(),
        rules => rules,
    };
    let all = integrity::strangers(sharing.repo, rules, workspace, made)?;
    Ok(all
        .into_iter()
        .map(|why| format!("{why}; this closing answers for it"))
        .collect())
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
        let tag = tag.as_ref().map(MadeTag::update);
        let push = |branch| Ok::<_, CloseError>(sharing.push_closing(branch, tag, &found.refs)?);
        if !onto(sharing, request).push(found.remote_tip, found.base, push)? {
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

impl From<NotPushed> for CloseError {
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
            NotPushed::Refused { remote, reason } => Self::Refusal { remote, reason },
            NotPushed::Lfs { remote, source } => Self::Lfs { remote, source },
        }
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
