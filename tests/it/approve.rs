//! `tallybook approve` as reviewers use it: one line each, held against what a case says today.

use serde_json::Value;

use crate::repo::{Ran, TestRepo, assert_found, assert_refused};
use crate::shop::{PROJECT, result, shop};

const DARK: &str = "projects/shop/cases/mail/dark.md";
const APPROVAL: &str = "projects/shop/approvals/SHOP-MA1DRK.yaml";

/// The shop with a second reviewer, bob, and somebody who may not approve, ron. The cases were written
/// by alice.
fn team() -> TestRepo {
    let repo = shop();
    for (id, role) in [("bob", "writer"), ("ron", "runner")] {
        repo.write(
            &format!("{PROJECT}/members/{id}.yaml"),
            format!("name: {id}\nemails: [{id}@example.com]\nrole: {role}\n"),
        );
    }
    repo.write(
        &format!("{PROJECT}/requirements/REQ-4.yaml"),
        "title: Mails\ndescription: They can be read.\n",
    );
    let text = repo.read(DARK);
    let links = "links: [{type: requirement, name: REQ-4}]\nrelations: [{type: related, case: SHOP-EXP1RD}]\n";
    repo.write(
        DARK,
        text.replace("owner: alice\n", &format!("owner: alice\n{links}")),
    );
    let attributes = repo.read(".gitattributes");
    let union = "projects/*/approvals/*.yaml merge=union\n";
    repo.write(".gitattributes", format!("{attributes}{union}"));
    repo.commit("Bring in a team");
    repo
}

fn run_as(repo: &TestRepo, who: &str, args: &[&str]) -> Ran {
    run_at(repo, TestRepo::NOW, who, args)
}

fn run_at(repo: &TestRepo, now: &str, who: &str, args: &[&str]) -> Ran {
    let mut command = repo.command("", args);
    command.env("TALLYBOOK_NOW", now);
    for side in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{side}_NAME"), who)
            .env(format!("GIT_{side}_EMAIL"), format!("{who}@example.com"));
    }
    repo.finish(command)
}

#[track_caller]
fn approve_as(repo: &TestRepo, who: &str, args: &[&str]) -> Ran {
    let ran = run_as(repo, who, &[&["approve"], args].concat());
    assert_eq!(ran.code, Some(0), "{ran}");
    ran
}

/// Commits all there is, as somebody's.
#[track_caller]
fn commit_as(repo: &TestRepo, who: &str, message: &str) {
    repo.git(["add", "-A"]);
    let author = format!("--author={who} <{who}@example.com>");
    repo.git(["commit", "-q", "-m", message, &author]);
}

/// Returns how a case stands, in words.
fn said(repo: &TestRepo, case: &str) -> String {
    let rows = repo.json(["approve", "--status", case, "--format", "json"]);
    rows[0]["said"].as_str().expect("a text").to_owned()
}

