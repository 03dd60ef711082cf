//! `tallybook launch close`

use std::path::PathBuf;
use std::time::Duration;

use super::rights;
use super::share::{self, ShareArgs, Wanted};
use super::sign::{self, SignArgs, TagArgs};
use super::target::{Target, target};
use crate::analysis::verdict;
use crate::author::LFS_ATTRIBUTES;
use crate::base::path::join;
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, FoundLaunch, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::git::{CommitId, FastForward, Repo};
use crate::ledger::{
    self, CloseError, CloseRequest, Closed, ImportError, OpenState, Sharing, Signing,
};
use crate::model::is_launch_id;
use crate::store::attachments::AttachmentStore;
use crate::store::{Files as _, Loaded, Project, launches};

/// Close a launch by committing it, and print its receipt
///
/// Matches results to cases, applies mutes and defects, counts, and makes one commit on the
/// current branch. The receipt, a SHA-256, is printed alone: kept anywhere, it proves the launch
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
    pub(super) share: ShareArgs,
    /// Take over parts that `launch append --to` wrote, found anywhere below this folder; may be
    /// given several times
    #[arg(long, value_name = "DIR")]
    pub(super) from: Vec<PathBuf>,
    /// Close all open launches that nothing was appended to for this long, as `2h` or `30m`, whatever
    /// they lack; that becomes their reason
    #[arg(long, value_name = "TIME", value_parser = parse_idle, conflicts_with_all = ["launch", "key", "from"])]
    pub(super) idle: Option<Duration>,
    /// Accept what this shard or job lost; needs `--reason`; may be given several times
    #[arg(long, value_name = "SHARD", requires = "reason")]
    pub(super) accept_loss: Vec<String>,
    /// Why it is closed now, or why a loss is accepted
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// What closing stands for, as `approved for release`
    #[arg(long, value_name = "TEXT")]
    pub(super) meaning: Option<String>,
    #[command(flatten)]
    pub(super) sign: SignArgs,
    #[command(flatten)]
    pub(super) tag: TagArgs,
    /// The branch that takes the commit, where none is checked out
    #[arg(long)]
    pub(super) branch: Option<String>,
}

