//! `go test -json`, the stream of test2json, with the build events of Go 1.24.
//!
//! A test that other tests stand below is their suite, unless it alone tells a failure. The same test
//! again in another run of its package is an attempt; in the same one (`-count=2`) it is a test of its
//! own, so that no failure is outvoted by what passed after it.

mod plain;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use self::plain::Plain;
use crate::base::{Timestamp, text as words};
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, set_suites};
use crate::ingest::json::{number, string, text};
use crate::ingest::lines::{self, Line};
use crate::ingest::notes::{self, Kind};
use crate::ingest::times::timestamp;
use crate::ingest::{Row, SinkError, ids, limits};
use crate::model::{Details, Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "go",
    element: "test",
    read,
};

const STRANGE: Kind = ("event", "of an unknown action left out");

/// Bytes of lines that are no events, kept.
const TEXT: usize = limits::FIELD;

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    survey(gather)?;
    let mut events = Events::default();
    let seen = lines::each(gather, |gather, line| {
        match lines::event(line) {
            Line::Event(event) => events.event(gather, &event)?,
            Line::Text | Line::Damaged if line.trim().is_empty() => {}
            Line::Text | Line::Damaged => {
                events.plain.line(line);
                append(&mut events.text, line, "\n");
            }
        }
        Ok(())
    })?;
    events.end(gather)?;
    lines::settle(gather, seen);
    Ok(())
}

/// Counts tests by their `run` lines, and sees whether all packages ended.
fn survey(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let (mut runs, mut damaged) = (0_u64, None);
    let mut open: HashSet<String> = HashSet::new();
    let mut at = 0_u64;
    lines::each(gather, |_, line| {
        at += 1;
        let is_run = line.contains("\"Action\":\"run\"") || line.contains("\"Action\": \"run\"");
        runs += u64::from(is_run && line.trim_start().starts_with('{'));
        match lines::event(line) {
            Line::Event(event) => {
                let package = text(&event["Package"]);
                let ends = matches!(text(&event["Action"]), "pass" | "fail" | "skip");
                match event.get("Test").is_none() && ends {
                    _ if package.is_empty() => {}
                    true => {
                        open.remove(package);
                    }
                    false if !open.contains(package) => {
                        open.insert(package.to_owned());
                    }
                    false => {}
                }
            }
            Line::Damaged if line.contains("\"Action\"") || line.contains("\"Time\"") => {
                damaged.get_or_insert(at);
            }
            Line::Damaged | Line::Text => {}
        }
        Ok(())
    })?;
    gather.elements = runs;
    if let Some(at) = damaged {
        gather.fault(format!("line {at} is no valid JSON"));
    }
    if let Some(first) = open.iter().min() {
        let first = words::line(first, 120);
        gather.fault(format!("the file ends before package `{first}` does"));
    }
    Ok(())
}

fn append(text: &mut String, more: &str, gap: &str) {
    if text.len() + more.len() <= TEXT {
        if !text.is_empty() {
            text.push_str(gap);
        }
        text.push_str(more);
    }
}

#[derive(Debug, Default)]
struct Events {
    packages: BTreeMap<String, Package>,
    /// Output of builds by what was built.
    builds: BTreeMap<String, String>,
    failed_builds: BTreeMap<String, bool>,
    /// How often a test ran in how many runs of its package.
    attempts: HashMap<(String, String, u32), u32>,
    /// Packages whose own failure is a row.
    told: BTreeSet<String>,
    plain: Plain,
    text: String,
}

/// One run of a package.
#[derive(Debug, Default)]
struct Package {
    tests: Vec<Test>,
    /// The last test of a name.
    last: HashMap<String, usize>,
    output: String,
}

#[derive(Debug, Default)]
struct Test {
    name: String,
    start: Option<(Timestamp, bool)>,
    stop: Option<Timestamp>,
    output: String,
    cut: u64,
    status: Option<Status>,
    elapsed: Option<f64>,
    attributes: Vec<(String, String)>,
    artifacts: Vec<String>,
    /// There was no `run`.
    silent: bool,
}

