//! What a plan selects and why, and whether a launch did it.

use std::collections::{BTreeSet, HashMap};

use super::keys;
use super::subjects::CaseSubject;
use crate::model::{DeclaredVariable, Environment, Flag, OrderedMap, Outcome, Plan, Status};
use crate::query::Bound;

/// A plan with its queries ready to be put to cases.
#[derive(Clone, Debug)]
pub struct ReadyPlan<'a> {
    pub plan: &'a Plan,
    pub query: Option<Bound>,
    /// The saved query that it names.
    pub saved: Option<Bound>,
    pub exclude_query: Option<Bound>,
}

/// Why a plan has a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its list `cases` names it.
    Listed,
    /// It fits its `query`.
    Query,
    /// It fits the saved query.
    Saved,
}

/// Why a plan does not have a case that it would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// Its list `exclude` names it.
    Listed,
    /// It fits its `exclude_query`.
    Query,
}

/// What a plan selects. Cases are indices among those that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// In the order of the query where it has one, else of the cases.
    pub selected: Vec<(usize, Vec<Why>)>,
    pub excluded: Vec<(usize, Excluded)>,
    /// Ids in its lists that no case has.
    pub unknown: Vec<String>,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Query => "query",
            Self::Saved => "saved",
        }
    }
}

/// Returns what a plan selects of a project's cases.
pub fn select(ready: &ReadyPlan<'_>, cases: &[CaseSubject<'_>]) -> Selection {
    let plan = ready.plan;
    let places = |bound: &Option<Bound>| -> Vec<usize> {
        let fitting = bound.iter().flat_map(|bound| bound.select(cases));
        fitting.map(|case| place_of(cases, case)).collect()
    };
    let (by_query, by_saved) = (places(&ready.query), places(&ready.saved));
    let excluded_by_query: BTreeSet<usize> = places(&ready.exclude_query).into_iter().collect();
    let mut selection = Selection::default();
    let listed = named(&plan.cases, cases, &mut selection.unknown);
    let excluded: BTreeSet<usize> = named(&plan.exclude, cases, &mut selection.unknown)
        .into_iter()
        .collect();
    let reasons = [
        (&listed, Why::Listed),
        (&by_query, Why::Query),
        (&by_saved, Why::Saved),
    ];
    let reasons = reasons.map(|(places, why)| (places.iter().collect::<BTreeSet<_>>(), why));
    let mut seen = BTreeSet::new();
    for at in by_query.iter().chain(&by_saved).chain(&listed).copied() {
        if !seen.insert(at) {
            continue;
        }
        if excluded.contains(&at) {
            selection.excluded.push((at, Excluded::Listed));
            continue;
        }
        if excluded_by_query.contains(&at) {
            selection.excluded.push((at, Excluded::Query));
            continue;
        }
        let own = reasons.iter().filter(|(places, _)| places.contains(&at));
        selection
            .selected
            .push((at, own.map(|(_, why)| *why).collect()));
    }
    selection
}

/// Returns the index of a case that was selected from these.
fn place_of(cases: &[CaseSubject<'_>], case: &CaseSubject<'_>) -> usize {
    let offset = std::ptr::from_ref(case) as usize - cases.as_ptr() as usize;
    offset / size_of::<CaseSubject<'_>>()
}

/// Returns the cases that ids name, aliases too, and keeps those that name none.
fn named(ids: &[String], cases: &[CaseSubject<'_>], unknown: &mut Vec<String>) -> Vec<usize> {
    if ids.is_empty() {
        return Vec::new();
    }
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(cases.len());
    // An id goes before an alias, and the first of equal ones counts.
    for (at, subject) in cases.iter().enumerate() {
        places.entry(&subject.case.id).or_insert(at);
    }
    for (at, subject) in cases.iter().enumerate() {
        for alias in &subject.case.aliases {
            places.entry(alias).or_insert(at);
        }
    }
    let mut out = Vec::new();
    for id in ids {
        match places.get(id.as_str()) {
            Some(at) => out.push(*at),
            None => unknown.push(id.clone()),
        }
    }
    out
}

/// One thing that a plan asks for: a case, in an environment where the plan names some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The index of the case.
    pub case: usize,
    pub environment: Option<&'a Environment>,
    pub did: Did,
    /// The outcomes that answer it, by their indices.
    pub outcomes: Vec<usize>,
}

/// What became of something that was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Did {
    /// It passed, failed, broke or is unknown.
    Ran,
    /// There are results, all of them skipped or not there yet.
    NotYet,
    /// There is no result.
    Missing,
}

