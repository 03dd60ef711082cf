//! Playwright's JSON reporter.

use serde_json::Value;

use crate::base::text as words;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, is_assertion, join, parameter, place, set_suites};
use crate::ingest::json::{self, Document, list, number, string, text, texts};
use crate::ingest::notes::{self, Kind};
use crate::ingest::times::timestamp;
use crate::ingest::{Row, SinkError, attach, limits};
use crate::model::{Details, Status, Step, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "playwright",
    element: "test",
    read,
};

const DOCUMENT: Document = Document {
    units: &[&["suites", "*"]],
    is_element: |open| matches!(open, [.., specs, spec, tests, test] if specs == "specs" && spec == "*" && tests == "tests" && test == "*"),
};

const INTERNAL: Kind = ("attachment", "of Playwright's own left out");
/// How deep suites and steps are read.
const DEPTH: usize = 100;

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let mut seen = 0_u64;
    let (_, unexpected) = json::elements(
        gather,
        &DOCUMENT,
        |gather, frame| {
            of_run(gather, frame)?;
            let root = text(&frame["config"]["rootDir"]).to_owned();
            Ok((
                root,
                number(&frame["stats"]["unexpected"]).unwrap_or_default(),
            ))
        },
        |gather, (root, _), suite| {
            let mut suites = Suites {
                root,
                seen: &mut seen,
            };
            Ok(suites.suite(gather, &suite, &[], 0)?)
        },
    )?;
    if unexpected > 0.0 && seen == 0 {
        gather.declared_bad = unexpected as u64;
    }
    Ok(())
}

/// Takes what the file says of the run; errors outside of tests are rows of their own.
fn of_run(gather: &mut Gather<'_>, frame: &Value) -> Result<(), SinkError> {
    gather.unknown(frame, &["config", "suites", "errors", "stats"]);
    let config = &frame["config"];
    let stats = &frame["stats"];
    let counts = ["expected", "skipped", "unexpected", "flaky"];
    if stats.is_object() {
        let sum: f64 = counts.iter().filter_map(|key| number(&stats[key])).sum();
        gather.declare(Some(sum.max(0.0) as u64), 0);
    }
    gather.say(
        "playwright",
        &string(&config["version"]).unwrap_or_default(),
    );
    for name in ["current", "total"] {
        let value = string(&config["shard"][name]).unwrap_or_default();
        gather.say(&format!("shard.{name}"), &value);
    }
    for error in list(&frame["errors"]) {
        let (message, trace) = said(error);
        let first = words::truncate(
            &words::first_line(message.as_deref().unwrap_or("error of the run")),
            120,
        );
        let mut result = TestResult {
            full_name: Some(format!("errors.{first}")),
            name: first,
            status: Status::Broken,
            message,
            trace,
            ..TestResult::default()
        };
        set_place(&mut result, &error["location"], text(&config["rootDir"]));
        gather.add(Row {
            result,
            ..Row::default()
        })?;
    }
    Ok(())
}

struct Suites<'s> {
    root: &'s str,
    seen: &'s mut u64,
}

