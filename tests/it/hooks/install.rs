//! The hook itself: installing it, and input that it can't judge.

use super::Server;
use crate::repo::{TestRepo, assert_refused};

#[test]
fn installing_is_repeatable_and_keeps_what_is_there() {
    let repo = TestRepo::without_git();
    repo.git(["init", "-q", "--bare", "--initial-branch=main", "o.git"]);
    repo.write("o.git/hooks/pre-receive", "#!/bin/sh\ncat >&2\nexit 0\n");
    let ran = repo.run_in("o.git", ["hook", "install"]);
    assert_refused(
        &ran,
        &[
            "is there already, and is not ours",
            "`tallybook hook install --force`",
        ],
    );
    let ran = repo.run_in("o.git", ["hook", "install", "--force"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let first = repo.read("o.git/hooks/pre-receive");
    let ran = repo.run_in("o.git", ["hook", "install"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(repo.read("o.git/hooks/pre-receive"), first);
    assert!(first.contains("pre-receive.before-tallybook"));
    assert_eq!(
        repo.git_in("o.git", ["config", "receive.fsckObjects"]),
        "true"
    );
    // Both run: the old one says what it got.
    repo.git(["clone", "-q", "o.git", "dev"]);
    repo.write("dev/a.txt", "1");
    repo.git_in("dev", ["add", "."]);
    repo.git_in("dev", ["commit", "-qm", "one"]);
    let aside = repo.root().join("o.git/hooks/pre-receive.before-tallybook");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&aside, mode).expect("set");
    let pushed = repo.git_output("dev", &["push", "origin", "HEAD:main"]);
    assert_eq!(pushed.code, Some(0), "{pushed}");
    assert!(pushed.stderr.contains("refs/heads/main"), "{pushed}");
    std::fs::write(&aside, "#!/bin/sh\nexit 1\n").expect("written");
    repo.git_in("dev", ["commit", "-qm", "two", "--allow-empty"]);
    let pushed = repo.git_output("dev", &["push", "origin", "HEAD:main"]);
    assert_eq!(pushed.code, Some(1), "{pushed}");
    let worktree = repo.run_in("dev", ["hook", "install"]);
    assert_eq!(worktree.code, Some(0), "{worktree}");
    assert!(
        worktree.stderr.contains("hook install --server"),
        "{worktree}"
    );
    let driver = repo.git_in("dev", ["config", "merge.tallybook.driver"]);
    assert!(driver.contains("merge-driver"), "{driver}");
    assert!(!repo.root().join("dev/.git/hooks/pre-receive").exists());
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let server = Server::template_named("hooks-odd");
    let judge = |input: &str| {
        server.shell(&format!(
            "cd ../origin.git; printf '{input}' | tallybook hook pre-receive"
        ))
    };
    let id = server.0.git_in("dev", ["rev-parse", "HEAD"]);
    let zero = "0".repeat(40);
    let missing = "1".repeat(40);
    for (input, words) in [
        ("nonsense\\n".to_owned(), "stdin holds other lines"),
        (
            format!("{zero} {missing} refs/heads/x\\n"),
            "it can't be checked: object",
        ),
        (
            format!("{zero} {id} HEAD\\n"),
            "a reference's name begins with `refs/`",
        ),
    ] {
        let ran = judge(&input);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(
            ran.stderr.starts_with("tallybook: ") && ran.stderr.contains(words),
            "{ran}"
        );
    }
    let other = server
        .shell("cd ../origin.git; git symbolic-ref HEAD refs/heads/master; tallybook hook install");
    assert!(
        other.stderr.contains("there is no refs/heads/master here"),
        "{other}"
    );
    assert!(other.stderr.contains("--rules refs/heads/main`"), "{other}");
    assert_eq!(judge("").code, Some(0));
    assert_eq!(judge(&format!("{zero} {id} refs/heads/x\\n")).code, Some(0));
}

#[test]
fn whose_rules_bind_is_a_matter_of_servers() {
    let repo = TestRepo::new();
    let ran = repo.run(["hook", "install", "--rules", "refs/heads/main"]);
    assert_refused(
        &ran,
        &["`tallybook hook install --server --rules refs/heads/main`"],
    );
    let driver = repo.git_output("", &["config", "merge.tallybook.driver"]);
    assert_eq!(driver.code, Some(1), "nothing was done: {driver}");
}
