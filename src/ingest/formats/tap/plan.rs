//! What plans promised and no point kept.

use std::collections::HashSet;

use super::{Level, MISNUMBERED, REPEATED, Reader};
use crate::ingest::gather::Gather;
use crate::ingest::{Row, SinkError};
use crate::model::{Status, TestResult};

pub(super) const NO_PLAN: &str = "there is no plan, so that tests may be missing";

pub(super) fn not_reported(missing: u64) -> String {
    let tests = crate::base::text::count(missing, "planned test");
    format!("{tests} not reported")
}

/// The numbers of the points of one level. One without a number has that of its place.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub(super) points: u64,
    seen: HashSet<u64>,
    /// Points with a number that came before.
    repeated: u64,
    /// Of the point before, and whether that failed.
    last: (u64, bool),
    /// A number is neither the next one nor, behind a failure, the same.
    leaps: bool,
}

/// Numbers of one level that are told apart.
const NUMBERS: usize = 1_000_000;

impl Numbers {
    pub(super) fn take(&mut self, number: Option<u64>, ok: bool) {
        self.points += 1;
        let number = number.unwrap_or(self.points);
        let (last, failed) = self.last;
        self.leaps |= number != last.saturating_add(1) && !(failed && number == last);
        self.last = (number, !ok);
        if self.seen.len() < NUMBERS {
            let is_new = self.seen.insert(number);
            self.repeated += u64::from(!is_new);
        }
    }

    /// How many tests of a plan have no point: by their numbers, of which a repeated one stands for no other. Mocha
    /// gives a hook that failed the number of the test behind it, and counts both: there points count.
    pub(super) fn missing(&self, plan: u64) -> u64 {
        let short = plan.saturating_sub(self.points);
        if self.seen.len() == NUMBERS || !self.leaps && self.points == plan {
            return short;
        }
        let inside = self.seen.iter().filter(|n| (1..=plan).contains(*n)).count() as u64;
        short.max(plan - inside)
    }
}

impl Reader {
    /// Says what a plan promised and no point kept.
    pub(super) fn finish_level(
        &mut self,
        gather: &mut Gather<'_>,
        level: usize,
    ) -> Result<(), SinkError> {
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
        let numbers = &here.numbers;
        gather.notes.add_many(REPEATED, numbers.repeated, "");
        let output = here.output.clone();
        let mut rows = Vec::new();
        match here.plan {
            Some(0) if numbers.points == 0 => {
                let reason = here.reason.clone();
                rows.push(synthetic(
                    "all tests".to_owned(),
                    Status::Skipped,
                    reason.unwrap_or_else(|| "the plan is of no tests".to_owned()),
                ));
            }
            Some(plan) => {
                let seen = &numbers.seen;
                let outside = seen.iter().filter(|n| **n > plan || **n == 0).count() as u64;
                gather.notes.add_many(MISNUMBERED, outside, "");
                let many = numbers.missing(plan);
                let missing = (1..=plan).filter(|n| !seen.contains(n));
                for n in missing.take(many.min(1000) as usize) {
                    rows.push(synthetic(
                        format!("test {n}"),
                        Status::Broken,
                        "planned, and never reported".to_owned(),
                    ));
                }
                if many > 0 {
                    gather.fault(not_reported(many));
                }
            }
            None if self.any && self.bailed.is_none() => {
                gather.fault(NO_PLAN);
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
        let (lines, first) = std::mem::take(&mut self.strange);
        if lines > 0 {
            let lines = crate::base::text::count(lines, "line");
            rows.push(synthetic(
                "pragma +strict".to_owned(),
                Status::Broken,
                format!("`pragma +strict` stands, and not all is TAP: {lines}, as `{first}`"),
            ));
        }
        gather.run_text(Status::Unknown, "output.txt", &output);
        rows.into_iter().try_for_each(|row| gather.add(row))
    }
}

/// What a subtest's plan promised and its points did not keep.
pub(super) fn unplanned(suite: &Level) -> Option<String> {
    let plan = suite.plan?;
    let points = suite.numbers.points;
    let missing = suite.numbers.missing(plan);
    let tests = crate::base::text::count(plan, "test");
    if plan != points {
        Some(format!("{tests} were planned, and {points} reported"))
    } else if missing > 0 {
        let not = not_reported(missing);
        Some(format!(
            "{tests} were planned, and numbers came twice: {not}"
        ))
    } else {
        None
    }
}
