//! `tallybook launch close`

mod carried;
mod idle;
mod late;
mod told;

use std::path::PathBuf;
use std::time::Duration;

use self::carried::import;
use self::idle::close_idle;
pub(crate) use self::idle::parse_idle;
pub(super) use self::late::move_late;
pub(super) use self::told::{LFS_HINT, warn_some};
use self::told::{not_closed, report, warn_uncommitted, warn_without_lfs};
use super::desk::tell_begun;
use super::rights;
use super::share::{self, ClosePush, Wanted};
use super::sign::{SignArgs, TagArgs};
use super::target::target;
use super::there::closed_there;
use crate::base::text;
use crate::cli::commands::case::{adopt_on_closing, query_of_results};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, FoundLaunch, Place, ProjectArg, parse_words};
use crate::cli::ui::Ui;
use crate::git::Repo;
use crate::ledger::{self, AmendRequest, CloseError, CloseRequest, OpenState, Sharing, Signing};
use crate::model::is_launch_id;
use crate::store::attachments::AttachmentStore;
use crate::store::{Loaded, Project, launches};

/// Close a launch by committing it, and print its receipt
///
/// Matches results to cases, applies mutes and defects, counts, and makes one commit: on the current
/// branch, or on the one that `tallybook.yaml` gives closed launches. The receipt, a SHA-256, is printed alone: kept anywhere, it proves the launch
/// and every launch before it. Closing a closed launch prints its receipt.
///
/// The documentation is read from the current commit, not from uncommitted changes. What the project's
/// members don't allow, or not without a signature, is not closed.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch close 2026-11-22-1843-nightly-4f7k
  tallybook launch close --key \"$GITHUB_RUN_ID\" --push
  tallybook launch close --key \"$GITHUB_RUN_ID\" --from artefacts
  tallybook launch close \"$id\" --sign --meaning \"reviewed and approved\"
  tallybook launch close \"$id\" --adopt
  tallybook launch close \"$id\" --allow-unfinished \"the device lab is closed\"
  tallybook launch close \"$id\" --accept-loss windows --reason \"the runner died; seen in build 17\"")]
pub(crate) struct CloseArgs {
    /// The launch's id, or the beginning of it
    #[arg(value_name = "LAUNCH", required_unless_present_any = ["key", "idle"])]
    pub(super) launch: Option<String>,
    /// The launch that has this key
    #[arg(short, long, conflicts_with = "launch")]
    pub(super) key: Option<String>,
    #[command(flatten)]
    pub(super) project: ProjectArg,
    #[command(flatten)]
    pub(super) share: ClosePush,
    /// Take over parts that `launch append --to` wrote, found anywhere below this folder; may be
    /// given several times
    #[arg(long, value_name = "DIR")]
    pub(super) from: Vec<PathBuf>,
    /// Close all open launches that nothing was appended to for this long, as `2h` or `30m`, whatever
    /// they lack; that becomes their reason
    #[arg(long, value_name = "TIME", value_parser = parse_idle, conflicts_with_all = ["launch", "key", "from"])]
    pub(super) idle: Option<Duration>,
    /// A job that must have appended, besides those that the opening expects; may be given several times
    #[arg(long, value_name = "JOB", conflicts_with = "idle")]
    pub(super) expect: Vec<String>,
    /// Accept what this shard or job lost; needs `--reason`; may be given several times
    #[arg(long, value_name = "SHARD", requires = "reason")]
    pub(super) accept_loss: Vec<String>,
    /// Close it though planned results are not executed, for this reason; they stay in progress for ever
    #[arg(long, value_name = "REASON", value_parser = parse_words, conflicts_with = "idle")]
    pub(super) allow_unfinished: Option<String>,
    /// Why it is closed now, or why a loss is accepted
    #[arg(long, value_name = "TEXT", value_parser = parse_words)]
    pub(super) reason: Option<String>,
    /// What closing stands for, as `approved for release`
    #[arg(long, value_name = "TEXT", value_parser = parse_words)]
    pub(super) meaning: Option<String>,
    #[command(flatten)]
    pub(super) sign: SignArgs,
    #[command(flatten)]
    pub(super) tag: TagArgs,
    /// Make case files of its tests that have none, of all or of those with a result that fits a query; a second
    /// commit on the branch that takes the closing
    #[arg(long, value_name = "QUERY", num_args = 0..=1, default_missing_value = "", conflicts_with = "idle")]
    pub(super) adopt: Option<String>,
    /// The branch that takes the commit, where none is checked out
    #[arg(long)]
    pub(super) branch: Option<String>,
}

