//! `tallybook query` as its users run it, and the page that says what can be asked.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tallybook::analysis::subjects::Of;
use tallybook::base::Timestamp;
use tallybook::query;

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, with};

/// With `TALLYBOOK_WRITE_TABLES` set the tables are written instead of compared.
#[test]
fn the_page_has_all_fields() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/query.md");
    let text = std::fs::read_to_string(&path).expect("the page reads");
    let mut tables = String::new();
    for of in Of::ALL {
        let schema = of.schema();
        write!(
            tables,
            "\n### Of {}\n\n| write | holds | what it says |\n|---|---|---|\n",
            schema.of
        )
        .expect("a text takes it");
        for row in schema.rows() {
            let names: Vec<String> = row
                .written
                .split(", ")
                .map(|name| format!("`{name}`"))
                .collect();
            writeln!(
                tables,
                "| {} | {} | {} |",
                names.join(", "),
                row.holds,
                row.about
            )
            .expect("a text takes it");
        }
        if schema.elsewhere.is_empty() {
            continue;
        }
        let elsewhere = schema.elsewhere.iter();
        let elsewhere: Vec<String> = elsewhere
            .map(|(name, instead)| format!("`{name}`: {instead}"))
            .collect();
        writeln!(tables, "\nNot here: {}.", elsewhere.join("; ")).expect("a text takes it");
    }
    let (begin, end) = ("<!-- fields -->\n", "<!-- /fields -->");
    let (before, rest) = text.split_once(begin).expect("the tables' beginning");
    let (_, after) = rest.split_once(end).expect("the tables' end");
    let made = format!("{before}{begin}{tables}{end}{after}");
    if std::env::var_os("TALLYBOOK_WRITE_TABLES").is_some() {
        std::fs::write(&path, &made).expect("the page is written");
        return;
    }
    assert!(
        text == made,
        "docs/query.md is stale: run this test with TALLYBOOK_WRITE_TABLES=1"
    );
}

#[test]
fn mutes_tell_the_query_that_they_ask() {
    let repo = crate::shop::shop();
    repo.write(
        "projects/shop/mutes/MUTE-Q.yaml",
        "reason: Sandboxes.\nowner: alice\nuntil: 2027-03-01\nquery: 'category = Sandbox'\n",
    );
    let asked = |query: &str| repo.answer(["query", query, "--of", "mutes", "--format", "count"]);
    assert_eq!(asked("query = 'category = Sandbox'"), "1");
    assert_eq!(asked("not has query"), "1");
}

#[test]
fn the_examples_of_the_page_hold() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/query.md");
    let text = std::fs::read_to_string(&path).expect("the page reads");
    let block = text.split("```").nth(1).expect("a block of examples");
    let context = query::Context {
        now: Timestamp::from_ms(0),
        user: Some("alice".into()),
    };
    let examples: Vec<&str> = block.lines().filter(|line| !line.is_empty()).collect();
    assert!(examples.len() > 5);
    for example in examples {
        let parsed =
            query::parse(example).unwrap_or_else(|problem| panic!("{example}: {problem:?}"));
        let fits = |of: &Of| parsed.bind(of.schema(), &context).is_ok();
        assert!(Of::ALL.iter().any(fits), "{example}");
    }
}

