//! `tallybook gate`: rules over a launch, which never pass on nothing.

use serde_json::Value;

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{PROJECT, junit, result, shop};

/// Adds a gate to the project, as YAML.
fn with_gate(rules: &str) -> TestRepo {
    let repo = shop();
    let settings = repo.read(&format!("{PROJECT}/project.yaml"));
    repo.write(
        &format!("{PROJECT}/project.yaml"),
        format!("{settings}gate: {rules}\n"),
    );
    repo.commit("Set a gate");
    repo
}

fn launch(repo: &TestRepo, name: &str, results: &[(&str, &str)]) -> String {
    let id = repo.open_launch(name);
    let folder = format!("r-{id}");
    for (test, status) in results {
        repo.allure(&folder, &result(&format!("{id}-{test}"), test, status));
    }
    repo.answer(["launch", "append", &id, &folder]);
    id
}

/// Returns the exit code, and the rules that failed with what was found.
fn judged(repo: &TestRepo, id: &str) -> (Option<i32>, Vec<String>) {
    let ran = repo.run(["gate", id, "--format", "json"]);
    let verdict: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran}"));
    assert_eq!(verdict["passed"], ran.code == Some(0), "{ran}");
    let rules = verdict["rules"].as_array().expect("rules").iter();
    let failed = rules.filter(|rule| rule["passed"] == false);
    let line = |rule: &Value| {
        format!(
            "{}: {}",
            rule["rule"].as_str().expect("a name"),
            rule["actual"].as_str().expect("a text")
        )
    };
    (ran.code, failed.map(line).collect())
}

#[test]
fn an_open_and_a_closed_launch_are_judged_alike() {
    let repo = with_gate("{max_failed: 0, max_new_failures: 0, min_pass_rate: 100}");
    let first = launch(&repo, "Nightly 1", &[("a", "passed"), ("b", "passed")]);
    assert_eq!(
        judged(&repo, &first),
        (Some(1), vec!["max_new_failures: no baseline: no closed launch before it is called `Nightly 1` on branch `main`".into()])
    );
    repo.answer(["launch", "close", &first]);
    let good = launch(&repo, "Nightly 2", &[("a", "passed"), ("b", "passed")]);
    assert_eq!(judged(&repo, &good), (Some(0), vec![]));
    repo.answer(["launch", "close", &good]);
    assert_eq!(judged(&repo, &good), (Some(0), vec![]));
    let bad = launch(
        &repo,
        "Nightly 3",
        &[("a", "failed"), ("b", "passed"), ("c", "broken")],
    );
    let failed = [
        "max_failed: 2",
        "max_new_failures: 2",
        "min_pass_rate: 33.3% (1 of 3)",
    ];
    assert_eq!(
        judged(&repo, &bad),
        (Some(1), failed.map(str::to_owned).to_vec())
    );
    repo.answer(["launch", "close", &bad]);
    assert_eq!(
        judged(&repo, &bad),
        (Some(1), failed.map(str::to_owned).to_vec())
    );
}

#[test]
fn what_failed_is_named() {
    let repo = with_gate("{max_failed: 0}");
    let id = launch(&repo, "Nightly", &[("expired", "failed")]);
    let ran = repo.run(["gate", &id]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("FAIL  max_failed  at most 0"), "{ran}");
    assert!(
        ran.stdout
            .contains("failed   expired  [SHOP-EXP1RD, alice]"),
        "{ran}"
    );
    assert!(
        ran.stdout
            .contains("gate `project.yaml` failed: 1 of 3 rules"),
        "{ran}"
    );
    let github = repo.run(["gate", &id, "--format", "github"]).stdout;
    assert!(
        github.starts_with(
            "::error title=gate project.yaml%3A max_failed::expected at most 0, found 1%0A"
        ),
        "{github}"
    );
    let junit = repo.run(["gate", &id, "--format", "junit"]).stdout;
    assert!(
        junit.contains("<testcase classname=") && junit.contains("found 1"),
        "{junit}"
    );
}

