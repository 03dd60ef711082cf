//! A quality gate put to a launch: the facts that its rules ask for, gathered.

use std::collections::{BTreeMap, BTreeSet};

use super::launch::{Launch, Rows};
use super::reading::Reading;
use super::subjects::ResultSet;
use super::trace::{LatestResults, matrix, requirements};
use crate::analysis::approval::{Approvals, State};
use crate::analysis::gate::{self, Check, Covered, Facts, Jobs, Planned};
use crate::analysis::plan::{self, Did, ReadyPlan};
use crate::analysis::subjects::{self, CaseSet};
use crate::analysis::trace::Standing;
use crate::base::Timestamp;
use crate::base::text::ticked;
use crate::model::{DefectState, Flag, Gate, GateRule, Of, OrderedMap, Plan};
use crate::query::{self, Bound, Context, Lookup};
use crate::store::Project;

/// What judging needs beside the gate.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'a> {
    pub project: &'a Project,
    pub reading: &'a Reading,
    /// None where no rule's query looks at what only rows have.
    pub rows: Option<&'a Rows>,
    pub now: Timestamp,
    /// Why there may be launches that can't be seen.
    pub unavailable: Option<&'a str>,
}

/// Puts a gate to a launch, by today's documentation.
pub fn judge(gate: &Gate, bench: &Bench<'_>) -> Vec<Check> {
    let launch = bench.reading.launch();
    let lost = launch.lost();
    let missing = launch.missing_jobs();
    let recurrences = recurrences(bench.project, launch);
    let expired = expired_mutes(bench);
    let planned = asks(gate, GateRule::AllPlannedRan).then(|| planned(bench));
    let planned = planned.unwrap_or_else(|| Err(String::new()));
    let covered = gate.groups.iter().flat_map(|group| &group.rules);
    let covers = covered
        .clone()
        .any(|rule| matches!(rule, GateRule::MinRequirementCoverage(_)));
    let covered = match covers {
        true => coverage(bench),
        false => Err(String::new()),
    };
    let unapproved = match asks(gate, GateRule::AllApproved) {
        true => unapproved(bench),
        false => Err(String::new()),
    };
    let facts = Facts {
        outcomes: &launch.outcomes,
        baseline: match &bench.reading.baseline {
            Ok(baseline) => Ok(&baseline.comparison),
            Err(none) => Err(match bench.unavailable {
                Some(why) => format!("{none}; {why}"),
                None => none.to_string(),
            }),
        },
        lost: &lost,
        jobs: Jobs {
            expected: launch.expect.len() as u64,
            missing: &missing,
        },
        unplanned: planned
            .as_ref()
            .map_err(String::clone)
            .map(|(planned, missing)| Planned {
                planned: *planned,
                missing,
            }),
        recurrences: &recurrences,
        expired_mutes: &expired,
        coverage: covered
            .as_ref()
            .map_err(String::clone)
            .map(|(rate, gaps)| Covered { rate: *rate, gaps }),
        unapproved: unapproved.as_ref().map_err(String::clone),
    };
    let results = ResultSet::new(launch, bench.rows, bench.project);
    let past = (&bench.reading.history().past, bench.reading.earlier());
    let subjects = results.subjects(Some(past));
    gate::evaluate(gate, &facts, |text| {
        if query::parse(text).is_ok_and(|query| query.limit.is_some()) {
            return Err("the query has a `limit`, and would not see all that fits".to_owned());
        }
        let bound = bind(text, Of::Results, bench.now)?;
        let looks_back = bound.lookups().iter().any(|lookup| lookup.is_function());
        if looks_back && bench.reading.earlier() == 0 {
            let why = bench
                .unavailable
                .unwrap_or("no earlier closed launch of its branch is here");
            return Err(format!("history unavailable: {why}"));
        }
        let at = |one: &&crate::analysis::subjects::ResultSubject<'_>| one.place.1;
        let mut selected: Vec<usize> = bound.select(&subjects).iter().map(at).collect();
        selected.sort_unstable();
        Ok(selected)
    })
}

