//! Queries that have a name.

use serde::Serialize;

use super::{Format, Question};
use crate::analysis::subjects::Of;
use crate::base::text::{closest, count, ticked};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::pick;
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::exchange;
use crate::store::{Loaded, Project};

/// Returns a saved query, put to what its file says unless that was typed.
pub(super) fn question<'p>(
    loaded: &Loaded,
    project: &'p Project,
    name: &str,
    of: Option<Of>,
) -> Result<Question<'p>, CommandError> {
    let id = name.strip_suffix(".yaml").unwrap_or(name);
    if let Some(doc) = project.saved_query(id) {
        return Ok(Question {
            text: &doc.value.query,
            of: of.unwrap_or(doc.value.of),
        });
    }
    if let Some(unread) = pick::unread(loaded, &format!("{}/queries/{id}.yaml", project.path)) {
        return Err(unread);
    }
    let ids: Vec<&str> = project
        .queries
        .iter()
        .map(|doc| doc.value.id.as_str())
        .collect();
    let error = CommandError::usage(format!("there is no saved query `{name}`"));
    Err(
        error.hint(match (closest(name, ids.iter().copied()), ids.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => format!(
                "a saved query is a file: `{}/queries/{id}.yaml`",
                project.path
            ),
            (None, ids) => format!("the saved queries are {}", ticked(ids, "and")),
        }),
    )
}

#[derive(Serialize)]
struct Row<'p> {
    id: &'p str,
    name: &'p str,
    of: &'static str,
    query: &'p str,
    description: Option<&'p str>,
    path: &'p str,
}

/// Lists the saved queries of a project.
pub(super) fn list(ui: &mut Ui, ctx: &Context, project: &Project, format: Format) -> Exit {
    let rows: Vec<Row<'_>> = project
        .queries
        .iter()
        .map(|doc| Row {
            id: &doc.value.id,
            name: &doc.value.name,
            of: doc.value.of.as_str(),
            query: &doc.value.query,
            description: doc.value.description.as_deref(),
            path: &doc.path,
        })
        .collect();
    let cells = |row: &Row<'_>| [row.id, row.name, row.of, row.query].map(str::to_owned);
    let header = ["id", "name", "of", "query"];
    match format {
        Format::Json => ui.out_raw(super::show::json(&rows)),
        Format::Csv => {
            let rows = rows.iter().map(|row| cells(row).to_vec());
            ui.out_raw(exchange::csv(&header, rows));
        }
        Format::Count => ui.out(rows.len().to_string()),
        Format::Table if rows.is_empty() => {
            ui.status("there are no saved queries");
            ui.hint(format!(
                "one is a file, as `{}/queries/unresolved.yaml` with `name`, `of` and `query`",
                project.path
            ));
        }
        Format::Table => {
            let rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row).to_vec()).collect();
            let columns = ui.columns(ctx);
            ui.out_raw(table(&header.map(str::to_owned), &rows, columns) + "\n");
            let many = rows.len() as u64;
            ui.status(format!("{} saved", count(many, "query")));
        }
    }
    Exit::Fine
}