/// A launch held against a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check<'a> {
    /// Each selected case in each environment of the plan.
    pub items: Vec<Item<'a>>,
    /// Results that the plan does not ask for, by their indices.
    pub unplanned: Vec<usize>,
}

/// What a check needs of a launch.
#[derive(Clone, Copy, Debug)]
pub struct Ran<'a> {
    pub outcomes: &'a [Outcome],
    pub environments: &'a [Environment],
    pub declared: &'a OrderedMap<DeclaredVariable>,
}

/// Holds a launch against what a plan selects. A skipped result is no execution.
pub fn check<'a>(
    plan: &'a Plan,
    selection: &Selection,
    cases: &[CaseSubject<'_>],
    ran: &Ran<'_>,
) -> Check<'a> {
    let mut by_case: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, outcome) in ran.outcomes.iter().enumerate() {
        if let Some(case) = &outcome.case {
            by_case.entry(case).or_default().push(at);
        }
    }
    let mut out = Check::default();
    let mut planned: BTreeSet<usize> = BTreeSet::new();
    let environments: Vec<Option<&Environment>> = match plan.environments.as_slice() {
        [] => vec![None],
        named => named.iter().map(Some).collect(),
    };
    for (case, _) in &selection.selected {
        let subject = &cases[*case].case;
        let ids = std::iter::once(&subject.id).chain(&subject.aliases);
        let results = ids.filter_map(|id| by_case.get(id.as_str())).flatten();
        let results: Vec<usize> = results.copied().collect();
        for environment in &environments {
            let fits = |at: &usize| environment.is_none_or(|wanted| is_in(ran, *at, wanted));
            let outcomes: Vec<usize> = results.iter().copied().filter(fits).collect();
            planned.extend(&outcomes);
            out.items.push(Item {
                case: *case,
                environment: *environment,
                did: did(ran, &outcomes),
                outcomes,
            });
        }
    }
    let all = 0..ran.outcomes.len();
    out.unplanned = all.filter(|at| !planned.contains(at)).collect();
    out
}

fn did(ran: &Ran<'_>, outcomes: &[usize]) -> Did {
    let is_run = |at: &usize| {
        let outcome = &ran.outcomes[*at];
        let status = outcome.status;
        !outcome.has(Flag::Overridden) && !matches!(status, Status::Skipped | Status::InProgress)
    };
    match outcomes {
        [] => Did::Missing,
        outcomes if outcomes.iter().any(is_run) => Did::Ran,
        _ => Did::NotYet,
    }
}

/// Whether a result ran in an environment, defaults of declared variables filled in.
fn is_in(ran: &Ran<'_>, at: usize, wanted: &Environment) -> bool {
    let unknown = Environment::default();
    let own = ran
        .environments
        .get(ran.outcomes[at].env as usize)
        .unwrap_or(&unknown);
    wanted.iter().all(|(name, value)| {
        let found = keys::declared_value(ran.declared, own, name);
        found.or(own.get(name).map(String::as_str)) == Some(value.as_str())
    })
}

