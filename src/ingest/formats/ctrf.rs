//! CTRF: <https://ctrf.io>, the drafts up to 0.0.0 of November 2025 and what came before them.

use serde_json::Value;

use crate::base::Timestamp;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, add_label, parameter, place, set_suites};
use crate::ingest::json::{self, Document, list, number, string, text, texts};
use crate::ingest::notes::{self, Kind};
use crate::ingest::{Row, attach, ids, limits, own};
use crate::model::{Details, Status, Step, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "ctrf",
    element: "test",
    read,
};

const DOCUMENT: Document = Document {
    units: &[&["results", "tests", "*"]],
    is_element: |open| matches!(open, [_, results, tests, item] if results == "results" && tests == "tests" && item == "*"),
};

const NO_OBJECT: Kind = ("item", "among the tests that is no object, and left out");
const MANY_ATTEMPTS: Kind = (
    "test",
    "declaring another number of retries than it holds attempts",
);

/// What a test may hold.
const TEST: [&str; 32] = [
    "id",
    "testId",
    "executionId",
    "name",
    "status",
    "duration",
    "start",
    "stop",
    "suite",
    "message",
    "trace",
    "snippet",
    "ai",
    "line",
    "rawStatus",
    "tags",
    "labels",
    "type",
    "filePath",
    "retries",
    "retryAttempts",
    "flaky",
    "stdout",
    "stderr",
    "threadId",
    "browser",
    "device",
    "screenshot",
    "attachments",
    "parameters",
    "steps",
    "extra",
];

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    json::elements(
        gather,
        &DOCUMENT,
        |gather, frame| {
            of_run(gather, frame);
            Ok(())
        },
        |gather, (), value| {
            if !value.is_object() {
                gather.notes.add(NO_OBJECT, "");
                return Ok(());
            }
            gather.unknown(&value, &TEST);
            let rows = rows(gather, &value);
            Ok(gather.attempts(rows)?)
        },
    )
}

/// Takes what the file says of the run.
fn of_run(gather: &mut Gather<'_>, frame: &Value) {
    gather.unknown(
        frame,
        &[
            "reportFormat",
            "specVersion",
            "reportId",
            "runId",
            "timestamp",
            "generatedBy",
            "results",
            "insights",
            "baseline",
            "extra",
        ],
    );
    let results = &frame["results"];
    gather.unknown(
        results,
        &["tool", "summary", "tests", "environment", "extra"],
    );
    if results.get("tests").is_some_and(|tests| !tests.is_array()) || results.is_null() {
        gather.fault("the file holds no list `results.tests`");
    }
    let strange = list(&results["tests"])
        .iter()
        .filter(|item| !item.is_null());
    gather.notes.add_many(NO_OBJECT, strange.count() as u64, "");
    let summary = &results["summary"];
    let whole = |value: &Value| number(value).map(|n| n.max(0.0) as u64);
    let bad = whole(&summary["failed"]).unwrap_or_default();
    gather.declare(whole(&summary["tests"]), bad);
    for (name, value) in [
        ("tool", &results["tool"]["name"]),
        ("tool.version", &results["tool"]["version"]),
        ("reportId", &frame["reportId"]),
        ("runId", &frame["runId"]),
        ("generatedBy", &frame["generatedBy"]),
    ] {
        gather.say(name, &string(value).unwrap_or_default());
    }
    if let Some(environment) = results["environment"].as_object() {
        for (name, value) in environment {
            gather.say(name, &string(value).unwrap_or_default());
        }
        for (name, value) in environment
            .get("extra")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            gather.say(name, &string(value).unwrap_or_default());
        }
    }
}

