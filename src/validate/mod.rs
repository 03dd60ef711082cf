//! Rules over a workspace, one a file, each with the page that `explain` prints.
//!
//! A rule is a pure function of the loaded workspace and `now`. What a parser finds in one file
//! (syntax and shape) is the store's; its codes have their pages here too.

mod check;
#[cfg(test)]
mod examples;
mod facts;
mod links;
mod page;
mod places;
mod rules;

pub use check::{Report, check};
pub use page::{Page, find_page, pages};
