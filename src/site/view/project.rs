//! What the templates see of workspaces and projects, and of their trends.

use serde::Serialize;

use super::{Change, Fact, Failure, Frame, LaunchRow, Link, Verdict};

#[derive(Clone, Debug, Serialize)]
pub struct WorkspacePage {
    pub frame: Frame,
    pub title: String,
    pub verdict: Verdict,
    pub projects: Vec<ProjectRow>,
    /// The page of changes, where there is one.
    pub changes: Option<Link>,
}

/// The page over several workspaces.
#[derive(Clone, Debug, Serialize)]
pub struct WorkspacesPage {
    pub frame: Frame,
    pub verdict: Verdict,
    pub count_text: String,
    pub workspaces: Vec<WorkspaceRow>,
}

/// How a workspace stands.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkspaceRow {
    pub title: String,
    pub href: String,
    pub projects: Vec<ProjectRow>,
    /// The commit of the documentation; empty for a working tree.
    pub documentation: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ProjectRow {
    pub name: String,
    pub key: String,
    pub href: String,
    pub cases_text: String,
    pub launches_text: String,
    pub latest: Option<LaunchRow>,
    pub trend: Option<Trend>,
}

/// Failures by launch: stacked columns over a baseline at zero.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trend {
    /// The finding.
    pub title: String,
    /// The measure and its denominator.
    pub subtitle: String,
    /// What the parts of columns stand for.
    pub statuses: Vec<&'static str>,
    pub columns: Vec<Column>,
    pub width: u32,
    pub height: u32,
    /// Where zero is.
    pub base: u32,
    /// Direct labels.
    pub labels: Vec<ChartLabel>,
    /// A rule at the highest value.
    pub top: Option<u32>,
    /// The chart in words.
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Column {
    pub href: String,
    pub title: String,
    pub x: u32,
    pub width: u32,
    pub parts: Vec<ColumnPart>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ColumnPart {
    pub status: &'static str,
    pub y: u32,
    pub height: u32,
}

#[derive(Clone, Debug, Serialize)]
pub struct ChartLabel {
    pub x: u32,
    pub y: u32,
    /// `start`, `middle` or `end`.
    pub anchor: &'static str,
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ProjectPage {
    pub frame: Frame,
    pub name: String,
    pub key: String,
    pub readme_html: String,
    /// Launches that don't read: path and reason.
    pub unreadable: Vec<String>,
    pub verdict: Verdict,
    pub latest: Option<LaunchRow>,
    /// What changed against each test's last entry.
    pub changes: Vec<Change>,
    pub failures: Vec<Failure>,
    /// Whether some failure has such a thing: a column without any would be empty.
    pub has_since: bool,
    pub has_owner: bool,
    pub has_past: bool,
    /// `12 more` where `failures` is cut.
    pub more: Option<Link>,
    pub trend: Option<Trend>,
    pub launches: Vec<LaunchRow>,
    pub launches_text: String,
    pub documentation: Vec<Fact>,
}
