//! Moving the workspace hides nothing: what was removed, forged or left behind on the way.

use super::*;

/// A launch's files forged in place: other outcomes, with the lists of sums rewritten to match.
fn forge(bench: &Bench, folder: &str) {
    let read = |name: &str| {
        String::from_utf8(bench.play.read(&format!("{folder}/{name}"))).expect("UTF-8")
    };
    let (old, sums, launch) = (
        read("outcomes.yaml"),
        read("SHA256SUMS"),
        read("launch.yaml"),
    );
    let new = old.replace("l-", "forged-");
    let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
    let new_sums = sums.replace(&digest(&old), &digest(&new));
    let launch = launch.replace(&digest(&sums), &digest(&new_sums));
    for (name, text) in [
        ("outcomes.yaml", new),
        ("SHA256SUMS", new_sums),
        ("launch.yaml", launch),
    ] {
        bench.play.write(&format!("{folder}/{name}"), text);
    }
}

fn mv(bench: &mut Bench, workspace: &str) {
    let from = bench.root("projects");
    bench.workspace = workspace.to_owned();
    let to = bench.root("projects");
    let above = bench.play.root().join(workspace);
    files::create_dir(&above).expect("made");
    bench.play.git(&["mv", &from, &to]);
}

/// A commit that puts something else where the workspace will be.
fn prepare(bench: &Bench, workspace: &str) {
    let path = format!("{workspace}/projects/shop/project.yaml");
    bench.play.write(&path, "key: SHOP\n");
    bench.commit_all("prepare");
}

fn removed(report: &Report) -> Vec<&str> {
    let found = report.violations.iter();
    let found = found.filter(|v| v.kind == Kind::RemovedLaunch);
    found.filter_map(|v| v.launch.as_deref()).collect()
}

#[test]
fn a_move_that_removes_every_launch_is_found() {
    for prepared in [false, true] {
        let mut bench = three("");
        if prepared {
            prepare(&bench, "qa");
        }
        bench.play.write("projects/shop/README.md", "x");
        bench.commit_all("more");
        bench
            .play
            .git(&["mv", "projects/shop/README.md", "README.md"]);
        bench.play.git(&["rm", "-qr", "projects"]);
        bench.play.write("qa/projects/shop/README.md", "x");
        let commit = bench.commit_all("move and remove");
        bench.workspace = "qa".into();
        let report = bench.verify();
        assert_eq!(kinds(&report), ["removed-executed", "removed-launch"]);
        assert_eq!(removed(&report), ["l-1", "l-2", "l-3"]);
        let by = |v: &Violation| v.commit.is_some_and(|id| id.to_string() == commit);
        assert!(report.violations.iter().all(by));
        bench.play.write("later.txt", "x");
        bench.commit_all("later");
        assert_eq!(bench.verify().violations, report.violations);
    }
}

#[test]
fn a_removal_before_the_move_is_found() {
    let mut bench = three("");
    bench.play.git(&["rm", "-qr", "projects"]);
    bench.commit_all("remove");
    prepare(&bench, "qa");
    bench.workspace = "qa".into();
    assert_eq!(removed(&bench.verify()), ["l-1", "l-2", "l-3"]);
    bench.close("l-4", &[]);
    assert_eq!(removed(&bench.verify()), ["l-1", "l-2", "l-3"]);
}

#[test]
fn a_move_that_forges_every_launch_is_found() {
    let mut bench = Bench::new("");
    bench.close("l-1", &[]);
    bench.close("l-2", &[]);
    mv(&mut bench, "qa");
    forge(&bench, &bench.folder("l-1"));
    forge(&bench, &bench.folder("l-2"));
    let commit = bench.commit_all("move and forge");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["changed-history", "changed-launch"]);
    let changed = report.violations.iter();
    let changed = changed.filter(|v| v.kind == Kind::ChangedHistory);
    let changed: Vec<_> = changed.collect();
    assert_eq!(changed.len(), 2);
    for violation in changed {
        assert_eq!(
            violation.commit.map(|id| id.to_string()),
            Some(commit.clone())
        );
        assert!(violation.message.contains("`outcomes.yaml`"));
    }
}

#[test]
fn a_forged_copy_is_found_whatever_stood_in_its_place() {
    let mut bench = Bench::new("");
    bench.close("l-1", &[]);
    bench.close("l-2", &[]);
    bench.workspace = "qa".into();
    bench.close("d-1", &[]);
    bench.assert_fine(1);
    files::create_dir(&bench.play.root().join("qa/projects/new/launches/2026/11")).expect("made");
    let forged = "qa/projects/new/launches/2026/11/l-1";
    bench
        .play
        .git(&["mv", "projects/shop/launches/2026/11/l-1", forged]);
    forge(&bench, forged);
    bench
        .play
        .git(&["checkout", "-q", "HEAD", "--", "projects"]);
    bench.commit_all("copy and forge");
    // While the originals stand, what another workspace has is its own affair.
    assert_eq!(removed(&bench.verify()), [""; 0]);
    bench.play.git(&["rm", "-qr", "projects"]);
    bench.commit_all("remove the originals");
    let report = bench.verify();
    assert_eq!(removed(&report), ["l-1", "l-2"]);
}

#[test]
fn honest_moves_are_fine_whatever_else_the_repository_holds() {
    let mut bench = three("");
    prepare(&bench, "qa");
    bench.play.git(&["rm", "-qr", "qa"]);
    mv(&mut bench, "qa");
    bench.commit_all("move the workspace");
    bench.assert_fine(3);
    bench.workspace = "other".into();
    bench.close("o-1", &[]);
    bench.assert_fine(1);
    let other = bench.play.git(&["rev-parse", "HEAD"]);
    bench.workspace = "qa".into();
    bench.assert_fine(3);
    files::create_dir(&bench.play.root().join("other/projects")).expect("made");
    bench
        .play
        .git(&["mv", "qa/projects/shop", "other/projects/store"]);
    bench.commit_all("move a project to another workspace");
    bench.workspace = "other".into();
    bench.assert_fine(4);
    bench
        .play
        .git(&["checkout", "-q", "-b", "side", other.trim()]);
    bench.play.write("README.md", "x");
    bench.commit_all("unrelated");
    bench.play.git(&["merge", "-q", "-m", "merge", "main"]);
    bench.assert_fine(4);
}

#[test]
fn a_squash_or_rebase_of_a_move_is_fine() {
    let mut bench = three("");
    bench.play.git(&["checkout", "-qb", "side"]);
    mv(&mut bench, "qa");
    bench.commit_all("move the workspace");
    bench.close("l-4", &[]);
    bench.play.git(&["checkout", "-q", "main"]);
    bench.play.write("README.md", "x");
    bench.commit_all("unrelated");
    bench.play.git(&["checkout", "-q", "side"]);
    bench.play.git(&["rebase", "-q", "main"]);
    assert_eq!(bench.assert_fine(4).notices, [""; 0]);
    bench.play.git(&["checkout", "-q", "main"]);
    bench.play.git(&["merge", "-q", "--squash", "side"]);
    bench.commit_all("squashed");
    let report = bench.assert_fine(4);
    assert!(report.notices[0].starts_with("1 launch came with a commit that names no receipt"));
}
