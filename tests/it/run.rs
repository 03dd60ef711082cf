//! `launch run`: the one line for CI.

use serde_json::json;

use crate::repo::TestRepo;
use crate::shop::{counts, junit, shop, stable};

#[test]
fn run_is_the_one_line_for_ci() {
    let repo = shop();
    repo.write("old.xml", junit(&[("stale", "<failure/>")]));
    repo.write(
        "new.txt",
        junit(&[("x", ""), ("y", "<failure message='no'/>")]),
    );
    let script = "cp new.txt fresh.xml; echo to stdout; exit 3";
    let ran = repo.run([
        "launch",
        "run",
        "--name",
        "Unit",
        "--results",
        "*.xml",
        "--job",
        "unit",
        "--",
        "sh",
        "-c",
        script,
    ]);
    insta::assert_snapshot!(stable(&ran), @r#"
    to stdout
    [SHA-256]
    --- stderr ---
    opened launch `2026-11-22-1843-unit-s9yr`
    closed "Unit": 1 passed, 1 failed
    Blocked: 1 result of 2 needs a defect, a mute or a fix
    committed as [COMMIT] in `projects/shop/launches/2026/11/2026-11-22-1843-unit-s9yr`
    hint: `tallybook triage 2026-11-22-1843-unit-s9yr` says what each needs, with the commands for it
    [exit 3]
    "#);
    let list = repo.json(["launch", "list", "--format", "json"]);
    assert_eq!(list[0]["state"], "closed");
    assert_eq!(
        counts(&list[0]["totals"]),
        "failed 1, passed 1, total 2, unresolved 1"
    );
}

#[test]
fn run_takes_no_stale_results() {
    let repo = shop();
    repo.write("junit.xml", junit(&[("stale", "")]));
    let ran = repo.run(["launch", "run", "--results", "junit.xml", "--", "true"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let list = repo.json(["launch", "list", "--format", "json"]);
    assert_eq!(
        (&list[0]["state"], &list[0]["totals"]["total"]),
        (&json!("open"), &json!(0))
    );
}

#[test]
fn run_ends_with_0_when_all_is_well() {
    let repo = shop();
    repo.write("new.txt", junit(&[("x", "")]));
    let ran = repo.run([
        "launch",
        "run",
        "--results",
        "out",
        "--",
        "sh",
        "-c",
        "mkdir -p out && cp new.txt out/junit.xml",
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
}

/// A crash of the runner, a hook, a leak that it counts: what only the exit code tells.
#[test]
fn a_command_that_fails_without_a_failure_is_one() {
    let repo = shop();
    repo.write("new.txt", junit(&[("x", "")]));
    let script = "cp new.txt junit.xml; exit 3";
    let run = || repo.run(["launch", "run", "--name", "Unit", "--", "sh", "-c", script]);
    let ran = run();
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stderr.contains("1 passed, 1 broken"), "{ran}");
    assert!(ran.stderr.contains("Blocked: 1 result of 2"), "{ran}");
    let list = repo.json(["launch", "list", "--format", "json"]);
    let id = list[0]["id"].as_str().expect("an id");
    let rows = repo.json([
        "query",
        "status = broken",
        "--of",
        "results",
        "--launch",
        id,
        "--format",
        "json",
    ]);
    assert_eq!(
        rows[0]["message"],
        format!("The command ended with 3, and no result tells why: `sh -c {script}`")
    );
    assert_eq!(list[0]["state"], "closed");
}

#[test]
fn run_asks_before_it_works() {
    let repo = TestRepo::new();
    repo.write("tallybook.yaml", "format: 1\n")
        .write("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
    let ran = repo.run(["launch", "run", "--", "touch", "was-run"]);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("has no commit yet"), "{ran}");
    assert!(!repo.root().join("was-run").exists());
    repo.commit("Set up");
    repo.git(["checkout", "--quiet", "--detach"]);
    let ran = repo.run(["launch", "run", "--", "touch", "was-run"]);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("no branch is checked out"), "{ran}");
    assert!(!repo.root().join("was-run").exists());
    assert_eq!(repo.answer(["launch", "list", "--format", "json"]), "[]");
}

#[test]
fn a_detached_head_names_the_branch() {
    let repo = shop();
    repo.write("new.txt", junit(&[("x", "")]));
    repo.git(["branch", "evidence"]);
    repo.git(["checkout", "--quiet", "--detach"]);
    let script = "cp new.txt junit.xml";
    let ran = repo.run([
        "launch", "run", "--branch", "evidence", "--", "sh", "-c", script,
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let subject = repo.git(["log", "-1", "--format=%s", "evidence"]);
    assert!(subject.ends_with("(SHOP) [skip ci]"), "{subject}");
    assert!(
        repo.answer(["verify", "--at", "evidence"])
            .contains("1 closed launch")
    );
    assert_eq!(
        repo.git(["rev-parse", "HEAD"]),
        repo.git(["rev-parse", "main"])
    );
}
