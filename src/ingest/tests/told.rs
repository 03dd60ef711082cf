//! Results that are not read, or only in part, are told so that nobody takes them for read.

use super::*;

const SUITE: &str = "<testsuite name='s'><testcase name='a'/></testsuite>";

fn problems(report: &Report) -> Vec<(&str, &str)> {
    let lines = report.intake.iter();
    let told = lines.filter_map(|line| Some((line.input.as_str(), line.problem.as_deref()?)));
    told.collect()
}

#[test]
fn results_of_formats_that_are_not_read_are_lost_beside_others() {
    for (name, text, next) in [
        (
            "testng.xml",
            "<testng-results><suite/></testng-results>",
            "`junitreports`",
        ),
        (
            "rspec.json",
            r#"{"version":"3.13","examples":[],"summary_line":"1 example"}"#,
            "`rspec_junit_formatter`",
        ),
        (
            "out.json",
            r#"{"runner":"x","tests":[{"name":"b","status":"failed"}]}"#,
            "convert it",
        ),
        (
            "boost.log",
            "<TestLog><TestSuite/></TestLog>",
            "--log_format=JUNIT",
        ),
        (
            "Test.xml",
            "<Site><Testing><Test/></Testing></Site>",
            "--output-junit",
        ),
        (
            "lfs.xml",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n",
            "`git lfs pull`",
        ),
    ] {
        let (report, rows) = read(&directory([("junit.xml", SUITE), (name, text)]));
        assert_eq!(rows.len(), 1, "{name}");
        let problems = problems(&report);
        assert!(
            matches!(problems.as_slice(), [(input, problem)] if *input == name && problem.contains(next)),
            "{name}: {problems:?}"
        );
    }
}

