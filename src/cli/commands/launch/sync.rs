//! `tallybook launch sync`

use super::share::{self, ShareArgs};
use super::target;
use super::there::{ClosedThere, closed_there};
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place, ProjectArg};
use crate::cli::side::OwnBranch;
use crate::cli::ui::Ui;
use crate::ledger::{self, OpenState, Sharing};
use crate::store::{Project, Snapshot};

/// Bring shared launches here and on the remote in step
///
/// Pushes what could not be pushed when it was made, and takes over what other machines opened and
/// appended. What is here of a launch that was closed elsewhere goes, where the closed one has all of it.
/// Launches that were never shared stay here. Where closed launches have a branch to themselves, that is
/// fetched.
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
    let mut synced = 0;
    let mut exit = Exit::Fine;
    for project in projects {
        let state = place.open_state(project)?;
        let sharing = Sharing::new(place.repo()?, &remote, &state).by(place.identity(ctx).ok());
        let there = sharing.find(args.launch.as_deref().unwrap_or_default())?;
        let here = Here {
            place: &place,
            project,
            state: &state,
            sharing: &sharing,
            remote: &remote,
        };
        for id in wanted(args, &here, &there)? {
            let synced_one = match there.contains(&id) {
                true => here.bring_in_step(ui, &id),
                false => here.settle(ui, &id),
            };
            // One launch that can't be brought in step does not hold the others up.
            match synced_one {
                Ok(done) => synced += usize::from(done),
                Err(error) => {
                    for (name, text) in error.lines() {
                        ui.say(name, &text);
                    }
                    ui.hint(format!("launch `{id}` is left as it is"));
                    exit = Exit::Findings;
                }
            }
        }
    }
    if synced == 0 && exit == Exit::Fine && !brought {
        ui.status(format!("no launch is shared on `{remote}`"));
    }
    Ok(exit)
}

/// The launches that are to be brought in step: those on the remote, and those here that are shared.
fn wanted(args: &SyncArgs, here: &Here<'_>, there: &[String]) -> Result<Vec<String>, CommandError> {
    let wanted = args.launch.as_deref().unwrap_or_default();
    let mut ids = there.to_vec();
    for id in here.state.ids()? {
        // One that a person names is shared from now on.
        let shared =
            args.launch.is_some() || here.state.shared_on(&id)?.as_deref() == Some(here.remote);
        if id.starts_with(wanted) && shared && !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// A project's open launches here, and the remote that they are brought in step with.
struct Here<'a> {
    place: &'a Place,
    project: &'a Project,
    state: &'a OpenState,
    sharing: &'a Sharing<'a>,
    remote: &'a str,
}

impl Here<'_> {
    /// Pushes what is here of a launch, and takes over what is not; what is here gets out first.
    fn bring_in_step(&self, ui: &mut Ui, id: &str) -> Result<bool, CommandError> {
        let before = self.state.parts(id)?.len();
        if self.state.is_open(id) {
            self.sharing.publish_all(id)?;
        }
        self.sharing.gather(id)?;
        let parts = self.state.parts(id)?.len();
        let new = text::count((parts - before) as u64, "new part");
        ui.out(format!(
            "{id}  {}, {new}",
            text::count(parts as u64, "part")
        ));
        Ok(true)
    }

    /// Deals with a launch that is not open on the remote: it was closed or thrown away elsewhere, or
    /// never got there.
    fn settle(&self, ui: &mut Ui, id: &str) -> Result<bool, CommandError> {
        if let Some(closed) = closed_there(self.place, self.project, self.sharing, id)? {
            return self.settle_closed(ui, &closed);
        }
        if !self.state.is_known(id, self.remote)? {
            return self.bring_in_step(ui, id);
        }
        ui.warn(format!(
            "launch `{id}` is neither open nor closed on `{}`: it was thrown away there, or closed on another branch",
            self.remote
        ));
        ui.hint(format!(
            "`tallybook launch discard {id} --reason TEXT --push` throws away what is here, `tallybook launch close \
             {id} --push` closes it"
        ));
        Ok(false)
    }

    /// Removes what is here of a launch that was closed elsewhere, unless the closed one lacks some of it.
    fn settle_closed(
        &self,
        ui: &mut Ui,
        ClosedThere {
            tip, files, head, ..
        }: &ClosedThere,
    ) -> Result<bool, CommandError> {
        let (id, remote) = (&head.file.id, self.remote);
        let lacking = ledger::settle_closed(self.state, files, head)?;
        if lacking.is_empty() {
            ui.status(format!(
                "launch `{id}` is closed on `{remote}` with all that was here of it; removed here"
            ));
            let repo = self.place.repo()?;
            let current = repo.head()?;
            let is_behind = match (current.commit, target::branch(self.place)?) {
                (Some(commit), branch) if branch == current.branch => {
                    !repo.is_ancestor(*tip, commit)?
                }
                _ => false,
            };
            if is_behind {
                ui.hint("`git pull` brings the closed one here");
            }
            return Ok(true);
        }
        ui.warn(format!(
            "launch `{id}` was closed on `{remote}` without {} that {} here",
            text::list(&lacking, "and"),
            if lacking.len() == 1 { "waits" } else { "wait" }
        ));
        ui.hint(format!(
            "`tallybook launch close {id} --push` brings parts into its follow-up"
        ));
        Ok(false)
    }
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
