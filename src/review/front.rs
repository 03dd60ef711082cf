//! What changed in a case's front matter.

use super::change::{Effect, Notes};
use super::kind::Kind;
use super::words::{arrow, quote, some};
use crate::analysis::meaning;
use crate::base::text::ticked;
use crate::model::{Case, Combine, Execution, Link, OrderedMap};
use crate::store::Doc;

/// Both sides of a case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cases<'a> {
    pub(super) before: &'a Doc<Case>,
    pub(super) after: &'a Doc<Case>,
}

impl Cases<'_> {
    /// Says a change of one value, at its key.
    fn say(&self, notes: &mut Notes<'_>, kind: Kind, effect: Effect, key: &str, sentence: String) {
        let said = notes.say(kind, effect, sentence);
        said.at_key(self.before, self.after, key);
    }
}

/// Says what changed in the front matter. `workflow` has the project's states.
pub(super) fn front(notes: &mut Notes<'_>, cases: &Cases<'_>, workflow: &[String]) {
    let (was, is) = (&cases.before.value, &cases.after.value);
    identity(notes, cases);
    if !meaning::is_same(&was.title, &is.title) {
        let sentence = format!("has another title: {}", arrow(&was.title, &is.title));
        cases.say(notes, Kind::Title, Effect::Changes, "title", sentence);
    }
    match (was.execution, is.execution) {
        (Execution::Manual, Execution::Automated) => {
            let sentence = "is automated now, and was manual".to_owned();
            cases.say(
                notes,
                Kind::Execution,
                Effect::Strengthens,
                "execution",
                sentence,
            );
        }
        (Execution::Automated, Execution::Manual) => {
            let sentence = "is manual now, and was automated".to_owned();
            cases.say(
                notes,
                Kind::Execution,
                Effect::Weakens,
                "execution",
                sentence,
            );
        }
        _ => {}
    }
    state(notes, cases, workflow);
    optional(
        notes,
        cases,
        Kind::Layer,
        "layer",
        (was.layer.as_deref(), is.layer.as_deref()),
    );
    if was.severity != is.severity {
        let lowered = is.severity > was.severity;
        let effect = if lowered {
            Effect::Weakens
        } else {
            Effect::Strengthens
        };
        let sentence = format!(
            "has a {} severity: {} → {}",
            if lowered { "lower" } else { "higher" },
            was.severity.as_str(),
            is.severity.as_str()
        );
        cases.say(notes, Kind::Severity, effect, "severity", sentence);
    }
    optional(
        notes,
        cases,
        Kind::Owner,
        "owner",
        (was.owner.as_deref(), is.owner.as_deref()),
    );
    lists(notes, cases);
    links(notes, cases);
    parameters(notes, cases);
}

/// Keys that have a sentence of their own; all others are compared as they stand.
pub(super) const KEYS: [&str; 15] = [
    "id",
    "aliases",
    "title",
    "execution",
    "status",
    "layer",
    "severity",
    "owner",
    "tags",
    "fields",
    "links",
    "automation",
    "relations",
    "parameters",
    "combine",
];

fn identity(notes: &mut Notes<'_>, cases: &Cases<'_>) {
    let (was, is) = (&cases.before.value, &cases.after.value);
    if was.id != is.id {
        let kept = is.aliases.contains(&was.id);
        let (effect, what) = if kept {
            (Effect::Changes, "its history goes on by the alias")
        } else {
            (Effect::Weakens, "no alias keeps its history")
        };
        let sentence = format!("has another id: {} → {}, and {what}", was.id, is.id);
        cases.say(notes, Kind::CaseId, effect, "id", sentence);
    }
    let (gone, mut come) = differing(&was.aliases, &is.aliases);
    come.retain(|alias| **alias != was.id);
    if !gone.is_empty() {
        let sentence = format!(
            "no longer goes by {}: results under it are lost to its history",
            ticked(&gone, "and")
        );
        cases.say(notes, Kind::Aliases, Effect::Weakens, "aliases", sentence);
    }
    if !come.is_empty() {
        let sentence = format!("goes by {} as well", ticked(&come, "and"));
        cases.say(notes, Kind::Aliases, Effect::Changes, "aliases", sentence);
    }
}

/// Moves between states; only `active` cases are in use.
fn state(notes: &mut Notes<'_>, cases: &Cases<'_>, workflow: &[String]) {
    let (was, is) = (&cases.before.value.status, &cases.after.value.status);
    if was == is {
        return;
    }
    let is_active = |state: &str| match workflow.iter().any(|one| one == "active") {
        true => state == "active",
        // A workflow of other words: its last state but one of the outdated is the one in use.
        false => workflow
            .iter()
            .rev()
            .find(|one| *one != "outdated")
            .is_some_and(|one| one == state),
    };
    let effect = match (is_active(was), is_active(is)) {
        (true, false) => Effect::Weakens,
        (false, true) => Effect::Strengthens,
        _ => Effect::Changes,
    };
    cases.say(
        notes,
        Kind::Workflow,
        effect,
        "status",
        format!("its state is `{is}` now, and was `{was}`"),
    );
}

