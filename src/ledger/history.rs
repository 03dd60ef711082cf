//! What closed launches of one branch say together.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rayon::prelude::*;

use super::launch::{Launch, Lazily};
use crate::analysis::matching::Matcher;
use crate::analysis::subjects::Past;
use crate::analysis::tracks::{self, Identities, Tracks};
use crate::base::Timestamp;
use crate::model::{Briefs, OrderedMap, Source, TestIdentity};
use crate::store::launches::{self, Damage, LaunchHead, LazyTests, Lent};
use crate::store::{Files, Project, StoreError};

/// Closed launches of one branch in the order of their opening, superseded ones apart; perhaps another
/// launch after them.
#[derive(Clone, Debug)]
pub struct History {
    /// None where the launches name none.
    pub branch: Option<String>,
    /// One for each launch, in the order that the indices of tracks refer to.
    pub moments: Vec<Moment>,
    /// The launch that the history ends with, where one was given.
    pub last: Option<Launch>,
    pub past: Past,
    /// Launches that don't read; the history lacks them.
    pub damages: Vec<Damage>,
}

/// A launch as history refers to it.
#[derive(Clone, Debug)]
pub struct Moment {
    pub id: String,
    pub name: String,
    pub opened: Timestamp,
    pub source: Source,
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
        let read = heads.par_iter().map(|head| launches::briefs(files, head));
        let (mut earlier, mut damages) = (Vec::new(), Vec::new());
        for (head, read) in heads.iter().zip(read.collect::<Result<Vec<_>, _>>()?) {
            match read {
                Ok(briefs) => earlier.push(Earlier {
                    moment: Moment::of_closed(head),
                    briefs,
                    tests: LazyTests::new(Lent::Borrowed(files), head),
                }),
                Err(damage) => damages.push(damage),
            }
        }
        let tracks = tracks(project, &earlier, scope.last.as_ref());
        damages.extend(
            earlier
                .iter()
                .filter_map(|launch| launch.tests.damage().cloned()),
        );
        let last = scope.last.as_ref().map(Moment::of);
        let moments: Vec<Moment> = earlier
            .into_iter()
            .map(|launch| launch.moment)
            .chain(last)
            .collect();
        Ok(Self {
            branch: scope.branch,
            past: Past {
                tracks,
                earlier: moments.len() - usize::from(scope.last.is_some()),
                opened: moments.iter().map(|moment| moment.opened).collect(),
                now: scope.now,
            },
            moments,
            last: scope.last,
            damages,
        })
    }

    /// Returns how many closed launches stand before the one that the history ends with, or in all.
    pub fn earlier(&self) -> usize {
        self.moments.len() - usize::from(self.last.is_some())
    }
}

impl Moment {
    fn of(launch: &Launch) -> Self {
        Self {
            id: launch.id.clone(),
            name: launch.name.clone(),
            opened: launch.opened.at,
            source: launch.source.clone(),
        }
    }

    fn of_closed(head: &LaunchHead) -> Self {
        Self {
            id: head.file.id.clone(),
            name: head.file.name.clone(),
            opened: head.file.opened.at,
            source: head.file.source.clone(),
        }
    }
}

/// An earlier launch while tracks are computed.
#[derive(Debug)]
struct Earlier<'a> {
    moment: Moment,
    briefs: Briefs,
    tests: LazyTests<'a>,
}

impl Identities for Earlier<'_> {
    fn get(&self, test: u64) -> Option<Cow<'_, TestIdentity>> {
        self.tests.get(test).map(Cow::Owned)
    }

    fn matching(&self, tests: &[u64], matcher: &Matcher) -> Vec<(u64, String)> {
        Lazily(&self.tests).matching(tests, matcher)
    }
}

/// Returns the ids of launches that a later one takes the place of.
pub fn superseded(heads: &[LaunchHead]) -> BTreeSet<&str> {
    let named = heads
        .iter()
        .filter_map(|head| head.file.supersedes.as_deref());
    named.collect()
}

fn tracks(project: &Project, earlier: &[Earlier<'_>], last: Option<&Launch>) -> Tracks {
    let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
    let none = OrderedMap::default();
    let settings = project.settings.as_ref();
    let declared = settings.map_or(&none, |doc| &doc.value.environment);
    let last = last.map(|last| (last.briefs(), last.identities()));
    let mut launches: Vec<tracks::Launch<'_>> = earlier
        .iter()
        .map(|launch| tracks::Launch {
            briefs: &launch.briefs,
            identities: launch,
        })
        .collect();
    launches.extend(last.as_ref().map(|(briefs, identities)| tracks::Launch {
        briefs,
        identities: &**identities,
    }));
    Tracks::new(&launches, declared, &matcher)
}
