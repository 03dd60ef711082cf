//! `projects/<project>/project.yaml`.

use std::sync::Arc;

use super::approval::approval_rules;
use super::category::category;
use super::gate::gate;
use super::integration::integration;
use super::{Parsed, yaml_file};
use crate::model::{
    DeclaredVariable, FieldSource, FromResults, Keep, OrderedMap, ProjectFile, RequiredSignatures,
    Wins,
};
use crate::store::shape::{Mapping, Value};

/// Parses `project.yaml`.
pub fn parse_project(path: &str, text: Arc<str>) -> Parsed<ProjectFile> {
    yaml_file(path, text, read)
}

pub(super) fn read(top: &Mapping<'_, '_>) -> ProjectFile {
    let key = top.required_text("key");
    let name = top.required_text("name");
    let visibility = top.choice("visibility", &ProjectFile::VISIBILITIES, |word| word);
    let environment = top.named("environment", variable);
    let (fields, vocabularies) = fields(top);
    ProjectFile {
        key,
        name,
        visibility: visibility.unwrap_or("internal").to_owned(),
        environment,
        fields,
        vocabularies,
        workflow: workflow(top),
        layers: top.texts("layers"),
        keep: keep(top),
        signatures: top
            .choice(
                "signatures",
                &RequiredSignatures::ALL,
                RequiredSignatures::as_str,
            )
            .unwrap_or_default(),
        issues: top.named("issues", |value| value.text()),
        categories: top.each("categories", category),
        gate: gate(top),
        approvals: approval_rules(top),
        integrations: top.each("integrations", integration),
        manual_valid_for: top.get("manual_valid_for").and_then(|value| value.period()),
        documentation: from_results(top),
    }
}

/// Reads the names of fields: a list of them, or each with the values that it may have.
fn fields(top: &Mapping<'_, '_>) -> (Vec<String>, OrderedMap<Vec<String>>) {
    let Some(value) = top.get("fields") else {
        return Default::default();
    };
    let words = |value: Value<'_, '_>| match value.is_empty() {
        true => Vec::new(),
        false => value.texts(false),
    };
    let (names, words) = value.names(words);
    let given = words.into_iter().filter(|(_, words)| !words.is_empty());
    (names, given.collect())
}

fn from_results(top: &Mapping<'_, '_>) -> FromResults {
    let Some(mapping) = top.mapping("documentation") else {
        return FromResults::default();
    };
    let out = FromResults {
        launches: mapping.text("launches"),
        fields: mapping.named("fields", |value| {
            let source = value.mapping()?;
            let out = FieldSource {
                labels: source.texts_or_one("label"),
                wins: source
                    .choice("wins", &Wins::ALL, Wins::as_str)
                    .unwrap_or_default(),
            };
            source.finish();
            Some(out)
        }),
    };
    mapping.finish();
    out
}

fn variable(value: Value<'_, '_>) -> Option<DeclaredVariable> {
    if value.is_empty() {
        return Some(DeclaredVariable::default());
    }
    let mapping = value.mapping()?;
    let default = mapping.get("default").and_then(|value| value.scalar());
    mapping.finish();
    Some(DeclaredVariable { default })
}

fn workflow(top: &Mapping<'_, '_>) -> Vec<String> {
    let states = top.texts("workflow");
    if states.is_empty() {
        return ProjectFile::WORKFLOW.map(str::to_owned).to_vec();
    }
    states
}

