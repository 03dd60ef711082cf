//! `tallybook trace`: requirements, the cases that name them, and their latest results.

mod groups;
mod import;
mod text;
mod view;

use serde::Serialize;

use crate::analysis::trace::{Line, Standing};
use crate::cli::args::NowArgs;
use crate::cli::commands::launch::TableFormat;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::{Reader, described};
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::ledger::{LatestResults, manual_validity, requirement_matrix, requirements};
use crate::model::Case;

/// Show what covers each requirement, and what does not
///
/// Requirements are files in `requirements/`; without any, the links of type `requirement` that cases
/// have. A requirement that no case names is a gap, and a row; one with a reason that holds is justified.
/// Results are the latest of each test on one branch, or those of one launch.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_value_name = "import",
    after_long_help = "Examples:
  tallybook trace
  tallybook trace --gaps
  tallybook trace --gaps --failing
  tallybook trace --launch 2026-11-22-1843 --format csv
  tallybook trace --by section
  tallybook trace --by component
  tallybook trace import requirements.csv"
)]
pub(crate) struct TraceArgs {
    #[command(subcommand)]
    command: Option<TraceCommand>,
    /// Only gaps: what has no case, justified or not, what was not run, and what is stale
    #[arg(long, conflicts_with = "by")]
    gaps: bool,
    /// Only what fails; with --gaps, all that is not covered
    #[arg(long, conflicts_with = "by")]
    failing: bool,
    /// The coverage of cases instead, by `section` or by a custom field
    #[arg(long, value_name = "section|FIELD")]
    by: Option<String>,
    /// The results of this launch alone: its id, the beginning of it, or its receipt
    #[arg(long, value_name = "LAUNCH", conflicts_with = "branch")]
    launch: Option<String>,
    /// The branch whose launches count [default: that of the latest]
    #[arg(long)]
    branch: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print; CSV has one row for each requirement, case and environment
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
}

#[derive(Debug, clap::Subcommand)]
enum TraceCommand {
    Import(import::ImportArgs),
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &TraceArgs) -> Result<Exit, CommandError> {
    match &args.command {
        Some(TraceCommand::Import(args)) => import::run(ui, ctx, args),
        None => show(ui, ctx, args),
    }
}

fn show(ui: &mut Ui, ctx: &Context, args: &TraceArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let (project, found) = place::launch_or_project(
        &place,
        workspace,
        &snapshot,
        args.launch.as_deref(),
        &args.project,
        &args.at,
    )?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let (latest, damages) = match &found {
        Some(found) => {
            let launch = reader.launch(found)?;
            (LatestResults::of_launch(project, &launch), Vec::new())
        }
        None => {
            let history = reader.history(ui, args.branch.as_deref(), None)?;
            ui.status(format!("results: {}", described(&history)));
            if history.earlier() == 0 {
                ui.warn("history unavailable: no closed launch counts, so that nothing is known to have run");
            }
            let files = snapshot.launches.as_ref();
            let latest = LatestResults::read(files, project, &reader.heads, &history)?;
            (latest, history.damages)
        }
    };
    let lacks = reader.tell_damages(ui, damages.iter().chain(&latest.damages));
    tell_unavailable(ui, snapshot.unavailable());
    if let Some(by) = &args.by {
        let cases: Vec<(&Case, Vec<&str>)> = project
            .cases
            .iter()
            .map(|doc| (&doc.value, doc.section()))
            .collect();
        let valid_for = manual_validity(project);
        let latest = |case: &Case| latest.of(case, valid_for, now);
        groups::groups(ui, ctx, args, by, &cases, &latest)?;
    } else {
        let requirements = requirements(project);
        if requirements.is_empty() {
            let error = CommandError::usage("the project has no requirements");
            return Err(error.hint(format!(
                "write one, as `{}/requirements/REQ-1.yaml`, or give cases links of type `requirement`",
                project.path
            )));
        }
        let matrix = requirement_matrix(project, &requirements, &latest, now);
        let asked = Asked {
            gaps: args.gaps,
            failing: args.failing,
        };
        match args.format {
            TableFormat::Text => text::text(ui, ctx, &matrix, asked, now),
            TableFormat::Json => ui.out_raw(json(&view::View::new(&matrix, asked))?),
            TableFormat::Csv => ui.out_raw(view::csv(&matrix, asked)),
        }
    }
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

fn json(view: &impl Serialize) -> Result<String, CommandError> {
    Ok(serde_json::to_string_pretty(view)? + "\n")
}

/// Which requirements are asked for; all where neither is set.
#[derive(Clone, Copy, Debug)]
struct Asked {
    gaps: bool,
    failing: bool,
}

impl Asked {
    fn takes(self, line: &Line<'_>) -> bool {
        let all = !self.gaps && !self.failing;
        all || match line.standing {
            Standing::Covered => false,
            Standing::Failing => self.failing,
            Standing::Gap | Standing::Justified | Standing::NotRun | Standing::Stale => self.gaps,
        }
    }
}
