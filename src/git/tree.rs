//! Trees of commits, read by path.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::tree::{EntryKind as GitKind, EntryMode};
use gix::objs::{Kind, TreeRefIter};

use super::{CommitId, GitError, ObjectId, Repo};
use crate::base::path;

/// What a tree's entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    File,
    Executable,
    Symlink,
    Submodule,
    Folder,
}

impl EntryKind {
    /// Returns the kind with its article: `a symbolic link`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Executable => "an executable file",
            Self::Symlink => "a symbolic link",
            Self::Submodule => "a submodule",
            Self::Folder => "a folder",
        }
    }

    pub(super) fn of(mode: EntryMode) -> Self {
        match mode.kind() {
            GitKind::Tree => Self::Folder,
            GitKind::Blob => Self::File,
            GitKind::BlobExecutable => Self::Executable,
            GitKind::Link => Self::Symlink,
            GitKind::Commit => Self::Submodule,
        }
    }
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// From the root of the view; bytes that are not UTF-8 are written `\xNN`.
    pub path: String,
    pub name: String,
    pub kind: EntryKind,
    pub id: ObjectId,
}

/// A tree at one moment, and the way to its files. Shared between threads.
#[derive(Clone)]
pub struct TreeView {
    repo: Repo,
    root: ObjectId,
}

/// One decoded entry.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) name: String,
    pub(super) kind: EntryKind,
    pub(super) id: ObjectId,
}

/// Trees that were decoded.
#[derive(Default)]
pub(super) struct TreeCache(Mutex<Decoded>);

/// Trees by id, each sorted by name.
#[derive(Default)]
struct Decoded {
    trees: HashMap<ObjectId, Arc<[Raw]>>,
    /// Entries of all these trees.
    entries: usize,
}

/// Entries kept at most before the cache starts anew: about 100 MB.
const CACHED_ENTRIES: usize = 1_000_000;

impl Repo {
    /// Returns the tree of a commit.
    pub fn tree(&self, commit: CommitId) -> Result<TreeView, GitError> {
        Ok(self.tree_of(self.parse_commit(commit)?.tree))
    }

    /// Returns a view of a tree by the tree's own id.
    pub fn tree_of(&self, tree: ObjectId) -> TreeView {
        TreeView {
            repo: self.clone(),
            root: tree,
        }
    }

    /// Returns a view of the tree without entries.
    pub fn empty_tree(&self) -> TreeView {
        self.tree_of(ObjectId(gix::ObjectId::empty_tree(gix::hash::Kind::Sha1)))
    }

