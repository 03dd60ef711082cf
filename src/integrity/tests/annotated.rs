//! What annotations excuse, and what they don't; what counts as verified before.

use super::*;

impl Bench {
    /// Writes an annotation of a launch, without committing it.
    fn annotate(&self, id: &str, text: &str) {
        self.annotate_as(id, "a", text);
    }

    fn annotate_as(&self, id: &str, name: &str, text: &str) {
        let path = self.root(&format!("projects/shop/annotations/{id}/{name}.yaml"));
        let head = "format: 1\nat: 2026-11-22T18:43:00Z\nby: Ada <ada@example.com>\n";
        self.play.write(&path, format!("{head}{text}"));
    }

    /// Writes the record that files of a launch were removed, and removes them.
    fn remove(&self, id: &str, kind: &str, files: &[&str]) {
        let mut text = format!("kind: {kind}\nreason: too large\nfiles:\n");
        for file in files {
            let path = format!("{}/{file}", self.folder(id));
            let digest = Digest::of(&self.play.read(&path));
            text.push_str(&format!("- {{path: {file}, sha256: {digest}}}\n"));
            self.play.git(&["rm", "-q", &path]);
        }
        self.annotate(id, &text);
    }

    fn since(&self, rev: &str) -> Report {
        let repo = self.repo();
        let options = VerifyOptions {
            workspace: self.workspace.clone(),
            complete: true,
            known: vec![repo.resolve(rev).expect("a commit")],
            ..VerifyOptions::default()
        };
        verify(Some(&repo), &options).expect("verifies")
    }
}

#[test]
fn files_removed_with_their_record_are_told_and_no_violation() {
    let bench = three("ws");
    bench.remove("l-2", "pruned", &["details/linux.yaml"]);
    bench.commit_all("prune");
    bench.remove("l-1", "redacted", &["results/linux.yaml"]);
    bench.commit_all("redact");
    let report = bench.assert_fine(3);
    let told: Vec<_> = report
        .removed
        .iter()
        .map(|r| {
            (
                r.launch.as_str(),
                r.kind.as_str(),
                r.files,
                r.reason.as_str(),
            )
        })
        .collect();
    let expected = [
        ("l-1", "redacted", 1, "too large"),
        ("l-2", "pruned", 1, "too large"),
    ];
    assert_eq!(told, expected);
    bench
        .play
        .git(&["mv", "ws/projects/shop", "ws/projects/store"]);
    bench.commit_all("move the project");
    bench.assert_fine(3);
}

#[test]
fn a_record_excuses_what_it_names_and_nothing_else() {
    let bench = three("");
    let start = bench.play.git(&["rev-parse", "HEAD"]);
    let reset = || bench.play.git(&["reset", "-q", "--hard", start.trim()]);
    // Pruning is for prunable files.
    bench.remove("l-2", "pruned", &["results/linux.yaml"]);
    bench.commit_all("prune too much");
    assert_eq!(kinds(&bench.verify()), ["changed-history", "missing-file"]);
    reset();
    // Another file than the one that is named.
    bench.remove("l-2", "pruned", &["details/linux.yaml"]);
    let other = format!("{}/results/linux.yaml", bench.folder("l-2"));
    bench.play.git(&["rm", "-q", &other]);
    bench.commit_all("prune and remove");
    assert_eq!(kinds(&bench.verify()), ["changed-history", "missing-file"]);
    reset();
    // A record that comes afterwards.
    bench.remove("l-2", "pruned", &["details/linux.yaml"]);
    let record = "projects/shop/annotations/l-2/a.yaml";
    let text = bench.play.read(record);
    bench.play.git(&["commit", "-qm", "remove"]);
    bench.play.write(record, text);
    bench.commit_all("say it later");
    assert_eq!(kinds(&bench.verify()), ["changed-history"]);
    reset();
    // What is changed is not removed.
    bench.remove("l-2", "redacted", &["results/linux.yaml"]);
    bench.play.write(&other, "format: 1\n");
    bench.commit_all("replace");
    assert_eq!(kinds(&bench.verify()), ["changed-file", "changed-history"]);
    reset();
    // No reason, and not an annotation at all.
    bench.remove("l-2", "pruned", &["details/linux.yaml"]);
    bench.annotate("l-2", "kind: pruned\nreason: ' '\n");
    bench.commit_all("without a reason");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["changed-history", "missing-file"]);
    assert!(report.notices[0].contains("excuses nothing: `reason` is empty"));
}

#[test]
fn putting_back_what_was_pruned_by_half_is_a_change() {
    let bench = three("");
    bench.remove("l-2", "pruned", &["details/linux.yaml"]);
    bench.commit_all("prune");
    let file = format!("{}/outcomes.yaml", bench.folder("l-2"));
    let before = bench.play.read(&file);
    bench.play.write(&file, "format: 1\n");
    let commit = bench.commit_all("tamper");
    bench.play.write(&file, before);
    bench.commit_all("put back");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["changed-history"]);
    assert_eq!(report.violations.len(), 1);
    let by = report.violations[0].commit.map(|id| id.to_string());
    assert_eq!(by, Some(commit));
}

