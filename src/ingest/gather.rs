//! What one file of results gives: rows, and the account of its elements.

use std::collections::HashMap;
use std::io::{self, Read};

use super::attach::Keeper;
use super::junit::key_of;
use super::notes::{self, Notes};
use super::report::add_distinct;
use super::run::Run;
use super::xml::Element;
use super::{AttachmentSource, BundleEntry, Part, Report, Row, SinkError, ids, limits};
use crate::base::{path, text};
use crate::model::{Attachment, Parameter, Status, TestResult};

/// Rows that are handed over together.
const BATCH: usize = 1024;

pub(super) type Out<'o> = &'o mut dyn FnMut(Vec<Row>) -> Result<(), SinkError>;

/// Why reading a file ends early.
#[derive(Debug)]
pub(super) enum Stop {
    Input(io::Error),
    Sink(SinkError),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

impl From<SinkError> for Stop {
    fn from(error: SinkError) -> Self {
        Self::Sink(error)
    }
}

/// What became of the elements.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) read: u64,
    pub(super) merged: u64,
    pub(super) retries: u64,
    pub(super) added: u64,
}

/// Takes what a format reads of one file.
pub(super) struct Gather<'a> {
    pub(super) keeper: Keeper<'a>,
    pub(super) notes: Notes,
    /// What the file says of the run.
    pub(super) report: Report,
    /// How many elements the file itself declares.
    pub(super) declared: Option<u64>,
    /// Where fewer than declared are there, some are lost.
    is_binding: bool,
    /// How many failures the file itself declares, rows of suites and hooks among them.
    pub(super) declared_bad: u64,
    /// What the file says where it calls the run failed, which some failure must show.
    pub(super) ended_badly: Option<String>,
    /// What the file says of failures that no row can stand for.
    pub(super) unshown: Option<String>,
    /// Failures that are told: by rows, and by elements that others stand for.
    pub(super) bad: u64,
    /// A plain count of the file's elements.
    pub(super) elements: u64,
    /// What is wrong with the file; the first problem counts.
    pub(super) problem: Option<String>,
    /// Characters replaced by U+FFFD.
    pub(super) replaced: u64,
    pub(super) counts: Counts,
    entry: &'a BundleEntry,
    bytes: Option<&'a [u8]>,
    rows: Vec<Row>,
    /// How many elements of one name there were.
    seen: HashMap<u64, u32>,
    /// What is told apart by the file itself, by its name and in the order of the file.
    known: HashMap<u64, Vec<String>>,
    repeats: u64,
    example: String,
    out: Out<'a>,
}

impl<'a> Gather<'a> {
    /// `bytes` are the file's where it is held in memory.
    pub(super) fn new(
        run: &'a Run<'a>,
        entry: &'a BundleEntry,
        bytes: Option<&'a [u8]>,
        out: Out<'a>,
    ) -> Self {
        Self {
            keeper: Keeper::new(run, &entry.name),
            notes: Notes::default(),
            report: Report::default(),
            declared: None,
            is_binding: false,
            declared_bad: 0,
            ended_badly: None,
            unshown: None,
            bad: 0,
            elements: 0,
            problem: None,
            replaced: 0,
            counts: Counts::default(),
            entry,
            bytes,
            rows: Vec::new(),
            seen: HashMap::new(),
            known: HashMap::new(),
            repeats: 0,
            example: String::new(),
            out,
        }
    }

