//! What changed in requirements and justified gaps.

use super::change::{Effect, Notes};
use super::kind::Kind;
use super::words::{arrow, described, quote};
use crate::analysis::meaning::is_same;
use crate::base::time::Date;
use crate::diag::Span;
use crate::model::{Gap, Requirement};

fn gap_text(gap: &Gap) -> String {
    let until = |date: Option<Date>| {
        date.map(|date| format!(" until {date}"))
            .unwrap_or_default()
    };
    format!("{} ({}{})", quote(&gap.reason), gap.by, until(gap.until))
}

/// Says that a requirement is new. `covered` is how many cases name it.
pub(super) fn added(
    notes: &mut Notes<'_>,
    requirement: &Requirement,
    covered: usize,
    at: Option<Span>,
) {
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
        .now(at)
        .texts(None, None);
}

pub(super) fn removed(notes: &mut Notes<'_>, covered: usize, at: Option<Span>) {
    let what = match covered {
        0 => "is gone".to_owned(),
        1 => "is gone, and 1 case still names it".to_owned(),
        n => format!("is gone, and {n} cases still name it"),
    };
    notes
        .say(Kind::RequirementRemoved, Effect::Weakens, what)
        .then(at)
        .texts(None, None);
}

pub(super) fn compare(
    notes: &mut Notes<'_>,
    was: &Requirement,
    is: &Requirement,
    at: (Option<Span>, Option<Span>),
) {
    let mut say = |kind, effect, sentence: String| {
        notes
            .say(kind, effect, sentence)
            .then(at.0)
            .now(at.1)
            .texts(None, None);
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
