//! YAML twice: fast, as a tree of values; and, only when a finding needs a place, again with the
//! place of each value.

mod depth;
mod node;
mod scalar;
mod spans;
mod written;

pub(crate) use depth::{is_too_deep, read, too_deep};
pub(crate) use node::{Entry, Node, YamlError, parse};
pub use scalar::scalar;
pub(crate) use spans::SpanTree;
pub use written::{Document, Item, Items, Value};

/// One step of the way from the top of a YAML document to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// The value of a mapping's key, the first where it stands twice.
    Name(&'a str),
    /// An item of a list, from 0; item 0 of a value that is no list is that value.
    Index(usize),
    /// The n-th entry of a mapping, from 0: tells a repeated key from the first.
    Entry(usize),
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Key<'_> {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}
