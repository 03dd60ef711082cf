//! `tallybook verify`: evidence, is it unaltered.

use crate::base::text;
use crate::cli::commands::launch::OutputFormat;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{AtArg, Place};
use crate::cli::ui::Ui;
use crate::integrity::{self, Report, VerifyOptions};

/// Verify that closed launches are what was closed
///
/// Checks the sums and receipts of every closed launch, the chain of receipts, the texts of cases
/// as executed, and the history on every path through merges: a launch that was changed and put
/// back is named too. Where the branch is checked out, the files are read as well.
///
/// Needs no network. Ends with 1 where anything differs.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook verify
  tallybook verify --at v1.4
  tallybook verify --format json")]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    at: AtArg,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &VerifyArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let options = VerifyOptions {
        workspace: place.prefix.clone(),
        at: args.at.at.clone(),
        complete: true,
    };
    let progress = ui.progress("verifying");
    let report = integrity::verify(place.repo.as_ref(), &options)?;
    drop(progress);
    match args.format {
        OutputFormat::Json => {
            ui.out_raw(serde_json::to_string_pretty(&report).expect("plain data") + "\n");
        }
        OutputFormat::Text => print(ui, &report),
    }
    Ok(if report.ok {
        Exit::Fine
    } else {
        Exit::Findings
    })
}

fn print(ui: &mut Ui, report: &Report) {
    for violation in &report.violations {
        let launch = violation
            .launch
            .as_deref()
            .map(|id| format!(" of launch `{id}`"));
        let commit = violation
            .commit
            .map(|id| format!(" (commit {})", id.short()));
        ui.out(format!(
            "{}: `{}`{}: {}{}",
            violation.kind,
            violation.path,
            launch.unwrap_or_default(),
            violation.message,
            commit.unwrap_or_default()
        ));
    }
    for notice in &report.notices {
        ui.say("notice", notice);
    }
    let launches = text::count(report.launches as u64, "closed launch");
    if report.launches == 0 && report.ok {
        ui.out("there are no closed launches to verify");
    } else if report.ok {
        ui.out(format!("evidence intact: {launches} verified"));
        for tip in &report.receipts {
            ui.out(format!("  {}/{}  {}", tip.project, tip.launch, tip.receipt));
        }
    } else {
        let violations = text::count(report.violations.len() as u64, "violation");
        ui.out(format!("evidence altered: {violations} in {launches}"));
    }
}
