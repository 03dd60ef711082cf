//! Reports of tests whose format is not read: they are results all the same, and not reading them loses
//! them.

use serde_json::Value;

use super::json;

/// A report that is recognised and not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    /// Its format, with an article.
    pub(super) format: &'static str,
    /// What to do instead.
    pub(super) instead: &'static str,
}

const fn unread(format: &'static str, instead: &'static str) -> Unread {
    Unread { format, instead }
}

const ROBOT: Unread = unread(
    "a Robot Framework JSON file",
    "let it write XML, by `robot --output output.xml`",
);
const MOCHA_STREAM: Unread = unread(
    "a file of Mocha's `json-stream`",
    "let it write `mocha --reporter json`",
);
const MOCHAWESOME: Unread = unread("a Mochawesome file", "let it write `mocha --reporter json`");
const RSPEC: Unread = unread(
    "an RSpec JSON file",
    "let it write JUnit XML, by `rspec_junit_formatter`",
);
const ALLURE: Unread = unread(
    "an Allure result that is not named `*-result.json`",
    "name it so",
);
const TESTNG: Unread = unread(
    "a TestNG file",
    "append the JUnit XML that TestNG writes beside it, in `junitreports`",
);
const CTEST: Unread = unread(
    "a CTest dashboard file",
    "let it write JUnit XML, by `ctest --output-junit junit.xml`",
);
const CATCH2: Unread = unread(
    "a Catch2 XML file",
    "let it write JUnit XML, by `--reporter junit`",
);
const DOCTEST: Unread = unread(
    "a doctest XML file",
    "let it write JUnit XML, by `--reporters=junit`",
);
const BOOST: Unread = unread(
    "a Boost.Test XML file",
    "let it write JUnit XML, by `--log_format=JUNIT`",
);
const QT: Unread = unread(
    "a Qt Test XML file",
    "let it write JUnit XML, by `-o junit.xml,junitxml`",
);
const SONAR: Unread = unread(
    "a SonarQube file of test executions",
    "append the report that it was made of",
);
/// Documents of a format that is read, in one list.
pub(super) const LISTED: Unread =
    unread("a list of several reports", "let each be a file of its own");
/// JSON that JSON's readers refuse.
pub(super) const COMMENTED: Unread = unread(
    "a report of tests in JSON behind comments",
    "take the comments out",
);
const SOME_XML: Unread = unread(
    "a report of tests in XML",
    "let its writer write JUnit XML, or convert it",
);
const SOME_JSON: Unread = unread(
    "a report of tests in JSON",
    "let its writer write JUnit XML or CTRF, or convert it",
);

impl Unread {
    /// Says what is wrong with such a file, and what to do.
    pub(super) fn problem(&self) -> String {
        let Self { format, instead } = self;
        format!(
            "looks like {format}, which this version does not read: {instead}; if it is none of this run, \
             append without it"
        )
    }
}

/// Tells a report by its root element; `text` is what is known of the file.
pub(super) fn of_root(root: &str, text: &str) -> Option<Unread> {
    Some(match root {
        "testng-results" => TESTNG,
        // Builds and coverage are in files with the same root.
        "Site" if text.contains("<Testing") => CTEST,
        "Catch" | "Catch2TestRun" => CATCH2,
        "doctest" => DOCTEST,
        "TestLog" | "TestResult" => BOOST,
        "TestCase" => QT,
        "testExecutions" => SONAR,
        other if sounds_like_results(other) => SOME_XML,
        _ => return None,
    })
}

/// Whether a root is called like results of tests: `unittest-results`, `CUNIT_TEST_RUN_REPORT`, `testReport`.
fn sounds_like_results(root: &str) -> bool {
    const ENDS: [&str; 7] = [
        "result",
        "results",
        "report",
        "reports",
        "run",
        "runs",
        "execution",
    ];
    let root = root.to_ascii_lowercase();
    let after = root.rsplit_once("test").map(|(_, after)| after);
    let words = after.unwrap_or_default().trim_start_matches('s');
    let mut words = words.split(|c: char| !c.is_ascii_alphanumeric());
    after.is_some() && words.any(|word| ENDS.contains(&word))
}

/// Tells a report by what stands in it.
pub(super) fn of_value(name: &str, value: &Value) -> Option<Unread> {
    if let Value::Array(items) = value
        && items.first().is_some_and(|first| first == "start")
    {
        let run = items.get(1).is_some_and(|run| run.get("total").is_some());
        return run.then_some(MOCHA_STREAM);
    }
    let has = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
    if has(&["stats", "results"]) {
        Some(MOCHAWESOME)
    } else if has(&["version", "examples", "summary_line"]) {
        Some(RSPEC)
    } else if json::text(&value["generator"]).starts_with("Robot ") && has(&["suite"]) {
        Some(ROBOT)
    } else if has(&["uuid", "status", "name"]) && !name.contains("-result.json") {
        Some(ALLURE)
    } else {
        (holds_tests(value, LEVELS) || lists_tests(value)).then_some(SOME_JSON)
    }
}

