//! `tallybook launch open`

use std::path::Path;

use super::append::{parse_shape, tell_leaks};
use super::ci;
use super::planning::{self, PlanningArgs};
use super::rights;
use super::share::{self, ShareArgs};
use super::target;
use crate::base::{Timestamp, text};
use crate::cli::commands::plan::find as find_plan;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg, parse_variable};
use crate::cli::ui::Ui;
use crate::git::Repo;
use crate::integrity::Deed;
use crate::ledger::{self, Guard, OpenRequest, Opened, Sharing};
use crate::model::{Environment, Link, OpenLaunch, Source};

/// Open a launch and print its id
///
/// The id alone is printed, for use in scripts. With `--key`, the same key in the same project is
/// the same launch, so that parallel jobs need no coordination. One that was opened before waits from
/// now on for the jobs that are expected now as well; where others share it already it can't, and this
/// ends with 2.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch open --name \"Nightly 1843\"
  tallybook launch open --key \"$GITHUB_RUN_ID\" --expect linux --expect windows --push
  tallybook launch open --name \"Release candidate\" --tag rc --env stand=stage
  tallybook launch open --name \"Smoke test\" --plan smoke
  tallybook launch open --plan smoke --env browser=chrome,firefox --assign alice,bob")]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    pub(super) project: ProjectArg,
    #[command(flatten)]
    pub(super) share: ShareArgs,
    /// What people call it
    #[arg(short, long)]
    pub(super) name: Option<String>,
    /// Get the launch that has this key, or open it
    #[arg(short, long)]
    pub(super) key: Option<String>,
    /// A word to find it by; may be given several times
    #[arg(long, value_name = "TAG")]
    pub(super) tag: Vec<String>,
    /// A web address that belongs to it; may be given several times
    #[arg(long, value_name = "URL")]
    pub(super) link: Vec<String>,
    /// A variable of all its results, as `stand=stage`; may be given several times
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub(super) env: Vec<(String, String)>,
    /// A job that must append before the launch may close; may be given several times
    #[arg(long, value_name = "JOB")]
    pub(super) expect: Vec<String>,
    /// The plan that it executes: `plan check` and the gate hold it against that
    #[arg(long, value_name = "PLAN")]
    pub(super) plan: Option<String>,
    #[command(flatten)]
    pub(super) planning: PlanningArgs,
    /// The closed launch that it is held against [default: the latest of the same branch and name, numbers apart]
    #[arg(long, value_name = "LAUNCH")]
    pub(super) baseline: Option<String>,
    /// The launch that this one corrects
    #[arg(long, value_name = "LAUNCH")]
    pub(super) supersedes: Option<String>,
    /// The branch that was tested [default: what CI or git says]
    #[arg(long)]
    pub(super) branch: Option<String>,
    /// The commit that was tested [default: what CI or git says]
    #[arg(long)]
    pub(super) commit: Option<String>,
    /// The repository that was tested [default: what CI or git says]
    #[arg(long, value_name = "URL")]
    pub(super) repository: Option<String>,
    /// The pull request that was tested [default: what CI says]
    #[arg(long, value_name = "NUMBER")]
    pub(super) pull_request: Option<String>,
    /// Let what looks like this kind of secret through, as `jwt`; may be given several times
    #[arg(long, value_name = "NAME", value_parser = parse_shape)]
    pub(super) allow_secret: Vec<&'static str>,
    /// When the results were made, where they are older than the launch, as `2025-03-01T02:00:00Z`: its place in
    /// the history; when it was really opened is recorded, too
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with_all = ["push"])]
    pub(super) at: Option<Timestamp>,
    /// When the results ended, where they are older than the launch.
    #[arg(skip)]
    pub(super) until: Option<Timestamp>,
    /// Nobody typed the name.
    #[arg(skip)]
    pub(super) cut: bool,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &OpenArgs) -> Result<Exit, CommandError> {
    if let Some(id) = closed(ctx, args)? {
        ui.out(&id);
        ui.warn(format!(
            "launch `{id}` has this key and is closed; what is appended to it goes into its follow-up"
        ));
        ui.hint("results of a new run need a key of their own");
        return Ok(Exit::Fine);
    }
    let planning = planning::wanted(ui, ctx, args)?;
    if !args.env.is_empty() {
        let snapshot = Place::find(ctx)?.writing_snapshot()?;
        let loaded = place::load(&snapshot)?;
        let project = place::project(&loaded.workspace, &args.project)?;
        place::tell_variables(ui, &args.env, project);
    }
    let opened = match open(ctx, args) {
        Ok(opened) => opened,
        Err(error) => return tell_leaks(ui, error),
    };
    ui.out(&opened.launch.id);
    let is_planned = planning.is_some();
    if let Some(planning) = planning {
        planning::plan_results(ui, ctx, args, &opened, planning)?;
    }
    let found = publish(ctx, args, &opened)?.unwrap_or_else(|| opened.launch.clone());
    let (id, verb) = (
        &opened.launch.id,
        if opened.created { "opened" } else { "found" },
    );
    ui.status(format!(
        "{verb} launch \"{}\" in {}",
        text::sanitize_line(&opened.launch.name),
        opened.launch.project
    ));
    if let Some(wanted) = &opened.wanted {
        tell_unheeded(ui, args, wanted, &opened.launch);
    }
    refuse(opened.wanted.as_deref().unwrap_or(&opened.launch), &found)?;
    if let (Some(wanted), false) = (&args.plan, is_planned) {
        planning::tell_empty(ui, ctx, args, wanted)?;
    }
    if Place::find(ctx)?.repo()?.head()?.commit.is_none() {
        ui.warn(
            "the current branch has no commit yet: a launch is closed by the documentation of one",
        );
        ui.hint(target::FIRST_COMMIT);
    }
    let push = if args.share.push { " --push" } else { "" };
    if is_planned {
        ui.hint(format!("execute what is planned: `tallybook execute {id}`"));
    }
    ui.hint(format!(
        "append results with `tallybook launch append {id} PATH{push}`"
    ));
    Ok(Exit::Fine)
}

