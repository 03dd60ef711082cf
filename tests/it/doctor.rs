//! `doctor`: what stands in the way is named with the next thing to do, and repaired where that is
//! safe; nothing is written unless it is asked for.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::repo::{Ran, TestRepo, assert_refused};
use crate::shared::Fleet;
use crate::shop::{junit, shop, shop_in};

/// Runs `doctor --format json` with more words; returns its checks.
#[track_caller]
fn checks(repo: &TestRepo, folder: &str, words: &[&str]) -> (Ran, Vec<Value>) {
    let args = [&["doctor", "--format", "json"], words].concat();
    let ran = repo.output(folder, &args);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}\n{ran}"));
    let all = answer["checks"].as_array().expect("a list").clone();
    let wrong = all.iter().any(|check| {
        ["found", "cannot"]
            .iter()
            .any(|state| check["state"] == *state)
    });
    assert_eq!(answer["ok"], !wrong, "{ran}");
    assert_eq!(ran.code, Some(i32::from(wrong)), "{ran}");
    (ran, all)
}

/// Runs `doctor` and says that a check came out so, with these words.
#[track_caller]
fn assert_check(repo: &TestRepo, words: &[&str], name: &str, state: &str, told: &[&str]) {
    let (ran, all) = checks(repo, "", words);
    let fits = |check: &&Value| {
        let text = check.to_string();
        check["name"] == name
            && check["state"] == state
            && told.iter().all(|word| text.contains(word))
    };
    assert!(
        all.iter().any(|check| fits(&check)),
        "{name} {state} {told:?}\n{ran}"
    );
}

