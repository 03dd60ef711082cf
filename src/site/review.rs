//! A review → what templates see, and the page of one review that stands alone.

mod page;
mod pieces;
#[cfg(test)]
mod tests;

pub use page::review_page;

use self::pieces::texts;
use super::view::review::{
    Alarm, AlarmRow, ChangeView, ClosingRow, EffectGroup, ImpactGroup, ImpactRow, ItemView,
    ReviewView, ReviewerRow, SubjectName, Word,
};
use super::view::{Count, Fact, Link, Verdict};
use super::words;
use crate::base::Timestamp;
use crate::integrity::Violation;
use crate::review::{
    Brief, Change, Closing, Effect, Impact, Item, Noun, Place, Reach, Reviewer, Side, State,
    Subject,
};
use crate::site::texts::{count, counted, list, say, text, thousands};

/// Cases and subjects that are named in one line.
const NAMED: usize = 12;

/// How much is told, and what has a page to link to.
pub(crate) struct Telling<'a> {
    /// Subjects of one effect, violations and consequences of one kind that are shown; the rest is counted.
    pub(crate) most: usize,
    /// What to do about the rest, after its number.
    pub(crate) rest: &'a str,
    /// The page of a case, by project and id.
    pub(crate) case: &'a dyn Fn(&str, &str) -> Option<String>,
    /// The page of a closed launch, by project and id.
    pub(crate) launch: &'a dyn Fn(&str, &str) -> Option<String>,
}

impl Telling<'_> {
    /// Says how many are left out of a list; nothing where none is.
    fn more(&self, all: usize) -> String {
        match all.saturating_sub(self.most) {
            0 => String::new(),
            more => say!(self.rest, n = more),
        }
    }

    fn name(&self, subject: &Subject) -> SubjectName {
        let id = words::line(&subject.id);
        SubjectName {
            project: words::line(&subject.project),
            noun: say!(&format!("noun.{}", subject.noun.as_str().replace(' ', "-"))),
            title: Some(words::line(&subject.title))
                .filter(|title| *title != id)
                .unwrap_or_default(),
            href: match subject.noun {
                Noun::Case | Noun::Approvals => (self.case)(&subject.project, &subject.id),
                _ => None,
            },
            id,
        }
    }

    fn names(&self, subjects: &[Subject]) -> Vec<SubjectName> {
        subjects.iter().map(|subject| self.name(subject)).collect()
    }
}

/// Makes a review ready to print.
pub(crate) fn view(brief: &Brief, telling: &Telling<'_>) -> ReviewView {
    let review = &brief.review;
    let groups: Vec<EffectGroup> = Effect::ALL
        .into_iter()
        .filter_map(|effect| group(brief, effect, telling))
        .collect();
    let asked: &[Subject] = match brief.asks_approvals {
        true => &review.unreviewed,
        false => &[],
    };
    let shown = |n: usize| n.min(telling.most);
    let mut projects: Vec<&str> = review
        .items
        .iter()
        .map(|item| item.subject.project.as_str())
        .filter(|project| !project.is_empty())
        .collect();
    projects.sort_unstable();
    projects.dedup();
    ReviewView {
        verdict: verdict(brief),
        effects: effects(brief),
        beside: beside(brief, asked.len()),
        alarms: brief
            .violations()
            .map(|(title, found)| alarm(title, found))
            .collect(),
        closings: brief
            .closings
            .iter()
            .map(|closing| closing_row(closing, telling))
            .collect(),
        impact: Reach::ALL
            .into_iter()
            .filter_map(|reach| impact(brief, reach, telling))
            .collect(),
        reviewers: brief
            .reviewers
            .iter()
            .map(|reviewer| reviewer_row(reviewer, telling))
            .collect(),
        unreviewed: telling.names(&asked[..shown(asked.len())]),
        unreviewed_text: match asked.len() {
            0 => String::new(),
            n => format!("{}{}", count(n as u64, "case"), comma(telling.more(n))),
        },
        editorial: review
            .editorial
            .iter()
            .take(telling.most)
            .map(|path| words::line(path))
            .collect(),
        editorial_text: match review.editorial.len() {
            0 => String::new(),
            n => format!("{}{}", count(n as u64, "file"), comma(telling.more(n))),
        },
        many_projects: projects.len() > 1,
        is_empty: groups.is_empty() && brief.violations().next().is_none(),
        groups,
    }
}

fn comma(more: String) -> String {
    match more.is_empty() {
        true => more,
        false => say!("review.not-listed", more = more),
    }
}

