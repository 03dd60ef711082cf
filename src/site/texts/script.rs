//! The texts that scripts say.

use serde_json::{Map, Value, json};

use super::{Texts, current, english};
use crate::site::chunk;

/// The sections of which scripts have all texts.
pub(crate) const SECTIONS: [&str; 9] = [
    "csv", "flag", "kind", "meaning", "month", "script", "status", "today", "unseen",
];

/// What the section begins with that the workbench alone says.
const WORKBENCH: &str = "work.";

/// What scripts say of other sections.
pub(crate) const KEYS: [&str; 54] = [
    "bytes.b",
    "bytes.kb",
    "bytes.mb",
    "column.before",
    "column.case",
    "column.now",
    "column.owner",
    "column.result",
    "column.test",
    "comparison.added",
    "comparison.all-new-known",
    "comparison.fixed",
    "comparison.flaky",
    "comparison.jobs-only-before",
    "comparison.jobs-only-now",
    "comparison.left-out",
    "comparison.muted",
    "comparison.new",
    "comparison.new-known",
    "comparison.nothing-to-count",
    "comparison.removed",
    "comparison.resumed",
    "comparison.share",
    "comparison.skipped",
    "comparison.still",
    "count.result",
    "date.day",
    "date.time",
    "document.attempt",
    "document.steps-left-out",
    "duration.h-min",
    "duration.min-s",
    "duration.ms",
    "duration.s",
    "frame.copy",
    "history.entry",
    "history.no-result",
    "list.and",
    "list.comma",
    "number.decimal",
    "number.group",
    "planned.assigned-to",
    "planned.tester",
    "removed.redacted",
    "share.of",
    "strip.failed",
    "strip.no-failure",
    "strip.one-entry",
    "timeline.an-earlier-attempt",
    "timeline.at-once",
    "timeline.less-than-one",
    "timeline.share",
    "trend.days",
    "verdict.count",
];

/// Returns what comes before the first script of a page: the texts that scripts say, and the language they are in.
pub(crate) fn script() -> String {
    script_of(is_of_pages)
}

/// Returns the same for the workbench, with its own texts.
pub(crate) fn workbench_script() -> String {
    script_of(is_of_scripts)
}

fn script_of(has: fn(&str) -> bool) -> String {
    let (texts, english) = (current(), english());
    let mut keys: Vec<&String> = english.own.keys().filter(|key| has(key)).collect();
    keys.sort();
    let said: Map<String, Value> = keys
        .into_iter()
        .filter_map(|key| {
            let mut said = texts.find(key, &english)?.0.to_json();
            isolate(&texts, key, &mut said);
            Some((key.clone(), said))
        })
        .collect();
    let all = json!({ "language": texts.language(), "texts": said });
    format!("const tallybookTexts = {};\n", literal(&all))
}

/// Isolates each form of a text, as pages do.
fn isolate(texts: &Texts, key: &str, said: &mut Value) {
    match said {
        Value::String(said) => *said = texts.isolated(key, std::mem::take(said)),
        Value::Object(forms) => forms
            .values_mut()
            .for_each(|form| isolate(texts, key, form)),
        _ => {}
    }
}

/// A script's literal that may stand inside of a page: nothing in it ends an element or a line.
fn literal(value: &Value) -> String {
    chunk::json(value)
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// Whether scripts of pages have a text.
fn is_of_pages(key: &str) -> bool {
    let section = key.split('.').next().unwrap_or_default();
    SECTIONS.contains(&section) || KEYS.contains(&key)
}

/// Whether scripts have a text, that of the workbench among them.
pub(super) fn is_of_scripts(key: &str) -> bool {
    is_of_pages(key) || key.starts_with(WORKBENCH)
}
