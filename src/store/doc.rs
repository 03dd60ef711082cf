//! One file of the workspace, as text and as what it says.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::yaml::{Key, SpanTree};
use crate::diag::Span;
use crate::model::Case;

/// A file as read: its text, and its value in the model, which knows no places. The place of a
/// field is looked up in the text, by a second parser, only when it is asked for.
#[derive(Clone, Debug)]
pub struct Doc<T> {
    /// Relative to the workspace, `/` between parts.
    pub path: String,
    pub text: Arc<str>,
    pub value: T,
    /// Where the YAML stands: the front matter without its `---` lines, or the whole file.
    yaml: Range<usize>,
    /// Where the body starts; the end of the text where there is none.
    body: usize,
    places: OnceLock<Option<Arc<SpanTree>>>,
}

impl<T> Doc<T> {
    pub(crate) fn new(
        path: &str,
        text: Arc<str>,
        value: T,
        yaml: Range<usize>,
        body: usize,
    ) -> Self {
        Self {
            path: path.to_owned(),
            text,
            value,
            yaml,
            body,
            places: OnceLock::new(),
        }
    }

    /// Returns where the YAML stands.
    pub(super) fn yaml(&self) -> Range<usize> {
        self.yaml.clone()
    }

    /// Returns the bytes of a field's value: `doc.span(&["links".into(), 0.into(), "url".into()])`.
    /// Of a key without a value it is the key. `None` where the field is absent.
    pub fn span(&self, field: &[Key<'_>]) -> Option<Span> {
        self.places()?.value(field)
    }

    /// Returns the bytes of a field's key. `None` where it is absent or is an item of a list.
    pub fn key_span(&self, field: &[Key<'_>]) -> Option<Span> {
        self.places()?.key(field)
    }

    /// Returns the bytes of the nearest part of `field` that is there: a place for what is missing.
    pub fn nearest_span(&self, field: &[Key<'_>]) -> Option<Span> {
        (1..=field.len()).rev().find_map(|n| self.span(&field[..n]))
    }

    /// Whether the file says something for a field; a key without a value says nothing.
    pub fn has(&self, field: &[Key<'_>]) -> bool {
        self.span(field)
            .is_some_and(|span| Some(span) != self.key_span(field))
    }

    /// Returns where the body starts, in bytes of the file: what is added to
    /// [`crate::model::ScenarioStep::offset`].
    pub fn body_offset(&self) -> usize {
        self.body
    }

    /// Returns the YAML: the front matter without its `---` lines, or the whole file.
    pub fn yaml_text(&self) -> &str {
        &self.text[self.yaml.clone()]
    }

    /// Returns the body: what follows the front matter. Empty for YAML files.
    pub fn body(&self) -> &str {
        &self.text[self.body..]
    }

    /// Returns the line of a step, given its offset in the body.
    pub fn step_span(&self, offset: usize) -> Span {
        let start = (self.body + offset).min(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        Span::new(start, start + line.trim_end().len())
    }

    fn places(&self) -> Option<&SpanTree> {
        let parse =
            || SpanTree::parse(&self.text[self.yaml.clone()], self.yaml.start).map(Arc::new);
        self.places.get_or_init(parse).as_deref()
    }
}

impl Doc<Case> {
    /// Returns the case's section: the folders between `cases/` and the file.
    pub fn section(&self) -> Vec<&str> {
        let below = self.path.split_once("/cases/").map_or("", |(_, p)| p);
        let mut parts: Vec<&str> = below.split('/').collect();
        parts.pop();
        parts
    }
}
