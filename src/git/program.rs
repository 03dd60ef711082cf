//! The `git` program, for what gix does not do.

use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{GitError, ObjectId, Repo};
use crate::base::faults;

/// Variables that would point git elsewhere; git itself sets them for its hooks.
const ELSEWHERE: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// Commands that change this repository or another.
const WRITING: [&str; 7] = [
    "add",
    "commit",
    "fetch",
    "merge",
    "push",
    "switch",
    "update-index",
];

impl Repo {
    /// Commits the files of some paths as they are, by the git program and whom it knows; what else is staged stays
    /// staged. With `branch`, on a new branch of that name, which is then checked out. Returns the commit, short.
    ///
    /// # Errors
    /// git refuses: it does not know who commits, the branch is there already, nothing differs, the index is locked.
    pub fn commit_paths(
        &self,
        paths: &[String],
        message: &str,
        branch: Option<&str>,
    ) -> Result<String, GitError> {
        if let Some(branch) = branch {
            self.program(&["switch", "--quiet", "--create", branch], b"")?;
        }
        let listed = paths.join("\0").into_bytes();
        let from = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        let message = format!("--message={message}");
        // A path is a name, whatever signs are in it.
        let literal = [("GIT_LITERAL_PATHSPECS".to_owned(), "1".to_owned())];
        for args in [
            &["add", "--all", from[0], from[1]][..],
            &["commit", "--quiet", "--only", &message, from[0], from[1]],
        ] {
            let output = self.run_program_with(&literal, args, &listed)?;
            if !output.status.success() {
                return Err(GitError::failed(&command_name(args), &output));
            }
        }
        let id = self.program(&["rev-parse", "--short=10", "HEAD"], b"")?;
        Ok(String::from_utf8_lossy(&id).trim().to_owned())
    }

    /// Runs git in this worktree, without hooks, and returns its output.
    ///
    /// # Errors
    /// git is not there, or it failed; the error has its complaint.
    pub(super) fn program(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>, GitError> {
        let output = self.run_program(args, input)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(GitError::failed(&command_name(args), &output)),
        }
    }

    /// Runs git in this worktree, without hooks; it may have failed.
    ///
    /// # Errors
    /// git is not there.
    pub(super) fn run_program(&self, args: &[&str], input: &[u8]) -> Result<Output, GitError> {
        self.run_program_with(&[], args, input)
    }

    /// Runs git with some variables of its environment set; it may have failed.
    ///
    /// # Errors
    /// git is not there.
    pub(super) fn run_program_with(
        &self,
        env: &[(String, String)],
        args: &[&str],
        input: &[u8],
    ) -> Result<Output, GitError> {
        let fail = |source| GitError::Program {
            command: command_name(args),
            source,
        };
        let mut command = Command::new("git");
        for variable in ELSEWHERE {
            command.env_remove(variable);
        }
        command.arg("--git-dir").arg(self.git_dir());
        if let Some(workdir) = self.workdir() {
            command.arg("--work-tree").arg(workdir).current_dir(workdir);
        }
        command
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "core.fsmonitor=false",
            ])
            .args(args)
            .env("LC_ALL", "C")
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdin(spooled(input).map_err(fail)?);
        let writes = WRITING.iter().any(|verb| args.contains(verb));
        let step = |doing| match writes {
            true => faults::step(doing, Path::new(&command_name(args))).map_err(fail),
            false => Ok(()),
        };
        step("run git")?;
        let output = command.output().map_err(fail)?;
        step("have run git")?;
        Ok(output)
    }

    /// Sets a value in the repository's own configuration, all values of that name replaced.
    ///
    /// # Errors
    /// git is not there, or the configuration can't be written.
    pub fn configure(&self, key: &str, value: &str) -> Result<(), GitError> {
        let args = ["config", "--local", "--replace-all", key, value];
        self.program(&args, b"").map(drop)
    }

    /// Fetches objects that a partial clone lacks, in one batch, as git does it for itself. Objects
    /// that are here are left out; without a promising remote nothing happens.
    ///
    /// # Errors
    /// git is not there, or the remote cannot be reached.
    pub fn fetch_missing(&self, ids: &[ObjectId]) -> Result<(), GitError> {
        let Some(remote) = self.promisor() else {
            return Ok(());
        };
        let missing = ids.iter().filter(|id| !self.has_object(**id));
        let lines: String = missing.map(|id| format!("{id}\n")).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let mut args = vec!["-c", "fetch.negotiationAlgorithm=noop"];
        args.extend(FETCH);
        args.extend(["--filter=blob:none", "--stdin", &remote]);
        self.program(&args, lines.as_bytes()).map(drop)
    }
}

