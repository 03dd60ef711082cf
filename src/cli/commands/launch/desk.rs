//! An open launch that people plan and execute, with all that they need beside it.

use super::share::{self, FollowUp, ShareArgs, Wanted};
use super::status;
use crate::base::text::count;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, FoundLaunch, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::ledger::manual::{self, Draft, Drafts, Manual};
use crate::ledger::{self, Guard, OpenState, Preview, Sharing};
use crate::model::{Keep, OpenLaunch};
use crate::store::launches::LaunchHead;
use crate::store::{Loaded, Project, Snapshot};

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
        Self::find_else(ui, ctx, (launch, project), allow_secret, |_| None)
    }

    /// Finds the launch as [`Desk::find`] does; of one that is closed it is said what else can be done.
    pub(super) fn find_else(
        ui: &mut Ui,
        ctx: &Context,
        launch: (&str, &ProjectArg),
        allow_secret: &[&'static str],
        hint: impl FnOnce(&str) -> Option<String>,
    ) -> Result<Self, CommandError> {
        match Looked::at(ui, ctx, launch, allow_secret)? {
            Looked::Open(desk) => Ok(*desk),
            Looked::Closed(closed) => {
                let error = closed.refused();
                Err(match hint(&closed.desk.id) {
                    Some(hint) => error.hint(hint),
                    None => error,
                })
            }
        }
    }

    /// Finds the launch as [`Desk::find`] does. Of one that is closed and in which somebody had begun something,
    /// its follow-up is found, and takes that over; it is opened where there is none.
    pub(in crate::cli::commands) fn find_late(
        ui: &mut Ui,
        ctx: &Context,
        launch: (&str, &ProjectArg),
        (share, who): (&ShareArgs, Option<&str>),
        allow_secret: &[&'static str],
    ) -> Result<Self, CommandError> {
        let closed = match Looked::at(ui, ctx, launch, allow_secret)? {
            Looked::Open(desk) => return Ok(*desk),
            Looked::Closed(closed) => closed,
        };
        let (id, state) = (closed.head.file.id.clone(), closed.desk.state.clone());
        let who = closed.desk.who(ctx, who)?;
        let (begun, next) = (Drafts::new(&state, &id), ledger::follow_up_id(&id));
        let own = own_drafts(&begun, &who)?;
        if own.is_empty() && own_drafts(&Drafts::new(&state, &next), &who)?.is_empty() {
            let message = format!("{who} has begun nothing in launch `{id}` that is kept");
            let hint = format!("open the next round: `tallybook launch clone {id}`");
            return Err(CommandError::usage(message).hint(hint));
        }
        let (desk, _) = closed.followed(ui, ctx, share)?;
        for draft in &own {
            Drafts::new(&state, &desk.id).take_over(&begun, &desk.id, draft)?;
        }
        Ok(desk)
    }

    /// Finds the launch as [`Desk::find`] does; of one that is closed its follow-up, and whether that was opened
    /// for this.
    pub(super) fn find_followed(
        ui: &mut Ui,
        ctx: &Context,
        launch: (&str, &ProjectArg),
        share: &ShareArgs,
        allow_secret: &[&'static str],
    ) -> Result<(Self, Option<FollowUp>), CommandError> {
        match Looked::at(ui, ctx, launch, allow_secret)? {
            Looked::Open(desk) => Ok((*desk, None)),
            Looked::Closed(closed) => {
                let (desk, made) = closed.followed(ui, ctx, share)?;
                Ok((desk, made.is_new.then_some(made)))
            }
        }
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

/// What somebody has begun and not recorded.
fn own_drafts(drafts: &Drafts, who: &str) -> Result<Vec<Draft>, CommandError> {
    let mut all = drafts.all()?;
    all.retain(|draft| manual::same_person(&draft.tester, who));
    Ok(all)
}

/// Says of a launch that was closed what people had begun here and did not record: it is kept.
pub(super) fn tell_begun(ui: &mut Ui, state: &OpenState, id: &str) {
    let begun = Drafts::new(state, id).all().unwrap_or_default();
    if let Some(first) = begun.first() {
        let cases = count(begun.len() as u64, "case");
        let who = crate::base::text::shell_word(&first.tester);
        ui.warn(format!(
            "{cases} begun here and not recorded: kept, and not in the launch"
        ));
        ui.hint(format!(
            "go on in a follow-up that will supersede it: `tallybook execute {id} --late --as {who}`"
        ));
    }
}

/// A launch as it was found.
enum Looked {
    Open(Box<Desk>),
    Closed(Box<ClosedDesk>),
}

/// A launch that is closed, with what its follow-up needs.
struct ClosedDesk {
    /// Of the closed launch.
    desk: Desk,
    snapshot: Snapshot,
    head: Box<LaunchHead>,
}

impl Looked {
    fn at(
        ui: &mut Ui,
        ctx: &Context,
        (launch, project): (&str, &ProjectArg),
        allow_secret: &[&'static str],
    ) -> Result<Self, CommandError> {
        let (place, snapshot, loaded) = share::load(ctx)?;
        let found = status::find(ui, &place, &loaded, &snapshot, Wanted::Id(launch), project)?;
        let state = place.open_state(found.project)?;
        let (id, head) = match found.found {
            FoundLaunch::Open(id) => (id, None),
            FoundLaunch::Closed(head) => (head.file.id.clone(), Some(head)),
        };
        if head.is_none() {
            share::refresh(ui, &place, found.project, &id)?;
        }
        let guard = Guard::new(place::redaction(&loaded.workspace)?, allow_secret);
        let desk = Desk {
            project: found.project.folder.clone(),
            place,
            id,
            state,
            guard,
            loaded,
        };
        Ok(match head {
            None => Self::Open(Box::new(desk)),
            Some(head) => Self::Closed(Box::new(ClosedDesk {
                desk,
                snapshot,
                head,
            })),
        })
    }
}

impl ClosedDesk {
    /// Finds or opens the follow-up, and says so.
    fn followed(
        self,
        ui: &mut Ui,
        ctx: &Context,
        share: &ShareArgs,
    ) -> Result<(Desk, FollowUp), CommandError> {
        let mut desk = self.desk;
        let remote = share.remote(&desk.place)?;
        let made = share::follow_up(
            ctx,
            &desk.place,
            &self.snapshot,
            desk.project()?,
            &self.head,
            remote.as_deref(),
        )?;
        ui.warn(format!(
            "launch `{}` is closed: this goes into its follow-up `{}`, which has all that it has, and will supersede it",
            desk.id, made.id
        ));
        desk.id.clone_from(&made.id);
        Ok((desk, made))
    }

    /// Says that it is closed, and what can be done.
    fn refused(&self) -> CommandError {
        let id = &self.desk.id;
        let begun = Drafts::new(&self.desk.state, id).all().unwrap_or_default();
        let mut error = CommandError::usage(format!("launch `{id}` is closed"));
        if !begun.is_empty() {
            let cases = count(begun.len() as u64, "case");
            error = error.hint(format!(
                "{cases} begun before it was closed: `tallybook execute {id} --late` goes on in a follow-up that will \
                 supersede it"
            ));
        }
        error.hint(format!(
            "open the next round: `tallybook launch clone {id}`"
        ))
    }
}