fn optional(
    notes: &mut Notes<'_>,
    cases: &Cases<'_>,
    kind: Kind,
    name: &str,
    values: (Option<&str>, Option<&str>),
) {
    let sentence = match values {
        (was, is) if was == is => return,
        (Some(was), Some(is)) => format!("has another {name}: {was} → {is}"),
        (None, Some(is)) => format!("has the {name} {is}, and had none"),
        (Some(was), None) => format!("has no {name} any more, and had {was}"),
        (None, None) => return,
    };
    cases.say(notes, kind, Effect::Changes, name, sentence);
}

fn lists(notes: &mut Notes<'_>, cases: &Cases<'_>) {
    let (was, is) = (&cases.before.value, &cases.after.value);
    let (gone, come) = differing(&was.tags, &is.tags);
    if let Some(what) = both("tag", &gone, &come) {
        cases.say(notes, Kind::Tags, Effect::Changes, "tags", what);
    }
    let names = was.fields.keys().chain(is.fields.keys());
    for name in distinct(names) {
        let (gone, come) = differing(was.fields.all(name), is.fields.all(name));
        let what = match (gone.as_slice(), come.as_slice()) {
            ([], []) => continue,
            ([], come) => format!("`{name}` is {} too", some(come)),
            (gone, []) => format!("`{name}` is no longer {}", some(gone)),
            (gone, come) => format!("`{name}` is {} now, and was {}", some(come), some(gone)),
        };
        cases.say(notes, Kind::Fields, Effect::Changes, "fields", what);
    }
    let (gone, come) = differing(&was.automation.selectors, &is.automation.selectors);
    if !gone.is_empty() {
        let sentence = format!("no longer claims the results of {}", ticked(&gone, "and"));
        cases.say(
            notes,
            Kind::Selectors,
            Effect::Weakens,
            "automation",
            sentence,
        );
    }
    if !come.is_empty() {
        let sentence = format!("claims the results of {}", ticked(&come, "and"));
        cases.say(
            notes,
            Kind::Selectors,
            Effect::Strengthens,
            "automation",
            sentence,
        );
    }
    let relation = |case: &Case| -> Vec<String> {
        case.relations
            .iter()
            .map(|one| format!("{} {}", one.kind, one.case))
            .collect()
    };
    let (before, after) = (relation(was), relation(is));
    let (gone, come) = differing(&before, &after);
    if let Some(what) = both("relation", &gone, &come) {
        cases.say(notes, Kind::Relations, Effect::Changes, "relations", what);
    }
}

fn links(notes: &mut Notes<'_>, cases: &Cases<'_>) {
    let (was, is) = (&cases.before.value.links, &cases.after.value.links);
    let of = |links: &[Link], wanted: bool| -> Vec<String> {
        let links = links
            .iter()
            .filter(|link| link.is_of("requirement") == wanted);
        links.map(named).collect()
    };
    let (before, after) = (of(was, true), of(is, true));
    let (gone, come) = differing(&before, &after);
    if !gone.is_empty() {
        let sentence = format!("no longer covers {}", some(&gone));
        cases.say(
            notes,
            Kind::RequirementUnlinked,
            Effect::Weakens,
            "links",
            sentence,
        );
    }
    if !come.is_empty() {
        let sentence = format!("covers {}", some(&come));
        cases.say(
            notes,
            Kind::RequirementLinked,
            Effect::Strengthens,
            "links",
            sentence,
        );
    }
    // What is linked, with its type and address.
    let whole = |links: &[Link]| -> Vec<String> {
        let links = links.iter().map(|link| {
            let kind = link.kind.as_deref().unwrap_or("link");
            match (&link.name, &link.url) {
                (Some(name), Some(url)) => format!("{kind} {name} ({url})"),
                _ => format!("{kind} {}", named(link)),
            }
        });
        links.collect()
    };
    let is_said = |text: &&&String| {
        let by_name = gone.iter().chain(&come);
        !by_name
            .into_iter()
            .any(|name| text.starts_with(&format!("requirement {name}")))
    };
    let (before, after) = (whole(was), whole(is));
    let (old, new) = differing(&before, &after);
    let old: Vec<&String> = old.iter().filter(is_said).copied().collect();
    let new: Vec<&String> = new.iter().filter(is_said).copied().collect();
    if let Some(what) = both("link", &old, &new) {
        cases.say(notes, Kind::Links, Effect::Changes, "links", what);
    }
}

fn named(link: &Link) -> String {
    link.called().unwrap_or_default().to_owned()
}

