//! Words in lines of so many columns, those that changed marked.

use anstyle::{AnsiColor, Style};

use super::diff::{Mark, Words};
use crate::base::text::{line, width};

/// A word with how it is shown.
#[derive(Clone, Debug)]
struct Word {
    text: String,
    mark: Mark,
}

/// Lines of one cell, each with the columns that it takes.
pub(super) type Lines = Vec<(String, usize)>;

/// Wraps words. With colour, those that went are red and those that came green; without it they stand in
/// `[-` `-]` and `{+` `+}`, as git writes them.
pub(super) fn wrap(words: &Words, columns: usize, color: bool) -> Lines {
    let columns = columns.max(4);
    let mut out: Lines = Vec::new();
    let (mut text, mut used) = (String::new(), 0);
    for word in split(words, color) {
        for piece in pieces(&word.text, columns) {
            let wide = width(&piece);
            if used > 0 && used + 1 + wide > columns {
                out.push((std::mem::take(&mut text), used));
                used = 0;
            }
            if used > 0 {
                text.push(' ');
                used += 1;
            }
            text.push_str(&painted(&piece, word.mark, color));
            used += wide;
        }
    }
    if used > 0 {
        out.push((text, used));
    }
    out
}

/// Wraps a sentence, without marks.
pub(super) fn sentence(text: &str, columns: usize) -> Vec<String> {
    let words = vec![(Mark::Same, text.to_owned())];
    let lines = wrap(&words, columns, false).into_iter();
    lines.map(|(text, _)| text).collect()
}

fn split(words: &Words, color: bool) -> Vec<Word> {
    let mut out = Vec::new();
    for (mark, run) in words {
        let run = line(run, usize::MAX / 8);
        let (open, close) = match mark {
            Mark::Gone if !color => ("[-", "-]"),
            Mark::Come if !color => ("{+", "+}"),
            _ => ("", ""),
        };
        let marked = format!("{open}{run}{close}");
        out.extend(marked.split_whitespace().map(|text| Word {
            text: text.to_owned(),
            mark: *mark,
        }));
    }
    out
}

/// Cuts a word that is longer than a line.
fn pieces(word: &str, columns: usize) -> Vec<String> {
    if width(word) <= columns {
        return vec![word.to_owned()];
    }
    let mut out = vec![String::new()];
    let mut used = 0;
    for c in word.chars() {
        let wide = width(c.encode_utf8(&mut [0; 4]));
        if used + wide > columns {
            out.push(String::new());
            used = 0;
        }
        used += wide;
        out.last_mut().expect("there is one").push(c);
    }
    out
}

fn painted(text: &str, mark: Mark, color: bool) -> String {
    let style = match mark {
        Mark::Gone => AnsiColor::Red.on_default().strikethrough(),
        Mark::Come => AnsiColor::Green.on_default().bold(),
        Mark::Same => return text.to_owned(),
    };
    paint(style, text, color)
}

pub(super) fn paint(style: Style, text: &str, color: bool) -> String {
    match color {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_take_no_more_than_their_columns() {
        let words = vec![
            (Mark::Same, "the page asks for".to_owned()),
            (Mark::Gone, "a new password".to_owned()),
            (Mark::Come, "日本語日本語日本語".to_owned()),
        ];
        let plain: Vec<String> = wrap(&words, 12, false).into_iter().map(|l| l.0).collect();
        let expected = [
            "the page",
            "asks for [-a",
            "new",
            "password-]",
            "{+日本語日本",
            "語日本語+}",
        ];
        assert_eq!(plain, expected);
        for (text, used) in wrap(&words, 12, true) {
            assert!(
                used <= 12 && text.contains("\u{1b}[") == (text != "the page"),
                "{text}"
            );
        }
    }
}
