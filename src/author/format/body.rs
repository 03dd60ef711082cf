//! The text below the front matter: one blank line before it, steps written `1.`, one line end behind it.

use crate::store::written::{Body, Piece, PieceKind};

pub(super) fn formatted(text: &str) -> String {
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
                steps.pieces.iter().for_each(|piece| write(piece, &mut out));
                out.push_str(steps.after);
            }
            None => out.push_str(section.text),
        }
    }
    out.push_str(body.tail);
    out
}

fn write(piece: &Piece<'_>, out: &mut String) {
    out.push_str(piece.lead);
    match piece.kind {
        PieceKind::Step => out.push_str(&marker(piece.marker)),
        PieceKind::Expected | PieceKind::Data | PieceKind::Note => out.push_str(piece.marker),
    }
    out.push_str(piece.own);
    piece.below.iter().for_each(|piece| write(piece, out));
}

/// A number becomes 1; a longer one leaves blanks behind, so that what hangs on its column stays.
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
    let (point, rest) = sign.split_at(sign.len().min(1));
    let blanks = " ".repeat(digits - 1);
    let blanks = if rest.is_empty() {
        String::new()
    } else {
        blanks
    };
    format!("{}1{point}{blanks}{rest}", &written[..indent])
}

/// A word, or `1.` for the number of a step.
pub(super) fn unnumbered(word: &str) -> &str {
    let digits = word.trim_end_matches('.');
    let is_number = digits.len() + 1 == word.len() && !digits.is_empty();
    match is_number && digits.bytes().all(|b| b.is_ascii_digit()) {
        true => "1.",
        false => word,
    }
}
