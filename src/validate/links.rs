//! Links of Markdown texts, with their places.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::facts::Facts;
use crate::diag::Span;
use crate::store::Doc;

/// A link or an image of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BodyLink {
    /// As written, percent escapes decoded.
    pub(super) target: String,
    /// In bytes of the whole file.
    pub(super) span: Span,
}

/// A text of a project that may have links: its file, and they.
#[derive(Debug)]
pub(super) struct LinkedText<'a> {
    pub(super) path: &'a str,
    pub(super) links: Vec<BodyLink>,
}

/// Returns the texts of cases, shared steps and defects that have links to files.
pub(super) fn texts<'a>(facts: &Facts<'a>) -> Vec<LinkedText<'a>> {
    let mut out = Vec::new();
    for project in facts.projects() {
        project.cases.iter().for_each(|doc| add(doc, &mut out));
        project.steps.iter().for_each(|doc| add(doc, &mut out));
        project.defects.iter().for_each(|doc| add(doc, &mut out));
    }
    out
}

/// Returns the links and images of a body that name files.
pub(super) fn of<T>(doc: &Doc<T>) -> Vec<BodyLink> {
    file_links(doc.body(), doc.body_offset())
}

fn add<'a, T>(doc: &'a Doc<T>, out: &mut Vec<LinkedText<'a>>) {
    let links = of(doc);
    if !links.is_empty() {
        let path = &doc.path;
        out.push(LinkedText { path, links });
    }
}

/// Finds the links and images of a body that name files: those with a scheme (`https:`) and those
/// within the page (`#steps`) are left out.
fn file_links(body: &str, offset: usize) -> Vec<BodyLink> {
    // Every form of a link to a file has one of these; most bodies have none.
    if !body.contains("](") && !body.contains("]:") {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (event, range) in Parser::new_ext(body, Options::ENABLE_TABLES).into_offset_iter() {
        let (Event::Start(Tag::Link { dest_url, .. }) | Event::Start(Tag::Image { dest_url, .. })) =
            event
        else {
            continue;
        };
        if names_a_file(&dest_url) {
            out.push(BodyLink {
                target: percent_decoded(&dest_url),
                span: Span::new(offset + range.start, offset + range.end),
            });
        }
    }
    out
}

fn names_a_file(target: &str) -> bool {
    let scheme = target.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme != "file"
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    !scheme && !target.is_empty() && !target.starts_with(['#', '?']) && !target.starts_with("//")
}

/// Decodes `%20` and the like; what is no UTF-8 then stays as it is.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = text
            .get(at + 1..at + 3)
            .filter(|hex| bytes[at] == b'%' && !hex.starts_with('+'));
        match escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_files_have_places() {
        let body =
            "1. [Fill in](../../steps/fill%20in.md)\n1. [x](https://a.b) [y](#z)\n\n![i](i.png)";
        let links = file_links(body, 10);
        assert_eq!(
            links,
            [
                BodyLink {
                    target: "../../steps/fill in.md".into(),
                    span: Span::new(13, 48),
                },
                BodyLink {
                    target: "i.png".into(),
                    span: Span::new(78, 89),
                },
            ]
        );
        assert_eq!(
            file_links("`[a](b.md)` and \\[a](b.md) \n\n    [a](b.md)", 0),
            []
        );
    }

    #[test]
    fn what_names_a_file() {
        let files = ["a.md", "../a", "/etc/passwd", "C:\\x", "file:///x", "a b:c"];
        assert!(files.into_iter().all(names_a_file));
        let others = [
            "https://x",
            "mailto:a@b",
            "//host/x",
            "#top",
            "",
            "data:text/html,x",
        ];
        assert!(!others.into_iter().any(names_a_file));
    }

    #[test]
    fn escapes_never_panic() {
        for text in ["%", "%2", "%é", "%zz", "%ff", "a%20b", "%+1"] {
            let decoded = percent_decoded(text);
            assert!(decoded == text || decoded == "a b", "{decoded}");
        }
    }
}
