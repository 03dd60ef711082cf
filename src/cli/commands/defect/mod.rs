//! `tallybook defect`: known problems, and the matchers that link failures to them.

mod link;
mod new;
mod show;

use serde_json::json;

use super::launch::OutputFormat;
use crate::author::{self, DefectError};
use crate::cli::change::{BranchArg, Onto, carry_out, workspace};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::model::{Defect, DefectState, Link, Matcher};
use crate::store::{Doc, Project};

/// Make, link, list, show, close and reopen defects
///
/// A defect is a file, `defects/ID.md`: a known problem with matchers. Failures that one of them fits
/// are linked to it when a launch is closed, today's and future ones.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook defect new --from 2026-11-22-1843-nightly-4f7k/4f7k3a2b9c1d0e5f --link WEB-812
  tallybook defect link DEF-K4F7QM --from 2026-11-22/4f7k
  tallybook defect list
  tallybook defect show DEF-K4F7QM
  tallybook defect close DEF-K4F7QM")]
pub(crate) struct DefectArgs {
    #[command(subcommand)]
    command: DefectCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DefectCommand {
    New(new::NewArgs),
    Link(link::LinkArgs),
    List(ListArgs),
    Show(show::ShowArgs),
    Close(CloseArgs),
    Reopen(ReopenArgs),
}

/// List defects, open ones first
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook defect list
  tallybook defect list --format json
  tallybook query 'status = open and not has issue' --of defects")]
struct ListArgs {
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// Close a defect whose problem is solved
///
/// Its matchers stay: a failure that fits them later is a recurrence, which `triage` names.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook defect close DEF-K4F7QM
  tallybook defect close DEF-K4F7QM --branch close-def")]
struct CloseArgs {
    /// The defect's id
    #[arg(value_name = "DEFECT")]
    defect: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

/// Open a defect again that was closed
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook defect reopen DEF-K4F7QM")]
struct ReopenArgs {
    /// The defect's id
    #[arg(value_name = "DEFECT")]
    defect: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &DefectArgs) -> Result<Exit, CommandError> {
    let set = |ui: &mut Ui, defect: &str, project: &ProjectArg, branch: &BranchArg, state| {
        set_state(ui, ctx, defect, &Where { project, branch }, state)
    };
    match &args.command {
        DefectCommand::New(args) => new::run(ui, ctx, args),
        DefectCommand::Link(args) => link::run(ui, ctx, args),
        DefectCommand::List(args) => list(ui, ctx, args),
        DefectCommand::Show(args) => show::run(ui, ctx, args),
        DefectCommand::Close(a) => set(ui, &a.defect, &a.project, &a.branch, DefectState::Closed),
        DefectCommand::Reopen(a) => set(ui, &a.defect, &a.project, &a.branch, DefectState::Open),
    }
}

struct Where<'a> {
    project: &'a ProjectArg,
    branch: &'a BranchArg,
}

fn set_state(
    ui: &mut Ui,
    ctx: &Context,
    defect: &str,
    at: &Where<'_>,
    state: DefectState,
) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let (workspace, read) = workspace(&place, at.branch)?;
    let project = project_of(&workspace.projects, at.project, &workspace, defect)?;
    let done = author::set_defect_state(project, defect, state).map_err(defect_error)?;
    let (id, title) = (&done.defect.id, &done.defect.title);
    if done.changes.edits.is_empty() {
        ui.status(format!("{id} is {} already", state.as_str()));
        return Ok(Exit::Fine);
    }
    let did = match state {
        DefectState::Open => format!("reopened {id}: {title}"),
        DefectState::Closed => format!("closed {id}: {title}"),
    };
    let onto = Onto {
        place: &place,
        branch: at.branch,
        read: &read,
    };
    carry_out(ui, ctx, onto, &done.changes, &did)?;
    Ok(Exit::Fine)
}

/// Returns the project that was named, else the only one that has the defect, else the only one.
fn project_of<'w>(
    projects: &'w [Project],
    named: &ProjectArg,
    workspace: &'w crate::store::Workspace,
    defect: &str,
) -> Result<&'w Project, CommandError> {
    if named.project.is_none() {
        let has = |project: &&Project| author::find_defect(project, defect).is_ok();
        let mut having = projects.iter().filter(has);
        if let (Some(only), None) = (having.next(), having.next()) {
            return Ok(only);
        }
    }
    place::project(workspace, named)
}

