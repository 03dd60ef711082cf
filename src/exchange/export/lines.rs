//! JSON Lines: one object a line, with all that a launch keeps.

use serde_json::{Value, json};

use super::{Attempt, Exported};

/// How every line begins.
pub const LINE_MARK: &str = "{\"tallybook\":\"export-1\",";

/// Completes the object of a result that `query --format json` shows: by the rows of all attempts, as the launch
/// keeps them, and what was decided.
pub fn result_line(object: Value, receipt: Option<&str>, exported: &Exported<'_>) -> String {
    let attempts: Vec<Value> = exported.attempts().map(attempt).collect();
    let more = json!({
        "receipt": receipt,
        "outcome": exported.outcome,
        "executions": attempts,
    });
    line(object, more)
}

/// Completes the object of a case that `query --format json` shows by the text of its file.
pub fn case_line(object: Value, text: Option<&str>) -> String {
    line(object, json!({"text": text}))
}

/// One execution, the deciding one last.
fn attempt(attempt: &Attempt<'_>) -> Value {
    json!({"job": attempt.job.name, "result": attempt.row, "details": attempt.details})
}

fn line(object: Value, more: Value) -> String {
    let mut map = serde_json::Map::new();
    map.insert("tallybook".to_owned(), json!("export-1"));
    for part in [object, more] {
        if let Value::Object(part) = part {
            map.extend(part);
        }
    }
    Value::Object(map).to_string() + "\n"
}