impl Events {
    fn event(&mut self, gather: &mut Gather<'_>, event: &Value) -> Result<(), SinkError> {
        let action = text(&event["Action"]);
        if let Some(built) = event.get("ImportPath").and_then(Value::as_str) {
            match action {
                "build-output" => {
                    let output = self.builds.entry(built.to_owned()).or_default();
                    append(output, text(&event["Output"]), "");
                }
                "build-fail" => {
                    self.failed_builds.entry(built.to_owned()).or_insert(false);
                }
                _ => gather.notes.add(STRANGE, action),
            }
            return Ok(());
        }
        let name = text(&event["Package"]);
        let Some(test) = event.get("Test").and_then(Value::as_str) else {
            return self.of_package(gather, name, action, event);
        };
        let package = self.packages.entry(name.to_owned()).or_default();
        package.event(gather, test, action, event);
        Ok(())
    }

    fn of_package(
        &mut self,
        gather: &mut Gather<'_>,
        name: &str,
        action: &str,
        event: &Value,
    ) -> Result<(), SinkError> {
        match action {
            "output" => {
                let package = self.packages.entry(name.to_owned()).or_default();
                append(&mut package.output, text(&event["Output"]), "");
            }
            "start" => {
                self.packages.entry(name.to_owned()).or_default();
            }
            "pass" | "fail" | "skip" => {
                let package = self.packages.remove(name).unwrap_or_default();
                let status = match action {
                    "pass" => Status::Passed,
                    "fail" => Status::Failed,
                    _ => Status::Skipped,
                };
                self.settle(gather, name, package, Some(status), event)?;
            }
            "pause" | "cont" | "run" | "bench" | "attr" | "artifacts" => {}
            other => gather.notes.add(STRANGE, other),
        }
        Ok(())
    }

    /// Gives the rows of a package that ended, or that the file ends in.
    fn settle(
        &mut self,
        gather: &mut Gather<'_>,
        name: &str,
        mut package: Package,
        status: Option<Status>,
        event: &Value,
    ) -> Result<(), SinkError> {
        let mut bad = false;
        package.take_benchmarks();
        let mut times: HashMap<String, u32> = HashMap::new();
        let outcomes: Vec<Status> = (0..package.tests.len())
            .map(|at| package.outcome(at, status))
            .collect();
        let suites = package.suites(&outcomes);
        for (at, &outcome) in outcomes.iter().enumerate() {
            let n = times.entry(package.tests[at].name.clone()).or_default();
            *n += 1;
            let occurrence = *n;
            let is_bad = is_bad(outcome);
            if suites[at].is_some_and(|told| told || !is_bad) {
                gather.counts.merged += 1;
                gather.elements += u64::from(package.tests[at].silent);
                continue;
            }
            bad |= is_bad;
            let key = (name.to_owned(), package.tests[at].name.clone(), occurrence);
            let runs = self.attempts.entry(key).or_default();
            *runs += 1;
            let number = *runs;
            let mut test = std::mem::take(&mut package.tests[at]);
            let mut row = row(gather, name, &mut test, outcome, &package.output);
            row.result.attempt = (number > 1).then_some(number);
            row.result.occurrence = (occurrence > 1).then_some(occurrence);
            if test.silent {
                gather.elements += 1;
            }
            gather.numbered(row)?;
        }
        if status == Some(Status::Failed) && !bad {
            self.of_failed(gather, name, &package, event)?;
        }
        Ok(())
    }

