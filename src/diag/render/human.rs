//! Annotated source: the lines in question, underlined, with what to do next.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::base::text::{sanitize_line, unsafe_to_show};
use crate::diag::{Finding, Severity, Sources, Span};

/// A span over more lines than this is shown by its first line.
const MAX_LINES: usize = 6;
/// Characters of one line that are shown before and after a place in it; the rest is cut.
const MAX_SIDE: usize = 400;
/// Characters of one line that are shown of the place itself.
const MAX_MARKED: usize = 1200;

/// Renders findings as annotated source, with a blank line between them. `width` is that of the
/// terminal, in columns.
pub fn human(findings: &[Finding], sources: &Sources, color: bool, width: usize) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width);
    let mut out = String::new();
    for finding in findings {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(renderer.render(&[group(finding, sources)]).trim_end());
        out.push('\n');
    }
    out
}

fn group<'a>(finding: &'a Finding, sources: &Sources) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(sanitize_line(&finding.message))
        .id(finding.code.id);
    let mut group = Group::with_title(title);
    group = match place(finding, sources) {
        Some(snippet) => group.element(snippet),
        None => group.element(Origin::path(sanitize_line(&finding.path))),
    };
    for label in &finding.labels {
        let text = sanitize_line(&label.text);
        if let Some(window) = Window::around(sources, &label.path, label.span) {
            let mark = AnnotationKind::Context.span(window.mark.clone());
            group = group.element(window.snippet(&label.path, mark.label(text)));
        } else {
            group = group.element(Level::NOTE.message(text));
        }
    }
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(sanitize_line(help))),
        None => group,
    }
}

fn place<'a>(finding: &Finding, sources: &Sources) -> Option<Snippet<'a, Annotation<'a>>> {
    let window = Window::around(sources, &finding.path, finding.span?)?;
    let mark = AnnotationKind::Primary.span(window.mark.clone());
    Some(window.snippet(&finding.path, mark))
}

/// A few lines of a file, made safe to show, with the place in question marked.
#[derive(Debug, PartialEq)]
struct Window {
    text: String,
    /// Of its first line, from 1.
    line: usize,
    mark: Range<usize>,
}

impl Window {
    fn around(sources: &Sources, path: &str, span: Span) -> Option<Self> {
        let text = sources.get(path)?;
        (!text.is_empty()).then(|| Self::cut(text, span))
    }

    fn cut(text: &str, span: Span) -> Self {
        let start = floor_boundary(text, span.start);
        let mut end = floor_boundary(text, span.end).max(start);
        if text[start..end].matches('\n').count() > MAX_LINES {
            end = line_end(text, start);
        }
        let first = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let mut window = Self {
            text: String::new(),
            line: text[..first].matches('\n').count() + 1,
            mark: 0..0,
        };
        let mut at = first;
        for raw in text[first..line_end(text, end)].split('\n') {
            if at > first {
                window.text.push('\n');
            }
            window.add_line(raw, at, start, end);
            at += raw.len() + 1;
        }
        window
    }

    /// Adds one line of the file, which starts at byte `at`, cut to what stands near the place.
    fn add_line(&mut self, raw: &str, at: usize, start: usize, end: usize) {
        let near = |place: usize| place.clamp(at, at + raw.len()) - at;
        let from = back(raw, near(start), MAX_SIDE);
        let last = forward(raw, near(start), MAX_MARKED).min(near(end));
        let to = forward(raw, last, MAX_SIDE);
        for (i, c, is_unsafe) in unsafe_to_show(&raw[from..to]) {
            self.mark_at(at + from + i, start, end);
            if is_unsafe && c != '\t' && c != '\r' {
                self.text.extend(c.escape_unicode());
            } else if c != '\r' {
                self.text.push(c);
            }
        }
        self.mark_at(at + to, start, end);
    }

    /// Moves the mark to the text's end where the file's offset is still inside the place.
    fn mark_at(&mut self, offset: usize, start: usize, end: usize) {
        if offset <= start {
            self.mark.start = self.text.len();
        }
        if offset <= end {
            self.mark.end = self.text.len();
        }
    }

    fn snippet<'a>(self, path: &str, mark: Annotation<'a>) -> Snippet<'a, Annotation<'a>> {
        Snippet::source(self.text)
            .path(sanitize_line(path))
            .line_start(self.line)
            .annotation(mark)
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn line_end(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |i| offset + i)
}

/// Goes back by so many characters.
fn back(text: &str, from: usize, by: usize) -> usize {
    text[..from]
        .char_indices()
        .rev()
        .take(by)
        .last()
        .map_or(from, |(i, _)| i)
}

/// Goes forward by so many characters.
fn forward(text: &str, from: usize, by: usize) -> usize {
    text[from..]
        .char_indices()
        .nth(by)
        .map_or(text.len(), |(i, _)| from + i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    const CODE: Code = Code {
        id: "TB0100",
        name: "sample",
    };

    fn render(text: &str, span: Span) -> String {
        let mut sources = Sources::default();
        sources.insert("a.md", text.into());
        let finding = Finding::error(CODE, "a.md", "state `activ` is not known")
            .at(span)
            .help("did you mean `active`?");
        human(&[finding], &sources, false, 80)
    }

    #[test]
    fn source_is_annotated() {
        let text = "---\nid: A\nstatus: activ\ntitle: x\n---\n";
        insta::assert_snapshot!(render(text, Span::new(18, 23)), @r#"
        error[TB0100]: state `activ` is not known
         --> a.md:3:9
          |
        3 | status: activ
          |         ^^^^^
          |
          = help: did you mean `active`?
        "#);
    }

    #[test]
    fn labels_show_other_places() {
        let mut sources = Sources::default();
        sources.insert("a.md", "id: A\n".into());
        sources.insert("b.md", "id: A\n".into());
        let finding = Finding::warning(CODE, "b.md", "id `A` is taken")
            .at(Span::new(4, 5))
            .label("a.md", Span::new(4, 5), "first given here")
            .label("gone.md", Span::new(4, 5), "and here");
        insta::assert_snapshot!(human(&[finding], &sources, false, 80), @r#"
        warning[TB0100]: id `A` is taken
         --> b.md:1:5
          |
        1 | id: A
          |     ^
          |
         ::: a.md:1:5
          |
        1 | id: A
          |     - first given here
          |
          = note: and here
        "#);
    }

    #[test]
    fn files_without_text_are_named() {
        let finding = Finding::error(CODE, "a\u{202e}.md", "unreadable").at(Span::new(3, 9));
        insta::assert_snapshot!(human(&[finding], &Sources::default(), false, 80), @r#"
        error[TB0100]: unreadable
        --> a\u{202e}.md
        "#);
    }

    #[test]
    fn source_lines_cannot_act_on_a_terminal() {
        let shown = render("a: \u{1b}[2J\u{202e}x\tb\r\nnext\r\n", Span::new(3, 11));
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\r']), "{shown}");
        assert!(shown.contains(r"\u{1b}[2J\u{202e}x"), "{shown}");
    }

    #[test]
    fn odd_places_are_shown_without_panic() {
        let long = "é".repeat(100_000);
        for text in ["", "\n", "x", "é\n\né", long.as_str()] {
            for start in [0, 1, 2, 3, 1_000, 200_000, usize::MAX] {
                for len in [0, 1, 5, 150_000] {
                    let shown = render(text, Span::new(start, start.saturating_add(len)));
                    assert!(shown.len() < 10_000, "{} bytes", shown.len());
                }
            }
        }
    }
}
