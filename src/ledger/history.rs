//! What closed launches of one branch say together.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::launch::Launch;
use crate::analysis::matching::Matcher;
use crate::analysis::subjects::Past;
use crate::analysis::tracks::Tracks;
use crate::base::Timestamp;
use crate::model::OrderedMap;
use crate::store::launches::{self, Damage, LaunchHead};
use crate::store::{Files, Project, StoreError};

/// Closed launches of one branch in the order of their opening, superseded ones apart; perhaps another
/// launch after them.
#[derive(Clone, Debug)]
pub struct History {
    /// None where the launches name none.
    pub branch: Option<String>,
    pub launches: Vec<Launch>,
    pub past: Past,
    /// Launches that don't read; the history lacks them.
    pub damages: Vec<Damage>,
}

/// Which launches a history is of.
#[derive(Clone, Debug)]
pub struct Scope {
    pub branch: Option<String>,
    /// A launch that the history ends with, whatever its branch and whether it is open.
    pub last: Option<Launch>,
    pub now: Timestamp,
}

impl History {
    /// Reads the closed launches of a branch that were opened before the last one, and computes their
    /// tracks by today's documentation.
    pub fn read(
        files: &dyn Files,
        project: &Project,
        heads: &[LaunchHead],
        scope: Scope,
    ) -> Result<Self, StoreError> {
        let superseded = superseded(heads);
        let belongs = |head: &&LaunchHead| {
            let file = &head.file;
            let earlier = scope.last.as_ref().is_none_or(|last| {
                (file.opened.at, &file.id) < (last.opened.at, &last.id) && file.id != last.id
            });
            earlier && !superseded.contains(file.id.as_str()) && file.source.branch == scope.branch
        };
        let heads: Vec<&LaunchHead> = heads.iter().filter(belongs).collect();
        let read = heads
            .into_par_iter()
            .map(|head| launches::load(files, head.clone()));
        let (mut launches, mut damages) = (Vec::new(), Vec::new());
        for launch in read.collect::<Result<Vec<_>, _>>()? {
            match launch {
                Ok(launch) => launches.push(Launch::from(launch)),
                Err(damage) => damages.push(damage),
            }
        }
        launches.extend(scope.last);
        Ok(Self {
            branch: scope.branch,
            past: past(project, &launches, scope.now),
            launches,
            damages,
        })
    }

    pub fn len(&self) -> usize {
        self.launches.len()
    }

    pub fn is_empty(&self) -> bool {
        self.launches.is_empty()
    }
}

/// Returns the ids of launches that a later one takes the place of.
pub fn superseded(heads: &[LaunchHead]) -> BTreeSet<&str> {
    let named = heads
        .iter()
        .filter_map(|head| head.file.supersedes.as_deref());
    named.collect()
}

fn past(project: &Project, launches: &[Launch], now: Timestamp) -> Past {
    let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
    let none = OrderedMap::default();
    let settings = project.settings.as_ref();
    let declared = settings.map_or(&none, |doc| &doc.value.environment);
    let views: Vec<_> = launches.iter().map(Launch::for_tracks).collect();
    Past {
        tracks: Tracks::new(&views, declared, &matcher),
        opened: launches.iter().map(|launch| launch.opened.at).collect(),
        now,
    }
}
