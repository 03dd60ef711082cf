//! The next round of a launch: the same tests, with clean statuses.

use super::planning::Item;
use crate::analysis::planned::{ASSIGNEE, TESTER};
use crate::ledger::launch::{Launch, Rows};
use crate::model::{Environment, Flag, Outcome, Parameter, Status, TestResult};
use crate::store::Project;

/// Which results of a launch are planned again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// What failed, broke or is unknown, and what was not executed.
    Failed,
    /// What has neither a defect nor a mute, and what was not executed.
    Unresolved,
}

/// What the next round plans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    pub items: Vec<Item>,
    /// Results of tests that no documented case stands for.
    pub undocumented: u64,
}

/// Returns what to plan again of a launch. Overridden results are left out: what overrode them is planned.
pub fn next(project: &Project, launch: &Launch, rows: &Rows, which: Which) -> Round {
    let mut out = Round::default();
    for outcome in &launch.outcomes {
        if outcome.has(Flag::Overridden) || !is_wanted(outcome, which) {
            continue;
        }
        let case = outcome.case.as_deref().and_then(|case| project.case(case));
        let Some(case) = case else {
            out.undocumented += 1;
            continue;
        };
        let row = rows.get(&outcome.id).map(|(_, row)| row);
        let item = Item {
            case: case.value.id.clone(),
            name: case.value.title.clone(),
            execution: case.value.execution,
            parameters: row
                .map(|row| parameters(case.value.parameters.keys(), row))
                .unwrap_or_default(),
            environment: own(launch, launch.environment_of(outcome)),
            assignee: row.and_then(who),
        };
        if !out.items.iter().any(|known| is_same(known, &item)) {
            out.items.push(item);
        }
    }
    out
}

fn is_wanted(outcome: &Outcome, which: Which) -> bool {
    let open = outcome.status == Status::InProgress;
    match which {
        Which::All => true,
        Which::Failed => open || outcome.status.needs_resolution(),
        Which::Unresolved => open || outcome.is_unresolved(),
    }
}

/// Two results of one case, parameters and environment are planned once.
fn is_same(one: &Item, other: &Item) -> bool {
    one.case == other.case
        && one.parameters == other.parameters
        && one.environment == other.environment
}

/// The parameters that the case has: what a test adds of its own is not planned.
fn parameters<'a>(known: impl Iterator<Item = &'a str>, row: &TestResult) -> Vec<Parameter> {
    let one = |name: &str| row.parameters.iter().find(|one| one.name == name).cloned();
    known.filter_map(one).collect()
}

/// The variables that the launch as a whole does not have.
fn own(launch: &Launch, environment: &Environment) -> Environment {
    let all = environment.iter();
    let own = all.filter(|(name, value)| launch.environment.get(name) != Some(value));
    own.map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

/// Whoever had it, else whoever executed it.
fn who(row: &TestResult) -> Option<String> {
    let labels = &row.labels;
    labels
        .first(ASSIGNEE)
        .or(labels.first(TESTER))
        .map(str::to_owned)
}
