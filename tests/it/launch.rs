//! A launch's life: what is opened, what is appended, and what is said of it.

use std::path::Path;

use serde_json::json;

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{PROJECT, junit, result, shop, stable, with};

/// All bytes of a folder's files, one after the other.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder lists") {
        let path = entry.expect("the entry reads").path();
        match path.is_dir() {
            true => out.extend(bytes_below(&path)),
            false => out.extend(std::fs::read(path).expect("the file reads")),
        }
    }
    out
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Where open launches of the project live.
fn open_folder(repo: &TestRepo) -> std::path::PathBuf {
    repo.root().join(".git/tallybook/open/SHOP")
}

#[test]
fn categories_are_counted() {
    let repo = shop();
    let settings = format!("{PROJECT}/project.yaml");
    let rules = "categories: [{name: Sandbox, kind: infrastructure, message: '503'}]\n";
    repo.write(&settings, repo.read(&settings) + rules);
    repo.commit("Sort failures");
    let message = |text: &str| json!({"statusDetails": {"message": text}});
    for (id, status, said) in [
        ("1", "failed", "503"),
        ("2", "broken", "503 again"),
        ("3", "failed", "else"),
        ("4", "passed", ""),
    ] {
        repo.allure(
            "r",
            &with(result(id, &format!("t{id}"), status), &message(said)),
        );
    }
    let id = repo.open_launch("Nightly");
    repo.answer(["launch", "append", &id, "r"]);
    for close in [false, true] {
        if close {
            repo.answer(["launch", "close", &id]);
        }
        let view = repo.json(["launch", "show", &id, "--format", "json"]);
        assert_eq!(
            view["categories"],
            json!([{"category": "Sandbox", "results": 2}, {"category": null, "results": 1}])
        );
        let text = repo.answer(["launch", "show", &id]);
        assert!(
            text.contains("2 Sandbox\n") && text.contains("1 (no category)\n"),
            "{text}"
        );
    }
}

