//! A repository of its own for a test, cut off from the machine's settings.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// A temporary repository on branch `main` with a fixed author, time, zone and terminal width.
#[must_use]
pub(crate) struct TestRepo {
    folder: PathBuf,
    /// Removes the folder at the end.
    _guard: Option<TempDir>,
    /// Runs so far: each draws other random ids, the same ones every time.
    runs: AtomicU32,
    env: Vec<(String, String)>,
}

/// What a run said and how it ended. Shown as stdout, `--- stderr ---` and stderr where there is
/// any, and `[exit n]`.
#[must_use]
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl TestRepo {
    /// When tests happen: 22 November 2026.
    pub(crate) const NOW: &str = "2026-11-22T18:43:00Z";

    /// Makes an empty repository.
    pub(crate) fn new() -> Self {
        let repo = Self::without_git();
        repo.git(["init", "--quiet", "--initial-branch=main"]);
        repo
    }

    /// Makes an empty folder that is no repository.
    pub(crate) fn without_git() -> Self {
        let guard = tempfile::tempdir().expect("a temporary folder is made");
        Self::in_folder(guard.path().to_owned(), Some(guard))
    }

    /// Makes an empty folder that is no repository, for many tests of one run; the next run
    /// replaces it.
    pub(crate) fn shared(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("the old folder goes");
        }
        Self::in_folder(folder, None)
    }

    /// Makes another repository that is the same, down to the ids that it will draw; in memory where
    /// the system has a folder for that, since a sync waits for a disk.
    pub(crate) fn copied(&self) -> Self {
        let guard = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let guard = guard.expect("a temporary folder is made");
        let mut copy = Self::in_folder(guard.path().to_owned(), Some(guard));
        copy_folder(&self.folder, &copy.folder);
        copy.runs = AtomicU32::new(self.runs.load(Ordering::Relaxed));
        copy.env.clone_from(&self.env);
        copy
    }

    fn in_folder(folder: PathBuf, guard: Option<TempDir>) -> Self {
        for name in ["home", "work"] {
            std::fs::create_dir_all(folder.join(name)).expect("a folder is made");
        }
        Self {
            folder,
            _guard: guard,
            runs: AtomicU32::new(0),
            env: Vec::new(),
        }
    }

    /// Copies the repository, its working tree and what lies beside it.
    pub(crate) fn copy(&self) -> Self {
        let guard = tempfile::tempdir().expect("a temporary folder is made");
        let mut command = Command::new("cp");
        command
            .arg("-a")
            .arg(self.folder.join("."))
            .arg(guard.path());
        let copied = command.status().expect("cp starts");
        assert!(copied.success(), "the repository is copied");
        Self::in_folder(guard.path().to_owned(), Some(guard))
    }

    /// Sets a variable for all later runs; an empty value unsets it.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The working tree.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Writes a file, with its parent folders.
    #[track_caller]
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.root().join(path);
        let parent = path.parent().expect("a file has a parent");
        std::fs::create_dir_all(parent).expect("folders are made");
        std::fs::write(&path, text)
            .unwrap_or_else(|e| panic!("{} is written: {e}", path.display()));
        self
    }

    /// Reads a file.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.root().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{} reads: {e}", path.display()))
    }

    /// Runs `tallybook` at the root.
    #[track_caller]
    pub(crate) fn run<const N: usize>(&self, args: [&str; N]) -> Ran {
        self.run_in("", args)
    }

    /// Runs `tallybook` in a folder of the working tree.
    #[track_caller]
    pub(crate) fn run_in<const N: usize>(&self, folder: &str, args: [&str; N]) -> Ran {
        self.output(folder, &args)
    }

    /// Runs `tallybook` in a folder of the working tree.
    #[track_caller]
    pub(crate) fn output(&self, folder: &str, args: &[&str]) -> Ran {
        let output = self.command(folder, args).output();
        self.ran(output.expect("the binary starts"))
    }

    /// Prepares a run of `tallybook`, for tests that need its pipes.
    pub(crate) fn command(&self, folder: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallybook"));
        self.isolate(&mut command, &self.root().join(folder));
        let run = self.runs.fetch_add(1, Ordering::Relaxed) + 1;
        command
            .args(args)
            .env("TALLYBOOK_NOW", Self::NOW)
            .env("TALLYBOOK_SEED", run.to_string())
            .env("COLUMNS", "100");
        for (name, value) in &self.env {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        command
    }

    /// Runs what [`command`](Self::command) prepared.
    #[track_caller]
    pub(crate) fn finish(&self, mut command: Command) -> Ran {
        self.ran(command.output().expect("the binary starts"))
    }

    /// Runs git, which must succeed, and returns its stdout without the last line break.
    #[track_caller]
    pub(crate) fn git<const N: usize>(&self, args: [&str; N]) -> String {
        self.git_in("", args)
    }

    /// Runs git in a folder of the working tree.
    #[track_caller]
    pub(crate) fn git_in<const N: usize>(&self, folder: &str, args: [&str; N]) -> String {
        let ran = self.git_output(folder, &args);
        assert_eq!(ran.code, Some(0), "git {args:?}\n{ran}");
        ran.stdout.trim_end_matches('\n').to_owned()
    }

    /// Runs git in a folder of the working tree, however it ends.
    #[track_caller]
    pub(crate) fn git_output(&self, folder: &str, args: &[&str]) -> Ran {
        let mut command = Command::new("git");
        self.isolate(&mut command, &self.root().join(folder));
        self.ran(command.args(args).output().expect("git starts"))
    }

    /// Commits everything in the working tree and returns the commit's id.
    #[track_caller]
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(["rev-parse", "HEAD"])
    }

    pub(crate) fn isolate(&self, command: &mut Command, folder: &Path) {
        command.env_clear().current_dir(folder).stdin(Stdio::null());
        let kept = [
            "PATH",
            "SYSTEMROOT",
            "TMPDIR",
            "TEMP",
            "TMP",
            "LLVM_PROFILE_FILE",
        ];
        for name in kept {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let home = self.folder.join("home");
        command
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CEILING_DIRECTORIES", &self.folder)
            .env("TZ", "UTC")
            .env("LC_ALL", "C");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "Alice Example")
                .env(format!("GIT_{who}_EMAIL"), "alice@example.com")
                .env(format!("GIT_{who}_DATE"), Self::NOW);
        }
    }

    pub(crate) fn ran(&self, output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Ran {
            stdout: self.redact(&text(output.stdout)),
            stderr: self.redact(&text(output.stderr)),
            code: output.status.code(),
        }
    }

    /// Replaces what differs between machines and releases.
    fn redact(&self, text: &str) -> String {
        let root = self.root();
        let real = root.canonicalize().expect("the root exists");
        let mut text = text.to_owned();
        for path in [&real, &root] {
            text = text.replace(&path.display().to_string(), "[ROOT]");
        }
        text.replace(
            concat!("tallybook ", env!("CARGO_PKG_VERSION")),
            "tallybook [VERSION]",
        )
    }
}

