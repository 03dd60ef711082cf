//! Texts of other tools as Markdown.

use std::sync::LazyLock;

use regex::Regex;

use super::{html, wiki};

/// What texts are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// Whatever each text looks like: HTML, Jira's markup, else Markdown.
    Auto,
    Markdown,
    Html,
    /// The wiki markup of Jira and Confluence.
    Jira,
    /// Words and nothing else.
    Plain,
}

/// The longest text that is converted; a longer one is taken as it is and cut later, in bytes.
const LONGEST: usize = 1 << 20;

/// Returns a text as Markdown; what it has that is no text is added to `left_out`, as `images`.
pub(super) fn markdown(text: &str, markup: Markup, left_out: &mut Vec<&'static str>) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.len() > LONGEST || text.trim().is_empty() {
        return text;
    }
    let markup = match markup {
        Markup::Auto if is_html(&text) => Markup::Html,
        Markup::Auto if is_wiki(&text) => Markup::Jira,
        other => other,
    };
    match markup {
        Markup::Html => html::markdown(&text, left_out),
        Markup::Jira => wiki::markdown(&text),
        Markup::Plain => broken(&escaped(&text)),
        Markup::Markdown => text,
        Markup::Auto => broken(&tables(&text)),
    }
}

fn is_html(text: &str) -> bool {
    static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)</?(p|br|div|span|b|strong|i|em|u|ul|ol|li|table|tr|td|th|tbody|thead|h[1-6]|pre|code|a|img|blockquote|font)(\s[^<>]*)?/?>|&(nbsp|amp|lt|gt|quot|#\d+);",
        )
        .ok()
    });
    TAGS.as_ref().is_some_and(|tags| tags.is_match(text))
}

fn is_wiki(text: &str) -> bool {
    static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?m)^h[1-6]\. |\{(panel|code|noformat|quote|color)(:[^}\n]*)?\}|^\|\||\[[^\]|\n]+\|https?://[^\]\n]+\]|\{\{[^}\n]+\}\}",
        )
        .ok()
    });
    MARKS
        .as_ref()
        .is_some_and(|marks| marks.is_match(text) && !text.starts_with("|||:"))
}

/// TestRail's tables: `|||:Name|:Value` and rows `||a|b`.
fn tables(text: &str) -> String {
    if !text.lines().any(|line| line.starts_with("||")) {
        return text.to_owned();
    }
    let mut out: Vec<String> = Vec::new();
    let mut in_table = false;
    for line in text.lines() {
        let Some(row) = line.strip_prefix("||") else {
            in_table = false;
            out.push(line.to_owned());
            continue;
        };
        let row = row.strip_prefix('|').unwrap_or(row);
        let cells = row.trim_end_matches('|').split('|');
        let cells: Vec<&str> = cells
            .map(|cell| cell.trim().trim_matches(':').trim())
            .collect();
        out.push(format!("| {} |", cells.join(" | ")));
        if !in_table {
            out.push(format!("|{}", " --- |".repeat(cells.len())));
        }
        in_table = true;
    }
    out.join("\n")
}

/// Words that Markdown would take for markup, escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at_start = true;
    for c in text.chars() {
        let is_special = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '|')
            || at_start && matches!(c, '#' | '>' | '+' | '=' | '~');
        if is_special {
            out.push('\\');
        }
        out.push(c);
        at_start = c == '\n' || at_start && c == ' ';
    }
    out
}

/// A text whose lines stay lines: Markdown would make one paragraph of them.
fn broken(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let has_code = lines
        .iter()
        .any(|line| line.trim_start().starts_with("```"));
    let is_words = |line: &str| {
        let first = line.chars().next();
        let is_block = super::steps::items(line).is_some();
        !is_block && first.is_some_and(|c| !matches!(c, ' ' | '\t' | '|' | '#' | '>' | '=' | '-'))
    };
    let mut out = String::with_capacity(text.len() + 16);
    for (n, line) in lines.iter().enumerate() {
        out.push_str(line.trim_end_matches(' '));
        let next = lines.get(n + 1).is_some_and(|next| is_words(next));
        if next && is_words(line) && !has_code && !line.ends_with('\\') {
            out.push('\\');
        }
        if n + 1 < lines.len() {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(text: &str) -> String {
        markdown(text, Markup::Auto, &mut Vec::new())
    }

    #[test]
    fn texts_are_recognised() {
        assert_eq!(auto("<p>a <b>b</b></p>"), "a **b**");
        assert_eq!(auto("h2. Title\n*bold*"), "## Title\n**bold**");
        assert_eq!(auto("*a* is **b**"), "*a* is **b**");
        assert_eq!(auto("one\ntwo\n\n- a\n- b"), "one\\\ntwo\n\n- a\n- b");
        assert_eq!(auto("if a < b and b > c"), "if a < b and b > c");
        assert_eq!(
            auto("|||:Name|:Age\n||Ann|7"),
            "| Name | Age |\n| --- | --- |\n| Ann | 7 |"
        );
        let plain = |text| markdown(text, Markup::Plain, &mut Vec::new());
        assert_eq!(plain("# a *b*\n<c>"), "\\# a \\*b\\*\\\n\\<c>");
    }
}
