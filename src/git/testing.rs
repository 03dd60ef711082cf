//! A repository for tests, and git itself as the referee.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Repo;
use crate::base::files;

/// A temporary folder with a repository's root, a home without configuration, and git.
pub(crate) struct Playground {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Playground {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder
            .path()
            .canonicalize()
            .expect("it is there")
            .join("repo");
        files::create_dir(&root).expect("made");
        Self { folder, root }
    }

    pub(crate) fn init(&self, branch: &str) -> Repo {
        Repo::init(&self.root, branch).expect("a repository")
    }

    pub(crate) fn open(&self) -> Repo {
        let found = Repo::discover(&self.root).expect("readable");
        found.expect("a repository")
    }

    /// The root of the working tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A folder outside the repository.
    pub(crate) fn outside(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        files::write(&self.root.join(path), text.as_ref()).expect("written");
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        files::read(&self.root.join(path)).expect("read")
    }

    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.git_with(&[], args)
    }

    #[track_caller]
    pub(crate) fn git_with(&self, env: &[(&str, &OsStr)], args: &[&str]) -> String {
        let (ok, out) = self.try_git(env, args);
        assert!(ok, "git {args:?} failed: {out}");
        out
    }

    /// Runs git; whether it succeeded, and its output, or its complaint.
    pub(crate) fn try_git(&self, env: &[(&str, &OsStr)], args: &[&str]) -> (bool, String) {
        let mut command = Command::new("git");
        command.args(args).current_dir(&self.root).env_clear();
        if let Some(path) = option_env!("PATH") {
            command.env("PATH", path);
        }
        command
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "protocol.file.allow")
            .env("GIT_CONFIG_VALUE_0", "always");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "Tester")
                .env(format!("GIT_{who}_EMAIL"), "tester@example.com")
                .env(format!("GIT_{who}_DATE"), "1763837000 +0000");
        }
        let output = command
            .envs(env.iter().copied())
            .output()
            .expect("git runs");
        let text = if output.status.success() {
            output.stdout
        } else {
            output.stderr
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        (output.status.success(), text)
    }

    /// Lets git check every object and every reference.
    #[track_caller]
    pub(crate) fn fsck(&self) {
        let (ok, out) = self.try_git(&[], &["fsck", "--strict", "--no-dangling"]);
        assert!(ok, "{out}");
    }

    #[track_caller]
    pub(crate) fn status(&self) -> String {
        self.git(&["status", "--porcelain"])
    }
}
