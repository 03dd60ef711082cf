//! `tallybook plan` as its users run it, and the filters that test runners were held against.

use std::path::PathBuf;

use serde_json::{Value, json};
use tallybook::exchange::runner::{Runner, Runs, Target};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, with};

fn fixture(name: &str) -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/plans")
        .join(name)
}

/// Full names as producers write them, one a line; behind a tab the result's own name.
fn targets(names: &str) -> Vec<Target> {
    let target = |line: &str| {
        let (full_name, name) = match line.split_once('\t') {
            Some((full, name)) => (full, Some(name.to_owned())),
            None => (line, None),
        };
        Target {
            full_name: full_name.to_owned(),
            name,
            project: None,
        }
    };
    names.lines().map(target).collect()
}

/// Worked examples: names, and below `---` what the runner is given. `verify.sh` beside them holds each
/// against the runner itself. With `TALLYBOOK_WRITE_TABLES` set they are written instead of compared.
#[test]
fn worked_examples_hold() {
    for runner in Runner::ALL {
        let path = fixture(&format!("{}.txt", runner.as_str()));
        let text = std::fs::read_to_string(&path).expect("the example reads");
        let (names, _) = text.split_once("---\n").expect("names, then runs");
        let runs = runner.runs(&targets(names), Runs::default());
        let runs = runs.expect("all names are of use");
        let made = format!("{names}---\n{}", runner.written(&runs));
        if std::env::var_os("TALLYBOOK_WRITE_TABLES").is_some() {
            std::fs::write(&path, &made).expect("the example is written");
            continue;
        }
        assert!(made == text, "{} is stale:\n{made}", path.display());
    }
}

const SMOKE: &str = "projects/shop/plans/smoke.yaml";

/// A case file that claims tests.
fn case(repo: &TestRepo, id: &str, tag: &str, selectors: &[&str]) {
    let selectors = serde_json::to_string(selectors).expect("plain data");
    repo.write(
        &format!("projects/shop/cases/more/{}.md", id.to_lowercase()),
        format!(
            "---\nid: {id}\ntitle: Case {id}\nexecution: automated\nstatus: active\nowner: alice\n\
             tags: [{tag}]\nautomation: {{selectors: {selectors}}}\n---\n\nIt works.\n"
        ),
    );
}

/// A shop with a plan of three cases, one of them manual and muted.
fn planned() -> TestRepo {
    let repo = shop();
    case(
        &repo,
        "SHOP-AAA111",
        "smoke",
        &["tests.test_a.TestA#test_one"],
    );
    case(&repo, "SHOP-BBB222", "slow", &["tests.test_b#test_*"]);
    repo.write(
        SMOKE,
        "name: Smoke\nquery: tag = smoke\ncases: [SHOP-EXP1RD, SHOP-MA1DRK]\n",
    );
    repo.commit("Plan the smoke test");
    repo
}

#[test]
fn a_plan_says_what_it_selects_and_why() {
    let repo = planned();
    repo.write(
        SMOKE,
        "name: Smoke\nquery: has tag\nsaved: mine\ncases: [SHOP-EXP1RD, SHOP-NOPE]\n\
         exclude_query: tag = slow\nenvironments: [{browser: chrome}, {browser: firefox}]\nassignees: [alice]\n",
    );
    repo.write(
        "projects/shop/queries/mine.yaml",
        "name: Mine\nquery: owner = alice order by id\n",
    );
    let ran = repo.run(["plan", "show", "smoke", "--format", "json"]);
    assert_eq!(ran.code, Some(1), "an id that no case has\n{ran}");
    let plan: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let cases = plan["cases"].as_array().expect("a list");
    let why = |at: usize| (cases[at]["id"].as_str(), cases[at]["why"].clone());
    assert_eq!(why(0), (Some("SHOP-AAA111"), json!(["query", "saved"])));
    assert_eq!(why(1), (Some("SHOP-EXP1RD"), json!(["listed", "saved"])));
    assert_eq!(why(2), (Some("SHOP-MA1DRK"), json!(["saved"])));
    assert_eq!(plan["excluded"][0]["by"], "exclude_query");
    assert_eq!(plan["unknown"], json!(["SHOP-NOPE"]));
    assert_eq!(plan["counts"]["manual"], 1);
    assert!(ran.stderr.contains("history unavailable"), "{ran}");
    repo.allure("r", &result("1", "expired", "failed"));
    let (id, _) = repo.close_with("Nightly", "r");
    let ran = repo.run(["plan", "show", "smoke", "--format", "json"]);
    let plan: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(plan["cases"][1]["last"]["status"], "failed");
    assert_eq!(plan["cases"][1]["last"]["launch"], json!(id));
    assert_eq!(plan["cases"][0]["last"], Value::Null);
    let text = repo.run(["plan", "show", "smoke"]);
    assert!(
        text.stdout
            .contains("3 cases: 2 automated, 1 manual, 1 muted; 6 to do in all environments"),
        "{text}"
    );
    let list = repo.json(["plan", "list", "--format", "json"]);
    assert_eq!(
        (&list[0]["selected"], &list[0]["unknown"]),
        (&json!(3), &json!(1))
    );
    assert_refused(
        &repo.run(["plan", "show", "smoek"]),
        &["did you mean `smoke`?"],
    );
}

