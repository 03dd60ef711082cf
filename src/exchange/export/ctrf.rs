//! CTRF, the draft 0.0.0 of November 2025.

use serde_json::{Map, Value, json};

use super::attached::Places;
use super::{Attempt, Document, Export, Exported, own};
use crate::base::hash::digest_fields;
use crate::model::{Labels, Status, Step};

/// Writes one report. Attachments lie in `folder`, beside the file; without one they are left out.
pub fn ctrf(export: &Export<'_>, folder: Option<&str>) -> Document {
    let mut out = Document::default();
    out.left.alike = export.alike();
    let places = Places::new(folder);
    let tests: Vec<Value> = export
        .results
        .iter()
        .map(|one| test(one, &places, &mut out))
        .collect();
    let launch = &export.launch;
    let report = json!({
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "reportId": report_id(export),
        "runId": launch.id,
        "timestamp": launch.opened.to_string(),
        "generatedBy": "tallybook",
        "results": {
            "tool": {"name": "tallybook", "version": launch.version},
            "summary": summary(export),
            "tests": tests,
            "environment": environment(export),
        },
    });
    let text = serde_json::to_string_pretty(&report).unwrap_or_default() + "\n";
    Document {
        files: Document::one(text.into_bytes()).files,
        ..out
    }
}

/// A name for what the report says, in the shape of a UUID of version 8.
fn report_id(export: &Export<'_>) -> String {
    let ids = export.results.iter().map(|one| one.outcome.id.as_str());
    let hex = digest_fields([export.launch.id].into_iter().chain(ids)).to_string();
    format!(
        "{}-{}-8{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..15],
        &hex[15..18],
        &hex[18..30]
    )
}

fn summary(export: &Export<'_>) -> Value {
    let rows = || export.results.iter().map(|one| one.last.row);
    let of = |wanted: &str| rows().filter(|row| word(row.status) == wanted).count();
    let starts = rows().filter_map(|row| row.start).map(|start| start.ms());
    let stops = rows().filter_map(|row| {
        let length = i64::try_from(row.duration.unwrap_or(0)).ok()?;
        row.start?.ms().checked_add(length)
    });
    let opened = export.launch.opened.ms();
    let start = starts.min().unwrap_or(opened);
    json!({
        "tests": export.results.len(),
        "passed": of("passed"), "failed": of("failed"), "skipped": of("skipped"),
        "pending": of("pending"), "other": of("other"),
        "flaky": export.results.iter().filter(|one| is_flaky(one)).count(),
        "start": start, "stop": stops.max().unwrap_or(opened).max(start),
    })
}

fn environment(export: &Export<'_>) -> Value {
    let (launch, mut map) = (&export.launch, Map::new());
    let source = launch.source;
    for (name, value) in [
        ("reportName", Some(launch.name)),
        ("repositoryUrl", source.repository.as_deref()),
        ("branchName", source.branch.as_deref()),
        ("commit", source.commit.as_deref()),
    ] {
        if let Some(value) = value {
            map.insert(name.to_owned(), json!(value));
        }
    }
    let variables = launch.environment.iter();
    let variables: Map<String, Value> = variables
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    if !variables.is_empty() {
        map.insert("extra".to_owned(), Value::Object(variables));
    }
    Value::Object(map)
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed | Status::Broken => "failed",
        Status::Skipped => "skipped",
        Status::InProgress => "pending",
        Status::Unknown => "other",
    }
}

/// As CTRF has it: it passed after it had failed.
fn is_flaky(one: &Exported<'_>) -> bool {
    let failed = one
        .retries
        .iter()
        .any(|attempt| attempt.row.status.needs_resolution());
    one.last.row.status == Status::Passed && (failed || one.last.row.flaky)
}

