//! Requirements from ReqIF (OMG Requirements Interchange Format 1.2): objects, their values by the names of
//! the attributes, and what they are parts of by the hierarchies of specifications.
//!
//! Only what stands in the text is read: a document type, and so every entity that it could declare, is
//! refused.

use std::collections::{BTreeSet, HashMap};

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::{Collector, Field, ImportedRequirements, MAX_DESCRIPTION, Mapping, set};
use crate::base::text::{first_line, sanitize_line};
use crate::diag::Span;
use crate::model::Requirement;

/// How deep elements may nest.
const MAX_DEPTH: usize = 200;
/// Objects, definitions and places in hierarchies, each.
const MAX_NODES: usize = 200_000;

/// Reads the objects of a document. Where it is not whole, nothing of it counts.
pub fn read_reqif(path: &str, text: &str, mapping: &Mapping) -> ImportedRequirements {
    let mut out = Collector::new(path);
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut document = Document::default();
    if let Err((at, problem, help)) = document.read(&text[start..]) {
        let at = start + at.min(text.len() - start);
        out.unreadable(line_at(text, at), problem, help);
        return out.out;
    }
    let parents = document.parents();
    let ids: Vec<String> = document
        .objects
        .iter()
        .map(|object| document.id(object, mapping))
        .collect();
    let by_identifier: HashMap<&str, usize> = document.by_identifier();
    let mut used = BTreeSet::new();
    for (n, object) in document.objects.iter().enumerate() {
        let span = line_at(text, start + object.at);
        if out.is_full() {
            out.too_many(span);
            break;
        }
        let mut one = Requirement::default();
        for field in Field::ALL {
            if let Some((name, value)) = document.value(object, field, mapping) {
                used.insert(name.to_owned());
                set(&mut one, field, value);
            }
        }
        ids[n].clone_into(&mut one.id);
        if one.title.trim().is_empty() {
            one.title.clone_from(&object.long_name);
        }
        if one.title.trim().is_empty() {
            one.title = first_line(one.description.as_deref().unwrap_or_default());
        }
        let parent = parents.get(object.identifier.as_str());
        let parent = parent.and_then(|parent| by_identifier.get(parent));
        one.parent = one.parent.or_else(|| parent.map(|at| ids[*at].clone()));
        out.take(one, span, "object");
    }
    let unused = document
        .definitions
        .values()
        .filter(|name| !used.contains(*name));
    let unused: BTreeSet<String> = unused.map(|name| sanitize_line(name)).collect();
    out.out.unused = unused.into_iter().collect();
    out.out
}

/// The rest of the line at a place.
fn line_at(text: &str, at: usize) -> Span {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let line = text[at..].lines().next().unwrap_or_default();
    Span::new(at, at + line.len())
}

#[derive(Debug, Default)]
struct Object {
    identifier: String,
    long_name: String,
    /// A definition's identifier, and the value.
    values: Vec<(String, String)>,
    /// Where it begins, in bytes.
    at: usize,
}

/// One place in a hierarchy.
#[derive(Debug, Default)]
struct Place {
    parent: Option<usize>,
    object: String,
}

#[derive(Debug, Default)]
struct Document {
    /// Names of attributes by their identifiers.
    definitions: HashMap<String, String>,
    objects: Vec<Object>,
    places: Vec<Place>,
}

