//! Cases from tables: a case a row, or a row for each step of a case.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::cells::{execution, lines, links, values};
use super::collect::Collector;
use super::columns::{Column, Profile, part_of_steps};
use super::detect::CaseFormat;
use super::steps::{StepRow, joined, scenario};
use crate::author::case::ForeignCase;
use crate::base::table::{self, Row};
use crate::base::text::{line, sanitize_line, thousands, ticked};
use crate::diag::Span;
use crate::store::codes;

/// Different cells of one case, its steps apart.
const MAX_CELLS: usize = 2000;
/// Columns that are read.
const MAX_COLUMNS: usize = 1000;

/// A case while its rows come.
#[derive(Debug, Default)]
struct Draft {
    line: usize,
    span: Option<Span>,
    id: String,
    title: String,
    /// What cells say that are no steps, each once: the column, the text, the line.
    cells: Vec<(Column, String, usize)>,
    /// The same cells by column.
    said: BTreeMap<Column, HashSet<String>>,
    rows: Vec<StepRow>,
}

impl Draft {
    fn says(&self, column: &Column, cell: &str) -> bool {
        let said = self.said.get(column);
        said.is_some_and(|said| said.contains(cell))
    }
}

pub(super) fn read(out: &mut Collector<'_>, text: &str) {
    let table = table::read(text, out.reading.separator);
    if table.is_cut {
        let message = "the table has too many rows or columns; what is behind them is not read";
        out.error_at(1, message.to_owned(), "split it");
    }
    let mut rows = table.rows.iter();
    let Some(first) = rows.find(|row| !row.is_blank()) else {
        out.error_at(1, "the table is empty".to_owned(), "export it again");
        return;
    };
    let header: Vec<String> = { first.cells.iter().take(MAX_COLUMNS) }
        .map(|name| name.trim().to_owned())
        .collect();
    let profile = Profile::of(out.format);
    let columns = profile.assign(&header, &out.reading.columns, &out.reading.declared);
    if !has_title(out, &header, &columns, first) {
        return;
    }
    let mut drafts: Vec<Draft> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut current: Option<usize> = None;
    // The last row that begins a case and is left out: its line, id and title.
    let mut left_out: Option<(usize, String, String)> = None;
    // Rows that are steps since they repeat a title, and the first of them.
    let mut repeated: Option<(usize, Span, String)> = None;
    let last = table.rows.len().saturating_sub(1);
    let is_last = |row: &Row| std::ptr::eq(row, &table.rows[last]);
    for row in rows.filter(|row| !row.is_blank()) {
        let span = Span::new(row.start, row.end);
        if table.is_unclosed && is_last(row) {
            let message = "a cell of the row opens a quote that is never closed".to_owned();
            let help = "close it, or double a quote that is meant; rows behind it are not read";
            out.error(codes::UNREADABLE_CASES, span, message, help);
            break;
        }
        let cell = |wanted: &Column| {
            let all = columns.iter().zip(&row.cells);
            let mut all =
                all.filter(|(own, cell)| own.as_ref() == Some(wanted) && !cell.trim().is_empty());
            all.next().map(|(_, cell)| cell.trim().to_owned())
        };
        let (id, title) = (cell(&Column::Id), cell(&Column::Title));
        let id = id.map(|id| out.id(&id)).unwrap_or_default();
        let title = title.unwrap_or_default();
        if row.cells.len() > header.len() && has_more(row, header.len()) {
            let (cells, names) = (row.cells.len(), header.len());
            let message = format!("the row has {cells} cells, the first row {names}");
            let help = "put cells that have a separator in quotes; the row is left out";
            out.error(codes::UNREADABLE_CASES, span, message, help);
            if !(id.is_empty() && title.is_empty()) {
                current = None;
                left_out = Some((row.line, id, title));
            }
            continue;
        }
        let known = by_id.get(&id).copied();
        let goes_on = match (id.is_empty(), title.is_empty()) {
            (true, true) => current,
            (false, true) => known,
            (false, false) => known.filter(|at| drafts[*at].title == title),
            (true, false) => current.filter(|at| repeats(&drafts[*at], &title, row, &columns)),
        };
        if goes_on.is_some() && id.is_empty() && !title.is_empty() {
            repeated.get_or_insert_with(|| (0, span, title.clone())).0 += 1;
        }
        if let Some((line, of_id, of_title)) = left_out.as_ref().filter(|_| goes_on.is_none())
            && (id == *of_id || id.is_empty())
            && (title == *of_title || title.is_empty())
        {
            let message = format!("the row goes on with that of line {line}, which is left out");
            let help = "mend that one, and import again";
            out.error(codes::UNREADABLE_CASES, span, message, help);
            continue;
        }
        left_out = None;
        if goes_on.is_none() && id.is_empty() && title.is_empty() && drafts.is_empty() {
            let message = "the row has no id and no title, and no case is above it".to_owned();
            let help = "name the column of titles: `--map 'title=COLUMN'`";
            out.error(codes::UNREADABLE_CASES, span, message, help);
            continue;
        }
        let at = goes_on.unwrap_or_else(|| {
            drafts.push(Draft {
                line: row.line,
                span: Some(span),
                id: id.clone(),
                title: title.clone(),
                ..Draft::default()
            });
            drafts.len() - 1
        });
        if !id.is_empty() {
            by_id.entry(id).or_insert(at);
        }
        current = Some(at);
        add(out, &mut drafts[at], row, &header, &columns);
    }
    if let Some((n, span, title)) = repeated {
        let rows = match n {
            1 => "1 row repeats".to_owned(),
            n => format!("{} rows repeat", thousands(n as u64)),
        };
        let message = format!(
            "{rows} the title above without an id, first `{}`: taken as steps of that case",
            line(&title, 80)
        );
        let help = "give rows that are cases of their own an id each, in a column `id`";
        out.warning(codes::ROWS_OF_ONE_TITLE, span, message, help);
    }
    for draft in drafts {
        let span = draft.span;
        let case = finished(out, draft);
        out.take(case, span);
    }
}

