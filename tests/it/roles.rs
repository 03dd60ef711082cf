//! What `verify` says of who may do what.

use crate::repo::{Ran, TestRepo, assert_found};
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
    let id = repo.open_launch("Nightly");
    repo.answer(["launch", "append", &id, "r.xml"]);
    repo.slip(&id);
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

fn as_found(repo: &TestRepo) -> Ran {
    let ran = repo.run(["verify"]);
    let words = "by Alice Example <bot@example.com> (no member, by author) closed launch `";
    assert!(ran.stdout.contains(words), "{ran}");
    ran
}

/// Prepares a run as somebody else than alice.
fn run_as(repo: &TestRepo, who: &str, args: &[&str]) -> Ran {
    let mut command = repo.command("", args);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), who);
        command.env(format!("GIT_{role}_EMAIL"), format!("{who}@example.com"));
    }
    repo.finish(command)
}

#[test]
fn what_would_not_be_allowed_is_not_closed() {
    let repo = team();
    repo.answer([
        "member",
        "add",
        "rita",
        "--email",
        "rita@example.com",
        "--role",
        "reader",
    ]);
    let before = repo.commit("Rita reads");
    repo.write("../r.xml", junit(&[("a", "")]));
    let id = repo.open_launch("Nightly");
    repo.answer(["launch", "append", &id, "../r.xml"]);
    let close = ["launch", "close", &id];
    let ran = run_as(&repo, "bot", &close);
    let said = format!(
        "error: `verify` would call this `not-allowed`: bot <bot@example.com> (no member, by author) closed launch \
         `{id}`; a runner, a writer or an owner may\n\
         hint: an owner allows it, and commits that: `tallybook member add bot --email bot@example.com --role \
         runner`\nhint: nothing was committed; launch `{id}` stays open\n"
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), said.as_str()));
    assert_eq!(ran.stdout, "");
    let ran = run_as(&repo, "rita", &close);
    assert_found(
        &ran,
        &[
            "(reader, by author)",
            "`tallybook member add rita --role runner`",
        ],
    );
    let ran = run_as(&repo, "rita", &["launch", "close", "--idle", "0s"]);
    assert_found(&ran, &["(reader, by author)"]);
    assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    repo.assert_clean();
    // The way that was named leads there.
    repo.answer([
        "member",
        "add",
        "bot",
        "--email",
        "bot@example.com",
        "--role",
        "runner",
    ]);
    repo.commit("The bot");
    assert_eq!(run_as(&repo, "bot", &close).code, Some(0));
    assert_eq!(repo.run(["verify"]).code, Some(0));
}

