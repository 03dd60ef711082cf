//! Today's documentation beside the closed launches of one branch: what `trace`, `plan` and `triage` look at too, so
//! that numbers agree.

use std::collections::HashMap;

use super::context;
use crate::analysis::subjects::{CaseSet, Past};
use crate::analysis::trace::Matrix;
use crate::analysis::tracks::{Track, Tracks};
use crate::base::Timestamp;
use crate::ledger::{self, LatestResults, Ran};
use crate::model::{Case, Requirement, Status};
use crate::site::input::ProjectInput;
use crate::store::Project;

/// A project's documentation, and the history that it is held against.
#[derive(Debug)]
pub(crate) struct Standing<'a> {
    pub(crate) documents: &'a Project,
    /// The launches that count, by their places in the project, oldest first: those of the latest one's branch,
    /// superseded ones apart.
    pub(crate) launches: Vec<usize>,
    /// Over these launches.
    pub(crate) past: Past,
    pub(crate) set: CaseSet<'a>,
    pub(crate) latest: LatestResults,
    requirements: Vec<Requirement>,
    newest: HashMap<String, Newest>,
    now: Timestamp,
}

/// The worst entry of a case in the newest launch that has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Newest {
    /// The launch's place in the project.
    pub(crate) launch: usize,
    pub(crate) outcome: usize,
    pub(crate) status: Status,
}

impl<'a> Standing<'a> {
    pub(super) fn new(
        project: &ProjectInput<'a>,
        superseded: &[Option<usize>],
        all: &Tracks,
        now: Timestamp,
    ) -> Option<Self> {
        let documents = project.documents?;
        let launches = counting(project, superseded);
        let tracks = match launches.len() == project.launches.len() {
            true => all.clone(),
            false => context::tracks_of(project, &launches),
        };
        let ran = |at: usize| {
            let launch = &project.launches[launches[at]];
            Ran {
                id: &launch.file.id,
                opened: launch.file.opened.at,
                environments: launch.environments,
                outcomes: launch.outcomes,
                executed: Some(launch.cases),
            }
        };
        let latest = LatestResults::of_tracks(documents, &tracks, ran);
        Some(Self {
            newest: newest(&tracks, &launches),
            past: past(project, &launches, tracks, now),
            set: CaseSet::new(documents, now),
            requirements: ledger::requirements(documents),
            latest,
            documents,
            launches,
            now,
        })
    }

    /// Returns the place of the latest launch in the project.
    pub(crate) fn last(&self) -> Option<usize> {
        self.launches.last().copied()
    }

    pub(crate) fn newest(&self, case: &str) -> Option<&Newest> {
        self.newest.get(case)
    }

    pub(crate) fn has_requirements(&self) -> bool {
        !self.requirements.is_empty()
    }

    pub(crate) fn requirements(&self) -> usize {
        self.requirements.len()
    }

    /// Computes the matrix of the project's requirements, as `trace` shows it.
    pub(crate) fn matrix(&self) -> Matrix<'_> {
        ledger::requirement_matrix(self.documents, &self.requirements, &self.latest, self.now)
    }

    /// Returns a case's latest results, as they count where no requirement says otherwise.
    pub(crate) fn results_of(&self, case: &Case) -> Vec<crate::analysis::trace::Latest> {
        let valid_for = ledger::manual_validity(self.documents);
        self.latest.of(case, valid_for, self.now)
    }

    /// Returns the history that ends with one of the launches, which does not count as past itself.
    pub(crate) fn until(&self, project: &ProjectInput<'_>, launch: usize) -> Option<Past> {
        let at = self.launches.iter().position(|one| *one == launch)?;
        let launches = &self.launches[..=at];
        let tracks = match launches.len() == self.launches.len() {
            true => self.past.tracks.clone(),
            false => context::tracks_of(project, launches),
        };
        let past = past(project, launches, tracks, self.now);
        Some(Past {
            earlier: at,
            ..past
        })
    }
}

fn past(project: &ProjectInput<'_>, launches: &[usize], tracks: Tracks, now: Timestamp) -> Past {
    let opened = launches.iter();
    Past {
        tracks,
        earlier: launches.len(),
        opened: opened
            .map(|at| project.launches[*at].file.opened.at)
            .collect(),
        now,
    }
}

/// The launches of the branch of the latest one, superseded ones apart.
fn counting(project: &ProjectInput<'_>, superseded: &[Option<usize>]) -> Vec<usize> {
    let stands = |at: &usize| superseded[*at].is_none();
    let all = 0..project.launches.len();
    let branch = |at: usize| project.launches[at].file.source.branch.as_deref();
    let Some(latest) = all.clone().rev().find(stands) else {
        return Vec::new();
    };
    let same = |at: &usize| branch(*at) == branch(latest);
    all.filter(stands).filter(same).collect()
}

fn newest(tracks: &Tracks, launches: &[usize]) -> HashMap<String, Newest> {
    let mut newest: HashMap<String, Newest> = HashMap::new();
    for track in tracks.iter() {
        let Track {
            case: Some(case),
            entries,
        } = track
        else {
            continue;
        };
        let Some(entry) = entries.last() else {
            continue;
        };
        let found = Newest {
            launch: launches[entry.launch()],
            outcome: entry.outcome(),
            status: entry.status,
        };
        let known = newest.entry(case.clone()).or_insert(found);
        if found.launch > known.launch
            || (found.launch == known.launch && found.status < known.status)
        {
            *known = found;
        }
    }
    newest
}