    /// Returns a tree's entries, sorted by name.
    pub(super) fn entries(&self, tree: ObjectId) -> Result<Arc<[Raw]>, GitError> {
        let lock = || {
            self.trees()
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().trees.get(&tree) {
            return Ok(known.clone());
        }
        let entries: Arc<[Raw]> = self.decode(tree)?.into();
        let mut cache = lock();
        if cache.entries > CACHED_ENTRIES {
            *cache = Decoded::default();
        }
        cache.entries += entries.len() + 1;
        cache.trees.insert(tree, entries.clone());
        Ok(entries)
    }

    fn decode(&self, tree: ObjectId) -> Result<Vec<Raw>, GitError> {
        let bytes = self.object(tree.0, Kind::Tree)?;
        let mut out = Vec::new();
        for entry in TreeRefIter::from_bytes(&bytes, tree.0.kind()) {
            let entry = entry.map_err(|source| GitError::Object {
                id: tree,
                source: source.into(),
            })?;
            out.push(Raw {
                name: readable(entry.filename),
                kind: EntryKind::of(entry.mode),
                id: ObjectId(entry.oid.to_owned()),
            });
        }
        out.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(out)
    }
}

/// Writes bytes as text; those that are not UTF-8 as `\xNN`, so that no two names become one.
pub fn readable(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

impl TreeView {
    /// The id of the tree itself.
    pub fn id(&self) -> ObjectId {
        self.root
    }

    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// Lists the direct children of a folder (the empty path is the root), sorted by name; none
    /// where there is no such folder.
    pub fn list(&self, dir: &str) -> Result<Vec<TreeEntry>, GitError> {
        let Some(tree) = self.subtree_id(dir)? else {
            return Ok(Vec::new());
        };
        let entries = self.repo.entries(tree)?;
        Ok(entries.iter().map(|raw| raw.at(dir)).collect())
    }

    /// Lists those direct children of a folder whose names are picked, sorted by name.
    pub fn pick(
        &self,
        dir: &str,
        is_picked: impl Fn(&str) -> bool,
    ) -> Result<Vec<TreeEntry>, GitError> {
        let Some(tree) = self.subtree_id(dir)? else {
            return Ok(Vec::new());
        };
        let entries = self.repo.entries(tree)?;
        let picked = entries.iter().filter(|raw| is_picked(&raw.name));
        Ok(picked.map(|raw| raw.at(dir)).collect())
    }

    /// Lists the trees of the folders directly below the root, by their names.
    pub fn folder_ids(&self) -> Result<Vec<ObjectId>, GitError> {
        let entries = self.repo.entries(self.root)?;
        let folders = entries.iter().filter(|raw| raw.kind == EntryKind::Folder);
        Ok(folders.map(|raw| raw.id).collect())
    }

    /// Lists the direct children of the root that another tree has not or has otherwise, each with
    /// what the other has under its name; sorted by name. Equal trees are not read.
    pub fn differing(
        &self,
        other: Option<ObjectId>,
    ) -> Result<Vec<(TreeEntry, Option<TreeEntry>)>, GitError> {
        if other == Some(self.root) {
            return Ok(Vec::new());
        }
        let ours = self.repo.entries(self.root)?;
        let theirs = other.map(|other| self.repo.entries(other)).transpose()?;
        let theirs = theirs.as_deref().unwrap_or_default();
        let mut out = Vec::new();
        let mut at = 0;
        for raw in ours.iter() {
            while theirs.get(at).is_some_and(|other| other.name < raw.name) {
                at += 1;
            }
            let same_name = theirs.get(at).filter(|other| other.name == raw.name);
            if same_name.is_none_or(|other| (other.kind, other.id) != (raw.kind, raw.id)) {
                out.push((raw.at(""), same_name.map(|other| other.at(""))));
            }
        }
        Ok(out)
    }

    /// Lists every entry below a folder that is no folder itself, sorted by path.
    pub fn walk(&self, prefix: &str) -> Result<Vec<TreeEntry>, GitError> {
        let mut out = Vec::new();
        if let Some(tree) = self.subtree_id(prefix)? {
            self.collect(tree, prefix, &mut out)?;
        }
        out.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }

    fn collect(&self, tree: ObjectId, dir: &str, out: &mut Vec<TreeEntry>) -> Result<(), GitError> {
        let mut open = vec![(tree, dir.to_owned())];
        while let Some((tree, dir)) = open.pop() {
            for raw in self.repo.entries(tree)?.iter() {
                let entry = raw.at(&dir);
                match entry.kind {
                    EntryKind::Folder => open.push((entry.id, entry.path)),
                    _ => out.push(entry),
                }
            }
        }
        Ok(())
    }

    /// Returns the entry at a path; the empty path has none.
    pub fn entry(&self, path: &str) -> Result<Option<TreeEntry>, GitError> {
        let dir = path::parent(path);
        let Some(tree) = self.subtree_id(dir)? else {
            return Ok(None);
        };
        let name = path::file_name(path);
        let entries = self.repo.entries(tree)?;
        let at = entries.binary_search_by(|raw| raw.name.as_str().cmp(name));
        Ok(at.ok().map(|i| entries[i].at(dir)))
    }

    /// Reads a file; `None` where there is none, or where the path is no file.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        match self.entry(path)? {
            Some(e) if matches!(e.kind, EntryKind::File | EntryKind::Executable) => {
                self.repo.blob(e.id).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Returns how many bytes a file has; `None` where there is none, or where the path is no file.
    pub fn size(&self, path: &str) -> Result<Option<u64>, GitError> {
        match self.entry(path)? {
            Some(e) if matches!(e.kind, EntryKind::File | EntryKind::Executable) => {
                self.repo.blob_size(e.id).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Returns the id of a folder's tree; the empty path is the root.
    pub fn subtree_id(&self, path: &str) -> Result<Option<ObjectId>, GitError> {
        let mut tree = self.root;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let entries = self.repo.entries(tree)?;
            let at = entries.binary_search_by(|raw| raw.name.as_str().cmp(part));
            match at.ok().map(|i| &entries[i]) {
                Some(raw) if raw.kind == EntryKind::Folder => tree = raw.id,
                _ => return Ok(None),
            }
        }
        Ok(Some(tree))
    }
}

impl Raw {
    fn at(&self, dir: &str) -> TreeEntry {
        TreeEntry {
            path: path::join(dir, &self.name),
            name: self.name.clone(),
            kind: self.kind,
            id: self.id,
        }
    }
}

impl fmt::Debug for TreeView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TreeView({})", self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;

    #[test]
    fn a_tree_is_read_by_path() {
        let play = Playground::new();
        let repo = play.init("main");
        for path in ["b.txt", "a/y.txt", "a/x/z.txt", "a.b"] {
            play.write(path, path);
        }
        play.git(&["add", "."]);
        play.git(&["update-index", "--chmod=+x", "b.txt"]);
        play.git(&["commit", "-qm", "one"]);
        let tree = repo
            .tree(repo.resolve("HEAD").expect("a commit"))
            .expect("a tree");
        let paths =
            |entries: Vec<TreeEntry>| entries.into_iter().map(|e| e.path).collect::<Vec<_>>();
        assert_eq!(paths(tree.list("").expect("lists")), ["a", "a.b", "b.txt"]);
        assert_eq!(paths(tree.list("a").expect("lists")), ["a/x", "a/y.txt"]);
        assert_eq!(paths(tree.list("nope").expect("lists")), [""; 0]);
        assert_eq!(
            paths(tree.walk("").expect("walks")),
            ["a.b", "a/x/z.txt", "a/y.txt", "b.txt"]
        );
        assert_eq!(paths(tree.walk("a/x").expect("walks")), ["a/x/z.txt"]);
        let read = tree.read("a/x/z.txt").expect("reads");
        assert_eq!(read.as_deref(), Some(b"a/x/z.txt".as_slice()));
        assert_eq!(tree.read("a").expect("reads"), None);
        assert_eq!(tree.size("a/x/z.txt").expect("reads"), Some(9));
        assert_eq!(tree.size("a").expect("reads"), None);
        assert_eq!(tree.entry("").expect("reads"), None);
        let kind = |path| tree.entry(path).expect("reads").expect("there").kind;
        assert_eq!(
            (kind("b.txt"), kind("a")),
            (EntryKind::Executable, EntryKind::Folder)
        );
        let id = play.git(&["rev-parse", "HEAD:a"]);
        let subtree = tree.subtree_id("a").expect("reads").expect("there");
        assert_eq!(subtree.to_string(), id.trim());
        assert_eq!(tree.subtree_id("b.txt").expect("reads"), None);
    }

    #[test]
    fn odd_bytes_in_names_stay_apart() {
        assert_eq!(readable(b"a\xffb"), "a\\xffb");
        assert_ne!(readable(b"\xfe"), readable(b"\xff"));
        assert_eq!(readable("größe".as_bytes()), "größe");
    }
}
