//! A test case as read → its rows: one for each attempt, the deciding one last.

use super::case::{Case, Kind, Outcome};
use super::output::{self, Output};
use super::suite::{Dialect, Suite, duration};
use crate::base::{Timestamp, path};
use crate::ingest::attach::{Keeper, is_absolute, is_source, link};
use crate::ingest::notes::{self, Notes};
use crate::ingest::times::{Durations, timestamp};
use crate::ingest::xml::Capped;
use crate::ingest::{AttachmentSource, Options, Part, Row, ids, limits, own as exported};
use crate::model::{Attachment, Details, Status, Step, TestResult};

/// What the rows of one file need.
pub(super) struct Maker<'a> {
    pub(super) keeper: Keeper<'a>,
    pub(super) durations: Durations,
    pub(super) notes: Notes,
    /// All rows of this file are marked.
    pub(super) salvaged: bool,
    /// What an export of ours says of the attachments of the case that is read: their paths are their files.
    pub(super) attached: Vec<Attachment>,
}

/// One execution inside an element.
struct Attempt<'c> {
    status: Status,
    outcomes: Vec<&'c Outcome>,
    /// The element's own output, properties and time belong to this one.
    own: bool,
}

impl Maker<'_> {
    /// Makes the rows of a case in its suites; returns its duration too.
    pub(super) fn rows(
        &mut self,
        mut case: Case,
        suites: &[Suite],
        dialect: Dialect,
    ) -> (Vec<Row>, Option<u64>) {
        let status = case.status();
        if status == Status::Unknown {
            let word = case.attributes.get("status").unwrap_or_default();
            self.notes.add(notes::UNKNOWN_STATUS, word);
        }
        let mut base = self.base(&mut case, suites, dialect);
        let mut said = take_exported(&mut case);
        self.attached = match &mut said {
            Some(said) => std::mem::take(&mut said.attachments),
            None => Vec::new(),
        };
        if let Some(said) = &said {
            exported::apply(said, &mut base);
        }
        let time = duration(&mut case.attributes, &mut self.durations);
        let start = start_of(&mut case, suites);
        let own = |o: &&Outcome| matches!(o.kind, Kind::Failure | Kind::Error | Kind::Skipped);
        let is_flaky = case.outcomes.iter().any(|o| {
            matches!(o.kind, Kind::Flaky(_)) || o.exception.as_deref() == Some("flaky failure")
        });
        let attempts = attempts(&case.outcomes, status, own);
        let n = attempts.len();
        let mut rows = Vec::with_capacity(n);
        for (at, attempt) in attempts.iter().enumerate() {
            let mut row = Row {
                result: if at + 1 == n {
                    std::mem::take(&mut base)
                } else {
                    base.clone()
                },
                details: Details::default(),
                part: if at + 1 == n {
                    Part::Element
                } else {
                    Part::Retry
                },
                file: None,
            };
            row.result.status = attempt.status;
            row.result.attempt = (n > 1).then(|| u32::try_from(at + 1).unwrap_or(u32::MAX));
            row.result.flaky = is_flaky && at + 1 == n;
            self.set_outcomes(&mut row, &attempt.outcomes);
            if attempt.own {
                row.result.duration = time;
                (row.result.start, row.result.start_assumed) = start;
                self.set_own(&mut row, &case, suites, dialect);
            } else if let Some(outcome) = attempt.outcomes.first() {
                self.set_attempt(&mut row, outcome);
                self.set_named(&mut row, &case, suites, dialect);
            }
            if let Some(said) = said.as_ref().filter(|_| at + 1 == n) {
                exported::apply_last(said, &mut row.result);
            }
            rows.push(row);
        }
        (rows, time)
    }

    /// Makes the row of a suite's own error, which has no test.
    pub(super) fn suite_row(&mut self, suite: &Suite, above: &[Suite], status: Status) -> Row {
        let mut result = TestResult {
            status,
            synthetic: true,
            salvaged: self.salvaged,
            start: suite.start.map(|(start, _)| start),
            start_assumed: suite.start.is_some_and(|(_, assumed)| assumed),
            ..TestResult::default()
        };
        let stem = path::file_name(self.keeper.file);
        let name = if suite.name.is_empty() {
            stem
        } else {
            &suite.name
        };
        super::identity::set(
            &mut result,
            Some(name.to_owned()),
            None,
            above,
            Dialect::default(),
        );
        result.file.clone_from(&suite.file);
        let mut row = Row {
            result,
            details: Details::default(),
            part: Part::Added,
            file: None,
        };
        let outcomes: Vec<&Outcome> = suite.own.iter().collect();
        self.set_outcomes(&mut row, &outcomes);
        self.set_output(&mut row, &suite.out, &suite.err);
        row
    }

    /// Makes what all attempts of a case share.
    fn base(&mut self, case: &mut Case, suites: &[Suite], dialect: Dialect) -> TestResult {
        let mut result = TestResult {
            salvaged: self.salvaged,
            ..TestResult::default()
        };
        let attributes = &mut case.attributes;
        let mut name = attributes.take("name");
        let class = attributes.take("classname");
        let class = class.or_else(|| attributes.take("class"));
        // A class that is a file's path on Windows; those of PHP have backslashes too.
        let class = class.map(|class| match class.contains('\\') && is_source(&class) {
            true => class.replace('\\', "/"),
            false => class,
        });
        let file = attributes
            .take("file")
            .or_else(|| attributes.take("filepath"));
        if dialect.bare_root && class.as_deref() == Some("test") {
            // node:test has one class for all, and names a file that does not load by its path.
            let absolute = name.take_if(|name| is_absolute(name) && is_source(name));
            name = absolute.map(|path| self.below(&path)).or(name);
            super::identity::set(&mut result, name, None, suites, dialect);
            if let (Some(file), Some(full)) = (&file, &mut result.full_name) {
                *full = format!("{}#{full}", self.below(file));
            }
        } else {
            super::identity::set(&mut result, name, class.as_deref(), suites, dialect);
        }
        let above = || suites.iter().rev().find_map(|suite| suite.file.clone());
        result.file = file.or_else(above);
        // pytest counts lines from 0.
        let line = attributes.number("line");
        result.line = line.map(|line| line.saturating_add(u64::from(dialect.pytest)));
        if result.line.is_some() {
            attributes.take("line");
        }
        for label in ["owner", "hostname"] {
            if let Some(value) = attributes.take(label) {
                let label = if label == "hostname" { "host" } else { label };
                result.labels.add(label, value);
            }
        }
        ids::add_from_name(&mut result.ids, &result.name);
        let names = [&mut result.name].into_iter().chain(&mut result.full_name);
        self.notes.bound_names(names);
        let collected = case
            .outcomes
            .iter()
            .any(|o| o.message.as_deref() == Some("collection failure"));
        result.synthetic = dialect.pytest && collected;
        result
    }

    /// A file as it lies below the working copy, else its name alone: paths of machines name no test.
    fn below(&mut self, file: &str) -> String {
        let below = self.keeper.below(file);
        below.unwrap_or_else(|| path::file_name(&file.replace('\\', "/")).to_owned())
    }

    /// Sets messages and traces: the first outcome's first, none left out.
    fn set_outcomes(&mut self, row: &mut Row, outcomes: &[&Outcome]) {
        let (mut messages, mut traces): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for outcome in outcomes {
            let (message, trace) = outcome.message_and_trace();
            messages.extend(message);
            traces.extend(trace);
            self.note_cut(outcome.text.cut + outcome.stack.cut);
            if let Some(exception) = &outcome.exception {
                crate::ingest::report::add_distinct(&mut row.result.properties, "type", exception);
            }
        }
        let message = self.bounded_output(row, "message", messages.join("\n"));
        let trace = self.bounded_output(row, "trace", traces.join("\n\n"));
        row.result.message = Some(message).filter(|text| !text.is_empty());
        row.result.trace = Some(trace).filter(|text| !text.is_empty());
    }

    fn note_cut(&mut self, bytes: u64) {
        self.notes.add_many(notes::ELIDED, bytes, self.keeper.file);
    }

    /// Sets what an inner attempt says of itself.
    fn set_attempt(&mut self, row: &mut Row, outcome: &Outcome) {
        let time = outcome.time.as_deref();
        row.result.duration = time.and_then(|time| self.durations.parse(time));
        if let Some((start, assumed)) = outcome.timestamp.as_deref().and_then(timestamp) {
            row.result.start = Some(start);
            row.result.start_assumed = assumed;
        }
        self.set_output(row, &outcome.out, &outcome.err);
    }

    /// Sets what belongs to the element itself: output, properties, attachments.
    fn set_own(&mut self, row: &mut Row, case: &Case, suites: &[Suite], dialect: Dialect) {
        for (name, value) in &case.properties {
            self.set_property(row, name, value);
        }
        for path in &case.attachments {
            self.attach(row, None, path);
        }
        self.set_output(row, &case.out, &case.err);
        for (outcome, i) in case.outcomes.iter().zip(0..) {
            let inner = matches!(outcome.kind, Kind::Flaky(_) | Kind::Rerun(_));
            if !inner && i < 16 {
                self.set_output(row, &outcome.out, &outcome.err);
            }
        }
        Self::set_around(self.keeper.run.options, row, case, suites, dialect);
    }

    /// Sets what names the test, which is true of each of its attempts: ids, labels, links, variables of the
    /// environment. What one execution left behind is its own.
    fn set_named(&mut self, row: &mut Row, case: &Case, suites: &[Suite], dialect: Dialect) {
        for (name, value) in &case.properties {
            let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
            if plain != "attachment" && step_of(name, value).is_none() {
                self.set_property(row, name, value);
            }
        }
        Self::set_around(self.keeper.run.options, row, case, suites, dialect);
    }

    /// Sets what attributes say, and the declared variables that suites do.
    fn set_around(
        options: &Options,
        row: &mut Row,
        case: &Case,
        suites: &[Suite],
        dialect: Dialect,
    ) {
        for (name, value) in case.attributes.pairs() {
            let usual = matches!(value.as_str(), "run" | "completed" | "passed" | "");
            let timed = matches!(name.as_str(), "time" | "duration" | "timestamp");
            let gtest = name == "url" && dialect.pytest && value.is_empty();
            if !(timed || gtest || matches!(name.as_str(), "status" | "result") && usual) {
                row.result.properties.add(name, limits::masked(name, value));
            }
        }
        for suite in suites.iter().rev() {
            for (name, value) in &suite.properties {
                if options.declares(name) && !row.result.properties.contains_key(name) {
                    row.result.properties.add(name, limits::masked(name, value));
                }
            }
        }
    }

    fn set_output(&mut self, row: &mut Row, out: &Capped, err: &Capped) {
        for (capped, is_err) in [(out, false), (err, true)] {
            if capped.is_blank() {
                continue;
            }
            self.note_cut(capped.cut);
            let Output {
                text,
                attachments,
                properties,
            } = output::read(&capped.text);
            for (name, value) in &properties {
                self.set_property(row, name, value);
            }
            for path in &attachments {
                self.attach(row, None, path);
            }
            let name = if is_err { "system-err" } else { "system-out" };
            let text = self.bounded_output(row, name, text);
            let field = if is_err {
                &mut row.details.stderr
            } else {
                &mut row.details.stdout
            };
            match field {
                Some(old) => {
                    old.push('\n');
                    old.push_str(&text);
                }
                None => *field = Some(text).filter(|text| !text.trim().is_empty()),
            }
        }
    }

    /// Cuts a long text, and keeps the whole as an attachment.
    fn bounded_output(&mut self, row: &mut Row, name: &str, mut text: String) -> String {
        if text.len() > limits::FIELD {
            let kept = self.keeper.keep(
                row.result.status,
                &format!("{name}.txt"),
                Some("text/plain"),
                AttachmentSource::Bytes(text.as_bytes()),
            );
            row.result.attachments.push(kept);
            limits::bound(&mut text);
            self.notes.add(notes::ATTACHED, self.keeper.file);
        }
        text
    }

    fn set_property(&mut self, row: &mut Row, name: &str, value: &str) {
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if plain == "attachment" {
            return self.attach(row, None, value);
        }
        if let Some(step) = step_of(name, value) {
            return row.details.steps.push(step);
        }
        if let Some(address) = name.strip_prefix("url:") {
            return row.result.links.push(link("link", address, Some(value)));
        }
        ids::add_from_property(&mut row.result.ids, name, value);
        let words = || {
            value
                .split([',', ';', '\n'])
                .map(str::trim)
                .filter(|w| !w.is_empty())
        };
        match name {
            "tag" | "tags" => {
                for tag in words() {
                    row.result.labels.add("tag", tag);
                    if let Some(id) = ids::from_tag(tag) {
                        ids::add(&mut row.result.ids, &id);
                    }
                }
            }
            "owner" | "severity" | "layer" | "epic" | "feature" | "story" => {
                row.result.labels.add(name, value.trim());
            }
            "requirement" | "requirements" => {
                let links = words().map(|word| link("requirement", word, None));
                row.result.links.extend(links);
            }
            "issue" | "issues" => row
                .result
                .links
                .extend(words().map(|word| link("issue", word, None))),
            "description" | "test_description" => {
                row.result.description = Some(value.to_owned());
                return;
            }
            _ => {}
        }
        row.result.properties.add(name, limits::masked(name, value));
    }

    /// Attaches what a writer names: a path, an address, or data.
    fn attach(&mut self, row: &mut Row, name: Option<&str>, value: &str) {
        let mut all = self.attached.iter();
        let said = all.find(|one| one.file.as_deref() == Some(value));
        let name = said.map(|one| one.name.as_str()).or(name);
        let kind = said.map(|one| one.media_type.as_str());
        self.keeper.attach(&mut row.result, name, kind, value);
    }

    /// Keeps what a suite attached or printed, which belongs to the run.
    pub(super) fn suite_output(&mut self, suite: &Suite) -> Vec<Attachment> {
        let mut holder = Row::default();
        holder.result.status = if suite.seen.bad > 0 {
            Status::Failed
        } else {
            Status::Passed
        };
        for (capped, name) in [(&suite.out, "system-out"), (&suite.err, "system-err")] {
            if capped.is_blank() {
                continue;
            }
            self.note_cut(capped.cut);
            let read = output::read(&capped.text);
            for path in &read.attachments {
                self.attach(&mut holder, None, path);
            }
            if !read.text.trim().is_empty() {
                let name = format!("{} {name}.txt", suite.name);
                let source = AttachmentSource::Bytes(read.text.as_bytes());
                let kept = self.keeper.keep(
                    holder.result.status,
                    name.trim(),
                    Some("text/plain"),
                    source,
                );
                holder.result.attachments.push(kept);
            }
        }
        holder.result.attachments
    }
}