#[test]
fn a_launch_lives() {
    let repo = shop();
    repo.allure("results", &result("a", "expired", "passed"));
    repo.allure("results", &result("b", "plain", "failed"));
    insta::assert_snapshot!(stable(&repo.run(["launch", "open", "--name", "Nightly 1843"])), @r#"
    2026-11-22-1843-nightly-1843-s9yr
    --- stderr ---
    opened launch "Nightly 1843" in SHOP
    hint: append results with `tallybook launch append 2026-11-22-1843-nightly-1843-s9yr PATH`
    [exit 0]
    "#);
    let id = "2026-11-22-1843-nightly-1843-s9yr";
    insta::assert_snapshot!(stable(&repo.run(["launch", "append", id, "results"])), @r#"
    2 results: 1 passed, 1 failed
    [exit 0]
    "#);
    insta::assert_snapshot!(stable(&repo.run(["launch", "status", id])), @r#"
    open: 2 results: 1 passed, 1 failed
      local-e9b5e68405  2 rows
    --- stderr ---
    hint: close it with `tallybook launch close 2026-11-22-1843-nightly-1843-s9yr`
    [exit 0]
    "#);
    insta::assert_snapshot!(stable(&repo.run(["launch", "close", id])), @r#"
    [SHA-256]
    --- stderr ---
    closed "Nightly 1843": 1 passed, 1 failed
    Blocked: 1 result of 2 needs a defect, a mute or a fix
    committed as [COMMIT] in `projects/shop/launches/2026/11/2026-11-22-1843-nightly-1843-s9yr`
    hint: `tallybook triage 2026-11-22-1843-nightly-1843-s9yr` says what each needs, with the commands for it
    [exit 0]
    "#);
    insta::assert_snapshot!(stable(&repo.run(["launch", "show", id])), @r#"
    Nightly 1843 (SHOP/2026-11-22-1843-nightly-1843-s9yr)
    Blocked: 1 result of 2 needs a defect, a mute or a fix

    results       2 results: 1 passed, 1 failed
    unresolved    1
    opened        22 November 2026, 18:43 UTC by Alice Example <alice@example.com>
    closed        22 November 2026, 18:43 UTC by Alice Example <alice@example.com>
    receipt       [SHA-256]
    branch        main
    commit        [COMMIT]
    folder        projects/shop/launches/2026/11/2026-11-22-1843-nightly-1843-s9yr
    job           local (2 rows, shard local-e9b5e68405)
    [exit 0]
    "#);
    insta::assert_snapshot!(stable(&repo.run(["launch", "list"])), @r#"
    launch                                  name          opened            state   passed  not passed  unresolved
    SHOP/2026-11-22-1843-nightly-1843-s9yr  Nightly 1843  2026-11-22 18:43  closed       1           1           1
    [exit 0]
    "#);
    insta::assert_snapshot!(stable(&repo.run(["launch", "status", id])), @r#"
    closed, receipt [SHA-256]
    [exit 0]
    "#);
    insta::assert_snapshot!(stable(&repo.run(["verify"])), @r#"
    evidence intact: 1 closed launch verified
      SHOP/2026-11-22-1843-nightly-1843-s9yr  [SHA-256]
    rights: 1 commit by author, which git does not prove
    [exit 0]
    "#);
}

#[test]
fn the_id_stands_alone_on_stdout() {
    let repo = shop();
    let ran = repo.run(["launch", "open", "--name", "Nightly", "--quiet"]);
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    assert!(ran.stdout.starts_with("2026-11-22-1843-nightly-"), "{ran}");
    assert_ne!(repo.open_launch("Nightly"), ran.stdout.trim_end());
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn a_key_is_one_launch_for_all_jobs() {
    let repo = shop();
    let open = || repo.run(["launch", "open", "--key", "run/17"]);
    let (first, second) = (open(), open());
    assert_eq!(first.stdout, second.stdout);
    assert!(
        second.stderr.contains("found launch \"run/17\""),
        "{second}"
    );
    assert_eq!(repo.launch_count(), 1);
}

#[test]
fn a_key_of_a_closed_launch_names_that_launch() {
    let repo = shop();
    repo.allure("results", &result("a", "plain", "passed"));
    let id = repo.answer(["launch", "open", "--key", "17"]);
    repo.answer(["launch", "append", &id, "results"]);
    repo.answer(["launch", "close", &id]);
    let again = repo.run(["launch", "open", "--key", "17"]);
    assert_eq!(
        (again.code, again.stdout.trim_end()),
        (Some(0), id.as_str()),
        "{again}"
    );
    assert!(again.stderr.contains("is closed"), "{again}");
    let late = repo.run(["launch", "append", &id, "results"]);
    assert_eq!(late.code, Some(0), "{late}");
    assert!(late.stderr.contains("nothing changed"), "{late}");
    assert_eq!(repo.launch_count(), 1);
}

#[test]
fn what_a_launch_is_opened_with_is_kept() {
    let repo = shop();
    repo.git([
        "remote",
        "add",
        "origin",
        "https://bob:s3cret@example.com/shop.git",
    ]);
    let id = repo.answer([
        "launch",
        "open",
        "--name",
        "RC",
        "--tag",
        "rc",
        "--link",
        "https://ci.example.com/7",
        "--env",
        "stand=stage",
        "--expect",
        "unit",
        "--expect",
        "e2e",
    ]);
    let launch = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(
        launch["source"],
        json!({
            "repository": "https://example.com/shop.git", "branch": "main",
            "commit": repo.git(["rev-parse", "HEAD"]),
        })
    );
    assert_eq!(launch["environment"], json!({"stand": "stage"}));
    assert_eq!(launch["tags"], json!(["rc"]));
    assert_eq!(
        launch["opened"],
        json!({"at": "2026-11-22T18:43:00Z", "by": "Alice Example <alice@example.com>"})
    );
    repo.write("junit.xml", junit(&[("x", "")]));
    repo.answer(["launch", "append", &id, "junit.xml", "--job", "unit"]);
    insta::assert_snapshot!(repo.run(["launch", "close", &id]), @r#"
    --- stderr ---
    error: job `e2e` is expected and has not appended
    hint: append its results, or accept the loss: `tallybook launch close 2026-11-22-1843-rc-s9yr --accept-loss e2e --reason TEXT`
    launch `2026-11-22-1843-rc-s9yr` stays open
    [exit 1]
    "#);
}

/// A variable that a script gives without a value, or under another name than the project's, is told.
#[test]
fn variables_that_say_nothing_are_told() {
    let repo = shop();
    repo.write("junit.xml", junit(&[("x", "")]));
    let append = |id: &str, env: &[&str]| {
        let all = ["launch", "append", id, "junit.xml"];
        let all: Vec<&str> = all.iter().chain(env).copied().collect();
        repo.output("", &all)
    };
    let ran = repo.run(["launch", "open", "--name", "A", "--env", "Browser=x"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr.contains(
            "variable `Browser` is another than `browser`, which `project.yaml` declares"
        ),
        "{ran}"
    );
    let id = repo.open_launch("Nightly");
    let ran = append(
        &id,
        &[
            "--env",
            "browser=",
            "--env",
            "BROWSER=y",
            "--env",
            "os=linux",
        ],
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    for said in [
        "variable `browser` has no value, and is left out",
        "variable `BROWSER` is another than `browser`",
        "write `--env browser=VALUE`",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {ran}");
    }
    assert!(!ran.stderr.contains("`os`"), "{ran}");
    let ran = append(&id, &["--env", "browser=firefox", "--job", "other"]);
    assert_eq!(ran.stderr, "");
    // Nor is one that is nearly called so; what differs by a number alone is another thing.
    let near = ["--env", "brwser=x", "--env", "browser2=y", "--job", "near"];
    let ran = append(&id, &near);
    assert_eq!(ran.code, Some(0), "{ran}");
    let said = "variable `brwser` is none that `project.yaml` declares, and `browser` is";
    assert!(ran.stderr.contains(said), "{ran}");
    assert!(
        ran.stderr.contains("did you mean `--env browser=VALUE`?"),
        "{ran}"
    );
    assert!(!ran.stderr.contains("browser2"), "{ran}");
    // Results are of one value.
    let two = ["--env", "browser=chrome", "--env", "browser=firefox"];
    let said = ["variable `browser` is given two values, `chrome` and `firefox`"];
    assert_refused(&append(&id, &two), &said);
    let open = ["launch", "open", "--name", "Two"];
    assert_refused(&repo.output("", &[&open[..], &two].concat()), &said);
    let same = [
        "--env", "os=linux", "--env", "os=linux", "--env", "os=", "--job", "same",
    ];
    assert_eq!(append(&id, &same).code, Some(0));
}

#[test]
fn ci_says_where_the_code_came_from() {
    let repo = shop()
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_REPOSITORY", "shop/web")
        .env("GITHUB_REF", "refs/pull/17/merge")
        .env("GITHUB_HEAD_REF", "fix")
        .env("GITHUB_SHA", "0123456789012345678901234567890123456789")
        .env("GITHUB_JOB", "unit")
        .env("GITHUB_RUN_ID", "5")
        .env("GITHUB_RUN_ATTEMPT", "2");
    repo.write("junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("PR");
    repo.answer(["launch", "append", &id, "junit.xml"]);
    let launch = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(
        launch["source"],
        json!({
            "repository": "https://github.com/shop/web", "branch": "fix",
            "commit": "0123456789012345678901234567890123456789", "pull_request": "17",
        })
    );
    let job = &launch["jobs"][0];
    assert_eq!((&job["name"], &job["attempt"]), (&json!("unit"), &json!(2)));
    assert_eq!(job["url"], "https://github.com/shop/web/actions/runs/5");
}

#[test]
fn the_same_append_twice_changes_nothing() {
    let repo = shop();
    repo.allure("results", &result("a", "x", "passed"));
    repo.write("junit.xml", junit(&[("y", "<failure/>")]));
    let id = repo.open_launch("Nightly");
    let append = |path| repo.run(["launch", "append", &id, path]);
    let parts = open_folder(&repo).join(&id).join("parts");
    for path in ["results", "junit.xml"] {
        let first = append(path);
        let before = bytes_below(&parts);
        let second = append(path);
        assert_eq!(
            (first.code, second.code),
            (Some(0), Some(0)),
            "{first}\n{second}"
        );
        assert_eq!(first.stdout, second.stdout);
        assert!(second.stderr.contains("nothing changed"), "{second}");
        assert!(before == bytes_below(&parts), "the parts differ");
    }
    assert_eq!(
        repo.totals(&id),
        "failed 1, passed 1, total 2, unresolved 1"
    );
}

#[test]
fn equal_bytes_of_two_jobs_do_not_collapse() {
    let repo = shop();
    repo.write("junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Matrix");
    for job in ["linux", "windows"] {
        repo.answer(["launch", "append", &id, "junit.xml", "--job", job]);
    }
    for browser in ["browser=chrome", "browser=firefox"] {
        repo.answer([
            "launch",
            "append",
            &id,
            "junit.xml",
            "--job",
            "e2e",
            "--env",
            browser,
        ]);
    }
    assert_eq!(repo.totals(&id), "passed 4, total 4");
    let closed = repo.run(["launch", "close", &id]);
    assert!(
        closed
            .stderr
            .contains("warning: 1 test came from several jobs"),
        "{closed}"
    );
    let launch = repo.launch_folder(&id);
    let outcomes = repo.read(&format!("{launch}/outcomes.yaml"));
    assert!(outcomes.contains("firefox"), "{outcomes}");
}

#[test]
fn attempts_of_a_job_are_retries() {
    let repo = shop();
    repo.write(
        "one.xml",
        junit(&[("x", "<failure message='no'/>"), ("y", "")]),
    );
    repo.write("two.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Retried");
    // The second attempt may arrive first.
    repo.answer([
        "launch",
        "append",
        &id,
        "two.xml",
        "--job",
        "e2e",
        "--attempt",
        "2",
    ]);
    repo.answer([
        "launch",
        "append",
        &id,
        "one.xml",
        "--job",
        "e2e",
        "--attempt",
        "1",
    ]);
    assert_eq!(repo.totals(&id), "passed 2, retries 1, total 2");
    repo.answer(["launch", "close", &id]);
    let launch = repo.launch_folder(&id);
    let outcomes = repo.read(&format!("{launch}/outcomes.yaml"));
    assert!(
        outcomes.contains(r#""flags": ["flaky", "retried"]"#),
        "{outcomes}"
    );
}

#[test]
fn a_grown_folder_adds_what_is_new() {
    let repo = shop();
    repo.allure("results", &result("a", "x", "passed"));
    let id = repo.open_launch("Growing");
    repo.answer(["launch", "append", &id, "results"]);
    repo.allure("results", &result("b", "y", "failed"));
    let grown = repo.run(["launch", "append", &id, "results"]);
    assert_eq!(grown.stdout, "1 result: 1 failed\n", "{grown}");
    assert_eq!(
        repo.totals(&id),
        "failed 1, passed 1, total 2, unresolved 1"
    );
}

#[test]
fn a_grown_folder_of_junit_files_adds_what_is_new() {
    let repo = shop();
    repo.write("reports/a.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Growing");
    repo.answer(["launch", "append", &id, "reports"]);
    repo.write("reports/b.xml", junit(&[("y", "")]));
    repo.answer(["launch", "append", &id, "reports"]);
    assert_eq!(repo.totals(&id), "passed 2, total 2");
}

#[test]
fn a_changed_repeat_is_an_attempt() {
    let repo = shop();
    repo.allure("results", &result("a", "x", "failed"));
    let id = repo.open_launch("Rewritten");
    repo.answer(["launch", "append", &id, "results"]);
    repo.allure(
        "results",
        &with(
            result("a", "x", "passed"),
            &json!({"start": 1_795_372_990_000_u64}),
        ),
    );
    repo.answer(["launch", "append", &id, "results"]);
    assert_eq!(repo.totals(&id), "passed 1, retries 1, total 1");
}

#[test]
fn a_masked_parameter_never_reaches_the_disk() {
    let repo = shop();
    let parameters = json!([
        {"name": "pin", "value": "s3cr3t-pin", "mode": "masked"},
        {"name": "key", "value": "s3cr3t-key", "mode": "hidden"},
        {"name": "locale", "value": "de"},
    ]);
    let step = json!({"name": "type", "status": "failed", "parameters": parameters});
    let result = with(
        result("a", "x", "failed"),
        &json!({"parameters": parameters, "steps": [step]}),
    );
    repo.allure("results", &result);
    let id = repo.open_launch("Secret");
    repo.answer(["launch", "append", &id, "results"]);
    let open = bytes_below(&open_folder(&repo));
    assert!(holds(&open, "locale") && holds(&open, "pin"));
    assert!(!holds(&open, "s3cr3t"));
    repo.answer(["launch", "close", &id]);
    assert!(!holds(&bytes_below(&repo.root().join(PROJECT)), "s3cr3t"));
}

#[test]
fn attachments_are_kept_once() {
    let repo = shop();
    let attachment =
        |source: &str| json!([{"name": "log", "source": source, "type": "text/plain"}]);
    for (uuid, name, log) in [
        ("a", "x", "1-attachment.txt"),
        ("b", "y", "2-attachment.txt"),
    ] {
        let more = json!({"attachments": attachment(log)});
        repo.allure("results", &with(result(uuid, name, "failed"), &more));
        repo.write(&format!("results/{log}"), "the same words\n");
    }
    let (id, _) = repo.close_with("Attached", "results");
    let folder = repo
        .root()
        .join(repo.launch_folder(&id))
        .join("attachments");
    let names: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder lists")
        .map(|entry| {
            entry
                .expect("reads")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    assert_eq!(
        names,
        ["f02f23da00f6f72a1709567e5f18552a08721641f27f67e0b576d8b752c0c205.txt"]
    );
}

#[test]
fn a_manual_result_overrides_the_automated_one() {
    let repo = shop();
    repo.allure("auto", &result("a", "expired", "failed"));
    let by_hand = json!({"labels": [
        {"name": "ALLURE_MANUAL", "value": "true"}, {"name": "AS_ID", "value": "SHOP-EXP1RD"},
    ]});
    repo.allure("manual", &with(result("m", "by hand", "passed"), &by_hand));
    let id = repo.open_launch("Release");
    repo.answer(["launch", "append", &id, "auto", "--job", "e2e"]);
    repo.answer(["launch", "append", &id, "manual", "--job", "people"]);
    let expected = "overridden 1, passed 1, total 2";
    assert_eq!(repo.totals(&id), expected);
    repo.answer(["launch", "close", &id]);
    assert_eq!(repo.totals(&id), expected);
}

#[test]
fn json_has_the_promised_keys() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "passed"));
    let (id, receipt) = repo.close_with("Closed", "../results");
    let open = repo.open_launch("Open");
    let totals = [
        "passed",
        "failed",
        "broken",
        "skipped",
        "unknown",
        "in_progress",
        "total",
        "retries",
        "muted",
        "overridden",
        "unresolved",
    ];
    let list = repo.json(["launch", "list", "--format", "json"]);
    let listed = list.as_array().expect("an array");
    assert_eq!(listed.len(), 2);
    let shown = |id: &str, command: &str| repo.json(["launch", command, id, "--format", "json"]);
    for (launch, id, state, receipt) in [
        (&listed[0], &open, "open", json!(null)),
        (&listed[1], &id, "closed", json!(receipt)),
        (&shown(&id, "show"), &id, "closed", json!(receipt)),
        (&shown(&open, "show"), &open, "open", json!(null)),
        (&shown(&id, "status"), &id, "closed", json!(receipt)),
    ] {
        assert_eq!(launch["id"], id.as_str());
        assert_eq!(
            (&launch["project"], &launch["state"]),
            (&json!("SHOP"), &json!(state))
        );
        assert_eq!(launch["receipt"], receipt);
        assert!(launch["name"].is_string());
        let keys = launch["totals"].as_object().expect("an object").keys();
        assert_eq!(
            keys.collect::<std::collections::BTreeSet<_>>().len(),
            totals.len()
        );
        assert!(
            totals.iter().all(|key| launch["totals"][key].is_u64()),
            "{launch}"
        );
    }
}

#[test]
fn a_commit_shows_what_it_holds() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "passed"));
    let (first, _) = repo.close_with("One", "../results");
    repo.git(["tag", "v1"]);
    let (second, _) = repo.close_with("Two", "../results");
    repo.open_launch("Open");
    let ids = |rev: &str| {
        let list = repo.json(["launch", "list", "--at", rev, "--format", "json"]);
        list.as_array()
            .expect("an array")
            .iter()
            .map(|l| l["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("v1"), [json!(first)]);
    assert_eq!(ids("HEAD"), [json!(second), json!(first)]);
    let absent = repo.run(["launch", "show", &second, "--at", "v1"]);
    assert_eq!(absent.code, Some(2), "{absent}");
    assert!(
        absent.stderr.contains(&format!("no launch `{second}`")),
        "{absent}"
    );
    assert!(
        repo.answer(["verify", "--at", "v1"])
            .contains("1 closed launch verified")
    );
}
