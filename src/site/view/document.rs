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
    /// Said where steps and attachments are.
    pub proofs_cut: String,
}

/// What an evidence pack has of a failure beyond its message and trace.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// Those along the path that failed.
    pub steps: Vec<ProofStep>,
    pub files: Vec<ProofFile>,
    /// Said where there is more of it.
    pub left_out: String,
}

/// A step that failed.
#[derive(Clone, Debug, Serialize)]
pub struct ProofStep {
    pub name: String,
    /// How many steps it is in, at most six.
    pub depth: usize,
    pub status: &'static str,
    pub took: String,
    /// Empty where it is said above or below.
    pub message: String,
}

/// An attachment with what proves it.
#[derive(Clone, Debug, Serialize)]
pub struct ProofFile {
    pub name: String,
    /// `image/png, 12.4 kB`.
    pub said: String,
    /// SHA-256 of its bytes, in hex; absent where it was not kept.
    pub digest: Option<String>,
    /// The file of a picture that is shown.
    pub picture: Option<String>,
    /// Why it is not here.
    pub why: String,
}

/// A page in one file.
#[derive(Clone, Debug, Serialize)]
pub struct SinglePage {
    pub frame: Frame,
    pub inline: Inline,
    /// For previews of the file.
    pub verdict: Verdict,
    /// What stands before the styles.
    pub first_html: String,
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
