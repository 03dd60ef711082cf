//! Folders and files of this machine as bundles.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;

use super::archive::{Inner, open_archive};
use crate::base::{FileError, files, path as paths};
use crate::ingest::{Bundle, BundleEntry};

/// What was given can't be listed at all.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("`{0}` does not exist")]
    Missing(String),
    #[error("`{0}` is neither a file nor a folder: write what it gives into a file")]
    Special(String),
    #[error(transparent)]
    File(#[from] FileError),
}

/// A folder, or one file of it.
#[derive(Debug)]
pub struct FolderBundle {
    name: String,
    root: PathBuf,
    entries: Vec<BundleEntry>,
    /// Names that are not UTF-8, as listed: they are told, and nothing can open them.
    unnamed: BTreeSet<String>,
    /// The folders that attachments of a report may lie below: its own, and the workspace's.
    near: Vec<PathBuf>,
    inner: Inner,
}

/// How a file looked when it was last seen: enough to tell whether a command wrote it.
pub type Seen = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// Opens what a person named as a bundle. Symbolic links inside a folder are listed, marked, and
/// never followed; the named path itself may be a link.
pub fn open_input(path: &Path, name: &str) -> Result<FolderBundle, InputError> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(InputError::Missing(name.to_owned()));
        }
        Err(e) => return Err(FileError::new("read", path, e).into()),
    };
    if metadata.is_file() {
        let file = path.file_name().and_then(|n| n.to_str());
        let file = file.ok_or_else(|| InputError::Special(name.to_owned()))?;
        let entry = BundleEntry {
            name: file.to_owned(),
            size: metadata.len(),
            regular: true,
        };
        let root = path.parent().unwrap_or(Path::new("")).to_path_buf();
        return Ok(FolderBundle {
            name: name.to_owned(),
            near: vec![root.clone()],
            root,
            entries: vec![entry],
            unnamed: BTreeSet::new(),
            inner: Inner::default(),
        });
    }
    if !metadata.is_dir() {
        return Err(InputError::Special(name.to_owned()));
    }
    let (entries, unnamed) = list(path)?;
    Ok(FolderBundle {
        name: name.to_owned(),
        root: path.to_path_buf(),
        entries,
        unnamed,
        near: Vec::new(),
        inner: Inner::default(),
    })
}

/// Lists the files below a folder. A folder in it that can't be listed is an entry itself, so that
/// it is told when it can't be read either.
fn list(root: &Path) -> Result<(Vec<BundleEntry>, BTreeSet<String>), InputError> {
    let mut entries = Vec::new();
    let mut unnamed = BTreeSet::new();
    for entry in walkdir::WalkDir::new(root)
        .max_depth(DEPTH_MAX)
        .min_depth(1)
    {
        let (path, regular) = match &entry {
            Ok(entry) if entry.file_type().is_dir() => continue,
            Ok(entry) => (entry.path(), entry.file_type().is_file()),
            Err(error) => match error.path().filter(|path| *path != root) {
                Some(path) => (path, true),
                None => {
                    let error = entry.expect_err("an error was matched").into();
                    return Err(FileError::new("list", root, error).into());
                }
            },
        };
        let relative = path
            .strip_prefix(root)
            .expect("walkdir stays below its root");
        let name = paths::from_native(relative).unwrap_or_else(|| {
            let shown = relative.to_string_lossy().replace('\\', "/");
            unnamed.insert(shown.clone());
            shown
        });
        entries.push(BundleEntry {
            name,
            size: 0,
            regular,
        });
    }
    // Asking for sizes is most of the listing, so all threads do.
    entries.par_iter_mut().with_min_len(256).for_each(|entry| {
        let metadata = paths::to_native(root, &entry.name).symlink_metadata();
        entry.size = metadata.map_or(0, |metadata| metadata.len());
    });
    entries.sort();
    entries.dedup_by(|a, b| a.name == b.name);
    Ok((entries, unnamed))
}

/// How deep a folder of results is read; no producer nests more than a few.
const DEPTH_MAX: usize = 16;

