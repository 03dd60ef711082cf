//! Settings of `tallybook.yaml` that are kept as written and read elsewhere. A test of
//! `validate` holds these against what reads them.

use serde_json::{Value, json};

/// What [`AttachmentSetting`](crate::store::attachments::AttachmentSetting) reads.
pub(crate) fn attachments() -> Value {
    let other = |store: &[&str]| {
        json!({
            "properties": {"store": {"enum": store}, "path": {"type": "null"}},
        })
    };
    json!({
        "type": "object",
        "properties": {
            "store": {
                "description": "In git, among the objects of git-lfs, or in a folder of their own.",
                "enum": ["git", "lfs", "directory"],
            },
            "path": {
                "description": "The folder: from the workspace, absolute, or `$NAME/…` for what the environment says.",
                "type": ["string", "null"],
                "pattern": "\\S",
            },
        },
        "required": ["store"],
        "additionalProperties": false,
        "if": {"properties": {"store": {"const": "directory"}}},
        "then": {"properties": {"path": {"type": "string"}}, "required": ["path"]},
        "else": other(&["git", "lfs"]),
    })
}

/// What the redaction of appends reads.
pub(crate) fn redaction() -> Value {
    let patterns = json!({
        "description": "Patterns, each applied to what those before it left.",
        "type": ["array", "null"],
        "maxItems": 100,
        "items": {
            "type": "object",
            "properties": {
                "pattern": {
                    "description": "A regular expression; what it matches is taken out.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1_000,
                },
                "replace": {
                    "description": "What stands for it. The default is `•••`.",
                    "type": ["string", "null"],
                },
            },
            "required": ["pattern"],
            "additionalProperties": false,
        },
    });
    let mut alone = patterns.clone();
    alone["type"] = json!("array");
    json!({
        "anyOf": [
            alone,
            {
                "type": "object",
                "properties": {
                    "patterns": patterns,
                    "allow": {
                        "description": "Shapes of secrets that are let through, by name.",
                        "type": ["array", "null"],
                        "items": {"type": "string"},
                    },
                },
                "additionalProperties": false,
            },
        ],
    })
}
