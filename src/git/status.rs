//! How index and working tree differ from a commit.

use std::collections::{BTreeMap, BTreeSet};

use gix::bstr::ByteSlice as _;
use gix::index::entry::{self, Stage};
use rayon::prelude::*;

use super::tree::{EntryKind, readable};
use super::worktree::{self, Found, Worktree};
use super::{GitError, ObjectId, Repo, TreeView};
use crate::base::{FileError, files, path};

/// One path that is not as the commit has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub path: String,
    pub change: Change,
}

/// How a path differs from the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The index has other content or another mode, or lacks the path, or has it in addition.
    Index,
    /// The file is not there.
    Missing,
    /// Something else stands there: `a folder`.
    Kind(&'static str),
    /// The file has other bytes.
    Content,
    /// The file is executable and should not be, or the other way round.
    Mode,
}

/// What a comparison of the working tree with a commit found; all sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorktreeState {
    pub differences: Vec<Difference>,
    /// Files that the index does not know, ignored ones too.
    pub untracked: Vec<String>,
    /// How many files a sparse checkout leaves out; one that is there nevertheless is compared.
    pub unseen: usize,
}

/// How a comparison treats a file that the index vouches for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Every byte is read, and line ends count.
    Nothing,
    /// A fitting stat is enough, and line ends of a checkout are no change.
    Stat,
}

impl Repo {
    /// Compares index and working tree with a commit's tree, below a folder: every byte of every
    /// file is read. In a bare repository there is nothing to compare.
    pub fn compare_worktree(
        &self,
        tree: &TreeView,
        prefix: &str,
    ) -> Result<WorktreeState, GitError> {
        self.compare(Some(tree), prefix, Trust::Nothing)
    }

    /// Lists the paths below a folder whose content is not committed: staged, changed, or new and
    /// not ignored. Sorted.
    pub fn uncommitted(&self, prefix: &str) -> Result<Vec<String>, GitError> {
        let tree = self.head()?.commit.map(|id| self.tree(id)).transpose()?;
        let state = self.compare(tree.as_ref(), prefix, Trust::Stat)?;
        let mut out: BTreeSet<String> = state.differences.into_iter().map(|d| d.path).collect();
        out.extend(self.not_ignored(state.untracked)?);
        Ok(out.into_iter().collect())
    }

    /// Whether git is told to leave out what is at a path, itself or a folder that it is in.
    pub fn is_ignored(&self, path: &str) -> Result<bool, GitError> {
        Ok(self.not_ignored(vec![path.to_owned()])?.is_empty())
    }

    /// Whether anything below a folder is not committed.
    pub fn has_uncommitted(&self, prefix: &str) -> Result<bool, GitError> {
        Ok(!self.uncommitted(prefix)?.is_empty())
    }

    fn compare(
        &self,
        tree: Option<&TreeView>,
        prefix: &str,
        trust: Trust,
    ) -> Result<WorktreeState, GitError> {
        let Some(root) = self.workdir() else {
            return Ok(WorktreeState::default());
        };
        let committed = tree
            .map(|tree| tree.walk(prefix))
            .transpose()?
            .unwrap_or_default();
        let committed: BTreeMap<String, (EntryKind, ObjectId)> = committed
            .into_iter()
            .map(|e| (e.path, (e.kind, e.id)))
            .collect();
        let index = self.read_index()?;
        let staged = Staged::read(tree, &index, prefix, &committed)?;
        let worktree = Worktree::new(root);
        let modes = self.has_modes();
        let check = |(path, wanted): (&String, &(EntryKind, ObjectId))| {
            let entry = staged.entries.get(path).copied();
            let vouched = entry.filter(|_| trust == Trust::Stat).map(|e| (&index, e));
            let change = compare_file(&worktree, path, *wanted, vouched)?;
            let change = change.filter(|change| modes || *change != Change::Mode);
            let path = path.clone();
            Ok(change.map(|change| Difference { path, change }))
        };
        let mut seen = Vec::with_capacity(committed.len());
        for pair in &committed {
            let may_lack = staged.may_lack(pair.0);
            if !may_lack || !matches!(worktree.find(pair.0)?, Found::Absent) {
                seen.push(pair);
            }
        }
        let found: Result<Vec<_>, GitError> = seen.par_iter().map(|pair| check(*pair)).collect();
        let mut differences: Vec<_> = found?.into_iter().flatten().collect();
        differences.extend(staged.different.iter().map(|path| Difference {
            path: path.clone(),
            change: Change::Index,
        }));
        differences.sort();
        Ok(WorktreeState {
            differences,
            untracked: untracked(root, prefix, |path| staged.has(path, &committed))?,
            unseen: committed.len() - seen.len(),
        })
    }

    fn not_ignored(&self, mut paths: Vec<String>) -> Result<Vec<String>, GitError> {
        let handle = self.handle();
        let index = self.read_index()?;
        let fail = |source: gix::Error| GitError::Index {
            path: self.index_file(),
            source: source.into(),
        };
        let source = gix::worktree::stack::state::ignore::Source::default();
        let stack = handle.repo.excludes(&index, None, source);
        let mut stack = stack.map_err(fail)?;
        let mut failed = None;
        paths.retain(|path| match stack.at_entry(path.as_str(), None) {
            Ok(entry) => !entry.is_excluded(),
            Err(error) => {
                failed.get_or_insert(error);
                true
            }
        });
        failed.map_or(Ok(paths), |error| Err(fail(error)))
    }
}