impl CloseArgs {
    /// What of a closing is signed: a tag only where its commit is.
    fn signing(&self, repo: &Repo) -> Signing {
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
    let found = match (found, elsewhere(args, &remote, &place, &loaded)?) {
        (Err(_), Some((folder, id))) => return close(ui, ctx, &place, &folder, &id, args),
        (found, _) => found?,
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

/// Closes what was left open. Each launch is closed alone: one that can't be does not hold the
/// others up.
fn close_idle(
    ui: &mut Ui,
    ctx: &Context,
    args: &CloseArgs,
    place: &Place,
    loaded: &Loaded,
    idle: Duration,
) -> Result<Exit, CommandError> {
    let projects: Vec<&Project> = match args.project.project {
        Some(_) => vec![place::project(&loaded.workspace, &args.project)?],
        None => loaded.workspace.projects.iter().collect(),
    };
    args.tag.check_many()?;
    let mut exit = Exit::Fine;
    let mut closed = 0;
    for project in projects {
        let state = place.open_state(project)?;
        if let Some(remote) = args.share.remote(place)? {
            // What others appended a moment ago is not idle.
            let sharing = Sharing::new(place.repo()?, &remote, &state);
            for id in state.ids()? {
                sharing.gather(&id)?;
            }
        }
        for id in ledger::idle(&state, idle)? {
            let reason = format!("left open, nothing appended for {}", human(idle));
            let reason = args.reason.clone().unwrap_or(reason);
            let args = CloseArgs {
                accept_loss: ledger::lacking(&state, &id)?,
                reason: Some(reason),
                ..args.clone()
            };
            match close(ui, ctx, place, &project.folder, &id, &args) {
                Ok(Exit::Fine) => closed += 1,
                Ok(other) => exit = other,
                Err(error) => {
                    for (name, text) in error.lines() {
                        ui.say(name, &text);
                    }
                    exit = Exit::Findings;
                }
            }
        }
    }
    if closed == 0 && exit == Exit::Fine {
        ui.status(format!("no launch has been idle for {}", human(idle)));
    }
    Ok(exit)
}

fn human(time: Duration) -> String {
    crate::base::time::human_duration(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Reads a number and a unit: `90s`, `30m`, `2h`, `1d`.
pub(crate) fn parse_idle(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let (number, unit) =
        text.split_at(text.len() - text.chars().next_back().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("expected a number and one of s, m, h, d, as `2h`".to_owned()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "expected a number and a unit, as `2h`".to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
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
    if remote.is_some() {
        return Ok(found());
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

/// Takes over parts that were carried here as files.
fn import(
    ui: &mut Ui,
    ctx: &Context,
    args: &CloseArgs,
    place: &Place,
    loaded: &Loaded,
) -> Result<(), CommandError> {
    let project = place::project(&loaded.workspace, &args.project)?;
    let state = place.open_state(project)?;
    let id = wanted_id(args, place, project)?;
    for folder in &args.from {
        let taken = ledger::import(&state, &ctx.resolve(folder), &id).map_err(not_taken)?;
        ui.status(format!(
            "took {} from `{}`",
            text::count(taken.parts as u64, "part"),
            folder.display()
        ));
        if let Some(notice) = taken.notice {
            ui.status(notice);
        }
    }
    Ok(())
}

/// Says why nothing was taken over, and what to do about it.
fn not_taken(error: ImportError) -> CommandError {
    let hint = match &error {
        ImportError::Altered { .. } => {
            "carry the job's artefact again, or append its results again with `--to`; `sha256sum -c SHA256SUMS` \
             in the part says what is wrong"
        }
        ImportError::Differs { .. } => {
            "both are kept where they are: find out which one is right, and leave the other out; one that is open \
             here goes with `tallybook launch discard`, and one that was carried by removing its folder"
        }
        _ => return error.into(),
    };
    CommandError {
        kind: ErrorKind::Finding,
        ..CommandError::from(error)
    }
    .hint(hint)
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
    let wanted = ProjectArg {
        project: Some(folder.to_owned()),
    };
    let project = place::project(&loaded.workspace, &wanted).map_err(|error| {
        error.hint(format!(
            "the current commit has no project `{folder}`: commit it first"
        ))
    })?;
    warn_uncommitted(ui, place, folder)?;
    let remote = args.share.remote(place)?;
    if remote.is_none() {
        target.check_root(place)?;
    }
    let request = CloseRequest {
        launch: id.to_owned(),
        workspace: place.prefix.clone(),
        branch: target.branch.clone(),
        identity: place.identity(ctx)?,
        now: ctx.now,
        reason: args.reason.clone(),
        meaning: args.meaning.clone(),
        accept_loss: args.accept_loss.clone(),
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
        Ok(closed) => Ok(report(ui, place, &target, &closed)),
        Err(CloseError::Late {
            receipt,
            shards,
            tip: Some(tip),
            ..
        }) => {
            let follow_up = move_late(ctx, place, project, id, tip, remote.as_deref())?;
            ui.out(receipt.to_string());
            let parts = text::count(shards.len() as u64, "part");
            ui.warn(format!(
                "launch `{id}` was closed before {parts} came: {}; they are in its follow-up `{follow_up}`",
                text::ticked(&shards, "and")
            ));
            let push = if remote.is_some() { " --push" } else { "" };
            ui.hint(format!(
                "close that: `tallybook launch close {follow_up}{push}`"
            ));
            Ok(Exit::Findings)
        }
        Err(CloseError::NotAllowed(why)) => {
            let error = rights::refuse(*why, &request.identity);
            Err(error.hint(format!("nothing was committed; launch `{id}` stays open")))
        }
        Err(error) => not_closed(ui, id, &target, error),
    }
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

/// Says why a launch stays open: what it lacks is a finding, all else an error.
fn not_closed(
    ui: &mut Ui,
    id: &str,
    target: &Target,
    error: CloseError,
) -> Result<Exit, CommandError> {
    if let CloseError::Refused { launch, refusals } = &error {
        for refusal in refusals {
            ui.say("error", &refusal.message());
            ui.hint(refusal.help(launch));
        }
        ui.status(format!("launch `{launch}` stays open"));
        return Ok(Exit::Findings);
    }
    let hint = hint(&error, id, target);
    let error = CommandError::from(error);
    Err(match hint {
        Some(hint) => error.hint(hint),
        None => error,
    })
}

/// Moves parts that came after a closing into the launch's follow-up; returns its id.
fn move_late(
    ctx: &Context,
    place: &Place,
    project: &Project,
    id: &str,
    tip: CommitId,
    remote: Option<&str>,
) -> Result<String, CommandError> {
    let state = place.open_state(project)?;
    let files = place.launches_at(tip)?;
    files.fetch_evidence(true)?;
    let (heads, _) = launches::heads(&files, &project.folder)?;
    let head = heads.iter().find(|head| head.file.id == id);
    let head = head.ok_or_else(|| CommandError::internal("the closed launch is gone"))?;
    let by = place.identity(ctx).ok().map(|by| by.to_string());
    let latest = share::latest(&heads, head);
    let follow_up = ledger::follow_up(&state, &files, latest, by, ctx.now)?;
    if state.is_open(id) {
        ledger::move_late(&state, id, &follow_up)?;
    }
    if let Some(remote) = remote {
        let sharing = Sharing::new(place.repo()?, remote, &state);
        let moved = sharing.move_late(id, &follow_up);
        moved.map_err(|error| share::kept(error, "the follow-up", &follow_up))?;
    }
    Ok(follow_up)
}

/// What to do where a remote lacks the attachments of what is pushed.
pub(super) const LFS_HINT: &str = "`attachments` in `tallybook.yaml` says that they are in git-lfs: install \
    it, `git lfs install`, and run the same command again";

/// What to do about a closing that did not get through.
fn hint(error: &CloseError, id: &str, target: &Target) -> Option<String> {
    match error {
        CloseError::Commit(error) => sign::hint(error, "nothing was closed"),
        CloseError::Raced { .. } | CloseError::Share(_) => Some(format!(
            "run `tallybook launch close {id} --push` again; nothing was lost"
        )),
        CloseError::Refusal { .. } if target.own.is_some() => Some(format!(
            "whoever may push that branch closes it: `tallybook launch close {id} --push`"
        )),
        CloseError::Lfs { .. } => Some(LFS_HINT.to_owned()),
        CloseError::Refusal { .. } => Some(
            "a protected branch needs somebody who may push to it, or launches a branch to themselves: \
             `launches: {branch: tallybook}` in `tallybook.yaml`"
                .to_owned(),
        ),
        CloseError::Partial { path } => Some(format!(
            "take it out again, `git rm -r --quiet {path} && git commit`, and close the launch then"
        )),
        CloseError::Late { .. } => Some(format!(
            "a closed launch never changes: correct it with a new one, `tallybook launch open \
             --supersedes {id}`, and append those results there"
        )),
        _ => None,
    }
}

/// Where `.gitattributes` says nothing of git-lfs, checkouts hold pointers for ever.
fn warn_without_lfs(ui: &mut Ui, place: &Place, commit: CommitId) -> Result<(), CommandError> {
    let files = place.launches_at(commit)?;
    let text = files.read(ATTRIBUTES)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let is_it = |line: &str| line.contains("attachments/") && line.contains("filter=lfs");
    if !text.lines().any(is_it) {
        ui.warn(
            "`.gitattributes` does not give attachments to git-lfs: checkouts will hold pointers",
        );
        ui.hint(format!("add the line `{}` to it", LFS_ATTRIBUTES.trim()));
    }
    Ok(())
}

const ATTRIBUTES: &str = ".gitattributes";

/// Uncommitted documentation does not count in a closing.
fn warn_uncommitted(ui: &mut Ui, place: &Place, folder: &str) -> Result<(), CommandError> {
    let path = join(&place.prefix, &format!("projects/{folder}"));
    if place.repo()?.has_uncommitted(&path)? {
        ui.warn(format!(
            "`projects/{folder}` has uncommitted changes; the launch is closed by the current commit"
        ));
    }
    Ok(())
}

/// How long another closing may take to write the files of a launch.
const SETTLING: std::time::Duration = std::time::Duration::from_millis(400);

/// How many notes are shown; the rest is counted.
const NOTES_SHOWN: usize = 12;

/// Says the first notes, and how many more there are.
pub(super) fn warn_some(ui: &mut Ui, notes: &[String]) {
    for note in notes.iter().take(NOTES_SHOWN) {
        ui.warn(note);
    }
    let more = notes.len().saturating_sub(NOTES_SHOWN) as u64;
    if more > 0 {
        ui.warn(format!("and {} more of this kind", text::thousands(more)));
    }
}

fn report(ui: &mut Ui, place: &Place, target: &Target, closed: &Closed) -> Exit {
    ui.out(closed.receipt.to_string());
    warn_some(ui, &closed.notes);
    let verdict = verdict::verdict(&closed.file.totals);
    let verb = if closed.commit.is_some() {
        "closed"
    } else {
        "closed before:"
    };
    ui.status(format!(
        "{verb} \"{}\": {}",
        closed.file.name,
        verdict::counts(&closed.file.totals)
    ));
    ui.status(verdict.sentence);
    if let Some(commit) = &closed.commit {
        ui.status(format!(
            "committed as {} in `{}`",
            commit.short(),
            closed.path
        ));
    }
    tell_pushed(ui, place, target, closed);
    Exit::Fine
}

/// Says what became of the branch that took the closing.
fn tell_pushed(ui: &mut Ui, place: &Place, target: &Target, closed: &Closed) {
    let remote = || {
        place
            .repo
            .as_ref()?
            .default_remote(Some(&target.branch.name))
    };
    match (&closed.followed, &target.own) {
        (Some(FastForward::Diverged), own) => {
            ui.warn("it was pushed, and your branch has commits of its own");
            ui.hint(match (own, remote()) {
                (Some(own), Some(remote)) => own.merge(&remote, true),
                _ => "bring them together with `git pull --rebase --autostash`".to_owned(),
            });
        }
        (Some(FastForward::Refused(reason)), own) => {
            ui.warn(format!(
                "it was pushed, and your branch did not follow: {reason}"
            ));
            if own.is_none() {
                ui.hint("`git pull` brings it here");
            }
        }
        (Some(_), _) => ui.status("pushed"),
        (None, Some(own)) if closed.commit.is_some() => {
            ui.status(format!("on branch `{}`", own.name()));
            if let Some(remote) = remote() {
                let (remote, branch) = (text::shell_word(&remote), text::shell_word(own.name()));
                ui.hint(format!("push it: `git push {remote} {branch}`"));
            }
        }
        (None, _) => {}
    }
}
