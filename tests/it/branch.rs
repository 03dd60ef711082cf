//! Closed launches on a branch of their own: a product's repository with its workspace in `qa`, a bare
//! remote, and a clone for each machine.

use std::process::Stdio;

use crate::repo::{Ran, TestRepo, assert_found, assert_refused};
use crate::shared::Fleet;
use crate::shop::{FILES, junit};

/// A product with a branch for its closed launches, and clones of it.
struct Product(Fleet);

const SETTINGS: &str = "format: 1\ntitle: Shop\nlaunches: {branch: tallybook}\n";

impl Product {
    fn new(machines: &[&str]) -> Self {
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

    fn repo(&self) -> &TestRepo {
        &self.0.0
    }

    #[track_caller]
    fn git<const N: usize>(&self, machine: &str, args: [&str; N]) -> String {
        self.repo().git_in(machine, args)
    }

    /// Runs `tallybook` in a machine's workspace.
    #[track_caller]
    fn run<const N: usize>(&self, machine: &str, args: [&str; N]) -> Ran {
        self.repo().run_in(&format!("{machine}/qa"), args)
    }

    #[track_caller]
    fn answer<const N: usize>(&self, machine: &str, args: [&str; N]) -> String {
        let ran = self.run(machine, args);
        assert_eq!(ran.code, Some(0), "{machine}: {args:?}\n{ran}");
        ran.stdout.trim_end().to_owned()
    }

    /// Writes a report beside all clones; each is another.
    fn report(&self, name: &str) -> String {
        self.0.report(name);
        format!("../../{name}")
    }

    /// Opens a launch by its key, appends a report of its own and closes it; returns the receipt.
    #[track_caller]
    fn close(&self, machine: &str, key: &str) -> String {
        self.append(machine, key, key);
        self.answer(machine, ["launch", "close", "--key", key])
    }

    #[track_caller]
    fn append(&self, machine: &str, key: &str, job: &str) {
        let report = self.report(&format!("{job}.xml"));
        self.answer(
            machine,
            ["launch", "append", "--key", key, &report, "--job", job],
        );
    }

    #[track_caller]
    fn append_pushed(&self, machine: &str, key: &str, job: &str) {
        let report = self.report(&format!("{job}.xml"));
        self.answer(
            machine,
            [
                "launch", "append", "--key", key, &report, "--job", job, "--push",
            ],
        );
    }

    #[track_caller]
    fn list(&self, machine: &str) -> Vec<String> {
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
    fn assert_untouched(&self, machine: &str) {
        assert_eq!(self.git(machine, ["status", "--porcelain"]), "");
        assert_eq!(
            self.git(machine, ["log", "--format=%s", "main"]),
            "A product"
        );
        self.git(machine, ["fsck", "--strict"]);
    }

    /// Says that the remote's branch has so many launches, that they verify, and nothing else.
    #[track_caller]
    fn assert_closed(&self, count: usize) {
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
fn init_knows_a_product_from_a_workspace() {
    let branch = |repo: &TestRepo, folder: &str, args: &[&str]| {
        let mut all = vec!["init", "--name", "Shop", "--quiet"];
        all.extend(args);
        let ran = repo.output(folder, &all);
        assert_eq!(ran.code, Some(0), "{ran}");
        let folder = repo.root().join(folder);
        let settings = std::fs::read_to_string(folder.join("tallybook.yaml")).expect("reads");
        let attributes = std::fs::read_to_string(folder.join(".gitattributes")).expect("reads");
        assert_eq!(
            settings.contains("launches:"),
            !attributes.contains("launches/**"),
            "{settings}{attributes}"
        );
        settings
            .split_once("branch: ")
            .map(|(_, name)| name.trim_end_matches("}\n").to_owned())
    };
    let product = || {
        let repo = TestRepo::new();
        repo.write("src/main.rs", "fn main() {}\n");
        repo.write("qa/.keep", "");
        repo
    };
    let tallybook = Some("tallybook".to_owned());
    assert_eq!(branch(&product(), "", &[]), tallybook, "before a commit");
    let committed = product();
    committed.commit("Code");
    assert_eq!(branch(&committed, "qa", &[]), tallybook);
    for (args, wanted) in [
        (["--launches-here"].as_slice(), None),
        (
            ["--launches-branch", "evidence/qa"].as_slice(),
            Some("evidence/qa".to_owned()),
        ),
    ] {
        assert_eq!(branch(&product(), "", args), wanted);
    }
    let own = TestRepo::new();
    own.write("README.md", "# Tests\n");
    own.write(".github/workflows/ci.yaml", "on: push\n");
    own.commit("A repository of its own");
    assert_eq!(branch(&own, "", &[]), None);
    assert_eq!(branch(&TestRepo::without_git(), "", &[]), None);
}

#[test]
fn init_takes_no_branch_that_is_something_else() {
    let repo = TestRepo::new();
    repo.write("src/main.rs", "fn main() {}\n");
    repo.commit("Code");
    repo.git(["branch", "tallybook"]);
    let refused = repo.run(["init"]);
    assert_refused(
        &refused,
        &[
            "branch `tallybook` is there, and holds `src/main.rs`",
            "--launches-branch NAME",
        ],
    );
    repo.git(["branch", "-m", "tallybook", "tallybook/x"]);
    assert_refused(&repo.run(["init"]), &["beside branch `tallybook/x`"]);
    let refused = repo.run(["init", "--launches-branch", "a..b"]);
    assert_refused(&refused, &["no branch can be called `a..b`"]);
    assert!(!repo.root().join("tallybook.yaml").exists());
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
fn the_side_that_has_more_counts() {
    let product = Product::new(&["a", "b"]);
    product.close("a", "one");
    product.git("a", ["push", "--quiet", "origin", "tallybook"]);
    product.git("b", ["fetch", "--quiet"]);
    assert_eq!(product.git("b", ["branch", "--list", "tallybook"]), "");
    assert_eq!(
        product.list("b"),
        ["one closed"],
        "from the remote's branch"
    );
    product.close("b", "two");
    assert_eq!(
        product.list("b"),
        ["two closed", "one closed"],
        "from the local one"
    );
    product.git("b", ["push", "--quiet", "origin", "tallybook"]);
    product.git("a", ["fetch", "--quiet"]);
    assert_eq!(
        product.list("a"),
        ["two closed", "one closed"],
        "the remote's is ahead"
    );
    product.close("a", "three");
    product.git("a", ["push", "--quiet", "origin", "tallybook"]);
    product.assert_closed(3);
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
fn a_clone_that_was_cut_says_what_it_lacks() {
    let product = Product::new(&["a"]);
    product.close("a", "one");
    product.git("a", ["push", "--quiet", "origin", "tallybook"]);
    for (name, options) in [
        ("shallow", ["--depth=1", "--single-branch"].as_slice()),
        ("single", &["--single-branch"]),
    ] {
        product.0.clone_as(name, options);
        let list = product.run(name, ["launch", "list"]);
        assert_eq!(list.code, Some(0), "{list}");
        let fetch = "git fetch origin tallybook:refs/remotes/origin/tallybook";
        let told = ["history unavailable: branch `tallybook` is not here", fetch];
        for word in told {
            assert!(list.stderr.contains(word), "{list}");
        }
        assert!(!list.stderr.contains("there are no launches"), "{list}");
        assert_refused(&product.run(name, ["verify"]), &told);
        assert_refused(&product.run(name, ["launch", "show", "one"]), &told);
        let rendered = product.run(name, ["render", "--out", "../site"]);
        assert!(rendered.stderr.contains(told[0]), "{rendered}");
        let site = product.repo().read(&format!("{name}/site/index.html"));
        assert!(site.contains("History unavailable"), "{site}");
        // It may not begin the branch a second time.
        product.append(name, name, name);
        let alone = product.run(name, ["launch", "close", "--key", name]);
        assert_refused(
            &alone,
            &["branch `tallybook` is on `origin`, and not here", fetch],
        );
        product.answer(name, ["launch", "close", "--key", name, "--push"]);
        assert_eq!(product.list(name).len(), 2 + usize::from(name == "single"));
        std::fs::remove_dir_all(product.repo().root().join(name).join("site")).expect("removed");
        product.assert_untouched(name);
    }
    product.assert_closed(3);
    product
        .0
        .clone_as("fetched", &["--depth=1", "--single-branch"]);
    product.git(
        "fetched",
        [
            "fetch",
            "--quiet",
            "origin",
            "tallybook:refs/remotes/origin/tallybook",
        ],
    );
    assert_eq!(product.list("fetched").len(), 3);
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
    product
        .0
        .clone_as("sparse", &["--sparse", "--filter=blob:none"]);
    product.git("sparse", ["sparse-checkout", "set", "qa"]);
    product.git(
        "a",
        ["worktree", "add", "--quiet", "--detach", "../detached"],
    );
    let kinds = ["partial", "sparse", "detached"];
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
    product.assert_closed(7);
    // A bare clone finds the workspace in its current commit.
    product.0.clone_as("bare", &["--bare"]);
    let report = product.0.report("bare.xml");
    let words = ["launch", "append", "--key", "bare", &report, "--push"];
    product.0.answer("bare", words);
    product
        .0
        .answer("bare", ["launch", "close", "--key", "bare", "--push"]);
    let list = product.0.answer("bare", ["launch", "list", "--at", "main"]);
    assert_eq!(list.lines().count(), 9, "{list}");
    assert!(
        product
            .0
            .answer("bare", ["verify"])
            .contains("8 closed launches")
    );
    product.assert_closed(8);
}

#[test]
fn the_branch_itself_is_for_verifying_alone() {
    let product = Product::new(&["a"]);
    product.close("a", "one");
    product.git(
        "a",
        ["worktree", "add", "--quiet", "../evidence", "tallybook"],
    );
    for folder in ["evidence", "evidence/qa", "evidence/qa/projects/shop"] {
        let list = product.repo().run_in(folder, ["launch", "list"]);
        assert_refused(
            &list,
            &[
                "has closed launches and no `tallybook.yaml`",
                "where the documentation is checked out",
            ],
        );
        let verified = product.repo().run_in(folder, ["verify"]);
        assert_eq!(verified.code, Some(0), "{verified}");
        assert!(
            verified.stdout.contains("1 closed launch verified"),
            "{verified}"
        );
    }
    // What is checked out elsewhere is not moved under somebody's feet.
    product.append("a", "two", "two");
    let refused = product.run("a", ["launch", "close", "--key", "two"]);
    assert_refused(
        &refused,
        &["branch `refs/heads/tallybook` is checked out in another worktree, `[ROOT]/evidence`"],
    );
    product.answer("a", ["launch", "close", "--key", "two", "--push"]);
    product.assert_closed(2);
}

#[test]
fn a_pair_of_commits_is_a_moment() {
    let product = Product::new(&["a"]);
    let path = "a/qa/projects/shop/cases/mail/dark.md";
    product.close("a", "one");
    product.git("a", ["commit", "--quiet", "--allow-empty", "-m", "Later"]);
    product.close("a", "two");
    let list = |at: &str| {
        product
            .answer("a", ["launch", "list", "--at", at])
            .lines()
            .count()
    };
    assert_eq!(
        (
            list("main"),
            list("main:tallybook"),
            list("main:tallybook~1")
        ),
        (3, 3, 2)
    );
    assert_eq!(list("main~1"), 3, "a commit alone goes with all launches");
    assert_refused(
        &product.run("a", ["launch", "list", "--at", "main:nope"]),
        &["`nope` names no commit"],
    );
    let render = |at: &str, out: &str| {
        product.answer("a", ["render", "--at", at, "--out", out]);
        product
            .repo()
            .read(&format!("{}/index.html", out.trim_start_matches("../../")))
    };
    let docs = product.git("a", ["rev-parse", "main"]);
    let launches = product.git("a", ["rev-parse", "tallybook~1"]);
    let pair = format!("{docs}:{launches}");
    let site = render(&pair, "../../one");
    let footer = |id: &str| format!("<span class=\"mono\">{}</span>", &id[..12]);
    assert!(
        site.contains(&footer(&docs)) && site.contains(&footer(&launches)),
        "{site}"
    );
    // What happens later to either branch changes no byte of it.
    product
        .repo()
        .write(path, "---\nid: SHOP-MA1DRK\ntitle: Other\n---\n");
    product.git("a", ["commit", "--quiet", "--all", "-m", "Rewrite"]);
    product.close("a", "three");
    assert_eq!(render(&pair, "../../two"), site);
}

#[test]
fn verify_and_validate_look_at_the_branch() {
    let product = Product::new(&["a"]);
    product.close("a", "one");
    product.close("a", "two");
    product.git(
        "a",
        ["worktree", "add", "--quiet", "../evidence", "tallybook"],
    );
    let folder = product
        .repo()
        .root()
        .join("evidence/qa/projects/shop/launches/2026/11");
    let mut names: Vec<_> = std::fs::read_dir(folder).expect("lists").collect();
    names.sort_by_key(|entry| entry.as_ref().expect("reads").file_name());
    let launch = names[0].as_ref().expect("reads").path();
    let file = launch.join("launch.yaml");
    let text = std::fs::read_to_string(&file).expect("reads");
    std::fs::write(&file, text.replace("\"SHOP\"", "\"OTHER\"")).expect("written");
    product.git("evidence", ["commit", "--quiet", "--all", "-m", "Alter"]);
    let verified = product.run("a", ["verify"]);
    assert_eq!(verified.code, Some(1), "{verified}");
    assert!(verified.stdout.contains("changed-launch"), "{verified}");
    product.answer("a", ["verify", "--at", "tallybook~1"]);
    product.answer("a", ["verify", "--at", "main:tallybook~1"]);
    let at_main = product.run("a", ["verify", "--at", "main"]);
    assert_eq!(
        at_main.code,
        Some(1),
        "documentation goes with the tip\n{at_main}"
    );
    let validated = product.run("a", ["validate", "--format", "short"]);
    assert!(
        validated.stdout.contains(
            "on branch `tallybook`, the launch belongs to the project with the key `OTHER`"
        ),
        "{validated}"
    );
}

#[test]
fn launches_left_beside_the_documentation_are_said() {
    let product = Product::new(&["a"]);
    product
        .repo()
        .write("a/qa/tallybook.yaml", "format: 1\ntitle: Shop\n");
    product.git("a", ["commit", "--quiet", "--all", "-m", "Here"]);
    product.close("a", "one");
    product.repo().write("a/qa/tallybook.yaml", SETTINGS);
    product.append("a", "two", "two");
    let refused = product.run("a", ["launch", "close", "--key", "two"]);
    assert_refused(
        &refused,
        &["`launches.branch` is `tallybook` in `tallybook.yaml`, and none in the current commit"],
    );
    product.git("a", ["commit", "--quiet", "--all", "-m", "Apart"]);
    let validated = product.run("a", ["validate", "--format", "short"]);
    assert!(validated.stdout.contains("TB0232"), "{validated}");
    assert!(
        validated.stdout.contains("git branch tallybook"),
        "{validated}"
    );
    // As it says: the branch begins with what is there.
    product.git("a", ["branch", "tallybook"]);
    product.git("a", ["rm", "-r", "--quiet", "qa/projects/shop/launches"]);
    product.git("a", ["commit", "--quiet", "-m", "Moved"]);
    product.answer("a", ["launch", "close", "--key", "two"]);
    assert_eq!(product.list("a"), ["two closed", "one closed"]);
    assert!(
        product
            .answer("a", ["verify"])
            .contains("2 closed launches")
    );
    let validated = product.run("a", ["validate", "--format", "short"]);
    assert!(!validated.stdout.contains("TB0232"), "{validated}");
}

#[test]
fn settings_that_name_no_branch_are_never_passed_over() {
    let product = Product::new(&["a"]);
    product.append("a", "k", "unit");
    for wrong in ["3", "a..b", "[x]"] {
        let settings = format!("format: 1\nlaunches: {{branch: {wrong}}}\n");
        product.repo().write("a/qa/tallybook.yaml", settings);
        product.git("a", ["commit", "--quiet", "--all", "-m", "Wrong"]);
        let refused = product.run("a", ["launch", "close", "--key", "k"]);
        assert_refused(&refused, &["in `tallybook.yaml` is"]);
        let validated = product.run("a", ["validate", "--format", "short"]);
        assert_eq!(validated.code, Some(1), "{validated}");
        assert!(validated.stdout.contains("`launches"), "{validated}");
    }
    product.repo().write("a/qa/tallybook.yaml", SETTINGS);
    product.git("a", ["commit", "--quiet", "--all", "-m", "Right"]);
    let refused = product.run("a", ["launch", "close", "--key", "k", "--branch", "main"]);
    assert_refused(&refused, &["go to branch `tallybook`, not to `main`"]);
    product.answer(
        "a",
        ["launch", "close", "--key", "k", "--branch", "tallybook"],
    );
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
    product.append_pushed("b", "k", "late");
    let before = product.0.refs();
    assert_eq!(before.len(), 2, "{before:?}");
    let refused = product.run(
        "b",
        ["launch", "discard", "--key", "k", "--reason", "x", "--push"],
    );
    assert_refused(
        &refused,
        &["is closed on `origin`, and a closed launch stays"],
    );
    assert_eq!(product.0.refs(), before);
    let told = product.run("b", ["launch", "close", "--key", "k", "--push"]);
    assert_found(&told, &["they are in its follow-up"]);
}

#[test]
fn what_is_left_open_is_closed_on_the_branch() {
    let product = Product::new(&["a"]);
    product.append("a", "k", "unit");
    product.answer("a", ["launch", "close", "--idle", "0s"]);
    assert_eq!(product.list("a"), ["k closed"]);
    product.assert_untouched("a");
}
