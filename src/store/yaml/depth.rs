//! How deep YAML that nobody vouches for is nested, by brackets and by indentation, told before a parser
//! sees it: the parser's work grows with the depth at each token, so that a few hundred KiB take minutes.

use serde::de::DeserializeOwned;

/// How many levels values may be nested, whether in brackets or by indentation. Nothing that is written
/// here comes near it.
const MAX_DEPTH: usize = 200;

/// Reads one small document of known shape.
///
/// # Errors
/// It is nested too deep, or does not read; in one line.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    if is_too_deep(bytes) {
        return Err(too_deep());
    }
    serde_yaml::from_slice(bytes).map_err(|error| error.to_string())
}

/// Says what is wrong with a document that is nested too deep.
pub(crate) fn too_deep() -> String {
    format!("values are nested more than {MAX_DEPTH} levels deep")
}

/// Whether values are nested deeper than anything here needs. Quoted texts, block texts and comments
/// don't count.
pub(crate) fn is_too_deep(text: &[u8]) -> bool {
    let mut scan = Scan::default();
    text.split(|byte| *byte == b'\n')
        .any(|line| scan.line(line))
}

#[derive(Default)]
struct Scan {
    /// How many brackets are open.
    open: usize,
    /// The columns at which the blocks begin that a line is in, each further right than the one before.
    columns: Vec<usize>,
    quote: Option<u8>,
    /// The indentation of the line that began a block text.
    block: Option<usize>,
}

impl Scan {
    /// Reads a line; tells whether something in it was nested too deep.
    fn line(&mut self, line: &[u8]) -> bool {
        let indent = line.iter().take_while(|byte| **byte == b' ').count();
        if let Some(parent) = self.block {
            if indent > parent || line.trim_ascii().is_empty() {
                return false;
            }
            self.block = None;
        }
        // What stands before, spaces apart; a line break where nothing does.
        let mut before = b'\n';
        // What stands first in a line begins a block there, and so does what follows the dash of an entry.
        let mut leads = true;
        let mut at = 0;
        while let Some(&byte) = line.get(at) {
            let is_apart = at == 0 || line[at - 1].is_ascii_whitespace();
            at += 1;
            leads = leads && self.open == 0 && self.quote.is_none();
            if self.quote.is_some() {
                at = self.quoted(line, at);
                continue;
            }
            let begins = self.open > 0 || b"\n:-?".contains(&before);
            let is_blank = byte.is_ascii_whitespace();
            if leads && !is_blank && byte != b'#' {
                self.enter(at - 1);
                let is_alone = line.get(at).is_none_or(u8::is_ascii_whitespace);
                leads = matches!(byte, b'-' | b'?') && is_alone;
            }
            match byte {
                b' ' | b'\t' | b'\r' => continue,
                b'#' if is_apart => break,
                // An anchor or a tag is followed by what it is of.
                b'&' | b'!' if begins => {
                    let rest = line[at..].iter();
                    at += rest.take_while(|byte| !byte.is_ascii_whitespace()).count();
                    continue;
                }
                b'"' | b'\'' if b"\n:-?,[{".contains(&before) => self.quote = Some(byte),
                b'|' | b'>' if begins && self.open == 0 => {
                    self.block = Some(indent);
                    break;
                }
                b'[' | b'{' if begins => self.open += 1,
                b']' | b'}' => self.open = self.open.saturating_sub(1),
                _ => {}
            }
            if self.open + self.columns.len() > MAX_DEPTH {
                return true;
            }
            before = byte;
        }
        false
    }

    /// Begins a block at a column, or goes on in one: those further right have ended.
    fn enter(&mut self, column: usize) {
        while self.columns.last().is_some_and(|last| *last > column) {
            self.columns.pop();
        }
        if self.columns.last() != Some(&column) {
            self.columns.push(column);
        }
    }

    /// Goes on in a quoted text, of which the byte before `at` is one; returns where to read on.
    fn quoted(&mut self, line: &[u8], at: usize) -> usize {
        let (byte, next) = (line[at - 1], line.get(at).copied());
        match (self.quote, byte, next) {
            (Some(b'"'), b'\\', Some(_)) | (Some(b'\''), b'\'', Some(b'\'')) => at + 1,
            (Some(quote), byte, _) if quote == byte => {
                self.quote = None;
                at
            }
            _ => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mapping in a mapping in a mapping.
    fn stairs(levels: usize) -> String {
        let step = |n: usize| format!("{}a:\n", " ".repeat(n));
        (0..levels).map(step).collect()
    }

    #[test]
    fn nesting_is_told_from_brackets_in_texts() {
        let deep = [
            "[".repeat(300),
            format!("a: {}", "{b: ".repeat(300)),
            format!("a: {}", "[\n ".repeat(300)),
            format!("a: &x {}", "[".repeat(300)),
            format!("a: !t {}", "[".repeat(300)),
            format!("- {}", "[\"x\", ".repeat(300)),
            format!("a: # |\n  {}", "[".repeat(300)),
            format!("a: 'it''s'\nb: {}", "[".repeat(300)),
            format!("a: \"x\\\"\"\nb: {}", "[".repeat(300)),
            stairs(300),
            format!("format: 1\nresults:\n- id: x\n  labels:\n{}", stairs(300)),
            format!("a:\n  {}x", "- ".repeat(300)),
            format!("{}x", "? ".repeat(300)),
            format!("{}{}a: {}", stairs(150), " ".repeat(150), "[".repeat(100)),
        ];
        for text in deep {
            assert!(is_too_deep(text.as_bytes()), "{}", &text[..20]);
        }
        let many = "[ERROR ".repeat(300);
        let flat = [
            format!("a: \"{many}\"\nb: '{many}'\n"),
            format!("a: |\n  {}", "[ERROR\n  ".repeat(300)),
            format!("- a: >-\n    {many}\n"),
            format!("a: said {many}\n# {many}\n"),
            format!("results:\n{}", "- {\"a\": [\"[\", 1]}\n".repeat(300)),
            format!("a: \"first\n  {many}\"\n"),
            format!("x: {}{}\n", "[".repeat(100), "]".repeat(100)).repeat(5),
            stairs(150).repeat(3),
            format!("{}- - - x\n", stairs(150)).repeat(3),
            format!("a: |\n{}", stairs(300).replace("a:\n", " a:\n")),
            format!("a: \"\n{}\"\n", stairs(300)),
            format!("# {}\n- - x\n", "- ".repeat(300)),
            "- - x\n  - y\n- z\n".repeat(300),
        ];
        for text in flat {
            assert!(!is_too_deep(text.as_bytes()), "{}", &text[..20]);
        }
    }

    #[test]
    fn what_is_too_deep_is_said_at_once() {
        let deep = format!("a: {}", "{b: ".repeat(100_000));
        let read = read::<serde_json::Value>(deep.as_bytes());
        let said = "values are nested more than 200 levels deep";
        assert_eq!(read.expect_err("refused"), said);
    }
}
