//! TRX, the test results of Visual Studio and `dotnet test`.
//!
//! Namespace `http://microsoft.com/schemas/VisualStudio/TeamTest/2010`. Definitions may stand after the
//! results that they explain, so they are read first.

use std::collections::HashMap;

use crate::base::path;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, join, parameter, set_suites, split_arguments};
use crate::ingest::times::timestamp;
use crate::ingest::xml::{self, Element, Enter, Visit};
use crate::ingest::{Row, SinkError, limits, notes};
use crate::model::{Details, Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "trx",
    element: "result",
    read,
};

/// Elements that are results.
fn is_result(name: &str) -> bool {
    matches!(
        name,
        "UnitTestResult"
            | "TestResultAggregation"
            | "GenericTestResult"
            | "ManualTestResult"
            | "WebTestResult"
            | "TestResult"
    )
}

fn is_definition(name: &str) -> bool {
    matches!(
        name,
        "UnitTest" | "OrderedTest" | "ManualTest" | "GenericTest" | "WebTest" | "CodedWebTest"
    )
}

/// Definitions that are kept; what is beyond is a test without one.
const DEFINITIONS: usize = 2_000_000;

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    if !xml::survey(gather, is_result)? {
        return Ok(());
    }
    let mut definitions = Definitions::default();
    xml::read(gather, &mut definitions)?;
    let mut results = Results { definitions };
    xml::read(gather, &mut results)
}

/// A test as defined.
#[derive(Debug, Default)]
struct Definition {
    class: String,
    method: String,
    storage: Option<String>,
    tags: Vec<String>,
    owners: Vec<String>,
    properties: Vec<(String, String)>,
    description: Option<String>,
}

#[derive(Debug, Default)]
struct Definitions {
    all: Vec<Definition>,
    by_execution: HashMap<String, usize>,
    by_test: HashMap<String, usize>,
    /// The folder that holds attachments.
    deployment: Option<String>,
}

impl Definitions {
    fn of(&self, element: &Element) -> Option<&Definition> {
        let by = |map: &HashMap<String, usize>, name| {
            let id = element.attribute(name)?.to_ascii_lowercase();
            map.get(&id).copied()
        };
        let at = by(&self.by_execution, "executionId").or_else(|| by(&self.by_test, "testId"))?;
        self.all.get(at)
    }
}

impl Visit for Definitions {
    fn enter(&mut self, _: &mut Gather<'_>, element: &Element) -> Enter {
        match element.name.as_str() {
            "TestRun" | "TestDefinitions" => Enter::Open,
            "TestSettings" => Enter::Take,
            name if is_definition(name) && self.all.len() < DEFINITIONS => Enter::Take,
            _ => Enter::Skip,
        }
    }

    fn take(&mut self, _: &mut Gather<'_>, element: Element) -> Result<(), SinkError> {
        if element.name == "TestSettings" {
            let root = element
                .child("Deployment")
                .and_then(|deployment| deployment.attribute("runDeploymentRoot"));
            self.deployment = root.map(str::to_owned);
            return Ok(());
        }
        let method = element.child("TestMethod");
        let said = |name| method.and_then(|method| method.attribute(name));
        let class = said("className").unwrap_or_default();
        let items = |path: &[&str], item, attribute| -> Vec<String> {
            let holder = element.at(path);
            let items = holder.into_iter().flat_map(|holder| holder.all(item));
            items
                .filter_map(|item: &Element| item.attribute(attribute))
                .map(str::to_owned)
                .collect()
        };
        let properties = element.child("Properties");
        let properties = properties.into_iter().flat_map(|all| all.all("Property"));
        let definition = Definition {
            // Assembly-qualified: the class stands before the first comma.
            class: class
                .split(',')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned(),
            method: said("name").unwrap_or_default().to_owned(),
            storage: element.attribute("storage").map(str::to_owned),
            tags: items(&["TestCategory"], "TestCategoryItem", "TestCategory"),
            owners: items(&["Owners"], "Owner", "name"),
            properties: properties
                .filter_map(|one| Some((one.text_of("Key")?, one.text_of("Value")?)))
                .collect(),
            description: element.text_of("Description"),
        };
        let at = self.all.len();
        if let Some(execution) = element.child("Execution").and_then(|e| e.attribute("id")) {
            self.by_execution.insert(execution.to_ascii_lowercase(), at);
        }
        if let Some(id) = element.attribute("id") {
            self.by_test.entry(id.to_ascii_lowercase()).or_insert(at);
        }
        self.all.push(definition);
        Ok(())
    }

    fn leave(&mut self, _: &mut Gather<'_>, _: &str) -> Result<(), SinkError> {
        Ok(())
    }
}

struct Results {
    definitions: Definitions,
}

