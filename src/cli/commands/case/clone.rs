//! `tallybook case clone`

use super::desk::{Desk, WriteArgs, case_error, finish};
use crate::author::case::{Cloning, clone_case};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::ProjectArg;
use crate::cli::ui::Ui;
use crate::model::Execution;

/// Make a case that says what another one does
///
/// It has an id of its own and begins in the first state of the workflow. Approvals, history, older ids and
/// selectors stay with the other one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case clone SHOP-K4F7QM --title \"Sign in with a locked account\"
  tallybook case clone SHOP-K4F7QM --section admin --branch admin-sign-in")]
pub(super) struct CloneArgs {
    /// The case's id, or its file
    #[arg(value_name = "CASE")]
    case: String,
    /// What the new one is called [default: Copy of …]
    #[arg(long)]
    title: Option<String>,
    /// The folders below `cases` that it stands in [default: those of the other one]
    #[arg(short, long, value_name = "SECTION")]
    section: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &CloneArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(ctx, &args.write.branch)?;
    let (project, doc) = desk.case(ctx, &args.case, &args.project)?;
    let cloning = Cloning {
        title: args.title.as_deref(),
        section: args.section.as_deref(),
        seed: ctx.seed(),
    };
    let change = clone_case(project, doc, &cloning).map_err(case_error)?;
    let exit = finish(ui, ctx, &desk, &args.write, &change)?;
    if doc.value.execution == Execution::Automated && !args.write.dry_run {
        let id = &change.cases[0];
        ui.hint(format!(
            "name the test that executes it: `tallybook case set {id} 'selectors+=FULL_NAME'`"
        ));
    }
    Ok(exit)
}
