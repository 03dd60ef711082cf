//! Files and folders, with errors that say which path and what was tried.
#![expect(clippy::disallowed_methods, reason = "the one home of std::fs")]

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::faults;

/// What the names of files and folders begin with that are being written.
pub const TEMPORARY: &str = ".tallybook-";

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

    /// Returns how many bytes it has.
    pub fn size(&self) -> Result<u64, FileError> {
        match self.part {
            Some((_, size)) => Ok(size),
            None => {
                let metadata = fs::metadata(&self.path);
                let size = metadata.map(|metadata| metadata.len());
                size.map_err(|e| FileError::new("read", &self.path, e))
            }
        }
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

/// A file that is being written. It is not buffered.
#[derive(Debug)]
pub struct Output {
    file: File,
    path: PathBuf,
}

impl Output {
    /// Writes to a file that is open, from where it stands.
    pub fn new(file: File, path: &Path) -> Self {
        Self {
            file,
            path: path.to_owned(),
        }
    }

    /// Copies a file's bytes to where writing stands.
    pub fn copy_from(&mut self, from: &Path) -> Result<(), FileError> {
        let mut input = open(from)?;
        let fail = |e| FileError::new("write", &self.path, e);
        if let Some(fault) = faults::interruption("write", &self.path) {
            let half = input.metadata().map_or(0, |meta| meta.len() / 2);
            io::copy(&mut input.take(half), &mut self.file).map_err(fail)?;
            return Err(fail(fault.strike()));
        }
        io::copy(&mut input, &mut self.file).map_err(fail)?;
        Ok(())
    }

    /// Forgets what was written beyond a length, and goes on from there.
    pub fn truncate(&mut self, end: u64) -> io::Result<()> {
        faults::step("write", &self.path)?;
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::Start(end)).map(drop)
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(fault) = faults::interruption("write", &self.path) {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(fault.strike());
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Creates or truncates a file, with its parent folders.
pub fn create(path: &Path) -> Result<Output, FileError> {
    create_parent(path)?;
    let file = faults::step("create", path).and_then(|()| File::create(path));
    let file = file.map_err(|e| FileError::new("create", path, e))?;
    Ok(Output {
        file,
        path: path.to_owned(),
    })
}

/// Opens a file for locking, made where it isn't there; its content is left alone.
pub fn open_lock(path: &Path) -> Result<File, FileError> {
    create_parent(path)?;
    let mut options = fs::OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    faults::step("create", path)
        .and_then(|()| options.open(path))
        .map_err(|e| FileError::new("open", path, e))
}

/// Whether a file that is open is the one that stands at a path now: it may have been removed, and
/// another one made, since it was opened. Where the system does not say, it is.
pub fn is_still_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let place = |meta: fs::Metadata| (meta.dev(), meta.ino());
        let (here, there) = (file.metadata().map(place), path.metadata().map(place));
        matches!((here, there), (Ok(here), Ok(there)) if here == there)
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

/// Creates a file that must not be there yet; `None` where it is.
pub fn create_new(path: &Path) -> Result<Option<File>, FileError> {
    match faults::step("create", path).and_then(|()| File::create_new(path)) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(e) => Err(FileError::new("create", path, e)),
    }
}

/// Opens a file for adding lines to its end, made where it isn't there. A line that was cut off, by
/// a kill or a full disk, is ended first.
pub fn append(path: &Path) -> Result<Output, FileError> {
    let fail = |e| FileError::new("open", path, e);
    let mut options = fs::OpenOptions::new();
    let options = options.read(true).append(true).create(true);
    let opened = faults::step("create", path).and_then(|()| options.open(path));
    let mut out = Output {
        file: opened.map_err(fail)?,
        path: path.to_owned(),
    };
    let mut last = [b'\n'];
    if out.file.metadata().map_err(fail)?.len() > 0 {
        out.file.seek(SeekFrom::End(-1)).map_err(fail)?;
        out.file.read_exact(&mut last).map_err(fail)?;
    }
    if last != *b"\n" {
        out.write_all(b"\n").map_err(fail)?;
    }
    Ok(out)
}

/// Adds a line of the steps that a test asked for; no step itself.
#[cfg(debug_assertions)]
pub(super) fn log(path: &Path, line: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    let mut file = options.append(true).create(true).open(path)?;
    file.write_all(line.as_bytes())
}

/// Writes a whole file, with its parent folders. Not atomic: see [`write_atomic`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    create_parent(path)?;
    let fail = |e| FileError::new("write", path, e);
    let file = faults::step("create", path).and_then(|()| File::create(path));
    let mut out = Output {
        file: file.map_err(fail)?,
        path: path.to_owned(),
    };
    out.write_all(bytes).map_err(fail)
}

/// A file that is written beside its place: renamed into it, or gone again when it is dropped.
#[derive(Debug)]
pub struct Aside {
    temporary: tempfile::TempPath,
    target: PathBuf,
}

impl Aside {
    /// Writes a file beside its place, with the mode that any new file would have.
    pub fn write(target: &Path, bytes: &[u8], executable: bool) -> Result<Self, FileError> {
        Self::create(target, bytes, executable, false)
    }

    fn create(
        target: &Path,
        bytes: &[u8],
        executable: bool,
        synced: bool,
    ) -> Result<Self, FileError> {
        let fail = |e| FileError::new("write", target, e);
        let folder = target.parent().unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY);
        permit(&mut builder, executable);
        faults::step("create", target).map_err(fail)?;
        let (file, temporary) = builder.tempfile_in(folder).map_err(fail)?.into_parts();
        let path = temporary.to_path_buf();
        let mut out = Output { file, path };
        out.write_all(bytes).map_err(fail)?;
        if synced {
            let done = faults::step("sync", target).and_then(|()| out.file.sync_all());
            done.map_err(fail)?;
        }
        Ok(Self {
            temporary,
            target: target.to_owned(),
        })
    }

    /// Writes a file beside its place, with its parent folders, and syncs it.
    pub fn synced(target: &Path, bytes: &[u8]) -> Result<Self, FileError> {
        create_parent(target)?;
        Self::create(target, bytes, false, true)
    }

    /// Writes a file beside its place, with its parent folders; [`Self::sync`] is still to be called.
    pub fn unsynced(target: &Path, bytes: &[u8]) -> Result<Self, FileError> {
        create_parent(target)?;
        Self::create(target, bytes, false, false)
    }

    /// Waits until what was written is on the disk.
    pub fn sync(&self) -> Result<(), FileError> {
        let sync = || {
            faults::step("sync", &self.target)?;
            fs::File::options()
                .write(true)
                .open(&self.temporary)?
                .sync_all()
        };
        sync().map_err(|e| FileError::new("write", &self.target, e))
    }

    /// Returns where it is until it is put into its place.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Puts it into its place: readers see the old bytes or the new ones, never a part.
    pub fn place(self) -> Result<(), FileError> {
        let Self { temporary, target } = self;
        let done = faults::step("rename", &target)
            .and_then(|()| temporary.persist(&target).map_err(|e| e.error));
        done.map_err(|e| FileError::new("write", target, e))
    }
}

