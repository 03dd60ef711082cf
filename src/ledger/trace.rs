//! Requirements, the cases that name them, and the latest results of these.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::history::History;
use super::launch::Launch;
use crate::analysis::executed::{SharedByPath, executed_text, shared};
use crate::analysis::keys;
use crate::analysis::trace::{Latest, Matrix, Stale, trace};
use crate::analysis::tracks::Tracks;
use crate::base::time::Period;
use crate::base::{Digest, Timestamp};
use crate::model::{Case, Environment, Flag, OrderedMap, Outcome, Requirement, Status};
use crate::store::launches::{self, Damage, LaunchHead};
use crate::store::{Doc, Files, Project, StoreError};

/// The latest results of a project's cases, one a track.
#[derive(Debug, Default)]
pub struct LatestResults {
    by_case: BTreeMap<String, Vec<Latest>>,
    /// Launches that don't read.
    pub damages: Vec<Damage>,
}

impl LatestResults {
    /// Reads the latest result of each track of each case from a history of closed launches.
    pub fn read(
        files: &dyn Files,
        project: &Project,
        heads: &[LaunchHead],
        history: &History,
    ) -> Result<Self, StoreError> {
        let mut wanted = wanted(&history.past.tracks);
        let head_of = |launch: usize| {
            let id = &history.moments[launch].id;
            heads.iter().find(|head| head.file.id == *id)
        };
        let read = wanted.keys().copied().collect::<Vec<_>>();
        let read = read
            .into_par_iter()
            .filter_map(|launch| Some((launch, head_of(launch)?)));
        let read = read.map(|(launch, head)| Ok((launch, launches::load(files, head.clone())?)));
        let mut out = Self::default();
        let texts = Texts::new(project);
        for (launch, read) in read.collect::<Result<Vec<_>, StoreError>>()? {
            match read {
                Ok(read) => {
                    let read = Launch::from(read);
                    let wanted = wanted.remove(&launch).unwrap_or_default();
                    out.take(&texts, &Ran::from(&read), wanted);
                }
                Err(damage) => out.damages.push(damage),
            }
        }
        out.sort();
        Ok(out)
    }

    /// Takes the latest result of each track of each case from launches that are read already; `ran` returns one by
    /// the index that tracks have.
    pub fn of_tracks<'r>(
        project: &Project,
        tracks: &Tracks,
        ran: impl Fn(usize) -> Ran<'r>,
    ) -> Self {
        let (mut out, texts) = (Self::default(), Texts::new(project));
        for (launch, wanted) in wanted(tracks) {
            out.take(&texts, &ran(launch), wanted);
        }
        out.sort();
        out
    }

    fn take(&mut self, texts: &Texts<'_>, ran: &Ran<'_>, wanted: Vec<(String, usize)>) {
        for (case, outcome) in wanted {
            let latest = texts.latest(ran, &case, &ran.outcomes[outcome]);
            self.by_case.entry(case).or_default().push(latest);
        }
    }

    /// Takes the results of one launch alone, open or closed.
    pub fn of_launch(project: &Project, launch: &Launch) -> Self {
        let (mut out, texts) = (Self::default(), Texts::new(project));
        for outcome in &launch.outcomes {
            let counts = !outcome.has(Flag::Overridden) && outcome.status != Status::InProgress;
            if let Some(case) = outcome.case.as_deref().filter(|_| counts) {
                let case = project.case(case).map_or(case, |doc| doc.value.id.as_str());
                let latest = texts.latest(&Ran::from(launch), case, outcome);
                out.by_case.entry(case.to_owned()).or_default().push(latest);
            }
        }
        out.sort();
        out
    }

    fn sort(&mut self) {
        for latest in self.by_case.values_mut() {
            latest.sort_by(|a, b| {
                (&a.environment, &a.launch, &a.result).cmp(&(&b.environment, &b.launch, &b.result))
            });
        }
    }

    /// Returns a case's latest results, by environment, as they count where manual ones are valid for a
    /// period.
    pub fn of(&self, case: &Case, valid_for: Option<Period>, now: Timestamp) -> Vec<Latest> {
        let latest = self.by_case.get(&case.id).into_iter().flatten();
        let latest = latest.map(|latest| latest.clone().valid_for(valid_for, now));
        latest.collect()
    }
}

/// What latest results need of a launch.
#[derive(Clone, Copy, Debug)]
pub struct Ran<'a> {
    pub id: &'a str,
    pub opened: Timestamp,
    pub environments: &'a [Environment],
    pub outcomes: &'a [Outcome],
    /// Documented cases with a result → the SHA-256 of their text as executed; none of an open launch.
    pub executed: Option<&'a BTreeMap<String, String>>,
}

