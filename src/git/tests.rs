//! Commits on real repositories, with git as the referee.

use super::testing::Playground;
use super::*;
use crate::base::files::Stretch;
use crate::base::{Timestamp, files};

fn request(branch: &str) -> CommitRequest {
    let identity = Identity {
        name: "Ada".into(),
        email: "ada@example.com".into(),
    };
    CommitRequest {
        branch: branch.into(),
        author: identity.clone(),
        committer: identity,
        time: Timestamp::from_ms(1_763_837_000_123),
        own: None,
        sign: false,
    }
}

/// Commits files on `main`: `Some` writes, `None` removes.
fn commit(repo: &Repo, edits: &[(&str, Option<&str>)]) -> Result<Option<CommitId>, CommitError> {
    commit_on(repo, "refs/heads/main", edits)
}

fn commit_on(
    repo: &Repo,
    branch: &str,
    edits: &[(&str, Option<&str>)],
) -> Result<Option<CommitId>, CommitError> {
    repo.commit(&request(branch), &mut |_| {
        let mut changes = ChangeSet::new("Write files\r\n\r\nA body.");
        for (path, text) in edits {
            match text {
                Some(text) => changes.write(*path, *text),
                None => changes.remove(*path),
            }
        }
        Ok(changes)
    })
}

#[test]
fn the_first_commit_is_clean_for_git() {
    let play = Playground::new();
    let repo = play.init("main");
    let edits = [("ws/a/b.txt", Some("1\n")), ("c.txt", Some("2\n"))];
    let id = commit(&repo, &edits).expect("commits").expect("a commit");
    play.fsck();
    assert_eq!(play.status(), "");
    assert_eq!(play.read("ws/a/b.txt"), b"1\n");
    let log = play.git(&["log", "--format=%H|%an <%ae>|%at|%ct|%B"]);
    let time = 1_763_837_000;
    let expected = format!("{id}|Ada <ada@example.com>|{time}|{time}|Write files\n\nA body.");
    assert_eq!(log.trim(), expected);
    let reflog = play.git(&["reflog", "--format=%gs"]);
    assert_eq!(reflog.trim(), "commit: Write files");
    assert_eq!(commit(&repo, &edits).expect("nothing to do"), None);
    assert_eq!(commit(&repo, &[]).expect("nothing to do"), None);
}

#[test]
fn files_change_and_go_and_keep_their_mode() {
    let play = Playground::new();
    let repo = play.init("main");
    play.write("run.sh", "old");
    play.write("deep/er/gone.txt", "x");
    play.write("deep/stays.txt", "x");
    play.git(&["add", "."]);
    play.git(&["update-index", "--chmod=+x", "run.sh"]);
    play.git(&["commit", "-qm", "one"]);
    play.git(&["checkout", "-f", "-q", "HEAD"]);
    play.git(&["reset", "-q", "--hard"]);
    commit(
        &repo,
        &[("run.sh", Some("new")), ("deep/er/gone.txt", None)],
    )
    .expect("commits");
    play.fsck();
    assert_eq!(play.status(), "");
    let tree = play.git(&["ls-tree", "-r", "HEAD"]);
    assert!(tree.starts_with("100644 blob"), "{tree}");
    assert!(tree.contains("100755 blob"), "{tree}");
    assert!(!play.root().join("deep/er").exists());
    assert_eq!(
        commit(&repo, &[("nope.txt", None)]).expect("no such file"),
        None
    );
    commit(&repo, &[("deep/stays.txt", None)]).expect("commits");
    assert!(!play.root().join("deep").exists());
    assert_eq!(play.status(), "");
}