    /// Opens the file from its beginning.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read + Send + 'a>> {
        match self.bytes {
            Some(bytes) => Ok(Box::new(bytes)),
            None => self.keeper.run.bundle.open(&self.entry.name),
        }
    }

    pub(super) fn file(&self) -> &'a str {
        &self.entry.name
    }

    /// Says what is wrong. Rows from here on are marked.
    pub(super) fn fault(&mut self, problem: impl Into<String>) {
        self.problem.get_or_insert_with(|| problem.into());
    }

    /// Takes the totals of a report that the process writes which executes the tests: where it declares
    /// more elements than are there, some are lost.
    pub(super) fn declare(&mut self, total: Option<u64>, bad: u64) {
        self.declared = total;
        self.is_binding = true;
        self.declared_bad = bad;
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.problem.is_some()
    }

    /// Takes the row of one element. One named like an earlier one is a test of its own.
    pub(super) fn test(&mut self, row: Row) -> Result<(), SinkError> {
        self.attempts(vec![row])
    }

    /// Takes the attempts that one element tells, the deciding one last.
    pub(super) fn attempts(&mut self, mut rows: Vec<Row>) -> Result<(), SinkError> {
        let n = rows.len();
        let Some(last) = rows.last() else {
            return Ok(());
        };
        let occurrence = self.count(last);
        if let Some(n) = occurrence {
            if self.repeats == 0 {
                let result = &last.result;
                let name = result.full_name.as_ref();
                name.unwrap_or(&result.name).clone_into(&mut self.example);
            }
            self.repeats += 1;
            rows.iter_mut()
                .for_each(|row| row.result.occurrence = Some(n));
        }
        for (at, row) in rows.iter_mut().enumerate().filter(|_| n > 1) {
            row.result.attempt = Some(u32::try_from(at + 1).unwrap_or(u32::MAX));
        }
        self.counts.read += 1;
        self.counts.retries += n as u64 - 1;
        rows[..n - 1]
            .iter_mut()
            .for_each(|row| row.part = Part::Retry);
        rows.into_iter().try_for_each(|row| self.push(row))
    }

    /// Takes the row of one element, which the format numbered itself.
    pub(super) fn numbered(&mut self, row: Row) -> Result<(), SinkError> {
        self.counts.read += 1;
        self.push(row)
    }

    /// Takes the row of one element that the file tells apart from others of its name by `id`; with the
    /// same one it is an attempt, whose number it has.
    pub(super) fn identified(&mut self, mut row: Row, id: String) -> Result<(), SinkError> {
        let known = self.known.entry(key_of(&row)).or_default();
        let at = known.iter().position(|old| *old == id).unwrap_or_else(|| {
            known.push(id);
            known.len() - 1
        });
        row.result.occurrence = (at > 0).then(|| u32::try_from(at + 1).unwrap_or(u32::MAX));
        self.numbered(row)
    }

    /// Takes a row that no element stands for.
    pub(super) fn add(&mut self, mut row: Row) -> Result<(), SinkError> {
        row.result.synthetic = true;
        row.part = Part::Added;
        row.result.occurrence = self.count(&row);
        self.counts.added += 1;
        self.push(row)
    }

    /// Counts a row by its name; returns its number from the second one on.
    fn count(&mut self, row: &Row) -> Option<u32> {
        let seen = self.seen.entry(key_of(row)).or_default();
        *seen = seen.saturating_add(1);
        (*seen > 1).then_some(*seen)
    }

    fn push(&mut self, mut row: Row) -> Result<(), SinkError> {
        row.result.salvaged |= self.is_damaged();
        let is_bad = matches!(row.result.status, Status::Failed | Status::Broken);
        self.bad += u64::from(is_bad && row.part != Part::Retry);
        self.settle_texts(&mut row);
        ids::add_from_name(&mut row.result.ids, &row.result.name);
        for tag in row.result.labels.all("tag") {
            if let Some(id) = ids::from_tag(tag) {
                ids::add(&mut row.result.ids, &id);
            }
        }
        self.rows.push(row);
        if self.rows.len() <= BATCH {
            return Ok(());
        }
        // The last may turn out to be cut.
        let last = self.rows.split_off(BATCH);
        let rows = std::mem::replace(&mut self.rows, last);
        (self.out)(rows)
    }

    /// Takes back that the last row passed: the file ends inside of what told it.
    pub(super) fn doubt_last(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            doubt(row);
        }
    }

    /// Hands over what was taken.
    pub(super) fn flush(&mut self) -> Result<(), SinkError> {
        (self.out)(std::mem::take(&mut self.rows))
    }

    /// Bounds a row's texts; leaves out empty ones; makes sure that it has a name.
    fn settle_texts(&mut self, row: &mut Row) {
        let result = &mut row.result;
        let mut cut = 0_u64;
        if result.name.trim().is_empty() {
            result.name = match &result.full_name {
                Some(full) if !full.trim().is_empty() => full.clone(),
                _ => "unnamed test".to_owned(),
            };
        }
        let names = [&mut result.name].into_iter().chain(&mut result.full_name);
        self.notes.bound_names(names);
        self.notes.level_steps(&mut row.details);
        for (field, name) in [
            (&mut result.message, "message.txt"),
            (&mut result.trace, "trace.txt"),
            (&mut result.expected, "expected.txt"),
            (&mut result.actual, "actual.txt"),
            (&mut result.description, "description.txt"),
            (&mut row.details.stdout, "stdout.txt"),
            (&mut row.details.stderr, "stderr.txt"),
        ] {
            *field = field.take().filter(|text| !text.trim().is_empty());
            let Some(text) = field.as_mut().filter(|text| text.len() > limits::FIELD) else {
                continue;
            };
            let source = AttachmentSource::Bytes(text.as_bytes());
            let kept = self
                .keeper
                .keep(result.status, name, Some("text/plain"), source);
            result.attachments.push(kept);
            limits::bound(text);
            cut += 1;
        }
        self.notes
            .add_many(notes::ATTACHED, cut, self.entry.name.as_str());
    }

    /// Attaches bytes that a report holds itself.
    pub(super) fn attach_bytes(
        &self,
        result: &mut TestResult,
        name: &str,
        media_type: Option<&str>,
        bytes: &[u8],
    ) {
        let source = AttachmentSource::Bytes(bytes);
        let name = if name.is_empty() { "attachment" } else { name };
        let kept = self.keeper.keep(result.status, name, media_type, source);
        result.attachments.push(kept);
    }

    /// Keeps a text of the run as its attachment.
    pub(super) fn run_text(&mut self, status: Status, name: &str, said: &str) {
        if said.trim().is_empty() {
            return;
        }
        let source = AttachmentSource::Bytes(said.as_bytes());
        let kept = self.keeper.keep(status, name, Some("text/plain"), source);
        self.report.attachments.push(kept);
    }

    /// Keeps what a file attaches to the run.
    pub(super) fn run_attachment(&mut self, attachment: Attachment) {
        self.report.attachments.push(attachment);
    }

    /// Keeps what a producer says of the run: as environment where it is declared.
    pub(super) fn say(&mut self, name: &str, value: &str) {
        if name.is_empty() || value.trim().is_empty() {
            return;
        }
        let value = limits::masked(name, value);
        let report = &mut self.report;
        if self.keeper.run.options.declares(name) {
            add_distinct(&mut report.environment, name, &value);
        } else if report.properties.len() < 200 && report.properties.all(name).len() < 20 {
            add_distinct(&mut report.properties, name, &value);
        } else if !report.properties.all(name).iter().any(|old| *old == value) {
            self.notes.add(notes::MANY_PROPERTIES, name);
        }
    }

    /// Counts the keys of an object that are not among the known ones.
    pub(super) fn unknown(&mut self, value: &serde_json::Value, known: &[&str]) {
        let Some(map) = value.as_object() else {
            return;
        };
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            self.notes.add(notes::UNKNOWN_FIELD, key);
        }
    }

    /// Counts the children of an element that are not among the known ones.
    pub(super) fn unknown_children(&mut self, element: &Element, known: &[&str]) {
        for child in &element.children {
            if !known.contains(&child.name.as_str()) {
                self.notes.add(notes::UNKNOWN_ELEMENT, &child.name);
            }
        }
    }

    /// Adds a row for failures that the file declares and no row tells: they never turn green.
    fn show_failures(&mut self) -> Result<(), SinkError> {
        let ended = self.ended_badly.take().filter(|_| self.bad == 0);
        let message = if let Some(unshown) = self.unshown.take() {
            unshown
        } else if self.declared_bad > self.bad {
            let declared = text::count(self.declared_bad, "failure");
            let told = match self.bad {
                0 => "none".to_owned(),
                n => text::thousands(n),
            };
            format!("the report declares {declared}, and its tests show {told}")
        } else if let Some(ended) = ended {
            format!("{ended}, and no test shows why")
        } else {
            return Ok(());
        };
        let name = "failures that no test shows";
        let result = TestResult {
            name: name.to_owned(),
            full_name: Some(format!("{}: {name}", path::file_name(self.file()))),
            status: Status::Broken,
            message: Some(message),
            ..TestResult::default()
        };
        self.add(Row {
            result,
            ..Row::default()
        })
    }

    /// Ends the file; what was counted and not read is dropped, and said.
    pub(super) fn finish(&mut self, noun: &str) -> Result<(), SinkError> {
        self.show_failures()?;
        self.flush()?;
        let found = self.counts.read + self.counts.merged;
        let counted = self.elements;
        self.elements = found.max(counted);
        let there = self.elements;
        if let Some(problem) = lost_texts(&self.notes) {
            self.fault(problem);
        }
        if let Some(declared) = self.declared.filter(|n| self.is_binding && *n > there) {
            let declared = text::count(declared, noun);
            let verb = if there == 1 { "is" } else { "are" };
            let there = text::thousands(there);
            self.fault(format!("declares {declared}, {there} {verb} there"));
        }
        let dropped = self.elements - found;
        if dropped > 0 {
            self.fault(format!("{} not read", text::count(dropped, noun)));
        } else if found > counted {
            self.fault(format!(
                "{} read where {counted} were counted",
                text::count(found, noun)
            ));
        }
        if self.repeats > 0 {
            let tests = text::count(self.repeats, noun);
            let example = &self.example;
            self.notes.line(format!(
                "{tests} named like an earlier one, as `{example}`; told apart by occurrence"
            ));
        }
        Ok(())
    }
}

