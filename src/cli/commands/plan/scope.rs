//! A project's plans ready to be asked, and the cases that they are put to.

use crate::analysis::plan::{ReadyPlan, select};
pub(super) use crate::analysis::ready::{Wrong, asks_history, ready};
use crate::analysis::subjects::{CaseSet, CaseSubject};
use crate::base::text::{closest, ticked};
use crate::cli::commands::query::{tell, user};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::pick;
use crate::cli::place::{AtArg, Place};
use crate::cli::reader::{Reader, described};
use crate::cli::ui::Ui;
use crate::ledger::{History, Launch};
use crate::model::Plan;
use crate::query;
use crate::store::{Doc, Loaded, Project, Snapshot};

/// The cases of a project at one moment, with what stands beside their files.
pub(super) struct Cases<'a> {
    set: CaseSet<'a>,
    pub(super) history: Option<History>,
}

impl<'a> Cases<'a> {
    pub(super) fn new(reader: &Reader<'a>, history: Option<History>) -> Self {
        Self {
            set: CaseSet::new(reader.project, reader.now),
            history,
        }
    }

    /// Reads the history where one of these plans asks for it.
    pub(super) fn for_plans(
        ui: &mut Ui,
        reader: &Reader<'a>,
        plans: &[ReadyPlan<'_>],
    ) -> Result<Self, CommandError> {
        let history = match plans.iter().any(asks_history) {
            true => Some(history(ui, reader, None)?),
            false => None,
        };
        Ok(Self::new(reader, history))
    }

    pub(super) fn subjects(&self) -> Vec<CaseSubject<'_>> {
        self.set
            .subjects(self.history.as_ref().map(|history| &history.past))
    }
}

/// Reads the history that functions look at, and says which it is.
pub(super) fn history(
    ui: &mut Ui,
    reader: &Reader<'_>,
    last: Option<Launch>,
) -> Result<History, CommandError> {
    let history = reader.history(ui, None, last)?;
    ui.status(format!("history: {}", described(&history)));
    if history.earlier() == 0 {
        ui.warn(
            "history unavailable: no closed launch counts, so nothing is known of past results",
        );
    }
    Ok(history)
}

/// Finds a plan by its id; one whose file gives nothing is said not to read.
pub(in crate::cli::commands) fn readable_plan<'p>(
    loaded: &Loaded,
    project: &'p Project,
    wanted: &str,
) -> Result<&'p Doc<Plan>, CommandError> {
    let id = wanted.strip_suffix(".yaml").unwrap_or(wanted);
    let unread = || pick::unread(loaded, &format!("{}/plans/{id}.yaml", project.path));
    plan(project, wanted).map_err(|absent| unread().unwrap_or(absent))
}

/// Returns the ids of the cases that a plan selects, in its order. Cases that its lists name and that are not
/// there are warned of; what can't be asked is told, and ends in an error.
pub(in crate::cli::commands) fn selected(
    ui: &mut Ui,
    ctx: &Context,
    (place, snapshot, project): (&Place, &Snapshot, &Project),
    plan: &Plan,
) -> Result<Vec<String>, CommandError> {
    let context = query::Context {
        now: ctx.now,
        user: user(ctx, place, project),
    };
    let ready = ready(project, plan, &context).map_err(|wrong| {
        tell_wrong(ui, &wrong);
        CommandError::usage(format!("plan `{}` can't be asked", plan.id))
            .hint("`tallybook validate` says more")
    })?;
    let reader = Reader::new(place, snapshot, project, &AtArg::default(), ctx.now)?;
    let cases = Cases::for_plans(ui, &reader, std::slice::from_ref(&ready))?;
    let subjects = cases.subjects();
    let selection = select(&ready, &subjects);
    for id in &selection.unknown {
        ui.warn(format!("plan `{}` names `{id}`, which is no case", plan.id));
    }
    let ids = selection.selected.iter();
    Ok(ids.map(|(at, _)| subjects[*at].case.id.clone()).collect())
}

/// Finds a plan by its id.
pub(in crate::cli::commands) fn plan<'p>(
    project: &'p Project,
    wanted: &str,
) -> Result<&'p Doc<Plan>, CommandError> {
    let id = wanted.strip_suffix(".yaml").unwrap_or(wanted);
    project.plan(id).ok_or_else(|| {
        let ids: Vec<&str> = project
            .plans
            .iter()
            .map(|doc| doc.value.id.as_str())
            .collect();
        let error = CommandError::usage(format!("there is no plan `{wanted}`"));
        error.hint(
            match (closest(wanted, ids.iter().copied()), ids.as_slice()) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, []) => format!("a plan is a file: `{}/plans/{wanted}.yaml`", project.path),
                (None, ids) => format!("the plans are {}", ticked(ids, "and")),
            },
        )
    })
}

/// Says what is wrong with a plan.
pub(super) fn tell_wrong(ui: &mut Ui, wrong: &Wrong) -> Exit {
    match wrong {
        Wrong::Query {
            place,
            text,
            problems,
        } => {
            ui.say("error", &format!("{place} can't be asked"));
            tell(ui, text, problems);
        }
        Wrong::NoSaved { plan, saved, near } => {
            ui.say(
                "error",
                &format!("plan `{plan}` names the saved query `{saved}`, which is not there"),
            );
            if let Some(near) = near {
                ui.hint(format!("did you mean `{near}`?"));
            }
        }
        Wrong::NotOfCases { plan, saved, of } => ui.say(
            "error",
            &format!(
                "plan `{plan}` names the saved query `{saved}`, which is of {}, not of cases",
                of.as_str()
            ),
        ),
    }
    Exit::CouldNotRun
}
