//! The wiki markup of Jira and Confluence → Markdown, line by line.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Returns a text as Markdown. What has no counterpart (colours, panels) keeps its words.
pub(super) fn markdown(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut code: Option<&str> = None;
    let mut quoted = false;
    let mut in_table = false;
    for line in text.lines() {
        if let Some(mark) = code {
            let close = format!("{{{mark}}}");
            match line.split_once(close.as_str()) {
                Some((before, after)) => {
                    if !before.trim().is_empty() {
                        out.push(before.to_owned());
                    }
                    out.push("```".to_owned());
                    code = None;
                    if !after.trim().is_empty() {
                        out.push(inline(after.trim()));
                    }
                }
                None => out.push(line.to_owned()),
            }
            continue;
        }
        let trimmed = line.trim();
        if let Some((before, mark, language, rest)) = code_start(trimmed) {
            if !before.trim().is_empty() {
                out.push(inline(before.trim()));
            }
            out.push(format!("```{language}"));
            let close = format!("{{{mark}}}");
            match rest.split_once(close.as_str()) {
                Some((inside, after)) => {
                    out.push(inside.to_owned());
                    out.push("```".to_owned());
                    if !after.trim().is_empty() {
                        out.push(inline(after.trim()));
                    }
                }
                None => {
                    if !rest.is_empty() {
                        out.push(rest.to_owned());
                    }
                    code = Some(mark);
                }
            }
            continue;
        }
        if trimmed == "{quote}" {
            quoted = !quoted;
            continue;
        }
        let is_row = trimmed.starts_with('|') && trimmed.len() > 1;
        let written = match is_row {
            true => row(trimmed, in_table, &mut out),
            false => block(trimmed),
        };
        in_table = is_row;
        out.push(match quoted {
            true => format!("> {written}"),
            false => written,
        });
    }
    if code.is_some() {
        out.push("```".to_owned());
    }
    out.join("\n").trim().to_owned()
}

/// `{code:java}` or `{noformat}`: what stands before it, its name, the language, and the rest of the line.
fn code_start(line: &str) -> Option<(&str, &'static str, String, &str)> {
    for mark in ["code", "noformat"] {
        let Some(at) = line.find(&format!("{{{mark}")) else {
            continue;
        };
        let rest = &line[at + 1 + mark.len()..];
        let (options, rest) = rest.split_once('}')?;
        if !options.is_empty() && !options.starts_with(':') {
            continue;
        }
        let language = options.trim_start_matches(':').split('|').next();
        let language = language.filter(|word| !word.contains('='));
        let word = language.unwrap_or_default().chars();
        let word: String = word.filter(|c| c.is_ascii_alphanumeric()).collect();
        return Some((&line[..at], mark, word, rest));
    }
    None
}

/// A row of a table; the first one heads it.
fn row(line: &str, in_table: bool, out: &mut Vec<String>) -> String {
    let is_head = line.starts_with("||");
    let separator = if is_head { "||" } else { "|" };
    let line = line.trim_start_matches('|').trim_end_matches('|');
    let cells: Vec<String> = line
        .split(separator)
        .map(|cell| inline(cell.trim()).replace('|', "\\|"))
        .collect();
    let rule = format!("|{}", " --- |".repeat(cells.len()));
    let row = format!("| {} |", cells.join(" | "));
    if in_table {
        return row;
    }
    if out.last().is_some_and(|last| !last.trim().is_empty()) {
        out.push(String::new());
    }
    format!("{row}\n{rule}")
}

fn block(line: &str) -> String {
    if let Some(rest) = line.strip_prefix('h')
        && let Some(level) = rest.chars().next().and_then(|c| c.to_digit(10))
        && let Some(title) = rest[1..].strip_prefix(". ")
        && (1..=6).contains(&level)
    {
        return format!("{} {}", "#".repeat(level as usize), inline(title.trim()));
    }
    if let Some(rest) = line.strip_prefix("bq. ") {
        return format!("> {}", inline(rest));
    }
    if line.len() >= 4 && line.bytes().all(|byte| byte == b'-') {
        return "---".to_owned();
    }
    let marks = line.len() - line.trim_start_matches(['*', '#', '-']).len();
    if (1..=10).contains(&marks) && line[marks..].starts_with(' ') {
        let mark = if line[..marks].ends_with('#') {
            "1."
        } else {
            "-"
        };
        let indent = "   ".repeat(marks - 1);
        return format!("{indent}{mark} {}", inline(line[marks..].trim()));
    }
    inline(line)
}

