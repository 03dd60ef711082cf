//! Documented test cases.

use super::super::approval::{Approvals, State};
use super::super::stability::Rate;
use super::past::{self, Past};
use super::{links, optional, sections, truth};
use crate::model::Case;
use crate::query::{Field, Found, Kind, Lookup, Schema, Subject, Value};
use crate::store::Doc;

/// What can be asked of cases.
pub(super) const SCHEMA: Schema = Schema {
    of: "cases",
    fields: &[
        Field::new(
            "id",
            Kind::Text,
            "the id, and older ids that still mean the case",
        ),
        Field::new("title", Kind::Text, "the title").also(&["name"]),
        Field::new("execution", Kind::Text, "who executes it").one_of(&["manual", "automated"]),
        Field::new("automation", Kind::Truth, "whether it is automated").also(&["automated"]),
        Field::new("status", Kind::Text, "its state in the project's workflow").also(&["state"]),
        Field::new("layer", Kind::Text, "the layer"),
        Field::new("severity", Kind::Text, "how much a failure matters")
            .one_of(&["blocker", "critical", "normal", "minor", "trivial"]),
        Field::new("owner", Kind::Text, "who answers for it").also(&["member"]),
        Field::new(
            "role",
            Kind::Text,
            "who has a role: `role[\"Owner\"]` is `owner`, others are custom fields",
        )
        .keyed("a role's name"),
        Field::new("tag", Kind::Text, "the tags").also(&["tags"]),
        Field::new("field", Kind::Text, "the values of a custom field")
            .also(&["cf"])
            .keyed("a field's name"),
        Field::new("value", Kind::Text, "the values of all custom fields").also(&["cfv"]),
        Field::new("issue", Kind::Text, "links of type `issue`"),
        Field::new("requirement", Kind::Text, "links of type `requirement`"),
        Field::new("link", Kind::Text, "links of one type").keyed("a type"),
        Field::new("selector", Kind::Text, "the full names that it claims"),
        Field::new(
            "relation",
            Kind::Text,
            "the cases that it is related to by one kind of relation",
        )
        .keyed("a kind"),
        Field::new("parameter", Kind::Text, "the values of a parameter")
            .keyed("a parameter's name"),
        Field::new(
            "section",
            Kind::Text,
            "its folder below `cases`, and all folders above that",
        ),
        Field::new("path", Kind::Text, "its file, relative to the workspace").also(&["file"]),
        Field::new("text", Kind::Text, "the text below the front matter").also(&["body"]),
        Field::new(
            "muted",
            Kind::Truth,
            "whether a mute that holds today names it",
        ),
        Field::new(
            "approved",
            Kind::Truth,
            "whether as many reviewers as the project asks for approved what it says today",
        ),
        Field::new("approval", Kind::Text, "how it stands with its reviewers")
            .one_of(&["approved", "suspect", "outdated", "none"]),
        Field::new(
            "approvedBy",
            Kind::Text,
            "the reviewers whose approval is of what it says today",
        ),
    ],
    functions: &[
        past::LAST_STATUS,
        past::LAST_RUN,
        past::FLIP_RATE,
        past::PASS_RATE,
        past::RUNS,
    ],
    elsewhere: &[
        ("workflow", "a project has one workflow: write `status = …`"),
        ("mutedDate", "a mute says until when: ask `--of mutes`"),
        ("testPlan", "a plan is a query itself"),
        ("deleted", "what was deleted is in git's history"),
        ("createdDate", "when it was written is in git's history"),
        (
            "createdBy",
            "who wrote it is in git's history; write `owner = …`",
        ),
        (
            "lastModifiedDate",
            "when it was changed is in git's history",
        ),
        ("lastModifiedBy", "who changed it is in git's history"),
    ],
};

