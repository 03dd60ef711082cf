//! `categories` in `project.yaml`.

use super::defect::matcher;
use crate::model::{Category, CategoryKind, CategoryMatcher};
use crate::store::shape::Mapping;

pub(super) fn category(mapping: &Mapping<'_, '_>) -> Category {
    Category {
        name: mapping.required_text("name"),
        description: mapping.text("description"),
        kind: mapping
            .choice("kind", &CategoryKind::ALL, CategoryKind::as_str)
            .unwrap_or_default(),
        conditions: conditions(mapping),
        matchers: mapping.each("matchers", conditions),
    }
}

fn conditions(mapping: &Mapping<'_, '_>) -> CategoryMatcher {
    CategoryMatcher {
        search: matcher(mapping),
        message_regex: mapping.text("message_regex"),
        trace_regex: mapping.text("trace_regex"),
        flaky: mapping.get("flaky").and_then(|value| value.boolean()),
    }
}