fn has_more(row: &Row, columns: usize) -> bool {
    row.cells[columns..]
        .iter()
        .any(|cell| !cell.trim().is_empty())
}

/// Whether something says what cases are called; else says which columns there are.
fn has_title(
    out: &mut Collector<'_>,
    header: &[String],
    columns: &[Option<Column>],
    first: &Row,
) -> bool {
    let span = Span::new(first.start, first.end);
    for (_, name) in &out.reading.columns {
        if !header.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            let shown: Vec<String> = header.iter().map(|name| line(name, 60)).take(40).collect();
            let message = format!("the table has no column `{}`", line(name, 100));
            let help = format!("it has {}", ticked(&shown, "and"));
            out.error(codes::UNREADABLE_CASES, span, message, &help);
            return false;
        }
    }
    let has = columns
        .iter()
        .flatten()
        .any(|column| *column == Column::Title);
    if !has {
        let shown: Vec<String> = header.iter().map(|name| line(name, 60)).take(40).collect();
        let message = format!(
            "no column of the table is known to say what cases are called: it has {}",
            ticked(&shown, "and")
        );
        // A first row in one cell may well have another separator.
        let between = match header {
            [cell] => ['|', ':', '^', '~'].into_iter().find(|c| cell.contains(*c)),
            _ => None,
        };
        let help = match between {
            Some(c) => format!("say what separates its cells: `--separator '{c}'`"),
            None => "name it: `--map 'title=COLUMN'`".to_owned(),
        };
        out.error(codes::UNREADABLE_CASES, span, message, &help);
    }
    has
}

fn squashed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether a text has all words of a part. One that is far shorter is not looked at.
fn summarises(text: &str, part: &str) -> bool {
    text.len() >= part.len() / 4 && squashed(text).contains(&squashed(part))
}

