//! The coverage of cases, by section or by a field.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{TraceArgs, json};
use crate::analysis::stability::Rate;
use crate::analysis::trace::{Latest, Standing, of_results};
use crate::cli::commands::launch::TableFormat;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::exchange;
use crate::model::Case;

/// The cases of one section or of one value of a field, and how many of them stand how.
#[derive(Debug, Default, Serialize)]
struct Group {
    name: String,
    cases: u64,
    covered: u64,
    failing: u64,
    not_run: u64,
    stale: u64,
}

pub(super) fn groups(
    ui: &mut Ui,
    ctx: &Context,
    args: &TraceArgs,
    by: &str,
    cases: &[(&Case, Vec<&str>)],
    latest: &dyn Fn(&Case) -> Vec<Latest>,
) -> Result<(), CommandError> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (case, section) in cases {
        let names = match by {
            "section" => vec![section.join("/")],
            field => values(case, field),
        };
        let standing = of_results(&latest(case));
        for name in if names.is_empty() {
            vec![String::new()]
        } else {
            names
        } {
            let group = groups.entry(name.clone()).or_insert_with(|| Group {
                name,
                ..Group::default()
            });
            group.cases += 1;
            match standing {
                Standing::Covered => group.covered += 1,
                Standing::Failing => group.failing += 1,
                Standing::Stale => group.stale += 1,
                _ => group.not_run += 1,
            }
        }
    }
    if by != "section" && groups.len() == 1 && groups.contains_key("") {
        let error = CommandError::usage(format!("no case has the field `{by}`"));
        return Err(error.hint(
            "`tallybook query --fields` lists what cases have; custom fields stand in `fields:`",
        ));
    }
    let header = [
        by, "cases", "covered", "failing", "not run", "stale", "share",
    ];
    let rows = groups.values().map(|group| {
        let name = if group.name.is_empty() {
            "(none)"
        } else {
            &group.name
        };
        let rate = Rate {
            part: group.covered,
            of: group.cases,
        };
        let mut row = vec![name.to_owned()];
        let counts = [
            group.cases,
            group.covered,
            group.failing,
            group.not_run,
            group.stale,
        ];
        row.extend(counts.map(|n| n.to_string()));
        row.push(format!(
            "{:.0}%",
            (rate.value().unwrap_or(0.0) * 100.0).floor()
        ));
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    match args.format {
        TableFormat::Text => {
            let columns = ui.columns(ctx);
            ui.out_raw(table(&header.map(str::to_owned), &rows, columns) + "\n");
        }
        TableFormat::Json => ui.out_raw(json(&groups.values().collect::<Vec<_>>())?),
        TableFormat::Csv => ui.out_raw(exchange::csv(&header, rows)),
    }
    Ok(())
}

/// Returns a case's values of a field: one of its own, or `owner`, `layer`, `severity`, `tag`.
fn values(case: &Case, field: &str) -> Vec<String> {
    match field.to_lowercase().as_str() {
        "owner" => case.owner.iter().cloned().collect(),
        "layer" => case.layer.iter().cloned().collect(),
        "severity" => vec![case.severity.as_str().to_owned()],
        "tag" => case.tags.clone(),
        name => {
            let own = case
                .fields
                .iter()
                .filter(|(known, _)| known.eq_ignore_ascii_case(name));
            own.flat_map(|(_, values)| values.iter().cloned()).collect()
        }
    }
}
