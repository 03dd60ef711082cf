//! The Markdown body of a case, of shared steps or of a defect: its sections and its steps.
//!
//! No text is lost: what is neither an expected result, nor data, nor a nested step stays in the
//! step's action, and what stands beside the list of steps stays in the remarks.

mod blocks;
mod text;
mod written;

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use self::blocks::{Block, Kind, blocks};
use self::text::{content, plain, rest};
pub use self::written::{Body, Piece, PieceKind, Section, Steps};
use super::codes;
use crate::base::path as paths;
use crate::diag::{Finding, Span};
use crate::model::{Scenario, ScenarioStep};

/// What may stand before what is expected of a step, in any letter case.
const EXPECTED: [&str; 3] = ["expected results", "expected result", "expected"];

/// What may stand before a step's data, in any letter case.
const DATA: [&str; 2] = ["test data", "data"];

/// The labels of a step, as they are written best.
pub const LABELS: [&str; 5] = [
    "Expected",
    "Data",
    "Expected result",
    "Expected results",
    "Test data",
];

/// The headings that are read as parts of a case, as they are written best.
pub const SECTIONS: [&str; 3] = ["Preconditions", "Steps", "Postconditions"];

/// Findings of one body that are kept.
const MAX_FINDINGS: usize = 100;

/// Parses a body. `offset` is where it starts in its file, for the places of findings.
pub(crate) fn parse(path: &str, body: &str, offset: usize) -> (Scenario, Vec<Finding>) {
    let blocks = blocks(body);
    let is_section = |block: &Block| block.kind == Kind::Section;
    let mut sections = blocks.chunk_by(|_, next| !is_section(next)).peekable();
    // What stands before the first heading.
    sections.next_if(|chunk| !is_section(&chunk[0]));
    let start_of = |chunk: Option<&&[Block]>| chunk.map_or(body.len(), |c| c[0].range.start);
    let mut out = Out {
        path,
        body,
        offset,
        scenario: Scenario::default(),
        seen: [false; 3],
        findings: Vec::new(),
    };
    out.scenario.description = plain(&body[..start_of(sections.peek())]);
    while let Some([heading, inside @ ..]) = sections.next() {
        let range = heading.range.end..start_of(sections.peek());
        out.section(heading, range, inside);
    }
    (out.scenario, out.findings)
}

#[derive(Debug)]
struct Out<'a> {
    path: &'a str,
    body: &'a str,
    offset: usize,
    scenario: Scenario,
    /// Whether preconditions, steps and postconditions have come.
    seen: [bool; 3],
    findings: Vec<Finding>,
}

impl Out<'_> {
    fn section(&mut self, heading: &Block, range: Range<usize>, blocks: &[Block]) {
        let title = heading_text(&self.body[heading.range.clone()]);
        let text = plain(&self.body[range.clone()]);
        let known = match title.trim_end_matches(':').to_lowercase().as_str() {
            "preconditions" | "precondition" => 0,
            "steps" => 1,
            "postconditions" | "postcondition" => 2,
            _ => {
                self.scenario.other.push((title, text));
                return;
            }
        };
        if std::mem::replace(&mut self.seen[known], true) {
            let message = format!("there is a second section `{title}`");
            let help = "put both under one heading";
            self.warn(codes::REPEATED_SECTION, message, help, &heading.range);
            self.scenario.other.push((title, text));
            return;
        }
        match known {
            0 => self.scenario.preconditions = text,
            1 => self.steps(range, blocks, &heading.range),
            _ => self.scenario.postconditions = text,
        }
    }

    fn steps(&mut self, range: Range<usize>, blocks: &[Block], heading: &Range<usize>) {
        let lists = |kind| blocks.iter().filter(move |b: &&Block| b.kind == kind);
        let mut found: Vec<&Block> = lists(Kind::Ordered).collect();
        if found.is_empty() {
            found = lists(Kind::Bullets).collect();
            if let Some(list) = found.first() {
                let message = "the steps are bullets, expected a numbered list".to_owned();
                let help = "start each step with `1.`";
                self.warn(codes::UNNUMBERED_STEPS, message, help, &list.range);
            }
        }
        let cuts: Vec<Range<usize>> = found.iter().map(|list| list.range.clone()).collect();
        self.scenario.remarks = rest(self.body, range, &cuts, 0);
        if found.is_empty() && !self.scenario.remarks.is_empty() {
            let message = "the section `Steps` has no list, so there are no steps".to_owned();
            let help = "start each step with `1.`";
            self.warn(codes::STEPS_WITHOUT_LIST, message, help, heading);
        }
        let items = found.iter().flat_map(|list| &list.children);
        self.scenario.steps = items.map(|item| step(self.path, self.body, item)).collect();
    }

    /// Warns at the first line of a range of the body.
    fn warn(&mut self, code: crate::diag::Code, message: String, help: &str, at: &Range<usize>) {
        if self.findings.len() == MAX_FINDINGS {
            return;
        }
        let line = self.body[at.clone()].lines().next().unwrap_or_default();
        let span = Span::new(at.start, at.start + line.trim_end().len());
        let finding = Finding::warning(code, self.path, message);
        let finding = finding.at(span.shifted(self.offset)).help(help);
        self.findings.push(finding);
    }
}

