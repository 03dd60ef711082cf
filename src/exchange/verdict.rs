//! What a gate said, for people, programs and CI.

use std::fmt::Write as _;

use serde::Serialize;

use crate::diag::render::{JunitCase, JunitFailure, JunitSuite, workflow_command};

/// A gate's verdict; its keys in JSON stay.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// The gate's file; none for that of `project.yaml`.
    pub gate: Option<String>,
    pub launch: String,
    pub launch_name: String,
    pub passed: bool,
    pub rules: Vec<Ruling>,
}

/// What came of one rule.
#[derive(Clone, Debug, Serialize)]
pub struct Ruling {
    /// The group's name; empty for the gate's own rules.
    pub group: String,
    pub rule: String,
    pub passed: bool,
    pub expected: String,
    pub actual: String,
    /// One line each.
    pub culprits: Vec<String>,
}

/// How many culprits stand in an annotation.
const ANNOTATED: usize = 10;

impl Ruling {
    /// `max_failed`, or `payments: max_failed`.
    pub fn title(&self) -> String {
        match self.group.as_str() {
            "" => self.rule.clone(),
            group => format!("{group}: {}", self.rule),
        }
    }
}

impl Verdict {
    /// `project.yaml` or the gate's own name.
    pub fn gate_name(&self) -> &str {
        self.gate.as_deref().unwrap_or("project.yaml")
    }

    /// Returns the rules that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Ruling> {
        self.rules.iter().filter(|ruling| !ruling.passed)
    }

    /// Renders one workflow command of GitHub Actions for each rule that failed.
    pub fn github(&self) -> String {
        let mut out = String::new();
        for ruling in self.failed() {
            let mut lines = vec![format!(
                "expected {}, found {}",
                ruling.expected, ruling.actual
            )];
            lines.extend(ruling.culprits.iter().take(ANNOTATED).cloned());
            let more = ruling.culprits.len().saturating_sub(ANNOTATED);
            if more > 0 {
                lines.push(format!("and {more} more"));
            }
            let title = format!("gate {}: {}", self.gate_name(), ruling.title());
            out.push_str(&workflow_command("error", &title, &lines));
        }
        out
    }

    /// Renders JUnit XML: one test for each rule, so that any CI shows it.
    pub fn junit(&self) -> String {
        let suite = JunitSuite {
            name: format!("gate {}", self.gate_name()),
            cases: self.rules.iter().map(|r| self.junit_case(r)).collect(),
        };
        suite.render().text
    }

    fn junit_case(&self, ruling: &Ruling) -> JunitCase {
        let message = format!("expected {}, found {}", ruling.expected, ruling.actual);
        let mut text = message.clone();
        for culprit in &ruling.culprits {
            let _ = write!(text, "\n{culprit}");
        }
        JunitCase {
            class_name: self.launch.clone(),
            name: ruling.title(),
            failure: (!ruling.passed).then_some(JunitFailure {
                kind: None,
                message,
                text,
            }),
            ..JunitCase::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict() -> Verdict {
        let ruling = |rule: &str, passed: bool, culprits: &[&str]| Ruling {
            group: if passed {
                String::new()
            } else {
                "pay <&>".to_owned()
            },
            rule: rule.to_owned(),
            passed,
            expected: "at most 0".to_owned(),
            actual: "2".to_owned(),
            culprits: culprits.iter().map(|text| (*text).to_owned()).collect(),
        };
        Verdict {
            gate: Some("release".to_owned()),
            launch: "2026-11-22".to_owned(),
            launch_name: "Nightly".to_owned(),
            passed: false,
            rules: vec![
                ruling("results", true, &[]),
                ruling(
                    "max_failed",
                    false,
                    &["failed \"a\" <b>\n::error::x", "\u{1b}[31mred ]]>"],
                ),
            ],
        }
    }

    #[test]
    fn ci_gets_one_test_a_rule() {
        insta::assert_snapshot!(verdict().junit(), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="gate release" tests="2" failures="1">
          <testcase classname="2026-11-22" name="results"/>
          <testcase classname="2026-11-22" name="pay &lt;&amp;&gt;: max_failed">
            <failure message="expected at most 0, found 2">expected at most 0, found 2
        failed &quot;a&quot; &lt;b&gt;
        ::error::x
        \u{1b}[31mred ]]&gt;</failure>
          </testcase>
        </testsuite>
        "#);
    }

    #[test]
    fn commands_cannot_be_smuggled_in() {
        insta::assert_snapshot!(verdict().github(), @r#"::error title=gate release%3A pay <&>%3A max_failed::expected at most 0, found 2%0Afailed "a" <b> ::error::x%0A\u{1b}[31mred ]]>"#);
    }
}
