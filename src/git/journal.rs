//! What a commit on the branch that is checked out is about to do to files and index, noted before it
//! does it: where it is killed, the next command puts everything back, or ends what the branch has
//! already.
//!
//! Whoever makes the commit holds the note's lock, which the system takes from whoever is killed.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use gix::lock::acquire::Fail;

use super::index::Index;
use super::plan::Planned;
use super::worktree::{self, Found, Worktree};
use super::{CommitError, ObjectId, Repo};
use crate::base::files::{Aside, Output};
use crate::base::{FileError, files, path};

/// A note, held by its lock.
pub(super) struct Journal {
    path: PathBuf,
    _file: Output,
}

/// One path of a note.
#[derive(Debug, PartialEq, Eq)]
struct Noted {
    path: String,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
    executable: bool,
}

/// What ends a note that was written whole.
const END: &str = "end";

impl Journal {
    /// Notes a plan; `None` where a note of a killed commit is there, which comes first.
    pub(super) fn begin(repo: &Repo, plan: &[Planned<'_>]) -> Result<Option<Self>, FileError> {
        let path = repo.journal();
        let Some((mut file, before)) = take(&path, fs4::FileExt::lock)? else {
            return Ok(None);
        };
        if parse(&before).is_some() {
            return Ok(None);
        }
        file.truncate(0)
            .and_then(|()| file.write_all(note(plan).as_bytes()))
            .map_err(|e| FileError::new("write", &path, e))?;
        Ok(Some(Self { path, _file: file }))
    }

    /// Removes the note: everything is done, or nothing.
    pub(super) fn end(self) {
        // One that stays is found to be done.
        let _ = files::remove_file(&self.path);
    }
}

/// Opens a note and takes its lock; returns it with what it says.
fn take(
    path: &std::path::Path,
    how: fn(&File) -> std::io::Result<()>,
) -> Result<Option<(Output, Vec<u8>)>, FileError> {
    let mut file = files::open_lock(path)?;
    if how(&file).is_err() || !files::is_still_at(&file, path) {
        return Ok(None);
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text)
        .map_err(|e| FileError::new("read", path, e))?;
    Ok(Some((Output::new(file, path), text)))
}

fn note(plan: &[Planned<'_>]) -> String {
    let id = |id: Option<ObjectId>| id.map_or("-".to_owned(), |id| id.to_string());
    let mut out = String::new();
    for planned in plan {
        let new = id(planned.new.as_ref().map(|new| new.id));
        let mode = if planned.executable { "x" } else { "-" };
        let old = id(planned.old);
        out.push_str(&format!("{mode} {old} {new} {}\0", planned.path));
    }
    out + END
}

/// Reads a note; `None` where it was not written whole: nothing was done then.
fn parse(text: &[u8]) -> Option<Vec<Noted>> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix(END)?;
    let lines = text.split_terminator('\0').map(|line| {
        let mut words = line.splitn(4, ' ');
        let (mode, old, new, path) = (words.next()?, words.next()?, words.next()?, words.next()?);
        Some(Noted {
            path: path.to_owned(),
            old: ObjectId::parse(old),
            new: ObjectId::parse(new),
            executable: mode == "x",
        })
    });
    lines.collect()
}

impl Repo {
    fn journal(&self) -> PathBuf {
        self.git_dir().join("tallybook").join("half-made-commit")
    }

    /// Whether a commit was begun here and not ended: it was killed, or is being made.
    pub fn has_half_made_commit(&self) -> bool {
        self.journal().exists()
    }

    /// Puts files and index back where a commit was killed before its branch moved, and ends it where
    /// the branch has moved; whether there was one. What people changed since stays as it is. A lock
    /// of the index is not waited for.
    ///
    /// # Errors
    /// The index is locked, or something can't be read or written.
    pub fn recover(&self) -> Result<bool, CommitError> {
        let path = self.journal();
        if !path.exists() {
            return Ok(false);
        }
        let try_lock = |file: &File| fs4::FileExt::try_lock(file).map_err(Into::into);
        let Some((file, text)) = take(&path, try_lock)? else {
            return Ok(false);
        };
        let noted = parse(&text);
        if let (Some(noted), Some(root)) = (&noted, self.workdir()) {
            self.roll_back(&Worktree::new(root), noted)?;
        }
        files::remove_file(&path)?;
        drop(file);
        Ok(noted.is_some())
    }

    fn roll_back(&self, tree: &Worktree<'_>, noted: &[Noted]) -> Result<(), CommitError> {
        let mut index = Index::open_within(self, Fail::Immediately)?;
        let tip = self.head()?.commit.map(|id| self.tree(id)).transpose()?;
        let mut entries = Vec::new();
        for one in noted {
            let entry = tip.as_ref().map(|tip| tip.entry(&one.path)).transpose()?;
            let now = entry.flatten().map(|entry| entry.id);
            if now == one.new {
                // Of what the branch has only removals are left to do.
                let left = one.old.filter(|_| one.new.is_none());
                if left.is_some_and(|old| index.holds(&one.path, old)) {
                    entries.push((one.path.as_str(), None));
                }
                continue;
            }
            if now != one.old {
                continue;
            }
            if one.new.is_some_and(|new| index.holds(&one.path, new)) {
                let old = one.old.map(|old| (old, one.executable));
                entries.push((one.path.as_str(), old));
            }
            if !index.skips(&one.path) {
                self.put_back(tree, one)?;
            }
        }
        for one in noted {
            tree.remove_temporary_in(path::parent(&one.path))?;
        }
        worktree::remove_temporary(self.git_dir(), 1)?;
        index.put_back(self, &entries)
    }

    /// Puts one file back, where it is as the killed commit wrote it, or gone as it removed it.
    fn put_back(&self, tree: &Worktree<'_>, one: &Noted) -> Result<(), CommitError> {
        let target = tree.native(&one.path);
        let is_ours = match (tree.find(&one.path)?, one.new) {
            (Found::File(_), Some(new)) => worktree::is_blob(&files::read(&target)?, new),
            (Found::Absent, None) => true,
            _ => false,
        };
        match one.old {
            Some(old) if is_ours => {
                let bytes = self.blob(old)?;
                files::create_dir(&tree.native(path::parent(&one.path)))?;
                Ok(Aside::write(&target, &bytes, one.executable)?.place()?)
            }
            None if is_ours => Ok(tree.remove(&one.path)?),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::change::Content;
    use crate::git::plan::New;

    #[test]
    fn a_note_reads_back_and_a_part_of_one_does_not() {
        let content = Content::Bytes(Vec::new());
        let id = ObjectId::of_blob(b"x");
        let new = Some(New {
            id,
            content: &content,
        });
        let plan = [
            Planned {
                path: "a b/\n.md",
                old: None,
                new,
                executable: false,
            },
            Planned {
                path: "gone",
                old: Some(id),
                new: None,
                executable: true,
            },
        ];
        let text = note(&plan);
        let read = parse(text.as_bytes()).expect("whole");
        assert_eq!(read.len(), 2);
        assert_eq!(
            (read[0].path.as_str(), read[0].new),
            ("a b/\n.md", Some(id))
        );
        assert!(read[1].executable && read[1].old == Some(id) && read[1].new.is_none());
        for cut in 0..text.len() {
            assert_eq!(parse(&text.as_bytes()[..cut]), None);
        }
    }
}
