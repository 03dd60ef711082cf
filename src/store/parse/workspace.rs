//! `tallybook.yaml`.

use std::sync::Arc;

use super::{Parsed, yaml_file};
use crate::model::WorkspaceFile;
use crate::store::codes;
use crate::store::shape::Mapping;

/// Parses `tallybook.yaml`.
pub fn parse_workspace(path: &str, text: Arc<str>) -> Parsed<WorkspaceFile> {
    yaml_file(path, text, |top| WorkspaceFile {
        format: format(top),
        title: top.text("title").unwrap_or_default(),
        site: top.raw("site"),
        launches: top.raw("launches"),
        attachments: top.raw("attachments"),
        redaction: top.raw("redaction"),
    })
}

fn format(top: &Mapping<'_, '_>) -> u32 {
    let known = WorkspaceFile::FORMAT;
    let Some(value) = top.required("format") else {
        return known;
    };
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
