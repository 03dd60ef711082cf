//! Parts that came after a closing.

use crate::cli::commands::launch::share;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::Place;
use crate::git::CommitId;
use crate::ledger::{self, Sharing};
use crate::store::{Project, launches};

/// Moves parts that came after a closing into the launch's follow-up; returns its id.
pub(in crate::cli::commands::launch) fn move_late(
    ctx: &Context,
    place: &Place,
    project: &Project,
    id: &str,
    tip: CommitId,
    remote: Option<&str>,
) -> Result<String, CommandError> {
    let state = place.open_state(project)?;
    let files = place.launches_at(tip)?;
    files.fetch_evidence(true)?;
    let (heads, _) = launches::heads(&files, &project.folder)?;
    let head = heads.iter().find(|head| head.file.id == id);
    let head = head.ok_or_else(|| CommandError::internal("the closed launch is gone"))?;
    let by = place.identity(ctx).ok().map(|by| by.to_string());
    let latest = share::latest(&heads, head);
    let follow_up = ledger::follow_up(&state, &files, latest, by, ctx.now)?;
    if state.is_open(id) {
        ledger::move_late(&state, id, &follow_up)?;
    }
    if let Some(remote) = remote {
        let sharing = Sharing::new(place.repo()?, remote, &state).by(place.identity(ctx).ok());
        let moved = sharing.move_late(id, &follow_up);
        moved.map_err(|error| share::kept(error, "the follow-up", &follow_up))?;
    }
    Ok(follow_up)
}
