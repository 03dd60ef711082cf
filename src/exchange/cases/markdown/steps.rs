//! Steps of a case in Markdown: a table, or a list with what is expected below its items.

use std::sync::LazyLock;

use regex::Regex;

use super::super::steps::{StepRow, items, of_text, split};
use crate::author::case::ForeignStep;
use crate::base::text::line as shown;
use crate::model::ScenarioStep;
use crate::store::parse_case;

/// Reads steps: a table, or a list with what is expected below its items.
pub(super) fn read_steps(
    description: &mut String,
    steps: &str,
    expected: &str,
    data: &str,
) -> Vec<ForeignStep> {
    if let Some(rows) = table(steps) {
        let mut out: Vec<ForeignStep> = rows
            .into_iter()
            .map(|row| ForeignStep {
                action: row.action,
                expected: row.expected,
                data: row.data,
                ..ForeignStep::default()
            })
            .collect();
        rest(&mut out, expected, data);
        return out;
    }
    let text = format!(
        "---\nid: A\ntitle: T\n---\n## Steps\n\n{}\n",
        labelled(steps)
    );
    let (read, _) = parse_case("case.md", text.as_str().into());
    let read = read.map(|doc| doc.value.scenario).unwrap_or_default();
    if read.steps.is_empty() || !read.other.is_empty() {
        let mut out = split(steps);
        if out.is_empty() {
            return of_text("", expected, data);
        }
        rest(&mut out, expected, data);
        return out;
    }
    let remarks = read.remarks.trim();
    if !remarks.is_empty() {
        if !description.trim().is_empty() {
            description.push_str("\n\n");
        }
        description.push_str(remarks);
    }
    let mut out: Vec<ForeignStep> = read
        .steps
        .into_iter()
        .map(|step| foreign(step, 0))
        .collect();
    rest(&mut out, expected, data);
    out
}

/// Gives what is expected of the whole to the steps: to each its own where both are lists of one length, else
/// to the last.
fn rest(steps: &mut Vec<ForeignStep>, expected: &str, data: &str) {
    if steps.is_empty() {
        *steps = of_text("", expected, data);
        return;
    }
    let all = items(expected).filter(|items| items.len() == steps.len() && items.len() > 1);
    let add = |slot: &mut String, text: &str| {
        if !slot.is_empty() && !text.is_empty() {
            slot.push_str("\n\n");
        }
        slot.push_str(text);
    };
    match all {
        Some(items) => {
            for (step, item) in steps.iter_mut().zip(items) {
                add(&mut step.expected, &item);
            }
        }
        None => {
            if let Some(last) = steps.last_mut() {
                add(&mut last.expected, expected.trim());
            }
        }
    }
    if let Some(last) = steps.last_mut() {
        add(&mut last.data, data.trim());
    }
}

fn foreign(step: ScenarioStep, depth: usize) -> ForeignStep {
    ForeignStep {
        action: step.action,
        expected: step.expected.unwrap_or_default(),
        data: step.data.unwrap_or_default(),
        shared: None,
        steps: match depth < 20 {
            true => step
                .steps
                .into_iter()
                .map(|s| foreign(s, depth + 1))
                .collect(),
            false => Vec::new(),
        },
    }
}

