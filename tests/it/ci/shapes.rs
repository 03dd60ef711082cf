//! What the kit's files promise to their readers, held against each other.

use std::collections::BTreeSet;

use serde_yaml::Value;

use super::{read, root};

const WORKFLOWS: [&str; 4] = [
    "action.yml",
    "ci/github/pull-request.yml",
    "ci/github/comment.yml",
    "ci/github/main.yml",
];

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&read(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// All steps of an action or a workflow.
fn steps(value: &Value) -> Vec<Value> {
    let of = |value: &Value| value["steps"].as_sequence().cloned().unwrap_or_default();
    let jobs = value["jobs"].as_mapping().into_iter().flatten();
    let mut out: Vec<Value> = jobs.flat_map(|(_, job)| of(job)).collect();
    out.extend(of(&value["runs"]));
    out
}

#[test]
fn actions_are_pinned_and_nothing_is_put_into_a_script() {
    let pinned = regex::Regex::new(r"@[0-9a-f]{40} # v\d").expect("a pattern");
    for path in WORKFLOWS {
        for line in read(path).lines().filter(|line| line.contains("uses:")) {
            assert!(
                pinned.is_match(line) || line.contains("OWNER/tallybook@v1"),
                "{path}: {line}"
            );
        }
        let steps = steps(&yaml(path));
        assert!(!steps.is_empty());
        for step in steps {
            let script = step["run"].as_str().unwrap_or_default();
            assert!(!script.contains("${{"), "{path}: {script}");
        }
    }
}

#[test]
fn examples_give_inputs_that_the_action_has() {
    let action = yaml("action.yml");
    for path in &WORKFLOWS[1..] {
        for step in steps(&yaml(path)) {
            if !step["uses"]
                .as_str()
                .is_some_and(|uses| uses.starts_with("OWNER/"))
            {
                continue;
            }
            for (name, _) in step["with"].as_mapping().expect("inputs") {
                assert!(!action["inputs"][name].is_null(), "{path}: {name:?}");
            }
        }
    }
    let source = read("action.yml");
    for (name, _) in action["inputs"].as_mapping().expect("inputs") {
        let name = name.as_str().expect("a name");
        assert!(
            source.contains(&format!("inputs.{name}")),
            "`{name}` is not used"
        );
        assert!(
            read("docs/ci.md").contains(&format!("`{name}`")),
            "docs/ci.md lacks input `{name}`"
        );
    }
}

#[test]
fn only_what_closes_or_comments_may_write() {
    for path in &WORKFLOWS[1..] {
        let workflow = yaml(path);
        assert!(
            workflow["permissions"].is_mapping(),
            "{path} says what it may"
        );
        for (name, job) in workflow["jobs"].as_mapping().expect("jobs") {
            let name = name.as_str().expect("a name");
            let rights = job["permissions"].as_mapping().into_iter().flatten();
            let writes = rights
                .filter(|(_, right)| right.as_str() == Some("write"))
                .count();
            let expected = match name {
                "close" | "comment" => 1,
                "site" => 2,
                _ => 0,
            };
            assert_eq!(writes, expected, "{path}: {name}");
            assert!(job["timeout-minutes"].is_u64(), "{path}: {name}");
        }
    }
    assert!(!read("ci/github/comment.yml").contains("actions/checkout"));
}

#[test]
fn every_setting_is_documented() {
    let names = regex::Regex::new(r"\bTALLYBOOK(_[A-Z]+)+\b").expect("a pattern");
    let own = ["TALLYBOOK_IMAGE", "TALLYBOOK_FINGERPRINT"];
    let docs = read("docs/ci.md");
    let mut used = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("ci/lib")).expect("lists") {
        let text = std::fs::read_to_string(entry.expect("reads").path()).expect("reads");
        used.extend(names.find_iter(&text).map(|name| name.as_str().to_owned()));
    }
    assert!(used.len() > 20);
    for name in used.iter().filter(|name| !own.contains(&name.as_str())) {
        assert!(
            docs.contains(&format!("`{name}`")),
            "docs/ci.md lacks `{name}`"
        );
    }
    for name in names
        .find_iter(&docs)
        .filter(|name| !own.contains(&name.as_str()))
    {
        assert!(
            used.contains(name.as_str()),
            "docs/ci.md has `{}`, which nothing reads",
            name.as_str()
        );
    }
}

#[test]
fn the_image_is_built_from_what_is_there() {
    let kept: BTreeSet<String> = read(".dockerignore")
        .lines()
        .filter_map(|line| line.strip_prefix('!').map(str::to_owned))
        .collect();
    for path in &kept {
        assert!(root().join(path).exists(), "`{path}` is not there");
    }
    for line in read("Dockerfile")
        .lines()
        .filter(|line| line.starts_with("COPY ci"))
    {
        let from = line.split(' ').nth(1).expect("a source");
        assert!(root().join(from).exists() && kept.contains("ci"), "{line}");
    }
    // What cargo asks for is among it.
    let manifest = read("Cargo.toml");
    for line in manifest.lines().filter(|line| line.starts_with("path = ")) {
        let path = line.split('"').nth(1).expect("a path");
        assert!(
            kept.iter().any(|kept| path.starts_with(kept.as_str())),
            "`{path}` is left out"
        );
    }
    let rust = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "));
    let rust = rust.expect("a version").trim_matches('"');
    assert!(read("Dockerfile").contains(&format!("FROM rust:{rust}-slim")));
}

#[test]
fn hooks_name_commands_that_are_there() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let files = regex::Regex::new(r"(^|/)(tallybook\.yaml|projects/.+)$").expect("a pattern");
    assert!(files.is_match("qa/projects/shop/cases/a.md") && !files.is_match("src/main.rs"));
    for hook in hooks.as_sequence().expect("a list") {
        let entry = hook["entry"].as_str().expect("an entry");
        let known = [
            "tallybook validate",
            "tallybook verify",
            "tallybook fmt --check",
        ];
        assert!(known.contains(&entry), "{entry}");
        assert_eq!(hook["pass_filenames"].as_bool(), Some(false));
        let expected = hook["files"]
            .as_str()
            .is_none_or(|text| text == files.as_str());
        assert!(expected, "{hook:?}");
    }
}
