//! How steady tests are, on each branch and in each environment.

use serde_json::{Value, json};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, with};

/// Closes a launch in which `expired` ends differently in two browsers.
fn closed(repo: &TestRepo, name: &str, chrome: &str, firefox: &str, more: &[&str]) -> String {
    let id = repo.output("", &[&["launch", "open", "--name", name], more].concat());
    let id = id.stdout.trim().to_owned();
    for (browser, status) in [("chrome", chrome), ("firefox", firefox)] {
        let folder = format!("{}-{browser}", name.replace(' ', "-"));
        repo.allure(&folder, &result(&format!("{folder}-e"), "expired", status));
        let other = with(
            result(&format!("{folder}-o"), "other", "passed"),
            &json!({"fullName": "auth.other"}),
        );
        repo.allure(&folder, &other);
        let variable = format!("browser={browser}");
        repo.answer([
            "launch", "append", &id, &folder, "--env", &variable, "--job", browser,
        ]);
    }
    repo.answer(["launch", "close", &id]);
    id
}

fn work(repo: &TestRepo, n: usize) {
    repo.write("work.txt", n.to_string());
    repo.commit(&format!("Work {n}"));
}

/// Four launches on `main` and one on `side`: Chrome `pppp`, Firefox `pfff`, on the side both fail.
fn with_branches() -> (TestRepo, Vec<String>) {
    let repo = shop();
    let mut ids = vec![closed(&repo, "Nightly 1", "passed", "passed", &[])];
    work(&repo, 1);
    work(&repo, 2);
    for (n, firefox) in [(2, "failed"), (3, "broken"), (4, "failed")] {
        ids.push(closed(
            &repo,
            &format!("Nightly {n}"),
            "passed",
            firefox,
            &[],
        ));
    }
    ids.push(closed(
        &repo,
        "Side 1",
        "failed",
        "failed",
        &["--branch", "side"],
    ));
    (repo, ids)
}

fn line(view: &Value, branch: usize, line: usize) -> &Value {
    &view["branches"][branch]["lines"][line]
}

