//! The `git` program, for what gix does not do.

use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

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
const WRITING: [&str; 9] = [
    "add",
    "commit",
    "fetch",
    "merge",
    "push",
    "switch",
    "symbolic-ref",
    "update-index",
    "update-ref",
];

/// How git answers where nobody sits at the terminal.
#[derive(Clone, Copy, Debug)]
struct Alone {
    patience: Duration,
    /// The environment says how ssh is run.
    has_ssh: bool,
}

static ALONE: OnceLock<Alone> = OnceLock::new();

/// Ends what git does for this process after so long, and lets it ask for nothing in the terminal: whoever waits is
/// in a browser, and sees no question there. A program that has a window of its own may still ask for a passphrase.
/// `has_ssh`: the environment says how git is to run ssh, and that stays so.
pub fn answer_without_terminal(patience: Duration, has_ssh: bool) {
    // Whoever said so first meant the same.
    let _ = ALONE.set(Alone { patience, has_ssh });
}

impl Repo {
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
        let output = match ALONE.get() {
            None => command.output().map_err(fail)?,
            Some(alone) => {
                self.ask_nothing(&mut command, *alone);
                let ended = output_within(&mut command, alone.patience).map_err(fail)?;
                ended.ok_or_else(|| GitError::Waited {
                    command: command_name(args),
                    seconds: alone.patience.as_secs(),
                })?
            }
        };
        step("have run git")?;
        Ok(output)
    }

    /// Has git and ssh fail where they would ask in the terminal.
    fn ask_nothing(&self, command: &mut Command, alone: Alone) {
        command.env("GIT_TERMINAL_PROMPT", "0");
        if !alone.has_ssh && self.setting("core.sshCommand").is_none() {
            command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
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

/// Runs a command for so long; none where it has not ended by then, and is killed.
fn output_within(command: &mut Command, patience: Duration) -> std::io::Result<Option<Output>> {
    const LONGEST_NAP: Duration = Duration::from_millis(20);
    // Files take all that is said, however much that is, while nobody reads.
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut child = command
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?)
        .spawn()?;
    let began = Instant::now();
    let mut nap = Duration::from_micros(200);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if began.elapsed() >= patience {
            // It may have ended just now.
            let _ = child.kill();
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(nap);
        nap = (nap * 2).min(LONGEST_NAP);
    };
    let said = |file: &mut std::fs::File| {
        let mut out = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut out)?;
        Ok::<_, std::io::Error>(out)
    };
    Ok(Some(Output {
        status,
        stdout: said(&mut stdout)?,
        stderr: said(&mut stderr)?,
    }))
}

/// Which of git's commands it is, for messages.
pub(super) fn command_name(args: &[&str]) -> String {
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
    fn what_does_not_end_is_ended() {
        let within = |script: &str, ms| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            output_within(&mut command, Duration::from_millis(ms)).expect("runs")
        };
        let much = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; exit 3";
        let ended = within(much, 60_000).expect("ends");
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!((ended.stdout.len(), ended.stderr.len()), (300_000, 300_000));
        assert!(within("exec sleep 1000", 50).is_none());
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
