//! Lines that a tester types, or that a pipe brings: bounded, and of any bytes.

use std::io::{self, BufRead, Read as _};

/// The longest line, in bytes; what is longer belongs into a file.
pub(super) const LONGEST: u64 = 64 * 1024;

/// One line of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// What was typed, and whether some of it is no UTF-8.
    Typed(String, bool),
    /// More than [`LONGEST`]: nothing of it is kept.
    TooLong,
    /// The end of the input.
    End,
}

/// Reads the next line.
///
/// # Errors
/// The input can't be read.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Line> {
    let mut bytes = Vec::new();
    input.take(LONGEST).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(Line::End);
    }
    if bytes.len() as u64 == LONGEST && !bytes.ends_with(b"\n") && !skip_line(input)? {
        return Ok(Line::TooLong);
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Line::Typed(text, false),
        Err(error) => Line::Typed(String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
    })
}

/// Drops the rest of a line; whether there was none.
fn skip_line(input: &mut impl BufRead) -> io::Result<bool> {
    let mut is_first = true;
    loop {
        let piece = input.fill_buf()?;
        let end = piece.iter().position(|byte| *byte == b'\n');
        let (used, is_last) = match end {
            Some(at) => (at + 1, true),
            None => (piece.len(), piece.is_empty()),
        };
        if is_first && (piece.is_empty() || end == Some(0)) {
            input.consume(used);
            return Ok(true);
        }
        is_first = false;
        input.consume(used);
        if is_last {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_bytes_and_any_length_are_read() {
        let long = usize::try_from(LONGEST).expect("small");
        let mut text = b"pass\nn caf\xe9\n".to_vec();
        text.extend(vec![b'x'; long]);
        text.push(b'\n');
        text.extend(vec![b'y'; 3 * long]);
        text.extend(b"\nlast");
        let mut input = io::BufReader::with_capacity(100, text.as_slice());
        let typed = |text: &str, is_odd| Line::Typed(text.to_owned(), is_odd);
        assert_eq!(read(&mut input).expect("reads"), typed("pass\n", false));
        assert_eq!(
            read(&mut input).expect("reads"),
            typed("n caf\u{fffd}\n", true)
        );
        let whole = typed(&"x".repeat(long), false);
        assert!(
            read(&mut input).expect("reads") == whole,
            "exactly as long as may be"
        );
        assert_eq!(read(&mut input).expect("reads"), Line::TooLong);
        assert_eq!(read(&mut input).expect("reads"), typed("last", false));
        assert_eq!(read(&mut input).expect("reads"), Line::End);
    }
}
