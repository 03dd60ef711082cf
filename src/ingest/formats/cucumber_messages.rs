//! Cucumber Messages: one envelope a line.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::cucumber_json::{add_tag, status, table, worst};
use crate::base::Timestamp;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, join, parameter, place, set_suites};
use crate::ingest::json::{flag, list, number, string, text};
use crate::ingest::lines::{self, Line};
use crate::ingest::{AttachmentSource, Row, SinkError, attach, limits, notes};
use crate::model::{Details, Status, Step, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "cucumber-messages",
    element: "test case",
    read,
};

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    survey(gather)?;
    let mut stream = Stream::default();
    let seen = lines::each(gather, |gather, line| {
        if let Line::Event(Value::Object(envelope)) = lines::event(line)
            && let Some((kind, value)) = envelope.into_iter().next()
        {
            stream.message(gather, &kind, value)?;
        }
        Ok(())
    })?;
    stream.end(gather)?;
    lines::settle(gather, seen);
    Ok(())
}

fn survey(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let (mut started, mut finished, mut damaged, mut at) = (0_u64, false, None, 0_u64);
    lines::each(gather, |_, line| {
        at += 1;
        let head: String = line
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(24)
            .collect();
        started += u64::from(head.starts_with("{\"testCaseStarted\":"));
        finished |= head.starts_with("{\"testRunFinished\":");
        if !line.trim().is_empty() && !matches!(lines::event(line), Line::Event(_)) {
            damaged.get_or_insert(at);
        }
        Ok(())
    })?;
    gather.elements = started;
    if let Some(at) = damaged {
        gather.fault(format!("line {at} is no valid JSON"));
    }
    if !finished {
        gather.fault("the file ends before the run does");
    }
    Ok(())
}

/// An attempt that runs.
#[derive(Debug, Default)]
struct Running {
    case: String,
    attempt: u64,
    start: Option<Timestamp>,
    worker: Option<String>,
    /// By the step's id: what it came to, and in which order.
    steps: Vec<(String, Value)>,
    attachments: Vec<(String, Value)>,
    retried: bool,
}

#[derive(Debug, Default)]
struct Stream {
    pickles: HashMap<String, Value>,
    cases: HashMap<String, Value>,
    /// Cases that were planned and never began, by their places in the stream, with their ids.
    idle: BTreeMap<usize, String>,
    /// Where in it a case stands.
    places: HashMap<String, usize>,
    /// A step was pending, which fails a strict run.
    has_pending: bool,
    hooks: HashMap<String, Value>,
    /// Keywords of steps, and what stands above a scenario, by the ids of the document.
    keywords: HashMap<String, String>,
    above: HashMap<String, Vec<String>>,
    lines: HashMap<String, u64>,
    features: HashMap<String, String>,
    running: HashMap<String, Running>,
    order: Vec<String>,
    run_hooks: HashMap<String, String>,
    held: usize,
}

fn time(value: &Value) -> Option<Timestamp> {
    let seconds = number(&value["seconds"])?;
    let nanos = number(&value["nanos"]).unwrap_or_default();
    Some(Timestamp::from_ms((seconds * 1000.0 + nanos / 1e6) as i64))
}

fn span(value: &Value) -> Option<u64> {
    let seconds = number(&value["seconds"])?;
    let nanos = number(&value["nanos"]).unwrap_or_default();
    Some((seconds * 1000.0 + nanos / 1e6).round().max(0.0) as u64)
}

