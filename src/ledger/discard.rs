//! `launch discard`: an open launch is thrown away, and a line says so.

use std::io::Write as _;

use super::part::{OpenState, StateError};
use crate::base::{FileError, Timestamp, files};
use crate::store::rows;

/// Removes an open launch; returns how many parts it had. What is left is one line of
/// `tallybook/discarded` under the git directory: who, when, why.
pub fn discard(
    state: &OpenState,
    id: &str,
    by: Option<&str>,
    reason: &str,
    now: Timestamp,
) -> Result<usize, StateError> {
    let _lock = state.lock_exclusive(id)?;
    let parts = state.parts(id)?.len();
    let line = rows::line(&serde_json::json!({
        "launch": id,
        "project": state.name(),
        "parts": parts,
        "at": now.to_string(),
        "by": by,
        "reason": reason,
    }));
    let path = state.discarded();
    let mut file = files::append(&path)?;
    writeln!(file, "- {line}").map_err(|e| FileError::new("write", &path, e))?;
    state.remove(id)?;
    Ok(parts)
}