impl Visit for Results {
    fn enter(&mut self, gather: &mut Gather<'_>, element: &Element) -> Enter {
        match element.name.as_str() {
            "TestRun" => {
                for (name, attribute) in [("run", "name"), ("runUser", "runUser")] {
                    gather.say(name, element.attribute(attribute).unwrap_or_default());
                }
                Enter::Open
            }
            "Results" => Enter::Open,
            "ResultSummary" => Enter::Take,
            name if is_result(name) => Enter::Take,
            "Times"
            | "TestSettings"
            | "TestDefinitions"
            | "TestEntries"
            | "TestLists"
            | "Build"
            | "TestRunConfiguration" => Enter::Skip,
            name => {
                gather.notes.add(notes::UNKNOWN_ELEMENT, name);
                // Results may stand inside of what is not known.
                Enter::Open
            }
        }
    }

    fn take(&mut self, gather: &mut Gather<'_>, element: Element) -> Result<(), SinkError> {
        match element.name.as_str() {
            "ResultSummary" => self.summary(gather, &element),
            _ => self.result(gather, &element),
        }
    }

    fn leave(&mut self, _: &mut Gather<'_>, _: &str) -> Result<(), SinkError> {
        Ok(())
    }
}

impl Results {
    /// Takes what the run printed, and its own errors.
    fn summary(&self, gather: &mut Gather<'_>, element: &Element) -> Result<(), SinkError> {
        let counters = element.child("Counters");
        let count = |name| counters.and_then(|counters| counters.attributes.number(name));
        let bad = ["failed", "error", "timeout", "aborted"].map(|name| count(name).unwrap_or(0));
        gather.declare(
            count("total"),
            bad.iter().fold(0, |a, b| a.saturating_add(*b)),
        );
        let outcome = element.attribute("outcome").unwrap_or_default();
        if matches!(outcome, "Failed" | "Error" | "Aborted" | "Timeout") {
            gather.ended_badly = Some(format!("the outcome of the run is `{outcome}`"));
        }
        if let Some(out) = element.at(&["Output", "StdOut"]).and_then(Element::said) {
            gather.run_text(Status::Unknown, "stdout.txt", &out);
        }
        let infos = element.child("RunInfos");
        for info in infos.into_iter().flat_map(|all| all.all("RunInfo")) {
            let outcome = info.attribute("outcome").unwrap_or_default();
            let text = info.text_of("Text").unwrap_or_default();
            if !matches!(outcome, "Error" | "Failed" | "Aborted" | "Timeout") {
                gather.say("run info", text.trim());
                continue;
            }
            let result = TestResult {
                name: crate::base::text::truncate(&crate::base::text::first_line(&text), 120),
                full_name: Some(format!("TestRun.{outcome}")),
                status: Status::Broken,
                message: Some(text),
                ..TestResult::default()
            };
            gather.add(Row {
                result,
                ..Row::default()
            })?;
        }
        Ok(())
    }

    fn result(&self, gather: &mut Gather<'_>, element: &Element) -> Result<(), SinkError> {
        let inner = element.child("InnerResults");
        let inner: Vec<&Element> = inner
            .into_iter()
            .flat_map(|all| all.children.iter())
            .filter(|child| is_result(&child.name))
            .collect();
        if inner.is_empty() {
            let row = self.row(gather, element);
            return gather.test(row);
        }
        // The rows of data are the results; the aggregate is only the worst of them, unless it alone
        // tells a failure.
        let own = self.row(gather, element);
        let is_bad = |status| matches!(status, Status::Failed | Status::Broken);
        let mut seen = false;
        for row in inner {
            seen |= is_bad(outcome(row).0);
            self.result(gather, row)?;
        }
        if is_bad(own.result.status) && !seen {
            return gather.test(own);
        }
        // The counters count it too.
        gather.bad += u64::from(is_bad(own.result.status));
        gather.counts.merged += 1;
        Ok(())
    }

    fn row(&self, gather: &mut Gather<'_>, element: &Element) -> Row {
        let definition = self.definitions.of(element);
        let name = element.attribute("testName").unwrap_or_default();
        let (status, word) = outcome(element);
        if status == Status::Unknown {
            gather.notes.add(notes::UNKNOWN_STATUS, word);
        }
        let mut result = TestResult {
            name: name.to_owned(),
            status,
            duration: element.attribute("duration").and_then(duration),
            ..TestResult::default()
        };
        if let Some((start, assumed)) = element.attribute("startTime").and_then(timestamp) {
            (result.start, result.start_assumed) = (Some(start), assumed);
        }
        name_it(&mut result, definition, name);
        if let Some(definition) = definition {
            of_definition(&mut result, definition);
        }
        for (label, attribute) in [("host", "computerName")] {
            if let Some(value) = element.attribute(attribute) {
                result.labels.add(label, value);
            }
        }
        if !word.is_empty() && Status::parse(word) != Some(status) {
            result.properties.add("outcome", word);
        }
        if let Some(row) = element.attribute("dataRowInfo") {
            result.parameters.push(parameter("row", row));
        }
        let mut details = Details::default();
        let output = element.child("Output");
        if let Some(output) = output {
            result.message = output.at(&["ErrorInfo", "Message"]).and_then(Element::said);
            result.trace = output
                .at(&["ErrorInfo", "StackTrace"])
                .and_then(Element::said);
            details.stdout = output.text_of("StdOut");
            details.stderr = output.text_of("StdErr");
            if let Some(trace) = output.text_of("DebugTrace") {
                join(&mut details.stdout, &trace, "\n");
            }
            let messages = output.child("TextMessages");
            for message in messages.into_iter().flat_map(|all| all.all("Message")) {
                let said = message.said().unwrap_or_default();
                join(&mut details.stdout, &said, "\n");
            }
        }
        if status == Status::Skipped && result.message.is_none() {
            result.message = details.stdout.as_deref().map(crate::base::text::first_line);
        }
        self.attach(gather, &mut result, element);
        gather.unknown_children(
            element,
            &[
                "Output",
                "ResultFiles",
                "CollectorDataEntries",
                "InnerResults",
            ],
        );
        Row {
            result,
            details,
            ..Row::default()
        }
    }