#[test]
fn an_approval_is_a_line_beside_the_cases() {
    let repo = team();
    let ran = run_as(
        &repo,
        "bob",
        &[
            "approve",
            "SHOP-MA1DRK",
            "--meaning",
            "reviewed and approved",
            "--note",
            "on a phone",
        ],
    );
    insta::assert_snapshot!(ran, @r#"
    projects/shop/approvals/SHOP-MA1DRK.yaml
    --- stderr ---
    bob approved SHOP-MA1DRK
    hint: commit it: `git add projects/shop/approvals/SHOP-MA1DRK.yaml && git commit -m 'Approve SHOP-MA1DRK' -- projects/shop/approvals/SHOP-MA1DRK.yaml`
    [exit 0]
    "#);
    let text = repo.read(APPROVAL);
    let line: Value = serde_json::from_str(
        text.strip_prefix("approvals:\n- ")
            .expect("one line of a list"),
    )
    .expect("which is JSON");
    assert_eq!(line["by"], "bob");
    assert_eq!(line["at"], TestRepo::NOW);
    assert_eq!(line["meaning"], "reviewed and approved");
    assert_eq!(line["note"], "on a phone");
    assert_eq!(line["digest"].as_str().map(str::len), Some(64));
    for (kind, id) in [("requirements", "REQ-4"), ("cases", "SHOP-EXP1RD")] {
        assert_eq!(line[kind][id].as_str().map(str::len), Some(16), "{line}");
    }
    assert_eq!(line.get("own"), None);
    commit_as(&repo, "bob", "Approve SHOP-MA1DRK");
    assert_eq!(repo.run(["verify"]).code, Some(0));
    assert_eq!(repo.run(["validate"]).code, Some(0));
    let again = approve_as(&repo, "bob", &["SHOP-MA1DRK"]);
    assert_eq!(again.stdout, "");
    assert_eq!(
        again.stderr,
        "1 case approved by you already, as it is now\n"
    );
    insta::assert_snapshot!(repo.run(["approve", "--status"]), @r"
    id           title                             approval      last        said
    SHOP-MA1DRK  Mail in dark mode                 approved      2026-11-22  by `bob`
    SHOP-EXP1RD  Sign in with an expired password  not approved
    --- stderr ---
    2 cases: 1 approved, 1 not approved
    [exit 0]
    ");
}

#[test]
fn what_changes_later_is_told_apart() {
    let repo = team();
    let _ = approve_as(&repo, "bob", &["SHOP-MA1DRK", "SHOP-EXP1RD"]);
    commit_as(&repo, "bob", "Approve");
    let edit = |path: &str, old: &str, new: &str| {
        let text = repo.read(path);
        assert!(text.contains(old), "{text}");
        repo.write(path, text.replace(old, new));
    };
    edit(DARK, "1. Open the mail.", "1. Open *the*\n   mail");
    edit(DARK, "owner: alice", "owner: bob");
    assert_eq!(said(&repo, "SHOP-MA1DRK"), "approved by `bob`");
    edit(
        &format!("{PROJECT}/requirements/REQ-4.yaml"),
        "can be",
        "must be",
    );
    assert_eq!(
        said(&repo, "SHOP-MA1DRK"),
        "suspect: approved by `bob`, and requirement `REQ-4` changed since"
    );
    edit(&format!("{PROJECT}/steps/sign-in.md"), "Open", "Close");
    // Shared steps are a part of the case that includes them, which the other one is related to.
    assert_eq!(
        said(&repo, "SHOP-EXP1RD"),
        "outdated: it changed since `bob` approved it"
    );
    assert_eq!(
        said(&repo, "SHOP-MA1DRK"),
        "suspect: approved by `bob`, and requirement `REQ-4` changed, case `SHOP-EXP1RD` changed since"
    );
    let asked = |query: &str| {
        let rows = repo.json(["query", query, "--format", "json"]);
        let rows = rows.as_array().expect("a list").clone().into_iter();
        let ids = rows.map(|row| row["id"].as_str().expect("an id").to_owned());
        ids.collect::<Vec<String>>().join(" ")
    };
    assert_eq!(asked("approval = suspect"), "SHOP-MA1DRK");
    assert_eq!(asked("approval = outdated"), "SHOP-EXP1RD");
    assert_eq!(asked("approved = true"), "");
    assert_eq!(asked("approvedBy = bob"), "SHOP-MA1DRK");
    let status = repo.run(["approve", "--status", "--query", "approval = outdated"]);
    assert_eq!(status.code, Some(0), "{status}");
    assert!(
        status.stderr.contains("`tallybook approve SHOP-EXP1RD`"),
        "{status}"
    );
    let before = repo.json(["approve", "--list", "--at", "HEAD", "--format", "json"]);
    let states: Vec<&str> = { before.as_array().expect("a list").iter() }
        .filter_map(|row| row["approval"].as_str())
        .collect();
    assert_eq!(states, ["approved", "approved"]);
    let done = approve_as(&repo, "bob", &["--query", "approval != approved"]);
    assert!(done.stderr.contains("bob approved 2 cases"), "{done}");
    assert_eq!(asked("approved = true"), "SHOP-MA1DRK SHOP-EXP1RD");
    assert_eq!(repo.read(APPROVAL).lines().count(), 2);
}

#[test]
fn a_team_asks_for_several_and_for_others_than_the_author() {
    let repo = team();
    let settings = repo.read(&format!("{PROJECT}/project.yaml"));
    repo.write(
        &format!("{PROJECT}/project.yaml"),
        format!("{settings}approvals: {{required: 2, own: false}}\n"),
    );
    repo.commit("Ask for two");
    // Alice wrote the cases.
    let own = approve_as(&repo, "alice", &["SHOP-MA1DRK"]);
    assert!(
        own.stderr
            .contains("the last change of 1 case was your own"),
        "{own}"
    );
    repo.commit("Approve SHOP-MA1DRK");
    let _ = approve_as(&repo, "bob", &["SHOP-MA1DRK"]);
    assert_eq!(
        said(&repo, "SHOP-MA1DRK"),
        "not approved: 1 of 2 approvals, by `bob`"
    );
    commit_as(&repo, "bob", "Approve SHOP-MA1DRK");
    // Somebody else's edit makes it somebody else's change.
    let text = repo.read(DARK);
    repo.write(
        DARK,
        text.replace("it can be read", "all of it can be read"),
    );
    commit_as(&repo, "bob", "Ask for more");
    let _ = approve_as(&repo, "alice", &["SHOP-MA1DRK"]);
    let uncommitted = text.replace("it can be read", "everything can be read");
    let line = |n: usize| repo.read(APPROVAL).lines().nth(n).map(str::to_owned);
    assert!(!line(2).expect("the newest").contains("own"));
    repo.write(DARK, uncommitted);
    let _ = approve_as(&repo, "alice", &["SHOP-MA1DRK"]);
    assert!(line(2).expect("the newest").contains("\"own\": true"));
}

#[test]
fn only_those_who_may_approve_and_only_as_themselves() {
    let repo = team();
    let refused = run_as(&repo, "ron", &["approve", "SHOP-MA1DRK"]);
    insta::assert_snapshot!(refused, @r"
    --- stderr ---
    error: `ron` is a runner in project `Shop`; a writer or an owner may approve
    hint: an owner allows it, and commits that: `tallybook member add ron --role writer`
    [exit 1]
    ");
    let stranger = run_as(&repo, "eve", &["approve", "SHOP-MA1DRK"]);
    assert_found(
        &stranger,
        &["nobody in project `Shop` has your address `eve@example.com`"],
    );
    assert!(!repo.root().join(APPROVAL).exists());
    let _ = approve_as(&repo, "bob", &["SHOP-MA1DRK"]);
    // Who is named is held against whoever commits it.
    commit_as(&repo, "alice", "Approve in the name of bob");
    let verified = repo.run(["verify"]);
    let words = "changed the approval `SHOP-MA1DRK` in the name of `bob`; one approves as oneself";
    assert_eq!(verified.code, Some(1), "{verified}");
    assert!(verified.stdout.contains(words), "{verified}");
    let open = shop();
    open.git(["rm", "-q", &format!("{PROJECT}/members/alice.yaml")]);
    open.commit("Without members");
    let _ = approve_as(&open, "eve", &["SHOP-MA1DRK"]);
    assert_eq!(
        said(&open, "SHOP-MA1DRK"),
        "approved by `eve <eve@example.com>`"
    );
    assert_eq!(open.run(["validate"]).code, Some(0));
}

#[test]
fn branches_that_both_approve_merge() {
    let repo = team();
    let approve_on = |branch: &str, now: &str, who: &str| {
        repo.git(["checkout", "-q", "-b", branch, "main"]);
        let ran = run_at(&repo, now, who, &["approve", "SHOP-MA1DRK"]);
        assert_eq!(ran.code, Some(0), "{ran}");
        commit_as(&repo, who, "Approve");
    };
    // Neither has the file before.
    approve_on("one", "2026-11-22T18:43:00Z", "alice");
    approve_on("two", "2026-11-22T18:44:00Z", "bob");
    repo.git(["checkout", "-q", "main"]);
    repo.git(["merge", "-q", "--no-edit", "one"]);
    repo.git(["merge", "-q", "--no-edit", "two"]);
    assert_eq!(said(&repo, "SHOP-MA1DRK"), "approved by `alice` and `bob`");
    assert_eq!(repo.read(APPROVAL).lines().count(), 3);
    assert_eq!(repo.run(["verify"]).code, Some(0));
    assert_eq!(repo.run(["validate"]).stdout, "");
    // Both have it, and both approve again after a change.
    let text = repo.read(DARK);
    repo.write(DARK, text.replace("it can be read", "all can be read"));
    repo.commit("Change");
    approve_on("three", "2026-11-22T18:45:00Z", "alice");
    approve_on("four", "2026-11-22T18:46:00Z", "bob");
    repo.git(["checkout", "-q", "three"]);
    repo.git(["merge", "-q", "--no-edit", "four"]);
    assert_eq!(said(&repo, "SHOP-MA1DRK"), "approved by `alice` and `bob`");
    assert_eq!(repo.run(["verify"]).code, Some(0));
    let validated = repo.run(["validate", "--format", "short"]);
    assert_eq!(validated.code, Some(0), "{validated}");
    // What stayed of the old lines goes with the next approval.
    let _ = approve_as(&repo, "bob", &["SHOP-MA1DRK", "--note", "again"]);
    let _ = approve_as(&repo, "alice", &["SHOP-MA1DRK", "--note", "again"]);
    assert_eq!(repo.read(APPROVAL).lines().count(), 3);
}

#[test]
fn a_branch_under_review_is_approved_as_it_is() {
    let repo = team();
    repo.git(["checkout", "-q", "-b", "change"]);
    let text = repo.read(DARK);
    repo.write(DARK, text.replace("it can be read", "all can be read"));
    repo.commit("Change");
    repo.git(["checkout", "-q", "main"]);
    let ran = approve_as(
        &repo,
        "bob",
        &[DARK, "--as-of", "change", "--branch", "approve-dark"],
    );
    assert!(
        ran.stderr
            .contains("`SHOP-MA1DRK` says something else here"),
        "{ran}"
    );
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    repo.git(["merge", "-q", "--no-edit", "approve-dark"]);
    assert_eq!(
        said(&repo, "SHOP-MA1DRK"),
        "outdated: it changed since `bob` approved it"
    );
    repo.git(["merge", "-q", "--no-edit", "change"]);
    assert_eq!(said(&repo, "SHOP-MA1DRK"), "approved by `bob`");
}

#[test]
fn cases_are_named_in_any_way_and_slips_are_told() {
    let repo = team();
    let approved = |args: &[&str]| {
        let args = [&["--dry-run", "--format", "json"], args].concat();
        let ran = approve_as(&repo, "bob", &args);
        let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(
            (&answer["written"], &answer["by"]),
            (&false.into(), &"bob".into())
        );
        let ids = answer["approved"].as_array().expect("a list").clone();
        let ids = ids
            .into_iter()
            .map(|id| id.as_str().expect("an id").to_owned());
        ids.collect::<Vec<String>>().join(" ")
    };
    let both = "SHOP-MA1DRK SHOP-EXP1RD";
    assert_eq!(approved(&["projects/shop/cases"]), both);
    assert_eq!(approved(&["."]), both);
    assert_eq!(approved(&[DARK, "SHOP-MA1DRK"]), "SHOP-MA1DRK");
    assert_eq!(approved(&["--query", "execution = manual"]), "SHOP-MA1DRK");
    assert_eq!(
        approved(&["projects/shop/cases", "--query", "title ~= sign"]),
        "SHOP-EXP1RD"
    );
    let dry = approve_as(&repo, "bob", &["--dry-run", "SHOP-MA1DRK"]);
    assert_eq!(dry.stdout, format!("{APPROVAL}\n"));
    assert!(!repo.root().join(APPROVAL).exists());
    let run = |args: &[&str]| run_as(&repo, "bob", &[&["approve"], args].concat());
    assert_refused(&run(&[]), &["required"]);
    assert_refused(
        &run(&["SHOP-MA1DRX"]),
        &["has no case `SHOP-MA1DRX`", "did you mean `SHOP-MA1DRK`?"],
    );
    assert_refused(
        &run(&["projects/shop/plans"]),
        &["`projects/shop/plans` has no case"],
    );
    assert_refused(&run(&["/nowhere/x.md"]), &["is not in the workspace"]);
    assert_refused(&run(&["--query", "tagg = x"]), &["tagg"]);
    let none = run(&["--query", "tag = nothing"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{none}");
    // A file that does not read is left as it is.
    repo.write(APPROVAL, "approvals: [\n");
    let ran = run(&["SHOP-MA1DRK"]);
    assert_found(&ran, &["does not read as approvals", "tallybook validate"]);
    assert_eq!(repo.read(APPROVAL), "approvals: [\n");
}

#[test]
fn a_gate_asks_for_approved_cases() {
    let repo = team();
    let settings = repo.read(&format!("{PROJECT}/project.yaml"));
    repo.write(
        &format!("{PROJECT}/project.yaml"),
        format!("{settings}gate: {{all_approved: true}}\n"),
    );
    repo.commit("Set a gate");
    repo.allure("../r", &result("1", "expired", "passed"));
    let id = repo.open_launch("Nightly");
    repo.answer(["launch", "append", &id, "../r"]);
    let gate = |id: &str| {
        let ran = repo.run(["gate", id, "--format", "json"]);
        let verdict: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let rules = verdict["rules"].as_array().expect("rules").clone();
        let found = rules
            .into_iter()
            .find(|rule| rule["rule"] == "all_approved");
        (ran.code, found.expect("asked"))
    };
    let (code, rule) = gate(&id);
    assert_eq!(
        (code, &rule["actual"]),
        (Some(1), &"0 of 1".into()),
        "{rule}"
    );
    let culprits = rule["culprits"].to_string();
    assert!(
        culprits.contains("SHOP-EXP1RD Sign in with an expired password: not approved"),
        "{rule}"
    );
    let _ = approve_as(&repo, "bob", &["SHOP-EXP1RD"]);
    let (code, rule) = gate(&id);
    assert_eq!(
        (code, &rule["actual"]),
        (Some(0), &"1 of 1".into()),
        "{rule}"
    );
    commit_as(&repo, "bob", "Approve");
    repo.answer(["launch", "close", &id]);
    assert_eq!(gate(&id).0, Some(0));
}

#[test]
fn the_page_of_a_case_says_how_it_stands() {
    let repo = team();
    let page = |case: &str| {
        let ran = repo.run(["render", "--out", "../site"]);
        assert_eq!(ran.code, Some(0), "{ran}");
        let html = repo.read(&format!("../site/shop/cases/{case}.html"));
        let line = html
            .lines()
            .find(|line| line.contains("class=\"approval\""));
        let mut text = String::new();
        let mut inside = false;
        for c in line.unwrap_or_default().chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        text
    };
    // A project without approvals is not told that it has none.
    assert_eq!(page("SHOP-MA1DRK"), "");
    let _ = approve_as(
        &repo,
        "bob",
        &["SHOP-MA1DRK", "--meaning", "<b>reviewed</b>"],
    );
    assert_eq!(
        page("SHOP-MA1DRK"),
        "Approved by bob, 22 Nov 2026 &lt;b&gt;reviewed&lt;/b&gt;"
    );
    assert_eq!(page("SHOP-EXP1RD"), "Not approved");
    let requirement = format!("{PROJECT}/requirements/REQ-4.yaml");
    let text = repo.read(&requirement);
    repo.write(&requirement, text.replace("can be", "must be"));
    assert_eq!(
        page("SHOP-MA1DRK"),
        "Approval suspect Requirement REQ-4 changed since. Approved by bob, 22 Nov 2026 &lt;b&gt;reviewed&lt;/b&gt;"
    );
    let text = repo.read(DARK);
    repo.write(DARK, text.replace("it can be read", "all can be read"));
    assert_eq!(
        page("SHOP-MA1DRK"),
        "Approval outdated The case changed since. Approved by bob, 22 Nov 2026 &lt;b&gt;reviewed&lt;/b&gt;"
    );
}
