//! What `tallybook review` says beside the change itself: what is staged, launches, results, people.

use serde_json::Value;

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{junit, result, shop, shop_in};

const DARK: &str = "projects/shop/cases/mail/dark.md";
const EXPIRED: &str = "projects/shop/cases/sign-in/expired.md";

fn edit(repo: &TestRepo, path: &str, from: &str, to: &str) {
    let text = repo.read(path);
    assert!(text.contains(from), "`{from}` is not in {text}");
    repo.write(path, text.replace(from, to));
}

fn json(repo: &TestRepo, args: &[&str]) -> Value {
    let mut all = vec!["review", "--format", "json"];
    all.extend(args);
    let ran = repo.output("", &all);
    assert_eq!(ran.code, Some(0), "{ran}");
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn sentences(view: &Value, key: &str, field: &str) -> Vec<String> {
    let all = view[key].as_array().expect("a list").iter();
    all.map(|one| one[field].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn what_is_staged_is_reviewed_whatever_the_working_tree_has() {
    let repo = shop_in("qa tests");
    let dark = format!("qa tests/{DARK}");
    edit(&repo, &dark, "it can be read", "it can be read at once");
    let review = |args: &[&str]| repo.output("qa tests", args);
    let nothing = review(&["review", "--staged"]);
    assert_eq!(nothing.stdout, "no change of meaning\n", "{nothing}");
    repo.git(["add", "-A"]);
    edit(&repo, &dark, "it can be read at once", "it can be read");
    std::fs::remove_file(repo.root().join("qa tests").join(EXPIRED)).expect("it is there");
    let staged = review(&["review", "--staged"]);
    assert!(
        staged
            .stdout
            .contains("“it can be read.” → “it can be read at once.”"),
        "{staged}"
    );
    assert!(!staged.stdout.contains("is gone"), "{staged}");
    let tree = review(&["review"]);
    assert!(tree.stdout.contains("is gone"), "{tree}");
    let before = review(&["review", "HEAD", "--staged", "--format", "json"]);
    let view: Value = serde_json::from_str(&before.stdout).expect("JSON");
    assert_eq!(view.get("head"), Some(&Value::Null), "{view:#}");
}

#[test]
fn a_hook_refuses_the_commit_that_weakens_whichever_index_git_uses() {
    let repo = shop();
    let program = env!("CARGO_BIN_EXE_tallybook");
    let hook = format!("#!/bin/sh\nexec '{program}' review --staged --fail-on weakened\n");
    let path = repo.root().join(".git/hooks/pre-commit");
    repo.write(".git/hooks/pre-commit", hook);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, mode).expect("it may run");
    }
    std::fs::remove_file(repo.root().join(DARK)).expect("it is there");
    // `--all` and a named file each make an index of their own.
    for args in [
        ["commit", "-qam", "x"].as_slice(),
        &["commit", "-qm", "x", "--", DARK],
    ] {
        let refused = repo.git_output("", args);
        assert_eq!(refused.code, Some(1), "{refused}");
        assert!(refused.to_string().contains("is gone, with"), "{refused}");
    }
    repo.git(["checkout", "--quiet", "--", DARK]);
    edit(&repo, DARK, "owner: alice", "owner: bob");
    repo.git(["commit", "--quiet", "--all", "-m", "Bob"]);
}

#[test]
fn what_is_in_conflict_is_one_sentence() {
    let repo = shop();
    repo.git(["checkout", "--quiet", "-b", "other"]);
    edit(&repo, DARK, "it can be read", "it can be read here");
    repo.commit("One");
    repo.git(["checkout", "--quiet", "main"]);
    edit(&repo, DARK, "it can be read", "it can be read there");
    repo.commit("Other");
    let _ = repo.git_output("", &["merge", "other"]);
    assert_refused(
        &repo.run(["review", "--staged"]),
        &["1 staged file is in conflict", DARK, "git add"],
    );
    assert_refused(
        &repo.run(["review", "main..other", "--staged"]),
        &["names another end", "review main --staged"],
    );
    let _ = repo.git_output("", &["merge", "--abort"]);
    let merge = repo.run(["review", "other...", "--staged"]);
    assert!(merge.stdout.starts_with("1 change"), "{merge}");
}

#[test]
fn a_sparse_index_has_what_the_working_tree_lacks() {
    let repo = shop();
    repo.git([
        "sparse-checkout",
        "set",
        "--cone",
        "--sparse-index",
        "projects/shop/steps",
    ]);
    assert!(!repo.root().join(DARK).exists());
    let sparse = repo.run(["review", "--staged"]);
    assert_eq!(sparse.stdout, "no change of meaning\n", "{sparse}");
    edit(
        &repo,
        "projects/shop/steps/sign-in.md",
        "Open the page",
        "Open the other page",
    );
    repo.git(["add", "-A"]);
    let changed = repo.run(["review", "--staged"]);
    assert!(
        changed.stdout.contains("included by SHOP-EXP1RD"),
        "{changed}"
    );
}

#[test]
fn a_launch_that_was_closed_is_told_with_its_receipt() {
    let repo = shop();
    repo.git(["tag", "before"]);
    repo.write("out/junit.xml", junit(&[("a", "passed")]));
    let (id, receipt) = repo.close_with("Nightly", "out/junit.xml");
    let view = json(&repo, &["before..HEAD"]);
    assert_eq!(view["verdict"], "1 launch closed");
    let closing = &view["closings"][0];
    assert_eq!(closing["launch"], id.as_str());
    assert!(
        receipt.contains(closing["receipt"].as_str().expect("a text")),
        "{receipt}"
    );
    assert_eq!(closing["verdict"], "Ready: 1 passed, nothing unresolved");
    let text = repo.run(["review", "before..HEAD"]);
    let said = format!("Nightly (SHOP/{id}): Ready: 1 passed, nothing unresolved");
    assert!(
        text.stdout.contains(&said) && text.stdout.contains("receipt "),
        "{text}"
    );
    let back = json(&repo, &["HEAD..before"]);
    assert_eq!(back["closings"], Value::Array(Vec::new()));
}

#[test]
fn launches_of_a_branch_of_their_own_are_those_of_the_range() {
    let repo = shop();
    repo.write(
        "tallybook.yaml",
        "format: 1\ntitle: Shop\nlaunches: {branch: evidence}\n",
    );
    repo.commit("Keep launches apart");
    repo.write("out/junit.xml", junit(&[("a", "passed")]));
    repo.git(["tag", "before"]);
    repo.close_with("Early", "out/junit.xml");
    edit(&repo, DARK, "owner: alice", "owner: bob");
    repo.commit("Change");
    repo.close_with("Late", "out/junit.xml");
    let names = |range: &str| sentences(&json(&repo, &[range]), "closings", "name");
    assert_eq!(names("before..HEAD"), ["Late"]);
    assert_eq!(names("before~1..HEAD"), ["Early", "Late"]);
    assert_eq!(names("before~1..before"), ["Early"]);
    assert_eq!(names("before~1.."), ["Early", "Late"]);
    assert_eq!(names("HEAD"), [] as [&str; 0]);
}

#[test]
fn a_test_that_failed_is_not_removed_without_a_word() {
    let repo = shop();
    let failing = result("1", "auth#expired", "failed");
    let failing = crate::shop::with(failing, &serde_json::json!({"fullName": "auth#expired"}));
    repo.allure("out", &failing);
    repo.close_with("Nightly", "out");
    let open = repo.open_launch("Candidate");
    repo.answer(["launch", "append", &open, "out"]);
    std::fs::remove_file(repo.root().join(EXPIRED)).expect("it is there");
    let view = json(&repo, &[]);
    let said = sentences(&view, "impact", "sentence");
    assert!(
        said[0].starts_with("Candidate is open and has results of SHOP-EXP1RD"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("SHOP-EXP1RD, which is gone, failed when it last ran, in Nightly"),
        "{said:?}"
    );
    assert_eq!(json(&repo, &[]), view, "the same twice");
    let text = repo.run(["review"]);
    assert!(
        text.stdout
            .contains("\nHow it came out last\n  SHOP-EXP1RD, which is gone"),
        "{text}"
    );
    repo.commit("Remove it");
    let later = sentences(&json(&repo, &["HEAD~1..HEAD"]), "impact", "sentence");
    assert_eq!(later.len(), said.len(), "as committed: {later:?}");
    let old = json(&repo, &["HEAD~1..HEAD~1"]);
    assert_eq!(old["impact"], Value::Array(Vec::new()));
}

#[test]
fn files_of_the_product_are_told_with_the_cases_that_name_them() {
    let repo = shop_in("qa");
    let case = format!("qa/{EXPIRED}");
    edit(
        &repo,
        &case,
        "owner: alice\n",
        "owner: carol\nlinks: [{type: source, name: src/auth}]\n",
    );
    repo.commit("Name the sources");
    repo.write("src/auth/login.py", "1\n");
    repo.write("src/pay.py", "1\n");
    let said = |args: &[&str]| {
        let mut all = vec!["review", "--format", "json"];
        all.extend(args);
        let ran = repo.output("qa", &all);
        let view: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        sentences(&view, "impact", "sentence")
    };
    let expected = [
        "src/auth/login.py changed, and SHOP-EXP1RD, which names it, did not",
        "no case names 1 other file of the product that changed",
    ];
    assert_eq!(said(&[]), expected, "new and not staged");
    assert_eq!(said(&["--staged"]), [] as [&str; 0]);
    repo.git(["add", "-A"]);
    assert_eq!(said(&["--staged"]), expected);
    repo.commit("Change the product");
    assert_eq!(said(&["HEAD~1..HEAD"]), expected);
    assert_eq!(said(&["HEAD~1"]), expected);
}

#[test]
fn the_owner_is_asked_unless_it_is_the_own_work() {
    let repo = shop();
    edit(&repo, EXPIRED, "owner: alice", "owner: carol");
    edit(&repo, DARK, "it can be read", "it can be read at once");
    let asked = |range: &str| sentences(&json(&repo, &[range]), "reviewers", "name");
    assert_eq!(asked("HEAD"), ["carol"], "alice is at the keyboard");
    let author = "Dave <dave@example.com>";
    let message = "Change\n\nCo-authored-by: Carol <carol@example.com>";
    repo.git([
        "commit", "--quiet", "--all", "-m", message, "--author", author,
    ]);
    assert_eq!(asked("HEAD~1..HEAD"), ["alice"]);
}

/// Whatever files say, a review ends, says the same twice, and lets no sign through that steers a terminal.
#[test]
fn hostile_files_are_reviewed_too() {
    let many = "A".repeat(100_000);
    let stars = "*".repeat(10_000);
    let files = [
        (DARK, "---\nid: SHOP-A\nowner: \"\\u202e\\e[31mevil\"\ntitle: \"\\e]0;x\\a\"\n---\n".to_owned()),
        (DARK, format!("---\nid: SHOP-A\ntitle: {many}\nowner: {many}\n---\n")),
        (DARK, format!("---\nid: SHOP-A\ntitle: x\nautomation: {{selectors: [\"{stars}\", \"\", \"/\", \"::\", \"..\"]}}\n---\n")),
        (DARK, "---\nid: SHOP-EXP1RD\naliases: [SHOP-EXP1RD, SHOP-MA1DRK]\ntitle: twice\n---\n".to_owned()),
        (DARK, "---\nid: \"\"\ntitle: \"\"\nlinks: [{type: source, name: /}, {type: source, name: ../..}, {url: \"/blob/\"}]\n---\n".to_owned()),
        ("projects/shop/steps/sign-in.md", "---\ntitle: round\n---\n\n## Steps\n\n1. [Round](sign-in.md)\n".to_owned()),
        ("projects/shop/plans/p.yaml", "name: p\nquery: 'id ~= \"((((\"'\nassignees: [\"\", \"@\", \"<\"]\n".to_owned()),
        ("projects/shop/plans/p.yaml", "name: \"\\e[2J\"\nquery: 'order by id limit 0'\n".to_owned()),
        ("projects/shop/members/alice.yaml", "name: \"\"\nemails: [\"+@users.noreply.github.com\", \"a+b[c]@users.noreply.github.com\"]\nrole: owner\n".to_owned()),
        ("projects/shop/mutes/MUTE-M1.yaml", "id: MUTE-M1\nreason: x\nowner: \"  \"\ncases: [\"\", \"\\e\"]\n".to_owned()),
        ("projects/shop/requirements/r.yaml", "requirements: [{id: \"\", title: x}, {id: \"\", title: y}]\n".to_owned()),
        ("src/\u{1b}[31m \u{202e}.py", "x\n".to_owned()),
    ];
    let repo = shop();
    repo.write("out/junit.xml", junit(&[("a", "failed")]));
    repo.close_with("Evil \u{202e}\u{1b}[31m", "out/junit.xml");
    repo.git(["tag", "before"]);
    for (path, text) in files {
        repo.write(path, &text);
        for args in [["review"].as_slice(), &["review", "HEAD~1"]] {
            let ran = repo.output("", args);
            assert_eq!(ran.code, Some(0), "{path} {text:.200}\n{ran}");
            let steers =
                |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
            let found = ran.stdout.chars().find(|c| steers(*c));
            assert_eq!(found, None, "{path} {text:.200}\n{ran}");
            assert_eq!(repo.output("", args).stdout, ran.stdout);
        }
        repo.git(["clean", "-qfd", "projects", "src"]);
        repo.git(["checkout", "--quiet", "--", "."]);
    }
}