fn keep(top: &Mapping<'_, '_>) -> Keep {
    let mut keep = Keep::default();
    let Some(mapping) = top.mapping("keep") else {
        return keep;
    };
    let flag = |key| mapping.get(key).and_then(|value| value.boolean());
    if let Some(flag) = flag("steps_of_passed") {
        keep.steps_of_passed = flag;
    }
    if let Some(flag) = flag("attachments_of_passed") {
        keep.attachments_of_passed = flag;
    }
    let size = mapping.get("attachment_size");
    if let Some(size) = size.and_then(|value| value.integer("a number of bytes")) {
        keep.attachment_size = size;
    }
    mapping.finish();
    keep
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CategoryKind, GateRule, Status};
    use crate::store::codes;

    fn parse(text: &str) -> Parsed<ProjectFile> {
        parse_project("projects/shop/project.yaml", text.into())
    }

    #[test]
    fn settings_are_read_and_have_defaults() {
        let text = "key: SHOP\nname: Shop\nenvironment:\n  browser: {default: chrome}\n  os:\n\
            layers: [unit, e2e]\nfields: [component]\nkeep: {steps_of_passed: true, attachment_size: 1000}\n\
            signatures: closings\ngate: {max_failed: 0}\n";
        let (doc, findings) = parse(text);
        assert_eq!(findings, []);
        let value = doc.expect("reads").value;
        assert_eq!(value.visibility, "internal");
        assert_eq!(value.workflow, ProjectFile::WORKFLOW);
        let browser = value.environment.get("browser").expect("declared");
        assert_eq!(browser.default.as_deref(), Some("chrome"));
        assert_eq!(
            value.environment.get("os"),
            Some(&DeclaredVariable::default())
        );
        assert!(value.keep.steps_of_passed && value.keep.attachments_of_passed);
        assert_eq!(value.keep.attachment_size, 1000);
        assert_eq!(value.signatures, RequiredSignatures::Closings);
        let gate = value.gate.expect("given");
        assert_eq!(gate.groups[0].rules, [GateRule::MaxFailed(0)]);
    }

    #[test]
    fn a_gate_that_is_none_is_still_asked_for() {
        let (doc, findings) = parse("key: S\nname: S\ngate: strict\n");
        assert_eq!(findings.len(), 1);
        let gate = doc.expect("reads").value.gate.expect("asked for");
        assert_eq!(gate.groups[0].unread, ["gate"]);
    }

    #[test]
    fn categories_and_integrations_are_read() {
        let text = "key: SHOP\nname: Shop\ncategories:\n\
            - {name: Timeouts, kind: infrastructure, message_regex: '.*timed out.*', status: broken}\n\
            - {name: Flaky, flaky: true, matchers: [{message: a}, {labels: {layer: e2e}}]}\n\
            integrations:\n- name: Tracker\n  kind: jira\n  pattern: 'WEB-\\d+'\n  url: https://t/browse/{id}\n  \
            new_issue: {project: 10000, type: 10004, labels: [found-by-test]}\n";
        let (doc, findings) = parse(text);
        assert_eq!(findings, []);
        let value = doc.expect("reads").value;
        let [timeouts, flaky] = &value.categories[..] else {
            panic!("two categories");
        };
        assert_eq!(timeouts.kind, CategoryKind::Infrastructure);
        assert_eq!(timeouts.conditions.search.status, [Status::Broken]);
        let regex = timeouts.conditions.message_regex.as_deref();
        assert_eq!(regex, Some(".*timed out.*"));
        assert_eq!(
            (flaky.conditions.flaky, flaky.matchers.len()),
            (Some(true), 2)
        );
        let [tracker] = &value.integrations[..] else {
            panic!("one tracker");
        };
        let new_issue = tracker.new_issue.as_ref().expect("given");
        assert_eq!(new_issue.project.as_deref(), Some("10000"));
        assert_eq!(new_issue.issue_type.as_deref(), Some("10004"));
    }

    #[test]
    fn shapes_are_checked_with_places() {
        let text =
            "key: SHOP\nnmae: Shop\nvisibility: publik\nkeep: {attachment_size: -1, steps: 1}\n";
        let (doc, findings) = parse(text);
        assert!(doc.is_some());
        let all: Vec<_> = findings
            .iter()
            .map(|f| (f.code, f.span.map(|s| &text[s.range()]), f.help.as_deref()))
            .collect();
        assert_eq!(
            all,
            [
                (codes::MISSING_KEY, None, Some("add `name: …`")),
                (
                    codes::UNKNOWN_VALUE,
                    Some("publik"),
                    Some("did you mean `public`?")
                ),
                (codes::WRONG_TYPE, Some("-1"), None),
                (
                    codes::UNKNOWN_KEY,
                    Some("steps"),
                    Some(
                        "the keys here are `steps_of_passed`, `attachments_of_passed` and `attachment_size`"
                    )
                ),
                (
                    codes::UNKNOWN_KEY,
                    Some("nmae"),
                    Some("did you mean `name`?")
                ),
            ]
        );
    }
}
