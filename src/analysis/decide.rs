//! What closing a launch decides: attempts, matches, defects, categories, mutes, overrides, totals.

mod rows;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use self::rows::{Failure, Row};
use super::attempts::{self, Attempts};
use super::categories::Categories;
use super::keys;
use super::matching::{Match, Matcher};
use super::planned::{Answers, Asked, Planned, Plans, standing};
use super::resolve::Resolver;
use super::subjects::ResultSubject;
use crate::base::Digest;
use crate::model::{
    DeclaredVariable, Environment, Execution, Flag, OrderedMap, Outcome, Status, TestIdentity,
    Totals,
};

/// All that deciding depends on.
#[derive(Debug)]
pub struct Input<'a> {
    pub rows: &'a [Row],
    /// The distinct environments of the shards.
    pub environments: &'a [Environment],
    pub declared: &'a OrderedMap<DeclaredVariable>,
    pub matcher: &'a Matcher,
    pub resolver: &'a Resolver<'a>,
    pub categories: &'a Categories<'a>,
    /// Id and name of the launch.
    pub launch: (&'a str, &'a str),
}

/// What was decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    pub outcomes: Vec<Outcome>,
    pub tests: Vec<TestIdentity>,
    pub totals: Totals,
    /// Documented cases that have a result.
    pub cases: BTreeSet<String>,
    /// Things a person should know, in one line each: double claims, ids that name no case.
    pub notes: Vec<String>,
    /// What was planned, and what of it was done.
    pub plans: Plans,
}

/// Decides a launch. The same input in any order gives the same decision.
pub fn decide(input: &Input<'_>) -> Decision {
    let mut notes = BTreeSet::new();
    let (mut groups, found) = groups(input, &mut notes);
    let key = |group: &Attempts| input.rows[group.deciding()].sort_key();
    groups.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut outcomes: Vec<Outcome> = groups
        .iter()
        .map(|group| outcome(input, group, &mut notes))
        .collect();
    join_names(input, &groups, &mut outcomes);
    note_shared_jobs(input, &groups, &mut notes);
    override_automated(input, &mut outcomes);
    let plans = plans(input, &groups, found);
    for at in &plans.unplanned {
        outcomes[*at].flags.push(Flag::Unplanned);
    }
    let totals = totals(&outcomes);
    let done = outcomes.iter().filter(|o| o.status != Status::InProgress);
    let cases = done.filter_map(|o| o.case.clone()).collect();
    let tests = identities(input, &groups);
    Decision {
        plans,
        outcomes,
        tests,
        totals,
        cases,
        notes: notes.into_iter().collect(),
    }
}

/// A planned row, its case, and the rows that decide where it was done.
type Found = (usize, Option<String>, Vec<usize>);

/// Puts attempts together. A planned row is one of them only where nothing was done of it.
fn groups(input: &Input<'_>, notes: &mut BTreeSet<String>) -> (Vec<Attempts>, Vec<Found>) {
    let rows = input.rows;
    let standing = standing(rows);
    if standing.is_empty() {
        return (attempts::group(rows.iter().map(|row| &row.run)), Vec::new());
    }
    let executed = rows.iter().enumerate();
    let executed: Vec<usize> = executed
        .filter(|(_, row)| row.planned.is_none())
        .map(|(at, _)| at)
        .collect();
    let mut groups = attempts::group(executed.iter().map(|at| &rows[*at].run));
    for group in &mut groups {
        group.rows.iter_mut().for_each(|row| *row = executed[*row]);
    }
    let planned: Vec<(usize, Option<String>)> = standing
        .into_values()
        .map(|at| (at, match_case(input.matcher, &rows[at], notes)))
        .collect();
    let answers = Answers::new(
        input,
        groups.iter().map(|group| {
            let row = group.deciding();
            (row, match_case(input.matcher, &rows[row], notes))
        }),
        planned.iter().map(|(at, case)| Asked {
            row: &rows[*at],
            case: case.as_deref(),
        }),
    );
    let mut found = Vec::with_capacity(planned.len());
    let mut open = Vec::new();
    for (at, case) in planned.clone() {
        let by = answers.of(Asked {
            row: &rows[at],
            case: case.as_deref(),
        });
        if by.is_empty() {
            open.push(Attempts { rows: vec![at] });
        }
        let deciding = by.into_iter().map(|group| groups[group].deciding());
        found.push((at, case, deciding.collect()));
    }
    groups.extend(open);
    (groups, found)
}

