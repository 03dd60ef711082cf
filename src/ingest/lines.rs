//! Formats that have one event a line.

use std::io::{self, BufRead, Read};

use serde_json::Value;

use super::decode::Decoded;
use super::gather::{Gather, Stop};
use super::{json, limits};
use crate::base::text;

/// Bytes of one line that are kept.
const LINE: usize = limits::TEXT;

/// Visits all lines of a file, without their ends; says of the last whether it has one. Returns how
/// many characters were replaced, and how many bytes of long lines were left out.
pub(super) fn each<'a>(
    gather: &mut Gather<'a>,
    mut visit: impl FnMut(&mut Gather<'a>, &str) -> Result<(), Stop>,
) -> Result<(u64, u64), Stop> {
    let mut input = Decoded::plain(gather.open()?)?;
    let mut line = Vec::new();
    let (mut elided, mut number) = (0, 0_u64);
    while let Some(cut) = next_line(&mut input, &mut line)? {
        (elided, number) = (elided + cut, number + 1);
        if cut >= limits::ENDLESS {
            let bound = text::bytes(limits::ENDLESS);
            gather.fault(format!(
                "line {number} is longer than {bound}; nothing from there on is read"
            ));
            break;
        }
        let text = str::from_utf8(&line).unwrap_or_default();
        visit(gather, text.trim_end_matches('\r'))?;
    }
    gather.notes.replaced_at(input.first);
    Ok((input.replaced, elided))
}

/// Reads the next line as far as it is kept; returns how many bytes are not, `None` at the end. One that
/// does not end is given up where [`limits::ENDLESS`] bytes are not kept.
fn next_line<R: Read>(input: &mut Decoded<R>, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
    line.clear();
    let mut cut = 0;
    let mut any = false;
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
        if end.is_some() || cut >= limits::ENDLESS {
            break;
        }
    }
    while str::from_utf8(line).is_err() {
        line.pop();
    }
    Ok(any.then_some(cut))
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
pub(super) fn settle(gather: &mut Gather<'_>, (replaced, elided): (u64, u64)) {
    gather.replaced += replaced;
    gather.notes.add_many(super::notes::ELIDED, elided, "");
}
