//! A test result as a shard keeps it: one row for each execution, and its details apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Execution, Labels, OrderedMap, Status};
use crate::base::{Digest, Timestamp};

/// One execution of one test: a row below `results:` of `results/<shard>.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TestResult {
    /// Unique in its launch: 16 hex digits, a digest of the shard and of the producer's identity.
    pub id: String,
    /// The producer's identity of this execution, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// 16 hex digits of what the producer wrote, after redaction, where it has a `uuid`: tells a repeat from an attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// The producer's identity of the test, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_case_id: Option<String>,
    /// Ids of documented cases that the producer names, as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    pub execution: Execution,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// The place among the attempts of one test, from 1, where the format states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The place among same-named tests of one file, from 2 on; it counts in both keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<u32>,
    /// The groups above the test, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub title_path: Vec<String>,
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// What the framework itself says beside the status.
    #[serde(skip_serializing_if = "is_false")]
    pub flaky: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub known: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub muted: bool,
    /// Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Untrusted HTML, to be sanitised before it is shown; wins over `description`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description_html: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What a producer says of surroundings and origin; counts in no key.
    #[serde(skip_serializing_if = "OrderedMap::is_empty")]
    pub properties: OrderedMap<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The start was derived, or its zone assumed.
    #[serde(skip_serializing_if = "is_false")]
    pub start_assumed: bool,
    /// Read from an input that was damaged further on.
    #[serde(skip_serializing_if = "is_false")]
    pub salvaged: bool,
    /// Made from a set-up, suite or collection error that has no test of its own.
    #[serde(skip_serializing_if = "is_false")]
    pub synthetic: bool,
}

impl TestResult {
    /// The producer's identity of a test: `testCaseId`, else the full name, else the name.
    pub fn identity(&self) -> &str {
        let given = [&self.test_case_id, &self.full_name].into_iter().flatten();
        let mut given = given.filter(|text| !text.is_empty());
        given.next().unwrap_or(&self.name)
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Parameter {
    /// Returns 16 bits of a value's digest, as four hex digits.
    pub fn digest_of(value: &str) -> String {
        let mut digest = Digest::of(value.as_bytes()).short();
        digest.truncate(4);
        digest
    }

    /// Returns the parameters that count in keys, names and values sorted, each pair once. Of masked and hidden ones
    /// the digest stands for the value; of those that something was taken out of, it stands beside it.
    pub fn counted(parameters: &[Self]) -> Vec<(&str, &str)> {
        let counted = parameters.iter().filter(|one| !one.excluded);
        let mut counted: Vec<(&str, &str)> = counted
            .flat_map(|one| {
                let known = [one.value.as_deref(), one.digest.as_deref()];
                let none = known.iter().all(Option::is_none).then_some("");
                let values = known.into_iter().flatten().chain(none);
                values.map(|value| (one.name.as_str(), value))
            })
            .collect();
        counted.sort_unstable();
        counted.dedup();
        counted
    }
}

/// A parameter of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameter {
    pub name: String,
    /// Absent for masked and hidden parameters, of which `digest` is kept; that is kept too where `redaction` took
    /// something out of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Counts in neither key.
    #[serde(skip_serializing_if = "is_false")]
    pub excluded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<ParameterMode>,
    /// 16 bits of the value's digest, four hex digits: enough to tell values apart in a key, too
    /// little to guess a secret by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterMode {
    Hidden,
    Masked,
}

/// A link of a result or a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Link {
    /// `issue`, `requirement`, `tms`, `link` …
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Link {
    /// The types that something is made of. Any other word may be a type.
    pub const KINDS: [&str; 4] = ["issue", "requirement", "tms", "link"];

    /// Whether it is of a type, in any letter case.
    pub fn is_of(&self, kind: &str) -> bool {
        let own = self.kind.as_deref().unwrap_or_default();
        own.eq_ignore_ascii_case(kind)
    }

    /// Returns what it is called: its name, else its address.
    pub fn called(&self) -> Option<&str> {
        self.name.as_deref().or(self.url.as_deref())
    }
}

/// A file that belongs to a result or to a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attachment {
    pub name: String,
    /// The media type, as `image/png`.
    #[serde(rename = "type")]
    pub media_type: String,
    /// The name below `attachments/`: `<sha256>.<ext>`. Absent where the file was missing or not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Why there is no file: `missing`, `refused`, `not kept`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
}

impl Attachment {
    /// Returns the digest of its bytes, where they are kept.
    pub fn digest(&self) -> Option<Digest> {
        let (hex, _) = self.file.as_deref()?.split_once('.')?;
        Digest::parse(hex)
    }
}

/// Steps, fixtures and output of one result: a row of `details/<shard>.yaml`. Prunable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The result's id.
    pub id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Step>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
}

impl Details {
    /// Whether there is nothing worth a row.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty()
            && self.steps.is_empty()
            && self.after.is_empty()
            && self.stdout.is_none()
            && self.stderr.is_none()
    }
}

/// A step or a fixture as executed. One without a status, with one attachment of its own name,
/// stands for that attachment at this point of the timeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Step {
    /// Levels of steps within steps: readers of YAML and of JSON stop at 128 levels of values, and a step
    /// takes two.
    pub const LEVELS: usize = 50;

    /// Puts steps that are nested deeper than [`LEVELS`](Self::LEVELS) behind the step that they are in, in
    /// their order; returns how many.
    pub fn level(steps: &mut Vec<Step>) -> u64 {
        level(steps, Self::LEVELS)
    }
}

fn level(steps: &mut Vec<Step>, levels: usize) -> u64 {
    if levels > 1 {
        return steps
            .iter_mut()
            .map(|step| level(&mut step.steps, levels - 1))
            .sum();
    }
    if steps.iter().all(|step| step.steps.is_empty()) {
        return 0;
    }
    let before = steps.len();
    let mut waiting: Vec<Step> = std::mem::take(steps).into_iter().rev().collect();
    while let Some(mut step) = waiting.pop() {
        waiting.extend(std::mem::take(&mut step.steps).into_iter().rev());
        steps.push(step);
    }
    (steps.len() - before) as u64
}
