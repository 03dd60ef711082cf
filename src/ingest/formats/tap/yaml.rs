//! The block of YAML that may follow a point.

use serde_json::Value;

use crate::base::text;
use crate::ingest::gather::{Gather, join, place};
use crate::ingest::json::string;
use crate::ingest::limits;
use crate::model::{Status, TestResult};

/// A block of YAML that is open.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) indent: usize,
    /// A text in quotes goes on over lines, which some writers do not indent.
    quoted: bool,
}

impl Block {
    pub(super) fn new(indent: usize) -> Self {
        Self {
            indent,
            quoted: false,
        }
    }

    /// Whether the next line belongs to the block, its end `...` included.
    pub(super) fn holds(&mut self, line: &str) -> bool {
        let text = line.trim_start();
        let is_end = text.trim_end() == "...";
        let inside = text.is_empty() || line.len() - text.len() >= self.indent;
        if is_end || !inside && (!self.quoted || super::point(line).is_some()) {
            return is_end;
        }
        let mut rest = text;
        if !self.quoted {
            let value = text.split_once(": ").map(|(_, value)| value.trim_start());
            let Some(value) = value.and_then(|value| value.strip_prefix('"')) else {
                return true;
            };
            rest = value;
        }
        self.quoted = !closes_quote(rest);
        true
    }
}

/// Whether a text in double quotes ends in what is left of a line.
fn closes_quote(rest: &str) -> bool {
    let mut escaped = false;
    rest.chars().any(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })
}

/// Takes what a block of YAML says of a point; what can't be read as YAML is its trace as it stands.
pub(super) fn of_yaml(gather: &mut Gather<'_>, result: &mut TestResult, yaml: &str) {
    let value = match yaml.len() <= 64 << 10 && !yaml.contains(['&', '*']) {
        true => serde_yaml::from_str::<Value>(yaml).ok(),
        false => None,
    };
    let Some(Value::Object(map)) = value else {
        let own = plain_pairs(yaml);
        result.duration = result.duration.or_else(|| {
            own.iter()
                .find(|(key, _)| *key == "duration_ms")
                .and_then(|(_, v)| v.parse::<f64>().ok())
                .map(|ms| ms.max(0.0) as u64)
        });
        if result.status != Status::Passed {
            let message = own
                .iter()
                .find(|(key, _)| matches!(*key, "error" | "message"));
            join(
                &mut result.message,
                message.map_or("", |(_, value)| value),
                "\n",
            );
            result.trace = Some(text::strip_ansi(yaml).into_owned());
            let name = own.iter().find(|(key, _)| *key == "name");
            if yaml.starts_with("error:\n") {
                of_error(result, name.map_or("", |(_, name)| name));
            }
        }
        return;
    };
    for (key, value) in &map {
        let said = string(value);
        match key.as_str() {
            "error" if value.is_object() => {
                let message = string(&value["message"]).unwrap_or_default();
                join(&mut result.message, &text::strip_ansi(&message), "\n");
                of_error(result, &string(&value["name"]).unwrap_or_default());
            }
            "message" | "error" => join(&mut result.message, &said.unwrap_or_default(), "\n"),
            "stack" => join(&mut result.trace, &said.unwrap_or_default(), "\n\n"),
            "found" | "actual" | "got" => result.actual = said.or_else(|| Some(value.to_string())),
            "wanted" | "expected" | "expect" => {
                result.expected = said.or_else(|| Some(value.to_string()));
            }
            "duration_ms" => {
                result.duration =
                    crate::ingest::json::number(value).map(|ms| ms.round().max(0.0) as u64);
            }
            "location" | "at" if value.is_string() => {
                let location = said.unwrap_or_default();
                let mut parts = location.rsplitn(3, ':');
                let (_, line, file) = (parts.next(), parts.next(), parts.next());
                if let (Some(line), Some(file)) = (line.and_then(|l| l.parse().ok()), file) {
                    (result.file, result.line) = (Some(place(file, "")), Some(line));
                }
            }
            "at" if value.is_object() => {
                result.file = string(&value["file"])
                    .or(string(&value["fileName"]))
                    .map(|file| place(&file, ""));
                let line = crate::ingest::json::number(&value["line"])
                    .or(crate::ingest::json::number(&value["lineNumber"]));
                result.line = line.map(|line| line.max(0.0) as u64);
            }
            "file" => result.file = said.map(|file| place(&file, "")),
            "line" => {
                result.line = crate::ingest::json::number(value).map(|line| line.max(0.0) as u64);
            }
            "failureType" | "code" => {
                let said = said.unwrap_or_default();
                // An uncaught error is none of an assertion; a hook's failure is its test's.
                let broke = matches!(
                    said.as_str(),
                    "hookFailed"
                        | "uncaughtException"
                        | "unhandledRejection"
                        | "testTimeoutFailure"
                        | "cancelledByParent"
                );
                if broke && result.status == Status::Failed {
                    result.status = Status::Broken;
                }
                result.properties.add(key, said);
            }
            "type" | "severity" | "exitcode" | "signal" | "name" | "operator" => {
                result
                    .properties
                    .add(key, said.unwrap_or_else(|| value.to_string()));
            }
            _ => {
                gather.notes.add(crate::ingest::notes::UNKNOWN_FIELD, key);
                let value = said.unwrap_or_else(|| value.to_string());
                result.properties.add(key, limits::masked(key, &value));
            }
        }
    }
    if result.status == Status::Failed
        && map.get("code").and_then(Value::as_str) == Some("ERR_TEST_FAILURE")
    {
        let name = map
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or("AssertionError");
        let is_assertion = name.contains("Assert");
        if !is_assertion
            && map.get("failureType").and_then(Value::as_str) == Some("testCodeFailure")
        {
            result.status = Status::Broken;
        }
    }
}

/// Takes the name of what was thrown: but for an assertion the test broke.
fn of_error(result: &mut TestResult, name: &str) {
    if name.is_empty() {
        return;
    }
    result.properties.add("name", name);
    if result.status == Status::Failed && !name.contains("Assert") {
        result.status = Status::Broken;
    }
}

/// Reads `key: value` lines of what is no valid YAML.
fn plain_pairs(yaml: &str) -> Vec<(&str, String)> {
    let pairs = yaml.lines().take(1000).filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        let key = key.trim();
        let value = value.trim().trim_matches(['\'', '"']);
        (!key.is_empty() && !value.is_empty()).then(|| (key, value.to_owned()))
    });
    pairs.collect()
}
