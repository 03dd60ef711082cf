//! `tallybook review` as reviewers and CI use it.

use serde_json::Value;

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{PROJECT, junit, shop};

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
fn who_changes_what_a_case_means_needs_an_approval() {
    let repo = shop();
    let id = "SHOP-MA1DRK";
    let approve = repo.run(["approve", id]);
    assert_eq!(approve.code, Some(0), "{approve}");
    repo.commit("Approve");
    let strict = ["review", "--fail-on", "unreviewed"];
    let text = repo.read(DARK);
    repo.write(DARK, text.replace("owner: alice\n", "owner: bob\n"));
    assert_eq!(
        repo.run(strict).code,
        Some(0),
        "an owner is not what was approved"
    );
    repo.write(
        DARK,
        text.replace("owner: alice\n", "owner: alice\nlayer: api\n"),
    );
    let outdated = repo.run(strict);
    assert_eq!(outdated.code, Some(1), "{outdated}");
    assert!(
        outdated.stdout.contains("is no longer what alice approved"),
        "{outdated}"
    );
    assert!(
        outdated
            .stdout
            .contains("Not approved as they are now: 1 case"),
        "{outdated}"
    );
    let again = repo.run(["approve", id]);
    assert_eq!(again.code, Some(0), "{again}");
    let approved = repo.run(strict);
    assert_eq!(approved.code, Some(0), "{approved}");
    assert!(
        approved.stdout.contains("alice approves it as it is"),
        "{approved}"
    );
}

/// Attachments that lie in a folder outside of git are no tampering, as they are none for `verify`.
#[test]
fn attachments_that_are_kept_elsewhere_are_no_tampering() {
    let repo = shop();
    let settings = repo.read("tallybook.yaml");
    let store = repo.root().join("store");
    let setting = format!(
        "attachments: {{store: directory, path: {}}}\n",
        store.display()
    );
    repo.write("tallybook.yaml", settings + &setting);
    repo.commit("Keep attachments elsewhere");
    repo.write("out/shot.png", "a picture");
    let result = r#"{"uuid": "1", "name": "x", "fullName": "x", "status": "failed", "start": 1, "stop": 2, "attachments": [{"name": "shot", "source": "shot.png", "type": "image/png"}]}"#;
    repo.write("out/1-result.json", result);
    repo.git(["tag", "before"]);
    for step in [
        ["launch", "open", "--key", "1"].as_slice(),
        &["launch", "append", "--key", "1", "out"],
        &["launch", "close", "--key", "1"],
    ] {
        let ran = repo.output("", step);
        assert_eq!(ran.code, Some(0), "{ran}");
    }
    assert!(store.is_dir(), "the attachment was kept");
    let found = repo.run(["review", "before..HEAD", "--fail-on", "tampered"]);
    assert_eq!(found.code, Some(0), "{found}");
}