    fn attach(&self, gather: &mut Gather<'_>, result: &mut TestResult, element: &Element) {
        let files = element.child("ResultFiles");
        let below = element
            .attribute("relativeResultsDirectory")
            .or_else(|| element.attribute("executionId"))
            .unwrap_or_default();
        for file in files.into_iter().flat_map(|all| all.all("ResultFile")) {
            let path = file
                .attribute("path")
                .unwrap_or_default()
                .replace('\\', "/");
            let full = match &self.definitions.deployment {
                Some(root) if !path.starts_with('/') => format!("{root}/In/{below}/{path}"),
                _ => path.clone(),
            };
            let name = Some(path::file_name(&path)).filter(|name| !name.is_empty());
            gather.keeper.attach(result, name, None, &full);
        }
    }
}

/// Sets names: class and method of the definition, arguments apart.
fn name_it(result: &mut TestResult, definition: Option<&Definition>, name: &str) {
    let (base, arguments) = match split_arguments(name) {
        Some((base, arguments)) => (base, Some(arguments)),
        None => (name, None),
    };
    if let Some(arguments) = arguments.filter(|arguments| !arguments.is_empty()) {
        result.parameters.push(parameter("arguments", arguments));
    }
    let Some(definition) = definition else {
        result.full_name = Some(base.to_owned());
        return;
    };
    let method = match definition.method.as_str() {
        "" => base,
        method => split_arguments(method).map_or(method, |(method, _)| method),
    };
    let class = definition.class.as_str();
    let full = match class {
        "" => method.to_owned(),
        class if method.starts_with(&format!("{class}.")) => method.to_owned(),
        class => format!("{class}.{method}"),
    };
    // The display name often repeats the class.
    if let Some(short) = name
        .strip_prefix(&format!("{class}."))
        .filter(|_| !class.is_empty())
    {
        result.name = short.to_owned();
    }
    let path: Vec<String> = match class.rsplit_once('.') {
        Some((package, class)) => vec![package.to_owned(), class.to_owned()],
        None => vec![class.to_owned()],
    };
    set_suites(result, &path);
    if !class.is_empty() {
        result.labels.add("testClass", class);
    }
    result.full_name = Some(full);
}

fn of_definition(result: &mut TestResult, definition: &Definition) {
    for tag in &definition.tags {
        result.labels.add("tag", tag.as_str());
    }
    for owner in &definition.owners {
        result.labels.add("owner", owner.as_str());
    }
    result.description.clone_from(&definition.description);
    if let Some(storage) = &definition.storage {
        let storage = storage.replace('\\', "/");
        result.properties.add("storage", path::file_name(&storage));
    }
    for (key, value) in &definition.properties {
        match key.strip_prefix("Parameter:") {
            Some(name) => result.parameters.push(parameter(name, value.as_str())),
            None => {
                crate::ingest::ids::add_from_property(&mut result.ids, key, value);
                result.properties.add(key, limits::masked(key, value));
            }
        }
    }
}

/// Reads an outcome. Writers leave the default out, and that is `Error`.
fn outcome(element: &Element) -> (Status, &str) {
    let word = element.attribute("outcome").unwrap_or_default();
    let status = match word {
        "Passed" | "PassedButRunAborted" | "Completed" | "Warning" if !element.is_cut => {
            Status::Passed
        }
        "Failed" => Status::Failed,
        "" | "Error" | "Timeout" | "Aborted" | "Disconnected" | "NotRunnable" => Status::Broken,
        "NotExecuted" | "Pending" | "Inconclusive" => Status::Skipped,
        _ => Status::Unknown,
    };
    (status, word)
}

/// Reads `[d.]hh:mm:ss[.fffffff]` as milliseconds.
fn duration(text: &str) -> Option<u64> {
    let mut parts = text.trim().split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let number = |text: &str| text.parse::<u32>().ok().map(f64::from);
    let seconds: f64 = seconds.parse().ok().filter(|s: &f64| s.is_finite())?;
    let whole = ((number(days)? * 24.0 + number(hours)?) * 60.0 + number(minutes)?) * 60.0;
    Some(((whole + seconds) * 1000.0).round().max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_days() {
        assert_eq!(duration("00:00:00.0100000"), Some(10));
        assert_eq!(duration("1.01:00:01"), Some(90_001_000));
        assert_eq!(duration("x:0:0"), None);
        assert_eq!(duration("0:0"), None);
    }
}
