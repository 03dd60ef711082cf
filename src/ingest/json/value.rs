//! Values of JSON as writers have them: a number may be a text, a text a number, a list one value.

use serde_json::Value;

/// Returns a text, or a number or a word as one; `None` for nothing, an empty text, a list or an object.
pub(in crate::ingest) fn string(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns a text, or an empty one.
pub(in crate::ingest) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns a number, be it written as a text.
pub(in crate::ingest) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().trim_end_matches('s').parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// Whether a flag is set.
pub(in crate::ingest) fn flag(value: &Value) -> bool {
    value == &Value::Bool(true)
        || value
            .as_str()
            .is_some_and(|t| t.eq_ignore_ascii_case("true"))
}

/// Returns the items of a list; none for what is no list.
pub(in crate::ingest) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Returns the texts of a list, or the one text that stands in its place.
pub(in crate::ingest) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(string).collect(),
        other => string(other).into_iter().collect(),
    }
}