fn list(ui: &mut Ui, ctx: &Context, args: &ListArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let loaded = place::load(&place.documentation(&args.at)?)?;
    let projects = match &args.project.project {
        Some(_) => vec![place::project(&loaded.workspace, &args.project)?],
        None => loaded.workspace.projects.iter().collect(),
    };
    let mut rows: Vec<(&str, &Doc<Defect>)> = Vec::new();
    for project in projects {
        let key = project.key().unwrap_or(&project.folder);
        let mut docs: Vec<&Doc<Defect>> = project.defects.iter().collect();
        docs.sort_by_key(|doc| {
            (
                doc.value.status == DefectState::Closed,
                doc.value.id.as_str(),
            )
        });
        rows.extend(docs.into_iter().map(|doc| (key, doc)));
    }
    match args.format {
        OutputFormat::Json => {
            let rows: Vec<_> = rows.iter().map(|(key, doc)| object(key, doc)).collect();
            ui.out_raw(super::launch::json(&rows));
        }
        OutputFormat::Text if rows.is_empty() => {
            ui.status("there are no defects");
            ui.hint("make one of a failure: `tallybook defect new --from LAUNCH/RESULT`");
        }
        OutputFormat::Text => {
            let header = ["id", "status", "title", "owner", "links", "project"].map(str::to_owned);
            let rows: Vec<Vec<String>> =
                rows.iter().map(|(key, doc)| row(key, &doc.value)).collect();
            ui.out_raw(table(&header, &rows, ui.columns(ctx)) + "\n");
        }
    }
    Ok(Exit::Fine)
}

fn row(project: &str, defect: &Defect) -> Vec<String> {
    let links: Vec<&str> = defect.links.iter().filter_map(Link::called).collect();
    vec![
        defect.id.clone(),
        defect.status.as_str().to_owned(),
        defect.title.clone(),
        defect.owner.clone().unwrap_or_default(),
        links.join(", "),
        project.to_owned(),
    ]
}

/// The keys are what scripts rely on.
fn object(project: &str, doc: &Doc<Defect>) -> serde_json::Value {
    let defect = &doc.value;
    let matchers: Vec<_> = defect.matchers.iter().map(conditions).collect();
    json!({
        "id": defect.id, "project": project, "title": defect.title, "status": defect.status.as_str(),
        "owner": defect.owner, "links": defect.links, "matchers": matchers, "path": doc.path,
    })
}

fn conditions(matcher: &Matcher) -> serde_json::Value {
    let pairs = matcher.environment.iter();
    let environment: serde_json::Map<_, _> = pairs
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let labels: serde_json::Map<_, _> = matcher
        .labels
        .iter()
        .map(|(name, values)| (name.to_owned(), json!(values)))
        .collect();
    json!({
        "message": matcher.message, "trace": matcher.trace, "full_name": matcher.full_name,
        "status": matcher.status, "environment": environment, "labels": labels,
    })
}

fn defect_error(error: DefectError) -> CommandError {
    let hint = match &error {
        DefectError::NoTitle => "give it one: `--title TITLE`",
        DefectError::Unknown { .. } => "`tallybook defect list` shows all defects",
        DefectError::Uneditable { .. } => {
            "write each of its keys on a line of its own, without anchors and braces around all, or edit it by hand"
        }
    };
    CommandError {
        kind: ErrorKind::Usage,
        ..CommandError::from(error)
    }
    .hint(hint)
}
