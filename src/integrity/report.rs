//! What a verification found.

use std::fmt;

use serde::{Serialize, Serializer};

use super::signatures::Signatures;
use crate::base::{Timestamp, text};
use crate::git::{CommitId, GitError};
use crate::model::{Annotation, AnnotationKind};

/// The outcome of a verification. Sorted, and the same for the same repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether there are no violations.
    pub ok: bool,
    /// How many closed launches were checked.
    pub launches: usize,
    /// How many closed launches are here that count as verified before.
    #[serde(skip_serializing_if = "is_zero")]
    pub known: usize,
    /// Receipts that no other launch names: each proves all launches before it.
    pub receipts: Vec<ChainTip>,
    /// What the receipt proves that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// By what the rights of commits were judged.
    pub rights: Rights,
    /// Who signed the commits that brought the launches.
    pub signatures: Signatures,
    pub violations: Vec<Violation>,
    /// Violations that an owner answers for.
    pub acknowledged: Vec<Acknowledgement>,
    /// Files that were removed with a record.
    pub removed: Vec<Removed>,
    /// What could not be seen, and what is worth knowing.
    pub notices: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// A violation that somebody answers for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Acknowledgement {
    pub violation: Violation,
    pub at: Timestamp,
    /// As the annotation says.
    pub by: Option<String>,
    pub reason: String,
}

impl Acknowledgement {
    pub(super) fn new(violation: Violation, annotation: &Annotation) -> Self {
        Self {
            violation,
            at: annotation.at,
            by: annotation.by.as_deref().map(text::sanitize_line),
            reason: text::sanitize_line(&annotation.reason),
        }
    }
}

/// Files of one launch that one record says were removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Removed {
    pub launch: String,
    /// `pruned` or `redacted`.
    #[serde(serialize_with = "as_word")]
    pub kind: AnnotationKind,
    pub at: Timestamp,
    /// As the record says.
    pub by: Option<String>,
    pub reason: String,
    pub files: usize,
}

fn as_word<S: Serializer>(kind: &AnnotationKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.as_str())
}

impl Removed {
    /// Counts one more file that a record names.
    pub(super) fn note(all: &mut Vec<Self>, launch: &str, record: &Annotation) {
        let one = Self {
            launch: launch.to_owned(),
            kind: record.kind,
            at: record.at,
            by: record.by.as_deref().map(text::sanitize_line),
            reason: text::sanitize_line(&record.reason),
            files: 0,
        };
        let is_same = |other: &&mut Self| {
            Self {
                files: 0,
                ..(**other).clone()
            } == one
        };
        match all.iter_mut().find(is_same) {
            Some(known) => known.files += 1,
            None => all.push(Self { files: 1, ..one }),
        }
    }
}

/// The end of a chain of receipts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ChainTip {
    /// The project's key.
    pub project: String,
    pub launch: String,
    /// The SHA-256 of the launch's `launch.yaml`, in hex.
    pub receipt: String,
}

/// What one receipt proves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    pub receipt: String,
    /// Its launch and those before it, which it commits to.
    pub covered: Vec<ChainTip>,
    /// Launches of which it says nothing: closed later, or on another branch.
    pub uncovered: Vec<ChainTip>,
}

/// How many commits were held against the roles of members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rights {
    /// Commits that had to be signed by a member.
    pub by_signature: usize,
    /// Commits that counted as their authors', which git does not prove.
    pub by_author: usize,
}

/// One way in which evidence is not as it was closed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// The launch's id, as its folder is named.
    pub launch: Option<String>,
    /// From the root of the repository.
    pub path: String,
    pub kind: Kind,
    /// The commit that did it, where it is known.
    #[serde(serialize_with = "as_hex")]
    pub commit: Option<CommitId>,
    /// One line that makes sense alone, safe to show.
    pub message: String,
}

fn as_hex<S: Serializer>(id: &Option<CommitId>, serializer: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => serializer.collect_str(id),
        None => serializer.serialize_none(),
    }
}