/// Makes the rows of a test: its attempts in their order, itself last.
fn rows(gather: &mut Gather<'_>, test: &Value) -> Vec<Row> {
    let base = base(gather, test);
    let mut attempts: Vec<&Value> = list(&test["retryAttempts"])
        .iter()
        .filter(|attempt| attempt.is_object())
        .collect();
    attempts.sort_by_key(|attempt| number(&attempt["attempt"]).unwrap_or(f64::MAX) as u64);
    let retries = number(&test["retries"]);
    if !attempts.is_empty() && retries.is_some_and(|n| n as usize != attempts.len()) {
        gather.notes.add(MANY_ATTEMPTS, &base.name);
    }
    let mut rows: Vec<Row> = attempts
        .into_iter()
        .map(|attempt| row(gather, base.clone(), attempt))
        .collect();
    let mut last = row(gather, base, test);
    last.result.flaky = json::flag(&test["flaky"]);
    last.details.steps = steps(gather, list(&test["steps"]));
    rows.push(last);
    if let Some(said) = own::of_value(&test["extra"][own::EXTRA]) {
        rows.iter_mut()
            .for_each(|row| own::apply(&said, &mut row.result));
        // Attempts tell of it, too; what the framework says is the row's own.
        if let Some(last) = rows.last_mut() {
            last.result.flaky = said.flaky;
        }
    }
    rows
}

/// What all attempts of a test share.
fn base(gather: &mut Gather<'_>, test: &Value) -> TestResult {
    let mut result = TestResult {
        name: string(&test["name"]).unwrap_or_default(),
        test_case_id: string(&test["testId"]),
        file: string(&test["filePath"]).map(|file| place(&file, "")),
        line: number(&test["line"])
            .filter(|line| *line > 0.0)
            .map(|line| line as u64),
        ..TestResult::default()
    };
    let suite: Vec<String> = match &test["suite"] {
        Value::String(path) => path.split(" > ").map(str::to_owned).collect(),
        other => texts(other),
    };
    set_suites(&mut result, &suite);
    let path = result.title_path.iter().chain([&result.name]);
    let path: Vec<&str> = path.map(String::as_str).collect();
    result.full_name = Some(path.join(" > ")).filter(|full| !full.is_empty());
    for tag in texts(&test["tags"]) {
        result.labels.add("tag", tag);
    }
    if let Some(labels) = test["labels"].as_object() {
        for (name, value) in labels {
            for value in texts(value) {
                ids::add_from_property(&mut result.ids, name, &value);
                add_label(&mut result, name, &value);
            }
        }
    }
    for (name, value) in test["extra"].as_object().into_iter().flatten() {
        for value in texts(value) {
            ids::add_from_property(&mut result.ids, name, &value);
        }
    }
    for (label, key) in [("testType", "type"), ("thread", "threadId")] {
        if let Some(value) = string(&test[key]) {
            result.labels.add(label, value);
        }
    }
    if let Some(parameters) = test["parameters"].as_object() {
        for (name, value) in parameters.iter().filter(|(name, _)| !name.is_empty()) {
            let value = string(value).unwrap_or_else(|| value.to_string());
            let value = limits::masked(name, &value).into_owned();
            result.parameters.push(parameter(name, value));
        }
    }
    for name in ["browser", "device"] {
        if let Some(value) = string(&test[name]) {
            result.parameters.push(parameter(name, value));
        }
    }
    for name in ["id", "executionId", "snippet", "ai"] {
        if let Some(value) = string(&test[name]) {
            result.properties.add(name, value);
        }
    }
    if let Some(extra) = test["extra"].as_object() {
        let is_ours = |name: &str| name == own::EXTRA && own::of_value(&extra[name]).is_some();
        for (name, value) in extra.iter().filter(|(name, _)| !is_ours(name)) {
            let value = string(value).unwrap_or_else(|| value.to_string());
            result.properties.add(name, limits::masked(name, &value));
        }
    }
    if result.name.is_empty() {
        gather
            .notes
            .add(notes::NAMELESS, result.file.as_deref().unwrap_or_default());
    }
    result
}

