//! Processes that were killed, that race, and what damage leaves: nothing half-written counts, and
//! the next command says what to do.

use std::process::{Child, Stdio};

use serde_json::json;

use crate::repo::{TestRepo, assert_found, assert_refused};
use crate::shop::{PROJECT, junit, shop};

#[test]
fn an_append_that_was_killed() {
    let repo = shop();
    repo.write("junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Killed");
    let open = format!(".git/tallybook/open/SHOP/{id}");
    repo.write(
        &format!("{open}/unfinished/append-x/append.yaml"),
        "job: {name: e2e}\nenvironment: {}\ninputs: [junit.xml]\n",
    );
    repo.write(
        &format!("{open}/unfinished/append-x/part/results-1.rows"),
        "- {\"id\": \"half",
    );
    repo.write(
        &format!("{open}/unfinished/append-y/part/results-1.rows"),
        "",
    );
    assert_eq!(repo.totals(&id), "");
    insta::assert_snapshot!(repo.run(["launch", "close", &id]), @r#"
    --- stderr ---
    error: an append of job `append-y` was begun and did not finish
    hint: append its results, or accept the loss: `tallybook launch close 2026-11-22-1843-killed-s9yr --accept-loss append-y --reason TEXT`
    error: an append of job `e2e` was begun and did not finish
    hint: append its results, or accept the loss: `tallybook launch close 2026-11-22-1843-killed-s9yr --accept-loss e2e --reason TEXT`
    error: the launch has no results
    hint: append results first: `tallybook launch append 2026-11-22-1843-killed-s9yr PATH`
    launch `2026-11-22-1843-killed-s9yr` stays open
    [exit 1]
    "#);
    repo.answer(["launch", "append", &id, "junit.xml", "--job", "e2e"]);
    let ran = repo.run(["launch", "close", &id]);
    assert_found(&ran, &["`append-y`"]);
    assert!(
        !ran.stderr.contains("`e2e`"),
        "a complete append settles it\n{ran}"
    );
    repo.answer([
        "launch",
        "close",
        &id,
        "--accept-loss",
        "append-y",
        "--reason",
        "the machine died",
    ]);
    assert_eq!(repo.totals(&id), "passed 1, total 1");
    repo.assert_clean_but("junit.xml");
}

#[test]
fn another_input_of_the_same_job_does_not_settle_a_killed_append() {
    let repo = shop();
    repo.write("unit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Killed");
    repo.answer(["launch", "append", &id, "unit.xml"]);
    let aside = format!(".git/tallybook/open/SHOP/{id}/unfinished/append-x");
    repo.write(
        &format!("{aside}/append.yaml"),
        "job: {name: local}\nenvironment: {}\ninputs: [e2e]\n",
    );
    assert_found(
        &repo.run(["launch", "close", &id]),
        &["was begun and did not finish"],
    );
    assert_found(
        &repo.run(["launch", "append", &id, "e2e"]),
        &["`e2e`: it does not exist"],
    );
    let lost = repo.run(["launch", "close", &id]);
    assert_found(
        &lost,
        &["`e2e`: it does not exist", "was begun and did not finish"],
    );
}

#[test]
fn a_process_killed_between_two_renames_leaves_no_launch() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let (id, _) = repo.close_with("Closed", "../junit.xml");
    let open = repo.open_launch("Open");
    let folder = ".git/tallybook/open/SHOP";
    let yaml = repo.read(&format!("{folder}/{open}/open.yaml"));
    repo.write(&format!("{folder}/.opening-abc/open.yaml"), &yaml);
    repo.write(&format!("{folder}/.closed-{id}/open.yaml"), &yaml);
    let list = repo.json(["launch", "list", "--format", "json"]);
    let ids: Vec<_> = list
        .as_array()
        .expect("an array")
        .iter()
        .map(|l| l["id"].clone())
        .collect();
    assert_eq!(ids, [json!(open), json!(id)]);
}

#[test]
fn a_closing_killed_after_its_commit() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Left over");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    let folder = repo.root().join(".git/tallybook/open/SHOP").join(&id);
    let copy = repo.root().join("../copy");
    copy_folder(&folder, &copy);
    let receipt = repo.answer(["launch", "close", &id]);
    copy_folder(&copy, &folder);
    let head = repo.git(["rev-parse", "HEAD"]);
    assert_eq!(
        repo.json(["launch", "show", &id, "--format", "json"])["state"],
        "closed"
    );
    assert_eq!(repo.launch_count(), 1);
    assert_eq!(repo.answer(["launch", "close", &id]), receipt);
    assert!(!folder.exists());
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
}

