//! Formats that have one event a line.

use std::io::{self, BufRead, Read};

use serde_json::Value;

use super::decode::Decoded;
use super::gather::{Gather, Stop};
use super::{json, limits};
use crate::base::text;

/// Bytes of one line that are kept.
const LINE: usize = limits::TEXT;

/// What a file's lines were, as text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Characters that were replaced.
    replaced: u64,
    /// Bytes of long lines that were left out.
    elided: u64,
    /// The last line has an end: it was written whole.
    pub(super) is_ended: bool,
}

/// Visits all lines of a file, without their ends and without the times that CI puts before each.
pub(super) fn each<'a>(
    gather: &mut Gather<'a>,
    mut visit: impl FnMut(&mut Gather<'a>, &str) -> Result<(), Stop>,
) -> Result<Seen, Stop> {
    let mut input = Decoded::plain(gather.open()?)?;
    let mut line = Vec::new();
    let (mut elided, mut number) = (0, 0_u64);
    let (mut is_ended, mut stamps, mut nul) = (true, Stamps::default(), None);
    while let Some((cut, ended)) = next_line(&mut input, &mut line)? {
        (elided, number, is_ended) = (elided + cut, number + 1, ended);
        if cut >= limits::ENDLESS {
            let bound = text::bytes(limits::ENDLESS);
            gather.fault(format!(
                "line {number} is longer than {bound}; nothing from there on is read"
            ));
            break;
        }
        let text = str::from_utf8(&line).unwrap_or_default();
        let said = text.trim_start_matches('\0');
        if said.len() < text.len() {
            nul.get_or_insert(number);
        }
        visit(gather, stamps.off(said.trim_end_matches('\r')))?;
    }
    gather.notes.replaced_at(input.first);
    if let Some(nul) = nul {
        gather.fault(format!(
            "line {nul} begins with NUL bytes, as a file does of which a part was never written"
        ));
    }
    Ok(Seen {
        replaced: input.replaced,
        elided,
        is_ended,
    })
}

/// Takes off the times that CI puts before each line of a log.
#[derive(Debug, Default)]
struct Stamps {
    /// The first line that says anything has one; unknown before.
    all: Option<bool>,
}

impl Stamps {
    fn off<'l>(&mut self, line: &'l str) -> &'l str {
        let rest = unstamped(line);
        if self.all.is_none() && !line.trim().is_empty() {
            self.all = Some(rest.is_some());
        }
        match rest {
            Some(rest) if self.all == Some(true) || rest.starts_with('{') => rest,
            _ => line,
        }
    }
}

/// Returns what follows the time that CI put before a line: GitHub's `2026-01-02T03:04:05.1234567Z text`, GitLab's
/// `2026-01-02T03:04:05.123456Z 00O text` and Jenkins' `[2026-01-02T03:04:05.123Z] text`. None where there is no time.
pub(super) fn unstamped(line: &str) -> Option<&str> {
    let line = line.trim_start_matches('\u{feff}');
    let bare = line.strip_prefix('[');
    let (time, rest) = match bare {
        Some(bare) => bare.split_once(']')?,
        None => line.split_at(line.find(' ').unwrap_or(line.len())),
    };
    if !is_time(time) {
        return None;
    }
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let stream = rest.as_bytes();
    let is_stream = matches!(stream, [a, b, b'O' | b'E', b' ' | b'+', ..]
        if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    Some(if is_stream && bare.is_none() {
        &rest[4..]
    } else {
        rest
    })
}

/// Whether a word is a time with a zone, as `2026-01-02T03:04:05Z`.
fn is_time(word: &str) -> bool {
    let fits = |pattern: &str, text: &str| {
        pattern.len() == text.len()
            && pattern.bytes().zip(text.bytes()).all(|(p, t)| match p {
                b'0' => t.is_ascii_digit(),
                p => p == t,
            })
    };
    let Some((date, rest)) = word.split_at_checked("0000-00-00T00:00:00".len()) else {
        return false;
    };
    let zone = match rest.strip_prefix('.') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    fits("0000-00-00T00:00:00", date)
        && (zone == "Z" || fits("+00:00", zone) || fits("-00:00", zone))
}

/// Reads the next line as far as it is kept; returns how many bytes are not and whether it has an end, `None`
/// where there is none. One that does not end is given up where [`limits::ENDLESS`] bytes are not kept.
fn next_line<R: Read>(
    input: &mut Decoded<R>,
    line: &mut Vec<u8>,
) -> io::Result<Option<(u64, bool)>> {
    line.clear();
    let mut cut = 0;
    let (mut any, mut ended) = (false, false);
    loop {
        let piece = input.fill_buf()?;
        if piece.is_empty() {
            break;
        }
        any = true;
        let end = memchr::memchr(b'\n', piece);
        let text = &piece[..end.unwrap_or(piece.len())];
        let free = LINE.saturating_sub(line.len()).min(text.len());
        line.extend_from_slice(&text[..free]);
        cut += (text.len() - free) as u64;
        let used = end.map_or(piece.len(), |end| end + 1);
        input.consume(used);
        ended = end.is_some();
        if ended || cut >= limits::ENDLESS {
            break;
        }
    }
    while str::from_utf8(line).is_err() {
        line.pop();
    }
    Ok(any.then_some((cut, ended)))
}

/// What a line of such a file holds.
pub(super) enum Line {
    Event(Value),
    /// No event: what another program printed in between.
    Text,
    /// Begins like an event and can't be read as one.
    Damaged,
}

/// Reads a line as an event.
pub(super) fn event(line: &str) -> Line {
    let line = line.trim();
    if !line.starts_with('{') {
        return Line::Text;
    }
    match serde_json::from_str::<Value>(line) {
        Ok(value) => Line::Event(value),
        Err(_) => {
            let salvaged = json::salvage(line.as_bytes());
            match (salvaged.problem, salvaged.value) {
                (None, value @ Value::Object(_)) => Line::Event(value),
                _ => Line::Damaged,
            }
        }
    }
}

/// Counts and notes what was said of the text itself.
pub(super) fn settle(gather: &mut Gather<'_>, seen: Seen) {
    gather.replaced += seen.replaced;
    gather.notes.add_many(super::notes::ELIDED, seen.elided, "");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_ci_are_taken_off() {
        for stamped in [
            "2026-01-02T03:04:05.1234567Z {}",
            "\u{feff}2026-01-02T03:04:05Z {}",
            "2026-01-02T03:04:05.123456Z 00O {}",
            "2026-01-02T03:04:05.123456Z 01E+{}",
            "[2026-01-02T03:04:05.123Z] {}",
            "2026-01-02T03:04:05+02:00 {}",
        ] {
            assert_eq!(unstamped(stamped), Some("{}"), "{stamped}");
        }
        assert_eq!(unstamped("2026-01-02T03:04:05Z     ok 1"), Some("    ok 1"));
        assert_eq!(unstamped("2026-01-02T03:04:05Z"), Some(""));
        for plain in [
            "ok 1",
            "",
            "[x] {}",
            "2026-01-02 {}",
            "2026-01-02T03:04:05 {}",
            "é026-01-02T03:04:05Z {}",
        ] {
            assert_eq!(unstamped(plain), None, "{plain}");
        }
        // What only begins with a time stays where others have none, but for events.
        let mut stamps = Stamps::default();
        for (line, rest) in [
            ("ok 1", "ok 1"),
            ("2026-01-02T03:04:05Z text", "2026-01-02T03:04:05Z text"),
            ("2026-01-02T03:04:05Z {}", "{}"),
        ] {
            assert_eq!(stamps.off(line), rest);
        }
    }
}
