//! `steps/<slug>.md`.

use std::sync::Arc;

use super::{Parsed, markdown_file};
use crate::model::{Scenario, SharedSteps};
use crate::store::shape::Mapping;

/// Parses shared steps.
pub fn parse_steps(path: &str, text: Arc<str>) -> Parsed<SharedSteps> {
    markdown_file(path, text, read, |steps, scenario| {
        steps.scenario = scenario;
    })
}

pub(super) fn read(top: &Mapping<'_, '_>) -> SharedSteps {
    SharedSteps {
        title: top.required_text("title"),
        scenario: Scenario::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_steps_have_a_title_and_steps() {
        let text = "---\ntitle: Sign in\n---\n\n## Steps\n\n1. Open it.\n1. Sign in.\n";
        let (doc, findings) = parse_steps("projects/shop/steps/sign-in.md", text.into());
        assert_eq!(findings, []);
        let doc = doc.expect("reads");
        assert_eq!(doc.value.title, "Sign in");
        let step = &doc.value.scenario.steps[1];
        assert_eq!(step.action, "Sign in.");
        assert_eq!(&text[doc.step_span(step.offset).range()], "1. Sign in.");
    }
}
