//! Files at a snapshot: a working tree, a commit or memory, with the same answers.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use super::cache::{Cache, Mark};
use crate::base::{FileError, files, path as paths};

/// The workspace's files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no `tallybook.yaml` in `{}` or in a folder above it", start.display())]
    NoWorkspace { start: PathBuf },
    #[error("cannot read the workspace's files")]
    File {
        #[source]
        source: FileError,
    },
    #[error("cannot read `{path}` at {snapshot}")]
    Snapshot {
        path: String,
        /// As [`Files::describe`] says.
        snapshot: String,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Returns what to do next, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoWorkspace { .. } => Some(
                "run `tallybook init` to make a workspace here, or name the folder of one with `-C DIR`",
            ),
            Self::File { .. } | Self::Snapshot { .. } => None,
        }
    }
}

impl From<FileError> for StoreError {
    fn from(source: FileError) -> Self {
        Self::File { source }
    }
}

/// A workspace's files at one snapshot. Paths are relative to the workspace, `/` between parts.
pub trait Files: Send + Sync + fmt::Debug {
    /// Lists what stands directly in a folder, sorted bytewise by name; a folder that isn't there,
    /// or is a file or a symbolic link, is empty.
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError>;

    /// Reads a regular file whole; `None` where there is none at that path, or only behind a
    /// symbolic link.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns how many bytes a regular file has; `None` where [`read`](Self::read) gives none.
    fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.read(path)?.map(|bytes| bytes.len() as u64))
    }

    /// Returns what stands for a file's content, without reading it; `None` where that can't be had cheaply, or is
    /// not certain.
    fn mark(&self, _path: &str) -> Option<Mark> {
        None
    }

    /// Returns where that is kept which is derived from these files; `None` where nothing is.
    fn cache(&self) -> Option<&Cache> {
        None
    }

    /// Says for people what these files are: `the working tree`, `commit 1a2b3c`.
    fn describe(&self) -> String;
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEntry {
    /// The name alone; where `kind` is [`FileKind::BadName`], with `\\xNN` for each byte that is not
    /// UTF-8.
    pub name: String,
    pub kind: FileKind,
    /// Bytes of a regular file, where that is cheap to know.
    pub size: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    File,
    Folder,
    Symlink,
    /// A device, a socket, a submodule.
    Other,
    /// Anything whose name is not UTF-8; it can be listed and not read.
    BadName,
}

/// Anything below a folder, with its path in the workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathEntry {
    pub path: String,
    pub kind: FileKind,
    /// Bytes of a regular file, where that is cheap to know.
    pub size: Option<u64>,
}

/// Lists everything below a folder, folders included, sorted bytewise by path. `skip` is asked for
/// each path and keeps an entry, with what is below it, out of the answer.
pub fn walk(
    files: &dyn Files,
    dir: &str,
    skip: &dyn Fn(&str) -> bool,
) -> Result<Vec<PathEntry>, StoreError> {
    let mut out = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in files.list(&folder)? {
            let path = paths::join(&folder, &entry.name);
            if skip(&path) {
                continue;
            }
            // A crafted tree may name a folder so that its path is that of the one around it.
            if entry.kind == FileKind::Folder && is_inside(&entry.name) {
                folders.push(path.clone());
            }
            out.push(PathEntry {
                path,
                kind: entry.kind,
                size: entry.size,
            });
        }
    }
    out.sort();
    Ok(out)
}

/// Whether each part of a path is a plain name on this system, so that it can't lead elsewhere.
pub(super) fn is_inside(path: &str) -> bool {
    path.split('/').all(|part| {
        let mut components = Path::new(part).components();
        matches!(
            (components.next(), components.next()),
            (Some(Component::Normal(name)), None) if name == part
        ) && !part.contains('\0')
    })
}

/// A folder of the file system: the working tree.
#[derive(Clone, Debug)]
pub struct FolderFiles {
    root: PathBuf,
}

impl FolderFiles {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether nothing stands at a path, nor in the way of it.
    pub(super) fn is_free(&self, path: &str) -> bool {
        if !is_inside(path) {
            return false;
        }
        let mut above = path;
        loop {
            match self.kind(above) {
                Ok(Some(FileKind::Folder)) if above != path => return true,
                Ok(None) => {}
                Ok(Some(_)) | Err(_) => return false,
            }
            match above.rsplit_once('/') {
                Some((parent, _)) => above = parent,
                None => return true,
            }
        }
    }

    pub(super) fn is_folder(&self, path: &str) -> bool {
        matches!(self.kind(path), Ok(Some(FileKind::Folder)))
    }

    /// Returns what stands at a path, `None` where nothing does or a link is on the way.
    fn kind(&self, path: &str) -> Result<Option<FileKind>, StoreError> {
        if !is_inside(path) {
            return Ok(None);
        }
        let mut here = self.root.clone();
        let mut kind = FileKind::Folder;
        for part in path.split('/') {
            if kind != FileKind::Folder {
                return Ok(None);
            }
            here.push(part);
            kind = match here.symlink_metadata() {
                Ok(metadata) => kind_of(metadata.file_type()),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(e) => return Err(FileError::new("read", here, e).into()),
            };
        }
        Ok(Some(kind))
    }
}

fn kind_of(file_type: std::fs::FileType) -> FileKind {
    if file_type.is_symlink() {
        FileKind::Symlink
    } else if file_type.is_dir() {
        FileKind::Folder
    } else if file_type.is_file() {
        FileKind::File
    } else {
        FileKind::Other
    }
}

