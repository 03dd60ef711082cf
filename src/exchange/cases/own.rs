//! Cases as our own exports have them: JSON Lines with the text of each file, and tables with a column for each
//! thing that a case says.

use std::collections::HashMap;

use serde_json::Value;

use super::collect::Collector;
use crate::author::case::{ForeignCase, OwnCase};
use crate::base::table::{self, Row};
use crate::base::text::{line, sanitize_line};
use crate::diag::Span;
use crate::exchange::csv::{links, list, pairs, unguarded};
use crate::exchange::export::LINE_MARK;
use crate::model::{Case, Combine, Execution, Relation, Severity};
use crate::store::{codes, parse_case};

/// Columns that only our tables have together.
const SIGNS: [&str; 6] = ["id", "title", "path", "execution", "selectors", "muted"];

/// Whether a text is JSON Lines of ours.
pub(super) fn are_lines(head: &str) -> bool {
    head.trim_start().starts_with("{\"tallybook\":\"export-")
}

/// Whether a table with these columns is ours.
pub(super) fn is_table(header: &[String]) -> bool {
    SIGNS
        .iter()
        .all(|sign| header.iter().any(|own| own == sign))
}

/// Reads lines with an object each.
pub(super) fn read_lines(out: &mut Collector<'_>, text: &str) {
    for (n, row) in text
        .lines()
        .enumerate()
        .filter(|(_, row)| !row.trim().is_empty())
    {
        let at = n + 1;
        let row = row.trim_start_matches('\u{feff}');
        if !row.starts_with(LINE_MARK) {
            let message = "the line is no case of `tallybook export jsonl`, version `export-1`";
            out.error_at(at, message.to_owned(), "export it again");
            continue;
        }
        let object: Value = match serde_json::from_str(row) {
            Ok(object) => object,
            Err(error) => {
                let message = format!("the line is no JSON: {error}");
                out.error_at(at, message, "export it again; it may have been cut off");
                continue;
            }
        };
        if object.get("executions").is_some() {
            let message = "the lines are results, not cases".to_owned();
            let help = "append them to a launch: `tallybook launch append`";
            out.error_at(at, message, help);
            return;
        }
        let word = |key: &str| object.get(key).and_then(Value::as_str);
        let Some(own) = word("text") else {
            let message = "the line has no `text`, the case's file".to_owned();
            out.error_at(at, message, "export with `--of cases`");
            continue;
        };
        let path = word("path").unwrap_or_default();
        let (read, findings) = parse_case(path, own.into());
        let Some(read) = read else {
            let why = findings.first().map(|finding| finding.message.as_str());
            let message = format!(
                "the case's file does not read: {}",
                line(why.unwrap_or_default(), 200)
            );
            out.error_at(at, message, "mend it where it comes from, and export again");
            continue;
        };
        let section = object.get("section").and_then(Value::as_array);
        let section = section.into_iter().flatten().filter_map(Value::as_str);
        let case = ForeignCase {
            section: section.map(str::to_owned).collect(),
            ..of_case(&read.value, path, read.body())
        };
        let case = ForeignCase {
            at: out.place(at),
            ..case
        };
        out.take(case, None);
    }
}

fn of_case(case: &Case, path: &str, body: &str) -> ForeignCase {
    let mut said = Vec::new();
    let mut say = |name: &str, value: &str| {
        if !value.is_empty() {
            said.push((name.to_owned(), value.to_owned()));
        }
    };
    say("status", &case.status);
    say("layer", case.layer.as_deref().unwrap_or_default());
    if case.severity != Severity::default() {
        say("severity", case.severity.as_str());
    }
    say("owner", case.owner.as_deref().unwrap_or_default());
    case.tags.iter().for_each(|tag| say("tags", tag));
    for (name, values) in case.fields.iter() {
        let name = format!("fields.{name}");
        values.iter().for_each(|value| say(&name, value));
    }
    ForeignCase {
        ids: std::iter::once(&case.id)
            .chain(&case.aliases)
            .cloned()
            .collect(),
        title: case.title.clone(),
        automated: Some(case.execution == Execution::Automated),
        said,
        links: case.links.clone(),
        selectors: case.automation.selectors.clone(),
        parameters: { case.parameters.iter() }
            .map(|(name, values)| (name.to_owned(), values.clone()))
            .collect(),
        own: Some(OwnCase {
            id: case.id.clone(),
            path: path.to_owned(),
            body: body.to_owned(),
            relations: case.relations.clone(),
            combine: case.combine,
        }),
        ..ForeignCase::default()
    }
}

