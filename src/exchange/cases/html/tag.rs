//! Tags, their attributes, and entities.

use quick_xml::escape::resolve_html5_entity;

pub(super) struct TagText<'t> {
    pub(super) name: String,
    pub(super) closes: bool,
    attributes: &'t str,
}

impl TagText<'_> {
    /// Returns an attribute's value, of the first one of that name.
    pub(super) fn get(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '/'));
            let (name, after) = rest.split_at(end.unwrap_or(rest.len()).max(1).min(rest.len()));
            let Some(value) = after.trim_start().strip_prefix('=') else {
                rest = after;
                continue;
            };
            let value = value.trim_start();
            let (value, after) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = &value[1..];
                    let end = inner.find(quote).unwrap_or(inner.len());
                    (&inner[..end], inner.get(end + 1..).unwrap_or_default())
                }
                _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(unescaped(value));
            }
            rest = after;
        }
    }
}

/// Reads a tag, a comment or a declaration at the beginning of a text, and how long it is.
pub(super) fn tag(text: &str) -> Option<(TagText<'_>, usize)> {
    let none = |length| {
        let tag = TagText {
            name: String::new(),
            closes: false,
            attributes: "",
        };
        Some((tag, length))
    };
    if let Some(rest) = text.strip_prefix("<!--") {
        return none(rest.find("-->").map_or(text.len(), |end| end + 7));
    }
    if text.starts_with("<!") || text.starts_with("<?") {
        return none(text.find('>').map_or(text.len(), |end| end + 1));
    }
    let closes = text[1..].starts_with('/');
    let start = if closes { 2 } else { 1 };
    let inner = &text[start..];
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    // A tag ends before the next one begins: else looking for ends would be quadratic.
    let inner = &inner[..inner.find('<').unwrap_or(inner.len())];
    let mut quote: Option<u8> = None;
    let end = inner.bytes().position(|byte| match (quote, byte) {
        (Some(open), _) => {
            if byte == open {
                quote = None;
            }
            false
        }
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (None, byte) => byte == b'>',
    });
    // A quote that nothing closes ends with the first `>` after all.
    let end = end.or_else(|| inner.find('>'))?;
    let content = &inner[..end];
    let name_end = content
        .find(|c: char| c.is_whitespace() || c == '/')
        .unwrap_or(content.len());
    // What stands in angle brackets and is no name is words: `<user@host>`.
    if !content[..name_end]
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':'))
    {
        return None;
    }
    let tag = TagText {
        name: content[..name_end].to_ascii_lowercase(),
        closes,
        attributes: &content[name_end..],
    };
    Some((tag, start + end + 1))
}

/// A text with its entities resolved; unknown ones stay as they are.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let head = &rest[..crate::base::text::floor(rest, 34)];
        let end = head.find(';');
        let entity = end.and_then(|end| resolved(&rest[1..end]));
        match (entity, end) {
            (Some(text), Some(end)) => {
                out.push_str(&text);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn resolved(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).map(String::from);
    }
    resolve_html5_entity(name).map(str::to_owned)
}
