//! A workspace's files at a commit.

use std::sync::Arc;

use super::cache::Mark;
use super::files::{FileEntry, FileKind, Files, StoreError, is_inside};
use super::snapshot::{Snapshot, SnapshotName, WORKSPACE_FILE};
use crate::base::path::{file_name, join};
use crate::git::{CommitId, EntryKind, GitError, Repo, TreeView};

/// The files below a folder of a commit's tree.
#[derive(Clone, Debug)]
pub struct CommitFiles {
    tree: TreeView,
    /// The workspace's path in the repository, empty for its root.
    workspace: String,
    /// For people.
    name: String,
}

impl CommitFiles {
    /// Takes a workspace's files from a tree.
    pub fn of(tree: TreeView, workspace: &str) -> Self {
        // What can't be had is missed, and named, by whoever reads it.
        let _ = complete(&tree, workspace);
        Self {
            tree,
            workspace: workspace.to_owned(),
            name: "the branch's tip".to_owned(),
        }
    }

    /// Takes a workspace's files from a branch's tip; none where it has no commit yet.
    pub fn of_tip(repo: &Repo, tip: Option<&TreeView>, workspace: &str) -> Self {
        let tree = tip.cloned().unwrap_or_else(|| repo.empty_tree());
        Self::of(tree, workspace)
    }

    /// Takes a workspace's files from a commit.
    pub fn at(repo: &Repo, commit: CommitId, workspace: &str) -> Result<Self, GitError> {
        Ok(Self {
            name: format!("commit {}", commit.short()),
            ..Self::of(repo.tree(commit)?, workspace)
        })
    }

    /// Returns a commit as a snapshot whose documentation and launches are of one branch.
    pub fn snapshot(repo: &Repo, commit: CommitId, workspace: &str) -> Result<Snapshot, GitError> {
        let time = repo.commit_info(commit)?.time;
        let files = Self::at(repo, commit, workspace)?;
        let id = commit.to_string();
        let name = SnapshotName::Commit { id, time };
        Ok(Snapshot::of(Arc::new(files), name))
    }

    /// Gets what a partial clone lacks of closed launches and executed texts, in one batch; of launches
    /// the heads alone, or all of them.
    pub fn fetch_evidence(&self, all: bool) -> Result<(), GitError> {
        let repo = self.tree.repo();
        if !repo.is_partial() {
            return Ok(());
        }
        let projects = join(&self.workspace, "projects");
        let is_evidence = |path: &str| {
            let below = path.strip_prefix(projects.as_str()).unwrap_or_default();
            match below.trim_start_matches('/').split('/').nth(1) {
                Some("launches") => all || file_name(path) == "launch.yaml",
                Some("executed") => true,
                _ => false,
            }
        };
        let files = self.tree.walk(&projects)?.into_iter();
        let files = files.filter(|entry| {
            matches!(entry.kind, EntryKind::File | EntryKind::Executable)
                && is_evidence(&entry.path)
        });
        repo.fetch_missing(&files.map(|entry| entry.id).collect::<Vec<_>>())
    }

    /// Returns the path in the tree; `None` where it is none that a file can have.
    fn full(&self, path: &str) -> Option<String> {
        (path.is_empty() || is_inside(path)).then(|| join(&self.workspace, path))
    }

    fn failed(&self, path: &str, error: GitError) -> StoreError {
        StoreError::Snapshot {
            path: path.to_owned(),
            snapshot: self.name.clone(),
            source: Box::new(error),
        }
    }
}

/// Whether a file is read whatever is asked: documentation, and the heads of launches.
pub(super) fn is_documentation(path: &str) -> bool {
    let of_launch = path.contains("/launches/") || path.contains("/executed/");
    !of_launch || path.ends_with("/launch.yaml")
}

/// Gets what a partial clone lacks of the documentation and of the heads of launches, in one batch.
fn complete(tree: &TreeView, workspace: &str) -> Result<(), GitError> {
    let repo = tree.repo();
    if !repo.is_partial() {
        return Ok(());
    }
    let mut files = tree.walk(&join(workspace, "projects"))?;
    files.retain(|file| file.kind != EntryKind::Submodule && is_documentation(&file.path));
    files.extend(tree.entry(&join(workspace, WORKSPACE_FILE))?);
    let ids: Vec<_> = files.iter().map(|file| file.id).collect();
    repo.fetch_missing(&ids)
}

