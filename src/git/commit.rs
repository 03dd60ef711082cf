//! Commits: path edits on a branch's tip, and the branch moved by compare-and-swap.
//!
//! Objects are written first, without any lock. Then the branch's lock is taken and its value
//! compared; only then does anything that a person sees change: files, index, and last the branch.
//! So a lost race has touched nothing, and a crash leaves at most staged additions.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use gix::bstr::ByteSlice as _;
use gix::lock::acquire::Fail;
use gix::refs::transaction::{LogChange, PreviousValue, RefEdit};

use super::follow::follow;
use super::plan::{Planned, new_trees, object_step, plan, write_error, write_tree};
use super::{
    BoxError, ChangeSet, CommitError, CommitId, GitError, Identity, MadeTag, ObjectId, Repo,
    TreeView,
};
use crate::base::{Digest, Timestamp, faults, files};

/// How often a commit is built again on a tip that moved.
const TRIES: u32 = 24;
/// After so many lost races a builder queues behind the others of this program.
const PATIENT_TRIES: u32 = 4;
/// How long other processes may hold a lock before it counts as held.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Where a commit goes, and who makes it when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRequest {
    /// The full name: `refs/heads/main`.
    pub branch: String,
    pub author: Identity,
    pub committer: Identity,
    /// Both times, cut to the second, in UTC.
    pub time: Timestamp,
    /// A folder that nobody else writes: what stands in it and is not in the tip was left there by an
    /// attempt that was killed, and is replaced.
    pub own: Option<String>,
    /// Whether git signs it, as its configuration says.
    pub sign: bool,
}

impl CommitRequest {
    /// Whether a path lies in the folder that nobody else writes.
    pub(super) fn owns(&self, path: &str) -> bool {
        let own = self.own.as_deref().filter(|own| !own.is_empty());
        own.is_some_and(|own| {
            path.strip_prefix(own)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }
}

/// Where a branch is checked out, as far as this worktree goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Here,
    Nowhere,
}

/// What became of one try.
enum Attempt {
    Done(Option<CommitId>),
    /// The branch moved meanwhile.
    Lost,
}

/// A branch's step from one commit to the next.
pub(super) struct Move<'a> {
    pub(super) request: &'a CommitRequest,
    pub(super) from: Option<CommitId>,
    pub(super) to: CommitId,
    pub(super) log: String,
}

impl Repo {
    /// Makes one commit on a branch's tip and moves the branch; `None` where nothing changes.
    ///
    /// `build` gets the tip's tree, or `None` on an unborn branch, and is called again on the new
    /// tip where another commit came first. Where the branch is checked out in this worktree, the
    /// index and the files follow; all other staged and unstaged changes stay as they are. No hook
    /// runs. A tag of the commit is there before the branch moves, and gone if it does not.
    ///
    /// # Errors
    /// An edited path has uncommitted changes, the branch is checked out in another worktree, the
    /// index is locked, the branch moved too often, or something could not be read or written.
    pub fn commit(
        &self,
        request: &CommitRequest,
        build: &mut dyn FnMut(Option<&TreeView>) -> Result<ChangeSet, BoxError>,
    ) -> Result<Option<CommitId>, CommitError> {
        self.commit_if(request, build, &mut |_| Ok(()))
    }

    /// Makes one commit as [`commit`](Self::commit) does, if it passes a check: the check gets the commit
    /// before any reference has it, and what it refuses has changed nothing.
    ///
    /// # Errors
    /// The check's own error, and those of a commit.
    pub fn commit_if(
        &self,
        request: &CommitRequest,
        build: &mut dyn FnMut(Option<&TreeView>) -> Result<ChangeSet, BoxError>,
        check: &mut dyn FnMut(CommitId) -> Result<(), BoxError>,
    ) -> Result<Option<CommitId>, CommitError> {
        check_branch(&request.branch)?;
        let mut queue = None;
        for attempt in 0..TRIES {
            if attempt == PATIENT_TRIES {
                queue = self.queue(&request.branch)?;
            }
            self.recover()
                .map_err(|error| self.blame_locks(error, &request.branch))?;
            let attempt_ended = self.attempt(request, build, check);
            match attempt_ended.map_err(|error| self.blame_locks(error, &request.branch))? {
                Attempt::Done(commit) => return Ok(commit),
                Attempt::Lost => std::thread::sleep(Duration::from_millis(attempt.into())),
            }
        }
        drop(queue);
        Err(CommitError::Raced {
            branch: request.branch.clone(),
            tries: TRIES,
        })
    }