/// Takes back that a row passed or was skipped: the file ends inside of what told it.
pub(super) fn doubt(row: &mut Row) {
    if matches!(row.result.status, Status::Passed | Status::Skipped) {
        row.result.status = Status::Unknown;
        row.result.message = Some("the file ends before it says how the test ended".to_owned());
    }
}

/// Says what of a file's texts is in no row and no attachment.
pub(super) fn lost_texts(notes: &Notes) -> Option<String> {
    let elided = notes.count(notes::ELIDED);
    let many = notes.count(notes::TOO_MANY);
    let names = notes.count(notes::LONG_NAME);
    match (elided, many, names) {
        (0, 0, 0) => None,
        (0, 0, n) => Some(format!(
            "{} longer than 4 KiB, cut there: {}",
            text::count(n, "name"),
            notes::SHORTEN
        )),
        (0, n, _) => Some(format!(
            "{} of tests too large to keep left out",
            text::count(n, "element")
        )),
        (n, ..) => Some(format!(
            "{} of texts beyond 16 MiB left out",
            text::count(n, "byte")
        )),
    }
}

/// Adds a label. One whose name is longer than names of labels are is a property instead, whole.
pub(super) fn add_label(result: &mut TestResult, name: &str, value: &str) {
    match name.chars().nth(limits::LABEL_NAME) {
        None => result.labels.add(name, value),
        Some(_) => result.properties.add("label", format!("{name}: {value}")),
    }
}

