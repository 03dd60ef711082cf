//! Steps from texts: a row each, numbered, bulleted, or a line each.

use std::borrow::Cow;

use crate::author::case::ForeignStep;

/// What one row of a table says of a step; Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StepRow {
    pub(super) action: String,
    pub(super) expected: String,
    pub(super) data: String,
}

impl StepRow {
    pub(super) fn is_empty(&self) -> bool {
        let all = [&self.action, &self.expected, &self.data];
        all.iter().all(|text| text.trim().is_empty())
    }
}

/// Returns the steps of rows: one a row where there are several; of a single row those that its text has.
pub(super) fn joined(rows: Vec<StepRow>) -> Vec<ForeignStep> {
    if let [one] = rows.as_slice() {
        return of_text(&one.action, &one.expected, &one.data);
    }
    let step = |row: StepRow| ForeignStep {
        action: row.action,
        expected: row.expected,
        data: row.data,
        ..ForeignStep::default()
    };
    rows.into_iter().map(step).collect()
}

/// Returns the steps of a text, each with what is expected of it: of numbered or bulleted texts one for each
/// item; what is expected of the whole is expected of the last step.
pub(super) fn of_text(action: &str, expected: &str, data: &str) -> Vec<ForeignStep> {
    let mut steps = split(action);
    if steps.is_empty() {
        steps.push(ForeignStep::default());
    }
    for (text, field) in [
        (
            expected,
            (|step| &mut step.expected) as fn(&mut ForeignStep) -> &mut String,
        ),
        (data, |step| &mut step.data),
    ] {
        let items = items(text).unwrap_or_default();
        match places(text, &items, steps.len()) {
            Some(places) if !items.is_empty() => {
                for (at, item) in places.into_iter().zip(items) {
                    put(field(&mut steps[at]), &item);
                }
            }
            _ => {
                if let Some(last) = steps.last_mut() {
                    put(field(last), text.trim());
                }
            }
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

/// Returns the lines of a scenario that TestRail keeps as JSON: `[{"content": "Given a cart"}]`. Any other text stays.
pub(super) fn scenario(text: &str) -> Cow<'_, str> {
    #[derive(serde::Deserialize)]
    struct Part {
        content: String,
    }
    let parts = match text.trim_start().starts_with("[{") {
        true => serde_json::from_str::<Vec<Part>>(text).ok(),
        false => None,
    };
    match parts {
        Some(parts) => {
            let parts: Vec<String> = parts.into_iter().map(|part| part.content).collect();
            Cow::Owned(parts.join("\n"))
        }
        None => Cow::Borrowed(text),
    }
}

/// Returns the numbers of the items of a text, where all have one.
fn numbers(text: &str, items: &[String]) -> Option<Vec<usize>> {
    let lines = text.trim_matches(['\n', '\r', ' ']).lines();
    let first = lines.filter(|line| line.len() - line.trim_start().len() < 2);
    let numbered = first.filter_map(|line| {
        let is_number = kind(line)?.0;
        let digits = line
            .trim_start()
            .trim_start_matches(|c: char| !c.is_ascii_digit());
        let end = digits.find(|c: char| !c.is_ascii_digit());
        let number = digits[..end.unwrap_or(digits.len())].parse().ok();
        is_number.then_some(number).flatten()
    });
    let all: Vec<usize> = numbered.collect();
    (all.len() == items.len()).then_some(all)
}

/// Which steps the items of a text belong to: those of their numbers, where these name each a step of its own, in
/// their order; else one each, where there are equally many.
fn places(text: &str, items: &[String], steps: usize) -> Option<Vec<usize>> {
    let rises = |all: &[usize]| all.windows(2).all(|pair| pair[0] < pair[1]);
    let are_steps = |all: &[usize]| {
        let ends = all.first().zip(all.last());
        ends.is_some_and(|(first, last)| *first > 0 && *last <= steps)
    };
    let numbers = numbers(text, items).filter(|all| rises(all) && are_steps(all));
    let numbers = numbers.map(|all| all.into_iter().map(|number| number - 1).collect());
    numbers.or_else(|| (items.len() == steps).then(|| (0..steps).collect()))
}

fn put(slot: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    if !slot.is_empty() {
        slot.push_str("\n\n");
    }
    slot.push_str(text);
}

/// Labels before what is expected of a step.
const EXPECTED: [&str; 6] = [
    "expected results",
    "expected result",
    "expected",
    "expect",
    "er",
    "result",
];

/// Splits a text into steps. A text that has a table or code is one step.
pub(super) fn split(text: &str) -> Vec<ForeignStep> {
    let text = text.trim_matches(['\n', '\r', ' ']);
    if text.is_empty() {
        return Vec::new();
    }
    if text
        .lines()
        .any(|line| line.trim_start().starts_with(['|']) || line.contains("```"))
    {
        return vec![step(text)];
    }
    if let Some(items) = items(text) {
        return items.iter().map(|item| step(item)).collect();
    }
    if text.contains("\n\n") && !text.contains("\n\t") {
        let paragraphs = text.split("\n\n").map(str::trim);
        return paragraphs.filter(|p| !p.is_empty()).map(step).collect();
    }
    let mut out: Vec<ForeignStep> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let depth = line.chars().take_while(|c| *c == '\t').count().min(2);
        let words = line.trim().trim_end_matches('\\').trim_end();
        nested(&mut out, depth, words);
    }
    out
}

/// Puts a line below the last steps, as deep as it says.
fn nested(steps: &mut Vec<ForeignStep>, depth: usize, words: &str) {
    match (steps.last_mut(), depth) {
        (Some(last), 1..) => match labelled(words) {
            Some(expected) if depth == 1 => put(&mut last.expected, expected),
            _ if is_label(&last.steps, depth) => {
                last.steps.pop();
                put(&mut last.expected, words);
            }
            _ => nested(&mut last.steps, depth - 1, words),
        },
        (Some(last), 0) if labelled(words).is_some() => {
            put(&mut last.expected, labelled(words).unwrap_or_default());
        }
        _ => steps.push(ForeignStep {
            action: words.to_owned(),
            ..ForeignStep::default()
        }),
    }
}

/// Whether the step above says only that what is expected follows.
fn is_label(steps: &[ForeignStep], depth: usize) -> bool {
    let last = steps.last();
    depth == 2
        && last.is_some_and(|step| {
            let word = step.action.trim_end_matches(':').to_lowercase();
            EXPECTED[..2].contains(&word.as_str())
        })
}

fn labelled(words: &str) -> Option<&str> {
    let bare = words.trim_start_matches(['*', '_']);
    let (label, rest) = bare.split_once(':')?;
    let label = label.trim_end_matches(['*', '_']).trim().to_lowercase();
    let rest = rest.trim_start_matches(['*', '_']).trim();
    (EXPECTED.contains(&label.as_str()) && !rest.is_empty()).then_some(rest)
}

/// A step, with what lines of its text say is expected.
fn step(text: &str) -> ForeignStep {
    let mut out = ForeignStep::default();
    let mut action: Vec<&str> = Vec::new();
    let mut expects = false;
    for line in text.lines() {
        let bare = line.trim().trim_start_matches(['-', '*', '•']).trim();
        match labelled(bare) {
            Some(expected) => {
                put(&mut out.expected, expected);
                expects = true;
            }
            None if expects && !line.trim().is_empty() => {
                out.expected.push('\n');
                out.expected.push_str(line.trim());
            }
            None => action.push(line),
        }
    }
    let action = action.join("\n");
    action
        .trim()
        .trim_end_matches('\\')
        .trim_end()
        .clone_into(&mut out.action);
    out
}

/// Returns the items of a text that is one list from its first line on; none of any other.
pub(super) fn items(text: &str) -> Option<Vec<String>> {
    let text = text.trim_matches(['\n', '\r', ' ']);
    let marker = kind(text.lines().next()?)?;
    if !text.contains('\n')
        && let Some(items) = in_one_line(text)
    {
        return Some(items);
    }
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match (kind(line), indent < 2) {
            (Some(own), true) if own.0 == marker.0 => {
                out.push(line.trim()[own.1..].trim().to_owned());
            }
            _ => {
                let last = out.last_mut()?;
                last.push('\n');
                last.push_str(unindented(line));
            }
        }
    }
    let items = out.into_iter().map(|item| item.trim().to_owned());
    let items = items.map(|item| item.trim_end_matches('\\').trim_end().to_owned());
    Some(items.collect())
}