impl FolderBundle {
    /// Lets reports attach files below a folder too.
    #[must_use]
    pub fn near(mut self, folder: &Path) -> Self {
        self.near.push(folder.to_path_buf());
        self
    }

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        if Path::new(name).is_absolute() && self.near_path(name).is_some() {
            return Ok(PathBuf::from(name));
        }
        match self.unnamed.contains(name) {
            true => Err(io::Error::other("its name is not UTF-8")),
            false => Ok(paths::to_native(&self.root, name)),
        }
    }

    /// Returns the real path of a regular file below one of the folders, however it is written. A
    /// report may name any path, and nothing outside of them is anybody's attachment.
    fn near_path(&self, path: &str) -> Option<PathBuf> {
        self.near.iter().find_map(|folder| {
            let folder = folder.canonicalize().ok()?;
            let real = folder.join(path).canonicalize().ok()?;
            let below = real.strip_prefix(&folder).ok()?;
            let of_git = below.components().any(|part| part.as_os_str() == ".git");
            (!of_git && real.is_file()).then_some(real)
        })
    }

    /// Leaves out files that look as they did before: what a command did not write.
    #[must_use]
    pub fn without(mut self, seen: &Seen) -> Self {
        let root = self.root.clone();
        self.entries.retain(|entry| {
            let path = paths::to_native(&root, &entry.name);
            seen.get(&path) != Some(&stamp(&path))
        });
        self
    }

    /// Remembers how the files look now.
    pub fn remember(&self, seen: &mut Seen) {
        for entry in &self.entries {
            let path = paths::to_native(&self.root, &entry.name);
            let stamp = stamp(&path);
            seen.insert(path, stamp);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn stamp(path: &Path) -> (u64, Option<SystemTime>) {
    let metadata = std::fs::metadata(path);
    metadata.map_or((0, None), |metadata| {
        (metadata.len(), metadata.modified().ok())
    })
}

impl Bundle for FolderBundle {
    fn name(&self) -> &str {
        &self.name
    }

    fn entries(&self) -> &[BundleEntry] {
        &self.entries
    }

    fn near(&self, path: &str) -> Option<BundleEntry> {
        let real = self.near_path(path)?;
        Some(BundleEntry {
            size: real.metadata().ok()?.len(),
            name: real.to_str()?.to_owned(),
            regular: true,
        })
    }

    fn archive(&self, name: &str) -> Option<&dyn Bundle> {
        // A file that was given itself was opened as an archive before, if it is one.
        if self.near.contains(&self.root) {
            return None;
        }
        self.inner.get(&self.entries, name, |entry| {
            let whole = format!("{}/{}", self.name.trim_end_matches('/'), entry.name);
            open_archive(&self.path(&entry.name).ok()?, &whole).ok()?
        })
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        files::read(&self.path(name)?).map_err(|e| e.source)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let file = files::open(&self.path(name)?).map_err(|e| e.source)?;
        Ok(Box::new(file))
    }
}

/// Stands for an input that is not there, so that its absence gets a line in the intake.
#[derive(Clone, Debug)]
pub struct MissingBundle {
    pub name: String,
    /// Why it is not there, in one line.
    pub problem: String,
}

impl Bundle for MissingBundle {
    fn name(&self) -> &str {
        &self.name
    }

    fn absence(&self) -> Option<&str> {
        Some(&self.problem)
    }

    fn entries(&self) -> &[BundleEntry] {
        &[]
    }

    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn open(&self, _: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lists_sorted_and_marks_links() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.json", "a/c.json", "a.json"] {
            files::write(&folder.path().join(name), b"x").expect("writes");
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("z-result.json"))
            .expect("links");
        let bundle = open_input(folder.path(), "results").expect("opens");
        let names: Vec<(&str, bool)> = bundle
            .entries()
            .iter()
            .map(|e| (e.name.as_str(), e.regular))
            .collect();
        let expected = [("a.json", true), ("a/c.json", true), ("b.json", true)];
        assert_eq!(&names[..3], expected);
        assert!(names[3..].iter().all(|(_, regular)| !regular));
    }

    #[test]
    fn what_was_there_before_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        files::write(&folder.path().join("old.xml"), b"x").expect("writes");
        let mut seen = Seen::new();
        open_input(folder.path(), "r")
            .expect("opens")
            .remember(&mut seen);
        files::write(&folder.path().join("new.xml"), b"x").expect("writes");
        let bundle = open_input(folder.path(), "r")
            .expect("opens")
            .without(&seen);
        assert_eq!(
            bundle.entries().iter().map(|e| &e.name).collect::<Vec<_>>(),
            ["new.xml"]
        );
    }

    #[test]
    fn a_missing_input_is_named() {
        let error = open_input(Path::new("/nonexistent/x"), "x").expect_err("refused");
        assert_eq!(error.to_string(), "`x` does not exist");
    }
}