/// Whether a row without an id goes on with the case above it: the same title, a step, and nothing else that
/// differs.
fn repeats(draft: &Draft, title: &str, row: &Row, columns: &[Option<Column>]) -> bool {
    if draft.title != title || !draft.id.is_empty() || draft.rows.is_empty() {
        return false;
    }
    // Several steps in one cell: the row is a case with all of its own.
    let is_whole = |steps: &str| steps.trim().contains('\n');
    if draft.rows.iter().any(|step| is_whole(&step.action)) {
        return false;
    }
    let mut has_step = false;
    for (column, cell) in columns.iter().zip(&row.cells) {
        let (Some(column), cell) = (column, cell.trim()) else {
            continue;
        };
        match column {
            _ if cell.is_empty() => {}
            Column::Steps if is_whole(cell) => return false,
            Column::Steps | Column::Expected | Column::Data => has_step = true,
            Column::Title => {}
            column => {
                if !draft.says(column, cell) {
                    return false;
                }
            }
        }
    }
    has_step
}

/// Adds what a row says to its case.
fn add(
    out: &mut Collector<'_>,
    draft: &mut Draft,
    row: &Row,
    header: &[String],
    columns: &[Option<Column>],
) {
    let mut step = StepRow::default();
    let all = header.iter().zip(columns).zip(&row.cells);
    // Separate steps count more than the text that has all of them.
    let (parts, others): (Vec<_>, Vec<_>) =
        all.partition(|((name, _), _)| part_of_steps(name).is_some());
    for ((name, column), cell) in parts.into_iter().chain(others) {
        let cell = cell.trim_matches(|c: char| c.is_whitespace() && c != '\t');
        if cell.trim().is_empty() {
            continue;
        }
        let Some(column) = column else {
            out.has_unmapped = true;
            let what = format!("column `{}`", sanitize_line(name));
            let why = "nothing here is known to be meant; `--map` says what";
            out.lost(&what, why, row.line, cell);
            continue;
        };
        let slot = match column {
            Column::Steps => Some(&mut step.action),
            Column::Expected => Some(&mut step.expected),
            Column::Data => Some(&mut step.data),
            _ => None,
        };
        if let Some(slot) = slot {
            match slot.is_empty() {
                true => cell.clone_into(slot),
                // A summary of the same.
                false if summarises(cell, slot) => {}
                false => {
                    let what = format!("column `{}`", sanitize_line(name));
                    let why = "another column of the row says the same of the step";
                    out.lost(&what, why, row.line, cell);
                }
            }
            continue;
        }
        match column {
            Column::Skip => {}
            _ if draft.cells.len() >= MAX_CELLS => {
                let what = format!("column `{}`", sanitize_line(name));
                out.lost(
                    &what,
                    "too many different cells of one case",
                    row.line,
                    cell,
                );
            }
            _ if draft.says(column, cell) => {}
            _ => {
                let said = draft.said.entry(column.clone()).or_default();
                said.insert(cell.to_owned());
                draft
                    .cells
                    .push((column.clone(), cell.to_owned(), row.line));
            }
        }
    }
    if !step.is_empty() {
        draft.rows.push(step);
    }
}

