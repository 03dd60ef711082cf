//! Text cut out of a body: without the indentation of the list it stands in, with LF.

use std::ops::Range;

/// Returns where an item's content starts, and the column to which its lines are indented.
///
/// An item that stands up to three columns deeper than it need begins with these blanks.
pub(super) fn content(body: &str, item: usize) -> (usize, usize) {
    let source = body[item..].trim_start_matches([' ', '\t']);
    let item = body.len() - source.len();
    let line = body[..item].rfind('\n').map_or(0, |i| i + 1);
    let digits = source.bytes().take_while(u8::is_ascii_digit).count();
    let marker = digits + usize::from(!source.is_empty());
    let spaces: &str = {
        let after = source.get(marker..).unwrap_or_default();
        &after[..after.len() - after.trim_start_matches([' ', '\t']).len()]
    };
    let column = width(&body[line..item], 0) + marker;
    let text_follows = !matches!(
        source.as_bytes().get(marker + spaces.len()),
        None | Some(b'\n' | b'\r')
    );
    let after = width(spaces, column);
    if text_follows && after - column < 5 {
        (item + marker + spaces.len(), after)
    } else {
        (item + marker, column + 1)
    }
}

/// Returns the column after some text that starts at a column; tabs reach to multiples of four.
fn width(text: &str, start: usize) -> usize {
    text.chars().fold(start, |column, c| match c {
        '\t' => column + 4 - column % 4,
        _ => column + 1,
    })
}

/// Returns the text of a range without some parts of it, each line less its indentation of at
/// most `indent` columns, with LF.
pub(super) fn rest(
    body: &str,
    range: Range<usize>,
    cuts: &[Range<usize>],
    indent: usize,
) -> String {
    let mut pieces = Vec::new();
    let mut at = range.start;
    for cut in cuts.iter().chain([&(range.end..range.end)]) {
        let piece = body.get(at..cut.start).unwrap_or_default();
        let piece = dedent(piece, at == 0 || body[..at].ends_with('\n'), indent);
        if !piece.trim().is_empty() {
            pieces.push(plain(&piece));
        }
        at = cut.end.max(at);
    }
    pieces.join("\n\n")
}

fn dedent(text: &str, from_line_start: bool, indent: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, line) in text.split_inclusive('\n').enumerate() {
        let mut line = line;
        let mut column = 0;
        while (i > 0 || from_line_start) && column < indent && line.starts_with([' ', '\t']) {
            column = width(&line[..1], column);
            line = &line[1..];
        }
        out.push_str(line);
    }
    out
}

/// Returns a text with LF, without blank lines around it and white space at its end.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_end();
    let blank = |line: &&str| line.trim().is_empty();
    let skipped: usize = text
        .split_inclusive('\n')
        .take_while(blank)
        .map(str::len)
        .sum();
    text[skipped..].to_owned()
}