#[test]
fn the_changes_of_others_stay_as_they_are() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(
        &repo,
        &[
            ("a.txt", Some("1")),
            ("b.txt", Some("1")),
            ("c.txt", Some("1")),
        ],
    )
    .expect("ok");
    play.write("a.txt", "staged");
    play.git(&["add", "a.txt"]);
    play.write("b.txt", "unstaged");
    play.write("new.txt", "untracked");
    play.write("added.txt", "added");
    play.git(&["add", "added.txt"]);
    play.write("meant.txt", "meant");
    play.git(&["add", "-N", "meant.txt"]);
    play.git(&["update-index", "--assume-unchanged", "c.txt"]);
    play.git(&["update-index", "--index-version", "4"]);
    let before = play.status();
    commit(&repo, &[("d.txt", Some("1")), ("c.txt", Some("2"))]).expect("commits");
    assert_eq!(play.status(), before);
    assert_eq!(
        before,
        "M  a.txt\nA  added.txt\n M b.txt\n A meant.txt\n?? new.txt\n"
    );
    play.fsck();
}

#[test]
fn a_change_in_the_second_of_the_index_stays_visible() {
    let play = Playground::new();
    let repo = play.init("main");
    for round in 0..5 {
        let text = format!("{round}a");
        commit(&repo, &[("same.txt", Some(&text))]).expect("commits");
        play.write("same.txt", format!("{round}b"));
        commit(&repo, &[("other.txt", Some(&text))]).expect("commits");
        assert_eq!(play.status(), " M same.txt\n");
        play.git(&["checkout", "-q", "same.txt"]);
    }
}

#[test]
fn uncommitted_changes_of_an_edited_path_are_refused() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("a.txt", Some("1")), ("b/c.txt", Some("1"))]).expect("commits");
    let refused = |edits: &[(&str, Option<&str>)], path: &str| {
        let before = (play.status(), play.git(&["rev-parse", "HEAD"]));
        let error = commit(&repo, edits).expect_err("refused").to_string();
        assert!(error.contains(&format!("`{path}`")), "{error}");
        assert_eq!((play.status(), play.git(&["rev-parse", "HEAD"])), before);
    };
    play.write("a.txt", "local");
    refused(&[("a.txt", Some("2")), ("z.txt", Some("1"))], "a.txt");
    refused(&[("a.txt", None)], "a.txt");
    play.git(&["add", "a.txt"]);
    refused(&[("a.txt", Some("2"))], "a.txt");
    play.git(&["reset", "-q", "--hard"]);
    files::remove_file(&play.root().join("a.txt")).expect("removed");
    refused(&[("a.txt", Some("2"))], "a.txt");
    play.git(&["reset", "-q", "--hard"]);
    play.write("untracked.txt", "mine");
    refused(&[("untracked.txt", Some("2"))], "untracked.txt");
    play.git(&["rm", "-q", "--cached", "a.txt"]);
    refused(&[("a.txt", Some("2"))], "a.txt");
    play.git(&["reset", "-q", "--hard"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(play.root().join("a.txt"), mode).expect("executable");
        refused(&[("a.txt", Some("2"))], "a.txt");
        play.git(&["reset", "-q", "--hard"]);
    }
    refused(&[("a.txt/x", Some("2"))], "a.txt");
    refused(&[("b", Some("2"))], "b");
    play.write("blocked", "a file");
    refused(&[("blocked/x", Some("2"))], "blocked");
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_working_tree() {
    let play = Playground::new();
    let repo = play.init("main");
    files::create_dir(&play.outside()).expect("made");
    std::os::unix::fs::symlink(play.outside(), play.root().join("link")).expect("linked");
    let error = commit(&repo, &[("link/x.txt", Some("1"))]).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "cannot write `link/x.txt`: `link` is a symbolic link"
    );
    assert!(!play.outside().join("x.txt").exists());
}

#[test]
fn what_a_crash_left_is_taken_up() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("a.txt", Some("1"))]).expect("commits");
    play.write("a.txt", "2");
    play.write("new.txt", "1");
    play.git(&["add", "."]);
    commit(&repo, &[("a.txt", Some("2")), ("new.txt", Some("1"))]).expect("commits");
    assert_eq!(play.status(), "");
}

#[test]
fn a_locked_index_is_named() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("a.txt", Some("1"))]).expect("commits");
    play.write(".git/index.lock", "");
    let error = commit(&repo, &[("a.txt", Some("2"))])
        .expect_err("locked")
        .to_string();
    assert!(error.contains("index.lock` exists"), "{error}");
    files::remove_file(&play.root().join(".git/index.lock")).expect("removed");
    assert_eq!(play.status(), "");
    commit(&repo, &[("a.txt", Some("2"))]).expect("commits");
    assert_eq!(play.status(), "");
}

