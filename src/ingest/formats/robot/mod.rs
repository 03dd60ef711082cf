//! Robot Framework's `output.xml`, of versions 3 to 7.

mod ends;

use self::ends::{End, Ends, end_like, is_tear_down};
use crate::base::Timestamp;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, parameter, set_suites};
use crate::ingest::notes;
use crate::ingest::times::{Durations, timestamp};
use crate::ingest::xml::{self, Element, Enter, Visit};
use crate::ingest::{Row, SinkError, limits};
use crate::model::{Details, Status, Step, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "robot",
    element: "test",
    read,
};

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    if !xml::survey(gather, |name| name == "test")? {
        return Ok(());
    }
    let mut tests = Tests {
        ends: Ends::of(gather)?.into_iter(),
        ..Tests::default()
    };
    xml::read(gather, &mut tests)
}

/// A suite that is open.
#[derive(Default)]
struct Suite {
    name: String,
    source: Option<String>,
    before: Vec<Step>,
    tear_down: Option<Step>,
    end: Option<End>,
    told: bool,
}

#[derive(Default)]
struct Tests {
    suites: Vec<Suite>,
    /// Of the suites that are to come.
    ends: std::vec::IntoIter<Option<End>>,
    durations: Durations,
    in_errors: bool,
    errors: String,
}

impl Visit for Tests {
    fn enter(&mut self, gather: &mut Gather<'_>, element: &Element) -> Enter {
        match element.name.as_str() {
            "robot" => {
                gather.say("robot", element.attribute("generator").unwrap_or_default());
                Enter::Open
            }
            "suite" => {
                self.suites.push(Suite {
                    name: element.attribute("name").unwrap_or_default().to_owned(),
                    source: element.attribute("source").map(str::to_owned),
                    end: self.ends.next().flatten(),
                    ..Suite::default()
                });
                Enter::Open
            }
            "errors" => {
                self.in_errors = true;
                Enter::Open
            }
            // The statistics have suites and tests of their own, by name.
            "statistics" | "test" | "kw" | "meta" | "status" | "msg" => Enter::Take,
            "doc" | "tag" | "metadata" => Enter::Skip,
            name => {
                gather.notes.add(notes::UNKNOWN_ELEMENT, name);
                Enter::Open
            }
        }
    }

    fn take(&mut self, gather: &mut Gather<'_>, element: Element) -> Result<(), SinkError> {
        match element.name.as_str() {
            "test" => return self.test(gather, &element),
            "statistics" => declare(gather, &element),
            "kw" => {
                let step = step(&mut self.durations, &element, 0);
                if let Some(suite) = self.suites.last_mut() {
                    match is_tear_down(&element) {
                        true => suite.tear_down = step,
                        false => suite.before.extend(step),
                    }
                }
            }
            "meta" => {
                let name = element.attribute("name").unwrap_or_default().to_owned();
                gather.say(&name, &element.said().unwrap_or_default());
            }
            "msg" if self.in_errors && self.errors.len() < limits::FIELD => {
                let level = element.attribute("level").unwrap_or_default();
                let said = element.said().unwrap_or_default();
                self.errors.push_str(&format!("{level} {said}\n"));
            }
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, gather: &mut Gather<'_>, name: &str) -> Result<(), SinkError> {
        if name == "errors" {
            self.in_errors = false;
            let errors = std::mem::take(&mut self.errors);
            gather.run_text(Status::Broken, "errors.txt", &errors);
        }
        if name != "suite" {
            return Ok(());
        }
        let path = self.path();
        let Some(suite) = self.suites.pop() else {
            return Ok(());
        };
        let mut told = suite.told;
        let bad = |step: &&Step| matches!(step.status, Some(Status::Failed | Status::Broken));
        // What failed around tests is theirs, as long as one of them can say so.
        let set_up = suite.before.iter().find(bad).filter(|_| !told);
        let tear_down = suite.tear_down.as_ref().filter(bad).filter(|_| !told);
        for (step, side) in [(set_up, "set-up"), (tear_down, "tear-down")] {
            let Some(step) = step else { continue };
            told = true;
            let mut result = TestResult {
                name: format!("{} ({side})", suite.name),
                full_name: Some(format!("{}.{side}", path.join("."))),
                status: Status::Broken,
                message: step
                    .message
                    .clone()
                    .or_else(|| Some(format!("the suite's {side} failed"))),
                ..TestResult::default()
            };
            set_suites(&mut result, &path);
            gather.add(Row {
                result,
                details: Details {
                    before: vec![step.clone()],
                    ..Details::default()
                },
                ..Row::default()
            })?;
        }
        if let Some(above) = self.suites.last_mut() {
            above.told |= told;
        }
        Ok(())
    }
}

/// Takes the totals of all tests; older files have those of critical ones beside them.
fn declare(gather: &mut Gather<'_>, statistics: &Element) {
    let Some(total) = statistics.child("total") else {
        return;
    };
    let all = |stat: &&Element| stat.said().as_deref() == Some("All Tests");
    let stats = total.all("stat").find(all);
    let Some(stats) = stats else { return };
    let [pass, fail, skip] =
        ["pass", "fail", "skip"].map(|name| stats.attributes.number(name).unwrap_or_default());
    let total = [pass, fail, skip]
        .iter()
        .fold(0, |a: u64, b| a.saturating_add(*b));
    // A tear-down of a suite fails tests that the file shows as passed; a row of its own tells that.
    let unshown = if gather.bad == 0 { fail } else { 0 };
    gather.declare(Some(total), unshown);
}

impl Tests {
    fn path(&self) -> Vec<String> {
        self.suites.iter().map(|suite| suite.name.clone()).collect()
    }

