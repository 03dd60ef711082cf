//! Closed launches on a branch of their own: a product's repository with its workspace in `qa`, a bare
//! remote, and a clone for each machine.

use std::process::Stdio;

use crate::repo::{Ran, TestRepo, assert_found, assert_refused};
use crate::shared::Fleet;
use crate::shop::{FILES, junit};

/// A product with a branch for its closed launches, and clones of it.
pub(crate) struct Product(pub(crate) Fleet);

pub(crate) const SETTINGS: &str = "format: 1\ntitle: Shop\nlaunches: {branch: tallybook}\n";

impl Product {
    pub(crate) fn new(machines: &[&str]) -> Self {
        let repo = TestRepo::without_git();
        repo.git([
            "init",
            "--quiet",
            "--bare",
            "--initial-branch=main",
            "origin.git",
        ]);
        repo.git(["clone", "--quiet", "origin.git", "seed"]);
        repo.write("seed/src/main.rs", "fn main() {}\n");
        for (path, text) in FILES.iter().filter(|(path, _)| *path != ".gitattributes") {
            repo.write(&format!("seed/qa/{path}"), text);
        }
        repo.write("seed/qa/tallybook.yaml", SETTINGS);
        repo.git_in("seed", ["checkout", "--quiet", "-B", "main"]);
        repo.git_in("seed", ["add", "--all"]);
        repo.git_in("seed", ["commit", "--quiet", "-m", "A product"]);
        repo.git_in(
            "seed",
            ["push", "--quiet", "--set-upstream", "origin", "main"],
        );
        let product = Self(Fleet(repo));
        for machine in machines {
            product.0.clone_as(machine, &[]);
        }
        product
    }

    pub(crate) fn repo(&self) -> &TestRepo {
        &self.0.0
    }

    #[track_caller]
    pub(crate) fn git<const N: usize>(&self, machine: &str, args: [&str; N]) -> String {
        self.repo().git_in(machine, args)
    }

    /// Runs `tallybook` in a machine's workspace.
    #[track_caller]
    pub(crate) fn run<const N: usize>(&self, machine: &str, args: [&str; N]) -> Ran {
        self.repo().run_in(&format!("{machine}/qa"), args)
    }

    #[track_caller]
    pub(crate) fn answer<const N: usize>(&self, machine: &str, args: [&str; N]) -> String {
        let ran = self.run(machine, args);
        assert_eq!(ran.code, Some(0), "{machine}: {args:?}\n{ran}");
        ran.stdout.trim_end().to_owned()
    }

    /// Writes a report beside all clones; each is another.
    pub(crate) fn report(&self, name: &str) -> String {
        self.0.report(name);
        format!("../../{name}")
    }

    /// Opens a launch by its key, appends a report of its own and closes it; returns the receipt.
    #[track_caller]
    pub(crate) fn close(&self, machine: &str, key: &str) -> String {
        self.append(machine, key, key);
        self.answer(machine, ["launch", "close", "--key", key])
    }

    #[track_caller]
    pub(crate) fn append(&self, machine: &str, key: &str, job: &str) {
        let report = self.report(&format!("{job}.xml"));
        self.answer(
            machine,
            ["launch", "append", "--key", key, &report, "--job", job],
        );
    }

    #[track_caller]
    pub(crate) fn append_pushed(&self, machine: &str, key: &str, job: &str) {
        let report = self.report(&format!("{job}.xml"));
        self.answer(
            machine,
            [
                "launch", "append", "--key", key, &report, "--job", job, "--push",
            ],
        );
    }

    #[track_caller]
    pub(crate) fn list(&self, machine: &str) -> Vec<String> {
        let list = self.answer(machine, ["launch", "list", "--format", "json"]);
        let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
        let names = list.as_array().expect("a list").iter();
        let shown = |launch: &serde_json::Value| {
            let word = |key: &str| launch[key].as_str().expect("a word").to_owned();
            format!("{} {}", word("name"), word("state"))
        };
        names.map(shown).collect()
    }

