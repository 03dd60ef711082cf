//! in-toto statements (<https://github.com/in-toto/attestation>, Statement v1) about one closed launch:
//! with the predicate `test-result` v0.1, and with our own, which says all that a launch decided.

use serde_json::{Map, Value, json};

use super::Evidence;
use crate::model::{Environment, Flag, LaunchFile, Outcome, Status, Totals};

/// What a statement says of a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Predicate {
    /// Which tests passed, which failed, and which failed or wavered with a reason.
    TestResult,
    /// Receipt, totals, environment, source, jobs and closing.
    Launch,
}

impl Predicate {
    pub const ALL: [Self; 2] = [Self::TestResult, Self::Launch];

    /// The URI that names the predicate.
    pub fn uri(self) -> &'static str {
        match self {
            Self::TestResult => "https://in-toto.io/attestation/test-result/v0.1",
            Self::Launch => "https://tallybook.dev/attestation/launch/v1",
        }
    }
}

const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// Writes a statement as one line of JSON, without a line break.
pub fn statement(evidence: &Evidence, predicate: Predicate) -> String {
    let body = match predicate {
        Predicate::TestResult => test_result(evidence),
        Predicate::Launch => launch(evidence),
    };
    json!({
        "_type": STATEMENT,
        "subject": subjects(evidence),
        "predicateType": predicate.uri(),
        "predicate": body,
    })
    .to_string()
}

/// What the statement is about: the source that was tested, where it is known by a whole id, and the
/// launch, whose `launch.yaml` has the receipt as its digest.
fn subjects(evidence: &Evidence) -> Value {
    let file = &evidence.launch.file;
    let mut out = Vec::new();
    if let Some(commit) = file.source.commit.as_deref().and_then(whole_commit) {
        let name = file.source.repository.as_deref().unwrap_or("source");
        out.push(json!({"name": name, "digest": {"gitCommit": commit}}));
    }
    out.push(json!({
        "name": format!("{}/{}/launch.yaml", file.project, file.id),
        "digest": {"sha256": evidence.launch.receipt.to_string()},
    }));
    Value::Array(out)
}

/// The id of a commit in SHA-1 or SHA-256, in lower case; shortened ones identify nothing.
fn whole_commit(id: &str) -> Option<String> {
    let is_whole = matches!(id.len(), 40 | 64) && id.bytes().all(|b| b.is_ascii_hexdigit());
    is_whole.then(|| id.to_ascii_lowercase())
}

/// Where a result is listed; skipped ones, and automated ones behind a manual one, nowhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listed {
    Passed,
    Warned,
    Failed,
}

fn listed(outcome: &Outcome) -> Option<Listed> {
    if outcome.has(Flag::Overridden) {
        return None;
    }
    match outcome.status {
        Status::Passed if outcome.has(Flag::Flaky) => Some(Listed::Warned),
        Status::Passed => Some(Listed::Passed),
        Status::Failed | Status::Broken | Status::Unknown if outcome.is_unresolved() => {
            Some(Listed::Failed)
        }
        Status::Failed | Status::Broken | Status::Unknown => Some(Listed::Warned),
        // Planned and never done: nobody may take that for a pass.
        Status::InProgress => Some(Listed::Warned),
        Status::Skipped => None,
    }
}

fn names(evidence: &Evidence, list: Listed) -> Vec<&str> {
    let all = evidence.results.iter();
    let these = all.filter(|(_, outcome)| listed(outcome) == Some(list));
    these.map(|(name, _)| name.as_str()).collect()
}

/// Passing takes that something passed and nothing is missing.
fn result(evidence: &Evidence) -> &'static str {
    let any = |list| {
        evidence
            .results
            .iter()
            .any(|(_, outcome)| listed(outcome) == Some(list))
    };
    let mut jobs = evidence.launch.file.jobs.iter();
    let lost = jobs.any(|job| job.accepted_loss.is_some());
    if any(Listed::Failed) {
        "FAILED"
    } else if any(Listed::Warned) || lost || !any(Listed::Passed) {
        "WARNED"
    } else {
        "PASSED"
    }
}

fn test_result(evidence: &Evidence) -> Value {
    let file = &evidence.launch.file;
    let documentation = file.closed.documentation.as_deref().and_then(whole_commit);
    let documentation = documentation
        .map(|commit| json!({"name": "documentation", "digest": {"gitCommit": commit}}));
    let configuration: Vec<Value> = documentation.into_iter().collect();
    let mut out = json!({"result": result(evidence), "configuration": configuration});
    if let Some(url) = url(file) {
        out["url"] = url.into();
    }
    out["passedTests"] = names(evidence, Listed::Passed).into();
    out["warnedTests"] = names(evidence, Listed::Warned).into();
    out["failedTests"] = names(evidence, Listed::Failed).into();
    out
}

