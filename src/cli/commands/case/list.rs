//! `tallybook case list`

use serde_json::json;

use super::view::derived;
use crate::cli::args::NowArgs;
use crate::cli::commands::launch::{OutputFormat, json as pretty};
use crate::cli::commands::query;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::table::table;
use crate::cli::ui::Ui;

/// List cases, all or those that fit a query
///
/// With `--derived`, the tests of a launch that no case file claims: cases all the same, which `case adopt`
/// writes files for. The query then is one of results.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case list
  tallybook case list 'section = auth and lastStatus() != passed'
  tallybook case list 'automation = false' --format json
  tallybook case list --derived
  tallybook case list 'suite = checkout' --derived --launch 2026-11-22-1843")]
pub(super) struct ListArgs {
    /// What to look for
    #[arg(value_name = "QUERY", default_value = "", hide_default_value = true)]
    query: String,
    /// List tests that no case file claims
    #[arg(long)]
    derived: bool,
    /// Of this launch [default: the latest that is closed]
    #[arg(long, value_name = "LAUNCH", requires = "derived")]
    launch: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &ListArgs) -> Result<Exit, CommandError> {
    if !args.derived {
        let is_json = args.format == OutputFormat::Json;
        let now = NowArgs { now: args.now.now };
        return query::list_cases(
            ui,
            ctx,
            &args.query,
            (&args.project, &args.at, now),
            is_json,
        );
    }
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let (project, found) = place::launch_or_project(
        &place,
        workspace,
        &snapshot,
        args.launch.as_deref(),
        &args.project,
        &args.at,
    )?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let launch = match (&found, reader.latest()) {
        (Some(found), _) => reader.launch(found)?,
        (None, Some(head)) => reader.closed(head)?,
        (None, None) => {
            let error = CommandError::usage("no launch is closed, so there are no results");
            return Err(place::unseen(
                &snapshot,
                error.hint("name an open one: `--launch ID`"),
            ));
        }
    };
    let Some(derived) = derived(ui, ctx, &place, &reader, &launch, &args.query)? else {
        return Ok(Exit::CouldNotRun);
    };
    match args.format {
        OutputFormat::Json => {
            let objects = derived.tests.iter().map(|test| {
                json!({
                    "test": test.digest, "name": test.name, "full_name": test.full_name,
                    "status": test.status.as_str(), "results": test.outcomes.len(),
                    "launch": launch.id,
                })
            });
            ui.out_raw(pretty(&objects.collect::<Vec<_>>()));
        }
        OutputFormat::Text if derived.tests.is_empty() => {
            ui.status(format!("no test of {} lacks a case file", launch.id));
        }
        OutputFormat::Text => {
            let header = ["status", "results", "name", "full name"].map(str::to_owned);
            let rows = derived.tests.iter().map(|test| {
                vec![
                    test.status.as_str().to_owned(),
                    test.outcomes.len().to_string(),
                    test.name.clone(),
                    test.full_name.clone().unwrap_or_default(),
                ]
            });
            let rows: Vec<Vec<String>> = rows.collect();
            ui.out_raw(table(&header, &rows, ui.columns(ctx)) + "\n");
            ui.hint(format!(
                "`tallybook case adopt --from {} --all` writes files for them",
                launch.id
            ));
        }
    }
    tell_unavailable(ui, snapshot.unavailable());
    let lacks = reader.tell_damages(ui, &derived.damages);
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}
