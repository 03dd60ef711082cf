//! A change set held against a tip: what really changes, as blobs, and the tree that results.

use std::collections::{BTreeMap, BTreeSet};

use gix::objs::tree::EntryKind as GitKind;
use rayon::prelude::*;

use super::tree::EntryKind;
use super::{ChangeSet, CommitError, Content, GitError, ObjectId, Repo, TreeView};
use crate::base::{faults, path};

/// One path that changes.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    pub(super) path: &'a str,
    /// What the tip holds there.
    pub(super) old: Option<ObjectId>,
    pub(super) new: Option<New<'a>>,
    /// Kept from the tip; new files are never executable.
    pub(super) executable: bool,
}

/// New content, already written as a blob.
#[derive(Debug)]
pub(super) struct New<'a> {
    pub(super) id: ObjectId,
    pub(super) content: &'a Content,
}

impl New<'_> {
    /// Reads the bytes again; a spooled file may not have changed since its blob was written.
    pub(super) fn bytes(&self) -> Result<std::borrow::Cow<'_, [u8]>, CommitError> {
        match self.content {
            Content::Bytes(bytes) => Ok(bytes.into()),
            Content::Spooled(file) => {
                let bytes = file.read()?;
                match ObjectId::of_blob(&bytes) == self.id {
                    true => Ok(bytes.into()),
                    false => Err(CommitError::Spool {
                        path: file.path.clone(),
                    }),
                }
            }
        }
    }
}

/// Holds a change set against a tip's tree, and writes its blobs. Edits that change nothing are
/// left out; the last edit of a path counts.
pub(super) fn plan<'a>(
    repo: &Repo,
    tip: Option<&TreeView>,
    changes: &'a ChangeSet,
) -> Result<Vec<Planned<'a>>, CommitError> {
    let mut edits: BTreeMap<&str, Option<&Content>> = BTreeMap::new();
    for edit in &changes.edits {
        check_path(&edit.path)?;
        edits.insert(&edit.path, edit.content.as_ref());
    }
    let mut planned = Vec::with_capacity(edits.len());
    for (path, content) in &edits {
        let old = check_place(tip, &edits, path, content.is_some())?;
        if old.is_some() || content.is_some() {
            planned.push((*path, old, *content));
        }
    }
    let planned: Result<Vec<_>, CommitError> = planned
        .into_par_iter()
        .map(|(path, old, content)| {
            let new = content.map(|content| write_blob(repo, content));
            Ok(Planned {
                path,
                old: old.map(|(_, id)| id),
                new: new.transpose()?,
                executable: old.is_some_and(|(kind, _)| kind == EntryKind::Executable),
            })
        })
        .collect();
    let mut planned = planned?;
    planned.retain(|p| p.old != p.new.as_ref().map(|new| new.id));
    Ok(planned)
}

fn check_path(path: &str) -> Result<(), CommitError> {
    let rules = gix::validate::path::component::Options {
        protect_windows: false,
        protect_hfs: true,
        protect_ntfs: true,
    };
    let sound = |part: &str| gix::validate::path::component(part.into(), None, rules).is_ok();
    let plain = !path.contains(['\\', '\0']) && path.split('/').all(sound);
    plain.then_some(()).ok_or_else(|| CommitError::Path {
        path: path.to_owned(),
    })
}

/// Returns the tip's file at a path, and refuses paths that run through a file or end at what is
/// none.
fn check_place(
    tip: Option<&TreeView>,
    edits: &BTreeMap<&str, Option<&Content>>,
    path: &str,
    writes: bool,
) -> Result<Option<(EntryKind, ObjectId)>, CommitError> {
    let obstructed = |by: &str, what| CommitError::Obstructed {
        path: path.to_owned(),
        by: by.to_owned(),
        what,
    };
    let mut above = path::parent(path);
    while writes && !above.is_empty() {
        if let Some(Some(_)) = edits.get(above) {
            return Err(obstructed(above, "a file"));
        }
        let entry = tip.map(|tip| tip.entry(above)).transpose()?.flatten();
        match entry {
            Some(entry) if entry.kind == EntryKind::Folder => break,
            Some(entry) => return Err(obstructed(above, entry.kind.as_str())),
            None => above = path::parent(above),
        }
    }
    let entry = tip.map(|tip| tip.entry(path)).transpose()?.flatten();
    match entry {
        None => Ok(None),
        Some(e) if matches!(e.kind, EntryKind::File | EntryKind::Executable) => {
            Ok(Some((e.kind, e.id)))
        }
        Some(e) => Err(obstructed(path, e.kind.as_str())),
    }
}

