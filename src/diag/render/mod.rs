//! Views of findings: annotated source for people, one line each, JSON, a summary line; and of items,
//! which are findings or other things to tell at a place, what CI services show.
//!
//! Paths, messages and source lines come from users' files and are untrusted: views for a terminal
//! escape what could act on it.

mod github;
mod gitlab;
mod human;
mod item;
mod json;
mod junit;
mod line_hash;
mod place;
mod sarif;
mod short;
mod summary;

pub use github::{github, workflow_command};
pub use gitlab::gitlab;
pub use human::human;
pub use item::{Item, Level, items};
pub use json::json;
pub use junit::{JunitCase, JunitFailure, JunitSuite};
#[cfg(test)]
pub(crate) use sarif::tests::assert_sound;
pub use sarif::{SarifRule, SarifRun, sarif};
pub use short::short;
pub use summary::summary;

/// What a CI service gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub text: String,
    /// One sentence on what a limit of the service keeps from being shown, for stderr.
    pub left_out: Option<String>,
}