/// Items that are numbered one after the other in one line: `1. Open it. 2. Close it.`
fn in_one_line(text: &str) -> Option<Vec<String>> {
    let mark = text.strip_prefix('1')?.chars().next()?;
    let mut out = Vec::new();
    let mut rest = text.get(2..)?;
    for n in 2..1000 {
        let next = format!(" {n}{mark} ");
        match rest.split_once(next.as_str()) {
            Some((item, after)) => {
                out.push(item.trim().to_owned());
                rest = after;
            }
            None => break,
        }
    }
    out.push(rest.trim().to_owned());
    (out.len() > 1).then_some(out)
}

/// A line without the indentation that made it a part of an item.
fn unindented(line: &str) -> &str {
    let indent = line.len() - line.trim_start_matches(' ').len();
    &line[indent.min(3)..]
}

/// Whether a line begins a numbered (`true`) or a bulleted item, and how long the marker is.
fn kind(line: &str) -> Option<(bool, usize)> {
    let line = line.trim();
    let lower = line.to_ascii_lowercase();
    let word = if lower.starts_with("step ") { 5 } else { 0 };
    let rest = &line[word..];
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if (1..=4).contains(&digits) {
        let rest = &rest[digits..];
        let marks: &[char] = if word > 0 {
            &['.', ')', ':', '-']
        } else {
            &['.', ')']
        };
        let after = rest.strip_prefix(marks)?;
        return (after.is_empty() || after.starts_with(char::is_whitespace))
            .then_some((true, word + digits + 1));
    }
    let mark = line
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '*' | '•' | '+'))?;
    let after = &line[mark.len_utf8()..];
    after.starts_with(' ').then_some((false, mark.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(steps: &[ForeignStep]) -> Vec<String> {
        let one = |step: &ForeignStep| {
            let inner = match step.steps.is_empty() {
                true => String::new(),
                false => format!(" {:?}", told(&step.steps)),
            };
            format!("{}|{}|{}{inner}", step.action, step.expected, step.data)
        };
        steps.iter().map(one).collect()
    }

    #[test]
    fn numbered_texts_are_steps() {
        assert_eq!(
            told(&of_text(
                "1. Open\n   it\n2. Close",
                "1. Is open\n2. Is closed",
                "x"
            )),
            ["Open\nit|Is open|", "Close|Is closed|x"]
        );
        assert_eq!(told(&of_text("- a\n- b", "Both", "")), ["a||", "b|Both|"]);
        // What is expected says by its numbers of which step.
        let steps = "1. a\n2. b\n3. c";
        for (expected, told_as) in [
            ("1. x\n3. z", ["a|x|", "b||", "c|z|"]),
            ("2. y", ["a||", "b|y|", "c||"]),
            ("1. x\n1. z", ["a||", "b||", "c|1. x\n1. z|"]),
            ("2. x\n4. z", ["a||", "b||", "c|2. x\n4. z|"]),
        ] {
            assert_eq!(told(&of_text(steps, expected, "")), told_as, "{expected}");
        }
        assert_eq!(
            told(&of_text("Step 1: a\nStep 2: b", "", "")),
            ["a||", "b||"]
        );
        assert_eq!(told(&of_text("", "Something", "")), ["|Something|"]);
        assert_eq!(
            told(&split("1) Open. 2) Ask 3 times.")),
            ["Open.||", "Ask 3 times.||"]
        );
        assert_eq!(told(&of_text("", "", "")), Vec::<String>::new());
        assert_eq!(
            told(&split("1. Do\n   Expected: done\n2. Go")),
            ["Do|done|", "Go||"]
        );
    }

    #[test]
    fn lines_are_steps_and_tabs_nest() {
        assert_eq!(
            told(&split(
                "Open\n\tWait\n\tExpected Result\n\t\tIt is there\nClose"
            )),
            ["Open|It is there| [\"Wait||\"]", "Close||"]
        );
        assert_eq!(
            told(&split("1.5 s pass\nand go")),
            ["1.5 s pass||", "and go||"]
        );
        assert_eq!(told(&split("| a |\n|---|\n| 1 |")).len(), 1);
    }
}