impl CloseArgs {
    /// What of a closing is signed: a tag only where its commit is.
    pub(super) fn signing(&self, repo: &Repo) -> Signing {
        let tag = self.tag.name();
        Signing {
            commit: tag.is_some() || self.sign.wants(repo),
            tag,
        }
    }
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &CloseArgs) -> Result<Exit, CommandError> {
    let (place, snapshot, loaded) = share::load(ctx)?;
    let remote = args.share.remote(&place)?;
    if let Some(idle) = args.idle {
        return close_idle(ui, ctx, args, &place, &loaded, idle);
    }
    if !args.from.is_empty() {
        import(ui, ctx, args, &place, &loaded)?;
    }
    let wanted = wanted(args);
    let find = || {
        share::find(
            &place,
            &loaded,
            &snapshot,
            wanted,
            &args.project,
            remote.as_deref(),
        )
    };
    // Another closing of this launch may be writing its files just now: what is not readable yet
    // is in a moment.
    let found = find().or_else(|_| {
        std::thread::sleep(SETTLING);
        find()
    });
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let (folder, id) = elsewhere(args, &remote, &place, &loaded)?.ok_or(error)?;
            return close(ui, ctx, &place, &folder, &id, args);
        }
    };
    let folder = found.project.folder.clone();
    match found.found {
        FoundLaunch::Closed(head)
            if remote.is_none() && !place.open_state(found.project)?.is_open(&head.file.id) =>
        {
            ui.out(head.receipt.to_string());
            ui.status(format!("launch \"{}\" was closed before", head.file.name));
            if args.sign.is_asked_for() || args.tag.name().is_some() {
                ui.warn("nothing was signed: a closed launch stays as it is");
            }
            Ok(Exit::Fine)
        }
        FoundLaunch::Closed(head) => close(ui, ctx, &place, &folder, &head.file.id, args),
        FoundLaunch::Open(id) => close(ui, ctx, &place, &folder, &id, args),
    }
}

/// A launch of which the working tree knows nothing may be closed on the branch that takes closings,
/// here or on the remote: returns its project's folder and its id, where these are told.
fn elsewhere(
    args: &CloseArgs,
    remote: &Option<String>,
    place: &Place,
    loaded: &Loaded,
) -> Result<Option<(String, String)>, CommandError> {
    let Ok(project) = place::project(&loaded.workspace, &args.project) else {
        return Ok(None);
    };
    let id = wanted_id(args, place, project)?;
    if !is_launch_id(&id) || place.open_state(project)?.is_open(&id) {
        return Ok(None);
    }
    let found = || Some((project.folder.clone(), id.clone()));
    if let Some(remote) = remote {
        let next = open_follow_up(place, project, remote, &id)?;
        return Ok(next
            .map(|next| (project.folder.clone(), next))
            .or_else(found));
    }
    let Ok(target) = target(place, args) else {
        return Ok(None);
    };
    let Some(tip) = target.branch.tip(place.repo()?)? else {
        return Ok(None);
    };
    let (heads, _) = launches::heads(&place.launches_at(tip)?, &project.folder)?;
    Ok(found().filter(|_| heads.iter().any(|head| head.file.id == id)))
}

/// The follow-up that a launch which is closed on the remote has open there.
fn open_follow_up(
    place: &Place,
    project: &Project,
    remote: &str,
    id: &str,
) -> Result<Option<String>, CommandError> {
    let state = place.open_state(project)?;
    let sharing = Sharing::new(place.repo()?, remote, &state);
    let Some(there) = closed_there(place, project, &sharing, id)? else {
        return Ok(None);
    };
    let latest = share::latest(&there.heads, &there.head);
    let next = ledger::follow_up_id(&latest.file.id);
    Ok(sharing.fetch_open(&next)?.then_some(next))
}

/// The launch's whole id, as far as it was given.
fn wanted_id(args: &CloseArgs, place: &Place, project: &Project) -> Result<String, CommandError> {
    Ok(match wanted(args) {
        Wanted::Id(id) => id.to_owned(),
        Wanted::Key(key) => ledger::keyed_id(&place.open_state(project)?, key),
    })
}

fn wanted(args: &CloseArgs) -> Wanted<'_> {
    match (&args.launch, &args.key) {
        (_, Some(key)) => Wanted::Key(key),
        (launch, None) => Wanted::Id(launch.as_deref().unwrap_or_default()),
    }
}

