//! Keys, matching, attempts, resolution, totals, history. Pure functions of what was read.

pub mod age;
pub mod align;
pub mod approval;
pub mod attempts;
pub mod categories;
pub mod clusters;
pub mod compare;
pub mod decide;
pub mod drift;
pub mod executed;
mod fold;
mod frames;
pub mod gate;
pub mod keys;
pub mod matching;
pub mod meaning;
pub mod muting;
pub mod pace;
pub mod plan;
pub mod ready;
pub mod record;
pub mod redaction;
pub mod requirements;
pub mod resolve;
pub mod secrets;
pub mod stability;
pub mod subjects;
pub mod suggest;
pub mod texts;
pub mod trace;
pub mod tracks;
pub mod upkeep;
pub mod verdict;
pub mod widgets;

pub use decide::{Decision, Input, Row, decide};
