//! TAP, versions 12 to 14.
//!
//! A point that closes a subtest is its suite, unless it alone tells a failure. So is one that opens
//! it: `ok 1 - suite {`, until a line `}`.

mod braces;
mod plan;
mod survey;
mod words;
mod yaml;

use self::plan::{Numbers, unplanned};
use self::survey::survey;
use self::words::{brace, describe, number, point, unescaped};
use self::yaml::{Block, of_yaml};
use crate::ingest::attach::{is_absolute, is_source};
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, doubt, join, set_suites};
use crate::ingest::lines;
use crate::ingest::notes::Kind;
use crate::ingest::{Row, SinkError, limits};
use crate::model::{Details, Status, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "tap",
    element: "test point",
    read,
};

const REPEATED: Kind = ("test point", "with a number that came before");
const PRAGMA: Kind = ("pragma", "not known, and left out");
const MISNUMBERED: Kind = ("test point", "with a number outside of its plan");
/// Bytes of one block of YAML.
const YAML: usize = 1 << 20;
/// Bytes of lines that are no TAP, kept for one level.
const OUTPUT: usize = limits::FIELD;
/// Points that wait for the one that closes them.
const WAITING: usize = 200_000;

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    survey(gather)?;
    let mut reader = Reader::default();
    reader.levels.push(Level::default());
    let seen = lines::each(gather, |gather, line| Ok(reader.line(gather, line)?))?;
    reader.is_cut = !seen.is_ended;
    reader.end(gather)?;
    lines::settle(gather, seen);
    Ok(())
}

/// One level of subtests.
#[derive(Debug, Default)]
struct Level {
    name: Option<String>,
    plan: Option<u64>,
    /// Why a plan of none skips everything.
    reason: Option<String>,
    numbers: Numbers,
    bad: bool,
    any: bool,
    output: String,
}

/// A point whose block of YAML may follow.
#[derive(Debug)]
struct Point {
    level: usize,
    ok: bool,
    name: String,
    /// `SKIP` or `TODO`, and why.
    directive: Option<(String, String)>,
    duration: Option<u64>,
    /// What its subtest was.
    suite: Option<Level>,
    /// Its line ends with `{`: its subtest may follow.
    brace: bool,
    /// It stands in such a subtest.
    buffered: bool,
    output: String,
    yaml: Option<String>,
}

#[derive(Debug, Default)]
struct Reader {
    levels: Vec<Level>,
    waiting: Option<Point>,
    /// Points whose subtests are open, the outermost first.
    open: Vec<Point>,
    /// The block of YAML that is read.
    block: Option<Block>,
    /// Rows of subtests that no point closed yet, with the level that they stand in.
    rows: Vec<(usize, Row)>,
    bailed: Option<String>,
    any: bool,
    versioned: bool,
    /// `pragma +strict` stands: what is no TAP fails the run.
    strict: bool,
    /// Lines that are no TAP while it stands, and the first of them.
    strange: (u64, String),
    /// The file's last line has no end.
    is_cut: bool,
}

impl Reader {
    fn line(&mut self, gather: &mut Gather<'_>, line: &str) -> Result<(), SinkError> {
        if self.bailed.is_some() {
            return match point(line) {
                Some((level, ok, rest)) => {
                    self.point(gather, level, ok, rest)?;
                    Ok(())
                }
                None => Ok(()),
            };
        }
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let trimmed = text.trim_end();
        if let Some(block) = &mut self.block {
            let holds = block.holds(line);
            if trimmed == "..." || !holds {
                self.block = None;
            } else {
                let own = block.indent.min(indent);
                let yaml = self.waiting.as_mut().and_then(|point| point.yaml.as_mut());
                if let Some(yaml) = yaml.filter(|yaml| yaml.len() + line.len() < YAML) {
                    yaml.push_str(line.get(own..).unwrap_or_default());
                    yaml.push('\n');
                }
            }
            if holds {
                return Ok(());
            }
        }
        if self.of_brace(gather, trimmed, indent)? {
            return Ok(());
        }
        if let Some((level, ok, rest)) = point(line) {
            return self.point(gather, level, ok, rest);
        }
        if trimmed == "---" && indent > 0 && self.waiting.is_some() {
            if let Some(waiting) = &mut self.waiting {
                waiting.yaml = Some(String::new());
            }
            self.block = Some(Block::new(indent));
            return Ok(());
        }
        let lower = trimmed.get(..9).unwrap_or_default().to_ascii_lowercase();
        if lower == "bail out!" {
            self.flush(gather)?;
            self.bailed = Some(trimmed[9..].trim().to_owned());
            return Ok(());
        }
        if let Some(plan) = trimmed.strip_prefix("1..") {
            let (number, reason) = plan.split_once('#').unwrap_or((plan, ""));
            if let Ok(number) = number.trim().parse() {
                return self.plan(gather, indent / 4, number, reason.trim());
            }
        }
        if trimmed.starts_with("TAP version ") {
            self.flush(gather)?;
            if indent >= 4 {
                self.open(indent / 4, None);
            } else if self.versioned {
                self.leave_unclosed(gather, 0)?;
                // Another producer's output follows in the same file.
                self.finish_level(gather, 0)?;
                self.levels = vec![Level::default()];
            }
            self.versioned = true;
            return Ok(());
        }
        if let Some(name) = trimmed.strip_prefix("# Subtest") {
            self.flush(gather)?;
            let name = name.trim_start_matches(':').trim();
            // Some writers indent the comment, others don't.
            let level = if indent >= 4 && indent.is_multiple_of(4) {
                indent / 4
            } else {
                0
            };
            self.open(level + 1, Some(unescaped(name)));
            return Ok(());
        }
        if let Some(pragma) = trimmed.strip_prefix("pragma ") {
            self.pragma(gather, pragma);
        } else if let Some(comment) = trimmed.strip_prefix('#') {
            self.print(comment.trim_start());
        } else if !trimmed.is_empty() {
            if self.strict {
                let (lines, first) = &mut self.strange;
                *lines += 1;
                if *lines == 1 {
                    *first = crate::base::text::line(trimmed, 120);
                }
            }
            self.print(trimmed);
        }
        Ok(())
    }

