//! xUnit.net, versions 1 to 3 of the format.

use crate::base::Timestamp;
use crate::ingest::file::Format;
use crate::ingest::gather::{
    Gather, Stop, is_assertion, join, parameter, place, set_suites, split_arguments,
};
use crate::ingest::times::{Durations, timestamp};
use crate::ingest::xml::{self, Element, Enter, Visit};
use crate::ingest::{Row, SinkError, notes};
use crate::model::{Details, Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "xunit",
    element: "test",
    read,
};

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    if !xml::survey(gather, |name| name == "test")? {
        return Ok(());
    }
    xml::read(gather, &mut Tests::default())
}

#[derive(Default)]
struct Tests {
    assembly: String,
    collection: String,
    start: Option<(Timestamp, bool)>,
    durations: Durations,
}

impl Visit for Tests {
    fn enter(&mut self, gather: &mut Gather<'_>, element: &Element) -> Enter {
        let said = |name| element.attribute(name).unwrap_or_default();
        match element.name.as_str() {
            "assemblies" => {
                gather.say("computer", said("computer"));
                Enter::Open
            }
            "assembly" => {
                let name = said("name").replace('\\', "/");
                self.assembly = crate::base::path::file_name(&name).to_owned();
                self.start = element
                    .attribute("start-rtf")
                    .and_then(timestamp)
                    .or_else(|| timestamp(&format!("{}T{}", said("run-date"), said("run-time"))));
                let total = element.attributes.number("total");
                let total = match (gather.declared, total) {
                    (Some(a), Some(b)) => Some(a.saturating_add(b)),
                    (a, b) => a.or(b),
                };
                let bad = ["failed", "errors"].map(|name| element.attributes.number(name));
                let bad = bad.iter().flatten().copied();
                let bad = bad.fold(gather.declared_bad, u64::saturating_add);
                gather.declare(total, bad);
                for name in ["test-framework", "environment", "target-framework"] {
                    gather.say(name, said(name));
                }
                Enter::Open
            }
            "collection" | "class" => {
                self.collection = said("name").to_owned();
                Enter::Open
            }
            "errors" => Enter::Open,
            "test" | "error" | "failure" => Enter::Take,
            name => {
                gather.notes.add(notes::UNKNOWN_ELEMENT, name);
                Enter::Open
            }
        }
    }

    fn take(&mut self, gather: &mut Gather<'_>, element: Element) -> Result<(), SinkError> {
        if element.name == "test" {
            return self.test(gather, &element);
        }
        let kind = element.attribute("type").unwrap_or("error");
        let name = element.attribute("name").unwrap_or(&self.assembly);
        let failure = element.child("failure").unwrap_or(&element);
        let result = TestResult {
            name: format!("{name} ({kind})"),
            full_name: Some(format!("{name}.{kind}")),
            status: Status::Broken,
            message: failure
                .text_of("message")
                .or_else(|| failure.attribute("exception-type").map(str::to_owned)),
            trace: failure.text_of("stack-trace"),
            ..TestResult::default()
        };
        gather.add(Row {
            result,
            ..Row::default()
        })
    }

    fn leave(&mut self, _: &mut Gather<'_>, name: &str) -> Result<(), SinkError> {
        if name == "collection" || name == "class" {
            self.collection.clear();
        }
        Ok(())
    }
}

