//! Sheets: planned results on paper or in a spreadsheet, filled in away from the machine and read back.
//!
//! A sheet names each planned result, the digest of the case's text, and when it was written: so reading it back
//! knows what changed since. The same entry read twice is one result.

mod markdown;
mod read;
mod table;

pub use markdown::write as write_markdown;
pub use read::{ReadBack, Taken, read_back};
pub use table::{HEADER, rows as table_rows};

use super::begin::Work;
use crate::analysis::executed::{executed_text, shared};
use crate::analysis::script::{Script, script};
use crate::base::{Digest, Timestamp};
use crate::model::{Environment, OpenLaunch, Parameter};
use crate::store::Project;

/// The format that is written and read.
const FORMAT: &str = "1";

/// What a sheet asks for.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The launch's id and name.
    pub launch: String,
    pub name: String,
    pub written: Timestamp,
    pub entries: Vec<Entry>,
}

/// One planned result.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: String,
    pub case: String,
    pub title: String,
    pub environment: String,
    pub parameters: String,
    pub assignee: Option<String>,
    /// 16 hex digits of the digest of the case's text.
    pub text: String,
    pub script: Script,
}

/// Makes a sheet of planned results. Those whose case is gone are left out.
pub fn sheet(
    project: &Project,
    launch: &OpenLaunch,
    chosen: &[&Work<'_>],
    written: Timestamp,
) -> Sheet {
    let shared = shared(project);
    let entry = |one: &&Work<'_>| {
        let planned = one.planned;
        let case = project.case(planned.case.as_deref()?)?;
        let set = values(&planned.planning.parameters);
        let text = Digest::of(executed_text(case, &shared).as_bytes()).short();
        Some(Entry {
            id: planned.id.clone(),
            case: planned.asked.clone(),
            title: planned.name.clone(),
            environment: environment(one.environment),
            parameters: listed(&set),
            assignee: planned.planning.assignee.clone(),
            text,
            script: script(case, &shared, &set),
        })
    };
    Sheet {
        launch: launch.id.clone(),
        name: launch.name.clone(),
        written,
        entries: chosen.iter().filter_map(entry).collect(),
    }
}

/// Names and values of parameters.
pub(super) fn values(parameters: &[Parameter]) -> Vec<(String, String)> {
    let value = |one: &Parameter| (one.name.clone(), one.value.clone().unwrap_or_default());
    parameters.iter().map(value).collect()
}

fn listed(set: &[(String, String)]) -> String {
    let all = set.iter().map(|(name, value)| format!("{name}={value}"));
    all.collect::<Vec<_>>().join(", ")
}

fn environment(environment: &Environment) -> String {
    let all = environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    all.collect::<Vec<_>>().join(", ")
}

/// What was written beside one planned result, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) id: Said,
    pub(super) text: String,
    pub(super) status: Option<Said>,
    pub(super) comment: Option<Said>,
    pub(super) tester: Option<Said>,
    pub(super) executed: Option<Said>,
    pub(super) minutes: Option<Said>,
    pub(super) files: Vec<Said>,
    pub(super) steps: Vec<FilledStep>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FilledStep {
    pub(super) number: Said,
    pub(super) status: Option<Said>,
    pub(super) comment: Option<Said>,
}

/// Words and where they stand, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) words: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Filled {
    /// Whether something was filled in.
    pub(super) fn is_filled(&self) -> bool {
        let step = |step: &FilledStep| step.status.is_some() || step.comment.is_some();
        self.status.is_some()
            || self.comment.is_some()
            || !self.files.is_empty()
            || self.steps.iter().any(step)
    }
}

/// A sheet as it came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FilledSheet {
    pub(super) launch: Option<Said>,
    pub(super) written: Option<Said>,
    pub(super) entries: Vec<Filled>,
}
