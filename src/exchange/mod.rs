//! For other programs and other places: attestations of launches, results as files of other formats, tables,
//! filters of test runners, reports.
//!
//! What is attested was first held against the launch's own sums, so that nothing altered gets a new
//! signature. The same launch gives the same bytes, with the same key too.

pub mod cases;
mod csv;
mod dsse;
mod evidence;
pub mod export;
mod intoto;
mod names;
pub mod report;
pub mod requirements;
pub mod runner;
pub mod tracker;
mod verdict;

pub use csv::{csv, table_of};
pub use dsse::{KeyError, SigningKey, envelope};
pub use evidence::{Evidence, EvidenceError};
pub use intoto::{Predicate, statement};
pub use verdict::{Ruling, Verdict};
