//! Tests that got another name, and the cases that go on with them.

use std::collections::BTreeMap;

use super::{CaseChange, CaseError, edited, find_case};
use crate::analysis::matching::one_line;
use crate::base::text::{count, line};
use crate::git::ChangeSet;
use crate::model::Case;
use crate::store::edit::Change;
use crate::store::{Doc, Project};

/// A test of a case that is called otherwise now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The case's id.
    pub case: String,
    /// Full names.
    pub old: String,
    pub new: String,
}

/// Adds the new names to the selectors of the cases; the old ones stay, so that history goes on.
///
/// # Errors
/// A case isn't there, or its file can't be edited in place.
pub fn accept_renames(project: &Project, renames: &[Rename]) -> Result<CaseChange, CaseError> {
    let mut out = CaseChange::default();
    let mut by_path: BTreeMap<&str, (&Doc<Case>, Vec<&Rename>)> = BTreeMap::new();
    for rename in renames {
        let doc = find_case(project, &rename.case)?;
        let (_, own) = by_path.entry(&doc.path).or_insert((doc, Vec::new()));
        own.push(rename);
    }
    for (doc, own) in by_path.into_values() {
        let case = &doc.value;
        let mut new: Vec<String> = Vec::new();
        for rename in own {
            let name = one_line(&rename.new).into_owned();
            if !case.automation.selectors.contains(&name) && !new.contains(&name) {
                new.push(name);
                out.said.push(format!(
                    "{}: {} is {} now",
                    case.id,
                    line(&rename.old, 120),
                    line(&rename.new, 120)
                ));
            }
        }
        if new.is_empty() {
            continue;
        }
        let edits: Vec<(Vec<&str>, Change)> = new
            .iter()
            .map(|name| (vec!["automation", "selectors"], Change::Add(name.clone())))
            .collect();
        let text = edited(project, doc, &edits, |case| {
            case.automation.selectors.extend(new.iter().cloned());
        })?;
        out.changes.write(&doc.path, text);
        out.cases.push(case.id.clone());
    }
    out.changes = ChangeSet {
        message: match out.cases.as_slice() {
            [only] => format!("Follow a test of {only} that was renamed"),
            all => format!(
                "Follow tests of {} that were renamed",
                count(all.len() as u64, "case")
            ),
        },
        ..out.changes
    };
    Ok(out)
}