/// Takes what an export of ours says beside JUnit's words.
fn take_exported(case: &mut Case) -> Option<TestResult> {
    let at = case
        .properties
        .iter()
        .position(|(name, _)| name == exported::PROPERTY)?;
    let said = exported::of_text(&case.properties[at].1)?;
    case.properties.remove(at);
    Some(said)
}

/// Puts a case's outcomes into attempts, the deciding one last.
fn attempts<'c>(
    outcomes: &'c [Outcome],
    status: Status,
    own: impl Fn(&&Outcome) -> bool,
) -> Vec<Attempt<'c>> {
    let inner = |outcome: &'c Outcome| Attempt {
        status: outcome.kind.status(),
        outcomes: vec![outcome],
        own: false,
    };
    let flaky = outcomes.iter().filter(|o| matches!(o.kind, Kind::Flaky(_)));
    let reruns = outcomes.iter().filter(|o| matches!(o.kind, Kind::Rerun(_)));
    let mine: Vec<&Outcome> = outcomes.iter().filter(own).collect();
    let mut all: Vec<Attempt<'c>> = flaky.map(inner).collect();
    let only_reruns = mine.is_empty() && all.is_empty() && !outcomes.is_empty();
    if !only_reruns {
        all.push(Attempt {
            status,
            outcomes: mine,
            own: true,
        });
    }
    all.extend(reruns.map(inner));
    if only_reruns && let Some(last) = all.last_mut() {
        last.own = true;
    }
    all
}

/// The start of a case, and whether it is derived or its zone assumed.
fn start_of(case: &mut Case, suites: &[Suite]) -> (Option<Timestamp>, bool) {
    if let Some((start, assumed)) = case.attributes.get("timestamp").and_then(timestamp) {
        return (Some(start), assumed);
    }
    let derived = suites.last().and_then(Suite::now);
    (derived, derived.is_some())
}

/// Reads the properties `step`, `step1` and `step[failure]` as steps with their status.
fn step_of(name: &str, value: &str) -> Option<Step> {
    let rest = name.strip_prefix("step")?;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let status = match rest {
        "" | "[passed]" => Status::Passed,
        "[failure]" | "[failed]" => Status::Failed,
        "[error]" | "[broken]" => Status::Broken,
        "[skipped]" => Status::Skipped,
        _ => return None,
    };
    Some(Step {
        name: value.to_owned(),
        status: Some(status),
        ..Step::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_their_status() {
        let status = |name| step_of(name, "x").and_then(|step| step.status);
        assert_eq!(status("step"), Some(Status::Passed));
        assert_eq!(status("step12"), Some(Status::Passed));
        assert_eq!(status("step[failure]"), Some(Status::Failed));
        assert_eq!(status("stepping"), None);
    }
}
