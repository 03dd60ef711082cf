//! What earlier appends of the same job brought: rows that are repeats, and tests that are told already.

use std::collections::HashSet;

use super::{AppendError, AppendRequest};
use crate::base::files;
use crate::ingest::Options;
use crate::ledger::part::{OpenState, Part, StateError};
use crate::model::Environment;
use crate::store::shard::Shard;

/// Returns the ids of rows that earlier complete appends of this job brought: the same row has the same id.
/// Lossy ones don't count, so that a complete append holds all rows and can settle them. The tests of all of
/// them are told to `options`, where what is appended was read from files. The part that is made anew is none
/// of them.
pub(super) fn read(
    state: &OpenState,
    request: &AppendRequest<'_>,
    given: &Environment,
    options: Option<&Options>,
    anew: Option<&str>,
) -> Result<HashSet<String>, AppendError> {
    let mut seen = HashSet::new();
    if request.shared && options.is_none() {
        return Ok(seen);
    }
    for part in state.parts(&request.launch.id)? {
        if anew == Some(part.shard.as_str()) || !is_of(&part, request, given) {
            continue;
        }
        let formats = part.formats();
        for name in &part.results {
            let path = part.folder.join(name);
            let bytes = files::read(&path)?;
            let shard = Shard::read(&bytes).map_err(|source| StateError::Part { path, source })?;
            if let Some(options) = options.filter(|_| !part.is_plan()) {
                options.told_before(&formats, &shard.results);
            }
            if !request.shared && !part.has_loss() {
                seen.extend(shard.results.into_iter().map(|result| result.id));
            }
        }
    }
    Ok(seen)
}

/// Whether a part is of the same attempt of the same job, in the same environment.
fn is_of(part: &Part, request: &AppendRequest<'_>, given: &Environment) -> bool {
    part.header.job.attempt == request.job.attempt && part.is_of(&request.job, given)
}
