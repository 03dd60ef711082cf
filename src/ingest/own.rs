//! What our own exports say beside the words of JUnit and CTRF: a row without what belongs to one execution.
//!
//! It is foreign text like all else: it names a test and says something of it, and changes no status but from
//! skipped to unknown.

use serde_json::Value;

use super::limits;
use crate::base::{path, text};
use crate::model::{Labels, Parameter, Status, Step, TestResult};

/// The property of a JUnit test case.
pub(super) const PROPERTY: &str = "tallybook.result";
/// The key in what CTRF calls `extra`.
pub(super) const EXTRA: &str = "tallybook";
/// The label of an Allure result that no test of its own made.
pub(super) const SYNTHETIC: &str = "tallybook.synthetic";

/// The label of an Allure result that says its place among the attempts of its test, from 1.
pub(super) const ATTEMPT: &str = "tallybook.attempt";

/// The label of an Allure result that says its place among tests of one name, which a parameter `occurrence` tells
/// apart for others.
pub(super) const OCCURRENCE: &str = "tallybook.occurrence";

/// The label of an Allure result that says how long it took, in milliseconds, where it has no start.
pub(super) const DURATION: &str = "tallybook.duration";

/// Whether a file is the list that an export leaves of what it wrote.
pub(super) fn is_list(name: &str) -> bool {
    path::file_name(name) == ".tallybook-export"
}

/// Reads the text of a property; none where it is not ours.
pub(super) fn of_text(text: &str) -> Option<TestResult> {
    serde_json::from_str(text).ok().and_then(checked)
}

/// Reads a value; none where it is not ours.
pub(super) fn of_value(value: &Value) -> Option<TestResult> {
    value.as_object()?;
    serde_json::from_value(value.clone()).ok().and_then(checked)
}

/// Holds what was read against the bounds of all that is read.
pub(super) fn checked(mut own: TestResult) -> Option<TestResult> {
    if own.name.is_empty() {
        return None;
    }
    let texts = [
        &mut own.message,
        &mut own.trace,
        &mut own.expected,
        &mut own.actual,
        &mut own.description,
        &mut own.description_html,
    ];
    texts.into_iter().flatten().for_each(|text| {
        limits::bound(text);
    });
    let mut labels = Labels::default();
    for (name, values) in own.labels.iter() {
        let name = text::truncate(name, limits::LABEL_NAME);
        values
            .iter()
            .for_each(|value| labels.add(&name, value.as_str()));
    }
    own.labels = labels;
    let mut properties = Labels::default();
    for (name, values) in own.properties.iter() {
        for value in values {
            properties.add(name, limits::masked(name, value));
        }
    }
    own.properties = properties;
    own.parameters.iter_mut().for_each(check_parameter);
    Some(own)
}

/// Holds a step and those below it against the bounds of all that is read.
pub(super) fn check_step(step: &mut Step) {
    limits::bound_name(&mut step.name);
    let texts = [&mut step.message, &mut step.trace, &mut step.description];
    texts.into_iter().flatten().for_each(|text| {
        limits::bound(text);
    });
    step.parameters.iter_mut().for_each(check_parameter);
    step.steps.iter_mut().for_each(check_step);
}

fn check_parameter(parameter: &mut Parameter) {
    if parameter.mode.is_some() {
        parameter.value = None;
    }
    if let Some(value) = &mut parameter.value {
        *value = limits::masked(&parameter.name, value).into_owned();
    }
    // More of a digest than we keep could be one of a secret.
    let is_short =
        |digest: &String| digest.len() == 4 && digest.bytes().all(|b| b.is_ascii_hexdigit());
    parameter.digest = parameter.digest.take().filter(is_short);
}

/// Sets what all attempts of a test share.
pub(super) fn apply(own: &TestResult, result: &mut TestResult) {
    let own = own.clone();
    result.name = own.name;
    result.full_name = own.full_name;
    result.test_case_id = own.test_case_id;
    result.ids = own.ids;
    result.execution = own.execution;
    result.title_path = own.title_path;
    result.labels = own.labels;
    result.parameters = own.parameters;
    result.links = own.links;
    result.expected = own.expected;
    result.actual = own.actual;
    result.known = own.known;
    result.muted = own.muted;
    result.description = own.description;
    result.description_html = own.description_html;
    result.properties = own.properties;
    result.synthetic |= own.synthetic;
}

/// Sets message and trace of the deciding attempt, where the format could not say them, whether the framework calls
/// it flaky, which formats tell of attempts too, and an unknown status that was told as skipped.
pub(super) fn apply_last(own: &TestResult, result: &mut TestResult) {
    result.flaky = own.flaky;
    let is_open = matches!(own.status, Status::Unknown | Status::InProgress);
    let is_unknown = is_open && result.status == Status::Skipped;
    if is_unknown {
        result.status = Status::Unknown;
    }
    if is_unknown || own.message.is_some() || own.trace.is_some() {
        result.message.clone_from(&own.message);
        result.trace.clone_from(&own.trace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_a_test_and_turns_nothing_green() {
        let own = of_text(
            r#"{"name":"a","status":"passed","full_name":"x#a","message":"m",
            "parameters":[{"name":"p","value":"s","mode":"masked","digest":"0123456789abcdef"}]}"#,
        );
        let own = own.expect("it is ours");
        let mut result = TestResult {
            status: Status::Failed,
            ..TestResult::default()
        };
        apply(&own, &mut result);
        apply_last(&own, &mut result);
        assert_eq!(result.status, Status::Failed);
        assert_eq!(result.full_name.as_deref(), Some("x#a"));
        assert_eq!(result.message.as_deref(), Some("m"));
        assert_eq!(result.parameters[0].value, None);
        assert_eq!(result.parameters[0].digest, None);
        for bad in ["", "{}", "[]", "SHOP-1", r#"{"name":7}"#] {
            assert!(of_text(bad).is_none(), "{bad}");
        }
    }
}
