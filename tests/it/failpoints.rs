//! A command is killed, meets a full disk or a broken one at each step that writes; it is run again,
//! and ends as if nothing had happened.
//!
//! The steps are those of `base::faults`: a debug build counts them, and strikes where it is told to.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::repo::{Ran, TestRepo};
use crate::shared::Fleet;
use crate::shop::{junit, result, shop, with};

/// A repository, and a command that is disturbed in it.
struct Scene {
    repo: TestRepo,
    /// Where the command runs, relative to the working tree.
    folder: &'static str,
    /// The command that meets the fault and is run again.
    command: Vec<String>,
    /// What is run after it, so that all of it ends in a closed launch.
    then: Vec<Vec<String>>,
    /// Each run of the command draws another id: what it makes has another name then.
    draws: bool,
    /// What the command answers depends on how much of it was done already.
    counts: bool,
    /// What the command says where it was done already, beside its own answer.
    done: &'static str,
}

/// A fault, as `TALLYBOOK_FAULT` names it, at a step.
#[derive(Clone, Debug)]
struct Fault {
    name: &'static str,
    at: usize,
    step: String,
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

impl Scene {
    fn new(repo: TestRepo, command: &[&str], then: &[&[&str]]) -> Self {
        Self {
            repo,
            folder: "",
            command: words(command),
            then: then.iter().map(|command| words(command)).collect(),
            draws: false,
            counts: false,
            done: "",
        }
    }

    fn on(mut self, folder: &'static str) -> Self {
        self.folder = folder;
        self
    }

    /// Leaves out what git installs and nothing here needs.
    fn slim(&self) {
        let root = self.repo.root();
        for git in [".git", "a/.git", "b/.git", "origin.git"] {
            for folder in ["hooks", "info", "branches"] {
                let _ = std::fs::remove_dir_all(root.join(git).join(folder));
            }
        }
        let _ = std::fs::remove_dir_all(root.join("seed"));
    }

    fn run(&self, repo: &TestRepo, command: &[String], fault: Option<&str>) -> Ran {
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        let mut command = repo.command(self.folder, &args);
        command.envs(fault.map(|fault| ("TALLYBOOK_FAULT", fault)));
        repo.ran(command.output().expect("the binary starts"))
    }

    /// Runs the command and what comes after it; returns what they answered.
    fn finish(&self, repo: &TestRepo) -> Result<Vec<String>> {
        let commands = std::iter::once(&self.command).chain(&self.then);
        let answers = commands.map(|command| {
            let ran = self.run(repo, command, None);
            let is_done = !self.done.is_empty() && ran.stderr.contains(self.done);
            ensure!(ran.code == Some(0) || is_done, "then {command:?}\n{ran}");
            Ok(ran.stdout)
        });
        answers.collect()
    }

    /// The steps of the undisturbed command, each with whether it takes room.
    fn steps(&self) -> Vec<(String, bool)> {
        let repo = self.repo.copied();
        let log = repo.root().join("../steps");
        let ran = self.run(
            &repo,
            &self.command,
            Some(&format!("log:{}", log.display())),
        );
        assert_eq!(ran.code, Some(0), "{ran}");
        let log = std::fs::read_to_string(log).expect("steps are logged");
        let steps = log.lines().map(|line| {
            let (doing, rest) = line.split_once('\t').expect("three fields");
            let (room, path) = rest.split_once('\t').expect("three fields");
            (format!("{doing} {path}"), room == "room")
        });
        steps.collect()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut out = Vec::new();
        let mut synced = false;
        for (at, (step, takes_room)) in self.steps().into_iter().enumerate() {
            // Of syncs in a row the first stands for all: they change nothing that is seen.
            let before = std::mem::replace(&mut synced, step.starts_with("sync "));
            if synced && before {
                continue;
            }
            let other = if takes_room { "full" } else { "broken" };
            out.extend(["kill", other].map(|name| Fault {
                name,
                at: at + 1,
                step: step.clone(),
            }));
        }
        out
    }