impl Files for CommitFiles {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        let Some(full) = self.full(dir) else {
            return Ok(Vec::new());
        };
        let listed = self.tree.list(&full);
        let listed = listed.map_err(|error| self.failed(dir, error))?;
        let entries = listed.into_iter().map(|entry| FileEntry {
            kind: kind_of(entry.kind, &entry.name),
            name: entry.name,
            size: None,
        });
        Ok(entries.collect())
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(full) = self.full(path) else {
            return Ok(None);
        };
        let read = self.tree.read(&full);
        read.map_err(|error| self.failed(path, error))
    }

    fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        let Some(full) = self.full(path) else {
            return Ok(None);
        };
        let size = self.tree.size(&full);
        size.map_err(|error| self.failed(path, error))
    }

    fn mark(&self, path: &str) -> Option<Mark> {
        let entry = self.tree.entry(&self.full(path)?).ok()??;
        let is_file = matches!(entry.kind, EntryKind::File | EntryKind::Executable);
        is_file.then(|| Mark::of_blob(entry.id))
    }

    fn describe(&self) -> String {
        self.name.clone()
    }
}

pub(super) fn kind_of(kind: EntryKind, name: &str) -> FileKind {
    match kind {
        _ if has_escaped_byte(name) => FileKind::BadName,
        EntryKind::File | EntryKind::Executable => FileKind::File,
        EntryKind::Folder => FileKind::Folder,
        EntryKind::Symlink => FileKind::Symlink,
        EntryKind::Submodule => FileKind::Other,
    }
}

/// Whether a name holds `\xNN`, as the git floor writes bytes that are not UTF-8.
fn has_escaped_byte(name: &str) -> bool {
    name.match_indices("\\x").any(|(at, _)| {
        let digits = name.get(at + 2..at + 4);
        digits.is_some_and(|d| u8::from_str_radix(d, 16).is_ok_and(|byte| byte >= 0x80))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;
    use crate::store::{FolderFiles, Snapshot, SnapshotName, load, walk};

    #[test]
    fn a_commit_and_the_working_tree_answer_alike() {
        let play = Playground::new();
        let repo = play.init("main");
        play.write("qa/tallybook.yaml", "format: 1\n");
        play.write("qa/projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
        let case = "---\nid: SHOP-A\ntitle: Sign in\n---\n";
        play.write("qa/projects/shop/cases/auth/a.md", case);
        play.git(&["add", "-A"]);
        play.git(&["commit", "-q", "-m", "one"]);
        let repo_root = play.root().to_path_buf();
        let prefix = "qa";
        let commit = repo.head().expect("a head").commit.expect("born");
        let files = CommitFiles::at(&repo, commit, prefix).expect("opens");
        let disk = FolderFiles::new(repo_root.join("qa"));
        let list = |files: &dyn Files| {
            let entries = walk(files, "", &|_| false).expect("walks").into_iter();
            entries.map(|e| (e.path, e.kind)).collect::<Vec<_>>()
        };
        assert_eq!(list(&files), list(&disk));
        for path in [
            "tallybook.yaml",
            "projects",
            "../qa/tallybook.yaml",
            "/",
            "nothing",
        ] {
            let (a, b) = (files.read(path), disk.read(path));
            assert_eq!(a.expect("reads"), b.expect("reads"), "{path}");
        }
        play.write("qa/projects/shop/cases/auth/a.md", "");
        let at = Snapshot::at_commit(&repo, commit, prefix).expect("opens");
        assert!(matches!(at.name, SnapshotName::Commit { .. }));
        let then = load(&at).expect("loads");
        assert_eq!(then.findings, []);
        assert_eq!(then.workspace.projects[0].cases[0].value.id, "SHOP-A");
        let now = load(&Snapshot::working_tree(&repo_root.join("qa"))).expect("loads");
        assert_eq!(now.findings.len(), 1);
    }
}
