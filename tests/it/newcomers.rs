//! What somebody meets who has just cloned a product with a workspace in it: messages that say what to
//! do next, in commands that work where they are pasted.

use std::process::Command;

use crate::repo::{TestRepo, assert_found, assert_refused};
use crate::shop::{junit, shop, shop_in};

#[test]
fn a_workspace_below_is_named() {
    let repo = shop_in("tests/qa");
    insta::assert_snapshot!(repo.run(["launch", "list"]).stderr.replace(&*repo.root().to_string_lossy(), "[ROOT]"), @r#"
    error: there is no `tallybook.yaml` in `[ROOT]` or in a folder above it
    hint: a workspace is in `tests/qa`: `cd tests/qa` first, or `tallybook -C tests/qa …`
    "#);
    // From elsewhere the path is still one that can be pasted.
    let ran = repo.run(["-C", "tests", "validate"]);
    assert_refused(&ran, &["`tallybook -C tests/qa …`"]);
    repo.write("tests/my qa/tallybook.yaml", "format: 1\n");
    let ran = repo.run_in("tests", ["validate"]);
    assert_refused(
        &ran,
        &["workspaces are in `my qa` and `qa`", "-C 'my qa' …"],
    );
    // What others own is not looked into.
    repo.write("src/main.rs", "")
        .write("src/node_modules/tallybook.yaml", "format: 1\n");
    assert_refused(&repo.run_in("src", ["validate"]), &["tallybook init"]);
}

#[test]
fn the_command_to_commit_works_where_it_is_pasted() {
    let repo = shop_in("tests/qa");
    let made = |folder: &str, args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["defect", "new", "--title", "Bank's down"]);
        let ran = repo.output(folder, &all);
        assert_eq!(ran.code, Some(0), "{ran}");
        let hint = ran
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("hint: commit it: `"));
        let script = hint.expect("a command").trim_end_matches('`').to_owned();
        let mut shell = Command::new("sh");
        repo.isolate(&mut shell, &repo.root().join(folder));
        let ran = repo.ran(shell.args(["-c", &script]).output().expect("sh starts"));
        assert_eq!(ran.code, Some(0), "{script}\n{ran}");
        repo.assert_clean();
    };
    made("tests/qa", &[]);
    made("tests/qa/projects/shop", &[]);
    made("", &["-C", "tests/qa"]);
    made("tests", &["-C", "qa"]);
}

