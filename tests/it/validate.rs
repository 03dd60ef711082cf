//! `tallybook validate`, by workspaces that are right and wrong.
//!
//! Each folder `tests/fixtures/validate/TB…` has files that are laid over `base/`: those below
//! `bad/` give the lines of `expected.txt`, those below `good/` none. Run the tests with
//! `TALLYBOOK_BLESS=1` to write `expected.txt` anew, and read the difference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::repo::{Ran, TestRepo};

/// Rules whose files can't be made on every system, and those of commands other than `validate`; other tests have them.
const WITHOUT_FIXTURE: [&str; 26] = [
    "TB0220", "TB0221", "TB0310", "TB0311", "TB0312", "TB0313", // histories and merges
    "TB0380", "TB0381", "TB0382", "TB0383", "TB0384", "TB0385", // rendering
    "TB0390", "TB0391", "TB0392", "TB0393", "TB0394", "TB0395", "TB0396", "TB0397",
    "TB0398", // sheets
    "TB0401", "TB0402", "TB0403", "TB0404", "TB0410", // imports
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/validate")
}

/// The fixtures' codes.
fn codes() -> Vec<String> {
    let entries = std::fs::read_dir(fixtures()).expect("the folder lists");
    let names = entries.map(|e| e.expect("the entry reads").file_name());
    let names = names.map(|name| name.into_string().expect("UTF-8"));
    let mut codes: Vec<String> = names.filter(|name| name.starts_with("TB")).collect();
    codes.sort();
    codes
}

/// Copies all files below a folder into the working tree.
fn lay(repo: &TestRepo, folder: &Path) {
    for entry in walkdir::WalkDir::new(folder) {
        let Ok(entry) = entry else {
            continue;
        };
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).expect("below it");
            let bytes = std::fs::read(entry.path()).expect("the file reads");
            repo.write(path.to_str().expect("UTF-8"), bytes);
        }
    }
}

fn validate(code: &str, side: &str) -> Ran {
    let repo = TestRepo::without_git();
    lay(&repo, &fixtures().join("base"));
    lay(&repo, &fixtures().join(code).join(side));
    repo.run(["validate", "--format", "short", "--quiet"])
}

