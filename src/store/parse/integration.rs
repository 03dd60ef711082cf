//! `integrations` in `project.yaml`.

use crate::model::{Integration, NewIssue, TrackerKind};
use crate::store::shape::Mapping;

pub(super) fn integration(mapping: &Mapping<'_, '_>) -> Integration {
    Integration {
        name: mapping.required_text("name"),
        kind: mapping
            .choice("kind", &TrackerKind::ALL, TrackerKind::as_str)
            .unwrap_or_default(),
        pattern: mapping.required_text("pattern"),
        url: mapping.required_text("url"),
        new_issue: mapping.mapping("new_issue").map(new_issue),
    }
}

fn new_issue(mapping: Mapping<'_, '_>) -> NewIssue {
    let scalar = |key| mapping.get(key).and_then(|value| value.scalar());
    let issue = NewIssue {
        site: mapping.text("site"),
        project: scalar("project"),
        issue_type: scalar("type"),
        labels: mapping.texts("labels"),
        url: mapping.text("url"),
    };
    mapping.finish();
    issue
}
