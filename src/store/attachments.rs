//! Where the bytes of attachments are: in git, in the objects of git-lfs, or in a folder of their own.
//!
//! Whatever the place, a launch lists each attachment with its digest, and the name says it too:
//! `attachments/<sha256>.<ext>`. So no place has to be trusted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::cache::{Cache, Mark};
use super::files::{FileEntry, Files, StoreError};
use crate::base::files::{self, Stretch};
use crate::base::path::file_name;
use crate::base::{Digest, FileError, Hasher, text};
use crate::git::{MAX_POINTER, read_pointer};

/// `attachments:` of `tallybook.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AttachmentSetting {
    #[default]
    Git,
    Lfs,
    /// From the workspace, absolute, or `$NAME/…` for what the environment says.
    Directory {
        path: String,
    },
}

impl AttachmentSetting {
    const STORES: [&str; 3] = ["git", "lfs", "directory"];

    /// Reads the setting: `{store: git | lfs | directory, path: …}`.
    ///
    /// # Errors
    /// Says in one line what is wrong.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let expected = "expected `{store: git}`, `{store: lfs}` or `{store: directory, path: …}`";
        let map = match value {
            Value::Null => return Ok(Self::Git),
            Value::Object(map) => map,
            _ => return Err(format!("`attachments` is no map, {expected}")),
        };
        if let Some(key) = map
            .keys()
            .find(|key| !["store", "path"].contains(&key.as_str()))
        {
            let near = text::closest(key, ["store", "path"]);
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("`attachments` has no key `{key}`{near}"));
        }
        let path = match map.get("path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) if !path.trim().is_empty() => Some(path.trim()),
            Some(_) => return Err("`attachments.path` is no text, or empty".to_owned()),
        };
        match (map.get("store").and_then(Value::as_str), path) {
            (Some("directory"), Some(path)) => match misplaced(path) {
                Some(why) => Err(why),
                None => Ok(Self::Directory {
                    path: path.to_owned(),
                }),
            },
            (Some("directory"), None) => {
                Err("`attachments.path` is missing: the folder that keeps them".to_owned())
            }
            (Some("git"), None) => Ok(Self::Git),
            (Some("lfs"), None) => Ok(Self::Lfs),
            (Some(store @ ("git" | "lfs")), Some(_)) => Err(format!(
                "`attachments.path` belongs to `store: directory`, and this is `{store}`"
            )),
            (Some(other), _) => {
                let near = text::closest(other, Self::STORES);
                let near =
                    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let other = text::sanitize_line(other);
                Err(format!(
                    "`attachments.store` is `{other}`, {expected}{near}"
                ))
            }
            (None, _) => Err(format!("`attachments.store` is missing, {expected}")),
        }
    }
}

/// Says why a path can't be the folder that keeps attachments, as far as the path alone tells: it is the
/// root of the file system, the workspace itself, or among what git or the workspace keeps.
fn misplaced(path: &str) -> Option<String> {
    let shown = text::sanitize_line(path);
    let said = |what: &str| {
        Some(format!(
            "`attachments.path` is `{shown}`, {what}: name a folder of its own"
        ))
    };
    let plain = path.replace('\\', "/");
    let drive = |rest: &str| rest.len() == 2 && rest.ends_with(':');
    let is_absolute = plain.starts_with('/') || plain.split('/').next().is_some_and(drive);
    let mut parts: Vec<&str> = Vec::new();
    for part in plain.split('/') {
        match part {
            "" | "." => {}
            ".." if is_absolute || parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let is = |part: &str, name: &str| part.eq_ignore_ascii_case(name);
    match parts.as_slice() {
        [] if is_absolute => said("the root of the file system"),
        [only] if is_absolute && drive(only) => said("the root of a drive"),
        [] => said("the workspace itself"),
        parts if parts.iter().any(|part| is(part, ".git")) => said("inside git's own folder"),
        [first, ..] if !is_absolute && is(first, "projects") => {
            said("inside `projects`, where everything is committed")
        }
        _ => None,
    }
}

/// Where closed launches' attachments are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AttachmentStore {
    /// As files of the closing commit.
    #[default]
    Git,
    /// Pointers in the commit, content among the objects of git-lfs.
    Lfs(ContentFolder),
    /// Nothing in the commit, content in a folder.
    Directory(ContentFolder),
}

impl AttachmentStore {
    /// The folder that holds content outside of git.
    pub fn folder(&self) -> Option<&ContentFolder> {
        match self {
            Self::Git => None,
            Self::Lfs(folder) | Self::Directory(folder) => Some(folder),
        }
    }
}

/// A folder of files named by their content. It may be a mounted bucket: files are written aside and
/// renamed, and what is there is never written again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentFolder {
    root: PathBuf,
    /// The layout of git-lfs: `aa/bb/<sha256>`; else `aa/<sha256>.<ext>`.
    lfs: bool,
}

