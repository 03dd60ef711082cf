//! Launches that other machines have a part in: which one is meant, and on which remote.

use super::there::closed_there;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, AtArg, FoundLaunch, LaunchPlace, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::ledger::{self, FollowError, OpenState, Sharing};
use crate::model::LaunchFile;
use crate::store::launches::LaunchHead;
use crate::store::{Files, Loaded, Project, Snapshot};

/// Whether a launch is shared through a remote.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ShareArgs {
    /// Share it through the remote, so that other machines take part in it
    #[arg(long)]
    pub(super) push: bool,
    /// The remote [default: the branch's own, else `origin`]
    #[arg(long, value_name = "REMOTE", requires = "push")]
    pub(super) remote: Option<String>,
}

impl ShareArgs {
    /// Returns the remote to push to, if any is wanted.
    pub(in crate::cli::commands) fn remote(
        &self,
        place: &Place,
    ) -> Result<Option<String>, CommandError> {
        wanted_remote(place, self.push, self.remote.as_deref())
    }
}

/// Whether a closing goes through a remote.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ClosePush {
    /// Close it with all parts that are on the remote, on what the remote's branch holds, and push that
    #[arg(long)]
    pub(super) push: bool,
    /// The remote [default: the branch's own, else `origin`]
    #[arg(long, value_name = "REMOTE", requires = "push")]
    pub(super) remote: Option<String>,
}

impl ClosePush {
    /// Returns the remote to push to, if any is wanted.
    pub(super) fn remote(&self, place: &Place) -> Result<Option<String>, CommandError> {
        wanted_remote(place, self.push, self.remote.as_deref())
    }
}

/// Whether a launch is thrown away on a remote, too.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct DiscardPush {
    /// Throw away what the remote has of it, too: its opening and all parts
    #[arg(long)]
    push: bool,
    /// The remote [default: the branch's own, else `origin`]
    #[arg(long, value_name = "REMOTE", requires = "push")]
    remote: Option<String>,
}

impl DiscardPush {
    /// Returns the remote to push to, if any is wanted.
    pub(super) fn remote(&self, place: &Place) -> Result<Option<String>, CommandError> {
        wanted_remote(place, self.push, self.remote.as_deref())
    }
}

fn wanted_remote(
    place: &Place,
    push: bool,
    named: Option<&str>,
) -> Result<Option<String>, CommandError> {
    match push {
        true => remote(place, named).map(Some),
        false => Ok(None),
    }
}

/// Returns the remote that was named, or the one that is meant.
pub(in crate::cli::commands) fn remote(
    place: &Place,
    named: Option<&str>,
) -> Result<String, CommandError> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let repo = place.repo()?;
    let branch = super::target::branch(place)?;
    repo.default_remote(branch.as_deref()).ok_or_else(|| {
        CommandError::usage("there is no remote to share launches through")
            .hint("add one with `git remote add origin URL`, or name one with `--remote`")
    })
}

/// Which launch a person means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    /// The beginning of its id.
    Id(&'a str),
    Key(&'a str),
}

/// Finds a launch here, or on a remote where one is given.
pub(super) fn find<'w>(
    place: &Place,
    loaded: &'w Loaded,
    snapshot: &Snapshot,
    wanted: Wanted<'_>,
    in_project: &ProjectArg,
    remote: Option<&str>,
) -> Result<LaunchPlace<'w>, CommandError> {
    let workspace = &loaded.workspace;
    let id = match wanted {
        Wanted::Id(id) => id,
        Wanted::Key(key) => {
            let project = place::project(workspace, in_project)?;
            return find_key(place, snapshot, project, key, remote);
        }
    };
    let here = place::launch(
        place,
        workspace,
        snapshot,
        id,
        in_project,
        &AtArg::default(),
    );
    let (Err(error), Some(remote)) = (&here, remote) else {
        return here;
    };
    if error.kind != crate::cli::error::ErrorKind::Usage {
        return here;
    }
    let projects: Vec<&Project> = match in_project.project {
        Some(_) => vec![place::project(workspace, in_project)?],
        None => workspace.projects.iter().collect(),
    };
    let mut found = Vec::new();
    for project in projects {
        let state = place.open_state(project)?;
        let sharing = Sharing::new(place.repo()?, remote, &state);
        found.extend(sharing.find(id)?.into_iter().map(|id| (project, id)));
    }
    match found.as_slice() {
        [] => here,
        [(project, id)] => {
            let state = place.open_state(project)?;
            Sharing::new(place.repo()?, remote, &state).fetch_open(id)?;
            Ok(LaunchPlace {
                project,
                found: FoundLaunch::Open(id.clone()),
            })
        }
        _ => {
            let names: Vec<&String> = found.iter().map(|(_, id)| id).take(8).collect();
            let several = crate::base::text::ticked(&names, "and");
            Err(
                CommandError::usage(format!("`{id}` begins the ids of several launches"))
                    .hint(format!("they are {several}")),
            )
        }
    }
}

