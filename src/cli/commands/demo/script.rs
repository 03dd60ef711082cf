//! The launches of the demo: `runs/runs.yaml` of the example workspace.

use serde::Deserialize;

use super::embedded;
use crate::base::Timestamp;
use crate::cli::error::CommandError;
use crate::git::Identity;
use crate::model::Environment;

#[derive(Debug, Deserialize)]
struct Script {
    launches: Vec<LaunchScript>,
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

impl LaunchScript {
    pub(super) fn identity(&self) -> Result<Identity, CommandError> {
        let (name, rest) = self.by.split_once(" <").unwrap_or((self.by.as_str(), ""));
        let email = rest.trim_end_matches('>');
        if email.is_empty() {
            return Err(CommandError::internal(format!(
                "`{}` has no address",
                self.by
            )));
        }
        Ok(Identity {
            name: name.to_owned(),
            email: email.to_owned(),
        })
    }
}

pub(super) fn read() -> Result<Vec<LaunchScript>, CommandError> {
    let bytes = embedded::file("runs/runs.yaml")?;
    let script: Script = serde_yaml::from_slice(bytes)
        .map_err(|error| CommandError::internal(format!("`runs/runs.yaml`: {error}")))?;
    Ok(script.launches)
}
