//! `tallybook report badge`

use super::OutArg;
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::ui::Ui;
use crate::exchange::report::Badge;
use crate::ledger;
use crate::store::launches::LaunchHead;

/// Make a badge of a launch: as a picture, or as what a Shields endpoint answers
///
/// Green where nothing failed, orange where each failure is known or muted, red where one is unresolved.
/// Without a closed launch it says so, and ends with 0: a README keeps its picture.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook report badge --branch main --out badge.svg
  tallybook report badge --branch main --name Nightly --format shields --out badge.json
  tallybook report badge 2026-11-22-1843 --label nightly")]
pub(super) struct BadgeArgs {
    /// The launch [default: the latest that is closed]
    #[arg(value_name = "LAUNCH", conflicts_with_all = ["branch", "name"])]
    launch: Option<String>,
    /// Of this branch alone
    #[arg(long)]
    branch: Option<String>,
    /// Of launches whose names begin so
    #[arg(long, value_name = "PREFIX")]
    name: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// The words on the left
    #[arg(long, default_value = "tests", value_name = "TEXT")]
    label: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    out: OutArg,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A picture
    #[default]
    Svg,
    /// The JSON of a Shields endpoint
    Shields,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &BadgeArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let now = place::now(&snapshot, args.now.now, ctx);
    let badge = match &args.launch {
        Some(wanted) => {
            let found = place::launch(
                &place,
                workspace,
                &snapshot,
                wanted,
                &args.project,
                &args.at,
            )?;
            let reader = Reader::new(&place, &snapshot, found.project, &args.at, now)?;
            Badge::of(&args.label, &reader.launch(&found.found)?.totals)
        }
        None => {
            let project = place::project(workspace, &args.project)?;
            let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
            match (latest(&reader, args), snapshot.unavailable()) {
                (Some(head), _) => Badge::of(&args.label, &head.file.totals),
                (None, Some(gap)) if gap.is_cut => {
                    Badge::absent(&args.label, "launches unavailable")
                }
                (None, _) => Badge::absent(&args.label, "no closed launch"),
            }
        }
    };
    let answer = match args.format {
        Format::Svg => badge.svg(),
        Format::Shields => badge.shields(),
    };
    args.out.write(ui, ctx, &answer, "badge")?;
    Ok(Exit::Fine)
}

fn latest<'r>(reader: &'r Reader<'_>, args: &BadgeArgs) -> Option<&'r LaunchHead> {
    let superseded = ledger::superseded(&reader.heads);
    let fits = |head: &&LaunchHead| {
        let file = &head.file;
        let branch = args.branch.is_none() || args.branch == file.source.branch;
        let name = args
            .name
            .as_ref()
            .is_none_or(|name| file.name.starts_with(name.as_str()));
        branch && name && !superseded.contains(file.id.as_str())
    };
    reader.heads.iter().rev().find(fits)
}