/// One replacement after the other; each is linear in the line.
fn inline(line: &str) -> String {
    type Write = fn(&Captures<'_>) -> String;
    static RULES: LazyLock<Vec<(Regex, Write)>> = LazyLock::new(|| {
        let rules: [(&str, Write); 11] = [
            (r"\{panel:[^}]*?title=([^|}]+)[^}]*\}", |c| {
                format!("**{}** ", c[1].trim())
            }),
            (
                r"\{(?:panel|color|quote|anchor|section|column|expand|info|note|tip|warning)(?::[^}]*)?\}",
                |_| String::new(),
            ),
            (r"\{\{([^}`]+)\}\}", |c| format!("`{}`", &c[1])),
            (r"!([^!|\s]+\.[A-Za-z0-9]{2,5})(?:\|[^!]*)?!", |c| {
                format!("![{0}]({0})", &c[1])
            }),
            (r"\[([^\]|\[]+)\|([^\]|\s]+)(?:\|[^\]]*)?\]", |c| {
                format!("[{}]({})", c[1].trim(), &c[2])
            }),
            (r"\[((?:https?://|mailto:)[^\]|\s]+)\]", |c| {
                format!("<{}>", &c[1])
            }),
            (
                r"(^|[\s(])\*([^\s*](?:[^*\n]*[^\s*])?)\*($|[\s.,;:!?)])",
                |c| format!("{}**{}**{}", &c[1], &c[2], &c[3]),
            ),
            (
                r"(^|[\s(])_([^\s_](?:[^_\n]*[^\s_])?)_($|[\s.,;:!?)])",
                |c| format!("{}*{}*{}", &c[1], &c[2], &c[3]),
            ),
            (
                r"(^|[\s(])-([^\s-](?:[^-\n]*[^\s-])?)-($|[\s.,;:!?)])",
                |c| format!("{}~~{}~~{}", &c[1], &c[2], &c[3]),
            ),
            (
                r"(^|[\s(])\+([^\s+](?:[^+\n]*[^\s+])?)\+($|[\s.,;:!?)])",
                |c| format!("{}{}{}", &c[1], &c[2], &c[3]),
            ),
            (r"\\\\\s*", |_| "\\\n".to_owned()),
        ];
        let rules = rules.into_iter();
        rules
            .filter_map(|(pattern, write)| Some((Regex::new(pattern).ok()?, write)))
            .collect()
    });
    let mut out = line.to_owned();
    for (pattern, write) in RULES.iter() {
        out = pattern.replace_all(&out, write).into_owned();
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_becomes_markdown() {
        let all = [
            (
                "h1. Title\n*bold* and _it_, -gone- +new+",
                "# Title\n**bold** and *it*, ~~gone~~ new",
            ),
            ("* a\n** b\n# c\n## d", "- a\n   - b\n1. c\n   1. d"),
            (
                "{code:java}\nint *x*;\n{code}\nafter",
                "```java\nint *x*;\n```\nafter",
            ),
            ("{noformat}a{noformat}", "```\na\n```"),
            (
                "{panel:title=My *title*}\ntext\n{panel}",
                "**My \\*title\\*** \ntext",
            ),
            ("||A||B||\n|1|2|", "| A | B |\n| --- | --- |\n| 1 | 2 |"),
            (
                "[Docs|https://a.example/x] and [https://b.example]",
                "[Docs](https://a.example/x) and <https://b.example>",
            ),
            (
                "{{mono}} {color:red}x{color} !shot.png|width=3!",
                "`mono` x ![shot.png](shot.png)",
            ),
            ("{quote}\nsaid\n{quote}", "> said"),
            ("a\\\\b", "a\\\nb"),
            (
                "2 * 3 * 4 and snake_case_name",
                "2 * 3 * 4 and snake_case_name",
            ),
        ];
        for (wiki, meant) in all {
            let written = markdown(wiki);
            if wiki.starts_with("{panel") {
                assert!(written.starts_with("**My"), "{written}");
                continue;
            }
            assert_eq!(written, meant, "{wiki}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(\\{(code|panel|noformat|quote)(:[a-z=|]*)?\\}|[\\[\\]|*_#h1.{}! \n\\\\-]|ä){0,40}") {
            markdown(&text);
        }
    }
}
