//! NUnit 3 and later: `test-run` with nested suites.

use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, join, parameter, set_suites, split_arguments};
use crate::ingest::times::{Durations, timestamp};
use crate::ingest::xml::{self, Element, Enter, Visit};
use crate::ingest::{Row, SinkError, ids, limits, notes};
use crate::model::{Details, Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "nunit",
    element: "test case",
    read,
};

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    if !xml::survey(gather, |name| name == "test-case")? {
        return Ok(());
    }
    xml::read(gather, &mut Cases::default())
}

/// A suite that is open.
#[derive(Debug, Default)]
struct Suite {
    kind: String,
    name: String,
    full_name: String,
    result: String,
    site: String,
    label: String,
    /// Cases of it told a failure.
    told: bool,
    failure: Option<Element>,
    stdout: Option<String>,
    tags: Vec<String>,
}

#[derive(Default)]
struct Cases {
    suites: Vec<Suite>,
    durations: Durations,
}

/// Suites that are no groups of tests in people's eyes.
fn is_group(kind: &str) -> bool {
    matches!(
        kind,
        "Project"
            | "Assembly"
            | "ParameterizedMethod"
            | "Theory"
            | "GenericMethod"
            | "TestSuite"
            | "Namespace"
    )
}

impl Visit for Cases {
    fn enter(&mut self, gather: &mut Gather<'_>, element: &Element) -> Enter {
        let said = |name| element.attribute(name).unwrap_or_default().to_owned();
        match element.name.as_str() {
            "test-run" => {
                let count = |name| element.attributes.number(name);
                match count("total") {
                    Some(total) => {
                        gather.declare(Some(total), count("failed").unwrap_or_default());
                    }
                    // Counts what a filter leaves out too.
                    None => gather.declared = count("testcasecount"),
                }
                gather.say("nunit.engine", &said("engine-version"));
                gather.say("clr", &said("clr-version"));
                Enter::Open
            }
            "test-suite" => {
                self.suites.push(Suite {
                    kind: said("type"),
                    name: said("name"),
                    full_name: said("fullname"),
                    result: said("result"),
                    site: said("site"),
                    label: said("label"),
                    ..Suite::default()
                });
                Enter::Open
            }
            "test-case" | "failure" | "output" | "properties" | "environment" | "attachments" => {
                Enter::Take
            }
            "command-line" | "filter" | "settings" | "reason" | "assertions" => Enter::Skip,
            name => {
                gather.notes.add(notes::UNKNOWN_ELEMENT, name);
                Enter::Open
            }
        }
    }

    fn take(&mut self, gather: &mut Gather<'_>, element: Element) -> Result<(), SinkError> {
        match element.name.as_str() {
            "test-case" => self.case(gather, &element),
            "environment" => {
                for name in [
                    "os-version",
                    "platform",
                    "culture",
                    "clr-version",
                    "framework-version",
                ] {
                    gather.say(name, element.attribute(name).unwrap_or_default());
                }
                Ok(())
            }
            "attachments" => {
                for file in element.all("attachment") {
                    attach_to_run(gather, file);
                }
                Ok(())
            }
            name => {
                let Some(suite) = self.suites.last_mut() else {
                    return Ok(());
                };
                match name {
                    "failure" => suite.failure = Some(element),
                    "output" => suite.stdout = element.said(),
                    _ => {
                        for (name, value) in properties(&element) {
                            if name == "Category" {
                                suite.tags.push(value);
                            }
                        }
                    }
                }
                Ok(())
            }
        }
    }

