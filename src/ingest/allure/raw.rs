//! The JSON of Allure as typed values: read by serde_json, and by [`json::salvage`] where that
//! refuses.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::steps::Steps;
use crate::ingest::json;
use crate::ingest::notes::{Notes, WRONG_TYPE};

/// `*-result.json`. Every field may be absent or null.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RawResult {
    pub(super) uuid: Option<String>,
    pub(super) history_id: Option<String>,
    pub(super) test_case_id: Option<String>,
    pub(super) full_name: Option<String>,
    pub(super) name: Option<String>,
    pub(super) title_path: Option<Vec<String>>,
    pub(super) status: Option<String>,
    pub(super) status_details: Option<RawDetails>,
    pub(super) stage: Option<String>,
    pub(super) start: Option<i64>,
    pub(super) stop: Option<i64>,
    pub(super) description: Option<String>,
    pub(super) description_html: Option<String>,
    pub(super) steps: Steps,
    pub(super) attachments: Option<Vec<RawAttachment>>,
    pub(super) parameters: Option<Vec<RawParameter>>,
    pub(super) labels: Option<Vec<RawLabel>>,
    pub(super) links: Option<Vec<RawLink>>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct RawDetails {
    pub(super) message: Option<String>,
    pub(super) trace: Option<String>,
    pub(super) known: Option<bool>,
    pub(super) muted: Option<bool>,
    pub(super) flaky: Option<bool>,
    pub(super) actual: Option<String>,
    pub(super) expected: Option<String>,
}

