//! `tallybook gc`: what old closed launches need no more.

use std::sync::Arc;
use std::time::Duration;

use super::launch::amend::{AmendArgs, Gone};
use crate::base::time::Period;
use crate::base::{Timestamp, text};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::git::TreeView;
use crate::ledger::{self, Plan, Policy};
use crate::store::CommitFiles;
use crate::store::attachments::AttachedFiles;

/// Prune steps, output and attachments of old closed launches, with a record
///
/// Removes the prunable files (`details/`, `attachments/`) of launches that were closed long enough ago,
/// by one commit that says in `annotations/` of each launch who did it, when and why. Results, messages,
/// traces, sums and receipts stay, and the launches still verify.
///
/// Checkouts and stores get smaller; git's history keeps what it was given.
///
/// Also clears away what killed commands left under the git directory. Nothing that was appended is
/// touched.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook gc --older-than 180d --dry-run
  tallybook gc --older-than 180d --keep failed
  tallybook gc --older-than 26w --keep failed --reason \"our retention policy\" --push")]
pub(crate) struct GcArgs {
    /// Prune launches that were closed this long ago, as `180d`, `26w` or `36h`
    #[arg(long, value_name = "TIME", value_parser = parse_age)]
    older_than: Duration,
    /// What stays all the same
    #[arg(long, value_name = "WHAT")]
    keep: Option<Keep>,
    /// Only show what would go
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Why [default: the policy]
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    amend: AmendArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Keep {
    /// What failed, broken and unknown results and their retries refer to
    Failed,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &GcArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let loaded = place::load(&place.writing_snapshot()?)?;
    place::check_settings(&loaded.workspace)?;
    let projects: Vec<String> = match args.project.project {
        Some(_) => vec![
            place::project(&loaded.workspace, &args.project)?
                .folder
                .clone(),
        ],
        None => loaded
            .workspace
            .projects
            .iter()
            .map(|p| p.folder.clone())
            .collect(),
    };
    let policy = Policy {
        before: before(ctx, args.older_than),
        keep_failed: args.keep == Some(Keep::Failed),
    };
    let reason = args.reason.clone().unwrap_or_else(|| default_reason(args));
    let amendment = args
        .amend
        .resolve(ctx, (&place, &loaded), ("the reason", &reason))?;
    let store = place.attachments(ctx, &loaded.workspace)?;
    let plan = |tip: Option<&TreeView>| -> Result<Vec<(String, Plan)>, CommandError> {
        let files = Arc::new(CommitFiles::of_tip(place.repo()?, tip, &place.prefix));
        let files = AttachedFiles::new(files, store.clone());
        let plan = |folder: &String| Ok((folder.clone(), ledger::plan(&files, folder, policy)?));
        projects.iter().map(plan).collect()
    };
    if args.dry_run {
        let repo = place.repo()?;
        let tip = amendment
            .tip(&place)?
            .map(|tip| repo.tree(tip))
            .transpose()?;
        let progress = ui.progress("looking");
        let plans = plan(tip.as_ref())?;
        drop(progress);
        show(ui, &plans, "would go");
        return Ok(Exit::Fine);
    }
    let mut plans = Vec::new();
    let amended = amendment.commit(ui, &place, &mut |tip| {
        plans = plan(tip).map_err(|error| error.error)?;
        Ok(ledger::prune_changes(&plans, &amendment.said).unwrap_or_default())
    })?;
    let gone = plans.iter().flat_map(|(_, plan)| &plan.launches);
    let gone = gone.flat_map(|pruning| pruning.files.iter().map(|file| file.path.as_str()));
    let gone = Gone {
        store: &store,
        commit: amended.commit,
        paths: gone.collect(),
    };
    amendment.drop_stored(ui, &place, &loaded, &gone)?;
    show(ui, &plans, "pruned");
    clear(ui, &place, &loaded)?;
    Ok(Exit::Fine)
}

/// Removes what killed commands left under the git directory.
fn clear(ui: &mut Ui, place: &Place, loaded: &crate::store::Loaded) -> Result<(), CommandError> {
    let mut cleared = 0;
    for project in &loaded.workspace.projects {
        if place::key(project).is_ok() {
            cleared += ledger::clear_leftovers(&place.open_state(project)?)?;
        }
    }
    if cleared > 0 {
        let files = text::count(cleared as u64, "leftover");
        ui.status(format!("cleared {files} that killed commands had left"));
    }
    Ok(())
}

fn before(ctx: &Context, age: Duration) -> Timestamp {
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_ms(ctx.now.ms().saturating_sub(age))
}

fn default_reason(args: &GcArgs) -> String {
    let hours = args.older_than.as_secs() / 3_600;
    let age = match hours % 24 {
        0 => text::count(hours / 24, "day"),
        _ => text::count(hours, "hour"),
    };
    let kept = match args.keep {
        Some(Keep::Failed) => "; what failed results refer to stays",
        None => "",
    };
    format!("closed more than {age} ago{kept}")
}

fn show(ui: &mut Ui, plans: &[(String, Plan)], verb: &str) {
    let all = || plans.iter().flat_map(|(_, plan)| &plan.launches);
    for pruning in all() {
        let file = &pruning.head.file;
        ui.out(format!(
            "{}/{}: {}, {}",
            file.project,
            file.id,
            text::count(pruning.files.len() as u64, "file"),
            text::bytes(pruning.bytes)
        ));
    }
    for skipped in plans.iter().flat_map(|(_, plan)| &plan.skipped) {
        ui.warn(skipped);
    }
    let files: usize = all().map(|pruning| pruning.files.len()).sum();
    if files == 0 {
        ui.status("no launch of that age has anything to prune");
        return;
    }
    ui.status(format!(
        "{verb}: {} of {}, {}",
        text::count(files as u64, "file"),
        text::count(all().count() as u64, "launch"),
        text::bytes(all().map(|pruning| pruning.bytes).sum())
    ));
    let kept: usize = all().map(|pruning| pruning.kept).sum();
    if kept > 0 {
        let files = text::count(kept as u64, "file");
        ui.status(format!("kept for failed results: {files}"));
    }
    let shared: usize = all().map(|pruning| pruning.shared).sum();
    if shared > 0 {
        let files = text::count(shared as u64, "file");
        ui.status(format!(
            "{files} of details with steps of failed results also hold other results' steps, and stay whole"
        ));
    }
}

/// Reads a number and a unit: `180d`, `26w`, `36h`.
fn parse_age(text: &str) -> Result<Duration, String> {
    let period = Period::parse(text).ok_or_else(|| format!("expected {}", Period::EXPECTED))?;
    Ok(Duration::from_secs(period.hours().saturating_mul(3_600)))
}
