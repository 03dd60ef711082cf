//! What the templates see of a launch's further pages: evidence, environments, timeline, comparisons.

use serde::Serialize;

use super::sheet::SheetPart;
use super::{Counts, Fact, Frame, Link, SaidRow, Section, Verdict};

/// A launch against its baseline.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonPage {
    pub frame: Frame,
    pub tabs: Vec<Section>,
    pub name: String,
    pub verdict: Verdict,
    pub facts: Vec<Fact>,
    pub base: Link,
    /// How the baseline was found.
    pub how: String,
    /// Sentences.
    pub left_out: Vec<String>,
    /// The page on which any two launches are compared.
    pub other: String,
    pub parts: Vec<SheetPart>,
    /// The flags that tests have here, for what they mean.
    pub flags: Vec<&'static str>,
}

/// Any two launches of a project.
#[derive(Clone, Debug, Serialize)]
pub struct ComparePage {
    pub frame: Frame,
    pub finding: String,
    /// What can be chosen, the newest first.
    pub launches: Vec<CompareOption>,
    /// Each launch against its baseline.
    pub baselines: SheetPart,
}

#[derive(Clone, Debug, Serialize)]
pub struct CompareOption {
    pub id: String,
    /// The launch's folder below `launches/`.
    pub folder: String,
    pub name: String,
}

/// Whether one can rely on a launch, and how to find out.
#[derive(Clone, Debug, Serialize)]
pub struct EvidencePage {
    pub frame: Frame,
    pub tabs: Vec<Section>,
    pub name: String,
    pub verdict: Verdict,
    pub receipt: Fact,
    pub checks: Vec<Check>,
    pub facts: Vec<Fact>,
    /// Why the launch was closed as it was; often empty.
    pub reason: String,
    /// What the project asks of signatures.
    pub signed: String,
    /// The launches whose receipts this one names.
    pub previous: Vec<Link>,
    /// The launches that name this one's receipt.
    pub continued: Vec<Link>,
    pub accounts: Vec<AccountRow>,
    pub sum: Option<AccountRow>,
    /// Said where not all inputs are shown, or none.
    pub accounts_cut: String,
    pub jobs: Vec<JobRow>,
    pub accepted: Vec<SaidRow>,
    pub gone: Vec<SaidRow>,
    pub kept: String,
    pub texts: Vec<TextRow>,
    pub texts_text: String,
    pub texts_cut: String,
    /// Whether the launch has an evidence pack.
    pub pack: bool,
}

/// One thing that a person can check.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub command: String,
    /// What it says where all is well.
    pub says: String,
}

/// One input and what became of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AccountRow {
    pub input: String,
    /// The job, or the shard of one without a name.
    pub job: String,
    pub format: String,
    pub files: String,
    pub size: String,
    /// The start of `digest`.
    pub short: String,
    pub digest: String,
    pub elements: String,
    pub read: String,
    pub merged: String,
    pub dropped: String,
    pub lost: bool,
    pub problem: String,
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct JobRow {
    pub name: String,
    pub href: Option<String>,
    pub shard: String,
    pub attempt: String,
    pub rows: String,
    pub accepted_loss: String,
}

/// The text of a case as it was executed.
#[derive(Clone, Debug, Serialize)]
pub struct TextRow {
    pub case: Link,
    pub title: String,
    /// The start of `digest`.
    pub short: String,
    pub digest: String,
    /// How today's text stands to it.
    pub today: String,
    pub changed: bool,
}

/// Tests by the environments they ran in.
#[derive(Clone, Debug, Serialize)]
pub struct EnvironmentsPage {
    pub frame: Frame,
    pub tabs: Vec<Section>,
    pub name: String,
    pub finding: String,
    pub detail: String,
    pub columns: Vec<EnvironmentColumn>,
    /// Columns of the table: one more than `columns`.
    pub width: usize,
    /// Results by one variable at a time, and all environments where there are more than columns.
    pub parts: Vec<SheetPart>,
    /// Said where not all environments have a column.
    pub columns_cut: String,
    /// The anchor of the table that has all.
    pub all_columns: &'static str,
    pub rows: Vec<MatrixRow>,
    pub rows_text: String,
    pub rows_cut: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct EnvironmentColumn {
    /// `browser=`, where the name may break before its value; or empty.
    pub variable: String,
    pub value: String,
    pub counts: Counts,
    pub unresolved: u64,
    pub unresolved_text: String,
}

/// A test over environments.
#[derive(Clone, Debug, Serialize)]
pub struct MatrixRow {
    pub name: String,
    pub parameters: String,
    /// The groups above the test, set only where they differ from the row before.
    pub path: String,
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// A status, or `absent`.
    pub status: &'static str,
    pub label: String,
    pub href: Option<String>,
    /// Of a failure that a person has to look at.
    pub needs: bool,
}

/// When each test ran, and where.
#[derive(Clone, Debug, Serialize)]
pub struct TimelinePage {
    pub frame: Frame,
    pub tabs: Vec<Section>,
    pub name: String,
    pub finding: String,
    pub detail: String,
    pub figure: Figure,
    pub notes: Vec<String>,
    pub slowest: Vec<SlowRow>,
    pub slowest_text: String,
}

/// Lanes over time; places along the time are in per cent of the width, as `12.34`.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub title: String,
    pub subtitle: String,
    pub height: u32,
    /// The whole time, in milliseconds.
    pub span: u64,
    /// Where the axis is.
    pub base: u32,
    pub lanes: Vec<Lane>,
    pub ticks: Vec<AxisTick>,
    /// The figure in words.
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Lane {
    pub name: String,
    /// How busy it was.
    pub said: String,
    /// The baseline of the name.
    pub y: u32,
    pub bars: Vec<Bar>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// A status, or `many`.
    pub status: &'static str,
    pub x: String,
    pub width: String,
    pub y: u32,
    pub height: u32,
    pub href: String,
    pub title: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct AxisTick {
    pub x: String,
    pub anchor: &'static str,
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct SlowRow {
    pub status: &'static str,
    pub href: String,
    pub name: String,
    pub parameters: String,
    pub path: String,
    pub lane: String,
    pub start: String,
    pub duration: String,
    pub share: String,
}
