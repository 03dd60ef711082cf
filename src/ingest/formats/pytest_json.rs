//! pytest-json-report.

use serde_json::Value;

use crate::base::Timestamp;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, join, parameter, set_suites};
use crate::ingest::json::{self, Document, list, number, string, text, texts};
use crate::ingest::junit::RERUN;
use crate::ingest::notes;
use crate::ingest::{Row, SinkError, ids, limits};
use crate::model::{Details, Status, Step, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "pytest-json",
    element: "test",
    read,
};

const DOCUMENT: Document = Document {
    units: &[&["tests", "*"]],
    is_element: |open| matches!(open, [_, tests, item] if tests == "tests" && item == "*"),
};

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    json::elements(
        gather,
        &DOCUMENT,
        |gather, frame| Ok(of_run(gather, frame)?),
        |gather, (), test| {
            if !test.is_object() {
                return Ok(());
            }
            let row = row(gather, &test);
            // The phases are the last attempt's, whatever the word says of an earlier one.
            let rerun = text(&test["outcome"]) == "rerun" && row.result.status == Status::Passed;
            if rerun {
                return Ok(gather.attempts(vec![earlier(&row), row])?);
            }
            Ok(gather.test(row)?)
        },
    )
}

/// The attempt before the last, of which no more is known than that it failed.
fn earlier(last: &Row) -> Row {
    let mut result = TestResult {
        status: Status::Failed,
        message: Some(RERUN.to_owned()),
        duration: None,
        ..last.result.clone()
    };
    result.attachments.clear();
    Row {
        result,
        ..Row::default()
    }
}

fn of_run(gather: &mut Gather<'_>, frame: &Value) -> Result<(), SinkError> {
    gather.unknown(
        frame,
        &[
            "created",
            "duration",
            "exitcode",
            "root",
            "environment",
            "summary",
            "collectors",
            "tests",
            "warnings",
        ],
    );
    let summary = &frame["summary"];
    let whole = |name: &str| number(&summary[name]).map(|n| n.max(0.0) as u64);
    let bad = ["failed", "error"].map(|name| whole(name).unwrap_or_default());
    gather.declare(
        whole("total"),
        bad.iter().fold(0, |a, b| a.saturating_add(*b)),
    );
    // 5: no tests were collected.
    if let Some(code) = number(&frame["exitcode"]).filter(|code| !matches!(*code as i64, 0 | 5)) {
        gather.ended_badly = Some(format!("pytest ended with exit code {code}"));
    }
    if frame.get("tests").is_none() && summary.is_object() {
        let bare = "holds a summary and no tests: leave `--json-report-summary` out";
        gather.fault(match whole("collected") {
            Some(n) => format!("{bare} ({} collected)", crate::base::text::count(n, "test")),
            None => bare.to_owned(),
        });
    }
    if let Some(environment) = frame["environment"].as_object() {
        for (name, value) in environment {
            let value = string(value).unwrap_or_else(|| value.to_string());
            gather.say(name, &value);
        }
    }
    for collector in list(&frame["collectors"]) {
        if !matches!(text(&collector["outcome"]), "failed" | "error") {
            continue;
        }
        let node = string(&collector["nodeid"]).unwrap_or_default();
        let node = if node.is_empty() {
            "collection".to_owned()
        } else {
            node
        };
        let trace = string(&collector["longrepr"]);
        let message = trace.as_deref().and_then(|trace| {
            let said = trace.lines().rev().find(|line| line.starts_with("E "));
            said.map(|line| line[1..].trim().to_owned())
        });
        let mut result = TestResult {
            full_name: Some(node.clone()),
            file: Some(node.clone()),
            name: node,
            status: Status::Broken,
            message: message.or_else(|| Some("collection failure".to_owned())),
            trace,
            ..TestResult::default()
        };
        let path = result.name.clone();
        set_suites(&mut result, &path_of(&path));
        gather.add(Row {
            result,
            ..Row::default()
        })?;
    }
    let created = number(&frame["created"]);
    let start = created.zip(number(&frame["duration"]));
    if let Some((created, duration)) = start {
        let start = Timestamp::from_ms(((created - duration) * 1000.0) as i64);
        gather.say("started", &start.to_string());
    }
    Ok(())
}

