//! Closed launches as evidence: sums, receipts, and what no change can hide.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::repo::{Ran, TestRepo, assert_refused};
use crate::shop::{PROJECT, junit, result, shop, with};

/// A closed launch with every kind of file, its results outside the working tree.
struct Closed {
    repo: TestRepo,
    /// Relative to the working tree.
    folder: String,
    id: String,
    receipt: String,
}

fn closed() -> Closed {
    let repo = shop();
    let more = json!({
        "attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}],
        "steps": [{"name": "look", "status": "failed"}],
    });
    repo.allure("../results", &with(result("a", "plain", "failed"), &more));
    repo.allure("../results", &result("b", "expired", "passed"));
    repo.write("../results/1-attachment.txt", "what happened\n");
    let (id, receipt) = repo.close_with("Nightly", "../results");
    let folder = repo.launch_folder(&id);
    Closed {
        repo,
        folder,
        id,
        receipt,
    }
}

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder lists") {
        let path = entry.expect("the entry reads").path();
        match path.is_dir() {
            true => files_below(&path, out),
            false => out.push(path),
        }
    }
}

/// The files below a folder of the working tree, sorted, relative to that folder.
fn listed(repo: &TestRepo, folder: &str) -> BTreeSet<String> {
    let root = repo.root().join(folder);
    let mut paths = Vec::new();
    files_below(&root, &mut paths);
    let relative = |path: &PathBuf| {
        let path = path.strip_prefix(&root).expect("it lies below");
        path.to_str().expect("UTF-8").replace('\\', "/")
    };
    paths.iter().map(relative).collect()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn flip(path: &Path) -> Vec<u8> {
    let before = std::fs::read(path).expect("the file reads");
    let mut bytes = before.clone();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("the file is written");
    before
}

#[track_caller]
fn assert_blames(ran: &Ran, path: &str) {
    assert_eq!(ran.code, Some(1), "{path}\n{ran}");
    assert!(ran.stdout.contains(path), "{path} is not named\n{ran}");
    assert!(ran.stdout.contains("evidence altered"), "{ran}");
}

fn violations(repo: &TestRepo) -> Vec<Value> {
    let ran = repo.run(["verify", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let violations = report["violations"].as_array().expect("an array").clone();
    assert_eq!(report["ok"], json!(violations.is_empty()));
    assert_eq!(ran.code, Some(i32::from(!violations.is_empty())), "{ran}");
    violations
}

fn kinds(repo: &TestRepo) -> Vec<String> {
    let violations = violations(repo);
    let kinds: BTreeSet<_> = violations
        .iter()
        .map(|v| v["kind"].as_str().expect("a kind").to_owned())
        .collect();
    kinds.into_iter().collect()
}

#[test]
fn sums_are_those_of_sha256sum() {
    let Closed {
        repo,
        folder,
        id,
        receipt,
    } = closed();
    let mut named = BTreeSet::from(["SHA256SUMS".to_owned(), "launch.yaml".to_owned()]);
    for list in ["SHA256SUMS", "PRUNABLE.sha256"] {
        for line in repo.read(&format!("{folder}/{list}")).lines() {
            let (digest, path) = line.split_once("  ").expect("two spaces");
            let bytes = std::fs::read(repo.root().join(&folder).join(path)).expect("reads");
            assert_eq!(sha256(&bytes), digest, "{path}");
            let prunable = path.starts_with("details/") || path.starts_with("attachments/");
            assert_eq!(prunable, list == "PRUNABLE.sha256", "{path}");
            assert!(named.insert(path.to_owned()), "{path} is listed twice");
        }
    }
    assert_eq!(named, listed(&repo, &folder));
    assert_eq!(
        sha256(repo.read(&format!("{folder}/launch.yaml")).as_bytes()),
        receipt
    );
    let launch = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(
        launch["closed"]["sums"],
        sha256(repo.read(&format!("{folder}/SHA256SUMS")).as_bytes())
    );
    for text in listed(&repo, &format!("{PROJECT}/executed")) {
        let bytes = repo.read(&format!("{PROJECT}/executed/{text}"));
        assert_eq!(format!("{}.md", sha256(bytes.as_bytes())), text);
    }
    assert_eq!(violations(&repo), [] as [Value; 0]);
}

/// Every file that a closing wrote.
fn evidence(closed: &Closed) -> Vec<String> {
    let of_launch = listed(&closed.repo, &closed.folder);
    let mut out: Vec<String> = of_launch
        .iter()
        .map(|path| format!("{}/{path}", closed.folder))
        .collect();
    let executed = format!("{PROJECT}/executed");
    out.extend(
        listed(&closed.repo, &executed)
            .iter()
            .map(|path| format!("{executed}/{path}")),
    );
    assert_eq!(out.len(), 10, "{out:?}");
    out
}

#[test]
fn a_flipped_byte_in_the_working_tree_is_named() {
    let closed = closed();
    for path in evidence(&closed) {
        let file = closed.repo.root().join(&path);
        let before = flip(&file);
        assert_blames(&closed.repo.run(["verify"]), &path);
        std::fs::write(&file, before).expect("the file is written");
    }
    closed.repo.answer(["verify"]);
}

#[test]
fn a_flipped_byte_is_named_when_committed_and_when_reverted() {
    let closed = closed();
    let repo = &closed.repo;
    let good = repo.git(["rev-parse", "HEAD"]);
    for path in evidence(&closed) {
        flip(&repo.root().join(&path));
        let bad = repo.commit("Tidy up");
        let ran = repo.run(["verify"]);
        assert_blames(&ran, &path);
        repo.git(["revert", "--no-edit", "HEAD"]);
        assert_eq!(repo.git(["diff", &good, "HEAD"]), "");
        let ran = repo.run(["verify"]);
        assert_blames(&ran, &path);
        assert!(ran.stdout.contains(&bad[..10]), "{bad} is not named\n{ran}");
        repo.git(["reset", "--quiet", "--hard", &good]);
    }
    repo.answer(["verify"]);
}

#[test]
fn a_change_on_a_side_branch_is_named_through_the_merge() {
    let Closed { repo, folder, .. } = closed();
    repo.git(["checkout", "--quiet", "-b", "side"]);
    let path = format!("{folder}/outcomes.yaml");
    flip(&repo.root().join(&path));
    repo.commit("Change");
    repo.git(["revert", "--no-edit", "HEAD"]);
    repo.git(["checkout", "--quiet", "main"]);
    repo.write("other.txt", "x\n");
    repo.commit("Elsewhere");
    repo.git(["merge", "--quiet", "-m", "Merge side", "side"]);
    assert_blames(&repo.run(["verify"]), &path);
}

#[test]
fn a_launch_that_is_gone_is_named() {
    let Closed {
        repo, folder, id, ..
    } = closed();
    repo.close_with("Next", "../results");
    std::fs::remove_dir_all(repo.root().join(&folder)).expect("removes");
    assert_blames(&repo.run(["verify"]), &folder);
    repo.commit("Remove a launch");
    let ran = repo.run(["verify"]);
    assert_blames(&ran, &id);
}

#[test]
fn a_consistent_forgery_is_named() {
    let Closed {
        repo,
        folder,
        receipt,
        ..
    } = closed();
    let at = |name: &str| format!("{folder}/{name}");
    let forged = repo.read(&at("outcomes.yaml")).replace("failed", "passed");
    let old = sha256(repo.read(&at("outcomes.yaml")).as_bytes());
    let sums = repo
        .read(&at("SHA256SUMS"))
        .replace(&old, &sha256(forged.as_bytes()));
    let old = sha256(repo.read(&at("SHA256SUMS")).as_bytes());
    let launch = repo
        .read(&at("launch.yaml"))
        .replace(&old, &sha256(sums.as_bytes()));
    assert_ne!(sha256(launch.as_bytes()), receipt);
    repo.write(&at("outcomes.yaml"), forged)
        .write(&at("SHA256SUMS"), sums)
        .write(&at("launch.yaml"), launch);
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "--amend", "--no-edit"]);
    // Even the commit that closed it was rewritten: its own receipt contradicts it.
    assert_eq!(kinds(&repo), ["wrong-receipt"]);
}

#[test]
fn modes_extras_and_missing_files_are_told_apart() {
    let Closed { repo, folder, .. } = closed();
    let good = repo.git(["rev-parse", "HEAD"]);
    repo.write(&format!("{folder}/note.txt"), "mine\n");
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(0), "an untracked file is a notice\n{ran}");
    assert!(ran.stderr.contains("note.txt"), "{ran}");
    repo.commit("Add a file");
    assert!(
        kinds(&repo).contains(&"extra-file".to_owned()),
        "{:?}",
        kinds(&repo)
    );
    repo.git(["reset", "--quiet", "--hard", &good]);
    let details = listed(&repo, &format!("{folder}/details"))
        .into_iter()
        .next()
        .expect("details");
    repo.git(["rm", "--quiet", &format!("{folder}/details/{details}")]);
    repo.commit("Prune without a record");
    assert!(
        kinds(&repo).contains(&"missing-file".to_owned()),
        "{:?}",
        kinds(&repo)
    );
    repo.git(["reset", "--quiet", "--hard", &good]);
    repo.git([
        "update-index",
        "--chmod=+x",
        &format!("{folder}/tests.yaml"),
    ]);
    repo.git(["commit", "--quiet", "-m", "Change a mode"]);
    assert!(
        kinds(&repo).contains(&"wrong-mode".to_owned()),
        "{:?}",
        kinds(&repo)
    );
}

