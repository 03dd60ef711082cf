//! `tallybook trace`: from requirements to cases to results.

use serde_json::{Value, json};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{PROJECT, result, shop, with};

const EXPIRED: &str = "projects/shop/cases/sign-in/expired.md";
const DARK: &str = "projects/shop/cases/mail/dark.md";

/// Gives a case a link to a requirement.
fn link(repo: &TestRepo, case: &str, requirement: &str) {
    let text = repo.read(case);
    let links = format!("owner: alice\nlinks: [{{type: requirement, name: {requirement}}}]\n");
    repo.write(case, text.replacen("owner: alice\n", &links, 1));
}

fn standings(view: &Value) -> Vec<String> {
    let lines = view["requirements"].as_array().expect("a list").iter();
    let line = |line: &Value| {
        format!(
            "{} {}",
            line["id"].as_str().expect("an id"),
            line["standing"].as_str().expect("a word")
        )
    };
    lines.map(line).collect()
}

/// Closes a launch of the two documented cases.
fn closed(repo: &TestRepo, name: &str, expired: &str, dark: &str) -> String {
    let folder = format!("r-{}", name.replace(' ', "-"));
    repo.allure(&folder, &result(&format!("{name}-e"), "expired", expired));
    let manual = json!({"labels": [{"name": "ALLURE_MANUAL", "value": "true"}, {"name": "ALLURE_ID", "value": "SHOP-MA1DRK"}]});
    repo.allure(
        &folder,
        &with(result(&format!("{name}-d"), "dark", dark), &manual),
    );
    repo.close_with(name, &folder).0
}

#[test]
fn gaps_are_rows_and_reasons_are_told() {
    let repo = shop();
    link(&repo, EXPIRED, "REQ-1");
    link(&repo, DARK, "req-2");
    repo.write(
        &format!("{PROJECT}/requirements/all.yaml"),
        "requirements:\n  - {id: REQ-0, title: Everything}\n  - {id: REQ-1, title: Signing in, parent: REQ-0}\n\
         \x20 - {id: REQ-2, title: Mail, parent: REQ-0}\n  - {id: REQ-3, title: Printing}\n\
         \x20 - {id: REQ-4, title: Law, gap: {reason: shown by inspection, by: alice}}\n",
    );
    repo.commit("Requirements");
    let unknown = repo.json(["trace", "--format", "json"]);
    assert_eq!(
        standings(&unknown),
        [
            "REQ-0 not_run",
            "REQ-1 not_run",
            "REQ-2 not_run",
            "REQ-3 gap",
            "REQ-4 justified"
        ]
    );
    closed(&repo, "Nightly 1", "passed", "passed");
    let last = closed(&repo, "Nightly 2", "failed", "skipped");
    let view = repo.json(["trace", "--format", "json"]);
    assert_eq!(
        standings(&view),
        [
            "REQ-0 failing",
            "REQ-1 failing",
            "REQ-2 not_run",
            "REQ-3 gap",
            "REQ-4 justified"
        ]
    );
    assert_eq!(view["coverage"], json!({"value": 0.0, "part": 0, "of": 3}));
    let latest = &view["requirements"][1]["cases"][0]["latest"][0];
    assert_eq!(
        (latest["launch"].as_str(), latest["environment"].as_str()),
        (Some(last.as_str()), Some("browser=chrome"))
    );
    let gaps = repo.json([
        "trace",
        "--gaps",
        "--launch",
        "2026-11-22-1843-nightly-1",
        "--format",
        "json",
    ]);
    assert_eq!(standings(&gaps), ["REQ-3 gap", "REQ-4 justified"]);
    let asked = |args: &[&str]| {
        let ran = repo.output(
            "",
            &[["trace", "--format", "json"].as_slice(), args].concat(),
        );
        standings(&serde_json::from_str(&ran.stdout).expect("JSON"))
    };
    let (gap, failing) = (
        ["REQ-2 not_run", "REQ-3 gap", "REQ-4 justified"],
        ["REQ-0 failing", "REQ-1 failing"],
    );
    assert_eq!(asked(&["--gaps"]), gap);
    assert_eq!(asked(&["--failing"]), failing);
    assert_eq!(
        asked(&["--gaps", "--failing"]),
        [failing.as_slice(), &gap].concat()
    );
    // What a gap is a part of is named above it.
    let text = repo.answer(["trace", "--gaps"]);
    assert!(
        text.starts_with("failing        REQ-0 Everything\n  not run        REQ-2 Mail\n"),
        "{text}"
    );
    let text = repo.answer(["trace"]);
    assert!(text.contains("gap            REQ-3 Printing"), "{text}");
    assert!(text.contains("shown by inspection"), "{text}");
    assert!(
        text.contains("coverage 0.0% (0 of 3 requirements)"),
        "{text}"
    );
    let csv = repo.answer(["trace", "--format", "csv"]);
    assert!(csv.contains("REQ-1,Signing in,failing,,SHOP-EXP1RD,Sign in with an expired password,browser=chrome,failed,false,false,"), "{csv}");
    assert!(csv.contains("REQ-3,Printing,gap,,,,,,,,,"), "{csv}");
}

