//! Open launches under the git directory: `<common>/tallybook/open/<KEY>/<launch-id>/`.

mod complete;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(crate) use self::complete::{PLAN, numbered, read_part};
pub use self::complete::{Part, Unfinished};
use crate::base::{FileError, files};
use crate::model::{OpenLaunch, is_launch_id, open_folder};
pub(crate) use crate::model::{is_shard_name, part_number as number};
use crate::store::shard::ShardError;

/// An open launch can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("cannot keep open launches")]
    File(#[from] FileError),
    #[error("cannot read `{}`", path.display())]
    OpenFile {
        path: PathBuf,
        #[source]
        source: serde_yaml::Error,
    },
    #[error("cannot read `{}`; append that job again, or put the file back as it was", path.display())]
    Part {
        path: PathBuf,
        #[source]
        source: ShardError,
    },
    #[error("part `{shard}` of the launch is not as it was appended: {problem}")]
    Damaged { shard: String, problem: String },
    #[error("launch `{0}` is being closed by another process")]
    Busy(String),
}

/// The folder of one project's open launches.
#[derive(Clone, Debug)]
pub struct OpenState {
    root: PathBuf,
}

/// A lock on a launch; held until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    pub(super) fn new(file: File) -> Self {
        Self { file }
    }

    /// Whether the lock is still the one that others take.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        files::is_still_at(&self.file, path)
    }
}

impl Drop for Lock {
    /// A child that is being started has a copy of the descriptor until it runs its program: closing
    /// this one alone would leave the lock held.
    fn drop(&mut self) {
        let _ = fs4::FileExt::unlock(&self.file);
    }
}

impl OpenState {
    /// `common` is the repository's common git directory; `workspace` the workspace's path in the
    /// repository, empty for its root.
    pub fn new(common: &Path, workspace: &str, key: &str) -> Self {
        let folder = open_folder(workspace, key);
        Self {
            root: common.join("tallybook").join("open").join(folder),
        }
    }

    /// Returns the same project's open launches in another folder, which CI carries elsewhere.
    #[must_use]
    pub fn in_folder(&self, folder: &Path) -> Self {
        Self {
            root: folder.join(self.name()),
        }
    }

