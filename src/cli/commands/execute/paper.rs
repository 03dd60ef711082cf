//! What a case and its steps look like, in as many columns as there are.

use crate::base::text::{line, sanitize_line, thousands, width};
use crate::ledger::manual::{Draft, DraftStep};
use crate::model::{Case, Status};

/// Lines are at most this wide, whatever the terminal has: longer ones are hard to read.
const WIDEST: usize = 100;
const NARROWEST: usize = 24;

/// Breaks a text into lines with something in front, the same width of blanks in front of later ones.
pub(super) fn wrapped(text: &str, first: &str, columns: usize) -> Vec<String> {
    let columns = columns.clamp(NARROWEST, WIDEST);
    let indent = " ".repeat(width(first));
    let mut out = Vec::new();
    let mut line = first.to_owned();
    for paragraph in text.lines() {
        let paragraph = sanitize_line(paragraph);
        let mut empty = true;
        for word in paragraph.split_whitespace() {
            if !empty && width(&line) + 1 + width(word) > columns {
                out.push(std::mem::replace(&mut line, indent.clone()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        out.push(std::mem::replace(&mut line, indent.clone()));
    }
    let mut out: Vec<String> = out
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect();
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out
}

/// The head of a case: what it is, in what, and what stands before its steps.
pub(super) fn head(draft: &Draft, place: &str, columns: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    out.extend(wrapped(
        &draft.name,
        &format!("[{place}] {}  ", draft.case),
        columns,
    ));
    let listed = |all: Vec<String>| all.join(", ");
    let environment = draft
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let parameters = draft
        .parameters
        .iter()
        .map(|one| format!("{}={}", one.name, one.value.as_deref().unwrap_or_default()));
    for (name, value) in [
        ("environment", listed(environment.collect())),
        ("parameters", listed(parameters.collect())),
        ("assigned to", draft.assignee.clone().unwrap_or_default()),
    ] {
        if !value.is_empty() {
            out.extend(wrapped(&value, &format!("  {name}: "), columns));
        }
    }
    let own = [
        (String::new(), &draft.description),
        ("preconditions: ".to_owned(), &draft.preconditions),
    ];
    let other = draft
        .other
        .iter()
        .map(|(heading, text)| match heading.as_str() {
            "" => (String::new(), text),
            heading => (format!("{}: ", line(heading, 40)), text),
        });
    for (title, text) in own.into_iter().chain(other) {
        if !text.is_empty() {
            out.push(String::new());
            out.extend(wrapped(text, &format!("  {title}"), columns));
        }
    }
    out
}

/// One step, with what it is part of and what is expected of it.
pub(super) fn step(draft: &Draft, at: usize, columns: usize) -> Vec<String> {
    let step = &draft.steps[at];
    let all = draft.steps.iter().filter(|step| step.depth == 0).count();
    let mut out = vec![String::new()];
    for above in above(draft, at) {
        let indent = indent(above);
        let first = format!("{indent}step {}: ", above.number);
        out.extend(wrapped(&above.action, &first, columns));
        if let Some(data) = &above.data {
            out.extend(wrapped(data, &format!("{indent}  data: "), columns));
        }
    }
    let indent = indent(step);
    let mut number = format!("{indent}step {} of {all}", step.number);
    if let Some(shared) = &step.shared {
        number.push_str(&format!("  ({})", sanitize_line(shared)));
    }
    out.push(number);
    out.extend(wrapped(&step.action, &format!("{indent}  "), columns));
    for (title, text) in [("expected: ", &step.expected), ("data: ", &step.data)] {
        if let Some(text) = text {
            out.extend(wrapped(text, &format!("{indent}  {title}"), columns));
        }
    }
    if let Some(answer) = &step.answer {
        out.push(format!("{indent}  answered: {}", answer.status));
    }
    if let Some(comment) = &step.comment {
        let first = format!("{indent}  noted: ");
        out.extend(wrapped(&shortened(comment), &first, columns));
    }
    for file in &step.files {
        out.push(format!("{indent}  attached: {}", sanitize_line(&file.name)));
    }
    out
}

fn indent(step: &DraftStep) -> String {
    "  ".repeat(step.depth.min(6))
}

/// The steps that a step is part of, the outermost first.
fn above(draft: &Draft, at: usize) -> Vec<&DraftStep> {
    let mut depth = draft.steps[at].depth;
    let mut out = Vec::new();
    for step in draft.steps[..at].iter().rev() {
        if step.depth < depth {
            depth = step.depth;
            out.push(step);
        }
    }
    out.reverse();
    out
}

/// A comment as it is shown again: the beginning of a long one.
fn shortened(comment: &str) -> String {
    const SHOWN: usize = 400;
    match comment.chars().count() {
        all if all <= SHOWN => comment.to_owned(),
        all => {
            let shown: String = comment.chars().take(SHOWN).collect();
            format!("{shown}… ({} characters are kept)", thousands(all as u64))
        }
    }
}

/// Everything that is answered, in one line a step.
pub(super) fn end(draft: &Draft, columns: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    for step in &draft.steps {
        let Some(answer) = &step.answer else { continue };
        let first = format!("  {} {}: ", step.number, answer.status);
        let action = crate::base::text::line(&step.action, 60);
        out.extend(wrapped(&action, &first, columns));
    }
    let by_steps = Status::worst(
        draft
            .steps
            .iter()
            .filter_map(|step| Some(step.answer?.status)),
    );
    out.push(match (draft.status(), by_steps) {
        (said, Some(worst)) if said != worst => {
            format!("result: {said}, as you said of the whole; by its steps it is {worst}")
        }
        (status, _) => format!("result: {status}"),
    });
    if let Some(comment) = &draft.comment {
        out.extend(wrapped(&shortened(comment), "noted: ", columns));
    }
    for file in &draft.files {
        out.push(format!("attached: {}", sanitize_line(&file.name)));
    }
    for address in &draft.links {
        out.push(format!("link: {}", sanitize_line(address)));
    }
    if !draft.postconditions.is_empty() {
        out.extend(wrapped(&draft.postconditions, "postconditions: ", columns));
    }
    out
}

/// The addresses of a case: its links, and those in its texts.
pub(in crate::cli::commands) fn addresses(case: Option<&Case>, draft: &Draft) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let links = case.into_iter().flat_map(|case| &case.links);
    let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    out.extend(links.filter_map(|link| link.url.clone().filter(is_web)));
    let steps = draft.steps.iter();
    let steps = steps.flat_map(|step| {
        [
            Some(&step.action),
            step.expected.as_ref(),
            step.data.as_ref(),
        ]
    });
    let texts = [&draft.description, &draft.preconditions];
    let other = draft.other.iter().map(|(_, text)| text);
    for text in texts.into_iter().chain(other).chain(steps.flatten()) {
        for word in text.split(|c: char| c.is_whitespace() || "()<>[]\"'`".contains(c)) {
            let is_it = word.starts_with("https://") || word.starts_with("http://");
            let word = word.trim_end_matches(['.', ',', ';', ':', '!', '?']);
            if is_it && word.len() > "https://".len() {
                out.push(word.to_owned());
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|address| seen.insert(address.clone()));
    out
}

/// A span of work: `04:12`, `1:04:12`.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_keep_what_stands_in_front() {
        let text = "one two three four five six seven\n\nmore \u{1b}[2J";
        let lines = wrapped(text, "  data: ", 24);
        assert_eq!(
            lines,
            [
                "  data: one two three",
                "        four five six",
                "        seven",
                "",
                "        more \\u{1b}[2J"
            ]
        );
        assert!(wrapped("", "x: ", 80).iter().all(|line| line == "x:"));
    }

    #[test]
    fn a_clock_shows_hours_where_there_are_some() {
        assert_eq!(
            [clock(0), clock(252_999), clock(3_852_000)],
            ["00:00", "04:12", "1:04:12"]
        );
    }
}
