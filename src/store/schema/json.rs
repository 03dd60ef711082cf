//! An outline as JSON Schema, draft 7: the newest that the language server for YAML reads.

use serde_json::{Map, Value, json};

use super::words::Words;
use crate::store::shape::{Asked, Form, Outline};

/// What RFC 3339 takes, days and hours that there are not among it; a space may stand for the `T`.
const INSTANT: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$";

/// Returns the schema of a value that must be there.
pub(super) fn of(outline: &Outline, words: &Words, at: &str) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for form in &outline.forms {
        match form {
            Form::List { alone } => {
                let item = outline.item.as_deref();
                let items = item.map_or(json!(true), |item| inner(item, words, &format!("{at}[]")));
                if *alone {
                    all.push(items.clone());
                }
                all.push(json!({"type": "array", "items": items}));
            }
            Form::Mapping => all.push(mapping(outline, words, at)),
            Form::Named => {
                let named = outline.named.as_deref();
                let at = format!("{at}.*");
                let value = named.map_or(json!(true), |value| inner(value, words, &at));
                all.push(json!({"type": "object", "additionalProperties": value}));
            }
            form => all.push(plain(form)),
        }
    }
    any(all)
}

/// Returns the schema of a value in a list or behind a name, where nothing at all is an empty list.
fn inner(outline: &Outline, words: &Words, at: &str) -> Value {
    let schema = of(outline, words, at);
    let is_list = |form: &Form| matches!(form, Form::List { .. });
    match outline.forms.iter().any(is_list) {
        true => any(vec![schema, json!({"type": "null"})]),
        false => schema,
    }
}

/// Returns the schema of a value that holds no others.
fn plain(form: &Form) -> Value {
    match form {
        Form::Text => json!({"type": "string"}),
        Form::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Form::Boolean => json!({"type": "boolean"}),
        Form::Integer { min, max: None } => json!({"type": "integer", "minimum": min}),
        Form::Integer { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Form::Percentage { max } => json!({
            "type": ["number", "string"],
            "maximum": max,
            "pattern": signed_percentage(*max),
            "anyOf": [{"exclusiveMinimum": 1}, {"const": 0}],
        }),
        Form::Date => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        Form::Instant => json!({"type": "string", "pattern": INSTANT}),
        Form::Period => json!({"type": "string", "pattern": "^\\s*[0-9]+[hdw]\\s*$"}),
        Form::Words(words) => json!({"enum": words}),
        Form::Empty => json!({"type": "null"}),
        Form::Schema(schema) => schema.clone(),
        Form::Anything | Form::List { .. } | Form::Mapping | Form::Named => json!(true),
    }
}

/// Returns what a percentage with its sign looks like, up to `max`, a power of ten.
fn signed_percentage(max: f64) -> String {
    let max = format!("{max}");
    let digits = max.len() - 1;
    format!("^0*([0-9]{{1,{digits}}}(\\.[0-9]+)?|{max}(\\.0+)?) *%$")
}

fn mapping(outline: &Outline, words: &Words, at: &str) -> Value {
    let mut properties = Map::new();
    for asked in &outline.keys {
        let required = is_required(outline, asked);
        properties.insert(asked.key.to_owned(), property(asked, required, words, at));
    }
    let mut out = Map::new();
    out.insert("type".to_owned(), json!("object"));
    out.insert("properties".to_owned(), Value::Object(properties));
    let required = outline.keys.iter();
    let required = required.filter(|asked| is_required(outline, asked));
    let required: Vec<&str> = required.map(|asked| asked.key).collect();
    if !required.is_empty() {
        out.insert("required".to_owned(), json!(required));
    }
    if outline.closed {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    Value::Object(out)
}

/// Whether a key must be there, with a value: one that makes the file what this outline is of must.
fn is_required(outline: &Outline, asked: &Asked) -> bool {
    asked.required || outline.decided == Some((asked.key, true))
}

/// Returns the schema of a key's value. A key that is not required may stand there empty.
fn property(asked: &Asked, required: bool, words: &Words, at: &str) -> Value {
    let at = match at {
        "" => asked.key.to_owned(),
        at => format!("{at}.{}", asked.key),
    };
    let mut schema = of(&asked.value, words, &at);
    if let Some(pattern) = words.pattern(&at) {
        schema["pattern"] = json!(pattern);
    }
    if !required {
        schema = any(vec![schema, json!({"type": "null"})]);
    }
    let Some(said) = words.of(&at) else {
        return schema;
    };
    let mut out = Map::new();
    out.insert("description".to_owned(), json!(said));
    if let Value::Object(schema) = schema {
        out.extend(schema);
    }
    Value::Object(out)
}

/// Joins schemas of which any may fit. What differs in its type alone becomes one.
fn any(all: Vec<Value>) -> Value {
    let mut joined: Vec<Value> = Vec::new();
    for schema in all.into_iter().flat_map(parts) {
        let is_there = joined.iter_mut().any(|known| joins(known, &schema));
        if !is_there {
            joined.push(schema);
        }
    }
    match joined.len() {
        0 => json!(true),
        1 => joined.remove(0),
        _ => json!({"anyOf": joined}),
    }
}

/// Takes a schema apart that is nothing but a choice.
fn parts(mut schema: Value) -> Vec<Value> {
    match schema.as_object_mut() {
        Some(map) if map.len() == 1 => match map.get_mut("anyOf").map(Value::take) {
            Some(Value::Array(all)) => all,
            Some(_) | None => vec![schema],
        },
        _ => vec![schema],
    }
}

/// Takes a schema into another one, where that says the same of both.
fn joins(known: &mut Value, schema: &Value) -> bool {
    let is_null = schema == &json!({"type": "null"});
    if known == schema || known == &json!(true) {
        return true;
    }
    if let Some(words) = known.get_mut("enum").and_then(Value::as_array_mut) {
        if is_null && !words.contains(&Value::Null) {
            words.push(Value::Null);
        }
        return is_null;
    }
    // Keywords bind values of their own type alone, so that one more type changes nothing: but for those
    // that bind all.
    let binds_all = ["anyOf", "const", "if"]
        .iter()
        .any(|key| known.get(key).is_some());
    let Some(types) = known.get("type").cloned().filter(|_| is_null && !binds_all) else {
        return false;
    };
    let mut types = match types {
        Value::Array(types) => types,
        one => vec![one],
    };
    if !types.contains(&json!("null")) {
        types.push(json!("null"));
    }
    known["type"] = Value::Array(types);
    true
}
