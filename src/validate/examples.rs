//! Runs the examples of all pages: the bad one must yield the page's code, the fixed one nothing.

use super::check::check;
use super::page::{Page, pages};
use super::rules::RULES;
use crate::analysis::redaction::Redaction;
use crate::base::Timestamp;
use crate::base::text::sanitize;
use crate::diag::render;
use crate::store::attachments::AttachmentSetting;
use crate::store::schema::{Kind, schema};
use crate::store::{MemoryFiles, Snapshot};

/// What stands in every example's workspace, unless the example gives the file itself.
const BASE: [(&str, &str); 3] = [
    ("tallybook.yaml", "format: 1\ntitle: Example\n"),
    ("projects/shop/project.yaml", "key: SHOP\nname: Shop\n"),
    (
        "projects/shop/members/alice.yaml",
        "name: Alice\nemails: [alice@example.com]\nrole: owner\n",
    ),
];

/// Returns the files that a section's fenced blocks name: ```` ```yaml path/of/the file ````.
fn files(page: &str, section: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let (mut inside, mut open) = (false, None);
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ").filter(|_| open.is_none()) {
            inside = heading == section;
        } else if let Some(info) = line.strip_prefix("```").filter(|_| inside) {
            open = match open {
                None => {
                    let path = info.split_once(' ').map(|(_, path)| path.to_owned());
                    out.extend(path.clone().map(|path| (path, String::new())));
                    Some(path)
                }
                Some(_) => None,
            };
        } else if let (Some(Some(_)), Some((_, text))) = (&open, out.last_mut()) {
            text.push_str(line);
            text.push('\n');
        }
    }
    out
}

/// Validates files in the base workspace and returns the codes and the short view of all findings.
fn validate(files: &[(String, String)]) -> (Vec<&'static str>, String) {
    let mut all: MemoryFiles = BASE.into_iter().collect();
    for (path, text) in files {
        all.insert(path.as_str(), text.as_str());
    }
    let now = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
    let report = check(&Snapshot::memory(all), now).expect("memory reads");
    let codes = report.findings.iter().map(|f| f.code.id).collect();
    (codes, render::short(&report.findings, &report.sources))
}

/// Says what is wrong with a page's example and its fix. That a project has no owner is left out
/// of pages that are about something else.
fn problems(page: &Page) -> Vec<String> {
    let (text, id) = (page.text(), page.code.id);
    let mut out = Vec::new();
    let bad = files(&text, "Example");
    let (codes, shown) = validate(&bad);
    if !bad.is_empty() && !codes.contains(&id) {
        out.push(format!("{id}: its example yields:\n{shown}"));
    }
    let (codes, shown) = validate(&files(&text, "Fix"));
    if codes.iter().any(|code| *code == id || *code != "TB0154") {
        out.push(format!("{id}: its fix yields:\n{shown}"));
    }
    out
}

#[test]
fn the_base_has_no_findings() {
    assert_eq!(validate(&[]).1, "");
}