impl Suites<'_> {
    fn suite(
        &mut self,
        gather: &mut Gather<'_>,
        suite: &Value,
        above: &[String],
        depth: usize,
    ) -> Result<(), SinkError> {
        gather.unknown(
            suite,
            &["title", "file", "line", "column", "specs", "suites"],
        );
        let mut path = above.to_vec();
        path.extend(string(&suite["title"]));
        for spec in list(&suite["specs"]) {
            gather.unknown(
                spec,
                &[
                    "title", "ok", "tags", "id", "file", "line", "column", "tests",
                ],
            );
            for test in list(&spec["tests"]) {
                self.test(gather, spec, test, &path)?;
            }
        }
        if depth < DEPTH {
            for inner in list(&suite["suites"]) {
                self.suite(gather, inner, &path, depth + 1)?;
            }
        }
        Ok(())
    }

    fn test(
        &mut self,
        gather: &mut Gather<'_>,
        spec: &Value,
        test: &Value,
        path: &[String],
    ) -> Result<(), SinkError> {
        if !test.is_object() {
            return Ok(());
        }
        gather.unknown(
            test,
            &[
                "timeout",
                "annotations",
                "expectedStatus",
                "projectId",
                "projectName",
                "status",
                "results",
            ],
        );
        let base = self.base(spec, test, path);
        let results = list(&test["results"]);
        let mut rows: Vec<Row> = Vec::new();
        let mut ordered: Vec<&Value> = results.iter().filter(|r| r.is_object()).collect();
        ordered.sort_by_key(|result| number(&result["retry"]).unwrap_or_default() as u64);
        for result in ordered {
            rows.push(row(gather, base.clone(), test, result, self.root));
        }
        if rows.is_empty() {
            let mut result = base;
            result.status = match text(&test["status"]) {
                "skipped" => Status::Skipped,
                _ => Status::Unknown,
            };
            result.message = Some("the test was not run".to_owned());
            rows.push(Row {
                result,
                ..Row::default()
            });
        }
        if let Some(last) = rows.last_mut() {
            last.result.flaky = text(&test["status"]) == "flaky";
            // What the runner calls unexpected is not green, whatever its last result says.
            if text(&test["status"]) == "unexpected" && last.result.status == Status::Passed {
                last.result.status = Status::Failed;
                join(
                    &mut last.result.message,
                    "the test passed, and was expected to fail",
                    "\n",
                );
            }
            let bad = matches!(last.result.status, Status::Failed | Status::Broken);
            *self.seen += u64::from(bad);
        }
        gather.attempts(rows)
    }

    fn base(&self, spec: &Value, test: &Value, path: &[String]) -> TestResult {
        let file = string(&spec["file"]).map(|file| place(&file, self.root));
        let title = string(&spec["title"]).unwrap_or_default();
        // The outermost suite is the file itself.
        let groups: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
        let titles = groups.iter().copied().chain([title.as_str()]);
        let titles: Vec<&str> = titles.filter(|title| !title.is_empty()).collect();
        let file_name = file.clone().or_else(|| path.first().cloned());
        let mut result = TestResult {
            full_name: Some(format!(
                "{}#{}",
                file_name.unwrap_or_default(),
                titles.join(" ")
            )),
            name: title,
            file,
            line: number(&spec["line"]).map(|line| line.max(0.0) as u64),
            ..TestResult::default()
        };
        set_suites(&mut result, path);
        for tag in texts(&spec["tags"]) {
            result.labels.add("tag", tag);
        }
        if let Some(project) = string(&test["projectName"]).or_else(|| string(&test["projectId"])) {
            result.parameters.push(parameter("project", project));
        }
        for annotation in list(&test["annotations"]) {
            let kind = text(&annotation["type"]);
            let said = string(&annotation["description"]).unwrap_or_default();
            match kind {
                "" | "skip" | "fixme" | "fail" | "slow" => {}
                "issue" if said.starts_with("http") => {
                    let name = crate::base::path::file_name(&said);
                    result.links.push(attach::link("issue", name, Some(&said)));
                }
                "issue" => result.links.push(attach::link("issue", &said, None)),
                kind => {
                    crate::ingest::ids::add_from_property(&mut result.ids, kind, &said);
                    result.properties.add(kind, limits::masked(kind, &said));
                }
            }
        }
        result
    }
}

