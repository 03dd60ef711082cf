//! The machine output of `dart test` and `flutter test`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, join, place, set_suites};
use crate::ingest::json::{flag, list, number, string, text};
use crate::ingest::lines::{self, Line};
use crate::ingest::notes::{self, Kind};
use crate::ingest::{Row, SinkError, limits};
use crate::model::{Details, Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "dart",
    element: "test",
    read,
};

const STRANGE: Kind = ("event", "of an unknown kind left out");

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    survey(gather)?;
    let mut events = Events::default();
    let seen = lines::each(gather, |gather, line| {
        match lines::event(line) {
            Line::Event(event) => events.event(gather, event)?,
            Line::Text | Line::Damaged if events.text.len() + line.len() < limits::FIELD => {
                events.text.push_str(line);
                events.text.push('\n');
            }
            Line::Text | Line::Damaged => {}
        }
        Ok(())
    })?;
    for (_, test) in std::mem::take(&mut events.open) {
        events.broken(gather, test)?;
    }
    gather.run_text(Status::Unknown, "output.txt", &events.text);
    lines::settle(gather, seen);
    Ok(())
}

fn survey(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let (mut started, mut done, mut damaged, mut at) = (0_u64, false, None, 0_u64);
    lines::each(gather, |_, line| {
        at += 1;
        let is_start =
            line.contains("\"type\":\"testStart\"") || line.contains("\"type\": \"testStart\"");
        started += u64::from(is_start && line.trim_start().starts_with('{'));
        match lines::event(line) {
            Line::Event(event) => done |= event["type"] == "done",
            Line::Damaged if line.contains("\"type\"") => {
                damaged.get_or_insert(at);
            }
            Line::Damaged | Line::Text => {}
        }
        Ok(())
    })?;
    gather.elements = started;
    if let Some(at) = damaged {
        gather.fault(format!("line {at} is no valid JSON"));
    }
    if !done {
        gather.fault("the file ends before the run is done");
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Test {
    about: Value,
    start: f64,
    output: Option<String>,
    errors: Vec<(String, String, bool)>,
    reason: Option<String>,
}

#[derive(Debug, Default)]
struct Events {
    suites: BTreeMap<u64, Value>,
    groups: BTreeMap<u64, Value>,
    open: BTreeMap<u64, Test>,
    text: String,
}

fn id(value: &Value) -> u64 {
    number(value).unwrap_or(-1.0).max(-1.0) as i64 as u64
}

impl Events {
    fn event(&mut self, gather: &mut Gather<'_>, mut event: Value) -> Result<(), SinkError> {
        let kind = text(&event["type"]).to_owned();
        match kind.as_str() {
            "start" => gather.say(
                "runner",
                &string(&event["runnerVersion"]).unwrap_or_default(),
            ),
            "suite" => {
                self.suites
                    .insert(id(&event["suite"]["id"]), event["suite"].take());
            }
            "group" => {
                self.groups
                    .insert(id(&event["group"]["id"]), event["group"].take());
            }
            "testStart" => {
                let start = number(&event["time"]).unwrap_or_default();
                let about = event["test"].take();
                let test = Test {
                    about,
                    start,
                    ..Test::default()
                };
                if let Some(twice) = self.open.insert(id(&test.about["id"]), test) {
                    self.broken(gather, twice)?;
                }
            }
            "print" => {
                if let Some(test) = self.open.get_mut(&id(&event["testID"])) {
                    let said = text(&event["message"]);
                    match text(&event["messageType"]) {
                        "skip" => test.reason = Some(said.trim_start_matches("Skip: ").to_owned()),
                        _ => {
                            let output = test.output.get_or_insert_default();
                            if output.len() + said.len() < limits::TEXT {
                                output.push_str(said);
                                output.push('\n');
                            }
                        }
                    }
                }
            }
            "error" => {
                if let Some(test) = self.open.get_mut(&id(&event["testID"])) {
                    test.errors.push((
                        text(&event["error"]).to_owned(),
                        text(&event["stackTrace"]).to_owned(),
                        flag(&event["isFailure"]),
                    ));
                }
            }
            "testDone" => {
                if let Some(test) = self.open.remove(&id(&event["testID"])) {
                    return self.done(gather, test, &event);
                }
                gather.notes.add(STRANGE, "testDone");
            }
            "done" if event["success"] == false => {
                gather.ended_badly = Some("the run was not successful".to_owned());
            }
            "allSuites" | "done" | "debug" | "" => {}
            other => gather.notes.add(STRANGE, other),
        }
        Ok(())
    }

    fn done(
        &mut self,
        gather: &mut Gather<'_>,
        test: Test,
        event: &Value,
    ) -> Result<(), SinkError> {
        let word = text(&event["result"]);
        let mut row = self.row(gather, &test);
        row.result.status = match word {
            "success" if flag(&event["skipped"]) => Status::Skipped,
            "success" if !test.errors.is_empty() => Status::Broken,
            "success" => Status::Passed,
            "failure" => Status::Failed,
            "error" => Status::Broken,
            other => {
                gather.notes.add(notes::UNKNOWN_STATUS, other);
                Status::Unknown
            }
        };
        let end = number(&event["time"]).unwrap_or(test.start);
        row.result.duration = Some((end - test.start).round().max(0.0) as u64);
        let is_bad = matches!(row.result.status, Status::Failed | Status::Broken);
        // Loading a file, set-ups and tear-downs are hidden where they went well.
        if flag(&event["hidden"]) && !is_bad {
            gather.counts.merged += 1;
            return Ok(());
        }
        gather.test(row)
    }

    /// Gives a test without an end.
    fn broken(&self, gather: &mut Gather<'_>, test: Test) -> Result<(), SinkError> {
        let mut row = self.row(gather, &test);
        row.result.status = Status::Broken;
        join(
            &mut row.result.message,
            "the test has no end: its run stopped before",
            "\n",
        );
        gather.test(row)
    }

    fn row(&self, gather: &mut Gather<'_>, test: &Test) -> Row {
        let about = &test.about;
        let suite = self.suites.get(&id(&about["suiteID"]));
        let path = suite.and_then(|suite| string(&suite["path"]));
        let file = path.map(|path| {
            gather
                .keeper
                .below(&path)
                .unwrap_or_else(|| place(&path, ""))
        });
        let groups: Vec<&str> = list(&about["groupIDs"])
            .iter()
            .filter_map(|group| self.groups.get(&id(group)))
            .map(|group| text(&group["name"]))
            .collect();
        let full = string(&about["name"]).unwrap_or_default();
        let inner = groups.last().copied().unwrap_or_default();
        let name = full.strip_prefix(inner).unwrap_or(&full).trim();
        let name = if name.is_empty() { full.as_str() } else { name };
        let mut result = TestResult {
            name: name.to_owned(),
            full_name: Some(match &file {
                Some(file) => format!("{file}#{full}"),
                None => full.clone(),
            }),
            line: number(&about["line"]).map(|line| line.max(0.0) as u64),
            ..TestResult::default()
        };
        let mut titles: Vec<String> = file.iter().cloned().collect();
        let mut above = "";
        for group in groups {
            let own = group.strip_prefix(above).unwrap_or(group).trim();
            titles.extend(Some(own.to_owned()).filter(|own| !own.is_empty()));
            above = group;
        }
        set_suites(&mut result, &titles);
        result.file = file;
        if let Some(suite) = suite
            && let Some(platform) = string(&suite["platform"])
        {
            result
                .parameters
                .push(crate::ingest::gather::parameter("platform", platform));
        }
        let reason = test
            .reason
            .clone()
            .or_else(|| string(&about["metadata"]["skipReason"]));
        result.message = reason;
        for (error, trace, _) in &test.errors {
            join(&mut result.message, error, "\n");
            join(&mut result.trace, trace, "\n\n");
        }
        Row {
            result,
            details: Details {
                stdout: test.output.clone(),
                ..Details::default()
            },
            ..Row::default()
        }
    }
}