    fn test(&mut self, gather: &mut Gather<'_>, element: &Element) -> Result<(), SinkError> {
        let name = element.attribute("name").unwrap_or_default();
        let path = self.path();
        let status = element.all("status").last();
        let word = status
            .and_then(|status| status.attribute("status"))
            .unwrap_or_default();
        let message = status.and_then(Element::said);
        let mut result = TestResult {
            name: name.to_owned(),
            full_name: Some(
                path.iter()
                    .map(String::as_str)
                    .chain([name])
                    .collect::<Vec<_>>()
                    .join("."),
            ),
            status: match word {
                "PASS" => Status::Passed,
                "FAIL" => of_failure(message.as_deref().unwrap_or_default()),
                "SKIP" | "NOT RUN" => Status::Skipped,
                // Without its end a test did not come to one.
                "" => Status::Broken,
                other => {
                    gather.notes.add(notes::UNKNOWN_STATUS, other);
                    Status::Unknown
                }
            },
            message,
            description: element.text_of("doc"),
            line: element.attributes.number("line"),
            file: self
                .suites
                .iter()
                .rev()
                .find_map(|suite| suite.source.clone())
                .map(|source| crate::base::path::file_name(&source.replace('\\', "/")).to_owned()),
            ..TestResult::default()
        };
        if word.is_empty() {
            result.message = Some("the test has no end".to_owned());
        }
        for end in self
            .suites
            .iter()
            .rev()
            .filter_map(|suite| suite.end.as_ref())
        {
            end_like(&mut result, end);
        }
        if let Some(status) = status {
            (result.start, result.start_assumed, result.duration) =
                times(&mut self.durations, status);
        }
        set_suites(&mut result, &path);
        let tags = element.child("tags");
        for tag in element
            .all("tag")
            .chain(tags.into_iter().flat_map(|tags| tags.all("tag")))
        {
            if let Some(tag) = tag.said() {
                result.labels.add("tag", tag.trim());
            }
        }
        if let Some(critical) = status.and_then(|status| status.attribute("critical")) {
            result.properties.add("critical", critical);
        }
        let mut details = Details::default();
        for suite in &self.suites {
            details.before.extend(suite.before.iter().cloned());
        }
        for child in &element.children {
            let kind = child
                .attribute("type")
                .unwrap_or_default()
                .to_ascii_lowercase();
            let Some(step) = step(&mut self.durations, child, 0) else {
                continue;
            };
            match kind.as_str() {
                "setup" if child.name == "kw" => details.before.push(step),
                "teardown" if child.name == "kw" => details.after.push(step),
                _ => details.steps.push(step),
            }
        }
        let mut output = String::new();
        messages(element, &mut output, gather, &mut result, 0);
        details.stdout = Some(output);
        if matches!(result.status, Status::Failed | Status::Broken) {
            self.suites.iter_mut().for_each(|suite| suite.told = true);
        }
        gather.test(Row {
            result,
            details,
            ..Row::default()
        })
    }
}

/// What could not be executed is broken; so is what failed outside of the test.
fn of_failure(message: &str) -> Status {
    let words = [
        "No keyword with name",
        "Setup failed:",
        "Teardown failed:",
        "Parent suite setup failed:",
        "Parent suite teardown failed:",
        "Test timeout ",
        "Resolving variable ",
    ];
    let broken = words.iter().any(|word| message.starts_with(word))
        || message.starts_with("Variable ") && message.contains("not found")
        || message.contains("Keyword '")
            && message.contains(" expected ")
            && message.contains(" argument");
    match broken {
        true => Status::Broken,
        false => Status::Failed,
    }
}

/// Reads start and duration, of either form.
fn times(durations: &mut Durations, status: &Element) -> (Option<Timestamp>, bool, Option<u64>) {
    if let Some((start, _)) = status.attribute("start").and_then(timestamp) {
        let elapsed = status
            .attribute("elapsed")
            .and_then(|text| durations.parse(text));
        return (Some(start), true, elapsed);
    }
    let at = |name| status.attribute(name).and_then(compact);
    let (start, end) = (at("starttime"), at("endtime"));
    let duration = start
        .zip(end)
        .map(|(start, end)| u64::try_from(end.ms() - start.ms()).unwrap_or(0));
    (start, start.is_some(), duration)
}

/// Reads `20240131 12:00:00.123`.
fn compact(text: &str) -> Option<Timestamp> {
    let (day, time) = text.trim().split_once(' ')?;
    let is_day = day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit());
    let (year, month, day) = is_day.then(|| (&day[..4], &day[4..6], &day[6..]))?;
    timestamp(&format!("{year}-{month}-{day}T{time}")).map(|(time, _)| time)
}