    /// Gives a row for a package that failed, and of which no test did.
    fn of_failed(
        &mut self,
        gather: &mut Gather<'_>,
        name: &str,
        package: &Package,
        event: &Value,
    ) -> Result<(), SinkError> {
        let built = string(&event["FailedBuild"]);
        let named = |path: &String| path == name || path.starts_with(&format!("{name} ["));
        let built = built.or_else(|| self.failed_builds.keys().find(|path| named(path)).cloned());
        let output = match &built {
            Some(built) => {
                self.failed_builds.insert(built.clone(), true);
                let said = self.builds.get(built).cloned().unwrap_or_default();
                format!("{said}{}", package.output)
            }
            None => package.output.clone(),
        };
        let is_build = built.is_some()
            || output.contains("[build failed]")
            || output.contains("[setup failed]");
        let test = if is_build {
            "[build failed]"
        } else {
            "TestMain"
        };
        self.told.insert(name.to_owned());
        gather.add(failed_row(name, test, &output))
    }

    /// Gives what is open where the file ends, and builds that failed for no package.
    fn end(&mut self, gather: &mut Gather<'_>) -> Result<(), SinkError> {
        for (name, package) in std::mem::take(&mut self.packages) {
            self.settle(gather, &name, package, None, &Value::Null)?;
        }
        for (built, told) in std::mem::take(&mut self.failed_builds) {
            if !told {
                let output = self.builds.get(&built).cloned().unwrap_or_default();
                self.told.insert(built.clone());
                gather.add(failed_row(&built, "[build failed]", &output))?;
            }
        }
        for (package, output) in std::mem::take(&mut self.plain).failed() {
            if !self.told.contains(&package) {
                gather.add(failed_row(&package, "[build failed]", &output))?;
            }
        }
        let text = std::mem::take(&mut self.text);
        gather.run_text(Status::Unknown, "output.txt", &text);
        Ok(())
    }
}

fn failed_row(package: &str, test: &str, output: &str) -> Row {
    let mut result = TestResult {
        name: test.to_owned(),
        full_name: Some(format!("{package}.{test}")),
        status: Status::Broken,
        message: Some(first_said(output).unwrap_or_else(|| "the package failed".to_owned())),
        trace: Some(output.to_owned()),
        ..TestResult::default()
    };
    set_suites(&mut result, &[package.to_owned()]);
    Row {
        result,
        ..Row::default()
    }
}

impl Package {
    fn event(&mut self, gather: &mut Gather<'_>, name: &str, action: &str, event: &Value) {
        if action == "run" || !self.last.contains_key(name) {
            self.last.insert(name.to_owned(), self.tests.len());
            self.tests.push(Test {
                name: name.to_owned(),
                start: event
                    .get("Time")
                    .and_then(Value::as_str)
                    .and_then(timestamp),
                silent: action != "run",
                ..Test::default()
            });
        }
        let Some(test) = self.last.get(name).and_then(|at| self.tests.get_mut(*at)) else {
            return;
        };
        let status = match action {
            "pass" | "bench" => Status::Passed,
            "fail" => Status::Failed,
            "skip" => Status::Skipped,
            "output" => {
                let said = text(&event["Output"]);
                let free = limits::TEXT.saturating_sub(test.output.len());
                let kept = limits::floor_char_boundary(said, free);
                test.output.push_str(&said[..kept]);
                test.cut += (said.len() - kept) as u64;
                return;
            }
            "attr" => {
                let (key, value) = (text(&event["Key"]), text(&event["Value"]));
                return test.attributes.push((key.to_owned(), value.to_owned()));
            }
            "artifacts" => return test.artifacts.extend(string(&event["Path"])),
            "run" | "pause" | "cont" | "start" => return,
            other => return gather.notes.add(STRANGE, other),
        };
        // Of two ends the worse counts.
        test.status = Some(test.status.map_or(status, |old| old.min(status)));
        test.elapsed = number(&event["Elapsed"]);
        let time = event
            .get("Time")
            .and_then(Value::as_str)
            .and_then(timestamp);
        test.stop = time.map(|(stop, _)| stop);
    }

