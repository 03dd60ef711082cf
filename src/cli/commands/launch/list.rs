//! `tallybook launch list`

use std::collections::BTreeSet;

use super::render::{OutputFormat, json, summary};
use super::show::{closed_view, open_view};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::ledger;

/// List launches, newest first, open ones on top
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch list
  tallybook launch list --project SHOP --format json
  tallybook launch list --at v1.4
  tallybook launch list --at main:tallybook~3")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ListArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let projects = match &args.project.project {
        Some(_) => vec![place::project(&loaded.workspace, &args.project)?],
        None => loaded.workspace.projects.iter().collect(),
    };
    let mut rows = Vec::new();
    let mut exit = Exit::Fine;
    for project in projects {
        let (heads, damages) = place::closed(&place, &snapshot, project, &args.at)?;
        if args.at.at.is_none() && place.repo.is_some() && place::key(project).is_ok() {
            let state = place.open_state(project)?;
            let closed: BTreeSet<&str> = heads.iter().map(|head| head.file.id.as_str()).collect();
            let open = state.ids()?.into_iter().rev();
            for id in open.filter(|id| !closed.contains(id.as_str())) {
                match ledger::preview(&state, project, &id, ctx.now) {
                    Ok(preview) => rows.extend(preview.map(|p| summary(&open_view(&p)))),
                    Err(error) => exit = tell(ui, &error.into()),
                }
            }
        }
        rows.extend(heads.iter().rev().map(|head| summary(&closed_view(head))));
        for damage in damages {
            ui.say("error", &format!("`{}`: {}", damage.path, damage.message));
            exit = Exit::Findings;
        }
    }
    tell_unavailable(ui, snapshot.unavailable());
    match args.format {
        OutputFormat::Json => ui.out_raw(json(&rows)),
        OutputFormat::Text if rows.is_empty() && snapshot.unavailable().is_none() => {
            ui.status("there are no launches");
            ui.hint("open one: `tallybook launch open --name NAME`");
        }
        OutputFormat::Text if rows.is_empty() => {}
        OutputFormat::Text => ui.out(super::render::table(&rows)),
    }
    Ok(exit)
}

/// Says what is wrong with one launch; the others are listed all the same.
fn tell(ui: &mut Ui, error: &CommandError) -> Exit {
    for (name, text) in error.lines() {
        ui.say(name, &text);
    }
    Exit::Findings
}
