//! Commits of files as the working tree has them, by the git program: it alone knows what becomes of a file on its
//! way into a commit (line ends, filters), and whom it is to be signed by.

use std::collections::BTreeSet;
use std::path::Path;

use super::id::{CommitId, ObjectId};
use super::program::command_name;
use super::standing::is_branch_name;
use super::{GitError, Repo};

/// Files of the working tree as they were at one moment, and what a commit of them alone would have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    /// The tree of such a commit. What was looked at is committed where this is still the same.
    pub tree: ObjectId,
    parent: Option<CommitId>,
    paths: Vec<String>,
    /// What the index has for them after the commit, as `git update-index --index-info` reads it.
    entries: Vec<u8>,
}

/// What git keeps while something is half done, and what that is.
const HALF_DONE: [(&str, &str); 5] = [
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
];
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

impl Repo {
    /// Reads some paths of the working tree as a commit of them on `HEAD` would have them, those that are gone among
    /// them. Of the repository only objects are written, which nothing refers to.
    ///
    /// # Errors
    /// git refuses a file, or can't be run.
    pub fn gather(&self, paths: &[String]) -> Result<Gathered, GitError> {
        let parent = self.head()?.commit;
        let folder = tempfile::tempdir().map_err(|source| GitError::Program {
            command: "update-index".to_owned(),
            source,
        })?;
        let index = own_index(folder.path());
        let base = parent.map(|id| id.to_string());
        if let Some(base) = &base {
            self.done(&index, &["read-tree", base], b"")?;
        }
        let add = ["update-index", "--add", "--remove", "--replace", "-z"];
        let add = [&add[..], &["--stdin"]].concat();
        self.done(&index, &add, paths.join("\0").as_bytes())?;
        let tree = self.done(&index, &["write-tree"], b"")?;
        let listed = self.done(&index, &["ls-files", "--stage", "-z"], b"")?;
        Ok(Gathered {
            tree: id_of(&tree, "write-tree")?,
            parent,
            paths: paths.to_owned(),
            entries: entries(&listed, paths),
        })
    }

    /// Commits what was gathered, as whom git knows and signed where its configuration says so; what else is staged
    /// stays staged. With `branch`, on a new branch of that name, which is then checked out. Returns the commit,
    /// short. Whatever fails leaves branches and index as they were.
    ///
    /// # Errors
    /// git does not know who commits or can't sign, the branch is there already, another commit came first, the
    /// index is locked, or a merge is not finished.
    pub fn commit_gathered(
        &self,
        gathered: &Gathered,
        message: &str,
        branch: Option<&str>,
    ) -> Result<String, GitError> {
        self.half_done()?;
        if let Some(name) = branch.filter(|name| !is_branch_name(name)) {
            let name = name.to_owned();
            return Err(GitError::BranchName { name });
        }
        let commit = self.write_gathered(gathered, message)?;
        let new = commit.to_string();
        let subject = message.lines().next().unwrap_or_default();
        let log = format!("commit: {subject}");
        let own = branch.map(|branch| format!("refs/heads/{branch}"));
        if let Some(own) = &own {
            let made = "branch: Created from HEAD";
            self.done(&[], &["update-ref", "-m", made, own, &new, NO_COMMIT], b"")?;
        }
        let old = gathered.parent.map(|id| id.to_string());
        let old = old.as_deref().unwrap_or(NO_COMMIT);
        let step = match &own {
            Some(own) => vec!["symbolic-ref", "-m", &log, "HEAD", own],
            None => vec!["update-ref", "-m", &log, "HEAD", &new, old],
        };
        let moved = self.moved(gathered, &step);
        if let (Err(_), Some(own)) = (&moved, &own) {
            // The error that stopped it is the one to tell.
            let _ = self.done(&[], &["update-ref", "-d", own, &new], b"");
        }
        moved.map(|()| commit.short())
    }

    /// Gives the index what is committed, then takes the step that makes it so; where that fails, the index gets
    /// back what it had.
    fn moved(&self, gathered: &Gathered, step: &[&str]) -> Result<(), GitError> {
        let listed = self.done(&[], &["ls-files", "--stage", "-z"], b"")?;
        let before = entries(&listed, &gathered.paths);
        self.enter(&gathered.entries)?;
        let moved = self.done(&[], step, b"");
        if moved.is_err() {
            self.enter(&before)?;
        }
        moved.map(drop)
    }

