//! What the producer says of the run: environment, executor, launch, globals, checks.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::fixtures::{Fixtures, Unshown};
use super::raw::{self, Parsed, RawAttachment, RawCheck, RawError, RawGlobals};
use super::row::{Keeper, field, run_labels, text, times};
use super::{FORMAT, Loaded, load, properties};
use crate::base::{Digest, Timestamp, path, text as words};
use crate::ingest::detect::AllureRole;
use crate::ingest::notes::{self, Notes};
use crate::ingest::report::add_distinct;
use crate::ingest::run::{Account, Run};
use crate::ingest::{Part, Row, SinkError, json, limits};
use crate::model::{Status, TestResult};

/// Reads them all; errors, checks and fixtures of which no test says that they failed become rows of their
/// own, which are `added`.
pub(super) fn read(
    run: &Run<'_>,
    account: &mut Account,
    fixtures: &Fixtures,
    places: &dyn Fn(AllureRole) -> Vec<usize>,
    referenced: &mut [bool],
) -> Result<(), SinkError> {
    for at in places(AllureRole::Environment) {
        read_environment(run, account, at);
    }
    for (role, prefix) in [
        (AllureRole::Executor, "executor"),
        (AllureRole::Launch, "launch"),
    ] {
        for at in places(role) {
            read_origin(run, account, at, prefix);
        }
    }
    let mut rows: Vec<(usize, Row)> = Vec::new();
    let cut_before = account.notes.count(notes::CUT);
    for at in places(AllureRole::Globals) {
        let read = read_globals(run, account, at, referenced);
        rows.extend(read.into_iter().map(|row| (at, row)));
    }
    for at in places(AllureRole::Check) {
        rows.extend(read_check(run, account, at).map(|row| (at, row)));
    }
    for unshown in fixtures.unshown() {
        let row = fixture_row(run, &unshown, &mut account.notes);
        rows.push((unshown.entry, row));
    }
    let mut rows: Vec<Row> = rows
        .into_iter()
        .map(|(at, row)| Row {
            file: Some(at),
            ..row
        })
        .collect();
    let cut = account.notes.count(notes::CUT) - cut_before;
    if cut > 0 {
        let texts = words::count(cut, "text");
        let problem = format!("{texts} of the run longer than 1 MiB, cut there");
        account.whole.problem.get_or_insert(problem);
    }
    number_repeats(&mut rows);
    rows.iter_mut().for_each(|row| row.part = Part::Added);
    account.whole.added += rows.len() as u64;
    if !rows.is_empty() {
        account.whole.format = FORMAT.to_owned();
    }
    run.hand_over(rows)
}

/// Reads a small file; one that can't be read is an irregular file.
fn bytes_of(run: &Run<'_>, account: &mut Account, at: usize) -> Option<Vec<u8>> {
    let entry = &run.bundle.entries()[at];
    let read = match run.bundle.read(&entry.name) {
        _ if entry.size > limits::JSON => Err("is larger than 64 MiB, and was not read".to_owned()),
        Ok(bytes) => Ok(bytes),
        Err(e) => Err(format!("cannot be read: {e}")),
    };
    match read {
        Ok(bytes) => {
            account.digests[at] = Some(Digest::of(&bytes));
            Some(bytes)
        }
        Err(problem) => {
            account.irregular(entry, FORMAT, None, problem);
            None
        }
    }
}

fn read_environment(run: &Run<'_>, account: &mut Account, at: usize) {
    let Some(bytes) = bytes_of(run, account, at) else {
        return;
    };
    let entry = &run.bundle.entries()[at];
    let pairs = if path::extension(&entry.name) == "xml" {
        let (pairs, whole) = environment_xml(&bytes);
        if !whole {
            let digest = account.digests[at];
            account.irregular(entry, FORMAT, digest, "is no well-formed XML".to_owned());
        }
        pairs
    } else {
        properties::parse(&bytes)
    };
    for (key, value) in pairs.iter().filter(|(key, _)| !key.is_empty()) {
        let value = limits::masked(key, value);
        add_distinct(&mut account.report.environment, key, &value);
    }
}

