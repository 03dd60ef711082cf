//! Findings: what is wrong with a user's file, where, and what to do next.
//!
//! A finding is data. It is collected, sorted and counted, and rendered by one of several views of
//! the same values. Failing to do a job is an error, never a finding.

mod finding;
pub mod render;
mod source;

pub use finding::{Code, Finding, Label, Severity, sort};
pub use source::{LineIndex, Position, SourceFile, Sources, Span};
