//! What is derived from closed launches, kept so that it need not be derived again.
//!
//! A file of the cache is named after all that its content depends on: the content that it was derived from, what
//! was derived, and the version that did it. So none is ever out of date. It may be damaged or gone, and what it
//! would have said is derived anew then, without a word; whoever removes the folder loses time and nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::files::{FileEntry, Files, StoreError};
use crate::base::files::Aside;
use crate::base::hash::digest_fields;
use crate::base::{Digest, FileError, Hasher, files};
use crate::git::ObjectId;

/// How many bytes the cache has at most; where it has more, the oldest files go.
const MOST: u64 = 512 << 20;
/// Times of files are no finer than this anywhere, FAT being the coarsest: what changed twice within it may look
/// as if it had changed once.
const GRAIN: Duration = Duration::from_secs(2);
/// A file that is still being written after this time was left by a killed command.
const LEFT: Duration = Duration::from_secs(3_600);
/// The bytes of a checksum.
const CHECKSUM: usize = 32;

/// Stands for the content of a file: contents that differ have marks that differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    text: String,
    /// When a file of the file system changed last; none of what can't change.
    changed: Option<SystemTime>,
}

impl Mark {
    /// Marks a blob, whose id is a digest of its content.
    pub(super) fn of_blob(id: ObjectId) -> Self {
        Self {
            text: format!("blob {id}"),
            changed: None,
        }
    }

    /// Marks a file by what the system notes of it at every change; `None` where the system notes too little.
    ///
    /// Whoever writes to a file can set its time of modification, and can't set that of the change of its status
    /// (`st_ctime` in POSIX).
    pub(super) fn of_file(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let meta = path.symlink_metadata().ok().filter(|meta| meta.is_file())?;
            let (seconds, nanos) = (meta.ctime(), meta.ctime_nsec());
            let nanos = Duration::new(0, u32::try_from(nanos).ok()?);
            let ctime = SystemTime::UNIX_EPOCH
                .checked_add(Duration::from_secs(u64::try_from(seconds).ok()?));
            let path = files::canonical(path).ok()?;
            Some(Self {
                text: format!(
                    "file {} {} {} {}.{} {seconds}.{} {}",
                    meta.dev(),
                    meta.ino(),
                    meta.len(),
                    meta.mtime(),
                    meta.mtime_nsec(),
                    nanos.as_nanos(),
                    path.to_str()?,
                ),
                changed: Some(ctime?.checked_add(nanos)?.max(meta.modified().ok()?)),
            })
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            None
        }
    }

    /// Whether a change from this time on would give another mark.
    fn is_settled(&self, at: SystemTime) -> bool {
        match self.changed {
            Some(changed) => changed
                .checked_add(GRAIN)
                .is_some_and(|settled| settled < at),
            None => true,
        }
    }
}

/// A folder under the git directory.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    is_swept: Arc<AtomicBool>,
}

/// A file of the cache that is being made. It is begun before what goes into it is read.
#[derive(Debug)]
pub(super) struct Slot<'a> {
    cache: &'a Cache,
    name: String,
    aside: Aside,
    begun: SystemTime,
}

impl Cache {
    /// The cache of a repository, by the git directory that its worktrees share.
    pub fn new(common_dir: &Path) -> Self {
        Self {
            folder: common_dir.join("tallybook").join("cache"),
            is_swept: Arc::default(),
        }
    }

    /// Removes all of it. Names are digests, so what is derived from one launch can't be told from the rest.
    pub fn clear(&self) -> Result<(), FileError> {
        files::remove_dir(&self.folder)
    }

    /// Returns the name of what is derived from a content by some settings. `what` changes whenever what is
    /// derived, or how it is written down, does.
    pub(super) fn name(what: &str, by: &str, mark: &Mark) -> String {
        let digest = digest_fields([what, env!("CARGO_PKG_VERSION"), by, &mark.text]);
        format!("{what}-{digest}")
    }