    /// Where a lock stood in the way, names all that are there: a process that was killed leaves
    /// several, and whoever removes one only meets the next.
    fn blame_locks(&self, error: CommitError, branch: &str) -> CommitError {
        if !matches!(
            error,
            CommitError::Locked { .. } | CommitError::Branch { .. }
        ) {
            return error;
        }
        let locks = [
            self.git_dir().join("index.lock"),
            self.git_dir().join("HEAD.lock"),
            self.common_dir().join(format!("{branch}.lock")),
        ];
        let locks: Vec<PathBuf> = locks.into_iter().filter(|lock| lock.exists()).collect();
        match locks.is_empty() {
            true => error,
            false => CommitError::Locked { locks },
        }
    }

    fn attempt(
        &self,
        request: &CommitRequest,
        build: &mut dyn FnMut(Option<&TreeView>) -> Result<ChangeSet, BoxError>,
        check: &mut dyn FnMut(CommitId) -> Result<(), BoxError>,
    ) -> Result<Attempt, CommitError> {
        let place = self.place(&request.branch)?;
        let from = self.tip(&request.branch)?;
        let tip = from.map(|id| self.tree(id)).transpose()?;
        let changes = build(tip.as_ref()).map_err(CommitError::Build)?;
        let plan = plan(self, tip.as_ref(), &changes)?;
        if plan.is_empty() {
            return Ok(Attempt::Done(None));
        }
        let step = self.write_commit(request, from, tip.as_ref(), &plan, &changes.message)?;
        check(step.to).map_err(CommitError::Check)?;
        self.sync_objects(&plan, step.to)?;
        let tag = changes.tag.as_ref();
        let tag = tag.map(|tag| self.write_tag(tag, step.to, request));
        let tag = tag.transpose()?;
        let synced = tag.as_ref().map_or(Ok(()), |tag| self.sync_tag(tag));
        let moved = synced.and_then(|()| match place {
            Place::Here => follow(self, &plan, &step),
            Place::Nowhere => self.move_branch(&step),
        });
        if let (Some(tag), Ok(false) | Err(_)) = (tag, &moved) {
            self.remove_tag(&tag)?;
        }
        if !moved? {
            return Ok(Attempt::Lost);
        }
        self.sync_branch(&request.branch)?;
        Ok(Attempt::Done(Some(step.to)))
    }

    /// Syncs what a commit brought: whoever made it may throw the only other copy away. git itself
    /// leaves that to the system.
    fn sync_objects(&self, plan: &[Planned<'_>], commit: CommitId) -> Result<(), CommitError> {
        let tree = self.tree(commit)?.id();
        let blobs = plan.iter().filter_map(|p| Some(p.new.as_ref()?.id));
        let trees = new_trees(self, tree, plan)?;
        self.sync_loose(blobs.chain(trees).chain([commit.into()]))
    }

    /// Syncs objects, and the folders that have their names.
    fn sync_loose(&self, ids: impl Iterator<Item = ObjectId>) -> Result<(), CommitError> {
        let objects = self.common_dir().join("objects");
        let file = |id: ObjectId| {
            let name = id.to_string();
            objects.join(&name[..2]).join(&name[2..])
        };
        // What was there before is in a pack, or was synced by whoever wrote it.
        let all = ids.map(file).filter(|path| path.is_file());
        let all: BTreeSet<PathBuf> = all.collect();
        let folders: BTreeSet<PathBuf> = all
            .iter()
            .filter_map(|file| Some(file.parent()?.to_owned()))
            .chain([objects])
            .collect();
        files::sync_all(&Vec::from_iter(all), files::sync)?;
        Ok(files::sync_all(&Vec::from_iter(folders), files::sync_dir)?)
    }

    /// Syncs a tag that was made: its object, and its reference.
    fn sync_tag(&self, tag: &MadeTag) -> Result<(), CommitError> {
        self.sync_loose([tag.id].into_iter())?;
        self.sync_branch(&tag.name)
    }

    /// Syncs a branch that moved, or a tag.
    fn sync_branch(&self, branch: &str) -> Result<(), CommitError> {
        let file = self.common_dir().join(branch);
        if !file.is_file() {
            return Ok(());
        }
        files::sync(&file)?;
        let folder = file.parent().unwrap_or(self.common_dir());
        Ok(files::sync_dir(folder)?)
    }

    pub(super) fn write_commit<'a>(
        &self,
        request: &'a CommitRequest,
        from: Option<CommitId>,
        tip: Option<&TreeView>,
        plan: &[Planned<'_>],
        message: &str,
    ) -> Result<Move<'a>, CommitError> {
        if message.contains('\0') {
            return Err(CommitError::Nul { what: "message" });
        }
        let message = message.replace("\r\n", "\n");
        let message = format!("{}\n", message.trim_matches('\n'));
        let subject = message.lines().next().unwrap_or_default();
        let commit = gix::objs::Commit {
            tree: write_tree(self, tip.map(TreeView::id), plan)?.0,
            parents: from.iter().map(|id| id.0).collect(),
            author: signature(&request.author, request.time),
            committer: signature(&request.committer, request.time),
            encoding: None,
            message: message.as_str().into(),
            extra_headers: Vec::new(),
        };
        object_step(self)?;
        let to = match request.sign {
            true => self.write_signed(&commit)?,
            false => {
                let handle = self.handle();
                let written = handle.repo.write_object(&commit).map(|id| id.detach());
                CommitId(written.map_err(|source| write_error(self, source))?)
            }
        };
        Ok(Move {
            request,
            from,
            to,
            log: format!("commit: {subject}"),
        })
    }

