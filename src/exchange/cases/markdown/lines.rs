//! What single lines look like: items of lists, labels.

use std::sync::LazyLock;

use regex::Regex;

use super::{PartKind, is_field, part};

/// Whether a text has steps: numbers, a table, or a label that says so.
pub(super) fn has_steps(text: &str) -> bool {
    text.lines().any(|line| {
        let bare = line.trim();
        let digits = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_number =
            digits.len() < bare.len() && (digits.starts_with(". ") || digits.starts_with(") "));
        let lower = bare.to_lowercase();
        is_number && !line.starts_with("    ")
            || lower.starts_with('|') && lower.contains("expected")
            || label(bare).is_some_and(|(name, _)| part(name) == Some(PartKind::Steps))
    })
}

/// Whether a text has a list with bullets that may be steps: neither fields nor a table of contents.
pub(super) fn has_items(text: &str) -> bool {
    let mut is_code = false;
    text.lines().any(|line| {
        is_code ^= line.trim_start().starts_with("```");
        !is_code && is_item(line)
    })
}

pub(super) fn is_item(line: &str) -> bool {
    let bare = line.trim_start();
    let Some(words) = bare
        .strip_prefix("- ")
        .or_else(|| bare.strip_prefix("* "))
        .or_else(|| bare.strip_prefix("+ "))
    else {
        return false;
    };
    let is_rule = words.chars().all(|c| matches!(c, '-' | '*' | ' '));
    let is_content = words.trim_start().starts_with('[') && words.contains("](#");
    let is_labelled = label(bare).is_some_and(|(name, _)| part(name).is_some() || is_field(name));
    line.len() - bare.len() < 2 && !is_rule && !is_content && !is_labelled
}

/// `**Steps:**`, `Steps:` alone on a line, or with words behind it.
pub(super) fn label(line: &str) -> Option<(&str, &str)> {
    static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^[-*+]?\s*(?:\*\*|__)?([A-Za-z][A-Za-z -]{1,30}?)(?::(?:\*\*|__)?|(?:\*\*|__):)\s*(.*)$").ok()
    });
    let found = LABEL.as_ref()?.captures(line.trim())?;
    Some((found.get(1)?.as_str(), found.get(2)?.as_str()))
}
