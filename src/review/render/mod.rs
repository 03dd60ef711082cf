//! A brief for its receivers: pull requests, CI, terminals.
//!
//! `words` has what all outputs say alike, in their order; each renderer shows as much of it as its receiver
//! takes, the most important first, and says exactly how many it left out. Rendering is pure: the same brief
//! gives the same bytes.
//!
//! **Invariant:** what comes from files is inert at the receiver. Text is sanitised, then cut, then escaped, so
//! that no escape is ever cut.

mod diff;
mod items;
mod links;
mod markdown;
mod terminal;
#[cfg(test)]
mod tests;
mod words;
mod wrap;

pub use items::{Strict, items, rules};
pub use links::{Links, Template};
pub use markdown::{MARKER, comment, summary};
pub use terminal::{Look, terminal};
