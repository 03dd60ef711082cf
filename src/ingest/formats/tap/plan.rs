//! What plans promised and no point kept.

use std::collections::HashMap;

use super::{Level, MISNUMBERED, REPEATED, Reader};
use crate::ingest::gather::Gather;
use crate::ingest::{Row, SinkError};
use crate::model::{Status, TestResult};

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
pub(super) fn unplanned(suite: &Level) -> Option<String> {
    let plan = suite.plan?;
    (plan != suite.points).then(|| {
        let tests = crate::base::text::count(plan, "test");
        format!("{tests} were planned, and {} reported", suite.points)
    })
}
