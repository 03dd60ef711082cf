//! What reading commands ask of one project: its launches, open or closed, and their history.

use std::cell::RefCell;
use std::sync::Arc;

use super::error::CommandError;
use super::place::{self, AtArg, FoundLaunch, Place};
use super::ui::Ui;
use crate::base::{Timestamp, text};
use crate::ledger::{self, FoundBaseline, History, Launch, Ranges, Reading, Scope};
use crate::store::launches::{self, Damage, LaunchHead, LazyTests};
use crate::store::{Project, Snapshot};

/// One project at a snapshot.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    place: &'a Place,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) project: &'a Project,
    /// Whether launches that are open here belong to the snapshot.
    with_open: bool,
    pub(crate) now: Timestamp,
    /// The closed launches, by opening and id.
    pub(crate) heads: Vec<LaunchHead>,
    /// Closed launches that don't read.
    pub(crate) damages: Vec<Damage>,
    /// Of the launches that were read: what is read of them when it is asked for, and may be damaged.
    lazy: Option<RefCell<Vec<Arc<LazyTests<'static>>>>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        place: &'a Place,
        snapshot: &'a Snapshot,
        project: &'a Project,
        at: &AtArg,
        now: Timestamp,
    ) -> Result<Self, CommandError> {
        let (heads, damages) = place::closed(place, snapshot, project, at)?;
        Ok(Self {
            place,
            snapshot,
            project,
            with_open: at.at.is_none() && place.repo.is_some() && place::key(project).is_ok(),
            now,
            heads,
            damages,
            lazy: None,
        })
    }

    /// Reads what producers call tests only where that is asked for: for commands that answer first and say what
    /// is damaged then.
    pub(crate) fn lazily(mut self) -> Self {
        self.lazy = Some(RefCell::default());
        self
    }

    /// Reads a launch that a person named.
    pub(crate) fn launch(&self, found: &FoundLaunch) -> Result<Launch, CommandError> {
        match found {
            FoundLaunch::Open(id) => {
                let state = self.place.open_state(self.project)?;
                let preview = ledger::preview(&state, self.project, id, self.now)?;
                let gone = || CommandError::usage(format!("launch `{id}` is no longer open"));
                Ok(preview.ok_or_else(gone)?.into())
            }
            FoundLaunch::Closed(head) => self.closed(head),
        }
    }

    /// Reads a closed launch.
    pub(crate) fn closed(&self, head: &LaunchHead) -> Result<Launch, CommandError> {
        let files = &self.snapshot.launches;
        let launch = match &self.lazy {
            None => launches::load(files.as_ref(), head.clone())?.map(Launch::from),
            Some(lazy) => {
                let launch = launches::load_lazily(files.clone(), head.clone())?;
                let launch = launch.map(Launch::lazy);
                launch.inspect(|launch| lazy.borrow_mut().extend(launch.lazy_tests()))
            }
        };
        launch.map_err(|damage| {
            let Damage { path, message } = damage;
            let id = &head.file.id;
            CommandError::usage(format!("launch `{id}` does not read: `{path}`: {message}"))
                .hint("`tallybook verify` says what is not as it was closed")
        })
    }

    /// Returns the latest closed launch, superseded ones apart.
    pub(crate) fn latest(&self) -> Option<&LaunchHead> {
        let superseded = ledger::superseded(&self.heads);
        let counts = |head: &&LaunchHead| !superseded.contains(head.file.id.as_str());
        self.heads.iter().rev().find(counts)
    }

    /// Reads the launches that are open here, by their ids.
    pub(crate) fn open(&self) -> Result<Vec<Launch>, CommandError> {
        if !self.with_open {
            return Ok(Vec::new());
        }
        let state = self.place.open_state(self.project)?;
        let mut launches = Vec::new();
        for id in state.ids()? {
            if self.heads.iter().any(|head| head.file.id == id) {
                continue;
            }
            let preview = ledger::preview(&state, self.project, &id, self.now)?;
            launches.extend(preview.map(Launch::from));
        }
        Ok(launches)
    }

    /// Reads the history that ends with a launch, or all there is: of a branch that was named, else of
    /// the launch's own, else of the latest launch's.
    pub(crate) fn history(
        &self,
        ui: &mut Ui,
        branch: Option<&str>,
        last: Option<Launch>,
    ) -> Result<History, CommandError> {
        let own = |launch: &Launch| launch.source.branch.clone();
        let latest = || {
            self.latest()
                .and_then(|head| head.file.source.branch.clone())
        };
        let branch = match (branch, &last) {
            (Some(branch), _) => Some(branch.to_owned()),
            (None, Some(last)) => own(last),
            (None, None) => latest(),
        };
        let scope = Scope {
            branch,
            now: self.now,
            last,
        };
        let _progress = ui.progress("reading the history");
        let files = self.snapshot.launches.as_ref();
        Ok(History::read(files, self.project, &self.heads, scope)?)
    }

    /// Reads the history of one branch, or of launches that name none.
    pub(crate) fn history_of(
        &self,
        ui: &mut Ui,
        branch: Option<String>,
    ) -> Result<History, CommandError> {
        let scope = Scope {
            branch,
            now: self.now,
            last: None,
        };
        let _progress = ui.progress("reading the history");
        let files = self.snapshot.launches.as_ref();
        Ok(History::read(files, self.project, &self.heads, scope)?)
    }

    /// Returns what counts the commits between launches.
    pub(crate) fn ranges(&self) -> Ranges {
        Ranges::new(self.place.repo.clone())
    }

    /// Puts a launch beside its history and its baseline, or beside another launch.
    pub(crate) fn reading(
        &self,
        ui: &mut Ui,
        launch: Launch,
        base: Option<Launch>,
    ) -> Result<Reading, CommandError> {
        let baseline = match base {
            Some(base) if base.id == launch.id => {
                let error = CommandError::usage("a launch can't be compared with itself");
                return Err(error.hint("name another one; `tallybook launch list` shows them"));
            }
            Some(base) => Ok((base, FoundBaseline::Asked)),
            None => match ledger::baseline(&launch, &self.heads) {
                Ok((head, found)) => Ok((self.closed(head)?, found)),
                Err(none) => Err(none),
            },
        };
        let history = self.history(ui, None, Some(launch))?;
        let mut reading = Reading::new(self.project, history, baseline);
        reading.ranges = self.ranges();
        Ok(reading)
    }

    /// Says which launches don't read; returns whether there are any.
    pub(crate) fn tell_damages<'d>(
        &'d self,
        ui: &mut Ui,
        more: impl IntoIterator<Item = &'d Damage>,
    ) -> bool {
        let mut damages: Vec<Damage> = self.damages.iter().chain(more).cloned().collect();
        let lazy = self.lazy.iter().flat_map(|lazy| lazy.borrow().clone());
        damages.extend(lazy.filter_map(|tests| tests.damage().cloned()));
        damages.sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
        damages.dedup();
        for Damage { path, message } in &damages {
            ui.say("error", &format!("`{path}`: {message}"));
        }
        if !damages.is_empty() {
            let files = text::count(damages.len() as u64, "file");
            ui.hint(format!(
                "the answer lacks what {files} would say; `tallybook verify` says what is not as it was closed"
            ));
        }
        !damages.is_empty()
    }
}

/// Returns which launches a history is of, in words: "3 closed launches of branch `main`".
pub(crate) fn described(history: &History) -> String {
    let launches = text::count(history.earlier() as u64, "closed launch");
    match &history.branch {
        Some(branch) => format!("{launches} of branch `{branch}`"),
        None => format!("{launches} without a branch"),
    }
}
