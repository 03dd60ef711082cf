//! JSON Schemas of the workspace's files, for editors, in draft 7: the newest that the language server
//! for YAML reads.
//!
//! **Invariant:** a schema refuses what its parser reports of shape, and nothing that `validate` takes:
//! both come from the same functions (see `shape::Outline`), or from the type that the file is read
//! into. Schemas can't say everything: duplicate keys, days that no calendar has and whatever two files
//! have to agree on are `validate`'s.

mod json;
mod kinds;
mod order;
pub(crate) mod settings;
mod words;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

pub use self::kinds::Kind;
pub use self::order::KeyOrder;
use self::words::Words;
use super::files::{Files, StoreError};
use super::parse;
use crate::model::{Annotation, LaunchFile};

/// The folder of a workspace that has the schemas for editors.
pub const FOLDER: &str = ".tallybook/schema";

/// Returns the schema of a kind of file.
pub fn schema(kind: Kind) -> Value {
    let mut out = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Written by Tallybook: `tallybook schema --write` writes it anew.",
        "title": kind.title(),
    });
    let body = match kind {
        Kind::Launch => of_type::<LaunchFile>(),
        Kind::Annotation => of_type::<Annotation>(),
        kind => of_parser(kind),
    };
    if let (Value::Object(out), Value::Object(body)) = (&mut out, body) {
        let own: Vec<String> = out.keys().cloned().collect();
        out.extend(body.into_iter().filter(|(key, _)| !own.contains(key)));
    }
    out
}

/// Returns the schema of a file that is read into a type as it stands.
fn of_type<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// Returns the schema of a file that is read key by key.
fn of_parser(kind: Kind) -> Value {
    let words = Words::new(kind);
    let outlines = parse::outline(kind);
    let all = outlines.iter().map(|outline| json::of(outline, &words, ""));
    let mut all: Vec<Value> = all.collect();
    match all.len() {
        1 => all.remove(0),
        _ => json!({"anyOf": all}),
    }
}

/// Returns the text of a schema's file.
pub fn text(kind: Kind) -> String {
    let schema = schema(kind);
    serde_json::to_string_pretty(&schema).expect("texts and numbers always serialise") + "\n"
}

/// What of a schema is in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    /// As this release writes it, whatever its line endings are.
    Current,
    /// As another release wrote it, or somebody changed it.
    Other,
}

/// Returns what of a kind's schema is in a workspace.
///
/// # Errors
/// The file can't be read.
pub fn state(files: &dyn Files, kind: Kind) -> Result<State, StoreError> {
    let Some(found) = files.read(&kind.schema_path())? else {
        return Ok(State::Absent);
    };
    let found = String::from_utf8_lossy(&found).replace("\r\n", "\n");
    Ok(match found == text(kind) {
        true => State::Current,
        false => State::Other,
    })
}

/// Returns the kinds whose schemas a workspace should renew: none where it keeps none.
///
/// # Errors
/// A file can't be read.
pub fn outdated(files: &dyn Files) -> Result<Vec<Kind>, StoreError> {
    let mut out = Vec::new();
    let mut keeps = false;
    for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_evidence()) {
        match state(files, kind)? {
            State::Current => keeps = true,
            State::Other => {
                keeps = true;
                out.push(kind);
            }
            State::Absent => out.push(kind),
        }
    }
    if !keeps {
        out.clear();
    }
    Ok(out)
}

/// Returns the first line of a file by which editors find its schema: a comment that names it from the
/// file. `None` where the file is of no kind that is YAML as a whole.
pub fn line(path: &str) -> Option<String> {
    let kind = Kind::of(path).filter(|kind| kind.is_yaml())?;
    let up = "../".repeat(path.matches('/').count());
    let schema = kind.schema_path();
    Some(format!("# yaml-language-server: $schema={up}{schema}\n"))
}

#[cfg(test)]
mod agree;
#[cfg(test)]
mod full;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_find_schemas_from_the_file() {
        assert_eq!(
            line("projects/shop/members/ann.yaml").as_deref(),
            Some("# yaml-language-server: $schema=../../../.tallybook/schema/member.json\n")
        );
        assert_eq!(
            line("tallybook.yaml").as_deref(),
            Some("# yaml-language-server: $schema=.tallybook/schema/workspace.json\n")
        );
        assert_eq!(line("projects/shop/cases/a.md"), None);
    }

    #[test]
    fn a_schema_reads_like_the_file() {
        insta::assert_snapshot!(text(Kind::Query), @r#"
        {
          "$schema": "http://json-schema.org/draft-07/schema#",
          "$comment": "Written by Tallybook: `tallybook schema --write` writes it anew.",
          "title": "A saved query",
          "type": "object",
          "properties": {
            "name": {
              "description": "What the query is called.",
              "type": "string"
            },
            "description": {
              "description": "What it answers.",
              "type": [
                "string",
                "null"
              ]
            },
            "of": {
              "description": "What is asked. The default is `cases`.",
              "enum": [
                "cases",
                "results",
                "launches",
                "defects",
                "mutes",
                null
              ]
            },
            "query": {
              "description": "The query, as in docs/query.md.",
              "type": "string"
            }
          },
          "required": [
            "name",
            "query"
          ],
          "additionalProperties": false
        }
        "#);
    }
}
