//! Reports of real runners, of the tiny suites in `tests/fixtures/producers/suites`: every format's
//! counts, against a count that knows only how an element looks.

use super::*;

/// Passed, failed, broken, skipped, unknown; attempts apart.
type Counts = [u64; 5];

fn producers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/producers")
}

/// What each report must come to, as `counts.json` has it: its format, its counts with retries, and what
/// one of its elements looks like.
fn expected() -> Value {
    let bytes = files::read(&producers().join("counts.json")).expect("it is there");
    serde_json::from_slice(&bytes).expect("it is JSON")
}

fn of(report: &str) -> MemoryBundle {
    load(&producers().join(report))
}

/// What stands below a folder of fixtures, in the order of names.
fn reports() -> Vec<String> {
    let mut out = Vec::new();
    for entry in files::list_dir(&producers()).expect("the fixtures list") {
        let name = entry.file_name().into_string().expect("a plain name");
        if entry.path().is_dir() && name != "suites" {
            out.push(name);
        }
    }
    out.sort();
    out
}

fn counts(rows: &[Row]) -> Counts {
    let mut counts = Counts::default();
    for row in rows
        .iter()
        .filter(|row| row.part != crate::ingest::Part::Retry)
    {
        let at = match row.result.status {
            Status::Passed => 0,
            Status::Failed => 1,
            Status::Broken => 2,
            Status::Skipped => 3,
            Status::Unknown | Status::InProgress => 4,
        };
        counts[at] += 1;
    }
    counts
}

