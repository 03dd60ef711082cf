//! `cases/<section>/…/<slug>.md`.

use std::sync::Arc;

use super::{Parsed, links, markdown_file};
use crate::model::{Automation, Case, Combine, Execution, Relation, Severity};
use crate::store::shape::Mapping;

/// Parses a test case. Without `execution`, a case with selectors is automated and any other is
/// manual. Without `status`, it is left empty; loading fills it in by the project's workflow.
pub fn parse_case(path: &str, text: Arc<str>) -> Parsed<Case> {
    markdown_file(path, text, read, |case, scenario| {
        case.scenario = scenario;
    })
}

pub(super) fn read(top: &Mapping<'_, '_>) -> Case {
    let mut case = Case {
        id: top.required_text("id"),
        title: top.required_text("title"),
        ..Case::default()
    };
    let execution = top.choice("execution", &Execution::ALL, Execution::as_str);
    case.status = top.text("status").unwrap_or_default();
    case.layer = top.text("layer");
    let severity = top.choice("severity", &Severity::ALL, Severity::as_str);
    case.severity = severity.unwrap_or_default();
    case.owner = top.text("owner");
    case.tags = top.texts_or_one("tags");
    case.fields = top.labels("fields");
    case.links = links(top);
    case.automation = automation(top);
    case.relations = top.each("relations", |relation| Relation {
        kind: relation.required_text("type"),
        case: relation.required_text("case"),
    });
    case.parameters = top.named("parameters", |value| {
        let items = value.items(false, "a list of values");
        Some(items.iter().filter_map(|item| item.scalar()).collect())
    });
    let combine = top.choice("combine", &Combine::ALL, Combine::as_str);
    case.combine = combine.unwrap_or_default();
    case.aliases = top.texts_or_one("aliases");
    case.execution = execution.unwrap_or(if case.automation.selectors.is_empty() {
        Execution::Manual
    } else {
        Execution::Automated
    });
    case
}

