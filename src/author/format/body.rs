//! The text below the front matter: one blank line before it, steps written `1.`, one line end behind it.

use crate::store::written::{Body, Piece, PieceKind};

pub(in crate::author) fn formatted(text: &str) -> String {
    let words = text.trim_start_matches('\n');
    let blank = words
        .lines()
        .take_while(|line| line.trim().is_empty())
        .count();
    let words: String = words.split_inclusive('\n').skip(blank).collect();
    let words = words.trim_end_matches(['\n', ' ', '\t']);
    if words.is_empty() {
        return String::new();
    }
    let body = format!("{words}\n");
    let out = match Body::parse(&body) {
        Some(parsed) => counted_once(&parsed),
        None => body,
    };
    format!("\n{out}")
}

/// Writes every step `1.`, so that two branches that each insert one merge.
fn counted_once(body: &Body<'_>) -> String {
    let mut out = body.intro.to_owned();
    for section in &body.sections {
        out.push_str(section.lead);
        out.push_str(section.heading);
        match &section.steps {
            Some(steps) => {
                out.push_str(steps.before);
                for piece in &steps.pieces {
                    out.push_str(piece.lead);
                    out.push_str(&written(piece));
                }
                out.push_str(steps.after);
            }
            None => out.push_str(section.text),
        }
    }
    out.push_str(body.tail);
    out
}

/// Returns a piece without the blank lines before it. What is below it begins where its own text does.
fn written(piece: &Piece<'_>) -> String {
    let marker = match piece.kind {
        PieceKind::Step => marker(piece.marker),
        PieceKind::Expected | PieceKind::Data | PieceKind::Note => piece.marker.to_owned(),
    };
    let column = marker.len() + usize::from(!marker.ends_with(' '));
    let mut out = marker + piece.own;
    for below in &piece.below {
        out.push_str(below.lead);
        let text = written(below);
        match below.marker.trim().is_empty() {
            true => out.push_str(&text),
            false => out.push_str(&moved(&text, column)),
        }
    }
    out
}

/// Moves an item that stands deeper than it need to the left, with all its lines. One whose lines can't
/// all be moved stays.
fn moved(text: &str, column: usize) -> String {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let blanks = " ".repeat(indent.saturating_sub(column));
    let is_blank = |line: &str| line.trim().is_empty();
    let lines = || text.split_inclusive('\n');
    let fits = lines().all(|line| is_blank(line) || line.starts_with(&blanks));
    if blanks.is_empty() || !fits {
        return text.to_owned();
    }
    lines()
        .map(|line| line.strip_prefix(&blanks).unwrap_or(line))
        .collect()
}

/// A number becomes `1.`; a longer one leaves blanks behind, so that what hangs on its column stays.
fn marker(written: &str) -> String {
    let digits = written
        .trim_start()
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    let indent = written.len() - written.trim_start().len();
    if digits == 0 {
        return written.to_owned();
    }
    let sign = &written[indent + digits..];
    let (_, rest) = sign.split_at(sign.len().min(1));
    let blanks = " ".repeat(digits - 1);
    let blanks = if rest.is_empty() {
        String::new()
    } else {
        blanks
    };
    format!("{}1.{blanks}{rest}", &written[..indent])
}

/// A word, or `1.` for the number of a step.
pub(super) fn unnumbered(word: &str) -> &str {
    let digits = word.trim_end_matches(['.', ')']);
    let is_number = digits.len() + 1 == word.len() && !digits.is_empty();
    match is_number && digits.bytes().all(|b| b.is_ascii_digit()) {
        true => "1.",
        false => word,
    }
}
