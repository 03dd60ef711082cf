//! Parsers and schemas, held against each other.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::full::Full;
use super::{Kind, schema};
use crate::diag::Finding;
use crate::store::yaml::{self, Node};
use crate::store::{
    codes, parse_approvals, parse_case, parse_dashboard, parse_defect, parse_gate, parse_member,
    parse_mute, parse_plan, parse_project, parse_query, parse_requirements, parse_steps,
    parse_workspace,
};

pub(super) fn findings(kind: Kind, text: &str) -> Vec<Finding> {
    let yaml: Arc<str> = text.into();
    let markdown: Arc<str> = format!("---\n{text}---\n").into();
    match kind {
        Kind::Workspace => parse_workspace("f", yaml).1,
        Kind::Project => parse_project("f", yaml).1,
        Kind::Member => parse_member("f", yaml).1,
        Kind::Case => parse_case("f", markdown).1,
        Kind::Steps => parse_steps("f", markdown).1,
        Kind::Plan => parse_plan("f", yaml).1,
        Kind::Query => parse_query("f", yaml).1,
        Kind::Dashboard => parse_dashboard("f", yaml).1,
        Kind::Gate => parse_gate("f", yaml).1,
        Kind::Requirement => parse_requirements("f", yaml).1,
        Kind::Defect => parse_defect("f", markdown).1,
        Kind::Mute => parse_mute("f", yaml).1,
        Kind::Approval => parse_approvals("f", yaml).1,
        Kind::Launch | Kind::Annotation => Vec::new(),
    }
}

fn is_of_shape(finding: &Finding) -> bool {
    [
        codes::UNKNOWN_KEY,
        codes::MISSING_KEY,
        codes::WRONG_TYPE,
        codes::UNKNOWN_VALUE,
        codes::UNSUPPORTED_FORMAT,
        codes::INVALID_DATE,
    ]
    .contains(&finding.code)
}

#[test]
fn schemas_are_schemas() {
    for kind in Kind::ALL {
        let schema = schema(kind);
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        jsonschema::draft7::meta::validate(&schema).unwrap_or_else(|e| panic!("{kind:?}: {e}"));
    }
}

/// Values of all kinds, near to what some key takes.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1i64..4).prop_map(Value::from),
        prop_oneof![Just(0.5), Just(99.5), Just(250.25)].prop_map(Value::from),
        "a|98%|200 %|1000001%|2026-11-22|2026-11-22T18:43:00Z|90d|manual|active|critical|failed|results|github|owner|product|closed|pairwise|public|all|git|lfs|directory"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Keys that some kind of file has somewhere, and one that none has.
fn key() -> impl Strategy<Value = String> {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let pointers = Full::all().into_iter().flat_map(|full| full.pointers());
        let mut keys: Vec<String> = pointers
            .filter_map(|at| Some(at.rsplit_once('/')?.1.to_owned()))
            .chain(["a".to_owned()])
            .collect();
        keys.sort();
        keys.dedup();
        keys
    });
    proptest::sample::select(KEYS.as_slice())
}

/// A file with all that it must have, and some keys more or less.
fn file() -> impl Strategy<Value = (Kind, Value)> {
    let kinds: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| !kind.is_evidence())
        .collect();
    proptest::sample::select(kinds).prop_flat_map(|kind| {
        let own: Vec<String> = crate::store::parse::outline(kind)
            .iter()
            .flat_map(|outline| outline.keys.iter().map(|asked| asked.key.to_owned()))
            .collect();
        let key = prop_oneof![20 => proptest::sample::select(own), 1 => key()];
        proptest::collection::vec((key, value()), 0..4).prop_map(move |more| {
            let mut file = least(kind);
            for (key, value) in more {
                file[key] = value;
            }
            (kind, file)
        })
    })
}

/// A file with all keys that there are, of which a few are something else or gone.
fn altered() -> impl Strategy<Value = (Kind, Value)> {
    static FULL: LazyLock<Vec<Full>> = LazyLock::new(Full::all);
    let file = proptest::sample::select(FULL.iter().collect::<Vec<_>>());
    file.prop_flat_map(|full| {
        let at = proptest::sample::select(full.pointers());
        let change = (at, proptest::option::weighted(0.8, value()));
        proptest::collection::vec(change, 0..3).prop_map(move |changes| {
            let mut file = full.value.clone();
            for (at, value) in changes.into_iter().filter(|(at, _)| !at.is_empty()) {
                alter(&mut file, &at, value);
            }
            (full.kind, file)
        })
    })
}

