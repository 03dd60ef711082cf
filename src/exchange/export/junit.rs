//! JUnit XML as most readers take it: one level of suites, Surefire's elements for attempts.

use std::collections::{BTreeMap, HashSet};

use super::attached::Places;
use super::{Attempt, Document, Export, Exported, own, xml};
use crate::model::{Attachment, Status, TestResult};

/// What tells our files: their root's name, which our reader knows too.
const ROOT: &str = "<testsuites name=\"Tallybook\"";

/// Writes one `testsuite` for each group of tests, sorted by name. Attachments lie in `folder`, beside the file;
/// without one they are left out.
pub fn junit(export: &Export<'_>, folder: Option<&str>) -> Document {
    let mut suites: BTreeMap<String, Vec<&Exported<'_>>> = BTreeMap::new();
    for one in &export.results {
        suites.entry(suite(one, export)).or_default().push(one);
    }
    let mut out = Document::default();
    out.left.alike = export.alike();
    let mut writer = Writer {
        places: Places::new(folder),
        names: HashSet::new(),
    };
    let mut body = String::new();
    for (name, mut tests) in suites {
        // Readers count tests of one name by their places.
        tests.sort_by_key(|one| one.last.row.occurrence.unwrap_or(1));
        writer.suite(&mut body, &name, &tests, &mut out);
    }
    let all: Vec<&Exported<'_>> = export.results.iter().collect();
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{ROOT}");
    counts(&mut text, &all);
    text.push_str(">\n");
    text.push_str(&body);
    text.push_str("</testsuites>\n");
    Document {
        files: Document::one(text.into_bytes()).files,
        ..out
    }
}

/// The group that a test belongs to: groups above it as one, else its class, else the launch.
fn suite(one: &Exported<'_>, export: &Export<'_>) -> String {
    let row = one.last.row;
    let label = || row.labels.first("suite").map(str::to_owned);
    let path = Some(row.title_path.join(" > ")).filter(|path| !path.trim().is_empty());
    let named = path
        .or_else(label)
        .or_else(|| Some(class(row)))
        .filter(|name| !name.trim().is_empty());
    named.unwrap_or_else(|| export.launch.name.to_owned())
}

/// The class: what stands before the name in the full name, else all of that, else the name.
fn class(row: &TestResult) -> String {
    let full = row.full_name.as_deref().unwrap_or(&row.name);
    let before = full
        .strip_suffix(row.name.as_str())
        .map(|rest| rest.trim_end_matches([' ', '>', '.', '#', ':', '/']))
        .filter(|rest| !rest.is_empty());
    before.unwrap_or(full).to_owned()
}

