//! Which result, which person and which file are meant.

use super::context::Context;
use super::error::CommandError;
use super::place::{self, AtArg, LaunchPlace, Place, ProjectArg};
use crate::base::text;
use crate::ledger::Launch;
use crate::store::{Loaded, Project, Snapshot, Workspace};

/// How many ids an error lists.
const LISTED: usize = 8;

/// Finds the launch of `LAUNCH/RESULT`, and returns what stands for the result.
pub(crate) fn launch_of<'w, 't>(
    place: &Place,
    workspace: &'w Workspace,
    snapshot: &Snapshot,
    wanted: &'t str,
    project: &ProjectArg,
) -> Result<(LaunchPlace<'w>, &'t str), CommandError> {
    let Some((launch, result)) = wanted.rsplit_once('/') else {
        let message = format!("`{wanted}` is no result, expected LAUNCH/RESULT");
        return Err(CommandError::usage(message).hint(
            "`tallybook triage LAUNCH` lists what is unresolved, with the commands that name it",
        ));
    };
    let found = place::launch(
        place,
        workspace,
        snapshot,
        launch,
        project,
        &AtArg::default(),
    )?;
    Ok((found, result))
}

/// Finds a result of a launch by its id, by that of one of its retries, or by the beginning of either;
/// returns its place among the outcomes.
pub(crate) fn outcome(launch: &Launch, wanted: &str) -> Result<usize, CommandError> {
    let ids = || {
        let outcomes = launch.outcomes.iter().enumerate();
        outcomes.flat_map(|(at, outcome)| {
            let ids = std::iter::once(&outcome.id).chain(&outcome.retries);
            ids.map(move |id| (id.as_str(), at))
        })
    };
    if let Some((_, at)) = ids().find(|(id, _)| *id == wanted) {
        return Ok(at);
    }
    let begins = |(id, _): &(&str, usize)| !wanted.is_empty() && id.starts_with(wanted);
    let mut found: Vec<(&str, usize)> = ids().filter(begins).collect();
    found.dedup_by_key(|(_, at)| *at);
    match found.as_slice() {
        [(_, at)] => Ok(*at),
        [] => {
            let error =
                CommandError::usage(format!("launch `{}` has no result `{wanted}`", launch.id));
            let near = text::closest(wanted, ids().map(|(id, _)| id));
            Err(error.hint(match near {
                Some(near) => format!("did you mean `{}/{near}`?", launch.id),
                None => format!("`tallybook triage {}` lists what is unresolved", launch.id),
            }))
        }
        several => {
            let many = text::count(several.len() as u64, "result");
            let shown: Vec<&str> = several.iter().map(|(id, _)| *id).take(LISTED).collect();
            Err(
                CommandError::usage(format!("`{wanted}` begins the ids of {many}"))
                    .hint(format!("they are {}", text::ticked(&shown, "and"))),
            )
        }
    }
}

/// Returns who is to own what is made: the member who was named, else the one whose address git knows.
/// In a project without members it is whoever was named, or git's name.
pub(crate) fn owner(
    ctx: &Context,
    place: &Place,
    project: &Project,
    given: Option<&str>,
) -> Result<String, CommandError> {
    let members = || project.members.iter().map(|doc| &doc.value);
    if let Some(given) = given {
        let same = |id: &str| id.eq_ignore_ascii_case(given);
        let found = members().find(|member| same(&member.id) || member.name == given);
        return match found {
            Some(member) => Ok(member.id.clone()),
            None if project.members.is_empty() && !given.trim().is_empty() => Ok(given.to_owned()),
            None => Err(no_member(project, given)),
        };
    }
    let identity = place
        .identity(ctx)
        .map_err(|error| error.hint("or name who answers for it: `--owner MEMBER`"))?;
    let own = |email: &String| email.eq_ignore_ascii_case(&identity.email);
    match members().find(|member| member.emails.iter().any(own)) {
        Some(member) => Ok(member.id.clone()),
        None if project.members.is_empty() => Ok(text::sanitize_line(&identity.name)),
        None => Err(CommandError::usage(format!(
            "nobody in project `{}` has your address `{}`",
            project.name(),
            identity.email
        ))
        .hint(
            "name who answers for it: `--owner MEMBER`; `tallybook member list` shows who is there",
        )),
    }
}

fn no_member(project: &Project, given: &str) -> CommandError {
    let ids: Vec<&str> = project
        .members
        .iter()
        .map(|doc| doc.value.id.as_str())
        .collect();
    let error = CommandError::usage(format!(
        "project `{}` has no member `{given}`",
        project.name()
    ));
    error.hint(match text::closest(given, ids.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let shown: Vec<&str> = ids.iter().copied().take(LISTED).collect();
            format!("the members are {}", text::ticked(&shown, "and"))
        }
    })
}

/// Tells that a file which was asked for is there and gives nothing; `None` where nothing is wrong with
/// it, so that it is not there.
pub(crate) fn unread(loaded: &Loaded, path: &str) -> Option<CommandError> {
    let wrong = loaded.findings.iter().find(|wrong| wrong.path == path)?;
    let error = CommandError::usage(format!("`{path}` does not read: {}", wrong.message));
    let path = text::shell_word(path);
    Some(error.hint(format!("`tallybook validate {path}` says more")))
}
