//! The whole review.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::{Change, Effect, Item, Subject};
use super::{documents, project};
use crate::analysis::subjects::Past;
use crate::base::Timestamp;
use crate::store::{Files, Loaded, StoreError};

/// Two snapshots, and what is known beside them.
#[derive(Debug)]
pub struct Input<'a> {
    pub before: &'a Loaded,
    pub after: &'a Loaded,
    /// The files of both, for those that are not read as documentation.
    pub files: (&'a dyn Files, &'a dyn Files),
    /// When the plans of both are asked.
    pub now: Timestamp,
    /// Past results by a project's folder, for plans that ask for them.
    pub past: &'a BTreeMap<String, Past>,
}

/// What changed between two snapshots of the documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Review {
    /// By risk, then by project, noun and id.
    pub items: Vec<Item>,
    /// Cases that are new or mean something else, and are not approved as they are; by project and id.
    pub unreviewed: Vec<Subject>,
    /// Paths of files whose wording changed and whose meaning didn't, sorted.
    pub editorial: Vec<String>,
}

impl Review {
    /// Returns all changes of one effect, with their items.
    pub fn of(&self, effect: Effect) -> impl Iterator<Item = (&Item, &Change)> {
        let all = self
            .items
            .iter()
            .flat_map(|item| item.changes.iter().map(move |change| (item, change)));
        all.filter(move |(_, change)| change.effect == effect)
    }

    /// Returns how many changes have an effect.
    pub fn count(&self, effect: Effect) -> usize {
        self.of(effect).count()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.editorial.is_empty()
    }
}

/// Compares two snapshots.
///
/// # Errors
/// Where files that are not documentation can't be read.
pub fn review(input: &Input<'_>) -> Result<Review, StoreError> {
    let mut out = Review::default();
    documents::workspace(input, &mut out);
    project::all(input, &mut out)?;
    out.items.retain(|item| !item.changes.is_empty());
    out.items.sort_by(|one, other| {
        let key = |item: &Item| (item.effect(), item.subject.clone(), item.path.clone());
        key(one).cmp(&key(other))
    });
    out.unreviewed.sort();
    out.editorial.sort();
    out.editorial.dedup();
    Ok(out)
}