    /// Makes one commit on a base, and a branch that points to it; `false` where there is such a
    /// branch already.
    ///
    /// # Errors
    /// The name is none of a branch, or something could not be read or written.
    pub fn branch_from(
        &self,
        request: &CommitRequest,
        base: CommitId,
        changes: &ChangeSet,
    ) -> Result<bool, CommitError> {
        check_branch(&request.branch)?;
        if self.tip(&request.branch)?.is_some() {
            return Ok(false);
        }
        let tip = self.tree(base)?;
        let plan = plan(self, Some(&tip), changes)?;
        let made = self.write_commit(request, Some(base), Some(&tip), &plan, &changes.message)?;
        self.move_branch(&Move { from: None, ..made })
    }

    /// Moves a branch that is checked out nowhere; `false` where another commit came first.
    pub(super) fn move_branch(&self, step: &Move<'_>) -> Result<bool, CommitError> {
        let handle = self.handle();
        match prepare(self, &handle.repo, step, &step.request.branch)? {
            Some(transaction) => commit_reference(self, transaction, step).map(|()| true),
            None => Ok(false),
        }
    }

    /// Whether a branch is checked out in this worktree.
    ///
    /// # Errors
    /// It is checked out in another one, or being rebased.
    pub(super) fn is_checked_out(&self, branch: &str) -> Result<bool, CommitError> {
        Ok(self.place(branch)? == Place::Here)
    }

    /// Finds out where a branch is checked out.
    fn place(&self, branch: &str) -> Result<Place, CommitError> {
        let handle = self.handle();
        let fail = |source: gix::Error| GitError::Open {
            path: self.common_dir().join("worktrees"),
            source: source.into(),
        };
        let mut place = Place::Nowhere;
        for other in handle.repo.worktrees_including_main().map_err(fail)? {
            let Ok(other) = other else { continue };
            let Some(worktree) = other.workdir().map(ToOwned::to_owned) else {
                continue;
            };
            if rebases(other.git_dir(), branch)? {
                let branch = branch.to_owned();
                return Err(CommitError::Rebasing { branch, worktree });
            }
            let head = other.head_name().ok().flatten();
            if head.is_none_or(|head| head.as_bstr() != branch) {
                continue;
            }
            if !same_folder(other.git_dir(), self.git_dir()) {
                let branch = branch.to_owned();
                return Err(CommitError::CheckedOut { branch, worktree });
            }
            if self.workdir().is_some() {
                place = Place::Here;
            }
        }
        Ok(place)
    }

    /// Queues behind other builders of a branch, for a while: a courtesy that makes races fair, and
    /// no condition of anything. The lock ends with the process.
    fn queue(&self, branch: &str) -> Result<Option<std::fs::File>, CommitError> {
        let name = format!("commit-{}.lock", Digest::of(branch.as_bytes()).short());
        let file = files::open_lock(&self.common_dir().join("tallybook").join(name))?;
        let pause = Duration::from_millis(20);
        for _ in 0..LOCK_WAIT.as_millis() / pause.as_millis() {
            if fs4::FileExt::try_lock(&file).is_ok() {
                return Ok(Some(file));
            }
            std::thread::sleep(pause);
        }
        Ok(None)
    }
}