/// A step or a fixture.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RawStep {
    pub(super) name: Option<String>,
    pub(super) status: Option<String>,
    pub(super) status_details: Option<RawDetails>,
    pub(super) start: Option<i64>,
    pub(super) stop: Option<i64>,
    pub(super) description: Option<String>,
    pub(super) steps: Option<Vec<RawStep>>,
    pub(super) attachments: Option<Vec<RawAttachment>>,
    pub(super) parameters: Option<Vec<RawParameter>>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct RawAttachment {
    pub(super) name: Option<String>,
    pub(super) source: Option<String>,
    #[serde(rename = "type")]
    pub(super) media_type: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct RawParameter {
    pub(super) name: Option<String>,
    pub(super) value: Option<String>,
    pub(super) excluded: Option<bool>,
    // A secret must not leak by how a key is written.
    #[serde(alias = "Mode", alias = "MODE")]
    pub(super) mode: Option<String>,
    /// Of a masked or hidden value, in its stead: no field of the file.
    #[serde(skip_deserializing)]
    pub(super) digest: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct RawLabel {
    pub(super) name: Option<String>,
    pub(super) value: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct RawLink {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

/// `*-container.json`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawContainer {
    pub(super) uuid: Option<String>,
    pub(super) name: Option<String>,
    pub(super) children: Option<Vec<String>>,
    pub(super) befores: Option<Vec<RawStep>>,
    pub(super) afters: Option<Vec<RawStep>>,
}

/// `*-globals.json` of Allure 3.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawGlobals {
    pub(super) attachments: Option<Vec<RawAttachment>>,
    pub(super) errors: Option<Vec<RawError>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawError {
    pub(super) message: Option<String>,
    pub(super) trace: Option<String>,
    pub(super) known: Option<bool>,
    pub(super) flaky: Option<bool>,
    pub(super) actual: Option<String>,
    pub(super) expected: Option<String>,
    pub(super) timestamp: Option<i64>,
}

/// `*-check.json` of Allure 3.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawCheck {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) status: Option<String>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) details: Option<RawCheckDetails>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawCheckDetails {
    pub(super) command: Option<String>,
    pub(super) message: Option<String>,
    pub(super) error: Option<String>,
}

/// What a value should look like: read leniently, a value of another type is brought into shape.
pub(super) enum Shape {
    Text,
    Number,
    Flag,
    List(&'static Shape),
    Object(&'static [(&'static str, Shape)]),
}

use Shape::{Flag, List, Number, Object, Text};

static ATTACHMENT: Shape = Object(&[("name", Text), ("source", Text), ("type", Text)]);
static PARAMETER: Shape = Object(&[
    ("name", Text),
    ("value", Text),
    ("excluded", Flag),
    ("mode", Text),
]);
pub(super) static STEPS: Shape = List(&STEP);
static STEP: Shape = Object(&STEP_FIELDS);
static STEP_FIELDS: [(&str, Shape); 9] = [
    ("name", Text),
    ("status", Text),
    ("statusDetails", Object(&DETAILS_FIELDS)),
    ("start", Number),
    ("stop", Number),
    ("description", Text),
    ("steps", List(&STEP)),
    ("attachments", List(&ATTACHMENT)),
    ("parameters", List(&PARAMETER)),
];
static DETAILS_FIELDS: [(&str, Shape); 7] = [
    ("message", Text),
    ("trace", Text),
    ("known", Flag),
    ("muted", Flag),
    ("flaky", Flag),
    ("actual", Text),
    ("expected", Text),
];
pub(super) static RESULT: Shape = Object(&[
    ("uuid", Text),
    ("historyId", Text),
    ("testCaseId", Text),
    ("fullName", Text),
    ("name", Text),
    ("titlePath", List(&Text)),
    ("status", Text),
    ("statusDetails", Object(&DETAILS_FIELDS)),
    ("stage", Text),
    ("start", Number),
    ("stop", Number),
    ("description", Text),
    ("descriptionHtml", Text),
    ("steps", List(&STEP)),
    ("attachments", List(&ATTACHMENT)),
    ("parameters", List(&PARAMETER)),
    ("labels", List(&LABEL)),
    ("links", List(&LINK)),
]);
static LABEL: Shape = Object(&[("name", Text), ("value", Text)]);
static LINK: Shape = Object(&[("name", Text), ("url", Text), ("type", Text)]);
pub(super) static CONTAINER: Shape = Object(&[
    ("uuid", Text),
    ("name", Text),
    ("children", List(&Text)),
    ("befores", List(&STEP)),
    ("afters", List(&STEP)),
]);
static ERROR: Shape = Object(&[
    ("message", Text),
    ("trace", Text),
    ("known", Flag),
    ("flaky", Flag),
    ("actual", Text),
    ("expected", Text),
    ("timestamp", Number),
]);
pub(super) static GLOBALS: Shape =
    Object(&[("attachments", List(&ATTACHMENT)), ("errors", List(&ERROR))]);
pub(super) static CHECK: Shape = Object(&[
    ("id", Text),
    ("name", Text),
    ("status", Text),
    ("tags", List(&Text)),
    (
        "details",
        Object(&[("command", Text), ("message", Text), ("error", Text)]),
    ),
]);

/// A value read from a file, and how that went.
#[derive(Debug)]
pub(super) struct Parsed<T> {
    /// `None` where the text holds no JSON of that kind.
    pub(super) value: Option<T>,
    pub(super) problem: Option<String>,
    pub(super) replaced: u64,
    pub(super) notes: Notes,
}

impl<T> Default for Parsed<T> {
    fn default() -> Self {
        Self {
            value: None,
            problem: None,
            replaced: 0,
            notes: Notes::default(),
        }
    }
}

/// Reads an object or a list: strictly first, which is fast, then leniently.
pub(super) fn parse<T>(bytes: &[u8], shape: &Shape) -> Parsed<T>
where
    T: for<'de> Deserialize<'de>,
{
    let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let opening = if matches!(shape, List(_)) { b'[' } else { b'{' };
    if plain.first() == Some(&opening)
        && let Ok(value) = serde_json::from_slice(plain)
    {
        return Parsed {
            value: Some(value),
            problem: None,
            replaced: 0,
            notes: Notes::default(),
        };
    }
    parse_leniently(bytes, shape)
}

fn parse_leniently<T>(bytes: &[u8], shape: &Shape) -> Parsed<T>
where
    T: for<'de> Deserialize<'de>,
{
    let salvaged = json::salvage(bytes);
    let mut notes = Notes::default();
    let (fits, kind) = match shape {
        List(_) => (salvaged.value.is_array(), "list"),
        _ => (salvaged.value.is_object(), "object"),
    };
    let value = fits
        .then(|| conform(salvaged.value, shape, "", &mut notes))
        .flatten()
        .and_then(|value| serde_json::from_value(value).ok());
    let problem = if bytes.iter().all(u8::is_ascii_whitespace) {
        Some("is empty".to_owned())
    } else {
        let no_object = || format!("holds no JSON {kind}");
        salvaged.problem.or_else(|| value.is_none().then(no_object))
    };
    Parsed {
        value,
        problem,
        replaced: salvaged.replaced,
        notes,
    }
}

/// Brings a value into shape; `None` for null and for what has no likeness to it.
fn conform(value: Value, shape: &Shape, field: &str, notes: &mut Notes) -> Option<Value> {
    match (shape, value) {
        (_, Value::Null) => None,
        (Text, value @ Value::String(_)) | (Flag, value @ Value::Bool(_)) => Some(value),
        (Number, Value::Number(number)) => integer(&number.to_string()).map(Value::from),
        (List(shape), Value::Array(items)) => Some(Value::Array(
            items
                .into_iter()
                .filter_map(|item| conform(item, shape, field, notes))
                .filter(|item| item.as_object().is_none_or(|map| !map.is_empty()))
                .collect(),
        )),
        (Object(fields), Value::Object(map)) => Some(conform_object(map, fields, notes)),
        (shape, value) => {
            notes.add(WRONG_TYPE, field);
            coerce(value, shape)
        }
    }
}

fn conform_object(
    map: Map<String, Value>,
    fields: &'static [(&'static str, Shape)],
    notes: &mut Notes,
) -> Value {
    let mut out = Map::new();
    for (key, value) in map {
        let field = fields.iter().find(|(name, _)| *name == key);
        let field = field.or_else(|| fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(&key)));
        if let Some((name, shape)) = field
            && let Some(value) = conform(value, shape, name, notes)
        {
            out.entry(*name).or_insert(value);
        }
    }
    Value::Object(out)
}

