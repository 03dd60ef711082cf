//! Links of a page that is one file: what stands in it is a place in it, the web is the web, and all else is text.

use std::collections::HashSet;

use crate::base::text::escaped;

/// Filters of the results' view, and the part of the file that lists the same.
const FILTERS: [(&str, &str); 4] = [
    ("q=is:unresolved", "unresolved"),
    ("q=is:new", "unresolved"),
    ("q=is:old", "unresolved"),
    ("q=is:fixed", "fixed"),
];

/// Turns the links of rendered markup, which is well formed and in which text is escaped, into those of one file.
pub(super) fn within(html: &str) -> String {
    let ids = ids(html);
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let mut in_svg = false;
    while let Some(at) = rest.find("<a ") {
        let (before, tag_on) = rest.split_at(at);
        out.push_str(before);
        in_svg = is_in_svg(before, in_svg);
        rest = tag_on;
        let Some((tag, after)) = tag_on.split_once('>') else {
            break;
        };
        let Some((inside, after)) = after.split_once("</a>") else {
            break;
        };
        match place(tag, &ids) {
            Place::Web => out.push_str(&format!("{tag}>{inside}</a>")),
            Place::Here(id) => {
                let href = escaped(&format!("#{id}"));
                out.push_str(&format!("{}>{inside}</a>", with_href(tag, &href)));
            }
            Place::Elsewhere if in_svg => out.push_str(&format!("<g>{inside}</g>")),
            Place::Elsewhere => {
                let kind = attribute(tag, "class");
                let kind = kind.map_or(String::new(), |class| format!(" class=\"{class}\""));
                out.push_str(&format!("<span dir=\"auto\"{kind}>{inside}</span>"));
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

enum Place<'h> {
    Web,
    /// An id of the file.
    Here(&'h str),
    Elsewhere,
}

fn place<'h>(tag: &'h str, ids: &HashSet<&'h str>) -> Place<'h> {
    let href = attribute(tag, "href").unwrap_or_default();
    let scheme = href.to_ascii_lowercase();
    if scheme.starts_with("https://") || scheme.starts_with("http://") {
        return Place::Web;
    }
    let (page, fragment) = href.split_once('#').unwrap_or((href, ""));
    let wanted = match (page, fragment) {
        ("evidence.html", "") => "evidence",
        ("environments.html", "") => "environments",
        ("results.html", "") => "results",
        ("index.html", "") => "main",
        ("" | "results.html" | "evidence.html" | "index.html", fragment) => {
            let filter = FILTERS.iter().find(|(filter, _)| *filter == fragment);
            filter.map_or(fragment, |(_, id)| id)
        }
        _ => return Place::Elsewhere,
    };
    match ids.contains(wanted) || wanted == "main" {
        true => Place::Here(wanted),
        false => Place::Elsewhere,
    }
}

/// The ids that markup has.
fn ids(html: &str) -> HashSet<&str> {
    let mut tags = html.split('<');
    tags.next();
    tags.filter_map(|tag| attribute(tag.split('>').next()?, "id"))
        .collect()
}

/// The value of a tag's attribute, as it is written.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let start = format!(" {name}=\"");
    let at = tag.find(&start)? + start.len();
    tag[at..].split('"').next()
}

fn with_href(tag: &str, href: &str) -> String {
    let old = attribute(tag, "href").unwrap_or_default();
    tag.replacen(&format!(" href=\"{old}\""), &format!(" href=\"{href}\""), 1)
}

fn is_in_svg(before: &str, was: bool) -> bool {
    match (before.rfind("<svg"), before.rfind("</svg>")) {
        (None, None) => was,
        (open, close) => open > close,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_into_the_file_or_to_the_web() {
        let html = "<p id=\"r=4.ab\"><a href=\"results.html#r=4.ab\" dir=\"auto\">x</a></p>\
                    <a class=\"row\" href=\"results.html#r=5.cd\">gone</a>\
                    <a href=\"https://acme.example/?a=1&amp;b\" rel=\"noopener\">web</a>\
                    <a href=\"../../cases/A.html\">case</a><a href=\"mailto:a@b\">mail</a>";
        assert_eq!(
            within(html),
            "<p id=\"r=4.ab\"><a href=\"#r=4.ab\" dir=\"auto\">x</a></p>\
             <span dir=\"auto\" class=\"row\">gone</span>\
             <a href=\"https://acme.example/?a=1&amp;b\" rel=\"noopener\">web</a>\
             <span dir=\"auto\">case</span><span dir=\"auto\">mail</span>"
        );
    }

    #[test]
    fn drawings_stay_drawings() {
        let html = "<svg><a href=\"x.html\"><rect/></a></svg><a href=\"y.html\">y</a>\
                    <h2 id=\"fixed\">f</h2><a href=\"results.html#q=is:fixed\">f</a>";
        assert_eq!(
            within(html),
            "<svg><g><rect/></g></svg><span dir=\"auto\">y</span>\
             <h2 id=\"fixed\">f</h2><a href=\"#fixed\">f</a>"
        );
    }

    #[test]
    fn text_that_looks_like_markup_is_text() {
        let html = "<p>&lt;a href=&quot;x.html&quot;&gt;</p><a href=\"javascript:alert(1)\">j</a>";
        let out = within(html);
        assert!(
            out.starts_with("<p>&lt;a href=&quot;x.html&quot;&gt;</p><span"),
            "{out}"
        );
        assert!(!out.contains("javascript:"), "{out}");
    }
}