#[test]
fn groups_judge_what_their_query_selects() {
    let repo = with_gate(
        "{groups: [{name: sign-in, query: 'case = SHOP-EXP1RD', max_failed: 0}, {name: none, query: 'tag = nowhere', max_failed: 9}, {name: steady, query: 'flipRate(20) = 0', max_failed: 9}, {name: some, query: 'true limit 1', max_failed: 9}]}",
    );
    let id = launch(
        &repo,
        "Nightly",
        &[("expired", "passed"), ("other", "failed")],
    );
    let (code, failed) = judged(&repo, &id);
    assert_eq!(code, Some(1));
    assert_eq!(failed[0], "max_failed: no result fits the group's query");
    assert!(
        failed[1].starts_with("max_failed: history unavailable"),
        "{failed:?}"
    );
    assert_eq!(
        failed[2],
        "max_failed: the query has a `limit`, and would not see all that fits"
    );
    assert_eq!(failed.len(), 3);
}

#[test]
fn lost_input_and_missing_jobs_never_pass() {
    let repo = with_gate("{max_failed: 0, all_jobs: true}");
    let id = repo.answer([
        "launch", "open", "--name", "Nightly", "--expect", "linux", "--expect", "mac",
    ]);
    let whole = junit(&[("a", ""), ("b", "")]);
    repo.write("cut.xml", &whole[..whole.len() - 40]);
    let appended = repo.run(["launch", "append", &id, "cut.xml", "--job", "linux"]);
    assert_eq!(appended.code, Some(1), "{appended}");
    let (code, failed) = judged(&repo, &id);
    assert_eq!((code, failed.len()), (Some(1), 2), "{failed:?}");
    assert!(failed[0].starts_with("input: 2 inputs lost"), "{failed:?}");
    assert_eq!(failed[1], "all_jobs: 1 of 2");
    let why = [
        "--accept-loss",
        "linux",
        "--accept-loss",
        "mac",
        "--reason",
        "the runners are down",
    ];
    let close = [
        "launch", "close", &id, why[0], why[1], why[2], why[3], why[4], why[5],
    ];
    repo.answer(close);
    let (code, failed) = judged(&repo, &id);
    assert_eq!((code, failed.len()), (Some(1), 2), "{failed:?}");
    assert!(failed[0].starts_with("input: 2 inputs lost"), "{failed:?}");
}

#[test]
fn an_empty_launch_and_expired_mutes_fail() {
    let repo = with_gate("{max_failed: 0, no_expired_mute: true, no_recurrence: true}");
    let empty = repo.open_launch("Empty");
    let (code, failed) = judged(&repo, &empty);
    assert_eq!(
        (code, failed[0].as_str()),
        (Some(1), "results: 0"),
        "{failed:?}"
    );
    let id = launch(&repo, "Nightly", &[("a", "passed")]);
    assert_eq!(judged(&repo, &id), (Some(0), vec![]));
    let later = repo.run(["gate", &id, "--now", "2027-06-01"]);
    assert_eq!(later.code, Some(1));
    assert!(
        later.stdout.contains("MUTE-M1: until 2027-03-01"),
        "{later}"
    );
}

