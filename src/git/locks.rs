//! Locks and temporary files of a repository: which there are, how old they are, and whether somebody
//! is at work.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{GitError, Repo};
use crate::base::files::TEMPORARY;
use crate::base::{FileError, files};

/// A file that is there while somebody works, and that a killed process leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkFile {
    pub path: PathBuf,
    modified: Option<SystemTime>,
}

impl WorkFile {
    fn at(path: PathBuf) -> Self {
        let meta = path.symlink_metadata();
        let modified = meta.and_then(|meta| meta.modified()).ok();
        Self { path, modified }
    }

    /// How long ago it was written, by this machine's clock; `None` where that can't be said: its time
    /// is missing, or lies in the future.
    pub fn age(&self) -> Option<Duration> {
        self.modified?.elapsed().ok()
    }

    /// Removes it, unless another one stands there meanwhile; whether it did.
    pub fn remove(&self) -> Result<bool, FileError> {
        if Self::at(self.path.clone()) != *self {
            return Ok(false);
        }
        files::remove_file(&self.path).map(|()| true)
    }
}

/// Locks by which git keeps others off, beside those of references.
const LOCKS: [&str; 7] = [
    "index.lock",
    "HEAD.lock",
    "config.lock",
    "packed-refs.lock",
    "shallow.lock",
    "FETCH_HEAD.lock",
    "ORIG_HEAD.lock",
];

impl Repo {
    /// Lists the locks of this repository, of all its worktrees, and of its references.
    pub fn lock_files(&self) -> Result<Vec<WorkFile>, GitError> {
        let mut folders = vec![self.common_dir().to_owned(), self.git_dir().to_owned()];
        let worktrees = files::list_dir(&self.common_dir().join("worktrees"))?;
        folders.extend(worktrees.iter().map(std::fs::DirEntry::path));
        folders.sort();
        folders.dedup();
        let mut out: Vec<PathBuf> = Vec::new();
        for folder in folders {
            out.extend(LOCKS.iter().map(|name| folder.join(name)));
            out.extend(below(&folder.join("refs"), |name| name.ends_with(".lock")));
        }
        out.retain(|path| path.symlink_metadata().is_ok());
        Ok(out.into_iter().map(WorkFile::at).collect())
    }

    /// Lists files that were being written: in the git directory, among the objects, and below a
    /// folder of the working tree.
    pub fn temporary_files(&self, folder: &Path) -> Result<Vec<WorkFile>, GitError> {
        let mut out = Vec::new();
        let is_ours: fn(&str) -> bool = |name| name.starts_with(TEMPORARY);
        let (own, common) = (self.git_dir(), self.common_dir());
        let mut found = |place: &Path, fits: fn(&str) -> bool| -> Result<(), GitError> {
            let entries = files::list_dir(place)?.into_iter();
            let found = entries.filter(|entry| fits(&entry.file_name().to_string_lossy()));
            out.extend(found.map(|entry| entry.path()));
            Ok(())
        };
        found(own, is_ours)?;
        found(common, is_ours)?;
        // Objects on their way have such names by gix, which git's own housekeeping does not know.
        found(&common.join("objects"), |name| name.starts_with(".tmp"))?;
        if !self.is_bare() {
            out.extend(below(folder, |name| is_ours(name) && name != MARKER));
        }
        out.sort();
        out.dedup();
        out.retain(|path| path.is_file());
        Ok(out.into_iter().map(WorkFile::at).collect())
    }

    /// Names processes of git and of this program, this one apart, that work in this repository or
    /// may do so; `None` where the system doesn't say.
    pub fn at_work(&self) -> Option<Vec<String>> {
        let here = [
            Some(self.git_dir()),
            Some(self.common_dir()),
            self.workdir(),
        ];
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let here: Vec<PathBuf> = here.into_iter().flatten().map(real).collect();
        let entries = files::list_dir(Path::new("/proc")).ok()?;
        let own = std::process::id().to_string();
        let mut processes = entries
            .iter()
            .filter(|entry| {
                let name = entry.file_name();
                name.to_str()
                    .is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()) && name != own)
            })
            .peekable();
        processes.peek()?;
        Some(
            processes
                .filter_map(|entry| works_in(&entry.path(), &here))
                .collect(),
        )
    }
}

/// The file that marks a rendered site.
const MARKER: &str = ".tallybook-site";

/// What a process of git or of this program does, where that is in one of some folders.
fn works_in(process: &Path, folders: &[PathBuf]) -> Option<String> {
    let name = files::read_text(&process.join("comm")).ok()?;
    let name = name.trim();
    if !(name == "git" || name.starts_with("git-") || name == "tallybook") {
        return None;
    }
    let words = files::read(&process.join("cmdline")).unwrap_or_default();
    let words = String::from_utf8_lossy(&words).replace('\0', " ");
    let is_here = match std::fs::read_link(process.join("cwd")) {
        Ok(cwd) => folders.iter().any(|folder| cwd.starts_with(folder)),
        // Of another user's process nobody knows where it is.
        Err(e) => e.kind() == std::io::ErrorKind::PermissionDenied,
    };
    let is_named = folders
        .iter()
        .any(|folder| words.contains(&*folder.to_string_lossy()));
    let id = process.file_name().unwrap_or_default().to_string_lossy();
    let lasts = words.contains("--daemon") || words.contains(" daemon");
    let is_at_work = !words.is_empty() && !lasts && (is_here || is_named);
    is_at_work.then(|| format!("{id} {}", words.trim()))
}

/// The files below a folder whose names fit; links are not followed, and `.git` is left out.
fn below(folder: &Path, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let walk = walk
        .into_iter()
        .filter_entry(|entry| entry.file_name() != ".git");
    walk.filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| fits(&entry.file_name().to_string_lossy()))
        .map(walkdir::DirEntry::into_path)
        .collect()
}
