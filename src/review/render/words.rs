//! What all outputs say alike: groups in their order, names of subjects, the mark of a verdict.

use crate::base::text::{count, line, list};
use crate::integrity::Violation;
use crate::review::{
    Brief, Change, Closing, Effect, Impact, Item, Reach, Reviewer, Side, State, Subject,
};

/// The longest name of a thing, title, path and sentence that is shown, in characters.
pub(super) const NAME: usize = 80;
pub(super) const TITLE: usize = 160;
pub(super) const PATH: usize = 240;
pub(super) const SENTENCE: usize = 600;

/// A list under a heading. The order of groups is that in which they are told.
#[derive(Clone, Debug)]
pub(super) enum Group<'a> {
    Violations(&'static str, &'a [Violation]),
    Changes(Effect, Vec<(&'a Item, &'a Change)>),
    Impact(Reach, Vec<&'a Impact>),
    Unapproved(&'a [Subject]),
    Closings(&'a [Closing]),
    Editorial(&'a [String]),
}

impl Group<'_> {
    pub(super) fn title(&self) -> &'static str {
        match self {
            Self::Violations(title, _) => title,
            Self::Changes(effect, _) => effect.title(),
            Self::Impact(reach, _) => reach.title(),
            Self::Unapproved(_) => "Not approved as they are now",
            Self::Closings(_) => "Launches that were closed",
            Self::Editorial(_) => "In wording alone",
        }
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Violations(_, all) => all.len(),
            Self::Changes(_, all) => all.len(),
            Self::Impact(_, all) => all.len(),
            Self::Unapproved(all) => all.len(),
            Self::Closings(all) => all.len(),
            Self::Editorial(all) => all.len(),
        }
    }
}

/// Returns what there is to tell: what was altered first, then by risk, what differs in wording alone last.
pub(super) fn groups(brief: &Brief) -> Vec<Group<'_>> {
    let violations = brief.violations();
    let mut out: Vec<Group<'_>> = violations
        .map(|(title, all)| Group::Violations(title, all))
        .collect();
    let changes = |effect| Group::Changes(effect, brief.review.of(effect).collect());
    out.extend([Effect::Weakens, Effect::Rules].map(changes));
    out.extend(Reach::ALL.map(|reach| {
        let of = brief.impact.iter().filter(|impact| impact.reach == reach);
        Group::Impact(reach, of.collect())
    }));
    out.extend([Effect::Changes, Effect::Strengthens].map(changes));
    if brief.asks_approvals {
        out.push(Group::Unapproved(&brief.review.unreviewed));
    }
    out.push(Group::Closings(&brief.closings));
    out.push(Group::Editorial(&brief.review.editorial));
    out.retain(|group| group.count() > 0);
    out
}

/// `✕` and its like: one mark for each verdict, told by its form, too.
pub(super) fn mark(brief: &Brief) -> &'static str {
    let has = |effect| brief.review.count(effect) > 0;
    if !brief.tampering.is_empty() || !brief.forbidden.is_empty() {
        "❌"
    } else if has(Effect::Weakens) {
        "⚠️"
    } else if has(Effect::Rules) || has(Effect::Changes) {
        "🔵"
    } else {
        "✅"
    }
}

/// Whether subjects are of several projects, so that each must be told with its own.
pub(super) fn spans_projects(brief: &Brief) -> bool {
    let items = brief.review.items.iter();
    let mut projects = items
        .map(|item| item.subject.project.as_str())
        .filter(|project| !project.is_empty());
    let first = projects.next();
    projects.any(|project| Some(project) != first)
}

/// Returns the verdict as a sentence of its own begins.
pub(super) fn verdict(brief: &Brief) -> String {
    let verdict = line(&brief.verdict, SENTENCE);
    let mut chars = verdict.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => verdict,
    }
}

/// Returns what something is called; a dash where it is called nothing.
pub(super) fn called(name: &str, max: usize) -> String {
    match line(name, max) {
        name if name.is_empty() => "—".to_owned(),
        name => name,
    }
}

pub(super) fn id(subject: &Subject) -> String {
    called(&subject.id, PATH)
}

/// Returns the title in quotation marks; empty where there is none.
pub(super) fn title(subject: &Subject) -> String {
    match line(&subject.title, TITLE) {
        title if title.is_empty() => title,
        title => format!("“{title}”"),
    }
}

/// `case SHOP-A “Sign in”`
pub(super) fn name(subject: &Subject) -> String {
    let name = format!(
        "{} {} {}",
        subject.noun.as_str(),
        id(subject),
        title(subject)
    );
    name.trim_end().to_owned()
}

/// Whether a change is seen in what is there no longer.
pub(super) fn is_past(item: &Item, change: &Change) -> bool {
    change.place.side == Side::Base || item.state == State::Removed
}

/// `included by SHOP-A and SHOP-B`; none where nothing includes it.
pub(super) fn included(item: &Item) -> Option<String> {
    let by = &item.included_by;
    (!by.is_empty()).then(|| format!("included by {}", some(by)))
}

/// Returns names, the first few of them: `A, B and 9 more`.
pub(super) fn some(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut out: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|id| called(id, NAME))
        .collect();
    if names.len() > SHOWN {
        out.push(format!("{} more", names.len() - SHOWN));
    }
    list(&out, "and")
}

/// `owns 12 cases that change: SHOP-A and SHOP-B`; what the reason names itself is not told again.
pub(super) fn why(reviewer: &Reviewer) -> String {
    let why = line(&reviewer.why, SENTENCE / 2);
    let mut ids: Vec<String> = reviewer.subjects.iter().map(|it| it.id.clone()).collect();
    if ids.iter().all(|id| names(&why, id)) {
        ids.clear();
    }
    match ids.is_empty() {
        true => why,
        false => format!("{why}: {}", some(&ids)),
    }
}

/// Whether a text has an id as a word of its own.
fn names(text: &str, id: &str) -> bool {
    let mut words = text.split(|c: char| c.is_whitespace() || c == ',');
    words.any(|word| word == id)
}

/// `SHOP/2026-11-22-nightly “Nightly”`
pub(super) fn launch(closing: &Closing) -> String {
    format!(
        "{}/{}",
        line(&closing.project, NAME),
        line(&closing.launch, NAME)
    )
}

/// Says how many cases a consequence is about, where its sentence does not name them.
pub(super) fn concerned(impact: &Impact) -> Option<String> {
    let said = impact
        .cases
        .iter()
        .all(|id| impact.of == *id || impact.sentence.contains(id.as_str()));
    match impact.cases.len() {
        _ if said => None,
        1..=4 => Some(some(&impact.cases)),
        n => Some(format!(
            "{}: {}",
            count(n as u64, "case"),
            some(&impact.cases)
        )),
    }
}