/// Says what was asked of a launch that was open before, and that it does not have, though it does without.
fn tell_unheeded(ui: &mut Ui, args: &OpenArgs, wanted: &OpenLaunch, found: &OpenLaunch) {
    let env = |(name, value): (&str, &String)| found.environment.get(name) != Some(value);
    let asked = [
        ("--name", args.name.is_some() && wanted.name != found.name),
        ("--env", wanted.environment.iter().any(env)),
        (
            "--tag",
            wanted.tags.iter().any(|tag| !found.tags.contains(tag)),
        ),
        (
            "--link",
            wanted.links.iter().any(|link| !found.links.contains(link)),
        ),
    ];
    let unheeded: Vec<&str> = asked
        .iter()
        .filter(|(_, is_lacking)| *is_lacking)
        .map(|(flag, _)| *flag)
        .collect();
    if unheeded.is_empty() {
        return;
    }
    ui.warn(format!(
        "it was opened before, without this, and stays as it was: {}",
        text::ticked(&unheeded, "and")
    ));
    ui.hint("open it so before anything is appended by its key, or `launch discard` it first");
}

/// Refuses what would be believed to hold and does not: a launch that waits for fewer jobs, or is held
/// against another plan or launch, than was asked for.
fn refuse(wanted: &OpenLaunch, found: &OpenLaunch) -> Result<(), CommandError> {
    let unmet = ledger::unmet(wanted, found);
    if unmet.is_empty() {
        return Ok(());
    }
    let mut said = Vec::new();
    let lacking = wanted.expect.iter();
    let lacking: Vec<&String> = lacking.filter(|job| !found.expect.contains(job)).collect();
    if !lacking.is_empty() {
        let shown: Vec<String> = lacking.iter().map(|job| text::sanitize_line(job)).collect();
        said.push(format!("does not wait for {}", text::ticked(&shown, "and")));
    }
    for (what, asked, has) in [
        ("plan", &wanted.plan, &found.plan),
        ("baseline", &wanted.baseline, &found.baseline),
        ("superseded launch", &wanted.supersedes, &found.supersedes),
    ] {
        if let Some(asked) = asked.as_ref().filter(|_| asked != has) {
            let has = has.as_deref().map(text::sanitize_line);
            let has = has.map_or_else(|| "none".to_owned(), |has| format!("`{has}`"));
            said.push(format!("has {has} as its {what}, not `{asked}`"));
        }
    }
    let message = format!(
        "launch `{}` was opened before, and {}",
        found.id,
        text::list(&said, "and")
    );
    let hint = match unmet.contains(&"--expect") {
        true => format!(
            "others share it, so it stays as it is: let the first job open it with every `--expect`, or throw it away with \
             `tallybook launch discard {} --push`",
            found.id
        ),
        false => format!(
            "ask for what it has, or throw it away with `tallybook launch discard {}`",
            found.id
        ),
    };
    Err(CommandError::usage(message).hint(hint))
}

