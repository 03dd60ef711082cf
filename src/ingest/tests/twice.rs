//! One run told by two reports.

use super::*;

fn attempt(uuid: &str, status: &str, start: u64) -> (String, Vec<u8>) {
    let text = format!(
        r#"{{"uuid":"{uuid}","name":"test_flaky","fullName":"t.test_a#test_flaky","testCaseId":"x","status":"{status}","start":{start},"stop":{start}}}"#
    );
    (format!("{uuid}-result.json"), text.into_bytes())
}

/// Reads two inputs of one run, one after the other; returns all rows, and how many each account says were merged.
fn read_both(first: &MemoryBundle, second: &MemoryBundle) -> (Vec<Row>, [u64; 2]) {
    let options = Options::default().of_same_run(true);
    let mut rows = Vec::new();
    let merged = [first, second].map(|bundle| {
        let (report, read) = read_with(bundle, &options);
        rows.extend(read);
        report.intake.iter().map(|line| line.merged).sum()
    });
    (rows, merged)
}

#[test]
fn the_attempt_that_decides_is_compared_in_any_order() {
    let junit = |inner: &str| {
        let text = format!(
            "<testsuites><testsuite name='pytest'><testcase classname='t.test_a' name='test_flaky'>{inner}</testcase>\
             </testsuite></testsuites>"
        );
        file("r.xml", text)
    };
    // The names of files say nothing of the order.
    let allure = |last: &str| {
        let all = [
            attempt("c", "failed", 1_700_000_001_000),
            attempt("a", "broken", 1_700_000_002_000),
            attempt("b", last, 1_700_000_003_000),
        ];
        MemoryBundle::new("al", all)
    };
    let passed = junit("");
    let failed = junit("<failure message='m'/>");
    // What both tell counts once, with the attempts of whichever stays.
    let (rows, merged) = read_both(&passed, &allure("passed"));
    assert_eq!((rows.len(), merged), (1, [0, 3]));
    let (rows, merged) = read_both(&allure("passed"), &passed);
    assert_eq!((rows.len(), merged), (3, [0, 1]));
    let (rows, _) = read_both(&failed, &allure("failed"));
    assert_eq!(rows.len(), 1);
    // What was passed in the end is no other's failure, though an attempt failed as well.
    for (one, other) in [(&failed, &allure("passed")), (&allure("passed"), &failed)] {
        let (rows, merged) = read_both(one, other);
        assert_eq!((rows.len(), merged), (4, [0, 0]));
    }
}

/// Our own exports say the order of attempts where times don't.
#[test]
fn a_stated_order_of_attempts_counts_before_how_they_ended() {
    let attempt = |number: u32, status: &str| {
        let text = format!(
            r#"{{"uuid":"{number}","name":"t","fullName":"a.t","status":"{status}","labels":[
            {{"name":"tallybook.attempt","value":"{number}"}}]}}"#
        );
        (format!("{number}-result.json"), text.into_bytes())
    };
    let allure = MemoryBundle::new("al", [attempt(1, "failed"), attempt(2, "passed")]);
    let junit = "<testsuite name='s'><testcase classname='a' name='t'/></testsuite>";
    let (rows, merged) = read_both(&file("r.xml", junit), &allure);
    assert_eq!((rows.len(), merged), (1, [0, 2]));
}

#[test]
fn of_two_reports_in_one_folder_the_one_that_says_more_stays() {
    let robot = r#"<robot generator="Robot 7"><suite name="A"><test name="Ok"><tag>smoke</tag><kw name="Log">
        <status status="PASS"/></kw><status status="PASS"/></test><status status="PASS"/></suite></robot>"#;
    let xunit =
        r#"<testsuite name="A" tests="1"><testcase classname="A" name="Ok" time="0"/></testsuite>"#;
    let bundle = directory([("output.xml", robot), ("a-xunit.xml", xunit)]);
    let (_, rows) = read_with(&bundle, &Options::default().of_same_run(true));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].result.labels.all("tag"), ["smoke"]);
    assert_eq!(rows[0].details.steps.len(), 1);
}
