//! Lists of rows, one line each: YAML as a whole, JSON line by line.
//!
//! A file is a block of header keys and then one key whose list holds one flow mapping a line,
//! which is JSON too. So a diff shows one line a row, any YAML parser reads the file, and a JSON
//! parser reads the rows an order of magnitude faster. A file that somebody reformatted still
//! reads, by the YAML parser; a property test holds both readers equal.

use std::io::{self, Write};

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::ser::Formatter;

/// Writes a value on one line that is a YAML flow value and JSON: raw UTF-8, with what YAML
/// forbids or folds (C0, DEL, C1, U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF) as `\u` escapes.
pub fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Flow);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Returns what [`write_line`] writes.
pub fn line(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    write_line(&mut out, value).expect("writing to memory does not fail");
    String::from_utf8(out).expect("JSON is UTF-8")
}

struct Flow;

impl Flow {
    fn separate<W: Write + ?Sized>(out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }
}

fn is_forbidden(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// Whether any byte could begin a forbidden character, so that most texts are written at once.
fn may_hold_forbidden(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, 0x7f | 0xc2 | 0xe2 | 0xef))
}

impl Formatter for Flow {
    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        Self::separate(out, first)
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        Self::separate(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        if !may_hold_forbidden(text) {
            return out.write_all(text.as_bytes());
        }
        let mut from = 0;
        for (at, c) in text.char_indices().filter(|(_, c)| is_forbidden(*c)) {
            out.write_all(&text.as_bytes()[from..at])?;
            write!(out, "\\u{:04x}", u32::from(c))?;
            from = at + c.len_utf8();
        }
        out.write_all(&text.as_bytes()[from..])
    }
}

/// What stands above the rows, and the rows.
pub(crate) struct Split<'a> {
    pub header: &'a str,
    pub rows: Vec<&'a str>,
}

/// Splits a file that is written as this module writes it; `None` sends it to the YAML parser.
pub(crate) fn split<'a>(text: &'a str, key: &str) -> Option<Split<'a>> {
    let marker = format!("{key}:");
    let mut at = 0;
    let mut header_end = None;
    for piece in text.split_inclusive('\n') {
        let content = piece.trim_end_matches('\n');
        if content == marker {
            header_end = Some((at, at + piece.len()));
            break;
        }
        at += piece.len();
    }
    let (end, start) = header_end?;
    let mut rows = Vec::new();
    for content in text[start..].lines() {
        let row = content.strip_prefix("- ")?;
        if !row.starts_with('{') || !row.ends_with('}') {
            return None;
        }
        rows.push(row);
    }
    Some(Split {
        header: &text[..end],
        rows,
    })
}

/// Reads rows in parallel by the JSON parser; `None` where any is not JSON of this shape.
pub(crate) fn read_json<T: DeserializeOwned + Send>(rows: &[&str]) -> Option<Vec<T>> {
    rows.par_iter()
        .with_min_len(64)
        .map(|row| serde_json::from_str(row).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_yaml_forbids_is_escaped() {
        let text = "é\u{7f}\u{85}\u{2028}\u{feff}\u{ffff}\n\u{1b}日";
        let line = line(&BTreeMap::from([("a", text), ("b", "")]));
        assert_eq!(
            line,
            "{\"a\": \"é\\u007f\\u0085\\u2028\\ufeff\\uffff\\n\\u001b日\", \"b\": \"\"}"
        );
    }

    proptest! {
        #[test]
        fn both_parsers_read_what_is_written(text: String, key in "[^\u{0}]{1,40}") {
            let value = BTreeMap::from([(key, vec![text])]);
            let line = line(&value);
            prop_assert!(!line.contains('\n'));
            let json: BTreeMap<String, Vec<String>> = serde_json::from_str(&line).expect("JSON reads it");
            let yaml: Vec<BTreeMap<String, Vec<String>>> =
                serde_yaml::from_str(&format!("- {line}\n")).expect("YAML reads it");
            prop_assert_eq!(&json, &value);
            prop_assert_eq!(&yaml[0], &value);
        }
    }
}
