//! Closing: one commit, by what the documentation says, with nothing lost unsaid.

use serde_json::json;

use crate::shop::{PROJECT, junit, result, shop, shop_in, stable, with};

#[test]
fn closing_is_one_commit_in_git_s_own_eyes() {
    let repo = shop();
    let before = repo.git(["rev-parse", "HEAD"]);
    repo.allure("../results", &result("a", "plain", "failed"));
    let (id, receipt) = repo.close_with("Nightly 1843", "../results");
    assert_eq!(repo.git(["rev-parse", "HEAD^"]), before);
    assert_eq!(
        repo.git(["log", "-1", "--format=%an <%ae> %aI%n%cn <%ce> %cI"]),
        "Alice Example <alice@example.com> 2026-11-22T18:43:00Z\nAlice Example <alice@example.com> 2026-11-22T18:43:00Z"
    );
    assert_eq!(
        repo.git(["log", "-1", "--format=%B"]).trim_end(),
        format!(
            "Close launch Nightly 1843 (SHOP) [skip ci]\n\n0 passed, 1 failed; 1 unresolved\n\n\
             Tallybook-Launch: SHOP/{id}\nTallybook-Receipt: sha256:{receipt}"
        )
    );
    let trailers = repo.git([
        "log",
        "-1",
        "--format=%(trailers:key=Tallybook-Launch,valueonly)",
    ]);
    assert_eq!(trailers.trim_end(), format!("SHOP/{id}"));
    let folder = repo.launch_folder(&id);
    assert!(
        folder.starts_with("projects/shop/launches/2026/11/"),
        "{folder}"
    );
    let changed = repo.git(["show", "--format=", "--name-status", "HEAD"]);
    assert!(
        changed
            .lines()
            .all(|line| line.starts_with(&format!("A\t{folder}/"))),
        "{changed}"
    );
    repo.assert_clean();
    assert!(
        !repo
            .root()
            .join(".git/tallybook/open/SHOP")
            .join(&id)
            .exists()
    );
}

#[test]
fn closing_again_prints_the_receipt() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "passed"));
    let (id, receipt) = repo.close_with("Nightly", "../results");
    let head = repo.git(["rev-parse", "HEAD"]);
    let again = repo.run(["launch", "close", &id]);
    assert_eq!(
        (again.code, again.stdout.trim_end()),
        (Some(0), receipt.as_str()),
        "{again}"
    );
    assert_eq!(repo.answer(["launch", "close", &receipt]), receipt);
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
}

#[test]
fn changes_of_other_people_stay_as_they_are() {
    let repo = shop();
    repo.write("src/a.txt", "one\n")
        .write("src/b.txt", "one\n")
        .write("src/gone.txt", "one\n");
    repo.commit("Code");
    repo.allure("../results", &result("a", "plain", "passed"));
    repo.write("src/a.txt", "staged\n");
    repo.git(["add", "src/a.txt"]);
    repo.write("src/a.txt", "staged, then changed\n")
        .write("src/b.txt", "changed\n");
    repo.write("src/new.txt", "untracked\n");
    repo.git(["rm", "--quiet", "src/gone.txt"]);
    let before = repo.git(["status", "--porcelain"]);
    repo.close_with("Nightly", "../results");
    assert_eq!(repo.git(["status", "--porcelain"]), before);
    assert_eq!(
        repo.git(["diff", "--cached", "src/a.txt"]).lines().last(),
        Some("+staged")
    );
    assert_eq!(repo.git(["show", "HEAD:src/gone.txt"]), "one");
    repo.git(["fsck", "--strict"]);
}

#[test]
fn a_workspace_may_lie_below_the_repository() {
    let repo = shop_in("qa/tests");
    repo.allure("../results", &result("a", "expired", "passed"));
    let run = |args: &[&str]| {
        let output = repo
            .command("qa/tests/projects", args)
            .output()
            .expect("runs");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim_end()
            .to_owned()
    };
    let id = run(&["launch", "open", "--name", "Nested"]);
    run(&["launch", "append", &id, "../../../../results"]);
    run(&["launch", "close", &id]);
    let changed = repo.git(["show", "--format=", "--name-only", "HEAD"]);
    assert!(
        changed
            .lines()
            .all(|path| path.starts_with("qa/tests/projects/shop/")),
        "{changed}"
    );
    assert!(changed.contains("/executed/"), "{changed}");
    assert!(run(&["verify"]).starts_with("evidence intact: 1 closed launch verified"));
    repo.assert_clean();
}

#[test]
fn each_launch_names_the_one_before() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "passed"));
    let previous = |id: &str| {
        repo.json(["launch", "show", id, "--format", "json"])["closed"]["previous"].clone()
    };
    let (first, receipt) = repo.close_with("One", "../results");
    assert_eq!(previous(&first), json!([]));
    let (second, _) = repo.close_with("Two", "../results");
    assert_eq!(previous(&second), json!([receipt]));
    let named = repo.json(["launch", "show", &receipt, "--format", "json"]);
    assert_eq!(named["id"], first.as_str());
}