fn counts(out: &mut String, tests: &[&Exported<'_>]) {
    let of = |wanted: &[Status]| {
        let fitting = tests
            .iter()
            .filter(|one| wanted.contains(&one.last.row.status));
        fitting.count().to_string()
    };
    let ms: u64 = tests
        .iter()
        .filter_map(|one| one.last.row.duration)
        .fold(0, u64::saturating_add);
    xml::attribute(out, "tests", &tests.len().to_string());
    xml::attribute(out, "failures", &of(&[Status::Failed]));
    xml::attribute(out, "errors", &of(&[Status::Broken]));
    let skipped = [Status::Skipped, Status::Unknown, Status::InProgress];
    xml::attribute(out, "skipped", &of(&skipped));
    xml::attribute(out, "time", &seconds(ms));
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

struct Writer<'a> {
    places: Places<'a>,
    /// Class and name of what was written: many readers want each pair once.
    names: HashSet<(String, String)>,
}

impl Writer<'_> {
    fn suite(
        &mut self,
        text: &mut String,
        name: &str,
        tests: &[&Exported<'_>],
        out: &mut Document,
    ) {
        text.push_str("  <testsuite");
        xml::attribute(text, "name", name);
        counts(text, tests);
        let starts: Option<Vec<_>> = tests.iter().map(|one| one.last.row.start).collect();
        // Readers derive starts from it, which none may want for that has none.
        if let Some(start) = starts.and_then(|starts| starts.into_iter().min()) {
            xml::attribute(text, "timestamp", &start.format("%Y-%m-%dT%H:%M:%S"));
        }
        text.push_str(">\n");
        for one in tests {
            self.case(text, one, out);
        }
        text.push_str("  </testsuite>\n");
    }

    fn case(&mut self, text: &mut String, one: &Exported<'_>, out: &mut Document) {
        let Written {
            own,
            inner,
            element,
        } = written(one, out);
        let row = own.row;
        let class = class(one.last.row);
        let name = self.name(&class, one);
        text.push_str("    <testcase");
        xml::attribute(text, "name", &name);
        xml::attribute(text, "classname", &class);
        if let Some(ms) = row.duration {
            xml::attribute(text, "time", &seconds(ms));
        }
        if let Some(start) = row.start {
            xml::attribute(text, "timestamp", &start.to_string());
        }
        if let Some(file) = &row.file {
            xml::attribute(text, "file", file);
        }
        if let Some(line) = row.line {
            xml::attribute(text, "line", &line.to_string());
        }
        text.push_str(">\n      <properties>\n        <property name=\"tallybook.result\"");
        let last = one.last.row;
        let attached = self.places.take(own, out);
        let inner: Vec<_> = { inner.into_iter() }
            .map(|attempt| (attempt, self.places.take(attempt, out)))
            .collect();
        // What a path does not tell of a file: its name and its type.
        let of_inner = inner.iter().flat_map(|(_, attached)| attached);
        let named = attached
            .iter()
            .chain(of_inner)
            .map(|(one, path)| Attachment {
                file: Some(path.clone()),
                ..(*one).clone()
            });
        let said = own::fields(last, needs_texts(last), named.collect()).to_string();
        // All else that XML can't hold JSON has escaped already.
        let said = said
            .replace('\u{fffe}', "\\ufffe")
            .replace('\u{ffff}', "\\uffff");
        xml::attribute(text, "value", &said);
        text.push_str("/>\n      </properties>\n");
        outcome(text, row);
        for (attempt, attached) in &inner {
            let name = match attempt.row.status {
                Status::Broken => format!("{element}Error"),
                _ => format!("{element}Failure"),
            };
            inner_attempt(text, &name, attempt, attached);
        }
        output(text, 6, own, &attached);
        text.push_str("    </testcase>\n");
    }

    /// The name with its parameters, and with the job or a number where that is not enough.
    fn name(&mut self, class: &str, one: &Exported<'_>) -> String {
        let row = one.last.row;
        let shown = row.parameters.iter().filter(|p| !p.excluded);
        let values: Vec<String> = shown
            .filter_map(|p| Some(format!("{}={}", p.name, p.value.as_deref()?)))
            .collect();
        let name = match values.is_empty() {
            true => row.name.clone(),
            false => format!("{} [{}]", row.name, values.join(", ")),
        };
        let with_job = format!("{name} ({})", one.last.job.name);
        let numbered = (2_u32..).map(|n| format!("{name} #{n}"));
        let mut names = [name.clone(), with_job].into_iter().chain(numbered);
        let is_new = |name: &String| self.names.insert((class.to_owned(), name.clone()));
        names.find(is_new).unwrap_or(name)
    }
}

fn inner_attempt(
    text: &mut String,
    name: &str,
    attempt: &Attempt<'_>,
    attached: &[(&Attachment, String)],
) {
    let row = attempt.row;
    text.push_str("      <");
    text.push_str(name);
    texts(text, row);
    if let Some(ms) = row.duration {
        xml::attribute(text, "time", &seconds(ms));
    }
    if let Some(start) = row.start {
        xml::attribute(text, "timestamp", &start.to_string());
    }
    text.push_str(">\n");
    if let Some(trace) = &row.trace {
        text.push_str("        <stackTrace>");
        xml::text(text, trace);
        text.push_str("</stackTrace>\n");
    }
    output(text, 8, attempt, attached);
    text.push_str("      </");
    text.push_str(name);
    text.push_str(">\n");
}

/// Which attempt the element itself tells, and which stand in it.
struct Written<'e, 'a> {
    own: &'e Attempt<'a>,
    inner: Vec<&'e Attempt<'a>>,
    /// `flaky` where the last one passed, `rerun` where all failed.
    element: &'static str,
}

fn written<'e, 'a>(one: &'e Exported<'a>, out: &mut Document) -> Written<'e, 'a> {
    let is_bad = |attempt: &&Attempt<'_>| attempt.row.status.needs_resolution();
    let last = &one.last;
    let bad: Vec<&Attempt<'a>> = one.retries.iter().filter(is_bad).collect();
    let mut left = (one.retries.len() - bad.len()) as u64;
    let written = match last.row.status {
        Status::Passed => Written {
            own: last,
            inner: bad,
            element: "flaky",
        },
        Status::Failed | Status::Broken => {
            let all: Vec<&Attempt<'a>> = bad.into_iter().chain([last]).collect();
            Written {
                own: all[0],
                inner: all[1..].to_vec(),
                element: "rerun",
            }
        }
        Status::Skipped | Status::Unknown | Status::InProgress => {
            left += bad.len() as u64;
            Written {
                own: last,
                inner: Vec::new(),
                element: "rerun",
            }
        }
    };
    out.left.attempts += left;
    written
}

/// Whether message and trace would not come back from what XML says of them.
fn needs_texts(row: &TestResult) -> bool {
    let (message, trace) = (row.message.as_deref(), row.trace.as_deref());
    let is_odd = |text: &str| xml::loses(text) || text != text.trim();
    message.is_some_and(is_odd)
        || trace.is_some_and(is_odd)
        || trace.is_some() && (message.is_none() || message == trace)
        || row.status == Status::Passed && (message.is_some() || trace.is_some())
        || matches!(row.status, Status::Unknown | Status::InProgress)
}

fn texts(text: &mut String, row: &TestResult) {
    if let Some(message) = &row.message {
        xml::attribute(text, "message", message);
    }
    if let Some(kind) = row.properties.first("type") {
        xml::attribute(text, "type", kind);
    }
}

fn outcome(text: &mut String, row: &TestResult) {
    let (element, said) = match row.status {
        Status::Passed => return,
        Status::Failed => ("failure", None),
        Status::Broken => ("error", None),
        Status::Skipped => ("skipped", None),
        Status::Unknown => ("skipped", Some("unknown")),
        Status::InProgress => ("skipped", Some("in progress")),
    };
    text.push_str("      <");
    text.push_str(element);
    match said {
        Some(said) => xml::attribute(text, "message", said),
        None => texts(text, row),
    }
    text.push('>');
    if let Some(trace) = &row.trace {
        xml::text(text, trace);
    }
    text.push_str("</");
    text.push_str(element);
    text.push_str(">\n");
}

/// Writes what was printed, and the attachments where Jenkins and others look for them.
fn output(
    text: &mut String,
    indent: usize,
    attempt: &Attempt<'_>,
    attached: &[(&Attachment, String)],
) {
    let details = attempt.details;
    let mut printed = details
        .and_then(|details| details.stdout.clone())
        .unwrap_or_default();
    for (_, path) in attached {
        if !printed.is_empty() && !printed.ends_with('\n') {
            printed.push('\n');
        }
        printed.push_str(&format!("[[ATTACHMENT|{path}]]\n"));
    }
    let stderr = details.and_then(|details| details.stderr.as_deref());
    for (name, said) in [
        ("system-out", Some(printed.as_str())),
        ("system-err", stderr),
    ] {
        let Some(said) = said.filter(|said| !said.is_empty()) else {
            continue;
        };
        text.push_str(&" ".repeat(indent));
        text.push_str(&format!("<{name}>"));
        xml::text(text, said);
        text.push_str(&format!("</{name}>\n"));
    }
}