    /// The folder of the project's open launches.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub fn launch_dir(&self, id: &str) -> PathBuf {
        self.root.join(id)
    }

    pub(crate) fn parts_dir(&self, id: &str) -> PathBuf {
        self.launch_dir(id).join("parts")
    }

    /// Where appends write before their part is complete.
    pub(crate) fn aside_dir(&self, id: &str) -> PathBuf {
        self.launch_dir(id).join("unfinished")
    }

    /// The project's name among all that share a repository: its key, preceded by a digest of the
    /// workspace's path where that is not the root.
    pub(crate) fn name(&self) -> String {
        let name = self.root.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The file that names launches that were thrown away.
    pub(crate) fn discarded(&self) -> PathBuf {
        let above = self.root.parent().and_then(Path::parent);
        above.unwrap_or(&self.root).join("discarded")
    }

    /// The folder of what is being executed of the project's launches.
    pub(crate) fn drafts(&self) -> PathBuf {
        let above = self.root.parent().and_then(Path::parent);
        above.unwrap_or(&self.root).join("drafts").join(self.name())
    }

    /// When a launch was opened or appended to last, by the clock of the file system.
    pub(crate) fn touched(&self, id: &str) -> Option<SystemTime> {
        let folder = self.launch_dir(id);
        let paths = [
            folder.join("open.yaml"),
            self.order_file(id),
            self.aside_dir(id),
        ];
        let times = paths
            .iter()
            .filter_map(|path| path.metadata().ok()?.modified().ok());
        times.max()
    }

    /// Whether these are the open launches of a project with this key.
    pub(crate) fn is_of(&self, key: &str) -> bool {
        let name = self.name();
        name == key
            || name
                .strip_suffix(key)
                .is_some_and(|rest| rest.ends_with('-'))
    }

    /// Lists the ids of open launches, sorted. Folders that are being made or removed, or that a
    /// killed process left in between, begin with a dot and don't count.
    pub fn ids(&self) -> Result<Vec<String>, StateError> {
        let entries = files::list_dir(&self.root)?.into_iter();
        let named = entries.filter(|entry| entry.path().join("open.yaml").is_file());
        Ok(named
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| is_launch_id(name))
            .collect())
    }

    /// Whether a launch's folder is there.
    pub fn is_open(&self, id: &str) -> bool {
        self.launch_dir(id).join("open.yaml").is_file()
    }

    /// Reads `open.yaml`; `None` where there is no such launch.
    pub fn read(&self, id: &str) -> Result<Option<OpenLaunch>, StateError> {
        let path = self.launch_dir(id).join("open.yaml");
        let Some(bytes) = files::read_optional(&path)? else {
            return Ok(None);
        };
        let launch = serde_yaml::from_slice(&bytes);
        launch
            .map(Some)
            .map_err(|source| StateError::OpenFile { path, source })
    }

    /// Creates a launch's folder whole, or returns `false` where it is there already.
    pub(crate) fn create(&self, id: &str, open_yaml: &[u8]) -> Result<bool, StateError> {
        if self.is_open(id) {
            return Ok(false);
        }
        let _lock = self.lock_exclusive(id)?;
        let aside = self.root.join(format!("{OPENING}{id}"));
        files::remove_dir(&aside)?;
        files::write_atomic(&aside.join("open.yaml"), open_yaml)?;
        let target = self.launch_dir(id);
        match files::rename(&aside, &target) {
            Ok(()) => {
                files::sync_dir(&self.root)?;
                Ok(true)
            }
            Err(error) => {
                files::remove_dir(&aside)?;
                match self.is_open(id) {
                    true => Ok(false),
                    false => Err(error.into()),
                }
            }
        }
    }

    /// Keeps a launch's opening as another machine wrote it, in place of what is here.
    pub(crate) fn set_open(&self, id: &str, open_yaml: &[u8]) -> Result<(), StateError> {
        let path = self.launch_dir(id).join("open.yaml");
        let is_new = !self.launch_dir(id).is_dir() && self.create(id, open_yaml)?;
        if !is_new && files::read_optional(&path)?.as_deref() != Some(open_yaml) {
            files::write_atomic(&path, open_yaml)?;
        }
        Ok(())
    }

    /// Returns the remote that a launch is shared on.
    pub fn shared_on(&self, id: &str) -> Result<Option<String>, StateError> {
        let remote = files::read_optional(&self.launch_dir(id).join(SHARED))?;
        Ok(remote.map(|remote| String::from_utf8_lossy(&remote).trim().to_owned()))
    }

    /// Notes the remote that a launch is to be shared on.
    pub(crate) fn set_shared(&self, id: &str, remote: &str) -> Result<(), StateError> {
        if self.shared_on(id)?.as_deref() != Some(remote) {
            let path = self.launch_dir(id).join(SHARED);
            files::write_atomic(&path, format!("{remote}\n").as_bytes())?;
        }
        Ok(())
    }

    /// Whether the remote was seen to have a launch's opening.
    pub(crate) fn is_known(&self, id: &str, remote: &str) -> Result<bool, StateError> {
        let known = files::read_optional(&self.launch_dir(id).join(KNOWN))?;
        Ok(known.is_some_and(|known| String::from_utf8_lossy(&known).trim() == remote))
    }

    /// Notes that the remote has a launch's opening.
    pub(crate) fn set_known(&self, id: &str, remote: &str) -> Result<(), StateError> {
        self.set_shared(id, remote)?;
        let path = self.launch_dir(id).join(KNOWN);
        Ok(files::write_atomic(
            &path,
            format!("{remote}\n").as_bytes(),
        )?)
    }

    pub(crate) fn has_part(&self, id: &str, shard: &str) -> bool {
        self.parts_dir(id).join(shard).is_dir()
    }

    /// Takes a part that is written: syncs it, notes that it came last, and renames it into place.
    pub(crate) fn adopt(&self, id: &str, shard: &str, part: &Path) -> Result<(), StateError> {
        self.adopt_all(id, &[(shard.to_owned(), part.to_owned())])
    }

    /// Takes several parts that are written, as [`adopt`](Self::adopt) takes one: all files are synced
    /// together, so that many parts wait for the disk as long as a few.
    pub(crate) fn adopt_all(
        &self,
        id: &str,
        parts: &[(String, PathBuf)],
    ) -> Result<(), StateError> {
        let mut files = Vec::new();
        for (_, part) in parts {
            files.extend(files::list_dir(part)?.iter().map(std::fs::DirEntry::path));
        }
        files::sync_all(&files, files::sync)?;
        let folders: Vec<PathBuf> = parts.iter().map(|(_, part)| part.clone()).collect();
        files::sync_all(&folders, files::sync_dir)?;
        // Noted first: who is killed in between finds the part there, and would never note it.
        for (shard, _) in parts {
            self.note_appended(id, shard)?;
        }
        for (shard, part) in parts {
            put(part, &self.parts_dir(id).join(shard))?;
        }
        match parts.is_empty() {
            true => Ok(()),
            false => Ok(files::sync_dir(&self.parts_dir(id))?),
        }
    }

    /// Puts a part that is written in the place of one of its name, which goes into `aside` before: whoever is
    /// killed in between leaves an append that is not finished, with what was there.
    pub(crate) fn replace(
        &self,
        id: &str,
        shard: &str,
        part: &Path,
        aside: &Path,
    ) -> Result<(), StateError> {
        let replaced = aside.join("replaced");
        files::remove_dir(&replaced)?;
        files::rename(&self.parts_dir(id).join(shard), &replaced)?;
        self.adopt(id, shard, part)
    }

    /// Reads the headers of a launch's complete parts, sorted by shard.
    pub fn parts(&self, id: &str) -> Result<Vec<Part>, StateError> {
        let entries = files::list_dir(&self.parts_dir(id))?;
        let folders = entries
            .into_iter()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir());
        let mut parts: Vec<Part> = folders
            .map(|folder| read_part(&folder))
            .collect::<Result<_, _>>()?;
        let order = files::read_optional(&self.order_file(id))?.unwrap_or_default();
        let order = String::from_utf8_lossy(&order);
        for part in &mut parts {
            let last = order.lines().enumerate().filter(|(_, l)| *l == part.shard);
            part.order = last.last().map_or(0, |(number, _)| number + 1);
        }
        Ok(parts)
    }

    /// Notes that a part was appended last, also where it was there already.
    pub(crate) fn note_appended(&self, id: &str, shard: &str) -> Result<(), StateError> {
        let path = self.order_file(id);
        let line = format!("{shard}\n");
        let mut file = files::append(&path)?;
        file.write_all(line.as_bytes())
            .map_err(|e| FileError::new("write", path, e))?;
        Ok(())
    }

    /// Returns how many appends were noted so far.
    pub(crate) fn noted(&self, id: &str) -> Result<usize, StateError> {
        let order = files::read_optional(&self.order_file(id))?.unwrap_or_default();
        Ok(order.iter().filter(|byte| **byte == b'\n').count())
    }

    fn order_file(&self, id: &str) -> PathBuf {
        self.launch_dir(id).join("order")
    }

    /// Lists appends that were begun and not finished. Some may still be running. A folder whose
    /// name begins with a dot was left before it held anything.
    pub fn unfinished(&self, id: &str) -> Result<Vec<Unfinished>, StateError> {
        let mut out = Vec::new();
        for entry in files::list_dir(&self.aside_dir(id))? {
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let bytes = files::read_optional(&entry.path().join("append.yaml"))?;
            let unfinished = bytes.and_then(|bytes| serde_yaml::from_slice(&bytes).ok());
            let named = unfinished.filter(|u: &Unfinished| !u.job.name.is_empty());
            out.push(named.unwrap_or_else(|| Unfinished::unknown(&entry)));
        }
        Ok(out)
    }

    /// Waits for no closing to be under way, and holds closings off.
    pub(crate) fn lock_shared(&self, id: &str) -> Result<Lock, StateError> {
        self.lock(id, fs4::FileExt::lock_shared)
    }

    /// Waits for running appends, and holds new ones off.
    pub(crate) fn lock_exclusive(&self, id: &str) -> Result<Lock, StateError> {
        self.lock(id, fs4::FileExt::lock)
    }

    /// Takes a lock; again, where the file was removed by whoever had it before.
    fn lock(&self, id: &str, how: fn(&File) -> std::io::Result<()>) -> Result<Lock, StateError> {
        let path = self.lock_file(id);
        loop {
            let file = files::open_lock(&path)?;
            how(&file).map_err(|e| FileError::new("lock", &path, e))?;
            let lock = Lock::new(file);
            if lock.is_at(&path) {
                return Ok(lock);
            }
        }
    }

    pub(super) fn lock_file(&self, id: &str) -> PathBuf {
        self.root.join(format!("{id}{LOCK}"))
    }

    /// Removes a launch that is closed.
    pub(crate) fn remove(&self, id: &str) -> Result<(), StateError> {
        let aside = self.root.join(format!("{CLOSED}{id}"));
        files::remove_dir(&aside)?;
        if self.launch_dir(id).exists() {
            files::rename(&self.launch_dir(id), &aside)?;
            files::remove_dir(&aside)?;
        }
        Ok(files::remove_file(&self.lock_file(id))?)
    }
}

/// Renames a part that is synced into place; one that is there stays.
fn put(part: &Path, target: &Path) -> Result<(), FileError> {
    match files::rename(part, target) {
        Err(_) if target.is_dir() => Ok(()),
        done => done,
    }
}

/// What the names of locks end with.
pub(super) const LOCK: &str = ".lock";
/// What the names of folders begin with that are to become a launch's.
pub(super) const OPENING: &str = ".opening-";
/// What the names of folders begin with that were a launch's.
pub(super) const CLOSED: &str = ".closed-";

/// Names the remote that a launch is shared on.
const SHARED: &str = "shared";
/// Names the remote that had a launch's opening when it was last asked.
const KNOWN: &str = "known";