    /// Takes the benchmarks that are lines of the package's output, as Go had them before 1.20.
    fn take_benchmarks(&mut self) {
        let all: Vec<(&str, &str)> = self.output.lines().filter_map(benchmark).collect();
        // How many processors a benchmark had stands behind its name, unless that is one.
        let number = |name: &str| {
            let (_, number) = name.rsplit_once('-')?;
            number
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| number.to_owned())
        };
        let numbers: BTreeSet<Option<String>> = all.iter().map(|(name, _)| number(name)).collect();
        let is_numbered = numbers.len() == 1 && !numbers.contains(&None);
        let mut new = Vec::new();
        for (name, line) in all {
            let name = match name.rsplit_once('-') {
                Some((bare, _)) if is_numbered => bare,
                _ => name,
            };
            if !self.last.contains_key(name) {
                new.push(Test {
                    name: name.to_owned(),
                    output: format!("{line}\n"),
                    status: Some(Status::Passed),
                    silent: true,
                    ..Test::default()
                });
            }
        }
        self.tests.extend(new);
    }

    /// Of each test that others stand below, whether one of those tells a failure.
    fn suites(&self, outcomes: &[Status]) -> Vec<Option<bool>> {
        let mut suites = vec![None; self.tests.len()];
        let mut latest: HashMap<&str, usize> = HashMap::new();
        for (at, test) in self.tests.iter().enumerate() {
            latest.insert(&test.name, at);
            let mut rest = test.name.as_str();
            while let Some((above, _)) = rest.rsplit_once('/') {
                if let Some(&above) = latest.get(above) {
                    let told = suites[above].get_or_insert(false);
                    *told |= is_bad(outcomes[at]);
                }
                rest = above;
            }
        }
        suites
    }

    /// How a test ended; without an end of its own it broke.
    fn outcome(&self, at: usize, package: Option<Status>) -> Status {
        let test = &self.tests[at];
        let panicked = || panics(&test.output);
        match test.status {
            Some(Status::Failed) if panicked() => Status::Broken,
            Some(status) => status,
            None => {
                let is_benchmark = test.name.starts_with("Benchmark");
                let measured = test.output.contains("/op") || self.output.contains("/op");
                match package {
                    Some(Status::Passed) if is_benchmark && measured => Status::Passed,
                    _ => Status::Broken,
                }
            }
        }
    }
}

/// Returns the name of a benchmark, where a line is what one measured.
fn benchmark(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let name = words.next().filter(|name| name.starts_with("Benchmark"))?;
    let is_count = words.next()?.bytes().all(|b| b.is_ascii_digit());
    (is_count && words.any(|word| word.ends_with("/op"))).then_some((name, line))
}

fn is_bad(status: Status) -> bool {
    matches!(status, Status::Failed | Status::Broken)
}

fn panics(output: &str) -> bool {
    output.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("panic: ") || line.starts_with("fatal error: ")
    })
}