/// Says of what was planned which outcomes answer it, and which of them answer nothing.
fn plans(input: &Input<'_>, groups: &[Attempts], found: Vec<Found>) -> Plans {
    if found.is_empty() {
        return Plans::default();
    }
    let places: HashMap<usize, usize> = groups
        .iter()
        .enumerate()
        .map(|(outcome, group)| (group.deciding(), outcome))
        .collect();
    let mut answering: BTreeSet<usize> = BTreeSet::new();
    let mut planned: Vec<Planned> = found
        .into_iter()
        .map(|(at, case, by)| {
            let row = &input.rows[at];
            let done = !by.is_empty();
            let rows = if done { by } else { vec![at] };
            let outcomes: Vec<usize> = rows.iter().map(|row| places[row]).collect();
            answering.extend(&outcomes);
            Planned {
                id: row.run.key.short(),
                row: row.run.id.clone(),
                case,
                asked: row.ids.first().cloned().unwrap_or_default(),
                name: row.name.clone(),
                execution: row.execution,
                environment: row.environment,
                planning: row.planned.as_deref().cloned().unwrap_or_default(),
                outcomes,
                done,
            }
        })
        .collect();
    let key = |planned: &Planned| {
        let values = planned.planning.parameters.iter();
        let values: Vec<Option<String>> = values.map(|one| one.value.clone()).collect();
        (
            planned.name.clone(),
            planned.asked.clone(),
            planned.environment,
            values,
            planned.id.clone(),
        )
    };
    planned.sort_by_cached_key(key);
    let unplanned = (0..groups.len()).filter(|at| !answering.contains(at));
    Plans {
        planned,
        unplanned: unplanned.collect(),
    }
}

fn outcome(input: &Input<'_>, group: &Attempts, notes: &mut BTreeSet<String>) -> Outcome {
    let row = &input.rows[group.deciding()];
    let case = match_case(input.matcher, row, notes);
    let statuses = group.rows.iter().map(|index| input.rows[*index].run.status);
    let flaky = attempts::ended_differently(statuses)
        || group.rows.iter().any(|index| input.rows[*index].flaky);
    let mut outcome = Outcome {
        id: row.run.id.clone(),
        test: row.test.clone(),
        params: row.params.clone(),
        env: u32::try_from(row.environment).unwrap_or(u32::MAX),
        start: row.run.start,
        status: row.run.status,
        duration: row.duration,
        attempts: match row.planned {
            Some(_) => 0,
            None => u32::try_from(group.rows.len()).unwrap_or(u32::MAX),
        },
        retries: group
            .retries()
            .iter()
            .map(|index| input.rows[*index].run.id.clone())
            .collect(),
        ..Outcome::default()
    };
    outcome.case = case;
    if flaky {
        outcome.flags.push(Flag::Flaky);
    }
    if group.rows.len() > 1 {
        outcome.flags.push(Flag::Retried);
    }
    if row.execution == Execution::Manual {
        outcome.flags.push(Flag::Manual);
    }
    if let Some(failure) = &row.failure {
        resolve(input, row, failure, &mut outcome);
    }
    outcome.flags.sort_unstable();
    outcome
}

/// Finds a failure's defect, its category, and its mute, which may ask for the other two.
fn resolve(input: &Input<'_>, row: &Row, failure: &Failure, outcome: &mut Outcome) {
    let environment = &input.environments[row.environment];
    let defect = input.resolver.defect(row, environment);
    outcome.defect = defect.map(|defect| defect.id.clone());
    if outcome.defect.is_some() {
        outcome.flags.push(Flag::Known);
    }
    let flaky = outcome.has(Flag::Flaky);
    let category = input.categories.find(row, environment, flaky);
    outcome.category = category.map(|category| category.name.clone());
    let subject = ResultSubject {
        outcome,
        row: &failure.result,
        job: &failure.job,
        environment,
        launch: input.launch,
        place: (0, 0),
        past: None,
        says: None,
    };
    let mute = input.resolver.mute(&subject);
    outcome.mute = mute.map(|mute| mute.id.clone());
    if outcome.mute.is_some() {
        outcome.flags.push(Flag::Muted);
    }
}

fn match_case(matcher: &Matcher, row: &Row, notes: &mut BTreeSet<String>) -> Option<String> {
    for id in row.ids.iter().filter(|id| !matcher.knows(id)) {
        notes.insert(format!(
            "id `{id}` of `{}` names no case; it is kept as a label",
            row.name
        ));
    }
    match matcher.find(&row.ids, row.full_name.as_deref()) {
        Match::Case(case) => Some(case),
        Match::None => None,
        Match::Ambiguous(cases) => {
            let cases = crate::base::text::ticked(&cases, "and");
            notes.insert(format!(
                "`{}` is claimed by {cases}; it stays unmatched",
                row.name
            ));
            None
        }
    }
}