impl Stream {
    fn message(
        &mut self,
        gather: &mut Gather<'_>,
        kind: &str,
        value: Value,
    ) -> Result<(), SinkError> {
        let id = || text(&value["id"]).to_owned();
        match kind {
            "meta" => of_meta(gather, &value),
            "gherkinDocument" => self.document(&value),
            "pickle" => {
                self.pickles.insert(id(), value);
            }
            "testCase" => {
                let place = self.places.len();
                if self.places.insert(id(), place).is_none() {
                    self.idle.insert(place, id());
                }
                self.cases.insert(id(), value);
            }
            "hook" => {
                self.hooks.insert(id(), value);
            }
            "parseError" => {
                let uri = string(&value["source"]["uri"]).unwrap_or_default();
                return gather.add(of_run(&format!("{uri} (parse error)"), &value));
            }
            "undefinedParameterType" => {
                let name = string(&value["name"]).unwrap_or_default();
                let message = format!("the parameter type `{name}` is not defined");
                gather.notes.line(message);
            }
            "testCaseStarted" => {
                let started = id();
                if let Some(place) = self.places.get(text(&value["testCaseId"])) {
                    self.idle.remove(place);
                }
                self.order.push(started.clone());
                self.running.insert(
                    started,
                    Running {
                        case: text(&value["testCaseId"]).to_owned(),
                        attempt: number(&value["attempt"]).unwrap_or_default().max(0.0) as u64,
                        start: time(&value["timestamp"]),
                        worker: string(&value["workerId"]),
                        ..Running::default()
                    },
                );
            }
            "testStepFinished" => {
                let step = text(&value["testStepId"]).to_owned();
                self.has_pending |= text(&value["testStepResult"]["status"]) == "PENDING";
                if let Some(running) = self.running.get_mut(text(&value["testCaseStartedId"])) {
                    running.steps.push((step, value["testStepResult"].clone()));
                }
            }
            "attachment" | "externalAttachment" => self.attachment(gather, value),
            "testCaseFinished" => {
                let started = text(&value["testCaseStartedId"]).to_owned();
                if let Some(mut running) = self.running.remove(&started) {
                    running.retried = flag(&value["willBeRetried"]);
                    return self.give(gather, running, Some(&value["timestamp"]));
                }
            }
            "testRunHookStarted" => {
                self.run_hooks
                    .insert(id(), text(&value["hookId"]).to_owned());
            }
            "testRunHookFinished" => {
                let result = &value["result"];
                let word = text(&result["status"]);
                if !matches!(word, "PASSED" | "SKIPPED" | "") {
                    let hook = self.run_hooks.get(text(&value["testRunHookStartedId"]));
                    let hook = hook.and_then(|hook| self.hooks.get(hook));
                    let name = hook
                        .map(hook_name)
                        .unwrap_or_else(|| "hook of the run".to_owned());
                    return gather.add(of_run(&name, result));
                }
            }
            "testRunFinished" if !flag(&value["success"]) && !value["exception"].is_null() => {
                return gather.add(of_run("test run", &value));
            }
            "testRunFinished" => {
                if value["success"] == Value::Bool(false) && !self.has_pending {
                    let message = string(&value["message"]).filter(|m| !m.trim().is_empty());
                    let message = message.map(|message| format!(": {}", message.trim()));
                    let message = message.unwrap_or_default();
                    gather.ended_badly = Some(format!("the run was not successful{message}"));
                }
                gather.say("success", &string(&value["success"]).unwrap_or_default());
            }
            "source" | "stepDefinition" | "parameterType" | "suggestion" | "testRunStarted"
            | "testStepStarted" => {}
            other => gather.notes.add(notes::UNKNOWN_FIELD, other),
        }
        Ok(())
    }

    /// Learns keywords and groups from a document.
    fn document(&mut self, document: &Value) {
        let feature = &document["feature"];
        let uri = text(&document["uri"]).to_owned();
        let name = string(&feature["name"]).unwrap_or_default();
        self.features.insert(uri, name.clone());
        self.children(&feature["children"], &[name], 0);
    }

    fn children(&mut self, children: &Value, path: &[String], depth: usize) {
        for child in list(children) {
            let rule = &child["rule"];
            if rule.is_object() && depth < 8 {
                let mut path = path.to_vec();
                path.extend(string(&rule["name"]));
                self.children(&rule["children"], &path, depth + 1);
            }
            for holder in [&child["background"], &child["scenario"]] {
                for step in list(&holder["steps"]) {
                    let keyword = text(&step["keyword"]).to_owned();
                    self.keywords.insert(text(&step["id"]).to_owned(), keyword);
                }
            }
            let scenario = &child["scenario"];
            if let Some(id) = string(&scenario["id"]) {
                self.above.insert(id.clone(), path.to_vec());
                let line = number(&scenario["location"]["line"]);
                self.lines
                    .extend(line.map(|line| (id, line.max(0.0) as u64)));
            }
            for row in list(&scenario["examples"])
                .iter()
                .flat_map(|e| list(&e["tableBody"]))
            {
                let line = number(&row["location"]["line"]);
                let id = text(&row["id"]).to_owned();
                self.lines
                    .extend(line.map(|line| (id, line.max(0.0) as u64)));
            }
        }
    }

