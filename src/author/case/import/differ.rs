//! How the text of a case that is here differs from what its source says.

use super::body::{Written, squashed};
use crate::model::{Case, ScenarioStep};
use crate::store::Doc;

/// Parts of a case's text, as people are told of them.
pub(super) const PARTS: [&str; 5] = [
    "description",
    "preconditions",
    "steps",
    "postconditions",
    "other sections",
];

/// Returns the parts in which a case differs from the title and the text that the source has.
pub(super) fn text(doc: &Doc<Case>, title: &str, body: &Written) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    if squashed(&doc.value.title) != squashed(title) && !title.is_empty() {
        out.push("title".to_owned());
    }
    let source = &body.scenario;
    let here = &doc.value.scenario;
    let differs =
        |source: &str, here: &str| !source.trim().is_empty() && squashed(source) != squashed(here);
    let other = source.other.iter().any(|(heading, text)| {
        let same = here.other.iter().find(|(own, _)| own == heading);
        differs(text, same.map_or("", |(_, text)| text))
    });
    let parts = [
        differs(&source.description, &here.description),
        differs(&source.preconditions, &here.preconditions),
        !source.steps.is_empty() && !same_steps(&source.steps, &here.steps),
        differs(&source.postconditions, &here.postconditions),
        other,
    ];
    let parts = PARTS.into_iter().zip(parts).filter(|(_, differs)| *differs);
    out.extend(parts.map(|(part, _)| part.to_owned()));
    out
}

/// Whether a case's file has fields only.
pub(super) fn has_no_text(doc: &Doc<Case>) -> bool {
    let here = &doc.value.scenario;
    let texts = [
        &here.description,
        &here.preconditions,
        &here.postconditions,
        &here.remarks,
    ];
    here.steps.is_empty() && here.other.is_empty() && texts.iter().all(|text| text.is_empty())
}

/// Whether steps say the same in the same order.
pub(super) fn same_steps(source: &[ScenarioStep], here: &[ScenarioStep]) -> bool {
    let words = |text: &Option<String>| squashed(text.as_deref().unwrap_or_default());
    source.len() == here.len()
        && source.iter().zip(here).all(|(source, here)| {
            let shared = source.shared.is_some() && here.shared.is_some();
            (shared || squashed(&source.action) == squashed(&here.action))
                && words(&source.expected) == words(&here.expected)
                && words(&source.data) == words(&here.data)
                && same_steps(&source.steps, &here.steps)
        })
}
