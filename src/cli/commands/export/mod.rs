//! `tallybook export`: launches and cases for other programs.

mod in_toto;
mod made;
mod out;
mod results;
mod tables;

use crate::base::text;
use crate::cli::args::NowArgs;
use crate::cli::commands::query::Wanted;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{AtArg, ProjectArg};
use crate::cli::ui::Ui;

/// Export results and cases for other programs
///
/// What each format holds of a launch, and what not, is a table in docs/exports.md.
#[derive(Debug, clap::Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_long_help = "Examples:
  tallybook export csv 2026-11-22-1843 --out results.csv
  tallybook export jsonl --of cases --query 'tag = smoke'
  tallybook export junit 2026-11-22-1843 --out report.xml
  tallybook export allure 2026-11-22-1843 --out allure-results
  tallybook export in-toto \"$id\" --key signing.pem --out nightly.intoto.jsonl"
)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    command: ExportCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ExportCommand {
    Csv(tables::CsvArgs),
    Jsonl(tables::JsonlArgs),
    Junit(results::JunitArgs),
    Ctrf(results::CtrfArgs),
    Allure(results::AllureArgs),
    InToto(in_toto::InTotoArgs),
}

/// Which results, or which cases.
#[derive(Debug, clap::Args)]
struct WhatArgs {
    /// A launch's id, the beginning of it, or its receipt; open or closed [default: the latest that is closed]
    #[arg(value_name = "LAUNCH")]
    launch: Option<String>,
    /// Only what fits this query, in its order
    #[arg(
        long,
        value_name = "QUERY",
        default_value = "",
        hide_default_value = true
    )]
    query: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
}

impl WhatArgs {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            query: &self.query,
            launch: self.launch.as_deref(),
            project: &self.project,
            at: &self.at,
            now: self.now.now,
        }
    }
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ExportArgs) -> Result<Exit, CommandError> {
    match &args.command {
        ExportCommand::Csv(args) => tables::csv(ui, ctx, args),
        ExportCommand::Jsonl(args) => tables::jsonl(ui, ctx, args),
        ExportCommand::Junit(args) => results::junit(ui, ctx, args),
        ExportCommand::Ctrf(args) => results::ctrf(ui, ctx, args),
        ExportCommand::Allure(args) => results::allure(ui, ctx, args),
        ExportCommand::InToto(args) => in_toto::run(ui, ctx, args),
    }
}

/// The code that a command ends with: none made where the query is wrong, else whether something did not read.
fn exit(made: Option<((), bool)>) -> Exit {
    match made {
        None => Exit::CouldNotRun,
        Some(((), true)) => Exit::Findings,
        Some(((), false)) => Exit::Fine,
    }
}

fn results_of(n: usize) -> String {
    text::count(n as u64, "result")
}