impl Check<'_> {
    /// Whether everything that was planned ran, of which there is something.
    pub fn is_whole(&self) -> bool {
        !self.items.is_empty() && self.items.iter().all(|item| item.did == Did::Ran)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::model::Case;
    use crate::query::{Context, parse};

    fn cases() -> Vec<Case> {
        let case = |id: &str, tag: &str| Case {
            id: id.into(),
            aliases: vec![format!("OLD-{id}")],
            tags: vec![tag.into()],
            ..Case::default()
        };
        vec![
            case("A", "smoke"),
            case("B", "smoke"),
            case("C", "slow"),
            case("D", "slow"),
        ]
    }

    fn subjects(cases: &[Case]) -> Vec<CaseSubject<'_>> {
        let subject = |case| CaseSubject {
            case,
            path: "",
            text: "",
            section: &[],
            muted: false,
            approval: None,
            past: None,
        };
        cases.iter().map(subject).collect()
    }

    fn bound(text: &str) -> Option<Bound> {
        let context = Context {
            now: Timestamp::from_ms(0),
            user: None,
        };
        let query = parse(text).expect("it parses");
        Some(
            query
                .bind(crate::model::Of::Cases.schema(), &context)
                .expect("it binds"),
        )
    }

    fn texts(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_plan_says_why_it_has_a_case_and_why_not() {
        let cases = cases();
        let subjects = subjects(&cases);
        let plan = Plan {
            cases: texts(&["OLD-C", "A", "NOWHERE"]),
            exclude: texts(&["B"]),
            ..Plan::default()
        };
        let ready = ReadyPlan {
            plan: &plan,
            query: bound("tag = smoke"),
            saved: bound("tag = slow order by id desc"),
            exclude_query: bound("id = D"),
        };
        let selection = select(&ready, &subjects);
        assert_eq!(
            selection.selected,
            [
                (0, vec![Why::Listed, Why::Query]),
                (2, vec![Why::Listed, Why::Saved])
            ]
        );
        assert_eq!(
            selection.excluded,
            [(1, Excluded::Listed), (3, Excluded::Query)]
        );
        assert_eq!(selection.unknown, ["NOWHERE"]);
    }

    #[test]
    fn a_launch_is_held_against_each_environment() {
        let cases = cases();
        let subjects = subjects(&cases);
        let environment = |browser: &str| -> Environment {
            [("browser".to_owned(), browser.to_owned())]
                .into_iter()
                .collect()
        };
        let plan = Plan {
            cases: texts(&["A", "B", "C"]),
            environments: vec![environment("chrome"), environment("firefox")],
            ..Plan::default()
        };
        let ready = ReadyPlan {
            plan: &plan,
            query: None,
            saved: None,
            exclude_query: None,
        };
        let outcome = |case: Option<&str>, status, env| Outcome {
            case: case.map(str::to_owned),
            status,
            env,
            ..Outcome::default()
        };
        let outcomes = [
            outcome(Some("A"), Status::Failed, 0),
            outcome(Some("A"), Status::Passed, 1),
            outcome(Some("OLD-B"), Status::Skipped, 0),
            outcome(None, Status::Passed, 0),
            outcome(Some("D"), Status::Passed, 0),
        ];
        let declared: OrderedMap<DeclaredVariable> = [(
            "browser".to_owned(),
            DeclaredVariable {
                default: Some("chrome".into()),
            },
        )]
        .into_iter()
        .collect();
        let ran = Ran {
            outcomes: &outcomes,
            environments: &[Environment::default(), environment("firefox")],
            declared: &declared,
        };
        let check = check(&plan, &select(&ready, &subjects), &subjects, &ran);
        let did: Vec<Did> = check.items.iter().map(|item| item.did).collect();
        assert_eq!(
            did,
            [
                Did::Ran,
                Did::Ran,
                Did::NotYet,
                Did::Missing,
                Did::Missing,
                Did::Missing
            ]
        );
        assert_eq!(check.unplanned, [3, 4]);
        assert!(!check.is_whole());
        assert!(!Check::default().is_whole());
    }
}
