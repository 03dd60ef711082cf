//! From bytes to text, and from a text to its front matter: what is asked before any parser runs.

use std::ops::Range;
use std::sync::Arc;

use super::codes;
use crate::diag::{Finding, Span};

/// The largest file of documentation that is read, in bytes.
pub const MAX_FILE: u64 = 4 << 20;

/// The largest YAML document that is read, in bytes.
pub const MAX_YAML: usize = 1 << 20;

const BOM: char = '\u{feff}';

/// Turns a file's bytes into text. `None` with a finding where they are no text.
pub(crate) fn decode(path: &str, bytes: Vec<u8>) -> Result<Arc<str>, Box<Finding>> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large(path, bytes.len() as u64).into());
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let finding = Finding::error(codes::NOT_UTF8, path, "the file is UTF-16, expected UTF-8");
        return Err(finding
            .help("save it as UTF-8 without a byte order mark")
            .into());
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let line = line_of(&bytes, at);
        let message = format!("there is a NUL byte in line {line}, expected a text");
        let finding = Finding::error(codes::NUL_BYTE, path, message);
        return Err(finding
            .help("remove the byte, or move a binary file elsewhere")
            .into());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = line_of(error.as_bytes(), at);
            let message = format!("line {line} is not UTF-8");
            let finding = Finding::error(codes::NOT_UTF8, path, message);
            Err(finding.help("save the file as UTF-8").into())
        }
    }
}

/// The finding about a file of more than [`MAX_FILE`] bytes.
pub(crate) fn too_large(path: &str, size: u64) -> Finding {
    let message = format!("the file has {size} bytes, expected at most {MAX_FILE}");
    Finding::error(codes::TOO_LARGE, path, message).help("split it, or move data elsewhere")
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count()
}

/// Returns what can be said of any text before it is parsed.
pub(crate) fn inspect(path: &str, text: &str) -> Vec<Finding> {
    let mut out = Vec::new();
    if text.starts_with(BOM) {
        let message = "the file starts with a byte order mark";
        let finding = Finding::warning(codes::BYTE_ORDER_MARK, path, message);
        let finding = finding.at(Span::new(0, BOM.len_utf8()));
        out.push(finding.help("save it as UTF-8 without one"));
    }
    if text.trim_start_matches(BOM).trim().is_empty() {
        out.push(Finding::error(codes::EMPTY_FILE, path, "the file is empty"));
    }
    if let Some(span) = conflict(text) {
        let message = "a merge conflict is not resolved";
        let finding = Finding::error(codes::CONFLICT_MARKER, path, message).at(span);
        let help = "keep what is right, remove the lines `<<<<<<<`, `=======` and `>>>>>>>`";
        out.push(finding.help(help));
    }
    out
}

/// How many characters the markers of a conflict have at least.
pub(crate) const MARKER: usize = 7;

/// Returns how long a marker of a conflict is that a line starts with: a sign several times, then
/// nothing or a space and a name. `=` has no name.
pub fn marker(line: &str, sign: char) -> Option<usize> {
    let line = line.trim_end();
    let size = line.len() - line.trim_start_matches(sign).len();
    let name = &line[size..];
    let is_one = name.is_empty() || sign != '=' && name.starts_with(' ');
    (size >= MARKER && is_one).then_some(size)
}

/// Returns the first line of the first complete set of conflict markers.
fn conflict(text: &str) -> Option<Span> {
    if !text.contains("<<<<<<<") {
        return None;
    }
    let mut first: Option<(Span, usize)> = None;
    let mut middle = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let size = first.map(|(_, size)| size);
        if let Some(size) = marker(line, '<') {
            first = Some((Span::new(at, at + line.trim_end().len()), size));
            middle = false;
        } else if size.is_some() && marker(line, '=') == size {
            middle = true;
        } else if middle && marker(line, '>') == size {
            return first.map(|(span, _)| span);
        }
        at += line.len();
    }
    None
}