#[test]
fn who_may_not_append_is_told_before_anything_is_written() {
    let repo = team();
    repo.answer([
        "member",
        "add",
        "rita",
        "--email",
        "rita@example.com",
        "--role",
        "reader",
    ]);
    repo.commit("Rita reads");
    let server = repo.root().join("../server.git");
    repo.git(["init", "-q", "--bare", "../server.git"]);
    repo.git(["remote", "add", "origin", "../server.git"]);
    repo.write("../r.xml", junit(&[("a", "")]));
    let ran = run_as(
        &repo,
        "rita",
        &["launch", "append", "--key", "k", "../r.xml", "--push"],
    );
    assert_found(
        &ran,
        &[
            "the server's hook would refuse this: rita <rita@example.com> (reader, by author) would append to a launch; \
             a runner, a writer or an owner may",
            "`tallybook member add rita --role runner`",
            "without `--push` it stays on this machine",
        ],
    );
    let open = repo.answer(["launch", "list", "--format", "json"]);
    assert_eq!(open.trim(), "[]", "nothing was opened");
    // Here, by herself, she may try what she likes; the closing is asked whose it is.
    let ran = run_as(
        &repo,
        "rita",
        &["launch", "append", "--key", "k", "../r.xml"],
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = run_as(
        &repo,
        "bot",
        &[
            "launch", "append", "--key", "k", "../r.xml", "--job", "b", "--push",
        ],
    );
    assert_found(
        &ran,
        &["bot <bot@example.com> (no member, by author) would append to a launch"],
    );
    let refs = repo.git(["--git-dir", &server.to_string_lossy(), "for-each-ref"]);
    assert_eq!(refs, "");
    // The server has no hook, so what got there by another way is told of by the closing.
    let id = repo
        .answer(["launch", "open", "--key", "k", "--push"])
        .trim()
        .to_owned();
    assert_eq!(
        run_as(&repo, "rita", &["launch", "sync", &id]).code,
        Some(0)
    );
    let ran = repo.run(["launch", "close", &id, "--push"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr.contains(
            "rita <rita@example.com> (reader, by author) appended to a launch; a runner, a writer or an owner may; \
             this closing answers for it"
        ),
        "{ran}"
    );
}

/// A command may take an hour, and whether its launch may be closed is known before.
#[test]
fn a_command_does_not_run_for_a_launch_that_may_not_be_closed() {
    let repo = team();
    repo.answer([
        "member",
        "add",
        "rita",
        "--email",
        "rita@example.com",
        "--role",
        "reader",
    ]);
    let before = repo.commit("Rita reads");
    let script = "touch ../was-run";
    let run: &[&str] = &["launch", "run", "--", "sh", "-c", script];
    let refused = |ran: &Ran, words: &[&str]| {
        assert_found(ran, words);
        assert!(ran.stderr.contains("the command was not run"), "{ran}");
        assert_eq!(ran.stdout, "");
        assert!(!repo.root().join("../was-run").exists());
        assert_eq!(repo.answer(["launch", "list", "--format", "json"]), "[]");
        assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    };
    let bot = "bot <bot@example.com> (no member, by author) would close a launch; a runner, a writer or an owner may";
    let way = "`tallybook member add bot --email bot@example.com --role runner`";
    refused(&run_as(&repo, "bot", run), &[bot, way]);
    let way = "`tallybook member add rita --role runner`";
    refused(&run_as(&repo, "rita", run), &["(reader, by author)", way]);
    // Who may is not asked twice.
    repo.write("../r.xml", junit(&[("a", "")]));
    let script = "mkdir -p out && cp ../r.xml out/junit.xml";
    let run: &[&str] = &[
        "launch",
        "run",
        "--results",
        "out",
        "--",
        "sh",
        "-c",
        script,
    ];
    let ran = run_as(&repo, "ron", run);
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_command_does_not_run_where_its_closing_lacks_a_signature() {
    let repo = team();
    let settings = repo.read("projects/shop/project.yaml");
    repo.write(
        "projects/shop/project.yaml",
        settings + "signatures: closings\n",
    );
    repo.commit("Sign");
    let run = |sign| repo.run(["launch", "run", sign, "--", "touch", "was-run"]);
    let ran = run("--no-sign");
    let words = "would close a launch without a signature, which the project requires";
    assert_found(
        &ran,
        &[words, "hint: sign it with a member's key: `--sign`"],
    );
    let ran = run("--sign");
    assert_found(&ran, &["no member has a key", "--key FILE`"]);
    assert!(!repo.root().join("was-run").exists());
}

/// Where closed launches have a branch to themselves, its documentation says who may.
#[test]
fn a_command_does_not_run_for_a_branch_that_may_not_be_closed_on() {
    let repo = team();
    let settings = repo.read("tallybook.yaml");
    repo.write(
        "tallybook.yaml",
        settings + "launches: {branch: evidence}\n",
    );
    repo.commit("A branch of their own");
    repo.write("../r.xml", junit(&[("a", "")]));
    let script = "mkdir -p out && cp ../r.xml out/junit.xml && touch ../was-run";
    let run: &[&str] = &[
        "launch",
        "run",
        "--results",
        "out",
        "--",
        "sh",
        "-c",
        script,
    ];
    for _ in 0..2 {
        assert_found(&run_as(&repo, "bot", run), &["would close a launch"]);
        assert!(!repo.root().join("../was-run").exists());
        std::fs::remove_dir_all(repo.root().join("out")).ok();
        let ran = run_as(&repo, "ron", run);
        assert_eq!(ran.code, Some(0), "{ran}");
        std::fs::remove_file(repo.root().join("../was-run")).expect("it ran");
    }
}

#[test]
fn what_would_not_be_allowed_is_not_said_of_a_launch() {
    let repo = team();
    repo.write("../r.xml", junit(&[("a", "<failure/>")]));
    let (id, _) = repo.close_with("Nightly", "../r.xml");
    let file = repo.git(["ls-files", "projects/shop/launches/**/results/*"]);
    let before = repo.git(["rev-parse", "HEAD"]);
    let redact: &[&str] = &["launch", "redact", &id, &file, "--reason", "a name"];
    let note: &[&str] = &["launch", "note", &id, "the sandbox was down"];
    let gc: &[&str] = &["gc", "--older-than", "0h"];
    for (who, args, words) in [
        (
            "wes",
            redact,
            "(writer, by author) changed what is said of launch",
        ),
        ("wes", redact, "; an owner may"),
        ("wes", redact, "`tallybook member add wes --role owner`"),
        (
            "eve",
            note,
            "`tallybook member add eve --email eve@example.com --role runner`",
        ),
    ] {
        let ran = run_as(&repo, who, args);
        assert_found(&ran, &[words, "hint: nothing was committed"]);
        assert_eq!(ran.stdout, "", "{ran}");
    }
    assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    repo.assert_clean();
    for (who, args) in [("ron", note), ("ron", gc), ("alice", redact)] {
        let ran = run_as(&repo, who, args);
        assert_eq!(ran.code, Some(0), "{ran}");
    }
    assert_eq!(repo.run(["verify"]).code, Some(0));
    // Nobody but an owner answers for a violation.
    repo.git(["rm", "-qr", &repo.launch_folder(&id)]);
    repo.commit("Gone");
    let answer: &[&str] = &[
        "launch",
        "acknowledge",
        &id,
        "--violation",
        "removed-launch",
        "--reason",
        "agreed",
    ];
    assert_found(&run_as(&repo, "wes", answer), &["; an owner may"]);
    assert_eq!(run_as(&repo, "alice", answer).code, Some(0));
    assert_eq!(repo.run(["verify"]).code, Some(0));
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
