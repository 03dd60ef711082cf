//! Settings of a workspace and of a project, and its members.

use serde_json::Value;

use super::{ApprovalRules, Category, Gate, Integration, OrderedMap};
use crate::base::time::Period;

/// `tallybook.yaml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkspaceFile {
    pub format: u32,
    /// Empty where none is given.
    pub title: String,
    /// Settings of the rendered site, as written.
    pub site: Value,
    /// Where closed launches live, as written: `{branch: tallybook}`.
    pub launches: Value,
    /// How attachments are stored, as written.
    pub attachments: Value,
    /// What is removed from results before they reach the disk, as written.
    pub redaction: Value,
}

impl WorkspaceFile {
    /// The newest format of a workspace that is read.
    pub const FORMAT: u32 = 1;

    /// Returns the language that the site is to speak, as written: `site: {language: de}`; none where that is no text.
    pub fn site_language(&self) -> Option<&str> {
        self.site.get("language")?.as_str()
    }

    /// Returns the branch that closed launches have to themselves, if they have one; the setting as
    /// written where it names none.
    pub fn launches_branch(&self) -> Result<Option<&str>, &Value> {
        match self.launches.get("branch").unwrap_or(&self.launches) {
            Value::Null => Ok(None),
            Value::String(name) if self.launches.is_object() && !name.is_empty() => Ok(Some(name)),
            other
                if other
                    .as_object()
                    .is_some_and(|keys| !keys.contains_key("branch")) =>
            {
                Ok(None)
            }
            other => Err(other),
        }
    }
}

/// `projects/<project>/project.yaml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectFile {
    /// As `SHOP`.
    pub key: String,
    pub name: String,
    /// `internal` (default), `public` or `private`; a word for readers, git decides who reads.
    pub visibility: String,
    /// Variables that tell one track from another.
    pub environment: OrderedMap<DeclaredVariable>,
    /// Custom fields that cases may have; none declared means any may.
    pub fields: Vec<String>,
    /// Values that custom fields may have; none given for a field means any may.
    pub vocabularies: OrderedMap<Vec<String>>,
    /// The states of a case; the default is draft, review, active, outdated.
    pub workflow: Vec<String>,
    /// Layers that cases may have; none declared means any may.
    pub layers: Vec<String>,
    pub keep: Keep,
    /// Which commits count only where a member signed them.
    pub signatures: RequiredSignatures,
    /// Prefixes of issues, as `WEB`, with the pattern of their address.
    pub issues: OrderedMap<String>,
    /// Rules that sort failures; the first that fits decides.
    pub categories: Vec<Category>,
    /// Rules over one launch that end in pass or fail.
    pub gate: Option<Gate>,
    /// When a case counts as approved.
    pub approvals: ApprovalRules,
    /// Issue trackers.
    pub integrations: Vec<Integration>,
    /// How long a manual result covers a requirement; none where it does until the case's text changes.
    pub manual_valid_for: Option<Period>,
    /// What results say for test cases.
    pub documentation: FromResults,
}

/// Which results may say something for test cases, and what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FromResults {
    /// A query of launches; none where all may.
    pub launches: Option<String>,
    /// By the field of a case.
    pub fields: OrderedMap<FieldSource>,
}

/// Where results say what a field of a case is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSource {
    /// Names of labels, the first that a result has; none where results don't say it.
    pub labels: Vec<String>,
    pub wins: Wins,
}

/// Whose word counts where a case's file and a result say different things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wins {
    /// A result fills what the file leaves out.
    #[default]
    File,
    Result,
}

impl Wins {
    pub const ALL: [Self; 2] = [Self::File, Self::Result];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Result => "result",
        }
    }
}

impl ProjectFile {
    pub const VISIBILITIES: [&str; 3] = ["internal", "public", "private"];
    pub const WORKFLOW: [&str; 4] = ["draft", "review", "active", "outdated"];
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredVariable {
    /// What results without the variable count as.
    pub default: Option<String>,
}

/// What an append keeps of passed automated results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Steps and output of passed automated results.
    pub steps_of_passed: bool,
    /// Attachments of passed automated results.
    pub attachments_of_passed: bool,
    /// The largest attachment kept, in bytes.
    pub attachment_size: u64,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            steps_of_passed: false,
            attachments_of_passed: true,
            attachment_size: 20 << 20,
        }
    }
}

/// Which commits that touch a project count only where a member's key signed them; without, a
/// commit is its author's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequiredSignatures {
    #[default]
    None,
    /// Commits that close a launch, or say something of a closed one.
    Closings,
    All,
}

impl RequiredSignatures {
    pub const ALL: [Self; 3] = [Self::None, Self::Closings, Self::All];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Closings => "closings",
            Self::All => "all",
        }
    }
}

/// A collaborator: `members/<name>.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The file's name.
    pub id: String,
    pub name: String,
    pub emails: Vec<String>,
    pub role: Role,
    /// Public keys: a line of OpenSSH, an armoured OpenPGP key, or a certificate in PEM.
    pub keys: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Owner,
    Writer,
    Runner,
    #[default]
    Reader,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Owner, Self::Writer, Self::Runner, Self::Reader];

    /// Whether this role may do what another may: each may do what those after it may.
    pub fn covers(self, other: Self) -> bool {
        self <= other
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Writer => "writer",
            Self::Runner => "runner",
            Self::Reader => "reader",
        }
    }
}
