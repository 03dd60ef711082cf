//! Other repositories: their references, listed, fetched and pushed by the `git` program, so that
//! people's credentials, proxies and configuration work.

use std::collections::BTreeMap;
use std::path::Path;

use super::commit::Move;
use super::plan::plan;
use super::program::FETCH;
use super::{BoxError, ChangeSet, CommitError, CommitId, CommitRequest, GitError, Repo, TreeView};
use crate::base::text::{sanitize_line, truncate};

/// A reference of a remote, as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// The full name.
    pub name: String,
    /// `None` deletes it.
    pub to: Option<CommitId>,
    /// What the remote must hold there; `None` where it must hold nothing.
    pub expected: Option<CommitId>,
}

/// What became of one reference of a push, as the remote said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    Done,
    /// It was as it is to be.
    UpToDate,
    /// The remote holds something else there.
    Stale,
    /// The remote was at work on this reference or its neighbours; the same push may succeed.
    Busy(String),
    /// Another reference of an atomic push was rejected.
    Atomic,
    /// The remote refused, in its words.
    Rejected(String),
}

/// What became of a local branch that was to follow a remote one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FastForward {
    Moved,
    /// It was there, or ahead.
    AlreadyThere,
    /// It has commits of its own.
    Diverged,
    /// There is no such branch here.
    Absent,
    /// Checked out in another worktree, or git would overwrite what people changed.
    Refused(String),
}

impl Repo {
    /// Returns the remote that a branch is pushed to: its own, else that of the branch that is checked
    /// out, else `origin`, else the only one.
    pub fn default_remote(&self, branch: Option<&str>) -> Option<String> {
        let handle = self.handle();
        let config = handle.repo.config_snapshot();
        let own = |branch: &str| {
            let name = branch.strip_prefix("refs/heads/")?;
            let remote = config.string(format!("branch.{name}.remote").as_str())?;
            Some(remote.to_string()).filter(|remote| remote != ".")
        };
        let current = || own(&self.head().ok()?.branch?);
        let names: Vec<String> = handle
            .repo
            .remote_names()
            .iter()
            .map(ToString::to_string)
            .collect();
        let origin = || names.iter().find(|name| *name == "origin").cloned();
        let only = || match names.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        branch
            .and_then(own)
            .or_else(current)
            .or_else(origin)
            .or_else(only)
    }