/// The folders, the module and the classes of a node.
fn path_of(node: &str) -> Vec<String> {
    let mut parts = node.split("::");
    let file = parts.next().unwrap_or_default();
    let file = file.strip_suffix(".py").unwrap_or(file);
    let (folders, module) = file.rsplit_once('/').unwrap_or(("", file));
    let mut path = Vec::new();
    if !folders.is_empty() {
        path.push(folders.replace('/', "."));
    }
    path.push(module.to_owned());
    path.extend(parts.map(str::to_owned));
    path
}

fn row(gather: &mut Gather<'_>, test: &Value) -> Row {
    gather.unknown(
        test,
        &[
            "nodeid",
            "lineno",
            "outcome",
            "keywords",
            "setup",
            "call",
            "teardown",
            "metadata",
            "user_properties",
        ],
    );
    let node = string(&test["nodeid"]).unwrap_or_default();
    let (base, argument) = match node.split_once('[') {
        Some((base, rest)) => (base, rest.strip_suffix(']')),
        None => (node.as_str(), None),
    };
    let (above, _) = base.rsplit_once("::").unwrap_or(("", base));
    let name = match above {
        "" => node.as_str(),
        above => &node[above.len() + 2..],
    };
    let word = text(&test["outcome"]);
    let mut result = TestResult {
        name: name.to_owned(),
        full_name: Some(base.to_owned()),
        status: status(gather, word, test),
        file: base
            .split("::")
            .next()
            .map(str::to_owned)
            .filter(|file| !file.is_empty()),
        line: number(&test["lineno"]).map(|line| line.max(0.0) as u64 + 1),
        ..TestResult::default()
    };
    if let Some(argument) = argument {
        result.parameters.push(parameter("id", argument));
    }
    set_suites(&mut result, &path_of(above));
    if !matches!(word, "passed" | "failed" | "skipped") {
        result.properties.add("outcome", word);
    }
    let details = phases(gather, test, &mut result);
    if matches!(result.status, Status::Skipped) && result.message.is_none() {
        let said = ["call", "setup"]
            .iter()
            .find_map(|phase| string(&test[*phase]["longrepr"]));
        result.message = said.map(|said| skip_reason(&said));
        result.trace = None;
    }
    set_said(test, &mut result);
    Row {
        result,
        details,
        ..Row::default()
    }
}

/// What set-up, call and tear-down say: what went wrong, how long they took, and what they wrote.
fn phases(gather: &mut Gather<'_>, test: &Value, result: &mut TestResult) -> Details {
    let mut details = Details::default();
    let mut duration = 0.0;
    for (name, side) in [
        ("setup", &mut details.before),
        ("call", &mut Vec::new()),
        ("teardown", &mut details.after),
    ] {
        let phase = &test[name];
        if !phase.is_object() {
            continue;
        }
        gather.unknown(
            phase,
            &[
                "duration",
                "outcome",
                "crash",
                "traceback",
                "stdout",
                "stderr",
                "log",
                "longrepr",
            ],
        );
        let seconds = number(&phase["duration"]).unwrap_or_default();
        duration += seconds;
        let crash = string(&phase["crash"]["message"]);
        let trace = string(&phase["longrepr"]);
        let is_bad = !matches!(text(&phase["outcome"]), "passed" | "");
        if is_bad {
            join(
                &mut result.message,
                &crash.clone().unwrap_or_default(),
                "\n",
            );
            join(
                &mut result.trace,
                &trace.clone().unwrap_or_default(),
                "\n\n",
            );
        }
        if name != "call" && is_bad {
            side.push(Step {
                name: name.to_owned(),
                status: Some(phase_status(text(&phase["outcome"]))),
                duration: Some((seconds * 1000.0).round().max(0.0) as u64),
                message: crash,
                trace,
                ..Step::default()
            });
        }
        for (key, field) in [
            ("stdout", &mut details.stdout),
            ("stderr", &mut details.stderr),
        ] {
            join(field, &string(&phase[key]).unwrap_or_default(), "\n");
        }
        for record in list(&phase["log"]) {
            let line = format!("{} {}", text(&record["levelname"]), text(&record["msg"]));
            join(&mut details.stderr, line.trim(), "\n");
        }
    }
    result.duration = Some((duration * 1000.0).round().max(0.0) as u64);
    details
}