#[test]
fn bad_workspaces_give_the_expected_lines() {
    let mut wrong = Vec::new();
    for code in codes() {
        let ran = validate(&code, "bad");
        let file = fixtures().join(&code).join("expected.txt");
        if std::env::var_os("TALLYBOOK_BLESS").is_some() {
            std::fs::write(&file, &ran.stdout).expect("the file is written");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        let exit = i32::from(ran.stdout.contains(" error: "));
        let has_code = ran.stdout.contains(&format!("{code} "));
        if ran.stdout != expected || ran.code != Some(exit) || !has_code {
            wrong.push(format!("{code}\n{ran}\nexpected:\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn good_workspaces_give_nothing() {
    for code in codes() {
        let ran = validate(&code, "good");
        assert_eq!(ran.to_string(), "[exit 0]", "{code}");
    }
}

#[test]
fn every_rule_has_a_fixture() {
    let listed = TestRepo::without_git().run(["explain"]).stdout;
    let rules: BTreeSet<&str> = listed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|code| *code >= "TB0150" && !WITHOUT_FIXTURE.contains(code))
        .collect();
    let fixtures = codes();
    let fixtures: BTreeSet<&str> = fixtures.iter().map(String::as_str).collect();
    assert_eq!(rules, fixtures);
}

#[test]
fn the_example_workspace_has_no_findings() {
    let repo = TestRepo::without_git();
    lay(
        &repo,
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("example-repo"),
    );
    let ran = repo.run(["validate", "--quiet"]);
    assert_eq!(ran.to_string(), "[exit 0]");
}

/// A workspace with one error and one warning.
fn wrong() -> TestRepo {
    let repo = TestRepo::new();
    lay(&repo, &fixtures().join("base"));
    repo.write(
        "projects/shop/cases/auth/sign-in.md",
        "---\nid: SHOP-K4F7QM\ntitle: Sign in\nstatus: activ\nowner: bob\n---\n",
    );
    repo
}

#[test]
fn people_see_the_source() {
    insta::assert_snapshot!(wrong().run(["validate"]), @r#"
    error[TB0163]: status `activ` is not `draft`, `review`, `active` or `outdated`
     --> projects/shop/cases/auth/sign-in.md:4:9
      |
    4 | status: activ
      |         ^^^^^
      |
      = help: did you mean `active`?

    warning[TB0167]: the owner `bob` is no member of the project
     --> projects/shop/cases/auth/sign-in.md:5:8
      |
    5 | owner: bob
      |        ^^^
      |
      = help: name a member, or add `projects/shop/members/<name>.yaml`
    --- stderr ---
    1 error and 1 warning in 1 file
    hint: `tallybook explain TB0163` says more
    [exit 1]
    "#);
}

#[test]
fn json_is_an_array_with_the_promised_keys() {
    insta::assert_snapshot!(wrong().run(["validate", "--format", "json"]), @r#"
    [
      {
        "code": "TB0163",
        "name": "unknown-state",
        "severity": "error",
        "path": "projects/shop/cases/auth/sign-in.md",
        "line": 4,
        "column": 9,
        "end_line": 4,
        "end_column": 14,
        "message": "status `activ` is not `draft`, `review`, `active` or `outdated`",
        "help": "did you mean `active`?"
      },
      {
        "code": "TB0167",
        "name": "unknown-owner",
        "severity": "warning",
        "path": "projects/shop/cases/auth/sign-in.md",
        "line": 5,
        "column": 8,
        "end_line": 5,
        "end_column": 11,
        "message": "the owner `bob` is no member of the project",
        "help": "name a member, or add `projects/shop/members/<name>.yaml`"
      }
    ]
    --- stderr ---
    1 error and 1 warning in 1 file
    [exit 1]
    "#);
}

#[test]
fn github_gets_annotations_from_the_root_of_the_repository() {
    let repo = TestRepo::new();
    for path in ["tallybook.yaml", "projects/shop/project.yaml"] {
        let text = std::fs::read(fixtures().join("base").join(path)).expect("reads");
        repo.write(&format!("qa/{path}"), text);
    }
    let bob = "name: Bob Example\nemails: [bob@example.com]\nrole: writer\n";
    repo.write("qa/projects/shop/members/bob.yaml", bob);
    insta::assert_snapshot!(repo.run_in("qa", ["validate", "--format", "github"]), @r#"
    ::warning file=qa/projects/shop/project.yaml,title=TB0154 no-owner::the project `shop` has no member with the role `owner`%0Ahelp: add `projects/shop/members/<name>.yaml` with `role: owner`
    --- stderr ---
    1 warning in 1 file
    [exit 0]
    "#);
}

#[test]
fn warnings_alone_are_fine() {
    let repo = wrong();
    let text = repo.read("projects/shop/cases/auth/sign-in.md");
    repo.write(
        "projects/shop/cases/auth/sign-in.md",
        text.replace("activ", "draft"),
    );
    insta::assert_snapshot!(repo.run(["validate", "--format=short"]), @r#"
    projects/shop/cases/auth/sign-in.md:5:8: TB0167 warning: the owner `bob` is no member of the project (help: name a member, or add `projects/shop/members/<name>.yaml`)
    --- stderr ---
    1 warning in 1 file
    [exit 0]
    "#);
}

#[test]
fn paths_choose_what_is_reported() {
    let repo = wrong();
    repo.write("projects/shop/members/bob.yaml", "name: Bob\n");
    let all = repo.run(["validate", "--format=short"]);
    assert_eq!(all.stdout.lines().count(), 2, "{all}");
    insta::assert_snapshot!(repo.run(["validate", "--format=short", "projects/shop/members"]), @r#"
    projects/shop/members/bob.yaml: TB0155 error: the member `bob` has no email address (help: add `emails: [name@example.com]`, as git has it in `user.email`)
    --- stderr ---
    1 error in 1 file
    [exit 1]
    "#);
    let here = repo.run_in("projects/shop/cases", ["validate", "--format=short", "."]);
    assert!(
        here.stdout.contains("TB0163") && !here.stdout.contains("TB0155"),
        "{here}"
    );
    let none = repo.run(["validate", "--format=short", "tallybook.yaml"]);
    assert_eq!((none.stdout.as_str(), none.code), ("", Some(0)));
}

#[test]
fn wrong_paths_are_told() {
    let repo = wrong();
    insta::assert_snapshot!(repo.run(["validate", "projects/shop/case"]), @r#"
    --- stderr ---
    error: `projects/shop/case` does not exist
    hint: name files or folders of the workspace
    [exit 2]
    "#);
    repo.write("other/tallybook.yaml", "format: 1\ntitle: Other\n");
    insta::assert_snapshot!(repo.run(["validate", "projects", "/"]), @r#"
    --- stderr ---
    error: `/` is not in the workspace `[ROOT]`
    hint: check one workspace at a time
    [exit 2]
    "#);
}

#[test]
fn without_a_workspace_it_can_not_run() {
    insta::assert_snapshot!(TestRepo::new().run(["validate"]), @r#"
    --- stderr ---
    error: there is no `tallybook.yaml` in `[ROOT]` or in a folder above it
    hint: run `tallybook init` to make a workspace here, or name the folder of one with `-C DIR`
    [exit 2]
    "#);
}

#[test]
fn a_commit_is_read_as_it_was() {
    let repo = wrong();
    let bad = repo.commit("A mistyped state");
    let path = "projects/shop/cases/auth/sign-in.md";
    repo.write(path, repo.read(path).replace("activ", "draft"));
    assert_eq!(repo.run(["validate"]).code, Some(0));
    let then = repo.run(["validate", "--format=short", "--at", &bad]);
    assert!(then.stdout.contains("TB0163"), "{then}");
    assert_eq!(then.code, Some(1));
    let there = repo.run([
        "validate",
        "--format=short",
        "--at",
        &bad,
        "projects/shop/members",
    ]);
    assert_eq!(there.code, Some(0), "{there}");
    insta::assert_snapshot!(repo.run(["validate", "--at", "nothing"]), @r"
    --- stderr ---
    error: `nothing` names no commit
    hint: `git log --oneline --all` shows the commits that are here; `git rev-parse --verify 'nothing^{commit}'` says more
    [exit 2]
    ");
}

#[test]
fn a_commit_before_the_workspace_is_told() {
    let repo = TestRepo::new();
    repo.commit("Empty");
    lay(&repo, &fixtures().join("base"));
    insta::assert_snapshot!(repo.run(["validate", "--at", "HEAD"]), @r#"
    --- stderr ---
    error: there is no `tallybook.yaml` at `HEAD`
    hint: name a commit that has the workspace
    [exit 2]
    "#);
}

#[test]
fn time_can_be_set() {
    let repo = TestRepo::without_git();
    lay(&repo, &fixtures().join("base"));
    lay(&repo, &fixtures().join("TB0213/bad"));
    assert!(repo.run(["validate"]).stdout.contains("TB0213"));
    let before = repo.run(["validate", "--now", "2026-11-21"]);
    assert_eq!(before.stdout, "", "{before}");
    insta::assert_snapshot!(repo.run(["validate", "--now", "today"]), @r#"
    --- stderr ---
    error: invalid value 'today' for '--now <TIME>': `today` is no time, expected `2026-11-22T18:43:00Z` or `2026-11-22`

    For more information, try '--help'.
    [exit 2]
    "#);
}

#[test]
fn careless_files_are_findings() {
    let repo = TestRepo::without_git();
    lay(&repo, &fixtures().join("base"));
    let cases = "projects/shop/cases";
    repo.write(&format!("{cases}/binary.md"), b"---\n\0\x01\x02");
    repo.write(&format!("{cases}/latin1.md"), b"---\ntitle: caf\xe9\n---\n");
    repo.write(&format!("{cases}/empty.md"), "");
    repo.write(&format!("{cases}/huge.md"), vec![b'x'; (4 << 20) + 1]);
    repo.write(
        &format!("{cases}/conflict.md"),
        "---\n<<<<<<< HEAD\nid: A\n=======\nid: B\n>>>>>>> other\n---\n",
    );
    repo.write(
        &format!("{cases}/escape.md"),
        "---\nid: SHOP-A1\ntitle: x\nstatus: \"\\e[2J\\u202e\"\n---\n",
    );
    let ran = repo.run(["validate", "--format=short"]);
    assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']));
    insta::assert_snapshot!(ran, @r#"
    projects/shop/cases/binary.md: TB0101 error: there is a NUL byte in line 2, expected a text (help: remove the byte, or move a binary file elsewhere)
    projects/shop/cases/conflict.md:2:1: TB0105 error: a merge conflict is not resolved (help: keep what is right, remove the lines `<<<<<<<`, `=======` and `>>>>>>>`)
    projects/shop/cases/empty.md: TB0103 error: the file is empty
    projects/shop/cases/escape.md:4:9: TB0163 error: status `\u{1b}[2J\u{202e}` is not `draft`, `review`, `active` or `outdated`
    projects/shop/cases/huge.md: TB0102 error: the file has 4194305 bytes, expected at most 4194304 (help: split it, or move data elsewhere)
    projects/shop/cases/latin1.md: TB0100 error: line 2 is not UTF-8 (help: save the file as UTF-8)
    --- stderr ---
    6 errors in 6 files
    [exit 1]
    "#);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let repo = TestRepo::without_git();
    lay(&repo, &fixtures().join("base"));
    let link = repo.root().join("projects/shop/cases");
    std::os::unix::fs::symlink("/etc", link).expect("links");
    insta::assert_snapshot!(repo.run(["validate", "--format=short"]), @r#"
    projects/shop/cases: TB0133 error: this is a symbolic link, expected a file or a folder (help: put the file itself here: links are not followed)
    --- stderr ---
    1 error in 1 file
    [exit 1]
    "#);
}
