//! One part of an open launch, complete or not yet.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{StateError, number};
use crate::base::files;
use crate::model::{Environment, Intake, Job, JobSummary};
use crate::store::ShardHeader;

/// What the intake of a part that plans has as its format.
pub(crate) const PLAN: &str = "plan";

/// One complete part of an open launch.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The shard's name.
    pub shard: String,
    pub folder: PathBuf,
    pub header: ShardHeader,
    /// Names of the part's files of results, in order.
    pub results: Vec<String>,
    /// Names of the part's files of details, in order.
    pub details: Vec<String>,
    /// When it was appended, among the launch's parts on this machine; what came last is greatest.
    pub order: usize,
}

/// Who began an append; kept beside what it wrote until it is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unfinished {
    pub job: Job,
    pub environment: Environment,
    /// The inputs as they were named.
    pub inputs: Vec<String>,
    /// How many appends were noted when this one began.
    pub after: usize,
}

impl Unfinished {
    /// Stands for an append that was stopped before it could say whose it is: its folder's name
    /// takes the job's place, so that it can be named.
    pub(super) fn unknown(folder: &std::fs::DirEntry) -> Self {
        Self {
            job: Job {
                name: folder.file_name().to_string_lossy().into_owned(),
                ..Job::default()
            },
            ..Self::default()
        }
    }
}

impl Part {
    /// Whether its intake has a loss that nothing explains.
    pub fn has_loss(&self) -> bool {
        self.header.intake.iter().any(Intake::has_loss)
    }

    /// How many rows its intake counts: results and retries.
    pub fn rows(&self) -> u64 {
        self.header.intake.iter().map(Intake::rows).sum()
    }

    /// Returns what a closed launch would say of it.
    pub fn summary(&self) -> JobSummary {
        JobSummary {
            name: self.header.job.name.clone(),
            shard: self.shard.clone(),
            url: self.header.job.url.clone(),
            attempt: self.header.job.attempt,
            rows: self.rows(),
            accepted_loss: None,
        }
    }

    /// Whether it has results.
    pub fn has_rows(&self) -> bool {
        self.rows() > 0 && !self.is_plan()
    }

    /// Whether it says what is to be executed, and by whom: it has no results.
    pub fn is_plan(&self) -> bool {
        let mut lines = self.header.intake.iter();
        lines.next().is_some_and(|line| line.format == PLAN)
    }

    /// The formats that it was read from.
    pub fn formats(&self) -> Vec<&str> {
        let lines = self.header.intake.iter();
        let formats = lines.flat_map(|line| line.format.split(", "));
        formats.filter(|format| !format.is_empty()).collect()
    }

    /// Whether it is of a job in an environment, attempts apart. It may know more variables: those
    /// that the producer named.
    pub fn is_of(&self, job: &Job, environment: &Environment) -> bool {
        let known = &self.header.environment;
        self.header.job.name == job.name && environment.iter().all(|(k, v)| known.get(k) == Some(v))
    }

    /// Whether it holds what an append was to bring that did not finish: complete, appended later, of
    /// the same job and attempt or a later one, and of the same inputs.
    pub fn stands_for(&self, unfinished: &Unfinished) -> bool {
        let attempt = |job: &Job| job.attempt.unwrap_or(1);
        let has = |input: &String| self.header.intake.iter().any(|line| line.input == *input);
        !self.has_loss()
            && self.is_of(&unfinished.job, &unfinished.environment)
            && attempt(&self.header.job) >= attempt(&unfinished.job)
            && self.order > unfinished.after
            && unfinished.inputs.iter().all(has)
    }

    /// Whether it makes up for another part's loss: complete, of the same job, and appended later
    /// or of a later attempt.
    pub fn settles(&self, lost: &Self) -> bool {
        let attempt = |part: &Self| part.header.job.attempt.unwrap_or(1);
        !self.has_loss()
            && self.is_of(&lost.header.job, &lost.header.environment)
            && (attempt(self) > attempt(lost) || self.order > lost.order)
    }
}

/// Reads the header of a complete part.
pub(crate) fn read_part(folder: &Path) -> Result<Part, StateError> {
    let names = |prefix: &str| -> Result<Vec<String>, StateError> {
        let mut names: Vec<(u32, String)> = files::list_dir(folder)?
            .into_iter()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| Some((number(&name, prefix)?, name)))
            .collect();
        names.sort();
        Ok(names.into_iter().map(|(_, name)| name).collect())
    };
    let results = names("results")?;
    let path = folder.join(results.first().map_or("results.yaml", String::as_str));
    let header = read_header(&path)?;
    let shard = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok(Part {
        shard,
        folder: folder.to_path_buf(),
        header,
        results,
        details: names("details")?,
        order: 0,
    })
}

/// Returns the name of a part's n-th file.
pub(crate) fn numbered(stem: &str, number: u32) -> String {
    match number {
        1 => format!("{stem}.yaml"),
        n => format!("{stem}-{n}.yaml"),
    }
}

fn read_header(path: &Path) -> Result<ShardHeader, StateError> {
    let fail = |source| StateError::Part {
        path: path.to_path_buf(),
        source,
    };
    let bytes = files::read(path)?;
    ShardHeader::read(&bytes).map_err(fail)
}