#[test]
fn an_acknowledged_violation_is_a_notice() {
    let bench = three("ws");
    let folder = bench.folder("l-2");
    bench.play.git(&["rm", "-qr", &folder]);
    let commit = bench.commit_all("remove");
    bench.play.git(&["checkout", "-q", "HEAD~1", "--", &folder]);
    bench.commit_all("put back");
    assert_eq!(kinds(&bench.verify()), ["removed-launch"]);
    let number = std::cell::Cell::new(0);
    let acknowledge = |kind: &str, commit: &str| {
        number.set(number.get() + 1);
        bench.annotate_as(
            "l-2",
            &number.get().to_string(),
            &format!(
                "kind: acknowledged\nreason: a slip\nviolation: {{kind: {kind}, commit: \"{commit}\"}}\n"
            ),
        );
        bench.commit_all("acknowledge");
        bench.verify()
    };
    assert_eq!(
        kinds(&acknowledge("changed-history", &commit)),
        ["removed-launch"]
    );
    let other = "0000000000000000000000000000000000000000";
    assert_eq!(
        kinds(&acknowledge("removed-launch", other)),
        ["removed-launch"]
    );
    let report = acknowledge("removed-launch", &commit);
    assert!(report.ok, "{report:#?}");
    assert_eq!(report.acknowledged[0].reason, "a slip");
    assert_eq!(report.acknowledged[0].violation.kind, Kind::RemovedLaunch);
}

#[test]
fn only_what_was_done_since_is_looked_at() {
    let bench = Bench::new("ws");
    let one = bench.close("l-1", &[]);
    bench.flip(&format!("{}/results/linux.yaml", bench.folder("l-1")));
    bench.play.write("stray.txt", "code");
    bench
        .play
        .write("ws/projects/shop/launches/2026/stray.txt", "stray");
    bench.commit_all("tamper, and stray");
    let two = bench.close("l-2", &[&one]);
    assert!(!bench.verify().ok);
    let report = bench.since("HEAD~1");
    assert!(report.ok, "{report:#?}");
    assert_eq!((report.launches, report.known), (1, 1));
    let report = bench.since("HEAD");
    assert!(report.ok && report.launches == 0 && report.known == 2);
    bench.close("l-3", &[&two]);
    bench.flip(&format!("{}/results/linux.yaml", bench.folder("l-2")));
    bench.commit_all("tamper again");
    let report = bench.since("HEAD~2");
    assert_eq!(kinds(&report), ["changed-file", "changed-history"]);
    assert!(
        report
            .violations
            .iter()
            .all(|v| v.launch.as_deref() == Some("l-2"))
    );
    assert_eq!((report.launches, report.known), (2, 1));
}

#[test]
fn a_branch_that_is_behind_what_is_known_is_no_loss() {
    let bench = Bench::new("");
    let one = bench.close("l-1", &[]);
    bench.play.git(&["branch", "feature"]);
    bench.close("l-2", &[&one]);
    bench.play.git(&["checkout", "-q", "feature"]);
    bench.play.write("code.txt", "x");
    bench.commit_all("feature");
    let report = bench.since("main");
    assert!(report.ok, "{report:#?}");
    assert_eq!((report.launches, report.known), (0, 1));
}

#[test]
fn what_is_said_of_launches_is_held_file_by_file() {
    let bench = three("ws");
    bench.annotate_as("l-2", "a", "kind: note\nreason: one\n");
    bench.annotate_as("l-2", "b", "kind: note\nreason: two\n");
    bench.commit_all("say");
    bench.annotate_as("l-2", "a", "kind: note\nreason: another\n");
    bench
        .play
        .git(&["rm", "-q", "ws/projects/shop/annotations/l-2/b.yaml"]);
    let commit = bench.commit_all("edit and remove");
    let short = &commit[..10];
    let report = bench.verify();
    let told: Vec<(&str, &str, &str)> = report
        .violations
        .iter()
        .map(|v| (v.kind.as_str(), v.path.as_str(), v.message.as_str()))
        .collect();
    let folder = "ws/projects/shop/annotations/l-2";
    let expected = [
        ("changed-annotation", "a", "changed"),
        ("removed-annotation", "b", "removed"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, name, did)| {
            let path = format!("{folder}/{name}.yaml");
            let message = format!(
                "commit `{short}` {did} the annotation `{name}.yaml` of the closed launch `l-2`"
            );
            (*kind, path, message)
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, path, message)| (*kind, path.as_str(), message.as_str()))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn what_goes_with_its_launch_is_told_with_it() {
    let bench = three("");
    bench.annotate_as("l-3", "a", "kind: note\nreason: one\n");
    bench.annotate_as("l-3", "b", "kind: note\nreason: two\n");
    bench.annotate_as("l-2", "a", "kind: note\nreason: one\n");
    bench.commit_all("say");
    bench.play.git(&["rm", "-qr", &bench.folder("l-3")]);
    bench
        .play
        .git(&["rm", "-qr", "projects/shop/annotations/l-3"]);
    bench.commit_all("remove");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["removed-launch"]);
    let message = &report.violations[0].message;
    assert!(
        message.ends_with("removed the closed launch `l-3` with 2 annotations"),
        "{message}"
    );
    // What is said of another launch, or goes in another commit, is told by itself.
    bench
        .play
        .git(&["rm", "-qr", "projects/shop/annotations/l-2"]);
    bench.commit_all("remove more");
    assert_eq!(
        kinds(&bench.verify()),
        ["removed-annotation", "removed-launch"]
    );
}
