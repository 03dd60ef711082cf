//! What is said of a closed launch later: `annotations/<launch-id>/*.yaml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

/// One file below `annotations/<launch-id>/`. It is written once and never edited; nothing in it
/// changes the closed launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Annotation {
    pub format: u32,
    pub kind: AnnotationKind,
    pub at: Timestamp,
    /// `Name <email>`, a hint: who may do this is decided by the commit that brought the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    pub reason: String,
    /// Which files of the launch are gone: of `pruned` and `redacted`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<RemovedFile>,
    /// Which violation is known and accepted: of `acknowledged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub violation: Option<Acknowledged>,
}

/// What an annotation does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum AnnotationKind {
    /// A remark; it has no effect.
    Note,
    /// Files that the launch lists as prunable were removed. Open to whoever may close.
    Pruned,
    /// Listed files of any kind were removed, because they must not be read. Open to owners.
    Redacted,
    /// A violation is known, and somebody answers for it. Open to owners.
    Acknowledged,
}

/// A file that is no longer there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RemovedFile {
    /// From the launch's folder; `annotations/<name>` for what was said of it.
    pub path: String,
    /// The digest that the launch lists it with, or that the annotation had, in hex.
    pub sha256: String,
}

/// Which violation is acknowledged: all that is given must fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acknowledged {
    /// The stable name of the kind of violation, as `removed-launch`.
    pub kind: String,
    /// From the launch's folder (`annotations/<name>` for what is said of it), or from the workspace; any where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The full id of the commit that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl AnnotationKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Pruned => "pruned",
            Self::Redacted => "redacted",
            Self::Acknowledged => "acknowledged",
        }
    }
}

impl Annotation {
    /// The format that is written, and the newest that is read.
    pub const FORMAT: u32 = 1;
}
