//! Which launch a person means: its id, or the beginning of one.

use super::part::{OpenState, StateError};
use crate::base::text;
use crate::store::launches::LaunchHead;

/// A launch that was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The id of an open launch.
    Open(String),
    /// The index among the closed launches.
    Closed(usize),
}

#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    #[error("no launch `{wanted}`{}", suggestion.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    Unknown {
        wanted: String,
        suggestion: Option<String>,
    },
    #[error("`{wanted}` begins the ids of {}", text::count(candidates.len() as u64, "launch"))]
    Ambiguous {
        wanted: String,
        candidates: Vec<String>,
    },
    #[error(transparent)]
    State(#[from] StateError),
}

/// Finds a launch by its id, by the beginning of its id, or by a receipt. An id that is open and
/// closed at once is closed: what is left over is removed by the next `close`.
pub fn find(
    wanted: &str,
    open: Option<&OpenState>,
    closed: &[LaunchHead],
) -> Result<Found, ResolveError> {
    let open = open.map(OpenState::ids).transpose()?.unwrap_or_default();
    let exact = |head: &LaunchHead| {
        head.file.id == wanted || head.receipt.to_string() == wanted.trim_start_matches("sha256:")
    };
    if let Some(index) = closed.iter().position(exact) {
        return Ok(Found::Closed(index));
    }
    if open.iter().any(|id| id == wanted) {
        return Ok(Found::Open(wanted.to_owned()));
    }
    let begins = |id: &str| !wanted.is_empty() && id.starts_with(wanted);
    let mut found: Vec<(String, Found)> = closed
        .iter()
        .enumerate()
        .filter(|(_, head)| begins(&head.file.id))
        .map(|(index, head)| (head.file.id.clone(), Found::Closed(index)))
        .collect();
    for id in open.iter().filter(|id| begins(id)) {
        if !found.iter().any(|(known, _)| known == id) {
            found.push((id.clone(), Found::Open(id.clone())));
        }
    }
    match found.len() {
        1 => Ok(found.remove(0).1),
        0 => {
            let all = closed.iter().map(|head| head.file.id.as_str());
            let all = all.chain(open.iter().map(String::as_str));
            let suggestion = text::closest(wanted, all).map(str::to_owned);
            Err(ResolveError::Unknown {
                wanted: wanted.to_owned(),
                suggestion,
            })
        }
        _ => {
            let mut candidates: Vec<String> = found.into_iter().map(|(id, _)| id).collect();
            candidates.sort();
            Err(ResolveError::Ambiguous {
                wanted: wanted.to_owned(),
                candidates,
            })
        }
    }
}