/// Writes a name as text, bytes that are not UTF-8 as `\\xNN`: two names never become one.
fn readable(name: &std::ffi::OsStr) -> String {
    let mut out = String::with_capacity(name.len());
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

impl Files for FolderFiles {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        if !dir.is_empty() && self.kind(dir)? != Some(FileKind::Folder) {
            return Ok(Vec::new());
        }
        let folder = paths::to_native(&self.root, dir);
        let mut out = Vec::new();
        for entry in files::list_dir(&folder)? {
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => return Err(FileError::new("read", entry.path(), e).into()),
            };
            let name = entry.file_name();
            let kind = match name.to_str() {
                Some(_) => kind_of(metadata.file_type()),
                None => FileKind::BadName,
            };
            out.push(FileEntry {
                name: readable(&name),
                kind,
                size: (kind == FileKind::File).then_some(metadata.len()),
            });
        }
        out.sort();
        Ok(out)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if self.kind(path)? != Some(FileKind::File) {
            return Ok(None);
        }
        Ok(files::read_optional(&paths::to_native(&self.root, path))?)
    }

    fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        if self.kind(path)? != Some(FileKind::File) {
            return Ok(None);
        }
        let metadata = paths::to_native(&self.root, path).symlink_metadata();
        Ok(metadata.ok().map(|metadata| metadata.len()))
    }

    fn mark(&self, path: &str) -> Option<Mark> {
        let kind = self.kind(path).ok()?;
        let is_file = kind == Some(FileKind::File);
        Mark::of_file(&paths::to_native(&self.root, path)).filter(|_| is_file)
    }

    fn describe(&self) -> String {
        "the working tree".to_owned()
    }
}

/// Files held in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(BTreeMap<String, Vec<u8>>);

impl MemoryFiles {
    /// Sets a file's bytes.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), bytes.into());
    }
}

impl<P: Into<String>, B: Into<Vec<u8>>> FromIterator<(P, B)> for MemoryFiles {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(items: I) -> Self {
        Self(
            items
                .into_iter()
                .map(|(path, bytes)| (path.into(), bytes.into()))
                .collect(),
        )
    }
}

impl Files for MemoryFiles {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        let prefix = if dir.is_empty() {
            String::new()
        } else {
            format!("{dir}/")
        };
        let mut out: Vec<FileEntry> = Vec::new();
        let below = self.0.range(prefix.clone()..);
        for (path, bytes) in below.take_while(|(path, _)| path.starts_with(&prefix)) {
            let rest = &path[prefix.len()..];
            let (name, kind) = match rest.split_once('/') {
                Some((folder, _)) => (folder, FileKind::Folder),
                None => (rest, FileKind::File),
            };
            if out.last().is_none_or(|last| last.name != name) {
                out.push(FileEntry {
                    name: name.to_owned(),
                    kind,
                    size: (kind == FileKind::File).then_some(bytes.len() as u64),
                });
            }
        }
        out.sort();
        out.dedup();
        Ok(out)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(path).cloned())
    }

    fn describe(&self) -> String {
        "memory".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(entries: &[FileEntry]) -> Vec<(&str, FileKind)> {
        entries.iter().map(|e| (e.name.as_str(), e.kind)).collect()
    }

    #[test]
    fn memory_and_folders_answer_alike() {
        let folder = tempfile::tempdir().expect("a folder");
        let all = ["a/b.md", "a/b/c.md", "a-b.md", "z.yaml"];
        let memory: MemoryFiles = all.iter().map(|p| (*p, p.as_bytes())).collect();
        for path in all {
            files::write(&folder.path().join(path), path.as_bytes()).expect("writes");
        }
        let disk = FolderFiles::new(folder.path());
        for dir in ["", "a", "a/b", "missing", "z.yaml", "..", "a/../a", "/"] {
            let expected = memory.list(dir).expect("lists");
            assert_eq!(disk.list(dir).expect("lists"), expected, "{dir}");
        }
        for path in ["a/b.md", "a", "nothing", "../x", "a/b.md/c"] {
            assert_eq!(
                disk.read(path).expect("reads"),
                memory.read(path).expect("reads")
            );
            assert_eq!(
                disk.size(path).expect("reads"),
                memory.size(path).expect("reads")
            );
        }
        let below = walk(&memory, "", &|path| path == "a/b").expect("walks");
        let below: Vec<&str> = below.iter().map(|e| e.path.as_str()).collect();
        assert_eq!(below, ["a", "a-b.md", "a/b.md", "z.yaml"]);
    }

    #[test]
    fn a_folder_without_a_name_ends_the_walk() {
        let files: MemoryFiles = [("a//b.md", ""), ("a/c.md", "")].into_iter().collect();
        let below = walk(&files, "", &|_| false).expect("walks");
        assert!(below.iter().any(|entry| entry.path == "a/c.md"));
        assert!(below.len() < 5, "{below:?}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_listed_and_never_followed() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let outside = tempfile::tempdir().expect("a folder");
        files::write(&outside.path().join("secret.md"), b"secret").expect("writes");
        symlink(outside.path(), folder.path().join("dir")).expect("links");
        symlink(outside.path().join("secret.md"), folder.path().join("file")).expect("links");
        let bad = folder.path().join(OsStr::from_bytes(b"z\xff.md"));
        files::write(&bad, b"x").expect("writes");
        let disk = FolderFiles::new(folder.path());
        assert_eq!(
            names(&disk.list("").expect("lists")),
            [
                ("dir", FileKind::Symlink),
                ("file", FileKind::Symlink),
                ("z\\xff.md", FileKind::BadName)
            ]
        );
        assert_eq!(disk.list("dir").expect("lists"), []);
        assert_eq!(disk.read("dir/secret.md").expect("reads"), None);
        assert_eq!(disk.read("file").expect("reads"), None);
    }
}