#[test]
fn a_branch_that_is_not_checked_out_moves_alone() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("a.txt", Some("1"))]).expect("commits");
    let branch = "refs/heads/tallybook";
    commit_on(&repo, branch, &[("l.txt", Some("1"))]).expect("roots the branch");
    assert_eq!(
        play.git(&["ls-tree", "--name-only", "tallybook"]),
        "l.txt\n"
    );
    play.git(&["checkout", "-q", "--detach"]);
    commit(&repo, &[("a.txt", Some("2"))]).expect("commits");
    assert_eq!(
        (play.read("a.txt"), play.status()),
        (b"1".to_vec(), String::new())
    );
    assert_eq!(play.git(&["show", "main:a.txt"]), "2");
    play.fsck();
    let wrong = commit_on(&repo, "main", &[("a.txt", Some("3"))]);
    assert!(
        wrong
            .expect_err("no full name")
            .to_string()
            .contains("`refs/heads/main`")
    );
}

#[test]
fn another_worktree_keeps_its_branch() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("a.txt", Some("1"))]).expect("commits");
    let other = play.outside().join("other");
    let path = other.to_str().expect("UTF-8");
    play.git(&["worktree", "add", "-q", "-b", "side", path]);
    let error = commit_on(&repo, "refs/heads/side", &[("b.txt", Some("1"))]).expect_err("refused");
    assert!(
        matches!(&error, CommitError::CheckedOut { worktree, .. } if worktree.ends_with("other"))
    );
    let there = Repo::discover(&other).expect("opens").expect("found");
    assert_eq!(there.common_dir(), repo.common_dir());
    assert_ne!(there.git_dir(), repo.git_dir());
    commit_on(&there, "refs/heads/side", &[("b.txt", Some("1"))]).expect("commits");
    assert_eq!(files::read(&other.join("b.txt")).expect("written"), b"1");
    assert_eq!(play.git(&["-C", path, "status", "--porcelain"]), "");
    assert!(matches!(
        commit(&there, &[("b.txt", Some("1"))]),
        Err(CommitError::CheckedOut { .. })
    ));
    play.fsck();
}

#[test]
fn a_bare_repository_has_branches_only() {
    let play = Playground::new();
    let bare = play.outside().join("bare.git");
    play.git(&[
        "init",
        "-q",
        "--bare",
        "-b",
        "main",
        bare.to_str().expect("UTF-8"),
    ]);
    let repo = Repo::discover(&bare).expect("opens").expect("found");
    assert!(repo.is_bare());
    commit(&repo, &[("a/b.txt", Some("1"))]).expect("commits");
    commit(&repo, &[("a/c.txt", Some("1"))]).expect("commits");
    let git_dir = format!("--git-dir={}", bare.display());
    let files = play.git(&[&git_dir, "ls-tree", "-r", "--name-only", "main"]);
    assert_eq!(files, "a/b.txt\na/c.txt\n");
    play.git(&[&git_dir, "fsck", "--strict"]);
    assert!(!repo.has_uncommitted("").expect("nothing to compare"));
}

fn race(play: &Playground, branch: &str) {
    let threads = 6;
    let each = 4;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let repo = play.open();
            scope.spawn(move || {
                for i in 0..each {
                    let path = format!("dir/{thread}-{i}.txt");
                    commit_on(&repo, branch, &[(&path, Some("x"))]).expect("lands");
                }
            });
        }
    });
    let count = play.git(&["rev-list", "--count", branch]);
    assert_eq!(count.trim(), (threads * each + 1).to_string());
    let files = play.git(&["ls-tree", "-r", "--name-only", branch, "dir"]);
    assert_eq!(files.lines().count(), threads * each);
    assert_eq!(play.status(), "");
    play.fsck();
}

#[test]
fn racing_commits_all_land_on_the_branch_checked_out() {
    let play = Playground::new();
    commit(&play.init("main"), &[("a.txt", Some("1"))]).expect("commits");
    race(&play, "refs/heads/main");
}

