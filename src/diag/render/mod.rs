//! Views of findings: annotated source for people, one line each, JSON.

mod human;
mod json;
mod short;

pub use human::human;
pub use json::json;
pub use short::short;
