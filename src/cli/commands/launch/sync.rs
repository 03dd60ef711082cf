//! `tallybook launch sync`

use super::share::{self, ShareArgs};
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place, ProjectArg};
use crate::cli::side::OwnBranch;
use crate::cli::ui::Ui;
use crate::ledger::Sharing;
use crate::store::Snapshot;

/// Bring shared launches here and on the remote in step
///
/// Pushes what could not be pushed when it was made, and takes over what other machines opened and
/// appended. Launches that were never shared stay here. Where closed launches have a branch to
/// themselves, that is fetched.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch sync
  tallybook launch sync 2026-11-22-1843-nightly-4f7k --remote origin")]
pub(crate) struct SyncArgs {
    /// The launch's id, or the beginning of it; all where none is named
    #[arg(value_name = "LAUNCH")]
    launch: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    /// The remote [default: the branch's own, else `origin`]
    #[arg(long, value_name = "REMOTE")]
    remote: Option<String>,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &SyncArgs) -> Result<Exit, CommandError> {
    let (place, snapshot, loaded) = share::load(ctx)?;
    let share = ShareArgs {
        push: true,
        remote: args.remote.clone(),
    };
    let remote = share.remote(&place)?.unwrap_or_default();
    let brought = bring_closed(ui, &place, &snapshot, &remote)?;
    let projects = match args.project.project {
        Some(_) => vec![place::project(&loaded.workspace, &args.project)?],
        None => loaded.workspace.projects.iter().collect(),
    };
    let wanted = args.launch.as_deref().unwrap_or_default();
    let mut synced = 0;
    let mut exit = Exit::Fine;
    for project in projects {
        let state = place.open_state(project)?;
        let sharing = Sharing::new(place.repo()?, &remote, &state);
        let there = sharing.find(wanted)?;
        let mut ids = there.clone();
        for id in state.ids()? {
            // One that a person names is shared from now on.
            let shared = args.launch.is_some() || state.shared_on(&id)?.as_deref() == Some(&remote);
            if id.starts_with(wanted) && shared && !ids.contains(&id) {
                ids.push(id);
            }
        }
        for id in ids {
            let is_there = there.contains(&id);
            if !is_there && state.is_known(&id, &remote)? {
                ui.warn(format!("launch `{id}` is no longer open on `{remote}`"));
                ui.hint(format!(
                    "`tallybook launch close {id} --push` brings the closed one here"
                ));
                continue;
            }
            let before = state.parts(&id)?.len();
            // One launch that can't be brought in step does not hold the others up; what is here gets
            // out first.
            let published = match state.is_open(&id) {
                true => sharing.publish_all(&id),
                false => Ok(()),
            };
            if let Err(error) = published.and_then(|()| sharing.gather(&id).map(drop)) {
                for (name, text) in CommandError::from(error).lines() {
                    ui.say(name, &text);
                }
                ui.hint(format!("launch `{id}` is left as it is"));
                exit = Exit::Findings;
                continue;
            }
            let parts = state.parts(&id)?.len();
            let new = text::count((parts - before) as u64, "new part");
            ui.out(format!(
                "{id}  {}, {new}",
                text::count(parts as u64, "part")
            ));
            synced += 1;
        }
    }
    if synced == 0 && exit == Exit::Fine && !brought {
        ui.status(format!("no launch is shared on `{remote}`"));
    }
    Ok(exit)
}

/// Fetches the branch that closed launches have to themselves; whether the remote has it.
fn bring_closed(
    ui: &mut Ui,
    place: &Place,
    snapshot: &Snapshot,
    remote: &str,
) -> Result<bool, CommandError> {
    let Some(own) = OwnBranch::of(&*snapshot.docs)? else {
        return Ok(false);
    };
    let found = place.repo()?.fetch_branch(remote, &own.full())?;
    if found {
        ui.status(format!("fetched branch `{}` from `{remote}`", own.name()));
    }
    Ok(found)
}
