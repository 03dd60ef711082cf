//! What a change means for what is not part of it.

use std::collections::{BTreeMap, BTreeSet};

use super::boards;
use super::brief::{Impact, Reach};
use super::change::{Noun, Place, Side};
use super::kind::Kind;
use super::product;
use super::report::Input;
use super::results;
use super::touched::{Reached, Scope, Touched, Weight};
use super::words::some;
use crate::analysis::plan::{ReadyPlan, select};
use crate::analysis::ready::ready;
use crate::analysis::requirements::Named;
use crate::analysis::subjects::{CaseSet, CaseSubject, Past};
use crate::analysis::tracks::Tracks;
use crate::base::Timestamp;
use crate::base::text::{count, sanitize_line};
use crate::model::{Case, Requirement};
use crate::query::Context;
use crate::store::Doc;

/// What is known beside the two snapshots.
#[derive(Debug, Default)]
pub struct Known<'a> {
    pub open: Vec<OpenLaunch>,
    /// By the folder of the base's project.
    pub ran: BTreeMap<String, Ran<'a>>,
    /// Paths of other files that changed in the same range, from the root of the repository; sorted.
    pub product: Vec<String>,
}

/// A launch that is open.
#[derive(Clone, Debug, Default)]
pub struct OpenLaunch {
    /// The project's folder.
    pub project: String,
    pub id: String,
    pub name: String,
    /// The slug of the plan that it executes.
    pub plan: Option<String>,
    /// Ids of the cases that it has results of.
    pub cases: BTreeSet<String>,
}

/// What closed launches say of the cases as the base has them.
pub struct Ran<'a> {
    pub tracks: &'a Tracks,
    /// By the index that tracks refer to.
    pub launches: Vec<RanLaunch>,
    /// The SHA-256 of the text by which a case was executed in a launch; none where none is known.
    pub executed: &'a dyn Fn(usize, &str) -> Option<String>,
}

impl std::fmt::Debug for Ran<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ran")
            .field("launches", &self.launches)
            .finish_non_exhaustive()
    }
}

/// A closed launch, as sentences name it.
#[derive(Clone, Debug)]
pub struct RanLaunch {
    pub name: String,
    pub opened: Timestamp,
}

impl RanLaunch {
    pub(super) fn shown(&self) -> String {
        format!("{} of {}", sanitize_line(&self.name), self.opened.date())
    }
}

/// Returns what a change means for plans, requirements, launches and files of the product, in the order
/// in which that is told.
pub fn impact(input: &Input<'_>, reached: &Reached<'_>, known: &Known<'_>) -> Vec<Impact> {
    let mut out = Vec::new();
    let scopes = &reached.scopes;
    for scope in scopes {
        plans(input, scope, known, &mut out);
        boards::impact(input, scope, &mut out);
        requirements(scope, &mut out);
        if let Some(ran) = known.ran.get(&scope.before.folder) {
            results::impact(scope, ran, &mut out);
        }
    }
    product::impact(scopes, &known.product, &mut out);
    // What is of no one thing is told after what is. Within a group the order is that of weight.
    out.sort_by_key(|one| (one.reach, one.of.is_empty(), one.project.clone()));
    out.dedup();
    out
}

fn owned(ids: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    ids.sort();
    ids
}

pub(super) fn place(path: &str, side: Side) -> Option<Place> {
    let path = path.to_owned();
    Some(Place {
        path,
        line: 1,
        side,
    })
}