fn parameters(notes: &mut Notes<'_>, cases: &Cases<'_>) {
    let (was, is) = (&cases.before.value, &cases.after.value);
    let (old, new) = (&was.parameters, &is.parameters);
    for name in distinct(old.keys().chain(new.keys())) {
        let none = Vec::new();
        let (sentence, effect) = match (old.get(name), new.get(name)) {
            (Some(values), None) => (
                format!("no longer varies `{name}` ({})", values.join(", ")),
                Effect::Weakens,
            ),
            (None, Some(values)) => (
                format!("varies `{name}`: {}", values.join(", ")),
                Effect::Strengthens,
            ),
            (before, after) => {
                let (gone, come) = differing(before.unwrap_or(&none), after.unwrap_or(&none));
                let effect = if !gone.is_empty() {
                    Effect::Weakens
                } else {
                    Effect::Strengthens
                };
                match both(&format!("value of the parameter `{name}`"), &gone, &come) {
                    Some(what) => (what, effect),
                    None => continue,
                }
            }
        };
        cases.say(notes, Kind::Parameters, effect, "parameters", sentence);
    }
    if was.combine != is.combine {
        let effect = match rank(was.combine).cmp(&rank(is.combine)) {
            std::cmp::Ordering::Greater => Effect::Weakens,
            std::cmp::Ordering::Less => Effect::Strengthens,
            std::cmp::Ordering::Equal => Effect::Changes,
        };
        let sentence = format!(
            "combines its parameters otherwise: {} → {}",
            was.combine.as_str(),
            is.combine.as_str()
        );
        cases.say(notes, Kind::Parameters, effect, "combine", sentence);
    } else if is.combine != Combine::All && is_reordered(old, new) {
        let sentence = "puts other values of its parameters together".to_owned();
        cases.say(
            notes,
            Kind::Parameters,
            Effect::Changes,
            "parameters",
            sentence,
        );
    }
}

/// How many rows parameters make, roughly.
fn rank(combine: Combine) -> u8 {
    match combine {
        Combine::All => 2,
        Combine::Pairwise => 1,
        Combine::Each | Combine::Rows => 0,
    }
}

/// Whether the same values stand in another order, which pairs them with others.
fn is_reordered(old: &OrderedMap<Vec<String>>, new: &OrderedMap<Vec<String>>) -> bool {
    let together = old.keys().filter(|name| new.contains_key(name)).count();
    together > 1
        && old.iter().any(|(name, before)| {
            new.get(name).is_some_and(|after| {
                let (gone, come) = differing(before, after);
                gone.is_empty() && come.is_empty() && before != after
            })
        })
}

/// Returns what only the first list has, and what only the second has, once each.
pub(super) fn differing<'a, S: PartialEq>(
    before: &'a [S],
    after: &'a [S],
) -> (Vec<&'a S>, Vec<&'a S>) {
    let only = |one: &'a [S], other: &'a [S]| -> Vec<&'a S> {
        let mut out: Vec<&S> = Vec::new();
        for item in one {
            if !other.contains(item) && !out.contains(&item) {
                out.push(item);
            }
        }
        out
    };
    (only(before, after), only(after, before))
}

/// Says which items came and went: `has the tag smoke, and no longer slow`.
pub(super) fn both<S: AsRef<str>>(noun: &str, gone: &[&S], come: &[&S]) -> Option<String> {
    let names = |items: &[&S]| {
        let items: Vec<&str> = items.iter().map(|item| item.as_ref()).collect();
        some(&items)
    };
    let many = |items: &[&S]| match (items.len(), noun.split_once(' ')) {
        (1, _) => noun.to_owned(),
        (_, Some((first, rest))) => format!("{first}s {rest}"),
        (_, None) => format!("{noun}s"),
    };
    match (gone.is_empty(), come.is_empty()) {
        (true, true) => None,
        (true, false) => Some(format!("has the {} {}", many(come), names(come))),
        (false, true) => Some(format!("no longer has the {} {}", many(gone), names(gone))),
        (false, false) => Some(format!(
            "has the {} {}, and no longer {}",
            many(come),
            names(come),
            names(gone)
        )),
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut out = Vec::new();
    for name in names {
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// Says in one sentence what a new case brings.
pub(super) fn summary(case: &Case) -> String {
    let mut steps = 0u64;
    let mut expected = 0u64;
    count(&case.scenario.steps, &mut steps, &mut expected);
    let mut out = format!(
        "is new: {}, {}",
        case.execution.as_str(),
        crate::base::text::count(steps, "step")
    );
    if expected > 0 {
        out.push_str(&format!(
            ", {}",
            crate::base::text::count(expected, "expectation")
        ));
    }
    let requirements: Vec<String> = case
        .links
        .iter()
        .filter(|link| link.is_of("requirement"))
        .map(named)
        .collect();
    if !requirements.is_empty() {
        out.push_str(&format!("; covers {}", some(&requirements)));
    }
    if case.execution == Execution::Automated && !case.automation.selectors.is_empty() {
        out.push_str(&format!(
            "; claims {}",
            quote(&case.automation.selectors.join(", "))
        ));
    }
    out
}

fn count(steps: &[crate::model::ScenarioStep], all: &mut u64, expected: &mut u64) {
    for step in steps {
        *all += 1;
        *expected += u64::from(step.expected.is_some());
        count(&step.steps, all, expected);
    }
}
