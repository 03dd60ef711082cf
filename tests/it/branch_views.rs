//! What is read where closed launches have a branch of their own: which side counts, what a clone lacks,
//! moments of both, and how a repository gets there.

use crate::branch::{Product, SETTINGS};
use crate::repo::{TestRepo, assert_found, assert_refused};

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
fn syncing_brings_what_was_closed_elsewhere() {
    let product = Product::new(&["a"]);
    product.0.clone_as("single", &["--single-branch"]);
    product.append_pushed("a", "k", "unit");
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    let synced = product.run("single", ["launch", "sync"]);
    assert_eq!(synced.code, Some(0), "{synced}");
    assert!(
        synced.stderr.contains("fetched branch `tallybook`"),
        "{synced}"
    );
    assert_eq!(product.list("single"), ["k closed"]);
    product.assert_untouched("single");
}

#[test]
fn who_may_close_is_what_the_documentation_says() {
    let product = Product::new(&["a"]);
    product.close("a", "one");
    product.answer("a", ["verify", "--since", "tallybook"]);
    product.append("a", "two", "two");
    let close_as_mallory = || {
        let mut command = product
            .repo()
            .command("a/qa", &["launch", "close", "--key", "two"]);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_EMAIL"), "mallory@example.com");
        }
        command.output().expect("it starts")
    };
    let refused = product.repo().ran(close_as_mallory());
    assert_found(&refused, &["mallory@example.com", "by today's rules"]);
    // On a branch where they granted themselves the right they may, and nowhere else.
    product.git("a", ["checkout", "-q", "-b", "mine"]);
    let member = ["member", "add", "Mallory", "--email", "mallory@example.com"];
    product.answer("a", member);
    product.git("a", ["add", "."]);
    product.git("a", ["commit", "-qm", "Mine"]);
    assert!(close_as_mallory().status.success());
    product.git("a", ["checkout", "-q", "main"]);
    let verified = product.run("a", ["verify", "--since", "tallybook~1"]);
    assert_eq!(verified.code, Some(1), "{verified}");
    assert!(
        verified.stdout.contains("mallory@example.com"),
        "{verified}"
    );
    product.close("a", "three");
    product.answer("a", ["verify", "--since", "tallybook~1"]);
}

#[test]
fn a_release_branch_from_before_somebody_was_a_member_closes_by_the_members_of_today() {
    let product = Product::new(&["a"]);
    product.git("seed", ["branch", "release"]);
    product.git("seed", ["push", "-q", "origin", "release"]);
    let member = [
        "member",
        "add",
        "CI",
        "--email",
        "ci@example.com",
        "--role",
        "runner",
    ];
    product.answer("seed", member);
    product.git("seed", ["add", "."]);
    product.git("seed", ["commit", "-qm", "CI closes launches"]);
    product.git("seed", ["push", "-q", "origin", "main"]);
    product.git("a", ["fetch", "-q"]);
    product.git("a", ["checkout", "-q", "release"]);
    product.append("a", "one", "one");
    let close = || {
        let mut command = product
            .repo()
            .command("a/qa", &["launch", "close", "--key", "one"]);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_EMAIL"), "ci@example.com");
        }
        product.repo().finish(command)
    };
    product.git(
        "a",
        ["symbolic-ref", "--delete", "refs/remotes/origin/HEAD"],
    );
    assert_found(&close(), &["ci@example.com", "(no member, by author)"]);
    product.git("a", ["remote", "set-head", "origin", "main"]);
    let closed = close();
    assert_eq!(closed.code, Some(0), "{closed}");
    product.git("a", ["checkout", "-q", "main"]);
    product.git("a", ["merge", "-q", "--ff-only", "origin/main"]);
    product.answer("a", ["verify"]);
}
