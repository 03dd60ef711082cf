//! What alters evidence, in the working tree, in commits and through merges.

use super::*;

#[test]
fn any_byte_of_any_file_flipped_in_the_working_tree_is_named() {
    let bench = Bench::new("ws");
    bench.close("l-1", &[]);
    let files = bench.files();
    assert_eq!(files.len(), 10);
    for path in files {
        let bytes = bench.play.read(&path);
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut other = bytes.clone();
            other[at] ^= 0x20;
            bench.play.write(&path, &other);
            let report = bench.verify();
            assert_eq!(kinds(&report), ["worktree-differs"], "{path}");
            assert_eq!(report.violations[0].path, path);
        }
        bench.play.write(&path, &bytes);
    }
    bench.assert_fine(1);
}

#[test]
fn any_file_flipped_and_committed_is_named_with_its_commit() {
    let bench = three("ws");
    let head = bench.play.git(&["rev-parse", "HEAD"]);
    for path in bench.files() {
        bench.flip(&path);
        let commit = bench.commit_all("tamper");
        let report = bench.verify();
        let named = report.violations.iter().find(|v| {
            v.kind == Kind::ChangedHistory && v.commit.is_some_and(|id| id.to_string() == commit)
        });
        assert_eq!(
            named.map(|v| v.path.as_str()),
            Some(path.as_str()),
            "{report:#?}"
        );
        let content = kinds(&report).iter().any(|kind| *kind != "changed-history");
        assert!(content, "the content itself tells for {path}: {report:#?}");
        bench.play.git(&["reset", "-q", "--hard", head.trim()]);
    }
    bench.assert_fine(3);
}

#[test]
fn put_back_is_still_changed() {
    let bench = three("");
    for path in bench.files() {
        bench.flip(&path);
        let commit = bench.commit_all("tamper");
        bench.play.git(&["revert", "--no-edit", "HEAD"]);
        let report = bench.verify();
        assert_eq!(kinds(&report), ["changed-history"]);
        assert!(
            report
                .violations
                .iter()
                .any(|v| v.path == path && v.commit.is_some_and(|id| id.to_string() == commit))
        );
    }
    let report = bench.verify();
    assert_eq!(report.violations.len(), bench.files().len());
}

#[test]
fn removed_and_closed_anew_is_removed() {
    let bench = three("");
    let folder = bench.folder("l-2");
    bench.play.git(&["rm", "-qr", &folder]);
    let commit = bench.commit_all("remove");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["missing-previous", "removed-launch"]);
    let removed = report
        .violations
        .iter()
        .find(|v| v.kind == Kind::RemovedLaunch);
    let removed = removed.expect("reported");
    assert_eq!(
        (removed.launch.as_deref(), removed.path.as_str()),
        (Some("l-2"), folder.as_str())
    );
    bench.play.git(&["checkout", "-q", "HEAD~1", "--", &folder]);
    bench.commit_all("put back");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["removed-launch"]);
    assert_eq!(
        report.violations[0].commit.map(|id| id.to_string()),
        Some(commit)
    );
}

#[test]
fn a_launch_replaced_whole_is_found_by_its_first_commit() {
    let bench = Bench::new("");
    bench.close("l-1", &[]);
    let folder = bench.folder("l-1");
    bench.play.git(&["rm", "-qr", "projects"]);
    bench.commit_all("remove");
    bench.close(
        "l-1",
        &["0000000000000000000000000000000000000000000000000000000000000000"],
    );
    let report = bench.verify();
    assert_eq!(
        kinds(&report),
        [
            "changed-launch",
            "missing-previous",
            "removed-executed",
            "removed-launch"
        ]
    );
    assert!(
        report
            .violations
            .iter()
            .any(|v| v.path == format!("{folder}/launch.yaml"))
    );
}

#[test]
fn a_side_branch_that_altered_evidence_is_found_after_the_merge() {
    let bench = three("");
    let path = format!("{}/outcomes.yaml", bench.folder("l-1"));
    bench.play.git(&["checkout", "-qb", "side"]);
    bench.flip(&path);
    let commit = bench.commit_all("tamper");
    bench.play.git(&["revert", "--no-edit", "HEAD"]);
    bench.play.git(&["checkout", "-q", "main"]);
    bench.play.write("README.md", "x");
    bench.commit_all("unrelated");
    bench.play.git(&["merge", "-q", "--no-edit", "side"]);
    let report = bench.verify();
    assert_eq!(kinds(&report), ["changed-history"]);
    assert_eq!(report.violations.len(), 1);
    assert_eq!(
        report.violations[0].commit.map(|id| id.to_string()),
        Some(commit)
    );
}

