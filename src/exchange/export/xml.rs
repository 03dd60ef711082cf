//! Text in XML 1.0: escaped, and without the characters that no document may hold.

/// Whether XML 1.0 has no way to hold a character.
fn is_illegal(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text has characters that XML can't hold.
pub(super) fn loses(text: &str) -> bool {
    text.contains(is_illegal)
}

/// Writes the value of an attribute; line breaks and tabs survive.
pub(super) fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c => push(out, c),
        }
    }
    out.push('"');
}

/// Writes the text of an element.
pub(super) fn text(out: &mut String, text: &str) {
    text.chars().for_each(|c| push(out, c));
}

fn push(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        // `]]>` must not stand in a text.
        '>' => out.push_str("&gt;"),
        '\r' => out.push_str("&#13;"),
        c if is_illegal(c) => out.push('\u{fffd}'),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        let mut out = String::new();
        attribute(&mut out, "m", "a\"<b>\n\t'&\u{1b}\0");
        text(&mut out, "]]> \r\n😀\u{ffff}");
        assert_eq!(
            out,
            " m=\"a&quot;&lt;b&gt;&#10;&#9;'&amp;\u{fffd}\u{fffd}\"]]&gt; &#13;\n😀\u{fffd}"
        );
        assert!(loses("\u{1b}[31m") && !loses("a\n\r\t😀"));
    }
}