/// Whether a folder holds some content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// It is there, and has the digest.
    Right,
    /// Something else is there under its name.
    Wrong,
    Absent,
}

impl ContentFolder {
    /// A folder of attachments by their names.
    pub fn directory(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            lfs: false,
        }
    }

    /// The objects of git-lfs below a repository's common directory.
    pub fn lfs(common: &Path) -> Self {
        Self {
            root: common.join("lfs").join("objects"),
            lfs: true,
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the folder is there at all: a bucket may not be mounted.
    pub fn is_there(&self) -> bool {
        self.root.is_dir()
    }

    /// Returns where an attachment is kept; `None` of a name that no attachment has.
    fn place(&self, name: &str) -> Option<PathBuf> {
        let digest = digest_of(name)?.to_string();
        let folder = self.root.join(&digest[..2]);
        Some(match self.lfs {
            true => folder.join(&digest[2..4]).join(digest),
            false => folder.join(name),
        })
    }

    /// Says whether an attachment is here, and what it should be. `name` is its name below
    /// `attachments/`; every byte is read.
    pub fn holds(&self, name: &str, digest: Digest) -> Result<Held, FileError> {
        let Some(path) = self.place(name).filter(|path| path.is_file()) else {
            return Ok(Held::Absent);
        };
        Ok(match digest_file(&path)? == digest {
            true => Held::Right,
            false => Held::Wrong,
        })
    }

    /// Returns how many bytes an attachment has here.
    pub fn size(&self, name: &str) -> Option<u64> {
        let metadata = self.place(name)?.symlink_metadata().ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// Reads an attachment; `None` where it isn't here.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FileError> {
        match self.place(name).filter(|path| path.is_file()) {
            Some(path) => files::read_optional(&path),
            None => Ok(None),
        }
    }

    /// Keeps an attachment, unless the same content is here; what stands in its place and is something
    /// else is replaced.
    pub fn keep(&self, name: &str, content: &Stretch) -> Result<(), FileError> {
        let (Some(path), Some(digest)) = (self.place(name), digest_of(name)) else {
            return Ok(());
        };
        if self.holds(name, digest)? == Held::Right {
            return Ok(());
        }
        files::write_atomic(&path, &content.read()?)
    }

    /// Removes an attachment; one that isn't here is no error.
    pub fn remove(&self, name: &str) -> Result<(), FileError> {
        match self.place(name) {
            Some(path) => files::remove_file(&path),
            None => Ok(()),
        }
    }

    /// Lists all attachments that are here, by name, sorted; names of other files are passed over.
    pub fn names(&self) -> Result<Vec<String>, FileError> {
        let mut out = Vec::new();
        for folder in files::list_dir(&self.root)? {
            if !folder.path().is_dir() {
                continue;
            }
            for file in files::list_dir(&folder.path())? {
                let name = file.file_name().to_string_lossy().into_owned();
                if self.place(&name).is_some_and(|path| path == file.path()) {
                    out.push(name);
                }
            }
        }
        out.sort();
        Ok(out)
    }
}

/// Returns the digest that an attachment's name says.
pub fn digest_of(name: &str) -> Option<Digest> {
    let plain = |c: char| c.is_ascii_alphanumeric();
    let (hex, extension) = name.split_once('.')?;
    let is_name = (1..=16).contains(&extension.len()) && extension.chars().all(plain);
    Digest::parse(hex).filter(|_| is_name)
}

fn digest_file(path: &Path) -> Result<Digest, FileError> {
    use std::io::Read as _;
    let mut file = files::open(path)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 128 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(FileError::new("read", path, e)),
        }
    }
}