#[test]
fn an_evil_merge_is_found() {
    let bench = three("");
    bench.play.git(&["checkout", "-qb", "side", "HEAD~1"]);
    bench.play.write("a.txt", "x");
    bench.commit_all("side");
    bench.play.git(&["checkout", "-q", "main"]);
    bench
        .play
        .git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    let path = format!("{}/results/linux.yaml", bench.folder("l-3"));
    bench.flip(&path);
    let commit = bench.commit_all("evil merge");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["changed-file", "changed-history"]);
    let found = report
        .violations
        .iter()
        .find(|v| v.kind == Kind::ChangedHistory)
        .expect("there");
    assert_eq!(found.commit.map(|id| id.to_string()), Some(commit));
    assert_eq!(found.path, path);
}

#[test]
fn the_same_launch_closed_twice_loses_one() {
    let bench = Bench::new("");
    let one = bench.close("l-1", &[]);
    bench.play.git(&["checkout", "-qb", "side"]);
    bench.close("l-2", &[&one]);
    bench.play.git(&["checkout", "-q", "main"]);
    bench.close("l-2", &[]);
    bench
        .play
        .git(&["merge", "-q", "-s", "ours", "--no-edit", "side"]);
    assert_eq!(
        kinds(&bench.verify()),
        ["changed-history", "changed-launch"]
    );
}

#[test]
fn extra_files_links_and_modes_are_named() {
    let bench = three("");
    let folder = bench.folder("l-2");
    bench
        .play
        .write(&format!("{folder}/details/extra.yaml"), "x");
    bench.play.write(&format!("{folder}/note.txt"), "x");
    let untracked = bench.verify();
    assert!(untracked.ok && untracked.notices[0].starts_with("2 files beside closed launches"));
    bench.play.git(&["add", "-A"]);
    assert_eq!(kinds(&bench.verify()), ["index-differs"]);
    let target = Digest::of(b"x");
    bench.play.git(&[
        "update-index",
        "--chmod=+x",
        &format!("{folder}/tests.yaml"),
    ]);
    let blob = bench
        .play
        .git(&["rev-parse", &format!("HEAD:{folder}/outcomes.yaml")]);
    let link = format!("120000,{},{folder}/outcomes.yaml", blob.trim());
    bench.play.git(&["update-index", "--cacheinfo", &link]);
    let module = format!(
        "160000,{},{folder}/sub",
        bench.play.git(&["rev-parse", "HEAD"]).trim()
    );
    bench
        .play
        .git(&["update-index", "--add", "--cacheinfo", &module]);
    bench.play.git(&["commit", "-qm", "odd things"]);
    let report = bench.verify();
    let of = |kind| -> Vec<&str> {
        let found = report.violations.iter().filter(|v| v.kind == kind);
        found.map(|v| v.path.trim_start_matches(&folder)).collect()
    };
    assert_eq!(
        of(Kind::ExtraFile),
        ["/details/extra.yaml", "/note.txt", "/sub"],
        "{target}"
    );
    assert_eq!(
        of(Kind::WrongMode),
        ["/outcomes.yaml", "/sub", "/tests.yaml"]
    );
}

#[test]
fn a_closing_commit_that_names_another_receipt_is_found() {
    let bench = Bench::new("");
    bench.close("l-1", &[]);
    let receipt = "2222222222222222222222222222222222222222222222222222222222222222";
    let message =
        format!("Close\n\nTallybook-Launch: SHOP/l-1\nTallybook-Receipt: sha256:{receipt}");
    bench.play.git(&["commit", "-q", "--amend", "-m", &message]);
    let report = bench.verify();
    assert_eq!(kinds(&report), ["wrong-receipt"]);
    assert!(report.violations[0].message.contains(receipt));
}

