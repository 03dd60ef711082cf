//! `doctor`: what killed processes, other settings and careless hands left in the way of a repository's
//! launches, and what to do about each.
//!
//! **Invariant:** without being asked to repair nothing is written. A repair removes only what nobody
//! works with and nobody misses, or adds lines that are missing; it says what it did.

mod approvals;
mod attributes;
mod launches;
mod locks;
mod merging;
mod names;

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::base::{FileError, Timestamp, text};
use crate::git::{GitError, Repo};
use crate::ledger::manual::DraftError;
use crate::ledger::{OpenState, StateError};
use crate::store::{Files, StoreError, Workspace, schema};

/// What a repository is examined with.
#[derive(Debug)]
pub struct Patient<'a> {
    pub repo: &'a Repo,
    /// The workspace's folder.
    pub root: &'a Path,
    /// The workspace's path in the repository, empty for its root.
    pub prefix: &'a str,
    pub workspace: &'a Workspace,
    /// The files of the documentation.
    pub files: &'a dyn Files,
    /// Its projects that may have launches.
    pub projects: Vec<Launches>,
    pub now: Timestamp,
    /// What `merge.tallybook.driver` is to say.
    pub driver: &'a str,
    pub repair: bool,
    /// Locks and temporary files count as left behind from this age on.
    pub older_than: Duration,
}

/// A project's launches.
#[derive(Debug)]
pub struct Launches {
    /// The project's folder.
    pub folder: String,
    pub open: OpenState,
    /// The ids of closed ones.
    pub closed: Vec<String>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    Ok,
    /// Worth knowing; nothing is wrong.
    Note,
    Found,
    Repaired,
    /// It could not be checked, or not be repaired.
    Cannot,
}

impl Condition {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Found => "found",
            Self::Repaired => "repaired",
            Self::Cannot => "cannot",
        }
    }

    /// Whether somebody is to do something.
    pub fn is_wrong(self) -> bool {
        matches!(self, Self::Found | Self::Cannot)
    }
}

/// What one check says of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub state: Condition,
    /// One sentence.
    pub message: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Check {
    fn new(name: &'static str, state: Condition, message: impl Into<String>) -> Self {
        Self {
            name,
            state,
            message: message.into(),
            next: None,
        }
    }

    fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

/// A check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Answer = Result<Vec<Check>, DoctorError>;

/// Makes all checks; one that fails says so and does not hold the others up.
pub fn examine(patient: &Patient<'_>) -> Vec<Check> {
    type Examination = fn(&Patient<'_>) -> Answer;
    let all: [(&'static str, Examination); 10] = [
        ("locks", locks::locks),
        ("temporary files", locks::temporary),
        ("texts in the editor", locks::edited),
        ("open launches", launches::open),
        ("half-made commits", launches::half_closed),
        ("attributes", attributes::evidence),
        ("merge driver", merging::merge_driver),
        ("approvals", approvals::union),
        ("names", names::check),
        ("schemas", schemas),
    ];
    let mut out = Vec::new();
    for (name, examination) in all {
        match examination(patient) {
            Ok(checks) => out.extend(checks),
            Err(error) => out.push(Check::new(name, Condition::Cannot, said(&error))),
        }
    }
    out.extend(completeness(patient.repo));
    out
}

/// Says whether the schemas for editors are those of this release; nothing where there are none.
fn schemas(patient: &Patient<'_>) -> Answer {
    let outdated = schema::outdated(patient.files)?;
    if outdated.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = outdated.iter().map(|kind| kind.as_str()).collect();
    let message = format!(
        "{} in `{}` {} of another release: {}",
        text::count(outdated.len() as u64, "schema"),
        schema::FOLDER,
        if outdated.len() == 1 { "is" } else { "are" },
        text::ticked(&names, "and")
    );
    let check = Check::new("schemas", Condition::Note, message);
    Ok(vec![check.next(
        "`tallybook schema --write` renews them for editors",
    )])
}

/// An error and its causes as one sentence.
fn said(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        out.push_str(&format!(": {error}"));
        cause = error.source();
    }
    out
}

/// Says what this clone does not have.
fn completeness(repo: &Repo) -> Vec<Check> {
    let name = "history";
    let mut out = Vec::new();
    if repo.is_shallow() {
        let message = "the history is cut: `verify` can't see what lies before";
        let check = Check::new(name, Condition::Note, message);
        out.push(check.next("`git fetch --unshallow` completes it"));
    }
    if repo.is_partial() {
        let message = "this is a partial clone: objects are fetched when they are needed";
        let check = Check::new(name, Condition::Note, message);
        out.push(check.next("`git fetch --refetch --no-filter` completes it"));
    }
    if out.is_empty() {
        out.push(Check::new(name, Condition::Ok, "this clone has all of it"));
    }
    out
}

/// A path for people: relative to the repository where it lies in it.
fn shown(patient: &Patient<'_>, path: &Path) -> String {
    let inside = |root: &Path| path.strip_prefix(root).ok().map(Path::to_owned);
    let folder = patient
        .repo
        .workdir()
        .or(patient.repo.common_dir().parent());
    let path = folder.and_then(inside).unwrap_or(path.to_owned());
    path.display().to_string()
}

/// Several paths for people, the first few of them.
fn several(patient: &Patient<'_>, paths: &[impl AsRef<Path>]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<String> = paths
        .iter()
        .take(SHOWN)
        .map(|path| shown(patient, path.as_ref()))
        .collect();
    match paths.len().saturating_sub(SHOWN) {
        0 => text::ticked(&names, "and"),
        more => format!("{} and {more} more", text::ticked(&names, ",")),
    }
}
