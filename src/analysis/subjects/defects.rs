//! Defects and mutes.

use super::{links, optional, truth};
use crate::base::Timestamp;
use crate::model::{Defect, Mute};
use crate::query::{Field, Found, Kind, Lookup, Schema, Subject, Value};

/// What can be asked of defects.
pub(super) const DEFECTS: Schema = Schema {
    of: "defects",
    fields: &[
        Field::new("id", Kind::Text, "the id"),
        Field::new("title", Kind::Text, "the title").also(&["name"]),
        Field::new("status", Kind::Text, "open or closed")
            .also(&["state"])
            .one_of(&["open", "closed"]),
        Field::new("closed", Kind::Truth, "whether it is closed"),
        Field::new("owner", Kind::Text, "who answers for it").also(&["member"]),
        Field::new("issue", Kind::Text, "links of type `issue`"),
        Field::new("link", Kind::Text, "links of one type").keyed("a type"),
        Field::new("matchers", Kind::Number, "how many matchers it has"),
        Field::new("path", Kind::Text, "its file, relative to the workspace").also(&["file"]),
        Field::new("text", Kind::Text, "the text below the front matter").also(&["body"]),
    ],
    functions: &[],
    elsewhere: &[("createdDate", "when it was written is in git's history")],
};

/// What can be asked of mutes.
pub(super) const MUTES: Schema = Schema {
    of: "mutes",
    fields: &[
        Field::new("id", Kind::Text, "the id"),
        Field::new("reason", Kind::Text, "why it is muted").also(&["name"]),
        Field::new("owner", Kind::Text, "who answers for it").also(&["member"]),
        Field::new(
            "until",
            Kind::Instant,
            "the end of the last day on which it holds",
        ),
        Field::new("expired", Kind::Truth, "whether that day is over"),
        Field::new("case", Kind::Text, "the cases that it names").also(&["test_case"]),
        Field::new("selector", Kind::Text, "the full names that it names"),
        Field::new("query", Kind::Text, "the query that it asks"),
        Field::new("issue", Kind::Text, "links of type `issue`"),
        Field::new("link", Kind::Text, "links of one type").keyed("a type"),
        Field::new("path", Kind::Text, "its file, relative to the workspace").also(&["file"]),
    ],
    functions: &[],
    elsewhere: &[("createdDate", "when it was written is in git's history")],
};

/// A defect.
#[derive(Clone, Copy, Debug)]
pub struct DefectSubject<'a> {
    pub defect: &'a Defect,
    /// Relative to the workspace.
    pub path: &'a str,
    /// The text below the front matter.
    pub text: &'a str,
}

impl Subject for DefectSubject<'_> {
    fn look(&self, lookup: &Lookup) -> Found<'_> {
        let defect = self.defect;
        match lookup.name {
            "id" => Found::text(&defect.id),
            "title" => Found::text(&defect.title),
            "status" => Found::text(defect.status.as_str()),
            "closed" => truth(defect.status == crate::model::DefectState::Closed),
            "owner" => optional(defect.owner.as_deref()),
            "issue" => links(&defect.links, "issue"),
            "link" => links(&defect.links, lookup.key.as_deref().unwrap_or_default()),
            "matchers" => super::number(defect.matchers.len() as u64),
            "path" => Found::text(self.path),
            "text" => Found::text(self.text),
            _ => Found::Missing,
        }
    }
}

/// A mute, and the present.
#[derive(Clone, Copy, Debug)]
pub struct MuteSubject<'a> {
    pub mute: &'a Mute,
    /// Relative to the workspace.
    pub path: &'a str,
    pub now: Timestamp,
}

impl Subject for MuteSubject<'_> {
    fn look(&self, lookup: &Lookup) -> Found<'_> {
        let mute = self.mute;
        let end = mute.until.map(|day| day.end().ms());
        match lookup.name {
            "id" => Found::text(&mute.id),
            "reason" => Found::text(&mute.reason),
            "owner" => Found::text(&mute.owner),
            "until" => Found::maybe(end.map(Value::Instant)),
            "expired" => truth(end.is_some_and(|end| end < self.now.ms())),
            "case" => Found::texts(&mute.cases),
            "selector" => optional(mute.selector.as_deref()),
            "query" => optional(mute.query.as_deref()),
            "issue" => links(&mute.links, "issue"),
            "link" => links(&mute.links, lookup.key.as_deref().unwrap_or_default()),
            "path" => Found::text(self.path),
            _ => Found::Missing,
        }
    }
}
