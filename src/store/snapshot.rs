//! A workspace's files at one moment, and where a workspace is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cache::{Cache, CachedFiles};
use super::commit::CommitFiles;
use super::files::{FileEntry, Files, FolderFiles, MemoryFiles, StoreError};
use super::sparse::SparseFiles;
use super::staged::IndexFiles;
use crate::base::Timestamp;
use crate::base::text::list;
use crate::git::{CommitId, Repo, Staged};

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
    /// Where the launches are read from; `None` where they lie beside the documentation.
    pub apart: Option<Apart>,
}

/// Launches that are read from elsewhere than their documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The branch that they have to themselves, `tallybook` say; empty where a commit was named.
    pub branch: String,
    /// The commit that has them; `None` where none is known here.
    pub commit: Option<CommitId>,
    /// Why there may be launches that can't be seen.
    pub unavailable: Option<Unavailable>,
}

/// Closed launches that are not here, as far as this repository can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable {
    /// One line, for people.
    pub why: String,
    /// What brings them here.
    pub remedy: String,
    /// This repository was cut short and can't know. Otherwise it most likely means that no launch was
    /// closed yet.
    pub is_cut: bool,
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

    /// The working tree of the workspace at `root`, where a sparse checkout left files out: those are
    /// read from the index. `prefix` is the workspace's path in the repository.
    pub fn sparse_tree(repo: &Repo, root: &Path, prefix: &str) -> Result<Self, StoreError> {
        let files = SparseFiles::new(repo, root, prefix);
        let files = files.map_err(|source| StoreError::Snapshot {
            path: prefix.to_owned(),
            snapshot: "the index".to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self::of(Arc::new(files), SnapshotName::WorkingTree))
    }

    /// What is staged of the workspace at `prefix`: what the next commit has. It is of now, as a working
    /// tree is.
    pub fn staged(repo: &Repo, staged: Staged, prefix: &str) -> Self {
        let files = IndexFiles::new(repo, staged, prefix);
        Self::of(Arc::new(files), SnapshotName::WorkingTree)
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
            apart: None,
        }
    }

    /// Reads the launches from a commit instead; the snapshot's time is the later one of both.
    pub fn with_launches(
        mut self,
        repo: &Repo,
        commit: CommitId,
        prefix: &str,
        branch: &str,
    ) -> Result<Self, StoreError> {
        let fail = |source: crate::git::GitError| StoreError::Snapshot {
            path: prefix.to_owned(),
            snapshot: format!("commit {}", commit.short()),
            source: Box::new(source),
        };
        let files = CommitFiles::at(repo, commit, prefix).map_err(fail)?;
        self.launches = Arc::new(files);
        if let SnapshotName::Commit { time, .. } = &mut self.name {
            *time = (*time).max(repo.commit_info(commit).map_err(fail)?.time);
        }
        self.apart = Some(Apart {
            branch: branch.to_owned(),
            commit: Some(commit),
            unavailable: None,
        });
        Ok(self)
    }

    /// Reads the launches from several places together; what two of them have is the first one's.
    pub fn with_all_launches(mut self, all: Vec<CommitFiles>, branch: &str) -> Self {
        self.launches = Arc::new(Together(all));
        self.apart = Some(Apart {
            branch: branch.to_owned(),
            commit: None,
            unavailable: None,
        });
        self
    }

    /// Keeps what is derived from closed launches, and takes what was kept.
    pub fn with_cache(mut self, cache: Cache) -> Self {
        self.launches = Arc::new(CachedFiles {
            files: self.launches,
            cache,
        });
        self
    }

    /// Says that the launches have a branch of their own of which nothing is known here.
    pub fn without_launches(mut self, branch: &str, unavailable: Option<Unavailable>) -> Self {
        self.launches = Arc::new(MemoryFiles::default());
        self.apart = Some(Apart {
            branch: branch.to_owned(),
            commit: None,
            unavailable,
        });
        self
    }

    /// Returns why there may be closed launches that can't be seen.
    pub fn unavailable(&self) -> Option<&Unavailable> {
        self.apart.as_ref()?.unavailable.as_ref()
    }
}

/// The files of several commits as one, the first with a path giving its content.
#[derive(Clone, Debug)]
struct Together(Vec<CommitFiles>);

impl Files for Together {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        let mut out: BTreeMap<String, FileEntry> = BTreeMap::new();
        for files in &self.0 {
            for entry in files.list(dir)? {
                out.entry(entry.name.clone()).or_insert(entry);
            }
        }
        Ok(out.into_values().collect())
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        for files in &self.0 {
            if let Some(bytes) = files.read(path)? {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    fn describe(&self) -> String {
        let names: Vec<String> = self.0.iter().map(CommitFiles::describe).collect();
        list(&names, "and")
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
