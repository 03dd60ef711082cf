//! What a site is rendered from.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::texts::Texts;
use crate::analysis::approval::Standing;
use crate::base::Timestamp;
use crate::diag::Severity;
use crate::model::Address;
use crate::model::{
    Case, Catalogue, Defect, Details, Environment, Intake, Job, LaunchFile, Mute, Outcome,
    ProjectFile, SharedSteps, TestIdentity, TestResult,
};
use crate::review::Brief;
use crate::store::Project;
use crate::store::annotations::Annotations;

/// A workspace at a snapshot, as far as the site shows it.
#[derive(Debug)]
pub struct Input<'a> {
    pub title: String,
    pub stamp: Stamp,
    /// In the order in which the site lists them.
    pub projects: Vec<ProjectInput<'a>>,
    /// Templates and assets that replace the embedded ones, by name (`launch.html`,
    /// `assets/site.css`).
    pub overrides: BTreeMap<String, String>,
    /// The texts of the language that the site speaks; none where that is English as it is embedded.
    pub translation: Option<Translation>,
    pub options: Options,
}

/// A language, and what the workspace says in it.
#[derive(Clone, Debug, Default)]
pub struct Translation {
    /// As a page says it: `de`, `pt-BR`.
    pub language: String,
    pub catalogue: Catalogue,
}

impl Translation {
    /// Returns the texts of the language; English where that is none.
    pub(crate) fn texts(translation: Option<&Self>) -> Arc<Texts> {
        let texts = translation.and_then(|own| Texts::of(&own.language, &own.catalogue));
        texts.map_or_else(super::texts::english, Arc::new)
    }
}

/// The four facts that decide a site's bytes; the footer names them.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The commit of the documentation; `None` for a working tree.
    pub documentation: Option<String>,
    /// The commit of the launches, where they have a branch of their own.
    pub launches: Option<String>,
    /// There may be closed launches that could not be seen.
    pub unavailable: bool,
    pub now: Timestamp,
    /// Tallybook's version.
    pub version: String,
}

/// How much the site takes in.
#[derive(Clone, Debug)]
pub struct Options {
    /// Launches of a project that are shown with messages, steps and attachments; older ones are
    /// shown by their outcomes.
    pub full_launches: usize,
    /// The largest attachment that travels with the site, in bytes.
    pub attachment_bytes: u64,
    /// Where the site will be, for what is read away from it: feeds, the site's map, previews of links.
    pub site: Option<Address>,
    /// Which projects it has.
    pub projects: Projects,
    /// What changed in the documentation; none where that is not looked at.
    pub changes: Option<Changes>,
    /// The documentation of earlier commits; none where there are no commits.
    pub earlier: Option<Arc<dyn Earlier>>,
    /// Leaves earlier launches out, as though they were not there.
    pub since: Option<Since>,
    /// The name of the page over the site, where that is one of several.
    pub above: Option<String>,
}

/// Documentation as it stood at earlier commits: launches were closed by it.
pub trait Earlier: Send + Sync + std::fmt::Debug {
    /// Returns the text of a file at a commit; none where either is not here.
    fn read(&self, commit: &str, path: &str) -> Option<String>;
}

/// Which launches are too early for a site.
#[derive(Clone, Debug)]
pub struct Since {
    /// As the pages say it: `1 Nov 2026`, or a revision as typed.
    pub said: String,
    pub earlier: TooEarly,
}

#[derive(Clone, Debug)]
pub enum TooEarly {
    /// Closed before this time.
    Before(Timestamp),
    /// Of these receipts.
    In(HashSet<String>),
}

impl Since {
    /// Whether a launch is early enough to be left out.
    pub(crate) fn is_earlier(&self, file: &LaunchFile, receipt: &str) -> bool {
        match &self.earlier {
            TooEarly::Before(time) => file.closed.at < *time,
            TooEarly::In(receipts) => receipts.contains(receipt),
        }
    }
}

/// Which of a workspace's projects a site has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Projects {
    #[default]
    All,
    /// Those that say `visibility: public`.
    Public,
    /// Those whose folders are named.
    Folders(Vec<String>),
}

impl Projects {
    pub(crate) fn have(&self, folder: &str, file: &ProjectFile) -> bool {
        match self {
            Self::All => true,
            Self::Public => file.visibility == "public",
            Self::Folders(folders) => folders.iter().any(|one| one == folder),
        }
    }
}

/// The latest changes of the documentation, commit by commit.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The latest first.
    pub steps: Vec<Step>,
    /// Commits → how many of `steps` are later than they.
    pub later: HashMap<String, usize>,
    /// Whether there are earlier ones.
    pub is_cut: bool,
}

