//! An open launch that people plan and execute, with all that they need beside it.

use super::share::{self, Wanted};
use super::status;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, FoundLaunch, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::ledger::manual::{self, Manual};
use crate::ledger::{self, Guard, OpenState, Preview, Sharing};
use crate::model::{Keep, OpenLaunch};
use crate::store::{Loaded, Project};

/// An open launch of the current folder's workspace.
pub(in crate::cli::commands) struct Desk {
    pub(in crate::cli::commands) place: Place,
    loaded: Loaded,
    /// The project's folder.
    project: String,
    pub(in crate::cli::commands) id: String,
    pub(in crate::cli::commands) state: OpenState,
    pub(in crate::cli::commands) guard: Guard,
}

impl Desk {
    /// Finds the launch, here or on the remote, and takes over what others pushed of it. Where the remote
    /// can't be asked, what is here counts.
    pub(in crate::cli::commands) fn find(
        ui: &mut Ui,
        ctx: &Context,
        launch: &str,
        project: &ProjectArg,
        allow_secret: &[&'static str],
    ) -> Result<Self, CommandError> {
        let (place, snapshot, loaded) = share::load(ctx)?;
        let found = status::find(ui, &place, &loaded, &snapshot, Wanted::Id(launch), project)?;
        let id = match found.found {
            FoundLaunch::Open(id) => id,
            FoundLaunch::Closed(head) => {
                let id = &head.file.id;
                return Err(
                    CommandError::usage(format!("launch `{id}` is closed")).hint(format!(
                        "open the next round: `tallybook launch clone {id}`"
                    )),
                );
            }
        };
        share::refresh(ui, &place, found.project, &id)?;
        let state = place.open_state(found.project)?;
        let guard = Guard::new(place::redaction(&loaded.workspace)?, allow_secret);
        let project = found.project.folder.clone();
        Ok(Self {
            place,
            project,
            id,
            state,
            guard,
            loaded,
        })
    }

    /// Takes an open launch that is here, and asks no remote for more of it. `project` is its folder.
    pub(in crate::cli::commands) fn here(
        ctx: &Context,
        project: &str,
        id: &str,
    ) -> Result<Self, CommandError> {
        let (place, _, loaded) = share::load(ctx)?;
        let found = loaded.workspace.project(project);
        let found = found.ok_or_else(|| {
            CommandError::usage(format!("there is no project `{project}` any more"))
        })?;
        let state = place.open_state(found)?;
        if !state.is_open(id) {
            return Err(
                CommandError::usage(format!("launch `{id}` is no longer open"))
                    .hint("what you have not recorded yet is kept"),
            );
        }
        let guard = Guard::new(place::redaction(&loaded.workspace)?, &[]);
        Ok(Self {
            place,
            project: project.to_owned(),
            id: id.to_owned(),
            state,
            guard,
            loaded,
        })
    }

    pub(in crate::cli::commands) fn project(&self) -> Result<&Project, CommandError> {
        let project = self.loaded.workspace.project(&self.project);
        project.ok_or_else(|| CommandError::internal("the launch's project is gone"))
    }

    /// Whether nobody closed or discarded it meanwhile.
    pub(in crate::cli::commands) fn is_open(&self) -> bool {
        self.state.is_open(&self.id)
    }

    /// Reads the launch as it stands.
    pub(in crate::cli::commands) fn preview(&self, ctx: &Context) -> Result<Preview, CommandError> {
        let preview = ledger::preview(&self.state, self.project()?, &self.id, ctx.now)?;
        preview.ok_or_else(|| {
            CommandError::usage(format!("launch `{}` is no longer open", self.id))
                .hint("what you have not recorded yet is kept")
        })
    }

    /// What planning and recording need.
    pub(in crate::cli::commands) fn manual<'a>(
        &'a self,
        launch: &'a OpenLaunch,
        ctx: &Context,
    ) -> Result<Manual<'a>, CommandError> {
        Ok(Manual {
            state: &self.state,
            launch,
            guard: &self.guard,
            keep: self.keep()?,
            shared: self.state.shared_on(&self.id)?.is_some(),
            now: ctx.now,
        })
    }

    /// What the project keeps of results.
    pub(in crate::cli::commands) fn keep(&self) -> Result<Keep, CommandError> {
        let settings = self.project()?.settings.as_ref();
        Ok(settings.map(|doc| doc.value.keep).unwrap_or_default())
    }

    /// Pushes what is new of the launch where that is wanted.
    pub(in crate::cli::commands) fn push(
        &self,
        ui: &Ui,
        ctx: &Context,
        remote: Option<&str>,
    ) -> Result<(), CommandError> {
        let Some(remote) = remote else { return Ok(()) };
        let _progress = ui.progress("pushing");
        let sharing =
            Sharing::new(self.place.repo()?, remote, &self.state).by(self.place.identity(ctx).ok());
        let published = sharing.publish_all(&self.id);
        published.map_err(|error| share::kept(error, "what was done", &self.id))
    }

    /// Says of a shared launch that others don't have what is new here.
    pub(in crate::cli::commands) fn tell_alone(
        &self,
        ui: &mut Ui,
        remote: Option<&str>,
    ) -> Result<(), CommandError> {
        if let (Some(on), None) = (self.state.shared_on(&self.id)?, remote) {
            ui.hint(format!(
                "the launch is shared on `{on}`: `tallybook launch sync {}` brings this there",
                self.id
            ));
        }
        Ok(())
    }

    /// Returns who works here: whom `--as` names, else whom git knows.
    pub(in crate::cli::commands) fn who(
        &self,
        ctx: &Context,
        named: Option<&str>,
    ) -> Result<String, CommandError> {
        let project = self.project()?;
        match named {
            Some(named) => manual::person(project, named).map_err(super::planning::unknown),
            None => {
                let own = self
                    .place
                    .identity(ctx)
                    .map_err(|error| error.hint("or say who executes: `--as NAME`"))?;
                Ok(manual::person_of(project, &own.name, &own.email))
            }
        }
    }
}
