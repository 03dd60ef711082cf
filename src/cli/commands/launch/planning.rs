//! What is to be executed of a launch that is opened: planned results, and who gets them.

use std::collections::BTreeSet;

use super::open::OpenArgs;
use crate::analysis::parameters::sets;
use crate::base::text::{count, ticked};
use crate::cli::commands::plan;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::place::{self, Place};
use crate::cli::ui::Ui;
use crate::diag::Severity;
use crate::ledger::manual::{self, Item, Manual, UnknownPerson};
use crate::ledger::{Guard, Opened};
use crate::model::{Case, Combine, Environment};
use crate::store::{Doc, Loaded, Project, Workspace};

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct PlanningArgs {
    /// Plan a result of each case of the plan, with each row of its parameters, in each environment: it is in
    /// progress until somebody or something executed it. `--env browser=chrome,firefox` names two environments
    #[arg(long, requires = "plan", help_heading = "Manual launches")]
    planned: bool,
    /// Plan results, and give the manual ones to these people in turn: members by id, name or address
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        requires = "plan",
        help_heading = "Manual launches"
    )]
    assign: Vec<String>,
}

/// What is to be planned as soon as the launch is open.
pub(super) struct Planning {
    plan: String,
    items: Vec<Item>,
    people: Vec<String>,
}

impl PlanningArgs {
    pub(super) fn is_wanted(&self) -> bool {
        self.planned || !self.assign.is_empty()
    }

    /// Splits variables into those of the launch, and the environments that values with commas make; a value that
    /// is named twice counts once.
    pub(super) fn split(env: &[(String, String)]) -> (Vec<(String, String)>, Vec<Environment>) {
        let mut own = Vec::new();
        let mut environments: Vec<Environment> = Vec::new();
        for (name, value) in env {
            let mut values: Vec<&str> = Vec::new();
            for one in value.split(',').map(str::trim) {
                if !one.is_empty() && !values.contains(&one) {
                    values.push(one);
                }
            }
            if values.len() < 2 {
                let only = values.first().map_or(value.as_str(), |only| only);
                own.push((name.clone(), only.to_owned()));
                continue;
            }
            if environments.is_empty() {
                environments.push(Environment::default());
            }
            let longer = environments.iter().flat_map(|environment| {
                values.iter().map(|value| {
                    let mut longer = environment.clone();
                    longer.insert(name.as_str(), (*value).to_owned());
                    longer
                })
            });
            environments = longer.collect();
        }
        (own, environments)
    }
}

/// Finds out what is to be planned, before anything is opened.
pub(super) fn wanted(
    ui: &mut Ui,
    ctx: &Context,
    args: &OpenArgs,
) -> Result<Option<Planning>, CommandError> {
    let (true, Some(wanted)) = (args.planning.is_wanted(), &args.plan) else {
        return Ok(None);
    };
    let place = Place::find(ctx)?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let doc = plan::readable_plan(&loaded, project, wanted)?;
    let (_, mut environments) = PlanningArgs::split(&args.env);
    if environments.is_empty() {
        environments.clone_from(&doc.value.environments);
    }
    let ids = plan::selected(ui, ctx, (&place, &snapshot, project), &doc.value)?;
    if ids.is_empty() {
        let error = CommandError::usage(format!("plan `{}` selects no case", doc.value.id));
        let hint = format!("`tallybook plan show {}` says why", doc.value.id);
        return Err(error.hint(hint));
    }
    let docs: Vec<&Doc<Case>> = ids.iter().filter_map(|id| project.case(id)).collect();
    check_files(&loaded, &docs)?;
    let cases = docs.iter().map(|doc| &doc.value);
    let items = manual::items(cases, &environments).map_err(|error| {
        let case = project.case(&error.case).map(|doc| doc.value.combine);
        CommandError::from(error).hint(match case {
            Some(Combine::All) => "leave values out, or write `combine: pairwise`",
            _ => "leave values out",
        })
    })?;
    check_size(items.len())?;
    let names = match args.planning.assign.as_slice() {
        [] => doc.value.assignees.as_slice(),
        names => names,
    };
    Ok(Some(Planning {
        plan: doc.value.id.clone(),
        items,
        people: people(project, names)?,
    }))
}

/// Says of a plan that a launch is held against, and of which nothing is planned, that it selects nothing: such a
/// launch waits for nothing, and its plan is done by whatever happens.
pub(super) fn tell_empty(
    ui: &mut Ui,
    ctx: &Context,
    args: &OpenArgs,
    wanted: &str,
) -> Result<(), CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let plan = &plan::find(project, wanted)?.value;
    if plan::selected(ui, ctx, (&place, &snapshot, project), plan)?.is_empty() {
        ui.warn(format!("plan `{}` selects no case", plan.id));
        ui.hint(format!("`tallybook plan show {}` says why", plan.id));
    }
    Ok(())
}

