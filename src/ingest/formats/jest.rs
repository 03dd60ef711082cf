//! The JSON of Jest and Vitest.
//!
//! It names files by absolute paths and a test by its titles, which several files may share: a full
//! name is `path#titles`, the path being below the working copy, else below what all files share.

use std::collections::HashSet;

use serde_json::Value;

use crate::base::text::count;
use crate::base::{Timestamp, text as words};
use crate::ingest::attach::{common_folder, is_absolute};
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, is_assertion, join, place, set_suites};
use crate::ingest::json::{self, Document, list, number, string, text, texts};
use crate::ingest::notes;
use crate::ingest::{Row, SinkError};
use crate::model::{Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "jest",
    element: "test",
    read,
};

const DOCUMENT: Document = Document {
    units: &[&["testResults", "*"]],
    is_element: |open| matches!(open, [_, files, file, tests, test] if files == "testResults" && file == "*" && tests == "assertionResults" && test == "*"),
};

/// What is read to know all files: the tests apart.
const TESTS: &[&[&str]] = &[&["testResults", "*", "assertionResults"]];

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let frame = json::around(gather, TESTS)?;
    let files = list(&frame["testResults"]).iter();
    let files: Vec<String> = files.map(|file| place(text(&file["name"]), "")).collect();
    let all = files.iter().map(String::as_str);
    let common = common_folder(all.filter(|file| is_absolute(file)));
    drop(frame);
    let mut declared = 0;
    let mut failed = Failed::default();
    json::elements(
        gather,
        &DOCUMENT,
        |gather, frame| {
            let whole = |name: &str| number(&frame[name]).map(|n| n.max(0.0) as u64);
            let bad = whole("numFailedTests").unwrap_or_default();
            gather.declare(whole("numTotalTests"), bad);
            declared = whole("numFailedTestSuites").unwrap_or_default();
            if frame["success"] == false {
                gather.ended_badly = Some("the run was not successful".to_owned());
            }
            Ok(())
        },
        |gather, (), file| {
            failed.take(&file);
            Ok(of_file(gather, &file, &common)?)
        },
    )?;
    // Of Jest only files are suites, and there are fewer of them.
    let hooks = declared.saturating_sub(failed.suites.len() as u64);
    if hooks > 0 {
        let suites = count(hooks, "suite");
        gather.unshown = Some(format!(
            "{suites} failed without a test that did: look for a hook such as `beforeAll`"
        ));
    }
    Ok(())
}

/// Suites that failed since a test of theirs did: files, and what stands around the test.
#[derive(Debug, Default)]
struct Failed {
    /// Files so far: several projects may run one.
    files: u64,
    suites: HashSet<Vec<String>>,
}

impl Failed {
    fn take(&mut self, file: &Value) {
        self.files += 1;
        let path = vec![self.files.to_string()];
        for test in list(&file["assertionResults"]) {
            if text(&test["status"]) != "failed" {
                continue;
            }
            let mut suite = path.clone();
            for title in texts(&test["ancestorTitles"]) {
                suite.push(title);
                self.suites.insert(suite.clone());
            }
            self.suites.insert(path.clone());
        }
        if text(&file["status"]) == "failed" {
            self.suites.insert(path);
        }
    }
}

fn of_file(gather: &mut Gather<'_>, file: &Value, common: &str) -> Result<(), SinkError> {
    let path = string(&file["name"]).unwrap_or_default();
    let path = match gather.keeper.below(&path) {
        Some(path) => path,
        None => place(&path, common),
    };
    let mut told = false;
    for test in list(&file["assertionResults"])
        .iter()
        .filter(|test| test.is_object())
    {
        let row = row(gather, test, &path);
        told |= matches!(row.result.status, Status::Failed | Status::Broken);
        gather.test(row)?;
    }
    let failed = text(&file["status"]) == "failed";
    if failed && !told {
        let message = words::strip_ansi(text(&file["message"])).into_owned();
        let name = crate::base::path::file_name(&path).to_owned();
        let result = TestResult {
            full_name: Some(path.clone()),
            file: Some(path),
            name,
            status: Status::Broken,
            message: Some(match message.trim() {
                "" => "the test file failed".to_owned(),
                message => words::first_line(message),
            }),
            trace: Some(message),
            ..TestResult::default()
        };
        gather.add(Row {
            result,
            ..Row::default()
        })?;
    }
    Ok(())
}

