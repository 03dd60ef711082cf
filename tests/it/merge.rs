//! The merge driver, called by git itself.

use crate::repo::{Ran, TestRepo};

const CASE: &str = "projects/shop/cases/auth/expired.md";

const TEXT: &str = "\
---
id: SHOP-K4F7QM
title: Sign in with a password that has expired
status: draft
layer: e2e
tags: [auth]
---

What this proves.

## Steps

1. Open the sign-in page.
   - **Expected:** the form is shown.
1. Submit the form.
   - **Expected:** the page asks for a new password.
1. Close the browser.
";

/// A workspace with one case, whose repository knows the driver.
fn shop() -> TestRepo {
    let repo = TestRepo::new();
    let ran = repo.run(["init", "--name", "Shop", "--key", "SHOP"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("registered the merge driver"), "{ran}");
    repo.write(CASE, TEXT);
    repo.commit("Set up");
    repo
}

/// Commits an edit of the case on a branch that starts where another one is.
fn edit(repo: &TestRepo, branch: &str, from: &str, edits: &[(&str, &str)]) {
    repo.git(["checkout", "-q", "-B", branch, from]);
    let path = repo.git(["ls-files", "projects/shop/cases/auth"]);
    let mut text = repo.read(&path);
    for (old, new) in edits {
        assert!(text.contains(old), "`{old}` is in {text}");
        text = text.replacen(old, new, 1);
    }
    repo.write(&path, text);
    repo.commit(branch);
}

const OURS: &[(&str, &str)] = &[
    ("status: draft", "status: active"),
    ("[auth]", "[auth, smoke]"),
    ("shown.\n", "shown.\n1. Fill in the form.\n"),
];

const THEIRS: &[(&str, &str)] = &[
    ("layer: e2e", "layer: api"),
    ("[auth]", "[auth, nightly]"),
    ("Submit the form.", "Submit the form with the old password."),
];

const MERGED: &str = "\
---
id: SHOP-K4F7QM
title: Sign in with a password that has expired
status: active
layer: api
tags: [auth, nightly, smoke]
---

What this proves.

## Steps

1. Open the sign-in page.
   - **Expected:** the form is shown.
1. Fill in the form.
1. Submit the form with the old password.
   - **Expected:** the page asks for a new password.
1. Close the browser.
";

/// Two branches whose changes git itself can't merge.
fn diverged() -> TestRepo {
    let repo = shop();
    edit(&repo, "ours", "main", OURS);
    edit(&repo, "theirs", "main", THEIRS);
    repo
}

#[track_caller]
fn assert_merged(repo: &TestRepo, ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(repo.read(CASE), MERGED);
    let validated = repo.run(["validate"]);
    assert_eq!(validated.code, Some(0), "{validated}");
}

#[test]
fn git_merges_rebases_and_picks_by_meaning() {
    let repo = diverged();
    repo.git(["checkout", "-q", "ours"]);
    assert_merged(
        &repo,
        &repo.git_output("", &["merge", "-q", "-m", "Merge", "theirs"]),
    );
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    repo.git(["checkout", "-q", "-B", "picked", "theirs"]);
    assert_merged(&repo, &repo.git_output("", &["cherry-pick", "ours^1"]));
    repo.git(["checkout", "-q", "-B", "rebased", "theirs"]);
    assert_merged(&repo, &repo.git_output("", &["rebase", "-q", "ours^1"]));
    repo.git(["checkout", "-q", "-B", "stopped", "theirs"]);
    assert_merged(
        &repo,
        &repo.git_output("", &["merge", "-q", "--no-commit", "ours^1"]),
    );
    assert_eq!(repo.git(["status", "--porcelain"]), format!("M  {CASE}"));
}

#[test]
fn what_collides_stands_between_markers_of_git() {
    let repo = shop();
    let expectation = |text: &'static str| [("asks for a new password", text)];
    edit(
        &repo,
        "ours",
        "main",
        &[&expectation("says why")[..], OURS].concat(),
    );
    edit(
        &repo,
        "theirs",
        "main",
        &[&expectation("says when")[..], THEIRS].concat(),
    );
    repo.git(["checkout", "-q", "ours"]);
    let ran = repo.git_output("", &["merge", "theirs"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("CONFLICT (content)"), "{ran}");
    let conflict = "<<<<<<< HEAD\n   - **Expected:** the page says why.\n=======\n   - **Expected:** the page says when.\n>>>>>>> theirs\n";
    let expected = MERGED.replace(
        "   - **Expected:** the page asks for a new password.\n",
        conflict,
    );
    assert_eq!(repo.read(CASE), expected);
    let validated = repo.run(["validate"]);
    assert_eq!(validated.code, Some(1), "{validated}");
    assert!(validated.stdout.contains("TB0105"), "{validated}");
    repo.git(["merge", "--abort"]);
    // As long and as detailed as people ask for.
    repo.git(["config", "merge.conflictStyle", "diff3"]);
    repo.write(".git/info/attributes", "*.md conflict-marker-size=9\n");
    assert_eq!(repo.git_output("", &["merge", "theirs"]).code, Some(1));
    let text = repo.read(CASE);
    assert!(
        text.contains("<<<<<<<<< HEAD\n") && text.contains("\n=========\n"),
        "{text}"
    );
    assert!(
        text.contains("|||||||||") && text.contains("asks for a new password"),
        "{text}"
    );
}

#[test]
fn a_renamed_case_is_still_merged() {
    let repo = diverged();
    repo.git(["checkout", "-q", "ours"]);
    repo.git(["mv", CASE, "projects/shop/cases/auth/renamed.md"]);
    repo.commit("Rename");
    let ran = repo.git_output("", &["merge", "-q", "-m", "Merge", "theirs"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(repo.read("projects/shop/cases/auth/renamed.md"), MERGED);
}

#[test]
fn branches_that_merged_each_other_are_merged_again() {
    let repo = shop();
    edit(
        &repo,
        "ours",
        "main",
        &[
            ("status: draft", "status: active"),
            ("Close the", "Close the old"),
        ],
    );
    edit(
        &repo,
        "theirs",
        "main",
        &[("layer: e2e", "layer: api"), ("Close the", "Close the new")],
    );
    // Each takes the other in, and decides otherwise what collides: what they come from is then a merge
    // of both, with the markers of its conflict.
    for (branch, other, word) in [("ours", "theirs", "old"), ("theirs", "ours^1", "new")] {
        repo.git(["checkout", "-q", branch]);
        let ran = repo.git_output("", &["merge", other]);
        assert_eq!(ran.code, Some(1), "{ran}");
        let text = repo.read(CASE);
        let (head, rest) = text.split_once("<<<<<<< ").expect("a conflict");
        let (_, tail) = rest.split_once(">>>>>>> ").expect("a conflict");
        let tail = tail.split_once('\n').expect("a line").1;
        repo.write(CASE, format!("{head}1. Close the {word} browser.\n{tail}"));
        repo.commit("Merge");
    }
    edit(
        &repo,
        "theirs",
        "theirs",
        &[("What this proves.", "What this proves, and why.")],
    );
    edit(&repo, "ours", "ours", &[("[auth]", "[auth, smoke]")]);
    let bases = repo.git(["merge-base", "--all", "ours", "theirs"]);
    assert_eq!(bases.lines().count(), 2, "{bases}");
    let ran = repo.git_output("", &["merge", "theirs"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let text = repo.read(CASE);
    for kept in [
        "status: active",
        "layer: api",
        "smoke",
        "and why",
        "old browser",
        "new browser",
    ] {
        assert!(text.contains(kept), "`{kept}`: {text}");
    }
    // What both decided alike is no conflict.
    repo.git(["merge", "--abort"]);
    edit(&repo, "ours", "ours", &[("old browser", "new browser")]);
    let ran = repo.git_output("", &["merge", "-q", "-m", "Merge", "theirs"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let text = repo.read(CASE);
    assert!(text.contains("smoke") && text.contains("and why"), "{text}");
    assert_eq!(text.matches("browser").count(), 1, "{text}");
}

#[test]
fn a_clone_that_does_not_know_the_driver_merges_lines() {
    let repo = diverged();
    repo.git(["clone", "-q", ".", "../clone"]);
    for branch in ["ours", "theirs"] {
        repo.git_in("../clone", ["checkout", "-q", branch]);
    }
    let ran = repo.git_output("../clone", &["merge", "ours"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    repo.git_in("../clone", ["merge", "--abort"]);
    let told = repo.run_in("../clone", ["doctor"]);
    assert_eq!(told.code, Some(0), "{told}");
    assert!(
        told.stdout.contains("none is registered: git merges lines"),
        "{told}"
    );
    let installed = repo.run_in("../clone", ["hook", "install"]);
    assert_eq!(installed.code, Some(0), "{installed}");
    let told = repo.run_in("../clone", ["doctor"]);
    assert!(
        told.stdout.contains("it is selected and registered"),
        "{told}"
    );
    let ran = repo.git_output("../clone", &["merge", "-q", "-m", "Merge", "ours"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(repo.read(&format!("../clone/{CASE}")), MERGED);
}

#[test]
fn no_side_is_lost_where_the_driver_can_not_run() {
    let repo = diverged();
    let driver = repo.git(["config", "merge.tallybook.driver"]);
    let gone = format!(
        "'/none/tally book' {}",
        driver
            .split_once("merge-driver")
            .expect("named")
            .1
            .trim_start()
    );
    let gone = gone.replacen("' ", "' merge-driver ", 1);
    repo.git(["config", "merge.tallybook.driver", &gone]);
    let told = repo.run(["doctor"]);
    assert_eq!(told.code, Some(1), "{told}");
    assert!(
        told.stdout
            .contains("`/none/tally book` is registered and is not there"),
        "{told}"
    );
    repo.git(["checkout", "-q", "ours"]);
    let ran = repo.git_output("", &["merge", "theirs"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let text = repo.read(CASE);
    for kept in [
        "<<<<<<< HEAD",
        "status: active",
        "layer: api",
        ">>>>>>> theirs",
    ] {
        assert!(text.contains(kept), "`{kept}`: {text}");
    }
    repo.git(["merge", "--abort"]);
    let mended = repo.run(["doctor", "--repair"]);
    assert_eq!(mended.code, Some(0), "{mended}");
    assert_eq!(repo.git(["config", "merge.tallybook.driver"]), driver);
    // Bytes that are no text are git's own matter too.
    for branch in ["ours", "theirs"] {
        repo.git(["checkout", "-q", branch]);
        let mut bytes = repo.read(CASE).into_bytes();
        bytes.extend([b'#', 0xff, b'\n']);
        repo.write(CASE, bytes);
        repo.commit("Latin");
    }
    let ran = repo.git_output("", &["merge", "ours"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let bytes = std::fs::read(repo.root().join(CASE)).expect("reads");
    let text = String::from_utf8_lossy(&bytes);
    assert!(
        text.contains("<<<<<<< HEAD") && text.contains("status: active"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_program_whose_path_has_spaces_runs() {
    let repo = diverged();
    let guard = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("made");
    let folder = guard.path().join("it's 100% here");
    std::fs::create_dir_all(&folder).expect("made");
    let program = folder.join("tally book");
    std::fs::hard_link(env!("CARGO_BIN_EXE_tallybook"), &program).expect("linked");
    let mut command = std::process::Command::new(&program);
    repo.isolate(&mut command, &repo.root());
    command.args(["hook", "install"]);
    let ran = repo.finish(command);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        repo.git(["config", "merge.tallybook.driver"])
            .contains("100%% here")
    );
    repo.git(["checkout", "-q", "ours"]);
    assert_merged(
        &repo,
        &repo.git_output("", &["merge", "-q", "-m", "Merge", "theirs"]),
    );
    // By its name, where that is what runs.
    let named = folder.join("tallybook");
    std::os::unix::fs::symlink(&program, &named).expect("linked");
    let mut command = std::process::Command::new(&named);
    repo.isolate(&mut command, &repo.root());
    let path = format!(
        "{}:{}",
        folder.display(),
        std::env::var("PATH").expect("set")
    );
    command.args(["hook", "install"]).env("PATH", path);
    assert_eq!(repo.finish(command).code, Some(0));
    let driver = repo.git(["config", "merge.tallybook.driver"]);
    assert!(driver.starts_with("tallybook merge-driver "), "{driver}");
}

#[test]
fn a_file_that_both_sides_add() {
    const PLAN: &str = "projects/shop/plans/smoke.yaml";
    let added = |ours: &str, theirs: &str| -> (TestRepo, Ran) {
        let repo = shop();
        for (branch, text) in [("theirs", theirs), ("ours", ours)] {
            repo.git(["checkout", "-q", "-B", branch, "main"]);
            repo.write(PLAN, text);
            // Not the same commit, even where they are the same files.
            repo.write("note.txt", branch);
            repo.git(["add", PLAN]);
            repo.git(["commit", "-q", "-m", branch]);
        }
        let ran = repo.git_output("", &["merge", "-q", "-m", "Merge", "theirs"]);
        (repo, ran)
    };
    let text = "name: Smoke\nquery: tag = smoke\n";
    let (repo, ran) = added(text, text);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!((repo.read(PLAN).as_str(), ran.stderr.as_str()), (text, ""));
    let (repo, ran) = added(text, "name: Smoke\nquery: tag = fast\n");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stderr
            .contains("is merged by lines: both sides added it"),
        "{ran}"
    );
    assert_eq!(
        repo.read(PLAN),
        "name: Smoke\n<<<<<<< HEAD\nquery: tag = smoke\n=======\nquery: tag = fast\n>>>>>>> theirs\n"
    );
}

#[test]
fn the_command_says_what_it_can_not_do() {
    let repo = TestRepo::new();
    repo.write("base", "name: a\n")
        .write("ours", "name: b\n")
        .write("theirs", "name: [\n");
    let ran = repo.run([
        "merge-driver",
        "base",
        "ours",
        "theirs",
        "projects/shop/plans/p.yaml",
    ]);
    insta::assert_snapshot!(ran, @r"
    --- stderr ---
    warning: `projects/shop/plans/p.yaml` is merged by lines: a version of it can't be taken apart
    [exit 1]
    ");
    assert_eq!(
        repo.read("ours"),
        "<<<<<<< ours\nname: b\n=======\nname: [\n>>>>>>> theirs\n"
    );
    let ran = repo.run(["merge-driver", "base", "ours", "nothing", "p.yaml"]);
    assert_eq!(ran.code, Some(2), "{ran}");
}

#[test]
fn attributes_that_are_missing_or_overruled_are_told() {
    let repo = shop();
    repo.write(
        ".gitattributes",
        "projects/*/cases/**/*.md merge=tallybook\n",
    );
    let told = repo.run(["doctor"]);
    assert!(
        told.stdout
            .contains("and not for `projects/shop/project.yaml`"),
        "{told}"
    );
    let mended = repo.run(["doctor", "--repair"]);
    assert!(
        mended.stdout.contains("added the lines that select it"),
        "{mended}"
    );
    assert!(
        repo.run(["doctor"])
            .stdout
            .contains("it is selected and registered")
    );
    let lines = repo.read(".gitattributes");
    repo.write(".gitattributes", format!("{lines}*.md merge=union\n"));
    let told = repo.run(["doctor"]);
    assert_eq!(told.code, Some(1), "{told}");
    assert!(told.stdout.contains("`*.md merge=union` in line"), "{told}");
}