fn same_folder(a: &std::path::Path, b: &std::path::Path) -> bool {
    let real = |path: &std::path::Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(a) == real(b)
}

/// Whether a rebase of the branch is under way in a worktree.
fn rebases(git_dir: &std::path::Path, branch: &str) -> Result<bool, GitError> {
    for folder in ["rebase-merge", "rebase-apply"] {
        let file: PathBuf = git_dir.join(folder).join("head-name");
        let name = files::read_optional(&file)?.unwrap_or_default();
        if name.trim() == branch.as_bytes() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn check_branch(name: &str) -> Result<(), GitError> {
    let sound = gix::refs::FullName::try_from(name).is_ok() && name.starts_with("refs/");
    sound.then_some(()).ok_or_else(|| GitError::BranchName {
        name: name.to_owned(),
    })
}

/// Takes the branch's lock and compares its value; `None` where the branch moved. `name` is the
/// branch, or `HEAD` where `HEAD` is to note the step too.
pub(super) fn prepare<'r>(
    repo: &Repo,
    gix: &'r gix::Repository,
    step: &Move<'_>,
    name: &str,
) -> Result<Option<gix::refs::file::Transaction<'r, 'r>>, CommitError> {
    let branch = &step.request.branch;
    let name = gix::refs::FullName::try_from(name).map_err(|_| GitError::BranchName {
        name: branch.clone(),
    })?;
    let expected = step.from.map_or(PreviousValue::MustNotExist, |id| {
        PreviousValue::MustExistAndMatch(gix::refs::Target::Object(id.0))
    });
    let log = LogChange {
        message: step.log.as_str().into(),
        ..LogChange::default()
    };
    let edit = RefEdit::update_with_log(name, step.to.0, expected, log).with_deref(true);
    let wait = Fail::AfterDurationWithBackoff(LOCK_WAIT);
    ref_step(repo, "lock", branch)?;
    match gix.refs.transaction().prepare([edit], wait, wait) {
        Ok(prepared) => Ok(Some(prepared)),
        Err(_) if repo.tip(branch)? != step.from => Ok(None),
        Err(source) => Err(CommitError::Branch {
            branch: branch.clone(),
            source: source.into(),
        }),
    }
}

/// Passes the step before a branch is locked or moved.
fn ref_step(repo: &Repo, doing: &'static str, branch: &str) -> Result<(), CommitError> {
    let passed = faults::step(doing, &repo.common_dir().join(branch));
    passed.map_err(|source| CommitError::Branch {
        branch: branch.to_owned(),
        source: source.into(),
    })
}

pub(super) fn commit_reference(
    repo: &Repo,
    transaction: gix::refs::file::Transaction<'_, '_>,
    step: &Move<'_>,
) -> Result<(), CommitError> {
    ref_step(repo, "move the branch", &step.request.branch)?;
    let committer = signature(&step.request.committer, step.request.time);
    let mut buffer = gix::date::parse::TimeBuf::default();
    let done = transaction.commit(committer.to_ref(&mut buffer));
    done.map(|_| ()).map_err(|source| CommitError::Branch {
        branch: step.request.branch.clone(),
        source: source.into(),
    })
}

/// Writes an identity as git does: without what would end a field, and never empty.
pub(super) fn signature(identity: &Identity, time: Timestamp) -> gix::actor::Signature {
    let clean = |text: &str| {
        let kept: String = text
            .chars()
            .filter(|c| !matches!(c, '<' | '>') && !c.is_control())
            .collect();
        let kept = kept
            .trim()
            .trim_matches(['.', ',', ':', ';', '"', '\''])
            .trim();
        kept.to_owned()
    };
    let email = clean(&identity.email);
    let name = match clean(&identity.name) {
        name if name.is_empty() && email.is_empty() => "unknown".to_owned(),
        name if name.is_empty() => email.clone(),
        name => name,
    };
    gix::actor::Signature {
        name: name.into(),
        email: email.into(),
        time: gix::date::Time {
            seconds: time.ms().div_euclid(1000).max(0),
            offset: 0,
        },
    }
}