/// Where results share test, parameters and environment but differ in name, the name joins.
fn join_names(input: &Input<'_>, groups: &[Attempts], outcomes: &mut [Outcome]) {
    let name = |i: usize| input.rows[groups[i].deciding()].name.as_str();
    let mut names: HashMap<(String, String), BTreeSet<&str>> = HashMap::new();
    for (i, outcome) in outcomes.iter().enumerate() {
        let key = (outcome.test.clone(), outcome.params.clone());
        names.entry(key).or_default().insert(name(i));
    }
    for (i, outcome) in outcomes.iter_mut().enumerate() {
        let key = (outcome.test.clone(), outcome.params.clone());
        if names[&key].len() > 1 {
            outcome.name = Some(keys::name_digest(name(i)));
        }
    }
}

/// Equal tests in two jobs are two results; a note names what would tell them apart.
/// A test's digest, its parameters, its name and its environment.
type Track<'a> = (&'a str, &'a str, &'a str, usize);

fn note_shared_jobs(input: &Input<'_>, groups: &[Attempts], notes: &mut BTreeSet<String>) {
    let mut seen: BTreeMap<Track<'_>, (usize, BTreeSet<Digest>)> = BTreeMap::new();
    for group in groups {
        let row = &input.rows[group.deciding()];
        let track = (&*row.test, &*row.params, &*row.name, row.environment);
        let (outcomes, jobs) = seen.entry(track).or_default();
        *outcomes += 1;
        jobs.insert(row.run.key);
    }
    let told = seen
        .values()
        .filter(|(outcomes, jobs)| *outcomes > jobs.len());
    let told = told.count() as u64;
    if told > 0 {
        let tests = crate::base::text::count(told, "test");
        notes.insert(format!(
            "{tests} came by reports of different formats and count once a format; what tells of one run is \
             appended by one command, with `--same-run`"
        ));
    }
    let shared = seen.values().filter(|(_, jobs)| jobs.len() > 1).count() as u64;
    if shared > 0 {
        let tests = crate::base::text::count(shared, "test");
        notes.insert(format!(
            "{tests} came from several jobs with one environment and count once a job; give the jobs \
             a variable that tells them apart (`append --env NAME=VALUE`, declared in `project.yaml`)"
        ));
    }
}

/// A manual result overrides the automated ones of its track.
fn override_automated(input: &Input<'_>, outcomes: &mut [Outcome]) {
    let track = |outcome: &Outcome| {
        let environment = &input.environments[outcome.env as usize];
        let declared = keys::declared_environment(input.declared, environment);
        let test = outcome.case.clone().unwrap_or_else(|| outcome.test.clone());
        (test, outcome.params.clone(), declared)
    };
    let manual: BTreeSet<_> = outcomes
        .iter()
        .filter(|o| o.has(Flag::Manual) && o.status != Status::InProgress)
        .map(track)
        .collect();
    if manual.is_empty() {
        return;
    }
    for outcome in outcomes.iter_mut() {
        if !outcome.has(Flag::Manual) && manual.contains(&track(outcome)) {
            outcome.flags.push(Flag::Overridden);
            outcome.flags.sort_unstable();
        }
    }
}

/// Counts outcomes: overridden ones in `total` and `overridden` only.
pub fn totals(outcomes: &[Outcome]) -> Totals {
    let mut totals = Totals {
        total: outcomes.len() as u64,
        ..Totals::default()
    };
    for outcome in outcomes {
        totals.retries += outcome.retries.len() as u64;
        if outcome.has(Flag::Overridden) {
            totals.overridden += 1;
            continue;
        }
        totals.add(outcome.status);
        totals.muted += u64::from(outcome.has(Flag::Muted));
        totals.unresolved += u64::from(outcome.is_unresolved());
    }
    totals
}

fn identities(input: &Input<'_>, groups: &[Attempts]) -> Vec<TestIdentity> {
    let mut tests: BTreeMap<&str, TestIdentity> = BTreeMap::new();
    for group in groups {
        let row = &input.rows[group.deciding()];
        let identity = tests.entry(&row.test).or_insert_with(|| TestIdentity {
            test: row.test.clone(),
            test_case_id: row.test_case_id.clone(),
            full_name: row.full_name.clone(),
            name: row.name.clone(),
            ids: Vec::new(),
        });
        for id in &row.ids {
            if !identity.ids.contains(id) {
                identity.ids.push(id.clone());
            }
        }
    }
    tests.into_values().collect()
}