/// Whether bytes are the pointer of git-lfs to some content.
pub fn is_pointer(bytes: &[u8]) -> bool {
    read_pointer(bytes).is_some()
}

/// A workspace's files, the attachments that are kept elsewhere among them.
#[derive(Clone, Debug)]
pub struct AttachedFiles {
    files: Arc<dyn Files>,
    store: AttachmentStore,
}

impl AttachedFiles {
    pub fn new(files: Arc<dyn Files>, store: AttachmentStore) -> Self {
        Self { files, store }
    }

    /// The folder that may hold a path's content, and its name there.
    fn elsewhere<'p>(&self, path: &'p str) -> Option<(&ContentFolder, &'p str)> {
        let folder = self.store.folder()?;
        let name = file_name(path);
        let is_attachment = path.starts_with("projects/")
            && path.strip_suffix(name)?.ends_with("/attachments/")
            && digest_of(name).is_some();
        is_attachment.then_some((folder, name))
    }
}

impl Files for AttachedFiles {
    fn list(&self, dir: &str) -> Result<Vec<FileEntry>, StoreError> {
        self.files.list(dir)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let here = self.files.read(path)?;
        let Some((folder, name)) = self.elsewhere(path) else {
            return Ok(here);
        };
        match here {
            Some(bytes) if read_pointer(&bytes).is_none() => Ok(Some(bytes)),
            here => {
                // What is not as it is named is no attachment: better none than another.
                let content = folder.read(name)?;
                let content = content.filter(|bytes| digest_of(name) == Some(Digest::of(bytes)));
                Ok(content.or(here))
            }
        }
    }

    fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        let here = self.files.size(path)?;
        let Some((folder, name)) = self.elsewhere(path) else {
            return Ok(here);
        };
        match here {
            Some(size) if size <= MAX_POINTER as u64 => {
                let bytes = self.files.read(path)?.unwrap_or_default();
                Ok(Some(read_pointer(&bytes).map_or(size, |(_, size)| size)))
            }
            Some(size) => Ok(Some(size)),
            None => Ok(folder.size(name)),
        }
    }

    fn describe(&self) -> String {
        self.files.describe()
    }

    fn mark(&self, path: &str) -> Option<Mark> {
        match self.elsewhere(path) {
            Some(_) => None,
            None => self.files.mark(path),
        }
    }

    fn cache(&self) -> Option<&Cache> {
        self.files.cache()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryFiles;
    use serde_json::json;

    #[test]
    fn settings_say_what_is_wrong() {
        let parse = |value: Value| AttachmentSetting::parse(&value);
        assert_eq!(parse(json!(null)), Ok(AttachmentSetting::Git));
        assert_eq!(parse(json!({"store": "lfs"})), Ok(AttachmentSetting::Lfs));
        let directory = AttachmentSetting::Directory {
            path: "$STORE/x".into(),
        };
        assert_eq!(
            parse(json!({"store": "directory", "path": "$STORE/x"})),
            Ok(directory)
        );
        let wrong = |value: Value| parse(value).expect_err("refused");
        assert!(wrong(json!("lfs")).contains("no map"));
        assert!(wrong(json!({"store": "dir"})).contains("`attachments.store` is `dir`"));
        assert!(wrong(json!({"store": "directory"})).contains("`attachments.path` is missing"));
        assert!(wrong(json!({"store": "git", "path": "x"})).contains("belongs to"));
        assert!(wrong(json!({"stores": "git"})).contains("did you mean `store`?"));
        assert!(wrong(json!({})).contains("`attachments.store` is missing"));
        for (path, what) in [
            ("/", "the root of the file system"),
            ("//x/..", "the root of the file system"),
            ("C:\\", "the root of a drive"),
            (".", "the workspace itself"),
            ("store/..", "the workspace itself"),
            ("projects", "inside `projects`"),
            ("./Projects/shop/attachments", "inside `projects`"),
            ("x/../projects/a", "inside `projects`"),
            (".git/x", "inside git's own folder"),
            ("../.GIT", "inside git's own folder"),
            ("/srv/repo/.git/lfs", "inside git's own folder"),
        ] {
            let value = json!({"store": "directory", "path": path});
            let said = wrong(value);
            assert!(said.contains(what), "{path}: {said}");
        }
        for path in [
            "store",
            "../store",
            "/mnt/projects",
            "x/projects",
            "$STORE",
            "a.git",
        ] {
            let value = json!({"store": "directory", "path": path});
            assert!(parse(value).is_ok(), "{path}");
        }
    }

    #[test]
    fn content_is_kept_under_its_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("source");
        files::write(&source, b"bytes").expect("writes");
        let digest = Digest::of(b"bytes");
        let name = format!("{digest}.txt");
        for store in [
            ContentFolder::directory(folder.path().join("d")),
            ContentFolder::lfs(folder.path()),
        ] {
            assert_eq!(store.holds(&name, digest).expect("reads"), Held::Absent);
            store.keep(&name, &Stretch::whole(&source)).expect("keeps");
            assert_eq!(store.holds(&name, digest).expect("reads"), Held::Right);
            assert_eq!(store.size(&name), Some(5));
            let path = store.place(&name).expect("a place");
            files::write(&path, b"other").expect("writes");
            assert_eq!(store.holds(&name, digest).expect("reads"), Held::Wrong);
            store.keep(&name, &Stretch::whole(&source)).expect("mends");
            assert_eq!(
                store.read(&name).expect("reads").as_deref(),
                Some(b"bytes".as_slice())
            );
            store.remove(&name).expect("removes");
            store.remove(&name).expect("nothing to remove");
            assert_eq!(store.holds(&name, digest).expect("reads"), Held::Absent);
        }
        let hex = digest.to_string();
        let lfs = folder
            .path()
            .join("lfs/objects")
            .join(&hex[..2])
            .join(&hex[2..4])
            .join(&hex);
        assert_eq!(ContentFolder::lfs(folder.path()).place(&name), Some(lfs));
    }

    #[test]
    fn only_names_of_attachments_lead_anywhere() {
        let folder = ContentFolder::directory("/store");
        let digest = Digest::of(b"").to_string();
        for name in [
            "",
            "x.txt",
            &digest,
            &format!("{digest}."),
            &format!("{digest}.../x"),
            &format!("{digest}.a/b"),
            "../x.txt",
        ] {
            assert_eq!(folder.place(name), None, "{name}");
        }
        assert!(folder.place(&format!("{digest}.txt")).is_some());
    }

    #[test]
    fn attachments_are_read_wherever_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = ContentFolder::directory(folder.path());
        let source = folder.path().join("source");
        files::write(&source, b"bytes").expect("writes");
        let digest = Digest::of(b"bytes");
        let name = format!("{digest}.txt");
        let path = format!("projects/shop/launches/2026/11/L/attachments/{name}");
        let read = |inner: MemoryFiles| {
            let files =
                AttachedFiles::new(Arc::new(inner), AttachmentStore::Directory(store.clone()));
            (
                files.read(&path).expect("reads"),
                files.size(&path).expect("reads"),
            )
        };
        assert_eq!(read(MemoryFiles::default()), (None, None));
        let pointed = || -> MemoryFiles {
            [(path.as_str(), crate::git::write_pointer(digest, 5))]
                .into_iter()
                .collect()
        };
        assert_eq!(read(pointed()).1, Some(5), "the pointer knows");
        store.keep(&name, &Stretch::whole(&source)).expect("keeps");
        for inner in [MemoryFiles::default(), pointed()] {
            assert_eq!(read(inner), (Some(b"bytes".to_vec()), Some(5)));
        }
        let smudged: MemoryFiles = [(path.as_str(), "bytes")].into_iter().collect();
        assert_eq!(read(smudged), (Some(b"bytes".to_vec()), Some(5)));
        files::write(&store.place(&name).expect("a place"), b"other").expect("writes");
        assert_eq!(
            read(MemoryFiles::default()).0,
            None,
            "another content is none"
        );
    }
}