/// Makes a row of a test or of one of its attempts: both say the same things of an execution.
fn row(gather: &mut Gather<'_>, mut result: TestResult, said: &Value) -> Row {
    result.status = status(gather, said, &mut result);
    result.duration = number(&said["duration"]).map(|ms| ms.max(0.0) as u64);
    result.start = number(&said["start"])
        .filter(|ms| *ms > 0.0)
        .map(|ms| Timestamp::from_ms(ms as i64));
    result.message = string(&said["message"]);
    result.trace = string(&said["trace"]);
    for attachment in list(&said["attachments"]) {
        let name = Some(text(&attachment["name"])).filter(|name| !name.is_empty());
        let media_type = Some(text(&attachment["contentType"])).filter(|kind| !kind.is_empty());
        let path = text(&attachment["path"]).to_owned();
        gather.keeper.attach(&mut result, name, media_type, &path);
    }
    let screenshot = text(&said["screenshot"]);
    if !screenshot.is_empty() {
        let data = screenshot
            .split_once("base64,")
            .map_or(screenshot, |(_, data)| data);
        match attach::decode_base64(data) {
            Some(bytes) => {
                gather.attach_bytes(&mut result, "screenshot", Some("image/png"), &bytes);
            }
            None => gather.notes.add(notes::NO_BASE64, "screenshot"),
        }
    }
    let lines = |value: &Value| Some(output(value)).filter(|text| !text.trim().is_empty());
    Row {
        details: Details {
            stdout: lines(&said["stdout"]),
            stderr: lines(&said["stderr"]),
            ..Details::default()
        },
        result,
        ..Row::default()
    }
}

fn status(gather: &mut Gather<'_>, said: &Value, result: &mut TestResult) -> Status {
    let word = text(&said["status"]).to_ascii_lowercase();
    // An attempt has no such field, but room for it.
    let raw = string(&said["rawStatus"]).or_else(|| string(&said["extra"]["rawStatus"]));
    let kind = raw
        .as_deref()
        .map(str::to_ascii_lowercase)
        .unwrap_or_default();
    if let Some(raw) = raw {
        result.properties.add("status", raw);
    }
    let is_broken = matches!(
        kind.as_str(),
        "broken"
            | "error"
            | "errored"
            | "timedout"
            | "timeout"
            | "interrupted"
            | "crashed"
            | "setup_failed"
            | "teardown_failed"
    );
    match word.as_str() {
        "passed" => Status::Passed,
        "failed" if is_broken => Status::Broken,
        "failed" => Status::Failed,
        "skipped" | "pending" => Status::Skipped,
        "other" if is_broken => Status::Broken,
        "other"
            if matches!(
                kind.as_str(),
                "todo" | "pending" | "disabled" | "ignored" | "focused"
            ) =>
        {
            Status::Skipped
        }
        "other" => Status::parse(&kind)
            .filter(|status| !matches!(status, Status::Passed | Status::InProgress))
            .unwrap_or_default(),
        other => {
            gather.notes.add(notes::UNKNOWN_STATUS, other);
            Status::Unknown
        }
    }
}

fn steps(gather: &mut Gather<'_>, all: &[Value]) -> Vec<Step> {
    let step = |step: &Value| {
        let word = text(&step["status"]);
        let status = match word.to_ascii_lowercase().as_str() {
            "pending" => Some(Status::Skipped),
            "other" => Some(Status::Unknown),
            word => Status::parse(word),
        };
        Step {
            name: string(&step["name"]).unwrap_or_default(),
            status,
            ..Step::default()
        }
    };
    for item in all {
        gather.unknown(item, &["name", "status", "extra"]);
    }
    all.iter().map(step).collect()
}

/// Joins the lines of an output, those without anything on them among them.
fn output(value: &Value) -> String {
    match value {
        Value::Array(lines) => {
            let lines = lines.iter().map(|line| string(line).unwrap_or_default());
            lines.collect::<Vec<_>>().join("\n")
        }
        other => texts(other).join("\n"),
    }
}
