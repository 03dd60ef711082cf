//! A test case: manual or automated, one model.

use serde::{Deserialize, Serialize};

use super::{Labels, Link, OrderedMap, Scenario};

/// Who executes a test.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Execution {
    Manual,
    #[default]
    Automated,
}

impl Execution {
    pub const ALL: [Self; 2] = [Self::Manual, Self::Automated];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automated => "automated",
        }
    }
}

/// How much it matters that a test fails.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Blocker,
    Critical,
    #[default]
    Normal,
    Minor,
    Trivial,
}

impl Severity {
    pub const ALL: [Self; 5] = [
        Self::Blocker,
        Self::Critical,
        Self::Normal,
        Self::Minor,
        Self::Trivial,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocker => "blocker",
            Self::Critical => "critical",
            Self::Normal => "normal",
            Self::Minor => "minor",
            Self::Trivial => "trivial",
        }
    }
}

/// A documented test case: the front matter of `cases/<section>/…/<slug>.md` and its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    pub id: String,
    /// Older ids that still mean this case.
    pub aliases: Vec<String>,
    pub title: String,
    pub execution: Execution,
    /// One of the project's workflow.
    pub status: String,
    pub layer: Option<String>,
    pub severity: Severity,
    pub owner: Option<String>,
    pub tags: Vec<String>,
    /// Custom fields; a value given alone is a list of one.
    pub fields: Labels,
    pub links: Vec<Link>,
    pub automation: Automation,
    pub relations: Vec<Relation>,
    /// Values by parameter, in the file's order.
    pub parameters: OrderedMap<Vec<String>>,
    pub combine: Combine,
    pub scenario: Scenario,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Automation {
    /// Full names of automated tests; `*` stands for any characters. Old names stay as aliases.
    pub selectors: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// `automates`, `duplicates`, `related` …
    pub kind: String,
    /// The other case's id.
    pub case: String,
}

/// How parameters make rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The n-th values of all parameters together.
    #[default]
    Each,
    All,
    Pairwise,
    Rows,
}

impl Combine {
    pub const ALL: [Self; 4] = [Self::Each, Self::All, Self::Pairwise, Self::Rows];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::All => "all",
            Self::Pairwise => "pairwise",
            Self::Rows => "rows",
        }
    }
}
