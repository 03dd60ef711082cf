//! All open launches of a workspace, with what people are to execute of them.

use serde::Serialize;

use super::planned::PlannedView;
use super::planning;
use super::share;
use crate::base::Timestamp;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::ledger::manual::{self, Drafts, same_person, work};
use crate::ledger::{self, OpenState, Preview};
use crate::model::{Environment, Execution, Parameter, Status, Totals};
use crate::store::Project;

/// What is open, for whoever works here.
#[derive(Debug, Serialize)]
pub(in crate::cli::commands) struct OpenWork {
    launches: Vec<OpenLaunchWork>,
    /// Files of launches that can't be read, each with why.
    unreadable: Vec<String>,
}

#[derive(Debug, Serialize)]
struct OpenLaunchWork {
    project: String,
    project_name: String,
    id: String,
    name: String,
    plan: Option<String>,
    environment: Environment,
    opened: Timestamp,
    opened_by: Option<String>,
    shared_on: Option<String>,
    /// There is one that it can be shared through.
    has_remote: bool,
    /// Who works here, as the project knows them.
    who: String,
    /// Whom planned results can be given to: members, and who has some.
    people: Vec<Person>,
    totals: Totals,
    planned: Option<PlannedView>,
    tasks: Vec<Task>,
    /// What keeps it from being closed, in words.
    lacks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Person {
    id: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct Task {
    id: String,
    case: String,
    name: String,
    execution: Execution,
    environment: Environment,
    parameters: Vec<Parameter>,
    assignee: Option<String>,
    is_mine: bool,
    done: bool,
    status: Status,
    /// The defects that explain it, by today's matchers.
    defects: Vec<String>,
    /// How many of its steps are answered here and not recorded.
    begun: Option<usize>,
}

/// Reads all open launches.
pub(in crate::cli::commands) fn open_work(
    ctx: &Context,
    named: Option<&str>,
) -> Result<OpenWork, CommandError> {
    let (place, _, loaded) = share::load(ctx)?;
    let mut out = OpenWork {
        launches: Vec::new(),
        unreadable: Vec::new(),
    };
    let has_remote = share::remote(&place, None).is_ok();
    for project in &loaded.workspace.projects {
        let Ok(state) = place.open_state(project) else {
            continue;
        };
        let who = match named {
            Some(named) => manual::person(project, named).map_err(planning::unknown)?,
            None => {
                let own = place.identity(ctx)?;
                manual::person_of(project, &own.name, &own.email)
            }
        };
        for id in state.ids()? {
            match ledger::preview(&state, project, &id, ctx.now) {
                Ok(Some(preview)) => {
                    let found = one(project, &state, &preview, (&who, has_remote))?;
                    out.launches.push(found);
                }
                Ok(None) => {}
                Err(error) => out.unreadable.push(format!("launch `{id}`: {error}")),
            }
        }
    }
    out.launches
        .sort_by(|a, b| b.opened.cmp(&a.opened).then_with(|| a.id.cmp(&b.id)));
    Ok(out)
}

fn one(
    project: &Project,
    state: &OpenState,
    preview: &Preview,
    (who, has_remote): (&str, bool),
) -> Result<OpenLaunchWork, CommandError> {
    let launch = &preview.launch;
    let drafts = Drafts::new(state, &launch.id).all()?;
    let outcomes = &preview.decision.outcomes;
    let tasks = work(preview).into_iter().map(|one| {
        let mut own = drafts.iter();
        let begun = own.find(|draft| draft.id == one.planned.id && same_person(&draft.tester, who));
        let answered = |draft: &manual::Draft| {
            draft
                .steps
                .iter()
                .filter(|step| step.answer.is_some())
                .count()
        };
        let mut defects: Vec<String> = { one.planned.outcomes.iter() }
            .filter_map(|at| outcomes[*at].defect.clone())
            .collect();
        defects.dedup();
        Task {
            id: one.planned.id.clone(),
            case: one.planned.asked.clone(),
            name: one.planned.name.clone(),
            execution: one.planned.execution,
            environment: one.environment.clone(),
            parameters: one.planned.planning.parameters.clone(),
            assignee: one.planned.planning.assignee.clone(),
            is_mine: one.is_of(who),
            done: one.planned.done,
            status: one.status,
            defects,
            begun: begun.map(answered),
        }
    });
    let tasks: Vec<Task> = tasks.collect();
    let mut people: Vec<Person> = { project.members.iter() }
        .map(|doc| Person {
            id: doc.value.id.clone(),
            name: doc.value.name.clone(),
        })
        .collect();
    let others = tasks.iter().filter_map(|task| task.assignee.clone());
    for name in others.chain([who.to_owned()]) {
        if !people.iter().any(|known| same_person(&known.id, &name)) {
            people.push(Person {
                id: name.clone(),
                name,
            });
        }
    }
    Ok(OpenLaunchWork {
        project: project.folder.clone(),
        project_name: project.name().to_owned(),
        id: launch.id.clone(),
        name: launch.name.clone(),
        plan: launch.plan.clone(),
        environment: launch.environment.clone(),
        opened: launch.opened.at,
        opened_by: launch.opened.by.clone(),
        shared_on: state.shared_on(&launch.id)?,
        has_remote,
        who: who.to_owned(),
        people,
        totals: preview.decision.totals,
        planned: PlannedView::of(preview),
        tasks,
        lacks: preview
            .refusals
            .iter()
            .map(|refusal| refusal.message())
            .collect(),
    })
}