/// Refuses to plan what is only half read: rows would be missing, and nobody would know.
fn check_files(loaded: &Loaded, docs: &[&Doc<Case>]) -> Result<(), CommandError> {
    for doc in docs {
        let found = loaded.findings.iter();
        let mut found = found.filter(|finding| finding.path == doc.path);
        let error = found.find(|finding| finding.severity == Severity::Error);
        let empty = doc.value.parameters.iter();
        let mut empty = empty.filter(|(_, values)| values.is_empty());
        let (id, path) = (&doc.value.id, &doc.path);
        let (why, hint) = match (error, empty.next()) {
            (Some(finding), _) => (
                format!("`{path}` has errors: {}", finding.message),
                "`tallybook validate` says where",
            ),
            (None, Some((name, _))) => (
                format!("in `{path}` the parameter `{name}` has no values"),
                "give it values, or take it out",
            ),
            (None, None) if has_alike(&doc.value) => (
                format!("in `{path}` two rows of its parameters are alike"),
                "take one out, or give both a parameter that tells them apart",
            ),
            (None, None) => continue,
        };
        let message = format!("case `{id}` can't be planned: {why}");
        let error = CommandError {
            kind: ErrorKind::Finding,
            ..CommandError::usage(message)
        };
        return Err(error.hint(hint));
    }
    Ok(())
}

fn has_alike(case: &Case) -> bool {
    let rows = sets(case).unwrap_or_default();
    let mut seen = BTreeSet::new();
    !rows.iter().all(|row| seen.insert(row))
}

/// The most results that are planned at once; nobody executes more, and a slip of a comma makes more.
const ITEMS_MAX: usize = 20_000;

fn check_size(items: usize) -> Result<(), CommandError> {
    if items <= ITEMS_MAX {
        return Ok(());
    }
    let results = count(items as u64, "planned result");
    let error = CommandError::usage(format!("that is {results}, and {ITEMS_MAX} is the limit"));
    Err(error.hint("name fewer environments, or a plan of fewer cases"))
}

/// Returns the people whom names mean; a name that is nobody's is refused.
pub(in crate::cli::commands) fn people(
    project: &Project,
    names: &[String],
) -> Result<Vec<String>, CommandError> {
    let person = |name: &String| manual::person(project, name).map_err(unknown);
    let mut out: Vec<String> = Vec::new();
    let named = names.iter().filter(|name| !name.trim().is_empty());
    for name in named {
        let person = person(name)?;
        if !out.contains(&person) {
            out.push(person);
        }
    }
    if out.is_empty() && !names.is_empty() {
        return Err(CommandError::usage("the list of people names nobody"));
    }
    Ok(out)
}

pub(in crate::cli::commands) fn unknown(error: UnknownPerson) -> CommandError {
    let hint = match (&error.near, error.members.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, members) => format!("the members are {}", ticked(members, "and")),
    };
    CommandError::usage(error.to_string())
        .hint(hint)
        .hint("add a member with `tallybook member add NAME --email ADDRESS`")
}

/// Plans what is wanted of a launch that is open now.
pub(super) fn plan_results(
    ui: &mut Ui,
    ctx: &Context,
    args: &OpenArgs,
    opened: &Opened,
    mut planning: Planning,
) -> Result<(), CommandError> {
    let launch = &opened.launch;
    if launch.plan.as_ref() != Some(&planning.plan) {
        // Said as what can't be met.
        return Ok(());
    }
    let place = Place::find(ctx)?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let state = place.open_state(project)?;
    let guard = guard(&loaded.workspace, args)?;
    manual::hand_out(&mut planning.items, &planning.people);
    let manual = Manual {
        state: &state,
        launch,
        guard: &guard,
        keep: Default::default(),
        shared: args.share.push || state.shared_on(&launch.id)?.is_some(),
        // Whoever opens the same launch elsewhere plans the same.
        now: launch.opened.at,
    };
    let done = manual::plan_results(&manual, &planning.plan, &planning.items)?;
    let verb = if done.unchanged {
        "planned before:"
    } else {
        "planned"
    };
    let results = count(done.count, "result");
    ui.status(match planning.people.len() {
        0 => format!("{verb} {results}"),
        1 => format!("{verb} {results}, for 1 person"),
        people => format!("{verb} {results}, for {people} people"),
    });
    Ok(())
}

fn guard(workspace: &Workspace, args: &OpenArgs) -> Result<Guard, CommandError> {
    Ok(Guard::new(place::redaction(workspace)?, &args.allow_secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_commas_make_environments() {
        let split = |all: &[(&str, &str)]| {
            let all: Vec<(String, String)> = all
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            let (own, environments) = PlanningArgs::split(&all);
            let shown = |(name, value): (&String, &String)| format!("{name}={value}");
            let own: Vec<String> = own
                .iter()
                .map(|(name, value)| shown((name, value)))
                .collect();
            let environments: Vec<String> = environments
                .iter()
                .map(|one| {
                    let all = one.iter().map(|(name, value)| format!("{name}={value}"));
                    all.collect::<Vec<_>>().join(" ")
                })
                .collect();
            (own.join(" "), environments.join(", "))
        };
        let pair = |own: &str, environments: &str| (own.to_owned(), environments.to_owned());
        assert_eq!(
            split(&[
                ("browser", "chrome, firefox,chrome"),
                ("os", "linux,mac"),
                ("stand", "a")
            ]),
            pair(
                "stand=a",
                "browser=chrome os=linux, browser=chrome os=mac, browser=firefox os=linux, browser=firefox os=mac"
            )
        );
        assert_eq!(
            split(&[("browser", "chrome,chrome,")]),
            pair("browser=chrome", "")
        );
        assert_eq!(split(&[("browser", ",")]), pair("browser=,", ""));
    }
}
