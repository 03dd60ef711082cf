//! A review with all that is known beside it: what every output tells.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::{Effect, Place, Subject};
use super::report::Review;
use crate::base::text::count;
use crate::integrity::{self, Violation};

/// What one command says of two moments, whatever the format.
#[derive(Clone, Debug, Serialize)]
pub struct Brief {
    /// The commit that is compared from.
    pub base: String,
    /// The commit that is compared to; none for the working tree and the index.
    pub head: Option<String>,
    /// Both, as a person would name them: `main to the working tree`.
    #[serde(skip)]
    pub range: String,
    /// One sentence that says the most important.
    pub verdict: String,
    /// Changes by effect.
    pub counts: BTreeMap<&'static str, usize>,
    /// What was altered of closed launches.
    pub tampering: Vec<Violation>,
    /// What commits did that their authors' roles don't allow.
    pub forbidden: Vec<Violation>,
    /// Launches that were closed, in the order of their closing.
    pub closings: Vec<Closing>,
    #[serde(flatten)]
    pub review: Review,
    /// What the change means for what is not part of it, most important first.
    pub impact: Vec<Impact>,
    /// Who should be asked, the one who knows most of it first.
    pub reviewers: Vec<Reviewer>,
    /// Whether somebody approves cases here at all.
    #[serde(skip)]
    pub asks_approvals: bool,
}

/// A launch that was closed between the two moments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closing {
    /// The project's key, else its folder.
    pub project: String,
    pub launch: String,
    pub name: String,
    /// The launch's file, relative to the workspace.
    pub path: String,
    /// As every output of a launch says it.
    pub verdict: String,
    /// Whether anything in it needs somebody.
    pub blocked: bool,
    /// The whole receipt.
    pub receipt: String,
    /// When it was closed, as RFC 3339.
    pub closed: String,
}

/// What a consequence is about. The order is that in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// A launch that is open was planned with what changed.
    OpenLaunch,
    /// Manual results are of a text that is no longer the case's.
    StaleResult,
    /// How what is touched came out last, where it did not pass or is flaky.
    LastResult,
    /// Plans select what changed.
    Plan,
    /// Dashboards count what changed.
    Dashboard,
    /// Requirements are covered by what changed.
    Requirement,
    /// Files of the product changed together with, or without, the cases linked to them.
    Product,
}

impl Reach {
    pub const ALL: [Self; 7] = [
        Self::OpenLaunch,
        Self::StaleResult,
        Self::LastResult,
        Self::Plan,
        Self::Dashboard,
        Self::Requirement,
        Self::Product,
    ];

    /// Returns the heading of such consequences.
    pub fn title(self) -> &'static str {
        match self {
            Self::OpenLaunch => "Open launches",
            Self::StaleResult => "Results that no longer count",
            Self::LastResult => "How it came out last",
            Self::Plan => "Plans that select it",
            Self::Dashboard => "Dashboards that count it",
            Self::Requirement => "Requirements it covers",
            Self::Product => "Changed beside it",
        }
    }
}

/// One consequence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Impact {
    pub reach: Reach,
    /// The project's key, else its folder.
    pub project: String,
    /// What it is about: the id of a launch, a case, a plan or a requirement, or a path.
    pub of: String,
    /// One sentence, without a period.
    pub sentence: String,
    /// Ids of the changed cases that it concerns, sorted.
    pub cases: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Somebody who should look at a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reviewer {
    /// A member's name, or an owner as the files give it.
    pub name: String,
    /// How a member is addressed on the host, where it is known: `@octocat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Why, in one clause.
    pub why: String,
    /// What is theirs of it, sorted.
    pub subjects: Vec<Subject>,
}

impl Brief {
    /// Puts a review beside what history says of the same range.
    pub fn new(base: String, head: Option<String>, range: String, review: Review) -> Self {
        let counts = Effect::ALL.map(|effect| (effect.as_str(), review.count(effect)));
        let mut brief = Self {
            base,
            head,
            range,
            verdict: String::new(),
            counts: counts.into_iter().collect(),
            tampering: Vec::new(),
            forbidden: Vec::new(),
            closings: Vec::new(),
            review,
            impact: Vec::new(),
            reviewers: Vec::new(),
            asks_approvals: false,
        };
        brief.verdict = verdict(&brief);
        brief
    }

    /// Takes what history says: altered launches, and what was done without the right to it.
    pub fn with_evidence(mut self, violations: Vec<Violation>) -> Self {
        (self.forbidden, self.tampering) = violations
            .into_iter()
            .partition(|violation| violation.kind == integrity::Kind::NotAllowed);
        self.verdict = verdict(&self);
        self
    }

    /// Takes the launches that were closed.
    pub fn with_closings(mut self, closings: Vec<Closing>) -> Self {
        self.closings = closings;
        self.verdict = verdict(&self);
        self
    }

    /// Returns the violations with their headings, the loudest first; those without any are left out.
    pub fn violations(&self) -> impl Iterator<Item = (&'static str, &[Violation])> {
        let all = [
            ("Tampering with closed launches", self.tampering.as_slice()),
            ("Not allowed", self.forbidden.as_slice()),
        ];
        all.into_iter().filter(|(_, found)| !found.is_empty())
    }
}

fn verdict(brief: &Brief) -> String {
    let mut parts = Vec::new();
    if !brief.tampering.is_empty() {
        let n = count(brief.tampering.len() as u64, "violation");
        parts.push(format!("closed launches were altered ({n})"));
    }
    match brief.forbidden.len() {
        0 => {}
        1 => parts.push("1 commit did what its author's role does not allow".to_owned()),
        n => parts.push(format!("{n} things were done that roles do not allow")),
    }
    let of = |effect, one: &str, many: &str| match brief.review.count(effect) {
        0 => None,
        1 => Some(format!("1 change {one}")),
        n => Some(format!("{n} changes {many}")),
    };
    parts.extend(of(Effect::Weakens, "weakens testing", "weaken testing"));
    parts.extend(of(Effect::Rules, "to the rules", "to the rules"));
    parts.extend(of(
        Effect::Changes,
        "to what is tested",
        "to what is tested",
    ));
    parts.extend(of(
        Effect::Strengthens,
        "strengthens testing",
        "strengthen testing",
    ));
    if parts.is_empty() && brief.closings.is_empty() {
        parts.push("no change of meaning".to_owned());
    }
    match brief.closings.len() {
        0 => {}
        n => parts.push(format!("{} closed", count(n as u64, "launch"))),
    }
    parts.join("; ")
}
