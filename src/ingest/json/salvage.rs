//! JSON that serde_json refuses, read as far as it goes: truncated, with lone surrogates,
//! duplicate keys, `NaN`, raw control characters or another encoding.

use std::fmt::Write as _;

use encoding_rs::{Encoding, UTF_8};
use serde_json::{Map, Number, Value};

use crate::ingest::limits::JSON_DEPTH;
use crate::model::Status;

/// What could be read of a text.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct Salvaged {
    pub(in crate::ingest) value: Value,
    /// Characters replaced by U+FFFD.
    pub(in crate::ingest) replaced: u64,
    /// What is wrong, in one line; `None` where nothing was lost.
    pub(in crate::ingest) problem: Option<String>,
}

/// Reads what can be read. Of a key given twice the last value counts, of a `status` the worse.
pub(in crate::ingest) fn salvage(bytes: &[u8]) -> Salvaged {
    let (encoding, skip) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let (text, malformed) = encoding.decode_without_bom_handling(&bytes[skip..]);
    let mut reader = Reader {
        text: &text,
        at: 0,
        depth: 0,
        replaced: 0,
        stop: None,
        duplicate: None,
        deep: false,
    };
    let value = reader.value().unwrap_or(Value::Null);
    if reader.stop.is_none() {
        reader.blank();
        if reader.at < text.len() {
            reader.fail("has text after its end");
        }
    }
    let problem = reader.stop.map(str::to_owned).or_else(|| {
        let twice = reader
            .duplicate
            .map(|key| format!("has the key `{key}` twice"));
        let deep = || format!("is nested deeper than {JSON_DEPTH} levels");
        twice.or_else(|| reader.deep.then(deep))
    });
    let marks = if malformed {
        text.matches('\u{FFFD}').count() as u64
    } else {
        0
    };
    Salvaged {
        value,
        replaced: reader.replaced + marks,
        problem,
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    replaced: u64,
    /// Why reading ended early.
    stop: Option<&'static str>,
    duplicate: Option<String>,
    deep: bool,
}

impl Reader<'_> {
    fn fail(&mut self, why: &'static str) {
        self.stop.get_or_insert(why);
    }

    /// Stops at what doesn't belong here, or at the end.
    fn unexpected(&mut self) {
        if self.at >= self.text.len() {
            self.fail("ends in the middle");
        } else {
            self.fail("is no valid JSON from some point on");
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.blank();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Option<Value> {
        self.blank();
        match self.peek() {
            Some(open @ (b'{' | b'[')) => {
                self.at += 1;
                self.depth += 1;
                self.deep |= self.depth > JSON_DEPTH;
                let value = if self.depth > JSON_DEPTH {
                    self.skip_nested();
                    None
                } else if open == b'{' {
                    Some(self.object())
                } else {
                    Some(self.array())
                };
                self.depth -= 1;
                value
            }
            Some(b'"') => self.string().map(Value::String),
            Some(_) => self.word(),
            None => {
                self.unexpected();
                None
            }
        }
    }

    /// Passes over an object or an array whose opening bracket was read, without recursion.
    fn skip_nested(&mut self) {
        let mut open = 1_usize;
        while open > 0 && self.stop.is_none() {
            match self.peek() {
                Some(b'"') => {
                    self.string();
                    continue;
                }
                Some(b'{' | b'[') => open += 1,
                Some(b'}' | b']') => open -= 1,
                Some(_) => {}
                None => return self.unexpected(),
            }
            self.at += 1;
            while !self.text.is_char_boundary(self.at) {
                self.at += 1;
            }
        }
    }

    fn object(&mut self) -> Value {
        let mut map = Map::new();
        if self.eat(b'}') {
            return Value::Object(map);
        }
        loop {
            self.blank();
            if self.peek() != Some(b'"') {
                self.unexpected();
                break;
            }
            let Some(key) = self.string() else { break };
            if !self.eat(b':') {
                self.unexpected();
                break;
            }
            if let Some(value) = self.value() {
                self.insert(&mut map, key, value);
            }
            if self.stop.is_some() || self.eat(b'}') {
                break;
            }
            if !self.eat(b',') {
                self.unexpected();
                break;
            }
        }
        if self.stop.is_some() && !map.contains_key("mode") && map.contains_key("value") {
            // Whether its value is a secret would have come later.
            map.insert("mode".to_owned(), "masked".into());
        }
        Value::Object(map)
    }

    fn insert(&mut self, map: &mut Map<String, Value>, key: String, value: Value) {
        let Some(old) = map.get(&key) else {
            map.insert(key, value);
            return;
        };
        let status = |v: &Value| v.as_str().and_then(Status::parse).unwrap_or_default();
        let is_plain = |v: &Value| v.as_str().is_none_or(|mode| mode.trim() == "default");
        let keep_old = match key.as_str() {
            "status" => status(old) < status(&value),
            // A value that one of two modes hides is hidden.
            "mode" => !is_plain(old) && is_plain(&value),
            _ => false,
        };
        self.duplicate.get_or_insert_with(|| key.clone());
        if !keep_old {
            map.insert(key, value);
        }
    }

    fn array(&mut self) -> Value {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Value::Array(items);
        }
        loop {
            items.extend(self.value());
            if self.stop.is_some() || self.eat(b']') {
                break;
            }
            if !self.eat(b',') {
                self.unexpected();
                break;
            }
        }
        Value::Array(items)
    }

    /// Reads a number, `true`, `false`, `null`, or what Python writes for numbers that are none.
    fn word(&mut self) -> Option<Value> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" | "NaN" | "Infinity" | "-Infinity" => Value::Null,
            number => match serde_json::from_str::<Number>(number) {
                Ok(number) => Value::Number(number),
                Err(_) => {
                    self.at += if end == rest.len() { end } else { 0 };
                    self.unexpected();
                    return None;
                }
            },
        };
        self.at += end;
        Some(value)
    }

    /// Reads a string from its opening quote; `None` where it doesn't end.
    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find(['"', '\\']) else {
                self.at = self.text.len();
                self.fail("ends in the middle");
                return None;
            };
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                return Some(out);
            }
            self.escape(&mut out);
        }
    }

    fn escape(&mut self, out: &mut String) {
        let Some(c) = self.text[self.at..].chars().next() else {
            return;
        };
        self.at += c.len_utf8();
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => out.push(self.unicode()),
            '"' | '\\' | '/' => out.push(c),
            other => {
                let _ = write!(out, "\\{other}");
            }
        }
    }

    /// Reads the digits after `\u`, and the second half of a pair; a lone half is U+FFFD.
    fn unicode(&mut self) -> char {
        let Some(unit) = self.hex(self.at) else {
            self.replaced += 1;
            return char::REPLACEMENT_CHARACTER;
        };
        self.at += 4;
        let low = self.text[self.at..]
            .starts_with("\\u")
            .then(|| self.hex(self.at + 2))
            .flatten();
        let found = match (unit, low) {
            (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
                self.at += 6;
                char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
            }
            _ => char::from_u32(unit),
        };
        found.unwrap_or_else(|| {
            self.replaced += 1;
            char::REPLACEMENT_CHARACTER
        })
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, 16).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> (Value, Option<String>) {
        let salvaged = salvage(text.as_bytes());
        (salvaged.value, salvaged.problem)
    }

    #[test]
    fn a_truncated_text_keeps_what_is_whole() {
        let (value, problem) = read(r#"{"name":"a","labels":[{"name":"x"},{"name":"y"#);
        assert_eq!(value, json!({"name": "a", "labels": [{"name": "x"}, {}]}));
        assert_eq!(problem.as_deref(), Some("ends in the middle"));
    }

    #[test]
    fn surrogates_are_paired_or_replaced() {
        let salvaged = salvage(br#"{"a":"\ud83d\ude00 \ud800x \udc00"}"#);
        assert_eq!(salvaged.value, json!({"a": "😀 \u{FFFD}x \u{FFFD}"}));
        assert_eq!((salvaged.replaced, salvaged.problem), (2, None));
    }

    #[test]
    fn of_two_statuses_the_worse_counts() {
        let (value, problem) = read(r#"{"status":"failed","status":"passed","a":1,"a":2}"#);
        assert_eq!(value, json!({"status": "failed", "a": 2}));
        assert_eq!(problem.as_deref(), Some("has the key `status` twice"));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(100_000);
        assert!(salvage(deep.as_bytes()).problem.is_some());
        let closed = format!("{{\"a\":{}{}, \"b\":1}}", "[".repeat(500), "]".repeat(500));
        let salvaged = salvage(closed.as_bytes());
        assert_eq!(salvaged.value["b"], 1);
        assert_eq!(
            salvaged.problem.as_deref(),
            Some("is nested deeper than 127 levels")
        );
    }

    #[test]
    fn other_encodings_and_words_are_read() {
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("{\"a\":NaN}".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(salvage(&utf16).value, json!({"a": null}));
        assert_eq!(salvage(b"{\"a\":\"\xFF\"}").replaced, 1);
        assert_eq!(read("{\"a\":pas").0, json!({}));
        assert_eq!(read("\u{1}").0, Value::Null);
    }

    proptest! {
        #[test]
        fn valid_json_reads_as_serde_json_does(text in "[\\[\\]{}\",:0-9a-ntrue\\\\u ]{0,40}") {
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                let salvaged = salvage(text.as_bytes());
                if salvaged.problem.is_none() {
                    prop_assert_eq!(salvaged.value, value);
                }
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            salvage(&bytes);
        }
    }
}
