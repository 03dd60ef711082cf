//! Text for people: counts, lists, closest matches, slugs, and what makes untrusted text safe to show.

/// Returns `1 case`, `2 cases`, `1,204 results`: English plurals by `s`, or `es`/`ies` where those fit.
pub fn count(n: u64, noun: &str) -> String {
    format!("{} {}", thousands(n), plural(n, noun))
}

/// Returns the noun in the number that `n` asks for.
pub fn plural(n: u64, noun: &str) -> String {
    if n == 1 {
        return noun.to_owned();
    }
    let consonant_y =
        noun.ends_with('y') && !noun[..noun.len() - 1].ends_with(['a', 'e', 'i', 'o', 'u']);
    if consonant_y {
        format!("{}ies", &noun[..noun.len() - 1])
    } else if noun.ends_with(['s', 'x']) || noun.ends_with("ch") || noun.ends_with("sh") {
        format!("{noun}es")
    } else {
        format!("{noun}s")
    }
}

/// Writes a number with a comma before each group of three digits.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a number of bytes for people: `812 bytes`, `4.2 kB`, `38 MB`; a kB has 1,000 of them.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if n < 1_000 {
        return count(n, "byte");
    }
    let mut shown = n as f64;
    let mut unit = "";
    for next in UNITS {
        (shown, unit) = (shown / 1_000.0, next);
        if shown < 999.5 {
            break;
        }
    }
    match shown < 9.95 {
        true => format!("{shown:.1} {unit}"),
        false => format!("{shown:.0} {unit}"),
    }
}

/// Joins items as `a`, `a or b`, `a, b or c`.
pub fn list<S: AsRef<str>>(items: &[S], last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [init @ .., end] => {
            let init: Vec<&str> = init.iter().map(AsRef::as_ref).collect();
            format!("{} {last} {}", init.join(", "), end.as_ref())
        }
    }
}

/// Joins items in backticks, as in [`list`].
pub fn ticked<S: AsRef<str>>(items: &[S], last: &str) -> String {
    let items: Vec<String> = items.iter().map(|i| format!("`{}`", i.as_ref())).collect();
    list(&items, last)
}

/// Returns the candidate that `word` most likely meant, if any is close enough to suggest.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&wanted, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Makes a slug: lower-case ASCII letters, digits and single dashes, at most `max` bytes, never empty.
pub fn slug(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
        if out.len() >= max {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() {
        "x".to_owned()
    } else {
        out.to_owned()
    }
}

/// Whether a character can change how the text around it is shown: controls, bidirectional
/// overrides, zero-width and other invisible format characters. Of a text ask [`unsafe_to_show`], which lets joiners stand
/// within words.
pub fn is_unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// Whether a character is a joiner or a non-joiner, which scripts and emoji need inside of words.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Whether a joiner may stand beside this one: a letter, a mark or an emoji that is seen. ASCII has no use for joiners, so that
/// one there hides a difference.
fn is_joined(c: char) -> bool {
    !c.is_ascii()
        && !c.is_whitespace()
        && !is_unsafe_to_show(c)
        // Latin signs, punctuation and brackets, emoji apart.
        && !matches!(c, '\u{80}'..='\u{BF}' | '\u{2000}'..='\u{203B}' | '\u{203D}'..='\u{2048}' | '\u{204A}'..='\u{206F}')
}

/// Returns each character of a text with its place, and whether it is unsafe to show there: a joiner within a word or an emoji
/// is safe, `می‌تواند` and `👩‍💻` being words, and unsafe at an edge, beside ASCII or blanks, and doubled.
pub fn unsafe_to_show(text: &str) -> impl Iterator<Item = (usize, char, bool)> + '_ {
    let mut before: Option<char> = None;
    text.char_indices().map(move |(at, c)| {
        let joins = is_joiner(c)
            && before.is_some_and(is_joined)
            && text[at + c.len_utf8()..]
                .chars()
                .next()
                .is_some_and(is_joined);
        before = Some(c);
        (at, c, is_unsafe_to_show(c) && !joins)
    })
}

/// Whether a text has characters that are unsafe to show where they stand.
pub fn has_unsafe_to_show(text: &str) -> bool {
    text.contains(is_unsafe_to_show) && unsafe_to_show(text).any(|(_, _, is_unsafe)| is_unsafe)
}

