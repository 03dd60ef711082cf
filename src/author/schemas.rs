//! Schemas for editors, and the lines by which files name theirs.

use std::collections::{BTreeMap, BTreeSet};

use crate::git::{ChangeSet, Content};
use crate::store::schema::{self, Kind};
use crate::store::{Files, StoreError};

/// Returns the files of all schemas that editors ask for, relative to the workspace, but for those that
/// are there as they should be.
///
/// # Errors
/// A file that is there can't be read.
pub fn schemas(files: &dyn Files) -> Result<ChangeSet, StoreError> {
    let mut changes = ChangeSet::new("Renew the schemas for editors");
    for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_evidence()) {
        if schema::state(files, kind)? != schema::State::Current {
            changes.write(kind.schema_path(), schema::text(kind));
        }
    }
    Ok(changes)
}

/// Begins each new file with the line that names its schema, where the workspace has that.
///
/// # Errors
/// A file can't be read.
pub fn with_schema_lines(files: &dyn Files, changes: &ChangeSet) -> Result<ChangeSet, StoreError> {
    let mut changes = changes.clone();
    let mut kept: BTreeMap<Kind, bool> = BTreeMap::new();
    for edit in &mut changes.edits {
        let Some(kind) = Kind::of(&edit.path).filter(|kind| kind.is_yaml()) else {
            continue;
        };
        let has_schema = match kept.get(&kind) {
            Some(is_kept) => *is_kept,
            None => {
                let is_kept = files.read(&kind.schema_path())?.is_some();
                *kept.entry(kind).or_insert(is_kept)
            }
        };
        if has_schema && files.read(&edit.path)?.is_none() {
            add_line(&edit.path, &mut edit.content);
        }
    }
    Ok(changes)
}

/// Puts the schemas that aren't there into a change that makes a workspace, and begins its files with
/// the lines that name theirs.
pub(super) fn add_schemas(changes: &mut ChangeSet, existing: &BTreeSet<String>) {
    for edit in &mut changes.edits {
        add_line(&edit.path, &mut edit.content);
    }
    for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_evidence()) {
        let path = kind.schema_path();
        if !existing.contains(&path) {
            changes.write(path, schema::text(kind));
        }
    }
}

fn add_line(path: &str, content: &mut Option<Content>) {
    if let (Some(line), Some(Content::Bytes(bytes))) = (schema::line(path), content) {
        bytes.splice(0..0, line.into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryFiles, parse_member};

    fn bytes(content: Option<&Content>) -> &[u8] {
        match content {
            Some(Content::Bytes(bytes)) => bytes,
            other => panic!("bytes, not {other:?}"),
        }
    }

    #[test]
    fn only_new_files_of_workspaces_with_schemas_get_a_line() {
        let path = "projects/shop/members/ann.yaml";
        let mut changes = ChangeSet::new("Add Ann");
        changes.write(path, "name: Ann\nemails: [ann@example.com]\n");
        changes.write("projects/shop/cases/a.md", "---\n");
        changes.remove("projects/shop/members/bob.yaml");
        let lined = |files: &[(&str, &str)]| {
            let files: MemoryFiles = files.iter().copied().collect();
            let lined = with_schema_lines(&files, &changes).expect("memory reads");
            assert_eq!(bytes(lined.edits[1].content.as_ref()), b"---\n");
            String::from_utf8_lossy(bytes(lined.edits[0].content.as_ref())).into_owned()
        };
        assert!(lined(&[]).starts_with("name: Ann"));
        let schema = (".tallybook/schema/member.json", "{}");
        assert!(lined(&[schema, (path, "name: A\n")]).starts_with("name: Ann"));
        let text = lined(&[schema]);
        assert!(text.starts_with("# yaml-language-server: $schema=../../../.tallybook/"));
        let (doc, findings) = parse_member(path, text.as_str().into());
        assert_eq!(
            (findings.len(), doc.expect("reads").value.name.as_str()),
            (0, "Ann")
        );
    }

    #[test]
    fn what_is_as_it_should_be_is_left_alone() {
        let none = MemoryFiles::default();
        let all = schemas(&none).expect("memory reads");
        assert_eq!(all.edits.len(), 13);
        let mut files = MemoryFiles::default();
        for edit in &all.edits {
            files.insert(edit.path.as_str(), bytes(edit.content.as_ref()));
        }
        assert_eq!(schemas(&files).expect("memory reads").edits.len(), 0);
        assert_eq!(schema::outdated(&files).expect("memory reads"), []);
        files.insert(".tallybook/schema/plan.json", "{}\n");
        assert_eq!(
            schema::outdated(&files).expect("memory reads"),
            [Kind::Plan]
        );
        assert_eq!(schema::outdated(&none).expect("memory reads"), []);
    }
}
