//! Launches that were left open.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use super::part::{OpenState, StateError};
use super::refusal::{Refusal, refusals};

/// Open launches to which nothing was appended for some time, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idle {
    /// Those that have results.
    pub filled: Vec<String>,
    /// Those in which results are planned: people take their time, and nobody closes them behind their backs.
    pub planned: Vec<String>,
    /// Those without any: they can't be closed.
    pub empty: Vec<String>,
}

/// Lists open launches to which nothing was appended for some time, by this machine's clock.
pub fn idle(state: &OpenState, time: Duration) -> Result<Idle, StateError> {
    let mut out = Idle::default();
    for id in state.ids()? {
        let is_idle = |since: SystemTime| since.elapsed().is_ok_and(|elapsed| elapsed >= time);
        if !state.touched(&id).is_none_or(is_idle) {
            continue;
        }
        let parts = state.parts(&id)?;
        if parts.iter().any(super::Part::is_plan) {
            out.planned.push(id);
            continue;
        }
        match parts.iter().any(super::Part::has_rows) {
            true => out.filled.push(id),
            false => out.empty.push(id),
        }
    }
    Ok(out)
}

/// Names everything that an open launch lacks, as `--accept-loss` takes it.
pub fn lacking(state: &OpenState, id: &str) -> Result<Vec<String>, StateError> {
    let Some(open) = state.read(id)? else {
        return Ok(Vec::new());
    };
    let refusals = refusals(state, &open, &state.parts(id)?)?;
    let names = refusals.into_iter().filter_map(|refusal| match refusal {
        Refusal::Loss { shard, .. } => Some(shard),
        Refusal::MissingJob(job) | Refusal::Unfinished(job) => Some(job),
        Refusal::Empty | Refusal::Planned(_) => None,
    });
    Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
}