    fn leave(&mut self, gather: &mut Gather<'_>, name: &str) -> Result<(), SinkError> {
        if name != "test-suite" {
            return Ok(());
        }
        let Some(suite) = self.suites.pop() else {
            return Ok(());
        };
        let told = suite.told;
        let is_own = matches!(suite.site.as_str(), "SetUp" | "TearDown");
        let is_bad = suite.result == "Failed";
        // A set-up that failed shows in its cases, a tear-down in none of them.
        if is_bad
            && (!told || suite.site == "TearDown")
            && (is_own || suite.failure.is_some() || !told)
        {
            gather.add(self.suite_row(&suite))?;
        } else if let Some(out) = &suite.stdout {
            let name = format!("{} stdout.txt", suite.name);
            gather.run_text(status(&suite.result, &suite.label, &suite.site), &name, out);
        }
        if let Some(above) = self.suites.last_mut() {
            above.told |= told || is_bad;
        }
        Ok(())
    }
}

fn attach_to_run(gather: &mut Gather<'_>, file: &Element) {
    let path = file.text_of("filePath").unwrap_or_default();
    let name = file.text_of("description");
    let taken = gather
        .keeper
        .take(Status::Unknown, name.as_deref(), None, &path);
    if let Ok(attachment) = taken {
        gather.run_attachment(attachment);
    }
}

fn properties(element: &Element) -> Vec<(String, String)> {
    let all = element.all("property");
    all.filter_map(|one| {
        Some((
            one.attribute("name")?.to_owned(),
            one.attribute("value")?.to_owned(),
        ))
    })
    .collect()
}

/// Reads the words for an outcome. What failed outside of its test is broken.
fn status(result: &str, label: &str, site: &str) -> Status {
    match result {
        "Passed" | "Warning" => Status::Passed,
        "Failed" if matches!(label, "Error" | "Invalid" | "Cancelled") => Status::Broken,
        "Failed" if matches!(site, "SetUp" | "TearDown" | "Parent") => Status::Broken,
        "Failed" => Status::Failed,
        "Skipped" | "Inconclusive" => Status::Skipped,
        _ => Status::Unknown,
    }
}

impl Cases {
    fn path(&self) -> Vec<String> {
        let groups = self.suites.iter().filter(|suite| !is_group(&suite.kind));
        groups.map(|suite| suite.name.clone()).collect()
    }

    fn suite_row(&self, suite: &Suite) -> Row {
        let site = if suite.site.is_empty() {
            "suite"
        } else {
            &suite.site
        };
        let mut result = TestResult {
            name: format!("{} ({site})", suite.name),
            full_name: Some(suite.full_name.clone()).filter(|full| !full.is_empty()),
            status: Status::Broken,
            ..TestResult::default()
        };
        let own = [suite.name.clone()];
        let path = self.path();
        let path: Vec<String> = path.into_iter().chain(own).collect();
        set_suites(&mut result, &path);
        match &suite.failure {
            Some(failure) => {
                result.message = failure.text_of("message");
                result.trace = failure.text_of("stack-trace");
            }
            None => {
                result.message = Some("the suite failed, and no test of it shows why".to_owned());
            }
        }
        Row {
            result,
            details: Details {
                stdout: suite.stdout.clone(),
                ..Details::default()
            },
            ..Row::default()
        }
    }

