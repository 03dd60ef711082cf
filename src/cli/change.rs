//! Changes of documentation: files of the working tree, or a commit on a new branch.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use super::context::Context;
use super::error::CommandError;
use super::place::{self, AtArg, Place, store_error};
use super::ui::Ui;
use crate::analysis::redaction::Redaction;
use crate::author;
use crate::base::files::{self, Aside};
use crate::base::{FileError, path as paths, text};
use crate::diag::Sources;
use crate::git::{ChangeSet, CommitError, CommitRequest, Content, GitError};
use crate::ledger::Guard;
use crate::store::{Workspace, parse_workspace};

/// Where a change goes.
#[derive(Debug, clap::Args)]
pub(crate) struct BranchArg {
    /// Commit to a new branch that starts at HEAD, and leave the working tree alone
    #[arg(short, long, value_name = "BRANCH")]
    pub(crate) branch: Option<String>,
}

/// Where a change goes, and what it was made on.
#[derive(Clone, Copy)]
pub(crate) struct Onto<'a> {
    pub(crate) place: &'a Place,
    pub(crate) branch: &'a BranchArg,
    /// The texts of all files, as they were read.
    pub(crate) read: &'a Sources,
}

/// Returns what a change is made on: the working tree, or HEAD's commit where a branch is to start
/// there; and the texts that were read.
pub(crate) fn workspace(
    place: &Place,
    branch: &BranchArg,
) -> Result<(Workspace, Sources), CommandError> {
    let at = branch.branch.as_ref().map(|_| "HEAD".to_owned());
    let snapshot = match at {
        Some(_) => place.documentation(&AtArg { at })?,
        None if place.repo.as_ref().is_some_and(|repo| repo.is_bare()) => {
            return Err(CommandError::usage("a bare repository has no working tree")
                .hint("`--branch NAME` makes the change on a new branch"));
        }
        None => place.documentation(&AtArg::default())?,
    };
    let loaded = place::load(&snapshot)?;
    Ok((loaded.workspace, loaded.sources))
}

/// How many files a command to run next names one by one.
const NAMED: usize = 3;

/// Makes a change, says what it did, and answers with the paths of its files.
pub(crate) fn carry_out(
    ui: &mut Ui,
    ctx: &Context,
    onto: Onto<'_>,
    changes: &ChangeSet,
    did: &str,
) -> Result<(), CommandError> {
    make(ctx, onto, changes)?;
    let Onto {
        place,
        branch,
        read,
    } = onto;
    tell_secrets(ui, read, changes);
    let files: Vec<&str> = changes.edits.iter().map(|e| e.path.as_str()).collect();
    match &branch.branch {
        Some(branch) => {
            ui.status(format!("{did} on the branch `{branch}`"));
            files.iter().for_each(|file| ui.out(file));
            let branch = text::shell_word(branch);
            ui.hint(format!(
                "`git push -u origin {branch}`, and open a pull request"
            ));
        }
        None => {
            ui.status(did);
            files.iter().for_each(|file| ui.out(file));
            // What came and went before git heard of it is nothing to commit.
            let known = known_to_git(place, &files);
            let (named, takes) = match known.len() {
                0 => return Ok(()),
                1..=NAMED => (known, ""),
                _ => (
                    vec![common_folder(&known)],
                    "; it takes all that changed there",
                ),
            };
            let named = named
                .iter()
                .map(|path| text::shell_word(&pathspec(ctx, place, path)));
            ui.hint(format!(
                "commit it: `git add {0} && git commit -m {1} -- {0}`{takes}",
                named.collect::<Vec<_>>().join(" "),
                text::shell_word(&changes.message)
            ));
        }
    }
    Ok(())
}

/// Says which files have what looks like a secret that they did not have: once it is pushed, git keeps it for ever.
fn tell_secrets(ui: &mut Ui, read: &Sources, changes: &ChangeSet) {
    let settings = read.get("tallybook.yaml");
    let settings = settings.and_then(|text| parse_workspace("tallybook.yaml", Arc::clone(text)).0);
    let redaction = settings.map(|doc| Redaction::parse(&doc.value.redaction));
    let redaction = redaction.and_then(Result::ok).unwrap_or_default();
    let guard = Guard::new(redaction, &[]);
    let mut told = 0;
    for edit in &changes.edits {
        let Some(Content::Bytes(bytes)) = &edit.content else {
            continue;
        };
        let shape = |text: &str| guard.clean(text).err();
        let Some(found) = shape(&String::from_utf8_lossy(bytes)) else {
            continue;
        };
        if read
            .get(&edit.path)
            .is_some_and(|old| shape(old) == Some(found))
        {
            continue;
        }
        told += 1;
        if told <= NAMED {
            let path = text::line(&edit.path, 200);
            ui.warn(format!("`{path}` has what looks like a secret: {found}"));
        }
    }
    if told > NAMED {
        ui.warn(format!(
            "so have {} more",
            text::count((told - NAMED) as u64, "file")
        ));
    }
    if told > 0 {
        ui.hint("take it out before you commit, and revoke it if it is one; git keeps what it was given");
    }
}