/// A documented case, and what is known beside its file.
#[derive(Clone, Copy, Debug)]
pub struct CaseSubject<'a> {
    pub case: &'a Case,
    /// Relative to the workspace.
    pub path: &'a str,
    /// The text below the front matter.
    pub text: &'a str,
    /// The folders below `cases`, outermost first.
    pub section: &'a [&'a str],
    /// Whether a mute that holds names it.
    pub muted: bool,
    /// The project's approvals, and the case's file.
    pub approval: Option<(&'a Approvals<'a>, &'a Doc<Case>)>,
    /// None where no function of the query asks for it.
    pub past: Option<&'a Past>,
}

impl Subject for CaseSubject<'_> {
    fn look(&self, lookup: &Lookup) -> Found<'_> {
        let case = self.case;
        let key = lookup.key.as_deref().unwrap_or_default();
        match lookup.name {
            "id" => Found::texts([&case.id].into_iter().chain(&case.aliases)),
            "title" => Found::text(&case.title),
            "execution" => Found::text(case.execution.as_str()),
            "automation" => truth(case.execution == crate::model::Execution::Automated),
            "status" => Found::text(&case.status),
            "layer" => optional(case.layer.as_deref()),
            "severity" => Found::text(case.severity.as_str()),
            "owner" => optional(case.owner.as_deref()),
            "role" if key.eq_ignore_ascii_case("owner") => optional(case.owner.as_deref()),
            "field" | "role" => Found::texts(named(&case.fields, key)),
            "value" => Found::texts(case.fields.iter().flat_map(|(_, values)| values)),
            "tag" => Found::texts(&case.tags),
            "issue" | "requirement" => links(&case.links, lookup.name),
            "link" => links(&case.links, key),
            "selector" => Found::texts(&case.automation.selectors),
            "relation" => {
                let of_kind = case
                    .relations
                    .iter()
                    .filter(|r| r.kind.eq_ignore_ascii_case(key));
                Found::texts(of_kind.map(|relation| &relation.case))
            }
            "parameter" => Found::texts(named(&case.parameters, key)),
            "section" => sections(self.section),
            "path" => Found::text(self.path),
            "text" => Found::text(self.text),
            "muted" => truth(self.muted),
            "approved" | "approval" | "approvedBy" => self.approval(lookup.name),
            _ => self.measure(lookup),
        }
    }
}

impl CaseSubject<'_> {
    /// Returns the rate that a function gives, with its denominator.
    pub fn rate(&self, lookup: &Lookup) -> Option<Rate> {
        let past = self.past?;
        let until = past.earlier.checked_sub(1)?;
        let tracks: Vec<_> = past.tracks.of_case(&self.case.id).collect();
        past.rate(lookup, &tracks, until)
    }

    fn approval(&self, name: &str) -> Found<'_> {
        let Some((approvals, doc)) = self.approval else {
            return Found::Missing;
        };
        let standing = approvals.standing(doc);
        match name {
            "approved" => truth(standing.state == State::Approved),
            "approval" => Found::text(standing.state.as_str()),
            _ => {
                let names = standing.reviewers();
                let names = names.map(|name| Value::Text(name.to_owned().into()));
                Found::Many(names.collect())
            }
        }
    }

    fn measure(&self, lookup: &Lookup) -> Found<'_> {
        let Some(past) = self.past else {
            return Found::Missing;
        };
        let mut tracks: Vec<_> = past.tracks.of_case(&self.case.id).collect();
        let until = past.earlier.saturating_sub(1);
        if past.earlier == 0 {
            tracks.clear();
        }
        match (past.ask(lookup, &tracks, until), lookup.name) {
            (Found::Missing, "runs") => Found::One(Value::Number(0.0)),
            (found, _) => found,
        }
    }
}

/// Returns the values of a name in any letter case.
pub(super) fn named<'a>(
    labels: &'a crate::model::Labels,
    name: &str,
) -> impl Iterator<Item = &'a String> {
    let fits = move |known: &str| known.eq_ignore_ascii_case(name);
    labels
        .iter()
        .filter(move |(known, _)| fits(known))
        .flat_map(|(_, values)| values)
}
