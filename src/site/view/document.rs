//! What the templates see of a launch as one document: its evidence pack, and a file that stands alone.

use serde::Serialize;

use super::launch::{EnvironmentsPage, EvidencePage};
use super::{Frame, Inline, LaunchPage, ResultRow, Section, Verdict};

/// The page of the evidence pack.
#[derive(Clone, Debug, Serialize)]
pub struct PackPage {
    pub frame: Frame,
    pub tabs: Vec<Section>,
    pub document: Document,
}

/// A launch with all that stands for it.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    pub workspace: String,
    pub project: String,
    pub launch: LaunchPage,
    pub evidence: EvidencePage,
    /// Absent where there is one environment.
    pub environments: Option<EnvironmentsPage>,
    /// The most failures that are shown where `launch.cut` says that not all are.
    pub most: usize,
    /// Said where traces are left out.
    pub traces_cut: String,
}

/// A page in one file.
#[derive(Clone, Debug, Serialize)]
pub struct SinglePage {
    pub frame: Frame,
    pub inline: Inline,
    /// For previews of the file.
    pub verdict: Verdict,
    pub main_html: String,
}

/// What stands in such a file. Pieces are rendered one by one, as far as there is room for them.
#[derive(Clone, Debug, Serialize)]
pub struct SingleMain {
    pub document: Document,
    /// The most that the file may have, as `7.0 MB`.
    pub budget: String,
    /// What there was no room for, a sentence each.
    pub left_out: Vec<String>,
    /// The launch's folder in the workspace.
    pub path: String,
    pub unresolved_html: String,
    pub others_text: String,
    pub others_html: String,
    pub rows: Vec<RowGroup>,
}

/// Results of one status.
#[derive(Clone, Debug, Serialize)]
pub struct RowGroup {
    pub status: &'static str,
    pub count_text: String,
    pub html: String,
}

/// A result's row, and where its failure is told.
#[derive(Clone, Debug, Serialize)]
pub struct ToldRow {
    pub row: ResultRow,
    pub href: Option<String>,
}
