//! Test cases: made, changed, moved, copied, linked, and adopted from results.

mod adopt;
mod body;
mod clone;
mod link;
mod new;
mod place;
mod relocate;
mod rename;
mod set;

use std::collections::BTreeSet;

pub use self::adopt::{Adopting, adopt, update};
pub use self::body::steps_body;
pub use self::clone::{Cloning, clone_case};
pub use self::link::{Linking, inverse, is_relation, link_case};
pub use self::new::{NewCase, new_case};
pub use self::relocate::{Moving, move_cases};
pub use self::rename::{Rename, accept_renames};
pub use self::set::{Setting, SettingError, set_cases};

use crate::base::text::{closest, sanitize_line, ticked};
use crate::git::ChangeSet;
use crate::model::{Case, Execution};
use crate::store::edit::{self, Change};
use crate::store::{Doc, Project, parse_case};

/// The order of keys in a case's file.
pub const CASE_KEYS: &[&str] = &[
    "id",
    "title",
    "execution",
    "status",
    "layer",
    "severity",
    "owner",
    "tags",
    "fields",
    "links",
    "automation",
    "relations",
    "parameters",
    "combine",
    "aliases",
];

/// The longest title, in characters.
pub(super) const TITLE: usize = 500;

/// What became of cases.
#[derive(Clone, Debug, Default)]
pub struct CaseChange {
    /// The cases that change, by id, in order of their files.
    pub cases: Vec<String>,
    /// One line for each thing that was done, for people.
    pub said: Vec<String>,
    /// Empty where nothing changes. Paths are relative to the workspace.
    pub changes: ChangeSet,
}

/// A case could not be made or changed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CaseError {
    #[error("project `{project}` has no case `{wanted}`{}", suggestion.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    Unknown {
        project: String,
        wanted: String,
        suggestion: Option<String>,
    },
    #[error("`{wanted}` is {}: {}", crate::base::text::count(paths.len() as u64, "case"), ticked(paths, "and"))]
    Several { wanted: String, paths: Vec<String> },
    #[error("a case needs a title")]
    NoTitle,
    #[error("a title is one line of at most {TITLE} characters without control characters: {why}")]
    Title { why: String },
    #[error("`{name}` is no name for a {what}: {why}")]
    Name {
        name: String,
        what: &'static str,
        why: String,
    },
    #[error("`{path}` is there already")]
    Taken { path: String },
    #[error("project `{0}` has no key, which ids begin with")]
    NoKey(String),
    #[error("`{path}` has a merge conflict that is not resolved")]
    Conflict { path: String },
    #[error("`{path}` is written in a way that can't be edited in place")]
    Uneditable { path: String },
    #[error("`{0}` is not related to itself")]
    Itself(String),
    #[error("`{kind}` relates cases, and project `{project}` has no case `{wanted}`")]
    NoOther {
        kind: String,
        project: String,
        wanted: String,
    },
    #[error(transparent)]
    Setting(#[from] SettingError),
}

/// Finds a case by its id, by an older id, or by either in another case of letters.
///
/// # Errors
/// There is none, or there are several.
pub fn find_case<'p>(project: &'p Project, wanted: &str) -> Result<&'p Doc<Case>, CaseError> {
    let ids = |doc: &'p Doc<Case>| std::iter::once(&doc.value.id).chain(&doc.value.aliases);
    let by = |fits: &dyn Fn(&Doc<Case>) -> bool| -> Vec<&'p Doc<Case>> {
        project.cases.iter().filter(|doc| fits(doc)).collect()
    };
    let found = [
        by(&|doc| doc.value.id == wanted),
        by(&|doc| doc.value.aliases.iter().any(|alias| alias == wanted)),
        by(&|doc| doc.value.id.eq_ignore_ascii_case(wanted)),
        by(&|doc| {
            let mut aliases = doc.value.aliases.iter();
            aliases.any(|alias| alias.eq_ignore_ascii_case(wanted))
        }),
    ];
    let found = found.into_iter().find(|docs| !docs.is_empty());
    match found.as_deref() {
        Some([one]) if !wanted.is_empty() => Ok(one),
        Some(several) if !wanted.is_empty() => Err(CaseError::Several {
            wanted: sanitize_line(wanted),
            paths: several.iter().map(|doc| doc.path.clone()).collect(),
        }),
        _ => {
            let known = project.cases.iter().flat_map(ids).map(String::as_str);
            Err(CaseError::Unknown {
                project: project.name().to_owned(),
                wanted: crate::base::text::line(wanted, 100),
                suggestion: closest(wanted, known).map(str::to_owned),
            })
        }
    }
}

/// Changes the front matter of a case; the rest stays byte for byte. `model` makes the same change
/// to what the file says: what is read back must be that.
fn edited(
    project: &Project,
    doc: &Doc<Case>,
    changes: &[(Vec<&str>, Change)],
    model: impl FnOnce(&mut Case),
) -> Result<String, CaseError> {
    let uneditable = || CaseError::Uneditable {
        path: doc.path.clone(),
    };
    refuse_conflict(doc)?;
    let mut wanted = doc.value.clone();
    model(&mut wanted);
    let edit = |yaml: &str| {
        let mut yaml = yaml.to_owned();
        for (path, wanted) in changes {
            yaml = edit::change(&yaml, path, wanted, CASE_KEYS)?;
        }
        Some(yaml)
    };
    let text = edit::in_front_matter(doc, edit).ok_or_else(uneditable)?;
    let (read, _) = parse_case(&doc.path, text.as_str().into());
    let mut read = read.ok_or_else(uneditable)?;
    settle(project, &read.clone(), &mut read.value);
    settle(project, &read, &mut wanted);
    match read.value == wanted {
        true => Ok(text),
        false => Err(uneditable()),
    }
}

/// Fills in what a file leaves to the project, as loading does.
fn settle(project: &Project, doc: &Doc<Case>, case: &mut Case) {
    if !doc.has(&["status".into()]) {
        project.initial_status().clone_into(&mut case.status);
    }
    if !doc.has(&["execution".into()]) {
        case.execution = match case.automation.selectors.is_empty() {
            true => Execution::Manual,
            false => Execution::Automated,
        };
    }
}

/// Refuses to touch a file that two sides of a merge still stand in.
fn refuse_conflict(doc: &Doc<Case>) -> Result<(), CaseError> {
    let has = |sign| {
        let mut lines = doc.text.lines();
        lines.any(|line| crate::store::marker(line, sign).is_some())
    };
    match has('<') && has('>') {
        true => Err(CaseError::Conflict {
            path: doc.path.clone(),
        }),
        false => Ok(()),
    }
}

/// Returns a title as it is written.
///
/// # Errors
/// It is empty, too long, or not one line.
pub(super) fn title(text: &str) -> Result<String, CaseError> {
    let text = text.trim();
    let characters = text.chars().count();
    let why = if text.is_empty() {
        return Err(CaseError::NoTitle);
    } else if characters > TITLE {
        format!("this one has {characters}")
    } else if text.contains(['\n', '\r']) {
        "this one has several lines".to_owned()
    } else if text.contains(crate::base::text::is_unsafe_to_show) {
        "this one has some".to_owned()
    } else {
        return Ok(text.to_owned());
    };
    Err(CaseError::Title { why })
}

/// The ids that a project uses, older ones and those of its parts among them.
fn taken_ids(project: &Project) -> BTreeSet<String> {
    let cases = project.cases.iter().map(|doc| &doc.value);
    let ids = cases.flat_map(|case| std::iter::once(&case.id).chain(&case.aliases));
    ids.map(|id| id.to_ascii_uppercase()).collect()
}
