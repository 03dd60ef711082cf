//! Ids of documented cases that a producer names, and labels inside tags.

use std::borrow::Cow;

use crate::model::{is_case_id, is_project_key};

/// Names of labels that hold ids, without what stands between their words: `AS_ID`, `ALLURE_ID`, `allure.id`.
const LABELS: [&str; 3] = ["asid", "allureid", "tallybook"];

/// Returns the id that a label gives: `AS_ID`, `ALLURE_ID` or `tallybook`, in any letter case and however its
/// words are joined. An id that we draw may be in lower case.
pub(super) fn from_label<'a>(name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    is_one_of(&LABELS, name).then(|| settled(value)).flatten()
}

/// Whether a name is one of some, which are in lower case and one word.
fn is_one_of(names: &[&str], name: &str) -> bool {
    let is_gap = |c: char| matches!(c, '_' | '-' | '.' | ' ');
    let letters = || name.chars().filter(|c| !is_gap(*c));
    name.len() <= 64
        && names
            .iter()
            .any(|known| letters().map(|c| c.to_ascii_lowercase()).eq(known.chars()))
}

/// Returns an id as cases have it; none of an empty value.
fn settled(value: &str) -> Option<Cow<'_, str>> {
    let value = value.trim();
    (!value.is_empty()).then(|| drawn(value).map_or(value.into(), Cow::Owned))
}

/// Names of properties that hold ids: TestRail's and Xray's among them.
const PROPERTIES: [&str; 5] = [
    "testid",
    "caseid",
    "testkey",
    "testcaseid",
    "testrailcaseid",
];

/// The property whose ids have a letter before their number in TestRail, `C12`, and may come without it.
const TESTRAIL: [&str; 1] = ["testrailcaseid"];

/// Returns the ids that a property gives: `test_id`, `case_id`, `test_key`, `test_case_id` or
/// `testrail_case_id`, in any letter case and however its words are joined, and the labels' names. There may be
/// several, as `C12, C13`.
fn from_property<'a>(name: &str, value: &'a str) -> Vec<Cow<'a, str>> {
    if !is_one_of(&PROPERTIES, name) {
        return from_label(name, value).into_iter().collect();
    }
    let is_testrail = is_one_of(&TESTRAIL, name);
    let parts: Vec<&str> = value.split([',', ';']).map(str::trim).collect();
    let parts = match parts.iter().any(|part| part.contains(char::is_whitespace)) {
        // It is one id, whatever is in it.
        true => vec![value],
        false => parts,
    };
    let ids = parts.into_iter().filter_map(settled);
    let full = |id: Cow<'a, str>| match is_testrail && id.bytes().all(|b| b.is_ascii_digit()) {
        true => format!("C{id}").into(),
        false => id,
    };
    ids.map(full).collect()
}

/// Adds the ids that a property gives.
pub(super) fn add_from_property(ids: &mut Vec<String>, name: &str, value: &str) {
    let found = from_property(name, value);
    found.iter().for_each(|id| add(ids, id));
}

/// Returns the id in a tag or in one word of a name: `@SHOP-K4F7QM`, or one that we draw in lower case.
pub(super) fn from_word(word: &str) -> Option<Cow<'_, str>> {
    // Sentences and brackets end in more than one sign: `(@SHOP-K4F7QM).`
    let word = word.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '@' | '_' | '-')));
    let id = word.strip_prefix('@')?;
    let (key, rest) = id.split_once('-')?;
    if is_project_key(key) && !rest.is_empty() && is_case_id(id) {
        return Some(id.into());
    }
    drawn(id).map(Cow::Owned)
}

/// Returns an id that we drew and somebody wrote in lower case as it is.
fn drawn(id: &str) -> Option<String> {
    let (_, rest) = id.split_once('-')?;
    let upper = id.to_ascii_uppercase();
    let key = upper.split_once('-').map_or("", |(key, _)| key);
    (is_project_key(key) && is_drawn(rest)).then_some(upper)
}

