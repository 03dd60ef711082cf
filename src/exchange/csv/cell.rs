//! Values in single cells: as people write them, where that reads back; else as JSON.
//!
//! Lists have commas between their items, pairs are `name=value`, links `type: name <address>`, relations
//! `type=case`.

use serde_json::{Map, Value};

use crate::model::Link;

/// Writes a value into one cell. Text, lists of texts, pairs of names and lists, and links read back by
/// [`list`], [`pairs`] and [`links`]; what would not is written as JSON.
pub(super) fn flat(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) if items.iter().all(is_simple) => {
            let items: Vec<String> = items.iter().map(flat).collect();
            let text = items.join(", ");
            match list(&text) == items {
                true => text,
                false => value.to_string(),
            }
        }
        Value::Array(items) => objects(value, items),
        Value::Object(map) => object(value, map),
    }
}

fn is_simple(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

fn object(value: &Value, map: &Map<String, Value>) -> String {
    let texts = |value: &Value| match value {
        Value::Array(items) => items.iter().map(flat).collect(),
        other => vec![flat(other)],
    };
    let own: Vec<(String, Vec<String>)> = map
        .iter()
        .map(|(name, value)| (name.clone(), texts(value)))
        .collect();
    let written = { own.iter() }
        .map(|(name, values)| format!("{name}={}", values.join(", ")))
        .collect::<Vec<_>>()
        .join(", ");
    match pairs(&written) == own {
        true => written,
        false => value.to_string(),
    }
}

/// Links, relations, and parameters, which have a name and may have a value.
fn objects(value: &Value, items: &[Value]) -> String {
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
    let has_values = |item: &Value| item.get("value").is_some();
    if items.iter().any(has_values) {
        let one = |item: &Value| match (text(item, "name"), text(item, "value")) {
            (Some(name), Some(value)) => format!("{name}={value}"),
            (name, _) => name.unwrap_or_default(),
        };
        return items.iter().map(one).collect::<Vec<_>>().join(", ");
    }
    let relation = |item: &Value| Some(format!("{}={}", text(item, "type")?, text(item, "case")?));
    let (written, reads) = match items.iter().map(relation).collect::<Option<Vec<_>>>() {
        Some(all) => {
            let written = all.join(", ");
            let read = pairs(&written).into_iter();
            let read: Vec<String> = read
                .map(|(kind, case)| format!("{kind}={}", case.join(", ")))
                .collect();
            let reads = read == all;
            (written, reads)
        }
        None => {
            let own: Vec<Link> = items
                .iter()
                .map(|item| Link {
                    kind: text(item, "type"),
                    name: text(item, "name"),
                    url: text(item, "url"),
                })
                .collect();
            let written = own.iter().map(link).collect::<Vec<_>>().join(", ");
            let reads = links(&written) == own;
            (written, reads)
        }
    };
    match reads {
        true => written,
        false => value.to_string(),
    }
}

fn link(link: &Link) -> String {
    let kind = link.kind.as_ref().map(|kind| format!("{kind}: "));
    let rest = match (&link.name, &link.url) {
        (Some(name), Some(url)) => format!("{name} <{url}>"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    };
    format!("{}{rest}", kind.unwrap_or_default())
}

/// Reads a list of texts.
pub(in crate::exchange) fn list(cell: &str) -> Vec<String> {
    match json(cell) {
        Some(Value::Array(items)) if items.iter().all(is_simple) => {
            items.iter().map(flat).collect()
        }
        _ => split(cell),
    }
}

/// Reads names, each with its values.
pub(in crate::exchange) fn pairs(cell: &str) -> Vec<(String, Vec<String>)> {
    if let Some(Value::Object(map)) = json(cell) {
        let values = |value: Value| match value {
            Value::Array(items) => items.iter().map(flat).collect(),
            other => vec![flat(&other)],
        };
        return map
            .into_iter()
            .map(|(name, value)| (name, values(value)))
            .collect();
    }
    if let Some(Value::Array(items)) = json(cell) {
        let text = |item: &Value, key: &str| Some(item.get(key)?.as_str()?.to_owned());
        let relations = items
            .iter()
            .filter_map(|item| Some((text(item, "type")?, vec![text(item, "case")?])));
        return relations.collect();
    }
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    for piece in split(cell) {
        match (piece.split_once('='), out.last_mut()) {
            (Some((name, value)), _) => out.push((name.to_owned(), vec![value.to_owned()])),
            (None, Some((_, values))) => values.push(piece),
            (None, None) => out.push((piece, Vec::new())),
        }
    }
    out
}

/// Reads links.
pub(in crate::exchange) fn links(cell: &str) -> Vec<Link> {
    if let Some(Value::Array(items)) = json(cell) {
        let read = items.into_iter().map(serde_json::from_value::<Link>);
        return read.filter_map(Result::ok).collect();
    }
    let one = |piece: String| {
        let is_kind = |kind: &str| !kind.is_empty() && !kind.contains([' ', ':', '<']);
        let (kind, rest) = match piece.split_once(": ") {
            Some((kind, rest)) if is_kind(kind) => (Some(kind.to_owned()), rest),
            _ => (None, piece.as_str()),
        };
        let both = rest
            .strip_suffix('>')
            .and_then(|rest| rest.split_once(" <"));
        let (name, url) = match both {
            Some((name, url)) => (Some(name.to_owned()), Some(url.to_owned())),
            None if rest.contains("://") => (None, Some(rest.to_owned())),
            None => (Some(rest.to_owned()), None),
        };
        Link { kind, name, url }
    };
    split(cell).into_iter().map(one).collect()
}

/// Reads what is written as JSON since it would read otherwise.
fn json(cell: &str) -> Option<Value> {
    let cell = cell.trim();
    match cell.starts_with(['[', '{']) {
        true => serde_json::from_str(cell).ok(),
        false => None,
    }
}

fn split(cell: &str) -> Vec<String> {
    let pieces = cell.split(',').map(str::trim);
    pieces
        .filter(|piece| !piece.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Writes a cell so that no spreadsheet takes it for a formula (OWASP, "CSV Injection").
pub(super) fn guarded(cell: &str) -> String {
    match is_formula(cell) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

/// Reads a cell that [`guarded`] wrote.
pub(in crate::exchange) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}

/// Whether a cell, or one behind apostrophes, would be a formula. Wide signs are taken for the same.
fn is_formula(cell: &str) -> bool {
    let cell = cell.trim_start_matches('\'');
    cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'])
        && cell.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_fit_into_cells() {
        let value = json!({"browser": "chrome", "os": "linux"});
        assert_eq!(flat(&value), "browser=chrome, os=linux");
        let all =
            json!([{"type": "issue", "name": "WEB-1", "url": "https://x"}, {"url": "https://y"}]);
        assert_eq!(flat(&all), "issue: WEB-1 <https://x>, https://y");
        assert_eq!(flat(&json!({"tag": ["a", "b"]})), "tag=a, b");
        assert_eq!(
            flat(&json!([{"name": "n", "value": "1"}, {"name": "m"}])),
            "n=1, m"
        );
        assert_eq!(
            flat(&json!([{"type": "related", "case": "A-1"}, {"type": "related", "case": "A-2"}])),
            "related=A-1, related=A-2"
        );
    }

    #[test]
    fn what_would_read_otherwise_is_json() {
        assert_eq!(flat(&json!(["a, b"])), r#"["a, b"]"#);
        assert_eq!(
            flat(&json!({"a": ["x=1"], "b": ["y=2"]})),
            r#"a=x=1, b=y=2"#
        );
        assert_eq!(flat(&json!({"a": ["1", "b=2"]})), r#"{"a":["1","b=2"]}"#);
        assert_eq!(flat(&json!(["", "a"])), r#"["","a"]"#);
        let named = json!([{"type": "tms", "name": "https://not/an/address"}]);
        assert_eq!(flat(&named), named.to_string());
    }

    #[test]
    fn guards_are_taken_away_again() {
        for cell in [
            "=1", "'=1", "''=1", "-5", "'-5", "it's", "'", "＝x", "\tx", "'quoted'",
        ] {
            assert_eq!(unguarded(&guarded(cell)), cell);
        }
        assert_eq!(guarded("'=1"), "''=1");
    }

    fn text() -> impl Strategy<Value = String> {
        r#"[a-c=,:<>\[\]{}"' \n/]{0,8}"#
    }

    proptest! {
        #[test]
        fn cells_read_back(
            items in proptest::collection::vec(text(), 0..4),
            map in proptest::collection::btree_map("[a-c= ,]{1,4}", proptest::collection::vec(text(), 1..3), 0..3),
            own in proptest::collection::vec((proptest::option::of(text()), proptest::option::of(text()), proptest::option::of(text())), 0..3),
        ) {
            prop_assert_eq!(list(&flat(&json!(items))), items);
            let map: Vec<(String, Vec<String>)> = map.into_iter().collect();
            let object: Map<String, Value> = map.iter().map(|(name, all)| (name.clone(), json!(all))).collect();
            prop_assert_eq!(pairs(&flat(&Value::Object(object))), map);
            let own: Vec<Link> = own.into_iter().map(|(kind, name, url)| Link { kind, name, url }).collect();
            prop_assert_eq!(links(&flat(&json!(own))), own);
        }
    }
}
