//! Views of findings: annotated source for people, one line each, JSON, annotations of a CI
//! service, and a summary line.
//!
//! Paths, messages and source lines come from users' files and are untrusted: views for a terminal
//! escape what could act on it.

mod github;
mod human;
mod json;
mod place;
mod short;
mod summary;

pub use github::{github, workflow_command};
pub use human::human;
pub use json::json;
pub use short::short;
pub use summary::summary;
