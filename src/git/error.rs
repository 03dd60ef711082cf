//! What can go wrong below a repository.

use std::io;
use std::path::{Path, PathBuf};

use super::ObjectId;
use crate::base::{FileError, text};

/// Any error, as its cause.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A repository, an object or a reference could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("cannot open the git repository at `{}`", path.display())]
    Open { path: PathBuf, source: BoxError },
    #[error(
        "the git repository at `{}` belongs to another user; `git config --global --add \
         safe.directory` with its path trusts it",
        path.display()
    )]
    Untrusted { path: PathBuf, source: BoxError },
    #[error(
        "the git repository at `{}` names objects by sha256, and only sha1 is read here; push its files \
         into a repository that `git init --object-format=sha1` made",
        path.display()
    )]
    ObjectFormat { path: PathBuf },
    #[error(
        "the git repository at `{}` keeps its references as reftable, which is not read here; run \
         `git refs migrate --ref-format=files` in it",
        path.display()
    )]
    RefFormat { path: PathBuf },
    #[error("cannot create a git repository in `{}`", path.display())]
    Init { path: PathBuf, source: BoxError },
    #[error("`{rev}` names no commit")]
    Revision { rev: String, source: BoxError },
    #[error("cannot read the reference `{name}`")]
    Reference { name: String, source: BoxError },
    #[error("`{name}` is not the full name of a branch, such as `refs/heads/main`")]
    BranchName { name: String },
    #[error("object `{id}` is missing{}", missing_hint(*partial))]
    Missing { id: ObjectId, partial: bool },
    #[error(
        "object `{id}` is not in this partial clone, and its remote did not give it ({reason}); `git fetch \
         --refetch --no-filter` completes the clone"
    )]
    Unfetched { id: ObjectId, reason: String },
    #[error("object `{id}` is damaged: its content has another id; `git fsck` says more")]
    Damaged { id: ObjectId },
    #[error("object `{id}` is a {found}, expected a {expected}")]
    Kind {
        id: ObjectId,
        found: String,
        expected: &'static str,
    },
    #[error("cannot read object `{id}`")]
    Object { id: ObjectId, source: BoxError },
    #[error("cannot write an object to `{}`", path.display())]
    WriteObject { path: PathBuf, source: BoxError },
    #[error("cannot read the index `{}`", path.display())]
    Index { path: PathBuf, source: BoxError },
    #[error("cannot open the object directory `{}`", path.display())]
    ObjectDirectory { path: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{what} is not finished; finish it, or take it back, with git")]
    HalfDone { what: &'static str },
    #[error(
        "`git {command}` did not end in {seconds} seconds and was stopped; it may wait for a passphrase, or for a \
         machine that does not answer: try it in a terminal"
    )]
    Waited { command: String, seconds: u64 },
    #[error("cannot run `git {command}`")]
    Program { command: String, source: io::Error },
    #[error("`git {command}` failed: {message}")]
    ProgramFailed { command: String, message: String },
}

fn missing_hint(partial: bool) -> &'static str {
    if partial {
        ": this is a partial clone, and `git fetch --refetch --no-filter` completes it"
    } else {
        "; `git fsck` says more"
    }
}

impl GitError {
    pub(super) fn open(path: &Path, source: gix::Error) -> Self {
        let path = path.to_owned();
        if source.is_permission_denied() {
            let source = source.into();
            Self::Untrusted { path, source }
        } else if is_of_sha256(&source) {
            Self::ObjectFormat { path }
        } else {
            let source = source.into();
            Self::Open { path, source }
        }
    }
}

/// Whether a repository can't be opened because of its object format, which has no error of its own.
fn is_of_sha256(error: &gix::Error) -> bool {
    let shown = format!("{error:?}");
    shown.contains("extensions.objectFormat")
}

/// A change set could not become a commit.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Build(BoxError),
    #[error(transparent)]
    Check(BoxError),
    #[error("`{path}` is not a path inside a repository")]
    Path { path: String },
    #[error("cannot write `{path}`: `{by}` is {what}")]
    Obstructed {
        path: String,
        by: String,
        what: &'static str,
    },
    #[error("`{path}` has uncommitted changes; commit them or put them aside first")]
    Uncommitted { path: String },
    #[error(
        "branch `{branch}` is checked out in another worktree, `{}`; run the command there",
        worktree.display()
    )]
    CheckedOut { branch: String, worktree: PathBuf },
    #[error("branch `{branch}` is being rebased in `{}`; finish that first", worktree.display())]
    Rebasing { branch: String, worktree: PathBuf },
    #[error(
        "{}: another git process is at work, or was killed; wait for it, or let `tallybook doctor \
         --repair` remove what a killed one left",
        locked(.locks)
    )]
    Locked { locks: Vec<PathBuf> },
    #[error("branch `{branch}` moved {tries} times while the commit was made; try again")]
    Raced { branch: String, tries: u32 },
    #[error("cannot move branch `{branch}`")]
    Branch { branch: String, source: BoxError },
    #[error("git can't sign the {what}: {message}")]
    Signing { what: &'static str, message: String },
    #[error("`{name}` can't be the name of a tag")]
    TagName { name: String },
    #[error("there is a tag `{name}` already")]
    TagExists { name: String },
    #[error("a commit's {what} must not contain a NUL character")]
    Nul { what: &'static str },
    #[error("`{}` changed while it was committed", path.display())]
    Spool { path: PathBuf },
}

fn locked(locks: &[PathBuf]) -> String {
    let names: Vec<String> = locks
        .iter()
        .map(|lock| lock.display().to_string())
        .collect();
    let verb = if names.len() == 1 { "exists" } else { "exist" };
    format!("{} {verb}", text::ticked(&names, "and"))
}

impl From<FileError> for CommitError {
    fn from(error: FileError) -> Self {
        Self::Git(GitError::File(error))
    }
}