    /// Takes `pragma +key` and `-key`; all but `strict` are told and change nothing.
    fn pragma(&mut self, gather: &mut Gather<'_>, pragma: &str) {
        for key in pragma.split([' ', ',']).filter(|key| !key.is_empty()) {
            match key {
                "+strict" => self.strict = true,
                "-strict" => self.strict = false,
                other => gather.notes.add(PRAGMA, other),
            }
        }
    }

    /// Keeps a line that is no TAP.
    fn print(&mut self, line: &str) {
        let output = match (&mut self.waiting, self.levels.last_mut()) {
            (Some(point), _) => &mut point.output,
            (None, Some(level)) => &mut level.output,
            (None, None) => return,
        };
        if output.len() + line.len() < OUTPUT {
            output.push_str(line);
            output.push('\n');
        }
    }

    /// Opens levels down to one.
    fn open(&mut self, level: usize, name: Option<String>) {
        let level = level.min(limits::XML_DEPTH);
        while self.levels.len() > level + 1 {
            self.levels.pop();
        }
        if self.levels.len() == level + 1 && name.is_some() {
            self.levels.pop();
        }
        while self.levels.len() < level {
            self.levels.push(Level::default());
        }
        if self.levels.len() == level {
            self.levels.push(Level {
                name,
                ..Level::default()
            });
        }
    }

    fn plan(
        &mut self,
        gather: &mut Gather<'_>,
        level: usize,
        number: u64,
        reason: &str,
    ) -> Result<(), SinkError> {
        self.flush(gather)?;
        if self.levels.len() <= level {
            self.open(level, None);
        }
        let level = level.min(self.levels.len() - 1);
        let here = &mut self.levels[level];
        here.plan = Some(here.plan.map_or(number, |old| old.max(number)));
        here.reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
        if level == 0 {
            gather.declared = here.plan;
        }
        self.any = true;
        Ok(())
    }

    fn point(
        &mut self,
        gather: &mut Gather<'_>,
        level: usize,
        ok: bool,
        rest: &str,
    ) -> Result<(), SinkError> {
        self.flush(gather)?;
        self.any = true;
        let level = level.min(limits::XML_DEPTH);
        self.leave_unclosed(gather, level)?;
        let suite = if self.levels.len() > level + 1 {
            let suite = self.levels.swap_remove(level + 1);
            self.levels.truncate(level + 1);
            Some(suite)
        } else {
            self.open(level, None);
            None
        };
        let (number, rest) = number(rest);
        let here = &mut self.levels[level];
        here.numbers.take(number, ok);
        let (rest, brace) = brace(rest);
        let (name, directive, duration) = describe(&rest);
        let output = match &suite {
            Some(_) => String::new(),
            None => std::mem::take(&mut here.output),
        };
        self.waiting = Some(Point {
            level,
            ok,
            name,
            directive,
            duration,
            suite,
            brace,
            buffered: !self.open.is_empty(),
            output,
            yaml: None,
        });
        Ok(())
    }