fn find_key<'w>(
    place: &Place,
    snapshot: &Snapshot,
    project: &'w Project,
    key: &str,
    remote: Option<&str>,
) -> Result<LaunchPlace<'w>, CommandError> {
    let state = place.open_state(project)?;
    let id = ledger::keyed_id(&state, key);
    let open = |id| {
        Ok(LaunchPlace {
            project,
            found: FoundLaunch::Open(id),
        })
    };
    if state.is_open(&id) {
        return open(id);
    }
    let (heads, _) = place::closed(place, snapshot, project, &AtArg::default())?;
    if let Some(head) = heads.iter().find(|head| head.file.id == id) {
        let latest = latest(&heads, head);
        let next = ledger::follow_up_id(&latest.file.id);
        return match is_open_anywhere(place, &state, &next, remote)? {
            true => open(next),
            false => Ok(LaunchPlace {
                project,
                found: FoundLaunch::Closed(Box::new(latest.clone())),
            }),
        };
    }
    if let Some(remote) = remote
        && Sharing::new(place.repo()?, remote, &state).fetch_open(&id)?
    {
        return open(id);
    }
    let mut error = CommandError::usage(format!("no launch has the key `{key}`"));
    if remote.is_none()
        && let Some(remote) = place.repo()?.default_remote(None)
    {
        error = error.hint(format!(
            "only this clone was looked at: `--push` looks on `{remote}` as well"
        ));
    }
    let error = error.hint(format!(
        "open it with `tallybook launch open --key {}`",
        crate::base::text::shell_word(key)
    ));
    Err(place::unseen(snapshot, error))
}

/// The last of a launch's follow-ups that is closed; the launch itself where there is none.
pub(super) fn latest<'h>(heads: &'h [LaunchHead], head: &'h LaunchHead) -> &'h LaunchHead {
    let next = ledger::follow_up_id(&head.file.id);
    match heads.iter().find(|head| head.file.id == next) {
        Some(next) => latest(heads, next),
        None => head,
    }
}

fn is_open_anywhere(
    place: &Place,
    state: &OpenState,
    id: &str,
    remote: Option<&str>,
) -> Result<bool, CommandError> {
    if state.is_open(id) {
        return Ok(true);
    }
    let Some(remote) = remote else {
        return Ok(false);
    };
    let sharing = Sharing::new(place.repo()?, remote, state);
    let found = sharing.fetch_open(id)?;
    if found {
        sharing.gather(id)?;
    }
    Ok(found)
}

/// The open follow-up of a closed launch.
#[derive(Debug)]
pub(super) struct FollowUp {
    pub(super) id: String,
    /// The launch that it follows.
    pub(super) of: LaunchFile,
    /// It was opened just now.
    pub(super) is_new: bool,
}

/// Returns the open follow-up of a closed launch; it is opened where there is none.
pub(super) fn follow_up(
    ctx: &Context,
    place: &Place,
    snapshot: &Snapshot,
    project: &Project,
    head: &LaunchHead,
    remote: Option<&str>,
) -> Result<FollowUp, CommandError> {
    let state = place.open_state(project)?;
    let (heads, _) = place::closed(place, snapshot, project, &AtArg::default())?;
    let is_here = heads.iter().any(|one| one.file.id == head.file.id);
    let there = match remote.filter(|_| !is_here) {
        Some(remote) => {
            let sharing = Sharing::new(place.repo()?, remote, &state);
            closed_there(place, project, &sharing, &head.file.id)?
        }
        None => None,
    };
    let (files, heads): (&dyn Files, _) = match &there {
        Some(there) => (&there.files, &there.heads),
        None => (snapshot.launches.as_ref(), &heads),
    };
    let head = latest(heads, head);
    let id = ledger::follow_up_id(&head.file.id);
    // Where the remote can't be asked the follow-up is opened here; pushing it says why.
    let is_new =
        !is_open_anywhere(place, &state, &id, remote).unwrap_or(false) && !state.is_open(&id);
    if is_new {
        place.complete(snapshot)?;
        let by = place.identity(ctx).ok().map(|by| by.to_string());
        ledger::follow_up(&state, files, head, by, ctx.now).map_err(not_followed)?;
    }
    Ok(FollowUp {
        id,
        of: head.file.clone(),
        is_new,
    })
}

fn not_followed(error: FollowError) -> CommandError {
    let hint = match &error {
        FollowError::Removed { id, .. } => format!(
            "open a new launch for these results: `tallybook launch open --supersedes {id}`"
        ),
        _ => "`tallybook verify` says what is not as it was closed".to_owned(),
    };
    CommandError::from(error).hint(hint)
}

/// Says that what could not be pushed is kept, and how it gets there later.
pub(super) fn kept(error: impl Into<CommandError>, what: &str, id: &str) -> CommandError {
    error.into().hint(format!(
        "{what} is kept here; `tallybook launch sync {id}` pushes it later"
    ))
}

/// What a command that reads an open launch says where the remote can't be asked.
pub(super) fn refresh(
    ui: &mut Ui,
    place: &Place,
    project: &Project,
    id: &str,
) -> Result<(), CommandError> {
    let state = place.open_state(project)?;
    let Some(remote) = state.shared_on(id)? else {
        return Ok(());
    };
    if let Err(error) = Sharing::new(place.repo()?, &remote, &state).gather(id) {
        ui.warn(format!("`{remote}` could not be asked: {error}"));
        ui.hint("what is shown is what this machine has");
    }
    Ok(())
}

/// Puts back what a killed commit left half-made. Where that can't be done now, the commit that it is in
/// the way of says so.
pub(super) fn recover(place: &Place) {
    if let Some(repo) = &place.repo {
        let _ = repo.recover();
    }
}

/// Removes what killed commands left of open launches. What can't be removed stands in nobody's way.
pub(super) fn sweep(place: &Place, loaded: &Loaded) {
    let states = loaded.workspace.projects.iter();
    for state in states.filter_map(|project| place.open_state(project).ok()) {
        let _ = state.sweep();
    }
}

/// The current folder's files and the workspace in them, for commands that write.
pub(super) fn load(ctx: &Context) -> Result<(Place, Snapshot, Loaded), CommandError> {
    let place = Place::find(ctx)?;
    recover(&place);
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    place::check_settings(&loaded.workspace)?;
    let snapshot = place.attached(ctx, snapshot)?;
    sweep(&place, &loaded);
    Ok((place, snapshot, loaded))
}