#[test]
fn merged_branches_make_a_chain_with_two_ends() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "passed"));
    repo.git(["checkout", "--quiet", "-b", "other"]);
    let (_, theirs) = repo.close_with("Theirs", "../results");
    repo.git(["checkout", "--quiet", "main"]);
    let (_, ours) = repo.close_with("Ours", "../results");
    repo.git(["merge", "--quiet", "-m", "Merge other", "other"]);
    let (id, _) = repo.close_with("Both", "../results");
    let mut expected = [ours, theirs];
    expected.sort();
    let launch = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(launch["closed"]["previous"], json!(expected));
    repo.answer(["verify"]);
}

#[test]
fn the_text_as_executed_has_its_shared_steps() {
    let repo = shop();
    repo.allure("../results", &result("a", "expired", "passed"));
    let (id, _) = repo.close_with("Nightly", "../results");
    let cases = repo.read(&format!("{}/cases.yaml", repo.launch_folder(&id)));
    let (_, digest) = cases
        .trim_end()
        .rsplit_once(' ')
        .expect("a case and its digest");
    let digest = digest.trim_matches(|c: char| !c.is_ascii_hexdigit());
    insta::assert_snapshot!(repo.read(&format!("{PROJECT}/executed/{digest}.md")), @r#"
    ---
    id: "SHOP-EXP1RD"
    title: "Sign in with an expired password"
    ---

    ## Steps

    1. Open the page.
    1. Give name and password.
       - **Expected:** nothing is shown in clear.
    1. Choose a new password.
       - **Expected:** the shop opens.
    "#);
    // The same text is kept once, and an edit of the front matter alone changes nothing.
    let path = format!("{PROJECT}/cases/sign-in/expired.md");
    repo.write(
        &path,
        repo.read(&path)
            .replace("owner: alice", "owner: alice\ntags: [smoke]"),
    );
    repo.commit("Tag a case");
    repo.close_with("Next", "../results");
    let executed = std::fs::read_dir(repo.root().join(PROJECT).join("executed")).expect("lists");
    assert_eq!(executed.count(), 1);
}

#[test]
fn mutes_and_defects_are_applied() {
    let repo = shop();
    let label = json!({"labels": [{"name": "AS_ID", "value": "SHOP-MA1DRK"}]});
    repo.allure("../results", &with(result("a", "muted", "failed"), &label));
    let message = json!({"statusDetails": {"message": "503 Service Unavailable"}});
    repo.allure(
        "../results",
        &with(result("b", "known", "broken"), &message),
    );
    repo.allure(
        "../results",
        &with(result("c", "same words", "failed"), &message),
    );
    let (id, _) = repo.close_with("Nightly", "../results");
    assert_eq!(
        repo.totals(&id),
        "broken 1, failed 2, muted 1, total 3, unresolved 1"
    );
    let outcomes = repo.read(&format!("{}/outcomes.yaml", repo.launch_folder(&id)));
    for said in [r#""mute": "MUTE-M1""#, r#""defect": "DEF-D1""#] {
        assert_eq!(outcomes.matches(said).count(), 1, "{said}\n{outcomes}");
    }
}

#[test]
fn a_launch_is_closed_by_the_committed_documentation() {
    let repo = shop();
    let label = json!({"labels": [{"name": "AS_ID", "value": "SHOP-MA1DRK"}]});
    repo.allure("../results", &with(result("a", "muted", "failed"), &label));
    let mute = format!("{PROJECT}/mutes/MUTE-M1.yaml");
    std::fs::remove_file(repo.root().join(&mute)).expect("removes");
    let id = repo.open_launch("Nightly");
    repo.answer(["launch", "append", &id, "../results"]);
    let closed = repo.run(["launch", "close", &id]);
    insta::assert_snapshot!(stable(&closed), @r#"
    [SHA-256]
    --- stderr ---
    warning: `projects/shop` has uncommitted changes; the launch is closed by the current commit
    closed "Nightly": 0 passed, 1 failed
    Accounted for: 1 failure of 1, it is known or muted
    committed as [COMMIT] in `projects/shop/launches/2026/11/2026-11-22-1843-nightly-s9yr`
    [exit 0]
    "#);
    assert_eq!(repo.totals(&id), "failed 1, muted 1, total 1");
    assert_eq!(repo.git(["status", "--porcelain"]), format!(" D {mute}"));
    let launch = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(
        launch["closed"]["documentation"],
        repo.git(["rev-parse", "HEAD^"])
    );
}

#[test]
fn an_accepted_loss_is_recorded() {
    let repo = shop();
    repo.write("junit.xml", junit(&[("x", "")]));
    let id = repo.answer(["launch", "open", "--name", "Lossy", "--expect", "win"]);
    repo.answer(["launch", "append", &id, "junit.xml", "--job", "linux"]);
    let missing = repo.run(["launch", "append", &id, "gone.xml", "--job", "mac"]);
    assert_eq!(missing.code, Some(1), "{missing}");
    let refused = repo.run([
        "launch",
        "close",
        &id,
        "--accept-loss",
        "mac",
        "--reason",
        "no runner",
    ]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(
        refused.stderr.contains("job `win` is expected"),
        "{refused}"
    );
    assert!(!refused.stderr.contains("`mac`"), "{refused}");
    assert_eq!(
        repo.run(["launch", "close", &id, "--accept-loss", "mac"])
            .code,
        Some(2)
    );
    repo.answer([
        "launch",
        "close",
        &id,
        "--accept-loss",
        "mac",
        "--accept-loss",
        "win",
        "--reason",
        "no runner",
    ]);
    let launch = repo.json(["launch", "show", &id, "--format", "json"]);
    let reasons: Vec<_> = launch["jobs"]
        .as_array()
        .expect("jobs")
        .iter()
        .map(|job| (job["name"].clone(), job["accepted_loss"].clone()))
        .collect();
    assert_eq!(
        reasons,
        [
            (json!("linux"), json!(null)),
            (json!("mac"), json!("no runner")),
            (json!("win"), json!("no runner")),
        ]
    );
}

#[test]
fn a_complete_append_settles_a_loss() {
    let repo = shop();
    let whole = junit(&[("x", ""), ("y", "<failure message='no'/>")]);
    let id = repo.open_launch("Settled");
    assert_eq!(
        repo.run(["launch", "append", &id, "junit.xml"]).code,
        Some(1)
    );
    repo.write("junit.xml", &whole[..whole.len() - 30]);
    assert_eq!(
        repo.run(["launch", "append", &id, "junit.xml"]).code,
        Some(1)
    );
    assert_eq!(repo.run(["launch", "status", &id]).code, Some(1));
    repo.write("junit.xml", &whole);
    repo.answer(["launch", "append", &id, "junit.xml"]);
    assert_eq!(
        repo.totals(&id),
        "failed 1, passed 1, total 2, unresolved 1"
    );
    repo.answer(["launch", "status", &id]);
    repo.answer(["launch", "close", &id]);
}

#[test]
fn a_loss_is_settled_when_the_producer_names_a_declared_variable() {
    let repo = shop();
    let id = repo.open_launch("Settled");
    assert_eq!(
        repo.run(["launch", "append", &id, "results", "--env", "os=linux"])
            .code,
        Some(1)
    );
    repo.allure("results", &result("a", "plain", "passed"));
    repo.write("results/environment.properties", "browser=firefox\n");
    repo.answer(["launch", "append", &id, "results", "--env", "os=linux"]);
    repo.answer(["launch", "close", &id]);
    let launch = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(launch["totals"]["total"], 1);
}

/// Who closed a launch, when, why and in what sense is in its `launch.yaml`, and told everywhere.
#[test]
fn a_closing_says_who_when_and_in_what_sense() {
    let repo = shop().env("GIT_AUTHOR_NAME", "Ola Opener");
    repo.allure("../results", &result("a", "plain", "passed"));
    let id = repo.open_launch("Candidate");
    repo.answer(["launch", "append", &id, "../results"]);
    let repo = repo.env("GIT_AUTHOR_NAME", "Alice Example");
    let (reason, meaning) = ("the candidate is <final>", "reviewed and approved");
    repo.answer([
        "launch",
        "close",
        &id,
        "--reason",
        reason,
        "--meaning",
        meaning,
    ]);
    let folder = repo.launch_folder(&id);
    let file = repo.read(&format!("{folder}/launch.yaml"));
    for line in [
        "  by: \"Alice Example <alice@example.com>\"\n",
        "  meaning: \"reviewed and approved\"\n",
    ] {
        assert!(file.contains(line), "{file}");
    }
    let shown = repo.answer(["launch", "show", &id]);
    for line in [
        "closed        22 November 2026, 18:43 UTC by Alice Example <alice@example.com>",
        "meaning       reviewed and approved",
        "reason        the candidate is <final>",
    ] {
        assert!(shown.lines().any(|said| said == line), "{shown}");
    }
    let closed = &repo.json(["launch", "show", &id, "--format", "json"])["closed"];
    assert_eq!(
        (&closed["reason"], &closed["meaning"]),
        (&reason.into(), &meaning.into())
    );
    assert_eq!(closed["by"], "Alice Example <alice@example.com>");
    repo.answer(["render", "--out", "../site"]);
    let page = repo.read(&format!("../site/shop/launches/{id}/index.html"));
    for said in [
        "Ola Opener",
        "Closed by",
        "Alice Example",
        "Meaning",
        "reviewed and approved",
        "Closed with a reason: the candidate is &lt;final&gt;",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
}
