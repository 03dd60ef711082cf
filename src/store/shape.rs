//! Reads a tree of values by the keys that a kind of file has, and reports what has another shape.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::ops::Range;

use super::codes;
use super::yaml::{Entry, Key, Node, SpanTree};
use crate::base::Timestamp;
use crate::base::text::{closest, ticked, truncate};
use crate::base::time::{Date, Period};
use crate::diag::{Finding, Span};
use crate::model::{Labels, OrderedMap};

/// Findings of one file that are kept.
const MAX_FINDINGS: usize = 100;

/// Keys of one mapping that are read.
const MAX_KEYS: usize = 1_000;

/// The file that is read: its findings, and the places of its values once one is asked for.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    yaml: Range<usize>,
    places: OnceCell<Option<SpanTree>>,
    findings: RefCell<Vec<Finding>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(path: &'a str, text: &'a str, yaml: Range<usize>) -> Self {
        Self {
            path,
            text,
            yaml,
            places: OnceCell::new(),
            findings: RefCell::new(Vec::new()),
        }
    }

    /// Returns the top of the document, where it is a mapping.
    pub(crate) fn top<'r>(&'r self, node: &'r Node) -> Option<Mapping<'r, 'a>> {
        self.repeated_keys(node, &mut Vec::new());
        let value = Value {
            reader: self,
            at: Vec::new(),
            node,
        };
        value.mapping()
    }

    pub(crate) fn report(&self, finding: Finding) {
        let mut findings = self.findings.borrow_mut();
        if findings.len() < MAX_FINDINGS {
            findings.push(finding);
        } else if findings.len() == MAX_FINDINGS {
            let message = format!("more than {MAX_FINDINGS} findings in this file");
            let finding = Finding::error(codes::TOO_MANY_FINDINGS, self.path, message);
            findings.push(finding.help("mend those shown first"));
        }
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    fn full(&self) -> bool {
        self.findings.borrow().len() > MAX_FINDINGS
    }

    fn places(&self) -> Option<&SpanTree> {
        let parse = || SpanTree::parse(&self.text[self.yaml.clone()], self.yaml.start);
        self.places.get_or_init(parse).as_ref()
    }

    /// Returns where a value stands; of the document itself, the line that opens the front matter.
    fn span(&self, at: &[Key<'_>]) -> Option<Span> {
        if at.is_empty() {
            let opening = self.text[..self.yaml.start].trim_end();
            return opening
                .ends_with("---")
                .then(|| Span::new(opening.len() - 3, opening.len()));
        }
        self.places()?.value(at)
    }

    fn repeated_keys<'n>(&self, node: &'n Node, at: &mut Vec<Key<'n>>) {
        match node {
            Node::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    at.push(Key::Index(i));
                    self.repeated_keys(item, at);
                    at.pop();
                }
            }
            Node::Map(entries) => {
                let mut seen = HashSet::with_capacity(entries.len());
                for (i, entry) in entries.iter().enumerate() {
                    if !seen.insert(entry.key.as_str()) && !self.full() {
                        self.repeated(&entry.key, i, at);
                    }
                    at.push(Key::Entry(i));
                    self.repeated_keys(&entry.value, at);
                    at.pop();
                }
            }
            _ => {}
        }
    }

    fn repeated(&self, key: &str, entry: usize, at: &[Key<'_>]) {
        let place = |last| {
            let path: Vec<Key<'_>> = at.iter().copied().chain([last]).collect();
            self.places()?.key(&path)
        };
        let message = format!("the key `{}` is given twice", shown(key));
        let finding = Finding::error(codes::DUPLICATE_KEY, self.path, message);
        let mut finding = finding
            .at(place(Key::Entry(entry)))
            .help("keep one of them");
        if let Some(first) = place(Key::Name(key)) {
            finding = finding.label(self.path, first, "first given here");
        }
        self.report(finding);
    }
}

/// One value and the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Value<'r, 'a> {
    reader: &'r Reader<'a>,
    at: Vec<Key<'r>>,
    node: &'r Node,
}

