//! A project's plans ready to be asked, and the cases that they are put to.

use crate::analysis::plan::ReadyPlan;
use crate::analysis::subjects::{CaseSubject, Of};
use crate::base::text::{closest, ticked};
use crate::cli::commands::query::tell;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::reader::{Reader, described};
use crate::cli::ui::Ui;
use crate::ledger::{CaseSet, History, Launch};
use crate::model::Plan;
use crate::query::{self, Bound, Context, Problem};
use crate::store::{Doc, Project};

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

pub(super) fn asks_history(plan: &ReadyPlan<'_>) -> bool {
    let queries = [&plan.query, &plan.saved, &plan.exclude_query];
    let lookups = queries.into_iter().flatten().flat_map(Bound::lookups);
    let mut lookups = lookups;
    lookups.any(|lookup| lookup.window.is_some() || is_past(lookup.name))
}

fn is_past(name: &str) -> bool {
    matches!(name, "lastStatus" | "lastRun" | "transition")
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

/// A plan that can't be asked.
#[derive(Clone, Debug)]
pub(super) enum Wrong {
    Query {
        /// Where the text stands: a key of the plan, or a file.
        place: String,
        text: String,
        problems: Vec<Problem>,
    },
    NoSaved {
        plan: String,
        saved: String,
        near: Option<String>,
    },
    NotOfCases {
        plan: String,
        saved: String,
        of: Of,
    },
}

/// Makes a plan's queries ready.
pub(super) fn ready<'p>(
    project: &'p Project,
    plan: &'p Plan,
    context: &Context,
) -> Result<ReadyPlan<'p>, Wrong> {
    let own = |key: &str, text: &Option<String>| {
        let text = text.as_ref();
        text.map(|text| bound(text, context, || format!("`{key}` of plan `{}`", plan.id)))
            .transpose()
    };
    let saved = plan
        .saved
        .as_ref()
        .map(|id| saved(project, plan, id, context));
    Ok(ReadyPlan {
        plan,
        query: own("query", &plan.query)?,
        saved: saved.transpose()?,
        exclude_query: own("exclude_query", &plan.exclude_query)?,
    })
}

fn saved(project: &Project, plan: &Plan, id: &str, context: &Context) -> Result<Bound, Wrong> {
    let Some(doc) = project.saved_query(id) else {
        let ids = project.queries.iter().map(|doc| doc.value.id.as_str());
        return Err(Wrong::NoSaved {
            plan: plan.id.clone(),
            saved: id.to_owned(),
            near: closest(id, ids).map(str::to_owned),
        });
    };
    if doc.value.of != Of::Cases {
        return Err(Wrong::NotOfCases {
            plan: plan.id.clone(),
            saved: id.to_owned(),
            of: doc.value.of,
        });
    }
    bound(&doc.value.query, context, || format!("`{}`", doc.path))
}

fn bound(text: &str, context: &Context, place: impl Fn() -> String) -> Result<Bound, Wrong> {
    let wrong = |problems| Wrong::Query {
        place: place(),
        text: text.to_owned(),
        problems,
    };
    let query = query::parse(text).map_err(|problem| wrong(vec![problem]))?;
    query.bind(Of::Cases.schema(), context).map_err(wrong)
}

impl Wrong {
    /// Says what is wrong with a plan.
    pub(super) fn tell(&self, ui: &mut Ui) -> Exit {
        match self {
            Self::Query {
                place,
                text,
                problems,
            } => {
                ui.say("error", &format!("{place} can't be asked"));
                tell(ui, text, problems);
            }
            Self::NoSaved { plan, saved, near } => {
                ui.say(
                    "error",
                    &format!("plan `{plan}` names the saved query `{saved}`, which is not there"),
                );
                if let Some(near) = near {
                    ui.hint(format!("did you mean `{near}`?"));
                }
            }
            Self::NotOfCases { plan, saved, of } => ui.say(
                "error",
                &format!(
                    "plan `{plan}` names the saved query `{saved}`, which is of {}, not of cases",
                    of.as_str()
                ),
            ),
        }
        Exit::CouldNotRun
    }
}