/// The first that the verdict says leads, in large type; the counts say the rest. Nothing of what was
/// altered is left to the counts.
fn verdict(brief: &Brief) -> Verdict {
    let alarms = brief.violations().count();
    let worst = brief.review.items.iter().filter_map(Item::effect).min();
    let tone = match (alarms, worst) {
        (1.., _) => "blocked",
        (0, Some(effect)) => effect.as_str(),
        (0, None) => "empty",
    };
    let mut parts = brief.verdict.split("; ");
    let lead = words::sentence(parts.next().unwrap_or_default());
    let more: Vec<&str> = match (alarms, worst) {
        (0, Some(_)) => Vec::new(),
        // What no count beside it says.
        (0, None) => parts.collect(),
        (n, _) => parts.take(n.saturating_sub(1)).collect(),
    };
    Verdict {
        tone,
        lead,
        text: more.join("; "),
        detail: String::new(),
    }
}

fn effects(brief: &Brief) -> Vec<Count> {
    let one = |effect: Effect| {
        let n = brief.review.count(effect) as u64;
        Count {
            status: effect.as_str(),
            label: text(&format!("effect.{}", effect.as_str()), &[("n", n.into())]),
            n,
            text: thousands(n),
            href: (n > 0).then(|| format!("#{}", effect.as_str())),
        }
    };
    Effect::ALL.map(one).into()
}

/// What the counts of changes don't say, each with its place on the page.
fn beside(brief: &Brief, unreviewed: usize) -> Vec<Link> {
    let link = |n: usize, text: String, href: &str| {
        (n > 0).then(|| Link {
            text,
            href: Some(href.to_owned()),
            kind: String::new(),
        })
    };
    let (closed, editorial) = (brief.closings.len(), brief.review.editorial.len());
    let all = [
        link(
            closed,
            say!("review.closed", launches = counted(closed as u64, "launch")),
            "#closings",
        ),
        link(
            unreviewed,
            say!("review.cases-not-approved", n = unreviewed),
            "#unreviewed",
        ),
        link(
            editorial,
            say!(
                "review.files-in-wording-alone",
                files = counted(editorial as u64, "file")
            ),
            "#wording",
        ),
    ];
    all.into_iter().flatten().collect()
}

fn alarm(title: &str, found: &[Violation]) -> Alarm {
    let row = |violation: &Violation| AlarmRow {
        kind: violation.kind.as_str().to_owned(),
        message: sentence(&words::sentence(&words::line(&violation.message))),
        path: words::line(&violation.path),
        launch: violation
            .launch
            .as_deref()
            .map_or_else(String::new, words::line),
        commit: violation
            .commit
            .map_or_else(String::new, |commit| commit.short()),
    };
    Alarm {
        title: title.to_owned(),
        rows: found.iter().map(row).collect(),
    }
}

fn group(brief: &Brief, effect: Effect, telling: &Telling<'_>) -> Option<EffectGroup> {
    let n = brief.review.count(effect);
    let of = |item: &&Item| item.changes.iter().any(|change| change.effect == effect);
    let items: Vec<&Item> = brief.review.items.iter().filter(of).collect();
    (n > 0).then(|| EffectGroup {
        effect: effect.as_str(),
        title: say!(&format!("effect.title-{}", effect.as_str())),
        count_text: thousands(n as u64),
        more: telling.more(items.len()),
        items: items
            .iter()
            .take(telling.most)
            .enumerate()
            .map(|(number, item)| item_view(item, effect, number, telling))
            .collect(),
    })
}

fn item_view(item: &Item, effect: Effect, number: usize, telling: &Telling<'_>) -> ItemView {
    let changes = item.changes.iter();
    ItemView {
        anchor: format!("{}-{}", effect.as_str(), number + 1),
        subject: telling.name(&item.subject),
        state: match item.state {
            State::Added => say!("review.new"),
            State::Removed => say!("review.gone"),
            State::Changed => String::new(),
        },
        path: words::line(&item.path),
        was: item.was.as_deref().map_or_else(String::new, words::line),
        changes: changes
            .filter(|change| change.effect == effect)
            .map(|change| change_view(change, &item.path))
            .collect(),
        included: included(&item.included_by),
    }
}

fn included(ids: &[String]) -> String {
    let mut names: Vec<String> = ids.iter().take(NAMED).map(|id| words::line(id)).collect();
    match ids.len().saturating_sub(NAMED) {
        0 if names.is_empty() => return String::new(),
        0 => {}
        more => names.push(say!("project.more", n = more)),
    }
    say!(
        "review.included",
        n = ids.len(),
        names = list(&names, "list.and")
    )
}