impl<'r, 'a> Value<'r, 'a> {
    pub(crate) fn node(&self) -> &'r Node {
        self.node
    }

    fn child(&self, key: Key<'r>, node: &'r Node) -> Self {
        let mut at = self.at.clone();
        at.push(key);
        Self {
            reader: self.reader,
            at,
            node,
        }
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
        match self.node {
            Node::Bool(b) => Some(*b),
            _ => {
                self.wrong_type("`true` or `false`");
                None
            }
        }
    }

    pub(crate) fn integer(&self, expected: &str) -> Option<u64> {
        match self.node {
            Node::Integer(n) if *n >= 0 => u64::try_from(*n).ok(),
            Node::Integer(n) => {
                let name = name_of(&self.at);
                let message = format!("{name} is {n}, expected {expected}");
                self.report(self.finding(codes::WRONG_TYPE, message));
                None
            }
            _ => {
                self.wrong_type(expected);
                None
            }
        }
    }

    pub(crate) fn date(&self) -> Option<Date> {
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
        let period = match self.node {
            Node::Text(text) => Period::parse(text),
            _ => None,
        };
        if period.is_none() {
            match self.node {
                Node::Text(text) => {
                    let (name, text) = (name_of(&self.at), shown(text));
                    let message = format!("{name} is `{text}`, expected {}", Period::EXPECTED);
                    self.report(self.finding(codes::WRONG_TYPE, message));
                }
                _ => self.wrong_type(Period::EXPECTED),
            }
        }
        period
    }

    /// Reads one word out of several.
    pub(crate) fn choice<T: Copy>(&self, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let words: Vec<&str> = all.iter().map(|item| name(*item)).collect();
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

    /// Reports a value that can't be used, in its own words.
    pub(crate) fn unexpected(&self, found: &str, expected: &str) {
        let (name, found) = (name_of(&self.at), shown(found));
        let message = format!("{name} is `{found}`, expected {expected}");
        self.report(self.finding(codes::WRONG_TYPE, message));
    }

    /// Reads a mapping whose keys are names that the user chose.
    pub(crate) fn named<T>(self, read: impl Fn(Self) -> Option<T>) -> OrderedMap<T> {
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
        match self.node {
            Node::Map(entries) => {
                if entries.len() > MAX_KEYS {
                    let (name, n) = (name_of(&self.at), entries.len());
                    let message = format!("{name} has {n} keys, expected at most {MAX_KEYS}");
                    self.report(self.finding(codes::TOO_COMPLEX, message));
                }
                Some(Mapping {
                    entries: &entries[..entries.len().min(MAX_KEYS)],
                    value: self,
                    asked: RefCell::default(),
                })
            }
            _ => {
                self.wrong_type("a mapping of keys and values");
                None
            }
        }
    }
}

/// A mapping that is read by its keys. Every key that is asked for is known; [`Mapping::finish`]
/// reports the others.
#[derive(Debug)]
pub(crate) struct Mapping<'r, 'a> {
    value: Value<'r, 'a>,
    entries: &'r [Entry],
    asked: RefCell<Vec<&'static str>>,
}

impl<'r, 'a> Mapping<'r, 'a> {
    /// Returns a key's value, `None` where it is absent or empty.
    pub(crate) fn get(&self, key: &'static str) -> Option<Value<'r, 'a>> {
        self.asked.borrow_mut().push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        let value = self.value.child(Key::Name(key), &entry.value);
        (entry.value != Node::Null).then_some(value)
    }

    /// Returns a key's value, and reports one that is absent or empty.
    pub(crate) fn required(&self, key: &'static str) -> Option<Value<'r, 'a>> {
        let value = self.get(key);
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

    /// Returns the keys as they stand in the file.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'r str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    /// Reads lists of texts by name; a value given alone is a list of one.
    pub(crate) fn labels(&self, key: &'static str) -> Labels {
        self.named(key, |value| Some(value.texts(true)))
    }

    /// Keeps a value as it is.
    pub(crate) fn raw(&self, key: &'static str) -> serde_json::Value {
        let value = self.get(key).map(|value| value.node().to_json());
        value.unwrap_or_default()
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self) {
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

/// Cuts a text of the user's to what a message can hold.
fn shown(text: &str) -> String {
    truncate(text, 60)
}

/// Names a value for people: `` `links[1].url` ``.
fn name_of(at: &[Key<'_>]) -> String {
    let mut out = String::new();
    for key in at {
        match key {
            Key::Name(name) if out.is_empty() => out.push_str(&shown(name)),
            Key::Name(name) => {
                out.push('.');
                out.push_str(&shown(name));
            }
            Key::Index(n) => out.push_str(&format!("[{n}]")),
            Key::Entry(n) => out.push_str(&format!("[{n}]")),
        }
    }
    if out.is_empty() {
        "the file".to_owned()
    } else {
        format!("`{out}`")
    }
}