/// Reads `<environment><parameter><key>k</key><value>v</value></parameter>…`; says whether it
/// could be read to its end.
fn environment_xml(bytes: &[u8]) -> (Vec<(String, String)>, bool) {
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().allow_dangling_amp = true;
    let (mut pairs, mut key, mut buffer) = (Vec::new(), String::new(), String::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => buffer.clear(),
            Ok(Event::Text(text)) => buffer.push_str(&text),
            Ok(Event::CData(text)) => buffer.push_str(&text),
            Ok(Event::GeneralRef(name)) => {
                crate::ingest::xml::push_reference(&mut buffer, &name);
            }
            Ok(Event::End(end)) => match end.local_name().as_ref() {
                "key" => key = std::mem::take(&mut buffer).trim().to_owned(),
                "value" => {
                    let value = std::mem::take(&mut buffer).trim().to_owned();
                    pairs.push((std::mem::take(&mut key), value));
                }
                _ => buffer.clear(),
            },
            Ok(Event::Eof) => return (pairs, true),
            Ok(_) => {}
            Err(_) => return (pairs, false),
        }
    }
}

/// Reads `executor.json` or `launch.json` into properties.
fn read_origin(run: &Run<'_>, account: &mut Account, at: usize, prefix: &str) {
    let Some(bytes) = bytes_of(run, account, at) else {
        return;
    };
    let salvaged = json::salvage(&bytes);
    account.whole.replaced += salvaged.replaced;
    if let Some(problem) = salvaged.problem {
        let digest = account.digests[at];
        let line = format!("the file {problem}");
        account.irregular(&run.bundle.entries()[at], FORMAT, digest, line);
    }
    let Value::Object(map) = salvaged.value else {
        return;
    };
    for (key, value) in &map {
        let value = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if !value.is_empty() {
            let value = limits::masked(key, &value);
            add_distinct(
                &mut account.report.properties,
                &format!("{prefix}.{key}"),
                &value,
            );
        }
    }
}

/// Takes a parsed file's account; returns its value.
fn take<T>(
    run: &Run<'_>,
    account: &mut Account,
    at: usize,
    loaded: Loaded<T>,
) -> Option<(T, bool)> {
    let Loaded { digest, parsed } = loaded;
    let Parsed {
        value,
        problem,
        replaced,
        notes,
    } = parsed;
    account.digests[at] = digest;
    account.whole.replaced += replaced;
    account.notes.merge(notes);
    let salvaged = problem.is_some();
    if let Some(problem) = problem {
        let problem = format!("the file {problem}");
        account.irregular(&run.bundle.entries()[at], FORMAT, digest, problem);
    }
    value.map(|value| (value, salvaged))
}

fn read_globals(
    run: &Run<'_>,
    account: &mut Account,
    at: usize,
    referenced: &mut [bool],
) -> Vec<Row> {
    let entry = &run.bundle.entries()[at];
    let loaded = load::<RawGlobals>(run, entry, &raw::GLOBALS);
    let Some((globals, salvaged)) = take(run, account, at, loaded) else {
        return Vec::new();
    };
    let errors = globals.errors.unwrap_or_default();
    let mut rows: Vec<Row> = errors
        .into_iter()
        .map(|error| error_row(error, salvaged, &mut account.notes))
        .collect();
    let status = if rows.is_empty() {
        Status::Passed
    } else {
        Status::Broken
    };
    let mut keeper = Keeper::new(run, path::parent(&entry.name), status);
    let raw: Vec<RawAttachment> = globals.attachments.unwrap_or_default();
    let attachments = keeper.keep(raw);
    keeper
        .used
        .iter()
        .for_each(|(at, _)| referenced[*at] = true);
    account.whole.attachments_missing += keeper.missed.count();
    account.missed.merge(keeper.missed);
    match rows.last_mut() {
        Some(row) => row.result.attachments = attachments,
        None => account.report.attachments.extend(attachments),
    }
    rows
}

