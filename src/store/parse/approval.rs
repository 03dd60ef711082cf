//! `approvals/<case-id>.yaml`, and `approvals` in `project.yaml`.

use std::sync::Arc;

use super::{Parsed, stem, yaml_file};
use crate::base::Timestamp;
use crate::model::{Approval, ApprovalRules, CaseApprovals};
use crate::store::shape::Mapping;

/// Parses the approvals of a case, whose id is the file's name.
pub fn parse_approvals(path: &str, text: Arc<str>) -> Parsed<CaseApprovals> {
    yaml_file(path, text, |top| read(path, top))
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> CaseApprovals {
    CaseApprovals {
        case: stem(path).to_owned(),
        all: top.each("approvals", approval),
    }
}

fn approval(mapping: &Mapping<'_, '_>) -> Approval {
    let at = mapping.required("at").and_then(|value| value.instant());
    Approval {
        by: mapping.required_text("by"),
        at: at.unwrap_or(Timestamp::from_ms(0)),
        digest: mapping.required_text("digest"),
        meaning: mapping.text("meaning"),
        note: mapping.text("note"),
        own: mapping
            .get("own")
            .and_then(|value| value.boolean())
            .unwrap_or_default(),
        requirements: mapping.named("requirements", |value| value.text()),
        cases: mapping.named("cases", |value| value.text()),
    }
}

/// Reads what a project asks of approvals.
pub(super) fn approval_rules(top: &Mapping<'_, '_>) -> ApprovalRules {
    const EXPECTED: &str = "a whole number from 1 on";
    let mut rules = ApprovalRules::default();
    let Some(value) = top.get("approvals") else {
        return rules;
    };
    let Some(mapping) = value.mapping() else {
        rules.unread = true;
        return rules;
    };
    if let Some(value) = mapping.get("required") {
        match value.integer_from(1, EXPECTED) {
            Some(n) => rules.required = n,
            None => rules.unread = true,
        }
    }
    if let Some(value) = mapping.get("own") {
        match value.boolean() {
            Some(own) => rules.own = own,
            None => rules.unread = true,
        }
    }
    let is_known = |key| ["required", "own"].contains(&key);
    rules.unread |= !{ mapping.keys() }.all(is_known);
    mapping.finish();
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{codes, parse_project};

    const PATH: &str = "projects/shop/approvals/SHOP-K4F7QM.yaml";

    #[test]
    fn approvals_are_read() {
        let text = "approvals:\n- {\"by\": \"alice\", \"at\": \"2026-11-22T18:43:00Z\", \"digest\": \"ab\", \
            \"meaning\": \"reviewed\", \"own\": true, \"requirements\": {\"REQ-4\": \"cd\"}}\n\
            - by: Bob <bob@example.com>\n  at: 2026-11-23T09:00:00+01:00\n  digest: ef\n  cases: {SHOP-Q9W2MA: '01'}\n";
        let (doc, findings) = parse_approvals(PATH, text.into());
        assert_eq!(findings, []);
        let value = doc.expect("reads").value;
        assert_eq!(value.case, "SHOP-K4F7QM");
        let [alice, bob] = &value.all[..] else {
            panic!("two approvals");
        };
        assert_eq!((alice.by.as_str(), alice.own), ("alice", true));
        assert_eq!(alice.requirements.get("REQ-4"), Some(&"cd".to_owned()));
        assert_eq!(bob.at.to_string(), "2026-11-23T08:00:00Z");
        assert_eq!(bob.cases.get("SHOP-Q9W2MA"), Some(&"01".to_owned()));
    }

    #[test]
    fn what_is_missing_has_a_place() {
        let text = "approvals:\n- {by: alice, at: yesterday, diggest: ab}\n";
        let (_, findings) = parse_approvals(PATH, text.into());
        let said: Vec<_> = findings
            .iter()
            .map(|f| (f.code, f.message.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                (
                    codes::INVALID_DATE,
                    "`approvals[0].at` is `yesterday`, expected a time such as `2026-11-22T18:43:00Z`"
                ),
                (codes::MISSING_KEY, "`approvals[0].digest` is missing"),
                (
                    codes::UNKNOWN_KEY,
                    "unknown key `diggest` in `approvals[0]`"
                ),
            ]
        );
    }

    #[test]
    fn a_slip_in_the_settings_never_asks_for_less() {
        for (written, required, own, unread, findings) in [
            ("", 1, true, false, 0),
            ("approvals: {required: 2}\n", 2, true, false, 0),
            ("approvals: {required: 2, own: false}\n", 2, false, false, 0),
            ("approvals: {required: 0}\n", 1, true, true, 1),
            ("approvals: {required: two}\n", 1, true, true, 1),
            ("approvals: {requird: 2}\n", 1, true, true, 1),
            ("approvals: {own: never}\n", 1, true, true, 1),
            ("approvals: 2\n", 1, true, true, 1),
        ] {
            let text = format!("key: S\nname: S\n{written}");
            let (doc, found) = parse_project("projects/s/project.yaml", text.into());
            let rules = doc.expect("reads").value.approvals;
            let expected = ApprovalRules {
                required,
                own,
                unread,
            };
            assert_eq!((rules, found.len()), (expected, findings), "{written}");
        }
    }
}