#[test]
fn a_manual_result_of_an_older_text_is_stale() {
    let repo = shop();
    link(&repo, DARK, "REQ-2");
    repo.commit("Link");
    closed(&repo, "Nightly 1", "passed", "passed");
    assert_eq!(
        standings(&repo.json(["trace", "--format", "json"])),
        ["REQ-2 covered"]
    );
    let text = repo.read(DARK);
    repo.write(
        DARK,
        text.replace("it can be read", "it can be read at night"),
    );
    let view = repo.json(["trace", "--format", "json"]);
    assert_eq!(standings(&view), ["REQ-2 stale"]);
    assert!(repo.answer(["trace"]).contains("passed, of an older text"));
    let before = repo.json(["trace", "--at", "HEAD", "--format", "json"]);
    assert_eq!(standings(&before), ["REQ-2 covered"]);
}

#[test]
fn a_manual_result_is_valid_for_a_time() {
    let repo = shop();
    link(&repo, EXPIRED, "REQ-1");
    link(&repo, DARK, "REQ-2");
    let settings = format!("{PROJECT}/project.yaml");
    let plain = repo.read(&settings);
    repo.write(&settings, format!("{plain}manual_valid_for: 90d\n"));
    repo.commit("Set a validity");
    let id = closed(&repo, "Nightly 1", "passed", "passed");
    let at = |now: &str| repo.json(["trace", "--now", now, "--format", "json"]);
    let (fresh, late) = ("2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z");
    assert_eq!(standings(&at(fresh)), ["REQ-1 covered", "REQ-2 covered"]);
    let view = at(late);
    assert_eq!(standings(&view), ["REQ-1 covered", "REQ-2 stale"]);
    assert_eq!(view["coverage"], json!({"value": 0.5, "part": 1, "of": 2}));
    let row = &view["requirements"][1];
    assert_eq!(row["reason"], "only manual results older than 90d");
    let latest = &row["cases"][0]["latest"][0];
    assert_eq!(latest["stale_because"], "age");
    let text = repo.answer(["trace", "--gaps", "--now", late]);
    assert!(text.contains("stale          REQ-2"), "{text}");
    assert!(text.contains(", older than 90d"), "{text}");
    assert!(!text.contains("REQ-1"), "{text}");
    let csv = repo.answer(["trace", "--format", "csv", "--now", late]);
    assert!(csv.contains(",true,2026-11-22"), "{csv}");
    let groups = [
        "trace", "--by", "section", "--now", late, "--format", "json",
    ];
    assert_eq!(repo.json(groups)[0]["stale"], 1);
    // A requirement's own word counts in place of the project's.
    repo.write(
        &format!("{PROJECT}/requirements/REQ-2.yaml"),
        "title: Mail\nmanual_valid_for: 52w\n",
    );
    assert_eq!(standings(&at(late)), ["REQ-2 covered"]);
    // A gate counts it as the matrix does, and says why.
    repo.write(
        &format!("{PROJECT}/requirements/REQ-2.yaml"),
        "title: Mail\nmanual_valid_for: 1h\n",
    );
    let gate = format!("{plain}gate: {{min_requirement_coverage: 100}}\n");
    repo.write(&settings, gate);
    let gate = repo.run(["gate", &id, "--now", late]);
    assert!(
        gate.stdout
            .contains("REQ-2 Mail: only manual results older than 1h"),
        "{gate}"
    );
    repo.write(&settings, format!("{plain}manual_valid_for: 90 days\n"));
    let found = repo.run(["validate", "--format", "short"]);
    assert!(
        found.stdout.contains(
            "`manual_valid_for` is `90 days`, expected a number and one of h, d, w, as `90d`"
        ),
        "{found}"
    );
}

#[test]
fn coverage_by_section_and_field() {
    let repo = shop();
    closed(&repo, "Nightly 1", "passed", "failed");
    let groups = repo.json(["trace", "--by", "section", "--format", "json"]);
    assert_eq!(
        groups,
        json!([
            {"name": "mail", "cases": 1, "covered": 0, "failing": 1, "not_run": 0, "stale": 0},
            {"name": "sign-in", "cases": 1, "covered": 1, "failing": 0, "not_run": 0, "stale": 0},
        ])
    );
    let text = repo.answer(["trace", "--by", "owner"]);
    assert!(
        text.contains("alice  2      1        1        0        0      50%"),
        "{text}"
    );
    assert_refused(
        &repo.run(["trace", "--by", "colour"]),
        &["no case has the field `colour`"],
    );
    assert_refused(
        &repo.run(["trace"]),
        &["has no requirements", "requirements/REQ-1.yaml"],
    );
}