/// Makes untrusted text safe for a terminal: characters that could move the cursor, hide or
/// reorder text are shown as escapes; line breaks and tabs stay, and so do joiners within words.
pub fn sanitize(text: &str) -> std::borrow::Cow<'_, str> {
    let stays = |c: char| c == '\n' || c == '\t';
    if !text.contains(|c: char| is_unsafe_to_show(c) && !stays(c)) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (_, c, is_unsafe) in unsafe_to_show(text) {
        if is_unsafe && !stays(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// Like [`sanitize`], and on one line: line breaks and tabs become single spaces.
pub fn sanitize_line(text: &str) -> String {
    let text = sanitize(text);
    text.split(['\n', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Makes untrusted text one safe line of at most `max` characters. Escaping for
/// a receiver comes after it.
pub fn line(text: &str, max: usize) -> String {
    let text: String = text.chars().take(max * 4 + 1000).collect();
    truncate(&sanitize_line(&strip_ansi(&text)), max)
}

/// Returns the greatest place of at most `at` bytes where a text can be cut.
pub fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Cuts text to at most `max` characters, the last one an ellipsis where something was cut.
pub fn truncate(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => {
            let end = text
                .char_indices()
                .nth(max.saturating_sub(1))
                .map_or(0, |(i, _)| i);
            // A joiner that is cut off from what it joins would be at an edge.
            format!("{}…", text[..end].trim_end_matches(is_joiner))
        }
    }
}

/// Escapes a text for XML and HTML, in elements and in quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 has no way to write these.
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// Returns the first line that says something, without escape sequences.
pub fn first_line(text: &str) -> String {
    let text = strip_ansi(text);
    let mut lines = text.lines().map(str::trim);
    lines
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .to_owned()
}

/// Returns how many columns of a terminal a line takes.
pub fn width(line: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(line)
}

/// Removes ANSI escape sequences (CSI, OSC and two-character ones), leaving the text.
pub fn strip_ansi(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.peek() {
            Some('[') => {
                chars.next();
                for c in chars.by_ref() {
                    if ('\u{40}'..='\u{7e}').contains(&c) {
                        break;
                    }
                }
            }
            Some(']') => {
                while let Some(c) = chars.next() {
                    if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            Some(_) => {
                chars.next();
            }
            None => {}
        }
    }
    out.into()
}

/// Returns the lowest `digits` digits of a number in Crockford's base 32, in lower case.
pub fn base32(mut number: u64, digits: usize) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut out = vec![b'0'; digits];
    for place in out.iter_mut().rev() {
        *place = ALPHABET[(number % 32) as usize];
        number /= 32;
    }
    String::from_utf8(out).expect("the alphabet is ASCII")
}

/// Writes a word as a shell takes it: as it is, or in single quotes.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_survive_a_shell() {
        use super::shell_word;
        assert_eq!(shell_word("linux-chrome"), "linux-chrome");
        assert_eq!(shell_word("two words"), "'two words'");
        assert_eq!(shell_word("$(x)'s"), r"'$(x)'\''s'");
        assert_eq!(shell_word(""), "''");
    }

    use super::*;

    #[test]
    fn bytes_are_shown_short() {
        let shown = [0, 1, 999, 1_000, 4_240, 38_400_000, 999_600, 12_000_000_000].map(bytes);
        let expected = [
            "0 bytes",
            "1 byte",
            "999 bytes",
            "1.0 kB",
            "4.2 kB",
            "38 MB",
            "1.0 MB",
            "12 GB",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn counts_and_lists() {
        assert_eq!(count(1, "case"), "1 case");
        assert_eq!(count(1204, "result"), "1,204 results");
        assert_eq!(
            (plural(2, "retry"), plural(2, "key"), plural(2, "match")),
            ("retries".into(), "keys".into(), "matches".into())
        );
        assert_eq!(ticked(&["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }

    #[test]
    fn suggests_only_what_is_close() {
        assert_eq!(closest("pased", ["passed", "failed"]), Some("passed"));
        assert_eq!(closest("Titel", ["title", "tags"]), Some("title"));
        assert_eq!(closest("zebra", ["passed", "failed"]), None);
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("Nightly 1843 (Linux)", 40), "nightly-1843-linux");
        assert_eq!(slug("日本", 40), "x");
        assert_eq!(slug("aaaa bbbb", 5), "aaaa");
    }

    #[test]
    fn joiners_stay_within_words_and_emoji_alone() {
        for kept in [
            "می\u{200c}تواند",
            "👩\u{200d}💻",
            "❤\u{fe0f}\u{200d}🔥",
            "👩🏽\u{200d}🚀 क्\u{200d}ष",
        ] {
            assert_eq!(sanitize(kept), kept);
            assert!(!has_unsafe_to_show(kept), "{kept}");
        }
        for (hidden, shown) in [
            ("ad\u{200c}min", "ad\\u{200c}min"),
            ("é\u{200d}a", "é\\u{200d}a"),
            ("\u{200c}می", "\\u{200c}می"),
            ("می\u{200c}", "می\\u{200c}"),
            ("می\u{200c} تواند", "می\\u{200c} تواند"),
            ("می\u{200c}\u{200c}ت", "می\\u{200c}\\u{200c}ت"),
            ("می\u{200b}ت", "می\\u{200b}ت"),
            ("می\u{202e}\u{200d}ت", "می\\u{202e}\\u{200d}ت"),
        ] {
            assert_eq!(sanitize(hidden), shown);
            assert!(has_unsafe_to_show(hidden), "{shown}");
        }
        assert_eq!(truncate("👩\u{200d}💻x", 3), "👩…");
    }

    #[test]
    fn untrusted_text_cannot_act() {
        assert_eq!(sanitize("a\u{1b}[31mb\u{202e}c"), "a\\u{1b}[31mb\\u{202e}c");
        assert_eq!(sanitize("plain\ttext\n"), "plain\ttext\n");
        assert_eq!(sanitize_line("a\n\t b\r\n"), "a b\\u{d}");
        assert_eq!(
            strip_ansi("\u{1b}[1;31mred\u{1b}[0m \u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{7}"),
            "red link"
        );
        assert_eq!(truncate("abcdef", 4), "abc…");
        assert_eq!(truncate("abcd", 4), "abcd");
    }
}
