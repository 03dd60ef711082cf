//! The events of an XML reader → cases and suites.

mod close;

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::case::{Case, Kind, Outcome};
use super::rows::Maker;
use super::suite::{Dialect, Suite};
use super::window::Window;
use crate::base::text;
use crate::ingest::notes::{self, Kind as Note};
use crate::ingest::xml::{Attributes, Capped, push_reference};
use crate::ingest::{Report, Row, SinkError, limits};
use crate::model::Status;

const COUNTS: Note = (
    "suite",
    "declaring another number of tests than stand in it",
);
const UNKNOWN: Note = ("element", "of a test case not known, and left out");
const DOUBTFUL: Note = (
    "element",
    "of a test case not known that may tell a failure, so that it does not pass",
);

/// What an open element is.
#[derive(Debug)]
enum Node {
    Suite,
    Case,
    /// Of a case, or of a suite itself.
    Outcome {
        of_suite: bool,
    },
    Stack,
    Out,
    Err,
    Properties,
    Property {
        name: String,
        value: Option<String>,
    },
    Attachments,
    Attachment {
        path: Option<String>,
    },
    /// An element of a case that says in a word what an attribute says in other files.
    Word {
        name: String,
    },
    /// Unknown, around cases: what is inside counts as if it were outside.
    Group,
    /// Left out with all that is inside.
    Skip,
}

/// What became of the elements.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) read: u64,
    pub(super) merged: u64,
    pub(super) retries: u64,
    pub(super) added: u64,
    /// Cases inside a case, which can't be read.
    pub(super) nested: u64,
    pub(super) replaced: u64,
}

/// Reads one file.
pub(super) struct Handler<'a> {
    pub(super) maker: Maker<'a>,
    pub(super) counts: Counts,
    /// What the file says of the run.
    pub(super) report: Report,
    pub(super) declared: Option<u64>,
    dialect: Dialect,
    stack: Vec<Node>,
    suites: Vec<Suite>,
    case: Option<Case>,
    texts: Vec<Capped>,
    /// Bytes that the texts of the case or suite at hand may still take.
    room: usize,
    window: Window,
    next_suite: u32,
    /// The suite with counts that disagree is told of only where the file is whole.
    whole: bool,
}

type Out<'o> = &'o mut dyn FnMut(Vec<Row>) -> Result<(), SinkError>;

impl<'a> Handler<'a> {
    pub(super) fn new(maker: Maker<'a>) -> Self {
        Self {
            whole: !maker.salvaged,
            maker,
            counts: Counts::default(),
            report: Report::default(),
            declared: None,
            dialect: Dialect::default(),
            stack: Vec::new(),
            suites: Vec::new(),
            case: None,
            texts: Vec::new(),
            room: limits::CASE,
            window: Window::default(),
            next_suite: 0,
        }
    }

