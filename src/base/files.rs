//! Files and folders, with errors that say which path and what was tried.
#![expect(clippy::disallowed_methods, reason = "the one home of std::fs")]

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A file operation that failed, with the path it was about.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} `{}`", path.display())]
pub struct FileError {
    pub operation: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    pub fn new(operation: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self {
            operation,
            path: path.into(),
            source,
        }
    }

    /// Whether the path does not exist.
    pub fn is_not_found(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

/// A file, or a stretch of one, that holds some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub path: PathBuf,
    /// Where it begins, and how many bytes it has; `None` for the whole file.
    pub part: Option<(u64, u64)>,
}

impl Stretch {
    pub fn whole(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            part: None,
        }
    }

    /// Opens it for reading; nothing beyond it is read.
    pub fn open(&self) -> Result<impl Read + use<>, FileError> {
        let mut file = open(&self.path)?;
        let (at, size) = self.part.unwrap_or((0, u64::MAX));
        if at > 0 {
            file.seek(SeekFrom::Start(at))
                .map_err(|e| FileError::new("read", &self.path, e))?;
        }
        Ok(file.take(size))
    }

    /// Reads its bytes.
    pub fn read(&self) -> Result<Vec<u8>, FileError> {
        let Some((_, size)) = self.part else {
            return read(&self.path);
        };
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        self.open()?
            .read_to_end(&mut bytes)
            .map_err(|e| FileError::new("read", &self.path, e))?;
        Ok(bytes)
    }
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(|e| FileError::new("read", path, e))
}

/// Reads a whole file as UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    fs::read_to_string(path).map_err(|e| FileError::new("read", path, e))
}

/// Reads a whole file, or `None` where there is none.
pub fn read_optional(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(FileError::new("read", path, e)),
    }
}

/// Returns a path without links and `..`; it must exist.
pub fn canonical(path: &Path) -> Result<PathBuf, FileError> {
    fs::canonicalize(path).map_err(|e| FileError::new("find", path, e))
}

/// Opens a file for reading.
pub fn open(path: &Path) -> Result<File, FileError> {
    File::open(path).map_err(|e| FileError::new("open", path, e))
}

/// Creates or truncates a file, with its parent folders.
pub fn create(path: &Path) -> Result<File, FileError> {
    create_parent(path)?;
    File::create(path).map_err(|e| FileError::new("create", path, e))
}

/// Opens a file for locking, made where it isn't there; its content is left alone.
pub fn open_lock(path: &Path) -> Result<File, FileError> {
    create_parent(path)?;
    let mut options = fs::OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    options
        .open(path)
        .map_err(|e| FileError::new("open", path, e))
}

/// Creates a file that must not be there yet; `None` where it is.
pub fn create_new(path: &Path) -> Result<Option<File>, FileError> {
    match File::create_new(path) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(e) => Err(FileError::new("create", path, e)),
    }
}

/// Opens a file for adding to its end, made where it isn't there.
pub fn append(path: &Path) -> Result<File, FileError> {
    let mut options = fs::OpenOptions::new();
    let file = options.append(true).create(true).open(path);
    file.map_err(|e| FileError::new("open", path, e))
}

/// Writes a whole file, with its parent folders. Not atomic: see [`write_atomic`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    create_parent(path)?;
    fs::write(path, bytes).map_err(|e| FileError::new("write", path, e))
}

/// Writes a file beside its place, syncs it, and renames it into place: readers see the old
/// bytes or the new ones, never a part. The file gets the mode that any new file would have.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    create_parent(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let fail = |e| FileError::new("write", path, e);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// Creates a folder and those above it.
pub fn create_dir(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(|e| FileError::new("create", path, e))
}

fn create_parent(path: &Path) -> Result<(), FileError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => create_dir(parent),
        _ => Ok(()),
    }
}

/// Renames a file or a folder.
pub fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    create_parent(to)?;
    fs::rename(from, to).map_err(|e| FileError::new("rename", from, e))
}

/// Removes a file; one that isn't there is no error.
pub fn remove_file(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(FileError::new("remove", path, e)),
        _ => Ok(()),
    }
}

/// Removes a folder with all it holds; one that isn't there is no error.
pub fn remove_dir(path: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(FileError::new("remove", path, e)),
        _ => Ok(()),
    }
}

/// Removes a folder that is empty; whether it did. One that isn't there or isn't empty is no error.
pub fn remove_empty_dir(path: &Path) -> bool {
    fs::remove_dir(path).is_ok()
}

/// Lists a folder's entries by name, sorted; one that isn't there is empty.
pub fn list_dir(path: &Path) -> Result<Vec<fs::DirEntry>, FileError> {
    let fail = |e| FileError::new("list", path, e);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(fail(e)),
    };
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(fail)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

/// Syncs a file's content.
pub fn sync(path: &Path) -> Result<(), FileError> {
    let file = File::open(path).map_err(|e| FileError::new("open", path, e))?;
    file.sync_all().map_err(|e| FileError::new("sync", path, e))
}

/// Syncs a folder, so that a rename in it survives a power cut. No effect on Windows.
pub fn sync_dir(path: &Path) -> Result<(), FileError> {
    if cfg!(unix) {
        let folder = File::open(path).map_err(|e| FileError::new("open", path, e))?;
        folder
            .sync_all()
            .map_err(|e| FileError::new("sync", path, e))?;
    }
    Ok(())
}
