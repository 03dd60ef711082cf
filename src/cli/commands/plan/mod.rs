//! `tallybook plan`: named scopes, what they select, and whether a launch did them.

mod check;
mod diff;
mod export;
mod failed;
mod filter;
mod list;
mod scope;
mod show;

pub(in crate::cli::commands) use self::scope::{plan as find, readable_plan, selected};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;

/// Say what test plans select, hand them to test runners, and check that they were done
///
/// A plan is a file, `plans/<name>.yaml`: a query, a list of cases, or both, less what it excludes.
/// Nothing to run is never a filter that runs everything: it is an error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook plan show smoke
  tallybook plan diff main.. smoke
  tallybook plan export smoke --to pytest --out smoke.txt && pytest @smoke.txt
  tallybook plan check 2026-11-22-1843
  tallybook plan failed 2026-11-22-1843 --to playwright --out rerun.txt")]
pub(crate) struct PlanArgs {
    #[command(subcommand)]
    command: PlanCommand,
}

#[derive(Debug, clap::Subcommand)]
enum PlanCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Diff(diff::DiffArgs),
    Export(export::ExportArgs),
    Check(check::CheckArgs),
    Failed(failed::FailedArgs),
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &PlanArgs) -> Result<Exit, CommandError> {
    match &args.command {
        PlanCommand::List(args) => list::run(ui, ctx, args),
        PlanCommand::Show(args) => show::run(ui, ctx, args),
        PlanCommand::Diff(args) => diff::run(ui, ctx, args),
        PlanCommand::Export(args) => export::run(ui, ctx, args),
        PlanCommand::Check(args) => check::run(ui, ctx, args),
        PlanCommand::Failed(args) => failed::run(ui, ctx, args),
    }
}
