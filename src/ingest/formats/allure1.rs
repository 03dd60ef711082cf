//! Allure 1: one suite a file.

use crate::base::Timestamp;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, add_label, nameless, parameter, set_suites};
use crate::ingest::xml::{self, Element, Enter, Visit};
use crate::ingest::{Row, SinkError, attach, ids, limits, notes};
use crate::model::{Details, Status, Step, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "allure1",
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
    name: String,
    title: String,
    labels: Vec<(String, String)>,
}

impl Visit for Cases {
    fn enter(&mut self, gather: &mut Gather<'_>, element: &Element) -> Enter {
        match element.name.as_str() {
            "test-suite" | "test-cases" => Enter::Open,
            "test-case" | "name" | "title" | "labels" => Enter::Take,
            "description" => Enter::Skip,
            name => {
                gather.notes.add(notes::UNKNOWN_ELEMENT, name);
                Enter::Open
            }
        }
    }

    fn take(&mut self, gather: &mut Gather<'_>, element: Element) -> Result<(), SinkError> {
        match element.name.as_str() {
            "name" => self.name = element.said().unwrap_or_default().trim().to_owned(),
            "title" => self.title = element.said().unwrap_or_default().trim().to_owned(),
            "labels" => self.labels = labels(&element),
            _ => return self.case(gather, &element),
        }
        Ok(())
    }

    fn leave(&mut self, _: &mut Gather<'_>, _: &str) -> Result<(), SinkError> {
        Ok(())
    }
}

fn labels(element: &Element) -> Vec<(String, String)> {
    let all = element.all("label");
    all.filter_map(|one| {
        Some((
            one.attribute("name")?.to_owned(),
            one.attribute("value")?.to_owned(),
        ))
    })
    .collect()
}

impl Cases {
    fn case(&self, gather: &mut Gather<'_>, element: &Element) -> Result<(), SinkError> {
        let name = element.text_of("name").map(|name| name.trim().to_owned());
        let title = element
            .text_of("title")
            .map(|title| title.trim().to_owned());
        let word = element.attribute("status").unwrap_or_default();
        let failure = element.child("failure");
        let (start, duration) = times(element);
        let mut result = TestResult {
            full_name: name.as_ref().map(|name| match self.name.as_str() {
                "" => name.clone(),
                suite => format!("{suite}.{name}"),
            }),
            name: title.or(name).unwrap_or_default(),
            status: status(word),
            start,
            duration,
            message: failure.and_then(|failure| failure.text_of("message")),
            trace: failure.and_then(|failure| failure.text_of("stack-trace")),
            ..TestResult::default()
        };
        if result.status == Status::Unknown {
            gather.notes.add(notes::UNKNOWN_STATUS, word);
        }
        if result.status == Status::Passed && (failure.is_some() || element.is_cut) {
            result.status = Status::Unknown;
        }
        if let Some(description) = element.child("description") {
            let said = description.said();
            match description.attribute("type") {
                Some("html") => result.description_html = said,
                _ => result.description = said,
            }
        }
        let suite = if self.title.is_empty() {
            &self.name
        } else {
            &self.title
        };
        set_suites(&mut result, std::slice::from_ref(suite));
        let own = element.child("labels").map(labels).unwrap_or_default();
        for (name, value) in self.labels.iter().cloned().chain(own) {
            if name == "testId" {
                result.properties.add(&name, value.as_str());
            }
            if let Some(id) = ids::from_label(&name, &value) {
                ids::add(&mut result.ids, &id);
            }
            match name.as_str() {
                "issue" => result.links.push(attach::link("issue", &value, None)),
                _ => add_label(&mut result, &name, &value),
            }
        }
        let parameters = element.child("parameters");
        let parameters = parameters.into_iter().flat_map(|all| all.all("parameter"));
        for (place, one) in parameters.enumerate() {
            let value = one.attribute("value").unwrap_or_default();
            let name = one.attribute("name").map(str::to_owned);
            let Some(name) = name.or_else(|| nameless(place, !value.is_empty())) else {
                gather.notes.add(notes::EMPTY_PARAMETER, "");
                continue;
            };
            let value = limits::masked(&name, value);
            match one.attribute("kind").unwrap_or_default() {
                "environment-variable" | "system-property" => result.properties.add(&name, value),
                _ => result.parameters.push(parameter(&name, value)),
            }
        }
        attachments(gather, &mut result, element);
        let steps = steps(gather, element, &mut result, 0);
        gather.unknown_children(
            element,
            &[
                "name",
                "title",
                "description",
                "failure",
                "steps",
                "attachments",
                "labels",
                "parameters",
            ],
        );
        gather.test(Row {
            result,
            details: Details {
                steps,
                ..Details::default()
            },
            ..Row::default()
        })
    }
}

fn status(word: &str) -> Status {
    match word.to_ascii_lowercase().as_str() {
        "passed" => Status::Passed,
        "failed" => Status::Failed,
        "broken" => Status::Broken,
        "skipped" | "canceled" | "pending" => Status::Skipped,
        _ => Status::Unknown,
    }
}

fn times(element: &Element) -> (Option<Timestamp>, Option<u64>) {
    let at = |name| {
        element
            .attribute(name)
            .and_then(|text| text.trim().parse::<i64>().ok())
    };
    let (start, stop) = (at("start"), at("stop"));
    let duration = start
        .zip(stop)
        .map(|(start, stop)| stop.saturating_sub(start).max(0).unsigned_abs());
    (start.map(Timestamp::from_ms), duration)
}

fn attachments(gather: &mut Gather<'_>, result: &mut TestResult, element: &Element) {
    let all = element.child("attachments");
    for one in all.into_iter().flat_map(|all| all.all("attachment")) {
        let source = one.attribute("source").unwrap_or_default();
        let name = one.attribute("title");
        gather
            .keeper
            .attach(result, name, one.attribute("type"), source);
    }
}

/// Makes steps; their attachments are the result's.
fn steps(
    gather: &mut Gather<'_>,
    element: &Element,
    result: &mut TestResult,
    depth: usize,
) -> Vec<Step> {
    let all = element.child("steps");
    let mut out = Vec::new();
    for one in all.into_iter().flat_map(|all| all.all("step")) {
        let (start, duration) = times(one);
        attachments(gather, result, one);
        let name = one.text_of("title").or_else(|| one.text_of("name"));
        out.push(Step {
            name: name.unwrap_or_default().trim().to_owned(),
            status: one.attribute("status").map(status),
            start,
            duration,
            steps: match depth < 100 {
                true => steps(gather, one, result, depth + 1),
                false => Vec::new(),
            },
            ..Step::default()
        });
    }
    out
}