    fn write_gathered(&self, gathered: &Gathered, message: &str) -> Result<CommitId, GitError> {
        let message = format!("{}\n", message.replace("\r\n", "\n").trim());
        let tree = gathered.tree.to_string();
        let parent = gathered.parent.map(|id| id.to_string());
        let mut args = vec!["-c", "i18n.commitEncoding=UTF-8", "commit-tree"];
        if self.signs_commits() {
            args.push("-S");
        }
        if let Some(parent) = &parent {
            args.extend(["-p", parent]);
        }
        args.extend(["-F", "-", &tree]);
        let written = self.done(&[], &args, message.as_bytes())?;
        id_of(&written, "commit-tree").map(|id| CommitId(id.0))
    }

    fn enter(&self, entries: &[u8]) -> Result<(), GitError> {
        let enter = ["update-index", "--add", "--replace", "-z", "--index-info"];
        self.done(&[], &enter, entries).map(drop)
    }

    fn half_done(&self) -> Result<(), GitError> {
        let there = HALF_DONE
            .iter()
            .find(|(file, _)| self.git_dir().join(file).exists());
        match there {
            Some((_, what)) => Err(GitError::HalfDone { what }),
            None => Ok(()),
        }
    }

    fn done(
        &self,
        env: &[(String, String)],
        args: &[&str],
        input: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        let output = self.run_program_with(env, args, input)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(GitError::failed(&command_name(args), &output)),
        }
    }
}

/// Has git use an index of its own.
fn own_index(folder: &Path) -> Vec<(String, String)> {
    let file = folder.join("index").display().to_string();
    vec![("GIT_INDEX_FILE".to_owned(), file)]
}

/// Cuts what an index has of some paths out of all that it has; a path that it lacks is one to be removed.
fn entries(listed: &[u8], paths: &[String]) -> Vec<u8> {
    let wanted: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    let mut gone = wanted.clone();
    let mut kept = Vec::new();
    for line in listed.split(|byte| *byte == 0) {
        let Some(tab) = line.iter().position(|byte| *byte == b'\t') else {
            continue;
        };
        let path = std::str::from_utf8(&line[tab + 1..]).ok();
        if let Some(path) = path.filter(|path| wanted.contains(path)) {
            // A path in conflict has several.
            gone.remove(path);
            kept.extend_from_slice(line);
            kept.push(0);
        }
    }
    // What goes makes room for what comes: a folder may stand where a file was.
    let mut out = Vec::new();
    for path in gone {
        out.extend_from_slice(format!("0 {NO_COMMIT}\t{path}\0").as_bytes());
    }
    out.extend(kept);
    out
}

