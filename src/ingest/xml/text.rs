//! Attributes and texts of elements.

use quick_xml::events::BytesStart;

use crate::ingest::decode::is_forbidden;
use crate::ingest::limits;

/// A text that grows while it streams by, and stops at a bound.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct Capped {
    pub(in crate::ingest) text: String,
    /// Bytes beyond the bound.
    pub(in crate::ingest) cut: u64,
}

impl Capped {
    /// Adds a piece as far as `room` and the bound of one text allow.
    pub(in crate::ingest) fn push(&mut self, piece: &str, room: &mut usize) {
        let free = limits::TEXT.saturating_sub(self.text.len()).min(*room);
        let kept = limits::floor_char_boundary(piece, free);
        self.text.push_str(&piece[..kept]);
        *room -= kept;
        self.cut += (piece.len() - kept) as u64;
    }

    /// Adds another text on a line of its own.
    pub(in crate::ingest) fn join(&mut self, other: Self) {
        let gap = !self.text.is_empty() && !other.text.is_empty() && !self.text.ends_with('\n');
        if gap {
            self.text.push('\n');
        }
        let mut room = limits::TEXT;
        self.push(&other.text, &mut room);
        self.cut += other.cut;
    }

    pub(in crate::ingest) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// The attributes of one tag, unescaped, in order.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Attributes {
    pairs: Vec<(String, String)>,
    /// References to characters that XML forbids.
    pub(in crate::ingest) replaced: u64,
    /// How many came a second time.
    pub(in crate::ingest) twice: u64,
    /// References to what is not defined.
    pub(in crate::ingest) undefined: u64,
}

impl Attributes {
    /// Reads them leniently: quotes may be missing, a name may come twice (the first counts).
    pub(in crate::ingest) fn of(tag: &BytesStart<'_>) -> Self {
        let mut out = Self::default();
        for attribute in tag.html_attributes().with_checks(false).flatten() {
            let name: &str = attribute.key.as_ref();
            if name.starts_with("xmlns") || name.starts_with("xsi:") {
                continue;
            }
            let mut value = String::with_capacity(attribute.value.len());
            let (replaced, undefined) = unescape(&attribute.value, &mut value);
            out.replaced += replaced;
            out.undefined += undefined;
            match out.pairs.iter().find(|(n, _)| n == name) {
                None => out.pairs.push((name.to_owned(), value)),
                Some((_, old)) => out.twice += u64::from(*old != value),
            }
        }
        out
    }

    /// Returns an attribute's value; the letter case of its name counts only where it is there
    /// in several.
    pub(in crate::ingest) fn get(&self, name: &str) -> Option<&str> {
        Some(self.pairs[self.find(name)?].1.as_str())
    }

    /// Takes an attribute out; an empty one counts as absent.
    pub(in crate::ingest) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.find(name)?;
        Some(self.pairs.remove(at).1).filter(|value| !value.is_empty())
    }

    fn find(&self, name: &str) -> Option<usize> {
        let place = |is: &dyn Fn(&str) -> bool| self.pairs.iter().position(|(n, _)| is(n));
        place(&|n| n == name).or_else(|| place(&|n| n.eq_ignore_ascii_case(name)))
    }

    pub(in crate::ingest) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.trim().replace(',', "").parse().ok()
    }

    /// Returns what was not taken.
    pub(in crate::ingest) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

/// Appends a text with its references resolved; returns how many were forbidden characters, and how many
/// are not defined.
fn unescape(text: &str, out: &mut String) -> (u64, u64) {
    let mut rest = text;
    let (mut replaced, mut undefined) = (0, 0);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest
            .bytes()
            .take(64)
            .position(|b| !(b.is_ascii_alphanumeric() || b == b'#'));
        match end {
            Some(end) if rest.as_bytes()[end] == b';' => {
                let (forbidden, unknown) = push_reference(out, &rest[..end]);
                replaced += forbidden;
                undefined += unknown;
                rest = &rest[end + 1..];
            }
            _ => out.push('&'),
        }
    }
    out.push_str(rest);
    (replaced, undefined)
}

/// Appends what a reference stands for: one of the five entities or a character. Any other entity
/// stays as written. Returns 1 where the character is forbidden and was replaced, and 1 where it is not
/// defined.
pub(in crate::ingest) fn push_reference(out: &mut String, name: &str) -> (u64, u64) {
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => match character(name) {
            Some(found) => {
                let c = found.filter(|c| !is_forbidden(*c));
                out.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                return (u64::from(c.is_none()), 0);
            }
            None => {
                out.push('&');
                out.push_str(name);
                out.push(';');
                return (0, 1);
            }
        },
    };
    out.push(c);
    (0, 0)
}

/// Reads `#10` or `#xA`; the inner `None` is a number that is no character.
fn character(name: &str) -> Option<Option<char>> {
    let number = name.strip_prefix('#')?;
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    valid.then(|| {
        u32::from_str_radix(digits, radix)
            .ok()
            .and_then(char::from_u32)
    })
}

/// Removes one line break at each end, and nothing else.
pub(in crate::ingest) fn trim_line_breaks(text: &str) -> &str {
    let text = text
        .strip_prefix("\r\n")
        .or_else(|| text.strip_prefix('\n'))
        .unwrap_or(text);
    text.strip_suffix("\r\n")
        .or_else(|| text.strip_suffix('\n'))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_or_kept() {
        let read = |text: &str| {
            let mut out = String::new();
            let replaced = unescape(text, &mut out);
            (out, replaced)
        };
        assert_eq!(
            read("a &lt; &#65;&#x42; &amp#27;"),
            ("a < AB &amp#27;".into(), (0, 1))
        );
        assert_eq!(
            read("&#27;&#0;&#xD800;"),
            ("\u{FFFD}\u{FFFD}\u{FFFD}".into(), (3, 0))
        );
        assert_eq!(
            read("a & b &foo; &#; &"),
            ("a & b &foo; &#; &".into(), (0, 2))
        );
    }

    #[test]
    fn texts_stop_at_their_bound() {
        let mut text = Capped::default();
        let mut room = 5;
        text.push("abé", &mut room);
        text.push("éé", &mut room);
        assert_eq!((text.text.as_str(), text.cut, room), ("abé", 4, 1));
        assert_eq!(trim_line_breaks("\n a\n\n"), " a\n");
    }
}