fn heading_text(source: &str) -> String {
    let source = source.trim();
    if source.starts_with('#') {
        let text = source.trim_start_matches('#').trim();
        let bare = text.trim_end_matches('#');
        let closed = bare.is_empty() || bare.ends_with(char::is_whitespace);
        return (if closed { bare.trim_end() } else { text }).to_owned();
    }
    let (text, _) = source.rsplit_once('\n').unwrap_or((source, ""));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads one item of a list of steps.
fn step(path: &str, body: &str, item: &Block) -> ScenarioStep {
    let (start, indent) = content(body, item.range.start);
    let mut out = ScenarioStep {
        offset: item.range.start,
        ..ScenarioStep::default()
    };
    let mut cuts = Vec::new();
    for block in &item.children {
        match block.kind {
            Kind::Ordered => {
                out.steps
                    .extend(block.children.iter().map(|i| step(path, body, i)));
                cuts.push(block.range.clone());
            }
            Kind::Bullets => {
                for bullet in &block.children {
                    let (start, indent) = content(body, bullet.range.start);
                    let text = rest(body, start..bullet.range.end, &[], indent);
                    if take(&mut out, &text, false) {
                        cuts.push(bullet.range.clone());
                    }
                }
            }
            Kind::Paragraph => {
                let text = rest(body, block.range.clone(), &[], indent);
                if take(&mut out, &text, true) {
                    cuts.push(block.range.clone());
                }
            }
            Kind::Section | Kind::Item => {}
        }
    }
    out.action = rest(body, start..item.range.end, &cuts, indent);
    out.shared = shared(path, &out.action);
    out
}

/// Takes a text that says `Expected:` or `Data:` at its start; a paragraph must say it in bold.
fn take(step: &mut ScenarioStep, text: &str, bold: bool) -> bool {
    let (field, value) = if let Some(value) = labelled(text, &EXPECTED, bold) {
        (&mut step.expected, value)
    } else if let Some(value) = labelled(text, &DATA, bold) {
        (&mut step.data, value)
    } else {
        return false;
    };
    match field {
        Some(old) => {
            old.push_str("\n\n");
            old.push_str(value);
        }
        None => *field = Some(value.to_owned()),
    }
    true
}

/// Returns what follows `**Label:**`, `**Label**:` or, unless `bold`, `Label:`.
fn labelled<'a>(text: &'a str, labels: &[&str], bold: bool) -> Option<&'a str> {
    let marks = ["**", "__", "*", "_", ""];
    let mark = marks.iter().find(|mark| text.starts_with(**mark))?;
    if bold && mark.len() < 2 {
        return None;
    }
    let text = &text[mark.len()..];
    let label = labels.iter().find(|label| {
        let head = text.get(..label.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(label))
    })?;
    let text = &text[label.len()..];
    let (inside, outside) = (format!(":{mark}"), format!("{mark}:"));
    let value = text
        .strip_prefix(&inside)
        .or_else(|| text.strip_prefix(&outside))?;
    Some(value.trim())
}

