//! A manual result: what somebody did and saw, as one part of an open launch.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Mutex;

use super::Manual;
use super::planning::job;
use crate::analysis::planned::{ASSIGNEE, EXECUTED_TEXT, TESTER};
use crate::base::hash::digest_fields;
use crate::base::{Timestamp, files, text};
use crate::ingest::{AttachmentRequest, AttachmentSource, Row, Sink};
use crate::ledger::append::{AppendError, AppendRequest, Appended, Made, append_made};
use crate::ledger::part::{OpenState, StateError};
use crate::model::{
    Attachment, Details, Environment, Execution, Labels, Link, OrderedMap, Parameter, Status, Step,
    TestResult,
};
use crate::store::Shard;

/// What was to be executed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The case's id.
    pub case: String,
    /// The title as it was planned, so that all attempts are of one test.
    pub name: String,
    pub environment: Environment,
    pub parameters: Vec<Parameter>,
    pub assignee: Option<String>,
}

/// What somebody did and saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    pub asked: Asked,
    /// The same execution has the same one, however often it is recorded.
    pub uuid: String,
    pub tester: String,
    pub start: Timestamp,
    /// Milliseconds, pauses left out.
    pub duration: Option<u64>,
    /// Where none is given, the worst of the steps.
    pub status: Option<Status>,
    pub comment: Option<String>,
    /// Each step before its own steps.
    pub steps: Vec<ExecutedStep>,
    pub files: Vec<ExecutedFile>,
    /// Addresses that belong to it: an issue, a build.
    pub links: Vec<String>,
    /// The text of the case as it was executed.
    pub text: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutedStep {
    /// How many steps it is part of.
    pub depth: usize,
    pub number: String,
    pub action: String,
    pub expected: Option<String>,
    pub data: Option<String>,
    pub status: Option<Status>,
    pub comment: Option<String>,
    /// Milliseconds.
    pub duration: Option<u64>,
    pub files: Vec<ExecutedFile>,
}

/// A file that shows what somebody saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedFile {
    pub name: String,
    pub path: PathBuf,
}

/// What became of an execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub appended: Appended,
    pub status: Status,
    /// Files that were not kept, and why.
    pub absent: Vec<String>,
}

/// Returns how an execution ended: as said, else as the worst of its steps.
pub fn status_of(executed: &Executed) -> Status {
    let steps = executed.steps.iter().filter_map(|step| step.status);
    let worst = || Status::worst(steps).unwrap_or(Status::Unknown);
    executed.status.unwrap_or_else(worst)
}

/// Records a manual result: a new attempt where there is one of the same case, parameters and environment
/// already. The same execution recorded twice is one.
pub fn record(manual: &Manual<'_>, executed: &Executed) -> Result<Recorded, AppendError> {
    let absent: Mutex<Vec<String>> = Mutex::default();
    let status = status_of(executed);
    let rows = |sink: &dyn Sink| {
        let keeping = Keeping {
            sink,
            status,
            absent: &absent,
        };
        vec![row(&keeping, executed)]
    };
    let request = AppendRequest {
        same_run: false,
        launch: manual.launch,
        job: job(),
        environment: executed.asked.environment.clone(),
        declared: Vec::new(),
        keep: manual.keep,
        shared: manual.shared,
        guard: manual.guard,
    };
    let made = Made {
        input: format!("{} by {}", executed.asked.case, executed.tester),
        format: "manual",
        rows: &rows,
    };
    let appended = append_made(manual.state, &request, &made)?;
    let mut absent = absent.into_inner().unwrap_or_default();
    absent.dedup();
    Ok(Recorded {
        appended,
        status,
        absent,
    })
}

/// Returns the uuids of the executions that an open launch has.
pub fn recorded(state: &OpenState, launch: &str) -> Result<HashSet<String>, StateError> {
    let mut out = HashSet::new();
    for part in state.parts(launch)? {
        if part.header.job.name != super::JOB {
            continue;
        }
        for name in &part.results {
            let path = part.folder.join(name);
            let bytes = files::read(&path)?;
            let shard = Shard::read(&bytes).map_err(|source| StateError::Part { path, source })?;
            out.extend(shard.results.into_iter().filter_map(|row| row.uuid));
        }
    }
    Ok(out)
}

/// Where the files of an execution go.
struct Keeping<'a> {
    sink: &'a dyn Sink,
    status: Status,
    absent: &'a Mutex<Vec<String>>,
}

