//! What a review says: items, each a file's subject, with their changes.

use std::cell::OnceCell;

use serde::Serialize;

use super::kind::Kind;
use crate::diag::{LineIndex, Span};
use crate::store::{Doc, Key};

/// What a change does to testing. The order is that of risk: what weakens comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Less is tested, or failures count for less.
    Weakens,
    /// The rules change: who may do what, and what counts how.
    Rules,
    /// Something else is tested, or by other means.
    Changes,
    /// More is tested, or failures count for more.
    Strengthens,
}

impl Effect {
    pub const ALL: [Self; 4] = [Self::Weakens, Self::Rules, Self::Changes, Self::Strengthens];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Weakens => "weakens",
            Self::Rules => "rules",
            Self::Changes => "changes",
            Self::Strengthens => "strengthens",
        }
    }

    /// Returns the heading of such changes.
    pub fn title(self) -> &'static str {
        match self {
            Self::Weakens => "Weakens testing",
            Self::Rules => "Changes the rules",
            Self::Changes => "Changes what is tested",
            Self::Strengthens => "Strengthens testing",
        }
    }
}

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noun {
    Workspace,
    Project,
    Member,
    Gate,
    Case,
    SharedSteps,
    Approvals,
    Requirement,
    Plan,
    Query,
    Dashboard,
    Mute,
    Defect,
    File,
}

impl Noun {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Project => "project",
            Self::Member => "member",
            Self::Gate => "gate",
            Self::Case => "case",
            Self::SharedSteps => "shared steps",
            Self::Approvals => "approvals of",
            Self::Requirement => "requirement",
            Self::Plan => "plan",
            Self::Query => "query",
            Self::Dashboard => "dashboard",
            Self::Mute => "mute",
            Self::Defect => "defect",
            Self::File => "file",
        }
    }
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Subject {
    /// The project's key, else its folder; empty for the workspace.
    pub project: String,
    pub noun: Noun,
    /// As the file gives it; its path where it gives none.
    pub id: String,
    pub title: String,
}

/// Which of the two snapshots a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Base,
    Head,
}

/// Where a change is seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Relative to the workspace.
    pub path: String,
    /// From 1.
    pub line: usize,
    pub side: Side,
}

/// One change of meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub kind: Kind,
    pub effect: Effect,
    /// One sentence about the subject, without a period.
    pub sentence: String,
    pub place: Place,
    /// The text that went or was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The text that came or stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What became of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Added,
    Removed,
    Changed,
}

/// A subject with all that changed of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    pub subject: Subject,
    pub state: State,
    /// Where it is, or was; relative to the workspace.
    pub path: String,
    /// Where it was before it moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// By risk, then in the order of the file.
    pub changes: Vec<Change>,
    /// Ids of the cases that include these shared steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub included_by: Vec<String>,
}

impl Item {
    /// Returns the effect that counts most.
    pub fn effect(&self) -> Option<Effect> {
        self.changes.iter().map(|change| change.effect).min()
    }
}

/// One side of a file, with its lines.
#[derive(Debug)]
struct Half<'a> {
    path: &'a str,
    text: &'a str,
    lines: OnceCell<LineIndex>,
}

impl<'a> Half<'a> {
    fn new((path, text): (&'a str, &'a str)) -> Self {
        Self {
            path,
            text,
            lines: OnceCell::new(),
        }
    }

    fn place(&self, span: Option<Span>, side: Side) -> Place {
        let line = span.map_or(1, |span| {
            let lines = self.lines.get_or_init(|| LineIndex::new(self.text));
            lines.position(self.text, span.start).line
        });
        Place {
            path: self.path.to_owned(),
            line,
            side,
        }
    }
}

/// Collects the changes of one subject.
#[derive(Debug)]
pub(super) struct Notes<'a> {
    before: Option<Half<'a>>,
    after: Option<Half<'a>>,
    changes: Vec<Change>,
}

impl<'a> Notes<'a> {
    /// Takes path and text of each side. At least one of them is there.
    pub(super) fn new(
        before: Option<(&'a str, &'a str)>,
        after: Option<(&'a str, &'a str)>,
    ) -> Self {
        Self {
            before: before.map(Half::new),
            after: after.map(Half::new),
            changes: Vec::new(),
        }
    }

    /// Adds a change. Its place is the file as it is now, else as it was, unless one is given.
    pub(super) fn say(
        &mut self,
        kind: Kind,
        effect: Effect,
        sentence: impl Into<String>,
    ) -> Said<'_, 'a> {
        let place = match (&self.after, &self.before) {
            (Some(after), _) => after.place(None, Side::Head),
            (None, Some(before)) => before.place(None, Side::Base),
            (None, None) => Place {
                path: String::new(),
                line: 1,
                side: Side::Head,
            },
        };
        self.changes.push(Change {
            kind,
            effect,
            sentence: sentence.into(),
            place,
            before: None,
            after: None,
        });
        Said { notes: self }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the changes, those that matter most first.
    pub(super) fn finish(self) -> Vec<Change> {
        let mut changes = self.changes;
        changes.sort_by_key(|change| change.effect);
        changes
    }
}

/// A change that was just said.
#[derive(Debug)]
pub(super) struct Said<'n, 'a> {
    notes: &'n mut Notes<'a>,
}

impl Said<'_, '_> {
    fn change(&mut self) -> &mut Change {
        let last = self.notes.changes.last_mut();
        last.expect("a change was just added")
    }

    /// Says where in the file as it is now; a span that isn't there leaves the place.
    pub(super) fn now(mut self, span: Option<Span>) -> Self {
        if let (Some(span), Some(half)) = (span, &self.notes.after) {
            let place = half.place(Some(span), Side::Head);
            self.change().place = place;
        }
        self
    }

    /// Says where in the file as it was.
    pub(super) fn then(mut self, span: Option<Span>) -> Self {
        if let (Some(span), Some(half)) = (span, &self.notes.before) {
            let place = half.place(Some(span), Side::Base);
            self.change().place = place;
        }
        self
    }

    /// Says at which key: where it stands now, else where it stood.
    pub(super) fn at_key<T>(self, before: &Doc<T>, after: &Doc<T>, key: &str) -> Self {
        let key = [Key::from(key)];
        self.then(before.key_span(&key)).now(after.key_span(&key))
    }

    pub(super) fn texts(mut self, before: Option<&str>, after: Option<&str>) {
        let change = self.change();
        change.before = before.map(str::to_owned);
        change.after = after.map(str::to_owned);
    }
}