    fn attachment(&mut self, gather: &mut Gather<'_>, value: Value) {
        let size = text(&value["body"]).len();
        let step = text(&value["testStepId"]).to_owned();
        match self.running.get_mut(text(&value["testCaseStartedId"])) {
            Some(running) if self.held + size <= 4 * limits::CASE => {
                self.held += size;
                running.attachments.push((step, value));
            }
            Some(_) => gather.notes.add(notes::ELIDED, "attachment"),
            None => {
                let (name, media_type, bytes) = content(&value);
                let source = AttachmentSource::Bytes(&bytes);
                let kept =
                    gather
                        .keeper
                        .keep(Status::Unknown, &name, media_type.as_deref(), source);
                gather.run_attachment(kept);
            }
        }
    }

    /// Gives what still runs where the stream ends.
    fn end(&mut self, gather: &mut Gather<'_>) -> Result<(), SinkError> {
        for started in std::mem::take(&mut self.order) {
            if let Some(running) = self.running.remove(&started) {
                self.give(gather, running, None)?;
            }
        }
        for id in std::mem::take(&mut self.idle).into_values() {
            let case = self.cases.get(&id).cloned().unwrap_or_default();
            let Some(pickle) = self.pickles.get(text(&case["pickleId"])) else {
                continue;
            };
            let result = TestResult {
                message: Some("planned, and never started".to_owned()),
                ..self.base(pickle)
            };
            gather.add(Row {
                result,
                ..Row::default()
            })?;
        }
        Ok(())
    }

    fn give(
        &mut self,
        gather: &mut Gather<'_>,
        running: Running,
        end: Option<&Value>,
    ) -> Result<(), SinkError> {
        let case = self.cases.get(&running.case).cloned().unwrap_or_default();
        let pickle = self
            .pickles
            .get(text(&case["pickleId"]))
            .cloned()
            .unwrap_or_default();
        let mut result = self.base(&pickle);
        result.start = running.start;
        result.duration = end
            .and_then(time)
            .zip(running.start)
            .map(|(end, start)| u64::try_from(end.ms() - start.ms()).unwrap_or_default());
        if let Some(worker) = &running.worker {
            result.labels.add("thread", worker.as_str());
        }
        let message = |outcome: &Value| {
            string(&outcome["exception"]["message"])
                .or_else(|| string(&outcome["message"]))
                .unwrap_or_default()
        };
        let said = |outcome: &Value| {
            format!(
                "{} {}",
                text(&outcome["exception"]["type"]),
                message(outcome)
            )
        };
        let mut statuses: Vec<Status> = running
            .steps
            .iter()
            .map(|(_, outcome)| status(text(&outcome["status"]), said(outcome).trim()))
            .collect();
        let planned = list(&case["testSteps"]).len();
        if statuses.is_empty() && planned == 0 && end.is_some() {
            statuses.push(Status::Unknown);
        }
        result.status = match end {
            Some(_) => worst(&statuses),
            // Without its end it did not pass.
            None => match worst(&statuses) {
                status @ (Status::Failed | Status::Broken) => status,
                _ => Status::Broken,
            },
        };
        if end.is_some() && running.steps.len() < planned && result.status == Status::Passed {
            result.status = Status::Unknown;
        }
        if end.is_none() {
            result.message = Some("the test case has no end".to_owned());
        }
        let mut details = Details::default();
        let mut begun = false;
        for test_step in list(&case["testSteps"]) {
            let id = text(&test_step["id"]);
            let outcome = running
                .steps
                .iter()
                .find(|(own, _)| own == id)
                .map(|(_, outcome)| outcome);
            let outcome = outcome.cloned().unwrap_or_default();
            let is_hook = test_step.get("hookId").is_some_and(|hook| !hook.is_null());
            let mut step = self.step(&pickle, test_step, &outcome);
            if matches!(step.status, Some(Status::Failed | Status::Broken)) {
                let first = crate::base::text::first_line(&message(&outcome));
                let word = text(&outcome["status"]).to_ascii_lowercase();
                let first = if first.is_empty() {
                    format!("{word}: {}", step.name)
                } else {
                    first
                };
                join(&mut result.message, &first, "\n");
                let trace = string(&outcome["exception"]["stackTrace"])
                    .or_else(|| string(&outcome["message"]));
                join(&mut result.trace, &trace.unwrap_or_default(), "\n\n");
            }
            self.attach(gather, &mut result, &mut details, &mut step, &running, id);
            match (is_hook, begun) {
                (true, false) => details.before.push(step),
                (true, true) => details.after.push(step),
                (false, _) => {
                    begun = true;
                    details.steps.push(step);
                }
            }
        }
        let size: usize = running
            .attachments
            .iter()
            .map(|(_, value)| text(&value["body"]).len())
            .sum();
        self.held -= size.min(self.held);
        if running.attempt > 0 || running.retried {
            result.attempt = Some(u32::try_from(running.attempt + 1).unwrap_or(u32::MAX));
        }
        result.flaky = running.attempt > 0 && result.status == Status::Passed;
        let row = Row {
            result,
            details,
            ..Row::default()
        };
        gather.identified(row, running.case)
    }