/// Shares a launch that is open here, where that is wanted; returns it as others have it.
fn publish(
    ctx: &Context,
    args: &OpenArgs,
    opened: &Opened,
) -> Result<Option<OpenLaunch>, CommandError> {
    let id = &opened.launch.id;
    let (place, _, loaded) = share::load(ctx)?;
    let Some(remote) = args.share.remote(&place)? else {
        return Ok(None);
    };
    let project = place::project(&loaded.workspace, &args.project)?;
    let state = place.open_state(project)?;
    let sharing = Sharing::new(place.repo()?, &remote, &state).by(place.identity(ctx).ok());
    let published = match args.planning.is_wanted() {
        true => sharing.publish_all(id),
        false => sharing.publish_open(id),
    };
    published.map_err(|error| share::kept(error, "the launch", id))?;
    // Another machine may have opened it in the same moment. Without a key none can.
    match args.key {
        Some(_) => Ok(sharing.opening(id)?),
        None => Ok(None),
    }
}

/// Returns the id of the closed launch that has the wanted key.
fn closed(ctx: &Context, args: &OpenArgs) -> Result<Option<String>, CommandError> {
    let Some(key) = &args.key else {
        return Ok(None);
    };
    let place = Place::find(ctx)?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let id = ledger::keyed_id(&place.open_state(project)?, key);
    let (heads, _) = place::closed(&place, &snapshot, project, &AtArg::default())?;
    Ok(heads.iter().any(|head| head.file.id == id).then_some(id))
}

/// Opens a launch as asked.
pub(super) fn open(ctx: &Context, args: &OpenArgs) -> Result<Opened, CommandError> {
    place::one_value_each(&args.env)?;
    open_in(ctx, args, None)
}

/// Opens a launch as asked: here, or in a folder that is carried elsewhere.
pub(super) fn open_in(
    ctx: &Context,
    args: &OpenArgs,
    folder: Option<&Path>,
) -> Result<Opened, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    place::check_settings(&loaded.workspace)?;
    share::sweep(&place, &loaded);
    let project = place::project(&loaded.workspace, &args.project)?;
    if args.share.push {
        rights::check_shared(ctx, &place, project, Deed::Open)?;
    }
    let state = place.open_state(project)?;
    let state = match folder {
        Some(folder) => state.in_folder(folder),
        None => state,
    };
    if let (Some(key), Some(remote)) = (&args.key, args.share.remote(&place)?) {
        // Opened elsewhere it has a name, an environment and expected jobs already. Where the remote
        // can't be asked, pushing says so.
        let id = ledger::keyed_id(&place.open_state(project)?, key);
        if !state.is_open(&id) {
            let _ = Sharing::new(place.repo()?, &remote, &state).fetch_open(&id);
        }
    }
    let by = place
        .identity(ctx)
        .ok()
        .map(|identity| identity.to_string());
    let (workspace, snapshot) = (&loaded.workspace, &snapshot);
    let named = |wanted: &Option<String>, wrong| {
        let wanted = wanted.as_ref();
        let find = |wanted| closed_launch(&place, workspace, snapshot, project, wanted, wrong);
        wanted.map(|wanted| find(wanted)).transpose()
    };
    let supersedes = named(&args.supersedes, "only a closed launch needs a correction")?;
    let baseline = named(&args.baseline, "a baseline is a closed launch")?;
    let plan = args.plan.as_ref().map(|wanted| find_plan(project, wanted));
    let plan = plan.transpose()?.map(|doc| doc.value.id.clone());
    Ok(ledger::open(
        &state,
        OpenRequest {
            project: place::key(project)?,
            name: args.name.clone(),
            key: args.key.clone(),
            tags: args.tag.clone(),
            links: args.link.iter().map(|url| link(url)).collect(),
            source: source(ctx, place.repo()?, args),
            environment: environment(args),
            expect: args.expect.clone(),
            plan,
            baseline,
            supersedes,
            now: ctx.now,
            backfill: backfill(ctx, args)?,
            by,
            random: ctx.seed(),
            cut: args.cut,
        },
        &Guard::new(place::redaction(&loaded.workspace)?, &args.allow_secret),
    )?)
}