/// What the index holds below a folder.
struct Staged<'a> {
    entries: BTreeMap<String, &'a gix::index::Entry>,
    /// Folders that a sparse index holds as one entry.
    folders: Vec<String>,
    /// Paths where the index is not as the commit.
    different: BTreeSet<String>,
}

impl<'a> Staged<'a> {
    fn read(
        tree: Option<&TreeView>,
        index: &'a gix::index::File,
        prefix: &str,
        committed: &BTreeMap<String, (EntryKind, ObjectId)>,
    ) -> Result<Self, GitError> {
        let mut out = Self {
            entries: BTreeMap::new(),
            folders: Vec::new(),
            different: BTreeSet::new(),
        };
        for entry in index.entries() {
            let path = readable(entry.path(index));
            let path = path.trim_end_matches('/').to_owned();
            if entry.mode == entry::Mode::DIR {
                let here = tree
                    .map(|tree| tree.subtree_id(&path))
                    .transpose()?
                    .flatten();
                let related = is_below(&path, prefix) || is_below(prefix, &path);
                if related && here != Some(ObjectId(entry.id)) {
                    out.different.insert(path.clone());
                }
                out.folders.push(path);
            } else if is_below(&path, prefix) {
                let wanted = committed.get(&path);
                let same = wanted.is_some_and(|(kind, id)| {
                    *id == ObjectId(entry.id) && Some(*kind) == kind_of(entry.mode)
                });
                if !same || entry.stage() != Stage::Unconflicted {
                    out.different.insert(path.clone());
                }
                out.entries.insert(path, entry);
            }
        }
        let lacking = committed.keys().filter(|path| !out.knows(path));
        let lacking: Vec<String> = lacking.cloned().collect();
        out.different.extend(lacking);
        Ok(out)
    }

    fn in_folder(&self, path: &str) -> bool {
        self.folders.iter().any(|folder| is_below(path, folder))
    }

    /// Whether the index has a file, be it in a folder that it holds as one entry.
    fn has<V>(&self, path: &str, committed: &BTreeMap<String, V>) -> bool {
        let folded = || self.in_folder(path) && committed.contains_key(path);
        self.entries.contains_key(path) || folded()
    }

    fn knows(&self, path: &str) -> bool {
        self.entries.contains_key(path) || self.in_folder(path)
    }

    /// Whether the working tree need not hold a path: what the flag says of its content is not
    /// believed.
    fn may_lack(&self, path: &str) -> bool {
        let skipped = |e: &&gix::index::Entry| e.flags.contains(entry::Flags::SKIP_WORKTREE);
        self.entries.get(path).is_some_and(skipped) || self.in_folder(path)
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn kind_of(mode: entry::Mode) -> Option<EntryKind> {
    Some(EntryKind::of(mode.to_tree_entry_mode()?))
}

/// Compares one file with what the commit has; `vouched` is the index where its word counts.
fn compare_file(
    tree: &Worktree<'_>,
    path: &str,
    (kind, id): (EntryKind, ObjectId),
    vouched: Option<(&gix::index::File, &gix::index::Entry)>,
) -> Result<Option<Change>, GitError> {
    let meta = match tree.find(path)? {
        Found::File(meta) => meta,
        Found::Absent => return Ok(Some(Change::Missing)),
        Found::Obstructed { what, by } => {
            let expected = match kind {
                EntryKind::Symlink => by == path && what == "a symbolic link",
                EntryKind::Submodule => by == path && what == "a folder",
                _ => false,
            };
            let same = expected && (kind == EntryKind::Submodule || links_to(tree, path, id)?);
            return Ok((!same).then_some(Change::Kind(what)));
        }
    };
    if !matches!(kind, EntryKind::File | EntryKind::Executable) {
        return Ok(Some(Change::Kind("a file")));
    }
    let same = match vouched {
        Some((index, entry))
            if ObjectId(entry.id) == id && worktree::vouches(index, entry, &meta) =>
        {
            true
        }
        Some(_) => worktree::is_blob(&files::read(&tree.native(path))?, id),
        None => ObjectId::of_blob(&files::read(&tree.native(path))?) == id,
    };
    if !same {
        return Ok(Some(Change::Content));
    }
    let executable = kind == EntryKind::Executable;
    Ok((meta.is_executable() != executable).then_some(Change::Mode))
}

fn links_to(tree: &Worktree<'_>, path: &str, id: ObjectId) -> Result<bool, GitError> {
    let native = tree.native(path);
    let target = native
        .read_link()
        .map_err(|e| FileError::new("read", &native, e))?;
    Ok(ObjectId::of_blob(target.as_os_str().as_encoded_bytes()) == id)
}

/// Lists the files below a folder that the index does not know, sorted; links are not followed.
fn untracked(
    root: &std::path::Path,
    prefix: &str,
    is_tracked: impl Fn(&str) -> bool,
) -> Result<Vec<String>, GitError> {
    let mut out = Vec::new();
    let mut open = vec![prefix.to_owned()];
    while let Some(dir) = open.pop() {
        let native = path::to_native(root, &dir);
        if native.is_symlink() || !native.is_dir() {
            continue;
        }
        for entry in files::list_dir(&native)? {
            let name = readable(entry.file_name().as_encoded_bytes().as_bstr());
            let path = path::join(&dir, &name);
            let kind = entry.file_type();
            let kind = kind.map_err(|e| FileError::new("look at", entry.path(), e))?;
            let nested = entry.path().join(".git").exists();
            if name == ".git" || is_tracked(&path) {
                continue;
            }
            match kind.is_dir() && !nested {
                true => open.push(path),
                false => out.push(path),
            }
        }
    }
    out.sort();
    Ok(out)
}
