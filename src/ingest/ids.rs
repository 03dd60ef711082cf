//! Ids of documented cases that a producer names, and labels inside tags.

use crate::model::{is_case_id, is_project_key};

/// Returns the id that a label gives: `AS_ID`, `ALLURE_ID` or `tallybook`, in any letter case.
pub(super) fn from_label<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let names = ["AS_ID", "ALLURE_ID", "tallybook"];
    let value = value.trim();
    (!value.is_empty() && names.iter().any(|n| n.eq_ignore_ascii_case(name))).then_some(value)
}

/// Returns the id that a JUnit property gives: `test_id` or `case_id`, and the labels' names.
pub(super) fn from_property<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let value = value.trim();
    (!value.is_empty() && matches!(name, "test_id" | "case_id"))
        .then_some(value)
        .or_else(|| from_label(name, value))
}

/// Returns the id in a tag or in one word of a name: `@SHOP-K4F7QM`.
pub(super) fn from_word(word: &str) -> Option<&str> {
    let word = word.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | ',' | ':' | ';'));
    let id = word.trim().strip_prefix('@')?;
    let (key, rest) = id.split_once('-')?;
    (is_project_key(key) && !rest.is_empty() && is_case_id(id)).then_some(id)
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
            .for_each(|id| add(ids, id));
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
