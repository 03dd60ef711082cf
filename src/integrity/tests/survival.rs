//! What keeps evidence whole, and what is said where it cannot be seen.

use super::*;

#[test]
fn what_was_closed_is_fine() {
    for workspace in ["", "qa/tallybook"] {
        let bench = three(workspace);
        let report = bench.assert_fine(3);
        assert_eq!(report.receipts.len(), 1);
        assert_eq!(report.receipts[0].launch, "l-3");
        assert_eq!(report.notices, [""; 0]);
        bench.play.fsck();
    }
}

#[test]
fn nothing_to_verify_is_fine_too() {
    let bench = Bench::new("");
    let report = bench.verify();
    assert!(report.ok && report.launches == 0);
    assert_eq!(report.notices, ["the branch has no commit yet"]);
    let error = verify(None, &VerifyOptions::default()).expect_err("no repository");
    assert!(error.to_string().contains("`git init`"));
}

#[test]
fn branches_that_each_closed_a_launch_merge_well() {
    let bench = Bench::new("");
    let one = bench.close("l-1", &[]);
    bench.play.git(&["checkout", "-qb", "side"]);
    let left = bench.close("l-2a", &[&one]);
    bench.play.git(&["checkout", "-q", "main"]);
    let right = bench.close("l-2b", &[&one]);
    bench.play.git(&["merge", "-q", "--no-edit", "side"]);
    assert_eq!(bench.assert_fine(3).receipts.len(), 2);
    bench.close("l-3", &[&left, &right]);
    assert_eq!(bench.assert_fine(4).receipts.len(), 1);
}

#[test]
fn a_missing_previous_launch_is_a_matter_of_completeness() {
    let bench = Bench::new("");
    let gone = "1111111111111111111111111111111111111111111111111111111111111111";
    bench.close("l-1", &[gone, "not a digest"]);
    let report = bench.verify();
    assert_eq!(kinds(&report), ["missing-previous"]);
    assert!(report.violations[0].message.contains(gone));
    let options = VerifyOptions::default();
    let elsewhere = verify(Some(&bench.repo()), &options).expect("verifies");
    assert!(elsewhere.ok);
    assert_eq!(elsewhere.notices.len(), 2);
}

#[test]
fn a_squash_keeps_integrity() {
    let bench = Bench::new("");
    bench.play.git(&["commit", "-qm", "root", "--allow-empty"]);
    bench.play.git(&["checkout", "-qb", "side"]);
    let one = bench.close("l-1", &[]);
    bench.close("l-2", &[&one]);
    bench.play.git(&["checkout", "-q", "main"]);
    bench.play.git(&["merge", "-q", "--squash", "side"]);
    bench.commit_all("Squashed");
    let report = bench.assert_fine(2);
    assert!(report.notices[0].starts_with("2 launches came with a commit that names no receipt"));
    bench.flip(&format!("{}/launch.yaml", bench.folder("l-1")));
    bench.commit_all("tamper");
    let report = bench.verify();
    assert!(kinds(&report).contains(&"missing-previous"), "{report:#?}");
}

#[test]
fn a_moved_workspace_or_project_is_the_same_evidence() {
    let mut bench = three("");
    bench.play.git(&["mv", "projects/shop", "projects/store"]);
    bench.commit_all("rename the project's folder");
    bench.assert_fine(3);
    files::create_dir(&bench.play.root().join("qa/deep")).expect("made");
    bench.play.git(&["mv", "projects", "qa/deep/projects"]);
    bench.commit_all("move the workspace");
    bench.workspace = "qa/deep".into();
    let report = bench.assert_fine(3);
    assert_eq!(report.notices, [""; 0]);
    bench.play.git(&["mv", "qa/deep/projects", "projects"]);
    bench
        .play
        .git(&["rm", "-qrf", "projects/store/launches/2026/11/l-2"]);
    bench.commit_all("move back and lose one");
    bench.workspace = String::new();
    let report = bench.verify();
    assert_eq!(kinds(&report), ["missing-previous", "removed-launch"]);
}