/// Makes a step of a keyword or a control structure.
fn step(durations: &mut Durations, element: &Element, depth: usize) -> Option<Step> {
    let name = match element.name.as_str() {
        "kw" | "group" => {
            let library = element
                .attribute("owner")
                .or_else(|| element.attribute("library"));
            let name = element.attribute("name").unwrap_or_default();
            match library {
                Some(library) => format!("{library}.{name}"),
                None => name.to_owned(),
            }
        }
        "branch" => {
            let kind = element.attribute("type").unwrap_or("branch");
            let condition = element.attribute("condition").unwrap_or_default();
            format!("{kind} {condition}").trim_end().to_owned()
        }
        name @ ("for" | "while" | "if" | "try" | "iter" | "variable" | "return" | "break"
        | "continue" | "error") => name.to_ascii_uppercase(),
        _ => return None,
    };
    let status = element.child("status");
    let word = status
        .and_then(|status| status.attribute("status"))
        .unwrap_or_default();
    let (start, _, duration) =
        status.map_or((None, false, None), |status| times(durations, status));
    let said: Vec<String> = element
        .all("msg")
        .filter(|msg| msg.attribute("level") == Some("FAIL"))
        .filter_map(Element::said)
        .collect();
    let arguments: Vec<String> = element.all("arg").filter_map(Element::said).collect();
    let mut full = name;
    for argument in arguments.iter().take(50) {
        full.push_str("    ");
        full.push_str(&crate::base::text::truncate(argument, 200));
    }
    // What the step's name does not show whole, its parameters do.
    let is_long = |argument: &String| argument.chars().nth(200).is_some();
    let is_cut = arguments.len() > 50 || arguments.iter().any(is_long);
    let arguments = arguments.into_iter().enumerate().filter(|_| is_cut);
    let parameters = arguments.map(|(at, value)| parameter(&format!("arg{at}"), value));
    let message = status
        .and_then(Element::said)
        .or(Some(said.join("\n")).filter(|said| !said.is_empty()));
    Some(Step {
        name: full,
        status: Some(match word {
            "PASS" => Status::Passed,
            "FAIL" => Status::Failed,
            "SKIP" | "NOT RUN" => Status::Skipped,
            _ => Status::Unknown,
        }),
        start,
        duration,
        message,
        parameters: parameters.collect(),
        steps: match depth < limits::XML_DEPTH {
            true => element
                .children
                .iter()
                .filter_map(|child| step(durations, child, depth + 1))
                .collect(),
            false => Vec::new(),
        },
        ..Step::default()
    })
}

/// Gathers the messages of a test, and the files that those in HTML show.
fn messages(
    element: &Element,
    out: &mut String,
    gather: &mut Gather<'_>,
    result: &mut TestResult,
    depth: usize,
) {
    for child in &element.children {
        if child.name != "msg" {
            if depth < limits::XML_DEPTH {
                messages(child, out, gather, result, depth + 1);
            }
            continue;
        }
        let said = child.said().unwrap_or_default();
        let is_html = child
            .attribute("html")
            .is_some_and(|html| matches!(html, "true" | "yes"));
        if is_html {
            for path in files_of(&said) {
                gather.keeper.attach(result, None, None, &path);
            }
        }
        if out.len() + said.len() < limits::TEXT {
            let level = child.attribute("level").unwrap_or("INFO");
            out.push_str(&format!("{level} {said}\n"));
        }
    }
}

/// The files beside the report that a message in HTML shows.
fn files_of(html: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for attribute in ["src=\"", "href=\""] {
        for (at, _) in html.match_indices(attribute).take(20) {
            let rest = &html[at + attribute.len()..];
            let Some(path) = rest.split('"').next() else {
                continue;
            };
            let is_file = !path.is_empty() && !path.contains(':') && !path.starts_with(['#', '/']);
            if is_file && !out.iter().any(|old| old == path) {
                out.push(path.to_owned());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_execution_are_broken() {
        assert_eq!(of_failure("1 != 2"), Status::Failed);
        assert_eq!(
            of_failure("No keyword with name 'X' found."),
            Status::Broken
        );
        assert_eq!(of_failure("Variable '${x}' not found."), Status::Broken);
    }

    #[test]
    fn old_times_are_read() {
        let time = compact("20240131 12:00:00.123").expect("a time");
        assert_eq!(time.to_string(), "2024-01-31T12:00:00.123Z");
        assert_eq!(compact("N/A"), None);
        assert_eq!(
            files_of("<a href=\"x.png\"><img src=\"x.png\"></a> <img src=\"http://x\">"),
            ["x.png"]
        );
    }
}
