//! Reads a tree of values by the keys that a kind of file has, and reports what has another shape.
//!
//! The same functions that read a kind of file also tell what it may hold: run over nothing, they leave
//! an [`Outline`] of all that they asked for, from which the schemas are made. So what a schema takes and
//! what a parser takes can't part.

mod mapping;
mod outline;
mod value;

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::ops::Range;

pub(crate) use self::mapping::Mapping;
pub(crate) use self::outline::{Asked, Form, Outline};
pub(crate) use self::value::Value;
use super::codes;
use super::yaml::{Key, Node, SpanTree};
use crate::base::text::truncate;
use crate::diag::{Finding, Span};

/// Findings of one file that are kept.
const MAX_FINDINGS: usize = 100;

/// The file that is read: its findings, and the places of its values once one is asked for.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    yaml: Range<usize>,
    places: OnceCell<Option<SpanTree>>,
    findings: RefCell<Vec<Finding>>,
    /// What was asked for, where there is nothing to read.
    outline: Option<RefCell<Outline>>,
    /// The key that is not there: see [`Mapping::decides`].
    without: Option<&'static str>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(path: &'a str, text: &'a str, yaml: Range<usize>) -> Self {
        Self {
            path,
            text,
            yaml,
            places: OnceCell::new(),
            findings: RefCell::new(Vec::new()),
            outline: None,
            without: None,
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

/// Cuts a text of the user's to what a message can hold: one line of some length.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    if !text.contains(['\n', '\r']) {
        return truncate(text, MOST);
    }
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).take(MOST).collect();
    truncate(&lines.join(" "), MOST)
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