#[test]
fn tampering_before_a_move_is_found_after_it() {
    let mut bench = three("");
    bench.flip(&format!("{}/tests.yaml", bench.folder("l-2")));
    bench.commit_all("tamper");
    bench.play.git(&["revert", "--no-edit", "HEAD"]);
    files::create_dir(&bench.play.root().join("qa")).expect("made");
    bench.play.git(&["mv", "projects", "qa/projects"]);
    bench.commit_all("move the workspace");
    bench.workspace = "qa".into();
    assert_eq!(kinds(&bench.verify()), ["changed-history"]);
}

#[test]
fn another_commit_is_verified_without_the_working_tree() {
    let bench = three("");
    let path = format!("{}/tests.yaml", bench.folder("l-1"));
    bench.flip(&path);
    let tampered = bench.commit_all("tamper");
    let at = |rev: &str| {
        let options = VerifyOptions {
            at: Some(rev.to_owned()),
            receipt: None,
            complete: true,
            ..VerifyOptions::default()
        };
        verify(Some(&bench.repo()), &options)
    };
    assert!(at("HEAD~1").expect("verifies").ok);
    assert_eq!(at("HEAD~2").expect("verifies").launches, 2);
    assert!(!at(&tampered).expect("verifies").ok);
    assert!(matches!(at("nope"), Err(VerifyError::Git(_))));
}

#[test]
fn a_shallow_clone_says_what_it_cannot_see() {
    let bench = three("");
    let clone = bench.play.outside().join("clone");
    let url = format!("file://{}", bench.play.root().display());
    bench.play.git(&[
        "clone",
        "-q",
        "--depth=1",
        &url,
        clone.to_str().expect("UTF-8"),
    ]);
    let repo = Repo::discover(&clone).expect("opens").expect("found");
    let report = verify(Some(&repo), &VerifyOptions::default()).expect("verifies");
    assert!(report.ok && report.launches == 3);
    assert_eq!(report.notices.len(), 1);
    assert!(report.notices[0].contains("shallow clone"));
}

#[test]
fn a_partial_clone_is_completed_for_the_evidence() {
    let bench = three("");
    bench
        .play
        .git(&["config", "uploadpack.allowFilter", "true"]);
    bench
        .play
        .git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let clone = bench.play.outside().join("clone.git");
    let url = format!("file://{}", bench.play.root().display());
    let target = clone.to_str().expect("UTF-8");
    bench
        .play
        .git(&["clone", "-q", "--bare", "--filter=blob:none", &url, target]);
    let repo = Repo::discover(&clone).expect("opens").expect("found");
    let report = verify(Some(&repo), &VerifyOptions::default()).expect("verifies");
    assert!(report.ok && report.launches == 3, "{report:#?}");
}

#[test]
fn attachments_may_live_in_lfs() {
    let bench = Bench::new("");
    bench.close("l-1", &[]);
    let files = bench.files();
    let path = files
        .iter()
        .find(|path| path.contains("attachments"))
        .expect("one");
    let bytes = bench.play.read(path);
    bench.play.write(path, pointer(&bytes));
    bench.play.git(&["add", "-A"]);
    bench.play.git(&["commit", "-q", "--amend", "--no-edit"]);
    bench.assert_fine(1);
    bench.play.write(path, &bytes);
    bench.assert_fine(1);
    bench.play.write(path, "other");
    assert_eq!(kinds(&bench.verify()), ["worktree-differs"]);
}

#[test]
fn a_report_is_stable_json() {
    let bench = Bench::new("");
    bench.close("l-1", &[]);
    bench.flip(&format!("{}/tests.yaml", bench.folder("l-1")));
    let report = bench.verify();
    let json = serde_json::to_value(&report).expect("writes");
    let violation = &json["violations"][0];
    assert_eq!(json["ok"], false);
    assert_eq!(violation["kind"], "worktree-differs");
    assert_eq!(violation["launch"], "l-1");
    assert_eq!(violation["commit"], serde_json::Value::Null);
    assert_eq!(report, bench.verify());
}
