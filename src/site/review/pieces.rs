//! Two texts, and what of each the other lacks.

use similar::{ChangeTag, TextDiff};

use crate::base::text::{sanitize, sanitize_line, strip_ansi, truncate};
use crate::site::view::review::Piece;

/// The longest text that is shown of a change, in characters.
const MAX_TEXT: usize = 6_000;

/// Where less than this share of both texts is the same, single words that are say nothing.
const ALIKE: f32 = 0.35;

/// Returns the texts of a change in pieces; none where the sentence has them whole already.
pub(super) fn texts(
    sentence: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> (Vec<Piece>, Vec<Piece>) {
    let said = |text: Option<&str>| text.is_none_or(|text| sentence.contains(&in_a_line(text)));
    if said(before) && said(after) {
        return (Vec::new(), Vec::new());
    }
    let shown = |text: &str| {
        truncate(
            sanitize(&strip_ansi(text)).replace('\r', "").trim(),
            MAX_TEXT,
        )
    };
    match (before.map(shown), after.map(shown)) {
        (Some(before), Some(after)) => compared(&before, &after),
        (before, after) => (whole(before), whole(after)),
    }
}

/// A text as sentences quote it.
fn in_a_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    sanitize_line(&words.join(" "))
}

fn whole(text: Option<String>) -> Vec<Piece> {
    let piece = |text| Piece {
        differs: false,
        text,
    };
    text.map(piece).into_iter().collect()
}

fn compared(before: &str, after: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (old, new) = (parts(before), parts(after));
    let diff = TextDiff::from_slices(&old, &new);
    if diff.ratio() < ALIKE {
        return (
            whole(Some(before.to_owned())),
            whole(Some(after.to_owned())),
        );
    }
    let side = |own: ChangeTag| {
        let changes = diff.iter_all_changes();
        let own = changes.filter(|change| change.tag() == own || change.tag() == ChangeTag::Equal);
        joined(own.map(|change| (change.tag() != ChangeTag::Equal, change.value())))
    };
    (side(ChangeTag::Delete), side(ChangeTag::Insert))
}

/// Takes a text apart into words, blanks and signs.
fn parts(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let now = kind(c);
        if before.is_some_and(|before| before != now || now == 2) {
            out.push(&text[start..at]);
            start = at;
        }
        before = Some(now);
    }
    out.extend(Some(&text[start..]).filter(|rest| !rest.is_empty()));
    out
}

/// Puts pieces of one kind together, and blanks between two that differ to them.
fn joined<'t>(words: impl Iterator<Item = (bool, &'t str)>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for (differs, text) in words {
        match out.last_mut() {
            Some(last) if last.differs == differs => last.text.push_str(text),
            _ => out.push(Piece {
                differs,
                text: text.to_owned(),
            }),
        }
        let [.., first, blank, last] = out.as_slice() else {
            continue;
        };
        if first.differs && !blank.differs && last.differs && blank.text.trim().is_empty() {
            let tail: String = out.drain(out.len() - 2..).map(|piece| piece.text).collect();
            if let Some(first) = out.last_mut() {
                first.text.push_str(&tail);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes pieces with brackets around what differs.
    fn marked(pieces: &[Piece]) -> String {
        let one = |piece: &Piece| match piece.differs {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        };
        pieces.iter().map(one).collect()
    }

    #[test]
    fn what_differs_is_marked_and_what_is_said_is_not_repeated() {
        let of = |sentence: &str, before: Option<&str>, after: Option<&str>| {
            let (before, after) = texts(sentence, before, after);
            (marked(&before), marked(&after))
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        for (sentence, before, after, expected) in [
            (
                "says less",
                Some("the page must show all of it"),
                Some("the page may show it"),
                pair("the page [must] show[ all of] it", "the page [may] show it"),
            ),
            (
                "“a  b” → “a c”",
                Some("a b"),
                Some("a c"),
                pair("a [b]", "a [c]"),
            ),
            ("“a b” → “a c”", Some("a\n b"), Some("a c"), pair("", "")),
            ("is new", None, Some("one\ntwo"), pair("", "one\ntwo")),
            ("is new: “one two”", None, Some("one\ntwo"), pair("", "")),
            (
                "x",
                Some("all of it"),
                Some("quite another"),
                pair("all of it", "quite another"),
            ),
            (
                "x",
                Some("a \u{202e}\u{1b}[31mb"),
                None,
                pair("a \\u{202e}b", ""),
            ),
        ] {
            assert_eq!(of(sentence, before, after), expected, "{sentence}");
        }
    }
}
