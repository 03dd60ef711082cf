//! The index and the working tree follow a commit on the branch that is checked out.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::commit::{Move, commit_reference, prepare};
use super::index::Index;
use super::journal::Journal;
use super::lfs::{MAX_POINTER, read_pointer};
use super::plan::Planned;
use super::worktree::{self, Found, Worktree};
use super::{CommitError, GitError, ObjectId, Repo};
use crate::base::files::Aside;
use crate::base::{Digest, files, path};

/// Takes index and branch, refuses what people changed, writes files and index, and moves the
/// branch last; `false` where the branch moved meanwhile.
pub(super) fn follow(
    repo: &Repo,
    plan: &[Planned<'_>],
    step: &Move<'_>,
) -> Result<bool, CommitError> {
    let root = repo
        .workdir()
        .expect("a place is here only with a working tree");
    let mut index = Index::open(repo)?;
    let head = repo.head()?;
    if head.commit != step.from || head.branch.as_ref() != Some(&step.request.branch) {
        return Ok(false);
    }
    let tree = Worktree::new(root);
    let modes = repo.has_modes();
    let is_left_over = |p: &Planned<'_>| p.old.is_none() && step.request.owns(p.path);
    for planned in plan.iter().filter(|planned| !is_left_over(planned)) {
        check(repo, &index, &tree, planned, modes)?;
    }
    for planned in plan.iter().filter(|planned| is_left_over(planned)) {
        if let Found::Obstructed { by, what } = tree.find(planned.path)? {
            let path = planned.path.to_owned();
            return Err(CommitError::Obstructed { path, by, what });
        }
    }
    let handle = repo.handle();
    let Some(transaction) = prepare(repo, &handle.repo, step, "HEAD")? else {
        return Ok(false);
    };
    let Some(journal) = Journal::begin(repo, plan)? else {
        return Ok(false);
    };
    let files: Vec<_> = plan.iter().filter(|p| !index.skips(p.path)).collect();
    remove_temporary(repo, &tree, &files, step)?;
    let mut shows = false;
    let done = write_aside(&tree, &files)
        .and_then(|asides| {
            shows = true;
            place(&tree, &files, asides)
        })
        .and_then(|()| index.stage(repo, plan))
        .and_then(|()| commit_reference(repo, transaction, step));
    if let Err(error) = done {
        let files = undo(repo, &tree, &files, shows);
        // The error that led here is the one to report. What could not be put back now is put back by
        // the next command.
        if files && index.restore(repo, plan).is_ok() {
            journal.end();
        }
        return Err(error);
    }
    index.unstage(repo, plan)?;
    journal.end();
    Ok(true)
}

/// Removes files that were being written when their writer was killed, wherever this commit writes.
/// Whoever writes there holds the locks that are held here.
fn remove_temporary(
    repo: &Repo,
    tree: &Worktree<'_>,
    plan: &[&Planned<'_>],
    step: &Move<'_>,
) -> Result<(), CommitError> {
    if let Some(own) = &step.request.own {
        tree.remove_temporary(own)?;
    }
    for folder in folders(plan) {
        tree.remove_temporary_in(folder)?;
    }
    Ok(worktree::remove_temporary(repo.git_dir(), 1)?)
}

fn folders<'a>(plan: &[&Planned<'a>]) -> BTreeSet<&'a str> {
    plan.iter().map(|p| path::parent(p.path)).collect()
}

/// Whether a file is what git-lfs put in the place of the pointer that the tip has.
fn is_smudged(repo: &Repo, planned: &Planned<'_>, bytes: &[u8]) -> Result<bool, GitError> {
    let Some(old) = planned.old else {
        return Ok(false);
    };
    if repo.blob_size(old)? > MAX_POINTER as u64 {
        return Ok(false);
    }
    let pointer = read_pointer(&repo.blob(old)?);
    Ok(pointer.is_some_and(|(digest, _)| digest == Digest::of(bytes)))
}

/// Refuses a path that is not as the tip has it. One that already is as the commit will have it
/// passes: a crash may have left it so.
fn check(
    repo: &Repo,
    index: &Index,
    tree: &Worktree<'_>,
    planned: &Planned<'_>,
    modes: bool,
) -> Result<(), CommitError> {
    let uncommitted = |path: &str| CommitError::Uncommitted {
        path: path.to_owned(),
    };
    index.check(planned).map_err(|path| uncommitted(&path))?;
    if index.skips(planned.path) {
        return Ok(());
    }
    let new = planned.new.as_ref().map(|new| new.id);
    match tree.find(planned.path)? {
        Found::Absent if planned.old.is_none() || new.is_none() || index.is_program() => Ok(()),
        Found::Absent => Err(uncommitted(planned.path)),
        Found::Obstructed { by, what } => Err(CommitError::Obstructed {
            path: planned.path.to_owned(),
            by,
            what,
        }),
        Found::File(meta) => {
            if modes && planned.old.is_some() && meta.is_executable() != planned.executable {
                return Err(uncommitted(planned.path));
            }
            if planned.old.is_some() && index.is_fresh(planned, &meta) {
                return Ok(());
            }
            let bytes = files::read(&tree.native(planned.path))?;
            let same = |id: Option<ObjectId>| id.is_some_and(|id| worktree::is_blob(&bytes, id));
            match same(planned.old) || same(new) || is_smudged(repo, planned, &bytes)? {
                true => Ok(()),
                false => Err(uncommitted(planned.path)),
            }
        }
    }
}

/// Writes all files aside before the first takes its place: a disk that is full is met before anything
/// shows.
fn write_aside(
    tree: &Worktree<'_>,
    plan: &[&Planned<'_>],
) -> Result<Vec<Option<Aside>>, CommitError> {
    for folder in folders(plan) {
        files::create_dir(&tree.native(folder))?;
    }
    let aside = |planned: &&Planned<'_>| -> Result<Option<Aside>, CommitError> {
        let Some(new) = &planned.new else {
            return Ok(None);
        };
        let target = tree.native(planned.path);
        Ok(Some(Aside::write(
            &target,
            &new.bytes()?,
            planned.executable,
        )?))
    };
    let asides = plan.par_iter().map(aside);
    asides.collect()
}

fn place(
    tree: &Worktree<'_>,
    plan: &[&Planned<'_>],
    asides: Vec<Option<Aside>>,
) -> Result<(), CommitError> {
    let placed = plan.par_iter().zip(asides);
    placed.try_for_each(|(planned, aside)| match aside {
        Some(aside) => Ok(aside.place()?),
        None => Ok(tree.remove(planned.path)?),
    })
}

/// Puts the files back as the tip has them, as far as that works; where nothing of them showed yet, only
/// folders are to be removed. Whether all of it worked.
fn undo(repo: &Repo, tree: &Worktree<'_>, plan: &[&Planned<'_>], shown: bool) -> bool {
    let mut done = true;
    for planned in plan {
        let target = tree.native(planned.path);
        let restore = |id| -> Result<(), GitError> {
            let bytes = repo.blob(id)?;
            files::create_dir(&tree.native(path::parent(planned.path)))?;
            Ok(Aside::write(&target, &bytes, planned.executable)?.place()?)
        };
        let undone = match planned.old {
            Some(id) if shown => restore(id),
            Some(_) => Ok(()),
            None => tree.remove(planned.path).map_err(GitError::from),
        };
        done &= undone.is_ok();
    }
    done
}