    /// Gives the point that waited.
    fn flush(&mut self, gather: &mut Gather<'_>) -> Result<(), SinkError> {
        self.block = None;
        let Some(mut point) = self.waiting.take() else {
            return Ok(());
        };
        if point.brace && point.suite.is_none() {
            point.name = format!("{} {{", point.name).trim_start().to_owned();
        }
        let level = point.level;
        let mut row = row(gather, &point);
        let is_bad = matches!(row.result.status, Status::Failed | Status::Broken);
        if row.result.name.is_empty() {
            row.result.name = format!("test {}", self.levels[level].numbers.points);
        }
        let is_suite = point.suite.as_ref().is_some_and(|suite| suite.any);
        let told = point.suite.as_ref().is_some_and(|suite| suite.bad);
        if let Some(suite) = &point.suite {
            if let Some(problem) = unplanned(suite) {
                let name = format!("{} (plan)", row.result.name);
                let missing = TestResult {
                    full_name: Some(name.clone()),
                    name,
                    status: Status::Broken,
                    message: Some(problem),
                    ..TestResult::default()
                };
                gather.add(Row {
                    result: missing,
                    ..Row::default()
                })?;
            }
            join(&mut row.details.stdout, suite.output.trim_end(), "\n");
        }
        let name = row.result.name.clone();
        for (_, below) in self.rows.iter_mut().filter(|(own, _)| *own > level) {
            below.result.title_path.insert(0, name.clone());
        }
        let here = &mut self.levels[level];
        here.any = true;
        here.bad |= is_bad || told;
        if is_suite && (!is_bad || told) {
            gather.counts.merged += 1;
        } else {
            self.rows.push((level, row));
        }
        for (own, _) in self.rows.iter_mut().filter(|(own, _)| *own > level) {
            *own = level;
        }
        if level == 0 || self.rows.len() > WAITING {
            self.give(gather)?;
        }
        Ok(())
    }

    fn give(&mut self, gather: &mut Gather<'_>) -> Result<(), SinkError> {
        for (_, mut row) in std::mem::take(&mut self.rows) {
            let path = std::mem::take(&mut row.result.title_path);
            let full = path.iter().chain([&row.result.name]);
            let full: Vec<&str> = full.map(String::as_str).collect();
            row.result.full_name = Some(full.join(" › "));
            set_suites(&mut row.result, &path);
            gather.test(row)?;
        }
        Ok(())
    }

    fn end(&mut self, gather: &mut Gather<'_>) -> Result<(), SinkError> {
        let is_last = self.waiting.is_some();
        let is_test = self.waiting.as_ref().is_some_and(|p| p.suite.is_none());
        if let Some(point) = self.waiting.as_ref().filter(|p| p.brace && is_test) {
            gather.fault(format!("the file ends inside `{}`", point.name));
        }
        self.flush(gather)?;
        if is_test
            && !self.open.is_empty()
            && let Some((_, row)) = self.rows.last_mut()
        {
            doubt(row);
        }
        while let Some(point) = self.open.last() {
            if self.bailed.is_none() {
                gather.fault(format!("the file ends inside `{}`", point.name));
            }
            self.leave(None);
            self.flush(gather)?;
        }
        while self.levels.len() > 1 {
            // No point closed it: its own come out under its name.
            let level = self.levels.len() - 1;
            let name = self.levels[level].name.clone();
            for (own, row) in self.rows.iter_mut().filter(|(own, _)| *own >= level) {
                if let Some(name) = &name {
                    row.result.title_path.insert(0, name.clone());
                }
                *own = level - 1;
            }
            if self.bailed.is_none() {
                let name = name.unwrap_or_else(|| "a subtest".to_owned());
                gather.fault(format!("the file ends inside `{name}`"));
            }
            self.levels.pop();
        }
        self.give(gather)?;
        // A line that has its end says all of its point: whatever follows is of another one.
        if is_last && self.is_cut && gather.is_damaged() {
            gather.doubt_last();
        }
        self.finish_level(gather, 0)
    }
}

fn row(gather: &mut Gather<'_>, point: &Point) -> Row {
    // node names the file of a hook at its top by the whole path.
    let is_path = is_absolute(&point.name) && is_source(&point.name);
    let below = is_path.then(|| gather.keeper.below(&point.name)).flatten();
    let mut result = TestResult {
        name: below.unwrap_or_else(|| point.name.clone()),
        duration: point.duration,
        ..TestResult::default()
    };
    let reason = point.directive.as_ref().map(|(_, reason)| reason.clone());
    result.status = match (&point.directive, point.ok) {
        (Some((word, _)), _) if word == "skip" => Status::Skipped,
        (Some(_), false) => {
            result.properties.add("todo", "not ok");
            Status::Skipped
        }
        // Writers of braces tell the time of whatever they ran.
        (Some(_), true) if point.buffered && point.duration.is_none() => {
            result.properties.add("todo", "ok");
            Status::Skipped
        }
        (Some(_), true) => {
            result.properties.add("todo", "ok");
            Status::Passed
        }
        (None, true) => Status::Passed,
        (None, false) => Status::Failed,
    };
    result.message = reason.filter(|reason| !reason.is_empty());
    if let Some(yaml) = &point.yaml {
        of_yaml(gather, &mut result, yaml);
    }
    let output = Some(point.output.clone()).filter(|output| !output.trim().is_empty());
    if result.message.is_none() && result.status == Status::Failed {
        result.message = output.as_deref().map(crate::base::text::first_line);
    }
    Row {
        result,
        details: Details {
            stdout: output,
            ..Details::default()
        },
        ..Row::default()
    }
}
