//! Plans of chosen cases.

use serde::Serialize;

use crate::base::text::sanitize_line;
use crate::git::ChangeSet;
use crate::store::{Project, block};

/// A plan to write.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// The file's name without `.yaml`.
    pub id: &'a str,
    pub name: &'a str,
    pub description: &'a str,
    /// Ids.
    pub cases: &'a [&'a str],
}

/// A plan could not be written.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanError {
    #[error("`{id}` is no name for a file: expected lower-case letters, digits and single dashes")]
    Id { id: String },
    #[error("`{path}` is there already")]
    Exists { path: String },
}

#[derive(Serialize)]
struct File<'a> {
    name: String,
    description: String,
    cases: &'a [&'a str],
}

/// Returns the file of a new plan.
///
/// # Errors
/// The name is none for a file, or taken.
pub fn plan_changes(project: &Project, request: &PlanRequest<'_>) -> Result<ChangeSet, PlanError> {
    let id = request.id;
    if crate::base::text::slug(id, 64) != id || id.is_empty() {
        return Err(PlanError::Id { id: id.to_owned() });
    }
    let path = format!("{}/plans/{id}.yaml", project.path);
    let is_taken = |entry: &crate::store::PathEntry| entry.path.eq_ignore_ascii_case(&path);
    if project.plan(id).is_some() || project.entries.iter().any(is_taken) {
        return Err(PlanError::Exists { path });
    }
    let text = block::to_yaml(&File {
        name: sanitize_line(request.name),
        description: sanitize_line(request.description),
        cases: request.cases,
    });
    let mut changes = ChangeSet {
        message: format!("Plan {id}"),
        ..ChangeSet::default()
    };
    changes.write(path, text);
    Ok(changes)
}
