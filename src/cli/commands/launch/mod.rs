//! `tallybook launch`: a launch's life.

mod acknowledge;
pub(crate) mod amend;
mod append;
mod assign;
mod backfill;
mod ci;
mod clone;
mod close;
mod compare;
mod desk;
mod discard;
mod list;
mod note;
mod open;
mod open_work;
mod planned;
mod planning;
mod redact;
mod render;
mod rights;
mod run;
mod share;
mod sheet;
mod show;
mod sign;
mod status;
mod sync;
mod target;
mod there;

pub(in crate::cli::commands) use append::{parse_shape, tell_leaks};
pub(in crate::cli) use ci::source as ci_source;
pub(crate) use close::parse_idle;
pub(in crate::cli::commands) use desk::Desk;
pub(in crate::cli::commands) use open_work::open_work;
pub(in crate::cli::commands) use planning::unknown;
pub(crate) use render::{CheckFormat, OutputFormat, TableFormat, json, said_by_gate};
pub(in crate::cli::commands) use share::{ShareArgs, remote};

use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;

/// Open launches, append results, close them by committing
///
/// A launch is a container for the results of one goal: a CI build, a release candidate, a
/// regression cycle. While it is open it lives under the git directory; closing it makes one
/// commit that can't be changed unnoticed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  id=$(tallybook launch open --name \"Nightly 1843\")
  tallybook launch append \"$id\" allure-results --job linux-chrome --env browser=chrome
  tallybook launch close \"$id\"
  tallybook launch run --name \"Unit tests\" --results 'target/nextest/*/junit.xml' -- cargo nextest run")]
pub(crate) struct LaunchArgs {
    #[command(subcommand)]
    command: LaunchCommand,
}

#[derive(Debug, clap::Subcommand)]
enum LaunchCommand {
    Open(open::OpenArgs),
    Append(append::AppendArgs),
    Assign(assign::AssignArgs),
    Backfill(Box<backfill::BackfillArgs>),
    Sheet(sheet::SheetArgs),
    Clone(clone::CloneArgs),
    Close(close::CloseArgs),
    Discard(discard::DiscardArgs),
    Run(run::RunArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Status(status::StatusArgs),
    Compare(compare::CompareArgs),
    Sync(sync::SyncArgs),
    Redact(redact::RedactArgs),
    Note(note::NoteArgs),
    Acknowledge(acknowledge::AcknowledgeArgs),
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &LaunchArgs) -> Result<Exit, CommandError> {
    match &args.command {
        LaunchCommand::Open(args) => open::run(ui, ctx, args),
        LaunchCommand::Append(args) => append::run(ui, ctx, args),
        LaunchCommand::Assign(args) => assign::run(ui, ctx, args),
        LaunchCommand::Backfill(args) => backfill::run(ui, ctx, args),
        LaunchCommand::Sheet(args) => sheet::run(ui, ctx, args),
        LaunchCommand::Clone(args) => clone::run(ui, ctx, args),
        LaunchCommand::Close(args) => close::run(ui, ctx, args),
        LaunchCommand::Discard(args) => discard::run(ui, ctx, args),
        LaunchCommand::Run(args) => run::run(ui, ctx, args),
        LaunchCommand::List(args) => list::run(ui, ctx, args),
        LaunchCommand::Show(args) => show::run(ui, ctx, args),
        LaunchCommand::Status(args) => status::run(ui, ctx, args),
        LaunchCommand::Compare(args) => compare::run(ui, ctx, args),
        LaunchCommand::Sync(args) => sync::run(ui, ctx, args),
        LaunchCommand::Redact(args) => redact::run(ui, ctx, args),
        LaunchCommand::Note(args) => note::run(ui, ctx, args),
        LaunchCommand::Acknowledge(args) => acknowledge::run(ui, ctx, args),
    }
}