impl Tests {
    fn test(&mut self, gather: &mut Gather<'_>, element: &Element) -> Result<(), SinkError> {
        let said = |name| element.attribute(name).unwrap_or_default();
        let word = said("result");
        let failure = element.child("failure");
        let status = match word {
            _ if failure.is_some() || word == "Fail" => of_failure(failure),
            "Pass" if element.is_cut => Status::Unknown,
            "Pass" => Status::Passed,
            "Skip" | "NotRun" => Status::Skipped,
            other => {
                gather.notes.add(notes::UNKNOWN_STATUS, other);
                Status::Unknown
            }
        };
        let (class, method) = (said("type"), said("method"));
        let name = said("name");
        let split = split_arguments(name);
        let base = split.map_or(name, |(base, _)| base);
        let full = match (class, method) {
            ("", _) | (_, "") => base.to_owned(),
            (class, method) => format!("{class}.{method}"),
        };
        let short = name
            .strip_prefix(&format!("{class}."))
            .filter(|_| !class.is_empty());
        let mut result = TestResult {
            name: short.unwrap_or(name).to_owned(),
            full_name: Some(full).filter(|full| !full.is_empty()),
            status,
            duration: element
                .attribute("time")
                .and_then(|time| self.durations.parse(time)),
            message: failure.and_then(|failure| failure.text_of("message")),
            trace: failure.and_then(|failure| failure.text_of("stack-trace")),
            file: element.attribute("source-file").map(|file| place(file, "")),
            line: element.attributes.number("source-line"),
            ..TestResult::default()
        };
        if result.message.is_none() {
            result.message = failure
                .and_then(|f| f.attribute("exception-type"))
                .map(str::to_owned);
        }
        let reason = element.text_of("reason").or_else(|| {
            element
                .child("reason")
                .and_then(|reason| reason.text_of("message"))
        });
        join(&mut result.message, &reason.unwrap_or_default(), "\n");
        match element.attribute("start-rtf").and_then(timestamp) {
            Some((start, assumed)) => (result.start, result.start_assumed) = (Some(start), assumed),
            None => {
                result.start = self.start.map(|(start, _)| start);
                result.start_assumed = result.start.is_some();
            }
        }
        if let Some((_, arguments)) = split.filter(|(_, arguments)| !arguments.is_empty()) {
            result.parameters.push(parameter("arguments", arguments));
        }
        let path: Vec<String> = match class.rsplit_once('.') {
            Some((package, class)) => vec![package.to_owned(), class.to_owned()],
            None if class.is_empty() => vec![self.collection.clone()],
            None => vec![class.to_owned()],
        };
        set_suites(&mut result, &path);
        if !class.is_empty() {
            result.labels.add("testClass", class);
        }
        for (name, value) in [
            ("assembly", self.assembly.as_str()),
            ("collection", self.collection.as_str()),
            (
                "exception",
                failure
                    .and_then(|f| f.attribute("exception-type"))
                    .unwrap_or_default(),
            ),
            ("result", if word == "NotRun" { word } else { "" }),
        ] {
            if !value.is_empty() {
                result.properties.add(name, value);
            }
        }
        let traits = element.child("traits");
        for one in traits.into_iter().flat_map(|all| all.all("trait")) {
            let (Some(name), Some(value)) = (one.attribute("name"), one.attribute("value")) else {
                continue;
            };
            crate::ingest::ids::add_from_property(&mut result.ids, name, value);
            let name = if name.eq_ignore_ascii_case("category") {
                "tag"
            } else {
                name
            };
            crate::ingest::gather::add_label(&mut result, name, value);
        }
        let warnings = element.child("warnings");
        for warning in warnings.into_iter().flat_map(|all| all.all("warning")) {
            result
                .properties
                .add("warning", warning.said().unwrap_or_default());
        }
        gather.unknown_children(
            element,
            &[
                "failure",
                "reason",
                "output",
                "traits",
                "warnings",
                "attachments",
            ],
        );
        self.attach(gather, &mut result, element);
        gather.test(Row {
            result,
            details: Details {
                stdout: element.text_of("output"),
                ..Details::default()
            },
            ..Row::default()
        })
    }

    /// Keeps attachments of version 3: texts and base 64 in the file itself.
    fn attach(&self, gather: &mut Gather<'_>, result: &mut TestResult, element: &Element) {
        let all = element.child("attachments");
        for one in all.into_iter().flat_map(|all| all.all("attachment")) {
            let name = one.attribute("name").unwrap_or("attachment");
            let text = one.said().unwrap_or_default();
            match one.attribute("media-type") {
                None => gather.attach_bytes(result, name, Some("text/plain"), text.as_bytes()),
                media_type => match crate::ingest::attach::decode_base64(&text) {
                    Some(bytes) => gather.attach_bytes(result, name, media_type, &bytes),
                    None => gather.notes.add(notes::NO_BASE64, name),
                },
            }
        }
    }
}

/// A failure is the test's where its exception is none of an assertion.
fn of_failure(failure: Option<&Element>) -> Status {
    let exception = failure.and_then(|failure| failure.attribute("exception-type"));
    match exception {
        None => Status::Failed,
        Some(exception)
            if exception.starts_with("Xunit.Sdk.") || exception.contains("FluentAssertions") =>
        {
            Status::Failed
        }
        Some(exception) if is_assertion(exception) => Status::Failed,
        Some(_) => Status::Broken,
    }
}
