//! A launch as it is read: open or closed, in one shape.

mod contents;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

pub use contents::Attached;

use super::part::{Part, StateError};
use super::preview::Preview;
use super::refusal::Refusal;
use crate::analysis::matching::Matcher;
use crate::analysis::tracks::{Identities, Known};
use crate::base::{Digest, files as base_files};
use crate::model::{
    Briefs, Closed, Details, Environment, GateRecord, Job, JobSummary, Link, Opened, Outcome,
    Source, Step, TestIdentity, TestResult, Totals,
};
use crate::store::launches::{self, ClosedLaunch, Damage, LazyTests};
use crate::store::{Files, Shard, StoreError, shard};

/// A launch, and what it decided: at its closing, or what closing it now would.
#[derive(Clone, Debug)]
pub struct Launch {
    pub id: String,
    /// The project's key.
    pub project: String,
    pub name: String,
    pub tags: Vec<String>,
    pub links: Vec<Link>,
    pub opened: Opened,
    pub source: Source,
    /// What all its jobs agree on, or were asked to.
    pub environment: Environment,
    pub jobs: Vec<JobSummary>,
    /// Jobs that were to append.
    pub expect: Vec<String>,
    /// The slug of the plan that it executes.
    pub plan: Option<String>,
    /// The closed launch that it names as its baseline.
    pub baseline: Option<String>,
    pub supersedes: Option<String>,
    pub totals: Totals,
    /// None of an open launch.
    pub closing: Option<Closing>,
    pub environments: Vec<Environment>,
    pub outcomes: Vec<Outcome>,
    tests: Tests,
    rows: Place,
    /// What keeps an open launch from being closed.
    refusals: Vec<Refusal>,
}

/// Tests of a closed launch, as tracks ask for them.
#[derive(Debug)]
pub(super) struct Lazily<'a, 'f>(pub(super) &'a LazyTests<'f>);

impl Identities for Lazily<'_, '_> {
    fn get(&self, test: u64) -> Option<Cow<'_, TestIdentity>> {
        self.0.get(test).map(Cow::Owned)
    }

    fn matching(&self, _: &[u64], matcher: &Matcher) -> Vec<(u64, String)> {
        let find = |ids: &[String], name: Option<&str>| matcher.case(ids, name);
        self.0.matching(&matcher.digest(), find)
    }
}

/// What a closed launch has beside an open one.
#[derive(Clone, Debug)]
pub struct Closing {
    pub closed: Closed,
    /// What the project's gate said.
    pub gate: Option<GateRecord>,
    pub receipt: Digest,
    /// The launch's folder, relative to the workspace.
    pub path: String,
    /// Documented cases with a result → the SHA-256 of their text as executed.
    pub cases: BTreeMap<String, String>,
}

/// What producers call the tests of a launch.
#[derive(Clone, Debug)]
enum Tests {
    Read(BTreeMap<String, TestIdentity>),
    /// Read when they are asked for.
    Lazy(Arc<LazyTests<'static>>),
}

/// Where the rows of a launch are.
#[derive(Clone, Debug)]
enum Place {
    /// Files of an open launch.
    Open(Vec<PathBuf>),
    /// The folder of a closed one, relative to the workspace.
    Closed(String),
}

#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The rows of a launch: results and retries.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    shards: Vec<Shard>,
    /// By the row's id: the shard and the row.
    places: HashMap<String, (usize, usize)>,
    /// Files that don't read; what they would say is left out.
    pub damages: Vec<Damage>,
}

impl From<Preview> for Launch {
    fn from(preview: Preview) -> Self {
        let launch = preview.launch;
        let files = |part: &Part| {
            let names = part.results.iter();
            names.map(|name| part.folder.join(name)).collect::<Vec<_>>()
        };
        let tests = preview.decision.tests.into_iter();
        Self {
            id: launch.id,
            project: launch.project,
            name: launch.name,
            tags: launch.tags,
            links: launch.links,
            opened: launch.opened,
            source: launch.source,
            environment: launch.environment,
            jobs: preview.parts.iter().map(Part::summary).collect(),
            plan: launch.plan,
            baseline: launch.baseline,
            supersedes: launch.supersedes,
            expect: launch.expect,
            refusals: preview.refusals,
            totals: preview.decision.totals,
            closing: None,
            environments: preview.environments,
            outcomes: preview.decision.outcomes,
            tests: Tests::Read(tests.map(|test| (test.test.clone(), test)).collect()),
            rows: Place::Open(preview.parts.iter().flat_map(files).collect()),
        }
    }
}

