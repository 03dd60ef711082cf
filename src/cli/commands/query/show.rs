//! Answers of a query as tables, JSON and CSV.

use serde::Serialize;
use serde_json::Value as Json;

use crate::base::text;
use crate::cli::table::table;
use crate::diag::Span;
use crate::exchange;
use crate::query::{Problem, Schema};

/// What fits, in the query's order.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) header: Vec<String>,
    /// As people see them; as many cells as the header has.
    pub(super) rows: Vec<Vec<String>>,
    /// As programs see them.
    pub(super) json: Vec<Json>,
    /// Pointers into the objects: the columns for spreadsheets.
    pub(super) columns: Vec<String>,
    /// How many fit.
    pub(super) fitting: u64,
    /// How many subjects were asked.
    pub(super) among: u64,
    /// What the query speaks of and none of them has.
    pub(super) strangers: Vec<Problem>,
}

/// How many characters are shown of a line before a place, and from it on.
const AROUND: usize = 100;

/// Returns the line of a query that a place is in, and the marks below it; of a long line what is around
/// the place.
pub(super) fn marked(query: &str, span: Span) -> (String, String) {
    let start = (0..=span.start.min(query.len()))
        .rev()
        .find(|at| query.is_char_boundary(*at));
    let start = start.unwrap_or(0);
    let line_start = query[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = query[line_start..].lines().next().unwrap_or_default();
    let end = span.end.min(line_start + line.len()).max(start);
    let inside = query.get(start..end).unwrap_or_default();
    let marks = text::width(&text::truncate(&visible(inside), AROUND)).max(1);
    let before = tail(&visible(&query[line_start..start]));
    let after = text::truncate(
        &visible(line.get(start - line_start..).unwrap_or_default()),
        AROUND,
    );
    let mark = format!("{}{}", " ".repeat(text::width(&before)), "^".repeat(marks));
    (before + &after, mark)
}

/// Returns the end of a text that is longer than what is shown.
fn tail(text: &str) -> String {
    match text.char_indices().rev().nth(AROUND - 1) {
        Some((at, _)) if at > 0 => format!("…{}", &text[at..]),
        _ => text.to_owned(),
    }
}

/// Makes a text safe to show, one character for one.
fn visible(text: &str) -> String {
    let shown = |(_, c, is_unsafe): (usize, char, bool)| match is_unsafe || c.is_control() {
        true => ' ',
        false => c,
    };
    text::unsafe_to_show(text).map(shown).collect()
}

pub(super) fn json<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string_pretty(rows).expect("an answer is plain data") + "\n"
}

/// Writes the objects as a table for spreadsheets: one column a pointer.
pub(super) fn csv(answer: &Answer) -> String {
    exchange::table_of(&answer.columns, &answer.json)
}

/// Renders what can be asked of a kind of subject.
pub(super) fn fields(schema: &Schema, columns: Option<usize>) -> String {
    let header = ["field", "holds", "what it says"].map(str::to_owned);
    let rows: Vec<Vec<String>> = schema
        .rows()
        .into_iter()
        .map(|row| vec![row.written, row.holds, row.about.to_owned()])
        .collect();
    table(&header, &rows, columns) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_line_what_is_around_the_place_is_shown() {
        let query = format!(
            "{}stauts = 1 or {}",
            "a = 1 or ".repeat(50),
            "b = 1 or ".repeat(5000)
        );
        let start = query.find("stauts").expect("it is there");
        let (line, mark) = marked(&query, Span::new(start, start + 6));
        assert!(line.starts_with('…') && line.ends_with('…') && line.chars().count() == 201);
        let at = mark.find('^').expect("a mark");
        let shown: String = line.chars().skip(at).take(mark.len() - at).collect();
        assert_eq!(shown, "stauts");
        let (line, mark) = marked(&query, Span::new(0, query.len()));
        assert!(line.chars().count() <= 100 && mark.len() <= 100);
    }

    #[test]
    fn marks_stand_below_what_is_wrong() {
        let at = |query: &str, word: &str| {
            let start = query.find(word).expect("it has the word");
            let (line, mark) = marked(query, Span::new(start, start + word.len()));
            format!("{line}\n{mark}")
        };
        assert_eq!(at("status = (failed", "("), "status = (failed\n         ^");
        assert_eq!(at("a = 1\n  and b = 2", "b"), "  and b = 2\n      ^");
        assert_eq!(at("名 = x and y", "x"), "名 = x and y\n     ^");
        let (line, mark) = marked("a = ", Span::new(4, 4));
        assert_eq!((line.as_str(), mark.as_str()), ("a = ", "    ^"));
    }
}
