//! `tallybook.yaml`.

use std::sync::Arc;

use super::{Parsed, yaml_file};
use crate::git::is_branch_name;
use crate::model::WorkspaceFile;
use crate::store::codes;
use crate::store::schema::settings;
use crate::store::shape::{Form, Mapping};

/// Parses `tallybook.yaml`.
pub fn parse_workspace(path: &str, text: Arc<str>) -> Parsed<WorkspaceFile> {
    yaml_file(path, text, read)
}

pub(super) fn read(top: &Mapping<'_, '_>) -> WorkspaceFile {
    WorkspaceFile {
        format: format(top),
        title: top.text("title").unwrap_or_default(),
        site: top.raw("site", Form::Anything),
        launches: launches(top),
        attachments: top.raw("attachments", Form::Schema(settings::attachments())),
        redaction: top.raw("redaction", Form::Schema(settings::redaction())),
    }
}

/// Keeps where closed launches live as it is written, and reports what can't be that.
fn launches(top: &Mapping<'_, '_>) -> serde_json::Value {
    let Some(value) = top.get("launches") else {
        return serde_json::Value::Null;
    };
    let written = value.node().to_json();
    if let Some(mapping) = value.mapping() {
        if let Some(branch) = mapping.get("branch") {
            let name = branch.text();
            if name.is_some_and(|name| !is_branch_name(&name)) {
                let message = "`launches.branch` is no name that a branch can have".to_owned();
                let finding = branch.finding(codes::UNKNOWN_VALUE, message);
                branch.report(finding.help("name a branch, as `tallybook`"));
            }
        }
        mapping.finish();
    }
    written
}

fn format(top: &Mapping<'_, '_>) -> u32 {
    let known = WorkspaceFile::FORMAT;
    let Some(value) = top.required("format") else {
        return known;
    };
    let max = Some(u64::from(known));
    if value.outlines(Form::Integer { min: 1, max }) {
        return known;
    }
    let Some(found) = value.integer("a number such as `1`") else {
        return known;
    };
    let format = u32::try_from(found).unwrap_or(u32::MAX);
    if format == 0 || format > known {
        let message = format!("`format` is {found}, expected {known}");
        let finding = value.finding(codes::UNSUPPORTED_FORMAT, message);
        value.report(finding.help("a newer release of tallybook may read it"));
    }
    format
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Parsed<WorkspaceFile> {
        parse_workspace("tallybook.yaml", text.into())
    }

    #[test]
    fn later_settings_are_kept_as_written() {
        let text = "format: 1\ntitle: Shop\nlaunches: {branch: tallybook}\n";
        let (doc, findings) = parse(text);
        assert_eq!(findings, []);
        let value = doc.expect("reads").value;
        assert_eq!((value.format, value.title.as_str()), (1, "Shop"));
        assert_eq!(value.launches["branch"], "tallybook");
    }

    #[test]
    fn where_launches_live_is_checked_and_kept() {
        for (text, code, branch) in [
            ("{branch: evidence/shop}", None, Ok(Some("evidence/shop"))),
            ("{}", None, Ok(None)),
            ("{branch: }", None, Ok(None)),
            ("{branch: 3}", Some(codes::WRONG_TYPE), Err(())),
            (
                "{branch: 'a b'}",
                Some(codes::UNKNOWN_VALUE),
                Ok(Some("a b")),
            ),
            ("tallybook", Some(codes::WRONG_TYPE), Err(())),
            ("{brnch: x}", Some(codes::UNKNOWN_KEY), Ok(None)),
        ] {
            let (doc, findings) = parse(&format!("format: 1\nlaunches: {text}\n"));
            assert_eq!(findings.first().map(|f| f.code), code, "{text}");
            let value = doc.expect("reads").value;
            assert_eq!(value.launches_branch().map_err(drop), branch, "{text}");
        }
    }

    #[test]
    fn formats_from_the_future_are_refused() {
        let (doc, findings) = parse("format: 2\n");
        assert_eq!(doc.expect("reads").value.format, 2);
        assert_eq!(findings[0].code, codes::UNSUPPORTED_FORMAT);
        assert_eq!(findings[0].message, "`format` is 2, expected 1");
        for text in ["title: x\n", "# only a comment\n", "format:\n"] {
            let (_, findings) = parse(text);
            assert_eq!(findings[0].message, "`format` is missing", "{text}");
        }
        let (_, findings) = parse("format: one\n");
        assert_eq!(findings[0].code, codes::WRONG_TYPE);
    }
}