fn id_of(printed: &[u8], command: &str) -> Result<ObjectId, GitError> {
    let printed = String::from_utf8_lossy(printed);
    ObjectId::parse(printed.trim()).ok_or_else(|| GitError::ProgramFailed {
        command: command.to_owned(),
        message: "it names no object".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;
    use crate::git::testing::Playground;

    fn paths(all: &[&str]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }

    fn somebody_s() -> (Playground, Repo) {
        let play = Playground::new();
        let repo = play.init("main");
        play.git(&["config", "user.name", "Ann"]);
        play.git(&["config", "user.email", "ann@example.com"]);
        (play, repo)
    }

    fn two_files() -> (Playground, Repo) {
        let (play, repo) = somebody_s();
        play.write("a.md", "a\n");
        play.write("b.md", "b\n");
        play.git(&["add", "."]);
        play.git(&["commit", "-qm", "one"]);
        (play, repo)
    }

    #[test]
    fn only_what_was_gathered_is_committed() {
        let (play, repo) = two_files();
        play.write("a.md", "changed\n");
        play.write("b.md", "staged\n");
        play.write("[*].md", "odd\n");
        play.git(&["add", "b.md"]);
        let gathered = repo.gather(&paths(&["a.md", "[*].md"])).expect("gathers");
        assert_eq!(
            play.git(&["status", "--short"]),
            " M a.md\nM  b.md\n?? [*].md\n"
        );
        // Another moment: what was looked at is what is committed.
        play.write("a.md", "later\n");
        let later = repo.gather(&paths(&["a.md", "[*].md"])).expect("gathers");
        assert_ne!(later.tree, gathered.tree);
        let id = repo
            .commit_gathered(&gathered, "two", None)
            .expect("commits");
        assert!(play.git(&["rev-parse", "HEAD"]).starts_with(&id));
        assert_eq!(play.git(&["show", "HEAD:a.md"]), "changed\n");
        assert_eq!(play.git(&["status", "--short"]), " M a.md\nM  b.md\n");
        assert!(play.git(&["reflog", "-1"]).contains("commit: two"));
    }

    #[test]
    fn staged_deletions_and_renames_are_committed() {
        let (play, repo) = two_files();
        play.git(&["rm", "-q", "a.md"]);
        play.git(&["mv", "b.md", "c.md"]);
        let gathered = repo
            .gather(&paths(&["a.md", "b.md", "c.md"]))
            .expect("gathers");
        repo.commit_gathered(&gathered, "moved", None)
            .expect("commits");
        assert_eq!(play.git(&["ls-tree", "--name-only", "HEAD"]), "c.md\n");
        assert_eq!(play.git(&["status", "--short"]), "");
    }

    #[test]
    fn a_folder_may_come_where_a_file_was() {
        let (play, repo) = two_files();
        play.git(&["rm", "-q", "--cached", "a.md"]);
        files::remove_file(&play.root().join("a.md")).expect("removes");
        play.write("a.md/in.md", "in\n");
        let gathered = repo
            .gather(&paths(&["a.md", "a.md/in.md"]))
            .expect("gathers");
        repo.commit_gathered(&gathered, "folder", None)
            .expect("commits");
        assert_eq!(play.git(&["status", "--short"]), "");
    }

    #[test]
    fn a_new_branch_is_made_whole_or_not_at_all() {
        let (play, repo) = two_files();
        play.write("a.md", "changed\n");
        let before = play.git(&["status", "--short", "--branch"]);
        let gathered = repo.gather(&paths(&["a.md"])).expect("gathers");
        play.write(".git/index.lock", "");
        let error = repo.commit_gathered(&gathered, "m", Some("side"));
        assert!(
            error
                .expect_err("locked")
                .to_string()
                .contains("index.lock")
        );
        files::remove_file(&play.root().join(".git/index.lock")).expect("removes");
        play.git(&["branch", "there"]);
        for name in ["there", "main", "a..b", "-x"] {
            repo.commit_gathered(&gathered, "m", Some(name))
                .expect_err(name);
        }
        play.git(&["branch", "-d", "there"]);
        assert_eq!(
            play.git(&["branch", "--format=%(refname)"]),
            "refs/heads/main\n"
        );
        assert_eq!(play.git(&["status", "--short", "--branch"]), before);
        repo.commit_gathered(&gathered, "m", Some("side/one"))
            .expect("commits");
        assert_eq!(play.git(&["symbolic-ref", "HEAD"]), "refs/heads/side/one\n");
        assert_eq!(play.git(&["status", "--short"]), "");
        assert_eq!(play.git(&["rev-list", "--count", "main"]), "1\n");
    }

    #[test]
    fn a_commit_that_came_first_and_a_merge_are_not_run_over() {
        let (play, repo) = two_files();
        play.write("a.md", "changed\n");
        let gathered = repo.gather(&paths(&["a.md"])).expect("gathers");
        play.git(&["commit", "-q", "--allow-empty", "-m", "other"]);
        repo.commit_gathered(&gathered, "m", None)
            .expect_err("HEAD moved");
        assert_eq!(play.git(&["status", "--short"]), " M a.md\n");
        assert_eq!(play.git(&["log", "-1", "--format=%s"]), "other\n");
        let head = play.git(&["rev-parse", "HEAD"]);
        play.write(".git/MERGE_HEAD", head);
        let gathered = repo.gather(&paths(&["a.md"])).expect("gathers");
        let error = repo
            .commit_gathered(&gathered, "m", None)
            .expect_err("a merge");
        assert!(
            error.to_string().contains("a merge is not finished"),
            "{error}"
        );
    }

    #[test]
    fn the_first_commit_of_all_is_made() {
        let (play, repo) = somebody_s();
        play.write("a.md", "a\n");
        let gathered = repo.gather(&paths(&["a.md"])).expect("gathers");
        repo.commit_gathered(&gathered, "first", None)
            .expect("commits");
        assert_eq!(play.git(&["status", "--short", "--branch"]), "## main\n");
    }
}