    fn base(&self, pickle: &Value) -> TestResult {
        let uri = place(text(&pickle["uri"]), "");
        let name = string(&pickle["name"]).unwrap_or_default();
        let ids = list(&pickle["astNodeIds"]);
        let of = |at: usize| ids.get(at).map(text).unwrap_or_default();
        let mut result = TestResult {
            full_name: Some(format!("{uri}#{name}")),
            name,
            line: number(&pickle["location"]["line"])
                .map(|line| line.max(0.0) as u64)
                .or_else(|| ids.last().and_then(|id| self.lines.get(text(id)).copied())),
            ..TestResult::default()
        };
        let feature = self
            .features
            .get(text(&pickle["uri"]))
            .cloned()
            .unwrap_or_default();
        let path = self.above.get(of(0)).cloned();
        let path = path.unwrap_or_else(|| {
            vec![if feature.is_empty() {
                uri.clone()
            } else {
                feature.clone()
            }]
        });
        set_suites(&mut result, &path);
        if !feature.is_empty() {
            result.labels.add("feature", feature);
        }
        if ids.len() > 1
            && let Some(line) = self.lines.get(of(1))
        {
            result
                .parameters
                .push(parameter("example", format!("line {line}")));
        }
        for tag in list(&pickle["tags"]) {
            add_tag(&mut result, text(&tag["name"]));
        }
        result.file = Some(uri).filter(|uri| !uri.is_empty());
        result
    }

    fn step(&self, pickle: &Value, test_step: &Value, outcome: &Value) -> Step {
        let hook = self.hooks.get(text(&test_step["hookId"]));
        let pickle_step = list(&pickle["steps"])
            .iter()
            .find(|step| !step["id"].is_null() && step["id"] == test_step["pickleStepId"]);
        let name = match (hook, pickle_step) {
            (Some(hook), _) => hook_name(hook),
            (None, Some(step)) => {
                let node = list(&step["astNodeIds"])
                    .first()
                    .map(text)
                    .unwrap_or_default();
                let keyword = self
                    .keywords
                    .get(node)
                    .map(String::as_str)
                    .unwrap_or_default();
                format!("{keyword}{}", text(&step["text"]))
            }
            (None, None) => "hook".to_owned(),
        };
        let message =
            string(&outcome["exception"]["message"]).or_else(|| string(&outcome["message"]));
        let said = format!(
            "{} {}",
            text(&outcome["exception"]["type"]),
            message.as_deref().unwrap_or_default()
        );
        Step {
            name,
            status: Some(status(text(&outcome["status"]), said.trim())),
            duration: span(&outcome["duration"]),
            message,
            ..Step::default()
        }
    }

