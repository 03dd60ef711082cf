//! `tallybook plan list`

use serde::Serialize;

use super::scope::{Cases, Wrong, ready, tell_wrong};
use crate::analysis::plan::{ReadyPlan, select};
use crate::base::text::count;
use crate::cli::args::NowArgs;
use crate::cli::commands::launch::OutputFormat;
use crate::cli::commands::query::user;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::query;

/// List the plans of a project, and how much each selects
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook plan list
  tallybook plan list --at v2.0 --format json")]
pub(super) struct ListArgs {
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

#[derive(Debug, Serialize)]
struct Row<'p> {
    id: &'p str,
    name: &'p str,
    path: &'p str,
    /// None where the plan can't be asked.
    selected: Option<usize>,
    excluded: Option<usize>,
    unknown: Option<usize>,
    environments: usize,
    assignees: &'p [String],
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &ListArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let context = query::Context {
        now,
        user: user(ctx, &place, project),
    };
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let plans = project.plans.iter();
    let plans: Vec<Result<ReadyPlan<'_>, Wrong>> = plans
        .map(|doc| ready(project, &doc.value, &context))
        .collect();
    let askable: Vec<ReadyPlan<'_>> = plans.iter().flatten().cloned().collect();
    let cases = Cases::for_plans(ui, &reader, &askable)?;
    let subjects = cases.subjects();
    let mut exit = Exit::Fine;
    let rows = project.plans.iter().zip(&plans).map(|(doc, plan)| {
        let selection = match plan {
            Ok(plan) => Some(select(plan, &subjects)),
            Err(wrong) => {
                tell_wrong(ui, wrong);
                exit = Exit::Findings;
                None
            }
        };
        let selection = selection.as_ref();
        Row {
            id: &doc.value.id,
            name: &doc.value.name,
            path: &doc.path,
            selected: selection.map(|s| s.selected.len()),
            excluded: selection.map(|s| s.excluded.len()),
            unknown: selection.map(|s| s.unknown.len()),
            environments: doc.value.environments.len(),
            assignees: &doc.value.assignees,
        }
    });
    let rows: Vec<Row<'_>> = rows.collect();
    match args.format {
        OutputFormat::Json => {
            ui.out_raw(serde_json::to_string_pretty(&rows).expect("plain data") + "\n");
        }
        OutputFormat::Text if rows.is_empty() => {
            ui.status("there are no plans");
            ui.hint(format!(
                "a plan is a file, as `{}/plans/smoke.yaml` with `name: Smoke` and `query: tag = smoke`",
                project.path
            ));
        }
        OutputFormat::Text => {
            ui.out_raw(text(&rows, ui.columns(ctx)) + "\n");
            ui.status(count(rows.len() as u64, "plan"));
        }
    }
    Ok(exit)
}

fn text(rows: &[Row<'_>], columns: Option<usize>) -> String {
    let header = [
        "id",
        "name",
        "cases",
        "excluded",
        "unknown ids",
        "environments",
        "assignees",
    ];
    let many = |n: Option<usize>| n.map_or("?".to_owned(), |n| n.to_string());
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.id.to_owned(),
                row.name.to_owned(),
                many(row.selected),
                many(row.excluded),
                many(row.unknown),
                match row.environments {
                    0 => "any".to_owned(),
                    n => n.to_string(),
                },
                row.assignees.join(", "),
            ]
        })
        .collect();
    table(&header.map(str::to_owned), &rows, columns)
}
