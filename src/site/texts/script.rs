//! The texts that scripts say.

use serde_json::{Map, Value, json};

use super::{current, english};
use crate::site::chunk;

/// The sections of which scripts have all texts.
pub(crate) const SECTIONS: [&str; 9] = [
    "script", "status", "flag", "number", "month", "date", "duration", "bytes", "count",
];

/// Returns what comes before the first script of a page: the texts that scripts say, and the language they are in.
pub(crate) fn script() -> String {
    let (texts, english) = (current(), english());
    let mut keys: Vec<&String> = english
        .own
        .keys()
        .filter(|key| is_of_scripts(key))
        .collect();
    keys.sort();
    let said: Map<String, Value> = keys
        .into_iter()
        .filter_map(|key| Some((key.clone(), texts.find(key, &english)?.0.to_json())))
        .collect();
    let all = json!({ "language": texts.language(), "texts": said });
    format!("const tallybookTexts = {};\n", literal(&all))
}

/// A script's literal that may stand inside of a page: nothing in it ends an element or a line.
fn literal(value: &Value) -> String {
    chunk::json(value)
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn is_of_scripts(key: &str) -> bool {
    let section = key.split('.').next().unwrap_or_default();
    SECTIONS.contains(&section)
}
