//! What closing a launch decides: attempts, matches, defects, categories, mutes, overrides, totals.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::attempts::{self, Attempts, Run};
use super::categories::Categories;
use super::keys;
use super::matching::{Match, Matcher};
use super::planned::{Answers, Asked, EXECUTED_TEXT, Planned, Planning, Plans, standing};
use super::resolve::Resolver;
use super::subjects::ResultSubject;
use crate::base::Digest;
use crate::model::{
    DeclaredVariable, Environment, Execution, Flag, Job, OrderedMap, Outcome, Status, TestIdentity,
    TestResult, Totals,
};

/// What deciding needs of one result.
#[derive(Clone, Debug)]
pub struct Row {
    pub run: Run,
    /// An index into [`Input::environments`].
    pub environment: usize,
    pub test: String,
    pub params: String,
    pub name: String,
    pub full_name: Option<String>,
    pub test_case_id: Option<String>,
    pub ids: Vec<String>,
    pub execution: Execution,
    pub duration: Option<u64>,
    pub flaky: bool,
    /// What is asked of failures; none of a result that needs no resolution.
    pub failure: Option<Box<Failure>>,
    /// Of a row that is planned, and was not executed.
    pub planned: Option<Box<Planning>>,
    /// The digest of the case's text as somebody executed it, where the row says.
    pub executed_text: Option<Box<str>>,
}

/// A result that needs a defect or a mute.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// What can be asked for, and nothing else.
    pub result: TestResult,
    /// The job's name; nothing else of it.
    pub job: Job,
}

impl Failure {
    fn new(result: &TestResult, job: &Job) -> Self {
        let job = Job {
            name: job.name.clone(),
            ..Job::default()
        };
        let result = TestResult {
            id: result.id.clone(),
            name: result.name.clone(),
            full_name: result.full_name.clone(),
            status: result.status,
            labels: result.labels.clone(),
            parameters: result.parameters.clone(),
            links: result.links.clone(),
            message: result.message.clone(),
            trace: result.trace.clone(),
            file: result.file.clone(),
            ..TestResult::default()
        };
        Self { result, job }
    }
}

impl Default for Row {
    fn default() -> Self {
        Self::new(
            TestResult::default(),
            &Job::default(),
            0,
            &Environment::default(),
        )
    }
}

impl Row {
    /// Takes from a result what deciding needs.
    pub fn new(result: TestResult, job: &Job, environment: usize, variables: &Environment) -> Self {
        let params = keys::params_digest(&result.parameters, result.occurrence);
        let run = Run::new(&result, &params, job, variables);
        let test = keys::test_digest(&result);
        let failed = result.status.needs_resolution();
        let failure = failed.then(|| Box::new(Failure::new(&result, job)));
        let planned = Planning::of(&result);
        let executed_text = result.properties.first(EXECUTED_TEXT).map(Into::into);
        Self {
            run,
            environment,
            test,
            params,
            name: result.name,
            full_name: result.full_name,
            test_case_id: result.test_case_id,
            ids: result.ids,
            execution: result.execution,
            duration: result.duration,
            flaky: result.flaky,
            failure,
            planned,
            executed_text,
        }
    }