/// Where the run can be seen: the address of its first job that has one.
fn url(file: &LaunchFile) -> Option<&str> {
    let mut urls = file.jobs.iter().filter_map(|job| job.url.as_deref());
    urls.find(|url| url.starts_with("https://") || url.starts_with("http://"))
}

fn launch(evidence: &Evidence) -> Value {
    let file = &evidence.launch.file;
    let flagged = |flag| {
        evidence
            .results
            .iter()
            .filter(|(_, outcome)| outcome.has(flag))
            .count()
    };
    let mut totals = totals(&file.totals);
    totals["known"] = flagged(Flag::Known).into();
    totals["flaky"] = flagged(Flag::Flaky).into();
    let digest = |hex: &str| json!({"sha256": hex});
    let previous: Vec<Value> = file.closed.previous.iter().map(|hex| digest(hex)).collect();
    let jobs = file.jobs.iter().map(|job| {
        object([
            ("name", Some(job.name.as_str().into())),
            ("shard", some(&job.shard)),
            ("url", job.url.clone().map(Value::from)),
            ("attempt", job.attempt.map(Value::from)),
            ("rows", Some(job.rows.into())),
            ("acceptedLoss", job.accepted_loss.clone().map(Value::from)),
        ])
    });
    object([
        ("launch", Some(identity(file))),
        (
            "receipt",
            Some(digest(&evidence.launch.receipt.to_string())),
        ),
        ("previous", Some(previous.into())),
        ("result", Some(result(evidence).into())),
        ("totals", Some(totals)),
        ("environment", Some(environment(&file.environment))),
        (
            "environments",
            Some(
                evidence
                    .launch
                    .environments
                    .iter()
                    .map(environment)
                    .collect(),
            ),
        ),
        ("source", Some(source(file))),
        ("jobs", Some(jobs.collect())),
        ("opened", Some(opened(file))),
        ("closed", Some(closed(file))),
    ])
}

fn identity(file: &LaunchFile) -> Value {
    object([
        ("project", some(&file.project)),
        ("id", some(&file.id)),
        ("name", some(&file.name)),
        ("tags", Some(file.tags.clone().into())),
        (
            "gate",
            file.gate
                .as_ref()
                .map(|gate| serde_json::to_value(gate).expect("plain data")),
        ),
        ("plan", file.plan.clone().map(Value::from)),
        ("baseline", file.baseline.clone().map(Value::from)),
        ("supersedes", file.supersedes.clone().map(Value::from)),
    ])
}

fn totals(totals: &Totals) -> Value {
    json!({
        "passed": totals.passed,
        "failed": totals.failed,
        "broken": totals.broken,
        "skipped": totals.skipped,
        "unknown": totals.unknown,
        "inProgress": totals.in_progress,
        "total": totals.total,
        "retries": totals.retries,
        "muted": totals.muted,
        "overridden": totals.overridden,
        "unresolved": totals.unresolved,
    })
}

fn environment(environment: &Environment) -> Value {
    let variables = environment.iter();
    let mut variables: Vec<_> = variables
        .map(|(name, value)| (name.to_owned(), Value::from(value.as_str())))
        .collect();
    variables.sort_by(|(a, _), (b, _)| a.cmp(b));
    Value::Object(variables.into_iter().collect())
}

fn source(file: &LaunchFile) -> Value {
    let source = file.source.clone();
    object([
        ("repository", source.repository.map(Value::from)),
        ("branch", source.branch.map(Value::from)),
        ("commit", source.commit.map(Value::from)),
        ("pullRequest", source.pull_request.map(Value::from)),
    ])
}

fn opened(file: &LaunchFile) -> Value {
    object([
        ("at", Some(file.opened.at.to_string().into())),
        ("by", file.opened.by.clone().map(Value::from)),
    ])
}

/// Who closed it when, and in what sense.
fn closed(file: &LaunchFile) -> Value {
    let closed = file.closed.clone();
    object([
        ("at", Some(closed.at.to_string().into())),
        ("by", closed.by.map(Value::from)),
        ("reason", closed.reason.map(Value::from)),
        ("meaning", closed.meaning.map(Value::from)),
        ("documentation", closed.documentation.map(Value::from)),
        ("version", some(&closed.version)),
    ])
}

fn some(text: &str) -> Option<Value> {
    Some(text.into())
}

/// An object without the fields that have no value.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let given = fields.into_iter();
    let given = given.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}