fn write_blob<'a>(repo: &Repo, content: &'a Content) -> Result<New<'a>, CommitError> {
    let write = |bytes: &[u8]| {
        object_step(repo)?;
        let handle = repo.handle();
        let id = handle.repo.write_blob(bytes).map(|id| id.detach());
        id.map(ObjectId).map_err(|source| write_error(repo, source))
    };
    let id = match content {
        Content::Bytes(bytes) => write(bytes)?,
        Content::Spooled(file) => write(&file.read()?)?,
    };
    Ok(New { id, content })
}

/// Passes the step before an object is written.
pub(super) fn object_step(repo: &Repo) -> Result<(), GitError> {
    let path = repo.common_dir().join("objects");
    match faults::step("write object", &path) {
        Ok(()) => Ok(()),
        Err(e) => Err(GitError::WriteObject {
            path,
            source: e.into(),
        }),
    }
}

pub(super) fn write_error(repo: &Repo, source: gix::Error) -> GitError {
    GitError::WriteObject {
        path: repo.common_dir().join("objects"),
        source: source.into(),
    }
}

/// Writes the trees that result from a plan on a tip; returns the root. Siblings are taken over by
/// id, so that a partial clone needs none of them.
pub(super) fn write_tree(
    repo: &Repo,
    tip: Option<ObjectId>,
    plan: &[Planned<'_>],
) -> Result<ObjectId, GitError> {
    object_step(repo)?;
    let fail = |source| write_error(repo, source);
    let handle = repo.handle();
    let root = tip.map_or_else(|| handle.repo.empty_tree().id, |id| id.0);
    let mut editor = handle.repo.edit_tree(root).map_err(fail)?.detach();
    for planned in plan {
        let parts = planned.path.split('/').map(gix::bstr::BStr::new);
        let edited = match (&planned.new, planned.executable) {
            (None, _) => editor.remove(parts),
            (Some(new), true) => editor.upsert(parts, GitKind::BlobExecutable, new.id.0),
            (Some(new), false) => editor.upsert(parts, GitKind::Blob, new.id.0),
        };
        edited.map_err(fail)?;
    }
    let written = editor.write(|tree| handle.repo.write_object(tree).map(|id| id.detach()));
    written.map(ObjectId).map_err(fail)
}

/// The trees that lie on the way to a plan's paths, the root among them.
pub(super) fn new_trees(
    repo: &Repo,
    root: ObjectId,
    plan: &[Planned<'_>],
) -> Result<BTreeSet<ObjectId>, GitError> {
    let tree = repo.tree_of(root);
    let mut folders = BTreeSet::new();
    for planned in plan {
        let mut above = path::parent(planned.path);
        while !above.is_empty() && folders.insert(above) {
            above = path::parent(above);
        }
    }
    let ids = folders.into_iter().map(|folder| tree.subtree_id(folder));
    let ids: Vec<Option<ObjectId>> = ids.collect::<Result<_, _>>()?;
    Ok(ids.into_iter().flatten().chain([root]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for path in ["a", "a/b.md", "größe/x", ".gitattributes", "a b/c"] {
            assert!(check_path(path).is_ok(), "{path}");
        }
        let bad = [
            "",
            "/a",
            "a/",
            "a//b",
            ".",
            "a/../b",
            ".git/config",
            "a/.GIT/x",
            "git~1/x",
            "a\\b",
            "a\0b",
            ".g\u{200c}it/x",
        ];
        for path in bad {
            assert!(check_path(path).is_err(), "{path}");
        }
    }
}
