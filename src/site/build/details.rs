//! What one result's view shows beyond its row: message, steps, attachments, retries.

use serde::Serialize;

use super::attachments::{Attachments, From, Placed};
use super::rerun;
use super::rows::Row;
use crate::analysis::expectation::expectation;
use crate::analysis::frames::{Kind, kinds};
use crate::exchange::tracker;
use crate::model::{Attachment, Details, Link, Parameter, ProjectFile, Step, TestResult};
use crate::site::markdown::{html_to_text, is_safe_url};
use crate::site::pages::Writer;
use crate::site::texts::say;
use crate::site::{SiteError, words};

/// The most bytes of one text.
const TEXT: usize = 64 << 10;
/// The most steps of one result, nested ones counted; the rest is said to be left out.
const STEPS: usize = 2_000;
/// The deepest nesting of steps that is kept.
const DEPTH: usize = 32;

/// One execution in full. Names are those of the script that shows them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Detail {
    #[serde(skip_serializing_if = "String::is_empty")]
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    trace: String,
    /// What the trace's lines are, as [`frames`] says it.
    #[serde(skip_serializing_if = "String::is_empty")]
    frames: String,
    /// What the producer says, or what its message does.
    #[serde(skip_serializing_if = "String::is_empty")]
    expected: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    actual: String,
    /// The producer says left (`actual`) and right (`expected`), not which of them was expected.
    #[serde(skip_serializing_if = "is_false")]
    sides: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<(String, String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Placed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    before: Vec<StepDetail>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepDetail>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    after: Vec<StepDetail>,
    #[serde(skip_serializing_if = "String::is_empty")]
    stdout: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    stderr: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<(String, String)>,
    #[serde(skip_serializing_if = "String::is_empty")]
    place: String,
    /// What the file says of this reading: `salvaged`, `start assumed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retries: Vec<Retry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resolution: Vec<Resolution>,
    #[serde(skip_serializing_if = "String::is_empty")]
    category: String,
    /// Runner, line: what executes the test again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rerun: Vec<(&'static str, String)>,
    #[serde(skip_serializing_if = "is_zero")]
    steps_left_out: usize,
}

/// What resolves a failure: kind, id, title, owner, page; the page is empty where it has none.
pub(crate) type Resolution = (&'static str, String, String, String, String);

fn is_zero(n: &usize) -> bool {
    *n == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// What the lines of a trace are, run by run: how many, and `o` for own frames, `l` for those of libraries, `.` for
/// anything else; as `1.2l1o`. Empty where no line is a frame.
pub(crate) fn frames(trace: &str) -> String {
    let mut out = String::new();
    let kinds = kinds(trace);
    if kinds.iter().all(|kind| *kind == Kind::Text) {
        return out;
    }
    for run in kinds.chunk_by(|a, b| a == b) {
        let letter = match run[0] {
            Kind::Own => 'o',
            Kind::Library => 'l',
            Kind::Text => '.',
        };
        out.push_str(&format!("{}{letter}", run.len()));
    }
    out
}

#[derive(Debug, Serialize)]
struct Retry {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    detail: Detail,
}

#[derive(Debug, Default, Serialize)]
struct StepDetail {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    trace: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    frames: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Placed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepDetail>,
}

/// Makes details of results, placing their attachments on the way.
pub(crate) struct Maker<'m, 'w, 'o> {
    pub(crate) from: From<'m>,
    pub(crate) attachments: &'m mut Attachments,
    pub(crate) writer: &'w mut Writer<'o>,
}

/// One execution, and its details where they were kept.
pub(crate) type Executed<'a> = (Option<&'a TestResult>, Option<&'a Details>);

impl Maker<'_, '_, '_> {
    /// Returns what a row's view shows beyond the row, or `None` where that is nothing. `find`
    /// gives executions by their result's id.
    pub(crate) fn of_row<'a>(
        &mut self,
        row: &Row<'_>,
        resolution: Vec<Resolution>,
        find: &dyn Fn(&str) -> Executed<'a>,
    ) -> Result<Option<Detail>, SiteError> {
        let mut detail = match find(&row.outcome.id) {
            (Some(result), details) => self.of_result(result, details)?,
            (None, _) => match self.from.said.removal_below("results/") {
                Some(removal) => Detail {
                    remarks: vec![say!(
                        "details.results-removed",
                        removed = words::removed(&removal)
                    )],
                    ..Detail::default()
                },
                None => return Ok(None),
            },
        };
        for id in &row.outcome.retries {
            if let (Some(retry), details) = find(id) {
                detail.retries.push(Retry {
                    status: retry.status.as_str(),
                    start: retry.start.map(|s| s.to_string()),
                    duration: retry.duration,
                    detail: self.of_result(retry, details)?,
                });
            }
        }
        if let (true, Some(result)) = (row.outcome.status.needs_resolution(), row.result) {
            detail.rerun = rerun::commands(result);
        }
        detail.resolution = resolution;
        detail.category = row
            .outcome
            .category
            .as_deref()
            .map_or(String::new(), words::line);
        Ok((!detail.is_empty()).then_some(detail))
    }

    fn of_result(
        &mut self,
        result: &TestResult,
        details: Option<&Details>,
    ) -> Result<Detail, SiteError> {
        let text = |t: &Option<String>| {
            t.as_deref()
                .map_or(String::new(), |t| words::clean(t, TEXT))
        };
        let mut left = STEPS;
        let mut detail = Detail {
            message: text(&result.message),
            trace: text(&result.trace),
            expected: text(&result.expected),
            actual: text(&result.actual),
            description: description(result),
            links: (result.links.iter())
                .map(|one| link(self.from.settings, one))
                .collect(),
            attachments: self.placed(&result.attachments)?,
            properties: pairs(result),
            place: place(result),
            remarks: remarks(result),
            ..Detail::default()
        };
        detail.frames = frames(&detail.trace);
        if result.status.needs_resolution()
            && detail.expected.is_empty()
            && detail.actual.is_empty()
            && let Some(told) = expectation(&detail.message, &detail.trace)
        {
            (detail.expected, detail.actual) = (told.expected, told.actual);
            detail.sides = told.sides;
        }
        let lost = self.from.said.removal_below("details/");
        if let (None, Some(removal)) = (details, &lost) {
            let remark = say!("details.steps-removed", removed = words::removed(removal));
            detail.remarks.push(remark);
        }
        if let Some(details) = details {
            detail.before = self.steps(&details.before, &mut left, 0)?;
            detail.steps = self.steps(&details.steps, &mut left, 0)?;
            detail.after = self.steps(&details.after, &mut left, 0)?;
            detail.stdout = text(&details.stdout);
            detail.stderr = text(&details.stderr);
            let all = count_steps(&details.before)
                + count_steps(&details.steps)
                + count_steps(&details.after);
            detail.steps_left_out = all - (STEPS - left);
        }
        Ok(detail)
    }

    fn steps(
        &mut self,
        steps: &[Step],
        left: &mut usize,
        depth: usize,
    ) -> Result<Vec<StepDetail>, SiteError> {
        let mut out = Vec::with_capacity(steps.len().min(*left));
        for step in steps {
            if *left == 0 || depth == DEPTH {
                break;
            }
            *left -= 1;
            let text = |t: &Option<String>| {
                t.as_deref()
                    .map_or(String::new(), |t| words::clean(t, TEXT))
            };
            let trace = text(&step.trace);
            out.push(StepDetail {
                name: words::line(&step.name),
                status: step.status.map(|s| s.as_str()),
                duration: step.duration,
                message: text(&step.message),
                frames: frames(&trace),
                trace,
                parameters: step.parameters.iter().map(parameter).collect(),
                attachments: self.placed(&step.attachments)?,
                steps: self.steps(&step.steps, left, depth + 1)?,
            });
        }
        Ok(out)
    }

    fn placed(&mut self, attachments: &[Attachment]) -> Result<Vec<Placed>, SiteError> {
        attachments
            .iter()
            .map(|a| self.attachments.place(a, self.from, self.writer))
            .collect()
    }
}

