//! The text of a new case.

use crate::author::format::formatted_body;
use crate::base::text::{sanitize, strip_ansi};

/// Returns a case's text from what was given as its steps: a text with sections as it is, a list
/// below a heading, with numbers, and of other lines one step each, in the form that files have. A title above it is
/// the case's own.
pub fn steps_body(given: &str) -> String {
    formatted_body(&as_given(given))
}

fn as_given(given: &str) -> String {
    let given = given.replace("\r\n", "\n");
    let given = given.trim_start_matches('\u{feff}').trim_matches('\n');
    let given = match given.split_once('\n') {
        Some((title, rest)) if title.starts_with("# ") => rest.trim_matches('\n'),
        _ => given,
    };
    if given.trim().is_empty() {
        return String::new();
    }
    let has_sections = given.lines().any(|line| line.starts_with("## "));
    let first = given.lines().find(|line| !line.trim().is_empty());
    let is_list = first.is_some_and(is_item);
    let before = given.split("\n## ").next().unwrap_or_default();
    let has_steps = given.lines().any(|line| line.trim_end() == "## Steps");
    match (has_sections, is_list && !has_steps) {
        // A list above the sections is the steps.
        (true, true) => {
            let rest = &given[before.len()..];
            return format!("\n## Steps\n\n{}\n{rest}\n", numbered(before.trim_end()));
        }
        (true, false) => return format!("\n{given}\n"),
        (false, true) => return format!("\n## Steps\n\n{}\n", numbered(given)),
        (false, false) => {}
    }
    let lines = given.lines().map(str::trim).filter(|line| !line.is_empty());
    let steps: String = lines.map(|line| format!("1. {line}\n")).collect();
    format!("\n## Steps\n\n{steps}")
}

/// Returns a list with bullets as one with numbers; what belongs to an item keeps its place below it.
fn numbered(list: &str) -> String {
    let bullet = |line: &str| {
        let rest = line.strip_prefix(['-', '*', '+'])?.strip_prefix(' ')?;
        Some(rest.trim_start().to_owned())
    };
    let is_part = |line: &str| bullet(line).is_some() || line.is_empty() || line.starts_with("  ");
    if !list.lines().all(is_part) {
        return list.to_owned();
    }
    let lines = list.lines().map(|line| match bullet(line) {
        Some(words) => format!("1. {words}"),
        None if line.is_empty() => String::new(),
        // A number and its dot are one column wider than a bullet.
        None => format!(" {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a line begins an item of a list.
fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let marker = match rest.len() < line.len() {
        true => rest.strip_prefix(['.', ')']),
        false => line.strip_prefix(['-', '*', '+']),
    };
    marker.is_some_and(|rest| rest.starts_with(' '))
}

/// Returns untrusted text as paragraphs that are no markup.
pub(super) fn paragraphs(text: &str) -> String {
    let plain = strip_ansi(text).replace("\r\n", "\n").replace('\r', "\n");
    let plain = sanitize(plain.trim()).into_owned();
    let lines = plain.lines().map(|line| match line.trim() {
        "" => String::new(),
        line => escaped(line),
    });
    let mut out: Vec<String> = lines.collect();
    out.dedup_by(|a, b| a.is_empty() && b.is_empty());
    out.join("\n")
}

/// Writes a line so that Markdown takes it for words.
pub(super) fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        let is_special = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' => true,
            '#' | '-' | '+' | '=' | '~' | '!' | '&' => at == 0 || matches!(c, '!' | '&' | '~'),
            '.' | ')' => at > 0 && line[..at].bytes().all(|b| b.is_ascii_digit()),
            _ => false,
        };
        if is_special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_as_people_have_them() {
        assert_eq!(steps_body(" \n\n"), "");
        assert_eq!(
            steps_body("Open it.\r\n\r\n  Look.\n"),
            "\n## Steps\n\n1. Open it.\n1. Look.\n"
        );
        let list = "1. Open it.\n   - **Expected:** it opens.";
        assert_eq!(steps_body(list), format!("\n## Steps\n\n{list}\n"));
        let whole = "Why.\n\n## Steps\n\n1. Do.\n";
        assert_eq!(steps_body(whole), format!("\n{whole}"));
        assert_eq!(
            steps_body("# Sign in\n\n- Open it.\n  - **Expected:** it opens.\n- Look.\n"),
            "\n## Steps\n\n1. Open it.\n   - **Expected:** it opens.\n1. Look.\n"
        );
        assert_eq!(
            steps_body("1. Do.\n\n## Postconditions\n\nNone.\n"),
            "\n## Steps\n\n1. Do.\n\n## Postconditions\n\nNone.\n"
        );
        assert_eq!(
            steps_body("1) Do.\n2) Look.\n"),
            "\n## Steps\n\n1. Do.\n1. Look.\n"
        );
        assert!(is_item("- a") && is_item("12) a") && !is_item("1.5 s") && !is_item("-a"));
    }

    #[test]
    fn words_of_results_are_no_markup() {
        assert_eq!(
            paragraphs("## Steps\n\n\n1. <b>x</b> [a](b)\r\n---\n"),
            "\\## Steps\n\n1\\. \\<b\\>x\\</b\\> \\[a\\](b)\n\\---"
        );
    }
}
