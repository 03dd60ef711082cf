//! `tallybook project`: the projects of a workspace.

use serde::Serialize;

use super::init::{existing, owner};
use super::launch::OutputFormat;
use crate::author::{self, NewProject};
use crate::base::text;
use crate::cli::change::{lined, write};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, parse_words};
use crate::cli::ui::Ui;

/// Make a project, list projects
///
/// A project is a folder below `projects/`: what shares cases, launches, members and settings.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook project new \"Mobile app\" --key APP
  tallybook project list")]
pub(crate) struct ProjectArgs {
    #[command(subcommand)]
    command: ProjectCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ProjectCommand {
    New(NewArgs),
    List(ListArgs),
}

/// Make a project in this workspace
///
/// Writes files and commits nothing. You become its first owner. What is there already is never
/// overwritten.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook project new \"Mobile app\"
  tallybook project new \"Mobile app\" --key APP --folder app")]
struct NewArgs {
    /// What it is called
    #[arg(value_name = "NAME", value_parser = parse_words)]
    name: String,
    /// Its key, as `APP` [default: made from its name]
    #[arg(short, long)]
    key: Option<String>,
    /// Its folder below `projects/` [default: made from its name]
    #[arg(long)]
    folder: Option<String>,
}

/// List projects
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook project list
  tallybook project list --format json")]
struct ListArgs {
    #[command(flatten)]
    at: AtArg,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ProjectArgs) -> Result<Exit, CommandError> {
    match &args.command {
        ProjectCommand::New(args) => new(ui, ctx, args),
        ProjectCommand::List(args) => list(ui, ctx, args),
    }
}

fn new(ui: &mut Ui, ctx: &Context, args: &NewArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let loaded = place::load(&place.documentation(&AtArg::default())?)?;
    let suggested = author::suggest_key(&args.name);
    let key = args.key.as_deref().unwrap_or(&suggested);
    let same = |project: &&crate::store::Project| project.key() == Some(key);
    if let Some(other) = loaded.workspace.projects.iter().find(same) {
        let message = format!("the key `{key}` belongs to the project `{}`", other.folder);
        return Err(CommandError::usage(message).hint("name another one with `--key`"));
    }
    let folder = args
        .folder
        .clone()
        .unwrap_or_else(|| text::slug(&args.name, 40));
    let owner = owner(ctx, place.repo.as_ref());
    let project = NewProject {
        folder: &folder,
        key,
        name: &args.name,
        owner: owner
            .as_ref()
            .map(|(name, email)| (name.as_str(), email.as_str())),
        seed: ctx.seed(),
    };
    let changes = author::new_project(&project, &existing(&place.root)?)?;
    let changes = lined(&place, &AtArg::default(), &changes)?;
    write(&place.root, &changes)?;
    for edit in &changes.edits {
        ui.status(format!("wrote {}", edit.path));
    }
    if owner.is_none() {
        ui.warn("git does not know who you are, so the project has no member yet");
    }
    ui.hint("check it with `tallybook validate`, then commit it: `git add projects && git commit -m \"A project\"`");
    Ok(Exit::Fine)
}

#[derive(Serialize)]
struct Row<'w> {
    key: Option<&'w str>,
    folder: &'w str,
    name: &'w str,
    cases: usize,
    members: usize,
}

fn list(ui: &mut Ui, ctx: &Context, args: &ListArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let loaded = place::load(&place.documentation(&args.at)?)?;
    let rows: Vec<Row<'_>> = loaded
        .workspace
        .projects
        .iter()
        .map(|project| Row {
            key: project.key(),
            folder: &project.folder,
            name: project.name(),
            cases: project.cases.len(),
            members: project.members.len(),
        })
        .collect();
    match args.format {
        OutputFormat::Json => {
            ui.out_raw(serde_json::to_string_pretty(&rows).expect("plain data") + "\n");
        }
        OutputFormat::Text if rows.is_empty() => {
            ui.status("there are no projects");
            ui.hint("make one: `tallybook project new NAME`");
        }
        OutputFormat::Text => ui.out(table(&rows)),
    }
    Ok(Exit::Fine)
}

fn table(rows: &[Row<'_>]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header(["key", "folder", "name", "cases", "members"]);
    for row in rows {
        table.add_row([
            row.key.unwrap_or("-").to_owned(),
            row.folder.to_owned(),
            text::truncate(&text::sanitize_line(row.name), 60),
            text::thousands(row.cases as u64),
            text::thousands(row.members as u64),
        ]);
    }
    table.trim_fmt()
}
