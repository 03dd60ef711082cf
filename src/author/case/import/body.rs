//! The text of an imported case: its sections and steps as files have them.
//!
//! What is written is read again: where it would not read as it was meant, since a text has headings or
//! lists of its own, the texts are written as plain words instead.

use super::foreign::{ForeignCase, ForeignStep};
use crate::author::case::body::paragraphs;
use crate::model::{Scenario, ScenarioStep};
use crate::store::parse_case;

/// Stands where a step has an expectation or data and says nothing to do.
const NO_ACTION: &str = "…";

/// How deep steps are nested.
pub(super) const DEEP: usize = 4;

/// What follows the front matter of a file.
pub(super) struct Written {
    pub(super) text: String,
    /// Whether a text had to be written as plain words.
    pub(super) is_plain: bool,
    /// Whether lists with numbers have bullets.
    pub(super) is_bulleted: bool,
    /// What it says when it is read.
    pub(super) scenario: Scenario,
}

/// Writes what follows the front matter. `link` says where shared steps are, relative to the case's file.
pub(super) fn body(case: &ForeignCase, link: &dyn Fn(&str) -> String) -> Written {
    if let Some(own) = &case.own {
        return own_body(&own.body);
    }
    if let Some(written) = as_meant(case, link) {
        return written;
    }
    let mut mending = Mending::default();
    let mended = mending.case(case);
    if let Some(written) = as_meant(&mended, link) {
        return Written {
            is_plain: mending.is_plain,
            is_bulleted: mending.is_bulleted,
            ..written
        };
    }
    let text = Writer { plain: true, link }.write(case);
    Written {
        scenario: read(&text).unwrap_or_default(),
        is_plain: true,
        is_bulleted: false,
        text,
    }
}

/// Writes what was written here before; what does not read is plain words.
fn own_body(body: &str) -> Written {
    let text = match body.trim_matches('\n').trim_end() {
        "" => String::new(),
        text => format!("\n{text}\n"),
    };
    if let Some(scenario) = read(&text) {
        return Written {
            text,
            is_plain: false,
            is_bulleted: false,
            scenario,
        };
    }
    let text = format!("\n{}\n", paragraphs(body));
    Written {
        scenario: read(&text).unwrap_or_default(),
        is_plain: true,
        is_bulleted: false,
        text,
    }
}

/// Writes a case, where that reads as it was meant.
fn as_meant(case: &ForeignCase, link: &dyn Fn(&str) -> String) -> Option<Written> {
    let writer = Writer { plain: false, link };
    let text = writer.write(case);
    let scenario = read(&text)?;
    reads_as_meant(&scenario, case, &writer).then_some(Written {
        text,
        is_plain: false,
        is_bulleted: false,
        scenario,
    })
}

/// Writes those texts otherwise that would not read as they were meant, and no others.
#[derive(Debug, Default)]
struct Mending {
    is_plain: bool,
    is_bulleted: bool,
}

impl Mending {
    fn case(&mut self, case: &ForeignCase) -> ForeignCase {
        type Slot = fn(&mut ForeignCase) -> &mut String;
        let mut out = case.clone();
        let slots: [Slot; 3] = [
            |case| &mut case.description,
            |case| &mut case.preconditions,
            |case| &mut case.postconditions,
        ];
        for slot in slots {
            let text = std::mem::take(slot(&mut out));
            let mended = self.text(text, |text, alone| *slot(alone) = text);
            *slot(&mut out) = mended;
        }
        for (heading, text) in &mut out.other {
            let alone = |text, alone: &mut ForeignCase| alone.other.push((heading.clone(), text));
            *text = self.text(std::mem::take(text), alone);
        }
        self.steps(&mut out.steps);
        out
    }

