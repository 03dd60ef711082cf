//! An open launch that people plan and execute, with all that they need beside it.

use super::share::{self, ShareArgs, Wanted};
use super::status;
use crate::base::text::count;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, FoundLaunch, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::ledger::manual::{self, Draft, Drafts, Manual};
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
        let state = place.open_state(found.project)?;
        let id = match found.found {
            FoundLaunch::Open(id) => id,
            FoundLaunch::Closed(head) => return Err(closed(&state, &head.file.id)),
        };
        share::refresh(ui, &place, found.project, &id)?;
        let folder = found.project.folder.clone();
        Self::new(place, loaded, folder, (id, state), allow_secret)
    }

    /// Finds the launch as [`Desk::find`] does. Of one that is closed and in which somebody had begun something,
    /// its follow-up is found, and takes that over; it is opened where there is none.
    pub(in crate::cli::commands) fn find_late(
        ui: &mut Ui,
        ctx: &Context,
        (launch, project): (&str, &ProjectArg),
        (share, who): (&ShareArgs, Option<&str>),
        allow_secret: &[&'static str],
    ) -> Result<Self, CommandError> {
        let (place, snapshot, loaded) = share::load(ctx)?;
        let found = status::find(ui, &place, &loaded, &snapshot, Wanted::Id(launch), project)?;
        let head = match found.found {
            FoundLaunch::Open(id) => return Self::find(ui, ctx, &id, project, allow_secret),
            FoundLaunch::Closed(head) => head,
        };
        let (id, folder) = (head.file.id.clone(), found.project.folder.clone());
        let who = who_of(ctx, &place, found.project, who)?;
        let state = place.open_state(found.project)?;
        let (begun, next) = (Drafts::new(&state, &id), ledger::follow_up_id(&id));
        let own = own_drafts(&begun, &who)?;
        if own.is_empty() && own_drafts(&Drafts::new(&state, &next), &who)?.is_empty() {
            let message = format!("{who} has begun nothing in launch `{id}` that is kept");
            return Err(CommandError::usage(message).hint(format!(
                "open the next round: `tallybook launch clone {id}`"
            )));
        }
        let remote = share.remote(&place)?;
        let made = share::follow_up(
            ctx,
            &place,
            &snapshot,
            found.project,
            &head,
            remote.as_deref(),
        )?;
        for draft in &own {
            Drafts::new(&state, &made.id).take_over(&begun, &made.id, draft)?;
        }
        ui.warn(format!(
            "launch `{id}` is closed: what was begun goes on in its follow-up `{}`, which has all that it has, and \
             will supersede it",
            made.id
        ));
        Self::new(place, loaded, folder, (made.id, state), allow_secret)
    }

    fn new(
        place: Place,
        loaded: Loaded,
        project: String,
        (id, state): (String, OpenState),
        allow_secret: &[&'static str],
    ) -> Result<Self, CommandError> {
        let guard = Guard::new(place::redaction(&loaded.workspace)?, allow_secret);
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
        who_of(ctx, &self.place, self.project()?, named)
    }
}

fn who_of(
    ctx: &Context,
    place: &Place,
    project: &Project,
    named: Option<&str>,
) -> Result<String, CommandError> {
    match named {
        Some(named) => manual::person(project, named).map_err(super::planning::unknown),
        None => {
            let own = place
                .identity(ctx)
                .map_err(|error| error.hint("or say who executes: `--as NAME`"))?;
            Ok(manual::person_of(project, &own.name, &own.email))
        }
    }
}

/// What somebody has begun and not recorded.
fn own_drafts(drafts: &Drafts, who: &str) -> Result<Vec<Draft>, CommandError> {
    let mut all = drafts.all()?;
    all.retain(|draft| manual::same_person(&draft.tester, who));
    Ok(all)
}

/// Says that a launch is closed, and what can be done.
fn closed(state: &OpenState, id: &str) -> CommandError {
    let begun = Drafts::new(state, id).all().unwrap_or_default().len() as u64;
    let mut error = CommandError::usage(format!("launch `{id}` is closed"));
    if begun > 0 {
        let cases = count(begun, "case");
        error = error.hint(format!(
            "{cases} begun before it was closed: `tallybook execute {id} --late` goes on in a follow-up that will \
             supersede it"
        ));
    }
    error.hint(format!(
        "open the next round: `tallybook launch clone {id}`"
    ))
}