#[test]
fn examples_yield_the_code_and_fixes_nothing() {
    let problems: Vec<String> = pages().iter().flat_map(problems).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns what is wrong with a file by its schema; nothing where it has none, or is no YAML.
fn refused(path: &str, text: &str) -> Vec<String> {
    let Some(kind) = Kind::of(path) else {
        return Vec::new();
    };
    let yaml = match kind.is_yaml() {
        true => text,
        false => text.split("---\n").nth(1).unwrap_or_default(),
    };
    let Ok(value) = serde_yaml::from_str::<serde_json::Value>(yaml) else {
        return Vec::new();
    };
    let schema = jsonschema::draft7::new(&schema(kind)).expect("a schema");
    let errors = schema.iter_errors(&value);
    errors.map(|error| format!("{path}: {error}")).collect()
}

/// What schemas say as parsers and rules do.
const OF_SCHEMAS: [&str; 10] = [
    "TB0103", "TB0106", "TB0111", "TB0112", "TB0113", "TB0114", "TB0116", "TB0151", "TB0160",
    "TB0240",
];

#[test]
fn schemas_refuse_bad_examples_and_take_the_fixed_ones() {
    let mut told = Vec::new();
    for page in pages() {
        let (text, id) = (page.text(), page.code.id);
        let refused = |section| -> Vec<String> {
            let files = files(&text, section);
            files
                .iter()
                .flat_map(|(path, text)| refused(path, text))
                .collect()
        };
        assert_eq!(refused("Fix"), [""; 0], "{id}");
        if !refused("Example").is_empty() {
            told.push(id);
        }
    }
    assert_eq!(told, OF_SCHEMAS);
    for (path, text) in BASE {
        assert_eq!(refused(path, text), [""; 0]);
    }
}

/// Settings that are kept as written have a schema of their own, which is held here against what reads
/// them.
#[test]
fn settings_are_read_as_their_schemas_say() {
    let schema = schema(Kind::Workspace);
    let schema = jsonschema::draft7::new(&schema).expect("a schema");
    let takes = |key: &str, value: &serde_json::Value| {
        schema.is_valid(&serde_json::json!({"format": 1, key: value}))
    };
    for text in [
        "~",
        "{}",
        "git",
        "{store: git}",
        "{store: lfs, path: ~}",
        "{store: lfs, path: a}",
        "{store: directory}",
        "{store: directory, path: $A/b}",
        "{store: directory, path: ' '}",
        "{store: directory, path: 1}",
        "{store: s3}",
        "{path: a}",
        "{store: git, pth: a}",
        "[]",
    ] {
        let value = serde_yaml::from_str(text).expect("YAML");
        let is_read = AttachmentSetting::parse(&value).is_ok();
        assert_eq!(takes("attachments", &value), is_read, "attachments: {text}");
    }
    for text in [
        "~",
        "[]",
        "{}",
        "a",
        "[{pattern: a}]",
        "[{pattern: a, replace: ~}]",
        "[{pattern: ''}]",
        "[{pattern: a, replace: 1}]",
        "[{patern: a}]",
        "[a]",
        "{patterns: [{pattern: a}]}",
        "{patterns: a}",
        "{patterns: ~, allow: ~}",
        "{allow: [jwt]}",
        "{allow: jwt}",
        "{alow: []}",
    ] {
        let value = serde_yaml::from_str(text).expect("YAML");
        let is_read = Redaction::parse(&value).is_ok();
        assert_eq!(takes("redaction", &value), is_read, "redaction: {text}");
    }
}

#[test]
fn every_rule_has_examples() {
    for rule in RULES {
        assert!(!files(rule.page, "Example").is_empty(), "{}", rule.code.id);
    }
}

#[test]
fn pages_have_all_sections_and_are_plain() {
    for page in pages() {
        let text = page.text();
        let sections = ["What it checks", "Why", "Example", "Fix"];
        let found: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        let found: Vec<&str> = found.into_iter().filter(|s| sections.contains(s)).collect();
        assert_eq!(found, sections, "{}", page.code.id);
        assert_eq!(sanitize(&text), text);
    }
}

#[test]
fn codes_are_sorted_unique_and_in_range() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.code.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    let is_rule =
        |id: &&str| ("TB0150".."TB0400").contains(id) || ("TB0411".."TB0500").contains(id);
    assert!(ids.iter().all(is_rule));
    let mut names: Vec<&str> = pages().iter().map(|page| page.code.name).collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
}

#[test]
fn every_code_of_the_store_has_a_page() {
    let pages = pages();
    use crate::store::codes;
    let elsewhere = codes::OF_IMPORTS.iter().chain(&codes::OF_SITES);
    let elsewhere = elsewhere.chain(&codes::OF_SHEETS).chain(&codes::OF_CASES);
    for code in codes::ALL.iter().chain(elsewhere) {
        assert!(pages.iter().any(|p| p.code == *code), "{}", code.id);
    }
}