/// A list of steps as cases here have it: items begin with `1.`, what belongs to them stands three columns
/// further, and lines that say what is expected are items of their own.
fn labelled(steps: &str) -> String {
    static EXPECTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^\s*[-*+]?\s*[*_]{0,2}(expected(?: results?)?|test data|data)(?::[*_]{0,2}|[*_]{1,2}:?)(?:\s+(\S.*)|([^\s*_:].*))$").ok()
    });
    let mut width: Option<usize> = None;
    let lines = steps.lines().map(|line| {
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        let marker =
            marker(bare).filter(|_| indent < 2 && width.is_none_or(|width| indent < width));
        let label = EXPECTED.as_ref().and_then(|pattern| pattern.captures(line));
        match (marker, label) {
            (_, Some(found))
                if width.is_some()
                    && (indent > 0
                        || marker.is_none()
                        || found[1].to_lowercase().starts_with("expected")) =>
            {
                let label = match found[1].to_lowercase().contains("data") {
                    true => "Data",
                    false => "Expected",
                };
                let words = found.get(2).or_else(|| found.get(3));
                format!(
                    "   - **{label}:** {}",
                    words.map_or("", |words| words.as_str())
                )
            }
            (Some(length), _) => {
                width = Some(indent + length);
                let words = bare[length..].trim_start();
                // The box of a list of tasks.
                let boxes = ["[ ] ", "[x] ", "[X] "];
                let words = { boxes.iter() }
                    .find_map(|one| words.strip_prefix(one))
                    .unwrap_or(words);
                format!("1. {words}")
            }
            (None, _) => match width {
                Some(width) if indent >= width => format!("   {}", &line[width..]),
                _ => line.to_owned(),
            },
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// How long the marker of an item is, the blank behind it included.
fn marker(line: &str) -> Option<usize> {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = &line[digits..];
    let marks: &[char] = if digits > 0 {
        &['.', ')']
    } else {
        &['-', '*', '+']
    };
    let after = rest.strip_prefix(marks)?;
    (digits < 10 && after.starts_with(' ')).then_some(digits + 2)
}

/// Which columns of a table of steps say what.
struct Columns {
    header: Vec<String>,
    action: usize,
    expected: usize,
    data: Option<usize>,
}

/// Returns the names of columns that are no part of a step, numbers apart.
pub(super) fn strange_columns(text: &str) -> Vec<String> {
    let mut rows = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('|'));
    let Some(columns) = rows.next().and_then(columns) else {
        return Vec::new();
    };
    let rows: Vec<Vec<String>> = rows.map(cells).filter(|row| !is_rule(row)).collect();
    let is_known = |at: usize| {
        let known = [Some(columns.action), Some(columns.expected), columns.data];
        let is_number =
            |cell: &String| cell.chars().all(|c| c.is_ascii_digit() || ".#".contains(c));
        known.contains(&Some(at)) || rows.iter().all(|row| row.get(at).is_none_or(is_number))
    };
    let names = columns.header.iter().enumerate();
    names
        .filter(|(at, _)| !is_known(*at))
        .map(|(_, name)| name.clone())
        .collect()
}

/// Whether a row is the line below the names.
fn is_rule(row: &[String]) -> bool {
    row.iter()
        .all(|cell| cell.chars().all(|c| matches!(c, '-' | ':' | ' ')))
}

fn columns(header: &str) -> Option<Columns> {
    let header = cells(header);
    let find = |words: &[&str]| {
        header
            .iter()
            .position(|name| words.contains(&name.to_lowercase().as_str()))
    };
    let expected = find(&[
        "expected",
        "expected result",
        "expected results",
        "result",
        "outcome",
    ]);
    let data = find(&["data", "test data", "input"]);
    let action = find(&[
        "action",
        "actions",
        "step",
        "steps",
        "description",
        "test step",
        "what",
    ])
    .or_else(|| (0..header.len()).find(|at| Some(*at) != expected && Some(*at) != data))?;
    // A column of numbers is called `Step` at times.
    let action = match find(&["action", "actions", "description"]) {
        Some(better) => better,
        None => action,
    };
    let expected = expected?;
    Some(Columns {
        header,
        action,
        expected,
        data,
    })
}

/// The rows of a table of steps, where the text is one.
fn table(text: &str) -> Option<Vec<StepRow>> {
    let mut rows = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let columns = columns(rows.next().filter(|line| line.starts_with('|'))?)?;
    let mut out = Vec::new();
    for line in rows {
        if !line.starts_with('|') {
            return None;
        }
        let cells = cells(line);
        if is_rule(&cells) {
            continue;
        }
        let cell = |at: Option<usize>| {
            let cell = at.and_then(|at| cells.get(at));
            cell.map_or_else(String::new, |cell| {
                cell.replace("<br>", "\\\n").replace("<br/>", "\\\n")
            })
        };
        out.push(StepRow {
            action: cell(Some(columns.action)),
            expected: cell(Some(columns.expected)),
            data: cell(columns.data),
        });
    }
    out.retain(|row| !row.is_empty());
    (!out.is_empty()).then_some(out)
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    let inner = inner.replace("\\|", "\u{1}");
    let cells = inner
        .split('|')
        .map(|cell| cell.trim().replace('\u{1}', "|"));
    cells.map(|cell| shown(&cell, 10_000)).collect()
}
