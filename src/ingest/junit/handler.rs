//! The events of an XML reader → cases and suites.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::case::{Case, Kind, Outcome};
use super::rows::Maker;
use super::suite::{Dialect, Suite};
use super::window::{Added, Window};
use crate::base::text;
use crate::ingest::notes::{self, Kind as Note};
use crate::ingest::report::add_distinct;
use crate::ingest::xml::{Attributes, Capped, push_reference, trim_line_breaks};
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
            (Some(Node::Skip), _) => {
                if matches!(Kind::of(name), Some(Kind::Failure | Kind::Error)) || is_doubtful(name)
                {
                    self.doubt(tag);
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
            if is_doubtful(name) || ENDS.iter().any(|word| name.contains(word)) {
                self.doubt(tag);
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
    fn doubt(&mut self, tag: &BytesStart<'_>) {
        if let Some(case) = &mut self.case {
            case.doubtful = true;
            self.maker.notes.add(DOUBTFUL, tag.local_name().as_ref());
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

    fn end(&mut self) {
        let Some(node) = self.stack.pop() else {
            return;
        };
        match node {
            Node::Suite => self.end_suite(),
            Node::Case => self.end_case(),
            Node::Outcome { of_suite } => {
                let text = self.texts.pop().unwrap_or_default();
                if let Some(outcome) = self.outcome(of_suite) {
                    outcome.text = text;
                }
            }
            Node::Stack => {
                let text = self.texts.pop().unwrap_or_default();
                let of_suite = matches!(self.stack.last(), Some(Node::Outcome { of_suite: true }));
                if let Some(outcome) = self.outcome(of_suite) {
                    outcome.stack.join(text);
                }
            }
            Node::Out => self.end_output(false),
            Node::Err => self.end_output(true),
            Node::Property { name, value } => self.end_property(name, value),
            Node::Attachment { path } => {
                let text = self.texts.pop().unwrap_or_default().text.trim().to_owned();
                let path = path.or(Some(text).filter(|text| !text.is_empty()));
                if let (Some(path), Some(case)) = (path, &mut self.case) {
                    case.attachments.push(path);
                }
            }
            Node::Properties | Node::Attachments | Node::Group | Node::Skip => {}
        }
    }

    fn outcome(&mut self, of_suite: bool) -> Option<&mut Outcome> {
        if of_suite {
            self.suites.last_mut()?.own.last_mut()
        } else {
            self.case.as_mut()?.outcomes.last_mut()
        }
    }

    fn end_output(&mut self, is_err: bool) {
        let text = self.texts.pop().unwrap_or_default();
        let text = Capped {
            text: trim_line_breaks(&text.text).to_owned(),
            cut: text.cut,
        };
        let pair = match self.stack.last() {
            Some(Node::Outcome { of_suite }) => {
                let of_suite = *of_suite;
                self.outcome(of_suite).map(|o| (&mut o.out, &mut o.err))
            }
            Some(Node::Case) => self.case.as_mut().map(|c| (&mut c.out, &mut c.err)),
            _ => self.suites.last_mut().map(|s| (&mut s.out, &mut s.err)),
        };
        if let Some((out, err)) = pair {
            let target = if is_err { err } else { out };
            target.join(text);
        }
    }

    fn end_property(&mut self, name: String, value: Option<String>) {
        let text = self.texts.pop().unwrap_or_default();
        let value = match value {
            Some(value) if text.is_blank() || !value.is_empty() => value,
            _ => trim_line_breaks(&text.text).to_owned(),
        };
        if name.is_empty() {
            return;
        }
        if let Some(case) = &mut self.case {
            case.properties.push((name, value));
        } else if let Some(suite) = self.suites.last_mut() {
            suite.properties.push((name, value));
        }
    }

    fn end_case(&mut self) {
        let Some(case) = self.case.take() else {
            return;
        };
        let plain = case.is_plain();
        let (rows, time) = self.maker.rows(case, &self.suites, self.dialect);
        let bad = rows
            .last()
            .is_some_and(|row| matches!(row.result.status, Status::Failed | Status::Broken));
        let retries = rows.len().saturating_sub(1) as u64;
        let suite = match self.suites.last_mut() {
            Some(suite) => {
                suite.elapsed = suite.elapsed.saturating_add(time.unwrap_or_default());
                suite.seen.cases += 1;
                suite.seen.bad += u64::from(bad);
                suite.id
            }
            None => u32::MAX,
        };
        match self.window.add(rows, suite, plain, self.dialect.pytest) {
            Added::Joined => self.counts.merged += 1,
            // The earlier element is a part of this one now.
            Added::Rerun => {
                self.counts.merged += 1;
                self.counts.retries += 1;
            }
            Added::Own => {
                self.counts.read += 1;
                self.counts.retries += retries;
            }
        }
    }

    fn end_suite(&mut self) {
        let Some(mut suite) = self.suites.pop() else {
            return;
        };
        let declared = suite.declared;
        let empty = suite.seen.cases == 0 && suite.seen.added == 0;
        // An assertion that fails in a case that is expected to fail is no failure.
        let counts = self.whole && (empty || !self.dialect.counts_assertions);
        let declares = declared.errors > 0 || declared.failures > 0;
        if suite.own.is_empty() && counts && declares && suite.seen.bad == 0 {
            let mut outcome = Outcome::new(Kind::Error, Attributes::default());
            let shown = match suite.seen.cases {
                0 => "holds no test case",
                _ => "no test case of it shows one",
            };
            outcome.message = Some(format!(
                "the suite declares {} and {}, and {shown}",
                text::count(declared.errors, "error"),
                text::count(declared.failures, "failure")
            ));
            suite.own.push(outcome);
        }
        if suite.own.is_empty() {
            let kept = self.maker.suite_output(&suite);
            self.report.attachments.extend(kept);
        } else {
            let status = Status::worst(suite.own.iter().map(|o| o.kind.status()));
            let row = self
                .maker
                .suite_row(&suite, &self.suites, status.unwrap_or(Status::Broken));
            let added = self.window.add(vec![row], suite.id, false, false);
            self.counts.added += u64::from(added != Added::Joined);
            suite.seen.added += 1;
            suite.seen.bad += 1;
        }
        self.compare_counts(&suite);
        self.report_properties(&suite);
        if let Some(above) = self.suites.last_mut() {
            above.absorb(&suite);
        }
    }

    /// Holds what a suite declares against what was seen. Counts are unreliable (some writers
    /// count assertions), so they are worth a note at most.
    fn compare_counts(&mut self, suite: &Suite) {
        let Some(tests) = suite
            .declared
            .tests
            .filter(|_| self.whole && !self.dialect.counts_assertions)
        else {
            return;
        };
        let name = if suite.name.is_empty() {
            self.maker.keeper.file
        } else {
            &suite.name
        };
        let todo = suite.seen.cases.saturating_sub(tests);
        if self.dialect.jest && todo > 0 {
            if !suite.is_root {
                self.skip_todo(suite, todo);
            }
        } else if tests != suite.seen.cases {
            self.maker.notes.add(COUNTS, name);
        }
    }

    /// Marks the cases that jest leaves out of its count: those that are to be written yet. The
    /// file shows them like passed ones; where it doesn't say which they are, only a note does.
    fn skip_todo(&mut self, suite: &Suite, todo: u64) {
        let is_todo = |row: &Row| {
            let name = row.result.name.to_ascii_lowercase();
            name.split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "todo")
        };
        let idle: Vec<_> = self
            .window
            .of_suite(suite.id)
            .filter(|w| w.plain && w.row.result.duration.unwrap_or_default() == 0)
            .collect();
        let named = idle.iter().filter(|w| is_todo(&w.row)).count() as u64;
        let all = idle.len() as u64 == todo;
        let known = all || named == todo;
        for waiting in idle
            .into_iter()
            .filter(|w| known && (all || is_todo(&w.row)))
        {
            waiting.row.result.status = Status::Skipped;
            waiting.row.result.message = Some("todo".to_owned());
        }
        if !known {
            let tests = text::count(todo, "test");
            let name = &suite.name;
            self.maker.notes.line(format!(
                "{tests} of `{name}` are not counted by the producer, so not written yet; \
                 which ones the file doesn't say, and they count as passed"
            ));
        }
    }

    /// Takes a suite's properties as the environment, where declared, or as properties of the run.
    fn report_properties(&mut self, suite: &Suite) {
        const JAVA: [&str; 5] = [
            "java.version",
            "java.vendor",
            "os.name",
            "os.arch",
            "os.version",
        ];
        let is_java = suite
            .properties
            .iter()
            .any(|(name, _)| name == "java.version");
        for (name, value) in &suite.properties {
            let value = limits::masked(name, value);
            if self.maker.keeper.run.options.declares(name) {
                add_distinct(&mut self.report.environment, name, &value);
            } else if is_java && !JAVA.contains(&name.as_str()) {
                self.maker
                    .notes
                    .line("system properties of the Java machine left out");
            } else if self.report.properties.len() < 200
                && self.report.properties.all(name).len() < 20
            {
                add_distinct(&mut self.report.properties, name, &value);
            } else if !self
                .report
                .properties
                .all(name)
                .iter()
                .any(|old| *old == value)
            {
                self.maker.notes.add(notes::MANY_PROPERTIES, name);
            }
        }
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

/// Whether an unknown element, in lower case, sounds like a failure.
fn is_doubtful(name: &str) -> bool {
    name.contains("fail") || name.contains("error")
}
