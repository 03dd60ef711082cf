//! A YAML document as values, read in one pass and bounded.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess as _};

/// Values in one document once aliases are expanded; each 64 bytes of text count as one more.
const MAX_VALUES: usize = 200_000;

/// How many more brackets may be open than closed. The parser's work grows with the depth of
/// brackets at each token, so that this is asked before it runs.
const MAX_BRACKETS: usize = 500;

/// A value as written, its type decided by YAML's core schema.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    /// In the file's order, repeated keys included.
    Map(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub key: String,
    pub value: Node,
}

impl Node {
    /// Names the type for people, with its article.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "empty",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// Returns the value as JSON; of repeated keys the first counts.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(*b),
            Self::Integer(n) => Value::from(*n),
            Self::Float(n) => Value::from(*n),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => {
                let mut map = serde_json::Map::new();
                for entry in entries {
                    map.entry(entry.key.as_str())
                        .or_insert_with(|| entry.value.to_json());
                }
                Value::Object(map)
            }
        }
    }
}

/// Why a document could not be read.
#[derive(Debug)]
pub(crate) struct YamlError {
    /// In the parser's words, without its places.
    pub message: String,
    /// Where it stopped, in bytes of the document.
    pub offset: Option<usize>,
    /// It is a bound that was passed, not the syntax.
    pub too_complex: bool,
}

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Node, YamlError> {
    if let Some(offset) = too_many_brackets(text) {
        return Err(YamlError {
            message: format!("more than {MAX_BRACKETS} brackets are open at once"),
            offset: Some(offset),
            too_complex: true,
        });
    }
    let budget = Cell::new(MAX_VALUES);
    let seed = Seed { budget: &budget };
    seed.deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| explain(&error, text, budget.get() == 0))
}

fn too_many_brackets(text: &str) -> Option<usize> {
    let mut open = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > MAX_BRACKETS {
            return Some(at);
        }
    }
    None
}

fn explain(error: &serde_yaml::Error, text: &str, spent: bool) -> YamlError {
    let full = error.to_string();
    let depth = full.contains("recursion limit exceeded");
    let message = if depth {
        "values are nested too deep".to_owned()
    } else if spent || full.contains("repetition limit exceeded") {
        format!("more than {MAX_VALUES} values once aliases are expanded")
    } else {
        without_places(&full).replace(MORE_DOCUMENTS, "there is more than one document")
    };
    // The parser counts characters, and this document is a part of a file.
    let offset = opening(&full, text).or_else(|| {
        let location = error.location()?;
        let mut characters = text.char_indices();
        let found = characters.nth(location.index());
        Some(found.map_or(text.len(), |(offset, _)| offset))
    });
    YamlError {
        message,
        offset,
        too_complex: depth || spent || full.contains("repetition limit exceeded"),
    }
}

/// What the parser says of a second document; its own words are about its callers.
const MORE_DOCUMENTS: &str =
    "deserializing from YAML containing more than one document is not supported";

/// Returns where a quote or a bracket was opened that is never closed: the message ends with that
/// place, and the parser's own is somewhere behind it.
fn opening(message: &str, text: &str) -> Option<usize> {
    let open = [
        "quoted scalar at line",
        "flow sequence at line",
        "flow mapping at line",
    ];
    let at = open.iter().find_map(|part| message.find(part))?;
    if message.contains("escape") {
        return None;
    }
    let mut words = message[at..].split_whitespace().skip(4);
    let line: usize = words.next()?.parse().ok()?;
    let column: usize = words.nth(1)?.parse().ok()?;
    let start: usize = text
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let (offset, c) = text
        .get(start..)?
        .char_indices()
        .nth(column.checked_sub(1)?)?;
    matches!(c, '"' | '\'' | '[' | '{').then_some(start + offset)
}

