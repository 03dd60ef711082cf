//! `fsck`: whether the store of attachments has what closed launches list.

use std::collections::{BTreeMap, BTreeSet};

use super::annotate::{AnnotateError, Listed};
use crate::base::{Digest, FileError};
use crate::store::attachments::{AttachmentStore, ContentFolder, Held};
use crate::store::launches;
use crate::store::{Files, StoreError, annotations};

/// What a store lacks, and what it has beyond.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stocktaking {
    /// How many attachments are listed and not removed with a record.
    pub listed: usize,
    /// Launch, path, and what is wrong with it; sorted.
    pub faults: Vec<(String, String, Held)>,
    /// Names that no launch lists, or whose last record says that they were removed.
    pub orphans: Vec<String>,
    /// Launches that can't be judged, and why, in one line each.
    pub skipped: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum FsckError {
    #[error("cannot read the store")]
    File(#[from] FileError),
    #[error("cannot read the closed launches")]
    Store(#[from] StoreError),
}

/// Holds a store against the closed launches of some projects. `files` are those of the branch that
/// holds launches, as git has them. What git-lfs has for others is none of ours: it has no orphans.
pub fn take_stock(
    files: &dyn Files,
    projects: &[String],
    store: &AttachmentStore,
) -> Result<Stocktaking, FsckError> {
    let mut out = Stocktaking::default();
    let Some(folder) = store.folder() else {
        return Ok(out);
    };
    let (wanted, skipped) = wanted(files, projects)?;
    out.skipped = skipped;
    out.listed = wanted.values().map(Vec::len).sum();
    for ((name, digest), launches) in &wanted {
        let held = folder.holds(name, *digest)?;
        if held == Held::Right {
            continue;
        }
        for (launch, path) in launches {
            // What git has itself needs no store.
            if files
                .read(path)?
                .is_some_and(|bytes| Digest::of(&bytes) == *digest)
            {
                continue;
            }
            out.faults.push((launch.clone(), path.clone(), held));
        }
    }
    out.faults.sort();
    if matches!(store, AttachmentStore::Directory(_)) && out.skipped.is_empty() {
        let known: BTreeSet<&str> = wanted.keys().map(|(name, _)| name.as_str()).collect();
        let names = folder.names()?.into_iter();
        out.orphans = names
            .filter(|name| !known.contains(name.as_str()))
            .collect();
    }
    Ok(out)
}

/// Launch and path of each place that lists an attachment, by its name and digest.
type Wanted = BTreeMap<(String, Digest), Vec<(String, String)>>;

fn wanted(files: &dyn Files, projects: &[String]) -> Result<(Wanted, Vec<String>), StoreError> {
    let mut out = Wanted::new();
    let mut skipped = Vec::new();
    for project in projects {
        let (heads, damages) = launches::heads(files, project)?;
        skipped.extend(
            damages
                .into_iter()
                .map(|d| format!("`{}` does not read: {}", d.path, d.message)),
        );
        let (said, _) = annotations::of_project(files, project)?;
        for head in heads {
            let listed = match Listed::read(files, &head) {
                Ok(listed) => listed,
                Err(AnnotateError::Store(error)) => return Err(error),
                Err(error) => {
                    skipped.push(error.to_string());
                    continue;
                }
            };
            let said = said.get(&head.file.id);
            for (path, digest) in listed.0 {
                let removed = said.is_some_and(|said| said.removal(&path).is_some());
                let name = path.strip_prefix("attachments/").filter(|_| !removed);
                if let Some(name) = name {
                    let place = format!("{}/{path}", head.path);
                    let places = out.entry((name.to_owned(), digest)).or_default();
                    places.push((head.file.id.clone(), place));
                }
            }
        }
    }
    Ok((out, skipped))
}

/// Removes from a folder those of some attachments that no launch needs any more; returns how many.
pub fn drop_unneeded(
    folder: &ContentFolder,
    files: &dyn Files,
    projects: &[String],
    names: &BTreeSet<String>,
) -> Result<usize, FsckError> {
    let (wanted, skipped) = wanted(files, projects)?;
    if !skipped.is_empty() {
        return Ok(0);
    }
    let needed: BTreeSet<&str> = wanted.keys().map(|(name, _)| name.as_str()).collect();
    let mut dropped = 0;
    for name in names.iter().filter(|name| !needed.contains(name.as_str())) {
        if folder.size(name).is_some() {
            folder.remove(name)?;
            dropped += 1;
        }
    }
    Ok(dropped)
}
