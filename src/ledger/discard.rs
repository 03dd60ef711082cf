//! `launch discard`: an open launch is thrown away, and a line says so.

use std::io::Write as _;

use super::part::{OpenState, StateError};
use crate::base::{FileError, Timestamp, files};
use crate::store::rows;

/// Whether a launch was thrown away here, and isn't there.
pub fn was_discarded(state: &OpenState, id: &str) -> Result<bool, StateError> {
    let noted = files::read_optional(&state.discarded())?.unwrap_or_default();
    let noted = String::from_utf8_lossy(&noted);
    let lines = noted.lines().filter_map(|line| line.strip_prefix("- "));
    let mut lines = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let is_named =
        lines.any(|line| line["launch"] == id && line["project"] == state.name().as_str());
    Ok(is_named && !state.launch_dir(id).exists())
}

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
    file.write_all(format!("- {line}\n").as_bytes())
        .map_err(|e| FileError::new("write", &path, e))?;
    state.remove(id)?;
    Ok(parts)
}
