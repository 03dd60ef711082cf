//! What a gate said, for people, programs and CI.

use std::fmt::Write as _;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde::Serialize;

use crate::base::text::sanitize;
use crate::diag::render::workflow_command;

/// A gate's verdict; its keys in JSON stay.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// The gate's file; empty for that of `project.yaml`.
    pub gate: String,
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
        match self.gate.as_str() {
            "" => "project.yaml",
            gate => gate,
        }
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
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        let write = |writer: &mut Writer<Vec<u8>>| -> std::io::Result<()> {
            writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
            let (tests, failures) = (self.rules.len(), self.failed().count());
            let suite = writer
                .create_element("testsuite")
                .with_attribute((
                    "name",
                    shown(&format!("gate {}", self.gate_name())).as_str(),
                ))
                .with_attribute(("tests", tests.to_string().as_str()))
                .with_attribute(("failures", failures.to_string().as_str()));
            suite.write_inner_content(|writer| {
                for ruling in &self.rules {
                    self.junit_case(writer, ruling)?;
                }
                Ok(())
            })?;
            Ok(())
        };
        write(&mut writer).expect("memory takes all that is written");
        String::from_utf8_lossy(&writer.into_inner()).into_owned() + "\n"
    }

    fn junit_case(&self, writer: &mut Writer<Vec<u8>>, ruling: &Ruling) -> std::io::Result<()> {
        let name = shown(&ruling.title());
        let case = writer
            .create_element("testcase")
            .with_attribute(("classname", shown(&self.launch).as_str()))
            .with_attribute(("name", name.as_str()));
        if ruling.passed {
            case.write_empty()?;
            return Ok(());
        }
        let message = shown(&format!(
            "expected {}, found {}",
            ruling.expected, ruling.actual
        ));
        let mut text = message.clone();
        for culprit in &ruling.culprits {
            let _ = write!(text, "\n{}", shown(culprit));
        }
        case.write_inner_content(|writer| {
            let failure = writer
                .create_element("failure")
                .with_attribute(("message", message.as_str()));
            failure.write_text_content(BytesText::new(&text))?;
            Ok(())
        })?;
        Ok(())
    }
}

/// Replaces what XML can't hold.
fn shown(text: &str) -> String {
    let is_held = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    sanitize(text)
        .chars()
        .map(|c| if is_held(c) { c } else { '\u{fffd}' })
        .collect()
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
            gate: "release".to_owned(),
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