#[cfg(unix)]
fn permit(builder: &mut tempfile::Builder<'_, '_>, executable: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if executable { 0o777 } else { 0o666 };
    builder.permissions(fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn permit(_builder: &mut tempfile::Builder<'_, '_>, _executable: bool) {}

/// Writes a file beside its place, syncs it, and renames it into place: readers see the old
/// bytes or the new ones, never a part. The file gets the mode that any new file would have.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    Aside::synced(path, bytes)?.place()
}

/// Creates a folder of a name that is not taken, removed when it is dropped.
pub fn create_temp_dir(parent: &Path, prefix: &str) -> Result<tempfile::TempDir, FileError> {
    create_dir(parent)?;
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(prefix);
    faults::step("create folder", parent)
        .and_then(|()| builder.tempdir_in(parent))
        .map_err(|e| FileError::new("create", parent, e))
}

/// Creates a folder and those above it.
pub fn create_dir(path: &Path) -> Result<(), FileError> {
    if path.is_dir() {
        return Ok(());
    }
    faults::step("create folder", path)
        .and_then(|()| fs::create_dir_all(path))
        .map_err(|e| FileError::new("create", path, e))
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
    faults::step("rename", to)
        .and_then(|()| fs::rename(from, to))
        .map_err(|e| FileError::new("rename", from, e))
}

/// Removes a file; one that isn't there is no error.
pub fn remove_file(path: &Path) -> Result<(), FileError> {
    match faults::step("remove", path).and_then(|()| fs::remove_file(path)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(FileError::new("remove", path, e)),
        _ => Ok(()),
    }
}

/// Removes a folder with all it holds; one that isn't there is no error.
pub fn remove_dir(path: &Path) -> Result<(), FileError> {
    let fail = |e| FileError::new("remove", path, e);
    if !path.exists() {
        return Ok(());
    }
    if let Some(fault) = faults::interruption("remove", path) {
        // A removal that stops has removed some of it.
        for entry in list_dir(path)?.into_iter().take(1) {
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
        return Err(fail(fault.strike()));
    }
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(fail(e)),
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
    faults::step("sync", path)
        .and_then(|()| file.sync_all())
        .map_err(|e| FileError::new("sync", path, e))
}

/// Syncs a folder, so that a rename in it survives a power cut. No effect on Windows.
pub fn sync_dir(path: &Path) -> Result<(), FileError> {
    if cfg!(unix) {
        let folder = File::open(path).map_err(|e| FileError::new("open", path, e))?;
        faults::step("sync", path)
            .and_then(|()| folder.sync_all())
            .map_err(|e| FileError::new("sync", path, e))?;
    }
    Ok(())
}

/// How many files are synced at once. A sync waits for the disk and not for a core, and the file
/// system joins those that wait together.
const SYNCS: usize = 16;

/// Syncs many files or folders at once, by [`sync`] or [`sync_dir`].
pub fn sync_all(
    paths: &[PathBuf],
    sync: impl Fn(&Path) -> Result<(), FileError> + Sync,
) -> Result<(), FileError> {
    let share = paths.len().div_ceil(SYNCS).max(1);
    std::thread::scope(|scope| {
        let sync = |paths: &[PathBuf]| paths.iter().try_for_each(|path| sync(path));
        let threads: Vec<_> = paths
            .chunks(share)
            .map(|paths| scope.spawn(move || sync(paths)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("syncing does not panic"))
    })
}