fn finished(out: &mut Collector<'_>, draft: Draft) -> ForeignCase {
    let mut case = ForeignCase {
        at: out.place(draft.line),
        title: draft.title,
        ..ForeignCase::default()
    };
    let (mut suite, mut section) = (String::new(), None::<String>);
    for (column, text, line) in draft.cells {
        let single = |slot: &mut String, out: &mut Collector<'_>| {
            let words = out.words(&text, line);
            match slot.is_empty() {
                true => *slot = words,
                false => out.lost(what(&column), "another row says otherwise", line, &text),
            }
        };
        match &column {
            Column::Id => case.ids.push(out.id(&text)),
            Column::Title if text.trim() != case.title => {
                let why = "another column of the row says otherwise";
                out.lost("titles", why, line, &text);
            }
            Column::Title | Column::Skip => {}
            Column::Description => single(&mut case.description, out),
            Column::Preconditions => single(&mut case.preconditions, out),
            Column::Postconditions => single(&mut case.postconditions, out),
            Column::Suite if !suite.is_empty() => {
                out.lost("sections", "another cell says otherwise", line, &text);
            }
            Column::Suite => suite = text,
            Column::Section if section.is_some() => {
                out.lost("sections", "another row says otherwise", line, &text);
            }
            Column::Section => section = Some(text),
            Column::Text(heading) => {
                let words = out.words(&text, line);
                case.other.push((heading.clone(), words));
            }
            Column::Execution => match execution(&text) {
                Some(automated) => case.automated = Some(automated),
                None => {
                    let why = "neither `manual` nor `automated`";
                    out.lost("execution", why, line, &text);
                }
            },
            Column::Selector => case.selectors.extend(lines(&text)),
            Column::Link(kind) => case.links.extend(links(kind, &text)),
            Column::Field(name) => {
                if name == "fields.type" && text.trim().eq_ignore_ascii_case("automated") {
                    case.automated.get_or_insert(true);
                }
                let is_jira =
                    matches!(out.format, CaseFormat::XrayCsv | CaseFormat::ZephyrSquadCsv);
                let values = values(name, &text, is_jira);
                case.said.extend(values.map(|value| (name.clone(), value)));
            }
            Column::Parameter(name) => {
                let values = text.split(['\n', ';', ',']).map(str::trim);
                let values = values.filter(|v| !v.is_empty()).map(str::to_owned);
                case.parameters.push((name.clone(), values.collect()));
            }
            Column::Pairs(kind) => pairs(out, &mut case, kind, &text, line),
            Column::Steps | Column::Expected | Column::Data => {}
        }
    }
    // A number of the database says less than a key; both stay.
    case.ids.sort_by_key(|id| out.is_numbered(id));
    case.section = sections(out.format, &suite, section.as_deref().unwrap_or_default());
    if case.automated == Some(false) && !case.selectors.is_empty() {
        for name in std::mem::take(&mut case.selectors) {
            out.lost(
                "selectors",
                "the case is executed by hand",
                draft.line,
                &name,
            );
        }
    }
    let rows = draft.rows.into_iter().map(|row| StepRow {
        action: out.words(&scenario(&row.action), draft.line),
        expected: out.words(&row.expected, draft.line),
        data: out.words(&row.data, draft.line),
    });
    let rows: Vec<StepRow> = rows.collect();
    case.steps = joined(rows);
    case
}

fn what(column: &Column) -> &'static str {
    match column {
        Column::Description => "description",
        Column::Preconditions => "preconditions",
        Column::Postconditions => "postconditions",
        _ => "cells",
    }
}

/// Returns the names of the sections that a case lies in.
fn sections(format: CaseFormat, suite: &str, section: &str) -> Vec<String> {
    let separator = match format {
        CaseFormat::TestrailCsv => " > ",
        _ if section.contains(" > ") => " > ",
        _ if section.contains('/') => "/",
        _ => "\\",
    };
    let names = section.split(separator).map(str::trim);
    let suite = Some(suite.trim()).filter(|suite| *suite != super::testrail::MASTER);
    let names = suite
        .into_iter()
        .chain(names)
        .filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// Names and values in one cell: `Component: login; Story: Sign in`.
fn pairs(out: &mut Collector<'_>, case: &mut ForeignCase, kind: &str, text: &str, line: usize) {
    let pieces: Vec<&str> = match text.contains(['\n', ';']) {
        true => text.split(['\n', ';']).collect(),
        false => text.split(',').collect(),
    };
    let pieces = pieces.into_iter().map(str::trim).filter(|p| !p.is_empty());
    for piece in pieces {
        let Some((name, value)) = piece.split_once([':', '=']) else {
            out.lost(
                kind,
                "no name and value, as `Component: login`",
                line,
                piece,
            );
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        match kind {
            _ if name.is_empty() || value.is_empty() => {
                out.lost(
                    kind,
                    "no name and value, as `Component: login`",
                    line,
                    piece,
                );
            }
            "role" if name.eq_ignore_ascii_case("owner") || name.eq_ignore_ascii_case("lead") => {
                case.said.push(("owner".to_owned(), value.to_owned()));
            }
            "parameter" => {
                let values = value.split(['|', ',']).map(str::trim);
                let values = values.filter(|v| !v.is_empty()).map(str::to_owned);
                case.parameters.push((name.to_owned(), values.collect()));
            }
            _ => case.said.push((format!("fields.{name}"), value.to_owned())),
        }
    }
}