/// The files of the workspace that git finds: in the working tree, or in its index.
fn known_to_git<'f>(place: &Place, files: &[&'f str]) -> Vec<&'f str> {
    let in_git = |path: &str| paths::join(&place.prefix, path);
    let gone = { files.iter() }.filter(|path| !place.root.join(path).exists());
    let gone: Vec<String> = gone.map(|path| in_git(path)).collect();
    let tracked = match &place.repo {
        Some(repo) if !gone.is_empty() => repo.tracked(gone.clone()),
        _ => Ok(gone.clone()),
    };
    // Where the index can't be read, git says what is wrong with it.
    let tracked = tracked.unwrap_or_else(|_| gone.clone());
    let gone: BTreeSet<String> = gone.into_iter().collect();
    let tracked: BTreeSet<String> = tracked.into_iter().collect();
    let is_known = |path: &&str| {
        let path = in_git(path);
        !gone.contains(&path) || tracked.contains(&path)
    };
    files.iter().copied().filter(is_known).collect()
}

/// Returns the folder that all files lie in.
fn common_folder<'f>(files: &[&'f str]) -> &'f str {
    let mut folder = paths::parent(files.first().copied().unwrap_or_default());
    let is_below = |folder: &str| {
        let mut rest = files.iter().map(|file| file.strip_prefix(folder));
        rest.all(|rest| rest.is_some_and(|rest| rest.starts_with('/')))
    };
    while !folder.is_empty() && !is_below(folder) {
        folder = paths::parent(folder);
    }
    match folder {
        "" => ".",
        folder => folder,
    }
}

/// Returns how git takes a file of the workspace, where the process was started: as it stands there,
/// else from the root of the working tree.
pub(crate) fn pathspec(ctx: &Context, place: &Place, path: &str) -> String {
    let started = place::real(&ctx.started);
    if place::real(&place.root) == started || !started.starts_with(place::real(place.workdir())) {
        return path.to_owned();
    }
    format!(":/{}", paths::join(&place.prefix, path))
}

/// Makes a change, new files beginning with the lines that name their schemas, and says nothing.
pub(crate) fn make(ctx: &Context, onto: Onto<'_>, changes: &ChangeSet) -> Result<(), CommandError> {
    let Onto {
        place,
        branch,
        read,
    } = onto;
    let at = branch.branch.as_ref().map(|_| "HEAD".to_owned());
    let changes = lined(place, &AtArg { at }, changes)?;
    match &branch.branch {
        Some(branch) => commit(ctx, place, branch, &changes),
        None => write_over(place, read, &changes),
    }
}

/// Writes files of the working tree over what was read, and refuses where one of them is not as it was. Other
/// commands write before that is looked at, or after all is written.
pub(crate) fn write_over(
    place: &Place,
    read: &Sources,
    changes: &ChangeSet,
) -> Result<(), CommandError> {
    let _lock = lock(place)?;
    let files = place.documentation(&AtArg::default())?.docs;
    for edit in &changes.edits {
        let was = read.get(&edit.path).map(|text| text.as_bytes());
        let now = files.read(&edit.path).map_err(store_error)?;
        may_write(&place.root, &edit.path, was, now.as_deref())?;
    }
    write(&place.root, changes)
}

/// Waits for others that write files of this repository, and keeps them waiting until the lock is dropped. It
/// ends with its process, whatever is left of its file. Where git has no folder that may be written the
/// workspace's own is locked, as far as the system does that.
pub(crate) fn lock(place: &Place) -> Result<Option<File>, CommandError> {
    let file = match &place.repo {
        Some(repo) => files::open_lock(&repo.common_dir().join("tallybook/writing.lock")),
        None => files::open(&place.root),
    };
    let file = match file {
        Err(error) if place.repo.is_some() && is_closed(&error) => files::open(&place.root).ok(),
        Err(_) if place.repo.is_none() => None,
        file => Some(file?),
    };
    // A file system without locks is no reason to write nothing.
    Ok(file.filter(|file| fs4::FileExt::lock(file).is_ok()))
}

