//! What a closed launch decided about each test: rows of `outcomes.yaml` and `tests.yaml`.

use serde::{Deserialize, Serialize};

use super::Status;
use crate::base::Timestamp;

/// One test's outcome in one launch, decided at closing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// The deciding attempt's result id.
    pub id: String,
    /// 16 hex digits of the test's identity (`testCaseId`, else full name, else name).
    pub test: String,
    /// 16 hex digits of the parameters that count; absent where none do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub params: String,
    /// 16 hex digits of the name, only where results of this launch share all else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An index into the file's list of environments.
    pub env: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// The documented case that the result was matched to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    pub status: Status,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    pub attempts: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defect: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mute: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The retries' result ids, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retries: Vec<String>,
}

impl Outcome {
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// Whether it needs a defect or a mute and has neither.
    pub fn is_unresolved(&self) -> bool {
        self.status.needs_resolution()
            && !self.has(Flag::Overridden)
            && self.defect.is_none()
            && self.mute.is_none()
    }
}

/// What stands beside a status and never replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    Muted,
    Flaky,
    /// Linked to a defect.
    Known,
    Overridden,
    Retried,
    Manual,
    /// It answers nothing of what the launch planned; of launches that planned something.
    Unplanned,
}

impl Flag {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Muted => "muted",
            Self::Flaky => "flaky",
            Self::Known => "known",
            Self::Overridden => "overridden",
            Self::Retried => "retried",
            Self::Manual => "manual",
            Self::Unplanned => "unplanned",
        }
    }
}

/// The producer's words for one test: a row of `tests.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TestIdentity {
    /// The digest that outcomes refer to.
    pub test: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_case_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
}