    /// Disturbs the command at each of its steps.
    #[track_caller]
    fn survive(&self) {
        self.slim();
        let whole = self.repo.copied();
        let answers = self.finish(&whole).expect("undisturbed it ends well");
        let expected = Expected {
            before: State::of(&self.repo, self.folder),
            after: State::of(&whole, self.folder),
            commits: whole.git_in(self.folder, ["rev-list", "--count", "HEAD"]),
            answers,
        };
        let faults = self.faults();
        assert!(faults.len() > 10, "{faults:?}");
        let disturb = |fault| self.disturb(fault, &expected).err();
        let wrong: Vec<String> = faults
            .iter()
            .filter_map(disturb)
            .map(|e| format!("{e:#}"))
            .collect();
        assert!(
            wrong.is_empty(),
            "{} of {} times:\n{}",
            wrong.len(),
            faults.len(),
            wrong.join("\n\n")
        );
    }

    /// Lets `doctor` remove the locks that a kill left; a failure leaves none. Until then the command
    /// names all of them, and what removes them.
    fn remove_locks(&self, repo: &TestRepo, fault: &Fault) -> Result<()> {
        let left = locks(repo, self.folder);
        if left.is_empty() {
            return Ok(());
        }
        ensure!(fault.name == "kill", "{left:?}");
        if fault.step.starts_with("move the branch") {
            let refused = self.run(repo, &self.command, None);
            ensure!(refused.code == Some(2), "with {left:?}\n{refused}");
            let told = left.iter().all(|lock| refused.stderr.contains(lock));
            ensure!(
                told && refused.stderr.contains("doctor --repair"),
                "with {left:?}\n{refused}"
            );
        }
        let repair = words(&["doctor", "--repair", "--older-than", "0s"]);
        let repaired = self.run(repo, &repair, None);
        let left = locks(repo, self.folder);
        ensure!(left.is_empty(), "{left:?}\n{repaired}");
        Ok(())
    }