#[test]
fn racing_commits_all_land_on_another_branch() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("a.txt", Some("1"))]).expect("commits");
    commit_on(&repo, "refs/heads/other", &[("a.txt", Some("1"))]).expect("commits");
    race(&play, "refs/heads/other");
}

#[test]
fn a_lost_race_builds_again_on_the_new_tip() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("n.txt", Some("0"))]).expect("commits");
    let mut calls = 0;
    let build = &mut |tip: Option<&TreeView>| {
        calls += 1;
        let seen = tip
            .expect("a tip")
            .read("n.txt")
            .expect("reads")
            .expect("there");
        if calls == 1 {
            commit(&repo, &[("n.txt", Some("5"))]).expect("the other comes first");
        }
        let mut changes = ChangeSet::new("Note");
        changes.write("seen.txt", seen);
        Ok(changes)
    };
    repo.commit(&request("refs/heads/main"), build)
        .expect("commits");
    assert_eq!((calls, play.read("seen.txt")), (2, b"5".to_vec()));
    assert_eq!(play.status(), "");
}

#[test]
fn hooks_and_odd_names_do_not_matter() {
    let play = Playground::new();
    play.init("main");
    let hooks = play.outside().join("hooks");
    files::create_dir(&hooks).expect("made");
    for hook in [
        "pre-commit",
        "post-commit",
        "reference-transaction",
        "post-index-change",
    ] {
        let script = hooks.join(hook);
        let text = format!("#!/bin/sh\ntouch '{}/ran'\nexit 1\n", hooks.display());
        files::write(&script, text.as_bytes()).expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(&script, mode).expect("executable");
        }
    }
    play.git(&["config", "core.hooksPath", hooks.to_str().expect("UTF-8")]);
    play.git(&["config", "commit.gpgSign", "true"]);
    let repo = play.open();
    let mut odd = request("refs/heads/main");
    odd.author.name = " Ada <\n> ".into();
    odd.committer = Identity::default();
    repo.commit(&odd, &mut |_| {
        let mut changes = ChangeSet::new("x");
        changes.write("a.txt", "1");
        Ok(changes)
    })
    .expect("commits");
    assert!(!hooks.join("ran").exists());
    assert_eq!(play.git(&["log", "--format=%an|%cn|%ce"]), "Ada|unknown|\n");
    play.git(&["config", "--unset", "core.hooksPath"]);
    play.fsck();
}

#[test]
fn a_split_index_is_left_to_git() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("a.txt", Some("1")), ("b.txt", Some("1"))]).expect("commits");
    play.git(&["update-index", "--split-index"]);
    play.write("staged.txt", "1");
    play.git(&["add", "staged.txt"]);
    let edits = [
        ("a.txt", Some("2")),
        ("c/d.txt", Some("1")),
        ("b.txt", None),
    ];
    commit(&play.open(), &edits).expect("commits");
    assert_eq!(play.status(), "A  staged.txt\n");
    assert_eq!(play.read("c/d.txt"), b"1");
    let error = commit(&play.open(), &[("staged.txt", Some("2"))]).expect_err("staged");
    assert!(error.to_string().contains("`staged.txt`"));
    play.fsck();
}

#[test]
fn a_sparse_index_is_left_to_git() {
    let play = Playground::new();
    let repo = play.init("main");
    let edits = [
        ("in/a.txt", Some("1")),
        ("out/b.txt", Some("1")),
        ("top.txt", Some("1")),
    ];
    commit(&repo, &edits).expect("commits");
    play.git(&["sparse-checkout", "set", "--sparse-index", "in"]);
    let repo = play.open();
    assert!(!play.root().join("out").exists());
    assert_eq!(repo.uncommitted("").expect("compares"), [""; 0]);
    let edits = [("in/a.txt", Some("2")), ("new/c.txt", Some("1"))];
    commit(&repo, &edits).expect("commits");
    assert_eq!(play.status(), "");
    commit(&repo, &[("out/b.txt", Some("2"))]).expect("commits");
    assert_eq!(play.status(), "");
    assert_eq!(play.git(&["show", "HEAD:out/b.txt"]), "2");
    play.fsck();
}

