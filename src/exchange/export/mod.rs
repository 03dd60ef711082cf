//! Results of a launch as files that other programs read, one format a file.
//!
//! Pure: the same results give the same bytes. What a format has no place for is left out and counted;
//! which that is stands in the table of `docs/exports.md`, which tests hold against what comes back
//! when an export is appended again.

mod allure;
mod attached;
mod ctrf;
mod junit;
mod lines;
mod own;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

pub use allure::allure;
pub use ctrf::ctrf;
pub use junit::junit;
pub use lines::{LINE_MARK, case_line, result_line};

use crate::analysis::keys;
use crate::base::{Digest, Timestamp};
use crate::model::{Details, Environment, Job, Link, Outcome, Source, TestResult};

/// What an export says, in the order in which it says it.
#[derive(Debug)]
pub struct Export<'a> {
    pub launch: Subject<'a>,
    pub results: Vec<Exported<'a>>,
}

/// The launch whose results are exported.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub id: &'a str,
    /// The project's key.
    pub project: &'a str,
    pub name: &'a str,
    /// None of an open launch.
    pub receipt: Option<Digest>,
    pub opened: Timestamp,
    pub source: &'a Source,
    /// What all exported results agree on.
    pub environment: &'a Environment,
    pub links: &'a [Link],
    /// Tallybook's version.
    pub version: &'a str,
}

/// One result: what was decided, the attempt that decided, and those before it.
#[derive(Debug)]
pub struct Exported<'a> {
    pub outcome: &'a Outcome,
    pub environment: &'a Environment,
    pub last: Attempt<'a>,
    /// Oldest first; those whose rows are gone are left out.
    pub retries: Vec<Attempt<'a>>,
}

/// One execution.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub row: &'a TestResult,
    pub job: &'a Job,
    /// None where they were not kept, or were pruned.
    pub details: Option<&'a Details>,
}

/// A file or a folder as it is to be written.
#[derive(Debug, Default)]
pub struct Document {
    /// Names → bytes; of a format with one file it has no name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Paths beside the files → names of attachments as the launch keeps them.
    pub attachments: BTreeMap<String, String>,
    pub left: Left,
}

/// What the format has no place for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Attempts that did not decide.
    pub attempts: u64,
    /// Files that the launch itself does not have.
    pub absent: u64,
    /// Files for which there is no folder.
    pub attachments: u64,
    /// Results that readers take for attempts of others: of the same test in another job or environment.
    pub alike: u64,
}

impl Document {
    fn one(bytes: Vec<u8>) -> Self {
        Self {
            files: BTreeMap::from([(String::new(), bytes)]),
            ..Self::default()
        }
    }

    /// Returns the bytes of a format with one file.
    pub fn bytes(&self) -> &[u8] {
        self.files.get("").map_or(&[], Vec::as_slice)
    }
}

impl Exported<'_> {
    /// What tells its test from others, whatever it ran in.
    fn test(&self) -> (&str, &str, &str) {
        let own = self.outcome;
        (&own.test, &own.params, &self.last.row.name)
    }

    /// All attempts, the deciding one last.
    fn attempts(&self) -> impl Iterator<Item = &Attempt<'_>> {
        self.retries.iter().chain([&self.last])
    }
}

impl Export<'_> {
    /// Counts the results of a test that has others here.
    fn alike(&self) -> u64 {
        let mut seen = BTreeSet::new();
        let told = |one: &Exported<'_>| {
            let parameters = one.last.row.parameters.iter();
            let values = parameters.map(|one| (one.name.clone(), one.value.clone()));
            values.collect::<Vec<_>>()
        };
        let again = self.results.iter();
        again
            .filter(|one| !seen.insert((one.test(), told(one))))
            .count() as u64
    }

    /// Returns a digest for each result that is the same for the same test with the same parameters in all
    /// launches; job and environment count where a test has several results here.
    fn histories(&self) -> Vec<String> {
        let mut counts: BTreeMap<(&str, &str, &str), u32> = BTreeMap::new();
        for one in &self.results {
            *counts.entry(one.test()).or_default() += 1;
        }
        let history = |one: &Exported<'_>| {
            let none = Environment::default();
            let (environment, job) = match counts.get(&one.test()) {
                Some(2..) => (one.environment, one.last.job.name.as_str()),
                _ => (&none, ""),
            };
            let key = keys::attempt_key(one.last.row, &one.outcome.params, environment, job);
            key.to_string()[..32].to_owned()
        };
        self.results.iter().map(history).collect()
    }
}