/// Puts a value in another's place, or removes it; an earlier change may have removed it.
fn alter(file: &mut Value, at: &str, value: Option<Value>) {
    let (outer, key) = at.rsplit_once('/').expect("it is in something");
    match (file.pointer_mut(outer), value) {
        (Some(Value::Object(map)), None) => drop(map.remove(key)),
        (Some(Value::Array(items)), None) => items.clear(),
        (Some(_), Some(value)) => {
            if let Some(place) = file.pointer_mut(at) {
                *place = value;
            }
        }
        _ => {}
    }
}

/// The least that a kind of file must have.
fn least(kind: Kind) -> Value {
    match kind {
        Kind::Workspace => json!({"format": 1}),
        Kind::Project => json!({"key": "SHOP", "name": "Shop"}),
        Kind::Member | Kind::Plan | Kind::Gate | Kind::Dashboard => json!({"name": "Ann"}),
        Kind::Case => json!({"id": "SHOP-K4F7QM", "title": "Sign in"}),
        Kind::Query => json!({"name": "Failed", "query": "status = failed"}),
        Kind::Mute => json!({"reason": "a", "owner": "ann", "until": "2026-11-22"}),
        Kind::Approval => json!({}),
        _ => json!({"title": "Sign in"}),
    }
}

/// What schemas say and parsers leave to `validate`: how ids and keys are written, and settings that are
/// read elsewhere. What both leave to it is no matter here.
pub(super) fn without_rules(kind: Kind) -> Value {
    let mut schema = schema(kind);
    let Some(properties) = schema.get_mut("properties") else {
        return schema;
    };
    for key in ["id", "key"] {
        if let Some(Value::Object(property)) = properties.get_mut(key) {
            property.remove("pattern");
        }
    }
    for key in ["attachments", "redaction"] {
        if let Some(property) = properties.get_mut(key) {
            *property = json!(true);
        }
    }
    schema
}

