//! A sheet as a table: one row for each planned result, and below it one for each of its steps.

use super::{FORMAT, Filled, FilledSheet, FilledStep, Said, Sheet};
use crate::base::table;

/// The columns. `sheet`, `launch` and `written` say the same in each row: a spreadsheet keeps nothing else.
pub const HEADER: [&str; 19] = [
    "result",
    "case",
    "title",
    "environment",
    "parameters",
    "assignee",
    "step",
    "action",
    "expected",
    "data",
    "status",
    "comment",
    "tester",
    "executed",
    "minutes",
    "files",
    "text",
    "launch",
    "written",
];

/// Returns the rows of a sheet.
pub fn rows(sheet: &Sheet) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let written = format!("{} {}", sheet.written, FORMAT);
    for entry in &sheet.entries {
        let row = |step: &str, action: &str, expected: &str, data: &str| {
            let (id, text) = (marked(&entry.id), marked(&entry.text));
            let cells = [
                &id,
                &entry.case,
                &entry.title,
                &entry.environment,
                &entry.parameters,
                entry.assignee.as_deref().unwrap_or_default(),
                step,
                action,
                expected,
                data,
                "",
                "",
                "",
                "",
                "",
                "",
                &text,
                &sheet.launch,
                &written,
            ];
            cells.map(str::to_owned).to_vec()
        };
        let before = entry.script.before().map(|(heading, text)| match heading {
            // What was there first stays as it was.
            "" | "Preconditions" => text.to_owned(),
            heading => format!("{heading}: {text}"),
        });
        let before: Vec<String> = before.collect();
        out.push(row("", &before.join("\n\n"), "", ""));
        for step in &entry.script.steps {
            out.push(row(
                // A point that no spreadsheet takes for a number or a date.
                &format!("step {}", step.number),
                &step.action,
                step.expected.as_deref().unwrap_or_default(),
                step.data.as_deref().unwrap_or_default(),
            ));
        }
    }
    out
}

/// A digest as no spreadsheet takes it for a number: `12345678901e2345` is one to some.
fn marked(digest: &str) -> String {
    format!("#{digest}")
}

/// Reads a sheet, whatever the order of its columns; what is wrong with it as a table is told.
pub(super) fn read(text: &str) -> Result<FilledSheet, String> {
    let mut columns: Vec<String> = Vec::new();
    let mut out = FilledSheet::default();
    let table = table::read(text, None);
    if table.is_cut {
        return Err("the table has too many rows or columns".to_owned());
    }
    for row in table.rows {
        if columns.is_empty() {
            columns = { row.cells.iter() }
                .map(|cell| cell.trim().to_lowercase())
                .collect();
            for wanted in ["result", "step", "status"] {
                if !columns.iter().any(|column| column == wanted) {
                    return Err(format!("the table has no column `{wanted}`"));
                }
            }
            continue;
        }
        let said = |name: &str| {
            let at = columns.iter().position(|column| column == name)?;
            let words = row.cells.get(at)?.trim();
            let words = words.strip_prefix('\'').unwrap_or(words);
            let is_digest = ["result", "text"].contains(&name);
            let words = words
                .strip_prefix('#')
                .filter(|_| is_digest)
                .unwrap_or(words);
            (!words.is_empty()).then(|| Said {
                words: words.to_owned(),
                start: row.start,
                end: row.end,
            })
        };
        let Some(id) = said("result") else { continue };
        if out.launch.is_none() {
            out.launch = said("launch");
            out.written = said("written").map(|mut said| {
                let time = said.words.split(' ').next().unwrap_or_default().to_owned();
                said.words = time;
                said
            });
        }
        match said("step") {
            Some(mut number) => {
                let words = number.words.trim_start_matches("step").trim().to_owned();
                number.words = words;
                let step = FilledStep {
                    number,
                    status: said("status"),
                    comment: said("comment"),
                };
                match out
                    .entries
                    .last_mut()
                    .filter(|entry| entry.id.words == id.words)
                {
                    Some(entry) => entry.steps.push(step),
                    // Sorted by somebody: the result's own row comes elsewhere.
                    None => out.entries.push(Filled {
                        text: said("text").map(|said| said.words).unwrap_or_default(),
                        id,
                        steps: vec![step],
                        ..Filled::default()
                    }),
                }
            }
            None => out.entries.push(Filled {
                text: said("text").map(|said| said.words).unwrap_or_default(),
                status: said("status"),
                comment: said("comment"),
                tester: said("tester"),
                executed: said("executed"),
                minutes: said("minutes"),
                files: said("files").map(paths).unwrap_or_default(),
                id,
                steps: Vec::new(),
            }),
        }
    }
    match columns.is_empty() {
        true => Err("the table is empty".to_owned()),
        false => Ok(out),
    }
}

fn paths(said: Said) -> Vec<Said> {
    let paths = said.words.split([',', '\n']);
    let paths = paths.map(str::trim).filter(|path| !path.is_empty());
    let one = |path: &str| Said {
        words: path.to_owned(),
        ..said.clone()
    };
    paths.map(one).collect()
}