fn automation(top: &Mapping<'_, '_>) -> Automation {
    let Some(mapping) = top.mapping("automation") else {
        return Automation::default();
    };
    let selectors = mapping.texts_or_one("selectors");
    mapping.finish();
    Automation { selectors }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Finding;
    use crate::store::codes;
    use proptest::prelude::*;

    const PATH: &str = "projects/shop/cases/auth/expired.md";

    fn parse(front_matter: &str) -> (Option<Case>, Vec<Finding>) {
        let text = format!("---\n{front_matter}---\n");
        let (doc, findings) = parse_case(PATH, text.into());
        (doc.map(|doc| doc.value), findings)
    }

    fn messages(front_matter: &str) -> Vec<String> {
        let (_, findings) = parse(&format!("id: A\ntitle: T\n{front_matter}"));
        findings.into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn the_whole_front_matter_is_read() {
        let text = "---\nid: SHOP-K4F7QM\ntitle: Sign in\nexecution: manual # both\nstatus: active\n\
            layer: e2e\nseverity: critical\nowner: alice\ntags: [smoke, auth]\n\
            fields: {component: [login], feature: Authentication}\n\
            links:\n  - {type: issue, name: WEB-812}\n\
            automation:\n  selectors: \"tests.auth#test_expired\"\n\
            relations: [{type: automates, case: SHOP-Q9W2MA}]\n\
            parameters: {browser: [chrome, firefox], version: [1.10, 2, true]}\n\
            combine: pairwise\naliases: OLD-1\n---\n\nWhat this proves.\n";
        let (doc, findings) = parse_case(PATH, text.into());
        assert_eq!(findings, []);
        let doc = doc.expect("reads");
        assert_eq!(doc.section(), ["auth"]);
        assert_eq!(doc.body().trim(), "What this proves.");
        let case = &doc.value;
        assert_eq!(
            (case.execution, case.severity),
            (Execution::Manual, Severity::Critical)
        );
        assert_eq!(case.fields.all("feature"), ["Authentication"]);
        assert_eq!(case.links[0].name.as_deref(), Some("WEB-812"));
        assert_eq!(case.automation.selectors, ["tests.auth#test_expired"]);
        assert_eq!(case.relations[0].case, "SHOP-Q9W2MA");
        let versions = case.parameters.get("version").expect("given");
        assert_eq!(*versions, ["1.10", "2", "true"]);
        assert_eq!((case.combine, case.aliases.len()), (Combine::Pairwise, 1));
        let place = |path: &[_]| doc.span(path).map(|span| &text[span.range()]);
        assert_eq!(
            place(&["links".into(), 0.into(), "name".into()]),
            Some("WEB-812")
        );
        assert_eq!(place(&["execution".into()]), Some("manual"));
        assert_eq!(place(&["aliases".into(), 0.into()]), Some("OLD-1"));
        assert!(doc.has(&["owner".into()]) && !doc.has(&["nothing".into()]));
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let (case, findings) = parse("id: A\ntitle: T\nowner:\ntags:\n");
        assert_eq!(findings, []);
        let case = case.expect("reads");
        assert_eq!((case.execution, case.owner), (Execution::Manual, None));
        let (case, _) = parse("id: A\ntitle: T\nautomation: {selectors: [a.b]}\n");
        assert_eq!(case.expect("reads").execution, Execution::Automated);
    }

    #[test]
    fn wrong_shapes_say_what_was_found_and_expected() {
        assert_eq!(
            messages("tags: 5\n"),
            ["`tags` is a number, expected a list of texts"]
        );
        assert_eq!(
            messages("owner: [a]\n"),
            ["`owner` is a list, expected a text"]
        );
        assert_eq!(
            messages("automation: x\n"),
            ["`automation` is a text, expected a mapping of keys and values"]
        );
        assert_eq!(
            messages("severity: hihg\n"),
            [
                "`severity` is `hihg`, expected `blocker`, `critical`, `normal`, `minor` or `trivial`"
            ]
        );
        assert_eq!(
            messages("relations: [{type: automates}]\n"),
            ["`relations[0].case` is missing"]
        );
        let (_, findings) = parse("id: 12.50\ntitle: T\n");
        assert_eq!(findings[0].message, "`id` is a number, expected a text");
        assert_eq!(
            findings[0].help.as_deref(),
            Some("write it in quotes: `\"12.50\"`")
        );
        let (_, findings) = parse("- a\n");
        assert_eq!(
            findings[0].message,
            "the file is a list, expected a mapping of keys and values"
        );
    }

    #[test]
    fn repeated_keys_are_found_at_any_depth() {
        let text = "---\nid: A\ntitle: T\nfields: {a: x, b: y, a: z}\nid: B\n---\n";
        let (doc, findings) = parse_case(PATH, text.into());
        assert_eq!(doc.expect("reads").value.id, "A");
        let places: Vec<_> = findings
            .iter()
            .map(|f| {
                (
                    f.code,
                    f.span.expect("a place").start,
                    f.labels[0].span.start,
                )
            })
            .collect();
        assert_eq!(
            places,
            [
                (codes::DUPLICATE_KEY, 40, 28),
                (codes::DUPLICATE_KEY, 46, 4)
            ]
        );
    }

    #[test]
    fn invalid_yaml_has_a_place_in_the_whole_file() {
        let text = "---\nid: A\ntitle: Sign in: now\n---\n";
        let (doc, findings) = parse_case(PATH, text.into());
        assert!(doc.is_none());
        assert_eq!(findings[0].code, codes::INVALID_YAML);
        let span = findings[0].span.expect("a place");
        assert_eq!(&text[span.start - 7..span.end], "Sign in:");
        assert_eq!(
            findings[0].help.as_deref(),
            Some("put a text that holds `: ` in quotes, and align the keys")
        );
    }

    #[test]
    fn a_conflict_is_the_only_finding() {
        let text = "---\nid: A\n<<<<<<< HEAD\ntitle: T\n=======\ntitle: U\n>>>>>>> other\n---\n";
        let (_, findings) = parse_case(PATH, text.into());
        let codes: Vec<_> = findings.iter().map(|f| f.code).collect();
        assert_eq!(codes, [codes::CONFLICT_MARKER]);
    }

    #[test]
    fn findings_of_one_file_are_bounded() {
        let mut text = String::new();
        for i in 0..5_000 {
            text.push_str(&format!("k{i}: 1\n"));
        }
        let (_, findings) = parse(&text);
        assert_eq!(findings.len(), 101);
        assert_eq!(findings[100].code, codes::TOO_MANY_FINDINGS);
    }

    fn yaml_like() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "(id|title|tags|links|fields|parameters|automation|relations|status): .{0,20}",
            "  ?- .{0,10}",
            "(tags|links|fields|severity):",
            "[a-z]{1,4}: [\\[{&*!|>'\"é].{0,12}",
            "(1\\.|-|##) (Steps|Expected:|\\[x\\]\\(\\.\\./steps/y\\.md\\))",
            "---",
        ];
        proptest::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
    }

    fn check(text: &str) -> Result<(), TestCaseError> {
        let (doc, findings) = parse_case(PATH, text.into());
        for span in findings.iter().filter_map(|f| f.span) {
            prop_assert!(text.get(span.range()).is_some(), "{:?} in {:?}", span, text);
        }
        if let Some(doc) = doc {
            for step in &doc.value.scenario.steps {
                prop_assert!(doc.body().is_char_boundary(step.offset));
                prop_assert!(text.get(doc.step_span(step.offset).range()).is_some());
            }
            for key in ["id", "tags", "links", "fields"] {
                if let Some(span) = doc.span(&[key.into()]) {
                    prop_assert!(text.get(span.range()).is_some());
                }
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_fail(text in "\\PC*") {
            check(&text)?;
            check(&format!("---\n{text}\n---\n{text}"))?;
        }

        #[test]
        fn nothing_like_yaml_makes_the_parser_fail(text in yaml_like(), body in yaml_like()) {
            check(&format!("---\n{text}\n---\n{body}"))?;
        }
    }
}
