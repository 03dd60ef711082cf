//! `members/<name>.yaml`.

use std::sync::Arc;

use super::{Parsed, stem, yaml_file};
use crate::model::{Member, Role};
use crate::store::shape::Mapping;

/// Parses a member's file. The member's id is the file's name; without a role, one is a reader.
pub fn parse_member(path: &str, text: Arc<str>) -> Parsed<Member> {
    yaml_file(path, text, |top| read(path, top))
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> Member {
    Member {
        id: stem(path).to_owned(),
        name: top.required_text("name"),
        emails: top.texts("emails"),
        role: top
            .choice("role", &Role::ALL, Role::as_str)
            .unwrap_or_default(),
        keys: top.texts("keys"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read() {
        let path = "projects/shop/members/alice.yaml";
        let text = "name: Alice\nemails: [alice@example.com]\nrole: owner\n";
        let (doc, findings) = parse_member(path, text.into());
        assert_eq!(findings, []);
        let member = doc.expect("reads").value;
        assert_eq!((member.id.as_str(), member.role), ("alice", Role::Owner));
        let (_, findings) = parse_member(path, "name: A\nrole: >\n format:\n\n  x\n".into());
        assert!(
            findings[0]
                .message
                .starts_with("`role` is `format: x`, expected"),
            "{findings:?}"
        );
        let (_, findings) = parse_member(path, "name: A\nrole: ownr\n".into());
        assert_eq!(
            findings[0].message,
            "`role` is `ownr`, expected `owner`, `writer`, `runner` or `reader`"
        );
    }
}