/// A fetch of objects alone: no tags, no `FETCH_HEAD`, no submodules, no housekeeping.
pub(super) const FETCH: [&str; 6] = [
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--recurse-submodules=no",
];

/// Which of git's commands it is, for messages.
fn command_name(args: &[&str]) -> String {
    let name = args.iter().find(|a| !a.contains('=') && **a != "-c");
    name.map_or_else(String::new, ToString::to_string)
}

impl GitError {
    /// The complaint of a git program that failed.
    pub(super) fn failed(command: &str, output: &Output) -> Self {
        let complaint = String::from_utf8_lossy(&output.stderr);
        Self::ProgramFailed {
            command: command.to_owned(),
            message: complaint.trim().replace('\n', "; "),
        }
    }
}

/// Input as a file: a pipe could block on both sides.
pub(super) fn spooled(input: &[u8]) -> std::io::Result<Stdio> {
    if input.is_empty() {
        return Ok(Stdio::null());
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(input)?;
    file.rewind()?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;

    /// A bare clone, of a repository with five files, by a filter.
    fn clone_of_five(play: &Playground, filter: &str) -> Repo {
        play.init("main");
        for i in 0..5 {
            play.write(&format!("{i}.txt"), format!("text {i}"));
        }
        play.git(&["add", "."]);
        play.git(&["commit", "-qm", "one"]);
        play.git(&["config", "uploadpack.allowFilter", "true"]);
        play.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let url = format!("file://{}", play.root().display());
        let clone = play.outside().join("clone");
        let target = clone.to_str().expect("UTF-8");
        play.git(&["clone", "-q", "--bare", filter, &url, target]);
        Repo::discover(&clone).expect("opens").expect("found")
    }

    #[test]
    fn a_partial_clone_gets_its_objects_in_one_batch() {
        let play = Playground::new();
        let repo = clone_of_five(&play, "--filter=blob:none");
        assert!(repo.is_partial() && repo.is_bare());
        let head = repo.resolve("main").expect("a commit");
        let files = repo.tree(head).expect("a tree").walk("").expect("walks");
        let ids: Vec<_> = files.into_iter().map(|e| e.id).collect();
        assert!(ids.iter().all(|id| !repo.has_object(*id)));
        repo.fetch_missing(&ids).expect("fetches");
        assert!(ids.iter().all(|id| repo.has_object(*id)));
    }

    #[test]
    fn a_clone_without_trees_gets_what_is_asked_for() {
        let play = Playground::new();
        let repo = clone_of_five(&play, "--filter=tree:0");
        let head = repo.resolve("main").expect("a commit");
        let tree = repo.tree(head).expect("a tree");
        assert!(!repo.has_object(tree.id()));
        assert_eq!(tree.walk("").expect("walks").len(), 5);
        let read = tree.read("4.txt").expect("reads");
        assert_eq!(read.as_deref(), Some(b"text 4".as_slice()));
    }

    #[test]
    fn a_promise_that_is_not_kept_is_told_with_the_way_out() {
        let play = Playground::new();
        let repo = clone_of_five(&play, "--filter=tree:0");
        repo.configure("remote.origin.url", "file:///nowhere.git")
            .expect("configures");
        let head = repo.resolve("main").expect("a commit");
        let tree = repo.tree(head).expect("a commit is here");
        for _ in 0..2 {
            let error = tree.walk("").expect_err("nobody has it").to_string();
            assert!(error.contains("is not in this partial clone"), "{error}");
            assert!(error.contains("/nowhere.git"), "{error}");
            assert!(error.ends_with("completes the clone"), "{error}");
        }
    }

    #[test]
    fn a_complaint_of_git_is_passed_on() {
        let play = Playground::new();
        let repo = play.init("main");
        let error = repo
            .program(&["rev-parse", "--verify", "nope"], b"")
            .expect_err("no such");
        let text = error.to_string();
        assert!(text.starts_with("`git rev-parse` failed: "), "{text}");
    }
}