    /// Returns what is kept under a name; none where it is damaged or does not read.
    pub(super) fn get(&self, name: &str) -> Option<Vec<u8>> {
        let mut bytes = files::read_optional(&self.folder.join(name)).ok()??;
        let kept = bytes.len().checked_sub(CHECKSUM)?;
        let is_whole = checksum(name, &bytes[..kept]).as_bytes() == &bytes[kept..];
        bytes.truncate(kept);
        is_whole.then_some(bytes)
    }

    /// Begins a file of the cache; none where it can't be written, in a repository that is read only say.
    pub(super) fn begin(&self, name: String) -> Option<Slot<'_>> {
        files::create_dir(&self.folder).ok()?;
        let aside = Aside::write(&self.folder.join(&name), b"", false).ok()?;
        // The clock of the file system is the one that marks are made by.
        let begun = aside.path().metadata().ok()?.modified().ok()?;
        Some(Slot {
            cache: self,
            name,
            aside,
            begun,
        })
    }

    /// Removes the oldest files beyond [`MOST`] bytes, and what killed commands left.
    fn sweep(&self, most: u64) {
        let Ok(entries) = files::list_dir(&self.folder) else {
            return;
        };
        let known = entries.into_iter().filter_map(|entry| {
            let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((meta.modified().ok()?, meta.len(), entry.path()))
        });
        let mut known: Vec<(SystemTime, u64, PathBuf)> = known.collect();
        known.sort();
        let newest = known.last().map(|(at, ..)| *at);
        let is_left = |at: SystemTime, path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let age = newest.and_then(|newest| newest.duration_since(at).ok());
            name.starts_with(files::TEMPORARY) && age.is_some_and(|age| age > LEFT)
        };
        let mut total: u64 = known.iter().map(|(_, size, _)| size).sum();
        for (at, size, path) in known {
            if total > most || is_left(at, &path) {
                let _ = files::remove_file(&path);
                total -= size;
            }
        }
    }
}

impl Slot<'_> {
    /// Whether what is read from now on under a mark is what the mark will always stand for.
    pub(super) fn holds(&self, mark: &Mark) -> bool {
        mark.is_settled(self.begun)
    }

    /// Keeps something. That it could not be kept is no error.
    pub(super) fn keep(self, mut bytes: Vec<u8>) {
        let checksum = checksum(&self.name, &bytes);
        bytes.extend(checksum.as_bytes());
        let written = files::write(self.aside.path(), &bytes).and_then(|()| self.aside.place());
        if written.is_ok() && !self.cache.is_swept.swap(true, Ordering::Relaxed) {
            self.cache.sweep(MOST);
        }
    }
}

/// The name counts: a file under another's name is damaged.
fn checksum(name: &str, bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field(name);
    hasher.update(bytes);
    hasher.finish()
}

/// Takes what is derived from a file from the cache, else derives it and keeps it there. `what` is what that is, and
/// what it depends on beside the file.
pub(super) fn kept<T, E>(
    files: &dyn Files,
    cache: &Cache,
    path: &str,
    what: &(&str, String),
    (decode, encode): (
        impl FnOnce(Vec<u8>) -> Option<T>,
        impl FnOnce(&T) -> Vec<u8>,
    ),
    derive: impl FnOnce() -> Result<Result<T, E>, StoreError>,
) -> Result<Result<T, E>, StoreError> {
    let Some(mark) = files.mark(path) else {
        return derive();
    };
    let name = Cache::name(what.0, &what.1, &mark);
    if let Some(kept) = cache.get(&name).and_then(decode) {
        return Ok(Ok(kept));
    }
    let slot = cache.begin(name).filter(|slot| slot.holds(&mark));
    let derived = derive()?;
    if let (Ok(derived), Some(slot)) = (&derived, slot)
        && files.mark(path) == Some(mark)
    {
        slot.keep(encode(derived));
    }
    Ok(derived)
}

/// Files beside which there is a cache.
#[derive(Clone, Debug)]
pub(super) struct CachedFiles {
    pub(super) files: Arc<dyn Files>,
    pub(super) cache: Cache,
}

