//! XML as a tree, within bounds. A document type is refused, and so every entity that one could declare;
//! nothing outside the text is asked.

use quick_xml::Reader;
use quick_xml::escape::{resolve_html5_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use super::collect::Collector;

/// How deep elements may nest.
const DEEP: usize = 200;
/// Elements of one document.
const ELEMENTS: usize = 4_000_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// All text that stands directly inside.
    pub(super) text: String,
    /// The line that it begins in, counted from 1.
    pub(super) line: usize,
    /// Where it stands in its parent's text, in bytes.
    at: usize,
}

impl Element {
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The trimmed text of a child, empty where there is none.
    pub(super) fn said(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    /// All that it holds, as it was written: markup that nobody escaped is markup all the same.
    pub(super) fn inner(&self) -> String {
        let mut out = String::new();
        let mut from = 0;
        for child in &self.children {
            let to = crate::base::text::floor(&self.text, child.at).max(from);
            out.push_str(&self.text[from..to]);
            from = to;
            let name = &child.name;
            out.push_str(&format!("<{name}>{}</{name}>", child.inner()));
        }
        out.push_str(&self.text[from..]);
        out.trim().to_owned()
    }

    pub(super) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value.trim())
    }
}

/// Why reading stopped: the line, what is wrong, what to do.
pub(super) type Problem = (usize, String, &'static str);

const AGAIN: &str = "export it again; what stands above is imported";

/// Reads a document's root for a format, and says what is wrong with it.
pub(super) fn root(out: &mut Collector<'_>, text: &str) -> Option<Element> {
    let (root, problem) = read(text.trim_start_matches('\u{feff}'));
    if let Some((line, why, help)) = problem {
        out.error_at(line, why, help);
    }
    root
}

/// Reads a document. What was read before something is wrong is returned beside it, the elements that were
/// open among it.
pub(super) fn read(text: &str) -> (Option<Element>, Option<Problem>) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut problem = None;
    let (mut line, mut counted, mut elements) = (1, 0, 0);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let at = at.min(text.len());
        line += memchr::memchr_iter(b'\n', &text.as_bytes()[counted.min(at)..at]).count();
        counted = at;
        let stop = |why: String, help| Some((line, why, help));
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                problem = stop(format!("the XML does not parse: {error}"), AGAIN);
                break;
            }
        };
        let is_empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                elements += 1;
                if open.len() >= DEEP {
                    let why = format!("elements nest deeper than {DEEP} levels");
                    problem = stop(why, "export it with fewer levels");
                    break;
                }
                if elements > ELEMENTS {
                    let why = format!("the document has more than {ELEMENTS} elements");
                    problem = stop(why, "split it");
                    break;
                }
                // Behind the first element there is nothing.
                if root.is_some() {
                    break;
                }
                let mut new = element(&tag, line);
                new.at = open.last().map_or(0, |parent| parent.text.len());
                open.push(new);
                if is_empty {
                    close(&mut open, &mut root);
                }
            }
            Event::End(_) => close(&mut open, &mut root),
            Event::Text(piece) => push(&mut open, &piece),
            Event::CData(piece) => push(&mut open, &piece),
            Event::GeneralRef(name) => {
                let name: &str = name.as_ref();
                let written = format!("&{name};");
                let known = unescape(&written).map(|text| text.into_owned());
                let known = known
                    .ok()
                    .or_else(|| resolve_html5_entity(name).map(str::to_owned));
                push(&mut open, known.as_deref().unwrap_or(&written));
            }
            Event::DocType(_) => {
                let why = "the document declares a type (DOCTYPE)".to_owned();
                problem = stop(why, "remove the declaration; no entities are read");
                break;
            }
            Event::Eof => {
                if let Some(last) = open.last() {
                    let name = crate::base::text::line(&last.name, 60);
                    problem = stop(format!("the document ends inside `{name}`"), AGAIN);
                }
                break;
            }
            _ => {}
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut root);
    }
    (root, problem)
}

fn element(tag: &BytesStart<'_>, line: usize) -> Element {
    let local = tag.local_name();
    let name: &str = local.as_ref();
    let mut out = Element {
        name: name.to_owned(),
        line,
        ..Element::default()
    };
    // Names given twice are looked for by hand below, since looking is quadratic there.
    for attribute in tag.attributes().with_checks(false).flatten().take(1000) {
        let key: &str = attribute.key.local_name().into_inner();
        let raw: &str = &attribute.value;
        let value = unescape(raw).map_or_else(|_| raw.to_owned(), |text| text.into_owned());
        out.attributes.push((key.to_owned(), value));
    }
    out
}

fn close(open: &mut Vec<Element>, root: &mut Option<Element>) {
    let Some(done) = open.pop() else { return };
    match open.last_mut() {
        Some(parent) => parent.children.push(done),
        None => *root = root.take().or(Some(done)),
    }
}

fn push(open: &mut [Element], text: &str) {
    if let Some(last) = open.last_mut() {
        last.text.push_str(text);
    }
}

/// Returns the names of the first elements of a text, whatever else is wrong with it.
pub(super) fn first_names(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut out = Vec::new();
    while out.len() < 50 {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                let local = tag.local_name();
                let name: &str = local.as_ref();
                out.push(name.to_owned());
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_inside_is_kept() {
        let (root, problem) = read("<a>Do <b>one &lt; two</b> now<br/>.</a>");
        assert_eq!(problem, None);
        let root = root.expect("reads");
        assert_eq!(root.inner(), "Do <b>one < two</b> now<br></br>.");
        assert_eq!(root.said("b"), "one < two");
    }
}