/// What a test says of itself: metadata, what `record_property` said, and marks.
fn set_said(test: &Value, result: &mut TestResult) {
    if let Some(metadata) = test["metadata"].as_object() {
        for (name, value) in metadata {
            let value = string(value).unwrap_or_else(|| value.to_string());
            ids::add_from_property(&mut result.ids, name, &value);
            result.properties.add(name, limits::masked(name, &value));
        }
    }
    // What `record_property` said: objects of one pair, or pairs.
    for pair in list(&test["user_properties"]) {
        let named = pair.as_object().into_iter().flatten();
        let named = named.map(|(name, value)| (name.as_str(), value));
        let plain = pair[0].as_str().map(|name| (name, &pair[1]));
        for (name, value) in named.chain(plain) {
            let value = string(value).unwrap_or_else(|| value.to_string());
            ids::add_from_property(&mut result.ids, name, &value);
            result.properties.add(name, limits::masked(name, &value));
        }
    }
    let marks = ["skip", "skipif", "xfail", "parametrize", "usefixtures"];
    let keywords = texts(&test["keywords"]);
    for mark in keywords
        .iter()
        .filter(|word| marks.contains(&word.as_str()))
    {
        result.properties.add("mark", mark.as_str());
    }
}

/// `('/w/test_a.py', 12, 'Skipped: reason')` → `Skipped: reason`.
fn skip_reason(said: &str) -> String {
    let reason = said.rsplit_once("Skipped: ").map(|(_, reason)| reason);
    let reason = reason.map(|reason| reason.trim_end_matches([')', '\'', '"']));
    reason.unwrap_or(said).to_owned()
}

fn phase_status(word: &str) -> Status {
    match word {
        "passed" => Status::Passed,
        "skipped" => Status::Skipped,
        _ => Status::Broken,
    }
}

fn status(gather: &mut Gather<'_>, word: &str, test: &Value) -> Status {
    let phase = |name: &str| text(&test[name]["outcome"]) == "failed";
    let status = match word {
        "passed" | "xpassed" => Status::Passed,
        "skipped" | "xfailed" => Status::Skipped,
        // It passed in the end where all of its phases did; else this was an attempt that failed.
        "rerun" => match ["setup", "call", "teardown"]
            .iter()
            .all(|name| text(&test[*name]["outcome"]) == "passed")
        {
            true => Status::Passed,
            false => Status::Failed,
        },
        "error" => Status::Broken,
        "failed" => {
            let crash = text(&test["call"]["crash"]["message"]);
            let trace = text(&test["call"]["longrepr"]);
            let is_assertion = crash.starts_with("assert")
                || crash.starts_with("AssertionError")
                || crash.starts_with("Failed:")
                || trace.contains("AssertionError")
                || crash.starts_with("[XPASS(strict)]")
                || trace.starts_with("[XPASS(strict)]");
            match phase("call") && is_assertion {
                true => Status::Failed,
                false => Status::Broken,
            }
        }
        other => {
            gather.notes.add(notes::UNKNOWN_STATUS, other);
            Status::Unknown
        }
    };
    match status {
        // Whatever the word says: a phase that failed is not green.
        Status::Passed
            if word == "passed" && (phase("setup") || phase("call") || phase("teardown")) =>
        {
            Status::Broken
        }
        status => status,
    }
}
