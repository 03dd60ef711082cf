//! What there is to execute of an open launch, and how an execution begins.

use super::drafts::{Begin, Draft};
use super::people::same_person;
use super::planning::Item;
use super::record::Asked;
use crate::analysis::executed::{executed_text, shared};
use crate::analysis::planned::Planned;
use crate::analysis::script::script;
use crate::base::Timestamp;
use crate::base::hash::digest_fields;
use crate::ledger::Preview;
use crate::model::{Case, Environment, Execution, Parameter, Status};
use crate::store::{Doc, Project};

/// A planned result, and how it stands.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    pub planned: &'a Planned,
    pub environment: &'a Environment,
    /// Of all that answers it, the worst; in progress where nothing does.
    pub status: Status,
}

/// Returns all that was planned of a launch, in the order in which it is executed: by case, environment and
/// parameters.
pub fn work(preview: &Preview) -> Vec<Work<'_>> {
    let decision = &preview.decision;
    let one = |planned| {
        let planned: &Planned = planned;
        let outcomes = planned.outcomes.iter().map(|at| &decision.outcomes[*at]);
        // What a person says of it takes the place of what a test said.
        let deciding = outcomes.filter(|outcome| !outcome.has(crate::model::Flag::Overridden));
        Work {
            planned,
            environment: &preview.environments[planned.environment],
            status: Status::worst(deciding.map(|outcome| outcome.status))
                .unwrap_or(Status::InProgress),
        }
    };
    decision.plans.planned.iter().map(one).collect()
}

impl Work<'_> {
    /// Whether a person is to execute it, and has not.
    pub fn is_open(&self) -> bool {
        !self.planned.done && self.planned.execution == Execution::Manual
    }

    /// Whether it is somebody's.
    pub fn is_of(&self, who: &str) -> bool {
        let assignee = self.planned.planning.assignee.as_deref();
        assignee.is_some_and(|assignee| same_person(assignee, who))
    }

    /// Returns what is asked of whoever executes it.
    pub fn asked(&self) -> Asked {
        Asked {
            case: self.planned.asked.clone(),
            name: self.planned.name.clone(),
            environment: self.environment.clone(),
            parameters: self.planned.planning.parameters.clone(),
            assignee: self.planned.planning.assignee.clone(),
        }
    }
}

/// Returns what is asked of whoever executes something that nobody planned, and the id of that.
pub fn unplanned(item: Item) -> (String, Asked) {
    let variables = item.environment.iter();
    let variables = variables.map(|(name, value)| (name, value.as_str()));
    let values = item.parameters.iter();
    let values = values.map(|one| (one.name.as_str(), one.value.as_deref().unwrap_or_default()));
    let fields = variables
        .chain(values)
        .flat_map(|(name, value)| [name, value]);
    let id = digest_fields(["unplanned", &item.case].into_iter().chain(fields)).short();
    let asked = Asked {
        case: item.case,
        name: item.name,
        environment: item.environment,
        parameters: item.parameters,
        assignee: None,
    };
    (id, asked)
}

/// Begins an execution by the text that a case has now.
pub fn begin(
    project: &Project,
    case: &Doc<Case>,
    (launch, id): (&str, &str),
    asked: Asked,
    tester: &str,
    (now, random): (Timestamp, u64),
) -> Draft {
    let shared = shared(project);
    let value = |one: &Parameter| (one.name.clone(), one.value.clone().unwrap_or_default());
    let set: Vec<(String, String)> = asked.parameters.iter().map(value).collect();
    Draft::begin(
        launch,
        Begin {
            id: id.to_owned(),
            asked,
            tester: tester.to_owned(),
            script: script(case, &shared, &set),
            text: executed_text(case, &shared),
            now,
            random,
        },
    )
}
