//! What a result says and JUnit or CTRF have no word for, in a place where other readers pass it over: the
//! property `tallybook.result` of a test case there, `extra.tallybook` of a test here. Our own readers take it.

use serde_json::Value;

use crate::model::{Attachment, TestResult};

/// The label of Allure for a result that no test of its own made; our reader takes it.
pub(super) const SYNTHETIC: &str = "tallybook.synthetic";

/// The label of Allure that says an attempt's place among those of its test, from 1; our reader takes it.
pub(super) const ATTEMPT: &str = "tallybook.attempt";

/// The label of Allure that says a result's place among tests of one name; our reader takes it, and others have a
/// parameter.
pub(super) const OCCURRENCE: &str = "tallybook.occurrence";

/// The label of Allure that says how many milliseconds a result took that has no start; our reader takes it.
pub(super) const DURATION: &str = "tallybook.duration";

/// Returns the fields of a row that a reader may take over; null where there are none. What belongs to one
/// execution is left out, but for message and trace where `with_texts`, and what is said of attachments.
pub(super) fn fields(row: &TestResult, with_texts: bool, attachments: Vec<Attachment>) -> Value {
    let said = TestResult {
        id: String::new(),
        uuid: None,
        digest: None,
        start: None,
        duration: None,
        attempt: None,
        occurrence: None,
        attachments,
        message: row.message.clone().filter(|_| with_texts),
        trace: row.trace.clone().filter(|_| with_texts),
        start_assumed: false,
        salvaged: false,
        ..row.clone()
    };
    let mut value = serde_json::to_value(said).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.remove("id");
    }
    value
}