/// Levels of suites that are looked into.
const LEVELS: usize = 3;

/// Whether a value has a list of tests, each with a name and an outcome.
fn holds_tests(value: &Value, levels: usize) -> bool {
    const TESTS: [&str; 11] = [
        "tests",
        "testcases",
        "testresults",
        "testcaseresults",
        "specs",
        "examples",
        "scenarios",
        "testexecutions",
        "failedtests",
        "passedtests",
        "assertionresults",
    ];
    const SUITES: [&str; 7] = [
        "runs",
        "suites",
        "testsuites",
        "results",
        "testrun",
        "testsuite",
        "report",
    ];
    let Some(map) = value.as_object() else {
        return false;
    };
    map.iter().any(|(key, value)| {
        let key = plain(key);
        let first = value.as_array().and_then(|items| items.first());
        TESTS.contains(&key.as_str()) && first.is_some_and(is_test)
            || SUITES.contains(&key.as_str())
                && levels > 0
                && holds_tests(first.unwrap_or(value), levels - 1)
    })
}

/// Whether a value is a list of tests, of which each says more of itself than other things with a status do.
fn lists_tests(value: &Value) -> bool {
    const MORE: [&str; 8] = [
        "duration",
        "time",
        "error",
        "message",
        "suite",
        "classname",
        "file",
        "failure",
    ];
    let first = value.as_array().and_then(|items| items.first());
    let Some(map) = first.and_then(Value::as_object) else {
        return false;
    };
    let says_more = || map.keys().any(|key| MORE.contains(&plain(key).as_str()));
    first.is_some_and(is_test) && says_more()
}

/// Whether a value is named and ended as tests do.
fn is_test(value: &Value) -> bool {
    const NAMES: [&str; 8] = [
        "name",
        "title",
        "fullname",
        "fulltitle",
        "testname",
        "description",
        "nodeid",
        "fulldescription",
    ];
    const OUTCOMES: [&str; 5] = ["status", "outcome", "result", "state", "verdict"];
    const WORDS: [&str; 16] = [
        "passed", "pass", "failed", "fail", "skipped", "skip", "broken", "error", "errored", "ok",
        "success", "failure", "pending", "ignored", "disabled", "timedout",
    ];
    let Some(map) = value.as_object() else {
        return false;
    };
    let is_named = |key: &str| NAMES.contains(&key);
    let ends = |key: &str, value: &Value| {
        OUTCOMES.contains(&key) && WORDS.contains(&plain(json::text(value)).as_str())
            || matches!(key, "passed" | "success" | "ok") && value.is_boolean()
    };
    let keys: Vec<(String, &Value)> = map.iter().map(|(key, value)| (plain(key), value)).collect();
    keys.iter().any(|(key, _)| is_named(key)) && keys.iter().any(|(key, value)| ends(key, value))
}

/// A key in small letters, without what stands between its words.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric).take(40);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn roots_of_other_formats_are_known() {
        let format = |root| of_root(root, "<Testing>").map(|unread| unread.format);
        assert_eq!(format("testng-results"), Some("a TestNG file"));
        assert_eq!(format("Site"), Some("a CTest dashboard file"));
        assert_eq!(of_root("Site", "<Build>"), None);
        for root in [
            "unittest-results",
            "CUNIT_TEST_RUN_REPORT",
            "testResults",
            "TestReport",
            "tests-run",
        ] {
            assert_eq!(format(root), Some(SOME_XML.format), "{root}");
        }
        for root in [
            "html",
            "project",
            "suite",
            "coverage",
            "testRunnerSettings",
            "contest",
            "jmeterTestPlan",
            "checkstyle",
        ] {
            assert_eq!(format(root), None, "{root}");
        }
    }

    #[test]
    fn what_lists_tests_with_outcomes_is_a_report() {
        for report in [
            json!({"tests": [{"name": "a", "status": "passed"}]}),
            json!({"summary": {}, "test_cases": [{"title": "a", "outcome": "FAILED"}]}),
            json!({"suites": [{"name": "s", "tests": [{"name": "a", "passed": true}]}]}),
            json!([{"title": "a", "state": "passed", "duration": 3}]),
            json!({"report": {"testSuites": [{"testCases": [{"fullName": "a", "result": "Timed out"}]}]}}),
        ] {
            assert_eq!(of_value("r.json", &report), Some(SOME_JSON), "{report}");
        }
        for other in [
            json!({"name": "shop", "scripts": {"test": "jest"}, "tests": ["a"]}),
            json!({"results": [{"id": 1, "status": "passed"}]}),
            json!({"tests": [{"name": "a", "path": "b"}]}),
            json!({"tests": [{"name": "a", "status": 200}]}),
            json!([{"name": "a", "status": "passed"}]),
            json!({"tests": []}),
            json!(1),
        ] {
            assert_eq!(of_value("r.json", &other), None, "{other}");
        }
    }
}