fn test(one: &Exported<'_>, places: &Places<'_>, out: &mut Document) -> Value {
    let row = one.last.row;
    let mut map = Map::new();
    map.insert("name".to_owned(), json!(row.name));
    execution(&mut map, &one.last, places, out);
    if !map.contains_key("duration") {
        map.insert("duration".to_owned(), json!(0));
    }
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    };
    put("testId", row.test_case_id.as_ref().map(|id| json!(id)));
    let path = Some(&row.title_path).filter(|path| !path.is_empty());
    put("suite", path.map(|path| json!(path)));
    put("filePath", row.file.as_ref().map(|file| json!(file)));
    let tags = row.labels.all("tag");
    put("tags", (!tags.is_empty()).then(|| json!(tags)));
    put("labels", labels(&row.labels));
    let pairs = row
        .parameters
        .iter()
        .filter_map(|p| Some((p.name.clone(), json!(p.value.as_deref()?))));
    let pairs: Map<String, Value> = pairs.collect();
    put(
        "parameters",
        (!pairs.is_empty()).then_some(Value::Object(pairs)),
    );
    if !one.retries.is_empty() {
        let attempts: Vec<Value> = one
            .retries
            .iter()
            .zip(1_u32..)
            .map(|(attempt, n)| {
                let mut map = Map::from_iter([("attempt".to_owned(), json!(n))]);
                execution(&mut map, attempt, places, out);
                if let Some(status) = map.remove("rawStatus") {
                    map.insert("extra".to_owned(), json!({"rawStatus": status}));
                }
                Value::Object(map)
            })
            .collect();
        put("retries", Some(json!(attempts.len())));
        put("retryAttempts", Some(json!(attempts)));
    }
    put("flaky", is_flaky(one).then(|| json!(true)));
    let steps = one.last.details.map(|details| details.steps.as_slice());
    let steps: Vec<Value> = steps.unwrap_or_default().iter().map(step).collect();
    put("steps", (!steps.is_empty()).then(|| json!(steps)));
    put(
        "extra",
        Some(json!({"tallybook": own::fields(row, false, Vec::new())})),
    );
    Value::Object(map)
}

/// What a test and an attempt say alike.
fn execution(
    map: &mut Map<String, Value>,
    attempt: &Attempt<'_>,
    places: &Places<'_>,
    out: &mut Document,
) {
    let row = attempt.row;
    let mut put = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    put("status", json!(word(row.status)));
    if matches!(row.status, Status::Broken | Status::Unknown) {
        put("rawStatus", json!(row.status));
    }
    if let Some(ms) = row.duration {
        put("duration", json!(ms));
    }
    if let Some(start) = row.start {
        let length = i64::try_from(row.duration.unwrap_or(0)).unwrap_or(i64::MAX);
        put("start", json!(start.ms()));
        put("stop", json!(start.ms().saturating_add(length)));
    }
    if let Some(message) = &row.message {
        put("message", json!(message));
    }
    if let Some(trace) = &row.trace {
        put("trace", json!(trace));
    }
    if let Some(line) = row.line {
        put("line", json!(line));
    }
    let lines = |text: &String| json!(text.split('\n').collect::<Vec<_>>());
    if let Some(details) = attempt.details {
        if let Some(text) = &details.stdout {
            put("stdout", lines(text));
        }
        if let Some(text) = &details.stderr {
            put("stderr", lines(text));
        }
    }
    let attached = places.take(attempt, out);
    let attached: Vec<Value> = attached
        .iter()
        .map(|(one, path)| json!({"name": one.name, "contentType": one.media_type, "path": path}))
        .collect();
    if !attached.is_empty() {
        put("attachments", json!(attached));
    }
}

/// Labels but tags, which have a field of their own; a label with one value is a text.
fn labels(labels: &Labels) -> Option<Value> {
    let others = labels.iter().filter(|(name, _)| *name != "tag");
    let pairs = others.map(|(name, values)| {
        let value = match values.as_slice() {
            [only] => json!(only),
            many => json!(many),
        };
        (name.to_owned(), value)
    });
    let map: Map<String, Value> = pairs.collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

fn step(step: &Step) -> Value {
    json!({"name": step.name, "status": word(step.status.unwrap_or_default())})
}