fn coerce(value: Value, shape: &Shape) -> Option<Value> {
    match (shape, value) {
        (Text, value) => Some(Value::String(value.to_string())),
        (Number, Value::String(text)) => integer(text.trim()).map(Value::from),
        (Flag, Value::String(text)) => Some(Value::Bool(text.eq_ignore_ascii_case("true"))),
        (Flag, Value::Number(number)) => Some(Value::Bool(number.as_f64() != Some(0.0))),
        _ => None,
    }
}

/// Reads a whole number, also from `1.7e12` and beyond what fits.
fn integer(text: &str) -> Option<i64> {
    let float = || text.parse::<f64>().ok().filter(|f| f.is_finite());
    text.parse().ok().or_else(|| float().map(|f| f as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_stands_anywhere() {
        let text = br#"{"uuid":"u","name":null,"labels":[null,{"name":"a","value":null}],"steps":null,"titlePath":[null,"a"]}"#;
        let parsed: Parsed<RawResult> = parse(text, &RESULT);
        let result = parsed.value.expect("an object");
        assert_eq!(result.labels.expect("labels").len(), 1);
        assert_eq!(result.title_path, Some(vec!["a".to_owned()]));
        assert_eq!(parsed.problem, None);
    }

    #[test]
    fn a_wrong_type_does_not_lose_the_result() {
        let text = br#"{"uuid":7,"Name":"n","start":"1700000000000","stop":1.7e12,"labels":{},"parameters":[{"name":"a","value":1}],"statusDetails":[]}"#;
        let parsed: Parsed<RawResult> = parse(text, &RESULT);
        let result = parsed.value.expect("an object");
        assert_eq!(
            (result.uuid.as_deref(), result.name.as_deref()),
            (Some("7"), Some("n"))
        );
        assert_eq!(
            (result.start, result.stop),
            (Some(1_700_000_000_000), Some(1_700_000_000_000))
        );
        assert_eq!(
            result.parameters.expect("one")[0].value.as_deref(),
            Some("1")
        );
        assert!(result.labels.is_none() && parsed.problem.is_none());
        assert!(parsed.notes.into_lines()[0].starts_with("5 fields of another type"));
    }

    #[test]
    fn what_is_no_object_is_a_problem() {
        for (text, problem) in [
            ("", "is empty"),
            ("[1]", "holds no JSON object"),
            ("\u{1}\u{2}", "is no valid JSON from some point on"),
        ] {
            let parsed: Parsed<RawResult> = parse(text.as_bytes(), &RESULT);
            assert!(parsed.value.is_none());
            assert_eq!(parsed.problem.as_deref(), Some(problem));
        }
    }
}