/// The kinds of violations. All are matters of integrity (something differs from what was closed)
/// but those of completeness (something that is named is not here).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file's digest is not the one listed.
    ChangedFile,
    /// A listed file is not there.
    MissingFile,
    /// A file that no list names.
    ExtraFile,
    /// A link, a submodule or an executable stands where a plain file should.
    WrongMode,
    /// A file that git cannot read.
    UnreadableFile,
    /// A list is malformed, or not the one that was closed.
    WrongSums,
    /// `launch.yaml` or `cases.yaml` does not parse.
    UnreadableLaunch,
    /// `launch.yaml` names another launch than its folder.
    MisplacedLaunch,
    /// Two folders hold the same launch.
    DuplicateLaunch,
    /// The closing commit names another receipt.
    WrongReceipt,
    /// `launch.yaml` is not the one that was first committed.
    ChangedLaunch,
    /// The signature of a closing commit does not hold.
    BadSignature,
    /// No member signed a closing commit where the project required it.
    UnsignedClosing,
    /// An executed text's digest is not its name.
    WrongExecuted,
    /// A commit changed a closed launch or an executed text.
    ChangedHistory,
    /// A commit removed a closed launch.
    RemovedLaunch,
    /// A commit removed an executed text.
    RemovedExecuted,
    /// A commit changed what was said of a closed launch.
    ChangedAnnotation,
    /// A commit removed what was said of a closed launch.
    RemovedAnnotation,
    /// The working tree differs from the commit.
    WorktreeDiffers,
    /// The index differs from the commit.
    IndexDiffers,
    /// A launch names a receipt that no launch here has. Completeness.
    MissingPrevious,
    /// A launch names an executed text that is not here. Completeness.
    MissingExecuted,
    /// No launch here has a receipt that was kept elsewhere.
    UnknownReceipt,
    /// A commit did what its author's or signer's role does not allow.
    NotAllowed,
}

impl Kind {
    pub const ALL: [Self; 25] = [
        Self::ChangedFile,
        Self::MissingFile,
        Self::ExtraFile,
        Self::WrongMode,
        Self::UnreadableFile,
        Self::WrongSums,
        Self::UnreadableLaunch,
        Self::MisplacedLaunch,
        Self::DuplicateLaunch,
        Self::WrongReceipt,
        Self::ChangedLaunch,
        Self::BadSignature,
        Self::UnsignedClosing,
        Self::WrongExecuted,
        Self::ChangedHistory,
        Self::RemovedLaunch,
        Self::RemovedExecuted,
        Self::ChangedAnnotation,
        Self::RemovedAnnotation,
        Self::WorktreeDiffers,
        Self::IndexDiffers,
        Self::MissingPrevious,
        Self::MissingExecuted,
        Self::UnknownReceipt,
        Self::NotAllowed,
    ];

    /// Returns the kind's stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChangedFile => "changed-file",
            Self::MissingFile => "missing-file",
            Self::ExtraFile => "extra-file",
            Self::WrongMode => "wrong-mode",
            Self::UnreadableFile => "unreadable-file",
            Self::WrongSums => "wrong-sums",
            Self::UnreadableLaunch => "unreadable-launch",
            Self::MisplacedLaunch => "misplaced-launch",
            Self::DuplicateLaunch => "duplicate-launch",
            Self::WrongReceipt => "wrong-receipt",
            Self::ChangedLaunch => "changed-launch",
            Self::BadSignature => "bad-signature",
            Self::UnsignedClosing => "unsigned-closing",
            Self::WrongExecuted => "wrong-executed",
            Self::ChangedHistory => "changed-history",
            Self::RemovedLaunch => "removed-launch",
            Self::RemovedExecuted => "removed-executed",
            Self::ChangedAnnotation => "changed-annotation",
            Self::RemovedAnnotation => "removed-annotation",
            Self::WorktreeDiffers => "worktree-differs",
            Self::IndexDiffers => "index-differs",
            Self::MissingPrevious => "missing-previous",
            Self::MissingExecuted => "missing-executed",
            Self::UnknownReceipt => "unknown-receipt",
            Self::NotAllowed => "not-allowed",
        }
    }

    /// Whether evidence is lacking rather than altered.
    pub fn is_completeness(self) -> bool {
        matches!(self, Self::MissingPrevious | Self::MissingExecuted)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Violation {
    pub(super) fn new(
        kind: Kind,
        launch: Option<&str>,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            launch: launch.map(ToOwned::to_owned),
            path: path.into(),
            kind,
            commit: None,
            message: text::sanitize_line(&message.into()),
        }
    }

    /// Says all of it on one line, safe to show.
    pub fn line(&self) -> String {
        let launch = self.launch.as_deref();
        let launch = launch.map(|id| format!(" of launch `{}`", text::sanitize_line(id)));
        let path = match self.path.as_str() {
            "" => String::new(),
            path => format!(": `{}`", text::sanitize_line(path)),
        };
        let commit = self.commit.map(|id| format!(" (commit {})", id.short()));
        format!(
            "{}{path}{}: {}{}",
            self.kind,
            launch.unwrap_or_default(),
            self.message,
            commit.unwrap_or_default()
        )
    }

    pub(super) fn by(mut self, commit: CommitId) -> Self {
        self.commit = Some(commit);
        self
    }
}

/// Tells a file that git cannot read, which is a violation, from a failure to do the job.
pub(super) fn unreadable(error: GitError) -> Result<String, GitError> {
    match error {
        GitError::Damaged { .. } | GitError::Object { .. } | GitError::Kind { .. } => {
            Ok(error.to_string())
        }
        other => Err(other),
    }
}
