//! What reports declare of themselves, held against what stands in them.

use super::*;

/// The problem of a report's line, and the messages of the rows that no element stands for.
fn told(name: &str, text: &str) -> (Option<String>, Vec<String>) {
    let (report, rows) = read(&file(name, text));
    assert_eq!(report.intake.len(), 1, "{:?}", report.intake);
    let added = rows.iter().filter(|row| row.result.synthetic);
    let added = added.map(|row| {
        assert_eq!(row.result.status, Status::Broken, "{text}");
        row.result.message.clone().unwrap_or_default()
    });
    let problem = report.intake[0].problem.clone();
    assert_eq!(report.intake[0].has_loss(), problem.is_some());
    (problem, added.collect())
}

/// A report of each format that declares more than it holds: its problem, and what the row says that
/// stands for the failures.
const SHORT: [(&str, &str, &str, &str); 11] = [
    (
        "r.json",
        r##"{"created":1,"exitcode":1,"root":"/","summary":{"total":10,"failed":4,"passed":6,"collected":10},"tests":[{"nodeid":"a.py::t","outcome":"passed"}]}"##,
        "declares 10 tests, 1 is there",
        "the report declares 4 failures, and its tests show none",
    ),
    (
        "r.json",
        r##"{"stats":{"suites":1,"tests":5,"passes":2,"pending":0,"failures":3},"tests":[{"title":"a","fullTitle":"a","duration":1,"err":{}}],"pending":[],"failures":[],"passes":[{"title":"a","fullTitle":"a","err":{}}]}"##,
        "declares 5 tests, 1 is there",
        "the report declares 3 failures, and its tests show none",
    ),
    (
        "r.trx",
        r##"<?xml version="1.0"?><TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010" id="x" name="r"><Results><UnitTestResult testId="1" executionId="e1" testName="A" outcome="Passed" duration="00:00:01"/><UnitTestResult testId="2" executionId="e2" testName="B" outcome="Timeout"/><UnitTestResult testId="3" executionId="e3" testName="C" outcome="NotExecuted"/><UnitTestResult testId="4" executionId="e4" testName="D" outcome="Aborted"/><UnitTestResult testId="5" executionId="e5" testName="E" outcome="Warning"/><UnitTestResult testId="6" executionId="e6" testName="F" outcome="Nonsense"/></Results><ResultSummary outcome="Failed"><Counters total="9" executed="9" passed="1" failed="8"/><RunInfos><RunInfo outcome="Error"><Text>host crashed</Text></RunInfo></RunInfos></ResultSummary></TestRun>"##,
        "declares 9 results, 6 are there",
        "the report declares 8 failures, and its tests show 3",
    ),
    (
        "r.xml",
        r##"<test-run id="2" testcasecount="3" result="Failed" total="5" passed="1" failed="4"><test-suite type="TestFixture" name="F" fullname="N.F" result="Failed" site="TearDown"><failure><message>td</message></failure><test-case id="1" name="A(1)" fullname="N.F.A(1)" result="Passed"/><test-case id="2" name="B" fullname="N.F.B" result="Inconclusive"/><test-case id="3" name="C" fullname="N.F.C" result="Failed" label="Error"/><test-case id="4" name="W" fullname="N.F.W" result="Warning"/></test-suite></test-run>"##,
        "declares 5 test cases, 4 are there",
        "the report declares 4 failures, and its tests show 2",
    ),
    (
        "r.xml",
        r##"<assemblies><assembly name="a.dll" run-date="2026-01-01" run-time="10:00:00" total="4" passed="1" failed="1" skipped="0" errors="2"><errors><error type="assembly-cleanup" name="x"><failure exception-type="E"><message>cleanup</message></failure></error></errors><collection name="c"><test name="N.T.M(x: 1)" type="N.T" method="M" result="Pass" time="1"/><test name="N.T.F" type="N.T" method="F" result="Fail"><failure><message>m</message></failure></test><test name="N.T.N" type="N.T" method="N" result="NotRun"/></collection></assembly></assemblies>"##,
        "declares 4 tests, 3 are there",
        "the report declares 3 failures, and its tests show 2",
    ),
    (
        "r.json",
        r##"{"tests":4,"failures":1,"disabled":1,"errors":0,"name":"AllTests","testsuites":[{"name":"S","tests":3,"failures":1,"testsuite":[{"name":"a","status":"RUN","result":"COMPLETED","time":"0.1s","classname":"S"},{"name":"b","status":"RUN","result":"COMPLETED","time":"0s","classname":"S","failures":[{"failure":"x","type":""}]},{"name":"DISABLED_c","status":"NOTRUN","result":"SUPPRESSED","time":"0s","classname":"S"}]}]}"##,
        "declares 4 tests, 3 are there",
        "",
    ),
    (
        "r.xml",
        r##"<robot generator="Robot 7"><suite name="S"><test name="a"><status status="PASS"/></test><status status="FAIL"/></suite><statistics><total><stat pass="1" fail="5" skip="0">All Tests</stat></total></statistics></robot>"##,
        "declares 6 tests, 1 is there",
        "the report declares 5 failures, and its tests show none",
    ),
    (
        "r.json",
        r##"{"results":{"tool":{"name":"jest"},"summary":{"tests":10,"passed":5,"failed":5,"skipped":0,"pending":0,"other":0,"start":0,"stop":0},"tests":[{"name":"a","status":"passed","duration":1}]}}"##,
        "declares 10 tests, 1 is there",
        "the report declares 5 failures, and its tests show none",
    ),
    (
        "r.json",
        r##"{"numTotalTests":5,"numFailedTests":3,"numPassedTests":2,"success":false,"testResults":[{"name":"/x/a.test.js","status":"passed","message":"","assertionResults":[{"ancestorTitles":[],"fullName":"a","title":"a","status":"passed","failureMessages":[]}]}]}"##,
        "declares 5 tests, 1 is there",
        "the report declares 3 failures, and its tests show none",
    ),
    (
        "r.xml",
        r##"<testsuites tests="10" failures="5"><testsuite name="s" tests="10" failures="5"><testcase classname="a" name="t"/></testsuite></testsuites>"##,
        "",
        "the suite declares 0 errors and 5 failures, and no test case of it shows one",
    ),
    (
        "r.xml",
        r##"<testsuites tests="2" failures="1" errors="0"><testsuite name="s" tests="2" failures="1" errors="0"><testcase classname="a" name="t"/><testcase classname="a" name="t2"/></testsuite></testsuites>"##,
        "",
        "the suite declares 0 errors and 1 failure, and no test case of it shows one",
    ),
];

