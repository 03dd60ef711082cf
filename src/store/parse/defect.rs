//! `defects/<id>.md`.

use std::sync::Arc;

use super::{Parsed, links, markdown_file, stem};
use crate::model::{Defect, DefectState, Matcher, Scenario, Status};
use crate::store::codes;
use crate::store::shape::Mapping;

/// Parses a defect. Without `id`, the file's name is its id; without `status`, it is open.
pub fn parse_defect(path: &str, text: Arc<str>) -> Parsed<Defect> {
    let (doc, mut findings) = markdown_file(
        path,
        text,
        |top| read(path, top),
        |defect, scenario| defect.description = scenario,
    );
    // What a report of a problem calls its steps may have any shape.
    let of_steps = [codes::UNNUMBERED_STEPS, codes::STEPS_WITHOUT_LIST];
    findings.retain(|finding| !of_steps.contains(&finding.code));
    (doc, findings)
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> Defect {
    Defect {
        id: top.text("id").unwrap_or_else(|| stem(path).to_owned()),
        title: top.required_text("title"),
        status: top
            .choice("status", &DefectState::ALL, DefectState::as_str)
            .unwrap_or_default(),
        owner: top.text("owner"),
        links: links(top),
        matchers: top.each("matchers", matcher),
        description: Scenario::default(),
    }
}

/// Reads the conditions that are found anywhere in a text.
pub(super) fn matcher(mapping: &Mapping<'_, '_>) -> Matcher {
    let status = || {
        let items = mapping.get("status")?.items(true, "a list of statuses");
        let words = items.iter();
        let words = words.filter_map(|item| item.choice(&Status::ALL, Status::as_str));
        Some(words.collect())
    };
    // Asked for in the order in which people write them.
    Matcher {
        message: mapping.text("message"),
        trace: mapping.text("trace"),
        full_name: mapping.text("full_name"),
        status: status().unwrap_or_default(),
        environment: mapping.named("environment", |value| value.scalar()),
        labels: mapping.labels("labels"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "projects/shop/defects/DEF-1.md";

    #[test]
    fn defects_and_their_matchers_are_read() {
        let text = "---\nid: DEF-1\ntitle: Card is refused\nstatus: closed\nmatchers:\n\
            - {message: 'refused: \\d+', status: failed, environment: {retries: 3}}\n\
            - {full_name: pay, labels: {feature: Payment}, status: [failed, broken]}\n---\n\nSince May.\n";
        let (doc, findings) = parse_defect(PATH, text.into());
        assert_eq!(findings, []);
        let defect = doc.expect("reads").value;
        assert_eq!(defect.status, DefectState::Closed);
        assert_eq!(defect.description.description, "Since May.");
        let first = &defect.matchers[0];
        assert_eq!(first.status, [Status::Failed]);
        assert_eq!(
            first.environment.get("retries").map(String::as_str),
            Some("3")
        );
        assert_eq!(defect.matchers[1].labels.all("feature"), ["Payment"]);
        assert_eq!(defect.matchers[1].status, [Status::Failed, Status::Broken]);
    }

    #[test]
    fn wrong_matchers_are_named() {
        let text = "---\ntitle: x\nmatchers:\n- {mesage: y, status: [faild, 1]}\n- text\n---\n";
        let (doc, findings) = parse_defect(PATH, text.into());
        assert_eq!(doc.expect("reads").value.id, "DEF-1");
        let all: Vec<_> = findings
            .iter()
            .map(|f| (f.code, f.message.as_str()))
            .collect();
        assert_eq!(
            all,
            [
                (
                    codes::UNKNOWN_VALUE,
                    "`matchers[0].status[0]` is `faild`, expected `failed`, `broken`, `passed`, `skipped`, `unknown` or `in_progress`"
                ),
                (
                    codes::WRONG_TYPE,
                    "`matchers[0].status[1]` is a number, expected `failed`, `broken`, `passed`, `skipped`, `unknown` or `in_progress`"
                ),
                (codes::UNKNOWN_KEY, "unknown key `mesage` in `matchers[0]`"),
                (
                    codes::WRONG_TYPE,
                    "`matchers[1]` is a text, expected a mapping of keys and values"
                ),
            ]
        );
    }
}