    /// Reads to the end, or to where the text is no XML any more: then why.
    pub(super) fn read<R: BufRead>(
        &mut self,
        input: R,
        out: Out<'_>,
    ) -> Result<Option<String>, SinkError> {
        let mut reader = Reader::from_reader(input);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        let mut buffer = Vec::new();
        let problem = loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Eof) => break None,
                Ok(event) => self.event(&event),
                Err(e) => break Some(e.to_string()),
            }
            if self.stack.len() > limits::XML_DEPTH {
                break Some(format!(
                    "elements nest deeper than {} levels",
                    limits::XML_DEPTH
                ));
            }
            let rows = self.window.full();
            if !rows.is_empty() {
                out(rows)?;
            }
        };
        self.finish(problem.is_some());
        out(self.window.rest())?;
        Ok(problem)
    }

    /// Says how many cases share their name with an earlier one, if any do.
    pub(super) fn repeats(&self) -> Option<String> {
        let (n, example) = (self.window.repeats, &self.window.example);
        let cases = text::count(n, "test case");
        (n > 0).then(|| {
            format!("{cases} named like an earlier one, as `{example}`; told apart by occurrence")
        })
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::Empty(tag) => {
                self.start(tag);
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::Comment(text) => self.dialect.learn_comment(text),
            Event::GeneralRef(name) => {
                let mut resolved = String::new();
                let (replaced, undefined) = push_reference(&mut resolved, name);
                self.counts.replaced += replaced;
                self.maker.notes.add_many(notes::ENTITY, undefined, name);
                self.text(&resolved);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let captures = matches!(
            self.stack.last(),
            Some(
                Node::Outcome { .. }
                    | Node::Stack
                    | Node::Out
                    | Node::Err
                    | Node::Property { .. }
                    | Node::Attachment { .. }
                    | Node::Word { .. }
            )
        );
        if captures && let Some(capture) = self.texts.last_mut() {
            capture.push(text, &mut self.room);
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        let name = lower(name.as_ref());
        let name: &str = &name;
        let outer = matches!(self.stack.last(), None | Some(Node::Suite | Node::Group));
        let node = match (self.stack.last(), name) {
            (_, "testsuites" | "testsuite") if outer => {
                self.open_suite(tag, name == "testsuites");
                Node::Suite
            }
            (_, "testcase") if outer => {
                self.room = limits::CASE;
                let attributes = self.attributes(tag);
                self.case = Some(Case {
                    attributes,
                    ..Case::default()
                });
                Node::Case
            }
            (_, "testcase") => {
                self.counts.nested += 1;
                Node::Skip
            }
            (Some(Node::Suite | Node::Case), "properties") => Node::Properties,
            (Some(Node::Properties | Node::Case), "property") => self.open_property(tag),
            (Some(Node::Suite | Node::Case | Node::Outcome { .. }), "system-out") => {
                self.capture(Node::Out)
            }
            (Some(Node::Suite | Node::Case | Node::Outcome { .. }), "system-err") => {
                self.capture(Node::Err)
            }
            (Some(Node::Suite | Node::Case), "attachments") => Node::Attachments,
            (Some(Node::Attachments | Node::Case), "attachment") => self.open_attachment(tag),
            (Some(Node::Outcome { .. }), "stacktrace") => self.capture(Node::Stack),
            (Some(Node::Case), other) => self.open_outcome(tag, other),
            (Some(Node::Suite), "error" | "failure") => self.open_suite_error(tag, name),
            (Some(Node::Skip | Node::Word { .. }), _) => {
                if matches!(Kind::of(name), Some(Kind::Failure | Kind::Error)) || is_doubtful(name)
                {
                    self.doubt(tag.local_name().as_ref());
                }
                Node::Skip
            }
            _ if outer => Node::Group,
            _ => Node::Skip,
        };
        self.stack.push(node);
    }

    fn attributes(&mut self, tag: &BytesStart<'_>) -> Attributes {
        let attributes = Attributes::of(tag);
        self.counts.replaced += attributes.replaced;
        let notes = &mut self.maker.notes;
        notes.add_many(notes::TWICE, attributes.twice, tag.local_name().as_ref());
        notes.add_many(
            notes::ENTITY,
            attributes.undefined,
            tag.local_name().as_ref(),
        );
        attributes
    }

    fn capture(&mut self, node: Node) -> Node {
        self.texts.push(Capped::default());
        node
    }

    fn open_suite(&mut self, tag: &BytesStart<'_>, is_root: bool) {
        let attributes = self.attributes(tag);
        self.room = limits::CASE;
        self.dialect.learn(is_root, &attributes);
        let mut suite = Suite::new(attributes, is_root, self.next_suite);
        self.next_suite = self.next_suite.wrapping_add(1);
        let above = self.suites.last();
        if suite.start.is_none() {
            suite.start = above.and_then(Suite::now).map(|start| (start, true));
        }
        let top = self
            .suites
            .iter()
            .all(|suite| suite.is_root && suite.declared.tests.is_none());
        if top && let Some(tests) = suite.declared.tests {
            self.declared = Some(self.declared.unwrap_or_default().saturating_add(tests));
        }
        self.suites.push(suite);
    }

    fn open_property(&mut self, tag: &BytesStart<'_>) -> Node {
        let mut attributes = self.attributes(tag);
        let value = attributes.get("value").map(str::to_owned);
        let name = attributes.take("name").unwrap_or_default();
        self.capture(Node::Property { name, value })
    }

    fn open_attachment(&mut self, tag: &BytesStart<'_>) -> Node {
        let mut attributes = self.attributes(tag);
        let path = ["path", "src", "href"]
            .into_iter()
            .find_map(|name| attributes.take(name));
        self.capture(Node::Attachment { path })
    }

    fn open_outcome(&mut self, tag: &BytesStart<'_>, name: &str) -> Node {
        let Some(kind) = Kind::of(name) else {
            if WORDS.contains(&name) {
                return self.capture(Node::Word {
                    name: name.to_owned(),
                });
            }
            if is_bad_end(name) {
                self.doubt(tag.local_name().as_ref());
            } else if !matches!(name, "passed" | "open-stdin" | "reports") {
                self.maker.notes.add(UNKNOWN, tag.local_name().as_ref());
            }
            return Node::Skip;
        };
        let attributes = self.attributes(tag);
        if let Some(case) = &mut self.case {
            case.outcomes.push(Outcome::new(kind, attributes));
        }
        self.capture(Node::Outcome { of_suite: false })
    }

    /// Keeps the case at hand from passing.
    fn doubt(&mut self, element: &str) {
        if let Some(case) = &mut self.case {
            case.doubtful = true;
            self.maker.notes.add(DOUBTFUL, element);
        }
    }

    fn open_suite_error(&mut self, tag: &BytesStart<'_>, name: &str) -> Node {
        let kind = if name == "error" {
            Kind::Error
        } else {
            Kind::Failure
        };
        let attributes = self.attributes(tag);
        if let Some(suite) = self.suites.last_mut() {
            suite.own.push(Outcome::new(kind, attributes));
        }
        self.capture(Node::Outcome { of_suite: true })
    }

    /// Closes what is open at the end of a damaged file: a case that already told a failure is
    /// still a failure, and a suite's error still an error.
    fn finish(&mut self, damaged: bool) {
        self.whole &= !damaged && self.stack.is_empty();
        if !self.whole {
            self.maker.salvaged = true;
            let open = self.case.as_ref().map(|case| case.attributes.get("name"));
            if self.dialect.pytest {
                self.window.doubt_last(open.flatten());
            }
        }
        let told = |case: &Case| matches!(case.status(), Status::Failed | Status::Broken);
        if !self.case.as_ref().is_some_and(told) {
            self.case = None;
        }
        while !self.stack.is_empty() {
            self.end();
        }
    }
}

/// Writers differ in the letter case of elements.
fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

/// Elements of a case that may tell how it ended.
const WORDS: [&str; 5] = ["status", "result", "outcome", "state", "verdict"];

/// What an unknown child of a test case is called that tells of a test that came to no good end.
const ENDS: [&str; 9] = [
    "abort",
    "timeout",
    "timedout",
    "crash",
    "cancel",
    "interrupt",
    "exception",
    "broken",
    "killed",
];

/// Whether an unknown child or its word, in lower case, tells of a failure or of no good end.
fn is_bad_end(word: &str) -> bool {
    is_doubtful(word) || ENDS.iter().any(|end| word.contains(end))
}

/// Whether an unknown element, in lower case, sounds like a failure.
fn is_doubtful(name: &str) -> bool {
    name.contains("fail") || name.contains("error")
}
