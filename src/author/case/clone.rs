//! A case made of another one.

use super::new::Maker;
use super::{CASE_KEYS, CaseChange, CaseError, refuse_conflict, title};
use crate::base::path as paths;
use crate::git::ChangeSet;
use crate::model::{Case, Execution};
use crate::store::edit::{self, Change};
use crate::store::{Doc, Project, parse_case, relinked};

/// How the new case differs from the one that it is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cloning<'a> {
    /// `Copy of …` where none is given.
    pub title: Option<&'a str>,
    /// That of the other case where none is given.
    pub section: Option<&'a str>,
    /// What the random id is drawn from.
    pub seed: u64,
}

/// Makes a case that says what another one does, under an id of its own. It begins in the first state
/// of the workflow, without the other's older ids and selectors, so that neither approvals nor results
/// of the other one are its own. All else keeps its bytes.
///
/// # Errors
/// The title or the section can't be, or the file can't be edited in place.
pub fn clone_case(
    project: &Project,
    doc: &Doc<Case>,
    cloning: &Cloning<'_>,
) -> Result<CaseChange, CaseError> {
    refuse_conflict(doc)?;
    let title = match cloning.title {
        Some(given) => title(given)?,
        None => title(&format!("Copy of {}", doc.value.title))?,
    };
    let mut maker = Maker::new(project, cloning.seed);
    let id = maker.id()?;
    let shelf = maker.shelf();
    let folder = match cloning.section {
        Some(section) => shelf.folder(section)?,
        None => paths::parent(&doc.path).to_owned(),
    };
    let path = shelf.take(&folder, None, &title, &id)?;
    let settings = project.settings.as_ref();
    let first = settings.and_then(|doc| doc.value.workflow.first());
    let first = first.map_or("draft", String::as_str);
    let set = |text: &str| Change::Set(text.to_owned());
    let mut edits = vec![
        ("id", set(&id)),
        ("title", set(&title)),
        ("aliases", Change::Remove),
        ("status", set(first)),
        ("automation", Change::Remove),
    ];
    if doc.value.execution == Execution::Automated {
        edits.push(("execution", set(Execution::Automated.as_str())));
    }
    let edit = |yaml: &str| {
        let mut yaml = yaml.to_owned();
        for (key, change) in &edits {
            yaml = edit::change(&yaml, &[key], change, CASE_KEYS)?;
        }
        Some(yaml)
    };
    let uneditable = || CaseError::Uneditable {
        path: doc.path.clone(),
    };
    let text = edit::in_front_matter(doc, edit).ok_or_else(uneditable)?;
    let (read, _) = parse_case(&path, text.as_str().into());
    let read = read.ok_or_else(uneditable)?;
    let (head, body) = text.split_at(read.body_offset());
    let body = relinked(body, &doc.path, &path, |_| true, |_| None);
    let text = format!("{head}{body}");
    let mut wanted = doc.value.clone();
    wanted.id.clone_from(&id);
    wanted.title.clone_from(&title);
    first.clone_into(&mut wanted.status);
    wanted.aliases.clear();
    wanted.automation.selectors.clear();
    wanted.scenario = read.value.scenario.clone();
    if read.value != wanted {
        return Err(uneditable());
    }
    let mut changes = ChangeSet::new(format!("Add case {id}: {title}"));
    changes.write(path, text);
    Ok(CaseChange {
        said: vec![format!("added {id}: {title}, of {}", doc.value.id)],
        cases: vec![id],
        changes,
    })
}
