//! Launches that are closed on a remote, whatever this clone knows of them.

use super::target;
use crate::cli::error::CommandError;
use crate::cli::place::Place;
use crate::git::CommitId;
use crate::ledger::Sharing;
use crate::store::launches::LaunchHead;
use crate::store::{CommitFiles, Project, launches};

/// A launch that is closed on the remote.
pub(super) struct ClosedThere {
    /// The commit that has it.
    pub(super) tip: CommitId,
    pub(super) files: CommitFiles,
    /// The project's launches there.
    pub(super) heads: Vec<LaunchHead>,
    pub(super) head: LaunchHead,
}

/// The launch as the remote's branch of closed launches has it.
pub(super) fn closed_there(
    place: &Place,
    project: &Project,
    sharing: &Sharing<'_>,
    id: &str,
) -> Result<Option<ClosedThere>, CommandError> {
    let Some(branch) = target::branch(place)? else {
        return Ok(None);
    };
    let Some(tip) = sharing.branch_tip(&branch)? else {
        return Ok(None);
    };
    let files = place.launches_at(tip)?;
    files.fetch_evidence(false)?;
    let (heads, _) = launches::heads(&files, &project.folder)?;
    let Some(head) = heads.iter().find(|head| head.file.id == id).cloned() else {
        return Ok(None);
    };
    files.fetch_evidence(true)?;
    Ok(Some(ClosedThere {
        tip,
        files,
        heads,
        head,
    }))
}
