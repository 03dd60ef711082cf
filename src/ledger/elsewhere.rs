//! A launch that is open here, and was closed on another machine.

use super::annotate::{AnnotateError, Listed};
use super::evidence::taken_files;
use super::part::{OpenState, Part, StateError};
use super::sums;
use crate::base::FileError;
use crate::store::Files;
use crate::store::launches::LaunchHead;

#[derive(Debug, thiserror::Error)]
pub enum ElsewhereError {
    #[error("cannot read the closed launch")]
    Closed(#[from] AnnotateError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("cannot read what is here of the launch")]
    File(#[from] FileError),
}

/// Removes what is here of a launch that is closed, where the closed one has all of it, byte for byte;
/// else names what it has not, and leaves everything where it is.
pub fn settle_closed(
    state: &OpenState,
    closed: &dyn Files,
    head: &LaunchHead,
) -> Result<Vec<String>, ElsewhereError> {
    let id = &head.file.id;
    let listed = Listed::read(closed, head)?;
    let _lock = state.lock_exclusive(id)?;
    let mut lacking = Vec::new();
    for part in state.parts(id)? {
        if !has(head, &listed, &part)? {
            lacking.push(format!("part `{}`", part.shard));
        }
    }
    let parts = state.parts(id)?;
    for begun in state.unfinished(id)? {
        if !parts.iter().any(|part| part.stands_for(&begun)) {
            lacking.push(format!("the unfinished append of job `{}`", begun.job.name));
        }
    }
    if lacking.is_empty() {
        state.remove(id)?;
    }
    Ok(lacking)
}

/// Whether a closed launch has a part, and lists all its files with the digests that they have here.
fn has(head: &LaunchHead, listed: &Listed, part: &Part) -> Result<bool, FileError> {
    if !head.file.jobs.iter().any(|job| job.shard == part.shard) {
        return Ok(false);
    }
    for (path, file) in taken_files(std::slice::from_ref(part))? {
        let digest = sums::of_file(&file)?;
        if listed.0.get(&path) != Some(&digest) {
            return Ok(false);
        }
    }
    Ok(true)
}