/// Plans that select what changed, and open launches that were planned with it.
fn plans(input: &Input<'_>, scope: &Scope<'_>, known: &Known<'_>, out: &mut Vec<Impact>) {
    let mut open: Vec<&OpenLaunch> = known.open.iter().collect();
    open.retain(|one| one.project == scope.after.folder);
    open.sort_by(|one, other| one.id.cmp(&other.id));
    let is_other = |id: &&str| scope.cases.get(id).is_some_and(|one| one.is_other());
    let others: BTreeSet<&str> = scope.cases.keys().copied().filter(is_other).collect();
    let context = Context {
        now: input.now,
        user: None,
    };
    let past = input.past.get(&scope.after.folder);
    if !others.is_empty() && !scope.after.plans.is_empty() {
        let set = CaseSet::new(scope.after, input.now);
        let chosen = Chosen::new(&set, &others, past);
        for doc in &scope.after.plans {
            let Ok(plan) = ready(scope.after, &doc.value, &context) else {
                continue;
            };
            let ids = chosen.of(&plan);
            if ids.is_empty() {
                continue;
            }
            let sentence = format!(
                "plan {} selects {}, which changed",
                sanitize_line(&doc.value.id),
                some(&ids)
            );
            out.push(Impact {
                reach: Reach::Plan,
                project: scope.name.to_owned(),
                of: doc.value.id.clone(),
                sentence,
                cases: owned(&ids),
                place: place(&doc.path, Side::Head),
            });
        }
    }
    if open.is_empty() {
        return;
    }
    // What a launch was planned with is what the plan selected of the base.
    let meant = scope.cases.iter();
    let meant = meant.filter(|(_, one)| one.weight == Weight::Meaning && one.before.is_some());
    let was = |(id, one): (&&'_ str, _)| -> Option<(String, String)> {
        let one: &Touched<'_> = one;
        Some((one.before?.value.id.clone(), (*id).to_owned()))
    };
    let today: BTreeMap<String, String> = meant.filter_map(was).collect();
    let set = CaseSet::new(scope.before, input.now);
    let then = Chosen::new(&set, &today.keys().map(String::as_str).collect(), past);
    for launch in open {
        out.extend(planned(scope, launch, (&then, &today), &context));
    }
}

/// Says what an open launch has of what changed.
fn planned(
    scope: &Scope<'_>,
    launch: &OpenLaunch,
    (then, today): (&Chosen<'_>, &BTreeMap<String, String>),
    context: &Context,
) -> Option<Impact> {
    let ids = today.iter();
    let done: Vec<&str> = ids
        .filter(|(was, is)| launch.cases.contains(*was) || launch.cases.contains(*is))
        .map(|(_, is)| is.as_str())
        .collect();
    let mut parts = Vec::new();
    let mut cases: BTreeSet<&str> = done.iter().copied().collect();
    if !done.is_empty() {
        let (they, read) = match done.len() {
            1 => ("it", "read"),
            _ => ("they", "read"),
        };
        parts.push(format!(
            "has results of {} as {they} {read} before",
            some(&done)
        ));
    }
    if let Some(slug) = &launch.plan {
        let shown = sanitize_line(slug);
        let plan = scope.before.plan(slug);
        let plan = plan.and_then(|doc| ready(scope.before, &doc.value, context).ok());
        let left = plan.map_or_else(Vec::new, |plan| then.of(&plan));
        let left: Vec<&str> = left
            .into_iter()
            .filter_map(|was| today.get(was).map(String::as_str))
            .filter(|id| !cases.contains(id))
            .collect();
        if !left.is_empty() {
            parts.push(format!("was planned with {} ({shown})", some(&left)));
            cases.extend(left);
        }
        let moves = |kind| matches!(kind, Kind::PlanShrunk | Kind::PlanGrown | Kind::PlanRemoved);
        let mut items = scope.items.iter();
        let of_plan =
            items.find(|item| item.subject.noun == Noun::Plan && item.subject.id == *slug);
        match of_plan {
            Some(item)
                if item
                    .changes
                    .iter()
                    .any(|change| change.kind == Kind::PlanRemoved) =>
            {
                parts.push(format!("executes plan {shown}, which is gone"));
            }
            Some(item) if item.changes.iter().any(|change| moves(change.kind)) => {
                parts.push(format!(
                    "executes plan {shown}, which selects other cases now"
                ));
            }
            _ => {}
        }
    }
    if parts.is_empty() {
        return None;
    }
    Some(Impact {
        reach: Reach::OpenLaunch,
        project: scope.name.to_owned(),
        of: launch.id.clone(),
        sentence: format!("{} is open and {}", named(launch), parts.join(", and ")),
        cases: owned(&cases.into_iter().collect::<Vec<_>>()),
        place: None,
    })
}

fn named(launch: &OpenLaunch) -> String {
    match launch.name.as_str() {
        "" => sanitize_line(&launch.id),
        name => sanitize_line(name),
    }
}

/// Some cases of a project, to be asked which of them a plan selects.
struct Chosen<'s> {
    few: Vec<CaseSubject<'s>>,
    /// For plans that take only so many.
    all: Vec<CaseSubject<'s>>,
}

