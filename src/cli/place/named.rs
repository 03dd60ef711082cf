//! Launches as commands name them: by an id or its beginning, open or closed.

use super::{AtArg, Place, ProjectArg, key, project};
use crate::base::{path as paths, text};
use crate::cli::error::{CommandError, ErrorKind};
use crate::ledger::{self, Found, ResolveError};
use crate::store::launches::{self, Damage, LaunchHead};
use crate::store::{Project, Snapshot, Workspace};

/// A launch that a person named, with its project.
#[derive(Debug)]
pub(crate) struct LaunchPlace<'w> {
    pub(crate) project: &'w Project,
    pub(crate) found: FoundLaunch,
}

#[derive(Debug)]
pub(crate) enum FoundLaunch {
    /// The id of an open launch.
    Open(String),
    Closed(Box<LaunchHead>),
}

/// Finds a launch in one project, or in all where none is named. Open launches are looked for
/// only where no commit is asked for.
pub(crate) fn launch<'w>(
    place: &Place,
    workspace: &'w Workspace,
    snapshot: &Snapshot,
    wanted: &str,
    in_project: &ProjectArg,
    at: &AtArg,
) -> Result<LaunchPlace<'w>, CommandError> {
    let projects: Vec<&Project> = match &in_project.project {
        Some(_) => vec![project(workspace, in_project)?],
        None => workspace.projects.iter().collect(),
    };
    let with_open = at.at.is_none() && place.repo.is_some();
    if wanted.trim().is_empty() {
        return Err(unnamed(place, &projects, with_open));
    }
    let mut found = Vec::new();
    let mut failure = None;
    for project in projects {
        let (heads, damages) = closed(place, snapshot, project, at)?;
        if let Some(damage) = damages.iter().find(|damage| is_of(damage, wanted)) {
            return Err(damaged(wanted, damage));
        }
        let state = match with_open && key(project).is_ok() {
            true => Some(place.open_state(project)?),
            false => None,
        };
        match ledger::find(wanted, state.as_ref(), &heads) {
            Ok(Found::Open(id)) => found.push((project, FoundLaunch::Open(id))),
            Ok(Found::Closed(at)) => {
                found.push((project, FoundLaunch::Closed(Box::new(heads[at].clone()))));
            }
            Err(ResolveError::State(error)) => return Err(error.into()),
            Err(error) => failure = Some(more_telling(failure, error)),
        }
    }
    match (found.len(), failure) {
        (1, _) => {
            let (project, found) = found.remove(0);
            Ok(LaunchPlace { project, found })
        }
        (0, None) => Err(CommandError::usage("the workspace has no projects")),
        (0, Some(error)) => Err(unseen(snapshot, resolve_error(error))),
        _ => Err(
            CommandError::usage(format!("several projects have a launch `{wanted}`"))
                .hint("name the project with `--project KEY`"),
        ),
    }
}

/// Finds the launch that is named, with its project; where none is, the project alone.
pub(crate) fn launch_or_project<'w>(
    place: &Place,
    workspace: &'w Workspace,
    snapshot: &Snapshot,
    wanted: Option<&str>,
    in_project: &ProjectArg,
    at: &AtArg,
) -> Result<(&'w Project, Option<FoundLaunch>), CommandError> {
    match wanted {
        Some(wanted) => {
            let found = launch(place, workspace, snapshot, wanted, in_project, at)?;
            Ok((found.project, Some(found.found)))
        }
        None => Ok((project(workspace, in_project)?, None)),
    }
}

