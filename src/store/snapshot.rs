//! A workspace's files at one moment, and where a workspace is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::commit::CommitFiles;
use super::files::{Files, FolderFiles, MemoryFiles, StoreError};
use crate::base::Timestamp;
use crate::git::{CommitId, Repo};

/// The name of the file that makes a folder a workspace.
pub const WORKSPACE_FILE: &str = "tallybook.yaml";

/// The pair (documentation, launches) that everything is computed from. With one branch both are
/// the same files.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub docs: Arc<dyn Files>,
    /// `launches`, `executed` and `annotations` of all projects.
    pub launches: Arc<dyn Files>,
    pub name: SnapshotName,
}

/// Which moment a snapshot shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotName {
    WorkingTree,
    Commit {
        /// The full id of the documentation's commit.
        id: String,
        /// The later committer time of the two sides.
        time: Timestamp,
    },
}

impl Snapshot {
    /// The working tree of the workspace at `root`.
    pub fn working_tree(root: &Path) -> Self {
        Self::of(Arc::new(FolderFiles::new(root)), SnapshotName::WorkingTree)
    }

    /// Files in memory, as a working tree.
    pub fn memory(files: MemoryFiles) -> Self {
        Self::of(Arc::new(files), SnapshotName::WorkingTree)
    }

    /// The workspace that stands at `prefix` of a commit's tree; the empty prefix is its root.
    pub fn at_commit(repo: &Repo, commit: CommitId, prefix: &str) -> Result<Self, StoreError> {
        CommitFiles::snapshot(repo, commit, prefix).map_err(|source| StoreError::Snapshot {
            path: prefix.to_owned(),
            snapshot: format!("commit {}", commit.short()),
            source: Box::new(source),
        })
    }

    /// A snapshot whose documentation and launches are the same files.
    pub fn of(files: Arc<dyn Files>, name: SnapshotName) -> Self {
        Self {
            docs: files.clone(),
            launches: files,
            name,
        }
    }
}

/// Finds the folder with `tallybook.yaml`: `start` or the nearest one above it. The root of the
/// file system ends the search.
pub fn find_workspace(start: &Path) -> Result<PathBuf, StoreError> {
    for folder in start.ancestors() {
        let file = folder.join(WORKSPACE_FILE);
        if file.symlink_metadata().is_ok_and(|m| m.is_file()) {
            return Ok(folder.to_path_buf());
        }
    }
    Err(StoreError::NoWorkspace {
        start: start.to_path_buf(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;

    #[test]
    fn the_nearest_workspace_above_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        files::write(&root.join("tallybook.yaml"), b"format: 1\n").expect("writes");
        files::write(&root.join("projects/shop/cases/a/b.md"), b"").expect("writes");
        let inside = root.join("projects/shop/cases/a");
        assert_eq!(find_workspace(&inside).expect("found"), root);
        let elsewhere = tempfile::tempdir().expect("a folder");
        let error = find_workspace(elsewhere.path()).expect_err("none there");
        assert!(error.to_string().contains("there is no `tallybook.yaml`"));
        assert!(error.hint().is_some_and(|h| h.contains("tallybook init")));
    }
}
