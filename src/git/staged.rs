//! What the index has: what the next commit would say.

use std::collections::BTreeSet;
use std::path::Path;

use gix::index::entry::{Flags, Mode, Stage};

use super::sparse::is_below;
use super::{CommitId, EntryKind, GitError, ObjectId, Repo, TreeEntry, readable};
use crate::base::path::{file_name, join};

/// The files of an index below one folder.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    /// By path from the repository's root.
    pub files: Vec<TreeEntry>,
    /// Paths that a merge left in conflict, sorted: the index has no one content for them.
    pub unmerged: Vec<String>,
}

impl Repo {
    /// Reads the index below a folder, also what a sparse index holds as one entry. `index` is another
    /// file than the worktree's own: the one that git names for the hooks of a commit. A file that is
    /// only meant to be added is not there.
    pub fn staged(&self, prefix: &str, index: Option<&Path>) -> Result<Staged, GitError> {
        let index = match index {
            Some(file) => self.read_index_at(file.to_path_buf())?,
            None => self.read_index()?,
        };
        let mut out = Staged::default();
        let mut unmerged = BTreeSet::new();
        for entry in index.entries() {
            let path = readable(entry.path(&index));
            let path = path.trim_end_matches('/');
            let is_around = is_below(prefix, path) || path == prefix;
            let is_inside = is_below(path, prefix);
            if !is_inside && (entry.mode != Mode::DIR || !is_around) {
                continue;
            }
            if entry.stage() != Stage::Unconflicted {
                unmerged.insert(path.to_owned());
            } else if entry.mode == Mode::DIR {
                let inner = self.tree_of(ObjectId(entry.id)).walk("")?;
                let inner = inner.into_iter().map(|file| TreeEntry {
                    path: join(path, &file.path),
                    ..file
                });
                out.files
                    .extend(inner.filter(|file| is_below(&file.path, prefix)));
            } else if !entry.flags.contains(Flags::INTENT_TO_ADD) {
                let kind = entry.mode.to_tree_entry_mode().map(EntryKind::of);
                out.files.extend(kind.map(|kind| TreeEntry {
                    path: path.to_owned(),
                    name: file_name(path).to_owned(),
                    kind,
                    id: ObjectId(entry.id),
                }));
            }
        }
        out.files.sort_by(|a, b| a.path.cmp(&b.path));
        out.unmerged = unmerged.into_iter().collect();
        Ok(out)
    }

    /// Lists the paths in which the index differs from a commit; those in conflict are among them.
    pub fn staged_paths(
        &self,
        base: CommitId,
        index: Option<&Path>,
    ) -> Result<Vec<String>, GitError> {
        let base = base.to_string();
        let args = [
            "diff-index",
            "--cached",
            "--name-only",
            "--no-renames",
            "-z",
            &base,
        ];
        let named = index.map(|file| ("GIT_INDEX_FILE".to_owned(), file.display().to_string()));
        let named: Vec<(String, String)> = named.into_iter().collect();
        Ok(self.listed(&named, &args)?.into_iter().collect())
    }

    /// Lists the paths in which the working tree differs from a commit, with those that are new and not
    /// ignored. Nothing is written, not even what git learns of the files.
    pub fn worktree_paths(&self, base: CommitId) -> Result<Vec<String>, GitError> {
        let base = base.to_string();
        let diff = [
            "diff",
            "--name-only",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=dirty",
            "-z",
            &base,
            "--",
        ];
        let untracked = ["ls-files", "--others", "--exclude-standard", "-z"];
        let named = [("GIT_OPTIONAL_LOCKS".to_owned(), "0".to_owned())];
        let mut out = self.listed(&named, &diff)?;
        out.extend(self.listed(&named, &untracked)?);
        Ok(out.into_iter().collect())
    }

    fn listed(
        &self,
        env: &[(String, String)],
        args: &[&str],
    ) -> Result<BTreeSet<String>, GitError> {
        let output = self.run_program_with(env, args, b"")?;
        if !output.status.success() {
            return Err(GitError::failed(args[0], &output));
        }
        let paths = output.stdout.split(|byte| *byte == 0);
        let paths = paths.filter(|path| !path.is_empty());
        Ok(paths
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect())
    }
}