/// Says of a launch that was not named, as an empty variable of a script leaves it, which are open here.
fn unnamed(place: &Place, projects: &[&Project], with_open: bool) -> CommandError {
    const SHOWN: usize = 5;
    let error = CommandError::usage("no launch is named");
    let open: Vec<String> = match with_open {
        true => {
            let states = projects
                .iter()
                .filter_map(|project| place.open_state(project).ok());
            states
                .flat_map(|state| state.ids().unwrap_or_default())
                .collect()
        }
        false => Vec::new(),
    };
    match open.as_slice() {
        [] => error.hint("`tallybook launch list` shows those that are closed; none is open here"),
        [only] => error.hint(format!("the one that is open here is `{only}`")),
        many => {
            let shown = text::ticked(&many[..many.len().min(SHOWN)], "and");
            let rest = match many.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            error.hint(format!("open here are {shown}{rest}"))
        }
    }
}

/// The closed launches of a project, and what does not read as one. A launch that is open here and
/// that the current commit does not have is not closed: its files were left by a closing that was
/// killed.
pub(crate) fn closed(
    place: &Place,
    snapshot: &Snapshot,
    project: &Project,
    at: &AtArg,
) -> Result<(Vec<LaunchHead>, Vec<Damage>), CommandError> {
    let (mut heads, mut damages) = launches::heads(snapshot.launches.as_ref(), &project.folder)?;
    let is_committed = at.at.is_some() || snapshot.apart.is_some();
    if is_committed || place.repo.is_none() || key(project).is_err() {
        return Ok((heads, damages));
    }
    let open = place.open_state(project)?.ids()?;
    let is_open = |id: &str| open.iter().any(|known| known == id);
    if !heads.iter().any(|head| is_open(&head.file.id))
        && !damages
            .iter()
            .any(|damage| open.iter().any(|id| is_of(damage, id)))
    {
        return Ok((heads, damages));
    }
    let committed = match place.repo()?.head()?.commit {
        Some(commit) => {
            let snapshot = place.commit_snapshot(commit)?;
            launches::heads(snapshot.launches.as_ref(), &project.folder)?.0
        }
        None => Vec::new(),
    };
    let is_committed = |id: &str| committed.iter().any(|head| head.file.id == id);
    heads.retain(|head| !is_open(&head.file.id) || is_committed(&head.file.id));
    damages.retain(|damage| {
        let is_left = |id: &&String| is_of(damage, id) && !is_committed(id);
        !open.iter().any(|id| is_left(&id))
    });
    Ok((heads, damages))
}

/// Whether a closed launch that does not read has this id.
fn is_of(damage: &Damage, id: &str) -> bool {
    paths::file_name(paths::parent(&damage.path)) == id
}

fn damaged(wanted: &str, damage: &Damage) -> CommandError {
    let Damage { path, message } = damage;
    CommandError::usage(format!(
        "launch `{wanted}` does not read: `{path}`: {message}"
    ))
    .hint("`tallybook verify` says what is not as it was closed")
}

/// Of two failures, the one that helps more: an ambiguity, then a suggestion.
fn more_telling(old: Option<ResolveError>, new: ResolveError) -> ResolveError {
    let rank = |error: &ResolveError| match error {
        ResolveError::Ambiguous { .. } => 0,
        ResolveError::Unknown {
            suggestion: Some(_),
            ..
        } => 1,
        _ => 2,
    };
    match old {
        Some(old) if rank(&old) <= rank(&new) => old,
        _ => new,
    }
}

/// A launch that was not found may be one that can't be seen here.
pub(crate) fn unseen(snapshot: &Snapshot, error: CommandError) -> CommandError {
    match snapshot.unavailable() {
        Some(unavailable) => error
            .hint(unavailable.why.as_str())
            .hint(unavailable.remedy.as_str()),
        None => error,
    }
}

fn resolve_error(error: ResolveError) -> CommandError {
    let hint = match &error {
        ResolveError::Ambiguous { candidates, .. } => {
            let shown: Vec<&String> = candidates.iter().take(8).collect();
            format!("they are {}", text::ticked(&shown, "and"))
        }
        _ => "`tallybook launch list` shows all launches".to_owned(),
    };
    CommandError {
        kind: ErrorKind::Usage,
        ..CommandError::from(error)
    }
    .hint(hint)
}