#[test]
fn what_is_declared_and_not_there_is_lost_and_never_green() {
    for (name, text, problem, row) in SHORT {
        let (told_problem, added) = told(name, text);
        assert_eq!(
            told_problem.as_deref().unwrap_or_default(),
            problem,
            "{text}"
        );
        let told_row = added.iter().any(|message| message == row);
        assert!(row.is_empty() || told_row, "{added:?} {text}");
    }
}

#[test]
fn a_run_that_failed_is_never_green() {
    let runs = [
        (
            r#"{"created":1,"exitcode":3,"root":"/","summary":{"total":1,"passed":1},
                "tests":[{"nodeid":"a.py::t","outcome":"passed"}]}"#,
            "pytest ended with exit code 3, and no test shows why",
        ),
        (
            r#"{"numTotalTests":1,"numPassedTests":1,"success":false,"testResults":[{"name":"a",
                "status":"passed","assertionResults":[{"title":"a","status":"passed"}]}]}"#,
            "the run was not successful, and no test shows why",
        ),
        (
            r#"<TestRun><Results><UnitTestResult testName="A" outcome="Passed"/></Results>
                <ResultSummary outcome="Failed"><Counters total="1" failed="0"/></ResultSummary></TestRun>"#,
            "the outcome of the run is `Failed`, and no test shows why",
        ),
    ];
    for (text, row) in runs {
        assert_eq!(told("r.json", text), (None, vec![row.to_owned()]), "{text}");
    }
    let messages = |status: &str, finished: &str| {
        format!(
            r#"{{"testRunStarted":{{"timestamp":{{"seconds":1,"nanos":0}}}}}}
{{"pickle":{{"id":"p","uri":"a.feature","name":"a","steps":[{{"id":"s","text":"x"}}]}}}}
{{"testCase":{{"id":"t","pickleId":"p","testSteps":[{{"id":"ts","pickleStepId":"s"}}]}}}}
{{"testCaseStarted":{{"id":"c","testCaseId":"t","attempt":0}}}}
{{"testStepFinished":{{"testCaseStartedId":"c","testStepId":"ts","testStepResult":{{"status":"{status}"}}}}}}
{{"testCaseFinished":{{"testCaseStartedId":"c","willBeRetried":false}}}}
{{"testRunFinished":{finished}}}"#
        )
    };
    for (status, finished, row) in [
        ("PASSED", r#"{"success":true}"#, None),
        ("FAILED", r#"{"success":false,"message":"m"}"#, None),
        // A strict run fails by it.
        ("PENDING", r#"{"success":false}"#, None),
        (
            "PASSED",
            r#"{"success":false}"#,
            Some("the run was not successful, and no test shows why"),
        ),
        (
            "PASSED",
            r#"{"success":false,"message":"AfterAll: boom"}"#,
            Some("the run was not successful: AfterAll: boom, and no test shows why"),
        ),
    ] {
        let (problem, added) = told("r.ndjson", &messages(status, finished));
        let row: Vec<String> = row.into_iter().map(str::to_owned).collect();
        assert_eq!((problem, added), (None, row), "{status} {finished}");
    }
}

#[test]
fn a_scenario_that_was_planned_and_never_began_is_there() {
    let text = r#"{"pickle":{"id":"p","uri":"a.feature","name":"a","steps":[]}}
{"testCase":{"id":"t","pickleId":"p","testSteps":[]}}
{"testRunFinished":{"success":true}}"#;
    let (report, rows) = read(&file("r.ndjson", text));
    assert!(!report.intake[0].has_loss());
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.result.full_name.as_deref(), row.result.status))
        .collect();
    assert_eq!(found, [(Some("a.feature#a"), Status::Unknown)]);
}

