//! A working tree that a sparse checkout thinned: what it leaves out is read from the index.

use std::collections::BTreeMap;
use std::path::Path;

use super::cache::Mark;
use super::commit;
use super::files::{FileEntry, FileKind, Files, FolderFiles, StoreError};
use crate::git::{EntryKind, GitError, ObjectId, Repo};

/// The files of a working tree, and those that it need not hold as the index has them. What is there
/// counts.
#[derive(Clone, Debug)]
pub(super) struct SparseFiles {
    folder: FolderFiles,
    repo: Repo,
    /// By path from the workspace.
    left_out: BTreeMap<String, (EntryKind, ObjectId)>,
}

impl SparseFiles {
    /// `workspace` is the path of `root` in the repository.
    pub(super) fn new(repo: &Repo, root: &Path, workspace: &str) -> Result<Self, GitError> {
        let all = repo.left_out(workspace)?;
        let left_out = all.into_iter().map(|file| {
            let path = file.path.strip_prefix(workspace).unwrap_or(&file.path);
            let path = path.trim_start_matches('/').to_owned();
            (path, (file.kind, file.id))
        });
        let files = Self {
            folder: FolderFiles::new(root),
            repo: repo.clone(),
            left_out: left_out.collect(),
        };
        // What can't be had is missed, and named, by whoever reads it.
        let _ = files.fetch(&|path| commit::is_documentation(path));
        Ok(files)
    }

    /// Gets what a partial clone lacks, in one batch.
    fn fetch(&self, is_wanted: &dyn Fn(&str) -> bool) -> Result<(), GitError> {
        if !self.repo.is_partial() {
            return Ok(());
        }
        let wanted = self
            .left_out
            .iter()
            .filter(|(path, (kind, _))| *kind != EntryKind::Submodule && is_wanted(path));
        let ids: Vec<ObjectId> = wanted.map(|(_, (_, id))| *id).collect();
        self.repo.fetch_missing(&ids)
    }

    /// Returns the blob at a path that the working tree lacks.
    fn blob(&self, path: &str) -> Result<Option<ObjectId>, StoreError> {
        let found = self.left_out.get(path);
        let found =
            found.filter(|(kind, _)| matches!(kind, EntryKind::File | EntryKind::Executable));
        let Some((_, id)) = found.filter(|_| self.folder.is_free(path)) else {
            return Ok(None);
        };
        if !self.repo.has_object(*id) {
            // Whoever reads one file of a launch reads the others too.
            let launch: String = path.split_inclusive('/').take(6).collect();
            let fetched = self.fetch(&|path| path.starts_with(&launch));
            fetched.map_err(|error| self.failed(path, error))?;
        }
        Ok(Some(*id))
    }

    fn failed(&self, path: &str, error: GitError) -> StoreError {
        StoreError::Snapshot {
            path: path.to_owned(),
            snapshot: self.describe(),
            source: Box::new(error),
        }
    }
}

impl Files for SparseFiles {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        let mut out = self.folder.list(dir)?;
        if !dir.is_empty() && !self.folder.is_free(dir) && !self.folder.is_folder(dir) {
            return Ok(out);
        }
        let prefix = match dir {
            "" => String::new(),
            dir => format!("{dir}/"),
        };
        let mut here: BTreeMap<&str, FileKind> = BTreeMap::new();
        let below = self.left_out.range(prefix.clone()..);
        for (path, (kind, _)) in below.take_while(|(path, _)| path.starts_with(&prefix)) {
            let rest = &path[prefix.len()..];
            match rest.split_once('/') {
                Some((folder, _)) => here.insert(folder, FileKind::Folder),
                None => here.insert(rest, commit::kind_of(*kind, rest)),
            };
        }
        here.retain(|name, _| out.iter().all(|entry| entry.name != *name));
        out.extend(here.into_iter().map(|(name, kind)| FileEntry {
            name: name.to_owned(),
            kind,
            size: None,
        }));
        out.sort();
        Ok(out)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.blob(path)? {
            Some(id) => {
                let bytes = self.repo.blob(id);
                Ok(Some(bytes.map_err(|error| self.failed(path, error))?))
            }
            None => self.folder.read(path),
        }
    }

    fn mark(&self, path: &str) -> Option<Mark> {
        match self.blob(path).ok()? {
            Some(id) => Some(Mark::of_blob(id)),
            None => self.folder.mark(path),
        }
    }

    fn describe(&self) -> String {
        self.folder.describe()
    }
}
