//! The working tree, where the verified commit is checked out: every byte of every tracked file.

use super::launch::lfs_digest;
use super::report::{Kind, Report, Violation};
use super::{layout, sums};
use crate::base::path::{join, to_native};
use crate::base::{Digest, files, text};
use crate::git::{Change, Difference, EntryKind, GitError, Repo, TreeView};

/// How many untracked files a notice names.
const NAMED: usize = 5;

/// Compares index and files of closed launches and executed texts with the commit.
pub(super) fn check(
    repo: &Repo,
    tree: &TreeView,
    workspace: &str,
    report: &mut Report,
) -> Result<(), GitError> {
    let mut untracked = Vec::new();
    let mut unseen = 0;
    for project in layout::projects(tree, workspace)? {
        for part in ["launches", "executed", "annotations"] {
            let folder = join(&project.path, part);
            let entry = tree.entry(&folder)?;
            if entry.is_some_and(|entry| entry.kind != EntryKind::Folder) {
                continue;
            }
            let state = repo.compare_worktree(tree, &folder)?;
            unseen += state.unseen;
            untracked.extend(state.untracked);
            for difference in state.differences {
                if part == "annotations" && adds_or_converts(repo, tree, &difference)? {
                    continue;
                }
                if !is_checked_out_by_lfs(repo, tree, workspace, &difference)? {
                    report.violations.push(violation(workspace, &difference));
                }
            }
        }
    }
    if unseen > 0 {
        report.notices.push(format!(
            "{} left out by a sparse checkout: checked in the commit alone",
            text::count(unseen as u64, "file")
        ));
    }
    note_untracked(&untracked, report);
    Ok(())
}

fn violation(workspace: &str, difference: &Difference) -> Violation {
    let path = &difference.path;
    let shown = text::sanitize_line(path);
    let (kind, message) = match difference.change {
        Change::Index => (
            Kind::IndexDiffers,
            format!("`{shown}` is staged otherwise than it is committed"),
        ),
        Change::Missing => (
            Kind::WorktreeDiffers,
            format!("`{shown}` is not in the working tree"),
        ),
        Change::Kind(what) => (
            Kind::WorktreeDiffers,
            format!("`{shown}` is {what} in the working tree, or stands behind one"),
        ),
        Change::Content => (
            Kind::WorktreeDiffers,
            format!("`{shown}` has other bytes in the working tree than in the commit"),
        ),
        Change::Mode => (
            Kind::WorktreeDiffers,
            format!("`{shown}` has another mode in the working tree than in the commit"),
        ),
    };
    let launch = layout::launch_of(workspace, path).or_else(|| layout::said_of(workspace, path));
    Violation::new(kind, launch, path, message)
}

/// Whether what is said is only staged to be said, or has other ends of lines: attributes keep those of
/// launches alone as they are.
fn adds_or_converts(
    repo: &Repo,
    tree: &TreeView,
    difference: &Difference,
) -> Result<bool, GitError> {
    let committed = tree.read(&difference.path)?;
    let (Some(committed), Some(root)) = (committed, repo.workdir()) else {
        return Ok(difference.change == Change::Index);
    };
    if difference.change != Change::Content {
        return Ok(false);
    }
    let bytes = files::read(&to_native(root, &difference.path))?;
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\r' || rest.peek() != Some(&b'\n') {
            plain.push(byte);
        }
    }
    Ok(plain == committed)
}

/// Whether a file is what a committed pointer of git-lfs stands for, and may be one.
fn is_checked_out_by_lfs(
    repo: &Repo,
    tree: &TreeView,
    workspace: &str,
    difference: &Difference,
) -> Result<bool, GitError> {
    let (Change::Content, Some(root)) = (difference.change, repo.workdir()) else {
        return Ok(false);
    };
    let pointer = tree
        .read(&difference.path)?
        .and_then(|bytes| lfs_digest(&bytes));
    let Some(wanted) = pointer else {
        return Ok(false);
    };
    if !is_prunable(tree, workspace, &difference.path)? {
        return Ok(false);
    }
    let bytes = files::read(&to_native(root, &difference.path))?;
    Ok(Digest::of(&bytes) == wanted)
}

/// Whether the launch that a file belongs to lists it as prunable.
fn is_prunable(tree: &TreeView, workspace: &str, path: &str) -> Result<bool, GitError> {
    let Some((folder, file)) = layout::split_launch(workspace, path) else {
        return Ok(false);
    };
    let list = tree.read(&join(folder, "PRUNABLE.sha256"))?;
    let listed = list.and_then(|bytes| sums::parse(&bytes).ok());
    Ok(listed.is_some_and(|listed| listed.contains_key(file)))
}

fn note_untracked(paths: &[String], report: &mut Report) {
    if paths.is_empty() {
        return;
    }
    let names: Vec<String> = paths
        .iter()
        .take(NAMED)
        .map(|path| text::sanitize_line(path))
        .collect();
    let rest = paths.len().saturating_sub(NAMED) as u64;
    let more = match rest {
        0 => String::new(),
        rest => format!(" and {} more", text::thousands(rest)),
    };
    report.notices.push(format!(
        "{} beside closed launches, not in git: {}{more}",
        text::count(paths.len() as u64, "file"),
        text::ticked(&names, "and")
    ));
}