impl<'a> From<&'a Launch> for Ran<'a> {
    fn from(launch: &'a Launch) -> Self {
        Self {
            id: &launch.id,
            opened: launch.opened.at,
            environments: &launch.environments,
            outcomes: &launch.outcomes,
            executed: launch.closing.as_ref().map(|closing| &closing.cases),
        }
    }
}

/// Returns the outcomes that are the latest of their tracks, with their cases, by launch.
fn wanted(tracks: &Tracks) -> BTreeMap<usize, Vec<(String, usize)>> {
    let mut wanted: BTreeMap<usize, Vec<(String, usize)>> = BTreeMap::new();
    for track in tracks.iter() {
        let says = |status| !matches!(status, Status::InProgress);
        let last = track.entries.iter().rfind(|entry| says(entry.status));
        if let (Some(case), Some(entry)) = (&track.case, last) {
            wanted
                .entry(entry.launch())
                .or_default()
                .push((case.clone(), entry.outcome()));
        }
    }
    wanted
}

/// Today's texts of cases, by which manual results are fresh or stale.
struct Texts<'a> {
    project: &'a Project,
    shared: SharedByPath<'a>,
}

impl<'a> Texts<'a> {
    fn new(project: &'a Project) -> Self {
        Self {
            project,
            shared: shared(project),
        }
    }

    fn latest(&self, ran: &Ran<'_>, case: &str, outcome: &Outcome) -> Latest {
        let (none, nowhere) = (OrderedMap::default(), Environment::default());
        let settings = self.project.settings.as_ref();
        let declared = settings.map_or(&none, |doc| &doc.value.environment);
        let environment = ran.environments.get(outcome.env as usize);
        let environment = keys::declared_environment(declared, environment.unwrap_or(&nowhere));
        let manual = outcome.has(Flag::Manual);
        Latest {
            environment: environment.replace('\n', ", "),
            status: outcome.status,
            muted: outcome.has(Flag::Muted),
            at: outcome.start.unwrap_or(ran.opened),
            manual,
            stale: (manual && self.is_other_text(ran, case)).then_some(Stale::Text),
            launch: ran.id.to_owned(),
            result: outcome.id.clone(),
        }
    }

    /// Whether the case was executed by another text than it has today.
    fn is_other_text(&self, ran: &Ran<'_>, case: &str) -> bool {
        let doc: Option<&Doc<Case>> = self.project.case(case);
        let (Some(doc), Some(closing)) = (doc, ran.executed) else {
            return false;
        };
        let ids = std::iter::once(&doc.value.id).chain(&doc.value.aliases);
        let executed = { ids }.find_map(|id| closing.get(id));
        executed.is_some_and(|executed| {
            *executed != Digest::of(executed_text(doc, &self.shared).as_bytes()).to_string()
        })
    }
}

/// Returns a project's requirements: those of its files, else one for each link that names one.
pub fn requirements(project: &Project) -> Vec<Requirement> {
    let written: Vec<Requirement> = project.all_requirements().cloned().collect();
    if !written.is_empty() {
        return written;
    }
    let links = project.cases.iter().flat_map(|doc| &doc.value.links);
    let mut by_id: BTreeMap<String, Requirement> = BTreeMap::new();
    for link in links {
        if let Some(id) = link.called().filter(|_| link.is_of("requirement")) {
            by_id
                .entry(id.to_lowercase())
                .or_insert_with(|| Requirement {
                    id: id.to_owned(),
                    url: link.url.clone(),
                    ..Requirement::default()
                });
        }
    }
    by_id.into_values().collect()
}

/// Returns how long manual results of a project are valid, where no requirement says otherwise.
pub fn manual_validity(project: &Project) -> Option<Period> {
    project.settings.as_ref()?.value.manual_valid_for
}

/// Computes the matrix of a project's requirements.
pub fn matrix<'a>(
    project: &'a Project,
    requirements: &'a [Requirement],
    latest: &LatestResults,
    now: Timestamp,
) -> Matrix<'a> {
    let of_project = manual_validity(project);
    let requirements: Vec<&Requirement> = requirements.iter().collect();
    let cases: Vec<&Case> = project.cases.iter().map(|doc| &doc.value).collect();
    trace(&requirements, &cases, now, |requirement, case| {
        let valid_for = requirement.manual_valid_for.or(of_project);
        latest.of(case, valid_for, now)
    })
}
