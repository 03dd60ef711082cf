//! NUnit 2: `test-results`, which converters still write.

use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, parameter, set_suites, split_arguments};
use crate::ingest::times::Durations;
use crate::ingest::xml::{self, Element, Enter, Visit};
use crate::ingest::{Row, SinkError, limits, notes};
use crate::model::{Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "nunit2",
    element: "test case",
    read,
};

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    if !xml::survey(gather, |name| name == "test-case")? {
        return Ok(());
    }
    xml::read(gather, &mut Cases::default())
}

#[derive(Default)]
struct Cases {
    suites: Vec<Suite>,
    durations: Durations,
}

#[derive(Default)]
struct Suite {
    kind: String,
    name: String,
    is_bad: bool,
    told: bool,
    failure: Option<Element>,
}

impl Visit for Cases {
    fn enter(&mut self, gather: &mut Gather<'_>, element: &Element) -> Enter {
        let said = |name| element.attribute(name).unwrap_or_default();
        match element.name.as_str() {
            "test-results" => {
                let count = |name| element.attributes.number(name);
                let bad = ["errors", "failures"].map(|name| count(name).unwrap_or_default());
                gather.declare(count("total"), bad[0].saturating_add(bad[1]));
                Enter::Open
            }
            "test-suite" => {
                let success = said("success").eq_ignore_ascii_case("false");
                self.suites.push(Suite {
                    kind: said("type").to_owned(),
                    name: said("name").to_owned(),
                    is_bad: success || matches!(said("result"), "Failure" | "Error"),
                    ..Suite::default()
                });
                Enter::Open
            }
            "results" => Enter::Open,
            "environment" => {
                for name in ["nunit-version", "clr-version", "os-version", "platform"] {
                    gather.say(name, said(name));
                }
                Enter::Skip
            }
            "test-case" | "failure" => Enter::Take,
            "culture-info" | "categories" | "properties" | "reason" => Enter::Skip,
            name => {
                gather.notes.add(notes::UNKNOWN_ELEMENT, name);
                Enter::Open
            }
        }
    }

    fn take(&mut self, gather: &mut Gather<'_>, element: Element) -> Result<(), SinkError> {
        if element.name == "failure" {
            if let Some(suite) = self.suites.last_mut() {
                suite.failure = Some(element);
            }
            return Ok(());
        }
        self.case(gather, &element)
    }

    fn leave(&mut self, gather: &mut Gather<'_>, name: &str) -> Result<(), SinkError> {
        if name != "test-suite" {
            return Ok(());
        }
        let Some(suite) = self.suites.pop() else {
            return Ok(());
        };
        let told = suite.told || suite.is_bad;
        if suite.is_bad && !suite.told {
            let failure = suite.failure.as_ref();
            let message = failure.and_then(|failure| failure.text_of("message"));
            let result = TestResult {
                name: format!("{} (suite)", suite.name),
                full_name: Some(suite.name.clone()),
                status: Status::Broken,
                trace: failure.and_then(|failure| failure.text_of("stack-trace")),
                message: message.or(Some(
                    "the suite failed, and no test of it shows why".to_owned(),
                )),
                ..TestResult::default()
            };
            gather.add(Row {
                result,
                ..Row::default()
            })?;
        }
        if let Some(above) = self.suites.last_mut() {
            above.told |= told;
        }
        Ok(())
    }
}

impl Cases {
    fn case(&mut self, gather: &mut Gather<'_>, element: &Element) -> Result<(), SinkError> {
        let said = |name| element.attribute(name).unwrap_or_default();
        let mut status = status(said("result"), said("executed"), said("success"));
        let failure = element.child("failure");
        if status == Status::Passed && (failure.is_some() || element.is_cut) {
            status = if failure.is_some() {
                Status::Failed
            } else {
                Status::Unknown
            };
        }
        if status == Status::Unknown {
            gather.notes.add(notes::UNKNOWN_STATUS, said("result"));
        }
        if matches!(status, Status::Failed | Status::Broken) {
            self.suites.iter_mut().for_each(|suite| suite.told = true);
        }
        let full = said("name");
        let base = split_arguments(full).map_or(full, |(base, _)| base);
        let class = base.rsplit_once('.').map_or("", |(class, _)| class);
        let short = full
            .strip_prefix(class)
            .unwrap_or(full)
            .trim_start_matches('.');
        let reason = element
            .child("reason")
            .and_then(|reason| reason.text_of("message"));
        let mut result = TestResult {
            name: short.to_owned(),
            full_name: Some(base.to_owned()).filter(|base| !base.is_empty()),
            status,
            duration: element
                .attribute("time")
                .and_then(|time| self.durations.parse(time)),
            message: failure
                .and_then(|failure| failure.text_of("message"))
                .or(reason),
            trace: failure.and_then(|failure| failure.text_of("stack-trace")),
            description: element.attribute("description").map(str::to_owned),
            ..TestResult::default()
        };
        if let Some((_, arguments)) = split_arguments(full).filter(|(_, a)| !a.is_empty()) {
            result.parameters.push(parameter("arguments", arguments));
        }
        let fixtures = self.suites.iter().filter(|suite| {
            matches!(
                suite.kind.as_str(),
                "TestFixture" | "GenericFixture" | "ParameterizedFixture"
            )
        });
        let mut path: Vec<String> = fixtures.map(|suite| suite.name.clone()).collect();
        if path.is_empty() && !class.is_empty() {
            path.push(class.to_owned());
        }
        set_suites(&mut result, &path);
        let categories = element.child("categories");
        for category in categories.into_iter().flat_map(|all| all.all("category")) {
            if let Some(name) = category.attribute("name") {
                result.labels.add("tag", name);
            }
        }
        let properties = element.child("properties");
        for one in properties.into_iter().flat_map(|all| all.all("property")) {
            if let (Some(name), Some(value)) = (one.attribute("name"), one.attribute("value")) {
                result.properties.add(name, limits::masked(name, value));
            }
        }
        gather.unknown_children(element, &["failure", "reason", "categories", "properties"]);
        gather.test(Row {
            result,
            ..Row::default()
        })
    }
}

/// The word for the result decides, else whether it was executed and successful; what was not is never a success.
fn status(result: &str, executed: &str, success: &str) -> Status {
    let is = |value: &str, word| value.eq_ignore_ascii_case(word);
    match result {
        "Success" | "Passed" if is(success, "false") => Status::Failed,
        "Success" | "Passed" => Status::Passed,
        "Failure" | "Failed" => Status::Failed,
        "Error" | "Cancelled" | "NotRunnable" => Status::Broken,
        "Ignored" | "Skipped" | "Inconclusive" => Status::Skipped,
        "" if is(executed, "false") => Status::Skipped,
        "" if is(success, "true") => Status::Passed,
        "" if is(success, "false") => Status::Failed,
        _ => Status::Unknown,
    }
}