#[test]
fn a_plan_that_can_not_be_asked_is_said() {
    let repo = planned();
    repo.write(SMOKE, "name: Smoke\nquery: tga = smoke\n");
    let ran = repo.run(["plan", "show", "smoke"]);
    assert_refused(
        &ran,
        &[
            "`query` of plan `smoke` can't be asked",
            "did you mean `tag`?",
        ],
    );
    assert_eq!(repo.run(["plan", "list"]).code, Some(1));
    repo.write(SMOKE, "name: Smoke\nsaved: mines\n");
    repo.write(
        "projects/shop/queries/mine.yaml",
        "name: Mine\nof: results\nquery: status = failed\n",
    );
    let ran = repo.run(["plan", "export", "smoke", "--to", "pytest"]);
    assert_refused(
        &ran,
        &["names the saved query `mines`", "did you mean `mine`?"],
    );
    repo.write(SMOKE, "name: Smoke\nsaved: mine\n");
    assert_refused(
        &repo.run(["plan", "show", "smoke"]),
        &["is of results, not of cases"],
    );
}

#[test]
fn a_filter_is_whole_or_not_written() {
    let repo = planned();
    case(&repo, "SHOP-JSX555", "smoke", &["src/cart.test.js#adds"]);
    repo.write(
        SMOKE,
        "name: Smoke\nquery: tag = smoke\ncases: [SHOP-MA1DRK]\n",
    );
    let export = |more: &[&str]| {
        let mut args = vec![
            "plan",
            "export",
            "smoke",
            "--to",
            "pytest",
            "--out",
            "filter.txt",
        ];
        args.extend(more);
        repo.output("", &args)
    };
    repo.write("filter.txt", "of an earlier run\n");
    let ran = export(&[]);
    assert_eq!(ran.code, Some(1), "a test of jest\n{ran}");
    assert!(ran.stderr.contains("`SHOP-JSX555` can't be run"), "{ran}");
    assert!(
        !repo.root().join("filter.txt").exists(),
        "a filter of something else is worse than none"
    );
    let ran = export(&["--allow-partial"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("1 manual case left to people"), "{ran}");
    assert_eq!(
        repo.read("filter.txt"),
        "tests/test_a.py::TestA::test_one\n"
    );

    repo.write(SMOKE, "name: Smoke\nquery: tag = nothing\n");
    let ran = export(&["--allow-partial"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    assert!(
        ran.stderr
            .contains("with an empty one a runner runs everything"),
        "{ran}"
    );
    assert!(!repo.root().join("filter.txt").exists());
    repo.write(SMOKE, "name: Smoke\ncases: [SHOP-MA1DRK]\n");
    for to in ["testplan", "names", "go"] {
        let ran = repo.run(["plan", "export", "smoke", "--to", to]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(1), ""),
            "people alone: {ran}"
        );
    }
    repo.write(
        SMOKE,
        "name: Smoke\nquery: tag = smoke\ncases: [SHOP-NOPE]\n",
    );
    let ran = export(&[]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stderr
            .contains("`SHOP-NOPE` can't be run: no case has this id"),
        "{ran}"
    );
}

#[test]
fn stars_stand_for_the_latest_names() {
    let repo = planned();
    repo.write(SMOKE, "name: Smoke\ncases: [SHOP-BBB222]\n");
    let export = || repo.run(["plan", "export", "smoke", "--to", "pytest"]);
    assert_eq!(export().code, Some(1), "nothing is known of its tests");
    for name in ["test_one", "test_two"] {
        let more = json!({"fullName": format!("tests.test_b#{name}")});
        repo.allure("r", &with(result(name, name, "passed"), &more));
    }
    let (id, _) = repo.close_with("Nightly", "r");
    let ran = export();
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(
        ran.stdout,
        "tests/test_b.py::test_one\ntests/test_b.py::test_two\n"
    );
    assert!(
        ran.stderr.contains(&format!("as launch `{id}` has them")),
        "{ran}"
    );
    let plan = repo.json(["plan", "export", "smoke", "--to", "testplan"]);
    assert_eq!(plan["version"], "1.0");
    assert_eq!(
        plan["tests"],
        json!([
            {"id": "SHOP-BBB222", "selector": "tests.test_b#test_one"},
            {"id": "SHOP-BBB222", "selector": "tests.test_b#test_two"},
        ])
    );
}

#[test]
fn mutes_make_lists_to_skip() {
    let repo = planned();
    repo.write(
        "projects/shop/mutes/MUTE-M2.yaml",
        "id: MUTE-M2\nreason: It is rewritten.\nowner: alice\nuntil: 2027-03-01\ncases: [SHOP-AAA111]\n",
    );
    let skip = repo.answer(["plan", "export", "--to", "names", "--only-muted"]);
    assert_eq!(skip, "tests.test_a.TestA#test_one");
    let rest = repo.run(["plan", "export", "smoke", "--to", "names", "--skip-muted"]);
    assert_eq!(
        (rest.code, rest.stdout.as_str()),
        (Some(0), "auth#expired\n"),
        "{rest}"
    );
    let late = [
        "plan",
        "export",
        "--to",
        "names",
        "--only-muted",
        "--now",
        "2028-01-01",
    ];
    let none = repo.run(late);
    assert_eq!(
        (none.code, none.stdout.as_str()),
        (Some(0), ""),
        "nothing to skip is fine: {none}"
    );
    let run = [
        "plan",
        "export",
        "--to",
        "pytest",
        "--only-muted",
        "--now",
        "2028-01-01",
    ];
    assert_eq!(repo.run(run).code, Some(1), "nothing to run is not");
}

#[test]
fn a_launch_is_held_against_its_plan() {
    let repo = planned();
    assert_refused(
        &repo.run(["launch", "open", "--name", "A", "--plan", "smok"]),
        &["did you mean `smoke`?"],
    );
    let id = repo.answer(["launch", "open", "--name", "Smoke", "--plan", "smoke"]);
    let check = |more: &[&str]| {
        let mut args = vec!["plan", "check", &id];
        args.extend(more);
        repo.output("", &args)
    };
    assert_eq!(check(&[]).code, Some(1), "nothing ran");
    repo.allure("r", &result("1", "expired", "failed"));
    let one = json!({"fullName": "tests.test_a.TestA#test_one"});
    repo.allure("r", &with(result("2", "one", "skipped"), &one));
    repo.allure("r", &result("3", "other", "passed"));
    repo.answer(["launch", "append", &id, "r"]);
    let ran = check(&["--format", "json"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let found: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        found["counts"],
        json!({"planned": 3, "ran": 1, "skipped": 1, "in_progress": 0, "missing": 1, "unplanned": 1})
    );
    assert_eq!(found["unplanned"][0]["name"], "auth#other");
    let github = check(&["--format", "github"]);
    assert_eq!(
        github.stdout,
        "::error file=projects/shop/cases/more/shop-aaa111.md,title=plan smoke::planned, and was skipped: SHOP-AAA111  Case SHOP-AAA111\n\
         ::error file=projects/shop/cases/mail/dark.md,title=plan smoke::planned, and did not run: SHOP-MA1DRK  Mail in dark mode\n"
    );
    repo.answer(["launch", "close", &id]);
    let closed = check(&["--format", "json"]);
    let found: Value = serde_json::from_str(&closed.stdout).expect("JSON");
    assert_eq!(found["changed_since"], false, "{closed}");
    let shown = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(shown["plan"], "smoke");
    repo.write(SMOKE, "name: Smoke\ncases: [SHOP-EXP1RD]\n");
    let today = check(&[]);
    assert_eq!(today.code, Some(0), "{today}");
    assert!(today.stderr.contains("plan `smoke` is today's"), "{today}");
    assert_eq!(check(&["--at", "HEAD"]).code, Some(1), "as it was");
    let none = repo.open_launch("Without");
    assert_refused(
        &repo.run(["plan", "check", &none]),
        &["was opened without a plan"],
    );
}

#[test]
fn each_environment_counts() {
    let repo = planned();
    repo.write(
        SMOKE,
        "name: Smoke\ncases: [SHOP-EXP1RD]\nenvironments: [{browser: chrome}, {browser: firefox}]\n",
    );
    let id = repo.answer(["launch", "open", "--name", "Smoke", "--plan", "smoke"]);
    repo.allure("r", &result("1", "expired", "passed"));
    repo.answer(["launch", "append", &id, "r"]);
    let ran = repo.run(["plan", "check", &id]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("1 of 2 ran, 1 missing"), "{ran}");
    assert!(
        ran.stdout.contains("[browser=firefox]"),
        "chrome is the default: {ran}"
    );
    repo.answer([
        "launch",
        "append",
        &id,
        "r",
        "--env",
        "browser=firefox",
        "--job",
        "firefox",
    ]);
    assert_eq!(repo.run(["plan", "check", &id]).code, Some(0));
}

#[test]
fn playwright_runs_again_in_the_browser_that_failed() {
    let repo = planned();
    for (id, browser, status) in [("1", "chromium", "passed"), ("2", "firefox", "failed")] {
        let more = json!({"fullName": "cart.spec.ts:5:3", "parameters": [{"name": "Project", "value": browser}]});
        repo.allure("r", &with(result(id, "pays", status), &more));
    }
    let (id, _) = repo.close_with("Nightly", "r");
    assert_eq!(
        repo.answer(["plan", "failed", &id, "--to", "playwright"]),
        "--project=firefox '(^|/)cart\\.spec\\.ts:5:3'"
    );
}

#[test]
fn what_failed_is_run_again() {
    let repo = planned();
    let pytest = |id: &str, name: &str, status: &str| {
        let more = json!({"fullName": format!("tests.test_a.TestA#{name}")});
        repo.allure("r", &with(result(id, name, status), &more));
    };
    pytest("1", "test_one", "failed");
    pytest("2", "test_derived", "broken");
    pytest("3", "test_fine", "passed");
    let (id, _) = repo.close_with("Nightly", "r");
    let filter = [
        "plan",
        "failed",
        &id,
        "--to",
        "pytest",
        "--out",
        "rerun.txt",
    ];
    assert_eq!(repo.run(filter).code, Some(0));
    let ids = "tests/test_a.py::TestA::test_derived\ntests/test_a.py::TestA::test_one\n";
    assert_eq!(repo.read("rerun.txt"), ids);
    let saved = repo.run(["plan", "failed", &id, "--save", "again"]);
    assert_eq!(
        saved.code,
        Some(1),
        "a derived test can't stand in a plan\n{saved}"
    );
    let saved = repo.run(["plan", "failed", &id, "--save", "again", "--allow-partial"]);
    assert_eq!(
        (saved.code, saved.stdout.as_str()),
        (Some(0), "projects/shop/plans/again.yaml\n")
    );
    assert_eq!(
        repo.read("projects/shop/plans/again.yaml"),
        format!(
            "name: \"Rerun of Nightly\"\ndescription: \"What failed in launch {id}.\"\ncases:\n- \"SHOP-AAA111\"\n"
        )
    );
    let twice = ["plan", "failed", &id, "--save", "again", "--allow-partial"];
    assert_refused(&repo.run(twice), &["is there already"]);
    let escaping = [
        "plan",
        "failed",
        &id,
        "--save",
        "../../x",
        "--allow-partial",
    ];
    assert_refused(&repo.run(escaping), &["is no name for a file"]);

    repo.allure("fine", &result("4", "expired", "passed"));
    let (fine, _) = repo.close_with("Nightly 2", "fine");
    let ran = repo.run([
        "plan",
        "failed",
        &fine,
        "--to",
        "pytest",
        "--out",
        "rerun.txt",
    ]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran}");
    assert!(ran.stderr.contains("nothing failed"), "{ran}");
    assert!(
        !repo.root().join("rerun.txt").exists(),
        "the earlier filter is gone"
    );
    let empty = repo.open_launch("Empty");
    assert_eq!(
        repo.run(["plan", "failed", &empty]).code,
        Some(1),
        "no results is not nothing failed"
    );
}

#[test]
fn hostile_names_stay_names() {
    let repo = planned();
    let hostile = [
        "a.test.js#$(touch x) `y` 'q' \"r\" [a-z]+.* \\d -- @x",
        "--help.test.js#-x",
    ];
    case(&repo, "SHOP-CCC333", "hostile", &hostile);
    repo.write(SMOKE, "name: Smoke\nquery: tag = hostile\n");
    let lines = repo.answer(["plan", "export", "smoke", "--to", "jest"]);
    let path = repo.root().join("jest.txt");
    std::fs::write(&path, format!("{lines}\n")).expect("the filter is written");
    // What xargs makes of it, one argument a line.
    let script = "xargs -L1 printf '%s\\n' < jest.txt";
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .current_dir(repo.root())
        .output()
        .expect("a shell runs");
    let words = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(
        words,
        "--testNamePattern=^(?:-x)$\n--runTestsByPath\n./--help.test.js\n\
         --testNamePattern=^(?:\\$\\(touch x\\) `y` 'q' \"r\" \\[a-z\\]\\+\\..* \\\\d -- @x)$\n--runTestsByPath\na.test.js\n"
    );
    case(&repo, "SHOP-CCC333", "hostile", &["a.test.js#two\nlines"]);
    let ran = repo.run(["plan", "export", "smoke", "--to", "jest"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    assert!(ran.stderr.contains("a line break"), "{ran}");
}

#[test]
fn a_plan_drifts_for_a_reason() {
    let repo = planned();
    case(&repo, "SHOP-DDD444", "smoke", &["tests.test_d#test_one"]);
    case(
        &repo,
        "SHOP-AAA111",
        "slow",
        &["tests.test_a.TestA#test_one"],
    );
    repo.write(
        SMOKE,
        "name: Smoke\nquery: tag = smoke\ncases: [SHOP-EXP1RD, SHOP-BBB222]\n",
    );
    let diff = repo.run(["plan", "diff", "HEAD..", "smoke"]);
    assert_eq!(
        diff.stdout,
        "Smoke (smoke): 3 cases before, 3 now\n  \
         + SHOP-BBB222  Case SHOP-BBB222  (the plan's text changed)\n  \
         + SHOP-DDD444  Case SHOP-DDD444  (the case is new)\n  \
         - SHOP-AAA111  Case SHOP-AAA111  (the case changed)\n  \
         - SHOP-MA1DRK  Mail in dark mode  (the plan's text changed)\n",
        "{diff}"
    );
    repo.commit("Change the plan");
    let same = repo.json(["plan", "diff", "HEAD~1..HEAD", "--format", "json"]);
    assert_eq!(
        (&same[0]["before"], &same[0]["now"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(
        repo.answer(["plan", "diff", "HEAD..", "--format", "json"]),
        "[]"
    );
    assert_refused(
        &repo.run(["plan", "diff", "HEAD"]),
        &["is no pair of commits"],
    );
    assert_refused(
        &repo.run(["plan", "diff", "HEAD..", "smoek"]),
        &["did you mean `smoke`?"],
    );
}

#[test]
fn saved_queries_are_asked() {
    let repo = planned();
    repo.write(
        "projects/shop/queries/slow.yaml",
        "name: Slow\nof: cases\nquery: tag = slow\n",
    );
    repo.write(
        "projects/shop/queries/holding.yaml",
        "name: Holding\nof: mutes\nquery: owner = alice\n",
    );
    let slow = repo.json(["query", "--saved", "slow", "--format", "json"]);
    assert_eq!(slow[0]["id"], "SHOP-BBB222");
    let mutes = repo.answer(["query", "--saved", "holding", "--format", "count"]);
    assert_eq!(mutes, "1");
    let cases = repo.answer([
        "query", "--saved", "holding", "--of", "cases", "--format", "count",
    ]);
    assert_eq!(cases, "4");
    let list = repo.json(["query", "--format", "json", "--saved"]);
    assert_eq!(
        (&list[0]["id"], &list[1]["of"]),
        (&json!("holding"), &json!("cases"))
    );
    assert_refused(
        &repo.run(["query", "--saved", "slwo"]),
        &["did you mean `slow`?"],
    );
    assert_eq!(
        repo.run(["query", "--saved", "slow", "tag = x"]).code,
        Some(2)
    );
}