    /// Says that nothing of the product changed on a machine, and that git finds nothing wrong.
    #[track_caller]
    pub(crate) fn assert_untouched(&self, machine: &str) {
        assert_eq!(self.git(machine, ["status", "--porcelain"]), "");
        assert_eq!(
            self.git(machine, ["log", "--format=%s", "main"]),
            "A product"
        );
        self.git(machine, ["fsck", "--strict"]);
    }

    /// Says that the remote's branch has so many launches, that they verify, and nothing else.
    #[track_caller]
    pub(crate) fn assert_closed(&self, count: usize) {
        let _ = std::fs::remove_dir_all(self.repo().root().join("witness"));
        self.0.clone_as("witness", &[]);
        let verified = self.answer("witness", ["verify"]);
        let said = format!("{count} closed launch");
        assert!(verified.contains(&said), "{verified}");
        let files = self.git(
            "witness",
            ["ls-tree", "-r", "--name-only", "origin/tallybook"],
        );
        let is_evidence = |path: &str| {
            path == "qa/.gitattributes"
                || path.starts_with("qa/projects/shop/launches/2026/11/")
                || path.starts_with("qa/projects/shop/executed/")
        };
        assert!(files.lines().all(is_evidence), "{files}");
        let roots = ["rev-list", "--max-parents=0", "origin/tallybook"];
        assert_eq!(self.git("witness", roots).lines().count(), 1);
        self.git("origin.git", ["fsck", "--strict"]);
    }