#[test]
fn a_closing_killed_before_its_branch_moved() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Half");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    let folder = repo.root().join(".git/tallybook/open/SHOP").join(&id);
    let copy = repo.root().join("../copy");
    copy_folder(&folder, &copy);
    repo.answer(["launch", "close", &id]);
    // As a crash leaves it: files written and staged, the branch where it was.
    repo.git(["reset", "--quiet", "--soft", "HEAD^"]);
    copy_folder(&copy, &folder);
    let status = repo.git(["status", "--porcelain"]);
    assert!(
        status.lines().all(|line| line.starts_with("A  ")),
        "{status}"
    );
    let ran = repo.run(["launch", "close", &id]);
    assert_eq!(ran.code, Some(0), "{ran}");
    repo.answer(["verify"]);
    repo.assert_clean();
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
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

/// Kills an append as soon as it has made each of the places that it writes in: whatever was
/// written, nothing half-written counts.
#[test]
fn an_append_killed_on_its_way() {
    let repo = shop();
    let names: Vec<String> = (0..3_000).map(|n| format!("case {n}")).collect();
    let failed = "<failure>no</failure>";
    let cases: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), failed)).collect();
    repo.write("junit.xml", junit(&cases));
    let id = repo.open_launch("Killed");
    let open = repo.root().join(".git/tallybook/open/SHOP").join(&id);
    for place in [
        "unfinished",
        "unfinished/*/append.yaml",
        "unfinished/*/part/results*",
        "parts",
    ] {
        let pattern = open.join(place);
        let pattern = pattern.to_str().expect("UTF-8");
        let is_there = || glob::glob(pattern).expect("a pattern").next().is_some();
        let mut child = start(&repo, &["launch", "append", &id, "junit.xml"]);
        while !is_there() && child.try_wait().expect("waits").is_none() {
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("ends");
        let total =
            repo.json(["launch", "show", &id, "--format", "json"])["totals"]["total"].clone();
        assert!(total == 0 || total == 3_000, "{place}: {total}");
    }
    repo.answer(["launch", "append", &id, "junit.xml"]);
    let mut close = vec!["launch", "close", &id, "--reason", "killed"];
    let unnamed = unnamed_appends(&open.join("unfinished"));
    for folder in &unnamed {
        close.extend(["--accept-loss", folder]);
    }
    let closed = repo.output("", &close);
    assert_eq!(closed.code, Some(0), "{closed}");
    assert_eq!(repo.totals(&id), "failed 3000, total 3000, unresolved 3000");
}

/// The folders of appends that were killed before they could say whose they are.
fn unnamed_appends(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("lists");
    let folders = entries.map(|entry| entry.expect("reads").path());
    folders
        .filter(|path| !path.join("append.yaml").exists())
        .map(|path| {
            path.file_name()
                .and_then(|n| n.to_str())
                .expect("UTF-8")
                .to_owned()
        })
        .collect()
}

#[test]
fn a_damaged_open_launch_does_not_hide_the_others() {
    let repo = shop();
    repo.write("junit.xml", junit(&[("x", "")]));
    let (bad, good) = (repo.open_launch("Bad"), repo.open_launch("Good"));
    let path = |id: &str| format!(".git/tallybook/open/SHOP/{id}/open.yaml");
    for damage in ["", "name: [", "format: 1\nid: 7\n"] {
        repo.write(&path(&bad), damage);
        let ran = repo.run(["launch", "list"]);
        assert_found(&ran, &[&bad, "open.yaml"]);
        assert!(ran.stdout.contains(&good), "{ran}");
        for command in ["show", "status", "close"] {
            assert_refused(&repo.run(["launch", command, &bad]), &["open.yaml"]);
        }
        assert_refused(
            &repo.run(["launch", "append", &bad, "junit.xml"]),
            &["open.yaml"],
        );
    }
}