    /// Lists the references of a remote whose names begin with a prefix.
    ///
    /// # Errors
    /// The remote can't be reached, or does not let us read.
    pub fn remote_refs(
        &self,
        remote: &str,
        prefixes: &[&str],
    ) -> Result<BTreeMap<String, CommitId>, GitError> {
        let mut args = vec!["ls-remote", "--quiet", "--refs", "--end-of-options", remote];
        let patterns: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}*")).collect();
        args.extend(patterns.iter().map(String::as_str));
        let listed = self.program(&args, b"")?;
        let listed = String::from_utf8_lossy(&listed);
        let lines = listed.lines().filter_map(|line| line.split_once('\t'));
        Ok(lines
            .filter(|(_, name)| prefixes.iter().any(|prefix| name.starts_with(prefix)))
            .filter_map(|(id, name)| Some((name.to_owned(), CommitId::parse(id)?)))
            .collect())
    }

    /// Fetches what a remote's references hold, whole, without keeping them as references here.
    ///
    /// # Errors
    /// The remote can't be reached, or one of the references is gone meanwhile.
    pub fn fetch_refs(&self, remote: &str, names: &[&str]) -> Result<(), GitError> {
        if names.is_empty() {
            return Ok(());
        }
        let lines: String = names.iter().map(|name| format!("{name}\n")).collect();
        let mut args = FETCH.to_vec();
        args.push("--refmap=");
        if self.is_partial() {
            args.push("--no-filter");
        }
        args.extend(["--stdin", "--end-of-options", remote]);
        self.program(&args, lines.as_bytes()).map(drop)
    }

    /// Pushes references, each only where the remote holds what is expected; says of each what
    /// became of it, in their order. With `atomic` all are taken or none.
    ///
    /// # Errors
    /// The remote can't be reached, or does not let us write: nothing is known of any reference.
    pub fn push(
        &self,
        remote: &str,
        updates: &[RefUpdate],
        atomic: bool,
    ) -> Result<Vec<Pushed>, GitError> {
        let mut args: Vec<String> = [
            "push",
            "--porcelain",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
        ]
        .map(str::to_owned)
        .to_vec();
        if atomic {
            args.push("--atomic".to_owned());
        }
        let id = |id: Option<CommitId>| id.map(|id| id.to_string()).unwrap_or_default();
        args.extend(updates.iter().map(|update| {
            let expected = id(update.expected);
            format!("--force-with-lease={}:{expected}", update.name)
        }));
        args.extend(["--end-of-options".to_owned(), remote.to_owned()]);
        args.extend(
            updates
                .iter()
                .map(|update| format!("{}:{}", id(update.to), update.name)),
        );
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = self.run_program(&args, b"")?;
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let why = said_by_remote(&String::from_utf8_lossy(&output.stderr));
        let told: BTreeMap<&str, Pushed> = lines
            .lines()
            .filter_map(read_porcelain)
            .map(|(name, pushed)| (name, pushed.because(why.as_deref())))
            .collect();
        if told.is_empty() && !updates.is_empty() && !output.status.success() {
            return Err(GitError::failed("push", &output));
        }
        let silent = || match output.status.success() {
            true => Pushed::UpToDate,
            false => Pushed::Rejected("the remote said nothing of it".to_owned()),
        };
        Ok(updates
            .iter()
            .map(|update| {
                told.get(update.name.as_str())
                    .cloned()
                    .unwrap_or_else(silent)
            })
            .collect())
    }

    /// Gives a remote the content of git-lfs that a commit will point to, by the program `git-lfs`: our
    /// pushes run no hook, and its own would do this.
    ///
    /// # Errors
    /// The program is not installed, the remote has no place for such content, or can't be reached.
    pub fn push_lfs(&self, remote: &str, objects: &[String]) -> Result<(), GitError> {
        for some in objects.chunks(LFS_BATCH) {
            let mut args = vec!["lfs", "push", "--object-id", remote];
            args.extend(some.iter().map(String::as_str));
            self.program(&args, b"")?;
        }
        Ok(())
    }

    /// Writes a commit without parents that holds the given files; the same files and request give
    /// the same commit. No reference leads to it.
    ///
    /// # Errors
    /// A path is none of a repository, or something can't be read or written.
    pub fn write_root_commit(
        &self,
        request: &CommitRequest,
        changes: &ChangeSet,
    ) -> Result<CommitId, CommitError> {
        let plan = plan(self, None, changes)?;
        let step = self.write_commit(request, None, None, &plan, &changes.message)?;
        Ok(step.to)
    }

    /// Writes a commit on a base, of which no reference knows; `None` where nothing changes.
    ///
    /// # Errors
    /// What `build` fails with, or something can't be read or written.
    pub fn write_commit_on(
        &self,
        request: &CommitRequest,
        base: Option<CommitId>,
        build: &mut dyn FnMut(Option<&TreeView>) -> Result<ChangeSet, BoxError>,
    ) -> Result<Option<CommitId>, CommitError> {
        let tip = base.map(|id| self.tree(id)).transpose()?;
        let changes = build(tip.as_ref()).map_err(CommitError::Build)?;
        let plan = plan(self, tip.as_ref(), &changes)?;
        if plan.is_empty() {
            return Ok(None);
        }
        let step = self.write_commit(request, base, tip.as_ref(), &plan, &changes.message)?;
        Ok(Some(step.to))
    }

    /// Moves a local branch forward to a commit that it is part of; where it is checked out here,
    /// index and files follow as with `git merge --ff-only`.
    ///
    /// # Errors
    /// The repository can't be read or written.
    pub fn fast_forward(
        &self,
        request: &CommitRequest,
        to: CommitId,
    ) -> Result<FastForward, CommitError> {
        let Some(from) = self.tip(&request.branch)? else {
            return Ok(FastForward::Absent);
        };
        if from == to || self.is_ancestor(to, from)? {
            return Ok(FastForward::AlreadyThere);
        }
        if !self.is_ancestor(from, to)? {
            return Ok(FastForward::Diverged);
        }
        match self.is_checked_out(&request.branch) {
            Ok(true) => {
                let id = to.to_string();
                let args = [
                    "merge",
                    "--ff-only",
                    "--quiet",
                    "--no-stat",
                    "--no-verify-signatures",
                    "--no-autostash",
                    &id,
                ];
                match self.program(&args, b"") {
                    Ok(_) => Ok(FastForward::Moved),
                    Err(GitError::ProgramFailed { message, .. }) => {
                        Ok(FastForward::Refused(message))
                    }
                    Err(error) => Err(error.into()),
                }
            }
            Ok(false) => {
                let step = Move {
                    request,
                    from: Some(from),
                    to,
                    log: "fast-forward".to_owned(),
                };
                match self.move_branch(&step)? {
                    true => Ok(FastForward::Moved),
                    false => Ok(FastForward::Diverged),
                }
            }
            Err(
                CommitError::CheckedOut { worktree, .. } | CommitError::Rebasing { worktree, .. },
            ) => Ok(FastForward::Refused(elsewhere(&worktree))),
            Err(error) => Err(error),
        }
    }

    /// Returns the best commit that both are reachable from; `None` where there is none here.
    pub fn merge_base(&self, one: CommitId, other: CommitId) -> Result<Option<CommitId>, GitError> {
        let (one, other) = (one.to_string(), other.to_string());
        let output = self.run_program(&["merge-base", &one, &other], b"")?;
        match output.status.code() {
            Some(0) => {
                let id = String::from_utf8_lossy(&output.stdout);
                self.resolve(id.trim()).map(Some)
            }
            Some(1) => Ok(None),
            _ => Err(GitError::failed("merge-base", &output)),
        }
    }

    /// Whether one commit is reachable from another, or the same.
    pub fn is_ancestor(&self, ancestor: CommitId, of: CommitId) -> Result<bool, GitError> {
        let (ancestor, of) = (ancestor.to_string(), of.to_string());
        let args = ["merge-base", "--is-ancestor", &ancestor, &of];
        let output = self.run_program(&args, b"")?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(GitError::failed("merge-base", &output)),
        }
    }
}