impl<'s> Chosen<'s> {
    fn new(set: &'s CaseSet<'_>, ids: &BTreeSet<&str>, past: Option<&'s Past>) -> Self {
        let all = match ids.is_empty() {
            true => Vec::new(),
            false => set.subjects(past),
        };
        let few = all.iter().filter(|one| ids.contains(one.case.id.as_str()));
        Self {
            few: few.copied().collect(),
            all,
        }
    }

    /// Returns the ids of those that a plan selects, sorted.
    fn of(&self, plan: &ReadyPlan<'_>) -> Vec<&'s str> {
        let queries = [&plan.query, &plan.saved, &plan.exclude_query];
        let mut queries = queries.into_iter().flatten();
        let asked = match queries.any(|query| query.is_limited()) {
            true => &self.all,
            false => &self.few,
        };
        let selected = select(plan, asked).selected.into_iter();
        let ids = selected.map(|(at, _)| asked[at].case.id.as_str());
        let few = || self.few.iter().map(|one| one.case.id.as_str());
        let chosen: BTreeSet<&str> = few().collect();
        let ids: BTreeSet<&str> = ids.filter(|id| chosen.contains(id)).collect();
        ids.into_iter().collect()
    }
}

/// Requirements that cases cover which mean something else now, or are gone.
fn requirements(scope: &Scope<'_>, out: &mut Vec<Impact>) {
    let is_meant = |one: &Touched<'_>| one.is_other() || one.is_gone();
    if !scope.cases.values().any(is_meant) {
        return;
    }
    let all: Vec<&Requirement> = scope.after.all_requirements().collect();
    let named = Named::new(all.iter().copied());
    let covered = |doc: &Doc<Case>| -> BTreeSet<String> {
        let links = doc
            .value
            .links
            .iter()
            .filter(|link| link.is_of("requirement"));
        let ids = links.filter_map(|link| {
            let written = || link.called().map(str::to_owned);
            named
                .of_link(link)
                .map(|one| one.id.clone())
                .or_else(written)
        });
        ids.collect()
    };
    let mut by_requirement: BTreeMap<String, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    for (id, touched) in scope.cases.iter().filter(|(_, one)| is_meant(one)) {
        let doc = touched.after.or(touched.before);
        for requirement in doc.map(covered).unwrap_or_default() {
            let (changed, gone) = by_requirement.entry(requirement).or_default();
            if touched.is_gone() { gone } else { changed }.push(*id);
        }
    }
    if by_requirement.is_empty() {
        return;
    }
    let mut covering: BTreeMap<String, usize> = BTreeMap::new();
    for requirement in scope.after.cases.iter().flat_map(covered) {
        if by_requirement.contains_key(&requirement) {
            *covering.entry(requirement).or_default() += 1;
        }
    }
    for (requirement, (changed, gone)) in by_requirement {
        let left = covering.get(&requirement).copied().unwrap_or(0);
        // That nothing covers it any more is said among the changes.
        if left == 0 {
            continue;
        }
        let shown = sanitize_line(&requirement);
        let others = match left - changed.len() {
            0 => "no other case".to_owned(),
            n => format!("{} that did not change", count(n as u64, "case")),
        };
        let mut sentence = match changed.is_empty() {
            true => format!("{shown} is covered by {others}"),
            false => format!(
                "{shown} is covered by {}, which changed, and by {others}",
                some(&changed)
            ),
        };
        if !gone.is_empty() {
            sentence.push_str(&format!(
                "; {} covered it, and {} gone",
                some(&gone),
                match gone.len() {
                    1 => "is",
                    _ => "are",
                }
            ));
        }
        let all: Vec<&str> = changed.into_iter().chain(gone).collect();
        let file = scope.after.requirements.iter();
        let file = file
            .into_iter()
            .find(|doc| doc.value.all.iter().any(|one| one.id == requirement));
        out.push(Impact {
            reach: Reach::Requirement,
            project: scope.name.to_owned(),
            of: requirement,
            sentence,
            cases: owned(&all),
            place: file.and_then(|doc| place(&doc.path, Side::Head)),
        });
    }
}
