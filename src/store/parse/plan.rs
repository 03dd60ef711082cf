//! `plans/<id>.yaml`.

use std::sync::Arc;

use super::{Parsed, stem, yaml_file};
use crate::model::{OrderedMap, Plan};
use crate::store::shape::Mapping;

/// Parses a plan. Its id is the file's name.
pub fn parse_plan(path: &str, text: Arc<str>) -> Parsed<Plan> {
    yaml_file(path, text, |top| read(path, top))
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> Plan {
    Plan {
        id: stem(path).to_owned(),
        name: top.required_text("name"),
        description: top.text("description"),
        query: top.text("query"),
        saved: top.text("saved"),
        cases: top.texts("cases"),
        exclude: top.texts("exclude"),
        exclude_query: top.text("exclude_query"),
        environments: environments(top),
        assignees: top.texts("assignees"),
    }
}

fn environments(top: &Mapping<'_, '_>) -> Vec<OrderedMap<String>> {
    let items = top.get("environments");
    let items = items.map(|value| value.items(false, "a list of mappings"));
    let each = items.unwrap_or_default().into_iter();
    each.map(|item| item.named(|value| value.scalar()))
        .filter(|variables| !variables.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::codes;

    const PATH: &str = "projects/shop/plans/smoke.yaml";

    #[test]
    fn plans_are_read() {
        let text = "name: Smoke\nquery: tag = \"smoke\"\nsaved: risky\ncases: [SHOP-A]\nexclude: [SHOP-B]\n\
            exclude_query: muted = true\nenvironments: [{browser: chrome, retries: 3}, {browser: firefox}]\n\
            assignees: [alice]\n";
        let (doc, findings) = parse_plan(PATH, text.into());
        assert_eq!(findings, []);
        let plan = doc.expect("reads").value;
        assert_eq!(plan.id, "smoke");
        assert_eq!(plan.query.as_deref(), Some("tag = \"smoke\""));
        assert_eq!(plan.environments.len(), 2);
        assert_eq!(
            plan.environments[0].get("retries").map(String::as_str),
            Some("3")
        );
    }

    #[test]
    fn wrong_shapes_have_places() {
        let text = "name: Smoke\ncases: SHOP-A\nexlude: [a]\nenvironments: [chrome]\n";
        let (_, findings) = parse_plan(PATH, text.into());
        let all: Vec<_> = findings
            .iter()
            .map(|f| (f.code, &text[f.span.expect("a place").range()]))
            .collect();
        assert_eq!(
            all,
            [
                (codes::WRONG_TYPE, "SHOP-A"),
                (codes::WRONG_TYPE, "chrome"),
                (codes::UNKNOWN_KEY, "exlude"),
            ]
        );
    }
}