/// Reads a table of ours, with more columns or fewer than it was written with.
pub(super) fn read_table(out: &mut Collector<'_>, text: &str) {
    let table = table::read(text, out.reading.separator);
    let mut rows = table.rows.iter();
    let Some(first) = rows.find(|row| !row.is_blank()) else {
        return;
    };
    let header: Vec<&str> = first.cells.iter().map(|name| name.trim()).collect();
    let last = table.rows.last();
    for row in rows.filter(|row| !row.is_blank()) {
        let span = Span::new(row.start, row.end);
        if table.is_unclosed && last.is_some_and(|last| std::ptr::eq(row, last)) {
            let message = "a cell of the row opens a quote that is never closed".to_owned();
            let help = "close it, or double a quote that is meant; rows behind it are not read";
            out.error(codes::UNREADABLE_CASES, span, message, help);
            break;
        }
        let case = of_row(out, &header, row);
        out.take(case, Some(span));
    }
    if table.is_cut {
        let message = "the table has too many rows or columns; what is behind them is not read";
        out.error_at(1, message.to_owned(), "split it");
    }
}

fn of_row(out: &mut Collector<'_>, header: &[&str], row: &Row) -> ForeignCase {
    let mut case = Case::default();
    let (mut path, mut section, mut body) = (String::new(), Vec::new(), String::new());
    let mut execution = None;
    let more = row.cells.iter().skip(header.len());
    for cell in more.filter(|cell| !cell.trim().is_empty()) {
        out.lost(
            "cells",
            "the first row has no name for them",
            row.line,
            cell,
        );
    }
    let mut own: HashMap<&str, usize> = HashMap::new();
    for (name, cell) in header.iter().zip(&row.cells) {
        let cell = unguarded(cell);
        if cell.trim().is_empty() {
            continue;
        }
        let n = own.entry(name).or_default();
        *n += 1;
        if *n > 1 {
            let what = format!("column `{}`", sanitize_line(name));
            out.lost(&what, "there are two of that name", row.line, cell);
            continue;
        }
        let word = cell.trim().to_owned();
        match *name {
            "id" => case.id = word,
            "aliases" => case.aliases = list(cell),
            "title" => case.title = word,
            "path" => path = word,
            "section" => section = list(cell),
            "execution" => {
                execution = Execution::ALL.into_iter().find(|one| one.as_str() == word);
                if execution.is_none() {
                    let why = "neither `manual` nor `automated`";
                    out.lost("execution", why, row.line, cell);
                }
            }
            "status" => case.status = word,
            "layer" => case.layer = Some(word),
            "severity" => match Severity::ALL.into_iter().find(|one| one.as_str() == word) {
                Some(severity) => case.severity = severity,
                None => out.lost("severity", "no severity is called so", row.line, cell),
            },
            "owner" => case.owner = Some(word),
            "tags" => case.tags = list(cell),
            "fields" => {
                for (name, values) in pairs(cell) {
                    case.fields.insert(&name, values);
                }
            }
            "links" => case.links = links(cell),
            "selectors" => case.automation.selectors = list(cell),
            "relations" => {
                let one = |(kind, cases): (String, Vec<String>)| Relation {
                    kind,
                    case: cases.into_iter().next().unwrap_or_default(),
                };
                case.relations = pairs(cell).into_iter().map(one).collect();
            }
            "parameters" => {
                for (name, values) in pairs(cell) {
                    case.parameters.insert(name, values);
                }
            }
            "combine" => match Combine::ALL.into_iter().find(|one| one.as_str() == word) {
                Some(combine) => case.combine = combine,
                None => out.lost("combine", "rows are not made so", row.line, cell),
            },
            "text" => body = cell.replace("\r\n", "\n"),
            // Whether it is muted today is what files of mutes say.
            "muted" => {}
            name => {
                out.has_unmapped = true;
                let what = format!("column `{}`", sanitize_line(name));
                out.lost(&what, "no column of an export", row.line, cell);
            }
        }
    }
    let has_tests = !case.automation.selectors.is_empty();
    case.execution = execution.unwrap_or(match has_tests {
        true => Execution::Automated,
        false => Execution::Manual,
    });
    let mut foreign = of_case(&case, &path, &body);
    foreign.ids.retain(|id| !id.is_empty());
    foreign.at = out.place(row.line);
    foreign.section = section;
    foreign
}