#[test]
fn a_sparse_checkout_leaves_out_what_it_left_out() {
    let play = Playground::new();
    let repo = play.init("main");
    commit(&repo, &[("in/a.txt", Some("1")), ("out/b.txt", Some("1"))]).expect("commits");
    play.git(&["sparse-checkout", "set", "in"]);
    let repo = play.open();
    commit(&repo, &[("out/b.txt", Some("2")), ("in/a.txt", Some("2"))]).expect("commits");
    assert!(!play.root().join("out/b.txt").exists());
    assert_eq!(play.status(), "");
    play.fsck();
}

#[test]
fn what_is_not_committed_is_listed() {
    let play = Playground::new();
    let repo = play.init("main");
    let edits = [
        ("d/a.txt", Some("1")),
        ("d/b.txt", Some("1")),
        ("e.txt", Some("1")),
    ];
    commit(&repo, &edits).expect("commits");
    assert!(!repo.has_uncommitted("").expect("compares"));
    play.write(".gitignore", "*.log\nskip/\n");
    play.write("d/x.log", "1");
    play.write("d/skip/y.txt", "1");
    play.write("d/new.txt", "1");
    play.write("d/a.txt", "2");
    play.write("e.txt", "2");
    assert_eq!(
        repo.uncommitted("d").expect("compares"),
        ["d/a.txt", "d/new.txt"]
    );
    let tree = repo
        .tree(repo.resolve("HEAD").expect("reads"))
        .expect("a tree");
    let state = repo.compare_worktree(&tree, "d").expect("compares");
    assert_eq!(state.untracked, ["d/new.txt", "d/skip/y.txt", "d/x.log"]);
    let difference = Difference {
        path: "d/a.txt".into(),
        change: Change::Content,
    };
    assert_eq!(state.differences, [difference]);
}

#[test]
fn a_spooled_file_is_read_when_it_is_written() {
    let play = Playground::new();
    let repo = play.init("main");
    let spool = play.outside().join("spool");
    files::write(&spool, b"from a file").expect("written");
    repo.commit(&request("refs/heads/main"), &mut |_| {
        let mut changes = ChangeSet::new("Spool");
        changes.spool("a.bin", Stretch::whole(&spool));
        Ok(changes)
    })
    .expect("commits");
    assert_eq!(
        (play.read("a.bin"), play.status()),
        (b"from a file".to_vec(), String::new())
    );
    let missing = repo.commit(&request("refs/heads/main"), &mut |_| {
        let mut changes = ChangeSet::new("Spool");
        changes.spool("b.bin", Stretch::whole(play.outside().join("nope")));
        Ok(changes)
    });
    assert!(
        missing
            .expect_err("no such file")
            .to_string()
            .starts_with("cannot read `")
    );
}

#[test]
fn a_failure_on_the_way_puts_everything_back() {
    let play = Playground::new();
    let repo = play.init("main");
    let edits = [("a.txt", Some("1")), ("gone/b.txt", Some("1"))];
    commit(&repo, &edits).expect("commits");
    files::remove_dir(&play.root().join(".git/logs")).expect("removed");
    play.write(".git/logs/HEAD/blocked", "no reflog can be written");
    let head = play.git(&["rev-parse", "HEAD"]);
    let edits = [
        ("a.txt", Some("2")),
        ("gone/b.txt", None),
        ("x/new.txt", Some("1")),
    ];
    let error = commit(&repo, &edits).expect_err("no reflog");
    assert!(matches!(error, CommitError::Branch { .. }), "{error}");
    assert_eq!(play.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(
        (play.status(), play.read("a.txt")),
        (String::new(), b"1".to_vec())
    );
    assert!(!play.root().join("x").exists());
}

#[test]
fn a_repository_of_another_hash_is_refused() {
    let play = Playground::new();
    play.git(&["init", "-q", "--object-format=sha256"]);
    assert!(Repo::discover(play.root()).is_err());
}