impl From<ClosedLaunch> for Launch {
    fn from(launch: ClosedLaunch) -> Self {
        let file = launch.file;
        Self {
            id: file.id,
            project: file.project,
            name: file.name,
            tags: file.tags,
            links: file.links,
            opened: file.opened,
            source: file.source,
            environment: file.environment,
            jobs: file.jobs,
            plan: file.plan,
            baseline: file.baseline,
            supersedes: file.supersedes,
            expect: file.expect,
            refusals: Vec::new(),
            totals: file.totals,
            closing: Some(Closing {
                closed: file.closed,
                gate: file.gate,
                receipt: launch.receipt,
                path: launch.path.clone(),
                cases: launch.cases,
            }),
            environments: launch.environments,
            outcomes: launch.outcomes,
            tests: Tests::Read(launch.tests),
            rows: Place::Closed(launch.path),
        }
    }
}

impl Launch {
    /// Returns what history needs of the outcomes.
    pub fn briefs(&self) -> Briefs {
        Briefs::of(&self.environments, &self.outcomes)
    }

    /// Takes a closed launch whose tests are read when they are asked for.
    pub fn lazy((launch, tests): (ClosedLaunch, LazyTests<'static>)) -> Self {
        Self {
            tests: Tests::Lazy(Arc::new(tests)),
            ..launch.into()
        }
    }

    /// Returns the words for the tests, by the digest that outcomes refer to.
    pub fn tests(&self) -> &BTreeMap<String, TestIdentity> {
        match &self.tests {
            Tests::Read(tests) => tests,
            Tests::Lazy(tests) => tests.all(),
        }
    }

    /// Returns what tracks ask of the tests.
    pub fn identities(&self) -> Box<dyn Identities + '_> {
        match &self.tests {
            Tests::Read(tests) => Box::new(Known::new(tests)),
            Tests::Lazy(tests) => Box::new(Lazily(tests)),
        }
    }

    /// Returns what is wrong with the words for the tests, as far as they were asked for.
    pub fn damage(&self) -> Option<&Damage> {
        match &self.tests {
            Tests::Read(_) => None,
            Tests::Lazy(tests) => tests.damage(),
        }
    }

