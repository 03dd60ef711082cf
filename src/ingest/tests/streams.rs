//! Formats of lines: TAP, and events as go writes them.

use super::*;

fn tap(text: &str) -> (Intake, Vec<(String, Status)>) {
    let (report, rows) = read(&file("r.tap", text));
    let rows = rows.into_iter();
    let rows = rows.map(|row| (row.result.name, row.result.status));
    (report.intake[0].clone(), rows.collect())
}

#[test]
fn a_plan_counts_numbers_and_not_points() {
    let (line, rows) = tap("1..2\nok 1\nok 1\n");
    assert_eq!(line.problem.as_deref(), Some("1 planned test not reported"));
    assert!(line.notes[0].contains("with a number that came before"));
    let outcomes: Vec<Status> = rows.iter().map(|(_, status)| *status).collect();
    assert_eq!(outcomes, [Status::Passed, Status::Passed, Status::Broken]);
    assert_eq!(rows[2].0, "test 2");
    // Points without numbers have those of their places, and any order will do.
    for whole in [
        "1..3\nok\nok\nok\n",
        "1..3\nok 3\nok 1\nok 2\n",
        "ok 1\nok 2\n1..2\n",
        "1..2\nok\nok 2\n",
    ] {
        let (line, rows) = tap(whole);
        assert!(!line.has_loss(), "{whole}: {line:?}");
        assert!(rows.iter().all(|(_, status)| *status == Status::Passed));
    }
    // Mocha gives a hook that failed the number of the test behind it.
    let (line, rows) = tap("1..3\nnot ok 1 hook\nok 1 a\nok 2 b\n");
    assert_eq!((line.has_loss(), rows.len()), (false, 3), "{line:?}");
    let (line, _) = tap("1..3\nnot ok 1 hook\nok 1 a\nok 3 b\n");
    assert!(line.has_loss(), "{line:?}");
    let (line, rows) = tap("1..1\n# Subtest: s\n    1..2\n    ok 1 - a\n    ok 1 - b\nok 1 - s\n");
    assert!(
        rows.contains(&("s (plan)".to_owned(), Status::Broken)),
        "{rows:?} {line:?}"
    );
}

#[test]
fn a_point_whose_line_is_whole_is_not_doubted() {
    for (text, status) in [
        ("ok 1 - a\nok 2 - b\n", Status::Passed),
        ("ok 1 - a\nok 2 - b", Status::Unknown),
        ("1..3\nok 1 - a\nok 2 - b\n", Status::Passed),
        ("1..3\nok 1 - a\nok 2 - b # sk", Status::Unknown),
        ("ok 1 - a\nnot ok 2 - b", Status::Failed),
    ] {
        let (line, rows) = tap(text);
        assert_eq!((rows[0].1, rows[1].1), (Status::Passed, status), "{text:?}");
        assert!(line.has_loss(), "{text:?}");
    }
}

#[test]
fn a_strict_stream_fails_over_what_is_no_tap() {
    let (line, rows) =
        tap("TAP version 14\npragma +strict\n1..1\nok 1 - a\nwhat is this\n# a comment\n");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows[1], ("pragma +strict".to_owned(), Status::Broken));
    assert!(!line.has_loss());
    let (_, rows) = tap("TAP version 14\npragma +strict\n1..1\npragma -strict\nok 1 - a\nwhat\n");
    assert_eq!(rows.len(), 1);
    let (line, rows) = tap("TAP version 14\npragma +fast\n1..1\nok 1 - a\nwhat\n");
    assert_eq!((rows.len(), line.notes.len()), (1, 1));
    assert_eq!(
        line.notes[0],
        "1 pragma not known, and left out, as `+fast`"
    );
}

const GO: [&str; 3] = [
    r#"{"Time":"2026-01-02T03:04:05Z","Action":"run","Package":"m/a","Test":"TestA"}"#,
    r#"{"Time":"2026-01-02T03:04:06Z","Action":"pass","Package":"m/a","Test":"TestA","Elapsed":1}"#,
    r#"{"Time":"2026-01-02T03:04:06Z","Action":"pass","Package":"m/a","Elapsed":1}"#,
];

