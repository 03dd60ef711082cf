//! `tallybook defect link`

use super::defect_error;
use super::new::{Condition, Source, parse_condition, typed};
use crate::author;
use crate::cli::change::{BranchArg, Onto, carry_out, workspace};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{Place, ProjectArg};
use crate::cli::ui::Ui;

/// Say of a failure that a defect explains it
///
/// Adds a matcher to the defect, which is proposed from all failures of the launch that equal this one, as
/// `defect new` does. Failures that fit it are linked when a launch is closed, today's and future ones.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook defect link DEF-K4F7QM --from 2026-11-22-1843-nightly-4f7k/4f7k3a2b9c1d0e5f
  tallybook defect link DEF-K4F7QM --from 2026-11-22/4f7k --matcher 'message=503 Service'")]
pub(super) struct LinkArgs {
    /// The defect's id
    #[arg(value_name = "DEFECT")]
    defect: String,
    /// The failure: a launch and one of its results, or the beginnings of their ids
    #[arg(long, value_name = "LAUNCH/RESULT")]
    from: String,
    /// What failures have to fit instead of what is proposed: message=REGEX, trace=REGEX,
    /// full_name=REGEX or status=failed; all that are given must hold
    #[arg(long = "matcher", value_name = "FIELD=REGEX", value_parser = parse_condition)]
    matchers: Vec<Condition>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &LinkArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let (workspace, read) = workspace(&place, &args.branch)?;
    let given = typed(&args.matchers);
    let source = Source::read(ctx, &place, &args.from, &args.project, given)?;
    let project = { workspace.projects.iter() }.find(|project| project.folder == source.folder);
    let project = project.ok_or_else(|| {
        let message = format!("HEAD has no project `{}`", source.folder);
        CommandError::usage(message).hint("commit the project first")
    })?;
    let Some(matcher) = &source.matcher else {
        return Err(
            CommandError::usage("the failure says nothing that others could be known by")
                .hint("say by what: `--matcher full_name=REGEX`"),
        );
    };
    let done = author::link_failures(project, &args.defect, matcher).map_err(defect_error)?;
    source.tell(ui, project);
    let (id, title) = (&done.defect.id, &done.defect.title);
    let did = format!("linked to {id}: {title}");
    let onto = Onto {
        place: &place,
        branch: &args.branch,
        read: &read,
    };
    carry_out(ui, ctx, onto, &done.changes, &did)?;
    if done.defect.status == crate::model::DefectState::Closed {
        ui.hint(format!(
            "the defect is closed: `tallybook defect reopen {id}`"
        ));
    }
    Ok(Exit::Fine)
}