/// Closes an open launch and prints its receipt; or prints why it can't be.
pub(super) fn close(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    folder: &str,
    id: &str,
    args: &CloseArgs,
) -> Result<Exit, CommandError> {
    let repo = place.repo()?;
    let target = target(place, args)?;
    let commit = target.documentation;
    let loaded = place::load(&place.commit_snapshot(commit)?)?;
    place::check_settings(&loaded.workspace)?;
    let said = said(args, &loaded)?;
    let wanted = ProjectArg {
        project: Some(folder.to_owned()),
    };
    let project = place::project(&loaded.workspace, &wanted).map_err(|error| {
        error.hint(format!(
            "the current commit has no project `{folder}`: commit it first"
        ))
    })?;
    // Before anything is closed.
    if let Some(query) = &args.adopt
        && query_of_results(ui, ctx, place, project, query)?.is_none()
    {
        return Ok(Exit::CouldNotRun);
    }
    warn_uncommitted(ui, place, folder)?;
    let remote = args.share.remote(place)?;
    if remote.is_none() {
        target.check_root(place)?;
    }
    if args.adopt.is_some() && target.own.is_some() {
        let error = CommandError::usage(
            "closed launches have a branch of their own here, which case files don't go to",
        );
        return Err(error
            .hint("close it without `--adopt`, then prepare the change for a review:")
            .hint(format!(
                "`tallybook case adopt --from {id} --all --branch adopt-cases`"
            )));
    }
    let request = CloseRequest {
        launch: id.to_owned(),
        workspace: place.prefix.clone(),
        branch: target.branch.clone(),
        identity: place.identity(ctx)?,
        now: ctx.now,
        reason: said.reason,
        meaning: said.meaning,
        accept_loss: args.accept_loss.clone(),
        expect: args.expect.clone(),
        allow_unfinished: said.allow_unfinished,
        documentation: Some(commit.to_string()),
        version: crate::cli::VERSION.to_owned(),
        attachments: place.attachments(ctx, &loaded.workspace)?,
        signing: args.signing(repo),
    };
    if matches!(request.attachments, AttachmentStore::Lfs(_)) && !request.branch.own {
        warn_without_lfs(ui, place, commit)?;
    }
    let state = place.open_state(project)?;
    refuse_alone(&state, id, remote.as_deref())?;
    let progress = ui.progress("closing");
    let closed = match &remote {
        Some(remote) => {
            let sharing = Sharing::new(repo, remote, &state);
            ledger::close_shared(&sharing, project, &request)
        }
        None => ledger::close(repo, &state, project, &request),
    };
    drop(progress);
    match closed {
        Ok(closed) => {
            let mut exit = report(ui, place, &target, &closed);
            tell_begun(ui, &state, id);
            if let (false, Some(tip)) = (closed.late.is_empty(), closed.commit) {
                let follow_up = move_late(ctx, place, project, id, tip, remote.as_deref())?;
                tell_late(ui, id, &closed.late, &follow_up, remote.is_some());
                exit = Exit::Findings;
            }
            match (&args.adopt, closed.commit) {
                (Some(query), Some(commit)) => {
                    let amend = AmendRequest {
                        branch: target.branch,
                        workspace: place.prefix.clone(),
                        identity: request.identity,
                        now: ctx.now,
                        remote,
                        sign: args.signing(repo).commit,
                    };
                    let adopted =
                        adopt_on_closing(ui, ctx, place, (folder, id, commit), &amend, query)?;
                    Ok(if adopted == Exit::Fine { exit } else { adopted })
                }
                (Some(_), None) => {
                    ui.hint(format!(
                        "nothing was adopted, since it was closed before: `tallybook case adopt --from {id} --all`"
                    ));
                    Ok(exit)
                }
                (None, _) => Ok(exit),
            }
        }
        Err(CloseError::Late {
            receipt,
            shards,
            tip: Some(tip),
            ..
        }) => {
            let follow_up = move_late(ctx, place, project, id, tip, remote.as_deref())?;
            ui.out(receipt.to_string());
            tell_late(ui, id, &shards, &follow_up, remote.is_some());
            Ok(Exit::Findings)
        }
        Err(CloseError::NotAllowed(why)) => {
            let error = rights::refuse(*why, &request.identity);
            Err(error.hint(format!("nothing was committed; launch `{id}` stays open")))
        }
        Err(error) => not_closed(ui, id, &target, error),
    }
}

/// What a person says of a closing, as it may be committed.
struct Said {
    reason: Option<String>,
    meaning: Option<String>,
    allow_unfinished: Option<String>,
}

fn said(args: &CloseArgs, loaded: &Loaded) -> Result<Said, CommandError> {
    let clean = |what: &str, words: &Option<String>| {
        let words = words.as_deref();
        let clean = words.map(|words| place::clean_words(&loaded.workspace, what, words));
        clean.transpose()
    };
    Ok(Said {
        reason: clean("the reason", &args.reason)?,
        meaning: clean("the meaning", &args.meaning)?,
        allow_unfinished: clean("the reason", &args.allow_unfinished)?,
    })
}

/// Says which parts a closed launch does not have, and where they are now.
fn tell_late(ui: &mut Ui, id: &str, shards: &[String], follow_up: &str, is_pushed: bool) {
    let parts = text::count(shards.len() as u64, "part");
    let are = if shards.len() == 1 {
        "it is"
    } else {
        "they are"
    };
    ui.warn(format!(
        "launch `{id}` was closed before {parts} came: {}; {are} in its follow-up `{follow_up}`",
        text::ticked(shards, "and")
    ));
    let push = if is_pushed { " --push" } else { "" };
    ui.hint(format!(
        "close that: `tallybook launch close {follow_up}{push}`"
    ));
}

/// A launch that other machines may have parts of closes with all of them.
fn refuse_alone(state: &OpenState, id: &str, remote: Option<&str>) -> Result<(), CommandError> {
    let shared = state.shared_on(id)?;
    let Some(shared) = shared.filter(|shared| remote != Some(shared)) else {
        return Ok(());
    };
    let shown = text::shell_word(&shared);
    Err(CommandError::usage(format!(
        "launch `{id}` is shared on `{shared}`, and other machines may have parts of it"
    ))
    .hint(format!(
        "close it with all of them: `--push --remote {shown}`"
    )))
}

/// How long another closing may take to write the files of a launch.
const SETTLING: std::time::Duration = std::time::Duration::from_millis(400);
