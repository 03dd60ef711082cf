//! The command line as such: help, usage, colours, pipes.

use std::process::Stdio;

use crate::repo::TestRepo;

#[test]
fn help_is_one_screen() {
    let help = TestRepo::without_git().run(["-h"]);
    assert_eq!(help.code, Some(0), "{help}");
    assert!(help.stdout.lines().count() <= 60, "{help}");
    for shown in [
        "Usage: tallybook",
        "  validate ",
        "  explain ",
        "--color <WHEN>",
    ] {
        assert!(help.stdout.contains(shown), "{shown}\n{help}");
    }
}

#[test]
fn version() {
    let repo = TestRepo::without_git();
    insta::assert_snapshot!(repo.run(["--version"]), @r#"
    tallybook [VERSION]
    [exit 0]
    "#);
}

#[test]
fn a_mistyped_verb_is_corrected() {
    let repo = TestRepo::without_git();
    insta::assert_snapshot!(repo.run(["explian"]), @r#"
    --- stderr ---
    error: unrecognized subcommand 'explian'

      tip: a similar subcommand exists: 'explain'

    Usage: tallybook [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit 2]
    "#);
}

#[test]
fn color_follows_flag_and_environment() {
    let repo = TestRepo::without_git();
    let colored = |args| repo.run(args).stderr.contains('\u{1b}');
    assert!(!colored(["explain", "nope", "--color=auto"]));
    assert!(colored(["explain", "nope", "--color=always"]));
    let repo = repo.env("CLICOLOR_FORCE", "1");
    assert!(repo.run(["explain", "nope"]).stderr.contains('\u{1b}'));
    assert!(
        !repo
            .run(["explain", "nope", "--color=never"])
            .stderr
            .contains('\u{1b}')
    );
    let repo = repo.env("NO_COLOR", "1");
    assert!(!repo.run(["explain", "nope"]).stderr.contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let repo = TestRepo::without_git();
    let mut command = repo.command("", &["explain"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_folder_must_exist() {
    let repo = TestRepo::without_git();
    insta::assert_snapshot!(repo.run(["-C", "nowhere", "explain"]), @r#"
    --- stderr ---
    error: `nowhere` is no folder
    hint: `-C` takes the folder to run in
    [exit 2]
    "#);
}

#[test]
fn a_bad_time_in_the_environment_is_told() {
    let repo = TestRepo::without_git().env("TALLYBOOK_NOW", "soon");
    insta::assert_snapshot!(repo.run(["explain", "TB0150"]), @r#"
    --- stderr ---
    error: `TALLYBOOK_NOW` is wrong: `soon` is no time, expected `2026-11-22T18:43:00Z` or `2026-11-22`
    [exit 2]
    "#);
}

#[test]
fn a_rule_is_explained_by_code_and_by_name() {
    let repo = TestRepo::without_git();
    let by_code = repo.run(["explain", "tb0150"]);
    assert_eq!(by_code.code, Some(0), "{by_code}");
    assert!(
        by_code
            .stdout
            .starts_with("# TB0150: project-folder-name\n")
    );
    assert_eq!(
        by_code.stdout,
        repo.run(["explain", "project-folder-name"]).stdout
    );
}

#[test]
fn an_unknown_rule_is_corrected() {
    let repo = TestRepo::without_git();
    insta::assert_snapshot!(repo.run(["explain", "project-folder-nam"]), @r#"
    --- stderr ---
    error: no rule has the code or name `project-folder-nam`
    hint: did you mean `tallybook explain project-folder-name`?
    [exit 2]
    "#);
}
