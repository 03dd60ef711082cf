//! `tallybook export`: what goes out comes back, as far as docs/exports.md says that the format holds it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, with};

const T: u64 = 1_795_372_980_000;

/// A launch with all that a result can say.
fn nightly() -> (TestRepo, String) {
    let repo = shop();
    let odd = "a\u{1b}[31mred\u{0} ]]> <b>&amp; \"q\" 😀\r\n\ttab \u{ffff}";
    repo.write("r/0c-attachment.txt", "log ]]>\n")
        .write("r/0d-attachment.png", [0x89, b'P', b'N', b'G', 0, 255])
        .write(
            "r/environment.properties",
            "browser = fire\\=fox \\u00e9 \\ud83d\\ude00\n",
        )
        .write(
            "r/c-container.json",
            json!({"uuid": "c", "children": ["failed-2"],
                "befores": [{"name": "set up", "status": "passed", "start": T, "stop": T + 1}],
                "afters": [{"name": "tear down", "status": "broken", "start": T + 9, "stop": T + 10,
                    "statusDetails": {"message": odd, "trace": "t"}}]})
            .to_string(),
        );
    let step = json!({"name": "outer", "status": "failed", "start": T, "stop": T + 5,
        "statusDetails": {"message": "step"}, "parameters": [{"name": "p", "value": "v"}],
        "steps": [{"name": "inner", "status": "passed", "start": T, "stop": T + 1,
            "attachments": [{"name": "inner log", "source": "0c-attachment.txt", "type": "text/plain"}]}]});
    let rich = json!({
        "testCaseId": "tc-1", "titlePath": ["a", "b > c", "d"], "description": "**why**",
        "descriptionHtml": "<p>why</p>", "stop": T + 1_250,
        "statusDetails": {"message": odd, "trace": format!("at {odd}\n  at x"), "expected": "1", "actual": "2",
            "known": true, "muted": true},
        "labels": [{"name": "tag", "value": "smoke"}, {"name": "tag", "value": "two"},
            {"name": "owner", "value": "bob"}, {"name": "suite", "value": "S"},
            {"name": "AS_ID", "value": "12"}, {"name": "thread", "value": odd}],
        "links": [{"type": "issue", "name": "WEB-12", "url": "https://t.example/WEB-12"}, {"name": "plain"}],
        "parameters": [{"name": "n", "value": "=1+1"}, {"name": "x", "value": odd, "excluded": true}],
        "attachments": [{"name": "shot.png", "source": "0d-attachment.png", "type": "image/png"},
            {"name": "odd/name ]]|", "source": "0c-attachment.txt", "type": "text/plain"}],
        "steps": [step],
    });
    let first =
        json!({"start": T - 5_000, "stop": T - 4_000, "statusDetails": {"message": "first"}});
    repo.allure(
        "r",
        &with(with(result("failed-1", "failed", "broken"), &rich), &first),
    )
    .allure("r", &with(result("failed-2", "failed", "failed"), &rich))
    .allure("r", &with(result("flaky-1", "flaky", "failed"), &first))
    .allure("r", &result("flaky-2", "flaky", "passed"))
    .allure(
        "r",
        &with(
            result("steady", "called flaky", "passed"),
            &json!({"statusDetails": {"flaky": true}}),
        ),
    )
    .allure(
        "r",
        &with(
            result("skipped", "skipped", "skipped"),
            &json!({"statusDetails": {"message": "later"}}),
        ),
    )
    .allure(
        "r",
        &with(
            result("broken", "=cmd()", "broken"),
            &json!({"statusDetails": {"trace": "only\n a trace"}}),
        ),
    )
    .allure(
        "r",
        &with(
            result("unknown", "unknown", "?"),
            &json!({"status": null, "statusDetails": {"message": "m"}}),
        ),
    )
    .allure(
        "r",
        &with(
            result("long", &"long ".repeat(200), "passed"),
            &json!({"uuid": "Not A/Name"}),
        ),
    )
    .allure(
        "r",
        &json!({"uuid": "bare", "name": "no times, no full name", "status": "passed"}),
    );
    let id = repo.open_launch("Nightly");
    repo.answer(["launch", "append", &id, "r", "--job", "unit"]);
    (repo, id)
}

/// All lines of `export jsonl`, by the names of tests, then parameters.
fn lines(repo: &TestRepo, id: &str) -> BTreeMap<String, Value> {
    let text = repo.answer(["export", "jsonl", id]);
    let lines = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).expect("a line is JSON");
        let last = last(&value);
        (format!("{} {}", last["name"], last["parameters"]), value)
    });
    lines.collect()
}