impl Detail {
    fn is_empty(&self) -> bool {
        [
            &self.message,
            &self.trace,
            &self.expected,
            &self.actual,
            &self.description,
            &self.stdout,
            &self.stderr,
            &self.place,
            &self.category,
        ]
        .iter()
        .all(|text| text.is_empty())
            && self.links.is_empty()
            && self.attachments.is_empty()
            && self.before.is_empty()
            && self.steps.is_empty()
            && self.after.is_empty()
            && self.properties.is_empty()
            && self.remarks.is_empty()
            && self.retries.is_empty()
            && self.resolution.is_empty()
    }
}

fn count_steps(steps: &[Step]) -> usize {
    let mut open: Vec<&Step> = steps.iter().collect();
    let mut n = 0;
    while let Some(step) = open.pop() {
        n += 1;
        open.extend(&step.steps);
    }
    n
}

fn description(result: &TestResult) -> String {
    let text = match (&result.description_html, &result.description) {
        (Some(html), _) => html_to_text(html),
        (None, Some(markdown)) => markdown.clone(),
        (None, None) => String::new(),
    };
    words::clean(&text, TEXT)
}

/// Kind, name, address: its own, else that of the issue that it names; empty where it may not be linked.
fn link(settings: &ProjectFile, link: &Link) -> (String, String, String) {
    let known = || tracker::known_issue(settings, link.name.as_deref()?);
    let url = link.url.clone().or_else(known);
    let url = url.filter(|url| is_safe_url(url)).unwrap_or_default();
    let name = link
        .name
        .as_deref()
        .or(link.url.as_deref())
        .unwrap_or_default();
    (
        link.kind.as_deref().map_or(String::new(), words::line),
        words::line(name),
        url,
    )
}

/// Name and value; what is masked shows as dots.
pub(crate) fn parameter(parameter: &Parameter) -> (String, String) {
    let value = parameter.value.as_deref().unwrap_or("••••");
    (words::line(&parameter.name), words::line(value))
}

fn pairs(result: &TestResult) -> Vec<(String, String)> {
    let flat = result
        .properties
        .iter()
        .map(|(name, values)| (words::line(name), words::line(&values.join(", "))));
    flat.collect()
}

fn place(result: &TestResult) -> String {
    match (&result.file, result.line) {
        (Some(file), Some(line)) => words::line(&format!("{file}:{line}")),
        (Some(file), None) => words::line(file),
        (None, _) => String::new(),
    }
}

fn remarks(result: &TestResult) -> Vec<String> {
    [
        (result.salvaged, "details.salvaged"),
        (result.start_assumed, "details.start-assumed"),
        (result.synthetic, "details.synthetic"),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .map(|(_, key)| say!(key))
    .collect()
}