#[test]
fn a_test_has_a_line_on_each_branch_and_in_each_environment() {
    let (repo, ids) = with_branches();
    let view = repo.json(["history", "SHOP-EXP1RD", "--format", "json"]);
    let branches: Vec<(&str, u64)> = view["branches"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (
                one["branch"].as_str().expect("a name"),
                one["launches"].as_u64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(branches, [("side", 1), ("main", 4)]);
    let (chrome, firefox) = (line(&view, 1, 0), line(&view, 1, 1));
    assert_eq!(chrome["environment"], "browser=chrome");
    assert_eq!(
        chrome["pass_rate"],
        json!({"value": 1.0, "part": 4, "of": 4})
    );
    assert_eq!(chrome["failing"], Value::Null);
    assert_eq!(firefox["environment"], "browser=firefox");
    assert_eq!(
        (&firefox["flip_rate"]["part"], &firefox["flip_rate"]["of"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(
        (&firefox["pass_rate"]["part"], &firefox["pass_rate"]["of"]),
        (&json!(1), &json!(4))
    );
    let failing = &firefox["failing"];
    assert_eq!(
        (
            &failing["failures"],
            &failing["since"],
            &failing["passed_in"]
        ),
        (&json!(3), &json!(ids[1]), &json!(ids[0]))
    );
    // The closing of the first launch, and two commits of work.
    assert_eq!(failing["commits"], 3);
    let range = format!(
        "{}..{}",
        failing["passed_commit"].as_str().expect("a commit"),
        failing["since_commit"].as_str().expect("a commit")
    );
    assert_eq!(repo.git(["rev-list", "--count", &range]).trim(), "3");
    let text = repo.answer(["history", "SHOP-EXP1RD"]);
    assert!(
        text.starts_with("SHOP-EXP1RD Sign in with an expired password\n\nside: 1 closed launch\n"),
        "{text}"
    );
    assert!(text.contains("  browser=firefox\n    pfbf  25.0% passed (1 of 4); 33.3% flipped (1 of 3)\n    fails 3 times in a row"), "{text}");
    assert!(text.contains(" (3 commits)"), "{text}");
    let csv = repo.answer([
        "history",
        "SHOP-EXP1RD",
        "--format",
        "csv",
        "--branch",
        "main",
    ]);
    assert!(
        csv.contains("main,browser=firefox,expired,,failed,1,3,1,4,0,"),
        "{csv}"
    );
    // The same as a query says.
    let asked = [
        "query",
        "id = SHOP-EXP1RD and flipRate(20) = 0.0",
        "--of",
        "cases",
        "--format",
        "count",
    ];
    assert_eq!(repo.run(asked).stdout.trim(), "0");
}

#[test]
fn tests_are_found_by_result_and_by_name() {
    let (repo, ids) = with_branches();
    let other = repo.json([
        "history",
        "auth.other",
        "--branch",
        "main",
        "--format",
        "json",
    ]);
    assert_eq!(
        line(&other, 0, 1)["pass_rate"],
        json!({"value": 1.0, "part": 4, "of": 4})
    );
    let results = repo.json([
        "query",
        "name = expired",
        "--of",
        "results",
        "--launch",
        &ids[0],
        "--format",
        "json",
    ]);
    let result = format!("{}/{}", ids[0], results[0]["id"].as_str().expect("an id"));
    let by_result = repo.json(["history", &result, "--format", "json"]);
    assert_eq!(
        by_result,
        repo.json(["history", "SHOP-EXP1RD", "--format", "json"])
    );
    assert_refused(
        &repo.run(["history", "auth.othr"]),
        &["no case and no test", "did you mean `auth.other`?"],
    );
    assert_refused(
        &repo.run(["history", "--branch", "mian"]),
        &[
            "no closed launch is of the branch `mian`",
            "there are launches of `side` and `main`",
        ],
    );
}

#[test]
fn all_tests_together_by_branch_and_environment() {
    let (repo, _) = with_branches();
    let view = repo.json(["history", "--branch", "main", "--format", "json"]);
    assert_eq!(
        view["branches"][0]["environments"],
        json!([
            {"environment": "browser=chrome", "tests": 2, "failing": 0, "unsteady": 0,
                "flip_rate": {"value": 0.0, "part": 0, "of": 6}, "pass_rate": {"value": 1.0, "part": 8, "of": 8}},
            {"environment": "browser=firefox", "tests": 2, "failing": 1, "unsteady": 1,
                "flip_rate": {"value": 1.0 / 6.0, "part": 1, "of": 6}, "pass_rate": {"value": 0.625, "part": 5, "of": 8}},
        ])
    );
    let text = repo.answer(["history", "--last", "2"]);
    assert!(
        text.contains("main    browser=firefox  4         2      1        0         0.0% (0 of 2)"),
        "{text}"
    );
    let none = shop();
    let ran = none.run(["history"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran}");
    assert!(ran.stderr.contains("history unavailable"), "{ran}");
}

#[test]
fn commits_of_a_shallow_clone_are_not_counted() {
    let (repo, _) = with_branches();
    let origin = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "1", &origin, "shallow"]);
    let ran = repo.run_in("shallow", ["history", "SHOP-EXP1RD", "--branch", "main"]);
    assert!(
        ran.stdout
            .contains("(how many commits is unavailable: the clone is shallow)"),
        "{ran}"
    );
    let view = repo.run_in(
        "shallow",
        [
            "history",
            "SHOP-EXP1RD",
            "--branch",
            "main",
            "--format",
            "json",
        ],
    );
    let view: Value = serde_json::from_str(&view.stdout).expect("JSON");
    let failing = &line(&view, 0, 1)["failing"];
    assert_eq!(
        (&failing["commits"], &failing["commits_unavailable"]),
        (&Value::Null, &json!("the clone is shallow"))
    );
}
