//! The index of the worktree: by gix where it is a plain file, by git where it is sparse or split.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, ByteSlice as _};
use gix::index::entry::{self, Stage, Stat};
use gix::lock::acquire::Fail;

use super::commit::LOCK_WAIT;
use super::plan::Planned;
use super::worktree::{self, is_racy};
use super::{CommitError, GitError, ObjectId, Repo};
use crate::base::files::Aside;
use crate::base::{FileError, faults, files, path};

/// The index while a commit is made.
pub(super) enum Index {
    Plain(Box<Plain>),
    /// Sparse or split: the paths that differ from `HEAD`, each with what the index has there.
    Program {
        staged: HashMap<String, Option<ObjectId>>,
    },
}

/// A plain index file, held by its lock.
pub(super) struct Plain {
    state: gix::index::File,
    file: PathBuf,
    before: Option<Vec<u8>>,
    /// The index as it was, written aside before the new one takes its place: putting it back needs no
    /// room on the disk.
    kept: Option<Kept>,
    root: PathBuf,
    _lock: gix::lock::Marker,
}

/// What a rollback puts in the index's place.
enum Kept {
    Nothing,
    File(Aside),
}

impl Repo {
    /// Reads the index; an empty one where there is no file.
    pub(super) fn read_index(&self) -> Result<gix::index::File, GitError> {
        self.read_index_at(self.index_file())
    }

    /// Reads an index that stands elsewhere.
    /// Leaves of paths from the root of the working tree those that the index has a file at.
    pub fn tracked(&self, mut paths: Vec<String>) -> Result<Vec<String>, GitError> {
        let index = self.read_index()?;
        paths.retain(|path| index.entry_by_path(path.as_str().into()).is_some());
        Ok(paths)
    }

    pub(super) fn read_index_at(&self, file: PathBuf) -> Result<gix::index::File, GitError> {
        let kind = self.handle().repo.object_hash();
        if !file.exists() {
            let state = gix::index::State::new(kind);
            return Ok(gix::index::File::from_state(state, file));
        }
        let unchecked = self.flag("index.skipHash", false);
        let index = gix::index::File::at(&file, kind, unchecked, Default::default());
        index.map_err(|source| GitError::Index {
            path: file,
            source: Box::new(source),
        })
    }

    /// Returns this worktree's own index: `GIT_INDEX_FILE`, which git sets for its hooks, names the
    /// index of a commit that somebody is just making.
    pub(super) fn index_file(&self) -> PathBuf {
        self.git_dir().join("index")
    }
}

impl Index {
    /// Opens the index and, where it is a plain file, takes its lock.
    pub(super) fn open(repo: &Repo) -> Result<Self, CommitError> {
        Self::open_within(repo, Fail::AfterDurationWithBackoff(LOCK_WAIT))
    }

    /// Opens the index as [`open`](Self::open) does, waiting for its lock so long.
    pub(super) fn open_within(repo: &Repo, wait: Fail) -> Result<Self, CommitError> {
        let file = repo.index_file();
        faults::step("lock", &file).map_err(|e| FileError::new("lock", &file, e))?;
        let lock = gix::lock::Marker::acquire_to_hold_resource(&file, wait, None, 0);
        let lock = lock.map_err(|source| lock_error(&file, source))?;
        let state = repo.read_index()?;
        if is_split(repo)? || state.is_sparse() || state.entries().iter().any(is_folder) {
            drop(lock);
            return Self::open_program(repo);
        }
        Ok(Self::Plain(Box::new(Plain {
            before: files::read_optional(&file)?,
            kept: None,
            root: repo.workdir().unwrap_or(repo.git_dir()).to_owned(),
            state,
            file,
            _lock: lock,
        })))
    }

    fn open_program(repo: &Repo) -> Result<Self, CommitError> {
        let tree = match repo.head()?.commit {
            Some(commit) => commit.to_string(),
            None => gix::ObjectId::empty_tree(gix::hash::Kind::Sha1).to_string(),
        };
        let args = [
            "diff-index",
            "--cached",
            "--raw",
            "--no-abbrev",
            "--no-renames",
            "-z",
            &tree,
        ];
        let out = repo.program(&args, b"")?;
        let mut fields = out.split(|byte| *byte == 0);
        let mut staged = HashMap::new();
        while let (Some(entry), Some(path)) = (fields.next(), fields.next()) {
            staged.insert(path.to_str_lossy().into_owned(), staged_blob(entry));
        }
        Ok(Self::Program { staged })
    }

    pub(super) fn is_program(&self) -> bool {
        matches!(self, Self::Program { .. })
    }

    /// Names the path where the index is neither as the tip has it nor as the commit will.
    pub(super) fn check(&self, planned: &Planned<'_>) -> Result<(), String> {
        match self {
            Self::Plain(plain) => plain.check(planned),
            Self::Program { staged } => match staged.get(planned.path) {
                Some(id) if id.is_none() || *id != planned.new.as_ref().map(|new| new.id) => {
                    Err(planned.path.to_owned())
                }
                _ => Ok(()),
            },
        }
    }