#[test]
fn every_report_counts_as_its_elements_do() {
    let expected = expected();
    let mut wrong = Vec::new();
    for report in reports() {
        let bundle = of(&report);
        let (account, rows) = read(&bundle);
        let case = expected.get(&report);
        let lines = &account.intake;
        let sum = |field: fn(&Intake) -> u64| lines.iter().map(field).sum::<u64>();
        let looks = case.map_or(&[][..], |case| super::super::json::list(&case["looks"]));
        let mut plain = 0;
        for entry in bundle.entries() {
            let bytes = bundle.read(&entry.name).expect("memory reads");
            let text = String::from_utf8_lossy(&bytes);
            plain += looks
                .iter()
                .filter_map(Value::as_str)
                .map(|look| text.matches(look).count() as u64)
                .sum::<u64>();
        }
        // Mocha tells each test in two lists, and hooks in one.
        let number = |key: &str, other| case.and_then(|case| case[key].as_u64()).unwrap_or(other);
        let plain = (plain - number("less", 0)) / number("over", 1);
        let retries = rows
            .iter()
            .filter(|row| row.part == crate::ingest::Part::Retry)
            .count() as u64;
        let found = json!({
            "format": lines[0].format,
            "counts": counts(&rows),
            "retries": retries,
            "elements": sum(|line| line.elements),
        });
        let expected = json!({
            "format": case.map(|case| &case["format"]),
            "counts": case.map(|case| &case["counts"]),
            "retries": case.map(|case| &case["retries"]),
            "elements": plain,
        });
        let problems: Vec<_> = lines
            .iter()
            .filter_map(|line| line.problem.clone())
            .collect();
        if expected != found || !problems.is_empty() {
            wrong.push(format!(
                "{report}: {found}, expected {expected}; {problems:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names that the suites give to what fails; nothing of such a name may pass.
#[test]
fn nothing_that_fails_is_green() {
    let bad = [
        "fails ünequal",
        "crashes",
        "never runs",
        "test_fails",
        "test_crashes",
        "test_setup_error",
        "::fails",
        "Set Up Fails",
        "Tear Down Fails",
    ];
    for report in reports() {
        let (_, rows) = read(&of(&report));
        let green = rows.iter().find(|row| {
            let name = &row.result.name;
            let is_hook = report.starts_with("node-test") && name.contains("never runs");
            row.result.status == Status::Passed
                && bad.iter().any(|bad| name.ends_with(bad))
                && !is_hook
        });
        assert!(
            green.is_none(),
            "{report}: {:?}",
            green.map(|row| &row.result.name)
        );
    }
}

/// Cut anywhere, a report says so, and gives nothing green that was not green before.
#[test]
fn reports_that_are_cut_say_so() {
    for report in reports()
        .into_iter()
        .filter(|report| report != "allure-pytest")
    {
        let bundle = of(&report);
        let (_, whole) = read(&bundle);
        let green: Vec<_> = whole
            .iter()
            .filter(|row| row.result.status == Status::Passed)
            .map(|row| (row.result.full_name.clone(), row.result.name.clone()))
            .collect();
        for entry in bundle.entries() {
            let bytes = bundle.read(&entry.name).expect("memory reads");
            let is_report = [".json", ".xml", ".tap", ".ndjson"];
            if !is_report.iter().any(|ending| entry.name.ends_with(ending)) {
                continue;
            }
            for part in 1..20 {
                let cut = bytes[..bytes.len() * part / 20].to_vec();
                let (account, rows) = read(&file(&entry.name, cut));
                // What TAP prints below its last point is no part of a test's outcome.
                let is_told = entry.name.ends_with(".tap") && counts(&rows) == counts(&whole);
                assert!(
                    is_told || account.intake.iter().any(Intake::has_loss),
                    "{report} cut at {part}/20: {:?}",
                    account.intake
                );
                for row in rows
                    .iter()
                    .filter(|row| row.result.status == Status::Passed)
                {
                    let name = (row.result.full_name.clone(), row.result.name.clone());
                    let is_known = green.contains(&name);
                    let full = &name.0;
                    // Jest's writer tells a test that is to be written like one that passed.
                    if name.1.contains("to be written") {
                        continue;
                    }
                    // A text that is cut may lose the groups above a test, not its name.
                    let is_known = is_known || green.iter().any(|(_, own)| *own == name.1);
                    assert!(is_known, "{report} cut at {part}/20: {full:?} is green");
                }
            }
        }
    }
}

/// What is nested too deep, or holds what no text holds, is told, and the rest is read.
#[test]
fn hostile_files_are_told() {
    let deep = 10_000;
    let xml = |root: &str| format!("<{root} run-date='x'>{}", "<a>".repeat(deep));
    let json = |start: &str| format!("{start}{}", "[".repeat(deep));
    let hostile = [
        ("r.trx", xml("TestRun")),
        ("r.xml", xml("test-run")),
        ("r.xml", xml("test-results")),
        ("r.xml", xml("assemblies")),
        ("r.xml", xml("robot")),
        ("r.xml", xml("test-suite")),
        (
            "r.xml",
            "<!DOCTYPE robot [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><robot>&b;</robot>"
                .to_owned(),
        ),
        (
            "r.json",
            json("{\"reportFormat\":\"CTRF\",\"results\":{\"tool\":{},\"tests\":["),
        ),
        (
            "r.json",
            json("{\"config\":{\"rootDir\":\"/w\"},\"suites\":[{\"suites\":"),
        ),
        (
            "r.json",
            json("{\"tests\":1,\"testsuites\":[{\"testsuite\":"),
        ),
        (
            "r.json",
            json("{\"created\":1,\"exitcode\":0,\"root\":\"/w\",\"tests\":"),
        ),
        ("r.json", json("{\"stats\":{},\"tests\":")),
        ("r.json", json("{\"numTotalTests\":1,\"testResults\":")),
        (
            "r.json",
            json("[{\"keyword\":\"Feature\",\"name\":\"x\",\"elements\":"),
        ),
        (
            "r.jsonl",
            json("{\"Action\":\"run\",\"Package\":\"p\"}\n{\"Action\":\"run\",\"Package\":"),
        ),
        (
            "r.jsonl",
            json("{\"type\":\"suite\",\"event\":\"started\"}\n{\"type\":"),
        ),
        ("r.jsonl", json("{\"meta\":{}}\n{\"testCaseStarted\":")),
        (
            "r.jsonl",
            json("{\"protocolVersion\":\"1\",\"type\":\"start\"}\n{\"type\":"),
        ),
        (
            "r.tap",
            format!("TAP version 14\n1..2\n{}ok 1\n", " ".repeat(4 * deep)),
        ),
    ];
    for (name, text) in hostile {
        let head: String = text.chars().take(60).collect();
        let (account, rows) = read(&file(name, text));
        assert!(
            account.intake.iter().any(Intake::has_loss),
            "{head}: {:?}",
            account.intake
        );
        assert!(rows.len() < 5, "{head}");
        assert!(
            !account.intake[0].format.is_empty(),
            "{head}: {:?}",
            account.intake
        );
    }
    let nul = "{\"reportFormat\":\"CTRF\",\"results\":{\"tool\":{},\"tests\":[{\"name\":\"a\u{0}\\u0000\",\"status\":\"failed\"}]}}";
    let (_, rows) = read(&file("r.json", nul));
    assert_eq!(rows[0].result.status, Status::Failed);
    let mut bytes =
        b"{\"reportFormat\":\"CTRF\",\"results\":{\"tool\":{},\"tests\":[{\"name\":\"".to_vec();
    bytes.extend([0xff, 0xfe, b'"', b',']);
    bytes.extend(b"\"status\":\"failed\"}]}}");
    let (account, rows) = read(&file("r.json", bytes));
    assert_eq!(
        (rows[0].result.status, account.intake[0].replaced),
        (Status::Failed, 2)
    );
}