/// Where reading stopped, why, and what to do.
type Problem = (usize, String, &'static str);

const EXPORT_AGAIN: &str = "export it again, as ReqIF 1.x in UTF-8";

/// What is open while a document is read.
#[derive(Default)]
struct State {
    stack: Vec<String>,
    /// The places in hierarchies that are open.
    open: Vec<usize>,
    /// A value whose definition or text is still to come.
    value: Option<(String, String)>,
    /// The text of a reference.
    reference: String,
}

impl State {
    fn is_in(&self, name: &str) -> bool {
        self.stack.iter().rev().any(|open| open == name)
    }

    fn inside(&self, name: &str) -> bool {
        self.stack.last().is_some_and(|open| open == name)
    }
}

impl Document {
    fn read(&mut self, text: &str) -> Result<(), Problem> {
        let mut reader = Reader::from_str(text);
        let mut state = State::default();
        let mut has_root = false;
        loop {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            let event = reader.read_event().map_err(|error| {
                let at = usize::try_from(reader.error_position()).unwrap_or(at);
                (at, format!("the XML does not parse: {error}"), EXPORT_AGAIN)
            })?;
            let is_empty = matches!(event, Event::Empty(_));
            match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    let local = tag.local_name();
                    let name: &str = local.as_ref();
                    if !has_root && name != "REQ-IF" {
                        let name = sanitize_line(name);
                        let problem = format!("the document is a `{name}`, expected `REQ-IF`");
                        return Err((at, problem, "name the format of the file: `--format csv`"));
                    }
                    has_root = true;
                    if state.stack.len() >= MAX_DEPTH {
                        let problem = format!("elements nest deeper than {MAX_DEPTH} levels");
                        return Err((at, problem, "export it with fewer levels"));
                    }
                    self.start(&mut state, name, &tag, at)?;
                    state.stack.push(name.to_owned());
                    if is_empty {
                        self.end(&mut state);
                    }
                }
                Event::End(_) => self.end(&mut state),
                Event::Text(piece) => push(&mut state, &piece),
                Event::CData(piece) => push(&mut state, &piece),
                Event::GeneralRef(name) => {
                    let name: &str = name.as_ref();
                    let resolved = unescape(&format!("&{name};")).map(|text| text.into_owned());
                    let unknown = |_| {
                        let problem = format!("the entity `{}` is not known", sanitize_line(name));
                        (at, problem, "write the character itself")
                    };
                    push(&mut state, &resolved.map_err(unknown)?);
                }
                Event::DocType(_) => {
                    let problem = "the document declares a type (DOCTYPE)".to_owned();
                    return Err((at, problem, "remove the declaration; no entities are read"));
                }
                Event::Eof if !state.stack.is_empty() => {
                    let open = sanitize_line(state.stack.last().map_or("", String::as_str));
                    let problem = format!("the document ends inside `{open}`");
                    return Err((at, problem, EXPORT_AGAIN));
                }
                Event::Eof if !has_root => {
                    return Err((0, "the file holds no XML".to_owned(), EXPORT_AGAIN));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn start(
        &mut self,
        state: &mut State,
        name: &str,
        tag: &BytesStart<'_>,
        at: usize,
    ) -> Result<(), Problem> {
        let get =
            |wanted: &str| attribute(tag, wanted).map_err(|problem| (at, problem, EXPORT_AGAIN));
        match name {
            "SPEC-OBJECT" => self.objects.push(Object {
                identifier: get("IDENTIFIER")?,
                long_name: get("LONG-NAME")?,
                values: Vec::new(),
                at,
            }),
            "SPEC-HIERARCHY" => {
                let parent = state.open.last().copied();
                state.open.push(self.places.len());
                let object = String::new();
                self.places.push(Place { parent, object });
            }
            name if name.starts_with("ATTRIBUTE-DEFINITION-") && !name.ends_with("-REF") => {
                self.definitions
                    .insert(get("IDENTIFIER")?, get("LONG-NAME")?);
            }
            name if name.starts_with("ATTRIBUTE-VALUE-") && state.is_in("SPEC-OBJECT") => {
                state.value = Some((String::new(), get("THE-VALUE")?));
            }
            name if name.ends_with("-REF") => state.reference.clear(),
            // What begins a block in XHTML begins a line.
            "p" | "div" | "li" | "br" | "tr" => push(state, "\n"),
            _ => {}
        }
        let most = [
            self.objects.len(),
            self.places.len(),
            self.definitions.len(),
        ];
        match most.into_iter().max().is_some_and(|most| most > MAX_NODES) {
            true => {
                let problem = format!("the document has more than {MAX_NODES} objects");
                Err((at, problem, "split it"))
            }
            false => Ok(()),
        }
    }

    fn end(&mut self, state: &mut State) {
        let Some(name) = state.stack.pop() else {
            return;
        };
        match name.as_str() {
            "SPEC-HIERARCHY" => drop(state.open.pop()),
            "SPEC-OBJECT-REF" if state.inside("OBJECT") => {
                if let Some(at) = state.open.last() {
                    state
                        .reference
                        .trim()
                        .clone_into(&mut self.places[*at].object);
                }
            }
            name if name.starts_with("ATTRIBUTE-DEFINITION-") && name.ends_with("-REF") => {
                if let Some((definition, _)) = &mut state.value {
                    state.reference.trim().clone_into(definition);
                }
            }
            name if name.starts_with("ATTRIBUTE-VALUE-") => {
                if let (Some(value), Some(object)) = (state.value.take(), self.objects.last_mut()) {
                    object.values.push(value);
                }
            }
            _ => {}
        }
    }

    /// Returns the object that each is a part of, by their identifiers: the nearest one above its first
    /// place in a hierarchy.
    fn parents(&self) -> HashMap<&str, &str> {
        let mut parents: HashMap<&str, &str> = HashMap::new();
        for place in self.places.iter().filter(|place| !place.object.is_empty()) {
            let mut above = place.parent;
            let mut steps = 0;
            while let Some(at) = above.filter(|_| steps < MAX_DEPTH) {
                let object = self.places[at].object.as_str();
                if !object.is_empty() && object != place.object {
                    parents.entry(&place.object).or_insert(object);
                    break;
                }
                above = self.places[at].parent;
                steps += 1;
            }
        }
        parents
    }

    fn by_identifier(&self) -> HashMap<&str, usize> {
        let objects = self.objects.iter().enumerate().rev();
        objects
            .map(|(at, object)| (object.identifier.as_str(), at))
            .collect()
    }

    fn id(&self, object: &Object, mapping: &Mapping) -> String {
        let own = self.value(object, Field::Id, mapping);
        let own = own.map(|(_, id)| id.trim()).filter(|id| !id.is_empty());
        own.unwrap_or(&object.identifier).to_owned()
    }

    /// Returns an object's value for a field, with the attribute's name: the first one that says something.
    fn value<'d>(
        &'d self,
        object: &'d Object,
        field: Field,
        mapping: &Mapping,
    ) -> Option<(&'d str, &'d str)> {
        let named = |wanted: &str| {
            object.values.iter().find_map(|(definition, value)| {
                let name = self.definitions.get(definition)?;
                let says = name.eq_ignore_ascii_case(wanted) && !value.trim().is_empty();
                says.then_some((name.as_str(), value.as_str()))
            })
        };
        match mapping.iter().rfind(|(one, _)| *one == field) {
            Some((_, name)) => named(name),
            None => field.attributes().iter().find_map(|name| named(name)),
        }
    }
}

fn attribute(tag: &BytesStart<'_>, wanted: &str) -> Result<String, String> {
    for attribute in tag.attributes() {
        let attribute =
            attribute.map_err(|error| format!("an attribute does not parse: {error}"))?;
        let name: &str = attribute.key.as_ref();
        if name == wanted {
            let value = unescape(&attribute.value);
            let value = value.map_err(|error| format!("`{wanted}` does not parse: {error}"))?;
            return Ok(value.into_owned());
        }
    }
    Ok(String::new())
}

/// Adds a piece of text to what waits for one, as far as the bound allows.
fn push(state: &mut State, piece: &str) {
    let in_reference = state
        .stack
        .last()
        .is_some_and(|name| name.ends_with("-REF"));
    let into = match (&mut state.value, in_reference) {
        (_, true) => &mut state.reference,
        (Some((_, text)), false) if state.stack.iter().any(|name| name == "THE-VALUE") => text,
        _ => return,
    };
    if into.len() + piece.len() <= 2 * MAX_DESCRIPTION {
        into.push_str(piece);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <REQ-IF xmlns=\"http://www.omg.org/spec/ReqIF/20110401/reqif.xsd\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n\
        <CORE-CONTENT><REQ-IF-CONTENT>\n\
        <SPEC-TYPES><SPEC-OBJECT-TYPE IDENTIFIER=\"t\"><SPEC-ATTRIBUTES>\n\
        <ATTRIBUTE-DEFINITION-STRING IDENTIFIER=\"a-id\" LONG-NAME=\"ReqIF.ForeignID\"><TYPE><DATATYPE-DEFINITION-STRING-REF>s</DATATYPE-DEFINITION-STRING-REF></TYPE></ATTRIBUTE-DEFINITION-STRING>\n\
        <ATTRIBUTE-DEFINITION-XHTML IDENTIFIER=\"a-text\" LONG-NAME=\"ReqIF.Text\"/>\n\
        <ATTRIBUTE-DEFINITION-STRING IDENTIFIER=\"a-name\" LONG-NAME=\"ReqIF.Name\"/>\n\
        <ATTRIBUTE-DEFINITION-STRING IDENTIFIER=\"a-page\" LONG-NAME=\"Page\"/>\n\
        </SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE></SPEC-TYPES>\n<SPEC-OBJECTS>\n";

    fn string(definition: &str, value: &str) -> String {
        format!(
            "<ATTRIBUTE-VALUE-STRING THE-VALUE=\"{value}\"><DEFINITION><ATTRIBUTE-DEFINITION-STRING-REF>{definition}</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>"
        )
    }

    fn object(id: &str, values: &str) -> String {
        format!("<SPEC-OBJECT IDENTIFIER=\"{id}\"><VALUES>{values}</VALUES></SPEC-OBJECT>\n")
    }

    fn document(objects: &str, hierarchy: &str) -> String {
        format!(
            "{HEAD}{objects}</SPEC-OBJECTS><SPECIFICATIONS><SPECIFICATION><CHILDREN>{hierarchy}</CHILDREN></SPECIFICATION></SPECIFICATIONS></REQ-IF-CONTENT></CORE-CONTENT></REQ-IF>"
        )
    }

    fn place(object: &str, children: &str) -> String {
        format!(
            "<SPEC-HIERARCHY><CHILDREN>{children}</CHILDREN><OBJECT><SPEC-OBJECT-REF>{object}</SPEC-OBJECT-REF></OBJECT></SPEC-HIERARCHY>"
        )
    }

    #[test]
    fn objects_have_names_texts_and_places() {
        let text = "<ATTRIBUTE-VALUE-XHTML><DEFINITION><ATTRIBUTE-DEFINITION-XHTML-REF>a-text</ATTRIBUTE-DEFINITION-XHTML-REF></DEFINITION>\
            <THE-VALUE><xhtml:div>The page <xhtml:b>asks</xhtml:b> for a password &amp; a name.<xhtml:p>Twice.</xhtml:p></xhtml:div></THE-VALUE></ATTRIBUTE-VALUE-XHTML>";
        let objects = [
            object("_1", &string("a-name", "Sign &lt;in&gt;")),
            object("_2", &(string("a-id", "REQ-4") + text)),
            object(
                "_3",
                &(string("a-id", "REQ-5")
                    + &string("a-name", "Mail")
                    + &string("a-page", "https://t/5")),
            ),
        ];
        let hierarchy = place("_1", &place("_2", "")) + &place("_3", "");
        let text = document(&objects.concat(), &hierarchy);
        let read = read_reqif("r.reqif", &text, &[(Field::Url, "page".to_owned())]);
        assert_eq!(read.findings, []);
        let line = |one: &Requirement| {
            let optional = [&one.url, &one.description, &one.parent]
                .map(|field| field.clone().unwrap_or_default());
            format!("{}|{}|{}", one.id, one.title, optional.join("|"))
        };
        let lines: Vec<String> = read.requirements.iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "_1|Sign <in>|||",
                "REQ-4|The page asks for a password & a name.||The page asks for a password & a name.\nTwice.|_1",
                "REQ-5|Mail|https://t/5||",
            ]
        );
        assert_eq!(read.unused, [] as [&str; 0]);
    }

    #[test]
    fn what_is_not_whole_or_hostile_gives_nothing() {
        let whole = document(&object("_1", &string("a-name", "A")), "");
        let deep = format!("<REQ-IF>{}", "<a>".repeat(100_000));
        let bomb = format!(
            "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]>{whole}"
        );
        let entity = whole.replace("\"A\"", "\"&b;\"");
        let in_text = whole.replace("<SPEC-OBJECTS>", "<SPEC-OBJECTS>&b;");
        for (text, said) in [
            (
                whole.strip_suffix("</REQ-IF>").expect("its end"),
                "the document ends inside `REQ-IF`",
            ),
            (
                &whole.replacen("</VALUES>", "</VALUE>", 1),
                "the XML does not parse",
            ),
            (&deep, "elements nest deeper than 200 levels"),
            (&bomb, "declares a type (DOCTYPE)"),
            (&entity, "`THE-VALUE` does not parse"),
            (&in_text, "the entity `b` is not known"),
            ("<html/>", "the document is a `html`, expected `REQ-IF`"),
            ("", "the file holds no XML"),
        ] {
            let read = read_reqif("r.reqif", text, &[]);
            assert_eq!(read.requirements, [], "{said}");
            assert!(
                read.findings[0].message.contains(said),
                "{said}: {:?}",
                read.findings
            );
            assert!(
                read.findings[0]
                    .span
                    .is_some_and(|span| text.get(span.range()).is_some())
            );
        }
        let read = read_reqif("r.reqif", &whole, &[]);
        assert_eq!((read.requirements.len(), read.findings.len()), (1, 0));
    }

    #[test]
    fn objects_without_a_title_or_given_twice_are_told() {
        let objects = [
            object("_1", ""),
            object("_2", &(string("a-id", "R") + &string("a-name", "A"))),
            object("_3", &(string("a-id", "r") + &string("a-name", "B"))),
        ];
        let text = document(&objects.concat(), &place("_1", &place("_1", "")));
        let read = read_reqif("r.reqif", &text, &[]);
        let codes: Vec<&str> = read.findings.iter().map(|f| f.code.id).collect();
        assert_eq!(codes, ["TB0312", "TB0313"]);
        assert_eq!(read.requirements.len(), 1);
    }

    proptest! {
        #[test]
        fn no_document_makes_it_fail(text in "(<REQ-IF>|<SPEC-OBJECT IDENTIFIER=\"a\">|</?SPEC-HIERARCHY>|<ATTRIBUTE-VALUE-X THE-VALUE='é'>|</?VALUES>|</SPEC-OBJECT>|<a b=|&#0;|&amp;|<!--|<!\\[CDATA\\[|\\PC){0,30}") {
            for text in [text.clone(), format!("<REQ-IF>{text}")] {
                for finding in &read_reqif("r.reqif", &text, &[]).findings {
                    prop_assert!(text.get(finding.span.expect("a place").range()).is_some());
                }
            }
        }
    }
}