    /// Whether a sparse checkout leaves this path out of the working tree.
    pub(super) fn skips(&self, path: &str) -> bool {
        match self {
            Self::Plain(plain) => plain
                .entry(path)
                .is_some_and(|entry| entry.flags.contains(entry::Flags::SKIP_WORKTREE)),
            Self::Program { .. } => false,
        }
    }

    /// Whether the index vouches for a file being as the tip has it.
    pub(super) fn is_fresh(&self, planned: &Planned<'_>, meta: &gix::index::fs::Metadata) -> bool {
        let Self::Plain(plain) = self else {
            return false;
        };
        plain.entry(planned.path).is_some_and(|entry| {
            planned.old == Some(ObjectId(entry.id)) && worktree::vouches(&plain.state, entry, meta)
        })
    }

    /// Enters what is new or changed.
    pub(super) fn stage(&mut self, repo: &Repo, plan: &[Planned<'_>]) -> Result<(), CommitError> {
        match self {
            Self::Plain(plain) => plain.stage(plan),
            Self::Program { .. } => {
                let new = |p: &Planned<'_>| Some((p.new.as_ref()?.id, p.executable));
                update_by_program(
                    repo,
                    plan.iter().filter_map(|p| Some((p.path, Some(new(p)?)))),
                )
            }
        }
    }

    /// Drops what was removed: after the branch, so that no crash leaves a staged deletion.
    pub(super) fn unstage(&mut self, repo: &Repo, plan: &[Planned<'_>]) -> Result<(), CommitError> {
        let removed = plan.iter().filter(|p| p.new.is_none()).map(|p| p.path);
        let removed: HashSet<&str> = removed.collect();
        if removed.is_empty() {
            return Ok(());
        }
        match self {
            Self::Plain(plain) => plain.remove(&removed),
            Self::Program { .. } => {
                update_by_program(repo, removed.into_iter().map(|path| (path, None)))
            }
        }
    }

    /// Puts the index back.
    pub(super) fn restore(&mut self, repo: &Repo, plan: &[Planned<'_>]) -> Result<(), CommitError> {
        match self {
            Self::Plain(plain) => plain.restore(),
            Self::Program { .. } => {
                let old = |p: &Planned<'_>| p.old.map(|id| (id, p.executable));
                update_by_program(repo, plan.iter().map(|p| (p.path, old(p))))
            }
        }
    }

    /// Whether the index has a file at a path, with this content. Where git itself is asked, only of
    /// paths that differ from `HEAD` anything is known.
    pub(super) fn holds(&self, path: &str, id: ObjectId) -> bool {
        match self {
            Self::Plain(plain) => plain.entry(path).is_some_and(|entry| entry.id == id.0),
            Self::Program { staged } => staged.get(path) == Some(&Some(id)),
        }
    }

    /// Gives paths other entries, each with whether it is executable, or none.
    pub(super) fn put_back(
        &mut self,
        repo: &Repo,
        entries: &[(&str, Option<(ObjectId, bool)>)],
    ) -> Result<(), CommitError> {
        if entries.is_empty() {
            return Ok(());
        }
        match self {
            Self::Plain(plain) => plain.put_back(entries),
            Self::Program { .. } => update_by_program(repo, entries.iter().copied()),
        }
    }
}

impl Plain {
    fn entry(&self, path: &str) -> Option<&gix::index::Entry> {
        self.state
            .entry_by_path_and_stage(path.into(), Stage::Unconflicted)
    }

    fn check(&self, planned: &Planned<'_>) -> Result<(), String> {
        let path = planned.path;
        if self.state.path_is_directory(path.into()) {
            return Err(path.to_owned());
        }
        let mut above = path::parent(path);
        while !above.is_empty() {
            if self.state.entry_range(above.into()).is_some() {
                return Err(above.to_owned());
            }
            above = path::parent(above);
        }
        let Some(range) = self.state.entry_range(path.into()) else {
            return match planned.old {
                Some(_) if planned.new.is_some() => Err(path.to_owned()),
                _ => Ok(()),
            };
        };
        let new = planned.new.as_ref().map(|new| new.id);
        let known = |entry: &gix::index::Entry| {
            let id = Some(ObjectId(entry.id));
            let mode = file_mode(planned.executable);
            entry.stage() == Stage::Unconflicted
                && entry.mode == mode
                && (id == planned.old || id == new)
                && !entry.flags.contains(entry::Flags::INTENT_TO_ADD)
        };
        match self.state.entries()[range].iter().all(known) {
            true => Ok(()),
            false => Err(path.to_owned()),
        }
    }

    fn stage(&mut self, plan: &[Planned<'_>]) -> Result<(), CommitError> {
        self.distrust_racy();
        let mut added = Vec::new();
        for planned in plan {
            let Some(new) = &planned.new else { continue };
            let path: &BStr = planned.path.into();
            let stat = worktree::stat(&path::to_native(&self.root, planned.path));
            match self
                .state
                .entry_mut_by_path_and_stage(path, Stage::Unconflicted)
            {
                Some(entry) => {
                    entry.id = new.id.0;
                    entry.mode = file_mode(planned.executable);
                    entry.flags.remove(entry::Flags::INTENT_TO_ADD);
                    entry.stat = stat;
                }
                None => added.push((stat, new.id.0, file_mode(planned.executable), path)),
            }
        }
        for (stat, id, mode, path) in added {
            let flags = entry::Flags::empty();
            self.state
                .dangerously_push_entry(stat, id, flags, mode, path);
        }
        self.state.sort_entries();
        self.write()
    }

    /// Makes git look again at files that changed in the second in which the index was written:
    /// a newer index file would hide a change of that second.
    fn distrust_racy(&mut self) {
        let written = self.state.timestamp();
        for entry in self.state.entries_mut() {
            if is_racy(&entry.stat, written.unix_seconds()) {
                entry.stat = Stat::default();
            }
        }
    }

    fn put_back(
        &mut self,
        entries: &[(&str, Option<(ObjectId, bool)>)],
    ) -> Result<(), CommitError> {
        self.distrust_racy();
        let removed = entries.iter().filter(|(_, entry)| entry.is_none());
        let removed: HashSet<&str> = removed.map(|(path, _)| *path).collect();
        for (path, entry) in entries {
            let path: &BStr = (*path).into();
            let known = self
                .state
                .entry_mut_by_path_and_stage(path, Stage::Unconflicted);
            if let (Some((id, executable)), Some(known)) = (entry, known) {
                known.id = id.0;
                known.mode = file_mode(*executable);
                known.stat = Stat::default();
            }
        }
        self.remove(&removed)
    }

    fn remove(&mut self, removed: &HashSet<&str>) -> Result<(), CommitError> {
        self.state
            .remove_entries(|_, path, _| path.to_str().is_ok_and(|path| removed.contains(path)));
        self.write()
    }

    fn write(&mut self) -> Result<(), CommitError> {
        self.state.remove_tree();
        let mut bytes = Vec::new();
        let written = self
            .state
            .write_to(&mut bytes, gix::index::write::Options::default());
        written.map_err(|source| GitError::Index {
            path: self.file.clone(),
            source: source.into(),
        })?;
        let new = Aside::write(&self.file, &bytes, false)?;
        if self.kept.is_none() {
            self.kept = Some(match self.before.take() {
                Some(old) => Kept::File(Aside::write(&self.file, &old, false)?),
                None => Kept::Nothing,
            });
        }
        Ok(new.place()?)
    }

    fn restore(&mut self) -> Result<(), CommitError> {
        match self.kept.take() {
            Some(Kept::File(old)) => old.place()?,
            Some(Kept::Nothing) => files::remove_file(&self.file)?,
            None => {}
        }
        Ok(())
    }
}

fn lock_error(file: &Path, source: gix::Error) -> CommitError {
    let mut lock = file.as_os_str().to_owned();
    lock.push(".lock");
    let lock = PathBuf::from(lock);
    match lock.exists() {
        true => CommitError::Locked { locks: vec![lock] },
        false => CommitError::Git(GitError::Index {
            path: file.to_owned(),
            source: source.into(),
        }),
    }
}

/// The plain file that the index has, by a raw line of `git diff-index`: modes, ids and a letter;
/// `None` for anything else.
fn staged_blob(entry: &[u8]) -> Option<ObjectId> {
    let mut words = std::str::from_utf8(entry).ok()?.split(' ').skip(1);
    let mode = words.next()?;
    let id = words.nth(1)?;
    (mode == "100644").then(|| ObjectId::parse(id)).flatten()
}

fn is_folder(entry: &gix::index::Entry) -> bool {
    entry.mode == entry::Mode::DIR
}

fn file_mode(executable: bool) -> entry::Mode {
    match executable {
        true => entry::Mode::FILE_EXECUTABLE,
        false => entry::Mode::FILE,
    }
}

/// Whether the index is split, or git would split it on writing.
fn is_split(repo: &Repo) -> Result<bool, GitError> {
    let shared = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b"sharedindex.");
    let here = files::list_dir(repo.git_dir())?;
    Ok(repo.flag("core.splitIndex", false) || here.iter().any(|e| shared(&e.file_name())))
}

fn update_by_program<'a>(
    repo: &Repo,
    entries: impl Iterator<Item = (&'a str, Option<(ObjectId, bool)>)>,
) -> Result<(), CommitError> {
    let mut input = Vec::new();
    for (path, entry) in entries {
        let line = match entry {
            Some((id, true)) => format!("100755 {id} 0\t{path}\0"),
            Some((id, false)) => format!("100644 {id} 0\t{path}\0"),
            None => format!("0 {} 0\t{path}\0", gix::hash::Kind::Sha1.null()),
        };
        input.extend_from_slice(line.as_bytes());
    }
    repo.program(&["update-index", "-z", "--index-info"], &input)?;
    Ok(())
}
