//! `tallybook export`: launches for other programs.

mod in_toto;

use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;

/// Export launches for other programs
#[derive(Debug, clap::Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_long_help = "Examples:
  tallybook export in-toto 2026-11-22-1843-nightly-4f7k
  tallybook export in-toto \"$id\" --key signing.pem --out nightly.intoto.jsonl"
)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    command: ExportCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ExportCommand {
    InToto(in_toto::InTotoArgs),
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ExportArgs) -> Result<Exit, CommandError> {
    match &args.command {
        ExportCommand::InToto(args) => in_toto::run(ui, ctx, args),
    }
}
