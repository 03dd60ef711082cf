//! libtest's JSON (`--format json`), and nextest's (`--message-format libtest-json[-plus]`).

use std::collections::HashMap;

use serde_json::Value;

use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, parameter, set_suites};
use crate::ingest::json::{number, string, text};
use crate::ingest::lines::{self, Line};
use crate::ingest::notes::Kind;
use crate::ingest::{Row, SinkError, limits};
use crate::model::{Details, Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "libtest",
    element: "test",
    read,
};

const STRANGE: Kind = ("event", "of an unknown kind left out");

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    survey(gather)?;
    let mut events = Events::default();
    let seen = lines::each(gather, |gather, line| {
        match lines::event(line) {
            Line::Event(event) => events.event(gather, &event)?,
            Line::Text | Line::Damaged => events.text(line),
        }
        Ok(())
    })?;
    events.close(gather, true)?;
    let text = std::mem::take(&mut events.text);
    gather.run_text(Status::Unknown, "output.txt", &text);
    lines::settle(gather, seen);
    Ok(())
}

/// Counts tests by the lines that start them, and sees whether all suites ended.
fn survey(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let (mut started, mut open, mut damaged, mut at) = (0_u64, false, None, 0_u64);
    let mut declared: HashMap<String, u64> = HashMap::new();
    lines::each(gather, |_, line| {
        at += 1;
        let plain: String = line.chars().filter(|c| *c != ' ').take(120).collect();
        let test = plain.starts_with('{') && plain.contains("\"type\":\"test\"");
        started += u64::from(test && plain.contains("\"event\":\"started\""));
        match lines::event(line) {
            Line::Event(event) if event["type"] == "suite" => {
                open = event["event"] == "started";
                if open {
                    // nextest starts a suite again for tests that outlast their suite.
                    let own = match event.get("nextest") {
                        Some(binary) => binary.to_string(),
                        None => at.to_string(),
                    };
                    let count = number(&event["test_count"]).unwrap_or_default();
                    declared.insert(own, count.max(0.0) as u64);
                }
            }
            Line::Damaged
                if line.contains("\"type\"") || line.trim_start().starts_with("{ \"t") =>
            {
                damaged.get_or_insert(at);
            }
            _ => {}
        }
        Ok(())
    })?;
    gather.elements = started;
    let declared = declared.into_values().fold(0_u64, u64::saturating_add);
    gather.declared = Some(declared).filter(|n| *n > 0);
    if let Some(at) = damaged {
        gather.fault(format!("line {at} is no valid JSON"));
    }
    if open {
        gather.fault("the file ends before its last suite does");
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Events {
    /// What tells the binary: cargo's line, or nextest's fields.
    binary: Option<String>,
    /// Tests that were started, by name: how often.
    open: HashMap<String, u32>,
    order: Vec<String>,
    text: String,
}

impl Events {
    /// Takes a line of cargo: which binary runs now, or anything else.
    fn text(&mut self, line: &str) {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("Running ") {
            let path = rest
                .rsplit_once('(')
                .map_or(rest, |(_, path)| path.trim_end_matches(')'));
            let path = path.replace('\\', "/");
            let stem = crate::base::path::file_name(&path);
            // cargo's hash stands behind the last dash.
            let stem = stem.rsplit_once('-').map_or(stem, |(stem, _)| stem);
            self.binary = Some(stem.to_owned());
        } else if let Some(name) = line.strip_prefix("Doc-tests ") {
            self.binary = Some(format!("{name} (doc tests)"));
        } else if !line.is_empty() && self.text.len() + line.len() < limits::FIELD {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn event(&mut self, gather: &mut Gather<'_>, event: &Value) -> Result<(), SinkError> {
        match (text(&event["type"]), text(&event["event"])) {
            ("suite", "started") => {
                self.close(gather, false)?;
                if let Some(krate) = string(&event["nextest"]["crate"]) {
                    let binary = string(&event["nextest"]["test_binary"]).unwrap_or_default();
                    let is_same = binary == krate || binary.is_empty();
                    self.binary = Some(if is_same {
                        krate
                    } else {
                        format!("{krate}::{binary}")
                    });
                }
            }
            ("suite", "ok") => {
                self.close(gather, false)?;
                self.binary = None;
            }
            ("suite", "failed") => {
                let failures = number(&event["failed"]).unwrap_or_default();
                self.close(gather, false)?;
                let failures = failures.max(0.0) as u64;
                gather.declared_bad = gather.declared_bad.saturating_add(failures);
                self.binary = None;
            }
            ("suite", "discovery" | "completed") | ("report", _) => {}
            ("test" | "bench", "discovered") => {}
            ("test", "started") => {
                let name = text(&event["name"]).to_owned();
                *self.open.entry(name.clone()).or_default() += 1;
                self.order.push(name);
            }
            ("test", "timeout") => {}
            ("test", "ok" | "failed" | "ignored" | "allowed_failure") | ("bench", _) => {
                return self.ended(gather, event);
            }
            ("", _) if event.get("reason").is_some() => {}
            (kind, word) => gather.notes.add(STRANGE, &format!("{kind} {word}")),
        }
        Ok(())
    }

    fn ended(&mut self, gather: &mut Gather<'_>, event: &Value) -> Result<(), SinkError> {
        let name = text(&event["name"]);
        // nextest adds how many attempts there were only where the test ended.
        let started = match self.open.contains_key(name) {
            true => name,
            false => name.rsplit_once('#').map_or(name, |(base, _)| base),
        };
        match self.open.get_mut(started).filter(|n| **n > 0) {
            Some(n) => *n -= 1,
            None => gather.elements += 1,
        }
        let row = row(self.binary.as_deref(), event);
        gather.test(row)
    }

    /// Gives tests that were started and never ended: the process went away under them. nextest's may still
    /// end after their suite does.
    fn close(&mut self, gather: &mut Gather<'_>, is_end: bool) -> Result<(), SinkError> {
        let mut open = std::mem::take(&mut self.open);
        for name in std::mem::take(&mut self.order) {
            let Some(n) = open.get_mut(&name).filter(|n| **n > 0) else {
                continue;
            };
            if name.contains('$') && !is_end {
                self.open.insert(name.clone(), *n);
                self.order.push(name);
                continue;
            }
            *n -= 1;
            let event = serde_json::json!({"name": name});
            let mut row = row(self.binary.as_deref(), &event);
            row.result.status = Status::Broken;
            row.result.message = Some("the test has no end: its process stopped before".to_owned());
            gather.test(row)?;
        }
        Ok(())
    }
}

fn row(binary: Option<&str>, event: &Value) -> Row {
    let whole = text(&event["name"]);
    let mut result = TestResult::default();
    let (mut name, mut binary) = (whole.to_owned(), binary.map(str::to_owned));
    if let Some((before, test)) = whole.split_once('$') {
        let (crates, stress) = before
            .split_once("@stress-")
            .map_or((before, None), |(c, n)| (c, Some(n)));
        binary = Some(crates.to_owned());
        if let Some(stress) = stress {
            result.parameters.push(parameter("stress", stress));
        }
        name = test.to_owned();
        if let Some((base, attempts)) = test.rsplit_once('#')
            && let Ok(attempts) = attempts.parse::<u32>()
        {
            name = base.to_owned();
            result.properties.add("attempts", attempts.to_string());
            result.flaky = attempts > 1 && event["event"] == "ok";
        }
    }
    let path = name
        .rsplit_once("::")
        .map_or("", |(path, _)| path)
        .to_owned();
    let plain = match binary.as_deref() {
        // A documentation test's line moves with what stands above it.
        Some(binary) if binary.ends_with("(doc tests)") => {
            name.split(" (line ").next().unwrap_or_default().to_owned()
        }
        _ => name.clone(),
    };
    result.full_name = Some(match &binary {
        Some(binary) => format!("{binary}::{plain}"),
        None => plain,
    });
    let groups: Vec<String> = binary.into_iter().chain([path]).collect();
    set_suites(&mut result, &groups);
    let output = string(&event["stdout"]);
    let is_bench = event["type"] == "bench";
    result.status = match text(&event["event"]) {
        "ok" => Status::Passed,
        "failed" => of_failure(output.as_deref(), event),
        "ignored" => Status::Skipped,
        "allowed_failure" => {
            result.properties.add("event", "allowed_failure");
            Status::Skipped
        }
        _ if is_bench => Status::Passed,
        _ => Status::Unknown,
    };
    if is_bench {
        for key in ["median", "deviation", "mib_per_second"] {
            if let Some(value) = string(&event[key]) {
                result.properties.add(key, value);
            }
        }
    }
    result.message = string(&event["message"]).or_else(|| string(&event["reason"]));
    if matches!(result.status, Status::Failed | Status::Broken) {
        let panicked = output.as_deref().and_then(panic);
        if let Some((place, said)) = &panicked {
            if result.message.is_none() {
                result.message = Some(said.clone());
            }
            let mut parts = place.rsplitn(3, ':');
            let (_, line, file) = (parts.next(), parts.next(), parts.next());
            if let (Some(Ok(line)), Some(file)) = (line.map(str::parse), file) {
                (result.file, result.line) = (Some(file.replace('\\', "/")), Some(line));
            }
        }
        result.trace.clone_from(&output);
    }
    let seconds = number(&event["exec_time"]);
    result.duration = seconds.map(|s| (s * 1000.0).round().max(0.0) as u64);
    result.name = name;
    Row {
        result,
        details: Details {
            stdout: output,
            ..Details::default()
        },
        ..Row::default()
    }
}

/// A panic of an assertion is a failure; any other, and whatever else ends a test, is broken.
fn of_failure(output: Option<&str>, event: &Value) -> Status {
    let Some(output) = output else {
        return Status::Failed;
    };
    match panic(output) {
        Some((_, said)) if said.contains("assertion") || event.get("message").is_some() => {
            Status::Failed
        }
        Some(_) => Status::Broken,
        None => Status::Failed,
    }
}

/// Reads `thread 'x' panicked at src/lib.rs:3:5:` and the line after it.
fn panic(output: &str) -> Option<(String, String)> {
    let (_, rest) = output.split_once("panicked at ")?;
    let mut lines = rest.lines();
    let first = lines.next()?;
    // Before Rust 1.73 the message stood before its place.
    let old = first
        .strip_prefix('\'')
        .and_then(|rest| rest.rsplit_once("', "));
    if let Some((said, place)) = old {
        return Some((place.to_owned(), said.to_owned()));
    }
    let place = first.trim_end_matches(':').to_owned();
    let said = lines
        .take_while(|line| !line.starts_with("note: ") && !line.starts_with("stack backtrace:"));
    let said: Vec<&str> = said.take(20).collect();
    Some((place, said.join("\n").trim_end().to_owned()))
}
