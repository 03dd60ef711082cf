//! A workspace's files in the index: as the next commit would have them.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::cache::Mark;
use super::commit;
use super::files::{FileEntry, FileKind, Files, StoreError};
use crate::git::{EntryKind, GitError, ObjectId, Repo, Staged};

/// The files below a folder of the index, those too that a sparse checkout leaves out.
#[derive(Clone, Debug)]
pub(super) struct IndexFiles {
    repo: Repo,
    /// By path from the workspace.
    files: BTreeMap<String, (EntryKind, ObjectId)>,
}

impl IndexFiles {
    /// `workspace` is the workspace's path in the repository. Files in conflict are not there.
    pub(super) fn new(repo: &Repo, staged: Staged, workspace: &str) -> Self {
        let files = staged.files.into_iter().filter_map(|file| {
            let path = file.path.strip_prefix(workspace)?;
            let path = path.trim_start_matches('/').to_owned();
            Some((path, (file.kind, file.id)))
        });
        let out = Self {
            repo: repo.clone(),
            files: files.collect(),
        };
        // What can't be had is missed, and named, by whoever reads it.
        let _ = out.fetch();
        out
    }

    /// Gets what a partial clone lacks of the documentation, in one batch.
    fn fetch(&self) -> Result<(), GitError> {
        if !self.repo.is_partial() {
            return Ok(());
        }
        let wanted = self.files.iter().filter(|(path, (kind, _))| {
            *kind != EntryKind::Submodule && commit::is_documentation(path)
        });
        let ids: Vec<ObjectId> = wanted.map(|(_, (_, id))| *id).collect();
        self.repo.fetch_missing(&ids)
    }

    fn blob(&self, path: &str) -> Option<ObjectId> {
        let (kind, id) = self.files.get(path)?;
        matches!(kind, EntryKind::File | EntryKind::Executable).then_some(*id)
    }
}

impl Files for IndexFiles {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        let prefix = match dir {
            "" => String::new(),
            dir => format!("{dir}/"),
        };
        let mut out = Vec::new();
        let mut from = Bound::Included(prefix.clone());
        loop {
            let next = self.files.range((from, Bound::Unbounded)).next();
            let Some((path, (kind, _))) = next.filter(|(path, _)| path.starts_with(&prefix)) else {
                break;
            };
            let rest = &path[prefix.len()..];
            let (name, kind) = match rest.split_once('/') {
                Some((folder, _)) => (folder, FileKind::Folder),
                None => (rest, commit::kind_of(*kind, rest)),
            };
            // `0` is the sign after `/`: all that is in a folder is passed over at once.
            from = match kind {
                FileKind::Folder => Bound::Included(format!("{prefix}{name}0")),
                _ => Bound::Excluded(path.clone()),
            };
            out.push(FileEntry {
                name: name.to_owned(),
                kind,
                size: None,
            });
        }
        out.sort();
        Ok(out)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = self.blob(path).map(|id| self.repo.blob(id)).transpose();
        bytes.map_err(|error| StoreError::Snapshot {
            path: path.to_owned(),
            snapshot: self.describe(),
            source: Box::new(error),
        })
    }

    fn mark(&self, path: &str) -> Option<Mark> {
        self.blob(path).map(Mark::of_blob)
    }

    fn describe(&self) -> String {
        "the index".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;
    use crate::store::{CommitFiles, walk};

    #[test]
    fn the_index_answers_as_the_commit_that_is_made_of_it() {
        let play = Playground::new();
        let repo = play.init("main");
        for path in [
            "qa/tallybook.yaml",
            "qa/projects/a/b.md",
            "qa/projects/a/b/c.md",
            "qa/projects/a-b.md",
            "qa/projects/a0.md",
            "qa.md",
            "qa0/other.md",
            "src/main.py",
        ] {
            play.write(path, path);
        }
        play.git(&["add", "-A"]);
        play.write("qa/projects/later.md", "not staged");
        play.write("qa/projects/meant.md", "not staged");
        play.git(&["add", "-N", "qa/projects/meant.md"]);
        play.write("qa/projects/a-b.md", "changed after it was staged");
        let staged = repo.staged("qa", None).expect("reads");
        assert_eq!(staged.unmerged, [] as [&str; 0]);
        let index = IndexFiles::new(&repo, staged, "qa");
        play.git(&["commit", "-q", "-m", "one"]);
        let commit = repo.head().expect("a head").commit.expect("born");
        let commit = CommitFiles::at(&repo, commit, "qa").expect("opens");
        let all = |files: &dyn Files| {
            let all = walk(files, "", &|_| false).expect("walks").into_iter();
            let all = all.map(|entry| {
                let bytes = files.read(&entry.path).expect("reads");
                (entry.path, entry.kind, bytes)
            });
            all.collect::<Vec<_>>()
        };
        assert_eq!(all(&index), all(&commit));
        assert_eq!(all(&index).len(), 8);
        for dir in ["nothing", "projects/a/b.md", "..", "/", "projects/a/"] {
            assert_eq!(
                index.list(dir).expect("lists"),
                commit.list(dir).expect("lists"),
                "{dir}"
            );
        }
    }
}