/// Makes a file as if it had been written some time ago.
fn age(repo: &TestRepo, path: &str, time: Duration) {
    let path = repo.root().join(path);
    let file = std::fs::File::options().append(true).open(path);
    let then = SystemTime::now() - time;
    file.expect("opens")
        .set_modified(then)
        .expect("the time is set");
}

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn a_sound_repository_is_told_so() {
    let repo = shop();
    insta::assert_snapshot!(repo.run(["doctor"]), @r"
    ok        locks: git holds none
    ok        temporary files: there are none
    ok        open launches: none waits
    ok        half-made commits: there are none
    ok        attributes: no conversion touches closed launches
    ok        merge driver: none is selected: git merges lines
    ok        approvals: there are none to merge
    ok        names: no two paths are one to another system
    ok        history: this clone has all of it
    --- stderr ---
    nothing is in the way
    [exit 0]
    ");
    repo.answer(["doctor", "--repair"]);
    repo.assert_clean();
    let elsewhere = TestRepo::without_git();
    assert_refused(&elsewhere.run(["doctor"]), &["no `tallybook.yaml`"]);
    elsewhere.write("tallybook.yaml", "format: 1\n");
    assert_refused(&elsewhere.run(["doctor"]), &["not in a git repository"]);
}

#[test]
fn locks_that_a_killed_process_left() {
    let repo = shop();
    let locks = [
        "index.lock",
        "HEAD.lock",
        "refs/heads/main.lock",
        "packed-refs.lock",
    ];
    for lock in locks {
        let path = format!(".git/{lock}");
        repo.write(&path, "");
        age(&repo, &path, HOUR);
        assert_check(&repo, &[], "locks", "found", &[lock, "doctor --repair"]);
    }
    let told: Vec<&str> = locks.to_vec();
    for lock in told {
        assert!(repo.root().join(".git").join(lock).exists());
    }
    assert_check(
        &repo,
        &["--repair"],
        "locks",
        "repaired",
        &["packed-refs.lock"],
    );
    assert_check(&repo, &[], "locks", "ok", &[]);
    repo.write("x.md", "x\n");
    repo.commit("git goes on");
}

#[test]
fn a_lock_that_may_be_held_stays() {
    let repo = shop();
    repo.write(".git/index.lock", "");
    assert_check(
        &repo,
        &["--repair"],
        "locks",
        "found",
        &["index.lock", "old", "--older-than 0s"],
    );
    // As old as it may be: while git is at work here nothing is taken from it.
    age(&repo, ".git/index.lock", HOUR);
    let mut git = std::process::Command::new("git")
        .args(["cat-file", "--batch"])
        .current_dir(repo.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("git starts");
    if cfg!(target_os = "linux") {
        let words = ["--repair", "--older-than", "0s"];
        assert_check(
            &repo,
            &words,
            "locks",
            "found",
            &["git cat-file --batch", "at work"],
        );
        assert!(repo.root().join(".git/index.lock").exists());
    }
    drop(git.stdin.take());
    git.wait().expect("git ends");
    assert_check(&repo, &["--repair"], "locks", "repaired", &["index.lock"]);
}

#[test]
fn files_that_were_being_written() {
    let repo = shop_in("docs/tests");
    let files = [
        ".git/.tallybook-a1",
        ".git/objects/.tmpQ1w2E3",
        "docs/tests/projects/shop/executed/.tallybook-b2",
    ];
    for file in files {
        repo.write(file, "half");
        age(&repo, file, HOUR);
    }
    repo.write("elsewhere/.tallybook-c3", "not ours");
    let (ran, _) = checks(&repo, "docs/tests", &[]);
    for file in files {
        assert!(
            ran.stdout.contains(file) && repo.root().join(file).exists(),
            "{ran}"
        );
    }
    let (ran, _) = checks(&repo, "docs/tests", &["--repair"]);
    assert!(ran.stdout.contains("repaired"), "{ran}");
    for file in files {
        assert!(!repo.root().join(file).exists(), "{file}\n{ran}");
    }
    repo.assert_clean_but("elsewhere");
}

#[test]
fn appends_that_were_killed_are_named_and_kept() {
    let repo = shop();
    repo.write("../unit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Killed");
    let aside = format!(".git/tallybook/open/SHOP/{id}/unfinished");
    let begun = "job: {name: unit}\ninputs: [../unit.xml]\n";
    repo.write(&format!("{aside}/append-a/append.yaml"), begun);
    repo.write(&format!("{aside}/.begun-b/append.yaml"), "half");
    repo.write(".git/tallybook/open/SHOP/.closed-gone/order", "");
    repo.write(".git/tallybook/open/SHOP/gone.lock", "");
    repo.write(
        ".git/tallybook/open/SHOP/half/parts/x-0123456789/results.yaml",
        "",
    );
    let found = "open launches";
    assert_check(
        &repo,
        &[],
        found,
        "found",
        &["job `unit`", "--accept-loss unit"],
    );
    assert_check(
        &repo,
        &[],
        found,
        "found",
        &[".begun-b", ".closed-gone", "gone.lock"],
    );
    assert_check(&repo, &[], found, "found", &["never opened", "half"]);
    assert_check(
        &repo,
        &["--repair"],
        found,
        "repaired",
        &[".begun-b", ".closed-gone"],
    );
    let kept = repo.root().join(&aside).join("append-a/append.yaml");
    assert!(kept.exists(), "it is told until it is made good");
    assert!(
        repo.root()
            .join(".git/tallybook/open/SHOP/half/parts")
            .exists()
    );
    repo.answer(["launch", "append", &id, "../unit.xml", "--job", "unit"]);
    assert_check(&repo, &["--repair"], found, "repaired", &["append-a"]);
    assert_check(&repo, &[], found, "note", &[&id, "1 part"]);
    std::fs::remove_dir_all(repo.root().join(".git/tallybook/open/SHOP/half")).expect("removed");
    let (ran, _) = checks(&repo, "", &[]);
    assert_eq!(ran.code, Some(0), "an open launch is no fault\n{ran}");
    repo.answer(["launch", "close", &id]);
}

/// Kills a closing as soon as its files are staged.
#[test]
fn a_closing_that_was_killed() {
    let repo = shop();
    repo.write("../unit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Killed");
    repo.answer(["launch", "append", &id, "../unit.xml"]);
    let log = repo.root().join("../steps");
    let twin = repo.copied();
    let close = ["launch", "close", &id];
    let plan = format!("log:{}", log.display());
    let logged = twin
        .command("", &close)
        .env("TALLYBOOK_FAULT", plan)
        .output();
    assert!(logged.expect("starts").status.success());
    let steps = std::fs::read_to_string(log).expect("steps");
    let last = steps
        .lines()
        .position(|line| line.starts_with("move the branch"));
    let plan = format!("kill:{}", last.expect("it moves the branch") + 1);
    let killed = repo
        .command("", &close)
        .env("TALLYBOOK_FAULT", plan)
        .output();
    assert_eq!(killed.expect("starts").status.code(), None);
    let name = "half-made commits";
    assert_check(
        &repo,
        &[],
        name,
        "found",
        &["was killed", "doctor --repair"],
    );
    assert_check(&repo, &[], name, "found", &[&id, "launch close", "by hand"]);
    assert_check(&repo, &["--repair"], name, "cannot", &["index.lock"]);
    let repair = ["doctor", "--repair", "--older-than", "0s"];
    let repaired = repo.answer(repair);
    assert!(repaired.contains("put files and index back"), "{repaired}");
    repo.assert_clean();
    repo.answer(["launch", "close", &id]);
    assert_check(&repo, &[], name, "ok", &[]);
    repo.assert_clean();
}

#[test]
fn a_launch_that_is_open_and_committed() {
    let repo = shop();
    repo.write("../unit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Twice");
    repo.answer(["launch", "append", &id, "../unit.xml"]);
    let twin = repo.copied();
    repo.answer(["launch", "close", &id]);
    let open = format!(".git/tallybook/open/SHOP/{id}");
    crate::repo::copy_folder(&twin.root().join(&open), &repo.root().join(&open));
    let close = format!("launch close {id}");
    assert_check(
        &repo,
        &[],
        "half-made commits",
        "found",
        &["open here too", &close],
    );
    repo.answer(["launch", "close", &id]);
    assert_check(&repo, &[], "half-made commits", "ok", &[]);
}

/// Evidence is exempt from all conversions, or `doctor` names the line by which it isn't.
#[test]
fn attributes_that_don_t_apply() {
    let ours = crate::shop::FILES[1].1;
    // A file, what it says, and what is told.
    let cases: [(&str, &str, &[&str]); 7] = [
        (
            ".gitattributes",
            &format!("{ours}* text=auto\n"),
            &["`* text=auto` in line 4 of `.gitattributes`", "move line 4"],
        ),
        (
            ".gitattributes",
            &format!("{ours}*.png filter=lfs diff=lfs -text\n"),
            &["*.png filter=lfs", "run a filter", "x.png"],
        ),
        (
            ".git/info/attributes",
            "*.yaml working-tree-encoding=UTF-16\n",
            &["line 1 of `.git/info/attributes`", "take that line out"],
        ),
        (
            ".gitattributes",
            &format!("[attr]doc text ident\n{ours}*.md doc\n"),
            &["`*.md doc` in line 5 of `.gitattributes`", "line ends"],
        ),
        (
            "projects/shop/launches/.gitattributes",
            "* merge=union\n",
            &["`* merge=union`", "merge lines"],
        ),
        (
            "projects/shop/annotations/.gitattributes",
            "*.yaml text\n",
            &["`*.yaml text`", "annotations/launch/note.yaml"],
        ),
        (
            "projects/.gitattributes",
            "SHA256SUMS ident\n",
            &["expand `$Id$`", "SHA256SUMS"],
        ),
    ];
    for (path, text, told) in cases {
        let repo = shop();
        repo.write(path, text);
        let escaped: Vec<String> = told.iter().map(|word| word.replace('"', "\\\"")).collect();
        let told: Vec<&str> = escaped.iter().map(String::as_str).collect();
        assert_check(&repo, &[], "attributes", "found", &told);
        assert_check(&repo, &["--repair"], "attributes", "cannot", &told[..1]);
    }
}

/// A workspace of an older release has no line for what is said of launches later.
#[test]
fn attributes_of_an_older_release() {
    let repo = shop();
    let ours = repo.read(".gitattributes");
    let older: String = ours
        .split_inclusive('\n')
        .filter(|line| !line.contains("annotations"))
        .collect();
    repo.write(".gitattributes", format!("{older}# mine\n"));
    let told = ["annotations/launch/note.yaml", "--repair` adds the missing"];
    assert_check(&repo, &[], "attributes", "found", &told);
    assert_check(
        &repo,
        &["--repair"],
        "attributes",
        "repaired",
        &["commit it"],
    );
    assert_eq!(repo.read(".gitattributes"), format!("{ours}# mine\n"));
    assert_check(&repo, &[], "attributes", "ok", &[]);
}

/// Attachments are excepted where they go to git-lfs, and have to go there.
#[test]
fn attributes_where_attachments_are_in_git_lfs() {
    let ours = crate::shop::FILES[1].1;
    let lfs = "projects/*/launches/**/attachments/** filter=lfs diff=lfs merge=lfs -text\n";
    let repo = shop();
    repo.write("tallybook.yaml", "format: 1\nattachments: {store: lfs}\n");
    repo.write(".gitattributes", format!("{ours}{lfs}"));
    assert_check(&repo, &[], "attributes", "ok", &[]);
    // Whatever else git-lfs has: the one line below ours decides.
    repo.write(
        ".gitattributes",
        format!("*.png filter=lfs diff=lfs merge=lfs -text\n{ours}{lfs}"),
    );
    assert_check(&repo, &[], "attributes", "ok", &[]);
    // Above ours, or absent, checkouts would hold pointers.
    for wrong in [format!("{lfs}{ours}"), ours.to_owned(), String::new()] {
        repo.write(".gitattributes", &wrong);
        let told = ["checkouts hold pointers", "--repair", lfs.trim()];
        assert_check(&repo, &[], "attributes", "found", &told);
        assert_check(
            &repo,
            &["--repair"],
            "attributes",
            "repaired",
            &["commit it"],
        );
        assert_check(&repo, &[], "attributes", "ok", &[]);
        let text = repo.read(".gitattributes");
        assert!(
            text.starts_with(wrong.trim_end()) && text.ends_with(lfs),
            "{text}"
        );
    }
    // Nothing but attachments may go there.
    repo.write(
        ".gitattributes",
        format!("{ours}{lfs}*.yaml filter=lfs diff=lfs merge=lfs\n"),
    );
    let told = [
        "*.yaml filter=lfs",
        "run a filter",
        "launch.yaml",
        "move line 5",
    ];
    assert_check(&repo, &[], "attributes", "found", &told);
    // And nothing where they are not kept by it.
    repo.write("tallybook.yaml", "format: 1\n");
    repo.write(".gitattributes", format!("{ours}{lfs}"));
    let told = ["attachments/** filter=lfs", "merge lines", "move line 4"];
    assert_check(&repo, &[], "attributes", "found", &told);
}

#[test]
fn attributes_of_a_person_s_own() {
    let repo = shop();
    repo.write("../own", "*.txt text eol=crlf\n* ident\n");
    repo.git(["config", "core.attributesFile", "../own"]);
    assert_check(&repo, &[], "attributes", "ok", &[]);
    repo.write(".gitattributes", "projects/** -text merge=binary\n");
    assert_check(
        &repo,
        &[],
        "attributes",
        "found",
        &["* ident", "line 2 of", "own", "--repair"],
    );
    repo.write(".gitattributes", "projects/** merge=binary\n");
    repo.git(["config", "core.autocrlf", "true"]);
    assert_check(&repo, &[], "attributes", "found", &["text eol=crlf"]);
    assert_check(
        &repo,
        &["--repair"],
        "attributes",
        "repaired",
        &["commit it"],
    );
    assert_check(&repo, &[], "attributes", "ok", &["core.autocrlf", "exempt"]);
    let text = repo.read(".gitattributes");
    assert!(text.starts_with("projects/** merge=binary\n"), "{text}");
    repo.answer(["doctor", "--repair"]);
    assert_eq!(repo.read(".gitattributes"), text);
}

#[test]
fn attributes_of_a_bare_repository_and_of_a_branch() {
    let fleet = Fleet::new(&["a"]);
    let (ran, _) = checks(&fleet.0, "origin.git", &[]);
    assert_eq!(ran.code, Some(0), "{ran}");
    fleet.0.write("a/.gitattributes", "* text\n");
    fleet
        .0
        .git_in("a", ["commit", "--quiet", "--all", "-m", "Text"]);
    fleet.0.git_in("a", ["push", "--quiet"]);
    let (ran, _) = checks(&fleet.0, "origin.git", &[]);
    assert!(
        ran.code == Some(1) && ran.stdout.contains("of `HEAD`"),
        "{ran}"
    );
    // A branch that launches have to themselves is what counts.
    let repo = shop();
    repo.git(["branch", "evidence"]);
    repo.write(".gitattributes", "* text\n");
    repo.write(
        "tallybook.yaml",
        "format: 1\nlaunches: {branch: evidence}\n",
    );
    assert_check(&repo, &[], "attributes", "ok", &[]);
    repo.commit("Text");
    repo.git(["branch", "--force", "evidence"]);
    assert_check(
        &repo,
        &["--repair"],
        "attributes",
        "cannot",
        &["of `refs/heads/evidence`"],
    );
}

#[test]
fn a_merge_driver_that_is_selected_or_registered_alone() {
    let repo = shop();
    let name = "merge driver";
    assert_check(&repo, &[], name, "ok", &["none is selected"]);
    repo.git([
        "config",
        "merge.tallybook.driver",
        "tallybook merge-driver %O %A %B",
    ]);
    assert_check(&repo, &[], name, "found", &["no attribute selects"]);
    assert_check(&repo, &["--repair"], name, "repaired", &["added the lines"]);
    assert_check(&repo, &[], name, "ok", &["selected and registered"]);
    repo.git(["config", "--unset", "merge.tallybook.driver"]);
    assert_check(&repo, &[], name, "note", &["none is registered"]);
    assert_check(&repo, &["--repair"], name, "repaired", &["registered it"]);
    assert_check(&repo, &[], name, "ok", &["selected and registered"]);
}

#[test]
fn approvals_of_two_branches_both_stay() {
    let repo = shop();
    let name = "approvals";
    repo.answer(["approve", "SHOP-MA1DRK"]);
    repo.commit("Approve");
    assert_check(&repo, &[], name, "found", &["conflict", "merge=union"]);
    let told = ["added the line", "git add .gitattributes"];
    assert_check(&repo, &["--repair"], name, "repaired", &told);
    assert_check(&repo, &[], name, "ok", &["both stay"]);
    let lines = repo.read(".gitattributes");
    assert_eq!(lines.matches("merge=union").count(), 1, "{lines}");
    repo.write(".gitattributes", lines.clone() + "*.yaml merge=binary\n");
    let told = ["`*.yaml merge=binary`", "put the line"];
    assert_check(&repo, &[], name, "found", &told);
    repo.write(".gitattributes", lines);
    repo.commit("Keep both sides");
    // What it is for: two branches approve one case, and git merges them.
    let file = "projects/shop/approvals/SHOP-MA1DRK.yaml";
    let text = repo.read(file);
    let line = text.lines().last().expect("a line").to_owned();
    for (branch, who) in [("one", "bob"), ("two", "eve")] {
        repo.git(["checkout", "--quiet", "-b", branch, "main"]);
        repo.write(file, format!("{text}{}\n", line.replace("alice", who)));
        repo.commit(who);
    }
    repo.git(["merge", "--quiet", "-m", "Both", "one"]);
    let merged = repo.read(file);
    for who in ["alice", "bob", "eve"] {
        assert!(merged.contains(who), "{merged}");
    }
    let fresh = TestRepo::new();
    fresh.answer(["init", "--name", "Shop"]);
    assert!(
        fresh
            .read(".gitattributes")
            .contains("approvals/*.yaml merge=union")
    );
}

#[test]
fn names_that_are_one_elsewhere() {
    let repo = shop();
    let cases = "projects/shop/cases";
    for name in ["Mail/a.md", "mail/a.md", "caf\u{e9}.md", "cafe\u{301}.md"] {
        repo.write(&format!("{cases}/{name}"), "---\ntitle: x\n---\n");
    }
    assert_check(
        &repo,
        &[],
        "names",
        "found",
        &["cases/Mail", "cases/mail", "in case", "git mv"],
    );
    assert_check(
        &repo,
        &["--repair"],
        "names",
        "found",
        &["caf\u{e9}.md", "accents"],
    );
}

#[test]
fn a_launch_that_was_not_pushed() {
    let fleet = Fleet::new(&["a"]);
    let report = fleet.report("r.xml");
    let url = format!("file://{}/origin.git", fleet.0.root().display());
    fleet
        .0
        .git_in("a", ["remote", "set-url", "origin", "/nowhere/at-all.git"]);
    let kept = fleet.run("a", ["launch", "append", "--key", "k", &report, "--push"]);
    assert_refused(&kept, &["is kept here"]);
    let (ran, _) = checks(&fleet.0, "a", &["--repair"]);
    assert!(
        ran.code == Some(1) && ran.stdout.contains("launch sync k-"),
        "{ran}"
    );
    fleet.0.git_in("a", ["remote", "set-url", "origin", &url]);
    fleet.answer("a", ["launch", "sync"]);
    let (ran, _) = checks(&fleet.0, "a", &[]);
    assert!(
        ran.code == Some(0) && ran.stdout.contains("launch close k-"),
        "{ran}"
    );
    fleet.clone_as("shallow", &["--depth", "1"]);
    let (ran, _) = checks(&fleet.0, "shallow", &[]);
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_launch_that_does_not_read_hides_nothing() {
    let repo = shop();
    let (bad, good) = (repo.open_launch("Bad"), repo.open_launch("Good"));
    repo.write(
        &format!(".git/tallybook/open/SHOP/{bad}/open.yaml"),
        "name: [",
    );
    assert_check(
        &repo,
        &["--repair"],
        "open launches",
        "found",
        &[&bad, "does not read"],
    );
    assert_check(&repo, &[], "open launches", "note", &[&good]);
}
