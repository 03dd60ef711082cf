//! Texts put into new files.

use crate::base::text::has_unsafe_to_show;
use crate::store::{Project, scalar};

/// Writes a regular expression as a YAML value: in single quotes, where backslashes are themselves.
pub(super) fn quoted(text: &str) -> String {
    match has_unsafe_to_show(text) {
        true => scalar(text),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

pub(super) fn field(name: &str, value: Option<&str>) -> Option<String> {
    value.map(|value| format!("{name}: {}", scalar(value)))
}

/// Whether a project has no file at a path. On many systems two names that differ in case are one.
pub(super) fn is_free(project: &Project, path: &str) -> bool {
    let is_there = |known: &str| known.eq_ignore_ascii_case(path);
    !project.entries.iter().any(|entry| is_there(&entry.path))
}
