//! `tallybook case move`

use super::desk::{Desk, WriteArgs, case_error, finish};
use super::set::{meant, refuse_empty};
use crate::author::case::{Moving, move_cases};
use crate::base::text::thousands;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::ProjectArg;
use crate::cli::ui::Ui;

/// Move cases to another section, or rename a case's file
///
/// The id is the identity, so that history, approvals and plans go along. Links in the moved files, and
/// links of other files to them, lead where they led.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case move SHOP-K4F7QM auth/password
  tallybook case move 'section = login' auth --branch one-section
  tallybook case move SHOP-K4F7QM --name expired-password")]
pub(super) struct MoveArgs {
    /// A case's id or file, or a query of cases
    #[arg(value_name = "QUERY")]
    query: String,
    /// The folders below `cases`, as `auth/password`; `.` for `cases` itself
    #[arg(value_name = "SECTION", required_unless_present = "name")]
    section: Option<String>,
    /// The name of the file of one case
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &MoveArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(ctx, &args.write.branch)?;
    refuse_empty(&args.query)?;
    let Some((project, docs)) = meant(ui, ctx, &desk, &args.query, &args.project)? else {
        return Ok(Exit::CouldNotRun);
    };
    if args.name.is_some() && docs.len() > 1 {
        let many = thousands(docs.len() as u64);
        let error = CommandError::usage(format!("`--name` is one file's, and {many} cases fit"));
        return Err(error.hint("name one case by its id"));
    }
    if docs.is_empty() {
        ui.status(format!(
            "none of {} cases fits",
            thousands(project.cases.len() as u64)
        ));
        return Ok(Exit::Fine);
    }
    let section = args.section.as_deref();
    let moving = Moving {
        section: section.map(|section| if section == "." { "" } else { section }),
        name: args.name.as_deref(),
    };
    let change = move_cases(project, &docs, &moving).map_err(case_error)?;
    finish(ui, ctx, &desk, &args.write, &change)
}