fn agree(kind: Kind, text: &str) -> Result<(), TestCaseError> {
    let node = match yaml::parse(text) {
        Ok(Node::Null) => json!({}),
        Ok(node) => node.to_json(),
        Err(error) => return Err(TestCaseError::fail(format!("{error:?} in {text}"))),
    };
    let found = findings(kind, text);
    let shapes: Vec<&Finding> = found
        .iter()
        .filter(|finding| is_of_shape(finding))
        .collect();
    let validator = jsonschema::draft7::new(&without_rules(kind)).expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(&node)
        .map(|e| e.to_string())
        .collect();
    prop_assert_eq!(
        shapes.is_empty(),
        errors.is_empty(),
        "{:?}\n{}\nfindings: {:?}\nschema: {:?}",
        kind,
        text,
        shapes,
        errors
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn a_schema_refuses_what_the_parser_reports((kind, file) in file()) {
        let text = serde_json::to_string(&file).expect("plain data") + "\n";
        agree(kind, &text)?;
    }

    #[test]
    fn what_is_altered_anywhere_is_refused_by_both((kind, file) in altered()) {
        let text = serde_json::to_string(&file).expect("plain data") + "\n";
        agree(kind, &text)?;
    }
}

/// What once was read in two ways, and what a generator seldom finds.
#[test]
fn corners_are_read_alike() {
    for (kind, text) in [
        (Kind::Requirement, "title: A\nrequirements:\n"),
        (Kind::Requirement, "requirements: []\n"),
        (Kind::Requirement, "requirements:\n"),
        (Kind::Requirement, "requirements: []\ntitle: A\n"),
        (
            Kind::Project,
            "key: A\nname: A\nenvironment: {a: , b: {default: 1}, c: {}}\n",
        ),
        (
            Kind::Project,
            "key: A\nname: A\nfields: {a: , b: [1], c: {d: 1}}\n",
        ),
        (Kind::Project, "key: A\nname: A\nfields: a\n"),
        (
            Kind::Project,
            "key: A\nname: A\ngate: {groups: [{name: A, min_pass_rate: 98 %}]}\n",
        ),
        (Kind::Gate, "name: A\nmin_pass_rate: 0.98\n"),
        (
            Kind::Gate,
            "name: A\nmin_pass_rate: 0\nmax_duration_growth: 150\n",
        ),
        (Kind::Gate, "name: A\nmin_pass_rate: 101\n"),
        (Kind::Gate, "name: A\nmin_pass_rate: 200 %\n"),
        (Kind::Gate, "name: A\nmin_pass_rate: 100.1%\n"),
        (Kind::Gate, "name: A\nmin_pass_rate: 0100.0%\n"),
        (Kind::Gate, "name: A\nmin_pass_rate: 1e1%\n"),
        (Kind::Gate, "name: A\nmin_pass_rate: +98%\n"),
        (Kind::Gate, "name: A\nmin_pass_rate: .5%\n"),
        (Kind::Gate, "name: A\nmin_pass_rate: 5.%\n"),
        (Kind::Gate, "name: A\nmin_pass_rate: 1.5.2%\n"),
        (Kind::Gate, "name: A\nmax_duration_growth: 200%\n"),
        (Kind::Gate, "name: A\nmax_duration_growth: 1000000%\n"),
        (Kind::Gate, "name: A\nmax_duration_growth: 1000001%\n"),
        (
            Kind::Case,
            "id: A\ntitle: A\ntags: a\nfields: {a: b, c: [d, e], f: }\n",
        ),
        (Kind::Case, "id: A\ntitle: A\nparameters: {a: b}\n"),
        (
            Kind::Case,
            "id: A\ntitle: A\nparameters: {a: [1, 1.5, true, b]}\n",
        ),
        (
            Kind::Defect,
            "title: A\nmatchers: [{status: failed}, {status: [failed, broken]}]\n",
        ),
        (
            Kind::Defect,
            "title: A\nmatchers: [{status: [failed, odd]}]\n",
        ),
        (Kind::Defect, "title: A\nmatchers: [~, {}]\n"),
        (Kind::Mute, "reason: A\nowner: A\nuntil: 22.11.2026\n"),
        (
            Kind::Approval,
            "approvals: [{by: ann, at: '2026-11-22T18:43:00.5+01:00', digest: a, own: true, requirements: {R: a}, cases: {}}]\n",
        ),
        (
            Kind::Approval,
            "approvals: [{by: ann, at: 2026-11-22 18:43:00Z, digest: a}]\n",
        ),
        (
            Kind::Approval,
            "approvals: [{by: ann, at: 2026-11-22, digest: a}]\n",
        ),
        (
            Kind::Approval,
            "approvals: [{by: ann, at: '2026-11-22T18:43:00', digest: a}]\n",
        ),
        (
            Kind::Approval,
            "approvals: [{by: ann, at: 2026-11-22T18:43:00z, digest: a, requirements: [R]}]\n",
        ),
        (Kind::Project, "key: A\nname: A\napprovals: {required: 0}\n"),
        (
            Kind::Project,
            "key: A\nname: A\napprovals: {required: 1, own: }\n",
        ),
        (Kind::Project, "key: A\nname: A\nmanual_valid_for: d\n"),
        (Kind::Project, "key: A\nname: A\nmanual_valid_for: 90\n"),
        (Kind::Requirement, "title: A\nmanual_valid_for: ' 26w '\n"),
        (Kind::Requirement, "title: A\nmanual_valid_for: 26 w\n"),
        (Kind::Workspace, "format: 2\n"),
        (
            Kind::Workspace,
            "format: 1\nlaunches: {branch: a, brnch: b}\n",
        ),
        (Kind::Workspace, "# nothing\n"),
    ] {
        agree(kind, text).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn the_least_that_files_must_have_is_enough() {
    for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_evidence()) {
        let text = serde_json::to_string(&least(kind)).expect("plain data") + "\n";
        assert_eq!(findings(kind, &text), [], "{kind:?}");
        agree(kind, &text).expect("they agree");
        let validator = jsonschema::draft7::new(&schema(kind)).expect("a schema");
        assert!(validator.is_valid(&least(kind)), "{kind:?}");
        assert!(!validator.is_valid(&json!({"nothing": 1})), "{kind:?}");
    }
}
