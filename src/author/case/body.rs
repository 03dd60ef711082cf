//! The text of a new case.

use crate::base::text::{sanitize, strip_ansi};

/// Returns a case's text from what was given as its steps: a text with sections as it is, a list
/// below a heading, and of other lines one step each.
pub fn steps_body(given: &str) -> String {
    let given = given.replace("\r\n", "\n");
    let given = given.trim_start_matches('\u{feff}').trim_matches('\n');
    if given.trim().is_empty() {
        return String::new();
    }
    let has_sections = given.lines().any(|line| line.starts_with("## "));
    if has_sections {
        return format!("\n{given}\n");
    }
    let first = given.lines().find(|line| !line.trim().is_empty());
    if first.is_some_and(is_item) {
        return format!("\n## Steps\n\n{given}\n");
    }
    let lines = given.lines().map(str::trim).filter(|line| !line.is_empty());
    let steps: String = lines.map(|line| format!("1. {line}\n")).collect();
    format!("\n## Steps\n\n{steps}")
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
