//! `tallybook launch backfill`

use std::path::PathBuf;

use super::append::{self, Input, JobArgs};
use super::close::{self, CloseArgs};
use super::open::{self, OpenArgs, parse_time};
use super::sign::SignArgs;
use crate::base::Timestamp;
use crate::base::text::{count, sanitize_line, slug};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg, parse_variable, parse_words};
use crate::cli::ui::Ui;
use crate::ingest::Bundle;
use crate::ledger::{self, Survey};
use crate::model::Opened;

/// Make a closed launch of the results of a run of long ago
///
/// Opens a launch at the time when its first result began, appends, and closes it. History, trends and
/// comparisons put it where it belongs. The launch says that it was backfilled and when; the closing has the
/// time of now. Defects, mutes and the gate are those of now: nothing else is known.
///
/// The same results twice are one launch. What was tested is only what you say: nothing is taken from the
/// repository or from CI.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch backfill old/1842/allure-results --name Nightly --branch main
  tallybook launch backfill junit.xml --name \"Release 1.4\" --at 2025-03-01T02:00 --branch release --commit 4f0c9e1
  tallybook launch backfill junit.xml --accept-loss \"the runner died; the rest is gone\"
  for run in old/*/; do tallybook launch backfill \"$run\" --name Nightly --branch main; done")]
pub(crate) struct BackfillArgs {
    /// Folders, files and archives of results of one run
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// What people call it [default: its time]
    #[arg(short, long)]
    name: Option<String>,
    /// When it began [default: when the first result did]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Timestamp>,
    /// A word to find it by; may be given several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// A variable of all its results, as `stand=stage`; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_variable)]
    launch_env: Vec<(String, String)>,
    /// The branch that was tested
    #[arg(long)]
    branch: Option<String>,
    /// The commit that was tested
    #[arg(long)]
    commit: Option<String>,
    /// The repository that was tested
    #[arg(long, value_name = "URL")]
    repository: Option<String>,
    /// Close it though results are lost (cut files, missing ones), for this reason, which is recorded
    #[arg(long, value_name = "REASON", value_parser = parse_words)]
    accept_loss: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    job: JobArgs,
    #[command(flatten)]
    sign: SignArgs,
    /// The branch that takes the closing, where none is checked out
    #[arg(long, value_name = "BRANCH")]
    closing_branch: Option<String>,
    /// Say what would be opened and closed, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &BackfillArgs) -> Result<Exit, CommandError> {
    args.job.check()?;
    let place = Place::find(ctx)?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let inputs = append::inputs(ctx, &place, &args.paths)?;
    let settings = project.settings.as_ref().map(|doc| &doc.value);
    let declared = settings.map(|s| s.environment.keys().map(str::to_owned).collect());
    let bundles: Vec<&dyn Bundle> = inputs.iter().map(Input::bundle).collect();
    let survey = {
        let _progress = ui.progress("reading times");
        ledger::survey(&bundles, declared.unwrap_or_default())
            .map_err(|error| CommandError::usage(error.to_string()))?
    };
    let at = began(args, &survey)?;
    let name = match &args.name {
        Some(name) => name.clone(),
        None => format!("Launch of {}", at.format("%Y-%m-%d %H:%M")),
    };
    // The same results are the same launch.
    let digest = survey.digest.to_string();
    let time = at.format("%Y-%m-%d-%H%M");
    let key = format!("{time} {} {}", slug(&name, 20), &digest[..16]);
    let id = ledger::keyed_id(&place.open_state(project)?, &key);
    let (heads, _) = place::closed(&place, &snapshot, project, &AtArg::default())?;
    if let Some(head) = heads.iter().find(|head| head.file.id == id) {
        ui.out(head.receipt.to_string());
        ui.status(format!("launch `{id}` has these results already"));
        return Ok(Exit::Fine);
    }
    let until = survey.until.filter(|until| *until >= at);
    let is_of_then = |opened: &Opened| {
        let of_then = opened.backfilled.filter(|one| one.until.is_some());
        opened.at == at && of_then.is_some_and(|one| one.until == until)
    };
    if let Some(other) = heads.iter().find(|head| is_of_then(&head.file.opened)) {
        ui.warn(format!(
            "launch `{}` was backfilled for the very same time: the same results would count twice",
            other.file.id
        ));
        ui.hint("the same results are one launch where name and time are the same");
    }
    ui.status(format!(
        "{} from {}{}",
        count(survey.rows, "result"),
        at.format("%Y-%m-%d %H:%M:%S UTC"),
        until.map_or_else(String::new, |until| until
            .format(" to %Y-%m-%d %H:%M:%S UTC"))
    ));
    if args.branch.is_none() {
        ui.hint("`--branch NAME` says what was tested: histories and trends go by branch");
    }
    if args.dry_run {
        ui.status(format!(
            "would close launch \"{}\"; nothing was written",
            sanitize_line(&name)
        ));
        return Ok(Exit::Fine);
    }
    let opened = open::open(
        ctx,
        &OpenArgs {
            project: args.project.clone(),
            name: Some(name),
            key: Some(key),
            tag: args.tag.clone(),
            env: args.launch_env.clone(),
            branch: args.branch.clone(),
            commit: args.commit.clone(),
            repository: args.repository.clone(),
            allow_secret: args.job.allow_secret.clone(),
            at: Some(at),
            until,
            ..OpenArgs::default()
        },
    );
    let opened = match opened {
        Ok(opened) => opened.launch,
        Err(error) => return append::tell_leaks(ui, error),
    };
    let what = (&loaded, project, opened.id.as_str());
    let appended = match append::append(ui, ctx, &place, what, (&inputs, &args.job)) {
        Ok(appended) => appended,
        Err(error) => {
            let exit = append::tell_leaks(ui, error)?;
            ui.hint(format!("launch `{}` stays open", opened.id));
            return Ok(exit);
        }
    };
    let read = append::report(ui, &appended);
    let mut closing = CloseArgs {
        branch: args.closing_branch.clone(),
        sign: args.sign,
        ..CloseArgs::default()
    };
    if let Some(reason) = &args.accept_loss {
        closing.accept_loss = ledger::lacking(&place.open_state(project)?, &opened.id)?;
        match closing.accept_loss.is_empty() {
            true => ui.status("nothing is lost, so no loss is accepted"),
            false => closing.reason = Some(reason.clone()),
        }
    }
    let folder = project.folder.clone();
    let closed = close::close(ui, ctx, &place, &folder, &opened.id, &closing)?;
    if closed == Exit::Findings && args.accept_loss.is_none() {
        ui.hint(format!(
            "launch `{}` stays open; the same command with `--accept-loss REASON` closes it",
            opened.id
        ));
    }
    Ok(match read {
        Exit::Findings if !closing.accept_loss.is_empty() => closed,
        Exit::Fine => closed,
        read => read,
    })
}

/// When the run began: as somebody says, else as its results do.
fn began(args: &BackfillArgs, survey: &Survey) -> Result<Timestamp, CommandError> {
    match (args.at, survey.start) {
        (Some(at), _) | (None, Some(at)) => Ok(at),
        (None, None) if survey.rows == 0 => {
            let error = CommandError::usage("there are no results in what was given");
            Err(error.hint("name folders, files or archives of results of one run"))
        }
        (None, None) => {
            let error = CommandError::usage("the results don't say when they began");
            Err(error.hint("say it: `--at 2025-03-01T02:00:00Z`"))
        }
    }
}
