//! GoogleTest's JSON output.

use serde_json::Value;

use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, join, parameter, place, set_suites};
use crate::ingest::json::{self, Document, list, number, string, text};
use crate::ingest::notes;
use crate::ingest::times::timestamp;
use crate::ingest::{Row, SinkError, ids, limits};
use crate::model::{Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "gtest",
    element: "test",
    read,
};

const DOCUMENT: Document = Document {
    units: &[&["testsuites", "*"]],
    is_element: |open| matches!(open, [_, suites, suite, tests, test] if suites == "testsuites" && suite == "*" && tests == "testsuite" && test == "*"),
};

const CASE: [&str; 14] = [
    "name",
    "value_param",
    "type_param",
    "file",
    "line",
    "status",
    "result",
    "timestamp",
    "time",
    "classname",
    "failures",
    "skipped",
    "errors",
    "disabled",
];

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let mut of_suites = 0_u64;
    json::elements(
        gather,
        &DOCUMENT,
        |gather, frame| {
            let total = number(&frame["tests"]).map(|n| n.max(0.0) as u64);
            gather.declare(total, bad_of(frame));
            const KNOWN: [&str; 9] = [
                "tests",
                "failures",
                "disabled",
                "errors",
                "random_seed",
                "timestamp",
                "time",
                "name",
                "testsuites",
            ];
            for (name, value) in frame.as_object().into_iter().flatten() {
                if name == "random_seed" || !KNOWN.contains(&name.as_str()) {
                    gather.say(name, &string(value).unwrap_or_default());
                }
            }
            Ok(())
        },
        |gather, (), suite| Ok(of_suite(gather, &suite, &mut of_suites)?),
    )?;
    gather.declared_bad = gather.declared_bad.max(of_suites);
    Ok(())
}

/// The failures that the run or a suite of it declares.
fn bad_of(value: &Value) -> u64 {
    let counts = ["failures", "errors"].map(|name| number(&value[name]).unwrap_or_default());
    counts.iter().sum::<f64>().max(0.0) as u64
}

fn of_suite(gather: &mut Gather<'_>, suite: &Value, bad: &mut u64) -> Result<(), SinkError> {
    let cases = list(&suite["testsuite"]);
    for case in cases.iter().filter(|case| case.is_object()) {
        let row = row(gather, suite, case);
        gather.test(row)?;
    }
    *bad = bad.saturating_add(bad_of(suite));
    Ok(())
}

fn row(gather: &mut Gather<'_>, suite: &Value, case: &Value) -> Row {
    let class = string(&case["classname"]).or_else(|| string(&suite["name"]));
    let class = class.unwrap_or_default();
    let name = string(&case["name"]).unwrap_or_default();
    let mut result = TestResult {
        full_name: Some(match name.as_str() {
            "" => class.clone(),
            name => format!("{class}.{name}"),
        }),
        name,
        file: string(&case["file"]).map(|file| place(&file, "")),
        line: number(&case["line"]).map(|line| line.max(0.0) as u64),
        duration: number(&case["time"]).map(|s| (s * 1000.0).round().max(0.0) as u64),
        ..TestResult::default()
    };
    let outside = class == "NonTestSuiteFailure" || result.name.is_empty();
    // The time is local, whatever its end says.
    result.start = timestamp(text(&case["timestamp"])).map(|(start, _)| start);
    result.start_assumed = result.start.is_some();
    let failures = list(&case["failures"]);
    let (word, outcome) = (text(&case["status"]), text(&case["result"]));
    result.status = match (word, outcome) {
        _ if !failures.is_empty() && outside => Status::Broken,
        _ if !failures.is_empty() => Status::Failed,
        (_, "SKIPPED" | "SUPPRESSED") | ("NOTRUN", _) => Status::Skipped,
        (_, "COMPLETED") | ("RUN", "") => Status::Passed,
        (_, other) => {
            gather.notes.add(notes::UNKNOWN_STATUS, other);
            Status::Unknown
        }
    };
    if outside && result.status == Status::Passed {
        result.status = Status::Unknown;
    }
    for failure in failures {
        let said = string(&failure["failure"]).unwrap_or_default();
        join(&mut result.message, &said, "\n");
    }
    if let Some(message) = &result.message
        && let Some((place_of, _)) = message.split_once('\n')
        && let Some((file, line)) = place_of.rsplit_once(':')
        && let Ok(line) = line.trim().parse()
    {
        (result.file, result.line) = (Some(place(file, "")), Some(line));
    }
    for skipped in list(&case["skipped"]) {
        join(
            &mut result.message,
            &string(&skipped["message"]).unwrap_or_default(),
            "\n",
        );
    }
    for (name, key) in [("value", "value_param"), ("type", "type_param")] {
        if let Some(value) = string(&case[key]) {
            result.parameters.push(parameter(name, value));
        }
    }
    set_suites(&mut result, std::slice::from_ref(&class));
    result.labels.add("testClass", class);
    for (name, value) in case.as_object().into_iter().flatten() {
        if CASE.contains(&name.as_str()) {
            continue;
        }
        // Recorded properties stand among the fields.
        let value = string(value).unwrap_or_else(|| value.to_string());
        ids::add_from_property(&mut result.ids, name, &value);
        result.properties.add(name, limits::masked(name, &value));
    }
    Row {
        result,
        ..Row::default()
    }
}