#[test]
fn init_says_where_to_go_on_and_who_is_missing() {
    let mut repo = TestRepo::without_git();
    repo.git(["init", "--quiet", "--initial-branch=main"]);
    for name in [
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
    ] {
        repo = repo.env(name, "");
    }
    insta::assert_snapshot!(repo.run(["init", "my qa", "--name", "Shop"]), @r#"
    --- stderr ---
    wrote my qa/tallybook.yaml
    wrote my qa/.gitattributes
    wrote my qa/projects/shop/project.yaml
    wrote my qa/projects/shop/README.md
    wrote my qa/projects/shop/cases/sign-in/wrong-password.md
    wrote my qa/.tallybook/schema (13 schemas for editors)
    registered the merge driver in this repository's configuration
    hint: go on in its folder: `cd 'my qa'`
    warning: git does not know who you are, so the project has no member yet
    hint: say who you are, `git config user.name NAME` and `git config user.email EMAIL`, and be its owner: `tallybook member add NAME --email EMAIL --role owner`
    hint: check it with `tallybook validate`, then commit it: `git add . && git commit -m "A workspace"`
    [exit 0]
    "#);
    assert_refused(
        &repo.run_in(
            "my qa",
            [
                "member",
                "add",
                "CI",
                "--email",
                "ci@example.com",
                "--role",
                "runner",
            ],
        ),
        &[
            "has no owner yet",
            "`tallybook member add NAME --email EMAIL --role owner`",
        ],
    );
    assert_refused(
        &repo.run_in("my qa", ["init"]),
        &["exists already", "`tallybook project new NAME`"],
    );
}

/// A job that appends first opens the launch, and a later `open` that expects other jobs would be
/// believed to have asked for them.
#[test]
fn what_a_found_launch_lacks_is_said() {
    let repo = shop();
    repo.write("junit.xml", junit(&[("x", "")]));
    repo.answer(["launch", "append", "--key", "7", "--job", "py", "junit.xml"]);
    let open = ["launch", "open", "--key", "7"];
    let plain = repo.run(open);
    assert!(!plain.stderr.contains("warning"), "{plain}");
    let same = repo.run(["launch", "open", "--key", "7", "--name", "7"]);
    assert!(!same.stderr.contains("warning"), "{same}");
    let ran = repo.run([
        "launch",
        "open",
        "--key",
        "7",
        "--name",
        "PR 7",
        "--expect",
        "py",
        "--expect",
        "js",
        "--env",
        "stand=x",
        "--tag",
        "nightly",
        "--link",
        "https://ci.example.com/7",
    ]);
    assert_eq!((ran.code, &ran.stdout), (Some(0), &plain.stdout), "{ran}");
    assert!(
        ran.stderr.contains(
            "warning: it was opened before, without this, and stays as it was: `--name`, `--env`, `--tag` and `--link`"
        ),
        "{ran}"
    );
    // What decides whether the launch is complete is added to it.
    let close = repo.run(["launch", "close", "--key", "7"]);
    assert_found(&close, &["job `js` is expected and has not appended"]);
    // Jobs that all ask for the same are what keys are for.
    let both = [
        "launch", "open", "--key", "8", "--expect", "py", "--expect", "js",
    ];
    repo.answer(both);
    let again = repo.run(both);
    assert!(!again.stderr.contains("warning"), "{again}");
}

#[test]
fn a_key_that_only_the_remote_knows() {
    let repo = shop();
    repo.git(["init", "--quiet", "--bare", "../far.git"]);
    let close = ["launch", "close", "--key", "9"];
    let ran = repo.run(close);
    assert_refused(&ran, &["no launch has the key `9`"]);
    assert!(!ran.stderr.contains("--push"), "{ran}");
    repo.git(["remote", "add", "origin", "../far.git"]);
    assert_refused(&repo.run(close), &["`--push` looks on `origin` as well"]);
}

#[test]
fn a_query_without_quotes() {
    let repo = shop();
    insta::assert_snapshot!(repo.run(["query", "owner", "=", "alice"]), @r#"
    --- stderr ---
    error: unexpected argument '=' found

      tip: a query is one argument: put it in quotes, as 'owner = alice'

    Usage: tallybook query [OPTIONS] [QUERY]

    For more information, try '--help'.
    [exit 2]
    "#);
    let flag = repo.run(["query", "owner = alice", "--formt", "json"]);
    assert!(!flag.stderr.contains("quotes"), "{flag}");
}

#[test]
fn a_command_that_is_not_there() {
    let repo = shop();
    let ran = repo.run(["launch", "run", "--name", "Unit", "--", "no-such-program"]);
    assert_refused(
        &ran,
        &[
            "cannot run `no-such-program`",
            "`tallybook launch discard 2026-11-22-1843-unit-",
        ],
    );
}

#[test]
fn a_mute_of_a_case_that_is_not_there() {
    let repo = shop();
    let ran = repo.run([
        "mute",
        "new",
        "--case",
        "SHOP-NOPE",
        "--until",
        "2026-12-01",
        "--reason",
        "x",
        "--owner",
        "alice",
    ]);
    assert_refused(
        &ran,
        &[
            "has no case `SHOP-NOPE`",
            "`tallybook query ''` lists all cases",
        ],
    );
}

#[test]
fn a_launch_that_can_not_end_well_is_told_at_once() {
    let repo = TestRepo::new();
    repo.git(["init", "-q"]);
    assert_eq!(repo.run(["init"]).code, Some(0));
    let project = std::fs::read_dir(repo.root().join("projects"))
        .expect("lists")
        .next();
    let project = project.expect("one").expect("reads").file_name();
    let plan = format!("projects/{}/plans/none.yaml", project.to_string_lossy());
    repo.write(&plan, "name: None\nquery: tag = nobody-has-it\n");
    let ran = repo.run(["launch", "open", "--plan", "none"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("plan `none` selects no case"), "{ran}");
    assert!(
        ran.stderr.contains("the current branch has no commit yet"),
        "{ran}"
    );
    assert!(ran.stderr.contains("git commit -m"), "{ran}");
    let id = ran.stdout.trim();
    let ran = repo.run(["execute", ""]);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(
        ran.stderr
            .contains(&format!("the one that is open here is `{id}`")),
        "{ran}"
    );
}