/// Whether a query of the gate looks at what only rows have.
pub fn needs_rows(gate: &Gate, now: Timestamp) -> bool {
    any_lookup(gate, now, subjects::needs_rows)
}

/// Whether a query of the gate looks at history, or that of a plan may.
pub(super) fn looks_back(gate: &Gate, now: Timestamp) -> bool {
    asks(gate, GateRule::AllPlannedRan) || any_lookup(gate, now, Lookup::is_function)
}

fn any_lookup(gate: &Gate, now: Timestamp, holds: impl Fn(&Lookup) -> bool) -> bool {
    let queries = gate
        .groups
        .iter()
        .filter_map(|group| group.query.as_deref());
    let fits = |text| {
        let bound = bind(text, Of::Results, now);
        bound.is_ok_and(|bound| bound.lookups().into_iter().any(&holds))
    };
    { queries }.any(fits)
}

fn asks(gate: &Gate, wanted: GateRule) -> bool {
    gate.groups
        .iter()
        .any(|group| group.rules.contains(&wanted))
}

/// Holds a query of the project's files against what can be asked. `currentUser()` is nobody there: the
/// verdict must not depend on who asks.
fn bind(text: &str, of: Of, now: Timestamp) -> Result<Bound, String> {
    let context = Context { now, user: None };
    let query =
        query::parse(text).map_err(|problem| format!("the query is wrong: {}", problem.message))?;
    query.bind(of.schema(), &context).map_err(|problems| {
        let first = problems.first().map(|problem| problem.message.as_str());
        format!("the query is wrong: {}", first.unwrap_or_default())
    })
}

fn recurrences(project: &Project, launch: &Launch) -> Vec<(usize, String)> {
    let is_closed = |id: &str| {
        let defects = project.defects.iter().map(|doc| &doc.value);
        { defects }.any(|defect| defect.id == id && defect.status == DefectState::Closed)
    };
    let outcomes = launch.outcomes.iter().enumerate();
    let failing = outcomes
        .filter(|(_, outcome)| outcome.status.needs_resolution() && !outcome.has(Flag::Overridden));
    let known = failing.filter_map(|(at, outcome)| Some((at, outcome.defect.clone()?)));
    known.filter(|(_, defect)| is_closed(defect)).collect()
}

fn expired_mutes(bench: &Bench<'_>) -> Vec<String> {
    let mutes = bench.project.mutes.iter().map(|doc| &doc.value);
    let expired = mutes.filter(|mute| mute.until.is_none_or(|until| until.end() < bench.now));
    let line = |mute: &crate::model::Mute| match mute.until {
        Some(until) => format!("{}: until {until}", mute.id),
        None => format!("{}: without a date", mute.id),
    };
    expired.map(line).collect()
}

/// Returns how many executions the launch's plan asks for, and those that did not happen.
fn planned(bench: &Bench<'_>) -> Result<(u64, Vec<String>), String> {
    let (project, launch) = (bench.project, bench.reading.launch());
    let Some(id) = &launch.plan else {
        return Err("the launch names no plan; `launch open --plan PLAN` does".to_owned());
    };
    let plan = project
        .plans
        .iter()
        .map(|doc| &doc.value)
        .find(|plan| plan.id == *id);
    let plan =
        plan.ok_or_else(|| format!("the launch names the plan `{id}`, which is not here"))?;
    let cases = CaseSet::new(project, bench.now);
    let subjects = cases.subjects(Some(&bench.reading.history().past));
    let ready = ready(project, plan, bench.now)?;
    let selection = plan::select(&ready, &subjects);
    if !selection.unknown.is_empty() {
        let unknown = ticked(&selection.unknown, "and");
        return Err(format!(
            "the plan `{id}` lists {unknown}, which no case is called"
        ));
    }
    if selection.selected.is_empty() {
        return Err(format!("the plan `{id}` selects nothing"));
    }
    let none = OrderedMap::default();
    let settings = project.settings.as_ref();
    let ran = plan::Ran {
        outcomes: &launch.outcomes,
        environments: &launch.environments,
        declared: settings.map_or(&none, |doc| &doc.value.environment),
    };
    let check = plan::check(plan, &selection, &subjects, &ran);
    let missing = check
        .items
        .iter()
        .filter(|item| item.did != Did::Ran)
        .map(|item| {
            let case = subjects[item.case].case;
            let variables = item
                .environment
                .into_iter()
                .flat_map(|environment| environment.iter());
            let variables: String = variables
                .map(|(name, value)| format!(", {name}={value}"))
                .collect();
            let did = match item.did {
                Did::NotYet => " was skipped or is not done",
                _ => " has no result",
            };
            format!("{} {}{variables}{did}", case.id, case.title)
        });
    Ok((check.items.len() as u64, missing.collect()))
}