    fn case(&mut self, gather: &mut Gather<'_>, element: &Element) -> Result<(), SinkError> {
        let said = |name| element.attribute(name).unwrap_or_default();
        let (word, label, site) = (said("result"), said("label"), said("site"));
        let mut status = status(word, label, site);
        let failure = element.child("failure");
        if status == Status::Passed && (failure.is_some() || element.is_cut) {
            status = if failure.is_some() {
                Status::Failed
            } else {
                Status::Unknown
            };
        }
        if status == Status::Unknown {
            gather.notes.add(notes::UNKNOWN_STATUS, word);
        }
        if matches!(status, Status::Failed | Status::Broken) {
            self.suites.iter_mut().for_each(|suite| suite.told = true);
        }
        let mut result = TestResult {
            name: said("name").to_owned(),
            status,
            duration: element
                .attribute("duration")
                .or_else(|| element.attribute("time"))
                .and_then(|time| self.durations.parse(time)),
            ..TestResult::default()
        };
        if let Some((start, assumed)) = element.attribute("start-time").and_then(timestamp) {
            // Always UTC, whether or not the writer says so.
            (result.start, result.start_assumed) = (Some(start), assumed);
        }
        self.name_it(&mut result, element);
        self.messages(&mut result, element);
        for suite in &self.suites {
            for tag in &suite.tags {
                result.labels.add("tag", tag.as_str());
            }
        }
        if let Some(all) = element.child("properties") {
            set_properties(&mut result, properties(all));
        }
        for (name, value) in [
            ("result", word),
            ("label", label),
            ("site", site),
            ("runstate", said("runstate")),
        ] {
            let usual =
                name == "result" && Status::parse(word) == Some(status) || value == "Runnable";
            if !value.is_empty() && !usual {
                result.properties.add(name, value);
            }
        }
        let files = element.child("attachments");
        for file in files.into_iter().flat_map(|all| all.all("attachment")) {
            let path = file.text_of("filePath").unwrap_or_default();
            let name = file.text_of("description");
            gather
                .keeper
                .attach(&mut result, name.as_deref(), None, path.trim());
        }
        gather.unknown_children(
            element,
            &[
                "failure",
                "reason",
                "output",
                "properties",
                "attachments",
                "assertions",
                "environment",
                "settings",
            ],
        );
        gather.test(Row {
            result,
            details: Details {
                stdout: element.text_of("output"),
                ..Details::default()
            },
            ..Row::default()
        })
    }

    fn name_it(&self, result: &mut TestResult, element: &Element) {
        let class = element.attribute("classname").unwrap_or_default();
        let method = element.attribute("methodname").unwrap_or_default();
        let full = element.attribute("fullname").unwrap_or(&result.name);
        let split = split_arguments(&result.name);
        if let Some((_, arguments)) = split.filter(|(_, arguments)| !arguments.is_empty()) {
            result.parameters.push(parameter("arguments", arguments));
        }
        result.full_name = Some(match (class, method) {
            ("", _) | (_, "") => split_arguments(full)
                .map_or(full, |(base, _)| base)
                .to_owned(),
            (class, method) => format!("{class}.{method}"),
        });
        let mut path = self.path();
        if path.is_empty()
            && let Some((package, class)) = class.rsplit_once('.')
        {
            path = vec![package.to_owned(), class.to_owned()];
        }
        set_suites(result, &path);
        if !class.is_empty() {
            result.labels.add("testClass", class);
        }
    }

    /// Sets what failed, and every assertion that did not hold.
    fn messages(&self, result: &mut TestResult, element: &Element) {
        if let Some(failure) = element.child("failure") {
            result.message = failure.text_of("message");
            result.trace = failure.text_of("stack-trace");
        }
        let assertions = element.child("assertions");
        for assertion in assertions.into_iter().flat_map(|all| all.all("assertion")) {
            join(
                &mut result.message,
                &assertion.text_of("message").unwrap_or_default(),
                "\n",
            );
            join(
                &mut result.trace,
                &assertion.text_of("stack-trace").unwrap_or_default(),
                "\n\n",
            );
        }
        let reason = element
            .child("reason")
            .and_then(|reason| reason.text_of("message"));
        join(&mut result.message, &reason.unwrap_or_default(), "\n");
    }
}

fn set_properties(result: &mut TestResult, properties: Vec<(String, String)>) {
    for (name, value) in properties {
        ids::add_from_property(&mut result.ids, &name, &value);
        match name.as_str() {
            "Category" => result.labels.add("tag", value),
            "Author" => result.labels.add("owner", value),
            "Severity" => result.labels.add("severity", value),
            "Description" => result.description = Some(value),
            "ParallelScope" | "_SKIPREASON" | "_CATEGORIES" | "_JOINTYPE" | "_PID"
            | "_APPDOMAIN" => {}
            name => result.properties.add(name, limits::masked(name, &value)),
        }
    }
}