    /// Keeps what a step attached, and the table or text that it was given.
    fn attach(
        &self,
        gather: &mut Gather<'_>,
        result: &mut TestResult,
        details: &mut Details,
        step: &mut Step,
        running: &Running,
        id: &str,
    ) {
        for (_, value) in running.attachments.iter().filter(|(own, _)| own == id) {
            let media_type = text(&value["mediaType"]);
            if media_type == "text/x.cucumber.log+plain" {
                join(&mut details.stdout, text(&value["body"]), "\n");
                continue;
            }
            if media_type == "text/uri-list" {
                for url in text(&value["body"])
                    .lines()
                    .filter(|line| line.starts_with("http"))
                {
                    result.links.push(attach::link(
                        "link",
                        crate::base::path::file_name(url),
                        Some(url),
                    ));
                }
                continue;
            }
            if let Some(url) = string(&value["url"]).filter(|_| value["body"].is_null()) {
                gather.keeper.attach(result, None, Some(media_type), &url);
                continue;
            }
            let (name, media_type, bytes) = content(value);
            let source = AttachmentSource::Bytes(&bytes);
            let kept = gather
                .keeper
                .keep(result.status, &name, media_type.as_deref(), source);
            step.attachments.push(kept);
        }
        let pickle = self
            .cases
            .get(&running.case)
            .and_then(|case| self.pickles.get(text(&case["pickleId"])));
        let case = self.cases.get(&running.case);
        let test_step = case.and_then(|case| {
            list(&case["testSteps"])
                .iter()
                .find(|one| text(&one["id"]) == id)
        });
        let (Some(pickle), Some(test_step)) = (pickle, test_step) else {
            return;
        };
        let own = list(&pickle["steps"])
            .iter()
            .find(|step| !step["id"].is_null() && step["id"] == test_step["pickleStepId"]);
        let Some(argument) = own.map(|step| &step["argument"]) else {
            return;
        };
        let rows = list(&argument["dataTable"]["rows"]);
        let (name, media_type, said) = match string(&argument["docString"]["content"]) {
            Some(content) => ("doc string", "text/markdown", content),
            None if !rows.is_empty() => ("table", "text/csv", table(rows)),
            None => return,
        };
        let source = AttachmentSource::Bytes(said.as_bytes());
        let kept = gather
            .keeper
            .keep(result.status, name, Some(media_type), source);
        step.attachments.push(kept);
    }
}

fn of_meta(gather: &mut Gather<'_>, value: &Value) {
    for name in ["implementation", "runtime", "os", "cpu"] {
        let version = string(&value[name]["version"]).unwrap_or_default();
        let said = format!("{} {version}", text(&value[name]["name"]));
        gather.say(name, said.trim());
    }
}

fn hook_name(hook: &Value) -> String {
    let name = string(&hook["name"]);
    let kind = string(&hook["type"]).map(|kind| kind.to_ascii_lowercase().replace('_', " "));
    let uri = string(&hook["sourceReference"]["uri"]);
    let line = string(&hook["sourceReference"]["location"]["line"]).unwrap_or_default();
    name.or(kind).unwrap_or_else(|| match uri {
        Some(uri) => format!("hook {}:{line}", place(&uri, "")),
        None => "hook".to_owned(),
    })
}

/// A row for what failed outside of all test cases.
fn of_run(name: &str, outcome: &Value) -> Row {
    let exception = &outcome["exception"];
    let message = string(&exception["message"]).or_else(|| string(&outcome["message"]));
    Row {
        result: TestResult {
            name: name.to_owned(),
            full_name: Some(name.to_owned()),
            status: Status::Broken,
            trace: string(&exception["stackTrace"]),
            message: message.or_else(|| string(&outcome["status"])),
            ..TestResult::default()
        },
        ..Row::default()
    }
}

fn content(value: &Value) -> (String, Option<String>, Vec<u8>) {
    let body = text(&value["body"]);
    let bytes = match text(&value["contentEncoding"]) {
        "BASE64" => attach::decode_base64(body).unwrap_or_else(|| body.as_bytes().to_vec()),
        _ => body.as_bytes().to_vec(),
    };
    let name = string(&value["fileName"]).unwrap_or_else(|| "attachment".to_owned());
    (name, string(&value["mediaType"]), bytes)
}
