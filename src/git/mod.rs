//! The only home of gix: snapshots, history, commits. Knows nothing of tests.
//!
//! Objects are read by id and held against it; grafts and replacements are ignored. No hook runs,
//! and of the user's configuration only the identity matters.

mod attributes;
mod change;
mod commit;
mod error;
mod follow;
mod gathered;
mod header;
mod history;
mod id;
mod index;
mod journal;
mod latest;
mod lfs;
mod locks;
mod object;
mod plan;
mod program;
mod refs;
mod remote;
mod repo;
mod sign;
mod signature;
mod sparse;
mod staged;
mod standing;
mod status;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod touched;
mod tree;
mod worktree;

/// Makes a signal that ends the program (Ctrl-C, SIGTERM) remove the locks that it holds first.
pub fn remove_locks_on_signals() {
    use gix::tempfile::signal;
    signal::setup(signal::handler::Mode::DeleteTempfilesOnTerminationAndRestoreDefaultBehaviour);
}

pub use attributes::{Attribute, AttributeLine};
pub use change::{ChangeSet, Content, Edit, NewTag};
pub use commit::CommitRequest;
pub use error::{BoxError, CommitError, GitError};
pub use gathered::Gathered;
pub use history::{CommitInfo, History, Identity, Step};
pub use id::{CommitId, ObjectId};
pub use lfs::{MAX_POINTER, read_pointer, write_pointer};
pub use locks::WorkFile;
pub use program::answer_without_terminal;
pub use refs::{Peeled, Reference, Target};
pub use remote::{FastForward, Pushed, RefUpdate};
pub use repo::{Head, Repo};
pub use sign::MadeTag;
pub use signature::{KeyKind, SignatureState, TrustedKey};
pub use staged::Staged;
pub use standing::{Lead, Standing, is_branch_name};
pub use status::{Change, Difference, WorktreeState};
pub use touched::Touched;
pub use tree::{EntryKind, TreeEntry, TreeView, readable};
