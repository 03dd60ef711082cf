//! Small records as block YAML that every parser reads alike.
//!
//! Texts are always quoted, as in JSON: plain ones such as `=`, `yes`, `1_000`, `12:30:45` or
//! `2026-11-23` are something else to parsers of YAML 1.1.

use serde::Serialize;
use serde_json::Value;

use super::rows;

/// Writes plain data as block YAML, keys in the order of the type.
pub fn to_yaml(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("plain data has text keys");
    let mut out = String::new();
    write(&mut out, &value, 0);
    out
}

fn write(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                out.push_str(&"  ".repeat(depth));
                out.push_str(&written_key(key));
                out.push(':');
                write_below(out, value, depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                let mut inner = String::new();
                write(&mut inner, item, depth + 1);
                let indent = "  ".repeat(depth + 1);
                out.push_str(&"  ".repeat(depth));
                out.push_str("- ");
                out.push_str(inner.strip_prefix(&indent).unwrap_or(&inner));
            }
        }
        scalar => {
            out.push_str(&rows::line(scalar));
            out.push('\n');
        }
    }
}

/// Writes a key's value: on its line where it is one, else below.
fn write_below(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => out.push_str(" []\n"),
        Value::Object(_) => {
            out.push('\n');
            write(out, value, depth + 1);
        }
        Value::Array(_) => {
            out.push('\n');
            write(out, value, depth);
        }
        scalar => {
            out.push(' ');
            write(out, scalar, depth);
        }
    }
}

/// Lower-case words stand as they are, but for those that YAML 1.1 takes for something else.
fn written_key(key: &str) -> String {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain && key.contains(|c: char| c.is_ascii_lowercase()) && !WORDS.contains(&key) {
        key.to_owned()
    } else {
        rows::line(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn texts_are_quoted_and_keys_are_plain() {
        let value = json!({
            "name": "yes", "at": "2026-11-23", "n": 1, "tags": ["=", "a: b"], "none": [], "map": {},
            "jobs": [{"name": "x", "env": {"y": "1_000"}}, {"name": "z\n"}], "nothing": null,
        });
        let expected = "name: \"yes\"\nat: \"2026-11-23\"\n\"n\": 1\ntags:\n- \"=\"\n- \"a: b\"\nnone: []\n\
                        map: {}\njobs:\n- name: \"x\"\n  env:\n    \"y\": \"1_000\"\n- name: \"z\\n\"\nnothing: null\n";
        assert_eq!(to_yaml(&value), expected);
        let read: Value = serde_yaml::from_str(expected).expect("YAML reads it");
        assert_eq!(read, value);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Value::from),
            any::<u32>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(
                    inner
                        .clone()
                        .prop_filter("no list in a list", |v| !v.is_array()),
                    1..4
                )
                .prop_map(Value::from),
                prop::collection::vec((".{1,8}", inner), 1..4)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in prop::collection::vec((".{1,8}", any_value()), 1..4)) {
            let value = Value::Object(value.into_iter().collect());
            let read: Value = serde_yaml::from_str(&to_yaml(&value)).expect("YAML reads it");
            prop_assert_eq!(read, value);
        }
    }
}