/// Returns the target of a text that is one link to a file of shared steps: those beside one may be called by
/// their names alone.
fn shared(path: &str, action: &str) -> Option<String> {
    if !action.starts_with('[') {
        return None;
    }
    let mut target = None;
    let mut depth = 0;
    for event in Parser::new(action) {
        match event {
            Event::Start(Tag::Paragraph) if target.is_none() => {}
            Event::Start(Tag::Link { dest_url, .. }) if target.is_none() => {
                target = Some(dest_url.into_string());
                depth = 1;
            }
            Event::End(TagEnd::Link) => depth = 0,
            Event::End(TagEnd::Paragraph) => {}
            _ if depth > 0 => {}
            _ => return None,
        }
    }
    let target = target?;
    let stem = target.strip_suffix(".md")?;
    let (folder, _) = stem.rsplit_once('/').unwrap_or(("", stem));
    let relative = !target.starts_with('/') && !target.contains(':');
    let has = |folder: &str, name: &str| folder.split('/').any(|part| part == name);
    let is_beside = || {
        let stays = folder.split('/').all(|part| part != "..");
        let own = paths::parent(path);
        stays && has(own, "steps") && !has(own, "cases")
    };
    let in_steps = has(folder, "steps") || is_beside();
    (relative && in_steps).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> Scenario {
        let (scenario, findings) = parse("x.md", body, 0);
        assert_eq!(findings, []);
        scenario
    }

    const EXAMPLE: &str = "
What this proves, and why.

## Preconditions

A user whose password expired yesterday.

## Steps

1. Open the sign-in page.
   - **Expected:** the form is shown with the focus on the first field.
1. [Fill in the form](../../steps/fill-in-sign-in.md)
1. Submit the form.
   1. Wait for the answer.
   - **Expected:** the page asks for a new password.
   - **Data:** `expired@example.com`

## Postconditions

## Notes

See *there*.
";

    #[test]
    fn the_example_of_the_design_is_read() {
        let scenario = read(EXAMPLE);
        assert_eq!(scenario.description, "What this proves, and why.");
        assert_eq!(
            scenario.preconditions,
            "A user whose password expired yesterday."
        );
        let [open, fill, submit] = &scenario.steps[..] else {
            panic!("three steps, not {:?}", scenario.steps);
        };
        assert_eq!(open.action, "Open the sign-in page.");
        let expected = "the form is shown with the focus on the first field.";
        assert_eq!(open.expected.as_deref(), Some(expected));
        assert_eq!(
            fill.shared.as_deref(),
            Some("../../steps/fill-in-sign-in.md")
        );
        assert_eq!(submit.action, "Submit the form.");
        assert_eq!(submit.data.as_deref(), Some("`expired@example.com`"));
        assert_eq!(
            submit.expected.as_deref(),
            Some("the page asks for a new password.")
        );
        assert_eq!(submit.steps[0].action, "Wait for the answer.");
        assert!(EXAMPLE[submit.steps[0].offset..].starts_with("1. Wait"));
        assert_eq!(scenario.postconditions, "");
        assert_eq!(
            scenario.other,
            [("Notes".to_owned(), "See *there*.".to_owned())]
        );
    }

    #[test]
    fn an_action_keeps_all_its_text() {
        let body = "## Steps\n\nFirst read this.\n\n1. Send:\n\n   ```json\n   {\n     \"a\": 1\n   }\n   ```\n\n   - a note\n   - expected: 201\n\n     and a body\n   - DATA: x\n\n   Then wait.\n1. Next\n   goes on\n\nAfter.\n\n1. Last\n";
        let scenario = read(body);
        let [send, next, last] = &scenario.steps[..] else {
            panic!("three steps, not {:?}", scenario.steps);
        };
        assert_eq!(
            send.action,
            "Send:\n\n```json\n{\n  \"a\": 1\n}\n```\n\n- a note\n\nThen wait."
        );
        assert_eq!(send.expected.as_deref(), Some("201\n\nand a body"));
        assert_eq!(send.data.as_deref(), Some("x"));
        assert_eq!(
            (next.action.as_str(), last.action.as_str()),
            ("Next\ngoes on", "Last")
        );
        assert_eq!(scenario.remarks, "First read this.\n\nAfter.");
    }

    #[test]
    fn labels_are_read_in_all_their_spellings() {
        for label in [
            "**Expected:**",
            "**Expected**:",
            "__EXPECTED:__",
            "expected:",
            "**Expected result:**",
        ] {
            let scenario = read(&format!("## steps\n1. Do\n   - {label} it works\n"));
            assert_eq!(
                scenario.steps[0].expected.as_deref(),
                Some("it works"),
                "{label}"
            );
            assert_eq!(scenario.steps[0].action, "Do");
        }
        let scenario = read(
            "## Steps\n1. Do\n\n   **Expected:** it works\n1. Data: plain\n   - Expectedly: x\n",
        );
        assert_eq!(scenario.steps[0].expected.as_deref(), Some("it works"));
        assert_eq!(scenario.steps[1].action, "Data: plain\n- Expectedly: x");
        let scenario = read("## Steps\n1. Do\n   - **Expected:**\n");
        assert_eq!(scenario.steps[0].expected.as_deref(), Some(""));
    }

    #[test]
    fn what_stands_deeper_than_it_need_is_read_alike() {
        let narrow = read(
            "## Steps\n\n1. Open.\n   1. Wait.\n      - **Expected:** soon\n   - **Expected:** shown\n\n     and *whole*\n   - **Data:** x\n1. Next.\n",
        );
        let still = |scenario: &Scenario| format!("{scenario:?}").replace(char::is_numeric, "");
        for wide in [
            "## Steps\n\n1. Open.\n    1. Wait.\n        - **Expected:** soon\n    - **Expected:** shown\n\n      and *whole*\n    - **Data:** x\n1. Next.\n",
            "## Steps\n\n1. Open.\n     1. Wait.\n         - **Expected:** soon\n     - **Expected:** shown\n\n       and *whole*\n     - **Data:** x\n1. Next.\n",
            "## Steps\n\n1. Open.\n\t1. Wait.\n\t\t- **Expected:** soon\n\t- **Expected:** shown\n\n\t  and *whole*\n\t- **Data:** x\n1. Next.\n",
            "## Steps\n\n 1. Open.\n     1. Wait.\n         - **Expected:** soon\n     - **Expected:** shown\n\n       and *whole*\n     - **Data:** x\n 1. Next.\n",
        ] {
            let wide = read(wide);
            assert_eq!(still(&wide), still(&narrow));
            assert_eq!(
                wide.steps[0].expected.as_deref(),
                Some("shown\n\nand *whole*")
            );
        }
    }

    #[test]
    fn shared_steps_include_their_neighbours_by_name() {
        let shared = |path: &str, link: &str| {
            let (scenario, _) = parse(path, &format!("1. [Open]({link})\n"), 0);
            let (other, _) = parse(path, &format!("## Steps\n\n1. [Open]({link})\n"), 0);
            let mut steps = scenario.steps.iter().chain(&other.steps);
            steps.find_map(|step| step.shared.clone())
        };
        let own = "projects/shop/steps/sign-in.md";
        for link in ["open.md", "./open.md", "web/open.md", "../steps/open.md"] {
            assert_eq!(shared(own, link).as_deref(), Some(link));
        }
        assert_eq!(shared(own, "../readme.md"), None);
        assert_eq!(shared("projects/shop/cases/steps/a.md", "open.md"), None);
        assert_eq!(shared("projects/shop/cases/a.md", "open.md"), None);
    }

    #[test]
    fn only_a_lone_link_to_steps_is_shared() {
        let is_shared = |text: &str| {
            read(&format!("## Steps\n1. {text}\n")).steps[0]
                .shared
                .is_some()
        };
        assert!(is_shared("[Sign in](../steps/sign-in.md)"));
        assert!(is_shared(
            "[Sign *in*](../../../steps/deep/sign-in.md \"title\")"
        ));
        assert!(!is_shared("[Sign in](../steps/sign-in.md) first"));
        assert!(!is_shared("[Sign in](../cases/sign-in.md)"));
        assert!(!is_shared(
            "[Sign in](https://example.com/steps/sign-in.md)"
        ));
        assert!(!is_shared("See [Sign in](../steps/sign-in.md)"));
    }

    #[test]
    fn line_endings_and_headings_of_all_kinds_are_read() {
        let body = "Intro\r\nmore\r\n\r\nSteps\r\n-----\r\n\r\n1. A\r\n   b\r\n\r\n## Why ##\r\n\r\nText\r\n";
        let scenario = read(body);
        assert_eq!(scenario.description, "Intro\nmore");
        assert_eq!(scenario.steps[0].action, "A\nb");
        assert_eq!(scenario.other, [("Why".to_owned(), "Text".to_owned())]);
        let fenced = read("```\n## Steps\n1. x\n```\n");
        assert!(fenced.steps.is_empty() && fenced.description.contains("## Steps"));
        let quoted = read("> ## Steps\n> 1. x\n");
        assert!(quoted.steps.is_empty());
    }

    #[test]
    fn odd_structure_is_read_and_said() {
        let (scenario, findings) = parse("x.md", "## Steps\n\n- A\n- B\n\n## Steps\n\nmore\n", 10);
        assert_eq!(scenario.steps.len(), 2);
        assert_eq!(scenario.other[0].1, "more");
        let all: Vec<_> = findings.iter().map(|f| (f.code, f.span)).collect();
        assert_eq!(
            all,
            [
                (codes::UNNUMBERED_STEPS, Some(Span::new(20, 23))),
                (codes::REPEATED_SECTION, Some(Span::new(29, 37)))
            ]
        );
        let (_, findings) = parse("x.md", "## Steps\n\nJust do it.\n", 0);
        assert_eq!(findings[0].code, codes::STEPS_WITHOUT_LIST);
    }

    #[test]
    fn depth_is_bounded_and_text_is_kept() {
        let mut body = String::from("## Steps\n\n");
        for depth in 0..40 {
            body.push_str(&format!("{}1. level{depth}.\n", "   ".repeat(depth)));
        }
        let scenario = read(&body);
        let said = format!("{scenario:?}");
        assert!((0..40).all(|depth| said.contains(&format!("level{depth}."))));
        let (_, findings) = parse("x.md", &"1. ".repeat(100_000), 0);
        assert_eq!(findings, []);
    }

    fn words(step: &ScenarioStep, out: &mut String) {
        for text in [
            Some(&step.action),
            step.expected.as_ref(),
            step.data.as_ref(),
        ] {
            out.push_str(text.map_or("", String::as_str));
            out.push(' ');
        }
        step.steps.iter().for_each(|step| words(step, out));
    }

    proptest! {
        #[test]
        fn no_word_is_lost(lines in proptest::collection::vec("( {0,5}(1\\.|-|##|>|\\*\\*Expected:\\*\\*|```|[0-9]{2}\\))? ?w[a-z]{3,5}x|\t?1\\. wabcx|)", 0..20)) {
            let body = format!("## Steps\n\n{}", lines.join("\n"));
            let (scenario, _) = parse("x.md", &body, 0);
            let mut all = format!("{} {} ", scenario.description, scenario.remarks);
            for (title, text) in &scenario.other {
                all.push_str(&format!("{title} {text} "));
            }
            scenario.steps.iter().for_each(|step| words(step, &mut all));
            let is_word = |w: &&str| w.starts_with('w') && w.ends_with('x');
            for word in body.split(|c: char| !c.is_alphanumeric()).filter(is_word) {
                prop_assert!(all.contains(word), "{word} of {body:?} is not in {scenario:?}");
            }
        }
    }
}