#[test]
fn what_only_lies_beside_results_is_no_loss() {
    let (report, rows) = read(&directory([
        ("junit.xml", SUITE),
        ("package.json", r#"{"name":"a","scripts":{"test":"jest"}}"#),
        ("testng.xml", "<suite name='s'><test name='t'/></suite>"),
        ("coverage.xml", "<coverage/>"),
        ("Build.xml", "<Site><Build/></Site>"),
        (
            ".last-run.json",
            r#"{"status":"failed","failedTests":["a"]}"#,
        ),
        (
            "statement.json",
            r#"{"payload":"","payloadType":"","signatures":[]}"#,
        ),
        ("shot.png", "png"),
        ("notes.txt", "ok then"),
    ]));
    assert_eq!(rows.len(), 1);
    assert_eq!(problems(&report), [("", ""); 0]);
    assert!(report.intake.iter().all(|line| !line.has_loss()));
    let notes = report.intake[0].notes.join("\n");
    assert!(notes.contains("other files not read"), "{notes}");
}

#[test]
fn attachments_that_no_result_names_are_told() {
    let result = r#"{"uuid":"1","name":"a","status":"passed","attachments":[{"name":"l","source":"1-attachment.xml"}]}"#;
    let (report, rows) = read(&directory([
        ("1-result.json", result),
        ("1-attachment.xml", SUITE),
        ("2-attachment.txt", "said before it was killed"),
        ("3-attachment.png", "png"),
    ]));
    assert_eq!(rows.len(), 1);
    assert_eq!(problems(&report), [("", ""); 0]);
    assert_eq!(
        report.intake[0].notes,
        [
            "2 attachments that no result names, as `2-attachment.txt`: results may be missing that were never \
             written"
        ]
    );
    // Results are no attachment of what is not there.
    let (report, rows) = read(&directory([
        ("1-result.json", result),
        ("1-attachment.xml", "<a/>"),
        ("2-attachment.xml", SUITE),
    ]));
    assert_eq!(rows.len(), 1);
    let problems = problems(&report);
    assert!(
        matches!(problems.as_slice(), [("2-attachment.xml", problem)] if problem.starts_with("holds JUnit XML")),
        "{problems:?}"
    );
    // What another report attaches is its own.
    let junit = "<testsuite><testcase name='a'><system-out>[[ATTACHMENT|2-attachment.xml]]</system-out></testcase>\
                 </testsuite>";
    let (report, rows) = read(&directory([
        ("junit.xml", junit),
        ("2-attachment.xml", SUITE),
    ]));
    assert_eq!(rows.len(), 1);
    assert!(report.intake.iter().all(|line| !line.has_loss()));
}

#[test]
fn a_child_that_is_named_like_an_attribute_decides() {
    let of = |child: &str| {
        let text = format!("<testsuite name='s'><testcase name='a'>{child}</testcase></testsuite>");
        let (report, rows) = read(&file("r.xml", text));
        (rows[0].result.status, !report.intake[0].notes.is_empty())
    };
    assert_eq!(of("<result>failed</result>"), (Status::Failed, false));
    assert_eq!(of("<Status> Skipped\n</Status>"), (Status::Skipped, false));
    assert_eq!(of("<outcome>passed</outcome>"), (Status::Passed, false));
    assert_eq!(of("<verdict>error</verdict>"), (Status::Unknown, true));
    // Other words: one tells of no good end, one says nothing that is known.
    assert_eq!(of("<status>timed out</status>"), (Status::Unknown, true));
    assert_eq!(
        of("<state>in the cart: 3 items</state>"),
        (Status::Passed, true)
    );
}

#[test]
fn what_node_counts_and_no_element_shows_is_told() {
    let of = |suites: &str, counts: &str| {
        let text = format!("<testsuites>{suites}{counts}</testsuites>");
        let (_, rows) = read(&file("r.xml", text));
        let bad = rows
            .iter()
            .filter(|row| row.result.status != Status::Passed);
        (rows.len(), bad.count())
    };
    let counts = |fail: u64, suites: u64| {
        format!(
            "<!-- tests 2 --><!-- suites {suites} --><!-- pass 1 --><!-- fail {fail} --><!-- cancelled 0 -->"
        )
    };
    let passed = "<testsuite name='p'><testcase classname='test' name='a'/></testsuite>";
    assert_eq!(of(passed, &counts(1, 0)), (2, 1));
    assert_eq!(of(passed, &counts(0, 0)), (1, 0));
    // A test fails with one of its own, and is no `describe` then.
    let failed =
        "<testsuite name='p'><testcase classname='test' name='a'><failure/></testcase></testsuite>";
    assert_eq!(of(failed, &counts(2, 0)), (1, 1));
    assert_eq!(of(failed, &counts(2, 1)), (2, 2));
    assert_eq!(of(failed, &counts(1, 1)), (1, 1));
}

#[test]
fn a_suite_that_failed_without_a_test_is_told() {
    let test = |title: &str, status: &str| {
        format!(
            r#"{{"ancestorTitles":["outer","{title}"],"title":"t","fullName":"outer {title} t","status":"{status}"}}"#
        )
    };
    let of = |failed_suites: u64| {
        let tests = [test("a", "failed"), test("b", "skipped")].join(",");
        let text = format!(
            r#"{{"numFailedTestSuites":{failed_suites},"numFailedTests":1,"numTotalTests":2,"success":false,
            "testResults":[{{"name":"x.test.js","status":"failed","message":"","assertionResults":[{tests}]}}]}}"#
        );
        let (_, rows) = read(&file("r.json", text));
        rows.len()
    };
    // The file, `outer` and `a` failed with their test.
    assert_eq!(of(3), 2);
    assert_eq!(of(1), 2);
    assert_eq!(of(4), 3);
    // One file that two projects ran failed twice.
    let one = r#"{"name":"x.test.js","status":"failed","message":"","assertionResults":[
        {"ancestorTitles":[],"title":"t","fullName":"t","status":"failed"}]}"#;
    let text = r#"{"numFailedTestSuites":2,"numFailedTests":2,"numTotalTests":2,"success":false,"testResults":[ONE,ONE]}"#;
    let (_, rows) = read(&file("r.json", text.replace("ONE", one)));
    assert_eq!(rows.len(), 2);
}

#[test]
fn addresses_of_objects_tell_no_variants_of_pytest_apart() {
    let of = |framework: &str, value: &str| {
        let text = format!(
            r#"{{"uuid":"1","name":"test_o[o0]","status":"passed","labels":[{{"name":"framework","value":"{framework}"}}],
            "parameters":[{{"name":"o","value":"{value}"}}]}}"#
        );
        let (_, rows) = read(&directory([("1-result.json", text.as_str())]));
        rows[0].result.parameters[0].excluded
    };
    assert!(of("pytest", "<object object at 0x7f93c0a1b2c0>"));
    assert!(!of("pytest", "looks at 0x7f93c0a1b2c0 twice"));
    assert!(!of("junit-platform", "<object object at 0x7f93c0a1b2c0>"));
}