impl Keeping<'_> {
    fn files(&self, all: &[ExecutedFile]) -> Vec<Attachment> {
        all.iter().map(|file| self.file(file)).collect()
    }

    fn file(&self, file: &ExecutedFile) -> Attachment {
        match files::read(&file.path) {
            Ok(bytes) => self.bytes(&file.name, None, &bytes),
            Err(_) => {
                let record = Attachment {
                    name: file.name.clone(),
                    absent: Some("missing".to_owned()),
                    ..Attachment::default()
                };
                self.note(&record);
                record
            }
        }
    }

    fn bytes(&self, name: &str, media_type: Option<&str>, bytes: &[u8]) -> Attachment {
        let record = self.sink.attachment(AttachmentRequest {
            name,
            media_type,
            source: AttachmentSource::Bytes(bytes),
            status: self.status,
            execution: Execution::Manual,
        });
        self.note(&record);
        record
    }

    fn note(&self, record: &Attachment) {
        if let (Some(why), Ok(mut absent)) = (&record.absent, self.absent.lock()) {
            absent.push(format!("`{}` is {why}", text::sanitize_line(&record.name)));
        }
    }
}

fn row(keeping: &Keeping<'_>, executed: &Executed) -> Row {
    let asked = &executed.asked;
    let mut labels = Labels::default();
    if let Some(assignee) = &asked.assignee {
        labels.add(ASSIGNEE, assignee.clone());
    }
    labels.add(TESTER, executed.tester.clone());
    let mut attachments = keeping.files(&executed.files);
    let mut properties = OrderedMap::default();
    if let Some(text) = &executed.text {
        let name = format!("{} as executed.md", asked.case);
        let kept = keeping.bytes(&name, Some("text/markdown"), text.as_bytes());
        if let Some(digest) = kept.digest() {
            properties.insert(EXECUTED_TEXT, vec![digest.to_string()]);
        }
        attachments.push(kept);
    }
    let link = |url: &String| Link {
        url: Some(url.clone()),
        ..Link::default()
    };
    let mut result = TestResult {
        uuid: Some(executed.uuid.clone()),
        name: asked.name.clone(),
        test_case_id: Some(asked.case.clone()),
        ids: vec![asked.case.clone()],
        execution: Execution::Manual,
        status: keeping.status,
        start: Some(executed.start),
        duration: executed.duration,
        labels,
        parameters: asked.parameters.clone(),
        links: executed.links.iter().map(link).collect(),
        message: message(keeping.status, executed),
        description: executed.comment.clone(),
        attachments,
        properties,
        ..TestResult::default()
    };
    let details = Details {
        steps: leveled(tree(keeping, &executed.steps)),
        ..Details::default()
    };
    let said = serde_json::to_string(&result).expect("a row is plain data");
    let did = serde_json::to_string(&details).expect("details are plain data");
    result.digest = Some(digest_fields([said.as_str(), &did]).short());
    Row {
        result,
        details,
        ..Row::default()
    }
}

/// What went wrong, in the words of whoever saw it.
fn message(status: Status, executed: &Executed) -> Option<String> {
    if !status.needs_resolution() {
        return None;
    }
    let step = executed
        .steps
        .iter()
        .find(|step| step.status == Some(status));
    let Some(step) = step else {
        return executed.comment.clone();
    };
    let mut out = format!("step {} {status}: {}", step.number, step.action);
    for (what, said) in [("expected", &step.expected), ("found", &step.comment)] {
        if let Some(said) = said {
            out.push_str(&format!("\n{what}: {said}"));
        }
    }
    Some(out)
}

fn leveled(mut steps: Vec<Step>) -> Vec<Step> {
    Step::level(&mut steps);
    steps
}

/// Puts steps that follow what they are part of below it.
fn tree(keeping: &Keeping<'_>, steps: &[ExecutedStep]) -> Vec<Step> {
    let mut out = Vec::new();
    let mut rest = steps;
    while let Some((step, after)) = rest.split_first() {
        let inner = after.iter().take_while(|next| next.depth > step.depth);
        let (inner, after) = after.split_at(inner.count());
        let steps = tree(keeping, inner);
        let status = step
            .status
            .or_else(|| Status::worst(steps.iter().filter_map(|step| step.status)));
        let said = [("Expected", &step.expected), ("Data", &step.data)];
        let said = said.into_iter().filter_map(|(name, value)| {
            Some(Parameter {
                name: name.to_owned(),
                value: Some(value.clone()?),
                ..Parameter::default()
            })
        });
        out.push(Step {
            name: step.action.clone(),
            status,
            duration: step.duration,
            message: step.comment.clone(),
            parameters: said.collect(),
            attachments: keeping.files(&step.files),
            steps,
            ..Step::default()
        });
        rest = after;
    }
    out
}
