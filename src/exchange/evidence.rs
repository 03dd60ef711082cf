//! A closed launch as it is attested: read, and held against its own sums.

use std::collections::{BTreeMap, HashMap};

use super::names::{Row, unique_names};
use crate::base::Digest;
use crate::base::path::join;
use crate::integrity::parse_sums;
use crate::model::{Environment, Outcome};
use crate::store::launches::{self, ClosedLaunch, Damage, LaunchHead};
use crate::store::{Files, StoreError};

/// A closed launch with a name for each of its results.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub(super) launch: ClosedLaunch,
    /// Each result with its name, sorted by name; no two names are the same.
    pub(super) results: Vec<(String, Outcome)>,
}

/// A launch that can't be attested.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error("`{path}` is not what was closed")]
    Altered { path: String },
    #[error("`{path}` is damaged: {message}")]
    Damaged { path: String, message: String },
    #[error("cannot read the launch")]
    Store(#[from] StoreError),
}

impl From<Damage> for EvidenceError {
    fn from(damage: Damage) -> Self {
        Self::Damaged {
            path: damage.path,
            message: damage.message,
        }
    }
}

impl Evidence {
    /// Reads a launch.
    ///
    /// # Errors
    /// A file does not read, or has another digest than when the launch was closed. Results that were
    /// removed with a record are no error: their tests are named by what is left.
    pub fn read(files: &dyn Files, head: LaunchHead) -> Result<Self, EvidenceError> {
        let sums = Sums::read(files, &head)?;
        for name in ["outcomes.yaml", "tests.yaml", "cases.yaml"] {
            sums.check(files, name)?;
        }
        let launch = launches::load(files, head)??;
        let mut rows = HashMap::new();
        for name in launches::shards(files, &launch.path)? {
            sums.check(files, &format!("results/{name}"))?;
            let shard = launches::shard(files, &launch.path, &name)??;
            for result in shard.results {
                let row = Row::new(&result, &shard.header.job.name);
                rows.insert(result.id, row);
            }
        }
        let results = launch.outcomes.iter().map(|outcome| {
            let row = rows.remove(&outcome.id).unwrap_or_default();
            let test = launch.tests.get(&outcome.test);
            (
                row.of_test(test, environment(&launch, outcome)),
                outcome.clone(),
            )
        });
        let results = unique_names(results.collect());
        Ok(Self { launch, results })
    }
}

fn environment<'a>(launch: &'a ClosedLaunch, outcome: &Outcome) -> Option<&'a Environment> {
    let at = usize::try_from(outcome.env).ok()?;
    launch.environments.get(at)
}

/// The digests of a launch's files, as they were closed.
struct Sums {
    folder: String,
    digests: BTreeMap<String, Digest>,
}

impl Sums {
    fn read(files: &dyn Files, head: &LaunchHead) -> Result<Self, EvidenceError> {
        let path = join(&head.path, "SHA256SUMS");
        let bytes = files.read(&path)?.unwrap_or_default();
        if Digest::of(&bytes).to_string() != head.file.closed.sums {
            return Err(EvidenceError::Altered { path });
        }
        let digests = parse_sums(&bytes);
        Ok(Self {
            folder: head.path.clone(),
            digests: digests.map_err(|message| EvidenceError::Damaged { path, message })?,
        })
    }

    fn check(&self, files: &dyn Files, name: &str) -> Result<(), EvidenceError> {
        let path = join(&self.folder, name);
        let bytes = files.read(&path)?;
        let digest = bytes.map(|bytes| Digest::of(&bytes));
        match digest.is_some() && digest.as_ref() == self.digests.get(name) {
            true => Ok(()),
            false => Err(EvidenceError::Altered { path }),
        }
    }
}
