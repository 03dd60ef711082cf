//! Cases that move to another section, or get another file name.

use std::collections::{BTreeMap, BTreeSet};

use super::place::Shelf;
use super::{CaseChange, CaseError, refuse_conflict};
use crate::base::path as paths;
use crate::base::text::count;
use crate::git::ChangeSet;
use crate::model::Case;
use crate::store::{Doc, Project, relinked};

/// Where cases go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moving<'a> {
    /// Folders below `cases`; none where they stay in theirs.
    pub section: Option<&'a str>,
    /// The file's name, of one case alone.
    pub name: Option<&'a str>,
}

/// Moves the files of cases. Links in them, and links of other files to them, lead where they led.
///
/// # Errors
/// The section or the name can't be, or a file is there already.
pub fn move_cases(
    project: &Project,
    docs: &[&Doc<Case>],
    moving: &Moving<'_>,
) -> Result<CaseChange, CaseError> {
    let mut shelf = Shelf::new(project);
    let mut moved: BTreeMap<&str, String> = BTreeMap::new();
    let mut out = CaseChange::default();
    for doc in docs {
        let folder = match moving.section {
            Some(section) => shelf.folder(section)?,
            None => paths::parent(&doc.path).to_owned(),
        };
        let own = paths::file_name(&doc.path);
        let own = own.strip_suffix(".md").unwrap_or(own);
        let name = moving.name.unwrap_or(own);
        if format!("{folder}/{}.md", name.strip_suffix(".md").unwrap_or(name)) == doc.path {
            continue;
        }
        refuse_conflict(doc)?;
        let to = shelf.take(&folder, Some(name), "", "")?;
        out.said
            .push(format!("moved {}: {}", doc.value.id, shown(project, &to)));
        out.cases.push(doc.value.id.clone());
        moved.insert(&doc.path, to);
    }
    out.changes = ChangeSet::new(match out.cases.as_slice() {
        [only] => format!("Move {only}"),
        all => format!("Move {}", count(all.len() as u64, "case")),
    });
    if moved.is_empty() {
        return Ok(out);
    }
    let entries = project.entries.iter();
    let links = Links {
        project,
        there: entries.map(|entry| entry.path.as_str()).collect(),
        moved: &moved,
    };
    for doc in docs {
        if let Some(to) = moved.get(doc.path.as_str()) {
            let text = links
                .follow(doc, to)
                .unwrap_or_else(|| doc.text.to_string());
            out.changes.write(to, text);
            out.changes.remove(&doc.path);
        }
    }
    let all = |docs: &mut dyn Iterator<Item = (String, Option<String>)>| {
        docs.filter_map(|(path, text)| Some((path, text?)))
            .collect::<Vec<_>>()
    };
    let stay = |path: &str| !moved.contains_key(path);
    let cases = project.cases.iter().filter(|doc| stay(&doc.path));
    let mut others = all(&mut cases.map(|doc| links.stays(doc)));
    others.extend(all(&mut project.steps.iter().map(|doc| links.stays(doc))));
    others.extend(all(&mut project.defects.iter().map(|doc| links.stays(doc))));
    others.extend(all(&mut project.readme.iter().map(|doc| links.stays(doc))));
    for (path, text) in others {
        out.said
            .push(format!("links in {} follow", shown(project, &path)));
        out.changes.write(path, text);
    }
    Ok(out)
}

fn shown(project: &Project, path: &str) -> String {
    let below = path.strip_prefix(&project.path);
    let below = below.and_then(|below| below.strip_prefix('/'));
    below.unwrap_or(path).to_owned()
}

struct Links<'a> {
    project: &'a Project,
    /// The paths of all files.
    there: BTreeSet<&'a str>,
    moved: &'a BTreeMap<&'a str, String>,
}

impl Links<'_> {
    fn stays<T>(&self, doc: &Doc<T>) -> (String, Option<String>) {
        (doc.path.clone(), self.follow(doc, &doc.path))
    }

    /// Returns a file's text as it is to be read from a place; none where nothing changes.
    fn follow<T>(&self, doc: &Doc<T>, to: &str) -> Option<String> {
        // The value of a page is its text as a whole.
        let start = match doc.body().is_empty() && doc.body_offset() == doc.text.len() {
            true if doc.path.ends_with("README.md") => 0,
            _ => doc.body_offset(),
        };
        let (head, body) = doc.text.split_at(start);
        let exists =
            |path: &str| self.there.contains(path) || !path.starts_with(&self.project.path);
        let moved = |path: &str| self.moved.get(path).cloned();
        let new = relinked(body, &doc.path, to, exists, moved);
        (new != body).then(|| format!("{head}{new}"))
    }
}
