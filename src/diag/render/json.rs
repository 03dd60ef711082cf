//! Findings as JSON, for scripts. The keys are a contract.

use serde::Serialize;

use super::place::Places;
use crate::diag::{Finding, Sources};

#[derive(Serialize)]
struct Row<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    path: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    message: &'a str,
    help: Option<&'a str>,
}

/// Renders an array of objects, ended by a line break. `line` and `column` count from 1, columns
/// in characters; they are null where a finding is about a file as such.
pub fn json(findings: &[Finding], sources: &Sources) -> String {
    let mut places = Places::new(sources);
    let mut rows = Vec::with_capacity(findings.len());
    for finding in findings {
        let place = places.of(finding);
        rows.push(Row {
            code: finding.code.id,
            name: finding.code.name,
            severity: finding.severity.as_str(),
            path: &finding.path,
            line: place.map(|(start, _)| start.line),
            column: place.map(|(start, _)| start.column),
            end_line: place.map(|(_, end)| end.line),
            end_column: place.map(|(_, end)| end.column),
            message: &finding.message,
            help: finding.help.as_deref(),
        });
    }
    let mut out = serde_json::to_string_pretty(&rows).expect("texts and numbers always serialise");
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Span};

    #[test]
    fn rows_have_the_promised_keys() {
        let code = Code {
            id: "TB0100",
            name: "sample",
        };
        let mut sources = Sources::default();
        sources.insert("a.md", "one\ntwo\n".into());
        let findings = [
            Finding::error(code, "a.md", "wrong \"x\"").at(Span::new(4, 7)),
            Finding::warning(code, "b.md", "gone").help("add it"),
        ];
        let rows: serde_json::Value =
            serde_json::from_str(&json(&findings, &sources)).expect("valid JSON");
        assert_eq!(rows[0]["line"], 2);
        assert_eq!(rows[0]["end_column"], 4);
        assert_eq!(rows[0]["help"], serde_json::Value::Null);
        assert_eq!(rows[1]["line"], serde_json::Value::Null);
        assert_eq!(rows[1]["severity"], "warning");
        assert_eq!(rows[1]["help"], "add it");
        assert_eq!(json(&[], &sources), "[]\n");
    }
}
