//! A mapping, by its keys.

use std::cell::{Cell, RefCell};

use super::outline::Form;
use super::value::NOTHING;
use super::{Value, name_of, shown};
use crate::base::text::{closest, ticked};
use crate::diag::Finding;
use crate::model::{Labels, OrderedMap};
use crate::store::codes;
use crate::store::yaml::{Entry, Key, Node};

/// A mapping that is read by its keys. Every key that is asked for is known; [`Mapping::finish`]
/// reports the others.
#[derive(Debug)]
pub(crate) struct Mapping<'r, 'a> {
    pub(super) value: Value<'r, 'a>,
    pub(super) entries: &'r [Entry],
    asked: RefCell<Vec<&'static str>>,
    /// Whether all keys are names that the user chose.
    open: Cell<bool>,
}

impl<'r, 'a> Mapping<'r, 'a> {
    pub(super) fn new(value: Value<'r, 'a>, entries: &'r [Entry]) -> Self {
        Self {
            value,
            entries,
            asked: RefCell::default(),
            open: Cell::default(),
        }
    }

    /// Returns a key's value, `None` where it is absent or empty.
    pub(crate) fn get(&self, key: &'static str) -> Option<Value<'r, 'a>> {
        self.asked.borrow_mut().push(key);
        if self.value.reader.asks(&self.value.at, key, false) {
            return Some(self.value.child(Key::Name(key), NOTHING));
        }
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        let value = self.value.child(Key::Name(key), &entry.value);
        (entry.value != Node::Null).then_some(value)
    }

    /// Whether a key is there that makes a file one of another shape. A kind of file has at most one
    /// such key, at its top.
    pub(crate) fn decides(&self, key: &'static str) -> bool {
        match self.value.reader.decides(key) {
            Some(is_there) => {
                self.asked.borrow_mut().push(key);
                is_there
            }
            None => self.get(key).is_some(),
        }
    }

    /// Returns a key's value, and reports one that is absent or empty.
    pub(crate) fn required(&self, key: &'static str) -> Option<Value<'r, 'a>> {
        let value = self.get(key);
        self.value.reader.asks(&self.value.at, key, true);
        if value.is_none() {
            let mut at = self.value.at.clone();
            at.push(Key::Name(key));
            let message = format!("{} is missing", name_of(&at));
            let finding = Finding::error(codes::MISSING_KEY, self.value.reader.path, message);
            let reader = self.value.reader;
            let span = reader.places().and_then(|places| places.key(&at));
            let finding = finding.at(span.or_else(|| reader.span(&self.value.at)));
            self.value.report(finding.help(format!("add `{key}: …`")));
        }
        value
    }

    pub(crate) fn text(&self, key: &'static str) -> Option<String> {
        self.get(key)?.text()
    }

    /// Reads a required text; empty where it can't be read, which is reported.
    pub(crate) fn required_text(&self, key: &'static str) -> String {
        let text = self.required(key).and_then(|value| value.text());
        text.unwrap_or_default()
    }

    pub(crate) fn texts(&self, key: &'static str) -> Vec<String> {
        self.get(key).map(|v| v.texts(false)).unwrap_or_default()
    }

    pub(crate) fn texts_or_one(&self, key: &'static str) -> Vec<String> {
        self.get(key).map(|v| v.texts(true)).unwrap_or_default()
    }

    pub(crate) fn choice<T: Copy>(
        &self,
        key: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        self.get(key)?.choice(all, name)
    }

    pub(crate) fn mapping(&self, key: &'static str) -> Option<Mapping<'r, 'a>> {
        self.get(key)?.mapping()
    }

    /// Reads a list of mappings by a function for one; each is finished.
    pub(crate) fn each<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Mapping<'r, 'a>) -> T,
    ) -> Vec<T> {
        let items = self.get(key).map(|v| v.items(false, "a list of mappings"));
        let mappings = items.unwrap_or_default().into_iter();
        mappings
            .filter_map(Value::mapping)
            .map(|mapping| {
                let item = read(&mapping);
                mapping.finish();
                item
            })
            .collect()
    }

    /// Reads a mapping whose keys are names that the user chose.
    pub(crate) fn named<T>(
        &self,
        key: &'static str,
        read: impl Fn(Value<'r, 'a>) -> Option<T>,
    ) -> OrderedMap<T> {
        self.get(key).map(|v| v.named(read)).unwrap_or_default()
    }

    /// Reads the mapping as one whose keys are names that the user chose.
    pub(crate) fn all<T>(&self, read: impl Fn(Value<'r, 'a>) -> Option<T>) -> OrderedMap<T> {
        self.open.set(true);
        self.value.clone().named(read)
    }

    /// Returns the keys as they stand in the file.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'r str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    /// Reads lists of texts by name; a value given alone is a list of one.
    pub(crate) fn labels(&self, key: &'static str) -> Labels {
        self.named(key, |value| Some(value.texts(true)))
    }

    /// Keeps a value as it is; `form` says what may be there where others read it.
    pub(crate) fn raw(&self, key: &'static str, form: Form) -> serde_json::Value {
        let value = self.get(key);
        if let Some(value) = &value {
            value.outlines(form);
        }
        let value = value.map(|value| value.node().to_json());
        value.unwrap_or_default()
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self) {
        if self.value.reader.closes(&self.value.at) || self.open.get() {
            return;
        }
        let asked = self.asked.into_inner();
        for (i, entry) in self.entries.iter().enumerate() {
            if asked.contains(&entry.key.as_str()) || self.value.reader.full() {
                continue;
            }
            let place = match &self.value.at[..] {
                [] => String::new(),
                at => format!(" in {}", name_of(at)),
            };
            let message = format!("unknown key `{}`{place}", shown(&entry.key));
            let reader = self.value.reader;
            let mut at = self.value.at.clone();
            at.push(Key::Entry(i));
            let span = reader.places().and_then(|places| places.key(&at));
            let finding = Finding::error(codes::UNKNOWN_KEY, reader.path, message).at(span);
            let help = match closest(&entry.key, asked.iter().copied()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("the keys here are {}", ticked(&asked, "and")),
            };
            reader.report(finding.help(help));
        }
    }
}
