use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::git::is_branch_name;
use crate::model::{is_case_id, is_project_key};
use crate::store::parse::outline;
use crate::store::shape::Outline;

fn ways(outline: &Outline, at: &str, out: &mut BTreeSet<String>) {
    for asked in &outline.keys {
        let way = match at {
            "" => asked.key.to_owned(),
            at => format!("{at}.{}", asked.key),
        };
        ways(&asked.value, &way, out);
        out.insert(way);
    }
    for (inner, mark) in [(&outline.item, "[]"), (&outline.named, ".*")] {
        if let Some(inner) = inner {
            ways(inner, &format!("{at}{mark}"), out);
        }
    }
}

#[test]
fn every_key_has_words_and_all_words_have_a_key() {
    let mut unused: BTreeSet<(&str, &str)> = SHARED.iter().copied().collect();
    for kind in Kind::ALL {
        let words = Words::new(kind);
        let mut all = BTreeSet::new();
        for outline in outline(kind) {
            ways(&outline, "", &mut all);
        }
        for way in &all {
            let said = words.of(way).unwrap_or_else(|| panic!("{kind:?}: `{way}`"));
            assert!(said.ends_with('.') && !said.contains('\n'), "{said}");
            unused.retain(|(_, known)| *known != said);
        }
        for (way, _) in words.own {
            assert!(all.contains(*way), "{kind:?} has no `{way}`");
        }
    }
    assert_eq!(unused, BTreeSet::new());
}

proptest! {
    #[test]
    fn patterns_are_what_rules_ask(text in "[A-Z0-9a-z._é -]{0,18}|[A-Z][A-Z0-9]{0,17}") {
        let fits = |pattern: &str| regex::Regex::new(pattern).expect("valid").is_match(&text);
        prop_assert_eq!(fits(PROJECT_KEY), is_project_key(&text));
        prop_assert_eq!(fits(CASE_ID), is_case_id(&text));
    }

    #[test]
    fn branches_are_named_as_git_names_them(name in "[a.@{/~ -]{0,5}|HEAD|(a|/|[.]lock|HEAD|[@]){1,4}|[^a]{0,3}|[\\x00-\\x7f]{0,4}") {
        let schema = serde_json::json!({"pattern": BRANCH});
        let fits = jsonschema::draft7::is_valid(&schema, &serde_json::json!(name));
        prop_assert_eq!(fits, is_branch_name(&name));
    }
}