#[test]
fn tests_of_one_title_in_mocha_keep_their_outcomes() {
    let text = r#"{"stats":{"tests":2,"passes":1,"failures":1},
        "tests":[{"title":"a","fullTitle":"a","duration":1,"err":{}},
            {"title":"a","fullTitle":"a","duration":1,"err":{"message":"m"}}],
        "failures":[{"title":"a","fullTitle":"a","err":{"message":"m"}}],
        "passes":[{"title":"a","fullTitle":"a","err":{}}]}"#;
    let (_, rows) = read(&file("r.json", text));
    let found: Vec<_> = rows.iter().map(|row| row.result.status).collect();
    assert_eq!(found, [Status::Passed, Status::Broken]);
}

#[test]
fn what_writers_count_otherwise_is_no_loss() {
    let whole = [
        // A hook that failed has no test, and a test that failed twice stands twice in the list.
        r#"{"stats":{"tests":1,"failures":3},"tests":[{"title":"a","fullTitle":"a","duration":1,"err":{"message":"m"}}],
            "failures":[{"title":"a","fullTitle":"a","err":{"message":"m"}},{"title":"a","fullTitle":"a","err":{"message":"n"}},
            {"title":"b hook","fullTitle":"b hook","err":{"message":"m"}}]}"#,
        // Deselected tests were collected, and no tests are no failure.
        r#"{"created":1,"exitcode":5,"root":"/","summary":{"total":0,"collected":3,"deselected":3},"tests":[]}"#,
        // Of data, the aggregate and its rows are all counted.
        r#"<TestRun><Results><UnitTestResult testName="A" outcome="Failed"><InnerResults>
            <UnitTestResult testName="A (1)" outcome="Failed"/></InnerResults></UnitTestResult></Results>
            <ResultSummary outcome="Failed"><Counters total="2" failed="2"/></ResultSummary></TestRun>"#,
        // What a filter leaves out is among the cases, not in the total.
        r#"<test-run testcasecount="9" total="1" failed="0"><test-case name="A" fullname="A" result="Passed"/></test-run>"#,
        // The tear-down of a suite fails its tests afterwards.
        r#"<robot><suite name="S"><test name="a"><status status="PASS"/></test><kw type="TEARDOWN" name="k">
            <status status="FAIL">m</status></kw><status status="FAIL"/></suite><statistics><total>
            <stat pass="0" fail="1" skip="0">All Tests</stat></total></statistics></robot>"#,
        r#"<testsuite name="s" tests="2" failures="2"><testcase name="a"><failure/></testcase></testsuite>"#,
    ];
    for text in whole {
        let (problem, added) = told("r.json", text);
        assert_eq!(problem, None, "{text}");
        assert!(
            added.iter().all(|message| message == "m"),
            "{added:?} {text}"
        );
    }
}

#[test]
fn a_summary_without_tests_is_a_problem() {
    let text = r#"{"created":1.5,"duration":0.2,"exitcode":2,"root":"/w","environment":{},"summary":{"total":0,"collected":24}}"#;
    let (problem, added) = told("r.json", text);
    assert_eq!(
        problem.as_deref(),
        Some(
            "holds a summary and no tests: leave `--json-report-summary` out (24 tests collected)"
        )
    );
    assert_eq!(
        added,
        ["pytest ended with exit code 2, and no test shows why"]
    );
}

/// Go before 1.24 says beside the events that a package did not build.
#[test]
fn packages_that_go_names_in_plain_lines_are_rows() {
    let text = "# m/b [m/b.test]\nb/b_test.go:3:2: undefined: X\n\
        {\"Action\":\"run\",\"Package\":\"m/a\",\"Test\":\"TestA\"}\n\
        {\"Action\":\"pass\",\"Package\":\"m/a\",\"Test\":\"TestA\"}\n\
        {\"Action\":\"pass\",\"Package\":\"m/a\"}\n\
        FAIL\tm/b [build failed]\nFAIL\tm/c [setup failed]\nFAIL\n";
    let (_, rows) = read(&file("go.jsonl", text));
    let mut rows: Vec<_> = { rows.iter() }
        .map(|row| {
            let result = &row.result;
            let said = result.message.as_deref().unwrap_or_default();
            (result.full_name.as_deref(), result.status, said)
        })
        .collect();
    rows.sort_by_key(|row| row.0);
    let (b, c) = (rows[1], rows[2]);
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!((b.0, b.1), (Some("m/b.[build failed]"), Status::Broken));
    assert!(b.2.contains("undefined: X"), "{}", b.2);
    assert_eq!((c.0, c.1), (Some("m/c.[build failed]"), Status::Broken));
}
