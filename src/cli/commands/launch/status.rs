//! `tallybook launch status`

use super::planned::PlannedView;
use super::render::{OutputFormat, json};
use super::share::{self, Wanted};
use super::show::{closed_view, open_view};
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, FoundLaunch, LaunchPlace, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::ledger::{self, Preview};
use crate::store::{Loaded, Snapshot};

/// Show what an open launch has, and what keeps it from closing
///
/// A launch that is shared is looked at with all that other machines pushed of it; one that is not known
/// here is looked for on the remote. Ends with 1 where something keeps it from closing: lost input, a
/// missing job, no results.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch status 2026-11-22-1843-nightly-4f7k
  tallybook launch status --key \"$GITHUB_RUN_ID\"
  tallybook launch status \"$id\" --format json")]
pub(crate) struct StatusArgs {
    /// The launch's id, or the beginning of it
    #[arg(value_name = "LAUNCH", required_unless_present = "key")]
    launch: Option<String>,
    /// The launch that has this key
    #[arg(short, long, conflicts_with = "launch")]
    key: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &StatusArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let wanted = match (&args.key, &args.launch) {
        (Some(key), _) => Wanted::Key(key),
        (None, launch) => Wanted::Id(launch.as_deref().unwrap_or_default()),
    };
    let found = find(ui, &place, &loaded, &snapshot, wanted, &args.project)?;
    let id = match found.found {
        FoundLaunch::Open(id) => id,
        FoundLaunch::Closed(head) => {
            match args.format {
                OutputFormat::Json => ui.out_raw(json(&closed_view(&head))),
                OutputFormat::Text => ui.out(format!("closed, receipt {}", head.receipt)),
            }
            return Ok(Exit::Fine);
        }
    };
    share::refresh(ui, &place, found.project, &id)?;
    let state = place.open_state(found.project)?;
    let preview = ledger::preview(&state, found.project, &id, ctx.now)?;
    let gone = || CommandError::usage(format!("launch `{id}` is no longer open"));
    let preview = preview.ok_or_else(gone)?;
    match args.format {
        OutputFormat::Json => ui.out_raw(json(&open_view(&preview))),
        OutputFormat::Text => print(ui, &preview),
    }
    Ok(if preview.refusals.is_empty() {
        Exit::Fine
    } else {
        Exit::Findings
    })
}

/// Finds the launch here, else on the remote that launches are shared through.
pub(super) fn find<'w>(
    ui: &mut Ui,
    place: &Place,
    loaded: &'w Loaded,
    snapshot: &Snapshot,
    wanted: Wanted<'_>,
    project: &ProjectArg,
) -> Result<LaunchPlace<'w>, CommandError> {
    let look = |remote| share::find(place, loaded, snapshot, wanted, project, remote);
    let here = look(None);
    let remote = place
        .repo
        .as_ref()
        .and_then(|repo| repo.default_remote(None));
    match (here, remote) {
        (Err(error), Some(remote)) if error.kind == ErrorKind::Usage => look(Some(&remote))
            .map_err(|asked| match asked.kind {
                ErrorKind::Usage => asked,
                _ => {
                    ui.warn(format!("`{remote}` could not be asked: {}", asked.error));
                    error
                }
            }),
        (here, _) => here,
    }
}

fn print(ui: &mut Ui, preview: &Preview) {
    ui.out(format!(
        "open: {}",
        super::append::counts(&preview.decision.totals)
    ));
    if let Some(planned) = PlannedView::of(preview) {
        planned.lines().iter().for_each(|line| ui.out(line));
    }
    for part in preview.parts.iter().filter(|part| !part.is_plan()) {
        let variables: Vec<String> = part
            .header
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let rows = text::count(part.rows(), "row");
        let loss = if part.has_loss() { ", with loss" } else { "" };
        ui.out(format!("  {}  {rows}{loss}  {}", part.shard, variables.join(" ")).trim_end());
    }
    for refusal in &preview.refusals {
        ui.say("error", &refusal.message());
        ui.hint(refusal.help(&preview.launch.id));
    }
    super::close::warn_some(ui, &preview.decision.notes);
    if preview.refusals.is_empty() {
        ui.hint(format!(
            "close it with `tallybook launch close {}`",
            preview.launch.id
        ));
    }
}
