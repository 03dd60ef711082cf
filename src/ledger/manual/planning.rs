//! Planned results: one for each case, row of its parameters and environment; and who is to execute them.

use super::{JOB, Manual};
use crate::analysis::parameters::{ParameterSet, TooMany, sets};
use crate::analysis::planned::{ASSIGNEE, Planned};
use crate::ingest::{Row, Sink};
use crate::ledger::append::{AppendError, AppendRequest, Made, append_made};
use crate::ledger::part::PLAN;
use crate::model::{
    Case, Details, Environment, Execution, Job, Labels, Parameter, Status, TestResult,
};

/// Something that is to be executed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The case's id and title.
    pub case: String,
    pub name: String,
    pub execution: Execution,
    pub parameters: Vec<Parameter>,
    /// What it is to run in; the launch's own variables may be left out.
    pub environment: Environment,
    pub assignee: Option<String>,
}

/// What was planned or assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanDone {
    /// Planned results.
    pub count: u64,
    /// Nothing of it is new.
    pub unchanged: bool,
}

/// A case whose parameters make more rows than anybody executes; nothing of it was planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("case `{case}` can't be planned: {source}")]
pub struct TooManyRows {
    pub case: String,
    #[source]
    pub source: TooMany,
}

/// Returns what is to be executed of some cases: each case, with each row of its parameters, in each
/// environment. Without environments it is one, that of the launch.
pub fn items<'a>(
    cases: impl IntoIterator<Item = &'a Case>,
    environments: &[Environment],
) -> Result<Vec<Item>, TooManyRows> {
    let own = [Environment::default()];
    let environments = if environments.is_empty() {
        &own
    } else {
        environments
    };
    let mut out = Vec::new();
    for case in cases {
        let sets = sets(case).map_err(|source| TooManyRows {
            case: case.id.clone(),
            source,
        })?;
        for environment in environments {
            out.extend(sets.iter().map(|set| Item {
                case: case.id.clone(),
                name: case.title.clone(),
                execution: case.execution,
                parameters: parameters(set),
                environment: environment.clone(),
                assignee: None,
            }));
        }
    }
    Ok(out)
}

fn parameters(set: &ParameterSet) -> Vec<Parameter> {
    let one = |(name, value): &(String, String)| Parameter {
        name: name.clone(),
        value: Some(value.clone()),
        ..Parameter::default()
    };
    set.iter().map(one).collect()
}

/// Gives what people are to execute to them, in turn; what tests execute is nobody's.
pub fn hand_out(items: &mut [Item], people: &[String]) {
    let manual = items
        .iter_mut()
        .filter(|item| item.execution == Execution::Manual);
    for (item, who) in manual.zip(people.iter().cycle()) {
        item.assignee = Some(who.clone());
    }
}

/// Plans results of a launch: they are in progress until something answers them. The same plan twice changes
/// nothing.
pub fn plan_results(
    manual: &Manual<'_>,
    plan: &str,
    items: &[Item],
) -> Result<PlanDone, AppendError> {
    append_items(manual, &format!("plan {plan}"), items)
}

/// Gives planned results to others; `None` takes them from whoever has them. The last assignment counts.
pub fn assign<'a>(
    manual: &Manual<'_>,
    planned: impl IntoIterator<Item = (&'a Planned, &'a Environment, Option<String>)>,
) -> Result<PlanDone, AppendError> {
    let item = |(planned, environment, assignee): (&Planned, &Environment, _)| Item {
        case: planned.asked.clone(),
        name: planned.name.clone(),
        execution: planned.execution,
        parameters: planned.planning.parameters.clone(),
        environment: environment.clone(),
        assignee,
    };
    let items: Vec<Item> = planned.into_iter().map(item).collect();
    append_items(manual, "assignment", &items)
}

/// Appends one part for each environment.
fn append_items(manual: &Manual<'_>, input: &str, items: &[Item]) -> Result<PlanDone, AppendError> {
    let mut environments: Vec<&Environment> = Vec::new();
    for item in items {
        if !environments.contains(&&item.environment) {
            environments.push(&item.environment);
        }
    }
    let mut done = PlanDone {
        count: items.len() as u64,
        unchanged: true,
    };
    for environment in environments {
        let own = items.iter().filter(|item| item.environment == *environment);
        let own: Vec<&Item> = own.collect();
        let rows = |_: &dyn Sink| own.iter().map(|item| row(manual, item)).collect();
        let request = AppendRequest {
            same_run: false,
            launch: manual.launch,
            job: Job {
                name: PLAN.to_owned(),
                ..Job::default()
            },
            environment: environment.clone(),
            declared: Vec::new(),
            keep: manual.keep,
            shared: manual.shared,
            guard: manual.guard,
        };
        let made = Made {
            input: input.to_owned(),
            format: PLAN,
            rows: &rows,
        };
        done.unchanged &= append_made(manual.state, &request, &made)?.unchanged;
    }
    Ok(done)
}

fn row(manual: &Manual<'_>, item: &Item) -> Row {
    let mut labels = Labels::default();
    if let Some(assignee) = &item.assignee {
        labels.add(ASSIGNEE, assignee.clone());
    }
    let result = TestResult {
        name: item.name.clone(),
        test_case_id: Some(item.case.clone()),
        ids: vec![item.case.clone()],
        execution: item.execution,
        status: Status::InProgress,
        start: Some(manual.now),
        labels,
        parameters: item.parameters.clone(),
        ..TestResult::default()
    };
    Row {
        result,
        details: Details::default(),
        ..Row::default()
    }
}

/// Returns the job of what people execute.
pub(super) fn job() -> Job {
    Job {
        name: JOB.to_owned(),
        ..Job::default()
    }
}