fn row(
    gather: &mut Gather<'_>,
    mut result: TestResult,
    test: &Value,
    said_of: &Value,
    root: &str,
) -> Row {
    gather.unknown(
        said_of,
        &[
            "workerIndex",
            "parallelIndex",
            "shardIndex",
            "status",
            "duration",
            "startTime",
            "retry",
            "error",
            "errors",
            "errorLocation",
            "stdout",
            "stderr",
            "steps",
            "attachments",
            "annotations",
        ],
    );
    let mut errors: Vec<&Value> = list(&said_of["errors"]).iter().collect();
    if errors.is_empty() && said_of["error"].is_object() {
        errors.push(&said_of["error"]);
    }
    for error in errors {
        let (message, trace) = said(error);
        join(&mut result.message, &message.unwrap_or_default(), "\n");
        join(&mut result.trace, &trace.unwrap_or_default(), "\n\n");
    }
    let word = text(&said_of["status"]);
    let expected = text(&test["expectedStatus"]);
    result.status = match word {
        "passed" => Status::Passed,
        "skipped" => Status::Skipped,
        "failed" if expected == "failed" => {
            result.properties.add("expectedStatus", "failed");
            Status::Passed
        }
        "failed" => {
            let message = result.message.as_deref().unwrap_or_default();
            match is_assertion(without_code(message)) {
                true => Status::Failed,
                false => Status::Broken,
            }
        }
        "timedOut" | "interrupted" => Status::Broken,
        other => {
            gather.notes.add(notes::UNKNOWN_STATUS, other);
            Status::Unknown
        }
    };
    if matches!(word, "timedOut" | "interrupted") {
        result.properties.add("status", word);
    }
    if result.status == Status::Skipped && result.message.is_none() {
        let own = list(&said_of["annotations"])
            .iter()
            .chain(list(&test["annotations"]));
        let mut reasons = own.filter(|one| matches!(text(&one["type"]), "skip" | "fixme"));
        result.message = reasons.find_map(|one| string(&one["description"]));
    }
    result.duration = number(&said_of["duration"]).map(|ms| ms.round().max(0.0) as u64);
    if let Some((start, assumed)) = timestamp(text(&said_of["startTime"])) {
        (result.start, result.start_assumed) = (Some(start), assumed);
    }
    if let Some(worker) = number(&said_of["workerIndex"]).filter(|worker| *worker >= 0.0) {
        result.labels.add("thread", format!("worker {worker}"));
    }
    if said_of["errorLocation"].is_object() {
        set_place(&mut result, &said_of["errorLocation"], root);
    }
    for attachment in list(&said_of["attachments"]) {
        let name = text(&attachment["name"]);
        if name.starts_with('_') {
            gather.notes.add(INTERNAL, name);
            continue;
        }
        let media_type = string(&attachment["contentType"]);
        if let Some(body) = attachment["body"].as_str() {
            match attach::decode_base64(body) {
                Some(bytes) => {
                    gather.attach_bytes(&mut result, name, media_type.as_deref(), &bytes);
                }
                None => gather.notes.add(notes::NO_BASE64, name),
            }
        } else if let Some(path) = string(&attachment["path"]) {
            let name = Some(name).filter(|name| !name.is_empty());
            gather
                .keeper
                .attach(&mut result, name, media_type.as_deref(), &path);
        }
    }
    Row {
        details: Details {
            steps: steps(list(&said_of["steps"]), 0),
            stdout: output(&said_of["stdout"]),
            stderr: output(&said_of["stderr"]),
            ..Details::default()
        },
        result,
        ..Row::default()
    }
}

/// Leaves out the lines of source that stand below a message.
fn without_code(message: &str) -> &str {
    let is_code = |line: &str| {
        let line = line.trim_start_matches(['>', ' ']);
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        digits.len() < line.len() && digits.starts_with(" |")
    };
    let mut at = 0;
    for line in message.split_inclusive('\n') {
        if is_code(line) {
            break;
        }
        at += line.len();
    }
    &message[..at]
}

/// Reads message and stack of an error, without colours.
fn said(error: &Value) -> (Option<String>, Option<String>) {
    let plain = |value: &Value| string(value).map(|text| words::strip_ansi(&text).into_owned());
    let message = plain(&error["message"]).or_else(|| plain(&error["value"]));
    let trace = plain(&error["stack"]).or_else(|| plain(&error["snippet"]));
    (message, trace)
}

fn set_place(result: &mut TestResult, location: &Value, root: &str) {
    if let Some(file) = string(&location["file"]) {
        result.file = Some(place(&file, root));
        result.line = number(&location["line"]).map(|line| line.max(0.0) as u64);
    }
}

fn steps(all: &[Value], depth: usize) -> Vec<Step> {
    if depth > DEPTH {
        return Vec::new();
    }
    let step = |step: &Value| {
        let (message, trace) = said(&step["error"]);
        Step {
            name: string(&step["title"]).unwrap_or_default(),
            status: Some(match step["error"].is_object() {
                true => Status::Failed,
                false => Status::Passed,
            }),
            duration: number(&step["duration"]).map(|ms| ms.round().max(0.0) as u64),
            message,
            trace,
            steps: steps(list(&step["steps"]), depth + 1),
            ..Step::default()
        }
    };
    all.iter().map(step).collect()
}

/// Joins pieces of output: texts, and bytes in base 64.
fn output(value: &Value) -> Option<String> {
    let mut out = String::new();
    for piece in list(value) {
        if let Some(text) = piece.as_str().or_else(|| piece["text"].as_str()) {
            out.push_str(text);
        } else if let Some(bytes) = piece["buffer"].as_str().and_then(attach::decode_base64) {
            out.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    Some(out).filter(|out| !out.is_empty())
}
