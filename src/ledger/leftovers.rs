//! What killed commands left among open launches, told from what is at work just now: whoever is at
//! work holds the launch's lock, and the system takes it away from whoever is killed.

use std::path::PathBuf;

use super::part::{CLOSED, LOCK, Lock, OPENING, OpenState, StateError, Unfinished};
use super::refusal::{Refusal, refusals};
use crate::base::{Timestamp, files};
use crate::model::is_launch_id;

/// An open launch, as far as it needs somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    pub id: String,
    /// How many parts it has.
    pub parts: usize,
    pub opened: Timestamp,
    /// Jobs whose append was begun and is not made good. It may be running.
    pub unfinished: Vec<String>,
    /// Whether somebody is appending to it or closing it.
    pub is_busy: bool,
    /// The remote that it is shared on.
    pub shared: Option<String>,
    /// Whether that remote was seen to have it.
    pub is_known: bool,
}

impl OpenState {
    /// Names what openings and removals left: folders that begin with a dot, and locks of launches
    /// that are not here. What is at work just now is not among it.
    pub fn leftovers(&self) -> Result<Vec<PathBuf>, StateError> {
        let mut out = Vec::new();
        for entry in files::list_dir(self.root())? {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(id) = left_of(&name) else { continue };
            let is_needed = name.ends_with(LOCK) && self.launch_dir(id).exists();
            if !is_needed && !self.is_busy(id)? {
                out.push(entry.path());
            }
        }
        Ok(out)
    }

    /// Removes what openings and removals left that were killed; returns what it was.
    pub fn sweep(&self) -> Result<Vec<PathBuf>, StateError> {
        let mut removed = Vec::new();
        for path in self.leftovers()? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let Some(id) = left_of(&name) else { continue };
            let Some(_lock) = self.try_lock(id)? else {
                continue;
            };
            if path.is_dir() {
                files::remove_dir(&path)?;
            }
            if !self.launch_dir(id).exists() {
                files::remove_file(&self.lock_file(id))?;
            }
            removed.push(path.clone());
        }
        Ok(removed)
    }

    /// Whether somebody is appending to a launch or closing it.
    pub fn is_busy(&self, id: &str) -> Result<bool, StateError> {
        match self.lock_file(id).exists() {
            true => Ok(self.try_lock(id)?.is_none()),
            false => Ok(false),
        }
    }

    /// Takes a launch's lock, where nobody has it.
    fn try_lock(&self, id: &str) -> Result<Option<Lock>, StateError> {
        let path = self.lock_file(id);
        let file = files::open_lock(&path)?;
        if fs4::FileExt::try_lock(&file).is_err() {
            return Ok(None);
        }
        let lock = Lock::new(file);
        Ok(lock.is_at(&path).then_some(lock))
    }

    /// Names folders of appends that are of no use any more: what was on its way when its writer was
    /// killed, and appends that a complete one made good. With `remove` they are removed. While
    /// somebody is at work in the launch there are none.
    pub fn spent(&self, id: &str, remove: bool) -> Result<Vec<PathBuf>, StateError> {
        let folders = files::list_dir(&self.aside_dir(id))?;
        if folders.is_empty() {
            return Ok(Vec::new());
        }
        let Some(_lock) = self.try_lock(id)? else {
            return Ok(Vec::new());
        };
        let parts = self.parts(id)?;
        let mut out = Vec::new();
        for entry in folders {
            let bytes = files::read_optional(&entry.path().join("append.yaml"))?;
            let begun = bytes.and_then(|bytes| serde_yaml::from_slice::<Unfinished>(&bytes).ok());
            let is_good = begun.is_some_and(|begun| parts.iter().any(|p| p.stands_for(&begun)));
            if is_good || entry.file_name().to_string_lossy().starts_with('.') {
                out.push(entry.path());
            }
        }
        if remove {
            out.iter().try_for_each(|path| files::remove_dir(path))?;
        }
        Ok(out)
    }

    /// Names folders of launches without an opening: their opening was killed before it was written.
    pub fn unopened(&self) -> Result<Vec<PathBuf>, StateError> {
        let entries = files::list_dir(self.root())?.into_iter();
        let is_launch = |entry: &std::fs::DirEntry| {
            entry.file_name().to_str().is_some_and(is_launch_id) && entry.path().is_dir()
        };
        let folders = entries.filter(is_launch).map(|entry| entry.path());
        Ok(folders
            .filter(|folder| !folder.join("open.yaml").exists())
            .collect())
    }

    /// Says of an open launch what it waits for; `None` where it is not open.
    pub fn waiting(&self, id: &str) -> Result<Option<Waiting>, StateError> {
        let Some(open) = self.read(id)? else {
            return Ok(None);
        };
        let parts = self.parts(id)?;
        let unfinished = refusals(self, &open, &parts)?.into_iter();
        let shared = self.shared_on(id)?;
        Ok(Some(Waiting {
            id: id.to_owned(),
            parts: parts.len(),
            opened: open.opened.really(),
            unfinished: unfinished
                .filter_map(|refusal| match refusal {
                    Refusal::Unfinished(job) => Some(job),
                    _ => None,
                })
                .collect(),
            is_busy: self.is_busy(id)?,
            is_known: match &shared {
                Some(remote) => self.is_known(id, remote)?,
                None => false,
            },
            shared,
        }))
    }
}

