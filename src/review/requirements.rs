//! What changed in requirements and justified gaps.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Effect, Notes, Noun, State, Subject};
use super::documents::{self, item};
use super::kind::Kind;
use super::project::Both;
use super::report::Review;
use super::words::{arrow, described, quote, some};
use super::{settings, unread};
use crate::analysis::meaning::is_same;
use crate::analysis::requirements::Named;
use crate::base::text::sanitize_line;
use crate::base::time::{Date, Period};
use crate::diag::Span;
use crate::model::{Gap, Requirement, Requirements};
use crate::store::{Doc, Key, Project};

fn gap_text(gap: &Gap) -> String {
    let until = |date: Option<Date>| {
        date.map(|date| format!(" until {date}"))
            .unwrap_or_default()
    };
    format!("{} ({}{})", quote(&gap.reason), gap.by, until(gap.until))
}

/// Says that a requirement is new. `covered` is how many cases name it.
fn added(notes: &mut Notes<'_>, requirement: &Requirement, covered: usize, at: Option<Span>) {
    let what = match (&requirement.gap, covered) {
        (Some(gap), _) => format!("is new, with a justified gap: {}", gap_text(gap)),
        (None, 0) => "is new, and no case covers it".to_owned(),
        (None, n) => format!(
            "is new, and {} it",
            if n == 1 {
                "1 case covers".to_owned()
            } else {
                format!("{n} cases cover")
            }
        ),
    };
    notes
        .say(Kind::RequirementAdded, Effect::Changes, what)
        .now(at);
}

fn removed(notes: &mut Notes<'_>, covered: usize, at: Option<Span>) {
    let what = match covered {
        0 => "is gone".to_owned(),
        1 => "is gone, and 1 case still names it".to_owned(),
        n => format!("is gone, and {n} cases still name it"),
    };
    notes
        .say(Kind::RequirementRemoved, Effect::Weakens, what)
        .then(at);
}

fn compare(
    notes: &mut Notes<'_>,
    was: &Requirement,
    is: &Requirement,
    at: (Option<Span>, Option<Span>),
) {
    let mut say = |kind, effect, sentence: String| {
        notes.say(kind, effect, sentence).then(at.0).now(at.1);
    };
    match (&was.gap, &is.gap) {
        (None, Some(gap)) => say(
            Kind::GapAdded,
            Effect::Weakens,
            format!("need not be covered: {}", gap_text(gap)),
        ),
        (Some(_), None) => say(
            Kind::GapRemoved,
            Effect::Strengthens,
            "has no justified gap any more".to_owned(),
        ),
        (Some(old), Some(new)) if old != new => {
            let longer = match (old.until, new.until) {
                (Some(old), Some(new)) => new > old,
                (old, new) => old.is_some() && new.is_none(),
            };
            let effect = if longer {
                Effect::Weakens
            } else {
                Effect::Changes
            };
            if (&old.by, old.until) != (&new.by, new.until) || !is_same(&old.reason, &new.reason) {
                say(
                    Kind::GapChanged,
                    effect,
                    format!(
                        "has its gap justified otherwise: {} → {}",
                        gap_text(old),
                        gap_text(new)
                    ),
                );
            }
        }
        _ => {}
    }
    let hours = |one: &Requirement| one.manual_valid_for.map(Period::hours);
    if hours(was) != hours(is) {
        let effect = match (hours(was), hours(is)) {
            (Some(was), Some(is)) if is > was => Effect::Weakens,
            (Some(_), Some(_)) => Effect::Strengthens,
            _ => Effect::Rules,
        };
        let shown = |one: &Requirement| match one.manual_valid_for {
            Some(period) => period.to_string(),
            None => "as long as the project says".to_owned(),
        };
        let sentence = format!(
            "takes manual results for another time: {} → {}",
            shown(was),
            shown(is)
        );
        say(Kind::Validity, effect, sentence);
    }
    if !is_same(&was.title, &is.title) {
        say(
            Kind::RequirementChanged,
            Effect::Changes,
            format!("has another title: {}", arrow(&was.title, &is.title)),
        );
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    if !is_same(&text(&was.description), &text(&is.description)) {
        say(
            Kind::RequirementChanged,
            Effect::Changes,
            described(&text(&was.description), &text(&is.description)),
        );
    }
    for (name, old, new) in [
        ("address", &was.url, &is.url),
        ("owner", &was.owner, &is.owner),
        ("parent", &was.parent, &is.parent),
    ] {
        if old != new {
            let sentence = match (old, new) {
                (Some(old), Some(new)) => format!("has another {name}: {old} → {new}"),
                (None, new) => format!("has the {name} {}", new.clone().unwrap_or_default()),
                (Some(old), None) => format!("no longer has the {name} {old}"),
            };
            say(Kind::RequirementChanged, Effect::Changes, sentence);
        }
    }
}

/// A requirement in its file.
#[derive(Clone, Copy)]
struct InFile<'a> {
    doc: &'a Doc<Requirements>,
    at: usize,
}

impl<'a> InFile<'a> {
    fn value(self) -> &'a Requirement {
        &self.doc.value.all[self.at]
    }

    fn side(self) -> (&'a str, &'a str) {
        (&self.doc.path, &self.doc.text)
    }

    /// Where its item stands; none where it is the whole file.
    fn span(self) -> Option<Span> {
        let keys = [Key::from("requirements"), Key::from(self.at)];
        self.doc
            .nearest_span(&keys)
            .filter(|_| self.doc.value.is_list)
    }
}