/// Whether a folder takes no files.
fn is_closed(error: &FileError) -> bool {
    matches!(
        error.source.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Begins new files with the line that names their schema, where the workspace keeps those.
pub(crate) fn lined(
    place: &Place,
    at: &AtArg,
    changes: &ChangeSet,
) -> Result<ChangeSet, CommandError> {
    let snapshot = place.documentation(at)?;
    author::with_schema_lines(&*snapshot.docs, changes).map_err(store_error)
}

/// Refuses to write over a file that is not as it was read, or that may not be written. `was` and `now` are
/// none where there is no file.
fn may_write(
    root: &Path,
    path: &str,
    was: Option<&[u8]>,
    now: Option<&[u8]>,
) -> Result<(), CommandError> {
    if was != now {
        let error = CommandError::usage(match was {
            Some(_) => format!("`{path}` changed while the command ran; nothing was written"),
            None => format!("there is a `{path}` already; nothing was written"),
        });
        return Err(error.hint("run the command again"));
    }
    let metadata = paths::to_native(root, path).symlink_metadata();
    if metadata.is_ok_and(|metadata| metadata.permissions().readonly()) {
        let error = CommandError::usage(format!("`{path}` is read-only; nothing was written"));
        return Err(error.hint("make it writable first"));
    }
    Ok(())
}

/// Writes files of a working tree, each whole, and removes those that are to go: no file is in its place
/// before all are written beside theirs.
pub(crate) fn write(root: &Path, changes: &ChangeSet) -> Result<(), CommandError> {
    let mut written = Vec::new();
    for edit in &changes.edits {
        let path = paths::to_native(root, &edit.path);
        match &edit.content {
            Some(Content::Bytes(bytes)) => written.push(Aside::unsynced(&path, bytes)?),
            Some(Content::Spooled(_)) => {
                return Err(CommandError::internal("documentation is never spooled"));
            }
            None => {}
        }
    }
    // All are written by then, so that the first one waits for the disk and others hardly do.
    for file in &written {
        file.sync()?;
    }
    for file in written {
        file.place()?;
    }
    for edit in changes.edits.iter().filter(|edit| edit.content.is_none()) {
        files::remove_file(&paths::to_native(root, &edit.path))?;
    }
    Ok(())
}

/// Commits on a new branch that starts at HEAD.
fn commit(
    ctx: &Context,
    place: &Place,
    branch: &str,
    changes: &ChangeSet,
) -> Result<(), CommandError> {
    let repo = place.repo()?;
    let author = place.identity(ctx)?;
    let request = CommitRequest {
        branch: format!("refs/heads/{branch}"),
        author: author.clone(),
        committer: author,
        time: ctx.now,
        own: None,
        sign: repo.signs_commits(),
    };
    let base = repo.resolve("HEAD")?;
    let mut changes = changes.clone();
    for edit in &mut changes.edits {
        edit.path = paths::join(&place.prefix, &edit.path);
    }
    let made = repo.branch_from(&request, base, &changes);
    let is_name = !matches!(made, Err(CommitError::Git(GitError::BranchName { .. })));
    if !is_name {
        let branch = text::line(branch, 100);
        let error = CommandError::usage(format!(
            "`{branch}` can't be the name of a branch; nothing was written"
        ));
        return Err(
            error.hint("git takes names without blanks, `..`, `~`, `^`, `:`, `?`, `*` and `[`")
        );
    }
    if !made? {
        let error = CommandError::usage(format!(
            "there is a branch `{branch}` already; nothing was written"
        ));
        return Err(error.hint("choose another name, or leave `--branch` out"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_it_was_read_is_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let may = |was: Option<&str>, now: Option<&str>| {
            let (was, now) = (was.map(str::as_bytes), now.map(str::as_bytes));
            may_write(folder.path(), "a.md", was, now)
        };
        assert!(may(None, None).is_ok() && may(Some("a"), Some("a")).is_ok());
        for (was, now, said) in [
            (Some("a"), Some("b"), "changed while the command ran"),
            (Some("a"), None, "changed while the command ran"),
            (None, Some("b"), "there is a `a.md` already"),
        ] {
            let error = may(was, now).expect_err("it differs").error.to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn files_have_a_folder_in_common() {
        for (files, folder) in [
            (&["p/a/x.md", "p/a/y.md"][..], "p/a"),
            (&["p/a/x.md", "p/ab/y.md"], "p"),
            (&["p/a/b/x.md", "p/a/y.md", "p/a/b/z.md"], "p/a"),
            (&["x.md", "p/y.md"], "."),
            (&[], "."),
        ] {
            assert_eq!(common_folder(files), folder, "{files:?}");
        }
    }
}
