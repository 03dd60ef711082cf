//! The query language: from text to a test that any [`Subject`] can be put to.
//!
//! It takes what AQL of Allure TestOps takes (its grammar as their own parser has it) and goes past
//! it: `not in`, single quotes, regular expressions, dates, durations, `has`, functions with
//! arguments, `order by`, `limit`. What can be asked of what is said by a [`Schema`], a table that
//! stands with the subject; this floor knows no tests, launches or files.
//!
//! **Invariant:** one rule for what is missing: an operator on a missing value is false, `!=` and
//! `not in` among them; only `null`, `has` and `not` see absence.
//! **Invariant:** names and values are checked before anything is asked: a name that a schema lacks
//! is a problem with a place, never an empty answer.
//! **Invariant:** printing a query and parsing that gives the same query.

mod ast;
mod bind;
mod by;
mod eval;
mod lex;
mod parse;
mod print;
mod schema;
#[cfg(test)]
mod tests;

pub use ast::{Accessor, Clause, Expr, Literal, Op, Order, Query, Unit, What};
pub use bind::{Bound, Context, Lookup, Window, bind};
pub use by::field;
pub use eval::{Found, Subject, Value};
pub use parse::parse;
pub use print::quoted;
pub use schema::{Field, Function, Kind, Row, Schema};

use crate::diag::{Finding, Span};

/// What is wrong with a query: one place in its text, and the next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the query's text.
    pub span: Span,
    /// One line: lower case, no final period, names in backticks.
    pub message: String,
    pub help: Option<String>,
}

impl Problem {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: None,
        }
    }

    #[must_use]
    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean" where a candidate is close to the word.
    #[must_use]
    fn suggest<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match crate::base::text::closest(word, candidates) {
            Some(candidate) => {
                let help = format!("did you mean `{candidate}`?");
                self.help(help)
            }
            None => self,
        }
    }

    /// Returns the problem as a finding about a file in which the query starts at byte `start`,
    /// written there as it is.
    pub fn finding(&self, code: crate::diag::Code, path: &str, start: usize) -> Finding {
        let finding = Finding::error(code, path, &self.message).at(self.span.shifted(start));
        match &self.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }
}
