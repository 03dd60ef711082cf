//! Files that have every key of their schema, to hold schemas against parsers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Kind;
use super::agree::{findings, without_rules};
use crate::store::codes;

/// How many files of a kind are made.
const VARIANTS: usize = 3;

/// A file with all keys of its schema.
#[derive(Debug)]
pub(super) struct Full {
    pub(super) kind: Kind,
    pub(super) value: Value,
    /// Its mappings, as JSON pointers, and the keys that the schema takes in each.
    mappings: Vec<(String, BTreeSet<String>)>,
}

impl Full {
    /// Returns files of all kinds that people edit.
    pub(super) fn all() -> Vec<Self> {
        let kinds = Kind::ALL.into_iter().filter(|kind| !kind.is_evidence());
        kinds.flat_map(Self::of).collect()
    }

    fn of(kind: Kind) -> Vec<Self> {
        // Each variant takes the next alternatives that the schema leaves.
        let schema = without_rules(kind);
        let make = |variant| {
            let mut mappings = Vec::new();
            let value = fill(&schema, variant, "", &mut mappings);
            Self {
                kind,
                value,
                mappings,
            }
        };
        (0..VARIANTS).map(make).collect()
    }

    /// Returns the JSON pointers of all values in it, its own among them.
    pub(super) fn pointers(&self) -> Vec<String> {
        let mut out = Vec::new();
        pointers(&self.value, "", &mut out);
        out
    }
}

fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(map) => {
            let inner = map.iter();
            inner.for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), out));
        }
        Value::Array(items) => {
            let inner = items.iter().enumerate();
            inner.for_each(|(n, value)| pointers(value, &format!("{at}/{n}"), out));
        }
        _ => {}
    }
}

/// Makes a value that fits a schema and has all keys that it knows.
fn fill(
    schema: &Value,
    variant: usize,
    at: &str,
    mappings: &mut Vec<(String, BTreeSet<String>)>,
) -> Value {
    let null = json!({"type": "null"});
    if let Some(all) = schema.get("anyOf").and_then(Value::as_array)
        && schema.get("type").is_none()
    {
        let all: Vec<&Value> = all.iter().filter(|one| **one != null).collect();
        return fill(all[variant % all.len()], variant, at, mappings);
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        assert_eq!(schema["additionalProperties"], false, "{at}");
        let mut out = Map::new();
        for (key, schema) in properties {
            let value = fill(schema, variant, &format!("{at}/{key}"), mappings);
            out.insert(key.clone(), value);
        }
        mappings.push((at.to_owned(), properties.keys().cloned().collect()));
        return Value::Object(out);
    }
    if let Some(named) = schema.get("additionalProperties") {
        return json!({"name": fill(named, variant, &format!("{at}/name"), mappings)});
    }
    if let Some(item) = schema.get("items") {
        return json!([fill(item, variant, &format!("{at}/0"), mappings)]);
    }
    let leaves = [
        json!("a"),
        json!("2026-11-22"),
        json!("2026-11-22T18:43:00Z"),
        json!("90d"),
        json!(1),
        json!(98),
        json!(true),
        Value::Null,
    ];
    let words = schema.get("enum").and_then(Value::as_array);
    let words = words.into_iter().flatten().cloned();
    let validator = jsonschema::draft7::new(schema).expect("a schema");
    let mut leaves = words.chain(leaves);
    let fits = leaves.find(|leaf| validator.is_valid(leaf));
    fits.unwrap_or_else(|| panic!("{at}: {schema}"))
}

/// Leaves of a value only what leads to a mapping, and that empty.
fn bare(value: &Value, at: &str) -> Value {
    let Some((first, rest)) = at.strip_prefix('/').map(|at| match at.find('/') {
        Some(end) => at.split_at(end),
        None => (at, ""),
    }) else {
        return json!({});
    };
    match value {
        Value::Array(items) => json!([bare(&items[0], rest)]),
        value => json!({first: bare(&value[first], rest)}),
    }
}

/// What no key is like.
const NO_KEY: &str = "☃☃☃☃☃☃☃☃☃☃☃☃";

/// Returns the keys that a parser knows in a mapping, as it lists them for whoever wrote an unknown one.
fn known(kind: Kind, mut file: Value, at: &str) -> BTreeSet<String> {
    let mapping = file.pointer_mut(at).expect("it is there");
    mapping[NO_KEY] = json!(1);
    let text = serde_json::to_string(&file).expect("plain data") + "\n";
    let found = findings(kind, &text);
    let unknown = found.iter().find(|finding| {
        finding.code == codes::UNKNOWN_KEY && finding.message.contains(&format!("`{NO_KEY}`"))
    });
    let unknown = unknown.unwrap_or_else(|| panic!("{kind:?} takes any key at `{at}`: {text}"));
    let help = unknown.help.as_deref().unwrap_or_default();
    let list = help.strip_prefix("the keys here are ");
    let list = list.unwrap_or_else(|| panic!("{help}"));
    let ticked = list.split('`').skip(1).step_by(2);
    ticked.map(str::to_owned).collect()
}

/// A key that only one of the two knows is found here, wherever it stands.
#[test]
fn parsers_and_schemas_know_the_same_keys() {
    let mut n = 0;
    for full in Full::all() {
        for (at, keys) in &full.mappings {
            let kind = full.kind;
            assert_eq!(
                &known(kind, full.value.clone(), at),
                keys,
                "{kind:?} `{at}`"
            );
            let bare = bare(&full.value, at);
            // A list of requirements is told from a requirement by its key.
            if kind != Kind::Requirement || at.starts_with("/requirements") {
                assert_eq!(&known(kind, bare, at), keys, "{kind:?} `{at}` alone");
            }
            n += 1;
        }
    }
    assert!(n > 60, "{n}");
}

#[test]
fn a_file_with_all_keys_is_right() {
    for full in Full::all() {
        let text = serde_json::to_string(&full.value).expect("plain data") + "\n";
        assert_eq!(findings(full.kind, &text), [], "{text}");
    }
}
