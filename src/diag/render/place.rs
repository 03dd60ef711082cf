//! Lines and columns of findings, computed once a file.

use std::collections::HashMap;

use crate::diag::{Finding, LineIndex, Position, Sources};

/// Turns the spans of findings into positions; remembers the lines of each file.
#[derive(Debug)]
pub(super) struct Places<'a> {
    sources: &'a Sources,
    lines: HashMap<&'a str, LineIndex>,
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            lines: HashMap::new(),
        }
    }

    /// Returns the start and the end of a finding; none where it is about the file as such.
    pub(super) fn of(&mut self, finding: &'a Finding) -> Option<(Position, Position)> {
        let span = finding.span?;
        let text = self.sources.get(&finding.path)?;
        let lines = self
            .lines
            .entry(&finding.path)
            .or_insert_with(|| LineIndex::new(text));
        Some((
            lines.position(text, span.start),
            lines.position(text, span.end),
        ))
    }
}
