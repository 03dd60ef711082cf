//! What comes of cases and suites where they end.

use super::{COUNTS, Handler, Node, UNKNOWN, is_bad_end};
use crate::base::text;
use crate::ingest::junit::case::{Kind, Outcome};
use crate::ingest::junit::suite::Suite;
use crate::ingest::junit::window::Added;
use crate::ingest::notes;
use crate::ingest::report::add_distinct;
use crate::ingest::xml::{Attributes, Capped, trim_line_breaks};
use crate::ingest::{Row, limits};
use crate::model::Status;

impl Handler<'_> {
    pub(super) fn end(&mut self) {
        let Some(node) = self.stack.pop() else {
            return;
        };
        match node {
            Node::Suite => self.end_suite(),
            Node::Case => self.end_case(),
            Node::Outcome { of_suite } => {
                let text = self.texts.pop().unwrap_or_default();
                if let Some(outcome) = self.outcome(of_suite) {
                    outcome.text = text;
                }
            }
            Node::Stack => {
                let text = self.texts.pop().unwrap_or_default();
                let of_suite = matches!(self.stack.last(), Some(Node::Outcome { of_suite: true }));
                if let Some(outcome) = self.outcome(of_suite) {
                    outcome.stack.join(text);
                }
            }
            Node::Out => self.end_output(false),
            Node::Err => self.end_output(true),
            Node::Property { name, value } => self.end_property(name, value),
            Node::Attachment { path } => {
                let text = self.texts.pop().unwrap_or_default().text.trim().to_owned();
                let path = path.or(Some(text).filter(|text| !text.is_empty()));
                if let (Some(path), Some(case)) = (path, &mut self.case) {
                    case.attachments.push(path);
                }
            }
            Node::Word { name } => self.end_word(&name),
            Node::Properties | Node::Attachments | Node::Group | Node::Skip => {}
        }
    }

    fn outcome(&mut self, of_suite: bool) -> Option<&mut Outcome> {
        if of_suite {
            self.suites.last_mut()?.own.last_mut()
        } else {
            self.case.as_mut()?.outcomes.last_mut()
        }
    }

    fn end_output(&mut self, is_err: bool) {
        let text = self.texts.pop().unwrap_or_default();
        let text = Capped {
            text: trim_line_breaks(&text.text).to_owned(),
            cut: text.cut,
        };
        let pair = match self.stack.last() {
            Some(Node::Outcome { of_suite }) => {
                let of_suite = *of_suite;
                self.outcome(of_suite).map(|o| (&mut o.out, &mut o.err))
            }
            Some(Node::Case) => self.case.as_mut().map(|c| (&mut c.out, &mut c.err)),
            _ => self.suites.last_mut().map(|s| (&mut s.out, &mut s.err)),
        };
        if let Some((out, err)) = pair {
            let target = if is_err { err } else { out };
            target.join(text);
        }
    }

    fn end_property(&mut self, name: String, value: Option<String>) {
        let text = self.texts.pop().unwrap_or_default();
        let value = match value {
            Some(value) if text.is_blank() || !value.is_empty() => value,
            _ => trim_line_breaks(&text.text).to_owned(),
        };
        if name.is_empty() {
            return;
        }
        if let Some(case) = &mut self.case {
            case.properties.push((name, value));
        } else if let Some(suite) = self.suites.last_mut() {
            suite.properties.push((name, value));
        }
    }

    /// Takes a word for what the attribute of that name would say.
    fn end_word(&mut self, name: &str) {
        let word = self.texts.pop().unwrap_or_default().text;
        let word = word.trim().to_ascii_lowercase();
        let Some(case) = &mut self.case else {
            return;
        };
        if case.take_word(name, &word) {
            return;
        }
        let is_short = word.split_whitespace().count() <= 3;
        let joined: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
        match is_short && is_bad_end(&joined) {
            true => self.doubt(name),
            false => self.maker.notes.add(UNKNOWN, name),
        }
    }

    fn end_case(&mut self) {
        let Some(case) = self.case.take() else {
            return;
        };
        let plain = case.is_plain();
        let (rows, time) = self.maker.rows(case, &self.suites, self.dialect);
        let bad = rows
            .last()
            .is_some_and(|row| matches!(row.result.status, Status::Failed | Status::Broken));
        let retries = rows.len().saturating_sub(1) as u64;
        let suite = match self.suites.last_mut() {
            Some(suite) => {
                suite.elapsed = suite.elapsed.saturating_add(time.unwrap_or_default());
                suite.seen.cases += 1;
                suite.seen.bad += u64::from(bad);
                suite.id
            }
            None => u32::MAX,
        };
        match self.window.add(rows, suite, plain, self.dialect.pytest) {
            Added::Joined => self.counts.merged += 1,
            // The earlier element is a part of this one now.
            Added::Rerun => {
                self.counts.merged += 1;
                self.counts.retries += 1;
            }
            Added::Own => {
                self.counts.read += 1;
                self.counts.retries += retries;
            }
        }
    }

    fn end_suite(&mut self) {
        let Some(mut suite) = self.suites.pop() else {
            return;
        };
        let declared = suite.declared;
        let empty = suite.seen.cases == 0 && suite.seen.added == 0;
        // An assertion that fails in a case that is expected to fail is no failure.
        let counts = self.whole && (empty || !self.dialect.counts_assertions);
        let declares = declared.errors > 0 || declared.failures > 0;
        if suite.own.is_empty() && counts && declares && suite.seen.bad == 0 {
            let mut outcome = Outcome::new(Kind::Error, Attributes::default());
            let shown = match suite.seen.cases {
                0 => "holds no test case",
                _ => "no test case of it shows one",
            };
            outcome.message = Some(format!(
                "the suite declares {} and {}, and {shown}",
                text::count(declared.errors, "error"),
                text::count(declared.failures, "failure")
            ));
            suite.own.push(outcome);
        }
        let unshown = self.dialect.unshown(&suite.seen);
        if suite.is_root && self.whole && suite.own.is_empty() && unshown > 0 {
            let mut outcome = Outcome::new(Kind::Failure, Attributes::default());
            outcome.message = Some(format!(
                "node:test counts {} that no test case shows: a test with tests of its own failed itself",
                text::count(unshown, "failure")
            ));
            suite.own.push(outcome);
        }
        if suite.own.is_empty() {
            let kept = self.maker.suite_output(&suite);
            self.report.attachments.extend(kept);
        } else {
            let status = Status::worst(suite.own.iter().map(|o| o.kind.status()));
            let row = self
                .maker
                .suite_row(&suite, &self.suites, status.unwrap_or(Status::Broken));
            let added = self.window.add(vec![row], suite.id, false, false);
            self.counts.added += u64::from(added != Added::Joined);
            suite.seen.added += 1;
            suite.seen.bad += 1;
        }
        self.compare_counts(&suite);
        self.report_properties(&suite);
        if let Some(above) = self.suites.last_mut() {
            above.absorb(&suite);
        }
    }

    /// Holds what a suite declares against what was seen. Counts are unreliable (some writers
    /// count assertions), so they are worth a note at most.
    fn compare_counts(&mut self, suite: &Suite) {
        let Some(tests) = suite
            .declared
            .tests
            .filter(|_| self.whole && !self.dialect.counts_assertions)
        else {
            return;
        };
        let name = if suite.name.is_empty() {
            self.maker.keeper.file
        } else {
            &suite.name
        };
        let todo = suite.seen.cases.saturating_sub(tests);
        if self.dialect.jest && todo > 0 {
            if !suite.is_root {
                self.skip_todo(suite, todo);
            }
        } else if tests != suite.seen.cases {
            self.maker.notes.add(COUNTS, name);
        }
    }

    /// Marks the cases that jest leaves out of its count: those that are to be written yet. The
    /// file shows them like passed ones; where it doesn't say which they are, only a note does.
    fn skip_todo(&mut self, suite: &Suite, todo: u64) {
        let is_todo = |row: &Row| {
            let name = row.result.name.to_ascii_lowercase();
            name.split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "todo")
        };
        let idle: Vec<_> = self
            .window
            .of_suite(suite.id)
            .filter(|w| w.plain && w.row.result.duration.unwrap_or_default() == 0)
            .collect();
        let named = idle.iter().filter(|w| is_todo(&w.row)).count() as u64;
        let all = idle.len() as u64 == todo;
        let known = all || named == todo;
        for waiting in idle
            .into_iter()
            .filter(|w| known && (all || is_todo(&w.row)))
        {
            waiting.row.result.status = Status::Skipped;
            waiting.row.result.message = Some("todo".to_owned());
        }
        if !known {
            let tests = text::count(todo, "test");
            let name = &suite.name;
            self.maker.notes.line(format!(
                "{tests} of `{name}` are not counted by the producer, so not written yet; \
                 which ones the file doesn't say, and they count as passed"
            ));
        }
    }

    /// Takes a suite's properties as the environment, where declared, or as properties of the run.
    fn report_properties(&mut self, suite: &Suite) {
        const JAVA: [&str; 5] = [
            "java.version",
            "java.vendor",
            "os.name",
            "os.arch",
            "os.version",
        ];
        let is_java = suite
            .properties
            .iter()
            .any(|(name, _)| name == "java.version");
        for (name, value) in &suite.properties {
            let value = limits::masked(name, value);
            if self.maker.keeper.run.options.declares(name) {
                add_distinct(&mut self.report.environment, name, &value);
            } else if is_java && !JAVA.contains(&name.as_str()) {
                self.maker
                    .notes
                    .line("system properties of the Java machine left out");
            } else if self.report.properties.len() < 200
                && self.report.properties.all(name).len() < 20
            {
                add_distinct(&mut self.report.properties, name, &value);
            } else if !self
                .report
                .properties
                .all(name)
                .iter()
                .any(|old| *old == value)
            {
                self.maker.notes.add(notes::MANY_PROPERTIES, name);
            }
        }
    }
}
