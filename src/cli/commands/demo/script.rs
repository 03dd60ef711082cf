//! What happens in the demo, and when: `runs/runs.yaml` of the example workspace.

use serde::Deserialize;

use super::embedded;
use crate::base::Timestamp;
use crate::cli::error::CommandError;
use crate::git::Identity;
use crate::model::Environment;

/// Both in order of time.
#[derive(Debug, Deserialize)]
pub(super) struct Script {
    pub(super) documentation: Vec<ChangeScript>,
    pub(super) launches: Vec<LaunchScript>,
}

/// A commit of documentation after the first one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeScript {
    pub(super) at: Timestamp,
    /// `Name <email>`.
    pub(super) by: String,
    pub(super) subject: String,
    /// Files of the workspace, each in one commit at most.
    pub(super) files: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LaunchScript {
    /// The project's key.
    pub(super) project: String,
    pub(super) name: String,
    pub(super) opened: Timestamp,
    pub(super) closed: Timestamp,
    /// `Name <email>`.
    pub(super) by: String,
    #[serde(default)]
    pub(super) source: crate::model::Source,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    pub(super) jobs: Vec<JobScript>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobScript {
    pub(super) name: String,
    #[serde(default)]
    pub(super) environment: Environment,
    /// A folder or a file of the example workspace.
    pub(super) input: Option<String>,
    /// An archive of the example workspace, and the folder in it.
    pub(super) archive: Option<String>,
    pub(super) folder: Option<String>,
}

impl JobScript {
    /// Names a folder of an archive.
    pub(super) fn archive_key(&self) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        format!("{}!{}", part(&self.archive), part(&self.folder))
    }
}

/// Reads `Name <email>`.
pub(super) fn identity(by: &str) -> Result<Identity, CommandError> {
    let (name, rest) = by.split_once(" <").unwrap_or((by, ""));
    let email = rest.trim_end_matches('>');
    if email.is_empty() {
        return Err(CommandError::internal(format!("`{by}` has no address")));
    }
    Ok(Identity {
        name: name.to_owned(),
        email: email.to_owned(),
    })
}

pub(super) fn read() -> Result<Script, CommandError> {
    let bytes = embedded::file("runs/runs.yaml")?;
    serde_yaml::from_slice(bytes)
        .map_err(|error| CommandError::internal(format!("`runs/runs.yaml`: {error}")))
}