/// Reads a time as people write it; one without a zone is in UTC.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let words = text.trim().replacen(' ', "T", 1);
    let tries = [
        words.clone(),
        format!("{words}Z"),
        format!("{words}:00Z"),
        format!("{words}T00:00:00Z"),
    ];
    let found = tries.iter().find_map(|text| Timestamp::parse(text));
    found.ok_or_else(|| "expected a time, as 2025-03-01T02:00:00Z or 2025-03-01".to_owned())
}

/// The place in the history of what is older than the launch.
fn backfill(
    ctx: &Context,
    args: &OpenArgs,
) -> Result<Option<(Timestamp, Option<Timestamp>)>, CommandError> {
    let Some(at) = args.at else { return Ok(None) };
    if at > ctx.now {
        let message = format!("{at} is yet to come");
        return Err(CommandError::usage(message).hint("results are of a time that has passed"));
    }
    if args.planning.is_wanted() {
        let error = CommandError::usage("what was executed long ago is planned no more");
        return Err(error.hint("leave `--at` out, or the planned results"));
    }
    Ok(Some((at, args.until.filter(|until| *until >= at))))
}

/// Returns the launch's own variables. Where results are planned, those with several values are not among them.
fn environment(args: &OpenArgs) -> Environment {
    let given = place::variables(&args.env);
    match args.planning.is_wanted() {
        true => PlanningArgs::split(&given).0.into_iter().collect(),
        false => given.into_iter().collect(),
    }
}

fn link(url: &str) -> Link {
    Link {
        url: Some(url.to_owned()),
        ..Link::default()
    }
}

/// Returns the id of a closed launch of the same project.
fn closed_launch(
    place: &Place,
    workspace: &crate::store::Workspace,
    snapshot: &crate::store::Snapshot,
    project: &crate::store::Project,
    wanted: &str,
    wrong: &str,
) -> Result<String, CommandError> {
    let arg = ProjectArg {
        project: Some(project.folder.clone()),
    };
    match place::launch(place, workspace, snapshot, wanted, &arg, &AtArg::default())?.found {
        place::FoundLaunch::Closed(head) => Ok(head.file.id),
        place::FoundLaunch::Open(id) => {
            let error = CommandError::usage(format!("launch `{id}` is still open; {wrong}"));
            Err(error.hint(format!("append to it: `tallybook launch append {id} PATH`")))
        }
    }
}

/// What was typed, else what CI says, else the repository's own branch and commit.
pub(super) fn source(ctx: &Context, repo: &Repo, args: &OpenArgs) -> Source {
    let mut found = ci::source(&ctx.vars);
    if args.at.is_some() {
        // What is checked out now is not what was tested then.
        found = Source::default();
    } else if found.is_empty() {
        let head = repo.head().ok();
        let branch = head.as_ref().and_then(|head| head.branch.clone());
        found = Source {
            repository: repo.remote_url(),
            branch: branch.map(|name| name.trim_start_matches("refs/heads/").to_owned()),
            commit: head.and_then(|head| head.commit).map(|id| id.to_string()),
            pull_request: None,
        };
    }
    let pick = |typed: &Option<String>, found| typed.clone().or(found);
    Source {
        repository: pick(&args.repository, found.repository),
        branch: pick(&args.branch, found.branch),
        commit: pick(&args.commit, found.commit),
        pull_request: pick(&args.pull_request, found.pull_request),
    }
}
