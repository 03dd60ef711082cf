//! TAP, versions 12 to 14.
//!
//! A point that closes a subtest is its suite, unless it alone tells a failure.

mod words;
mod yaml;

use std::collections::HashMap;

use self::words::{describe, number, point, unescaped};
use self::yaml::of_yaml;
use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, join, set_suites};
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
    reader.end(gather)?;
    lines::settle(gather, seen);
    Ok(())
}

/// Counts points by their first word, blocks of YAML apart.
fn survey(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let (mut points, mut block) = (0_u64, None::<usize>);
    let (mut top, mut plan, mut bailed, mut short) = (0_u64, None::<u64>, false, false);
    lines::each(gather, |_, line| {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if let Some(own) = block {
            if text.trim_end() == "..." || !text.is_empty() && indent < own {
                block = None;
            }
            if text.trim_end() == "..." || block.is_some() {
                return Ok(());
            }
        }
        if text.trim_end() == "---" && indent > 0 {
            block = Some(indent);
        }
        let found = point(line);
        points += u64::from(found.is_some());
        top += u64::from(found.is_some_and(|(level, ..)| level == 0));
        bailed |= text
            .get(..9)
            .is_some_and(|text| text.eq_ignore_ascii_case("bail out!"));
        if let Some(rest) = text.strip_prefix("1..").filter(|_| indent == 0) {
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
            plan = plan.max(digits.and_then(|digits| digits.parse().ok()));
        }
        if indent == 0 && text.starts_with("TAP version ") {
            short |= top > 0 && plan.is_none_or(|plan| top < plan);
            (top, plan) = (0, None);
        }
        Ok(())
    })?;
    gather.elements = points;
    if !bailed && (short || plan.is_none_or(|plan| top < plan)) {
        gather.fault(match plan {
            None => "there is no plan, so that tests may be missing".to_owned(),
            Some(plan) => {
                let tests = crate::base::text::count(plan.saturating_sub(top), "planned test");
                format!("{tests} not reported")
            }
        });
    }
    Ok(())
}

/// One level of subtests.
#[derive(Debug, Default)]
struct Level {
    name: Option<String>,
    plan: Option<u64>,
    /// Why a plan of none skips everything.
    reason: Option<String>,
    points: u64,
    seen: Vec<u64>,
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
    output: String,
    yaml: Option<String>,
}

#[derive(Debug, Default)]
struct Reader {
    levels: Vec<Level>,
    waiting: Option<Point>,
    /// The indent of the block of YAML that is read.
    block: Option<usize>,
    /// Rows of subtests that no point closed yet, with the level that they stand in.
    rows: Vec<(usize, Row)>,
    bailed: Option<String>,
    any: bool,
    versioned: bool,
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
        if let Some(own) = self.block {
            if trimmed == "..." {
                self.block = None;
                return Ok(());
            }
            if text.is_empty() || indent >= own {
                let yaml = self.waiting.as_mut().and_then(|point| point.yaml.as_mut());
                if let Some(yaml) = yaml.filter(|yaml| yaml.len() + line.len() < YAML) {
                    yaml.push_str(line.get(own..).unwrap_or_default());
                    yaml.push('\n');
                }
                return Ok(());
            }
            self.block = None;
        }
        if let Some((level, ok, rest)) = point(line) {
            return self.point(gather, level, ok, rest);
        }
        if trimmed == "---" && indent > 0 && self.waiting.is_some() {
            if let Some(waiting) = &mut self.waiting {
                waiting.yaml = Some(String::new());
            }
            self.block = Some(indent);
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
        if trimmed.starts_with('#') || trimmed.starts_with("pragma ") || trimmed.is_empty() {
            if let Some(comment) = trimmed.strip_prefix('#') {
                self.print(comment.trim_start());
            }
            return Ok(());
        }
        self.print(trimmed);
        Ok(())
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
        here.points += 1;
        let number = number.unwrap_or(here.points);
        if here.seen.len() < 1_000_000 {
            here.seen.push(number);
        }
        let (name, directive, duration) = describe(rest);
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
            output,
            yaml: None,
        });
        Ok(())
    }

    /// Gives the point that waited.
    fn flush(&mut self, gather: &mut Gather<'_>) -> Result<(), SinkError> {
        self.block = None;
        let Some(point) = self.waiting.take() else {
            return Ok(());
        };
        let level = point.level;
        let mut row = row(gather, &point);
        let is_bad = matches!(row.result.status, Status::Failed | Status::Broken);
        if row.result.name.is_empty() {
            row.result.name = format!("test {}", self.levels[level].points);
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
        self.flush(gather)?;
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
        if is_last && gather.is_damaged() {
            gather.doubt_last();
        }
        self.finish_level(gather, 0)
    }

    /// Says what a plan promised and no point kept.
    fn finish_level(&mut self, gather: &mut Gather<'_>, level: usize) -> Result<(), SinkError> {
        let Some(here) = self.levels.get(level) else {
            return Ok(());
        };
        let synthetic = |name: String, status, message: String| Row {
            result: TestResult {
                full_name: Some(name.clone()),
                name,
                status,
                message: Some(message),
                ..TestResult::default()
            },
            ..Row::default()
        };
        let mut seen: HashMap<u64, u32> = HashMap::new();
        here.seen
            .iter()
            .for_each(|n| *seen.entry(*n).or_default() += 1);
        let repeated = seen.values().filter(|n| **n > 1).count() as u64;
        gather.notes.add_many(REPEATED, repeated, "");
        let output = here.output.clone();
        let mut rows = Vec::new();
        match here.plan {
            Some(0) if here.points == 0 => {
                let reason = here.reason.clone();
                rows.push(synthetic(
                    "all tests".to_owned(),
                    Status::Skipped,
                    reason.unwrap_or_else(|| "the plan is of no tests".to_owned()),
                ));
            }
            Some(plan) => {
                let outside = seen.keys().filter(|n| **n > plan || **n == 0).count() as u64;
                gather.notes.add_many(MISNUMBERED, outside, "");
                let missing: Vec<u64> = (1..=plan.min(10_000))
                    .filter(|n| !seen.contains_key(n))
                    .collect();
                let many = plan.saturating_sub(here.points);
                for n in missing.iter().take(many.min(1000) as usize) {
                    rows.push(synthetic(
                        format!("test {n}"),
                        Status::Broken,
                        "planned, and never reported".to_owned(),
                    ));
                }
                if many > 0 {
                    let tests = crate::base::text::count(many, "planned test");
                    gather.fault(format!("{tests} not reported"));
                }
            }
            None if self.any && self.bailed.is_none() => {
                gather.fault("there is no plan, so that tests may be missing");
            }
            None => {}
        }
        if let Some(reason) = &self.bailed {
            rows.push(synthetic(
                "Bail out!".to_owned(),
                Status::Broken,
                match reason.as_str() {
                    "" => "the run was given up".to_owned(),
                    reason => reason.to_owned(),
                },
            ));
        }
        gather.run_text(Status::Unknown, "output.txt", &output);
        rows.into_iter().try_for_each(|row| gather.add(row))
    }
}

/// What a subtest's plan promised and its points did not keep.
fn unplanned(suite: &Level) -> Option<String> {
    let plan = suite.plan?;
    (plan != suite.points).then(|| {
        let tests = crate::base::text::count(plan, "test");
        format!("{tests} were planned, and {} reported", suite.points)
    })
}

fn row(gather: &mut Gather<'_>, point: &Point) -> Row {
    let mut result = TestResult {
        name: point.name.clone(),
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