impl Files for CachedFiles {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        self.files.list(dir)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.files.read(path)
    }

    fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        self.files.size(path)
    }

    fn describe(&self) -> String {
        self.files.describe()
    }

    fn mark(&self, path: &str) -> Option<Mark> {
        self.files.mark(path)
    }

    fn cache(&self) -> Option<&Cache> {
        Some(&self.cache)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        (folder, cache)
    }

    fn keep(cache: &Cache, name: &str, bytes: &[u8]) {
        let slot = cache.begin(name.to_owned()).expect("it can be written");
        slot.keep(bytes.to_vec());
    }

    #[test]
    fn what_is_kept_comes_back_whole_or_not_at_all() {
        let (_folder, cache) = cache();
        assert_eq!(cache.get("a"), None);
        keep(&cache, "a", b"something");
        keep(&cache, "b", b"");
        assert_eq!(cache.get("a"), Some(b"something".to_vec()));
        assert_eq!(cache.get("b"), Some(Vec::new()));
        let path = cache.folder.join("a");
        let whole = files::read(&path).expect("reads");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            files::write(&path, &damaged).expect("writes");
            assert_eq!(cache.get("a"), None, "byte {at} is another");
            files::write(&path, &whole[..at]).expect("writes");
            assert_eq!(cache.get("a"), None, "cut after {at} bytes");
        }
        files::write(&cache.folder.join("c"), &whole).expect("writes");
        assert_eq!(cache.get("c"), None, "it is another's");
        keep(&cache, "a", b"anew");
        assert_eq!(cache.get("a"), Some(b"anew".to_vec()));
        let left = files::list_dir(&cache.folder).expect("lists");
        assert_eq!(left.len(), 3, "nothing is left aside: {left:?}");
    }

    #[test]
    fn the_oldest_go_first() {
        let (_folder, cache) = cache();
        for (age, name) in ["new", "old", "older"].iter().enumerate() {
            keep(&cache, name, &[0; 68]);
            let file = files::open_lock(&cache.folder.join(name)).expect("opens");
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age as u64);
            file.set_modified(at).expect("is set");
        }
        cache.sweep(200);
        let has = ["new", "old", "older"].map(|name| cache.get(name).is_some());
        assert_eq!(has, [true, true, false]);
        cache.sweep(0);
        assert_eq!(cache.get("new"), None);
    }

    #[test]
    fn names_depend_on_all_that_counts() {
        let blob = |bytes: &[u8]| Mark::of_blob(ObjectId::of_blob(bytes));
        let name = Cache::name("briefs-1", "", &blob(b"a"));
        assert_eq!(name, Cache::name("briefs-1", "", &blob(b"a")));
        assert_ne!(name, Cache::name("briefs-1", "", &blob(b"b")));
        assert_ne!(name, Cache::name("briefs-2", "", &blob(b"a")));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_changes_has_another_mark() {
        let (folder, _) = cache();
        let path = folder.path().join("file");
        assert_eq!(Mark::of_file(&path), None);
        files::write(&path, b"one").expect("writes");
        let before = Mark::of_file(&path).expect("it is there");
        let modified = path.metadata().and_then(|meta| meta.modified());
        let modified = modified.expect("it has a time");
        // Until the system's clock has gone on.
        let after = (0..1_000_000).find_map(|_| {
            files::write(&path, b"two").expect("writes");
            let file = files::open_lock(&path).expect("opens");
            file.set_modified(modified).expect("is set");
            Mark::of_file(&path).filter(|mark| *mark != before)
        });
        let after = after.expect("its mark is another");
        let changed = after.changed.expect("a file has a time");
        assert!(!after.is_settled(changed) && !after.is_settled(changed + GRAIN));
        assert!(after.is_settled(changed + GRAIN * 2));
    }

    #[cfg(unix)]
    #[test]
    fn where_nothing_can_be_written_nothing_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        files::write(&folder.path().join("tallybook"), b"in the way").expect("writes");
        let cache = Cache::new(folder.path());
        assert!(cache.begin("a".to_owned()).is_none());
        assert_eq!(cache.get("a"), None);
    }
}
