//! What one file gives, while it is read.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::detect::{CaseFormat, Unknown};
use super::markup::{self, Markup};
use super::{CaseReading, CaseSource, Lines, MAX_CASES, ReadCases};
use crate::author::case::{ForeignCase, ForeignPlace, ForeignSteps, Losses};
use crate::base::text::{line, sanitize_line};
use crate::diag::{Code, Finding, Span};
use crate::store::codes;

/// Findings of one file that are kept.
const MAX_FINDINGS: usize = 200;
/// The longest name of a section, in characters; each case of the section has it.
const SECTION: usize = 300;

pub(super) struct Collector<'a> {
    pub(super) path: Arc<str>,
    /// Folders between what was given and the file.
    pub(super) folders: &'a [String],
    pub(super) text: &'a str,
    pub(super) reading: &'a CaseReading,
    pub(super) format: CaseFormat,
    pub(super) losses: Losses,
    pub(super) shared: Vec<ForeignSteps>,
    pub(super) has_unmapped: bool,
    cases: Vec<ForeignCase>,
    findings: Vec<Finding>,
    lines: OnceCell<Lines>,
}

/// Returns the name of a section, as cases below it have it.
pub(super) fn section_name(name: &str) -> String {
    line(name.trim(), SECTION)
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

impl<'a> Collector<'a> {
    pub(super) fn new(source: &'a CaseSource, reading: &'a CaseReading) -> Self {
        Self {
            path: Arc::clone(&source.name),
            folders: &source.folders,
            text: &source.text,
            reading,
            format: CaseFormat::default(),
            losses: Losses::default(),
            shared: Vec::new(),
            has_unmapped: false,
            cases: Vec::new(),
            findings: Vec::new(),
            lines: OnceCell::new(),
        }
    }

    pub(super) fn place(&self, line: usize) -> ForeignPlace {
        ForeignPlace {
            path: Arc::clone(&self.path),
            line,
        }
    }

    pub(super) fn lost(&mut self, what: &str, why: &str, line: usize, text: &str) {
        let at = self.place(line);
        self.losses.add(what, why, &at, text);
    }

    pub(super) fn error(&mut self, code: Code, span: Span, message: String, help: &str) {
        if self.findings.len() < MAX_FINDINGS {
            let finding = Finding::error(code, &*self.path, message);
            self.findings.push(finding.at(span).help(help));
        }
    }

    pub(super) fn error_at(&mut self, line: usize, message: String, help: &str) {
        let span = self.line_span(line);
        self.error(codes::UNREADABLE_CASES, span, message, help);
    }

    pub(super) fn unrecognised(&mut self, (why, help): Unknown) {
        let span = self.line_span(1);
        self.error(codes::UNKNOWN_CASES, span, why, help);
    }

    fn line_span(&self, line: usize) -> Span {
        let lines = self.lines.get_or_init(|| Lines::of(self.text));
        lines.span(self.text, line)
    }

    /// Returns a text of the file as Markdown.
    pub(super) fn words(&mut self, text: &str, line: usize) -> String {
        let markup = self.reading.markup.unwrap_or(match self.format {
            CaseFormat::XrayCsv | CaseFormat::ZephyrSquadCsv => Markup::Jira,
            CaseFormat::TestlinkXml => Markup::Html,
            CaseFormat::Markdown | CaseFormat::Gherkin => Markup::Markdown,
            _ => Markup::Auto,
        });
        let mut left_out = Vec::new();
        let words = markup::markdown(text, markup, &mut left_out);
        for what in left_out {
            self.lost(what, "no text", line, text);
        }
        words
    }

    /// Returns an id as results name it.
    pub(super) fn id(&self, id: &str) -> String {
        let id = id.trim().trim_start_matches('@');
        match is_number(id) {
            true => format!("{}{id}", self.prefix()),
            false => id.to_owned(),
        }
    }

    /// Whether an id is a mere number where it comes from.
    pub(super) fn is_numbered(&self, id: &str) -> bool {
        id.strip_prefix(self.prefix()).is_some_and(is_number)
    }

    /// What stands before numbers. Those of Xray are its database's, or count the rows of one table: no result
    /// names a test by them, and another tool's numbers are other cases.
    fn prefix(&self) -> &str {
        match (self.reading.id_prefix.as_str(), self.format) {
            ("", CaseFormat::XrayCsv) => "xray-",
            (prefix, _) => prefix,
        }
    }

    pub(super) fn warning(&mut self, code: Code, span: Span, message: String, help: &str) {
        if self.findings.len() < MAX_FINDINGS {
            let finding = Finding::warning(code, &*self.path, message);
            self.findings.push(finding.at(span).help(help));
        }
    }

    /// Takes a case. One without a title gets what there is instead of it.
    pub(super) fn take(&mut self, mut case: ForeignCase, span: Option<Span>) {
        // One too many says that there are too many.
        if self.cases.len() > MAX_CASES {
            return;
        }
        case.title = sanitize_line(case.title.trim());
        case.steps.retain(|step| !step.is_empty());
        if case.title.trim().is_empty() {
            let first = case.steps.first();
            // A keyword of Gherkin is bold in a step.
            let first = first.map(|step| line(&step.action.replace("**", ""), 80));
            let instead = case.ids.first().cloned().or(first);
            let instead = instead.filter(|text| !text.trim().is_empty());
            let span = span.unwrap_or_else(|| self.line_span(case.at.line));
            let Some(instead) = instead else {
                let message = "the case has no title, no id and no steps".to_owned();
                let help = "give it a title in the tool that it comes from";
                self.error(codes::UNTITLED_CASE, span, message, help);
                return;
            };
            let shown = line(&instead, 80);
            let message = format!("the case has no title; it is called `{shown}`");
            let help = "give it a title there and import it, or here afterwards";
            self.warning(codes::UNTITLED_CASE, span, message, help);
            case.title = instead;
        }
        self.cases.push(case);
    }

    /// Whether the file gave nothing up to now.
    pub(super) fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.shared.is_empty()
    }

    /// Says of a file that gave nothing, and of which nothing is said, that it holds no case; returns whether it is
    /// one.
    pub(super) fn tell_nothing(&mut self) -> bool {
        if !(self.is_empty() && self.findings.is_empty()) {
            return false;
        }
        let title = self.format.title();
        let message = format!("there is no case in the file, read as {title}");
        let span = self.line_span(1);
        match self.format {
            CaseFormat::Gherkin => {
                let help = "a feature has its cases below `Scenario:` and a name";
                self.warning(codes::UNREADABLE_CASES, span, message, help);
            }
            CaseFormat::Markdown => {
                let message = format!("{message}: no steps, and no heading of a part");
                let help = "put steps into a numbered list below a heading, as `## Steps`";
                self.error(codes::UNREADABLE_CASES, span, message, help);
            }
            _ => {
                let help = "say what it is with `--format`, or export it again";
                self.error(codes::UNREADABLE_CASES, span, message, help);
            }
        }
        true
    }

    /// Hands over what the file gave. `titles` has the places of shared steps: others of a title that say something
    /// else are called otherwise.
    pub(super) fn finish(mut self, out: &mut ReadCases, titles: &mut HashMap<String, usize>) {
        for steps in &mut self.shared {
            let place = *titles
                .entry(steps.title.clone())
                .or_insert(out.shared.len());
            if let Some(other) = out.shared.get(place)
                && other.steps != steps.steps
            {
                let old = steps.title.clone();
                steps.tell_apart();
                let included = self.cases.iter_mut().flat_map(|case| &mut case.steps);
                let included = included.filter(|step| step.shared.as_ref() == Some(&old));
                included.for_each(|step| step.shared = Some(steps.title.clone()));
            }
            out.shared.push(std::mem::take(steps));
        }
        out.cases.extend(self.cases);
        out.findings.extend(self.findings);
        out.losses.join(self.losses);
        out.has_unmapped |= self.has_unmapped;
    }
}
