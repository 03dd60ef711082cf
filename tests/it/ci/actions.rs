//! `action.yml` step by step: its lines of shell run, and what it hands to other actions.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::{Env, Kit, can_talk, fine, push, read, root, with};
use crate::repo::Ran;
use crate::shop::junit;

/// Names as `inputs.command`, and their values.
type Known = BTreeMap<String, String>;

/// One run of the action: how each of its `run` steps ended, and which other actions it came to.
struct Acted {
    ran: Vec<Ran>,
    uses: Vec<(String, BTreeMap<String, String>)>,
}

/// The value of an operand: a name, or a text in quotes.
fn operand(known: &Known, text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('\'') {
        Some(rest) => rest.trim_end_matches('\'').to_owned(),
        None => known.get(text).cloned().unwrap_or_default(),
    }
}

fn holds(known: &Known, condition: &str) -> bool {
    let condition = condition
        .trim()
        .trim_start_matches("${{")
        .trim_end_matches("}}");
    condition.split("&&").all(|part| match part.trim() {
        "!cancelled()" => true,
        part if part.contains("==") => {
            let (a, b) = part.split_once("==").expect("two sides");
            operand(known, a) == operand(known, b)
        }
        part => {
            let (a, b) = part.split_once("!=").expect("a comparison");
            operand(known, a) != operand(known, b)
        }
    })
}

/// A text with its expressions evaluated; `a == 'b' && c || d` is the only one that isn't a name.
fn filled(known: &Known, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").expect("it ends");
        out.push_str(before);
        out.push_str(&match expression.split_once("||") {
            Some((then, otherwise)) => {
                let (condition, value) = then.rsplit_once("&&").expect("a condition");
                let value = if holds(known, condition) {
                    value
                } else {
                    otherwise
                };
                operand(known, value)
            }
            None => operand(known, expression),
        });
        rest = after;
    }
    out + rest
}

fn pairs(known: &Known, value: &Value) -> Vec<(String, String)> {
    let pairs = value.as_mapping().into_iter().flatten();
    let text = |value: &Value| match value {
        Value::Bool(flag) => flag.to_string(),
        value => value.as_str().expect("a text").to_owned(),
    };
    pairs
        .map(|(k, v)| (text(k), filled(known, &text(v))))
        .collect()
}

