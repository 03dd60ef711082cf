//! `tallybook launch clone`

use super::open::{OpenArgs, source};
use super::share::{self, ShareArgs, Wanted};
use super::status;
use crate::base::text::{count, sanitize_line};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, FoundLaunch, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::ui::Ui;
use crate::ledger::manual::{Manual, hand_out, plan_results, round};
use crate::ledger::{self, Guard, OpenRequest, Sharing};

/// Open the next round of a launch: the same tests, planned anew
///
/// Of each result of a launch, open or closed, the new one plans one: of the same case, parameters and
/// environment, given to the same person. Tests that match no documented case are left out, and counted.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch clone 2026-11-22-1843-release-2-4-4f7k
  tallybook launch clone \"$id\" --failed --name \"Release 2.4, second round\"
  tallybook launch clone \"$id\" --unresolved --assign alice,bob")]
pub(super) struct CloneArgs {
    /// The launch's id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    share: ShareArgs,
    /// Only what failed, broke, is unknown, or was not executed
    #[arg(long, conflicts_with = "unresolved")]
    failed: bool,
    /// Only what has neither a defect nor a mute, or was not executed
    #[arg(long)]
    unresolved: bool,
    /// What people call it [default: the launch's own name]
    #[arg(short, long)]
    name: Option<String>,
    /// Give the manual ones to these people in turn, in place of those who had them
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    assign: Vec<String>,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &CloneArgs) -> Result<Exit, CommandError> {
    let (place, snapshot, loaded) = share::load(ctx)?;
    let remote = args.share.remote(&place)?;
    let wanted = Wanted::Id(&args.launch);
    let found = status::find(ui, &place, &loaded, &snapshot, wanted, &args.project)?;
    let project = found.project;
    if let FoundLaunch::Open(id) = &found.found {
        share::refresh(ui, &place, project, id)?;
    }
    let people = super::planning::people(project, &args.assign)?;
    let reader = Reader::new(&place, &snapshot, project, &AtArg::default(), ctx.now)?;
    let launch = reader.launch(&found.found)?;
    let chosen = match (args.failed, args.unresolved) {
        (true, _) => round::Which::Failed,
        (_, true) => round::Which::Unresolved,
        _ => round::Which::All,
    };
    let rows = launch.rows(snapshot.launches.as_ref())?;
    let mut next = round::next(project, &launch, &rows, chosen);
    for damage in &rows.damages {
        ui.warn(format!("`{}`: {}", damage.path, damage.message));
    }
    if next.items.is_empty() {
        let of = match chosen {
            round::Which::All => "no documented case has a result in it",
            round::Which::Failed => "nothing of a documented case failed in it",
            round::Which::Unresolved => "nothing of a documented case is unresolved in it",
        };
        ui.status(format!("launch `{}`: {of}; nothing was opened", launch.id));
        return Ok(Exit::Findings);
    }
    if !people.is_empty() {
        hand_out(&mut next.items, &people);
    }
    let state = place.open_state(project)?;
    let guard = Guard::new(place::redaction(&loaded.workspace)?, &[]);
    let by = place.identity(ctx).ok().map(|by| by.to_string());
    let opened = ledger::open(
        &state,
        OpenRequest {
            project: place::key(project)?,
            name: Some(args.name.clone().unwrap_or_else(|| launch.name.clone())),
            key: None,
            tags: launch.tags.clone(),
            links: launch.links.clone(),
            source: source(ctx, place.repo()?, &OpenArgs::default()),
            environment: launch.environment.clone(),
            expect: Vec::new(),
            plan: launch.plan.clone(),
            baseline: launch.closing.is_some().then(|| launch.id.clone()),
            supersedes: None,
            now: ctx.now,
            backfill: None,
            by,
            random: ctx.seed(),
            cut: false,
        },
        &guard,
    )?;
    let id = &opened.launch.id;
    ui.out(id);
    let manual = Manual {
        state: &state,
        launch: &opened.launch,
        guard: &guard,
        keep: Default::default(),
        shared: remote.is_some(),
        now: opened.launch.opened.at,
    };
    let done = plan_results(&manual, &launch.id, &next.items)?;
    ui.status(format!(
        "opened launch \"{}\" in {}: {} planned",
        sanitize_line(&opened.launch.name),
        opened.launch.project,
        count(done.count, "result")
    ));
    if next.undocumented > 0 {
        let results = count(next.undocumented, "result");
        ui.warn(format!("{results} left out: no documented case to plan"));
    }
    if let Some(remote) = &remote {
        let sharing = Sharing::new(place.repo()?, remote, &state).by(place.identity(ctx).ok());
        let published = sharing.publish_all(id);
        published.map_err(|error| share::kept(error, "the launch", id))?;
    }
    ui.hint(format!("execute what is planned: `tallybook execute {id}`"));
    Ok(Exit::Fine)
}
