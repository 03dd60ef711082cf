//! What templates see of a review: the same on the page of one review and in the site's Changes.

use serde::Serialize;

use super::{Count, Fact, Frame, Inline, Link, Verdict, When};

/// A review, ready to print.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReviewView {
    pub verdict: Verdict,
    /// Every effect with its number of changes, by risk.
    pub effects: Vec<Count>,
    /// What stands beside the counts: `2 launches closed`.
    pub beside: Vec<Link>,
    pub alarms: Vec<Alarm>,
    pub groups: Vec<EffectGroup>,
    pub closings: Vec<ClosingRow>,
    pub impact: Vec<ImpactGroup>,
    pub reviewers: Vec<ReviewerRow>,
    /// Cases that nobody approved as they are; empty where approvals are not asked for.
    pub unreviewed: Vec<SubjectName>,
    pub unreviewed_text: String,
    pub editorial: Vec<String>,
    pub editorial_text: String,
    /// Whether more than one project is spoken of.
    pub many_projects: bool,
    /// Whether there is anything to say at all.
    pub is_empty: bool,
}

/// What was done that nobody may do, under its heading.
#[derive(Clone, Debug, Serialize)]
pub struct Alarm {
    pub title: String,
    pub rows: Vec<AlarmRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AlarmRow {
    /// The kind's stable name.
    pub kind: String,
    pub message: Vec<Word>,
    pub path: String,
    pub launch: String,
    /// Abbreviated.
    pub commit: String,
}

/// All changes of one effect.
#[derive(Clone, Debug, Serialize)]
pub struct EffectGroup {
    /// The effect's name in JSON: also the class, the shape and the anchor.
    pub effect: &'static str,
    pub title: String,
    pub count_text: String,
    pub items: Vec<ItemView>,
    /// `and 200 more …` where not all are shown.
    pub more: String,
}

/// What changed of one subject, with one effect.
#[derive(Clone, Debug, Serialize)]
pub struct ItemView {
    /// The anchor on the page.
    pub anchor: String,
    pub subject: SubjectName,
    /// `added`, `removed`, or nothing.
    pub state: String,
    pub path: String,
    /// Where it was before it moved.
    pub was: String,
    pub changes: Vec<ChangeView>,
    /// Cases that include these shared steps: `SHOP-A, SHOP-B and 3 more include them`.
    pub included: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct SubjectName {
    /// Empty for the workspace.
    pub project: String,
    pub noun: String,
    pub id: String,
    pub title: String,
    pub href: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ChangeView {
    /// The kind's stable name.
    pub kind: &'static str,
    pub sentence: Vec<Word>,
    /// `projects/shop/cases/a.md:12`.
    pub place: String,
    /// `line 12`, with the file where that is not the item's.
    pub at: String,
    /// Whether the place is in the files as they were.
    pub gone: bool,
    /// The texts, where the sentence does not have them whole.
    pub before: Vec<Piece>,
    pub after: Vec<Piece>,
}

/// A part of a sentence: words, or what stands between backticks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Word {
    pub code: bool,
    pub text: String,
}

/// A part of a text that was compared with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Whether the other text lacks it.
    pub differs: bool,
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ClosingRow {
    pub project: String,
    pub name: String,
    pub id: String,
    pub href: Option<String>,
    /// `blocked` or `ready`, for colour and shape.
    pub tone: &'static str,
    pub verdict: String,
    pub receipt: Fact,
    pub closed: Option<When>,
    pub path: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ImpactGroup {
    pub title: String,
    pub rows: Vec<ImpactRow>,
    pub more: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ImpactRow {
    pub project: String,
    pub of: String,
    pub sentence: Vec<Word>,
    pub cases: Vec<Link>,
    /// `and 3 more` where `cases` is cut.
    pub more: String,
    pub place: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ReviewerRow {
    pub name: String,
    pub handle: String,
    pub why: String,
    pub subjects: Vec<SubjectName>,
    pub more: String,
}

/// The latest changes of the documentation.
#[derive(Clone, Debug, Serialize)]
pub struct ChangesPage {
    pub frame: Frame,
    pub verdict: Verdict,
    pub rows: Vec<StepRow>,
    /// Launches that ran with the documentation before all of them.
    pub before: Vec<Link>,
    pub before_more: String,
    /// Launches that a range may begin or end with, the latest first.
    pub ends: Vec<RangeEnd>,
    pub is_cut: bool,
    /// Launches whose documentation is not on this line of history.
    pub aside_text: String,
}

/// One commit in the list, below the launches that ran with what it made.
#[derive(Clone, Debug, Serialize)]
pub struct StepRow {
    /// From the latest, 0.
    pub number: usize,
    pub ran: Vec<Link>,
    /// `and 3 more`.
    pub ran_more: String,
    pub href: String,
    pub tone: &'static str,
    pub subject: String,
    pub verdict: String,
    pub when: When,
    pub by: String,
    /// The full id, and that of its first parent.
    pub commit: String,
    pub base: String,
    pub effects: Vec<Count>,
}

/// A launch, and the number of the commit that made the documentation it ran with.
#[derive(Clone, Debug, Serialize)]
pub struct RangeEnd {
    /// Project and id, by which an address names it.
    pub launch: String,
    pub name: String,
    pub number: usize,
}

/// What one commit changed.
#[derive(Clone, Debug, Serialize)]
pub struct StepPage {
    pub frame: Frame,
    pub review: ReviewView,
    pub subject: String,
    pub by: String,
    pub when: When,
    pub commit: String,
    pub base: String,
    pub ran: Vec<Link>,
    pub ran_more: String,
    pub previous: Option<Link>,
    pub next: Option<Link>,
}

/// The page of one review, which needs no other file.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewPage {
    pub frame: Frame,
    pub inline: Inline,
    pub range: String,
    pub facts: Vec<Fact>,
    pub review: ReviewView,
}