    /// The order of outcomes: by test, parameters, name, environment, id.
    pub(crate) fn sort_key(&self) -> (&str, &str, &str, usize, &str) {
        let full_name = self.full_name.as_deref().unwrap_or(&self.name);
        (
            full_name,
            &self.name,
            &self.params,
            self.environment,
            &self.run.id,
        )
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::base::time::Date;
    use crate::model::{Automation, Case, Category, Labels, Mute};

    fn result(id: &str, name: &str, status: Status) -> TestResult {
        TestResult {
            id: id.into(),
            name: name.into(),
            full_name: Some(format!("t#{name}")),
            status,
            ..TestResult::default()
        }
    }

    fn decided(results: Vec<TestResult>, cases: &[Case]) -> Decision {
        let (resolver, categories) = (Resolver::default(), Categories::default());
        decided_by(results, cases, &resolver, &categories)
    }

    fn decided_by(
        results: Vec<TestResult>,
        cases: &[Case],
        resolver: &Resolver<'_>,
        categories: &Categories<'_>,
    ) -> Decision {
        let environments = [Environment::default()];
        let rows: Vec<Row> = results
            .into_iter()
            .map(|r| Row::new(r, &Job::default(), 0, &environments[0]))
            .collect();
        decide(&Input {
            rows: &rows,
            environments: &environments,
            declared: &OrderedMap::default(),
            matcher: &Matcher::new(cases),
            resolver,
            categories,
            launch: ("2026-11-22-nightly", "Nightly"),
        })
    }

    #[test]
    fn retries_stand_apart_from_counts() {
        let mut first = result("a", "x", Status::Failed);
        first.attempt = Some(1);
        let mut second = result("b", "x", Status::Passed);
        second.attempt = Some(2);
        let decision = decided(vec![second, first, result("c", "y", Status::Broken)], &[]);
        let totals = decision.totals;
        assert_eq!(
            (totals.total, totals.passed, totals.broken, totals.retries),
            (2, 1, 1, 1)
        );
        assert_eq!(totals.unresolved, 1);
        assert_eq!(decision.outcomes[0].flags, [Flag::Flaky, Flag::Retried]);
        assert_eq!(decision.outcomes[0].retries, ["a"]);
    }

    #[test]
    fn a_manual_result_overrides_the_automated_one_of_its_case() {
        let case = Case {
            id: "S-1".into(),
            automation: Automation {
                selectors: vec!["t#auto".into()],
            },
            ..Case::default()
        };
        let mut manual = result("m", "by hand", Status::Passed);
        manual.execution = Execution::Manual;
        manual.ids = vec!["S-1".into()];
        let decision = decided(vec![result("a", "auto", Status::Failed), manual], &[case]);
        let totals = decision.totals;
        assert_eq!((totals.total, totals.passed, totals.failed), (2, 1, 0));
        assert_eq!((totals.overridden, totals.unresolved), (1, 0));
    }

    fn planned(id: &str, case: &str, start: i64, assignee: &str) -> TestResult {
        let mut labels = Labels::default();
        labels.add("assignee", assignee);
        TestResult {
            id: id.into(),
            name: case.to_lowercase(),
            test_case_id: Some(case.into()),
            ids: vec![case.into()],
            execution: Execution::Manual,
            status: Status::InProgress,
            start: Some(Timestamp::from_ms(start)),
            labels,
            ..TestResult::default()
        }
    }

    #[test]
    fn what_was_planned_stays_in_progress_until_something_answers_it() {
        let case = |id: &str, selector: &str| Case {
            id: id.into(),
            automation: Automation {
                selectors: vec![selector.into()],
            },
            ..Case::default()
        };
        let cases = [case("S-1", "t#one"), case("S-2", "t#two"), case("S-3", "-")];
        let mut done = planned("m", "S-3", 9, "");
        (done.status, done.labels) = (Status::Failed, Labels::default());
        let rows = || {
            vec![
                planned("p1", "S-1", 1, "alice"),
                planned("p2", "S-2", 1, "alice"),
                planned("p3", "S-3", 1, "alice"),
                planned("p4", "S-2", 5, "bob"),
                planned("p5", "S-2", 3, "carol"),
                result("a", "one", Status::Passed),
                result("x", "other", Status::Failed),
                done.clone(),
            ]
        };
        let decision = decided(rows(), &cases);
        let totals = decision.totals;
        assert_eq!(
            (
                totals.total,
                totals.passed,
                totals.failed,
                totals.in_progress
            ),
            (4, 1, 2, 1)
        );
        assert_eq!((totals.retries, totals.overridden), (0, 0));
        let said = |decision: &Decision| -> Vec<(String, Option<String>, bool)> {
            let planned = decision.plans.planned.iter();
            let said = planned.map(|one| {
                let assignee = one.planning.assignee.clone();
                (one.case.clone().unwrap_or_default(), assignee, one.done)
            });
            let mut said: Vec<_> = said.collect();
            said.sort();
            said
        };
        let one = |case: &str, who: &str, done| (case.to_owned(), Some(who.to_owned()), done);
        assert_eq!(
            said(&decision),
            [
                one("S-1", "alice", true),
                one("S-2", "bob", false),
                one("S-3", "alice", true)
            ]
        );
        let unplanned: Vec<&str> = decision
            .plans
            .unplanned
            .iter()
            .map(|at| decision.outcomes[*at].id.as_str())
            .collect();
        assert_eq!(unplanned, ["x"]);
        let open = decision
            .outcomes
            .iter()
            .find(|o| o.status == Status::InProgress);
        assert_eq!(open.map(|o| (o.id.as_str(), o.attempts)), Some(("p4", 0)));
        assert!(!decision.cases.contains("S-2"), "it was not executed");
        let mut turned = rows();
        turned.reverse();
        assert_eq!(decided(turned, &cases), decision);
    }

    #[test]
    fn names_join_where_identities_collide() {
        let mut a = result("a", "one", Status::Passed);
        let mut b = result("b", "two", Status::Failed);
        a.test_case_id = Some("same".into());
        b.test_case_id = Some("same".into());
        let decision = decided(vec![a, b, result("c", "three", Status::Passed)], &[]);
        assert_eq!(decision.totals.total, 3);
        let named: Vec<bool> = decision.outcomes.iter().map(|o| o.name.is_some()).collect();
        assert_eq!(named, [true, false, true]);
    }

    #[test]
    fn order_of_arrival_does_not_matter() {
        let rows = || {
            vec![
                result("a", "x", Status::Failed),
                result("b", "x", Status::Passed),
                result("c", "y", Status::Skipped),
            ]
        };
        let mut reversed = rows();
        reversed.reverse();
        assert_eq!(decided(rows(), &[]), decided(reversed, &[]));
    }

    #[test]
    fn mutes_may_ask_for_what_was_decided_before_them() {
        let category = |name: &str, message: &str| {
            let mut category = Category {
                name: name.into(),
                ..Category::default()
            };
            category.conditions.search.message = Some(message.into());
            category
        };
        let mute = |query: &str| Mute {
            id: "M-1".into(),
            until: Date::parse("2026-12-31"),
            query: Some(query.into()),
            ..Mute::default()
        };
        let now = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
        let all = [category("Network", "refused"), category("Other", "")];
        let categories = Categories::new(&all);
        let rows = || {
            let mut a = result("a", "x", Status::Failed);
            a.message = Some("connection refused".into());
            a.labels.add("layer", "e2e");
            a.file = Some("tests/x.py".into());
            let mut b = result("b", "y", Status::Broken);
            b.message = Some("boom".into());
            vec![a, b, result("c", "z", Status::Passed)]
        };
        for (query, muted) in [
            ("category = Network", vec!["a"]),
            ("category = Network and layer = unit", vec![]),
            (
                "file ~= \"tests/\" and layer = e2e and launch = Nightly",
                vec!["a"],
            ),
            ("status = broken", vec!["b"]),
            ("status = passed", vec![]),
            ("muted = true", vec![]),
            ("name ~=", vec![]),
        ] {
            let mutes = [mute(query)];
            let resolver = Resolver::new(&mutes, [], now);
            let decision = decided_by(rows(), &[], &resolver, &categories);
            let outcomes = decision.outcomes.iter();
            let found = outcomes.filter(|o| o.has(Flag::Muted) && o.mute.as_deref() == Some("M-1"));
            assert_eq!(
                found.map(|o| o.id.as_str()).collect::<Vec<_>>(),
                muted,
                "{query}"
            );
            let sorted: Vec<_> = decision
                .outcomes
                .iter()
                .map(|o| o.category.as_deref())
                .collect();
            assert_eq!(sorted, [Some("Network"), Some("Other"), None]);
        }
    }

    #[test]
    fn an_unknown_id_is_noted() {
        let mut row = result("a", "x", Status::Passed);
        row.ids = vec!["NOPE-1".into()];
        assert_eq!(
            decided(vec![row], &[]).notes,
            ["id `NOPE-1` of `x` names no case; it is kept as a label"]
        );
    }
}
