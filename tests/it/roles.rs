//! What `verify` says of who may do what.

use crate::repo::{TestRepo, assert_found};
use crate::shop::{FILES, junit, shop};

/// Commits everything as somebody's.
fn commit_as(repo: &TestRepo, who: &str, message: &str) -> String {
    repo.git(["add", "--all"]);
    let author = format!("{who} <{who}@example.com>");
    repo.git(["commit", "-q", "-m", message, "--author", &author]);
    repo.git(["rev-parse", "HEAD"])
}

fn team() -> TestRepo {
    let repo = shop();
    for (who, role) in [("wes", "writer"), ("ron", "runner")] {
        let email = format!("{who}@example.com");
        repo.answer(["member", "add", who, "--email", &email, "--role", role]);
    }
    repo.commit("The team");
    repo
}

#[test]
fn what_a_role_does_not_allow_is_named() {
    let repo = team();
    repo.write("r.xml", junit(&[("a", "")]));
    let (id, _) = repo.close_with("Nightly", "r.xml");
    repo.write("projects/shop/mutes/M-2.yaml", "id: M-2\n");
    let commit = commit_as(&repo, "ron", "Mute");
    repo.write(".gitignore", "r.xml\n");
    commit_as(&repo, "eve", "Beside the workspace's own files");
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let short = &commit[..10];
    let expected = format!(
        "not-allowed: `projects/shop/mutes/M-2.yaml`: commit `{short}` by ron <ron@example.com> (runner, by \
         author) changed the mute `M-2`; a writer or an owner may"
    );
    assert!(ran.stdout.starts_with(&expected), "{ran}");
    let rest = "evidence intact, rules broken: 1 violation; 1 closed launch verified\n\
                rights: 3 commits by author, which git does not prove\n";
    assert!(ran.stdout.ends_with(rest), "{ran}");
    let json = repo.run(["verify", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(report["ok"], false);
    assert_eq!(report["violations"][0]["kind"], "not-allowed");
    assert_eq!(report["violations"][0]["commit"], commit.as_str());
    assert_eq!(report["rights"]["by_author"], 3);
    assert!(
        repo.launch_folder(&id)
            .starts_with("projects/shop/launches/")
    );
}

#[test]
fn a_pull_request_is_judged_by_what_it_is_to_be_merged_into() {
    let repo = team();
    repo.git(["checkout", "-q", "-b", "work"]);
    repo.write("projects/shop/cases/new.md", "x");
    commit_as(&repo, "wes", "A case");
    assert_eq!(repo.run(["verify", "--since", "main"]).code, Some(0));
    // Wes leaves; what he did on the old base does not count any more.
    repo.git(["checkout", "-q", "main"]);
    repo.answer(["member", "remove", "wes"]);
    commit_as(&repo, "alice", "Wes left");
    repo.git(["checkout", "-q", "work"]);
    let words = "(no member, by author) changed the documentation `projects/shop/cases/new.md`; a writer or an \
                 owner may by today's rules";
    for args in [["verify", "--since", "main"], ["verify", "--rules", "main"]] {
        let ran = repo.run(args);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(ran.stdout.contains(words), "{ran}");
    }
    assert_eq!(repo.run(["verify"]).code, Some(0));
}

#[test]
fn an_owner_answers_for_a_closing_by_nobody() {
    let repo = team();
    repo.write("r.xml", junit(&[("a", "")]));
    repo.git(["config", "user.email", "bot@example.com"]);
    let mut repo = repo;
    for name in ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
        repo = repo.env(name, "bot@example.com");
    }
    let (id, _) = repo.close_with("Nightly", "r.xml");
    assert_found(&as_found(&repo), &[]);
    let excuse = "format: 1\nkind: acknowledged\nat: 2026-11-22T18:43:00Z\nreason: before the bot was a member\n\
                  violation: {kind: not-allowed}\n";
    repo.write(&format!("projects/shop/annotations/{id}/bot.yaml"), excuse);
    let by_runner = commit_as(&repo, "ron", "It is fine");
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(1), "no annotation excuses itself: {ran}");
    assert!(ran.stdout.contains(&by_runner[..10]), "{ran}");
    repo.git(["reset", "-q", "--soft", "HEAD~1"]);
    commit_as(&repo, "alice", "It is fine");
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("before the bot was a member"), "{ran}");
}

fn as_found(repo: &TestRepo) -> crate::repo::Ran {
    let ran = repo.run(["verify"]);
    let words = "by Alice Example <bot@example.com> (no member, by author) closed launch `";
    assert!(ran.stdout.contains(words), "{ran}");
    ran
}

#[test]
fn a_workspace_without_members_is_everybodys() {
    let repo = TestRepo::new();
    for (path, text) in FILES.iter().filter(|(path, _)| !path.contains("/members/")) {
        repo.write(path, text);
    }
    commit_as(&repo, "eve", "Set up");
    repo.write("r.xml", junit(&[("a", "")]));
    repo.close_with("Nightly", "r.xml");
    repo.write("projects/shop/project.yaml", "key: SHOP\nname: Mine\n");
    commit_as(&repo, "mallory", "Settings");
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(!ran.stdout.contains("rights"), "{ran}");
}