fn change_view(change: &Change, path: &str) -> ChangeView {
    let (before, after) = texts(
        &change.sentence,
        change.before.as_deref(),
        change.after.as_deref(),
    );
    ChangeView {
        kind: change.kind.as_str(),
        sentence: sentence(&words::line(&change.sentence)),
        at: match change.place.path == path {
            true => say!("review.line", line = change.place.line.to_string()),
            false => place(&change.place),
        },
        place: place(&change.place),
        gone: change.place.side == Side::Base,
        before,
        after,
    }
}

/// Takes a sentence apart at its backticks, where each has its partner.
fn sentence(text: &str) -> Vec<Word> {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Word {
            code: false,
            text: text.to_owned(),
        }];
    }
    let word = |(number, text): (usize, &&str)| Word {
        code: number % 2 == 1,
        text: (*text).to_owned(),
    };
    let all = parts.iter().enumerate().map(word);
    all.filter(|word| !word.text.is_empty()).collect()
}

fn place(place: &Place) -> String {
    format!("{}:{}", words::line(&place.path), place.line)
}

fn closing_row(closing: &Closing, telling: &Telling<'_>) -> ClosingRow {
    let receipt = words::line(&closing.receipt);
    ClosingRow {
        project: words::line(&closing.project),
        name: words::line(&closing.name),
        id: words::line(&closing.launch),
        href: (telling.launch)(&closing.project, &closing.launch),
        tone: if closing.blocked { "blocked" } else { "ready" },
        verdict: words::sentence(&words::line(&closing.verdict)),
        receipt: Fact {
            label: "receipt".to_owned(),
            value: receipt
                .trim_start_matches("sha256:")
                .chars()
                .take(12)
                .collect(),
            title: receipt.clone(),
            mono: true,
            copy: Some(receipt),
            ..Fact::default()
        },
        closed: Timestamp::parse(&closing.closed).map(words::when),
        path: words::line(&closing.path),
    }
}

fn impact(brief: &Brief, reach: Reach, telling: &Telling<'_>) -> Option<ImpactGroup> {
    let all: Vec<&Impact> = brief
        .impact
        .iter()
        .filter(|one| one.reach == reach)
        .collect();
    let row = |one: &&Impact| {
        // What is about one case names it once, unless a second time leads to it.
        let leads = |id: &&String| (telling.case)(&one.project, id).is_some();
        let others = one.cases.as_slice() != [one.of.as_str()];
        let cases = one.cases.iter().take(NAMED);
        let cases = cases.filter(|id| others || leads(id));
        ImpactRow {
            project: words::line(&one.project),
            of: match one.sentence.contains(&one.of) {
                true => String::new(),
                false => words::line(&one.of),
            },
            sentence: sentence(&words::line(&one.sentence)),
            cases: cases
                .map(|id| Link {
                    text: words::line(id),
                    href: (telling.case)(&one.project, id),
                    kind: String::new(),
                })
                .collect(),
            more: more_than(one.cases.len(), NAMED),
            place: one.place.as_ref().map_or_else(String::new, place),
        }
    };
    (!all.is_empty()).then(|| ImpactGroup {
        title: reach_title(reach),
        rows: all.iter().take(telling.most).map(row).collect(),
        more: telling.more(all.len()),
    })
}

/// The heading of what a change reaches.
fn reach_title(reach: Reach) -> String {
    say!(match reach {
        Reach::OpenLaunch => "reach.open-launch",
        Reach::StaleResult => "reach.stale-result",
        Reach::LastResult => "reach.last-result",
        Reach::Plan => "reach.plan",
        Reach::Dashboard => "reach.dashboard",
        Reach::Requirement => "reach.requirement",
        Reach::Product => "reach.product",
    })
}

fn more_than(all: usize, shown: usize) -> String {
    match all.saturating_sub(shown) {
        0 => String::new(),
        more => say!("sheet.more", n = more),
    }
}

fn reviewer_row(reviewer: &Reviewer, telling: &Telling<'_>) -> ReviewerRow {
    let handle = reviewer.handle.as_deref();
    ReviewerRow {
        name: words::line(&reviewer.name),
        handle: handle.map_or_else(String::new, words::line),
        why: words::line(&reviewer.why),
        subjects: telling.names(&reviewer.subjects[..reviewer.subjects.len().min(NAMED)]),
        more: more_than(reviewer.subjects.len(), NAMED),
    }
}