/// Copies a folder with all that it holds.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("lists") {
        let entry = entry.expect("reads");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).expect("copies")),
        }
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "--- stderr ---\n{}", self.stderr)?;
        }
        match self.code {
            Some(code) => write!(f, "[exit {code}]"),
            None => write!(f, "[killed]"),
        }
    }
}

/// Says that a run could not be done, with these words, and without a panic.
#[track_caller]
pub(crate) fn assert_refused(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, Some(2), "{ran}");
    assert_told(ran, words);
}

/// Says that a run found something wrong, with these words.
#[track_caller]
pub(crate) fn assert_found(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, Some(1), "{ran}");
    assert_told(ran, words);
}

#[track_caller]
fn assert_told(ran: &Ran, words: &[&str]) {
    for word in words {
        assert!(ran.stderr.contains(word), "`{word}` is not said\n{ran}");
    }
    assert!(!ran.stderr.contains("bug in Tallybook"), "{ran}");
    assert!(
        !ran.stderr.chars().any(|c| c.is_control() && c != '\n'),
        "{ran:?}"
    );
}

#[test]
fn a_repository_is_cut_off_and_fixed() {
    let repo = TestRepo::new();
    repo.write("a/b.txt", "one\n");
    let commit = repo.commit("First");
    assert_eq!(repo.read("a/b.txt"), "one\n");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
    let other = TestRepo::new();
    other.write("a/b.txt", "one\n");
    assert_eq!(other.commit("First"), commit);
}
