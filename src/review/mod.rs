//! What a change of the documentation means: the difference of two snapshots, in sentences.
//!
//! [`review`] compares what files say, not how they are written: what differs in wording alone comes
//! apart, and what weakens testing comes first. Nothing is left out: what no kind of change says is a
//! change of its own.
//!
//! Nothing here prints or reads files by itself, and the same two snapshots give the same review.

mod approvals;
mod boards;
mod brief;
mod cases;
mod change;
mod closings;
mod dashboards;
mod documents;
mod elsewhere;
mod expectation;
mod front;
mod gates;
mod impact;
mod kind;
mod pair;
mod plans;
mod product;
mod project;
pub mod render;
mod report;
mod requirements;
mod results;
mod reviewers;
mod scenario;
mod settings;
mod small;
mod touched;
mod triage;
mod unread;
mod words;

pub use brief::{Brief, Closing, Impact, Reach, Reviewer};
pub use change::{Change, Effect, Item, Noun, Place, Side, State, Subject};
pub use closings::closings;
pub use impact::{Known, OpenLaunch, Ran, RanLaunch, impact};
pub use kind::Kind;
pub use report::{Input, Review, review};
pub use reviewers::reviewers;
pub use touched::Reached;