/// Removes what killed commands left and nobody needs; returns how many files and folders. An append
/// that had begun is none of them until it is made good: a closing must know of it.
pub fn clear_leftovers(state: &OpenState) -> Result<usize, StateError> {
    let mut cleared = state.sweep()?.len();
    for id in state.ids()? {
        cleared += state.spent(&id, true)?.len();
    }
    Ok(cleared)
}

/// The launch that something was left of, by its name.
fn left_of(name: &str) -> Option<&str> {
    let marks = [OPENING, CLOSED].iter();
    let folder = marks.copied().find_map(|mark| name.strip_prefix(mark));
    let id = folder.or(name.strip_suffix(LOCK))?;
    is_launch_id(id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(folder: &tempfile::TempDir) -> OpenState {
        OpenState::new(folder.path(), "", "SHOP")
    }

    /// Tries until something holds. A child that another test is just starting has copies of all open
    /// files, and their locks, until it runs its program.
    #[track_caller]
    fn eventually(mut holds: impl FnMut() -> bool) {
        let mut tries = (0..1_000_000).inspect(|_| std::thread::yield_now());
        assert!(tries.any(|_| holds()));
    }

    #[test]
    fn what_nobody_holds_is_swept() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = state(&folder);
        assert!(state.create("open", b"x: 1\n").expect("made"));
        for name in [
            ".opening-a/open.yaml",
            ".closed-b/order",
            "c.lock",
            "open.lock",
        ] {
            files::write(&state.root().join(name), b"").expect("written");
        }
        let held = state.lock_exclusive("b").expect("locked");
        eventually(|| state.leftovers().expect("lists").len() == 2);
        let gone = |name: &str| !state.root().join(name).exists();
        eventually(|| {
            state.sweep().expect("sweeps");
            gone(".opening-a") && gone("c.lock")
        });
        assert!(state.root().join(".closed-b").exists() && state.is_open("open"));
        drop(held);
        eventually(|| {
            state.sweep().expect("sweeps");
            gone(".closed-b")
        });
        let left = files::list_dir(state.root()).expect("lists");
        let left: Vec<_> = left.iter().map(std::fs::DirEntry::file_name).collect();
        assert_eq!(left, ["open", "open.lock"]);
    }

    #[test]
    fn only_what_nobody_needs_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = state(&folder);
        state.create("a-1", b"format: 1\n").expect("opens");
        let aside = state.aside_dir("a-1");
        let left = [
            state.root().join(".opening-x"),
            state.root().join(".closed-b-2"),
            aside.join(".begun-x"),
            aside.join(".following-x"),
        ];
        for folder in left
            .iter()
            .chain(&[aside.join("append-x"), state.launch_dir("a-1")])
        {
            files::create_dir(folder).expect("made");
        }
        let held = state.lock_shared("a-1").expect("locked");
        let gone = |some: &[PathBuf]| some.iter().all(|folder| !folder.exists());
        eventually(|| {
            clear_leftovers(&state).expect("clears");
            gone(&left[..2])
        });
        assert!(left[2..].iter().all(|folder| folder.exists()));
        drop(held);
        eventually(|| {
            clear_leftovers(&state).expect("clears");
            gone(&left)
        });
        assert!(aside.join("append-x").exists());
    }

    #[test]
    fn names_say_what_was_left() {
        assert_eq!(left_of(".opening-a-1"), Some("a-1"));
        assert_eq!(left_of("a.2.lock"), Some("a.2"));
        for other in ["a", ".opening-", "discarded", ".opening-../x"] {
            assert_eq!(left_of(other), None, "{other}");
        }
    }
}