#[test]
fn a_gate_is_found_or_its_absence_told() {
    let repo = shop();
    let id = launch(&repo, "Nightly", &[("a", "passed")]);
    assert_refused(
        &repo.run(["gate", &id]),
        &["has no gate", "gate: {max_new_failures: 0"],
    );
    assert_refused(
        &repo.run(["gate", &id, "--gate", "release"]),
        &["no gate `release`", "gates/release.yaml"],
    );
    repo.write(
        &format!("{PROJECT}/gates/release.yaml"),
        "name: Release\nmin_results: 1\nmax_faild: 3\n",
    );
    assert_refused(&repo.run(["gate", &id]), &["has no gate", "--gate release"]);
    let ran = repo.run(["gate", &id, "--gate", "release"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("max_faild"), "{ran}");
    repo.write(
        &format!("{PROJECT}/gates/release.yaml"),
        "name: Release\nmin_results: 1\n",
    );
    let ran = repo.run(["gate", &id, "--gate", "release"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stdout.contains("gate `release` passed: 3 rules"),
        "{ran}"
    );
}

#[test]
fn a_gate_s_file_that_says_nothing_is_not_absent() {
    let repo = with_gate("{max_failed: 0}");
    let id = launch(&repo, "Nightly", &[("a", "passed")]);
    repo.write(&format!("{PROJECT}/gates/release.yaml"), "");
    assert_refused(
        &repo.run(["gate", &id, "--gate", "release"]),
        &[
            "`projects/shop/gates/release.yaml` does not read: the file is empty",
            "a gate states rules",
        ],
    );
    for kind in ["plans", "queries"] {
        repo.write(&format!("{PROJECT}/{kind}/smoke.yaml"), "");
    }
    assert_refused(
        &repo.run(["plan", "show", "smoke"]),
        &["`projects/shop/plans/smoke.yaml` does not read: the file is empty"],
    );
    assert_refused(
        &repo.run(["query", "--saved", "smoke"]),
        &["`projects/shop/queries/smoke.yaml` does not read: the file is empty"],
    );
    let file = format!("{PROJECT}/gates/release.yaml");
    repo.write(&file, "name: Release\nmax_failed: 0\n");
    let gate = |args: &[&str]| {
        let ran = repo.output(
            "",
            &[["gate", &id, "--format", "json"].as_slice(), args].concat(),
        );
        let said: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        said["gate"].clone()
    };
    assert_eq!(gate(&[]), serde_json::Value::Null);
    assert_eq!(gate(&["--gate", "release"]), "release");
    repo.answer(["launch", "close", &id]);
    let said = repo.answer(["gate", &id, "--gate", "release"]);
    assert!(said.contains(", by the gate of project.yaml"), "{said}");
}

#[test]
fn a_launch_is_no_baseline_of_its_own() {
    let repo = with_gate("{max_new_failures: 0}");
    let id = launch(&repo, "Nightly 1", &[("a", "failed")]);
    for ran in [
        repo.run(["gate", &id, "--base", &id]),
        repo.run(["launch", "compare", &id, &id]),
        repo.run(["report", &id, "--base", &id]),
    ] {
        assert_refused(&ran, &["a launch can't be compared with itself"]);
    }
}

#[test]
fn closing_records_the_verdict_and_ends_well() {
    let repo = with_gate(
        "{max_failed: 0, groups: [{name: history, query: 'flipRate(5) >= 0', min_results: 1}]}",
    );
    let first = launch(&repo, "Nightly 1", &[("a", "passed")]);
    let ran = repo.run(["launch", "close", &first]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr
            .contains("the gate failed at closing: history: min_results"),
        "{ran}"
    );
    let second = launch(&repo, "Nightly 2", &[("a", "passed")]);
    repo.answer(["launch", "close", &second]);
    let third = launch(&repo, "Nightly 3", &[("a", "passed"), ("b", "failed")]);
    repo.answer(["launch", "close", &third]);
    let gate = |id: &str| repo.json(["launch", "show", id, "--format", "json"])["gate"].clone();
    assert_eq!(gate(&second)["verdict"], "passed");
    assert_eq!(gate(&third)["failed"], serde_json::json!(["max_failed"]));
    assert_eq!(gate(&second)["digest"], gate(&third)["digest"]);
    let file = repo.read(&format!("{}/launch.yaml", repo.launch_folder(&third)));
    assert!(file.contains("verdict: \"failed\""), "{file}");
    let text = repo.answer(["launch", "show", &third]);
    assert!(
        text.contains("gate          failed at closing: max_failed"),
        "{text}"
    );
    let settings = repo.read(&format!("{PROJECT}/project.yaml"));
    repo.write(
        &format!("{PROJECT}/project.yaml"),
        settings.replace("max_failed: 0", "max_failed: 1"),
    );
    let ran = repo.run(["gate", &third]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stdout
            .contains("recorded: failed at closing: max_failed, by other rules than today's"),
        "{ran}"
    );
    repo.git(["checkout", "-q", "projects"]);
    repo.answer(["verify"]);
}

#[test]
fn a_plan_of_what_failed_last_means_before_the_launch() {
    let repo = with_gate("{all_planned_ran: true}");
    repo.write(
        &format!("{PROJECT}/plans/again.yaml"),
        "name: Again\nquery: lastStatus() = failed\n",
    );
    repo.commit("Plan what failed");
    let first = launch(&repo, "Nightly 1", &[("expired", "failed")]);
    repo.answer(["launch", "close", &first]);
    let second = repo.answer(["launch", "open", "--name", "Nightly 2", "--plan", "again"]);
    repo.allure("again", &result("again", "expired", "passed"));
    repo.answer(["launch", "append", &second, "again"]);
    assert_eq!(judged(&repo, &second), (Some(0), vec![]));
    repo.answer(["plan", "check", &second]);
    repo.answer(["launch", "close", &second]);
    assert_eq!(judged(&repo, &second), (Some(0), vec![]));
    let gate = repo.json(["launch", "show", &second, "--format", "json"])["gate"].clone();
    assert_eq!(gate["verdict"], "passed");
}