    fn disturb(&self, fault: &Fault, expected: &Expected) -> Result<()> {
        let repo = self.repo.copied();
        let plan = format!("{}:{}", fault.name, fault.at);
        let ran = self.run(&repo, &self.command, Some(&plan));
        let check = || {
            check_end(&ran, fault)?;
            if fault.name == "full" {
                // What filled the disk is not kept: it would leave no room to go on.
                let files = files_below(&git_dir(&repo, self.folder)).into_iter();
                let half = |path: &String| path.contains("/unfinished/") && path.contains("/part/");
                let left: Vec<String> = files.filter(half).collect();
                ensure!(left.is_empty(), "{left:?}");
            }
            check_between(&repo, self.folder, expected)?;
            self.remove_locks(&repo, fault)?;
            let answers = self.finish(&repo)?;
            let told = |all: &[String]| all[usize::from(self.draws || self.counts)..].to_vec();
            ensure!(
                told(&answers) == told(&expected.answers),
                "{answers:?}, expected {:?}",
                expected.answers
            );
            let mut state = State::of(&repo, self.folder);
            if self.draws {
                let count = |repo: &TestRepo| repo.git(["rev-list", "--count", "HEAD"]);
                ensure!(count(&repo) == expected.commits, "{} commits", count(&repo));
                state.refs.clone_from(&expected.after.refs);
            }
            ensure!(
                state == expected.after,
                "{state:#?}, expected {:#?}",
                expected.after
            );
            Ok(())
        };
        check().with_context(|| format!("{plan} at {}\n{ran}", fault.step))
    }
}

/// git's locks that are there.
fn locks(repo: &TestRepo, folder: &str) -> Vec<String> {
    let is_lock = |path: &String| path.ends_with(".lock") && !path.starts_with("tallybook/");
    let files = files_below(&git_dir(repo, folder)).into_iter();
    files.filter(is_lock).collect()
}

/// What a command is to come to.
struct Expected {
    before: State,
    after: State,
    commits: String,
    answers: Vec<String>,
}

/// A kill is a kill, and a failure is told: never a panic, and never success where it was none.
fn check_end(ran: &Ran, fault: &Fault) -> Result<()> {
    let is_kill = fault.name == "kill";
    ensure!(is_kill == ran.code.is_none() && is_kill == ran.stderr.contains("killed at a step"));
    ensure!(is_kill || matches!(ran.code, Some(0..=2)));
    ensure!(!ran.stderr.contains("bug in Tallybook"));
    Ok(())
}

/// What must hold at any time: git finds nothing wrong, the branch is where it was or where it is to
/// be, nothing is staged for removal, and other people's changes are as they were.
fn check_between(repo: &TestRepo, folder: &str, expected: &Expected) -> Result<()> {
    let Expected { before, after, .. } = expected;
    let fsck = repo.git_output(folder, &["fsck", "--strict", "--no-dangling"]);
    ensure!(fsck.code == Some(0), "{fsck}");
    let now = State::of(repo, folder);
    for line in now.refs.difference(&before.refs) {
        ensure!(
            after.refs.contains(line) || line.contains(" refs/tallybook/"),
            "{line}"
        );
    }
    for line in &now.status {
        let ours = ["/launches/", "/executed/", "/annotations/"]
            .iter()
            .any(|folder| line.contains(folder));
        ensure!(
            !line.starts_with('D') && (ours || before.status.contains(line)),
            "{line}"
        );
    }
    for line in &before.status {
        ensure!(now.status.contains(line), "{line} is gone");
    }
    Ok(())
}

fn git_dir(repo: &TestRepo, folder: &str) -> std::path::PathBuf {
    let root = repo.root().join(folder);
    let git = root.join(".git");
    if git.is_dir() { git } else { root }
}

/// All that is to be the same in the end.
#[derive(Debug, PartialEq)]
struct State {
    /// Of the repository, and of its remote where it has one.
    refs: BTreeSet<String>,
    status: BTreeSet<String>,
    /// The files of the git directory; objects, logs and the index apart.
    git: Vec<String>,
}

impl State {
    fn of(repo: &TestRepo, folder: &str) -> Self {
        let git = git_dir(repo, folder);
        let mut refs = repo.git_in(
            folder,
            ["for-each-ref", "--format=here %(refname) %(objectname)"],
        );
        if repo.root().join("origin.git").is_dir() {
            let remote = ["for-each-ref", "--format=there %(refname) %(objectname)"];
            refs = format!("{refs}\n{}", repo.git_in("origin.git", remote));
        }
        let status = match git == repo.root().join(folder) {
            true => String::new(),
            false => repo.git_in(folder, ["status", "--porcelain", "--untracked-files=all"]),
        };
        let apart = ["objects/", "logs/", "index", "sharedindex.", "ORIG_HEAD"];
        let is_listed = |path: &String| !apart.iter().any(|apart| path.starts_with(apart));
        Self {
            refs: refs.lines().map(str::to_owned).collect(),
            status: status.lines().map(str::to_owned).collect(),
            git: files_below(&git).into_iter().filter(is_listed).collect(),
        }
    }
}

/// The paths of all files below a folder, and of folders that are empty.
fn files_below(folder: &Path) -> Vec<String> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let entries = walk.into_iter().map(|entry| entry.expect("it lists"));
    let is_empty = |path: &Path| std::fs::read_dir(path).expect("lists").next().is_none();
    entries
        .filter(|entry| !entry.file_type().is_dir() || is_empty(entry.path()))
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("below");
            path.to_str().expect("UTF-8").to_owned()
        })
        .collect()
}

/// A workspace in which other people have staged and unstaged changes, and an open launch.
fn busy_shop() -> (TestRepo, String) {
    let repo = shop();
    repo.write("notes/theirs.md", "theirs\n");
    repo.commit("Notes");
    repo.write("notes/theirs.md", "theirs, changed\n");
    repo.write("notes/staged.md", "staged\n");
    repo.git(["add", "notes/staged.md"]);
    repo.write("notes/new.md", "new\n");
    let id = repo.open_launch("Nightly");
    (repo, id)
}

