//! `requirements/<slug>.yaml`.

use std::sync::Arc;

use super::{Parsed, stem, yaml_file};
use crate::model::{Gap, Requirement, Requirements};
use crate::store::shape::Mapping;

/// Parses requirements: a file is one, whose id is the file's name where it gives none, or has a list
/// `requirements:`.
pub fn parse_requirements(path: &str, text: Arc<str>) -> Parsed<Requirements> {
    yaml_file(path, text, |top| read(path, top))
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> Requirements {
    let is_list = top.decides("requirements");
    let all = if is_list {
        top.each("requirements", |one| {
            let id = one.required_text("id");
            requirement(one, id)
        })
    } else {
        let id = top.text("id").unwrap_or_else(|| stem(path).to_owned());
        vec![requirement(top, id)]
    };
    Requirements { is_list, all }
}

fn requirement(mapping: &Mapping<'_, '_>, id: String) -> Requirement {
    Requirement {
        id,
        title: mapping.required_text("title"),
        url: mapping.text("url"),
        description: mapping.text("description"),
        owner: mapping.text("owner"),
        parent: mapping.text("parent"),
        manual_valid_for: mapping
            .get("manual_valid_for")
            .and_then(|value| value.period()),
        gap: mapping.mapping("gap").map(gap),
    }
}

fn gap(mapping: Mapping<'_, '_>) -> Gap {
    let gap = Gap {
        reason: mapping.required_text("reason"),
        by: mapping.required_text("by"),
        until: mapping.get("until").and_then(|value| value.date()),
    };
    mapping.finish();
    gap
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::codes;

    fn parse(text: &str) -> Parsed<Requirements> {
        parse_requirements("projects/shop/requirements/REQ-4.yaml", text.into())
    }

    #[test]
    fn a_file_is_one_requirement_or_a_list() {
        let (doc, findings) = parse("title: Sign in\nurl: https://example.com/REQ-4\n");
        assert_eq!(findings, []);
        let one = doc.expect("reads").value;
        assert!(!one.is_list);
        assert_eq!(one.all[0].id, "REQ-4");
        let text = "requirements:\n- {id: REQ-5, title: A, parent: REQ-4}\n\
            - id: REQ-6\n  title: B\n  gap: {reason: no device, by: alice, until: 2027-01-31}\n";
        let (doc, findings) = parse(text);
        assert_eq!(findings, []);
        let list = doc.expect("reads").value;
        assert!(list.is_list && list.all.len() == 2);
        assert_eq!(list.all[0].parent.as_deref(), Some("REQ-4"));
        let gap = list.all[1].gap.as_ref().expect("justified");
        assert_eq!(
            gap.until.map(|day| day.to_string()).as_deref(),
            Some("2027-01-31")
        );
    }

    #[test]
    fn wrong_shapes_have_places() {
        let text = "requirements:\n- {id: R, titel: A, gap: {by: a, till: 1}}\ntitle: x\n";
        let (_, findings) = parse(text);
        let all: Vec<_> = findings
            .iter()
            .map(|f| (f.code, f.message.as_str()))
            .collect();
        assert_eq!(
            all,
            [
                (codes::MISSING_KEY, "`requirements[0].title` is missing"),
                (
                    codes::MISSING_KEY,
                    "`requirements[0].gap.reason` is missing"
                ),
                (
                    codes::UNKNOWN_KEY,
                    "unknown key `till` in `requirements[0].gap`"
                ),
                (
                    codes::UNKNOWN_KEY,
                    "unknown key `titel` in `requirements[0]`"
                ),
                (codes::UNKNOWN_KEY, "unknown key `title`"),
            ]
        );
    }
}
