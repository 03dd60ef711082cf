//! Files as a change set would leave them: what is asked of a change before it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cache::Mark;
use super::files::{FileEntry, FileKind, Files, StoreError};
use super::snapshot::Snapshot;
use crate::git::{ChangeSet, Content};

/// Files, and what is written over them or gone. Paths are relative to the workspace.
#[derive(Debug)]
pub struct ChangedFiles {
    base: Arc<dyn Files>,
    /// `None` for a file that is gone.
    edits: BTreeMap<String, Option<Vec<u8>>>,
}

impl ChangedFiles {
    /// # Errors
    /// A file that holds new bytes can't be read.
    pub fn new(base: Arc<dyn Files>, changes: &ChangeSet) -> Result<Self, StoreError> {
        let mut edits = BTreeMap::new();
        for edit in &changes.edits {
            let bytes = match &edit.content {
                None => None,
                Some(Content::Bytes(bytes)) => Some(bytes.clone()),
                Some(Content::Spooled(stretch)) => Some(stretch.read()?),
            };
            edits.insert(edit.path.clone(), bytes);
        }
        Ok(Self { base, edits })
    }
}

impl Files for ChangedFiles {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        let mut out = self.base.list(dir)?;
        let prefix = match dir {
            "" => String::new(),
            dir => format!("{dir}/"),
        };
        let edits = self.edits.range(prefix.clone()..);
        let edits = edits.map_while(|(path, bytes)| Some((path.strip_prefix(&prefix)?, bytes)));
        let mut files: BTreeMap<&str, Option<FileEntry>> = BTreeMap::new();
        let mut folders: BTreeSet<&str> = BTreeSet::new();
        for (below, bytes) in edits {
            match (below.split_once('/'), bytes) {
                (Some((folder, _)), Some(_)) => drop(folders.insert(folder)),
                (Some(_), None) => {}
                (None, bytes) => {
                    let entry = bytes.as_ref().map(|bytes| FileEntry {
                        name: below.to_owned(),
                        kind: FileKind::File,
                        size: Some(bytes.len() as u64),
                    });
                    files.insert(below, entry);
                }
            }
        }
        out.retain(|entry| !files.contains_key(entry.name.as_str()));
        out.extend(files.into_values().flatten());
        for entry in &out {
            folders.remove(entry.name.as_str());
        }
        out.extend(folders.into_iter().map(|name| FileEntry {
            name: name.to_owned(),
            kind: FileKind::Folder,
            size: None,
        }));
        out.sort();
        Ok(out)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.edits.get(path) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.base.read(path),
        }
    }

    fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        match self.edits.get(path) {
            Some(bytes) => Ok(bytes.as_ref().map(|bytes| bytes.len() as u64)),
            None => self.base.size(path),
        }
    }

    fn mark(&self, path: &str) -> Option<Mark> {
        match self.edits.contains_key(path) {
            true => None,
            false => self.base.mark(path),
        }
    }

    fn describe(&self) -> String {
        format!("{} with a change", self.base.describe())
    }
}

impl Snapshot {
    /// Returns the snapshot as a change of its documentation would leave it.
    ///
    /// # Errors
    /// A file that holds new bytes can't be read.
    pub fn changed(&self, changes: &ChangeSet) -> Result<Self, StoreError> {
        Ok(Self {
            docs: Arc::new(ChangedFiles::new(self.docs.clone(), changes)?),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryFiles, walk};

    #[test]
    fn a_change_is_seen_before_it_is_made() {
        let base: MemoryFiles = [("a/b.md", "b"), ("a/c.md", "c"), ("d.md", "d")]
            .into_iter()
            .collect();
        let mut changes = ChangeSet::new("Change");
        changes.write("a/b.md", "new");
        changes.write("e/f/g.md", "g");
        changes.remove("d.md");
        changes.write("d.md/x.md", "x");
        changes.remove("gone/y.md");
        let files = ChangedFiles::new(Arc::new(base), &changes).expect("bytes");
        let all = walk(&files, "", &|_| false).expect("walks");
        let all: Vec<&str> = all.iter().map(|entry| entry.path.as_str()).collect();
        let files_and_folders = ["a", "a/b.md", "a/c.md", "d.md", "d.md/x.md"];
        assert_eq!(all[..5], files_and_folders);
        assert_eq!(all[5..], ["e", "e/f", "e/f/g.md"]);
        let kinds = files.list("").expect("lists");
        let is_folder = |entry: &FileEntry| entry.kind == FileKind::Folder;
        assert!(kinds.iter().all(is_folder), "{kinds:?}");
        assert_eq!(files.read("a/b.md").expect("reads"), Some(b"new".to_vec()));
        assert_eq!(files.read("d.md").expect("reads"), None);
        assert_eq!(files.size("a/c.md").expect("reads"), Some(1));
    }
}
