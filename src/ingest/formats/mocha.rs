//! Mocha's JSON reporter.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::ingest::Row;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, is_assertion, place, set_suites};
use crate::ingest::json::{self, Document, list, number, string, text};
use crate::ingest::notes;
use crate::ingest::times::timestamp;
use crate::model::{Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "mocha",
    element: "test",
    read,
};

const DOCUMENT: Document = Document {
    units: &[&["tests", "*"]],
    is_element: |open| matches!(open, [_, tests, item] if tests == "tests" && item == "*"),
};

/// What stands beside the tests.
struct Told {
    /// Failures that no test tells yet: those of hooks stand here alone.
    failures: Vec<Value>,
    failed: HashSet<String>,
    /// How many tests of a title passed and are not told yet: several may share one.
    passed: HashMap<String, usize>,
    pending: HashSet<String>,
}

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let told = json::elements(
        gather,
        &DOCUMENT,
        |gather, frame| {
            gather.unknown(frame, &["stats", "tests", "pending", "failures", "passes"]);
            let stats = &frame["stats"];
            let failures = list(&frame["failures"]).to_vec();
            let whole = |name: &str| number(&stats[name]).map(|n| n.max(0.0) as u64);
            // Each failure of the list has a row; one test may be in it twice.
            let bad = whole("failures").filter(|n| *n > failures.len() as u64);
            gather.declare(whole("tests"), bad.unwrap_or_default());
            gather.say("started", &string(&stats["start"]).unwrap_or_default());
            let mut passed: HashMap<String, usize> = HashMap::new();
            for pass in list(&frame["passes"]) {
                *passed.entry(title_of(pass)).or_default() += 1;
            }
            Ok(Told {
                passed,
                failed: failures.iter().map(title_of).collect(),
                pending: list(&frame["pending"]).iter().map(title_of).collect(),
                failures,
            })
        },
        |gather, told, test| {
            if !test.is_object() {
                return Ok(());
            }
            let title = title_of(&test);
            let mut is_failed = told.failed.contains(&title);
            if is_failed && !has_error(&test) {
                let passes = told.passed.get_mut(&title).filter(|passes| **passes > 0);
                is_failed = passes.map(|passes| *passes -= 1).is_none();
            }
            if is_failed {
                told.failures.retain(|failure| title_of(failure) != title);
            }
            let mut is_pending = told.pending.contains(&title);
            // Of several of a title those that took time are those that passed.
            if is_pending && (test.get("duration").is_some() || test.get("speed").is_some()) {
                let passes = told.passed.get_mut(&title).filter(|passes| **passes > 0);
                is_pending = passes.map(|passes| *passes -= 1).is_none();
            }
            let row = row(gather, &test, is_pending, is_failed);
            Ok(gather.test(row)?)
        },
    )?;
    for failure in told.failures {
        let mut row = row(gather, &failure, false, true);
        if row.result.name.contains(" hook") {
            row.result.status = Status::Broken;
        }
        gather.add(row)?;
    }
    Ok(())
}

fn has_error(test: &Value) -> bool {
    test["err"]
        .as_object()
        .is_some_and(|error| !error.is_empty())
}

fn title_of(test: &Value) -> String {
    format!("{}\0{}", text(&test["file"]), text(&test["fullTitle"]))
}

fn row(gather: &mut Gather<'_>, test: &Value, is_pending: bool, is_failed: bool) -> Row {
    gather.unknown(
        test,
        &[
            "title",
            "fullTitle",
            "file",
            "duration",
            "currentRetry",
            "err",
            "speed",
            "retriedTest",
        ],
    );
    let title = string(&test["title"]).unwrap_or_default();
    let full = string(&test["fullTitle"]).unwrap_or_else(|| title.clone());
    let group = full
        .strip_suffix(&title)
        .unwrap_or_default()
        .trim()
        .to_owned();
    let error = &test["err"];
    let has_error = has_error(test);
    let mut result = TestResult {
        full_name: Some(full),
        name: title,
        file: string(&test["file"]).map(|file| place(&file, "")),
        duration: number(&test["duration"]).map(|ms| ms.round().max(0.0) as u64),
        message: string(&error["message"]),
        trace: string(&error["stack"]),
        expected: string(&error["expected"]),
        actual: string(&error["actual"]),
        ..TestResult::default()
    };
    let is_assertion = string(&error["code"]).as_deref() == Some("ERR_ASSERTION")
        || string(&error["name"]).is_some_and(|name| name.contains("Assertion"))
        || error.get("expected").is_some()
        || result
            .trace
            .as_deref()
            .is_some_and(|trace| is_assertion(crate::base::text::first_line(trace).as_str()));
    result.status = match () {
        () if (has_error || is_failed) && is_assertion => Status::Failed,
        () if has_error || is_failed => Status::Broken,
        () if is_pending => Status::Skipped,
        () if test.get("fullTitle").is_none() => Status::Unknown,
        // What was never run has no duration and no speed.
        () if test.get("duration").is_none() && test.get("speed").is_none() => Status::Skipped,
        () if gather.is_damaged() && test.get("err").is_none() => Status::Unknown,
        () => Status::Passed,
    };
    if result.status == Status::Unknown {
        gather.notes.add(notes::UNKNOWN_STATUS, "");
    }
    let retry = number(&test["currentRetry"]).unwrap_or_default();
    if retry > 0.0 {
        result.flaky = result.status == Status::Passed;
        result.properties.add("currentRetry", retry.to_string());
    }
    result.start = timestamp(text(&test["start"])).map(|(start, _)| start);
    if !group.is_empty() {
        set_suites(&mut result, &[group]);
    }
    Row {
        result,
        ..Row::default()
    }
}