fn error_row(raw: RawError, salvaged: bool, notes: &mut Notes) -> Row {
    let message = field(raw.message, notes);
    let first = message
        .as_deref()
        .and_then(|m| m.lines().find(|l| !l.trim().is_empty()));
    let name = words::truncate(first.unwrap_or("Error of the run").trim(), 120);
    let result = TestResult {
        full_name: Some(format!("globals.{name}")),
        name,
        status: Status::Broken,
        start: raw.timestamp.map(Timestamp::from_ms),
        message,
        trace: field(raw.trace, notes),
        expected: field(raw.expected, notes),
        actual: field(raw.actual, notes),
        flaky: raw.flaky.unwrap_or_default(),
        known: raw.known.unwrap_or_default(),
        salvaged,
        synthetic: true,
        ..TestResult::default()
    };
    Row {
        result,
        ..Row::default()
    }
}

fn read_check(run: &Run<'_>, account: &mut Account, at: usize) -> Option<Row> {
    let entry = &run.bundle.entries()[at];
    let loaded = load::<RawCheck>(run, entry, &raw::CHECK);
    let (check, salvaged) = take(run, account, at, loaded)?;
    let stem = path::file_name(&entry.name);
    let stem = stem.strip_suffix("-check.json").unwrap_or(stem).to_owned();
    let name = text(check.name).unwrap_or(stem);
    let details = check.details.unwrap_or_default();
    let passed = check
        .status
        .is_some_and(|s| s.eq_ignore_ascii_case("passed"));
    let message = field(details.message, &mut account.notes);
    let error = field(details.error, &mut account.notes);
    let mut result = TestResult {
        test_case_id: text(check.id),
        full_name: Some(format!("checks.{name}")),
        name,
        status: if passed {
            Status::Passed
        } else {
            Status::Failed
        },
        trace: error.clone().filter(|_| message.is_some()),
        message: message.or(error),
        labels: run_labels(&check.tags.unwrap_or_default()),
        salvaged,
        synthetic: true,
        ..TestResult::default()
    };
    if let Some(command) = text(details.command) {
        result.properties.add("command", command);
    }
    Some(Row {
        result,
        ..Row::default()
    })
}

/// A row for a fixture that failed; its uuid tells it from others of the same name, also when it comes again.
fn fixture_row(run: &Run<'_>, unshown: &Unshown<'_>, notes: &mut Notes) -> Row {
    let details = unshown.step.and_then(|step| step.status_details.clone());
    let details = details.unwrap_or_default();
    let kind = if unshown.is_before {
        "set-up"
    } else {
        "tear-down"
    };
    let message = field(details.message, notes);
    let message = message.unwrap_or_else(|| format!("the {kind} failed, and no test shows it"));
    let file = path::file_name(&run.bundle.entries()[unshown.entry].name);
    let full_name = &unshown.full_name;
    let name = full_name.strip_prefix("fixtures.").unwrap_or(full_name);
    let (start, duration) = times(
        unshown.step.and_then(|step| step.start),
        unshown.step.and_then(|step| step.stop),
    );
    let result = TestResult {
        uuid: Some(Digest::of(format!("{file} {}", unshown.nth).as_bytes()).short()),
        digest: Some(Digest::of(format!("{full_name} {message}").as_bytes()).short()),
        name: name.to_owned(),
        full_name: Some(full_name.clone()),
        status: Status::Broken,
        start,
        duration,
        message: Some(message),
        trace: field(details.trace, notes),
        synthetic: true,
        ..TestResult::default()
    };
    Row {
        result,
        ..Row::default()
    }
}

/// Keeps rows of one name apart, which would else be taken for attempts of each other.
fn number_repeats(rows: &mut [Row]) {
    let mut seen: HashMap<(Option<String>, String), u32> = HashMap::new();
    for row in rows {
        let key = (row.result.full_name.clone(), row.result.name.clone());
        let n = seen.entry(key).or_default();
        *n += 1;
        row.result.occurrence = (*n > 1).then_some(*n);
    }
}
