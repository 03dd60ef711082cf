//! Markdown of people and of test code → HTML that can do no harm.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

/// Renders Markdown as sanitised HTML. Images become links, as no request may leave a page;
/// relative links lose their target, as the repository is not part of the site. Headings stand one
/// rank lower, as the first rank is the page's own.
pub fn to_html(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut depth = 0;
    let events = Parser::new_ext(text, options)
        .filter(move |event| is_shallow(event, &mut depth))
        .flat_map(fitted);
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, events);
    CLEANER.clean(&out).to_string()
}

/// Renders Markdown of one paragraph without its `<p>`.
pub(crate) fn to_inline_html(text: &str) -> String {
    let html = to_html(text);
    let inner = html
        .trim()
        .strip_prefix("<p>")
        .and_then(|h| h.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

/// Returns the text of untrusted HTML, for places that show text alone.
pub(crate) fn html_to_text(html: &str) -> String {
    let spaced = html
        .replace("<br", "\n<br")
        .replace("</p>", "</p>\n")
        .replace("<li", "\n<li");
    let bare = TEXT_ONLY.clean(&spaced).to_string();
    // With every tag gone, what is left are the entities that the cleaner writes.
    let text = bare
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&");
    text.trim().to_owned()
}

/// Whether something is nested as deep as people nest; of what is deeper only the text stays. Cleaning takes time
/// by the square of the depth.
fn is_shallow(event: &Event<'_>, depth: &mut usize) -> bool {
    const DEEPEST: usize = 100;
    match event {
        Event::Start(_) => {
            *depth += 1;
            *depth <= DEEPEST
        }
        Event::End(_) => {
            *depth -= 1;
            *depth < DEEPEST
        }
        _ => true,
    }
}

/// An event as a page takes it: no images, no heading of the first rank.
fn fitted(event: Event<'_>) -> Vec<Event<'_>> {
    match event {
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => vec![Event::Start(Tag::Heading {
            level: lower(level),
            id,
            classes,
            attrs,
        })],
        Event::End(TagEnd::Heading(level)) => vec![Event::End(TagEnd::Heading(lower(level)))],
        Event::Start(Tag::Image {
            dest_url, title, ..
        }) => vec![Event::Start(Tag::Link {
            link_type: LinkType::Inline,
            dest_url,
            title,
            id: CowStr::Borrowed(""),
        })],
        Event::End(TagEnd::Image) => vec![Event::End(TagEnd::Link)],
        other => vec![other],
    }
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6)
}

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .rm_tags(["img", "map", "area", "h1"])
        .add_tags(["input"])
        .add_tag_attributes("input", ["type", "checked", "disabled"])
        .set_tag_attribute_value("input", "type", "checkbox")
        .set_tag_attribute_value("input", "disabled", "")
        .rm_tag_attributes("table", ["summary", "align", "char", "charoff"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    cleaner
});

static TEXT_ONLY: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::empty();
    cleaner
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::new());
    cleaner
});

/// Whether an address may be linked: `http`, `https` or `mailto`.
pub(crate) fn is_safe_url(url: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| {
        url.len() > scheme.len()
            && url.is_char_boundary(scheme.len())
            && url[..scheme.len()].eq_ignore_ascii_case(scheme)
    }) && !url.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_without_end_is_cut() {
        for (one, tag) in [("> ", "<blockquote>"), ("- ", "<ul>")] {
            let html = to_html(&format!("{}word", one.repeat(20_000)));
            assert!(html.contains("word"), "{one}");
            assert!(html.matches(tag).count() <= 100, "{one}");
        }
        let html = to_html(&format!("{}word", "<div>".repeat(20_000)));
        assert!(html.contains("word"));
    }

    #[test]
    fn markdown_is_rendered() {
        assert_eq!(to_inline_html("Open **it**"), "Open <strong>it</strong>");
        assert!(to_html("| a |\n|---|\n| b |").contains("<td>b</td>"));
        assert_eq!(to_html("  \n"), "");
        assert_eq!(
            to_html("# a\n\n###### b\n\n<h1>c</h1>\n"),
            "<h2>a</h2>\n<h6>b</h6>\nc\n"
        );
    }

    #[test]
    fn hostile_markup_is_harmless() {
        for text in [
            "<script>alert(1)</script>x",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "![x](https://example.com/pixel.gif)",
            "<a href='data:text/html,x'>x</a>",
            "<iframe src='https://example.com'></iframe>",
            "<p style='position:fixed' onclick=x>x</p>",
            "<form action=//evil><input type=text></form>",
        ] {
            let html = to_html(text);
            for bad in [
                "<script",
                "<img",
                "javascript:",
                "data:",
                "<iframe",
                "style=",
                "onclick",
                "<form",
                "type=\"text\"",
            ] {
                assert!(!html.contains(bad), "{text} gave {html}");
            }
        }
    }

    #[test]
    fn relative_links_lose_their_target() {
        assert_eq!(
            to_inline_html("[x](../steps/x.md)"),
            "<a rel=\"noopener noreferrer\">x</a>"
        );
    }

    #[test]
    fn text_is_taken_out_of_html() {
        assert_eq!(
            html_to_text("<p>a &amp; <b>b</b></p><script>x</script>"),
            "a & b"
        );
    }

    #[test]
    fn only_web_and_mail_addresses_are_linked() {
        assert!(is_safe_url("https://example.com/a"));
        assert!(is_safe_url("HTTP://example.com"));
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//x",
            "/x",
            "https://",
            "file:///x",
            "é",
        ] {
            assert!(!is_safe_url(bad), "{bad}");
        }
    }
}
