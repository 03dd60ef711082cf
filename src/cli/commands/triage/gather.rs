//! Facts of a triage: what today's documentation knows, which defects come again.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Row;
use crate::analysis::resolve::Resolver;
use crate::analysis::subjects::ResultSubject;
use crate::analysis::tracks::Track;
use crate::base::Timestamp;
use crate::cli::error::CommandError;
use crate::cli::place::Place;
use crate::cli::told::Teller;
use crate::git::CommitId;
use crate::ledger::{self, Launch, Reading, Recalled};
use crate::model::{Defect, DefectState};
use crate::store::{Doc, Files as _, Project, parse_defect};

/// What a triage looks at.
pub(super) struct Asked<'a> {
    pub(super) place: &'a Place,
    pub(super) project: &'a Project,
    /// Whether commands have to name the project.
    pub(super) is_one_of_many: bool,
    pub(super) reading: &'a Reading,
    pub(super) teller: &'a Teller<'a>,
    /// The latest launches before this one.
    pub(super) recalled: &'a Recalled,
    /// The place of the first of them in the history.
    pub(super) first: usize,
    pub(super) now: Timestamp,
    /// How many launches in a row say that a mute can be lifted.
    pub(super) passes: usize,
    /// How many tests of a cluster are told.
    pub(super) tests: usize,
    /// How long addresses of forms may be, in bytes.
    pub(super) address: usize,
}

/// What today's documentation has for a failure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Known {
    Defect(String),
    Mute(String),
}

impl<'a> Asked<'a> {
    pub(super) fn launch(&self) -> &'a Launch {
        self.reading.launch()
    }

    pub(super) fn defect(&self, id: &str) -> Option<&'a Doc<Defect>> {
        let mut defects = self.project.defects.iter();
        defects.find(|doc| doc.value.id == id)
    }

    /// Returns the full name of a track's test, as far as the launches that were read tell it.
    pub(super) fn name_of(&self, track: &Track) -> Option<&'a str> {
        let mut names = track.entries.iter().rev().filter_map(|entry| {
            let launch = match entry.launch() == self.reading.earlier() {
                true => self.launch(),
                false => {
                    let place = entry.launch().checked_sub(self.first)?;
                    self.recalled.launches.get(place)?.as_ref()?
                }
            };
            let test = launch.tests().get(&launch.outcomes[entry.outcome()].test)?;
            test.full_name.as_deref()
        });
        names.next()
    }

    /// Returns what today's documentation has for failures of a closed launch that had nothing at its
    /// closing, by their places. In an open launch it is decided already.
    pub(super) fn known_today(&self, unresolved: &[usize]) -> BTreeMap<usize, Known> {
        let launch = self.launch();
        if launch.closing.is_none() {
            return BTreeMap::new();
        }
        let mutes = self.project.mutes.iter().map(|doc| &doc.value);
        let defects = self.project.defects.iter().map(|doc| &doc.value);
        let resolver = Resolver::new(mutes, defects, self.now);
        let known = |at: usize| {
            let outcome = &launch.outcomes[at];
            let (job, row) = self.teller.rows().get(&outcome.id)?;
            let environment = launch.environment_of(outcome);
            let asked = Row::new(row.clone(), job, outcome.env as usize, environment);
            if let Some(defect) = resolver.defect(&asked, environment) {
                return Some(Known::Defect(defect.id.clone()));
            }
            let mut outcome = outcome.clone();
            outcome.case.clone_from(&self.reading.track(at).case);
            let mute = resolver.mute(&ResultSubject {
                outcome: &outcome,
                row,
                job,
                environment,
                launch: (&launch.id, &launch.name),
                place: (0, 0),
                past: None,
                says: None,
            });
            mute.map(|mute| Known::Mute(mute.id.clone()))
        };
        let known = unresolved.iter().filter_map(|at| Some((*at, known(*at)?)));
        known.collect()
    }

    /// Returns the defects of the launch that were closed and match again, with how many failures.
    /// Whether one was closed is asked of the documentation that closed the launch, where that is here;
    /// of today's else.
    pub(super) fn recurrences(
        &self,
        today: &BTreeMap<usize, Known>,
    ) -> Result<Vec<(&'a Doc<Defect>, u64)>, CommandError> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let outcomes = self.launch().outcomes.iter();
        for defect in outcomes.filter_map(|outcome| outcome.defect.as_deref()) {
            *counts.entry(defect).or_default() += 1;
        }
        let mut by_today: BTreeSet<&str> = BTreeSet::new();
        for known in today.values() {
            if let Known::Defect(id) = known {
                by_today.insert(id);
                *counts.entry(id).or_default() += 1;
            }
        }
        let mut found = Vec::new();
        for (id, many) in counts {
            let Some(doc) = self.defect(id) else { continue };
            let closed = match by_today.contains(id) {
                true => doc.value.status == DefectState::Closed,
                false => was_closed(self.place, self.launch(), doc)?,
            };
            if closed {
                found.push((doc, many));
            }
        }
        Ok(found)
    }
}

/// Whether a defect was closed when a launch was decided.
pub(crate) fn was_closed(
    place: &Place,
    launch: &Launch,
    doc: &Doc<Defect>,
) -> Result<bool, CommandError> {
    let then = launch.closing.as_ref().and_then(|closing| {
        let commit = closing.closed.documentation.as_ref()?;
        let is_id = commit.len() >= 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
        let commit = is_id.then_some(commit)?;
        let commit: CommitId = place.repo.as_ref()?.resolve(commit).ok()?;
        let bytes = place.launches_at(commit).ok()?.read(&doc.path).ok()??;
        let text = String::from_utf8(bytes).ok()?;
        let (read, _) = parse_defect(&doc.path, text.as_str().into());
        read.map(|read| read.value.status)
    });
    Ok(then.unwrap_or(doc.value.status) == DefectState::Closed)
}

/// Returns the places of failures that had nothing: at the closing, or as the launch stands.
pub(super) fn unresolved(launch: &Launch) -> Vec<usize> {
    let outcomes = launch.outcomes.iter().enumerate();
    let unresolved = outcomes.filter(|(_, outcome)| outcome.is_unresolved());
    unresolved.map(|(at, _)| at).collect()
}

/// Returns how many failures have a defect, and how many a mute.
pub(super) fn resolved(launch: &Launch) -> (u64, u64) {
    let failed = || launch.outcomes.iter().filter(|one| ledger::failed(one));
    let known = failed().filter(|one| one.defect.is_some()).count() as u64;
    let muted = failed().filter(|one| one.mute.is_some()).count() as u64;
    (known, muted)
}