    /// Returns the tests that are read when they are asked for, where they are.
    pub fn lazy_tests(&self) -> Option<Arc<LazyTests<'static>>> {
        match &self.tests {
            Tests::Read(_) => None,
            Tests::Lazy(tests) => Some(tests.clone()),
        }
    }

    /// Returns one line for each input that is lost, wholly or partly: what keeps an open launch from being
    /// closed, and what somebody closed a launch without.
    pub fn lost(&self) -> Vec<String> {
        let open = self
            .refusals
            .iter()
            .filter(|refusal| **refusal != Refusal::Empty);
        let closed = self.jobs.iter().filter_map(|job| {
            let reason = job.accepted_loss.as_ref()?;
            Some(format!(
                "job `{}`: closed without, since: {reason}",
                job.name
            ))
        });
        open.map(Refusal::message).chain(closed).collect()
    }

    /// Returns the expected jobs that have no results.
    pub fn missing_jobs(&self) -> Vec<String> {
        let has = |name: &&String| {
            self.jobs
                .iter()
                .any(|job| job.name == **name && job.rows > 0)
        };
        self.expect
            .iter()
            .filter(|job| !has(job))
            .cloned()
            .collect()
    }

    /// Returns the environment of an outcome.
    pub fn environment_of(&self, outcome: &Outcome) -> &Environment {
        let own = self.environments.get(outcome.env as usize);
        own.unwrap_or(&self.environment)
    }

    /// Returns the name of an outcome's test: in full, else as people see it.
    pub fn test_name<'a>(&'a self, outcome: &'a Outcome) -> &'a str {
        let test = self.tests().get(&outcome.test);
        test.map_or(outcome.id.as_str(), |test| {
            test.full_name.as_deref().unwrap_or(&test.name)
        })
    }

    /// Reads all rows, the retries among them.
    pub fn rows(&self, files: &dyn Files) -> Result<Rows, RowsError> {
        self.read_rows(files, None)
    }

    /// Reads the rows with some ids.
    pub fn some_rows(&self, files: &dyn Files, wanted: &HashSet<&str>) -> Result<Rows, RowsError> {
        self.read_rows(files, Some(wanted))
    }

    /// Reads the steps of some results, where they are kept; those that don't read are left out.
    pub fn steps(
        &self,
        files: &dyn Files,
        wanted: &HashSet<&str>,
    ) -> Result<HashMap<String, Vec<Step>>, RowsError> {
        let mut out = HashMap::new();
        let mut take = |details: Vec<Details>| {
            let own = details.into_iter();
            let own = own.filter(|one| wanted.contains(one.id.as_str()));
            out.extend(own.map(|one| (one.id, one.steps)));
        };
        match &self.rows {
            Place::Open(paths) => {
                let folders: BTreeSet<&Path> = paths.iter().filter_map(|p| p.parent()).collect();
                for folder in folders {
                    open_details(folder)?.into_iter().for_each(&mut take);
                }
            }
            Place::Closed(path) => {
                for name in launches::details_files(files, path)? {
                    take(launches::details(files, path, &name)?.unwrap_or_default());
                }
            }
        }
        Ok(out)
    }

    fn read_rows(
        &self,
        files: &dyn Files,
        wanted: Option<&HashSet<&str>>,
    ) -> Result<Rows, RowsError> {
        let mut rows = Rows::default();
        match &self.rows {
            Place::Open(paths) => {
                let read: Result<Vec<Shard>, StateError> = paths
                    .par_iter()
                    .map(|path| open_shard(path, wanted))
                    .collect();
                rows.shards = read?;
            }
            Place::Closed(path) => {
                let names = launches::shards(files, path)?;
                let read = names.par_iter().map(|name| match wanted {
                    Some(wanted) => {
                        launches::some_rows(files, path, name, |id| wanted.contains(id))
                    }
                    None => launches::shard(files, path, name),
                });
                for shard in read.collect::<Result<Vec<_>, _>>()? {
                    match shard {
                        Ok(shard) => rows.shards.push(shard),
                        Err(damage) => rows.damages.push(damage),
                    }
                }
            }
        }
        rows.places = places(&rows.shards);
        Ok(rows)
    }
}

/// Reads the files of details beside the rows of an open part.
fn open_details(folder: &Path) -> Result<Vec<Vec<Details>>, StateError> {
    let mut out = Vec::new();
    for entry in base_files::list_dir(folder)? {
        let name = entry.file_name();
        let is_details = |name: &str| name.starts_with("details") && name.ends_with(".yaml");
        if name.to_str().is_some_and(is_details) {
            let bytes = base_files::read(&entry.path())?;
            out.push(shard::read_details(&bytes).unwrap_or_default());
        }
    }
    Ok(out)
}

fn open_shard(path: &std::path::Path, wanted: Option<&HashSet<&str>>) -> Result<Shard, StateError> {
    let bytes = base_files::read(path)?;
    let shard = match wanted {
        Some(wanted) => Shard::read_some(&bytes, |id| wanted.contains(id)),
        None => Shard::read(&bytes),
    };
    shard.map_err(|source| StateError::Part {
        path: path.to_owned(),
        source,
    })
}

fn places(shards: &[Shard]) -> HashMap<String, (usize, usize)> {
    let rows = shards.iter().enumerate();
    let ids = rows.flat_map(|(shard, content)| {
        let ids = content.results.iter().enumerate();
        ids.map(move |(row, result)| (result.id.clone(), (shard, row)))
    });
    ids.collect()
}

impl Rows {
    /// Returns a row and the job that it came from; none where the row is gone.
    pub fn get(&self, id: &str) -> Option<(&Job, &TestResult)> {
        let (shard, row) = *self.places.get(id)?;
        let shard = &self.shards[shard];
        Some((&shard.header.job, &shard.results[row]))
    }
}

/// Returns the row that an outcome would have, as far as the launch's other files tell: where rows are
/// not read, or were removed.
pub fn stand_in(launch: &Launch, outcome: &Outcome) -> TestResult {
    let test = launch.tests().get(&outcome.test);
    TestResult {
        id: outcome.id.clone(),
        name: test.map(|test| test.name.clone()).unwrap_or_default(),
        full_name: test.and_then(|test| test.full_name.clone()),
        status: outcome.status,
        start: outcome.start,
        duration: outcome.duration,
        ..TestResult::default()
    }
}
