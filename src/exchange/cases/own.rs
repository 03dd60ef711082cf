//! Cases as our own exports have them: JSON Lines with the text of each file, and tables with a column for each
//! thing that a case says.

use std::collections::HashMap;

use serde_json::Value;

use super::collect::Collector;
use crate::author::case::{ForeignCase, OwnCase};
use crate::base::table::{self, Row};
use crate::base::text::{line, sanitize_line};
use crate::diag::{Severity as Level, Span};
use crate::exchange::csv::{links, list, pairs, unguarded};
use crate::model::{Case, Combine, Execution, Relation, Severity};
use crate::store::{codes, parse_case};

/// Columns that few other tables have; some may have been taken out.
const SIGNS: [&str; 9] = [
    "path",
    "execution",
    "selectors",
    "aliases",
    "relations",
    "parameters",
    "combine",
    "muted",
    "text",
];

/// How many of [`SIGNS`] tell that a table is ours.
const ENOUGH: usize = 4;

/// How lines say what they are.
const VERSION: &str = "export-1";

/// Whether a text is JSON Lines of ours, however its writer spaces them.
pub(super) fn are_lines(head: &str) -> bool {
    let first = head.trim_start().lines().next().unwrap_or_default();
    let rest = first.strip_prefix('{').map(str::trim_start);
    let value = rest.and_then(|rest| rest.strip_prefix("\"tallybook\""));
    let value = value.and_then(|rest| rest.trim_start().strip_prefix(':'));
    value.is_some_and(|value| value.trim_start().starts_with("\"export-"))
}

/// Whether a table with these columns is ours.
pub(super) fn is_table(header: &[String]) -> bool {
    let has = |name: &str| {
        header
            .iter()
            .any(|own| own.trim().eq_ignore_ascii_case(name))
    };
    let signs = SIGNS.iter().filter(|name| has(name)).count();
    has("id") && has("title") && signs >= ENOUGH
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
        let object: Value = match serde_json::from_str(row) {
            Ok(object) => object,
            Err(error) => {
                let message = format!("the line is no JSON: {error}");
                out.error_at(at, message, "export it again; it may have been cut off");
                continue;
            }
        };
        if object.get("tallybook").and_then(Value::as_str) != Some(VERSION) {
            let message =
                format!("the line is no case of `tallybook export jsonl`, version `{VERSION}`");
            out.error_at(at, message, "export it again");
            continue;
        }
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
        // What does not read is not there; the file that is made would not say that it was.
        for finding in findings.iter().filter(|one| one.severity == Level::Error) {
            out.lost("keys of files", "it does not read", at, &finding.message);
        }
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

/// Names in a cell, each with its values; what has none is lost.
fn named(
    out: &mut Collector<'_>,
    what: &str,
    cell: &str,
    line: usize,
) -> Vec<(String, Vec<String>)> {
    let why = "names and values are written `name=value, value`";
    let all = pairs(cell);
    if all.is_empty() {
        out.lost(what, why, line, cell);
    }
    let (said, bare): (Vec<_>, Vec<_>) = { all.into_iter() }
        .partition(|(name, values)| !name.trim().is_empty() && !values.is_empty());
    for (name, _) in bare {
        out.lost(what, why, line, &name);
    }
    said
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
    let header: Vec<String> = { first.cells.iter() }
        .map(|name| name.trim().to_lowercase())
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
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
                for (name, values) in named(out, "fields", cell, row.line) {
                    case.fields.insert(&name, values);
                }
            }
            "links" => case.links = links(cell),
            "selectors" => case.automation.selectors = list(cell),
            "relations" => {
                for (kind, cases) in named(out, "relations", cell, row.line) {
                    let all = cases.into_iter().map(|case| Relation {
                        kind: kind.clone(),
                        case,
                    });
                    case.relations.extend(all);
                }
            }
            "parameters" => {
                for (name, values) in named(out, "parameters", cell, row.line) {
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
