//! Files of the working tree: looked at without following links, written aside and renamed.

use std::path::{Path, PathBuf};

use gix::index::entry::{self, Stat};
use gix::index::fs::Metadata;

use super::ObjectId;
use crate::base::files::TEMPORARY;
use crate::base::{FileError, files, path};

/// A working tree by its root.
pub(super) struct Worktree<'a> {
    root: &'a Path,
}

/// What stands at a path.
pub(super) enum Found {
    Absent,
    File(Metadata),
    /// Something that is no file, at the path itself or above it.
    Obstructed {
        by: String,
        what: &'static str,
    },
}

impl<'a> Worktree<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root }
    }

    pub(super) fn native(&self, path: &str) -> PathBuf {
        path::to_native(self.root, path)
    }

    /// Looks at a path. A link above it obstructs: what lies behind is not of this tree.
    pub(super) fn find(&self, path: &str) -> Result<Found, FileError> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            let part = &path[..end];
            let native = self.native(part);
            let meta = match Metadata::from_path_no_follow(&native) {
                Ok(meta) => meta,
                Err(e) if is_absent(&e) => return Ok(Found::Absent),
                Err(e) => return Err(FileError::new("look at", native, e)),
            };
            let is_last = end == path.len();
            if is_last && meta.is_file() {
                return Ok(Found::File(meta));
            }
            if is_last || !meta.is_dir() {
                let by = part.to_owned();
                return Ok(Found::Obstructed {
                    by,
                    what: what(&meta),
                });
            }
        }
        Ok(Found::Absent)
    }

    /// Removes files that were being written below a folder when their writer was killed.
    pub(super) fn remove_temporary(&self, folder: &str) -> Result<(), FileError> {
        remove_temporary(&self.native(folder), usize::MAX)
    }

    /// Removes files that were being written in a folder itself when their writer was killed.
    pub(super) fn remove_temporary_in(&self, folder: &str) -> Result<(), FileError> {
        remove_temporary(&self.native(folder), 1)
    }

    /// Removes a file, and the folders above it that are empty then.
    pub(super) fn remove(&self, path: &str) -> Result<(), FileError> {
        files::remove_file(&self.native(path))?;
        let mut above = path::parent(path);
        while !above.is_empty() && files::remove_empty_dir(&self.native(above)) {
            above = path::parent(above);
        }
        Ok(())
    }
}

/// Removes files that were being written, down to a depth.
pub(super) fn remove_temporary(folder: &Path, depth: usize) -> Result<(), FileError> {
    let walk = walkdir::WalkDir::new(folder).max_depth(depth);
    let files = walk.into_iter().filter_map(Result::ok);
    let is_temporary = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.file_type().is_file() && name.starts_with(TEMPORARY)
    };
    files
        .filter(is_temporary)
        .try_for_each(|entry| files::remove_file(entry.path()))
}

fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

fn what(meta: &Metadata) -> &'static str {
    match (meta.is_symlink(), meta.is_dir(), meta.is_file()) {
        (true, ..) => "a symbolic link",
        (_, true, _) => "a folder",
        (.., true) => "a file",
        _ => "no regular file",
    }
}

/// Whether bytes are a blob, as they stand or with the line ends that a checkout may have given
/// them (`core.autocrlf`).
pub(super) fn is_blob(bytes: &[u8], id: ObjectId) -> bool {
    if ObjectId::of_blob(bytes) == id {
        return true;
    }
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    if lines.len() < 2 || !bytes.contains(&b'\r') {
        return false;
    }
    let strip = |line: &[u8]| line.strip_suffix(b"\r").unwrap_or(line).to_vec();
    let (last, ended) = lines.split_last().expect("split yields one at least");
    let mut plain: Vec<Vec<u8>> = ended.iter().map(|line| strip(line)).collect();
    plain.push(last.to_vec());
    ObjectId::of_blob(&plain.join(&b'\n')) == id
}

/// Returns what the index notes of a file to recognise a change; nothing where it isn't there, so
/// that git looks at the content.
pub(super) fn stat(path: &Path) -> Stat {
    let meta = Metadata::from_path_no_follow(path).ok();
    meta.and_then(|meta| Stat::from_fs(&meta).ok())
        .unwrap_or_default()
}

/// Whether a file changed in the second in which the index was written, or later: its stat proves
/// nothing then.
pub(super) fn is_racy(stat: &Stat, written: i64) -> bool {
    written <= i64::from(stat.mtime.secs)
}

/// Whether the index vouches for a file's content by its stat alone.
pub(super) fn vouches(
    state: &gix::index::State,
    entry: &gix::index::Entry,
    meta: &Metadata,
) -> bool {
    let options = entry::stat::Options::default();
    let now = Stat::from_fs(meta);
    !is_racy(&entry.stat, state.timestamp().unix_seconds())
        && now.is_ok_and(|now| entry.stat.matches(&now, options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_a_checkout_are_no_change() {
        let id = ObjectId::of_blob(b"a\nb\n");
        assert!(is_blob(b"a\nb\n", id) && is_blob(b"a\r\nb\r\n", id));
        assert!(!is_blob(b"a\r\nb", id) && !is_blob(b"a\rb\n", id) && !is_blob(b"", id));
    }
}
