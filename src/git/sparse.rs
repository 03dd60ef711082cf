//! What a sparse checkout leaves out of the working tree.

use gix::index::entry::{Flags, Mode, Stage};

use super::{EntryKind, GitError, ObjectId, Repo, TreeEntry, readable};
use crate::base::path::{file_name, join};

impl Repo {
    /// Lists the files below a folder that need not be in the working tree, as the index has them: also
    /// those in folders that a sparse index holds as one entry. Paths are from the root; sorted.
    pub fn left_out(&self, prefix: &str) -> Result<Vec<TreeEntry>, GitError> {
        let index = self.read_index()?;
        let mut out = Vec::new();
        for entry in index.entries() {
            if entry.stage() != Stage::Unconflicted {
                continue;
            }
            let path = readable(entry.path(&index));
            let path = path.trim_end_matches('/');
            if entry.mode == Mode::DIR {
                let inner = self.tree_of(ObjectId(entry.id)).walk("")?;
                out.extend(inner.into_iter().map(|file| TreeEntry {
                    path: join(path, &file.path),
                    ..file
                }));
            } else if entry.flags.contains(Flags::SKIP_WORKTREE) {
                let kind = entry.mode.to_tree_entry_mode().map(EntryKind::of);
                out.extend(kind.map(|kind| TreeEntry {
                    path: path.to_owned(),
                    name: file_name(path).to_owned(),
                    kind,
                    id: ObjectId(entry.id),
                }));
            }
        }
        out.retain(|file| is_below(&file.path, prefix));
        out.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }
}

pub(super) fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
}
