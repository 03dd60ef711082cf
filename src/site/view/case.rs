//! What the templates see of cases: their list, and the page of each.

use serde::Serialize;

use super::{Fact, Frame, Link, Pager, Strip, Verdict, When};

#[derive(Clone, Debug, Serialize)]
pub struct CasesPage {
    pub frame: Frame,
    pub name: String,
    pub summary: String,
    pub sections: Vec<CaseSection>,
    pub pager: Pager,
    /// Tests of the latest launch that no case documents.
    pub undocumented: Option<Link>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CaseSection {
    /// `auth / login`; empty at the top.
    pub path: String,
    pub count_text: String,
    pub cases: Vec<CaseRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CaseRow {
    pub id: String,
    pub title: String,
    pub href: String,
    pub execution: &'static str,
    pub state: String,
    pub layer: String,
    pub severity: &'static str,
    pub owner: String,
    pub tags: Vec<String>,
    /// The latest entry's status, or `absent`.
    pub status: &'static str,
    pub label: String,
    pub strip: Strip,
}

#[derive(Clone, Debug, Serialize)]
pub struct CasePage {
    pub frame: Frame,
    pub id: String,
    pub title: String,
    pub verdict: Verdict,
    pub approval: Option<ApprovalNote>,
    pub section: String,
    pub facts: Vec<Fact>,
    pub tags: Vec<String>,
    pub description_html: String,
    pub preconditions_html: String,
    pub steps: Vec<StepView>,
    pub postconditions_html: String,
    pub other: Vec<Part>,
    pub links: Vec<Link>,
    pub relations: Vec<Link>,
    pub parameters: Vec<ParameterRow>,
    pub combine: String,
    pub selectors: Vec<String>,
    pub strip: Strip,
    pub answers: Vec<Answer>,
    pub runs: Vec<CaseRun>,
    pub executed: Option<ExecutedNote>,
    /// The latest commit that is known to have changed it.
    pub changed: Option<Link>,
    pub path: String,
    pub previous: Option<Link>,
    pub next: Option<Link>,
}

/// A defect or a mute that answered for failures of a case, and for how many.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    pub link: Link,
    pub text: String,
}

/// How a case stands with its reviewers.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalNote {
    /// Of a status, for the colour.
    pub tone: &'static str,
    pub lead: String,
    pub text: String,
    /// What leads to the names.
    pub by: String,
    /// Newest last.
    pub reviews: Vec<ReviewNote>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ReviewNote {
    pub name: String,
    pub when: When,
    /// Meaning and note.
    pub said: String,
    /// Whether the last change of the case was the reviewer's own.
    pub own: bool,
}

/// A second-level section of a case's body.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    pub title: String,
    pub html: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct StepView {
    /// `2.1`.
    pub number: String,
    pub action_html: String,
    pub expected_html: String,
    pub data_html: String,
    /// The title of the shared steps that stand here, expanded in `steps`.
    pub shared: Option<String>,
    pub steps: Vec<StepView>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ParameterRow {
    pub name: String,
    pub values: Vec<String>,
}

/// A result of a case in one launch.
#[derive(Clone, Debug, Serialize)]
pub struct CaseRun {
    pub launch: String,
    pub href: String,
    pub when: When,
    pub status: &'static str,
    pub label: String,
    pub flags: Vec<&'static str>,
    pub name: String,
    pub duration: String,
    pub environment: String,
}

/// How the text stands to the one that was last executed.
#[derive(Clone, Debug, Serialize)]
pub struct ExecutedNote {
    pub launch: String,
    pub href: String,
    pub changed: bool,
    pub lines: Vec<DiffLine>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DiffLine {
    /// `added`, `removed` or `same`.
    pub kind: &'static str,
    pub text: String,
}
