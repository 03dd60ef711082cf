//! `tallybook review` as reviewers and CI use it.

use serde_json::Value;

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{PROJECT, shop};

const DARK: &str = "projects/shop/cases/mail/dark.md";

/// A branch on which a case lost its severity, and main went on.
fn branch() -> TestRepo {
    let repo = shop();
    repo.git(["checkout", "--quiet", "-b", "change"]);
    let text = repo.read(DARK);
    let text = text.replace("owner: alice\n", "owner: alice\nseverity: trivial\n");
    repo.write(DARK, text);
    repo.commit("Care less");
    repo.git(["checkout", "--quiet", "main"]);
    repo.write(&format!("{PROJECT}/README.md"), "Another page.\n");
    repo.commit("Go on");
    repo.git(["checkout", "--quiet", "change"]);
    repo
}

#[test]
fn a_pull_request_is_compared_from_where_it_left() {
    let repo = branch();
    let forked = repo.run(["review", "main...HEAD", "--format", "json"]);
    let view: Value = serde_json::from_str(&forked.stdout).expect("JSON");
    assert_eq!(view["counts"]["weakens"], 1, "{view:#}");
    assert_eq!(view["counts"]["changes"], 0, "{view:#}");
    let change = &view["items"][0]["changes"][0];
    assert_eq!(change["kind"], "severity");
    assert_eq!(change["sentence"], "has a lower severity: normal → trivial");
    assert_eq!(change["place"]["path"], DARK);
    let straight = repo.run(["review", "main..HEAD", "--format", "json"]);
    let view: Value = serde_json::from_str(&straight.stdout).expect("JSON");
    assert_eq!(view["counts"]["changes"], 1, "main's own page: {view:#}");
}

#[test]
fn what_weakens_ends_with_one_where_that_is_asked() {
    let repo = branch();
    assert_eq!(repo.run(["review", "main..."]).code, Some(0));
    let strict = repo.run(["review", "main...", "--fail-on", "rules,weakened"]);
    assert_eq!(strict.code, Some(1), "{strict}");
    assert!(
        strict.stdout.starts_with("1 change weakens testing"),
        "{strict}"
    );
    assert_eq!(
        repo.run(["review", "main...", "--fail-on", "tampered"])
            .code,
        Some(0)
    );
}

#[test]
fn the_working_tree_is_reviewed_before_it_is_committed() {
    let repo = shop();
    assert_eq!(repo.run(["review"]).stdout, "no change of meaning\n");
    let text = repo.read(DARK);
    repo.write(DARK, text.replace("title: ", "title:   "));
    let wording = repo.run(["review"]);
    assert!(
        wording
            .stdout
            .starts_with("no change of meaning\n\nIn wording alone: 1 file"),
        "{wording}"
    );
    std::fs::remove_file(repo.root().join(DARK)).expect("it is there");
    let gone = repo.run(["review", "--fail-on", "weakened"]);
    assert_eq!(gone.code, Some(1), "{gone}");
    assert!(gone.stdout.contains("is gone, with"), "{gone}");
}

#[test]
fn altered_evidence_comes_first() {
    let repo = shop();
    let _ = repo.run(["demo", "play"]);
    let launches = repo.root().join("play/projects");
    assert!(launches.is_dir());
    let find = |name: &str| {
        let found = walkdir::WalkDir::new(&launches)
            .sort_by_file_name()
            .into_iter();
        let mut found = found.map(|entry| entry.expect("it lists").into_path());
        found
            .find(|path| path.ends_with(name))
            .expect("the demo has it")
    };
    let file = find("outcomes.yaml");
    let text = std::fs::read_to_string(&file).expect("it reads");
    std::fs::write(&file, text.replacen("passed", "failed", 1)).expect("it writes");
    repo.git(["-C", "play", "commit", "--quiet", "-am", "Tidy up"]);
    let found = repo.run_in("play", ["review", "HEAD~1..HEAD", "--fail-on", "tampered"]);
    assert_eq!(found.code, Some(1), "{found}");
    assert!(
        found.stdout.starts_with("closed launches were altered"),
        "{found}"
    );
}

#[test]
fn wrong_ranges_are_told() {
    let repo = shop();
    assert_refused(
        &repo.run(["review", "..HEAD"]),
        &["has no beginning", "`main..HEAD`"],
    );
    assert_refused(
        &repo.run(["review", "mian..HEAD"]),
        &["`mian` names no commit", "did you mean `main`?"],
    );
}