fn act(kit: &Kit, machine: &str, env: &Env<'static>, given: &[(&str, &str)]) -> Acted {
    let action: Value = serde_yaml::from_str(&read("action.yml")).expect("YAML");
    let mut known = Known::from([("github.token".into(), "s3cret".into())]);
    for (name, input) in action["inputs"].as_mapping().expect("inputs") {
        let default = input["default"].as_str().unwrap_or_default();
        let name = name.as_str().expect("a name");
        known.insert(format!("inputs.{name}"), filled(&known, default));
    }
    for (name, value) in given {
        let old = known.insert(format!("inputs.{name}"), (*value).to_owned());
        assert!(old.is_some(), "`{name}` is no input");
    }
    let mut acted = Acted {
        ran: Vec::new(),
        uses: Vec::new(),
    };
    let mut failed = false;
    for step in action["runs"]["steps"].as_sequence().expect("steps") {
        let condition = step["if"].as_str().unwrap_or("!cancelled()");
        if !holds(&known, condition)
            || (failed && !condition.contains("cancelled()"))
            || (failed && step["if"].is_null())
        {
            continue;
        }
        if let Some(uses) = step["uses"].as_str() {
            let name = uses.split('@').next().expect("a name").to_owned();
            acted
                .uses
                .push((name, pairs(&known, &step["with"]).into_iter().collect()));
            continue;
        }
        let output = kit.path("step-output");
        let mut command = kit.command(machine, "bash", env);
        command.args([
            "--noprofile",
            "--norc",
            "-e",
            "-o",
            "pipefail",
            "-c",
            step["run"].as_str().expect("a script"),
        ]);
        command
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_ACTION_PATH", root());
        std::fs::write(&output, "").expect("written");
        command.envs(pairs(&known, &step["env"]));
        let ran = kit.finish(&mut command);
        failed |= ran.code != Some(0);
        if let Some(id) = step["id"].as_str() {
            for line in kit.read("step-output").lines() {
                let (name, value) = line.split_once('=').expect("an output");
                known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        acted.ran.push(ran);
    }
    acted
}

impl Acted {
    fn used(&self, name: &str) -> &BTreeMap<String, String> {
        let found = self.uses.iter().find(|(uses, _)| uses == name);
        &found
            .unwrap_or_else(|| panic!("{name} in {:?}", self.uses))
            .1
    }

    fn fine(self) -> Self {
        self.ran.iter().for_each(fine);
        self
    }
}

#[test]
fn the_action_reviews_a_pull_request() {
    if !can_talk() {
        return;
    }
    let kit = Kit::new(&["runner"]);
    let head = kit.pull_request();
    let env = with(kit.github(&head, "acme/shop"), &[("TALLYBOOK_TOKEN", "")]);
    let acted = act(
        &kit,
        "runner",
        &env,
        &[("command", "validate"), ("sarif", "true")],
    )
    .fine();
    assert_eq!(
        acted.used("github/codeql-action/upload-sarif")["sarif_file"],
        "tallybook.sarif"
    );
    let cached = acted.used("actions/cache");
    assert!(
        cached["path"].ends_with("/.cache/tallybook-ci"),
        "{cached:?}"
    );
    assert!(cached["key"].len() > 32, "{cached:?}");
    let acted = act(&kit, "runner", &env, &[("command", "review")]).fine();
    assert_eq!(
        acted.used("actions/upload-artifact")["path"],
        "tallybook-review"
    );
    assert_eq!(
        kit.forge.facts().asked,
        Vec::<String>::new(),
        "not unless it is asked to"
    );
    // It fails, and what it found is carried and told all the same.
    let acted = act(
        &kit,
        "runner",
        &env,
        &[
            ("command", "review"),
            ("comment", "true"),
            ("fail-on", "weakened"),
        ],
    );
    assert_eq!(
        acted.ran.iter().filter(|ran| ran.code == Some(1)).count(),
        1
    );
    assert_eq!(
        acted.used("actions/upload-artifact")["name"],
        "tallybook-review"
    );
    assert_eq!(kit.forge.facts().comments.len(), 1);
}

#[test]
fn the_action_carries_closes_and_renders() {
    let kit = Kit::new(&["runner"]);
    kit.write("runner/out/a b.xml", &junit(&[("expired", "")]));
    kit.write("runner/out/c.xml", &junit(&[("other", "<failure/>")]));
    let append = [
        ("command", "append"),
        ("results", "out/*.xml\n"),
        ("job", "chrome"),
        ("environment", "browser=chrome\n"),
    ];
    let acted = act(&kit, "runner", &push(&kit), &append).fine();
    let carried = acted.used("actions/upload-artifact");
    assert!(
        carried["name"].starts_with("tallybook-part-chrome-"),
        "{carried:?}"
    );
    assert!(std::path::Path::new(&carried["path"]).is_dir());
    let close = [
        ("command", "close"),
        ("expect", "chrome"),
        ("gate", "false"),
    ];
    let acted = act(&kit, "runner", &push(&kit), &close).fine();
    assert_eq!(
        acted.used("actions/download-artifact")["path"],
        "tallybook-parts"
    );
    let body = kit
        .fleet
        .0
        .git_in("origin.git", ["log", "-1", "--format=%b", "main"]);
    assert!(body.contains("1 passed, 1 failed"), "{body}");
    let acted = act(
        &kit,
        "runner",
        &push(&kit),
        &[("command", "render"), ("out", "pages")],
    )
    .fine();
    assert_eq!(acted.used("actions/upload-pages-artifact")["path"], "pages");
    assert!(kit.path("runner/pages/index.html").is_file());
}

#[test]
fn inputs_are_never_executed() {
    let kit = Kit::new(&["runner"]);
    kit.write("runner/r.xml", &junit(&[("expired", "")]));
    let hostile = "$(touch ../pwned)`touch ../pwned`; touch ../pwned #";
    for name in [
        "job",
        "environment",
        "name",
        "key",
        "results",
        "base",
        "site",
        "command",
    ] {
        let given = [("command", "append"), ("results", "r.xml"), (name, hostile)];
        let _ran = act(&kit, "runner", &push(&kit), &given);
        let given = [("command", "review"), (name, hostile)];
        let _ran = act(&kit, "runner", &push(&kit), &given);
    }
    assert!(!kit.path("pwned").exists());
}
