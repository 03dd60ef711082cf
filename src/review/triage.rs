//! What changed in defects and mutes.

use super::change::{Effect, Notes};
use super::front::differing;
use super::kind::Kind;
use super::words::{arrow, quote, some};
use crate::analysis::meaning::is_same;
use crate::base::text::{count, ticked};
use crate::base::time::Date;
use crate::model::{Defect, DefectState, Matcher, Mute};
use crate::store::Doc;

pub(super) const DEFECT_KEYS: [&str; 6] = ["id", "title", "status", "owner", "links", "matchers"];
pub(super) const MUTE_KEYS: [&str; 8] = [
    "id", "reason", "owner", "until", "cases", "selector", "query", "links",
];

/// Says what is new of a defect that wasn't there.
pub(super) fn defect_added(notes: &mut Notes<'_>, defect: &Defect) {
    let matchers = match defect.matchers.as_slice() {
        [] => "no matcher, so no failure is linked to it by itself".to_owned(),
        [only] => format!("takes failures as known: {}", described(only)),
        [first, more @ ..] => format!(
            "takes failures as known: {} and {} more",
            described(first),
            count(more.len() as u64, "matcher")
        ),
    };
    let closed = if defect.status == DefectState::Closed {
        "closed, "
    } else {
        ""
    };
    notes.say(
        Kind::DefectAdded,
        Effect::Changes,
        format!("is new: {closed}{matchers}"),
    );
}

pub(super) fn defect_removed(notes: &mut Notes<'_>, defect: &Defect) {
    let what = match defect.status {
        DefectState::Open => "is gone: its failures are unresolved again",
        DefectState::Closed => "is gone, and was closed: its return is no longer noticed",
    };
    let effect = if defect.status == DefectState::Open {
        Effect::Strengthens
    } else {
        Effect::Weakens
    };
    notes.say(Kind::DefectRemoved, effect, what);
}

/// Says what changed of a defect, its text apart.
pub(super) fn defect(notes: &mut Notes<'_>, before: &Doc<Defect>, after: &Doc<Defect>) {
    let (was, is) = (&before.value, &after.value);
    let mut say = |kind, effect, key: &str, sentence: String| {
        notes.say(kind, effect, sentence).at_key(before, after, key);
    };
    if !is_same(&was.title, &is.title) {
        say(
            Kind::Title,
            Effect::Changes,
            "title",
            format!("has another title: {}", arrow(&was.title, &is.title)),
        );
    }
    match (was.status, is.status) {
        (DefectState::Open, DefectState::Closed) => say(
            Kind::DefectClosed,
            Effect::Changes,
            "status",
            "is closed now: failures that it matches count as its return".to_owned(),
        ),
        (DefectState::Closed, DefectState::Open) => say(
            Kind::DefectReopened,
            Effect::Changes,
            "status",
            "is open again: failures that it matches are known".to_owned(),
        ),
        _ => {}
    }
    if was.owner != is.owner {
        let name = |owner: &Option<String>| owner.clone().unwrap_or_else(|| "nobody".to_owned());
        say(
            Kind::Owner,
            Effect::Changes,
            "owner",
            format!(
                "has another owner: {} → {}",
                name(&was.owner),
                name(&is.owner)
            ),
        );
    }
    let (gone, come) = differing(&was.matchers, &is.matchers);
    if let ([old], [new]) = (gone.as_slice(), come.as_slice()) {
        let effect = if widens(old, new) {
            Effect::Weakens
        } else if widens(new, old) {
            Effect::Strengthens
        } else {
            Effect::Changes
        };
        let kind = if effect == Effect::Strengthens {
            Kind::MatcherRemoved
        } else {
            Kind::MatcherAdded
        };
        say(
            kind,
            effect,
            "matchers",
            format!(
                "matches other failures: {} → {}",
                described(old),
                described(new)
            ),
        );
    } else {
        for matcher in gone {
            say(
                Kind::MatcherRemoved,
                Effect::Strengthens,
                "matchers",
                format!(
                    "no longer takes failures as known by {}",
                    described(matcher)
                ),
            );
        }
        for matcher in come {
            say(
                Kind::MatcherAdded,
                Effect::Weakens,
                "matchers",
                format!("takes more failures as known, by {}", described(matcher)),
            );
        }
    }
    if was.links != is.links {
        say(
            Kind::Links,
            Effect::Changes,
            "links",
            "has other links".to_owned(),
        );
    }
}

/// Whether all that one matcher asks is asked by the other too, and less of it.
fn widens(old: &Matcher, new: &Matcher) -> bool {
    let texts = |one: &Matcher| {
        [
            one.message.clone(),
            one.trace.clone(),
            one.full_name.clone(),
        ]
    };
    let fewer = texts(old)
        .iter()
        .zip(&texts(new))
        .all(|(old, new)| new.is_none() || new == old);
    let statuses = new.status.is_empty()
        || (!old.status.is_empty() && old.status.iter().all(|one| new.status.contains(one)));
    let environment = new
        .environment
        .iter()
        .all(|(name, value)| old.environment.get(name) == Some(value));
    let labels = new
        .labels
        .iter()
        .all(|(name, values)| old.labels.get(name) == Some(values));
    fewer && statuses && environment && labels && old != new
}

