//! What changed of plans: their text, and what they select.

use std::collections::BTreeMap;

use super::change::{Effect, Item, Notes, Noun, State, Subject};
use super::documents::{self, described, item};
use super::front::differing;
use super::kind::Kind;
use super::pair::by_id;
use super::project::Both;
use super::report::{Input, Review};
use super::unread::Unread;
use super::words::{arrow, some};
use crate::analysis::drift::{Cause, Drift, Side, drift};
use crate::analysis::plan::{ReadyPlan, select};
use crate::analysis::ready::{Wrong, ready};
use crate::analysis::subjects::{CaseSet, CaseSubject};
use crate::base::text::count;
use crate::model::Plan;
use crate::query::Context;
use crate::store::{Doc, Key, Project};

pub(super) const KEYS: [&str; 9] = [
    "name",
    "description",
    "query",
    "saved",
    "cases",
    "exclude",
    "exclude_query",
    "environments",
    "assignees",
];

/// Adds what changed of all plans, also of those whose text is as it was.
pub(super) fn all(input: &Input<'_>, both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    if both.before.plans.is_empty() && both.after.plans.is_empty() {
        return;
    }
    let context = Context {
        now: input.now,
        user: None,
    };
    let past = input.past.get(&both.after.folder);
    let (old, new) = (
        CaseSet::new(both.before, input.now),
        CaseSet::new(both.after, input.now),
    );
    let (old, new) = (old.subjects(past), new.subjects(past));
    let pairs = unread.without(by_id(&both.before.plans, &both.after.plans, |plan| {
        &plan.id
    }));
    for doc in &pairs.come {
        let mut notes = Notes::new(None, Some((&doc.path, &doc.text)));
        let what = match ready(both.after, &doc.value, &context) {
            Ok(plan) => format!(
                "is new: selects {}",
                count(select(&plan, &new).selected.len() as u64, "case")
            ),
            Err(wrong) => format!("is new, and {}", told(&wrong)),
        };
        notes.say(Kind::PlanAdded, Effect::Strengthens, what);
        out.items.push(item(
            subject(both, doc),
            State::Added,
            &doc.path,
            None,
            notes,
        ));
    }
    for doc in &pairs.gone {
        let mut notes = Notes::new(Some((&doc.path, &doc.text)), None);
        let what = match ready(both.before, &doc.value, &context) {
            Ok(plan) => format!(
                "is gone: it selected {}",
                count(select(&plan, &old).selected.len() as u64, "case")
            ),
            Err(_) => "is gone".to_owned(),
        };
        notes.say(Kind::PlanRemoved, Effect::Weakens, what);
        out.items.push(item(
            subject(both, doc),
            State::Removed,
            &doc.path,
            None,
            notes,
        ));
    }
    for (before, after) in &pairs.both {
        let plans = (
            ready(both.before, &before.value, &context),
            ready(both.after, &after.value, &context),
        );
        out.items.extend(one(
            both,
            (before, after),
            plans,
            (&old, &new),
            &mut out.editorial,
        ));
    }
}

fn subject(both: &Both<'_>, doc: &Doc<Plan>) -> Subject {
    Subject {
        project: both.name.to_owned(),
        noun: Noun::Plan,
        id: doc.value.id.clone(),
        title: doc.value.name.clone(),
    }
}

fn told(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Query { problems, .. } => {
            let why = problems
                .first()
                .map_or("", |problem| problem.message.as_str());
            format!("can't be asked: {why}")
        }
        Wrong::NoSaved { saved, .. } => {
            format!("can't be asked: there is no saved query `{saved}`")
        }
        Wrong::NotOfCases { saved, of, .. } => {
            format!("can't be asked: `{saved}` asks for {}", of.as_str())
        }
    }
}

fn one<'a>(
    both: &Both<'_>,
    (before, after): (&Doc<Plan>, &Doc<Plan>),
    plans: (Result<ReadyPlan<'a>, Wrong>, Result<ReadyPlan<'a>, Wrong>),
    cases: (&[CaseSubject<'_>], &[CaseSubject<'_>]),
    editorial: &mut Vec<String>,
) -> Option<Item> {
    let mut notes = documents::both(before, after);
    let asks_otherwise = text(both.before, &before.value) != text(both.after, &after.value);
    match plans {
        (Ok(was), Ok(is)) => {
            let side = |plan, cases| Side {
                plan: Some(plan),
                cases,
            };
            let found = drift(&side(&was, cases.0), &side(&is, cases.1), !asks_otherwise);
            selection(&mut notes, after, &found, asks_otherwise);
        }
        (was, Err(wrong)) => {
            let effect = if was.is_ok() {
                Effect::Weakens
            } else {
                Effect::Changes
            };
            if was.is_ok() || asks_otherwise {
                notes.say(Kind::Unreadable, effect, told(&wrong));
            }
        }
        (Err(_), Ok(_)) => {
            notes.say(Kind::Readable, Effect::Changes, "can be asked again");
        }
    }
    texts(&mut notes, before, after);
    documents::others(&mut notes, before, after, &KEYS, &|_| {
        (Kind::Other, Effect::Changes)
    });
    if notes.is_empty() {
        if before.text != after.text {
            editorial.push(after.path.clone());
        }
        return None;
    }
    let was = (before.path != after.path).then_some(before.path.as_str());
    Some(item(
        subject(both, after),
        State::Changed,
        &after.path,
        was,
        notes,
    ))
}