fn row(gather: &mut Gather<'_>, test: &Value, file: &str) -> Row {
    gather.unknown(
        test,
        &[
            "ancestorTitles",
            "duration",
            "failureDetails",
            "failureMessages",
            "fullName",
            "invocations",
            "location",
            "numPassingAsserts",
            "retryReasons",
            "retryMessages",
            "status",
            "title",
            "meta",
            "startAt",
            "failing",
            "startTime",
            "tags",
            "benchmarks",
        ],
    );
    let title = string(&test["title"]).unwrap_or_default();
    let titles = string(&test["fullName"]).unwrap_or_else(|| title.clone());
    let titles = titles.trim();
    let full = match file {
        "" => titles.to_owned(),
        file => format!("{file}#{titles}"),
    };
    let mut result = TestResult {
        full_name: Some(full),
        name: title,
        duration: number(&test["duration"]).map(|ms| ms.round().max(0.0) as u64),
        start: number(&test["startAt"]).map(|ms| Timestamp::from_ms(ms as i64)),
        line: number(&test["location"]["line"]).map(|line| line.max(0.0) as u64),
        file: Some(file.to_owned()).filter(|file| !file.is_empty()),
        ..TestResult::default()
    };
    if result.name.is_empty() && titles.is_empty() {
        result.name = crate::base::path::file_name(file).to_owned();
        result.full_name = Some(file.to_owned());
    }
    set_suites(&mut result, &texts(&test["ancestorTitles"]));
    let word = text(&test["status"]);
    // What Vitest tells of a test that passed is what its attempts before that one failed of.
    let told = texts(&test["failureMessages"]);
    let (earlier, told) = match word {
        "passed" => (told, Vec::new()),
        _ => (Vec::new(), told),
    };
    for message in told {
        let message = words::strip_ansi(&message).into_owned();
        let (first, _) = message.split_once("\n    at ").unwrap_or((&message, ""));
        join(&mut result.message, first.trim(), "\n");
        join(&mut result.trace, &message, "\n\n");
    }
    let mut reasons = texts(&test["retryReasons"]);
    reasons.extend(earlier);
    result.status = match word {
        "passed" => Status::Passed,
        "failed" => match result.message.as_deref().is_none_or(is_assertion) {
            true => Status::Failed,
            false => Status::Broken,
        },
        "pending" | "skipped" | "todo" | "disabled" => Status::Skipped,
        // A file that does not load stands among its tests, without a name.
        "error" => Status::Broken,
        other => {
            gather.notes.add(notes::UNKNOWN_STATUS, other);
            Status::Unknown
        }
    };
    if matches!(word, "todo" | "disabled") {
        result.properties.add("status", word);
    }
    for tag in texts(&test["tags"]) {
        result.labels.add("tag", tag);
    }
    // Attempts before the last are told by their messages alone.
    let invocations = number(&test["invocations"]).unwrap_or(1.0);
    result.flaky = result.status == Status::Passed && (invocations > 1.0 || !reasons.is_empty());
    for reason in reasons {
        let reason = words::strip_ansi(&reason).into_owned();
        result
            .properties
            .add("retryReason", words::truncate(&reason, 2000));
    }
    Row {
        result,
        ..Row::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::tests::{file, read};

    fn rows(tests: &str) -> Vec<Row> {
        let text = format!(
            "{{\"numTotalTests\":1,\"testResults\":[{{\"name\":\"/w/a.test.ts\",\"status\":\"passed\",\
             \"assertionResults\":[{tests}]}}]}}"
        );
        read(&file("r.json", text)).1
    }

    #[test]
    fn files_tell_tests_apart_whatever_their_order() {
        let one = |path: &str, word: &str| {
            format!(
                "{{\"name\":\"{path}\",\"status\":\"{word}\",\"message\":\"\",\"assertionResults\":[{{\"ancestorTitles\":\
                 [\"login\"],\"fullName\":\"login works\",\"title\":\"works\",\"status\":\"{word}\",\"failureMessages\":[]}}]}}"
            )
        };
        let (a, b) = (
            one("/w/src/x/l.test.js", "passed"),
            one("/w/src/y/l.test.js", "failed"),
        );
        let cut = "{\"name\":\"/w/src/z.test.js\",\"status\":\"failed\",\"message\":\"no\",\"assertionResults\":[]}";
        for files in [[&a, &b], [&b, &a]] {
            let text = format!(
                "{{\"numTotalTests\":2,\"testResults\":[{},{},{cut}]}}",
                files[0], files[1]
            );
            let (_, rows) = read(&file("r.json", text));
            let mut told: Vec<_> = rows
                .iter()
                .map(|row| {
                    (
                        row.result.full_name.as_deref().unwrap_or_default(),
                        row.result.status,
                    )
                })
                .collect();
            told.sort_unstable();
            let expected = [
                ("x/l.test.js#login works", Status::Passed),
                ("y/l.test.js#login works", Status::Failed),
                ("z.test.js", Status::Broken),
            ];
            assert_eq!(told, expected);
            assert!(rows.iter().all(|row| row.result.occurrence.is_none()));
        }
    }

    #[test]
    fn texts_of_a_test_that_passed_are_of_its_earlier_attempts() {
        let rows = rows(
            "{\"ancestorTitles\":[\"g\"],\"fullName\":\"g retry\",\"title\":\"retry\",\"status\":\"passed\",\
             \"failureMessages\":[\"Error: n1\\n    at x\",\"Error: n2\"]}",
        );
        let result = &rows[0].result;
        assert_eq!((result.status, result.flaky), (Status::Passed, true));
        assert_eq!((&result.message, &result.trace), (&None, &None));
        let told = result.properties.all("retryReason");
        assert_eq!(told, ["Error: n1\n    at x", "Error: n2"]);
    }
}