/// Where the parts of a file stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The YAML, without the lines `---`.
    pub yaml: Range<usize>,
    /// Where the body starts.
    pub body: usize,
}

/// Returns the parts of a file that is YAML as a whole.
pub(crate) fn whole(text: &str) -> Parts {
    let start = text.len() - text.strip_prefix(BOM).unwrap_or(text).len();
    Parts {
        yaml: start..text.len(),
        body: text.len(),
    }
}

/// Splits a Markdown file at the `---` lines of its front matter; `None` where it has none.
pub fn halves(text: &str) -> Option<Parts> {
    split("", text).ok()
}

/// Splits a Markdown file at the `---` lines of its front matter.
pub(crate) fn split(path: &str, text: &str) -> Result<Parts, Box<Finding>> {
    let start = text.len() - text.strip_prefix(BOM).unwrap_or(text).len();
    let mut lines = text[start..].split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let opening = Span::new(start, start + first.trim_end().len());
    if first.trim_end() != "---" {
        let message = "there is no front matter: the first line is not `---`";
        let finding = Finding::error(codes::NO_FRONT_MATTER, path, message).at(opening);
        let help = "start the file with `---`, the keys, and `---` again";
        return Err(finding.help(help).into());
    }
    let yaml = start + first.len();
    let mut at = yaml;
    for line in lines {
        if line.trim_end() == "---" {
            return Ok(Parts {
                yaml: yaml..at,
                body: at + line.len(),
            });
        }
        at += line.len();
    }
    let message = "the front matter is not closed: a second `---` line is missing";
    let finding = Finding::error(codes::UNCLOSED_FRONT_MATTER, path, message).at(opening);
    Err(finding
        .help("put a line `---` between the keys and the text")
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_findings() {
        let code = |bytes: &[u8]| decode("x.md", bytes.to_vec()).expect_err("no text").code;
        assert_eq!(code(b"a\nb\xff"), codes::NOT_UTF8);
        assert_eq!(code(b"\xff\xfea\0"), codes::NOT_UTF8);
        assert_eq!(code(b"a\0b"), codes::NUL_BYTE);
        assert_eq!(code(&vec![b' '; MAX_FILE as usize + 1]), codes::TOO_LARGE);
        let finding = decode("x.md", b"a\nb\xff".to_vec()).expect_err("no text");
        assert_eq!(finding.message, "line 2 is not UTF-8");
    }

    #[test]
    fn front_matter_is_split_with_places() {
        for text in ["---\na: 1\n---\nbody", "\u{feff}---\r\na: 1\r\n---\r\nbody"] {
            let parts = split("x.md", text).expect("splits");
            assert_eq!(text[parts.yaml].trim_end(), "a: 1");
            assert_eq!(&text[parts.body..], "body");
        }
        let parts = split("x.md", "---\n---").expect("splits");
        assert_eq!((parts.yaml, parts.body), (4..4, 7));
        let code = |text| split("x.md", text).expect_err("refused").code;
        assert_eq!(code("# Title\n"), codes::NO_FRONT_MATTER);
        assert_eq!(code(""), codes::NO_FRONT_MATTER);
        assert_eq!(code("---\na: 1\n"), codes::UNCLOSED_FRONT_MATTER);
    }

    #[test]
    fn conflicts_are_seen_only_when_complete() {
        let text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n";
        let findings = inspect("x.md", text);
        assert_eq!(findings[0].code, codes::CONFLICT_MARKER);
        assert_eq!(findings[0].span, Some(Span::new(2, 14)));
        let longer = "<<<<<<<<< a\nb\n=========\nc\n>>>>>>>>> d\n";
        assert_eq!(inspect("x.md", longer)[0].code, codes::CONFLICT_MARKER);
        assert_eq!(inspect("x.md", "<<<<<<< a\ntext\n"), []);
        assert_eq!(inspect("x.md", "Heading\n=======\n"), []);
        assert_eq!(inspect("x.md", "\u{feff} \n").len(), 2);
    }
}