#[test]
fn a_damaged_closed_launch_is_named() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let (bad, _) = repo.close_with("Bad", "../junit.xml");
    let (good, _) = repo.close_with("Good", "../junit.xml");
    let path = format!("{}/launch.yaml", repo.launch_folder(&bad));
    for damage in ["", "\0\0\0", "format: 99\n", "- 1\n"] {
        repo.write(&path, damage);
        let ran = repo.run(["launch", "list"]);
        assert_found(&ran, &["launch.yaml"]);
        assert!(ran.stdout.contains(&good), "{ran}");
        let ran = repo.run(["launch", "show", &bad]);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(
            ran.stderr.contains("launch.yaml"),
            "it is damaged, not unknown\n{ran}"
        );
        assert_eq!(repo.run(["verify"]).code, Some(1));
        assert_eq!(repo.run(["render", "--out", "../site"]).code, Some(0));
    }
}

#[test]
fn damaged_documentation_never_stops_a_launch() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "<failure message='503'/>")]));
    repo.write(&format!("{PROJECT}/cases/a.md"), "---\nid: [\n---\n");
    repo.write(&format!("{PROJECT}/cases/b.md"), [0xff, 0xfe, 0x00]);
    repo.write(
        &format!("{PROJECT}/mutes/M.yaml"),
        "cases: {a: b}\nuntil: soon\n",
    );
    repo.write(
        &format!("{PROJECT}/defects/D.md"),
        "---\nmatchers: [{message: '('}, {message: '(a*)*b'}]\n---\n",
    );
    repo.write(
        &format!("{PROJECT}/steps/loop.md"),
        "---\ntitle: L\n---\n\n## Steps\n\n1. [L](loop.md)\n",
    );
    repo.commit("Break the documentation");
    let (id, _) = repo.close_with("Nightly", "../junit.xml");
    assert_eq!(repo.totals(&id), "failed 1, total 1, unresolved 1");
    assert_eq!(repo.run(["validate"]).code, Some(1));
}

fn ends(children: Vec<Child>) -> Vec<String> {
    let outputs = children
        .into_iter()
        .map(|child| child.wait_with_output().expect("ends"));
    outputs
        .map(|output| {
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            String::from_utf8(output.stdout)
                .expect("UTF-8")
                .trim_end()
                .to_owned()
        })
        .collect()
}

fn start(repo: &TestRepo, args: &[&str]) -> Child {
    let mut command = repo.command("", args);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts")
}

#[test]
fn eight_jobs_append_at_once() {
    let repo = shop();
    for n in 0..8 {
        repo.write(
            &format!("{n}.xml"),
            junit(&[(&format!("x{n}"), ""), ("shared", "")]),
        );
    }
    let open: Vec<Child> = (0..8)
        .map(|_| start(&repo, &["launch", "open", "--key", "run-1"]))
        .collect();
    let mut ids = ends(open);
    ids.dedup();
    let [id] = ids.as_slice() else {
        panic!("{ids:?}")
    };
    let append = |n: i32| {
        start(
            &repo,
            &[
                "launch",
                "append",
                id,
                &format!("{n}.xml"),
                "--job",
                &format!("job{n}"),
            ],
        )
    };
    ends((0..8).chain(0..8).map(append).collect());
    assert_eq!(repo.totals(id), "passed 16, total 16");
    repo.answer(["launch", "close", id]);
    assert_eq!(repo.totals(id), "passed 16, total 16");
}

#[test]
fn closings_at_once_keep_one_chain() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let ids: Vec<String> = (0..5)
        .map(|n| {
            let id = repo.open_launch(&format!("Launch {n}"));
            repo.answer(["launch", "append", &id, "../junit.xml"]);
            id
        })
        .collect();
    let receipts = ends(
        ids.iter()
            .map(|id| start(&repo, &["launch", "close", id]))
            .collect(),
    );
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "6");
    let report = repo.json(["verify", "--format", "json"]);
    assert_eq!(report["launches"], 5);
    assert_eq!(
        report["receipts"].as_array().map(Vec::len),
        Some(1),
        "one end: {report}"
    );
    let mut named = Vec::new();
    for id in &ids {
        let launch = repo.json(["launch", "show", id, "--format", "json"]);
        let previous = launch["closed"]["previous"]
            .as_array()
            .expect("an array")
            .clone();
        assert!(previous.len() <= 1, "{previous:?}");
        named.extend(previous);
    }
    assert_eq!(named.len(), 4);
    assert!(
        named
            .iter()
            .all(|receipt| receipts.iter().any(|r| receipt == r))
    );
    repo.assert_clean();
}

#[test]
fn one_launch_closed_by_many_is_closed_once() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Wanted");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    let mut receipts = ends(
        (0..5)
            .map(|_| start(&repo, &["launch", "close", &id]))
            .collect(),
    );
    receipts.dedup();
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "2");
}
