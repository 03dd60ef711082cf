//! A launch: open as `open.yaml`, closed as `launch.yaml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Link, OrderedMap, Status};
use crate::base::{Digest, Timestamp};

/// The address of whoever opens launches and appends where git does not know who that is.
pub const OPEN_BY_NOBODY: &str = "tallybook@localhost";

/// The name under which a project's open launches are kept, below a git directory and in references: its key,
/// preceded by eight hex digits of the workspace's path unless that is the repository's root.
pub fn open_folder(workspace: &str, key: &str) -> String {
    match workspace {
        "" => key.to_owned(),
        path => format!("{}-{key}", &Digest::of(path.as_bytes()).short()[..8]),
    }
}

/// Named variables of a run.
pub type Environment = OrderedMap<String>;

/// An open launch: `open.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenLaunch {
    pub format: u32,
    pub id: String,
    /// The project's key.
    pub project: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    pub opened: Opened,
    #[serde(default, skip_serializing_if = "Source::is_empty")]
    pub source: Source,
    #[serde(default, skip_serializing_if = "OrderedMap::is_empty")]
    pub environment: Environment,
    /// Jobs that must have appended before the launch may close.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<String>,
    /// The slug of the plan that it is to execute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The closed launch that it is held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opened {
    /// The launch's place in its history.
    pub at: Timestamp,
    /// `Name <email>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// That the results are of long ago: `at` is their own time, and not when somebody opened the launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfilled: Option<Backfilled>,
}

impl Opened {
    /// Now, by somebody.
    pub fn now(at: Timestamp, by: Option<String>) -> Self {
        Self {
            at,
            by,
            backfilled: None,
        }
    }

    /// When somebody opened the launch, whatever its place in the history.
    pub fn really(&self) -> Timestamp {
        self.backfilled.map_or(self.at, |backfilled| backfilled.at)
    }
}

/// What is honest of a launch whose results are older than itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Backfilled {
    /// When the launch was opened.
    pub at: Timestamp,
    /// When the last of its results ended, where they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Where what was tested came from; never identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Source {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<String>,
}

impl Source {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A closed launch: `launch.yaml`. Its SHA-256 is the launch's receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LaunchFile {
    pub format: u32,
    pub id: String,
    /// The project's key.
    pub project: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    pub opened: Opened,
    #[serde(default, skip_serializing_if = "Source::is_empty")]
    pub source: Source,
    /// What all shards agree on.
    #[serde(default, skip_serializing_if = "OrderedMap::is_empty")]
    pub environment: Environment,
    #[serde(default)]
    pub jobs: Vec<JobSummary>,
    /// Jobs that were to append.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
    pub totals: Totals,
    pub closed: Closed,
    /// What the project's gate said at closing; none where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateRecord>,
    /// What it was to execute; none where nothing was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<PlannedRecord>,
}

/// What a launch was to execute, and what of it was done at its closing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PlannedRecord {
    /// Planned results.
    pub total: u64,
    /// Planned results that a result answers.
    pub done: u64,
    /// Planned results that nothing answers; they are in progress for ever.
    pub unfinished: u64,
    /// Results that answer nothing that was planned.
    pub unplanned: u64,
    /// Why it was closed without the unfinished ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A gate's verdict, as it stood at closing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GateRecord {
    /// The SHA-256 of the gate's rules.
    pub digest: String,
    /// `passed` or `failed`.
    pub verdict: String,
    /// The rules that failed, groups in front: `payments: max_failed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
}

/// One shard of a closed launch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct JobSummary {
    pub name: String,
    pub shard: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Rows: results and retries.
    pub rows: u64,
    /// Why a loss in this shard was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_loss: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closed {
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// The commit of the documentation, a hint: ids of commits don't survive a rewrite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Documentation>,
    /// Receipts of the project's closed launches that no other names yet.
    #[serde(default)]
    pub previous: Vec<String>,
    /// The SHA-256 of `SHA256SUMS`.
    pub sums: String,
    /// Tallybook's version.
    pub version: String,
}

/// A commit id as a hint.
pub type Documentation = String;

/// Counts over results, retries apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Totals {
    pub passed: u64,
    pub failed: u64,
    pub broken: u64,
    pub skipped: u64,
    pub unknown: u64,
    pub in_progress: u64,
    pub total: u64,
    /// Attempts that did not decide; not in `total`.
    pub retries: u64,
    pub muted: u64,
    /// Automated results behind a manual one; in `total`, in no status count.
    pub overridden: u64,
    pub unresolved: u64,
}

impl Totals {
    /// Returns how many results count in a status: all but overridden ones.
    pub fn counted(&self) -> u64 {
        self.total.saturating_sub(self.overridden)
    }

    pub fn of(&self, status: Status) -> u64 {
        match status {
            Status::Passed => self.passed,
            Status::Failed => self.failed,
            Status::Broken => self.broken,
            Status::Skipped => self.skipped,
            Status::Unknown => self.unknown,
            Status::InProgress => self.in_progress,
        }
    }

    pub fn add(&mut self, status: Status) {
        let count = match status {
            Status::Passed => &mut self.passed,
            Status::Failed => &mut self.failed,
            Status::Broken => &mut self.broken,
            Status::Skipped => &mut self.skipped,
            Status::Unknown => &mut self.unknown,
            Status::InProgress => &mut self.in_progress,
        };
        *count += 1;
    }
}
