//! A YAML document as a person wrote it: every value with its characters and the comments around it,
//! so that a part can be taken out, put in or replaced and all else stays byte for byte.
//!
//! **Invariant:** [`Document::to_text`] gives the text that was read. What can't be cut into parts in
//! that way (anchors, tags, several documents, explicit keys) is not read at all.

mod reader;

use self::reader::Reader;
use super::{Node, parse as parse_values};

/// A mapping that is a document, and the comments that head it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// Comments that belong to no key: up to a blank line, or a line for an editor.
    pub header: &'a str,
    pub map: Items<'a>,
}

/// A value as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Plain or in quotes, on one line or several; empty where nothing is said.
    Scalar(&'a str),
    /// A text of several lines below `|` or `>`, with that line, up to its last line's end.
    Literal(&'a str),
    /// A list or mapping in brackets that has comments in it.
    Opaque(&'a str),
    List(Items<'a>),
    Map(Items<'a>),
}

/// The parts of a list or a mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items<'a> {
    /// In brackets, with commas between the parts.
    pub is_flow: bool,
    /// The column of the dashes or keys of a block.
    pub indent: usize,
    pub items: Vec<Item<'a>>,
    /// What follows the last part: the bracket, or comments.
    pub tail: &'a str,
}

/// An item of a list, or an entry of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The key of an entry, quotes and escapes resolved.
    pub key: Option<String>,
    /// White space and comments before it; of blocks, whole lines.
    pub lead: &'a str,
    /// The dash, or the key and its colon.
    pub head: &'a str,
    pub value: Value<'a>,
    /// What follows the value: up to the comma, or the rest of the line.
    pub rest: &'a str,
}

impl<'a> Document<'a> {
    /// Reads a document that is a mapping in lines; `None` where it is none or can't be cut into parts.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut reader = Reader::new(text)?;
        let (value, end) = reader.top()?;
        let Value::Map(mut map) = value else {
            return None;
        };
        map.tail = text.get(end - map.tail.len()..)?;
        let first = map.items.first_mut()?;
        let header;
        (header, first.lead) = first.lead.split_at(header_end(first.lead));
        let out = Self { header, map };
        (out.to_text() == text).then_some(out)
    }

    pub fn to_text(&self) -> String {
        format!("{}{}", self.header, self.map.to_text('{'))
    }
}

/// Where the comments end that head a file and belong to no key.
fn header_end(lead: &str) -> usize {
    let mut at = 0;
    let mut end = 0;
    for line in lead.split_inclusive('\n') {
        at += line.len();
        let for_an_editor = line.trim_start().starts_with("# yaml-language-server");
        if line.trim().is_empty() || for_an_editor {
            end = at;
        }
    }
    end
}

impl Value<'_> {
    /// Whether it stands in lines of its own, below its key or behind its dash.
    pub fn is_block(&self) -> bool {
        match self {
            Self::List(items) | Self::Map(items) => !items.is_flow,
            Self::Literal(_) => true,
            Self::Scalar(_) | Self::Opaque(_) => false,
        }
    }

    pub fn to_text(&self) -> String {
        match self {
            Self::Scalar(text) | Self::Literal(text) | Self::Opaque(text) => (*text).to_owned(),
            Self::List(items) => items.to_text('['),
            Self::Map(items) => items.to_text('{'),
        }
    }

    /// Returns what the value says, however it is written: JSON with sorted keys.
    pub fn meaning(&self) -> String {
        match self {
            Self::Scalar(text) | Self::Literal(text) | Self::Opaque(text) => meaning(text),
            Self::List(items) => {
                let all: Vec<String> = items.items.iter().map(|i| i.value.meaning()).collect();
                format!("[{}]", all.join(","))
            }
            Self::Map(items) => {
                let entries = items.items.iter();
                let mut all: Vec<String> = entries
                    .map(|item| {
                        let key = item.key.as_deref().unwrap_or_default();
                        let key = serde_json::Value::from(key);
                        format!("{key}:{}", item.value.meaning())
                    })
                    .collect();
                all.sort();
                format!("{{{}}}", all.join(","))
            }
        }
    }
}

/// Returns what a value says that is read as a whole.
fn meaning(text: &str) -> String {
    let node = parse_values(&format!("k: {text}"));
    match node {
        Ok(Node::Map(entries)) if entries.len() == 1 => sorted(&entries[0].value.to_json()),
        _ => format!("?{text}"),
    }
}

fn sorted(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Array(items) => {
            let all: Vec<String> = items.iter().map(sorted).collect();
            format!("[{}]", all.join(","))
        }
        serde_json::Value::Object(map) => {
            let entries = map.iter();
            let mut all: Vec<String> = entries
                .map(|(key, value)| {
                    format!(
                        "{}:{}",
                        serde_json::Value::from(key.as_str()),
                        sorted(value)
                    )
                })
                .collect();
            all.sort();
            format!("{{{}}}", all.join(","))
        }
        scalar => scalar.to_string(),
    }
}

impl<'a> Items<'a> {
    pub fn get(&self, key: &str) -> Option<&Item<'a>> {
        let mut items = self.items.iter();
        items.find(|item| item.key.as_deref() == Some(key))
    }

    fn to_text(&self, bracket: char) -> String {
        let mut out = String::new();
        if self.is_flow {
            out.push(bracket);
        }
        for (i, item) in self.items.iter().enumerate() {
            if self.is_flow && i > 0 {
                out.push(',');
            }
            out.push_str(&item.to_text());
        }
        out.push_str(self.tail);
        out
    }
}

