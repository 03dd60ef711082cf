//! A project's plans, ready to be put to its cases.

use super::plan::ReadyPlan;
use super::subjects::Of;
use crate::base::text::closest;
use crate::model::Plan;
use crate::query::{self, Bound, Context, Problem};
use crate::store::Project;

/// A plan that can't be asked.
#[derive(Clone, Debug)]
pub enum Wrong {
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
pub fn ready<'p>(
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

/// Whether a plan asks for the history of its cases.
pub fn asks_history(plan: &ReadyPlan<'_>) -> bool {
    let queries = [&plan.query, &plan.saved, &plan.exclude_query];
    let lookups = queries.into_iter().flatten().flat_map(Bound::lookups);
    let mut lookups = lookups;
    lookups.any(|lookup| lookup.window.is_some() || is_past(lookup.name))
}

fn is_past(name: &str) -> bool {
    matches!(name, "lastStatus" | "lastRun" | "transition")
}