#[test]
fn files_that_no_longer_parse_are_violations() {
    let bench = three("");
    let broken: [(&str, &[u8]); 4] = [
        ("launch.yaml", b"format: [1\n"),
        ("launch.yaml", b"\xff\xfe"),
        ("cases.yaml", b"cases: [a]\n"),
        ("SHA256SUMS", b"nonsense\n"),
    ];
    for (file, bytes) in broken {
        let path = format!("{}/{file}", bench.folder("l-2"));
        bench.play.write(&path, bytes);
        bench.commit_all("break");
        let report = bench.verify();
        assert!(
            report
                .violations
                .iter()
                .any(|v| v.path == path
                    && matches!(v.kind, Kind::UnreadableLaunch | Kind::WrongSums)),
            "{report:#?}"
        );
        bench.play.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
    let path = bench.folder("l-2");
    bench
        .play
        .git(&["rm", "-q", &format!("{path}/launch.yaml")]);
    bench.commit_all("remove launch.yaml");
    let kinds = kinds(&bench.verify());
    assert_eq!(
        kinds,
        ["changed-history", "missing-file", "missing-previous"]
    );
}

#[test]
fn executed_texts_are_evidence() {
    let bench = three("");
    let listed = bench.play.git(&["ls-files", "projects/shop/executed"]);
    let text = listed.lines().next().expect("three texts");
    bench.play.git(&["rm", "-q", text]);
    bench.commit_all("remove a text");
    assert_eq!(
        kinds(&bench.verify()),
        ["missing-executed", "removed-executed"]
    );
    bench.play.git(&["reset", "-q", "--hard", "HEAD~1"]);
    bench.flip(text);
    bench.commit_all("change a text");
    assert_eq!(
        kinds(&bench.verify()),
        ["changed-history", "wrong-executed"]
    );
}

#[test]
fn the_index_alone_can_differ() {
    let bench = three("");
    let path = format!("{}/tests.yaml", bench.folder("l-1"));
    let bytes = bench.play.read(&path);
    bench.flip(&path);
    bench.play.git(&["add", &path]);
    bench.play.write(&path, bytes);
    let report = bench.verify();
    assert_eq!(kinds(&report), ["index-differs"]);
    assert_eq!(report.violations[0].path, path);
}

#[test]
fn a_damaged_object_is_a_violation_that_names_the_file() {
    let bench = three("");
    let path = format!("{}/outcomes.yaml", bench.folder("l-1"));
    let id = bench.play.git(&["rev-parse", &format!("HEAD:{path}")]);
    let id = id.trim();
    let object = bench
        .play
        .root()
        .join(".git/objects")
        .join(&id[..2])
        .join(&id[2..]);
    let other = bench.play.git(&[
        "rev-parse",
        &format!("HEAD:{}/tests.yaml", bench.folder("l-1")),
    ]);
    let other = other.trim();
    let other = bench
        .play
        .root()
        .join(".git/objects")
        .join(&other[..2])
        .join(&other[2..]);
    let bytes = files::read(&other).expect("a loose object");
    files::remove_file(&object).expect("removed");
    files::write(&object, &bytes).expect("written");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["unreadable-file"]);
    assert_eq!(report.violations[0].path, path);
}

#[test]
fn names_from_a_tree_cannot_act_on_a_terminal() {
    let bench = three("");
    let folder = bench.folder("l-2");
    let blob = bench
        .play
        .git(&["rev-parse", &format!("HEAD:{folder}/tests.yaml")]);
    let entry = format!("100644,{},{folder}/a\u{1b}[2J\u{202e}b", blob.trim());
    bench
        .play
        .git(&["update-index", "--add", "--cacheinfo", &entry]);
    let entry = format!(
        "100644,{},{}/launch.yaml",
        blob.trim(),
        bench.folder("x\u{1b}y")
    );
    bench
        .play
        .git(&["update-index", "--add", "--cacheinfo", &entry]);
    bench.play.git(&["commit", "-qm", "hostile"]);
    let report = bench.verify();
    assert!(kinds(&report).contains(&"extra-file"));
    let said = report
        .violations
        .iter()
        .map(|v| &v.message)
        .chain(&report.notices);
    for message in said {
        assert!(
            !message.contains(crate::base::text::is_unsafe_to_show),
            "{message:?}"
        );
    }
}