#[test]
fn integrity_survives_squash_rebase_and_cherry_pick() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "passed"));
    repo.git(["checkout", "--quiet", "-b", "work"]);
    repo.close_with("One", "../results");
    repo.close_with("Two", "../results");
    let intact = |how: &str| {
        let ran = repo.run(["verify"]);
        assert_eq!(ran.code, Some(0), "{how}\n{ran}");
        assert!(
            ran.stdout.contains("2 closed launches verified"),
            "{how}\n{ran}"
        );
        repo.assert_clean();
    };
    repo.git(["checkout", "--quiet", "main"]);
    repo.write("code.txt", "x\n");
    repo.commit("Code");
    let main = repo.git(["rev-parse", "HEAD"]);
    repo.git(["merge", "--quiet", "--squash", "work"]);
    repo.git(["commit", "--quiet", "-m", "All of it (#17)"]);
    intact("squash");
    repo.git(["reset", "--quiet", "--hard", &main]);
    repo.git(["cherry-pick", "work~1", "work"]);
    intact("cherry-pick");
    repo.git(["checkout", "--quiet", "work"]);
    repo.git(["rebase", "--quiet", &main]);
    intact("rebase");
}

#[test]
fn integrity_survives_a_move_of_the_project_or_the_workspace() {
    let Closed {
        repo, id, receipt, ..
    } = closed();
    repo.git(["mv", "projects/shop", "projects/store"]);
    repo.commit("Rename the project's folder");
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(
        repo.json(["launch", "show", &id, "--format", "json"])["receipt"],
        receipt
    );
    std::fs::create_dir(repo.root().join("qa")).expect("made");
    for name in ["tallybook.yaml", ".gitattributes", "projects"] {
        repo.git(["mv", name, "qa"]);
    }
    repo.commit("Move the workspace");
    let ran = repo.run_in("qa", ["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stdout.contains("1 closed launch verified"), "{ran}");
}

#[test]
fn a_launch_of_another_place_is_misplaced() {
    let Closed { repo, folder, .. } = closed();
    let elsewhere = folder.replace("2026/11", "2025/01");
    let parent = repo.root().join(&elsewhere);
    std::fs::create_dir_all(parent.parent().expect("a parent")).expect("made");
    repo.git(["mv", &folder, &elsewhere]);
    repo.commit("Move a launch");
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stdout.contains(&elsewhere) || ran.stdout.contains(&folder),
        "{ran}"
    );
}

#[test]
fn a_checkout_with_line_ends_of_windows_verifies() {
    let Closed { repo, .. } = closed();
    repo.git(["config", "core.autocrlf", "true"]);
    repo.git(["rm", "--quiet", "-r", "--cached", "."]);
    repo.git(["reset", "--quiet", "--hard"]);
    assert!(repo.read("tallybook.yaml").contains("\r\n"));
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    repo.write("junit.xml", junit(&[("x", "")]));
    repo.close_with("On Windows", "junit.xml");
    repo.answer(["verify"]);
}

#[test]
fn a_clone_verifies_also_when_it_is_bare() {
    let Closed { repo, receipt, .. } = closed();
    repo.git(["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let ran = repo.run_in("../bare.git", ["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stdout.contains(&receipt), "{ran}");
    repo.git([
        "clone",
        "--quiet",
        "--depth=1",
        &format!("file://{}", repo.root().display()),
        "../shallow",
    ]);
    let ran = repo.run_in("../shallow", ["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr.contains("shallow"),
        "what can't be seen is said\n{ran}"
    );
}

#[test]
fn a_receipt_proves_its_launch_and_those_before_it() {
    let repo = shop();
    let mut closed = Vec::new();
    for name in ["One", "Two", "Three"] {
        repo.allure(&format!("../{name}"), &result(name, name, "passed"));
        closed.push(repo.close_with(name, &format!("../{name}")));
    }
    let report = repo.json(["verify", "--receipt", &closed[1].1, "--format", "json"]);
    let ids = |key: &str| -> Vec<String> {
        let launches = report["coverage"][key].as_array().expect("a list");
        let ids = launches
            .iter()
            .map(|l| l["launch"].as_str().expect("an id"));
        ids.map(str::to_owned).collect()
    };
    let mut first = vec![closed[0].0.clone(), closed[1].0.clone()];
    first.sort();
    assert_eq!(
        (ids("covered"), ids("uncovered")),
        (first, vec![closed[2].0.clone()])
    );
    let text = repo.answer(["verify", "--receipt", &format!("sha256:{}", closed[2].1)]);
    assert!(text.contains("the receipt proves 3 launches"), "{text}");
    // Somebody rewrites a launch and its whole history: only who kept a receipt can tell.
    let path = format!("{}/launch.yaml", repo.launch_folder(&closed[2].0));
    let altered = repo.read(&path).replace("Three", "Tree");
    repo.write(&path, altered);
    repo.git(["commit", "--quiet", "--all", "--amend", "-m", "Rewritten"]);
    let ran = repo.run(["verify", "--receipt", &closed[2].1]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stdout
            .contains("unknown-receipt: no launch here has the receipt"),
        "{ran}"
    );
    assert_refused(
        &repo.run(["verify", "--receipt", "abc"]),
        &["64 hex digits"],
    );
}
