//! Approvals: who found a test case right, when, and exactly what it said then.

use serde::Serialize;

use super::OrderedMap;
use crate::base::Timestamp;

/// What one file says: `approvals/<case-id>.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseApprovals {
    /// The file's name: the id of a case, or an alias.
    pub case: String,
    pub all: Vec<Approval>,
}

/// One approval. Of several by one reviewer the newest counts, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// A member's id; `Name <email>` of whom the project does not have among its members.
    pub by: String,
    pub at: Timestamp,
    /// What the case meant: 64 hex digits.
    pub digest: String,
    /// What approving stands for, as `reviewed and approved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether the last change of the case was the reviewer's own, as `approve` saw it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// What each requirement that the case names said: the id, and 16 hex digits.
    #[serde(skip_serializing_if = "OrderedMap::is_empty")]
    pub requirements: OrderedMap<String>,
    /// What each case that this one is related to meant: the id, and 16 hex digits.
    #[serde(skip_serializing_if = "OrderedMap::is_empty")]
    pub cases: OrderedMap<String>,
}

impl Default for Approval {
    fn default() -> Self {
        Self {
            by: String::new(),
            at: Timestamp::from_ms(0),
            digest: String::new(),
            meaning: None,
            note: None,
            own: false,
            requirements: OrderedMap::default(),
            cases: OrderedMap::default(),
        }
    }
}

/// What a project asks of approvals: `approvals` in `project.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalRules {
    /// How many reviewers a case needs to count as approved, from 1 on.
    pub required: u64,
    /// Whether an approval of one's own last change counts.
    pub own: bool,
    /// Something of it could not be read. Who asked for more must not get less.
    pub unread: bool,
}

impl Default for ApprovalRules {
    fn default() -> Self {
        Self {
            required: 1,
            own: true,
            unread: false,
        }
    }
}