/// A shop with three closed launches: `expired` passed, failed, passed; `other` passed, then failed twice.
fn with_history() -> TestRepo {
    let repo = shop();
    for (number, (expired, other)) in [
        ("passed", "passed"),
        ("failed", "failed"),
        ("passed", "failed"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = format!("r{number}");
        let more = json!({
            "labels": [{"name": "tag", "value": "smoke"}, {"name": "tag", "value": "mail"}],
            "statusDetails": {"message": "=1+1 went\nwrong"},
            "links": [{"type": "issue", "name": "WEB-7"}],
        });
        repo.allure(&folder, &result(&format!("e{number}"), "expired", expired));
        repo.allure(
            &folder,
            &with(result(&format!("o{number}"), "other", other), &more),
        );
        repo.close_with(&format!("Nightly {number}"), &folder);
    }
    repo
}

fn rows(answer: &Value) -> Vec<String> {
    let rows = answer.as_array().expect("a list");
    let name = |row: &Value| {
        row.get("name")
            .or(row.get("title"))
            .or(row.get("reason"))
            .cloned()
    };
    rows.iter()
        .filter_map(|row| Some(name(row)?.as_str()?.to_owned()))
        .collect()
}

#[test]
fn every_kind_is_answered() {
    let repo = with_history();
    let asked =
        |query: &str, of: &str| rows(&repo.json(["query", query, "--of", of, "--format", "json"]));
    assert_eq!(
        asked("", "cases"),
        ["Mail in dark mode", "Sign in with an expired password"]
    );
    assert_eq!(asked("muted = true", "cases"), ["Mail in dark mode"]);
    assert_eq!(
        asked("section = sign-in", "cases"),
        ["Sign in with an expired password"]
    );
    assert_eq!(asked("", "results"), ["expired", "other"]);
    assert_eq!(asked("unresolved = true", "results"), ["other"]);
    assert_eq!(asked("case = SHOP-EXP1RD", "results"), ["expired"]);
    assert_eq!(asked("tag = SMOKE and issue = WEB-7", "results"), ["other"]);
    assert_eq!(asked("name ~= 1", "launches"), ["Nightly 1"]);
    assert_eq!(
        asked("", "launches"),
        ["Nightly 2", "Nightly 1", "Nightly 0"]
    );
    assert_eq!(
        asked("status = open", "defects"),
        ["The sandbox answers 503"]
    );
    assert_eq!(
        asked("owner = alice", "mutes"),
        ["The mail templates are rewritten."]
    );
    assert_eq!(asked("expired = true", "mutes"), [""; 0]);
}

#[test]
fn functions_look_at_history() {
    let repo = with_history();
    let answer = repo.json([
        "query",
        "flipRate(20) >= 50% order by flipRate() desc",
        "--of",
        "results",
        "--format",
        "json",
    ]);
    assert_eq!(rows(&answer), ["expired", "other"]);
    let rate = &answer[0]["measures"]["flipRate(20)"];
    assert_eq!(rate, &json!({"value": 1.0, "part": 2, "of": 2}));
    let fixed = repo.json([
        "query",
        "transition() = fixed",
        "--of",
        "results",
        "--format",
        "json",
    ]);
    assert_eq!(rows(&fixed), ["expired"]);
    let steady = repo.json([
        "query",
        "lastStatus() = passed and runs(30d) = 3",
        "--format",
        "json",
    ]);
    assert_eq!(rows(&steady), ["Sign in with an expired password"]);
    let none = repo.run([
        "query",
        "runs() > 0",
        "--branch",
        "elsewhere",
        "--format",
        "count",
    ]);
    assert_eq!(none.stdout, "0\n");
    assert!(none.stderr.contains("history unavailable"), "{none}");
}

#[test]
fn an_older_launch_is_asked_as_it_stood() {
    let repo = with_history();
    let list = repo.json([
        "query",
        "name = 'Nightly 1'",
        "--of",
        "launches",
        "--format",
        "json",
    ]);
    let id = list[0]["id"].as_str().expect("an id");
    let answer = repo.json([
        "query",
        "transition() = regressed",
        "--of",
        "results",
        "--launch",
        id,
        "--format",
        "json",
    ]);
    assert_eq!(rows(&answer), ["expired", "other"]);
    assert_eq!(answer[0]["launch"], *id);
}

#[test]
fn an_open_launch_is_asked_like_a_closed_one() {
    let repo = with_history();
    let id = repo.open_launch("Now");
    repo.allure("now", &result("n1", "other", "passed"));
    repo.answer(["launch", "append", &id, "now"]);
    let fixed = repo.json([
        "query",
        "transition() = fixed",
        "--of",
        "results",
        "--launch",
        &id,
        "--format",
        "json",
    ]);
    assert_eq!(rows(&fixed), ["other"]);
    assert_eq!(
        repo.answer([
            "query",
            "state = open",
            "--of",
            "launches",
            "--format",
            "count"
        ]),
        "1"
    );
}

#[test]
fn spreadsheets_get_text_not_formulas() {
    let repo = with_history();
    let csv = repo.answer([
        "query",
        "flipRate() > 0 and status = failed",
        "--of",
        "results",
        "--format",
        "csv",
    ]);
    let mut lines = csv.lines();
    let header = lines.next().expect("a header");
    assert!(
        header.starts_with("id,name,full_name,case,status,duration,labels,message,launch"),
        "{header}"
    );
    assert!(
        header.ends_with("links,measures.flipRate(20).value,measures.flipRate(20).of"),
        "{header}"
    );
    let rest: String = lines.collect::<Vec<_>>().join("|");
    assert!(rest.contains(",other,auth#other,,failed,250,"), "{rest}");
    assert!(rest.contains("\"'=1+1 went|wrong\""), "{rest}");
    assert!(rest.ends_with(",issue: WEB-7,0.5,2"), "{rest}");
}

#[test]
fn tables_say_how_many_fit() {
    let repo = with_history();
    let ran = repo.run(["query", "order by name", "--of", "results"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("2 of 2 results"), "{ran}");
    let ran = repo.run(["query", "name = nobody", "--of", "results"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran}");
    assert!(ran.stderr.contains("none of 2 results fits"), "{ran}");
}

#[test]
fn what_nothing_has_is_a_warning_with_its_place() {
    let repo = with_history();
    let ran = repo.run([
        "query",
        "status = activ or field[\"Epic\"] is null",
        "--format",
        "count",
    ]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "2\n"), "{ran}");
    insta::assert_snapshot!(ran.stderr, @r#"
    warning: `status` is `activ` in none of the cases
      status = activ or field["Epic"] is null
               ^^^^^
    hint: did you mean `active`?
    warning: none of the cases has `field["Epic"]`
      status = activ or field["Epic"] is null
                        ^^^^^^^^^^^^^
    "#);
    let ran = repo.run(["query", "name = othr", "--of", "results"]);
    assert!(ran.stderr.contains("did you mean `other`?"), "{ran}");
    let ran = repo.run(["query", "name = other or name = x", "--of", "results"]);
    assert!(!ran.stderr.contains("warning"), "{ran}");
}

#[test]
fn windows_keep_their_units() {
    let repo = with_history();
    let found = repo.json([
        "query",
        "runs(36h) >= 0 or runs(12h) >= 0 or runs(14d) >= 0 limit 1",
        "--of",
        "results",
        "--format",
        "json",
    ]);
    let measures = found[0]["measures"].as_object().expect("measures");
    let names: Vec<&String> = measures.keys().collect();
    assert_eq!(names, ["runs(36h)", "runs(12h)", "runs(14d)"]);
}

#[test]
fn wrong_queries_are_marked() {
    let repo = shop();
    let ran = repo.run(["query", "ownr = alice and lyer = api"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr, @r"
    error: cases have no field `ownr`
      ownr = alice and lyer = api
      ^^^^
    hint: did you mean `owner`?
    error: cases have no field `lyer`
      ownr = alice and lyer = api
                       ^^^^
    hint: did you mean `layer`?
    ");
    assert_refused(&repo.run(["query", "tag = (a"]), &["error: "]);
    assert_refused(
        &repo.run(["query", "", "--launch", "x"]),
        &["`--launch` says whose results", "--of results"],
    );
    assert_refused(
        &repo.run(["query", "", "--of", "launches", "--branch", "main"]),
        &["`--branch` says whose history", "branch = "],
    );
    assert_refused(
        &repo.run(["query", "", "--of", "results"]),
        &["no launch is closed"],
    );
    assert_refused(
        &repo.run(["query", "", "--of", "results", "--launch", "x"]),
        &["no launch `x`"],
    );
    assert_refused(&repo.run(["query"]), &["QUERY"]);
}

#[test]
fn fields_are_listed_without_a_workspace() {
    let repo = TestRepo::new();
    let fields = repo.answer(["query", "--fields", "--of", "mutes"]);
    assert!(
        fields.lines().any(|line| line.starts_with("until ")),
        "{fields}"
    );
    assert!(fields.contains("link[\"a type\"]"), "{fields}");
}

#[test]
fn what_does_not_read_is_said() {
    let repo = with_history();
    let list = repo.json([
        "query",
        "name = 'Nightly 1'",
        "--of",
        "launches",
        "--format",
        "json",
    ]);
    let folder = repo.launch_folder(list[0]["id"].as_str().expect("an id"));
    repo.write(&format!("{folder}/outcomes.yaml"), "format: [");
    let ran = repo.run(["query", "runs() = 2", "--format", "count"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), "1\n"), "{ran}");
    assert!(ran.stderr.contains("outcomes.yaml"), "{ran}");
    assert!(ran.stderr.contains("tallybook verify"), "{ran}");
}
