//! `mutes/<id>.yaml`.

use std::sync::Arc;

use super::{Parsed, links, stem, yaml_file};
use crate::model::Mute;
use crate::store::shape::Mapping;

/// Parses a mute. Without `id`, the file's name is its id.
pub fn parse_mute(path: &str, text: Arc<str>) -> Parsed<Mute> {
    yaml_file(path, text, |top| read(path, top))
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> Mute {
    Mute {
        id: top.text("id").unwrap_or_else(|| stem(path).to_owned()),
        reason: top.required_text("reason"),
        owner: top.required_text("owner"),
        until: top.required("until").and_then(|value| value.date()),
        cases: top.texts("cases"),
        selector: top.text("selector"),
        query: top.text("query"),
        links: links(top),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::codes;

    const PATH: &str = "projects/shop/mutes/slow-card.yaml";

    #[test]
    fn mutes_are_read() {
        let text =
            "reason: the sandbox is slow\nowner: alice\nuntil: 2027-01-31\ncases: [SHOP-A]\n";
        let (doc, findings) = parse_mute(PATH, text.into());
        assert_eq!(findings, []);
        let mute = doc.expect("reads").value;
        assert_eq!(mute.id, "slow-card");
        assert_eq!(
            mute.until.map(|d| d.to_string()).as_deref(),
            Some("2027-01-31")
        );
    }

    #[test]
    fn dates_must_be_days() {
        let text = "reason: x\nowner: y\nuntil: 2027-02-30\n";
        let (_, findings) = parse_mute(PATH, text.into());
        assert_eq!(findings[0].code, codes::INVALID_DATE);
        assert_eq!(
            &text[findings[0].span.expect("a place").range()],
            "2027-02-30"
        );
        let (_, findings) = parse_mute(PATH, "reason: x\nowner: y\nuntil: 2027\n".into());
        assert_eq!(
            findings[0].message,
            "`until` is a number, expected a date such as `2026-11-22`"
        );
    }
}