/// Returns the cases of the launch's results that are not approved as they are, with how they stand.
fn unapproved(bench: &Bench<'_>) -> Result<BTreeMap<String, String>, String> {
    let approvals = Approvals::new(bench.project);
    if approvals.rules().unread {
        return Err("`approvals` in `project.yaml` does not read".to_owned());
    }
    let outcomes = bench.reading.launch().outcomes.iter();
    let cases: BTreeSet<&str> = outcomes.filter_map(|o| o.case.as_deref()).collect();
    let mut out = BTreeMap::new();
    for id in cases {
        let line = match approvals.case(id) {
            None => format!("{id}: the case is no longer here"),
            Some(doc) => {
                let standing = approvals.standing(doc);
                if standing.state == State::Approved {
                    continue;
                }
                format!("{id} {}: {}", doc.value.title, standing.words())
            }
        };
        out.insert(id.to_owned(), line);
    }
    Ok(out)
}

/// Makes a plan's queries ready.
pub fn ready<'a>(
    project: &Project,
    plan: &'a Plan,
    now: Timestamp,
) -> Result<ReadyPlan<'a>, String> {
    let bound = |text: &Option<String>| {
        let bound = text.as_deref().map(|text| bind(text, Of::Cases, now));
        bound
            .transpose()
            .map_err(|why| format!("plan `{}`: {why}", plan.id))
    };
    let saved = match &plan.saved {
        None => None,
        Some(id) => {
            let saved = project.queries.iter().map(|doc| &doc.value);
            let saved = { saved }.find(|saved| saved.id == *id && saved.of == Of::Cases);
            let saved = saved.ok_or_else(|| {
                format!(
                    "plan `{}` names the query `{id}`, which is not here or not of cases",
                    plan.id
                )
            })?;
            Some(saved.query.clone())
        }
    };
    Ok(ReadyPlan {
        plan,
        query: bound(&plan.query)?,
        saved: bound(&saved)?,
        exclude_query: bound(&plan.exclude_query)?,
    })
}

/// Returns which requirements the launch covers: their rate, and the others with how they stand.
fn coverage(bench: &Bench<'_>) -> Result<(crate::analysis::stability::Rate, Vec<String>), String> {
    let (project, launch) = (bench.project, bench.reading.launch());
    let requirements = requirements(project);
    if requirements.is_empty() {
        return Err("the project has no requirements".to_owned());
    }
    let latest = LatestResults::of_launch(project, launch);
    let matrix = matrix(project, &requirements, &latest, bench.now);
    let gaps = matrix
        .counted()
        .filter(|line| line.standing != Standing::Covered);
    let gaps = gaps.map(|line| {
        format!(
            "{} {}: {}",
            line.requirement.id,
            line.requirement.title,
            match line.standing {
                Standing::Stale => line.reason().unwrap_or_default(),
                standing => standing.label().to_owned(),
            }
        )
    });
    Ok((matrix.coverage(), gaps.collect()))
}