fn last(line: &Value) -> &Value {
    let executions = line["executions"].as_array().expect("a list");
    &executions.last().expect("one decides")["result"]
}

/// What a table in the documentation says that a format holds: names of fields.
fn held(format: &str) -> BTreeSet<String> {
    let page = include_str!("../../docs/exports.md");
    let mut rows = page.lines().filter(|line| line.starts_with("| "));
    let header = rows.next().expect("a table");
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    let column = cells(header)
        .iter()
        .position(|cell| cell.eq_ignore_ascii_case(format))
        .expect("a column for the format");
    let yes = rows
        .map(cells)
        .filter(|row| row.get(column).is_some_and(|cell| cell.starts_with("yes")));
    yes.flat_map(|row| {
        let names = row[0].split('`').skip(1).step_by(2).map(str::to_owned);
        names.collect::<Vec<_>>()
    })
    .collect()
}

/// Appends an export to a fresh launch, twice, and returns that.
fn back(repo: &TestRepo, export: &str) -> String {
    let id = repo.open_launch("Back");
    let ran = repo.run(["launch", "append", &id, export, "--job", "unit"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    let again = repo.run(["launch", "append", &id, export, "--job", "unit"]);
    assert!(again.stderr.contains("nothing changed"), "{again}");
    id
}

/// Holds each field that a format holds of the deciding attempts against the same field of what came back.
fn assert_held(format: &str, before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) {
    let names = |lines: &BTreeMap<String, Value>| lines.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(before), names(after), "{format}");
    let fields = held(format);
    assert!(fields.len() > 12, "{fields:?}");
    for (name, old) in before {
        let new = &after[name];
        for field in &fields {
            let get = |line: &Value| match field.as_str() {
                "attempts" => line["executions"]
                    .as_array()
                    .map(|all| {
                        let attempt = |one: &Value| {
                            (
                                one["result"]["status"].clone(),
                                one["result"]["message"].clone(),
                            )
                        };
                        json!(all.iter().map(attempt).collect::<Vec<_>>())
                    })
                    .unwrap_or_default(),
                "environment" => line["environment"].clone(),
                "steps" | "before" | "after" => line["executions"]
                    .as_array()
                    .and_then(|all| all.last())
                    .map(|one| one["details"][field.as_str()].clone())
                    .unwrap_or_default(),
                "contents" => {
                    let mut files: Vec<String> = Vec::new();
                    contents(&line["executions"], &mut files);
                    files.sort();
                    files.dedup();
                    json!(files)
                }
                field => last(line)[field].clone(),
            };
            assert_eq!(get(old), get(new), "{format}: `{field}` of {name}");
        }
        // The same test, so that its history goes on.
        for key in ["test", "params", "status", "attempts"] {
            assert_eq!(
                old["outcome"][key], new["outcome"][key],
                "{format}: {key} of {name}"
            );
        }
    }
}

/// Collects the files of attachments, those of steps too.
fn contents(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| contents(one, out)),
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str().filter(|_| key == "file") {
                    Some(file) => out.extend(file.split('.').next().map(str::to_owned)),
                    None => contents(value, out),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn allure_comes_back() {
    let (repo, id) = nightly();
    let before = lines(&repo, &id);
    repo.answer(["export", "allure", &id, "--out", "out"]);
    let fresh = back(&repo, "out");
    assert_held("Allure", &before, &lines(&repo, &fresh));
    // What came back gives the same files, so that uuids and history ids stay as they are.
    repo.answer(["export", "allure", &fresh, "--out", "again"]);
    let files = |folder: &str| -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(repo.root().join(folder)).expect("it is there");
        let files = entries.map(|entry| entry.expect("an entry").path());
        let named = files.map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(path).expect("it reads"))
        });
        named.filter(|(name, _)| name != "executor.json").collect()
    };
    assert_eq!(files("out"), files("again"));
    let ran = repo.run(["launch", "append", &fresh, "again", "--job", "unit"]);
    assert!(
        ran.stdout.starts_with("0 results") || ran.stderr.contains("nothing changed"),
        "{ran}"
    );
}