/// Whether a text is the drawn part of an id in lower case: six characters of Crockford's base 32. Some
/// digit tells it from a word, or that it has no vowel.
fn is_drawn(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase() && !"ilou".contains(c);
    text.len() == 6
        && text.chars().all(fits)
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && (text.contains(|c: char| c.is_ascii_digit()) || !text.contains(['a', 'e', 'y']))
}

/// Returns the id that a tag gives: `@SHOP-K4F7QM`, or a name that a property may have with `:` or `=`,
/// as `test_id:SHOP-K4F7QM`, where tags can't be pairs.
pub(super) fn from_tag(tag: &str) -> Option<Cow<'_, str>> {
    from_word(tag).or_else(|| testrail(tag)).or_else(|| {
        let tag = tag.trim().trim_start_matches('@');
        let (name, value) = tag.split_once([':', '='])?;
        let ids = from_property(name.trim(), value.trim().trim_matches('"'));
        ids.into_iter().next().filter(|id| is_case_id(id))
    })
}

/// Returns the id of a tag as TestRail has it, `@C123`, also with a small letter.
fn testrail(tag: &str) -> Option<Cow<'_, str>> {
    let id = tag.trim().strip_prefix('@')?;
    let digits = id.strip_prefix(['C', 'c'])?;
    let is_number = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| id.to_ascii_uppercase().into())
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
        let label = |name, value| from_label(name, value).map(Cow::into_owned);
        let property = |name, value| {
            let ids = from_property(name, value);
            (!ids.is_empty()).then(|| ids.join(" "))
        };
        for name in [
            "as_id",
            "AS_ID",
            "Allure_ID",
            "ALLURE_ID",
            "allure.id",
            "allureId",
        ] {
            assert_eq!(label(name, " 12 ").as_deref(), Some("12"), "{name}");
            assert_eq!(property(name, "12").as_deref(), Some("12"), "{name}");
        }
        assert_eq!(label("Tallybook", "SHOP-A").as_deref(), Some("SHOP-A"));
        assert_eq!(
            label("tallybook", "shop-k4f7qm").as_deref(),
            Some("SHOP-K4F7QM")
        );
        assert_eq!(label("owner", "x"), None);
        assert_eq!(property("test_id", " "), None);
        for name in [
            "test_id",
            "TEST_ID",
            "Test-Id",
            "test_key",
            "TestKey",
            "test_case_id",
            "testrail_case_id",
            "tallybook",
        ] {
            assert_eq!(property(name, "C12").as_deref(), Some("C12"), "{name}");
        }
        for name in ["test", "id", "case_ids", "my_test_id"] {
            assert_eq!(property(name, "C12"), None, "{name}");
        }
        for (value, ids) in [
            ("C12,C13", "C12 C13"),
            ("C12; C13,", "C12 C13"),
            ("log in, out", "log in, out"),
        ] {
            assert_eq!(property("test_id", value).as_deref(), Some(ids), "{value}");
        }
        // A number alone may be an id of any tool but TestRail.
        assert_eq!(property("testrail_case_id", "12").as_deref(), Some("C12"));
        assert_eq!(property("test_id", "12").as_deref(), Some("12"));
        let tag = |tag| from_tag(tag).map(Cow::into_owned);
        for pair in ["test_id:SHOP-A", "@tallybook=SHOP-A", "Allure_ID: SHOP-A"] {
            assert_eq!(tag(pair).as_deref(), Some("SHOP-A"), "{pair}");
        }
        assert_eq!(tag("@C123").as_deref(), Some("C123"));
        for other in [
            "C123",
            "@C",
            "@C12a",
            "@T12",
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
        assert_eq!(tag("@shop-mrzshm").as_deref(), Some("SHOP-MRZSHM"));
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
        for word in [
            "(@SHOP-A1).",
            "@SHOP-A1!",
            "\"@SHOP-A1\",",
            "`@SHOP-A1`",
            "[@SHOP-A1]:",
            "<@SHOP-A1>?",
            "…@SHOP-A1…",
        ] {
            assert_eq!(from_word(word).as_deref(), Some("SHOP-A1"), "{word}");
        }
        for word in ["x@SHOP-A1", "@SHOP-A1/x", "@@SHOP-A1"] {
            assert_eq!(from_word(word), None, "{word}");
        }
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