    fn steps(&mut self, steps: &mut [ForeignStep]) {
        type Slot = fn(&mut ForeignStep) -> &mut String;
        let slots: [Slot; 3] = [
            |step| &mut step.action,
            |step| &mut step.expected,
            |step| &mut step.data,
        ];
        for step in steps.iter_mut().filter(|step| step.shared.is_none()) {
            for slot in slots {
                let text = std::mem::take(slot(step));
                let mended = self.text(text, |text, alone| {
                    let mut step = ForeignStep {
                        action: "do".to_owned(),
                        ..ForeignStep::default()
                    };
                    *slot(&mut step) = text;
                    alone.steps.push(step);
                });
                *slot(step) = mended;
            }
            self.steps(&mut step.steps);
        }
    }

    /// Returns a text as it reads alone: as it is, with bullets in place of numbers, or as plain words.
    fn text(&mut self, text: String, put: impl Fn(String, &mut ForeignCase)) -> String {
        let reads = |text: &str| {
            let mut alone = ForeignCase::default();
            put(text.to_owned(), &mut alone);
            as_meant(&alone, &|_| String::new()).is_some()
        };
        if text.trim().is_empty() || reads(&text) {
            return text;
        }
        let listed = bulleted(&text);
        if listed != text && reads(&listed) {
            self.is_bulleted = true;
            return listed;
        }
        self.is_plain = true;
        paragraphs(&text)
    }
}

/// A text whose lists with numbers have bullets. Among steps a number is a step.
fn bulleted(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let bare = line.trim_start();
        let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let item = rest
            .strip_prefix(['.', ')'])
            .filter(|_| rest.len() < bare.len());
        match item.and_then(|item| item.strip_prefix(' ')) {
            Some(item) => format!(
                "{}- {}",
                &line[..line.len() - bare.len()],
                item.trim_start()
            ),
            None => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes shared steps.
pub(super) fn shared_body(steps: &[ForeignStep]) -> Written {
    let case = ForeignCase {
        steps: steps.to_vec(),
        ..ForeignCase::default()
    };
    body(&case, &|_| String::new())
}

struct Writer<'a> {
    plain: bool,
    link: &'a dyn Fn(&str) -> String,
}

impl Writer<'_> {
    fn write(&self, case: &ForeignCase) -> String {
        let mut out = String::new();
        let mut put = |heading: &str, text: &str| {
            if text.trim().is_empty() {
                return;
            }
            if !heading.is_empty() {
                out.push_str(&format!("\n## {heading}\n"));
            }
            out.push_str(&format!("\n{}\n", text.trim_matches('\n').trim_end()));
        };
        put("", &self.text(&case.description));
        put("Preconditions", &self.text(&case.preconditions));
        put("Steps", &self.steps(&case.steps, 0));
        put("Postconditions", &self.text(&case.postconditions));
        for (heading, text) in &case.other {
            put(heading, &self.text(text));
        }
        out
    }

    fn text(&self, text: &str) -> String {
        match self.plain {
            true => paragraphs(text),
            false => lowered(text.trim_matches('\n')),
        }
    }

    fn steps(&self, steps: &[ForeignStep], depth: usize) -> String {
        let mut out = String::new();
        let indent = "   ".repeat(depth);
        for step in steps.iter().filter(|step| !step.is_empty()) {
            if let Some(title) = &step.shared {
                let title = paragraphs(title);
                out.push_str(&format!(
                    "{indent}1. [{title}]({})\n",
                    (self.link)(&step_name(step))
                ));
                continue;
            }
            let action = self.text(&step.action);
            let action = match action.trim().is_empty() {
                true => NO_ACTION,
                false => action.trim(),
            };
            let inner = format!("{indent}   ");
            out.push_str(&format!("{indent}1. {}\n", indented(action, &inner)));
            out.push_str(&self.steps(&step.steps, depth + 1));
            for (label, text) in [("Expected", &step.expected), ("Data", &step.data)] {
                let text = self.text(text);
                let text = text.trim();
                if text.is_empty() {
                    continue;
                }
                let deeper = format!("{inner}  ");
                let text = match begins_block(text) {
                    true => format!("\n\n{deeper}{}", indented(text, &deeper)),
                    false => format!(" {}", indented(text, &deeper)),
                };
                out.push_str(&format!("{inner}- **{label}:**{text}\n"));
            }
        }
        out
    }
}