#[test]
fn attempts_without_times_come_back_from_allure_in_their_order() {
    let repo = shop();
    let reruns = "<testsuite name='s'>\
        <testcase classname='C' name='flaky' time='1'><flakyFailure message='m'>x</flakyFailure></testcase>\
        <testcase classname='C' name='red' time='1'><failure message='1'>x</failure><rerunError message='2'>y</rerunError>\
        </testcase></testsuite>";
    repo.write("r/TEST-s.xml", reruns);
    let id = repo.open_launch("Reruns");
    repo.answer(["launch", "append", &id, "r"]);
    let before = lines(&repo, &id);
    repo.answer(["export", "allure", &id, "--out", "out"]);
    let fresh = back(&repo, "out");
    let told = |lines: &BTreeMap<String, Value>| -> Vec<(String, String)> {
        let attempts = lines.iter().flat_map(|(name, line)| {
            let attempts = line["executions"].as_array().expect("a list").iter();
            attempts.map(|one| {
                let result = &one["result"];
                (
                    name.clone(),
                    format!("{} {}", result["status"], result["message"]),
                )
            })
        });
        attempts.collect()
    };
    assert_eq!(told(&before).len(), 4);
    assert_eq!(told(&before), told(&lines(&repo, &fresh)));
}

#[test]
fn junit_comes_back() {
    let (repo, id) = nightly();
    let before = lines(&repo, &id);
    repo.answer(["export", "junit", &id, "--out", "out/report.xml"]);
    let fresh = back(&repo, "out");
    assert_held("JUnit", &before, &lines(&repo, &fresh));
    // Nobody reads an unknown result as a passed one.
    let text = repo.read("out/report.xml");
    assert!(
        text.contains("<skipped message=\"unknown\"></skipped>"),
        "{text}"
    );
    assert!(text.contains("<flakyFailure message=\"first\""), "{text}");
}

#[test]
fn ctrf_comes_back() {
    let (repo, id) = nightly();
    let before = lines(&repo, &id);
    repo.answer(["export", "ctrf", &id, "--out", "out/ctrf.json"]);
    let fresh = back(&repo, "out");
    assert_held("CTRF", &before, &lines(&repo, &fresh));
    let report: Value = serde_json::from_str(&repo.read("out/ctrf.json")).expect("JSON");
    let summary = &report["results"]["summary"];
    assert_eq!(summary["tests"], json!(before.len()), "{summary}");
    let sum: u64 = ["passed", "failed", "skipped", "pending", "other"]
        .iter()
        .filter_map(|name| summary[name].as_u64())
        .sum();
    assert_eq!(sum, before.len() as u64);
}

/// A row without what a launch gives it, and attachments by what is told of them.
fn bare(execution: &Value) -> Value {
    fn strip(value: &mut Value) {
        if let Some(map) = value.as_object_mut() {
            map.remove("id");
            for one in map
                .get_mut("attachments")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                *one = json!([one["name"], one["type"]]);
            }
        }
        match value {
            Value::Array(all) => all.iter_mut().for_each(strip),
            Value::Object(map) => map.values_mut().for_each(strip),
            _ => {}
        }
    }
    let mut out = json!({"result": execution["result"], "details": execution["details"]});
    strip(&mut out);
    out
}