    fn spawn(&self, machine: &str, args: &[&str]) -> std::process::Child {
        let mut command = self.repo().command(&format!("{machine}/qa"), args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the binary starts")
    }
}

fn said(child: std::process::Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

#[test]
fn closings_go_to_their_branch_and_touch_nothing_else() {
    let product = Product::new(&["a"]);
    product.repo().write("a/src/new.rs", "// not committed\n");
    product.git("a", ["add", "src/new.rs"]);
    let before = (
        product.git("a", ["status", "--porcelain"]),
        product.git("a", ["ls-files", "--stage"]),
    );
    let receipt = product.close("a", "one");
    product.close("a", "two");
    assert_eq!(
        (
            product.git("a", ["status", "--porcelain"]),
            product.git("a", ["ls-files", "--stage"]),
        ),
        before
    );
    assert_eq!(product.list("a"), ["two closed", "one closed"]);
    assert!(
        product
            .answer("a", ["verify"])
            .contains("2 closed launches")
    );
    let again = product.run("a", ["launch", "close", "--key", "one"]);
    assert_eq!(
        (again.code, again.stdout.trim()),
        (Some(0), receipt.as_str())
    );
    // The documentation that closed a launch is a commit of the product's.
    let shown = product.answer("a", ["launch", "show", &receipt, "--format", "json"]);
    assert!(
        shown.contains(&product.git("a", ["rev-parse", "main"])),
        "{shown}"
    );
    let attributes = product.git("a", ["show", "tallybook:qa/.gitattributes"]);
    assert!(
        attributes.contains("projects/*/launches/** -text"),
        "{attributes}"
    );
    product.git("a", ["push", "--quiet", "origin", "tallybook"]);
    product.git("a", ["reset", "--quiet", "--hard"]);
    product.assert_untouched("a");
    product.assert_closed(2);
}

#[test]
fn a_closing_says_where_it_went_and_how_to_push_it() {
    let product = Product::new(&["a"]);
    product.append("a", "k", "unit");
    let closed = product.run("a", ["launch", "close", "--key", "k"]);
    assert!(closed.stderr.contains("on branch `tallybook`"), "{closed}");
    assert!(
        closed.stderr.contains("`git push origin tallybook`"),
        "{closed}"
    );
}

#[test]
fn three_machines_push_to_one_branch() {
    let product = Product::new(&["a", "b", "c"]);
    for machine in ["a", "b", "c"] {
        product.append_pushed(machine, "k", machine);
    }
    product.answer("b", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(product.0.refs(), [""; 0]);
    product.assert_untouched("b");
    product.assert_closed(1);
    // Whoever has not fetched yet is brought there by a closing.
    product.append_pushed("c", "l", "later");
    product.answer("c", ["launch", "close", "--key", "l", "--push"]);
    assert_eq!(product.list("c"), ["l closed", "k closed"]);
    product.assert_untouched("c");
    product.assert_closed(2);
}

#[test]
fn racing_closings_begin_one_branch() {
    let names: Vec<String> = (0..6).map(|n| format!("m{n}")).collect();
    let product = Product::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in &names {
        product.append_pushed(name, name, name);
    }
    let closings: Vec<_> = names
        .iter()
        .map(|name| product.spawn(name, &["launch", "close", "--key", name, "--push"]))
        .collect();
    for closing in closings {
        let (code, text) = said(closing);
        assert_eq!(code, Some(0), "{text}");
    }
    product.assert_closed(6);
}

#[test]
fn what_was_not_pushed_goes_with_the_next_closing() {
    let product = Product::new(&["a", "b"]);
    product.close("a", "one");
    product.close("a", "two");
    product.append_pushed("a", "three", "three");
    product.answer("a", ["launch", "close", "--key", "three", "--push"]);
    product.assert_closed(3);
    // A closing that was made here is pushed when it is asked for again.
    let receipt = product.close("a", "four");
    let pushed = product.answer("a", ["launch", "close", "--key", "four", "--push"]);
    assert_eq!(pushed, receipt);
    product.assert_closed(4);
    // Commits of the product that nobody pushed stay where they are.
    product.git("b", ["commit", "--quiet", "--allow-empty", "-m", "Mine"]);
    product.append_pushed("b", "five", "five");
    product.answer("b", ["launch", "close", "--key", "five", "--push"]);
    product.assert_closed(5);
    assert_eq!(
        product.git("origin.git", ["log", "--format=%s", "main"]),
        "A product"
    );
}

#[test]
fn branches_that_diverged_are_refused_until_they_are_merged() {
    let product = Product::new(&["a", "b"]);
    product.close("a", "one");
    product.git("a", ["push", "--quiet", "origin", "tallybook"]);
    product.close("a", "two");
    product.git("a", ["push", "--quiet", "origin", "tallybook"]);
    product.git("b", ["branch", "--quiet", "tallybook", "origin/main"]);
    product.git("b", ["fetch", "--quiet"]);
    let base = "refs/remotes/origin/tallybook~1";
    product.git("b", ["update-ref", "refs/heads/tallybook", base]);
    product.git("b", ["update-ref", "refs/remotes/origin/tallybook", base]);
    product.close("b", "three");
    product.git("b", ["fetch", "--quiet"]);
    let told = [
        "branch `tallybook` and `origin/tallybook` have diverged",
        "git worktree add",
    ];
    for args in [
        ["launch", "list", "--quiet"].as_slice(),
        &["verify"],
        &["validate"],
        &["render", "--out", "../../site"],
    ] {
        let ran = product.repo().output("b/qa", args);
        assert_refused(&ran, &told);
    }
    // Results are taken nevertheless; the launch stays open.
    product.append("b", "four", "four");
    assert_refused(
        &product.run("b", ["launch", "close", "--key", "four"]),
        &told,
    );
    // Both sides are seen: what is closed on either has a follow-up.
    let report = product.report("late.xml");
    let late = product.run("b", ["launch", "append", "--key", "two", &report]);
    assert!(late.stderr.contains("its follow-up"), "{late}");
    let told = product.run("b", ["launch", "list"]).stderr;
    let merge = told.split('`').find(|part| part.starts_with("dir="));
    let merge = merge.expect("a command is shown").to_owned();
    let mut shell = std::process::Command::new("sh");
    let isolated = product.repo().command("b", &[]);
    shell
        .env_clear()
        .args(["-c", &merge])
        .current_dir(product.repo().root().join("b"));
    for (name, value) in isolated.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let merged = shell.output().expect("the shell starts");
    assert!(merged.status.success(), "{merged:?}");
    product.answer("b", ["launch", "close", "--key", "four"]);
    product.git("b", ["push", "--quiet", "origin", "tallybook"]);
    product.assert_closed(4);
}

#[test]
fn a_first_closing_needs_to_know_whether_it_is_the_first() {
    let product = Product::new(&["a"]);
    product.append("a", "k", "unit");
    product.git("a", ["remote", "set-url", "origin", "/nowhere/at-all.git"]);
    let refused = product.run("a", ["launch", "close", "--key", "k"]);
    assert_refused(&refused, &["whether `origin` has it must be known"]);
    product.git("a", ["remote", "remove", "origin"]);
    product.answer("a", ["launch", "close", "--key", "k"]);
    assert_eq!(product.list("a"), ["k closed"]);
    product.assert_untouched("a");
}

#[test]
fn every_kind_of_clone_closes() {
    let product = Product::new(&["a"]);
    for key in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
        product.git("origin.git", ["config", key, "true"]);
    }
    product.close("a", "first");
    product.git("a", ["push", "--quiet", "origin", "tallybook"]);
    product.0.clone_as("partial", &["--filter=blob:none"]);
    product.0.clone_as("treeless", &["--filter=tree:0"]);
    product
        .0
        .clone_as("sparse", &["--sparse", "--filter=blob:none"]);
    product.git("sparse", ["sparse-checkout", "set", "qa"]);
    product.git(
        "a",
        ["worktree", "add", "--quiet", "--detach", "../detached"],
    );
    let kinds = ["partial", "treeless", "sparse", "detached"];
    for kind in kinds {
        product.append_pushed(kind, kind, kind);
        product.answer(kind, ["launch", "close", "--key", kind, "--push"]);
        product.close(kind, &format!("{kind}-here"));
        product.git(kind, ["push", "--quiet", "origin", "tallybook"]);
        let rendered = product.run(kind, ["render", "--out", "../../rendered"]);
        assert_eq!(rendered.code, Some(0), "{rendered}");
        product.append(kind, "first", "again");
        assert_eq!(product.git(kind, ["status", "--porcelain"]), "");
    }
    product.assert_closed(9);
    // A bare clone finds the workspace in its current commit.
    product.0.clone_as("bare", &["--bare"]);
    let report = product.0.report("bare.xml");
    let words = ["launch", "append", "--key", "bare", &report, "--push"];
    product.0.answer("bare", words);
    product
        .0
        .answer("bare", ["launch", "close", "--key", "bare", "--push"]);
    let list = product.0.answer("bare", ["launch", "list", "--at", "main"]);
    assert_eq!(list.lines().count(), 11, "{list}");
    assert!(
        product
            .0
            .answer("bare", ["verify"])
            .contains("10 closed launches")
    );
    product.assert_closed(10);
}

#[test]
fn one_line_records_a_run() {
    let product = Product::new(&["a"]);
    product.repo().write("results.xml", junit(&[("x", "")]));
    let ran = product.run(
        "a",
        [
            "launch",
            "run",
            "--name",
            "Unit",
            "--results",
            "r.xml",
            "--",
            "cp",
            "../../results.xml",
            "r.xml",
        ],
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(product.list("a"), ["Unit closed"]);
    assert_eq!(product.git("a", ["status", "--porcelain"]), "?? qa/r.xml");
    // Where it could not be recorded the command is not run at all.
    product.git("a", ["update-ref", "-d", "refs/heads/tallybook"]);
    product.git("a", ["remote", "set-url", "origin", "/nowhere/at-all.git"]);
    let refused = product.run("a", ["launch", "run", "--", "touch", "was-run"]);
    assert_refused(&refused, &["must be known"]);
    assert!(!product.repo().root().join("a/qa/was-run").exists());
}

#[test]
fn follow_ups_and_artefacts_work_across_branches() {
    let product = Product::new(&["a", "b"]);
    product.append_pushed("a", "k", "unit");
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    product.git("b", ["fetch", "--quiet"]);
    product.append_pushed("b", "k", "late");
    product.answer("b", ["launch", "close", "--key", "k", "--push"]);
    product.assert_closed(2);
    // A part that is carried leaves nothing where it was made.
    let report = product.report("carried.xml");
    product.answer(
        "b",
        [
            "launch",
            "append",
            "--key",
            "c",
            "--to",
            "../../parts",
            &report,
        ],
    );
    assert_eq!(product.list("b"), ["k closed", "k closed"]);
    product.answer(
        "b",
        [
            "launch",
            "append",
            "--key",
            "c",
            "--to",
            "../../parts",
            &report,
            "--job",
            "2",
        ],
    );
    product.answer(
        "a",
        [
            "launch",
            "close",
            "--key",
            "c",
            "--from",
            "../../parts",
            "--push",
        ],
    );
    product.assert_closed(3);
    assert_eq!(product.list("a").len(), 3);
}

#[test]
fn a_launch_that_is_closed_on_the_remote_is_not_thrown_away() {
    let product = Product::new(&["a", "b"]);
    product.answer("b", ["launch", "open", "--key", "k", "--push"]);
    product.append_pushed("a", "k", "unit");
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    let before = product.0.refs();
    let refused = product.run(
        "b",
        ["launch", "discard", "--key", "k", "--reason", "x", "--push"],
    );
    assert_refused(
        &refused,
        &["is closed on `origin`, and a closed launch stays"],
    );
    assert_eq!(product.0.refs(), before);
    // Nor what came too late for it.
    product.append("b", "k", "late");
    let told = product.run("b", ["launch", "close", "--key", "k", "--push"]);
    assert_found(&told, &["it is in its follow-up"]);
}

#[test]
fn what_is_left_open_is_closed_on_the_branch() {
    let product = Product::new(&["a"]);
    product.append("a", "k", "unit");
    product.answer("a", ["launch", "close", "--idle", "0s"]);
    assert_eq!(product.list("a"), ["k closed"]);
    product.assert_untouched("a");
}

#[test]
fn an_append_that_meets_a_closing_on_its_way_is_not_lost() {
    let product = Product::new(&["a"]);
    product.append_pushed("a", "k", "unit");
    // The push hangs until the append has been given its chance.
    let root = product.repo().root();
    product.0.update_hook(&format!(
        "case $1 in refs/heads/*) touch '{0}/hangs'; until test -e '{0}/go'; do sleep 0.02; done;; esac",
        root.display()
    ));
    let report = product.report("late.xml");
    let closing = product.spawn("a", &["launch", "close", "--key", "k", "--push"]);
    while !root.join("hangs").exists() {
        std::thread::yield_now();
    }
    let append = [
        "launch", "append", "--key", "k", &report, "--job", "late", "--push",
    ];
    let appending = product.spawn("a", &append);
    std::fs::write(root.join("go"), "").expect("written");
    let (closed, appended) = (said(closing), said(appending));
    assert_eq!(closed.0, Some(0), "{}", closed.1);
    assert_eq!(appended.0, Some(0), "{}", appended.1);
    assert!(appended.1.contains("its follow-up"), "{}", appended.1);
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(product.0.refs(), [""; 0]);
    let list = product.answer("a", ["launch", "list", "--format", "json"]);
    assert!(list.contains("\"total\": 4"), "{list}");
    product.assert_closed(2);
}

/// A machine that pushes its part while the push of a closing hangs finds the launch open; the closing finds
/// the part when its own push is through.
#[test]
fn a_closing_finds_what_came_while_it_was_pushed() {
    let product = Product::new(&["a", "b"]);
    product.append_pushed("a", "k", "unit");
    let root = product.repo().root();
    product.0.update_hook(&format!(
        "case $1 in refs/heads/*) touch '{0}/hangs'; until test -e '{0}/go'; do sleep 0.02; done;; esac",
        root.display()
    ));
    let closing = product.spawn("a", &["launch", "close", "--key", "k", "--push"]);
    while !root.join("hangs").exists() {
        std::thread::yield_now();
    }
    product.append_pushed("b", "k", "late");
    std::fs::write(root.join("go"), "").expect("written");
    let (code, told) = said(closing);
    assert_eq!(code, Some(1), "{told}");
    let says = "was closed before 1 part came";
    assert!(
        told.contains("closed \"k\"") && told.contains(says),
        "{told}"
    );
    assert!(told.contains("it is in its follow-up"), "{told}");
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(product.0.refs(), [""; 0]);
    product.assert_closed(2);
}

/// Machines that have not fetched what was closed elsewhere say that they come too late, whether they had
/// the launch open or never heard of it.
#[test]
fn an_append_after_a_closing_elsewhere_goes_into_the_follow_up() {
    let product = Product::new(&["a", "b", "c"]);
    product.append_pushed("a", "k", "unit");
    product.append_pushed("b", "k", "e2e");
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    for machine in ["b", "c"] {
        let report = product.report(&format!("{machine}.xml"));
        let append = [
            "launch", "append", "--key", "k", &report, "--job", machine, "--push",
        ];
        let late = product.run(machine, append);
        assert_eq!(late.code, Some(0), "{late}");
        assert!(late.stderr.contains("is closed; its follow-up"), "{late}");
        let again = product.run(machine, append);
        assert!(again.stderr.contains("appended before"), "{again}");
    }
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(product.0.refs(), [""; 0]);
    product.assert_closed(2);
    let list = product.answer("a", ["launch", "list", "--format", "json"]);
    assert!(list.contains("\"total\": 8"), "{list}");
}

#[test]
fn commits_of_the_product_are_never_pushed_along() {
    let product = Product::new(&["a"]);
    // Launches on the product's own branch, wherever one works.
    let settings = "format: 1\ntitle: Shop\nlaunches: {branch: main}\n";
    product.repo().write("a/qa/tallybook.yaml", settings);
    product.git(
        "a",
        ["commit", "--quiet", "--all", "-m", "Launches on main"],
    );
    product.git("a", ["push", "--quiet"]);
    product.repo().write("a/src/mine.rs", "// not pushed\n");
    product.git("a", ["add", "src/mine.rs"]);
    product.git("a", ["commit", "--quiet", "-m", "Mine"]);
    let mine = product.git("a", ["rev-parse", "main"]);
    product.git("a", ["checkout", "--quiet", "-b", "feature"]);
    product.append_pushed("a", "k", "unit");
    let closed = product.run("a", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(closed.code, Some(0), "{closed}");
    assert!(closed.stderr.contains("commits of its own"), "{closed}");
    assert_eq!(product.git("a", ["rev-parse", "main"]), mine);
    let there = product.git("origin.git", ["ls-tree", "-r", "--name-only", "main"]);
    assert!(
        there.contains("launch.yaml") && !there.contains("mine.rs"),
        "{there}"
    );
}

#[cfg(unix)]
#[test]
fn a_server_lets_members_close_and_says_why_others_may_not() {
    let product = Product::new(&["a"]);
    product.0.answer("origin.git", ["hook", "install"]);
    product.append_pushed("a", "one", "one");
    product.answer("a", ["launch", "close", "--key", "one", "--push"]);
    product.append_pushed("a", "two", "two");
    let close_as_mallory = || {
        let mut command = product
            .repo()
            .command("a/qa", &["launch", "close", "--key", "two", "--push"]);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_EMAIL"), "mallory@example.com");
        }
        command.output().expect("it starts")
    };
    // What is known here is said here.
    let refused = close_as_mallory();
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(
        told.contains("`verify` would call this `not-allowed`"),
        "{told}"
    );
    // Whoever grants themselves a right learns it from the server.
    product.git("a", ["checkout", "-q", "-b", "mine"]);
    let member = ["member", "add", "Mallory", "--email", "mallory@example.com"];
    product.answer("a", member);
    product.git("a", ["add", "."]);
    product.git("a", ["commit", "-qm", "Mine"]);
    let refused = close_as_mallory();
    product.git("a", ["checkout", "-q", "main"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    for word in [
        "pre-receive hook declined: ",
        "mallory@example.com",
        "whoever may push that branch",
    ] {
        assert!(told.contains(word), "{told}");
    }
    product.assert_closed(1);
    product.answer("a", ["launch", "close", "--key", "two", "--push"]);
    product.assert_closed(2);
}
