//! `queries/<id>.yaml`.

use std::sync::Arc;

use super::{Parsed, stem, yaml_file};
use crate::model::{Of, SavedQuery};
use crate::store::shape::Mapping;

/// Parses a saved query. Its id is the file's name; without `of`, it is of cases.
pub fn parse_query(path: &str, text: Arc<str>) -> Parsed<SavedQuery> {
    yaml_file(path, text, |top| read(path, top))
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> SavedQuery {
    SavedQuery {
        id: stem(path).to_owned(),
        name: top.required_text("name"),
        description: top.text("description"),
        of: top.choice("of", &Of::ALL, Of::as_str).unwrap_or_default(),
        query: top.required_text("query"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::codes;

    #[test]
    fn saved_queries_are_read() {
        let path = "projects/shop/queries/unresolved.yaml";
        let text = "name: Unresolved\nof: results\nquery: unresolved = true\n";
        let (doc, findings) = parse_query(path, text.into());
        assert_eq!(findings, []);
        let saved = doc.expect("reads").value;
        assert_eq!((saved.id.as_str(), saved.of), ("unresolved", Of::Results));
        let (_, findings) = parse_query(path, "name: x\nof: result\nquer: x\n".into());
        let all: Vec<_> = findings
            .iter()
            .map(|f| (f.code, f.help.as_deref()))
            .collect();
        assert_eq!(
            all,
            [
                (codes::UNKNOWN_VALUE, Some("did you mean `results`?")),
                (codes::MISSING_KEY, Some("add `query: …`")),
                (codes::UNKNOWN_KEY, Some("did you mean `query`?")),
            ]
        );
    }
}