/// What a plan asks for: its own text, and the saved query's.
fn text<'a>(project: &'a Project, plan: &'a Plan) -> impl PartialEq + 'a {
    let saved = plan
        .saved
        .as_deref()
        .and_then(|saved| project.saved_query(saved));
    let words =
        |query: Option<&'a str>| query.map(|query| query.split_whitespace().collect::<Vec<_>>());
    let mut lists = (plan.cases.clone(), plan.exclude.clone());
    lists.0.sort();
    lists.1.sort();
    (
        words(plan.query.as_deref()),
        words(saved.map(|doc| doc.value.query.as_str())),
        words(plan.exclude_query.as_deref()),
        lists,
    )
}

fn selection(notes: &mut Notes<'_>, after: &Doc<Plan>, found: &Drift, asks_otherwise: bool) {
    let key = ["query", "saved", "cases", "exclude", "exclude_query"]
        .iter()
        .find_map(|key| after.key_span(&[Key::from(*key)]));
    let groups = |pairs: &[(String, Cause)]| {
        let mut groups: BTreeMap<Cause, Vec<String>> = BTreeMap::new();
        for (id, cause) in pairs {
            groups.entry(*cause).or_default().push(id.clone());
        }
        groups
    };
    let now = found.kept + found.added.len();
    for (cause, ids) in groups(&found.removed) {
        let sentence = format!(
            "no longer selects {}: {} ({} now)",
            some(&ids),
            because(cause, ids.len()),
            count(now as u64, "case")
        );
        notes
            .say(Kind::PlanShrunk, Effect::Weakens, sentence)
            .now(key);
    }
    for (cause, ids) in groups(&found.added) {
        let sentence = format!(
            "selects {} too: {} ({} now)",
            some(&ids),
            because(cause, ids.len()),
            count(now as u64, "case")
        );
        notes
            .say(Kind::PlanGrown, Effect::Strengthens, sentence)
            .now(key);
    }
    if asks_otherwise && found.added.is_empty() && found.removed.is_empty() {
        let sentence = format!(
            "asks otherwise, and selects the same {}",
            count(now as u64, "case")
        );
        notes
            .say(Kind::PlanText, Effect::Changes, sentence)
            .now(key);
    }
}

fn because(cause: Cause, n: usize) -> &'static str {
    match (cause, n == 1) {
        (Cause::Plan, _) => "the plan asks otherwise",
        (Cause::Case, true) => "the case changed",
        (Cause::Case, false) => "the cases changed",
        (Cause::New, true) => "the case is new",
        (Cause::New, false) => "the cases are new",
        (Cause::Gone, true) => "the case is gone",
        (Cause::Gone, false) => "the cases are gone",
        (Cause::Both, _) => "plan and cases changed",
        (Cause::Elsewhere, _) => "a mute made it",
    }
}

fn texts(notes: &mut Notes<'_>, before: &Doc<Plan>, after: &Doc<Plan>) {
    let (was, is) = (&before.value, &after.value);
    let mut say = |kind, effect, key: &str, sentence: String| {
        notes.say(kind, effect, sentence).at_key(before, after, key);
    };
    if was.name != is.name {
        say(
            Kind::Title,
            Effect::Changes,
            "name",
            format!("has another name: {}", arrow(&was.name, &is.name)),
        );
    }
    let environments = |plan: &Plan| -> Vec<String> {
        let of = |environment: &crate::model::OrderedMap<String>| {
            let mut pairs: Vec<String> = environment
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            pairs.sort();
            pairs.join(" ")
        };
        plan.environments.iter().map(of).collect()
    };
    let (old, new) = (environments(was), environments(is));
    let (gone, come) = differing(&old, &new);
    if !gone.is_empty() {
        say(
            Kind::Environments,
            Effect::Weakens,
            "environments",
            format!("is no longer to run in {}", some(&gone)),
        );
    }
    if !come.is_empty() {
        say(
            Kind::Environments,
            Effect::Strengthens,
            "environments",
            format!("is to run in {}", some(&come)),
        );
    }
    let (gone, come) = differing(&was.assignees, &is.assignees);
    let sentence = match (gone.is_empty(), come.is_empty()) {
        (true, true) => None,
        (true, false) => Some(format!("is for {} too", some(&come))),
        (false, true) => Some(format!("is no longer for {}", some(&gone))),
        (false, false) => Some(format!(
            "is for {}, and no longer for {}",
            some(&come),
            some(&gone)
        )),
    };
    if let Some(sentence) = sentence {
        say(Kind::Assignees, Effect::Changes, "assignees", sentence);
    }
    described(notes, after, &was.description, &is.description);
}