#[test]
fn lines_come_back() {
    let (repo, id) = nightly();
    let before = lines(&repo, &id);
    repo.answer(["export", "jsonl", &id, "--out", "out/results.jsonl"]);
    let fresh = repo.open_launch("Back");
    let ran = repo.run([
        "launch",
        "append",
        &fresh,
        "out/results.jsonl",
        "--job",
        "unit",
    ]);
    // The files of attachments are not among the lines.
    assert!(
        ran.code == Some(0) && ran.stderr.contains("6 attachments not there"),
        "{ran}"
    );
    let again = repo.run([
        "launch",
        "append",
        &fresh,
        "out/results.jsonl",
        "--job",
        "unit",
    ]);
    assert!(again.stderr.contains("nothing changed"), "{again}");
    let after = lines(&repo, &fresh);
    for (name, old) in &before {
        let all = |line: &Value| -> Vec<Value> {
            let all = line["executions"].as_array().expect("a list").iter();
            all.map(bare).collect()
        };
        assert_eq!(all(old), all(&after[name]), "{name}");
    }
    // Bytes come along where they lie beside the lines as the launch keeps them.
    repo.answer(["launch", "close", &id]);
    let kept = repo.root().join(repo.launch_folder(&id));
    let with = repo.open_launch("With bytes");
    for entry in walkdir::WalkDir::new(kept.join("attachments")) {
        let entry = entry.expect("an entry");
        if entry.file_type().is_file() {
            let to = repo.root().join("out").join(entry.file_name());
            std::fs::copy(entry.path(), to).expect("it copies");
        }
    }
    let ran = repo.run(["launch", "append", &with, "out", "--job", "unit"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    assert_held("JSONL", &before, &lines(&repo, &with));
    let files = |lines: &BTreeMap<String, Value>| {
        let mut files = Vec::new();
        lines
            .values()
            .for_each(|line| contents(&line["executions"], &mut files));
        files.sort();
        files
    };
    assert_eq!(files(&lines(&repo, &with)), files(&before));
}

#[test]
fn lines_that_are_no_results_are_told() {
    let (repo, id) = nightly();
    let text = repo.answer(["export", "jsonl", &id]);
    let all: Vec<&str> = text.lines().collect();
    let cut = &text[..text.len() - 300];
    let newer = text.replacen("export-1", "export-2", 1);
    let case = repo.answer(["export", "jsonl", "--of", "cases"]);
    let mixed = format!("{}\n{}", all[0], case.lines().next().expect("a case"));
    let many = all.len();
    for (said, text, word) in [
        ("cut", cut, format!("line {many} is no valid JSON, or cut")),
        (
            "newer",
            newer.as_str(),
            "line 1 is of `export-2`".to_owned(),
        ),
        ("mixed", mixed.as_str(), "line 2 is a case".to_owned()),
        (
            "cases",
            case.as_str(),
            "`tallybook export jsonl LAUNCH` writes".to_owned(),
        ),
    ] {
        repo.write(&format!("{said}.jsonl"), text);
        let fresh = repo.open_launch(said);
        let ran = repo.run(["launch", "append", &fresh, &format!("{said}.jsonl")]);
        assert!(
            ran.code == Some(1) && ran.stderr.contains(&word),
            "{said}: {ran}"
        );
    }
}

/// What no test of its own made stays marked, whichever way it takes.
#[test]
fn marks_and_types_come_back() {
    let repo = shop();
    repo.write("shot.txt", "log")
        .write(
            "r/report.xml",
            "<testsuites><testsuite name='s'><error message='set-up'/><testcase classname='a' name='one'>\
             <failure message='m'/></testcase></testsuite></testsuites>",
        )
        .write("r/0e-attachment.txt", "odd")
        .allure(
            "r",
            &with(
                result("odd", "odd", "failed"),
                &json!({"attachments": [{"name": "trace of é", "source": "0e-attachment.txt",
                    "type": "application/x-trace"}]}),
            ),
        );
    let id = repo.open_launch("Marks");
    let ran = repo.run(["launch", "append", &id, "r", "--job", "unit"]);
    assert!(ran.code.is_some_and(|code| code < 2), "{ran}");
    let told = |id: &str| {
        let all = lines(&repo, id);
        let mut marks: Vec<(String, Value, Value)> = { all.values() }
            .map(|line| {
                let last = last(line);
                let kind = &last["attachments"][0];
                (
                    last["name"].as_str().unwrap_or_default().to_owned(),
                    last["synthetic"].clone(),
                    json!([kind["name"], kind["type"]]),
                )
            })
            .collect();
        marks.sort_by(|a, b| a.0.cmp(&b.0));
        marks
    };
    let before = told(&id);
    assert!(
        before
            .iter()
            .any(|(_, synthetic, _)| *synthetic == json!(true)),
        "{before:?}"
    );
    for (format, out) in [
        ("junit", "out/junit/report.xml"),
        ("ctrf", "out/ctrf/ctrf.json"),
        ("allure", "out/allure"),
    ] {
        repo.answer(["export", format, &id, "--out", out]);
        let fresh = repo.open_launch(&format!("Back from {format}"));
        let given = format!("out/{format}");
        let ran = repo.run(["launch", "append", &fresh, &given, "--job", "unit"]);
        assert!(ran.code == Some(0), "{ran}");
        assert_eq!(told(&fresh), before, "{format}");
        // A repeat of such a row is one, too.
        let again = repo.run(["launch", "append", &fresh, &given, "--job", "unit"]);
        assert!(again.stderr.contains("nothing changed"), "{again}");
    }
}

#[test]
fn a_closed_launch_exports_as_the_open_one_did() {
    let (repo, id) = nightly();
    repo.answer(["export", "allure", &id, "--out", "open"]);
    repo.answer(["launch", "close", &id]);
    repo.answer(["export", "allure", &id, "--out", "closed"]);
    for name in [
        "failed-2-result.json",
        "environment.properties",
        ".tallybook-export",
    ] {
        assert_eq!(
            repo.read(&format!("open/{name}")),
            repo.read(&format!("closed/{name}")),
            "{name}"
        );
    }
    let printed = repo.run(["export", "junit", &id]);
    assert!(printed.stderr.contains("attachments left out"), "{printed}");
    assert_eq!(printed.stdout, repo.run(["export", "junit"]).stdout);
}

#[test]
fn tables_are_safe_and_selected() {
    let (repo, id) = nightly();
    let csv = repo.answer(["export", "csv", &id]);
    assert!(csv.starts_with("id,name,full_name,case,status,"), "{csv}");
    assert!(csv.contains(",'=cmd(),"), "{csv}");
    let some = repo.answer(["export", "csv", &id, "--query", "status = skipped"]);
    assert_eq!(some.lines().count(), 2, "{some}");
    let cases = repo.answer(["export", "jsonl", "--of", "cases", "--query", "order by id"]);
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        assert!(
            case["text"]
                .as_str()
                .expect("a text")
                .contains(case["title"].as_str().expect("a title"))
        );
    }
    let listed = repo.json(["query", "", "--format", "json"]);
    assert_eq!(
        cases.lines().count(),
        listed.as_array().expect("a list").len()
    );
    let both = repo.run(["export", "csv", &id, "--of", "cases"]);
    assert_refused(&both, &["a launch says whose results"]);
    let wrong = repo.run(["export", "csv", &id, "--query", "statos = failed"]);
    assert_refused(&wrong, &["statos"]);
}

#[test]
fn what_others_wrote_stays() {
    let (repo, id) = nightly();
    repo.write("mine.xml", "<mine/>")
        .write("mine/notes.txt", "notes")
        .write("empty.csv", "");
    for (format, out) in [
        ("junit", "mine.xml"),
        ("ctrf", "mine.xml"),
        ("csv", "mine.xml"),
        ("allure", "mine"),
        ("allure", "mine.xml"),
    ] {
        let ran = repo.run(["export", format, &id, "--out", out]);
        assert_refused(&ran, &[out]);
    }
    assert_eq!(
        (
            repo.read("mine.xml").as_str(),
            repo.read("mine/notes.txt").as_str()
        ),
        ("<mine/>", "notes")
    );
    repo.answer(["export", "csv", &id, "--out", "empty.csv"]);
    for format in ["csv", "jsonl", "junit", "ctrf"] {
        let out = format!("twice.{format}");
        repo.answer(["export", format, &id, "--out", &out]);
        repo.answer(["export", format, &id, "--out", &out]);
    }
    // An export takes the place of an earlier one, and leaves what it does not know.
    repo.answer(["export", "allure", &id, "--out", "all"]);
    repo.write("all/notes.txt", "notes");
    repo.answer([
        "export",
        "allure",
        &id,
        "--query",
        "status = skipped",
        "--out",
        "all",
    ]);
    assert_eq!(repo.read("all/notes.txt"), "notes");
    assert!(!repo.root().join("all/failed-2-result.json").exists());
    assert!(repo.root().join("all/skipped-result.json").exists());
    repo.answer(["export", "allure", &id, "--out", "mine", "--force"]);
    assert_eq!(repo.read("mine/notes.txt"), "notes");
}

#[test]
fn results_of_several_jobs_come_back_as_many() {
    let repo = shop();
    repo.write(
        "report.xml",
        "<testsuite name='s'><testcase classname='a' name='one'/><testcase classname='a' name='two'>\
         <failure message='m'/></testcase></testsuite>",
    );
    let id = repo.open_launch("Two jobs");
    for job in ["linux", "windows"] {
        let ran = repo.run(["launch", "append", &id, "--job", job, "report.xml"]);
        assert!(ran.code.is_some_and(|code| code < 2), "{ran}");
    }
    for format in ["junit", "ctrf", "allure", "jsonl"] {
        let out = format!("out/{format}");
        let ran = repo.run(["export", format, &id, "--out", &out]);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(
            ran.stderr.contains("told apart by parameters: `job`") || format == "jsonl",
            "{ran}"
        );
        let fresh = repo.open_launch(&format!("Back from {format}"));
        let ran = repo.run(["launch", "append", &fresh, &out]);
        assert!(
            ran.stdout.contains("4 results: 2 passed, 2 failed"),
            "{ran}"
        );
    }
}
