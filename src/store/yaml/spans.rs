//! The places of a document's values.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser};

use super::Key;
use crate::diag::Span;

/// The places of all keys and values of one YAML document, in bytes of the file it stands in.
#[derive(Clone, Debug)]
pub(crate) struct SpanTree {
    places: Vec<Place>,
    root: usize,
}

#[derive(Clone, Debug)]
struct Place {
    span: Span,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Scalar(Box<str>),
    List(Vec<usize>),
    Map(Vec<(usize, usize)>),
    Alias(Option<usize>),
}

impl SpanTree {
    /// Reads the first document of `text`, which stands at `offset` in its file; `None` where it
    /// is no YAML, or is empty.
    pub(crate) fn parse(text: &str, offset: usize) -> Option<Self> {
        let mut builder = Builder::new(text, offset);
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            if matches!(event, Event::DocumentEnd) {
                break;
            }
            builder.event(event, span.start, span.end);
        }
        let tree = Self {
            root: 0,
            places: builder.places,
        };
        (!tree.places.is_empty()).then_some(tree)
    }

    /// Returns the place of a value; of an empty one, that of its key.
    pub(crate) fn value(&self, path: &[Key<'_>]) -> Option<Span> {
        let (key, value) = self.find(path)?;
        let span = self.places[value].span;
        match key {
            Some(key) if span.start == span.end => Some(self.places[key].span),
            _ => Some(span),
        }
    }

    /// Returns the place of a mapping's key.
    pub(crate) fn key(&self, path: &[Key<'_>]) -> Option<Span> {
        let (key, _) = self.find(path)?;
        Some(self.places[key?].span)
    }

    /// Returns the text of a plain value as written, quotes and escapes apart.
    pub(crate) fn written(&self, path: &[Key<'_>]) -> Option<&str> {
        let (_, value) = self.find(path)?;
        match &self.places[self.target(value)?].kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// Follows an alias to what it names. An anchor precedes its aliases and is no alias itself.
    fn target(&self, at: usize) -> Option<usize> {
        match self.places[at].kind {
            Kind::Alias(target) => target,
            _ => Some(at),
        }
    }

    /// Returns the place of a value, and of its key where it has one.
    fn find(&self, path: &[Key<'_>]) -> Option<(Option<usize>, usize)> {
        let mut found = (None, self.root);
        for step in path {
            let here = self.target(found.1)?;
            found = match (&self.places[here].kind, step) {
                (Kind::Map(entries), Key::Name(name)) => {
                    let entry = entries.iter().find(|(key, _)| self.is_named(*key, name))?;
                    (Some(entry.0), entry.1)
                }
                (Kind::Map(entries), Key::Entry(n)) => {
                    let entry = entries.get(*n)?;
                    (Some(entry.0), entry.1)
                }
                (Kind::List(items), Key::Index(n)) => (None, *items.get(*n)?),
                (Kind::Scalar(_) | Kind::Map(_), Key::Index(0)) => found,
                _ => return None,
            };
        }
        Some(found)
    }

    fn is_named(&self, key: usize, name: &str) -> bool {
        let key = self.target(key).map(|at| &self.places[at].kind);
        matches!(key, Some(Kind::Scalar(text)) if **text == *name)
    }
}

/// Puts the parser's events together.
struct Builder<'a> {
    text: &'a str,
    offset: usize,
    /// The byte offset of each character; empty where all are one byte.
    bytes: Vec<usize>,
    places: Vec<Place>,
    /// Open lists and mappings, with the key that waits for its value.
    open: Vec<(usize, Option<usize>)>,
    /// The place of each anchor, by its number.
    anchors: BTreeMap<usize, usize>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, offset: usize) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self {
            text,
            offset,
            bytes,
            places: Vec::new(),
            open: Vec::new(),
            anchors: BTreeMap::new(),
        }
    }

    fn event(&mut self, event: Event<'_>, start: Marker, end: Marker) {
        let span = self.span(start, end);
        match event {
            Event::Scalar(text, _, anchor, _) => {
                self.add(Kind::Scalar(text.into()), span, anchor);
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                self.add(Kind::Alias(target), span, 0);
            }
            Event::SequenceStart(anchor, _) => {
                let at = self.add(Kind::List(Vec::new()), span, anchor);
                self.open.push((at, None));
            }
            Event::MappingStart(anchor, _) => {
                let at = self.add(Kind::Map(Vec::new()), span, anchor);
                self.open.push((at, None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((at, _)) = self.open.pop() {
                    let start = self.start(at);
                    self.places[at].span = self.trimmed(start, span.end);
                }
            }
            _ => {}
        }
    }

    /// Returns where a list or mapping starts. Lists that are not indented below their key are
    /// given by the parser from their first item, without its dash.
    fn start(&self, at: usize) -> usize {
        let place = &self.places[at];
        let start = place.span.start;
        let before = self.text.get(..start - self.offset).unwrap_or_default();
        let dashed = before.trim_end_matches([' ', '\t']);
        let is_list = matches!(place.kind, Kind::List(_));
        let open = self.text[before.len()..].starts_with(['[', '-', '&', '!']);
        if is_list && !open && dashed.ends_with('-') {
            return dashed.len() - 1 + self.offset;
        }
        start
    }

    fn add(&mut self, kind: Kind, span: Span, anchor: usize) -> usize {
        let at = self.places.len();
        self.places.push(Place { span, kind });
        if anchor > 0 {
            self.anchors.insert(anchor, at);
        }
        if let Some((parent, waiting)) = self.open.last_mut() {
            match (&mut self.places[*parent].kind, waiting.take()) {
                (Kind::List(items), _) => items.push(at),
                (Kind::Map(entries), Some(key)) => entries.push((key, at)),
                (Kind::Map(_), None) => *waiting = Some(at),
                (Kind::Scalar(_) | Kind::Alias(_), _) => {}
            }
        }
        at
    }

    fn span(&self, start: Marker, end: Marker) -> Span {
        let (start, end) = (self.byte(start.index()), self.byte(end.index()));
        self.trimmed(start + self.offset, end + self.offset)
    }

    /// Cuts white space off the end: block values reach to the next token.
    fn trimmed(&self, start: usize, end: usize) -> Span {
        let (from, to) = (start - self.offset, end - self.offset);
        let inside = self.text.get(from..to.max(from)).unwrap_or_default();
        Span::new(start, start + inside.trim_end().len())
    }

    fn byte(&self, character: usize) -> usize {
        if self.bytes.is_empty() {
            character.min(self.text.len())
        } else {
            self.bytes
                .get(character)
                .copied()
                .unwrap_or(self.text.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(text: &'a str, path: &[Key<'_>]) -> &'a str {
        let tree = SpanTree::parse(text, 0).expect("parses");
        &text[tree.value(path).expect("a place").range()]
    }

    #[test]
    fn values_and_keys_have_places() {
        let text = "ä: b  # note\nlist:\n- one\n- {x: \"two\", y: [3]}\nempty:\nlast: |\n  a\n  b\n\nend: 1.10\n";
        assert_eq!(at(text, &["ä".into()]), "b");
        assert_eq!(at(text, &["list".into(), 1.into(), "x".into()]), "\"two\"");
        assert_eq!(at(text, &["list".into(), 1.into()]), "{x: \"two\", y: [3]}");
        assert_eq!(at(text, &["list".into()]), "- one\n- {x: \"two\", y: [3]}");
        assert_eq!(at(text, &["empty".into()]), "empty");
        assert_eq!(at(text, &["ä".into(), 0.into()]), "b");
        assert!(at(text, &["last".into()]).ends_with("a\n  b"));
        let tree = SpanTree::parse(text, 0).expect("parses");
        assert_eq!(tree.written(&["end".into()]), Some("1.10"));
        assert_eq!(
            &text[tree.key(&["end".into()]).expect("a place").range()],
            "end"
        );
        assert_eq!(tree.value(&["nothing".into()]), None);
    }

    #[test]
    fn aliases_lead_to_their_anchors() {
        let text = "a: &x {k: v}\nb: *x\n";
        assert_eq!(at(text, &["b".into()]), "*x");
        assert_eq!(at(text, &["b".into(), "k".into()]), "v");
    }

    #[test]
    fn repeated_keys_are_told_apart() {
        let text = "a: 1\na: 2\n";
        assert_eq!(at(text, &["a".into()]), "1");
        assert_eq!(at(text, &[Key::Entry(1)]), "2");
    }
}