impl Pushed {
    /// Adds what a hook of the remote said, where it declined.
    fn because(self, why: Option<&str>) -> Self {
        match (self, why) {
            (Self::Rejected(reason), Some(why)) if reason.ends_with("hook declined") => {
                Self::Rejected(format!("{reason}: {why}"))
            }
            (pushed, _) => pushed,
        }
    }
}

/// Joins the first lines that the remote's hooks said.
fn said_by_remote(stderr: &str) -> Option<String> {
    let lines = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("remote:"));
    let lines = lines.map(str::trim).filter(|line| !line.is_empty());
    let said: Vec<&str> = lines.take(SAID).collect();
    (!said.is_empty()).then(|| truncate(&sanitize_line(&said.join("; ")), SAID_CHARACTERS))
}

/// How many objects of git-lfs one command is told of.
const LFS_BATCH: usize = 400;

fn elsewhere(worktree: &Path) -> String {
    format!("it is checked out in `{}`", worktree.display())
}

/// How many lines of a remote's hook are told.
const SAID: usize = 5;
/// How many characters of them, at most.
const SAID_CHARACTERS: usize = 1000;

/// What a remote says where others write the same references or their folders at that moment.
const BUSY: [&str; 5] = [
    "cannot lock ref",
    "failed to update ref",
    "incorrect old value",
    "unable to create directory",
    "Unable to create",
];

/// Reads one line of `git push --porcelain`: flag, `from:to`, and a summary with a reason.
fn read_porcelain(line: &str) -> Option<(&str, Pushed)> {
    let mut fields = line.splitn(3, '\t');
    let flag = fields.next().filter(|flag| flag.len() == 1)?;
    let (_, name) = fields.next()?.rsplit_once(':')?;
    let summary = fields.next().unwrap_or_default();
    let reason = summary
        .split_once('(')
        .map_or(summary, |(_, reason)| reason.trim_end_matches(')'));
    let pushed = match flag {
        " " | "+" | "-" | "*" => Pushed::Done,
        "=" => Pushed::UpToDate,
        _ if reason == "stale info" => Pushed::Stale,
        _ if reason == "fetch first" || reason == "already exists" => Pushed::Stale,
        _ if BUSY.iter().any(|sign| reason.contains(sign)) => Pushed::Busy(reason.to_owned()),
        _ if reason.starts_with("atomic ") => Pushed::Atomic,
        _ => Pushed::Rejected(reason.trim().to_owned()),
    };
    Some((name, pushed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hook_said_is_told() {
        let stderr =
            "remote: tallybook: refs/heads/x: no   \nremote: \nTo /x.git\nremote: go\x1b[1m away\n";
        let said = said_by_remote(stderr);
        let expected = "tallybook: refs/heads/x: no; go\\u{1b}[1m away";
        assert_eq!(said.as_deref(), Some(expected));
        assert_eq!(said_by_remote("To /x.git\n"), None);
        let declined = || Pushed::Rejected("pre-receive hook declined".into());
        let told = declined().because(said.as_deref());
        assert_eq!(
            told,
            Pushed::Rejected(format!("pre-receive hook declined: {expected}"))
        );
        assert_eq!(Pushed::Stale.because(said.as_deref()), Pushed::Stale);
        assert_eq!(declined().because(None), declined());
    }

    #[test]
    fn porcelain_lines_are_read() {
        let read = |line| read_porcelain(line);
        assert_eq!(read("To /x.git"), None);
        assert_eq!(read("Done"), None);
        let name = "refs/tallybook/open/A/b/c";
        for (line, pushed) in [
            (
                "*\t123:refs/tallybook/open/A/b/c\t[new reference]",
                Pushed::Done,
            ),
            ("-\t:refs/tallybook/open/A/b/c\t[deleted]", Pushed::Done),
            (
                "=\t123:refs/tallybook/open/A/b/c\t[up to date]",
                Pushed::UpToDate,
            ),
            (
                "!\t123:refs/tallybook/open/A/b/c\t[rejected] (stale info)",
                Pushed::Stale,
            ),
            (
                "!\t123:refs/tallybook/open/A/b/c\t[rejected] (atomic push failed)",
                Pushed::Atomic,
            ),
            (
                "!\t123:refs/tallybook/open/A/b/c\t[remote rejected] (failed to update ref)",
                Pushed::Busy("failed to update ref".to_owned()),
            ),
            (
                "!\t123:refs/tallybook/open/A/b/c\t[remote rejected] (pre-receive hook declined)",
                Pushed::Rejected("pre-receive hook declined".to_owned()),
            ),
        ] {
            assert_eq!(read(line), Some((name, pushed)), "{line}");
        }
    }
}
