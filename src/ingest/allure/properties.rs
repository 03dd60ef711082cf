//! The grammar of Java's properties files.

/// Reads keys and values in order; of a key given twice the last value counts, in the first's place.
pub(super) fn parse(bytes: &[u8]) -> Vec<(String, String)> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    };
    let mut out: Vec<(String, String)> = Vec::new();
    for line in logical_lines(&text) {
        let (key, value) = split(&line);
        let (key, value) = (unescape(key), unescape(value));
        match out.iter_mut().find(|(old, _)| *old == key) {
            Some((_, old)) => *old = value,
            None => out.push((key, value)),
        }
    }
    out
}

/// Joins lines that end in an odd number of backslashes with the next; leaves out comments.
fn logical_lines(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open: Option<String> = None;
    for line in text.split(['\n', '\r']) {
        let line = line.trim_start_matches([' ', '\t', '\u{c}']);
        if open.is_none() && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let whole = open.take().unwrap_or_default() + line;
        let slashes = whole.len() - whole.trim_end_matches('\\').len();
        if slashes % 2 == 1 {
            open = Some(whole[..whole.len() - 1].to_owned());
        } else {
            out.push(whole);
        }
    }
    out.extend(open);
    out
}

/// Splits at the first unescaped `=`, `:` or run of blanks.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '=' | ':' => return (&line[..at], trim_blanks(&line[at + 1..])),
            ' ' | '\t' | '\u{c}' => {
                let rest = trim_blanks(&line[at..]);
                let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
                return (&line[..at], trim_blanks(rest));
            }
            _ => {}
        }
    }
    (line, "")
}

fn trim_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\u{c}'])
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let mut tail = rest[at + 1..].chars();
        match tail.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let digits = tail.as_str().get(..4).unwrap_or_default();
                let after = &tail.as_str()[digits.len()..];
                let high = u16::from_str_radix(digits, 16).unwrap_or(0xFFFD);
                let low = after.strip_prefix("\\u").and_then(|low| low.get(..4));
                let low = low.and_then(|low| u16::from_str_radix(low, 16).ok());
                // Java writes what lies beyond 16 bits as two of them.
                let pair = low.map(|low| char::decode_utf16([high, low]).next());
                let one = char::decode_utf16([high]).next();
                match (pair, one) {
                    (Some(Some(Ok(c))), Some(Err(_))) => {
                        out.push(c);
                        rest = &after[6..];
                    }
                    (_, one) => {
                        let one = one.and_then(Result::ok);
                        out.push(one.unwrap_or(char::REPLACEMENT_CHARACTER));
                        rest = after;
                    }
                }
                continue;
            }
            Some(c) => out.push(c),
            None => {}
        }
        rest = tail.as_str();
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_of_java() {
        let text = b"# c\n  ! c\nos = linux\nurl:http\\://x\\\n   /y\nflag\nkey with blank\nu=\\u00e9\\t.\nos=mac\nempty=\n";
        let pairs = parse(text);
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("os", "mac"),
                ("url", "http://x/y"),
                ("flag", ""),
                ("key", "with blank"),
                ("u", "é\t."),
                ("empty", ""),
            ]
        );
    }

    #[test]
    fn other_encodings_and_ends() {
        assert_eq!(parse(b"a=\xe9"), [("a".to_owned(), "é".to_owned())]);
        assert_eq!(parse(b"a=b\\"), [("a".to_owned(), "b".to_owned())]);
        assert_eq!(
            parse(b"a=\\u12"),
            [("a".to_owned(), "\u{FFFD}12".to_owned())]
        );
        assert_eq!(parse("a=\\ué".as_bytes()).len(), 1);
        let pair = parse(b"a=\\ud83d\\ude00\\ud83d!\\ud83d\\u0041");
        assert_eq!(pair[0].1, "😀\u{FFFD}!\u{FFFD}A");
        assert!(parse(b"").is_empty());
    }
}