fn step_name(step: &ForeignStep) -> String {
    step.shared.clone().unwrap_or_default()
}

/// A text whose lines but the first stand behind an indentation.
fn indented(text: &str, indent: &str) -> String {
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        out.push('\n');
        if !line.trim().is_empty() {
            out.push_str(indent);
            out.push_str(line);
        }
    }
    out
}

/// Whether a text begins with what needs a line of its own: a list, a table, code, a quotation.
fn begins_block(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = digits.len() < line.len() && digits.starts_with(['.', ')']);
    let is_bullet = line.starts_with("- ") || line.starts_with("* ") || line.starts_with("+ ");
    is_number
        || is_bullet
        || line.starts_with(['|', '>', '#'])
        || line.starts_with("```")
        || line.starts_with("~~~")
}

/// A text whose headings begin below those of a case's own sections.
fn lowered(text: &str) -> String {
    let mut fence: Option<char> = None;
    let lines = text.lines().map(|line| {
        let bare = line.trim_start();
        let mark = ['`', '~']
            .into_iter()
            .find(|c| bare.starts_with(&c.to_string().repeat(3)));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        let level = bare.len() - bare.trim_start_matches('#').len();
        match fence {
            None if (1..3).contains(&level) && bare[level..].starts_with(' ') => {
                format!("###{}", &bare[level..])
            }
            _ => line.trim_end().to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns what a body says when it is read.
fn read(body: &str) -> Option<Scenario> {
    let text = format!("---\nid: A\ntitle: T\n---\n{body}");
    let (read, findings) = parse_case("case.md", text.as_str().into());
    let read = read.filter(|_| findings.is_empty())?;
    Some(read.value.scenario)
}

fn reads_as_meant(read: &Scenario, case: &ForeignCase, writer: &Writer<'_>) -> bool {
    let same = |read: &str, meant: &str| squashed(read) == squashed(&writer.text(meant));
    let others = case
        .other
        .iter()
        .filter(|(_, text)| !text.trim().is_empty());
    let others: Vec<_> = others.collect();
    same(&read.description, &case.description)
        && same(&read.preconditions, &case.preconditions)
        && same(&read.postconditions, &case.postconditions)
        && read.remarks.trim().is_empty()
        && read.other.len() == others.len()
        && others
            .iter()
            .zip(&read.other)
            .all(|((_, meant), (_, text))| same(text, meant))
        && same_steps(&read.steps, &case.steps, writer)
}

fn same_steps(read: &[ScenarioStep], meant: &[ForeignStep], writer: &Writer<'_>) -> bool {
    let meant: Vec<&ForeignStep> = meant.iter().filter(|step| !step.is_empty()).collect();
    let optional = |read: &Option<String>, meant: &str| {
        squashed(read.as_deref().unwrap_or_default()) == squashed(&writer.text(meant))
    };
    read.len() == meant.len()
        && read.iter().zip(meant).all(|(read, meant)| {
            if meant.shared.is_some() {
                return read.shared.is_some();
            }
            let action = writer.text(&meant.action);
            let action = match action.trim().is_empty() {
                true => NO_ACTION,
                false => &action,
            };
            squashed(&read.action) == squashed(action)
                && optional(&read.expected, &meant.expected)
                && optional(&read.data, &meant.data)
                && same_steps(&read.steps, &meant.steps, writer)
        })
}

/// A text without its white space.
pub(super) fn squashed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step(action: &str, expected: &str, data: &str) -> ForeignStep {
        ForeignStep {
            action: action.to_owned(),
            expected: expected.to_owned(),
            data: data.to_owned(),
            ..ForeignStep::default()
        }
    }

    /// One step with a list takes the markup of no other text.
    #[test]
    fn what_would_read_otherwise_is_written_so_alone() {
        let case = ForeignCase {
            description: "See **this** [page](https://x.example).".into(),
            steps: vec![
                step("1. first **one**\n2. second", "", ""),
                step("Open `it`", "- odd", ""),
                step("Type\n- **Expected:** _odd_", "", ""),
            ],
            ..ForeignCase::default()
        };
        let written = body(&case, &|_| String::new());
        assert!(written.is_bulleted && written.is_plain, "{}", written.text);
        for part in [
            "See **this** [page]",
            "- first **one**",
            "- second",
            "Open `it`",
        ] {
            assert!(
                written.text.contains(part),
                "no {part:?} in\n{}",
                written.text
            );
        }
        assert_eq!(written.scenario.steps.len(), 3, "{}", written.text);
    }

    #[test]
    fn a_text_reads_as_it_was_meant() {
        let case = ForeignCase {
            description: "# Why\n\nWords.".into(),
            preconditions: "A user\n\n- one\n- two".into(),
            steps: vec![
                step(
                    "Open it.\n\nWait.",
                    "- a\n- b",
                    "| a | b |\n|---|---|\n| 1 | 2 |",
                ),
                step("", "Something", ""),
                step(
                    "Send:\n\n```json\n{\n  \"a\": 1\n}\n```",
                    "201\n\nand a body",
                    "x",
                ),
                ForeignStep {
                    shared: Some("Sign in".into()),
                    ..ForeignStep::default()
                },
                ForeignStep {
                    steps: vec![step("Inner", "e", "")],
                    ..step("Outer", "f", "")
                },
            ],
            other: vec![("Notes".into(), "See there.".into())],
            ..ForeignCase::default()
        };
        let written = body(&case, &|_| "../steps/sign-in.md".into());
        assert!(!written.is_plain, "{}", written.text);
        let read = read(&written.text).expect("reads");
        assert_eq!(read, written.scenario);
        assert_eq!(read.description, "### Why\n\nWords.");
        assert_eq!(read.steps[0].expected.as_deref(), Some("- a\n- b"));
        assert_eq!(read.steps[1].action, NO_ACTION);
        assert_eq!(read.steps[2].expected.as_deref(), Some("201\n\nand a body"));
        assert!(read.steps[2].action.contains("  \"a\": 1\n"));
        assert_eq!(read.steps[3].shared.as_deref(), Some("../steps/sign-in.md"));
        assert_eq!(read.steps[4].steps[0].expected.as_deref(), Some("e"));
    }

    #[test]
    fn what_would_read_otherwise_is_words() {
        let case = ForeignCase {
            description: "Steps\n-----\n1. not a step".into(),
            steps: vec![step("1. a\n1. b", "", "")],
            ..ForeignCase::default()
        };
        let written = body(&case, &|_| String::new());
        assert!(written.is_plain);
        let read = read(&written.text).expect("reads");
        assert_eq!(read.steps.len(), 1);
        assert!(read.other.is_empty(), "{read:?}");
    }

    proptest! {
        #[test]
        fn no_text_gets_out_of_its_place(
            texts in proptest::collection::vec("([-*#>|`~1.=_\\[\\]()<! \n]|a|b|## Steps\n|1\\. |- \\*\\*Expected:\\*\\* |<<<<<<< |---\n|```){0,12}", 4),
        ) {
            let case = ForeignCase {
                description: texts[0].clone(),
                preconditions: texts[1].clone(),
                steps: vec![step(&texts[2], &texts[3], ""), step("End", "", "")],
                ..ForeignCase::default()
            };
            let Written { text, is_plain, .. } = body(&case, &|_| String::new());
            if let Some(read) = read(&text) {
                prop_assert!(read.steps.iter().any(|step| step.action == "End"), "{is_plain}\n{text}");
                prop_assert!(read.other.is_empty(), "{is_plain}\n{text}");
            }
        }
    }
}
