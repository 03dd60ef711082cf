//! `tallybook launch show`

use super::planned::PlannedView;
use super::render::{LaunchView, OutputFormat, Sorted, State, categories, json, text_of};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, FoundLaunch, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::ledger::{self, Preview};
use crate::store::launches::{self, LaunchHead};
use crate::store::{Files, annotations};

/// Show one launch: its totals, jobs, source and receipt
///
/// An open launch shows what it would say if it were closed now.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch show 2026-11-22-1843-nightly-4f7k
  tallybook launch show \"$id\" --format json")]
pub(crate) struct ShowArgs {
    /// The launch's id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ShowArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let found = place::launch(
        &place,
        &loaded.workspace,
        &snapshot,
        &args.launch,
        &args.project,
        &args.at,
    )?;
    let view = match &found.found {
        FoundLaunch::Closed(head) => {
            let folder = &found.project.folder;
            let files = snapshot.launches.as_ref();
            let (said, damages) = annotations::of_launch(files, folder, &head.file.id)?;
            for damage in damages {
                ui.warn(format!("`{}`: {}", damage.path, damage.message));
            }
            LaunchView {
                annotations: said.iter().cloned().collect(),
                categories: sorted(ui, files, head)?,
                ..closed_view(head)
            }
        }
        FoundLaunch::Open(id) => {
            let state = place.open_state(found.project)?;
            let preview = ledger::preview(&state, found.project, id, ctx.now)?;
            let gone = || CommandError::usage(format!("launch `{id}` is no longer open"));
            open_view(&preview.ok_or_else(gone)?)
        }
    };
    match args.format {
        OutputFormat::Json => ui.out_raw(json(&view)),
        OutputFormat::Text => ui.out(text_of(&view)),
    }
    Ok(Exit::Fine)
}

/// Counts the failures of each category. Outcomes are read only where something failed.
fn sorted(ui: &mut Ui, files: &dyn Files, head: &LaunchHead) -> Result<Vec<Sorted>, CommandError> {
    let totals = &head.file.totals;
    if totals.failed + totals.broken + totals.unknown == 0 {
        return Ok(Vec::new());
    }
    Ok(match launches::load(files, head.clone())? {
        Ok(launch) => categories(&launch.outcomes),
        Err(damage) => {
            ui.warn(format!("`{}`: {}", damage.path, damage.message));
            Vec::new()
        }
    })
}

pub(super) fn closed_view(head: &LaunchHead) -> LaunchView {
    let file = head.file.clone();
    LaunchView {
        id: file.id,
        project: file.project,
        name: file.name,
        state: State::Closed,
        receipt: Some(head.receipt.to_string()),
        totals: file.totals,
        opened: file.opened,
        closed: Some(file.closed),
        source: file.source,
        environment: file.environment,
        tags: file.tags,
        jobs: file.jobs,
        plan: file.plan,
        supersedes: file.supersedes,
        gate: file.gate,
        planned: file.planned.map(PlannedView::closed),
        categories: Vec::new(),
        path: Some(head.path.clone()),
        blocking: Vec::new(),
        annotations: Vec::new(),
    }
}

pub(super) fn open_view(preview: &Preview) -> LaunchView {
    let launch = preview.launch.clone();
    LaunchView {
        id: launch.id,
        project: launch.project,
        name: launch.name,
        state: State::Open,
        receipt: None,
        totals: preview.decision.totals,
        opened: launch.opened,
        closed: None,
        source: launch.source,
        environment: launch.environment,
        tags: launch.tags,
        jobs: preview.parts.iter().map(ledger::Part::summary).collect(),
        plan: launch.plan,
        supersedes: launch.supersedes,
        gate: None,
        planned: PlannedView::of(preview),
        categories: categories(&preview.decision.outcomes),
        path: None,
        blocking: preview
            .refusals
            .iter()
            .map(ledger::Refusal::message)
            .collect(),
        annotations: Vec::new(),
    }
}
