//! Annotations of GitHub Actions. Source: "Workflow commands for GitHub Actions".

use std::fmt::Write as _;

use super::View;
use super::item::{Item, Level};
use crate::base::text::{list, plural, sanitize_line, thousands};

/// Annotations of one level that GitHub shows of a step; the others stand in the log alone.
/// Source: <https://github.com/actions/toolkit/pull/734>.
const SHOWN: usize = 10;

/// Renders one workflow command an item.
pub fn github(items: &[Item]) -> View {
    let mut out = String::new();
    for item in items {
        let _ = write!(out, "::{} file={}", word(item.level), property(&item.path));
        if let Some((start, end)) = item.range {
            let _ = write!(out, ",line={},col={}", start.line, start.column);
            let _ = write!(out, ",endLine={}", end.line);
            if start.line == end.line && end.column > start.column {
                let _ = write!(out, ",endColumn={}", end.column);
            }
        }
        let title = property(&item.title());
        let _ = write!(out, ",title={title}::{}", data(&item.message));
        if let Some(help) = &item.help {
            let _ = write!(out, "%0Ahelp: {}", data(help));
        }
        out.push('\n');
    }
    View {
        text: out,
        left_out: left_out(items),
    }
}

/// Says how many annotations are shown in the log alone.
fn left_out(items: &[Item]) -> Option<String> {
    let mut more = Vec::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        let n = items.iter().filter(|item| item.level == level).count();
        if n > SHOWN {
            let n = (n - SHOWN) as u64;
            more.push(format!("{} {}", thousands(n), plural(n, word(level))));
        }
    }
    let more = (!more.is_empty()).then(|| list(&more, "and"))?;
    Some(format!(
        "GitHub shows {SHOWN} annotations of each kind of a step; and {more} more, in the log alone"
    ))
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    }
}

/// Renders one workflow command that belongs to no file: an annotation with a title and lines.
pub fn workflow_command(severity: &str, title: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| data(line)).collect();
    format!(
        "::{severity} title={}::{}\n",
        property(title),
        lines.join("%0A")
    )
}

/// Escapes a message, which no line break and no command of its own may leave.
fn data(text: &str) -> String {
    sanitize_line(text).replace('%', "%25")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::item::tests::item;
    use crate::diag::render::items;
    use crate::diag::{Code, Finding, Sources, Span};

    #[test]
    fn commands_cannot_be_smuggled_in() {
        let code = Code {
            id: "TB0100",
            name: "sample",
        };
        let mut sources = Sources::default();
        sources.insert("a,b.md", "one\ntwo\n".into());
        let findings = [
            Finding::error(code, "a,b.md", "100% wrong\n::error::x").at(Span::new(4, 7)),
            Finding::warning(code, "c.md", "gone").help("add it"),
        ];
        let view = github(&items(&findings, &sources, "qa"));
        assert_eq!(
            view.text,
            "::error file=qa/a%2Cb.md,line=2,col=1,endLine=2,endColumn=4,title=TB0100 sample\
             ::100%25 wrong ::error::x\n\
             ::warning file=qa/c.md,title=TB0100 sample::gone%0Ahelp: add it\n"
        );
        assert_eq!(view.left_out, None);
    }

    #[test]
    fn what_github_drops_is_counted() {
        let mut many: Vec<Item> = (0..13)
            .map(|n| item(Level::Error, Some(n), "wrong"))
            .collect();
        many.extend((0..10).map(|n| item(Level::Warning, Some(n), "odd")));
        many.extend((0..11).map(|n| item(Level::Note, None, &n.to_string())));
        let view = github(&many);
        assert_eq!(view.text.lines().count(), 34);
        assert_eq!(
            view.left_out.as_deref(),
            Some(
                "GitHub shows 10 annotations of each kind of a step; \
                 and 3 errors and 1 notice more, in the log alone"
            )
        );
    }
}