impl Item<'_> {
    /// Its text without what stands before it.
    pub fn body(&self) -> String {
        format!("{}{}{}", self.head, self.value.to_text(), self.rest)
    }

    pub fn to_text(&self) -> String {
        format!("{}{}", self.lead, self.body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "# yaml-language-server: $schema=x\n# of id\nid: A # c\n\ntags: [a, 'it''s', \"c\"]  # x\n\
        m: {a: [1, 2], b: {c: d}, e}\nlist:\n- one # c1\n# mid\n- k: v\n  l: w\n-  {x: y}\nempty: # none\nnone:\n\
        q: \"two\n  lines\"\np: plain\n  more\nlit: |\n  a\n\n  b\n\nn:\n  # deep\n  x: 1\n  y:\n    - z\n    # of y\n  # tail\n\
        # t\nend: >-\n  f\nw: []\nmaps:\n- {x: y}\n- [z]\nlists:\n- [a]\nz: { }\nlong: [\n  a,\n  b,\n]\nodd: [\n  a, # c\n]\nö: ü\n# last\n";

    #[test]
    fn a_document_is_cut_into_parts_and_back() {
        let document = Document::parse(TEXT).expect("reads");
        assert_eq!(document.header, "# yaml-language-server: $schema=x\n");
        let keys: Vec<&str> = document
            .map
            .items
            .iter()
            .flat_map(|i| i.key.as_deref())
            .collect();
        assert_eq!(keys.len(), 18, "{keys:?}");
        let item = |key: &str| document.map.get(key).expect("there");
        assert_eq!(item("id").lead, "# of id\n");
        assert_eq!((item("id").head, item("id").rest), ("id: ", " # c\n"));
        assert_eq!(item("tags").lead, "\n");
        assert_eq!(item("tags").value.meaning(), r#"["a","it's","c"]"#);
        assert_eq!(
            item("m").value.meaning(),
            r#"{"a":[1,2],"b":{"c":"d"},"e":null}"#
        );
        let Value::List(list) = &item("list").value else {
            panic!("a list");
        };
        assert_eq!(
            (list.items[0].rest, list.items[1].lead),
            (" # c1\n", "# mid\n")
        );
        assert_eq!(
            item("list").value.meaning(),
            r#"["one",{"k":"v","l":"w"},{"x":"y"}]"#
        );
        assert_eq!(
            (item("empty").value.to_text(), item("empty").rest),
            (String::new(), " # none\n")
        );
        assert_eq!(item("lit").value, Value::Literal("|\n  a\n\n  b\n"));
        assert_eq!(item("n").lead, "\n");
        let Value::Map(n) = &item("n").value else {
            panic!("a mapping");
        };
        assert_eq!((n.items[0].lead, n.tail), ("  # deep\n", "  # tail\n"));
        assert_eq!(item("end").lead, "# t\n");
        assert!(matches!(item("odd").value, Value::Opaque(_)));
        assert_eq!(item("long").value.meaning(), r#"["a","b"]"#);
        assert_eq!(document.map.tail, "# last\n");
        let crlf = TEXT.replace('\n', "\r\n");
        assert_eq!(Document::parse(&crlf).expect("reads").to_text(), crlf);
    }

    #[test]
    fn what_is_written_otherwise_is_not_read() {
        for text in [
            "",
            "# c\n",
            "- a\n",
            "{a: b}\n",
            "a: &x b\n",
            "a: *x\n",
            "a: !t b\n",
            "? a\n: b\n",
            "---\na: b\n",
            "a: b\n...\n",
            "a: |+\n  b\n\n",
            "a: [\n",
            "a: b: c\n",
        ] {
            assert_eq!(Document::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fail_and_none_is_lost(
            lines in proptest::collection::vec("( {0,4}(- )?([a-cé]{1,2}|'x'|\"y\"): ?([a-z]{0,2}|\\[[a-b, ]{0,6}\\]|\\{[a-b: ,]{0,6}\\}|[|>]-?|'é'|\"\\\\n\")( # c)?| {0,4}- [a-z]?| {0,4}# .|  text|)", 0..10)
        ) {
            let text = lines.join("\n");
            if let Some(document) = Document::parse(&text) {
                prop_assert_eq!(document.to_text(), text.as_str());
                // What the parts say together is what the whole says.
                let whole = parse_values(&text).map(|node| sorted(&node.to_json()));
                let keys: std::collections::BTreeSet<_> =
                    document.map.items.iter().map(|item| &item.key).collect();
                if let (Ok(whole), true) = (whole, keys.len() == document.map.items.len()) {
                    let parts = Value::Map(document.map.clone()).meaning();
                    if !parts.contains('?') && !repeats(&document.map) {
                        prop_assert_eq!(parts, whole, "{}", text);
                    }
                }
            }
        }
    }

    fn repeats(items: &Items<'_>) -> bool {
        let mut seen = std::collections::BTreeSet::new();
        items.items.iter().any(|item| {
            let below = match &item.value {
                Value::List(items) | Value::Map(items) => repeats(items),
                _ => false,
            };
            below
                || item
                    .key
                    .as_ref()
                    .is_some_and(|key| !seen.insert(key.clone()))
        })
    }
}
