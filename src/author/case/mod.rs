//! Test cases: made, changed, moved, copied, linked, and adopted from results.

mod adopt;
mod body;
mod clone;
mod field;
mod import;
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
pub use self::import::{
    ForeignCase, ForeignPlace, ForeignStep, ForeignSteps, ImportedCases, Importing, Loss, Losses,
    OwnCase, ValueMap, import_cases,
};
pub use self::link::{Linking, inverse, is_relation, link_case, relation_kinds};
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

/// Finds a case by its id, by an older id, by either in another case of letters, or by its file, relative to the
/// workspace.
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
        by(&|doc| doc.path == wanted),
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
    } else if crate::base::text::has_unsafe_to_show(text) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::written::Document;
    use crate::store::{MemoryFiles, Snapshot, load};

    const PATH: &str = "projects/p/cases/a.md";

    fn workspace(text: &str) -> crate::store::Workspace {
        let files: MemoryFiles = [
            ("tallybook.yaml", "format: 1\ntitle: T\n"),
            ("projects/p/project.yaml", "key: P\nname: P\n"),
            (PATH, text),
        ]
        .into_iter()
        .collect();
        load(&Snapshot::memory(files))
            .expect("memory reads")
            .workspace
    }

    fn text() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "(owner|layer|status|x): ?( |)('a'|b|\"c d\"|)( # e|)",
            "tags:( \\[ ?a, 'b' ?,c\\]| a|\n- a # f\n# g\n- b)",
            "fields: ?(\\{ ?a: \\[b\\] ?\\}|\n  a: b\n  # h\n  c:\n    - d)",
            "automation:\n  selectors:( \\[a#b\\]|\n  - \"a#b\")",
            "links:\n  - \\{type: issue, name: W\\}",
            "(# i|)",
        ];
        let body = "(\n## Steps\n\n1\\. a  \n2\\. b\n|\nwords|)";
        (
            proptest::collection::vec(line, 0..7),
            body,
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(lines, body, crlf, bom)| {
                let lines = lines.join("\n");
                let text = format!("---\n# top\nid: P-A1  # id\ntitle:  'T'\n{lines}\n---\n{body}");
                let text = match crlf {
                    true => text.replace('\n', "\r\n"),
                    false => text,
                };
                match bom {
                    true => format!("\u{feff}{text}"),
                    false => text,
                }
            })
    }

    /// The keys of a front matter and what is written for each, comments before it among it.
    fn parts(text: &str) -> Vec<(String, String)> {
        let halves = crate::store::halves(text).expect("a front matter");
        let yaml = &text[halves.yaml];
        let document = Document::parse(yaml).expect("it was edited, so it can be cut");
        let items = document.map.items.iter();
        let own = items.map(|item| (item.key.clone().unwrap_or_default(), item.to_text()));
        let head = [("".to_owned(), document.header.to_owned())];
        head.into_iter().chain(own).collect()
    }

    proptest! {
        #[test]
        fn nothing_else_of_a_file_changes(
            text in text(),
            typed in "(owner|layer)=(x|a: b|)|status=(draft|active|)|(tags|selectors|fields\\.a|fields\\.z)(=|\\+=|-=)(a|b|c, d)|tags=|title=N|severity=minor",
        ) {
            let workspace = workspace(&text);
            let project = &workspace.projects[0];
            let Some(doc) = project.cases.first() else {
                return Ok(());
            };
            let setting = Setting::parse(project, &typed).expect("it can be set");
            let Ok(change) = set_cases(project, &[doc], std::slice::from_ref(&setting)) else {
                return Ok(());
            };
            let Some(edit) = change.changes.edits.first() else {
                return Ok(());
            };
            let Some(crate::git::Content::Bytes(bytes)) = &edit.content else {
                panic!("bytes");
            };
            let new = String::from_utf8(bytes.clone()).expect("a text");
            let key = match typed.split(['=', '+', '-', '.']).next() {
                Some("selectors") => "automation",
                key => key.unwrap_or_default(),
            };
            let others = |text: &str| {
                let mut parts = parts(text);
                parts.retain(|(own, _)| own != key);
                // Comments above a key that goes stand above the next one then.
                let lines = parts.into_iter().flat_map(|(_, text)| {
                    text.lines().map(str::to_owned).collect::<Vec<_>>()
                });
                lines.filter(|line| !line.trim().is_empty()).collect::<Vec<_>>()
            };
            let (before, after) = (others(&text), others(&new));
            prop_assert!(before.iter().all(|line| after.contains(line)), "{typed}\n{text}\n{new}");
            prop_assert!(after.iter().all(|line| text.contains(line)), "{typed}\n{text}\n{new}");
            let body = |text: &str| text[crate::store::halves(text).expect("parts").body..].to_owned();
            prop_assert_eq!(body(&text), body(&new));
            prop_assert_eq!(text.starts_with('\u{feff}'), new.starts_with('\u{feff}'));
            prop_assert_eq!(text.contains('\r'), new.contains('\r'));
            let ends = if text.contains('\r') { "\r\n" } else { "\n" };
            prop_assert_eq!(new.matches('\n').count(), new.matches(ends).count());
            // Twice is once.
            let workspace = self::workspace(&new);
            let project = &workspace.projects[0];
            let again = set_cases(project, &[&project.cases[0]], &[setting]).expect("it was possible");
            prop_assert!(again.changes.edits.is_empty(), "{typed}\n{text}\n{new}");
        }
    }
}