/// One commit that changed the documentation.
#[derive(Clone, Debug)]
pub struct Step {
    /// The full id.
    pub commit: String,
    pub at: Timestamp,
    /// The author's name.
    pub by: String,
    /// The first line of its message.
    pub subject: String,
    /// Against its first parent.
    pub brief: Brief,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            full_launches: 50,
            attachment_bytes: 4 << 20,
            site: None,
            projects: Projects::default(),
            changes: None,
            earlier: None,
            since: None,
            above: None,
        }
    }
}

#[derive(Debug)]
pub struct ProjectInput<'a> {
    /// The project's folder below `projects/`.
    pub folder: String,
    /// The project's name for people.
    pub name: String,
    pub file: &'a ProjectFile,
    /// `README.md`, or an empty text.
    pub readme: &'a str,
    pub cases: Vec<CaseInput<'a>>,
    /// By path relative to the project's folder, as `steps/sign-in.md`.
    pub shared_steps: BTreeMap<String, &'a SharedSteps>,
    pub defects: Vec<&'a Defect>,
    pub mutes: Vec<&'a Mute>,
    /// Names by id.
    pub members: BTreeMap<&'a str, &'a str>,
    /// Closed launches, oldest first.
    pub launches: Vec<LaunchInput<'a>>,
    /// The text of an executed case by its digest, for what changed since.
    pub executed: BTreeMap<String, String>,
    /// Path and message of launches that don't read.
    pub unreadable: Vec<(String, String)>,
    /// All files of the project; none in tests of single pages.
    pub documents: Option<&'a Project>,
    /// What is wrong with them, as `validate` has it.
    pub findings: Vec<FindingInput>,
}

/// What is wrong with a file.
#[derive(Clone, Debug)]
pub struct FindingInput {
    pub code: &'static str,
    /// The rule's name.
    pub name: &'static str,
    pub severity: Severity,
    /// Relative to the workspace.
    pub path: String,
    /// From 1; none where it is about the file as such.
    pub line: Option<usize>,
    pub message: String,
    pub help: Option<String>,
    /// Whether nothing of the file could be read.
    pub unread: bool,
}

#[derive(Clone, Debug)]
pub struct CaseInput<'a> {
    /// Relative to the project's folder, as `cases/auth/sign-in.md`.
    pub path: String,
    pub case: &'a Case,
    /// The digest that a launch would keep of the text as it stands now.
    pub digest: Option<String>,
    /// The text that a launch would keep now.
    pub text: Option<String>,
    /// How it stands with its reviewers; none where the project has no approvals.
    pub approval: Option<Standing<'a>>,
}

/// A closed launch: what is read at once, and a way to the rest.
#[derive(Clone, Copy, Debug)]
pub struct LaunchInput<'a> {
    pub file: &'a LaunchFile,
    /// The launch's folder in the workspace.
    pub path: &'a str,
    pub receipt: &'a str,
    pub environments: &'a [Environment],
    pub outcomes: &'a [Outcome],
    pub tests: &'a BTreeMap<String, TestIdentity>,
    /// The digest of each executed case's text, by case id.
    pub cases: &'a BTreeMap<String, String>,
    pub notes: &'a str,
    /// What was said of it later.
    pub said: &'a Annotations,
    pub content: &'a dyn LaunchContent,
}

/// The bulky part of a closed launch, read when the launch is rendered.
pub trait LaunchContent: Sync + std::fmt::Debug {
    /// The shards: results and retries, with the account of what they were read from.
    fn shards(&self) -> Result<Vec<ShardInput>, ContentError>;
    /// Steps and output of results that have any; empty where they were pruned.
    fn details(&self) -> Result<Vec<Details>, ContentError>;
    /// The bytes of a file below `attachments/`, or `None` where it was pruned.
    fn attachment(&self, file: &str) -> Result<Option<Vec<u8>>, ContentError>;
}

/// A shard of a closed launch.
#[derive(Clone, Debug, Default)]
pub struct ShardInput {
    /// The file's name below `results/`.
    pub name: String,
    pub job: Job,
    /// A line for each input.
    pub intake: Vec<Intake>,
    pub results: Vec<TestResult>,
}

/// What a [`LaunchContent`] failed with.
pub type ContentError = Box<dyn std::error::Error + Send + Sync>;

/// What was rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub projects: u64,
    pub launches: u64,
    pub cases: u64,
    pub files: u64,
    pub bytes: u64,
}
