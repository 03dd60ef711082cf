//! Foreign result formats → rows and an intake. Knows nothing of files or git.
//!
//! A [`Bundle`] is what was given: a directory, a file, an archive. A format reads it and hands
//! rows to a [`Sink`] in batches, so that memory does not grow with the input. Reading never
//! fails: what could be salvaged is delivered and marked, and the intake says what was not.
//!
//! **Invariant:** on every line of the intake, `elements = read + merged + dropped`, where
//! `elements` is counted apart from the code that makes rows; each element counts on one line only.

mod across;
mod ahead;
mod allure;
mod attach;
mod bundle;
mod decode;
mod detect;
mod file;
mod formats;
mod gather;
mod ids;
mod json;
mod junit;
mod limits;
mod lines;
mod named;
mod notes;
mod others;
mod own;
mod report;
mod run;
mod same;
mod times;
mod unread;
mod xml;

pub use bundle::{
    AttachmentRequest, AttachmentSource, Bundle, BundleEntry, MemoryBundle, Part, Row, Sink,
    SinkError,
};
pub use decode::decoded;
pub use others::is_archive;
pub use report::{Options, Report};
pub use run::ingest;

#[cfg(test)]
mod tests;