#[test]
fn only_prunable_files_may_be_pointers_of_lfs() {
    let bench = Bench::new("ws");
    bench.close("l-1", &[]);
    let folder = bench.folder("l-1");
    for name in ["outcomes.yaml", "tests.yaml", "results/linux.yaml"] {
        let path = format!("{folder}/{name}");
        let bytes = bench.play.read(&path);
        bench.play.write(&path, pointer(&bytes));
        bench.play.git(&["add", "-A"]);
        bench.play.git(&["commit", "-q", "--amend", "--no-edit"]);
        let report = bench.verify();
        assert_eq!(kinds(&report), ["changed-file"], "{name}");
        assert_eq!(report.violations[0].path, path);
        bench.play.write(&path, &bytes);
        let kinds = kinds(&bench.verify());
        assert_eq!(kinds, ["changed-file", "worktree-differs"], "{name}");
        bench.play.git(&["add", "-A"]);
        bench.play.git(&["commit", "-q", "--amend", "--no-edit"]);
        bench.assert_fine(1);
    }
}

#[test]
fn no_flag_of_the_index_hides_a_file_that_is_there() {
    let bench = Bench::new("");
    bench.close("l-1", &[]);
    let path = format!("{}/outcomes.yaml", bench.folder("l-1"));
    let bytes = bench.play.read(&path);
    for flag in ["skip-worktree", "assume-unchanged"] {
        let set = format!("--{flag}");
        bench.play.git(&["update-index", &set, &path]);
        assert_eq!(bench.assert_fine(1).notices, [""; 0], "{flag}");
        bench.flip(&path);
        let report = bench.verify();
        assert_eq!(kinds(&report), ["worktree-differs"], "{flag}");
        assert_eq!(report.violations[0].path, path);
        bench.play.write(&path, &bytes);
        let clear = format!("--no-{flag}");
        bench.play.git(&["update-index", &clear, &path]);
    }
    bench.play.git(&["update-index", "--skip-worktree", &path]);
    files::remove_file(&bench.play.root().join(&path)).expect("removed");
    let report = bench.assert_fine(1);
    assert!(report.notices[0].starts_with("1 file left out by a sparse checkout"));
    files::create_dir(&bench.play.root().join(&path)).expect("made");
    assert_eq!(kinds(&bench.verify()), ["worktree-differs"]);
}

#[test]
fn files_of_a_sparse_index_are_compared_where_they_stand() {
    let bench = Bench::new("");
    bench.close("l-1", &[]);
    bench.play.write("in/a.txt", "x");
    bench.commit_all("more");
    bench
        .play
        .git(&["sparse-checkout", "set", "--sparse-index", "in"]);
    let path = format!("{}/outcomes.yaml", bench.folder("l-1"));
    assert_eq!(bench.assert_fine(1).notices.len(), 1);
    let committed = bench.play.git(&["show", &format!("HEAD:{path}")]);
    let native = bench.play.root().join(&path);
    files::create_dir(native.parent().expect("a folder")).expect("made");
    bench.play.write(&path, &committed);
    let report = bench.assert_fine(1);
    assert_eq!(report.notices.len(), 1, "{:?}", report.notices);
    bench.flip(&path);
    assert_eq!(kinds(&bench.verify()), ["worktree-differs"]);
}

#[test]
fn tracked_files_that_belong_to_no_launch_are_named() {
    let bench = Bench::new("ws");
    bench.close("l-1", &[]);
    let launches = bench.root("projects/shop/launches");
    let strays = ["2026/11/x.txt", "2026/11/z/a/b.yaml", "2026/x.txt", "x.txt"]
        .map(|name| format!("{launches}/{name}"));
    for path in &strays {
        bench.play.write(path, "x");
    }
    bench.play.write("ws/projects/other/launches", "no folder");
    let untracked = bench.verify();
    assert!(untracked.ok && untracked.notices[0].starts_with("4 files beside closed launches"));
    bench.commit_all("stray files");
    let report = bench.verify();
    assert_eq!(kinds(&report), ["extra-file"]);
    let paths: Vec<&str> = report.violations.iter().map(|v| v.path.as_str()).collect();
    let mut expected = vec!["ws/projects/other/launches"];
    expected.extend(strays.iter().map(String::as_str));
    assert_eq!(paths, expected);
    assert_eq!(report.launches, 1);
}
