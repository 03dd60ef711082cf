//! Ids of documented cases that a producer names, and labels inside tags.

use std::borrow::Cow;

use crate::model::{is_case_id, is_project_key};

/// Returns the id that a label gives: `AS_ID`, `ALLURE_ID` or `tallybook`, in any letter case.
pub(super) fn from_label<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let names = ["AS_ID", "ALLURE_ID", "tallybook"];
    let value = value.trim();
    (!value.is_empty() && names.iter().any(|n| n.eq_ignore_ascii_case(name))).then_some(value)
}

/// Names of properties that hold ids: TestRail's and Xray's among them.
const PROPERTIES: [&str; 5] = [
    "test_id",
    "case_id",
    "test_key",
    "test_case_id",
    "testrail_case_id",
];

/// Returns the id that a JUnit property gives: `test_id`, `case_id`, `test_key`, `test_case_id` or
/// `testrail_case_id`, and the labels' names.
pub(super) fn from_property<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let value = value.trim();
    (!value.is_empty() && PROPERTIES.contains(&name))
        .then_some(value)
        .or_else(|| from_label(name, value))
}

/// Returns the id in a tag or in one word of a name: `@SHOP-K4F7QM`, or one that we draw in lower case.
pub(super) fn from_word(word: &str) -> Option<Cow<'_, str>> {
    let word = word.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | ',' | ':' | ';'));
    let id = word.trim().strip_prefix('@')?;
    let (key, rest) = id.split_once('-')?;
    if is_project_key(key) && !rest.is_empty() && is_case_id(id) {
        return Some(id.into());
    }
    let upper = id.to_ascii_uppercase();
    let key = upper.split_once('-').map_or("", |(key, _)| key);
    (is_project_key(key) && is_drawn(rest)).then(|| upper.into())
}

/// Whether a text is the drawn part of an id in lower case: six characters of Crockford's base 32. Some
/// digit tells it from a word.
fn is_drawn(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase() && !"ilou".contains(c);
    text.len() == 6
        && text.chars().all(fits)
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.contains(|c: char| c.is_ascii_digit())
}

/// Returns the id that a tag gives: `@SHOP-K4F7QM`, or a name that a property may have with `:` or `=`,
/// as `test_id:SHOP-K4F7QM`, where tags can't be pairs.
pub(super) fn from_tag(tag: &str) -> Option<Cow<'_, str>> {
    from_word(tag).or_else(|| {
        let tag = tag.trim().trim_start_matches('@');
        let (name, value) = tag.split_once([':', '='])?;
        let id = from_property(name.trim(), value.trim().trim_matches('"'))?;
        is_case_id(id).then(|| id.into())
    })
}

/// Adds an id that isn't there yet.
pub(super) fn add(ids: &mut Vec<String>, id: &str) {
    if !ids.iter().any(|old| old == id) {
        ids.push(id.to_owned());
    }
}

/// Adds the ids that stand as words in a name.
pub(super) fn add_from_name(ids: &mut Vec<String>, name: &str) {
    if name.contains('@') {
        name.split_whitespace()
            .filter_map(from_word)
            .for_each(|id| add(ids, &id));
    }
}

/// Reads `@?allure.id[:=]<id>` and `@?allure.label.<name>[:=]<value>` as a label. Anchored to the
/// whole word, as Allure 3 does.
pub(super) fn inline_label(word: &str) -> Option<(&str, &str)> {
    let rest = word.strip_prefix('@').unwrap_or(word);
    let rest = rest.strip_prefix("allure.")?;
    let (key, value) = rest.split_once([':', '='])?;
    let value = value.trim_matches('"');
    let name = match key {
        "id" => "ALLURE_ID",
        key => key.strip_prefix("label.")?,
    };
    (!name.is_empty() && !value.is_empty()).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_where_they_may_stand() {
        assert_eq!(from_label("as_id", " 12 "), Some("12"));
        assert_eq!(from_label("Tallybook", "SHOP-A"), Some("SHOP-A"));
        assert_eq!(from_label("owner", "x"), None);
        assert_eq!(from_property("test_id", "T1"), Some("T1"));
        assert_eq!(from_property("test_id", " "), None);
        for name in ["test_key", "test_case_id", "testrail_case_id", "tallybook"] {
            assert_eq!(from_property(name, "C12"), Some("C12"), "{name}");
        }
        let tag = |tag| from_tag(tag).map(Cow::into_owned);
        for pair in ["test_id:SHOP-A", "@tallybook=SHOP-A", "Allure_ID: SHOP-A"] {
            assert_eq!(tag(pair).as_deref(), Some("SHOP-A"), "{pair}");
        }
        for other in [
            "SHOP-A",
            "issue:SHOP-A",
            "test_id:",
            "test_id:a b",
            "@acme-dev",
        ] {
            assert_eq!(tag(other), None, "{other}");
        }
        // What we draw is known in lower case; a word is not.
        assert_eq!(tag("@shop-k4f7qm").as_deref(), Some("SHOP-K4F7QM"));
        for word in [
            "@shop-tester",
            "@shop-k4f7q",
            "@shop-4kf7qm",
            "@shop-k4f7ql",
        ] {
            assert_eq!(tag(word), None, "{word}");
        }
        let mut ids = Vec::new();
        add_from_name(
            &mut ids,
            "signs in (@SHOP-K4F7QM) @SHOP-K4F7QM @x @a-b user@SHOP-X",
        );
        assert_eq!(ids, ["SHOP-K4F7QM"]);
    }

    #[test]
    fn labels_in_tags_need_the_whole_word() {
        assert_eq!(inline_label("@allure.id:7"), Some(("ALLURE_ID", "7")));
        assert_eq!(
            inline_label("allure.label.owner=bob"),
            Some(("owner", "bob"))
        );
        assert_eq!(inline_label("see allure.id:7"), None);
        assert_eq!(inline_label("@allure.label.=x"), None);
    }
}
