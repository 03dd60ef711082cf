//! A combined launch that is still open: planned, given to people, partly executed by tests and by one of them.

use std::collections::BTreeMap;

use super::script::LaunchScript;
use super::{Documented, append};
use crate::analysis::redaction::Redaction;
use crate::base::Timestamp;
use crate::cli::commands::plan;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, Place};
use crate::cli::ui::Ui;
use crate::ingest::MemoryBundle;
use crate::ledger::manual::{
    Answer, Drafts, Manual, begin, hand_out, items, plan_results, record, work,
};
use crate::ledger::{self, Guard, OpenRequest, OpenState};
use crate::model::{OpenLaunch, Status};
use crate::store::{Project, Snapshot};

/// The project and the plan of the launch.
const PROJECT: &str = "SHOP";
const PLAN: &str = "release";
/// How long each step took, in milliseconds.
const STEP_MS: u64 = 21_000;
const HOUR_MS: i64 = 3_600_000;

/// Opens the launch an hour after the last one closed; returns its id, and who has something left in it.
pub(super) fn open(
    ui: &mut Ui,
    ctx: &Context,
    (place, snapshot): (&Place, &Snapshot),
    launches: &[LaunchScript],
    archives: &BTreeMap<String, MemoryBundle>,
) -> Result<(String, String), CommandError> {
    let repo = place.repo()?;
    let documented = Documented::read(repo)?;
    let wrong = |what: &str| CommandError::internal(format!("the demo has no {what}"));
    let workspace = &documented.loaded.workspace;
    let project = workspace.project(PROJECT).ok_or_else(|| wrong(PROJECT))?;
    let plan = plan::readable_plan(&documented.loaded, project, PLAN)?
        .value
        .clone();
    let last = launches
        .iter()
        .rev()
        .find(|launch| launch.project == PROJECT);
    let last = last.ok_or_else(|| wrong("launch"))?;
    let closed = launches.iter().map(|launch| launch.closed).max();
    let at = Timestamp::from_ms(closed.unwrap_or(ctx.now).ms() + HOUR_MS);
    let key = place::key(project)?;
    let state = OpenState::new(repo.common_dir(), "", &key);
    let guard = Guard::new(Redaction::default(), &[]);
    let opened = ledger::open(
        &state,
        OpenRequest {
            project: key,
            name: Some("Release, by hand and by machine".to_owned()),
            key: None,
            tags: last.tags.clone(),
            links: Vec::new(),
            source: last.source.clone(),
            environment: Default::default(),
            expect: Vec::new(),
            plan: Some(plan.id.clone()),
            baseline: None,
            supersedes: None,
            now: at,
            backfill: None,
            by: Some(last.by.clone()),
            random: 0x5eed,
            cut: false,
        },
        &guard,
    )?;
    let launch = opened.launch;
    let manual = Manual {
        state: &state,
        launch: &launch,
        guard: &guard,
        keep: Default::default(),
        shared: false,
        now: at,
    };
    let ids = plan::selected(ui, ctx, (place, snapshot, project), &plan)?;
    let cases = ids.iter().filter_map(|id| project.case(id));
    let mut planned = items(cases.map(|doc| &doc.value), &plan.environments)?;
    hand_out(&mut planned, &plan.assignees);
    plan_results(&manual, &plan.id, &planned)?;
    for job in last.jobs.iter().take(1) {
        append(&state, project, &launch, job, archives)?;
    }
    execute_one(&manual, project, &launch, at)?;
    let left = plan.assignees.last().cloned().unwrap_or_default();
    Ok((launch.id, left))
}

/// Executes what comes first of the first person.
fn execute_one(
    manual: &Manual<'_>,
    project: &Project,
    launch: &OpenLaunch,
    at: Timestamp,
) -> Result<(), CommandError> {
    let Some(preview) = ledger::preview(manual.state, project, &launch.id, at)? else {
        return Err(CommandError::internal("the demo's launch is not open"));
    };
    let all = work(&preview);
    let first = all.iter().find(|one| one.is_open());
    let Some((one, who)) =
        first.and_then(|one| Some((one, one.planned.planning.assignee.clone()?)))
    else {
        return Err(CommandError::internal(
            "the demo's plan gives nobody anything",
        ));
    };
    let Some(case) = project.case(&one.planned.asked) else {
        return Err(CommandError::internal(
            "the demo's plan names a case that is gone",
        ));
    };
    let names = (launch.id.as_str(), one.planned.id.as_str());
    let mut draft = begin(project, case, names, one.asked(), &who, (at, 1));
    for question in draft.questions() {
        draft.steps[question].answer = Some(Answer {
            status: Status::Passed,
            took: STEP_MS,
        });
        draft.worked += STEP_MS;
    }
    if draft.steps.is_empty() {
        draft.answer = Some(Answer {
            status: Status::Passed,
            took: STEP_MS,
        });
    }
    record(
        manual,
        &draft.executed(&Drafts::new(manual.state, &launch.id)),
    )?;
    Ok(())
}
