//! One value: a text, a number, a list, a mapping, and what is said where it is another.

use std::collections::HashSet;

use super::outline::Form;
use super::{Mapping, Reader, name_of, shown};
use crate::base::Timestamp;
use crate::base::text::ticked;
use crate::base::time::{Date, Period};
use crate::diag::Finding;
use crate::model::OrderedMap;
use crate::store::codes;
use crate::store::yaml::{Key, Node};

/// What stands where there is nothing to read.
pub(super) const NOTHING: &Node = &Node::Null;

/// Keys of one mapping that are read.
const MAX_KEYS: usize = 1_000;

/// One value and the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Value<'r, 'a> {
    pub(super) reader: &'r Reader<'a>,
    pub(super) at: Vec<Key<'r>>,
    pub(super) node: &'r Node,
}

impl<'r, 'a> Value<'r, 'a> {
    pub(crate) fn node(&self) -> &'r Node {
        self.node
    }

    pub(super) fn child(&self, key: Key<'r>, node: &'r Node) -> Self {
        let mut at = self.at.clone();
        at.push(key);
        Self {
            reader: self.reader,
            at,
            node,
        }
    }

    /// Whether there is nothing to read; what the value may be is kept then.
    pub(crate) fn outlines(&self, form: Form) -> bool {
        self.reader.outlines(&self.at, form)
    }

    /// Whether nothing stands behind a name or in a list, which may be so.
    pub(crate) fn is_empty(&self) -> bool {
        !self.outlines(Form::Empty) && *self.node == Node::Null
    }

    /// Starts a finding at this value.
    pub(crate) fn finding(&self, code: crate::diag::Code, message: String) -> Finding {
        let finding = Finding::error(code, self.reader.path, message);
        finding.at(self.reader.span(&self.at))
    }

    pub(crate) fn report(&self, finding: Finding) {
        self.reader.report(finding);
    }

    pub(crate) fn wrong_type(&self, expected: &str) {
        if self.reader.full() {
            return;
        }
        let found = self.node.type_name();
        let name = name_of(&self.at);
        let finding = self.finding(
            codes::WRONG_TYPE,
            format!("{name} is {found}, expected {expected}"),
        );
        let scalar = matches!(self.node, Node::Bool(_) | Node::Integer(_) | Node::Float(_));
        let finding = match self.written() {
            Some(text) if scalar && expected == "a text" => {
                finding.help(format!("write it in quotes: `\"{}\"`", shown(text)))
            }
            _ => finding,
        };
        self.report(finding);
    }

    fn written(&self) -> Option<&'r str> {
        self.reader.places()?.written(&self.at)
    }

    pub(crate) fn text(&self) -> Option<String> {
        if self.outlines(Form::Text) {
            return None;
        }
        match self.node {
            Node::Text(text) => Some(text.clone()),
            _ => {
                self.wrong_type("a text");
                None
            }
        }
    }

    /// Reads a text, a number or a boolean as written.
    pub(crate) fn scalar(&self) -> Option<String> {
        if self.outlines(Form::Scalar) {
            return None;
        }
        match self.node {
            Node::Text(text) => Some(text.clone()),
            Node::Integer(n) => Some(self.written().map_or_else(|| n.to_string(), str::to_owned)),
            Node::Float(n) => Some(self.written().map_or_else(|| n.to_string(), str::to_owned)),
            Node::Bool(b) => Some(self.written().map_or_else(|| b.to_string(), str::to_owned)),
            _ => {
                self.wrong_type("a text or a number");
                None
            }
        }
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        if self.outlines(Form::Boolean) {
            return None;
        }
        match self.node {
            Node::Bool(b) => Some(*b),
            _ => {
                self.wrong_type("`true` or `false`");
                None
            }
        }
    }

    pub(crate) fn integer(&self, expected: &str) -> Option<u64> {
        self.integer_from(0, expected)
    }

    /// Reads a whole number that is `min` or more.
    pub(crate) fn integer_from(&self, min: u64, expected: &str) -> Option<u64> {
        self.integer_within(min, None, expected)
    }

    /// Reads a whole number that is `min` or more, and `max` or less where there is one.
    pub(crate) fn integer_within(&self, min: u64, max: Option<u64>, expected: &str) -> Option<u64> {
        if self.outlines(Form::Integer { min, max }) {
            return None;
        }
        let Node::Integer(n) = self.node else {
            self.wrong_type(expected);
            return None;
        };
        let found = u64::try_from(*n)
            .ok()
            .filter(|n| *n >= min && max.is_none_or(|max| *n <= max));
        if found.is_none() {
            let name = name_of(&self.at);
            let message = format!("{name} is {n}, expected {expected}");
            self.report(self.finding(codes::WRONG_TYPE, message));
        }
        found
    }

    pub(crate) fn date(&self) -> Option<Date> {
        if self.outlines(Form::Date) {
            return None;
        }
        let text = match self.node {
            Node::Text(text) => text,
            _ => {
                self.wrong_type("a date such as `2026-11-22`");
                return None;
            }
        };
        let date = Date::parse(text);
        if date.is_none() {
            let name = name_of(&self.at);
            let text = shown(text);
            let message = format!("{name} is `{text}`, expected a date such as `2026-11-22`");
            self.report(self.finding(codes::INVALID_DATE, message));
        }
        date
    }

    pub(crate) fn instant(&self) -> Option<Timestamp> {
        const EXPECTED: &str = "a time such as `2026-11-22T18:43:00Z`";
        if self.outlines(Form::Instant) {
            return None;
        }
        let Node::Text(text) = self.node else {
            self.wrong_type(EXPECTED);
            return None;
        };
        let time = Timestamp::parse(text);
        if time.is_none() {
            let (name, text) = (name_of(&self.at), shown(text));
            let message = format!("{name} is `{text}`, expected {EXPECTED}");
            self.report(self.finding(codes::INVALID_DATE, message));
        }
        time
    }

    /// Reads a number and a unit, as `90d`.
    pub(crate) fn period(&self) -> Option<Period> {
        if self.outlines(Form::Period) {
            return None;
        }
        let Node::Text(text) = self.node else {
            self.wrong_type(Period::EXPECTED);
            return None;
        };
        let period = Period::parse(text);
        if period.is_none() {
            let (name, text) = (name_of(&self.at), shown(text));
            let message = format!("{name} is `{text}`, expected {}", Period::EXPECTED);
            self.report(self.finding(codes::WRONG_TYPE, message));
        }
        period
    }

    /// Reads one word out of several.
    pub(crate) fn choice<T: Copy>(&self, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let words: Vec<&'static str> = all.iter().map(|item| name(*item)).collect();
        if self.reader.outline.is_some() {
            self.outlines(Form::Words(words));
            return None;
        }
        let Node::Text(text) = self.node else {
            self.wrong_type(&ticked(&words, "or"));
            return None;
        };
        let found = all.iter().copied().find(|item| name(*item) == text);
        if found.is_none() {
            let message = format!(
                "{} is `{}`, expected {}",
                name_of(&self.at),
                shown(text),
                ticked(&words, "or")
            );
            let finding = self.finding(codes::UNKNOWN_VALUE, message);
            self.report(finding.suggest(text, words));
        }
        found
    }

    /// Reads a list by its items; with `alone`, another value is a list of one.
    pub(crate) fn items(&self, alone: bool, expected: &str) -> Vec<Self> {
        if self.outlines(Form::List { alone }) {
            return vec![self.child(Key::Index(0), NOTHING)];
        }
        match self.node {
            Node::List(items) => items
                .iter()
                .enumerate()
                .map(|(i, item)| self.child(Key::Index(i), item))
                .collect(),
            Node::Null => Vec::new(),
            Node::Text(_) if alone => vec![self.clone()],
            _ => {
                self.wrong_type(expected);
                Vec::new()
            }
        }
    }

    pub(crate) fn texts(&self, alone: bool) -> Vec<String> {
        let items = self.items(alone, "a list of texts");
        items.iter().filter_map(Self::text).collect()
    }

    /// Reads names: a list of them, or a mapping that has them as keys, whose values say more.
    pub(crate) fn names<T>(&self, read: impl Fn(Self) -> T) -> (Vec<String>, Vec<(String, T)>) {
        if self.outlines(Form::Named) {
            read(self.child(Key::Entry(0), NOTHING));
            return (self.texts(false), Vec::new());
        }
        let Node::Map(entries) = self.node else {
            return (self.texts(false), Vec::new());
        };
        let mut seen = HashSet::new();
        let entries = entries
            .iter()
            .filter(|entry| seen.insert(entry.key.as_str()));
        let read = entries.map(|entry| {
            let value = self.child(Key::Name(&entry.key), &entry.value);
            (entry.key.clone(), read(value))
        });
        let read: Vec<(String, T)> = read.collect();
        (read.iter().map(|(name, _)| name.clone()).collect(), read)
    }

    /// Reports a value that can't be used, in its own words.
    pub(crate) fn unexpected(&self, found: &str, expected: &str) {
        let (name, found) = (name_of(&self.at), shown(found));
        let message = format!("{name} is `{found}`, expected {expected}");
        self.report(self.finding(codes::WRONG_TYPE, message));
    }

    /// Whether it has keys and values.
    pub(crate) fn is_mapping(&self) -> bool {
        matches!(self.node, Node::Map(_))
    }

    /// Reads a mapping whose keys are names that the user chose.
    pub(crate) fn named<T>(self, read: impl Fn(Self) -> Option<T>) -> OrderedMap<T> {
        if self.outlines(Form::Named) {
            let name = self.child(Key::Entry(0), NOTHING);
            return read(name)
                .map(|value| ("name".to_owned(), value))
                .into_iter()
                .collect();
        }
        let Some(mapping) = self.mapping() else {
            return OrderedMap::default();
        };
        let mut seen = HashSet::new();
        let entries = mapping.entries.iter();
        entries
            .filter(|entry| seen.insert(entry.key.as_str()))
            .filter_map(|entry| {
                let value = mapping.value.child(Key::Name(&entry.key), &entry.value);
                Some((entry.key.clone(), read(value)?))
            })
            .collect()
    }

    pub(crate) fn mapping(self) -> Option<Mapping<'r, 'a>> {
        if self.outlines(Form::Mapping) {
            return Some(Mapping::new(self, &[]));
        }
        match self.node {
            Node::Map(entries) => {
                if entries.len() > MAX_KEYS {
                    let (name, n) = (name_of(&self.at), entries.len());
                    let message = format!("{name} has {n} keys, expected at most {MAX_KEYS}");
                    self.report(self.finding(codes::TOO_COMPLEX, message));
                }
                let kept = &entries[..entries.len().min(MAX_KEYS)];
                Some(Mapping::new(self, kept))
            }
            _ => {
                self.wrong_type("a mapping of keys and values");
                None
            }
        }
    }
}
