//! What a plan selects today, and how the launches opened with it stand.

use crate::analysis::plan::{Check, Did, Item, Ran, ReadyPlan, Selection, check, select};
use crate::analysis::ready::{Wrong, asks_history, ready};
use crate::analysis::subjects::CaseSubject;
use crate::model::{Plan, Status};
use crate::query;
use crate::site::build::context::Context;
use crate::site::build::standing::Standing;
use crate::site::texts::say;
use crate::store::Doc;

/// A plan held against the documentation, and against a launch.
pub(super) struct Known<'a> {
    pub(super) doc: &'a Doc<Plan>,
    pub(super) page: String,
    pub(super) scope: Result<Scope<'a>, String>,
}

pub(super) struct Scope<'a> {
    pub(super) selection: Selection,
    pub(super) done: Option<Done<'a>>,
}

/// How much of a plan a launch did.
pub(super) struct Done<'a> {
    /// The launch's place in the project.
    pub(super) launch: usize,
    pub(super) check: Check<'a>,
    pub(super) counts: Counts,
    pub(super) unknown: usize,
}

/// How many things of a plan became what; as `plan check` counts them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) planned: u64,
    pub(super) ran: u64,
    pub(super) passed: u64,
    pub(super) skipped: u64,
    pub(super) in_progress: u64,
    pub(super) missing: u64,
    pub(super) unplanned: u64,
}

impl Done<'_> {
    pub(super) fn is_whole(&self) -> bool {
        self.check.is_whole() && self.unknown == 0
    }

    /// `18 of 20 ran, 2 missing`
    pub(super) fn sentence(&self) -> String {
        let n = &self.counts;
        let parts = [
            (n.missing, "plans.and-missing"),
            (n.skipped, "plans.and-skipped"),
            (n.in_progress, "plans.and-in-progress"),
        ];
        let rest: String = { parts.iter().filter(|(n, _)| *n > 0) }
            .map(|(n, key)| say!(key, n = *n))
            .collect();
        say!("plans.ran", part = n.ran, all = n.planned, rest = rest)
    }
}

pub(super) fn asked(context: &Context<'_>) -> query::Context {
    query::Context {
        now: context.input.stamp.now,
        user: None,
    }
}

pub(super) fn scope<'a>(
    context: &Context<'_>,
    standing: &'a Standing<'_>,
    plan: &'a Plan,
    subjects: &[CaseSubject<'_>],
) -> Result<Scope<'a>, String> {
    let ready = ready(standing.documents, plan, &asked(context)).map_err(|why| told(&why))?;
    let selection = select(&ready, subjects);
    Ok(Scope {
        done: executing(context, standing, plan)
            .map(|launch| done(context, standing, &ready, launch, subjects)),
        selection,
    })
}

/// The launch that a plan is held against: the latest one that was opened with it, else the latest.
pub(super) fn executing(
    context: &Context<'_>,
    standing: &Standing<'_>,
    plan: &Plan,
) -> Option<usize> {
    let with = opened_with(context, plan);
    with.first().copied().or(standing.last())
}

/// The launches that were opened with a plan, the latest first, superseded ones apart.
pub(super) fn opened_with(context: &Context<'_>, plan: &Plan) -> Vec<usize> {
    let launches = 0..context.project.launches.len();
    let own = |at: &usize| {
        let file = context.project.launches[*at].file;
        file.plan.as_deref() == Some(&plan.id) && context.superseded[*at].is_none()
    };
    launches.rev().filter(own).collect()
}

pub(super) fn done<'a>(
    context: &Context<'_>,
    standing: &Standing<'_>,
    ready: &ReadyPlan<'a>,
    launch: usize,
    subjects: &[CaseSubject<'_>],
) -> Done<'a> {
    let one = &context.project.launches[launch];
    let ran = Ran {
        outcomes: one.outcomes,
        environments: one.environments,
        declared: &context.project.file.environment,
    };
    // As a gate does: the launch ends the history that functions look at.
    let past = asks_history(ready)
        .then(|| standing.until(context.project, launch))
        .flatten();
    let own = past.as_ref().map(|past| standing.set.subjects(Some(past)));
    let subjects = own.as_deref().unwrap_or(subjects);
    let selection = select(ready, subjects);
    let check = check(ready.plan, &selection, subjects, &ran);
    Done {
        launch,
        counts: counts(context, launch, &check),
        unknown: selection.unknown.len(),
        check,
    }
}

pub(super) fn counts(context: &Context<'_>, launch: usize, check: &Check<'_>) -> Counts {
    let outcomes = context.project.launches[launch].outcomes;
    let mut out = Counts {
        planned: check.items.len() as u64,
        unplanned: check.unplanned.len() as u64,
        ..Counts::default()
    };
    for item in &check.items {
        let statuses = || item.outcomes.iter().map(|at| outcomes[*at].status);
        match item.did {
            Did::Ran => {
                out.ran += 1;
                out.passed += u64::from(worst(context, launch, item) == Some(Status::Passed));
            }
            Did::Missing => out.missing += 1,
            Did::NotYet if { statuses() }.any(|status| status == Status::InProgress) => {
                out.in_progress += 1;
            }
            Did::NotYet => out.skipped += 1,
        }
    }
    out
}

/// The worst status of what answers an item, overridden ones apart.
pub(super) fn worst(context: &Context<'_>, launch: usize, item: &Item<'_>) -> Option<Status> {
    let outcomes = context.project.launches[launch].outcomes;
    let counts = item.outcomes.iter().map(|at| &outcomes[*at]);
    let counts = counts.filter(|outcome| !outcome.has(crate::model::Flag::Overridden));
    Status::worst(counts.map(|outcome| outcome.status))
}

/// Says why a plan can't be asked.
pub(super) fn told(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Query {
            place, problems, ..
        } => {
            let first = problems.first();
            let why = first.map_or("", |problem| problem.message.as_str());
            say!("plans.place-cant-be-asked", place = place, why = why)
        }
        Wrong::NoSaved { saved, .. } => {
            say!("plans.no-saved-query", query = saved)
        }
        Wrong::NotOfCases { saved, of, .. } => {
            say!("plans.not-of-cases", query = saved, of = of.as_str())
        }
    }
}