fn row(
    gather: &mut Gather<'_>,
    package: &str,
    test: &mut Test,
    status: Status,
    of_package: &str,
) -> Row {
    gather.notes.add_many(notes::ELIDED, test.cut, &test.name);
    let said = without_framing(&test.output);
    let plain = without_duplicate(&test.name);
    let mut result = TestResult {
        name: test.name.clone(),
        full_name: Some(format!("{package}.{plain}")),
        status,
        start: test.start.map(|(start, _)| start),
        start_assumed: test.start.is_some_and(|(_, assumed)| assumed),
        ..TestResult::default()
    };
    result.duration = match (test.elapsed, test.start, test.stop) {
        (Some(seconds), _, _) => Some((seconds * 1000.0).round().max(0.0) as u64),
        (None, Some((start, _)), Some(stop)) => u64::try_from(stop.ms() - start.ms()).ok(),
        _ => None,
    };
    let mut path = vec![package.to_owned()];
    let parts: Vec<&str> = test.name.split('/').collect();
    path.extend(
        parts[..parts.len() - 1]
            .iter()
            .map(|part| (*part).to_owned()),
    );
    set_suites(&mut result, &path);
    result.labels.add("package", package);
    if of_package.contains("(cached)") {
        result.properties.add("cached", "true");
    }
    let place = said.lines().find_map(place);
    if let Some((file, line, _)) = place.filter(|_| status != Status::Passed) {
        result.file = Some(file.to_owned());
        result.line = Some(line);
    }
    let first = place.map(|(_, _, said)| said.trim().to_owned());
    match status {
        Status::Failed | Status::Broken => {
            let panic = said
                .lines()
                .chain(of_package.lines())
                .find(|line| line.starts_with("panic: ") || line.starts_with("fatal error: "));
            let panic = panic
                .filter(|_| status == Status::Broken)
                .map(str::to_owned);
            let message = panic.or(first).filter(|message| !message.is_empty());
            let message = message.or_else(|| first_said(&said));
            result.message = Some(message.unwrap_or_else(|| match test.status {
                None => "the test has no end: its package stopped before".to_owned(),
                Some(_) => "the test failed and printed nothing".to_owned(),
            }));
            result.trace = Some(said.clone()).filter(|said| !said.trim().is_empty());
            if result.trace.is_none() && test.status.is_none() {
                result.trace = Some(of_package.to_owned());
            }
        }
        Status::Skipped => result.message = first.or_else(|| first_said(&said)),
        _ => {}
    }
    for (key, value) in &test.attributes {
        ids::add_from_property(&mut result.ids, key, value);
        result.properties.add(key, limits::masked(key, value));
    }
    for path in &test.artifacts {
        gather.keeper.attach(&mut result, None, None, path);
    }
    Row {
        result,
        details: Details {
            stdout: Some(said),
            ..Details::default()
        },
        ..Row::default()
    }
}

/// Leaves out the number that go gives to the second test of a name: `TestX/a#01`.
fn without_duplicate(name: &str) -> &str {
    match name.rsplit_once('#') {
        Some((base, digits)) if digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            base
        }
        _ => name,
    }
}

/// Leaves out the lines by which go says what it does.
fn without_framing(output: &str) -> String {
    const FRAMES: [&str; 10] = [
        "=== RUN ",
        "=== PAUSE ",
        "=== CONT ",
        "=== NAME ",
        "=== ATTR ",
        "=== ARTIFACTS ",
        "--- PASS: ",
        "--- FAIL: ",
        "--- SKIP: ",
        "--- BENCH: ",
    ];
    let is_frame = |line: &&str| {
        let line = line.trim_start();
        FRAMES.iter().any(|frame| line.starts_with(frame))
    };
    output
        .split_inclusive('\n')
        .filter(|line| !is_frame(line))
        .collect()
}

/// Reads `    file_test.go:12: text`.
fn place(line: &str) -> Option<(&str, u64, &str)> {
    let line = line.trim_start();
    let (file, rest) = line.split_once(".go:")?;
    let (number, said) = rest.split_once(':')?;
    let file = &line[..file.len() + ".go".len()];
    let plain = !file.contains(|c: char| c.is_whitespace());
    Some((file, number.parse().ok()?, said)).filter(|_| plain)
}

fn first_said(output: &str) -> Option<String> {
    let mut lines = output.lines().map(str::trim);
    let said = lines.find(|line| {
        let framed = ["FAIL", "ok ", "PASS", "exit status", "# "];
        !line.is_empty() && !framed.iter().any(|frame| line.starts_with(frame))
    });
    said.map(|line| words::truncate(line, 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_frames() {
        assert_eq!(
            place("    a_test.go:12: x: y"),
            Some(("a_test.go", 12, " x: y"))
        );
        assert_eq!(place("see a.go:x: y"), None);
        assert_eq!(
            without_framing("=== RUN   A\nx\n    --- FAIL: A (0.00s)\ny"),
            "x\ny"
        );
        assert_eq!(without_duplicate("A/b#01"), "A/b");
        assert_eq!(without_duplicate("A/#b1"), "A/#b1");
    }
}
