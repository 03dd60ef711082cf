//! What failed in earlier launches, and what it was linked to.

use std::collections::HashSet;

use rayon::prelude::*;

use super::launch::{Launch, Rows, RowsError};
use crate::analysis::clusters::Failure;
use crate::analysis::suggest::Memory;
use crate::model::{Flag, Outcome, TestResult, Totals};
use crate::store::Files;
use crate::store::launches::{self, Damage, LaunchHead};

/// The failures of closed launches, those that other results override apart.
#[derive(Clone, Debug, Default)]
pub struct Recalled {
    pub memory: Memory,
    /// What the memory's numbers of launches refer to; none where nothing failed or it does not read.
    pub launches: Vec<Option<Launch>>,
    /// Files that don't read.
    pub damages: Vec<Damage>,
}

/// Reads what failed in closed launches, given in the order of their opening. Launches without failures
/// are not opened, and of the others only the rows that failed are read.
pub fn recall(files: &dyn Files, heads: &[&LaunchHead]) -> Result<Recalled, RowsError> {
    let read = heads.par_iter().map(|head| one(files, head));
    let mut recalled = Recalled::default();
    for (number, read) in read.collect::<Result<Vec<_>, _>>()?.into_iter().enumerate() {
        let (launch, rows, damage) = read;
        recalled.damages.extend(damage);
        recalled.damages.extend(rows.damages.iter().cloned());
        for outcome in launch.iter().flat_map(|launch| &launch.outcomes) {
            if !failed(outcome) {
                continue;
            }
            if let Some((_, row)) = rows.get(&outcome.id) {
                let failure = failure(outcome, row);
                recalled
                    .memory
                    .remember(number, &failure, outcome.defect.as_deref());
            }
        }
        recalled.launches.push(launch);
    }
    Ok(recalled)
}

type Read = (Option<Launch>, Rows, Option<Damage>);

fn one(files: &dyn Files, head: &LaunchHead) -> Result<Read, RowsError> {
    let Totals {
        failed: fails,
        broken,
        unknown,
        ..
    } = head.file.totals;
    if fails + broken + unknown == 0 {
        return Ok(Read::default());
    }
    let launch = match launches::load(files, head.clone())? {
        Ok(launch) => Launch::from(launch),
        Err(damage) => return Ok((None, Rows::default(), Some(damage))),
    };
    let wanted = launch.outcomes.iter().filter(|outcome| failed(outcome));
    let wanted: HashSet<&str> = wanted.map(|outcome| outcome.id.as_str()).collect();
    let rows = launch.some_rows(files, &wanted)?;
    Ok((Some(launch), rows, None))
}

/// Whether an outcome needs a defect or a mute, be it that it has one.
pub fn failed(outcome: &Outcome) -> bool {
    outcome.status.needs_resolution() && !outcome.has(Flag::Overridden)
}

/// Returns what a failure says.
fn failure<'r>(outcome: &Outcome, row: &'r TestResult) -> Failure<'r> {
    Failure {
        status: outcome.status,
        message: row.message.as_deref(),
        trace: row.trace.as_deref(),
        full_name: row.full_name.as_deref(),
    }
}

/// Returns what a launch's failure says, by its place among the outcomes; without its row, no more than
/// its test's name.
pub fn said<'r>(launch: &'r Launch, rows: &'r Rows, at: usize) -> Failure<'r> {
    let outcome = &launch.outcomes[at];
    match rows.get(&outcome.id) {
        Some((_, row)) => failure(outcome, row),
        None => Failure {
            status: outcome.status,
            full_name: launch
                .tests()
                .get(&outcome.test)
                .and_then(|test| test.full_name.as_deref()),
            ..Failure::default()
        },
    }
}
