//! Small words: what is refused as it is typed, and what is said of it.

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{junit, shop};

#[test]
fn a_text_that_says_nothing_is_refused() {
    let repo = shop();
    let id = repo.open_launch("one");
    for (args, flag) in [
        (
            ["launch", "close", &id, "--meaning", ""],
            "--meaning <TEXT>",
        ),
        (["launch", "close", &id, "--reason", " "], "--reason <TEXT>"),
        (["init", "new", "--quiet", "--name", "  "], "--name <NAME>"),
    ] {
        assert_refused(&repo.run(args), &[flag, "the text is empty"]);
    }
    let project = repo.run(["project", "new", " "]);
    assert_refused(&project, &["the text is empty"]);
    assert!(!repo.root().join("new").exists());
}

#[test]
fn pushing_means_something_else_for_each_verb() {
    let repo = TestRepo::new();
    let of = |verb: &str| {
        let help = repo.answer(["launch", verb, "--help"]);
        let at = help.find("\n      --push").expect("an option");
        let words: Vec<&str> = help[at..].split_whitespace().take(14).collect();
        words.join(" ")
    };
    assert!(of("open").starts_with("--push Share it through the remote"));
    assert!(of("append").starts_with("--push Share it through the remote"));
    assert!(of("close").starts_with("--push Close it with all parts that are on the remote"));
    assert!(of("discard").starts_with("--push Throw away what the remote has of it, too"));
}

#[test]
fn a_receipt_is_one_in_any_letter_case() {
    let repo = shop();
    repo.write("../r.xml", junit(&[("a", "")]));
    let (_, receipt) = repo.close_with("one", "../r.xml");
    let lower = repo.answer(["verify", "--receipt", &receipt]);
    for shown in [
        receipt.to_uppercase(),
        format!("SHA256:{}", receipt.to_uppercase()),
        format!(" sha256:{receipt}\n"),
    ] {
        assert_eq!(repo.answer(["verify", "--receipt", &shown]), lower);
    }
}

#[test]
fn a_revision_that_names_nothing_is_told_in_one_sentence() {
    let repo = shop();
    repo.git(["tag", "release-1"]);
    let cases = [
        (
            "nope",
            "`nope` names no commit",
            "`git log --oneline --all` shows",
        ),
        (
            "mian~3",
            "`mian~3` names no commit",
            "did you mean `main~3`?",
        ),
        (
            "relaese-1",
            "`relaese-1` names no commit",
            "did you mean `release-1`?",
        ),
        (
            "HEAD~9",
            "`HEAD~9` names no commit",
            "`git rev-parse --verify 'HEAD~9^{commit}'` says more",
        ),
        ("deadbeef", "`deadbeef` names no commit", "`git log"),
        ("", "an empty text names no commit", "as `HEAD` or `main`"),
        ("main:nope", "`nope` names no commit", "`git log"),
        ("HEAD^{tree}", "`HEAD^{tree}` names no commit", "`git log"),
        ("a\u{1b}[31mb", "names no commit", "`git log"),
    ];
    for (rev, said, hint) in cases {
        let ran = repo.run(["launch", "list", "--at", rev]);
        assert_refused(&ran, &[said, hint]);
        assert!(!ran.stderr.contains("caused by"), "{ran}");
    }
    for args in [
        ["verify", "--since", "mian"],
        ["verify", "--rules", "mian"],
        ["verify", "--at", "mian"],
    ] {
        let ran = repo.run(args);
        assert_refused(&ran, &["`mian` names no commit", "did you mean `main`?"]);
        assert!(!ran.stderr.contains("caused by"), "{ran}");
    }
}
