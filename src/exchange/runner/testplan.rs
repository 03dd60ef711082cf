//! `testplan.json`, which Allure's adapters read from `ALLURE_TESTPLAN_PATH`.
//!
//! Some adapters take a test that fits by id or by selector, others want both; so each entry has both
//! where both are known. An empty list, to them, is no plan: they run everything.

use serde::Serialize;

/// One test of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Entry {
    /// The id that code names in a label `ALLURE_ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
}

#[derive(Serialize)]
struct Plan<'a> {
    version: &'static str,
    tests: &'a [Entry],
}

/// Writes a plan; `None` where it would have no tests.
pub fn testplan(entries: &[Entry]) -> Option<String> {
    let mut tests = entries.to_vec();
    tests.sort();
    tests.dedup();
    tests.retain(|entry| entry.id.is_some() || entry.selector.is_some());
    if tests.is_empty() {
        return None;
    }
    let plan = Plan {
        version: "1.0",
        tests: &tests,
    };
    let text = serde_json::to_string_pretty(&plan).expect("a plan is plain data");
    Some(text + "\n")
}
