//! The words of a line: points, numbers, descriptions and directives.

use std::borrow::Cow;

/// Reads the start of a point: its level, whether it is ok, and what follows.
pub(super) fn point(line: &str) -> Option<(usize, bool, &str)> {
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    let (ok, rest) = match text.strip_prefix("not ok") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("ok")?),
    };
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', '#']);
    (ends && indent.is_multiple_of(4)).then_some((indent / 4, ok, rest))
}

/// Whether a line is a point, wherever it stands.
pub(super) fn is_point(line: &str) -> bool {
    point(line.trim_start()).is_some()
}

/// Splits the number off.
pub(super) fn number(rest: &str) -> (Option<u64>, &str) {
    let rest = rest.trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let followed = rest[end..].is_empty() || rest[end..].starts_with([' ', '\t', '#']);
    match rest[..end].parse() {
        Ok(number) if followed => (Some(number), &rest[end..]),
        _ => (None, rest),
    }
}

/// Takes the brace off that opens a subtest: `name {`, `name # time=1ms {` or `name { # time=1ms`.
pub(super) fn brace(rest: &str) -> (Cow<'_, str>, bool) {
    let rest = rest.trim_end();
    let opens = |text: &str| text.is_empty() || text.ends_with([' ', '\t']);
    if let Some(before) = rest.strip_suffix('{').filter(|before| opens(before)) {
        return (before.into(), true);
    }
    match rest.split_once("{ #") {
        Some((before, after)) if opens(before) => (format!("{before}#{after}").into(), true),
        _ => (rest.into(), false),
    }
}

pub(super) type Described = (String, Option<(String, String)>, Option<u64>);

/// Splits a description from its directive and from the time that some writers add.
pub(super) fn describe(rest: &str) -> Described {
    let rest = rest.trim();
    let rest = rest
        .strip_prefix("- ")
        .unwrap_or(if rest == "-" { "" } else { rest });
    let (mut name, mut directive, mut duration) = (rest, None, None);
    let mut from = 0;
    while let Some(at) = rest[from..].find('#').map(|at| at + from) {
        from = at + 1;
        let before = &rest[..at];
        let escaped = before.len() - before.trim_end_matches('\\').len();
        let spaced = at == 0 || before.ends_with([' ', '\t']);
        if escaped % 2 == 1 || !spaced {
            continue;
        }
        let said = rest[at + 1..].trim();
        let lower = said.get(..4).unwrap_or_default().to_ascii_lowercase();
        if lower == "skip" || lower == "todo" {
            let end = said.find([' ', '\t']).unwrap_or(said.len());
            let reason = unescaped(said[end..].trim());
            directive.get_or_insert((lower, reason));
        } else if let Some(time) = said.strip_prefix("time=") {
            duration = milliseconds(time.split_whitespace().next().unwrap_or_default());
        } else {
            continue;
        }
        name = if name.len() > at { before } else { name };
    }
    (unescaped(name.trim()), directive, duration)
}

fn milliseconds(text: &str) -> Option<u64> {
    let (number, factor) = match text.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (text.strip_suffix('s')?, 1000.0),
    };
    let number: f64 = number.parse().ok().filter(|n: &f64| n.is_finite())?;
    Some((number * factor).round().max(0.0) as u64)
}

pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(next @ ('\\' | '#'))) => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_told_from_text() {
        assert_eq!(point("ok 1 - a"), Some((0, true, " 1 - a")));
        assert_eq!(point("    not ok"), Some((1, false, "")));
        for text in ["okay", "  ok 1", "not okay", "Ok 1"] {
            assert_eq!(point(text), None, "{text}");
        }
    }

    #[test]
    fn descriptions_end_at_their_directive() {
        let skip = |reason: &str| Some(("skip".to_owned(), reason.to_owned()));
        assert_eq!(describe(" - a # SKIP win"), ("a".into(), skip("win"), None));
        assert_eq!(
            describe("a \\# b#c # d"),
            ("a # b#c # d".into(), None, None)
        );
        assert_eq!(describe("a # time=12.6ms"), ("a".into(), None, Some(13)));
        assert_eq!(
            describe("a # time=2s # skipped: x"),
            ("a".into(), skip("x"), Some(2000))
        );
        assert_eq!(describe("-"), (String::new(), None, None));
        assert_eq!(number(" 12 - a"), (Some(12), " - a"));
        for text in ["- a # time=3ms {", "- a { # time=3ms"] {
            let (rest, opens) = brace(text);
            assert_eq!(describe(&rest), ("a".into(), None, Some(3)));
            assert!(opens);
        }
        assert_eq!(brace("- f{"), ("- f{".into(), false));
        assert_eq!(number(" 12a"), (None, "12a"));
    }
}
