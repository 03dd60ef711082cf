//! `tallybook case`: the life of a test case.

mod adopt;
mod apart;
mod clone;
mod desk;
mod editor;
mod import;
mod link;
mod list;
mod matching;
mod new;
mod relocate;
mod set;
mod show;
mod told;
mod view;

pub(in crate::cli::commands) use self::adopt::adopt_on_closing;
pub(in crate::cli::commands) use self::desk::unified;
pub(in crate::cli::commands) use self::view::query_of_results;

use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;

/// Make, list, show, change, move, copy, link, adopt and import test cases
///
/// A case is a file, `cases/SECTION/NAME.md`: its fields on top, its text below. Commands change what they
/// are asked to and leave every other byte as it is; with `--branch` as a commit for a pull request.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case new --title \"Sign in with an expired password\" --section auth --steps steps.md
  tallybook case list 'tag = smoke and not has owner'
  tallybook case show SHOP-K4F7QM
  tallybook case set 'section = auth' owner=alice tags+=smoke
  tallybook case match 2026-11-22-1843-nightly-4f7k --accept
  tallybook case adopt --from 2026-11-22-1843-nightly-4f7k --all --branch adopt
  tallybook case import testrail.xml --dry-run")]
pub(crate) struct CaseArgs {
    #[command(subcommand)]
    command: CaseCommand,
}

#[derive(Debug, clap::Subcommand)]
enum CaseCommand {
    New(Box<new::NewArgs>),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Set(set::SetArgs),
    Move(relocate::MoveArgs),
    Clone(clone::CloneArgs),
    Link(link::LinkArgs),
    Match(matching::MatchArgs),
    Adopt(adopt::AdoptArgs),
    Import(Box<import::ImportArgs>),
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &CaseArgs) -> Result<Exit, CommandError> {
    match &args.command {
        CaseCommand::New(args) => new::run(ui, ctx, args),
        CaseCommand::List(args) => list::run(ui, ctx, args),
        CaseCommand::Show(args) => show::run(ui, ctx, args),
        CaseCommand::Set(args) => set::run(ui, ctx, args),
        CaseCommand::Move(args) => relocate::run(ui, ctx, args),
        CaseCommand::Clone(args) => clone::run(ui, ctx, args),
        CaseCommand::Link(args) => link::run(ui, ctx, args),
        CaseCommand::Match(args) => matching::run(ui, ctx, args),
        CaseCommand::Adopt(args) => adopt::run(ui, ctx, args),
        CaseCommand::Import(args) => import::run(ui, ctx, args),
    }
}