#[test]
fn times_before_lines_are_none_of_the_format() {
    for prefix in [
        "2026-01-02T03:04:05.1234567Z ",
        "2026-01-02T03:04:05.123456Z 00O ",
        "[2026-01-02T03:04:05.123Z] ",
    ] {
        let stamped = |lines: &[&str]| -> String {
            let lines = lines.iter().map(|line| format!("{prefix}{line}\n"));
            lines.collect()
        };
        for name in ["go.jsonl", "job.log", "job.txt"] {
            let text = stamped(&[&["##[group]Run go test"], GO.as_slice()].concat());
            let (report, rows) = read(&file(name, text));
            assert_eq!(report.intake[0].format, "go", "{prefix}{name}");
            assert!(!report.intake[0].has_loss(), "{:?}", report.intake);
            assert_eq!(rows[0].result.full_name.as_deref(), Some("m/a.TestA"));
        }
        let text = stamped(&[
            "TAP version 13",
            "1..2",
            "ok 1 - a",
            "not ok 2 - b",
            "  ---",
            "  message: m",
            "  ...",
        ]);
        let (report, rows) = read(&file("r.tap", text));
        assert!(!report.intake[0].has_loss(), "{:?}", report.intake);
        assert_eq!(rows[1].result.status, Status::Failed);
        assert_eq!(rows[1].result.message.as_deref(), Some("m"));
    }
}

/// Before Go 1.20 benchmarks have no events of their own.
#[test]
fn benchmarks_that_are_output_alone_are_results() {
    let output = |text: &str| {
        let text = serde_json::to_string(text).expect("text");
        format!(r#"{{"Action":"output","Package":"m/a","Output":{text}}}"#)
    };
    let ended = |all: &[&str]| {
        let lines: Vec<String> = all.iter().map(|text| output(text)).collect();
        let end = GO[2];
        read(&file("go.jsonl", format!("{}\n{end}\n", lines.join("\n"))))
    };
    let head = "goos: linux\n";
    let (report, rows) = ended(&[
        head,
        "BenchmarkAdd-8   \t",
        " 1000000\t      1034 ns/op\n",
        "BenchmarkSub/size-10-8 \t 100 \t 2 ns/op\t 3 B/op\n",
        "PASS\n",
    ]);
    assert!(!report.intake[0].has_loss(), "{:?}", report.intake);
    let names: Vec<&str> = rows.iter().map(|row| row.result.name.as_str()).collect();
    assert_eq!(names, ["BenchmarkAdd", "BenchmarkSub/size-10"]);
    assert_eq!(rows[0].result.status, Status::Passed);
    // On one processor there is no number behind the names.
    let (_, rows) = ended(&[
        "BenchmarkOne \t 100 \t 2 ns/op\n",
        "BenchmarkTo-10 \t 1 \t 2 ns/op\n",
    ]);
    let names: Vec<&str> = rows.iter().map(|row| row.result.name.as_str()).collect();
    assert_eq!(names, ["BenchmarkOne", "BenchmarkTo-10"]);
    let (_, rows) = ended(&["Benchmark of nothing\n", "BenchmarkX 12 words\n"]);
    assert!(rows.is_empty());
}

#[test]
fn zeros_in_a_file_of_lines_are_a_loss() {
    let zeros = "\0".repeat(4096);
    for text in [
        format!("{}\n{zeros}\n{}\n{}\n", GO[0], GO[1], GO[2]),
        format!("{}\n{zeros}{}\n{}\n", GO[0], GO[1], GO[2]),
    ] {
        let (report, rows) = read(&file("go.jsonl", text));
        assert_eq!(
            report.intake[0].problem.as_deref(),
            Some("line 2 begins with NUL bytes, as a file does of which a part was never written")
        );
        assert_eq!((rows.len(), rows[0].result.status), (1, Status::Passed));
        assert!(rows[0].result.salvaged);
    }
}
