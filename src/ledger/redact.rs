//! `launch redact`: listed files of a closed launch, or what was said of it, are removed, with a record
//! that says so.

use std::collections::{BTreeMap, BTreeSet};

use super::annotate::{AnnotateError, Listed, Statement, head, message, named, whole};
use crate::base::path::join;
use crate::base::{Digest, text};
use crate::git::ChangeSet;
use crate::model::{AnnotationKind, RemovedFile};
use crate::store::launches::{self, LaunchHead};
use crate::store::{Files, StoreError, annotations};

/// What a redaction removes.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// The launch's folder, relative to the workspace.
    pub folder: String,
    pub files: Vec<RemovedFile>,
    /// The folder of what is said of the launch, relative to the workspace.
    pub annotations: String,
    /// Other closed launches of the workspace that list the same bytes: id and path.
    pub elsewhere: Vec<(String, String)>,
}

/// Files that prove a launch: without them nothing is left that could be verified.
const PROOF: [&str; 3] = ["launch.yaml", "SHA256SUMS", "PRUNABLE.sha256"];

/// Makes the change that removes files of a launch and records it. Paths are from the launch's
/// folder, from the workspace, or from the repository.
///
/// # Errors
/// A path is none that the launch lists, or is one of the lists themselves; nothing is changed then.
pub fn redact(
    files: &dyn Files,
    project: &str,
    launch: &str,
    paths: &[String],
    said: &Statement,
) -> Result<(ChangeSet, Redaction), AnnotateError> {
    let head = head(files, project, launch)?;
    let listed = Listed::read(files, &head)?;
    let (before, _) = annotations::of_launch(files, project, launch)?;
    let mut removed = BTreeMap::new();
    let folder = join(&annotations::folder(project), launch);
    let mut words = Vec::new();
    for path in paths {
        let path = below(path, &head, &said.workspace);
        if let Some(spoken) = spoken(files, &folder, &before, &path)? {
            removed.insert(spoken.name.clone(), spoken.digest);
            words.push(spoken);
            continue;
        }
        let gone = before
            .removal(&path)
            .map(|removal| (removal.kind, removal.at));
        let was_said = gone.is_some() && path.starts_with("annotations/");
        let digest = match was_said {
            true => None,
            false => Some(find(&listed, &head, &path)?),
        };
        let is_there = files.size(&join(&head.path, &path))?.is_some();
        let Some(digest) = digest.filter(|_| is_there) else {
            return Err(AnnotateError::Gone {
                id: head.file.id,
                removed: gone,
                path,
            });
        };
        removed.insert(path, digest);
    }
    let mut changes = ChangeSet::new(message(
        &format!(
            "Redact {} of launch {}",
            text::count(removed.len() as u64, "file"),
            named(&head)
        ),
        &[&said.reason],
        &[format!("Tallybook-Redacted: {}", whole(&head))],
    ));
    for path in removed.keys() {
        let spoken = words.iter().find(|spoken| spoken.name == *path);
        let path = match spoken {
            Some(spoken) => spoken.path.clone(),
            None => join(&head.path, path),
        };
        changes.remove(join(&said.workspace, &path));
    }
    let mut gone: Vec<RemovedFile> = removed
        .iter()
        .map(|(path, digest)| RemovedFile {
            path: path.clone(),
            sha256: digest.to_string(),
        })
        .collect();
    let redaction = Redaction {
        elsewhere: elsewhere(files, &head, &removed.into_values().collect())?,
        folder: head.path,
        files: gone.clone(),
        annotations: folder,
    };
    // A record of removal that goes leaves what it recorded to this one.
    for file in words.into_iter().flat_map(|spoken| spoken.records) {
        if !gone.contains(&file) {
            gone.push(file);
        }
    }
    let annotation = said.removal(AnnotationKind::Redacted, gone);
    said.add(&mut changes, project, launch, 0, annotation);
    Ok((changes, redaction))
}

/// An annotation that is to go.
struct Spoken {
    /// As records name it.
    name: String,
    /// From the workspace.
    path: String,
    digest: Digest,
    /// What it records the removal of.
    records: Vec<RemovedFile>,
}

/// Finds what was said of the launch, by `annotations/<name>`, or its path from the workspace or the
/// repository. One that does not read may go as well.
fn spoken(
    files: &dyn Files,
    folder: &str,
    before: &annotations::Annotations,
    path: &str,
) -> Result<Option<Spoken>, StoreError> {
    let from_folder = path.rsplit_once(&format!("{folder}/"));
    let name = from_folder.map(|(_, name)| name);
    let name = name.or_else(|| path.strip_prefix("annotations/"));
    let Some(name) = name.filter(|name| !name.contains('/') && name.ends_with(".yaml")) else {
        return Ok(None);
    };
    let path = join(folder, name);
    let Some(bytes) = files.read(&path)? else {
        return Ok(None);
    };
    let said = before.0.iter().find(|said| said.path == path);
    Ok(Some(Spoken {
        name: format!("annotations/{name}"),
        digest: Digest::of(&bytes),
        records: said.map_or(Vec::new(), |said| said.annotation.files.clone()),
        path,
    }))
}

/// Returns a path from the launch's folder, as far as it is one.
fn below(path: &str, head: &LaunchHead, workspace: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let from_workspace = format!("{}/", head.path);
    let from_root = format!("{}/", join(workspace, &head.path));
    let inside = path
        .strip_prefix(&from_root)
        .or_else(|| path.strip_prefix(&from_workspace));
    inside.unwrap_or(path).to_owned()
}

fn find(listed: &Listed, head: &LaunchHead, path: &str) -> Result<Digest, AnnotateError> {
    let id = || head.file.id.clone();
    if PROOF.contains(&path) {
        return Err(AnnotateError::Proof {
            id: id(),
            path: path.to_owned(),
        });
    }
    if let Some(digest) = listed.0.get(path) {
        return Ok(*digest);
    }
    let names = || listed.0.keys().map(String::as_str);
    // A name alone is what pages and rows show of an attachment.
    let by_name = names().find(|known| crate::base::path::file_name(known) == path);
    Err(AnnotateError::NotListed {
        id: id(),
        path: path.to_owned(),
        suggestion: by_name
            .or_else(|| text::closest(path, names()))
            .map(str::to_owned),
    })
}

/// Finds the same bytes in other closed launches of the workspace.
fn elsewhere(
    files: &dyn Files,
    head: &LaunchHead,
    digests: &BTreeSet<Digest>,
) -> Result<Vec<(String, String)>, AnnotateError> {
    let mut out = Vec::new();
    for project in files.list("projects")? {
        for other in launches::heads(files, &project.name)?.0 {
            if other.path == head.path {
                continue;
            }
            // A launch that was altered is for `verify` to name.
            let listed = Listed::read(files, &other).unwrap_or_default().0;
            for (path, _) in listed.into_iter().filter(|(_, d)| digests.contains(d)) {
                if files.size(&join(&other.path, &path))?.is_some() {
                    out.push((other.file.id.clone(), path));
                }
            }
        }
    }
    Ok(out)
}