/// Removes `at line 3 column 10` and `at position 4`: they count from the document's start, which
/// is not the file's.
fn without_places(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut words = message.split(' ').peekable();
    while let Some(word) = words.next() {
        if word == "at" && matches!(words.peek(), Some(&"line" | &"position")) {
            let place = words.next();
            let mut last = words.next().unwrap_or_default();
            if place == Some("line") && words.peek() == Some(&"column") {
                words.next();
                last = words.next().unwrap_or_default();
            }
            out.push_str(last.trim_start_matches(|c: char| c.is_ascii_digit()));
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Builds a [`Node`] and stops when the budget of values is spent, so that a few aliases can't
/// unfold into gigabytes.
#[derive(Clone, Copy)]
struct Seed<'a> {
    budget: &'a Cell<usize>,
}

impl Seed<'_> {
    fn spend<E: de::Error>(self, text: usize) -> Result<(), E> {
        let cost = 1 + text / 64;
        match self.budget.get().checked_sub(cost) {
            Some(left) if left > 0 => {
                self.budget.set(left);
                Ok(())
            }
            _ => {
                self.budget.set(0);
                Err(E::custom("too many values"))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;
    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        self.spend(0)?;
        Ok(Node::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        self.visit_unit()
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        self.spend(0)?;
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        self.spend(0)?;
        Ok(Node::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        self.spend(0)?;
        Ok(i64::try_from(value).map_or(Node::Float(value as f64), Node::Integer))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Node, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Node, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        self.spend(0)?;
        Ok(Node::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        self.spend(value.len())?;
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        self.spend(0)?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        self.spend(0)?;
        let mut entries = Vec::new();
        while let Some(key) = access.next_key_seed(self)? {
            let key = match key {
                Node::Text(text) => text,
                Node::Null => "null".to_owned(),
                Node::Bool(b) => b.to_string(),
                Node::Integer(n) => n.to_string(),
                Node::Float(n) => n.to_string(),
                Node::List(_) | Node::Map(_) => {
                    return Err(de::Error::custom(
                        "a key is a list or a mapping, expected a text",
                    ));
                }
            };
            let value = access.next_value_seed(self)?;
            entries.push(Entry { key, value });
        }
        Ok(Node::Map(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Node, A::Error> {
        let (tag, variant): (String, _) = access.variant()?;
        variant.newtype_variant_seed(self)?;
        Err(de::Error::custom(format!(
            "the tag `!{tag}` means nothing here"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_order_and_repeats() {
        let node = parse("b: [1, 1.5, yes, true, ~]\na: 2026-11-22\nb: {}\n").expect("parses");
        let Node::Map(entries) = node else {
            panic!("a mapping");
        };
        let keys: Vec<&str> = entries.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["b", "a", "b"]);
        assert_eq!(
            entries[0].value,
            Node::List(vec![
                Node::Integer(1),
                Node::Float(1.5),
                Node::Text("yes".into()),
                Node::Bool(true),
                Node::Null
            ])
        );
        assert_eq!(entries[1].value, Node::Text("2026-11-22".into()));
    }

    #[test]
    fn errors_say_where_in_bytes() {
        let text = "ä: b\nc: [1, 2\nd: 3\n";
        let error = parse(text).expect_err("invalid");
        assert_eq!(error.offset, text.find('['));
        assert!(!error.message.contains("line"), "{}", error.message);
        assert!(!error.too_complex);
        let error = parse("a: !danger x\n").expect_err("refused");
        assert!(error.message.contains("`!danger`"), "{}", error.message);
        let error = parse("? [a]\n: b\n").expect_err("refused");
        assert!(
            error.message.contains("a key is a list"),
            "{}",
            error.message
        );
        let error = parse("a: 1\n---\nb: 2\n").expect_err("refused");
        assert_eq!(error.message, "there is more than one document");
        let text = "ä: 1\nb: \"open\nc: d\n";
        let error = parse(text).expect_err("invalid");
        assert_eq!(error.offset, text.find('"'));
    }

    #[test]
    fn places_are_removed() {
        let text = "did not find x at line 3 column 10, while parsing y at line 1 column 2";
        assert_eq!(without_places(text), "did not find x, while parsing y");
        assert_eq!(without_places("bad at position 4"), "bad");
        assert_eq!(without_places("look at this"), "look at this");
    }

    #[test]
    fn bombs_are_refused_quickly() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for i in 1..20 {
            let last = format!("*a{}", i - 1);
            let items = [last.as_str(); 10].join(",");
            bomb.push_str(&format!("a{i}: &a{i} [{items}]\n"));
        }
        assert!(parse(&bomb).expect_err("refused").too_complex);
        let heavy = format!(
            "a: &a {}\nb: [{}]\n",
            "x".repeat(500_000),
            "*a,".repeat(10_000)
        );
        assert!(parse(&heavy).expect_err("refused").too_complex);
        for unit in ["[", "{a: ", "- ", "? ", "a:\n  "] {
            let deep = unit.repeat(1_000_000 / unit.len());
            assert!(parse(&deep).is_err(), "{unit}");
        }
    }
}