#[test]
fn a_file_that_is_no_text_any_more_is_not_gone() {
    let repo = shop();
    std::fs::write(repo.root().join(DARK), b"\xff\xfe\x00").expect("it writes");
    let found = repo.run(["review"]);
    assert!(
        found.stdout.contains("can't be read: ") && found.stdout.starts_with("1 change weakens"),
        "{found}"
    );
    assert!(!found.stdout.contains("is gone, with"), "{found}");
    assert!(!found.stdout.contains("is new"), "{found}");
    repo.commit("Not UTF-8");
    repo.git(["checkout", "-q", "HEAD~1", "--", DARK]);
    let back = repo.run(["review"]);
    assert!(back.stdout.contains("can be read again"), "{back}");
    repo.git(["checkout", "-q", "HEAD", "--", DARK]);
    std::fs::write(repo.root().join(DARK), b"\xff\xfe\x01").expect("it writes");
    let other = repo.run(["review"]);
    assert!(other.stdout.contains("    changed\n"), "{other}");
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

/// A workspace that moved is the same one: nothing in it is new, and its launches were closed before.
#[test]
fn a_workspace_that_moves_is_no_tampering() {
    let repo = shop();
    repo.write("../r.xml", junit(&[("a", ""), ("b", "<failure/>")]));
    let (id, _) = repo.close_with("Nightly", "../r.xml");
    let outcomes = format!("{}/outcomes.yaml", repo.launch_folder(&id));
    repo.git(["tag", "before"]);
    let moved = || {
        std::fs::create_dir(repo.root().join("qa")).expect("it is made");
        repo.git(["mv", "tallybook.yaml", ".gitattributes", "projects", "qa"]);
    };
    moved();
    let review = |range| repo.run_in("qa", ["review", range, "--fail-on", "tampered,rules"]);
    let ran = review("before");
    assert_eq!(ran.code, Some(0), "before it is committed: {ran}");
    repo.commit("Move the workspace");
    for range in ["before..HEAD", "before...HEAD", "before"] {
        let ran = review(range);
        assert_eq!(ran.code, Some(0), "{range}: {ran}");
        assert_eq!(ran.stdout, "no change of meaning\n", "{range}");
    }
    let alter = |path: &str| {
        repo.write(path, repo.read(path).replacen("failed", "passed", 1));
    };
    let altered = |range| {
        let ran = review(range);
        assert_eq!(ran.code, Some(1), "{ran}");
        let said = ran.stdout.starts_with("closed launches were altered");
        assert!(said && ran.stdout.contains("outcomes.yaml"), "{ran}");
    };
    alter(&format!("qa/{outcomes}"));
    repo.commit("Tidy up");
    altered("before..HEAD");
    // Altered on the way.
    repo.git(["reset", "-q", "--hard", "before"]);
    moved();
    alter(&format!("qa/{outcomes}"));
    repo.commit("Move the workspace");
    altered("before..HEAD");
    altered("before...HEAD");
}

#[test]
fn what_a_role_does_not_allow_is_no_tampering() {
    let repo = shop();
    let text = repo.read(DARK);
    repo.write(DARK, text.replace("owner: alice\n", "owner: eve\n"));
    let author = "eve <eve@example.com>";
    repo.git([
        "commit", "--quiet", "--all", "-m", "Take it", "--author", author,
    ]);
    let range = "HEAD~1..HEAD";
    let found = repo.run(["review", range, "--fail-on", "forbidden"]);
    assert_eq!(found.code, Some(1), "{found}");
    let said = "1 commit did what its author's role does not allow";
    assert!(found.stdout.starts_with(said), "{found}");
    let other = repo.run(["review", range, "--fail-on", "tampered"]);
    assert_eq!(other.code, Some(0), "{other}");
}

#[test]
fn a_pull_request_gets_a_comment() {
    let repo = branch();
    repo.git(["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    let (base, head) = (
        repo.git(["rev-parse", "HEAD~1"]),
        repo.git(["rev-parse", "HEAD"]),
    );
    let (base, head) = (base.trim(), head.trim());
    let comment = repo.answer(["review", "main...HEAD", "--format", "markdown"]);
    let place = format!("https://github.com/acme/shop/blob/{head}/{DARK}?plain=1#L7");
    let expected = format!(
        "<!-- tallybook-review -->\n### ⚠️ 1 change weakens testing\n\n\
         From where it left main ({}) to HEAD.\n\n#### Weakens testing (1)\n\n\
         - case `SHOP-MA1DRK` “Mail in dark mode”: has a lower severity: normal → trivial · [`dark.md:7`]({place})\n\n\
         <sub>All of it: `tallybook review {}..{}`</sub>",
        &base[..10],
        &base[..10],
        &head[..10]
    );
    assert_eq!(comment, expected);
    let link = "https://code.example/{path}#n{line}";
    let summary = repo.answer([
        "review",
        "main...HEAD",
        "--format",
        "summary",
        "--link",
        link,
    ]);
    let place = format!("https://code.example/{DARK}#n7");
    assert!(
        summary.contains(&format!("[`dark.md:7`]({place})")),
        "{summary}"
    );
    assert!(summary.starts_with("### ⚠️"), "{summary}");
    let wrong = repo.run(["review", "--link", "https://code.example/"]);
    assert_refused(&wrong, &["it has no `{path}`"]);
}

#[test]
fn ci_shows_changes_at_their_lines() {
    let repo = branch();
    let of = |format: &str| {
        repo.run(["review", "main...HEAD", "--format", format])
            .stdout
    };
    let said = "case SHOP-MA1DRK “Mail in dark mode”: has a lower severity: normal → trivial";
    let annotation = format!(
        "::warning file={DARK},line=7,col=1,endLine=7,endColumn=18,title=Another severity (severity)::{said}\n"
    );
    assert_eq!(of("github"), annotation);
    let rows: Value = serde_json::from_str(&of("gitlab")).expect("JSON");
    assert_eq!(rows[0]["description"], said);
    assert_eq!(rows[0]["location"]["lines"]["begin"], 7);
    let log: Value = serde_json::from_str(&of("sarif")).expect("JSON");
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "severity");
    assert!(of("junit").contains("failures=\"0\""));
    let strict = repo.run([
        "review",
        "main...HEAD",
        "--format",
        "junit",
        "--fail-on",
        "weakened",
    ]);
    assert_eq!(strict.code, Some(1), "{strict}");
    assert!(strict.stdout.contains("failures=\"1\""), "{strict}");
}

#[test]
fn both_texts_stand_side_by_side_where_that_is_asked() {
    let repo = shop().env("COLUMNS", "80");
    let text = repo.read(DARK);
    repo.write(
        DARK,
        text.replace("it can be read", "it can be read at night"),
    );
    let beside = repo.answer(["review", "--side-by-side", "always"]);
    let row = "      it can be [-read.-]                 │ it can be {+read at night.+}";
    assert!(beside.contains(row), "{beside}");
    let auto = repo.answer(["review"]);
    assert!(!auto.contains('│'), "a pipe is no wide terminal: {auto}");
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