/// Returns a matcher's conditions in one line.
fn described(matcher: &Matcher) -> String {
    let texts = [
        ("message", &matcher.message),
        ("trace", &matcher.trace),
        ("full name", &matcher.full_name),
    ];
    let mut parts: Vec<String> = texts
        .into_iter()
        .filter_map(|(name, text)| text.as_ref().map(|text| format!("{name} {}", quote(text))))
        .collect();
    if !matcher.status.is_empty() {
        let statuses: Vec<&str> = matcher
            .status
            .iter()
            .map(|status| status.as_str())
            .collect();
        parts.push(format!("status {}", ticked(&statuses, "or")));
    }
    parts.extend(
        matcher
            .environment
            .iter()
            .map(|(name, value)| format!("`{name}` {}", quote(value))),
    );
    parts.extend(
        matcher
            .labels
            .iter()
            .map(|(name, values)| format!("label `{name}` {}", quote(&values.join(", ")))),
    );
    if parts.is_empty() {
        "any failure".to_owned()
    } else {
        parts.join(", ")
    }
}

fn covered(mute: &Mute) -> String {
    let mut parts = Vec::new();
    if !mute.cases.is_empty() {
        parts.push(some(&mute.cases));
    }
    parts.extend(mute.selector.as_ref().map(|selector| quote(selector)));
    parts.extend(
        mute.query
            .as_ref()
            .map(|query| format!("all results with {}", quote(query))),
    );
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", ")
    }
}

fn until(date: Option<Date>) -> String {
    date.map_or_else(
        || "without an end".to_owned(),
        |date| format!("until {date}"),
    )
}

pub(super) fn mute_added(notes: &mut Notes<'_>, mute: &Mute) {
    let sentence = format!(
        "excludes failures of {} {}: {}",
        covered(mute),
        until(mute.until),
        quote(&mute.reason)
    );
    notes.say(Kind::MuteAdded, Effect::Weakens, sentence);
}

pub(super) fn mute_removed(notes: &mut Notes<'_>, mute: &Mute) {
    let sentence = format!("is gone: failures of {} count again", covered(mute));
    notes.say(Kind::MuteRemoved, Effect::Strengthens, sentence);
}

pub(super) fn mute(notes: &mut Notes<'_>, before: &Doc<Mute>, after: &Doc<Mute>) {
    let (was, is) = (&before.value, &after.value);
    let mut say = |kind, effect, key: &str, sentence: String| {
        notes.say(kind, effect, sentence).at_key(before, after, key);
    };
    if was.until != is.until {
        let longer = match (was.until, is.until) {
            (Some(old), Some(new)) => new > old,
            (_, new) => new.is_none(),
        };
        let (kind, effect, what) = if longer {
            (Kind::MuteWidened, Effect::Weakens, "longer")
        } else {
            (
                Kind::MuteNarrowed,
                Effect::Strengthens,
                "for a shorter time",
            )
        };
        say(
            kind,
            effect,
            "until",
            format!("holds {what}: {} → {}", until(was.until), until(is.until)),
        );
    }
    let (gone, come) = differing(&was.cases, &is.cases);
    if !come.is_empty() {
        say(
            Kind::MuteWidened,
            Effect::Weakens,
            "cases",
            format!("excludes failures of {} too", some(&come)),
        );
    }
    if !gone.is_empty() {
        say(
            Kind::MuteNarrowed,
            Effect::Strengthens,
            "cases",
            format!("counts failures of {} again", some(&gone)),
        );
    }
    for (key, old, new) in [
        ("selector", &was.selector, &is.selector),
        ("query", &was.query, &is.query),
    ] {
        let covered = |text: &str| match key {
            "query" => format!("all results with {}", quote(text)),
            _ => quote(text),
        };
        let (kind, effect, sentence) = match (old, new) {
            (None, Some(new)) => (
                Kind::MuteWidened,
                Effect::Weakens,
                format!("excludes failures of {} too", covered(new)),
            ),
            (Some(old), None) => (
                Kind::MuteNarrowed,
                Effect::Strengthens,
                format!("counts failures of {} again", covered(old)),
            ),
            (Some(old), Some(new)) if old != new => (
                Kind::MuteChanged,
                Effect::Weakens,
                format!("excludes other failures: {}", arrow(old, new)),
            ),
            _ => continue,
        };
        say(kind, effect, key, sentence);
    }
    if !is_same(&was.reason, &is.reason) {
        say(
            Kind::MuteChanged,
            Effect::Changes,
            "reason",
            format!("has another reason: {}", arrow(&was.reason, &is.reason)),
        );
    }
    if was.owner != is.owner {
        say(
            Kind::Owner,
            Effect::Changes,
            "owner",
            format!("has another owner: {} → {}", was.owner, is.owner),
        );
    }
    if was.links != is.links {
        say(
            Kind::Links,
            Effect::Changes,
            "links",
            "has other links".to_owned(),
        );
    }
}
