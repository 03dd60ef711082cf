//! `tallybook triage`: what of a launch needs a decision, and the commands that make it.

mod gather;
mod github;
mod text;
mod view;

use std::collections::HashSet;

use self::gather::Asked;
pub(super) use self::gather::was_closed;
use self::view::View;
use crate::cli::args::NowArgs;
use crate::cli::commands::launch::CheckFormat;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::issues;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::told::Teller;
use crate::cli::ui::Ui;
use crate::exchange::tracker;
use crate::ledger::{self, Moment};
use crate::store::launches::LaunchHead;

/// List what of a launch needs a defect, a mute or a rerun
///
/// Failures with neither a defect nor a mute, equal ones together, the biggest cluster first: which
/// tests, whom to ask, since when, what it looks like, and the commands that would resolve it. An open
/// launch can be triaged again and again: closing it decides. Of a closed launch what held at closing
/// stays, and what is known today stands beside it.
///
/// Ends with 1 where a failure has no defect and no mute, neither at the closing nor today, and where there
/// are no results.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook triage 2026-11-22-1843-nightly-4f7k
  tallybook triage 2026-11-22 --all
  tallybook triage \"$id\" --format json
  tallybook triage \"$id\" --format github")]
pub(crate) struct TriageArgs {
    /// The launch's id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// List all clusters, and all tests of each
    #[arg(long)]
    all: bool,
    /// How many launches in a row a muted test has to pass before the mute can be lifted
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    passes: u16,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: CheckFormat,
}

/// How many earlier launches are looked through for equal failures.
const RECALLED: usize = 20;

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &TriageArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let found = place::launch(
        &place,
        workspace,
        &snapshot,
        &args.launch,
        &args.project,
        &args.at,
    )?;
    let project = found.project;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let launch = reader.launch(&found.found)?;
    let reading = reader.reading(ui, launch, None)?;
    let (files, launch) = (snapshot.launches.as_ref(), reading.launch());
    let failed = launch.outcomes.iter().filter(|one| ledger::failed(one));
    let wanted: HashSet<&str> = failed.map(|outcome| outcome.id.as_str()).collect();
    let teller = Teller::with_rows(
        project,
        launch,
        launch.some_rows(files, &wanted)?,
        Some(&reading),
    );
    let earlier = &reading.history().moments[..reading.earlier()];
    let first = earlier.len().saturating_sub(RECALLED);
    let head = |moment: &Moment| reader.heads.iter().find(|head| head.file.id == moment.id);
    let heads: Vec<&LaunchHead> = earlier[first..].iter().filter_map(head).collect();
    let recalled = {
        let _progress = ui.progress("reading earlier failures");
        ledger::recall(files, &heads)?
    };
    let limit = match args.format {
        CheckFormat::Json => usize::MAX,
        CheckFormat::Github => github::TESTS,
        CheckFormat::Text if args.all => usize::MAX,
        CheckFormat::Text => text::TESTS,
    };
    let asked = Asked {
        place: &place,
        project,
        is_one_of_many: workspace.projects.len() > 1,
        reading: &reading,
        teller: &teller,
        recalled: &recalled,
        first,
        now,
        passes: usize::from(args.passes),
        tests: limit,
        address: match args.format {
            CheckFormat::Json => tracker::LONGEST,
            CheckFormat::Text | CheckFormat::Github => issues::SHOWN,
        },
    };
    let view = View::new(&asked)?;
    let damages = reading.history().damages.iter();
    let damages = damages.chain(&teller.rows().damages);
    let lacks = reader.tell_damages(ui, damages.chain(&recalled.damages));
    tell_unavailable(ui, snapshot.unavailable());
    match args.format {
        CheckFormat::Json => ui.out_raw(super::launch::json(&view)),
        CheckFormat::Github => ui.out_raw(view.github()),
        CheckFormat::Text => ui.out(view.text(ctx.width, args.all)),
    }
    let is_open = lacks || view.counts.left > 0 || view.counts.results == 0;
    Ok(match is_open {
        true => Exit::Findings,
        false => Exit::Fine,
    })
}