/// Names a parameter that has a value and no name by its place, from 0; none where there is neither.
pub(super) fn nameless(place: usize, has_value: bool) -> Option<String> {
    has_value.then(|| format!("arg{place}"))
}

/// A parameter that is shown.
pub(super) fn parameter(name: &str, value: impl Into<String>) -> Parameter {
    Parameter {
        name: name.to_owned(),
        value: Some(value.into()),
        ..Parameter::default()
    }
}

/// Sets the groups of a path: one level is a suite, two have a parent, more go below.
pub(super) fn set_suites(result: &mut TestResult, path: &[String]) {
    let path: Vec<&String> = path.iter().filter(|part| !part.trim().is_empty()).collect();
    match path.as_slice() {
        [] => {}
        [suite] => result.labels.add("suite", suite.as_str()),
        [parent, suite, below @ ..] => {
            result.labels.add("parentSuite", parent.as_str());
            result.labels.add("suite", suite.as_str());
            if !below.is_empty() {
                let below: Vec<&str> = below.iter().map(|part| part.as_str()).collect();
                result.labels.add("subSuite", below.join(" > "));
            }
        }
    }
    result.title_path = path.into_iter().cloned().collect();
}

/// Splits `name(args)` and `name[args]` where the brackets end the name.
pub(super) fn split_arguments(name: &str) -> Option<(&str, &str)> {
    let (open, close) = match name.as_bytes().last()? {
        b')' => ('(', ')'),
        b']' => ('[', ']'),
        _ => return None,
    };
    let (base, rest) = name.split_once(open)?;
    let arguments = rest.strip_suffix(close)?;
    (!base.trim().is_empty()).then_some((base.trim_end(), arguments))
}

/// Where a file lies, as people name it: with `/`, below the folder where it is known.
pub(super) fn place(file: &str, root: &str) -> String {
    let file = file
        .strip_prefix("file://")
        .unwrap_or(file)
        .replace('\\', "/");
    let root = root.replace('\\', "/");
    let root = root.trim_end_matches('/');
    let below = file
        .strip_prefix(root)
        .and_then(|rest| rest.strip_prefix('/'))
        .filter(|_| !root.is_empty());
    below.unwrap_or(&file).trim_start_matches("./").to_owned()
}

/// Adds the message of another failure on lines of its own.
pub(super) fn join(field: &mut Option<String>, more: &str, gap: &str) {
    if more.trim().is_empty() {
        return;
    }
    match field {
        Some(old) if old.contains(more) => {}
        Some(old) if old.len() > limits::TEXT => {}
        Some(old) => {
            old.push_str(gap);
            old.push_str(more);
        }
        None => *field = Some(more.to_owned()),
    }
}

/// Whether a message sounds like a check that did not hold, as opposed to a test that broke.
pub(super) fn is_assertion(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "assert",
        "expect(",
        "expected",
        "comparisonfailure",
        "shouldly",
        "to equal",
        "to be ",
        "not equal",
        "multipleexception",
    ];
    let text = text.get(..4096.min(text.len())).unwrap_or(text);
    let text = text.to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_from_names() {
        assert_eq!(split_arguments("Add(1, (2))"), Some(("Add", "1, (2)")));
        assert_eq!(split_arguments("a[x][y]"), Some(("a", "x][y")));
        assert_eq!(split_arguments("Add"), None);
        assert_eq!(split_arguments("(x)"), None);
    }

    #[test]
    fn places_are_below_their_root() {
        assert_eq!(place("C:\\w\\a\\b.cs", "C:\\w"), "a/b.cs");
        assert_eq!(place("/w/a.py", "/w/"), "a.py");
        assert_eq!(place("/wider/a.py", "/w"), "/wider/a.py");
        assert_eq!(place("./a.py", ""), "a.py");
    }
}
