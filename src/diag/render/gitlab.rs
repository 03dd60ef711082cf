//! A Code Quality report of GitLab. Source: <https://docs.gitlab.com/ci/testing/code_quality/>.

use serde::Serialize;

use super::View;
use super::item::{Item, Level, fingerprints};

#[derive(Serialize)]
struct Row<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<usize>,
}

/// Renders an array of objects, ended by a line break; an empty one where there is nothing, which is
/// how GitLab learns that all is well. What is about a file as such stands at its first line.
pub fn gitlab(items: &[Item]) -> View {
    let fingerprints = fingerprints(items);
    let rows: Vec<Row<'_>> = items
        .iter()
        .zip(&fingerprints)
        .map(|(item, fingerprint)| Row {
            description: match &item.help {
                Some(help) => format!("{} (help: {help})", item.message),
                None => item.message.clone(),
            },
            check_name: &item.code,
            fingerprint,
            severity: severity(item.level),
            location: Location {
                path: &item.path,
                lines: Lines {
                    begin: item.line(),
                    end: item.range.map(|(_, end)| end.line),
                },
            },
        })
        .collect();
    let text = serde_json::to_string_pretty(&rows).expect("texts and numbers always serialise");
    View {
        text: text + "\n",
        left_out: None,
    }
}

/// Returns the word of CodeClimate. `blocker` and `critical` are for what is wrong with a product.
fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Note => "info",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diag::render::item::tests::item;

    #[test]
    fn rows_are_what_gitlab_reads() {
        let mut gone = item(Level::Warning, None, "gone");
        gone.help = Some("add it".to_owned());
        let all = [
            item(Level::Error, Some(4), "wrong \"x\""),
            gone,
            item(Level::Note, Some(4), "wrong \"x\""),
        ];
        let rows: serde_json::Value = serde_json::from_str(&gitlab(&all).text).expect("valid JSON");
        let rows = rows.as_array().expect("an array");
        for row in rows {
            assert!(row["fingerprint"].is_string() && row["check_name"] == "TB0100");
            assert_eq!(row["location"]["path"], "qa/a b.md");
        }
        let of = |key: &str| -> Vec<String> { rows.iter().map(|r| r[key].to_string()).collect() };
        assert_eq!(of("severity"), ["\"major\"", "\"minor\"", "\"info\""]);
        assert_eq!(rows[0]["location"]["lines"]["begin"], 4);
        assert_eq!(rows[1]["location"]["lines"]["begin"], 1);
        assert_eq!(rows[1]["description"], "gone (help: add it)");
        let fingerprints: BTreeSet<String> = of("fingerprint").into_iter().collect();
        assert_eq!(fingerprints.len(), 3);
        assert_eq!(gitlab(&[]).text, "[]\n");
    }
}