fn allure_with_attachments(repo: &TestRepo) {
    let log = json!({"attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}]});
    repo.write("../results/1-attachment.txt", "the log\n");
    repo.allure("../results", &with(result("a", "expired", "failed"), &log));
    repo.allure("../results", &result("b", "other", "passed"));
}

/// The same, with a launch that has parts of two jobs, one of a documented case.
fn filled_shop() -> (TestRepo, String) {
    let (repo, id) = busy_shop();
    allure_with_attachments(&repo);
    repo.write("../unit.xml", junit(&[("unit", "")]));
    repo.answer(["launch", "append", &id, "../results", "--job", "e2e"]);
    repo.answer(["launch", "append", &id, "../unit.xml", "--job", "unit"]);
    (repo, id)
}

/// The same, with a launch that has one small part.
fn small_shop() -> (TestRepo, String) {
    let (repo, id) = busy_shop();
    repo.write("../unit.xml", junit(&[("expired", "")]));
    repo.answer(["launch", "append", &id, "../unit.xml", "--job", "unit"]);
    (repo, id)
}

/// A clone `a` of a remote, with the remote's address relative, and a report beside it.
fn fleet() -> (TestRepo, String) {
    let fleet = Fleet::new(&["a"]);
    let report = fleet.report("r.xml");
    fleet
        .0
        .git_in("a", ["remote", "set-url", "origin", "../origin.git"]);
    (fleet.0, report)
}

#[test]
fn an_append_of_allure_results_with_attachments() {
    let (repo, id) = busy_shop();
    allure_with_attachments(&repo);
    let append = ["launch", "append", &id, "../results", "--job", "e2e"];
    Scene::new(repo, &append, &[&["launch", "close", &id]]).survive();
}

#[test]
fn an_append_of_a_report_beside_others() {
    let (repo, id) = filled_shop();
    repo.write(
        "../more.xml",
        junit(&[("more", ""), ("fails", "<failure/>")]),
    );
    let append = ["launch", "append", &id, "../more.xml", "--job", "unit"];
    Scene::new(repo, &append, &[&["launch", "close", &id]]).survive();
}

#[test]
fn an_append_that_was_there_before() {
    let (repo, id) = filled_shop();
    let append = ["launch", "append", &id, "../unit.xml", "--job", "unit"];
    Scene::new(repo, &append, &[&["launch", "close", &id]]).survive();
}

#[test]
fn an_append_into_a_follow_up() {
    let (repo, id) = filled_shop();
    repo.answer(["launch", "close", &id]);
    repo.write("../late.xml", junit(&[("late", "")]));
    let append = ["launch", "append", &id, "../late.xml", "--job", "late"];
    let follow_up = format!("{id}.2");
    Scene::new(repo, &append, &[&["launch", "close", &follow_up]]).survive();
}

#[test]
fn an_opening() {
    let (repo, _) = busy_shop();
    Scene::new(repo, &["launch", "open", "--key", "k"], &[]).survive();
}

#[test]
fn a_discarding() {
    let (repo, id) = filled_shop();
    let discard = ["launch", "discard", &id, "--reason", "opened by mistake"];
    Scene::new(repo, &discard, &[]).survive();
}

#[test]
fn a_closing_on_the_branch_that_is_checked_out() {
    let (repo, id) = filled_shop();
    Scene::new(repo, &["launch", "close", &id], &[&["verify"]]).survive();
}

#[test]
fn a_closing_on_a_branch_that_is_not_checked_out() {
    let (repo, id) = filled_shop();
    repo.git(["checkout", "--quiet", "--detach"]);
    let close = ["launch", "close", &id, "--branch", "main"];
    Scene::new(repo, &close, &[&["verify", "--at", "main"]]).survive();
}

#[test]
fn a_closing_where_the_index_is_split() {
    let (repo, id) = small_shop();
    repo.git(["update-index", "--split-index"]);
    Scene::new(repo, &["launch", "close", &id], &[&["verify"]]).survive();
}

#[test]
fn a_closing_where_the_checkout_is_sparse() {
    let (repo, id) = small_shop();
    let set = [
        "sparse-checkout",
        "set",
        "--cone",
        "--sparse-index",
        "notes",
    ];
    repo.git(set);
    Scene::new(repo, &["launch", "close", &id], &[&["verify"]]).survive();
}

#[test]
fn a_closing_in_a_bare_repository() {
    let (repo, report) = fleet();
    let id = repo
        .output("origin.git", &["launch", "open", "--key", "k"])
        .stdout;
    let ran = repo.output("origin.git", &["launch", "append", id.trim(), &report]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let close = ["launch", "close", id.trim()];
    let verify = ["verify", "--at", "main"];
    Scene::new(repo, &close, &[&verify])
        .on("origin.git")
        .survive();
}

#[test]
fn an_append_that_is_pushed() {
    let (repo, report) = fleet();
    let append = ["launch", "append", "--key", "k", &report, "--push"];
    let close = ["launch", "close", "--key", "k", "--push"];
    Scene::new(repo, &append, &[&close, &["verify"]])
        .on("a")
        .survive();
}

#[test]
fn an_opening_that_is_pushed() {
    let (repo, report) = fleet();
    let open = ["launch", "open", "--key", "k", "--push"];
    let append = ["launch", "append", "--key", "k", &report, "--push"];
    let close = ["launch", "close", "--key", "k", "--push"];
    Scene::new(repo, &open, &[&append, &close, &["verify"]])
        .on("a")
        .survive();
}

#[test]
fn a_sync_that_pushes_and_gathers() {
    let (repo, report) = fleet();
    repo.git(["clone", "--quiet", "origin.git", "b"]);
    repo.git_in("b", ["remote", "set-url", "origin", "../origin.git"]);
    // What `a` could not push, and lost some of; and what `b` pushed, which settles that: for whoever
    // takes it over it comes later.
    repo.write("cut.xml", &junit(&[("a", ""), ("b", "")])[..120]);
    repo.git_in("a", ["remote", "set-url", "origin", "../nowhere.git"]);
    let append = |machine, report, code| {
        let args = ["launch", "append", "--key", "k", report, "--push"];
        let ran = repo.output(machine, &args);
        assert_eq!(ran.code, Some(code), "{ran}");
    };
    append("a", "../cut.xml", 2);
    append("b", &report, 0);
    repo.git_in("a", ["remote", "set-url", "origin", "../origin.git"]);
    let close = ["launch", "close", "--key", "k", "--push"];
    let mut scene = Scene::new(repo, &["launch", "sync"], &[&close, &["verify"]]).on("a");
    scene.counts = true;
    scene.survive();
}

#[test]
fn a_sync_of_what_was_closed_elsewhere() {
    let (repo, report) = fleet();
    repo.git(["clone", "--quiet", "origin.git", "b"]);
    repo.git_in("b", ["remote", "set-url", "origin", "../origin.git"]);
    let run = |machine, args: &[&str]| {
        let ran = repo.output(machine, args);
        assert_eq!(ran.code, Some(0), "{ran}");
    };
    run("a", &["launch", "append", "--key", "k", &report, "--push"]);
    run("b", &["launch", "close", "--key", "k", "--push"]);
    Scene::new(
        repo,
        &["launch", "sync"],
        &[&["launch", "list"], &["verify"]],
    )
    .on("a")
    .survive();
}

#[test]
fn a_closing_that_is_pushed() {
    let (repo, report) = fleet();
    for job in ["one", "two"] {
        let append = [
            "launch", "append", "--key", "k", &report, "--job", job, "--push",
        ];
        let ran = repo.output("a", &append);
        assert_eq!(ran.code, Some(0), "{ran}");
    }
    repo.git(["clone", "--quiet", "origin.git", "b"]);
    repo.git_in("b", ["remote", "set-url", "origin", "../origin.git"]);
    let close = ["launch", "close", "--key", "k", "--push"];
    Scene::new(repo, &close, &[&["verify"]]).on("b").survive();
}

#[test]
fn a_redaction() {
    let (repo, id) = filled_shop();
    repo.answer(["launch", "close", &id]);
    let folder = format!("{}/attachments", repo.launch_folder(&id));
    let entries = std::fs::read_dir(repo.root().join(&folder)).expect("lists");
    let name = entries
        .map(|entry| entry.expect("reads").file_name())
        .next();
    let name = name.expect("one").into_string().expect("UTF-8");
    let path = format!("attachments/{name}");
    let redact = ["launch", "redact", &id, &path, "--reason", "a password"];
    let mut scene = Scene::new(repo, &redact, &[&["verify"]]);
    (scene.draws, scene.done) = (true, "was redacted");
    scene.survive();
}

#[test]
fn a_pruning() {
    let (repo, id) = filled_shop();
    repo.answer(["launch", "close", &id]);
    let repo = repo.env("TALLYBOOK_NOW", "2027-11-22T18:43:00Z");
    let mut scene = Scene::new(repo, &["gc", "--older-than", "180d"], &[&["verify"]]);
    scene.draws = true;
    scene.survive();
}

#[test]
fn a_closing_from_files() {
    let (repo, report) = fleet();
    let append = [
        "launch",
        "append",
        "--key",
        "k",
        &report,
        "--to",
        "../carried",
    ];
    let ran = repo.output("a", &append);
    assert_eq!(ran.code, Some(0), "{ran}");
    let close = ["launch", "close", "--key", "k", "--from", "../carried"];
    let verify = ["verify", "--at", "main"];
    Scene::new(repo, &close, &[&verify])
        .on("origin.git")
        .survive();
}