/// Adds what changed in all requirements of a project, and in what covers them.
pub(super) fn all(both: &Both<'_>, out: &mut Review) {
    let (old, new) = (in_files(both.before), in_files(both.after));
    let known: Vec<&Requirement> = new
        .values()
        .chain(old.values())
        .map(|one| one.value())
        .collect();
    let named = Named::new(known);
    let covered = (coverage(both.before, &named), coverage(both.after, &named));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut said = BTreeSet::new();
    for id in ids {
        let (was, is) = (old.get(id).copied(), new.get(id).copied());
        let Some(one) = is.or(was) else { continue };
        let mut notes = Notes::new(was.map(InFile::side), is.map(InFile::side));
        let cases = covered.1.get(id).map_or(0, BTreeSet::len);
        let state = match (was, is) {
            (None, _) => {
                added(&mut notes, one.value(), cases, one.span());
                State::Added
            }
            (_, None) => {
                removed(&mut notes, cases, one.span());
                State::Removed
            }
            (Some(was), Some(is)) => {
                compare(&mut notes, was.value(), is.value(), (was.span(), is.span()));
                if was.doc.path != is.doc.path {
                    let sentence = format!("stands in {} now", sanitize_line(&is.doc.path));
                    notes
                        .say(Kind::RequirementChanged, Effect::Changes, sentence)
                        .now(is.span());
                }
                covering(&mut notes, covered.0.get(id), covered.1.get(id), is.span());
                State::Changed
            }
        };
        if notes.is_empty() {
            continue;
        }
        said.extend(
            [was, is]
                .into_iter()
                .flatten()
                .map(|one| one.doc.path.as_str()),
        );
        let subject = Subject {
            project: both.name.to_owned(),
            noun: Noun::Requirement,
            id: one.value().id.clone(),
            title: one.value().title.clone(),
        };
        out.items
            .push(item(subject, state, &one.doc.path, None, notes));
    }
    rest(both, &said, out);
}

/// Keys of a requirement that have a sentence of their own.
const KEYS: [&str; 8] = [
    "id",
    "title",
    "url",
    "description",
    "owner",
    "parent",
    "gap",
    "manual_valid_for",
];

/// What files say beside the requirements that are known: keys that nobody knows, and requirements that
/// are there twice. Files that differ in nothing else differ in wording.
fn rest(both: &Both<'_>, said: &BTreeSet<&str>, out: &mut Review) {
    for after in &both.after.requirements {
        let mut olds = both.before.requirements.iter();
        let Some(before) = olds.find(|old| old.path == after.path && old.text != after.text) else {
            continue;
        };
        let all = settings::differing(before.yaml_text(), after.yaml_text()).unwrap_or_default();
        let of_list = after.value.is_list || before.value.is_list;
        let other = all.into_iter().filter(|one| {
            let keys: Vec<&str> = one.keys.iter().map(String::as_str).collect();
            match (of_list, keys.as_slice()) {
                (true, ["requirements", _]) => false,
                (true, ["requirements", _, key, ..]) | (false, [key, ..]) => !KEYS.contains(key),
                _ => !said.contains(after.path.as_str()),
            }
        });
        let mut notes = documents::both(before, after);
        for one in other {
            notes.say(
                Kind::Other,
                Effect::Changes,
                format!("`{}` {}", one.path(), one.what),
            );
        }
        if !notes.is_empty() {
            let subject = unread::file(&after.path);
            out.items
                .push(item(subject, State::Changed, &after.path, None, notes));
        } else if !said.contains(after.path.as_str()) {
            out.editorial.push(after.path.clone());
        }
    }
}

fn in_files(project: &Project) -> BTreeMap<String, InFile<'_>> {
    let mut out = BTreeMap::new();
    for doc in &project.requirements {
        for (at, requirement) in doc.value.all.iter().enumerate() {
            let id = requirement.id.to_lowercase();
            out.entry(id).or_insert(InFile { doc, at });
        }
    }
    out
}

/// Returns the ids of the cases that name each requirement, by its id in lower case.
fn coverage(project: &Project, named: &Named<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for case in project.cases.iter().map(|doc| &doc.value) {
        let links = case.links.iter().filter(|link| link.is_of("requirement"));
        for requirement in links.filter_map(|link| named.of_link(link)) {
            let cases = out.entry(requirement.id.to_lowercase()).or_default();
            cases.insert(case.id.clone());
        }
    }
    out
}

fn covering(
    notes: &mut Notes<'_>,
    before: Option<&BTreeSet<String>>,
    after: Option<&BTreeSet<String>>,
    at: Option<Span>,
) {
    let ids = |set: Option<&BTreeSet<String>>| -> Vec<String> {
        set.into_iter().flatten().cloned().collect()
    };
    let (was, is) = (ids(before), ids(after));
    match (was.is_empty(), is.is_empty()) {
        (false, true) => {
            let sentence = format!("has no case any more: {} covered it", some(&was));
            notes
                .say(Kind::CoverageLost, Effect::Weakens, sentence)
                .now(at);
        }
        (true, false) => {
            let verb = if is.len() == 1 { "covers" } else { "cover" };
            let sentence = format!("had no case, and {} {verb} it now", some(&is));
            notes
                .say(Kind::CoverageGained, Effect::Strengthens, sentence)
                .now(at);
        }
        _ => {}
    }
}
