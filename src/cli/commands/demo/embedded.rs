//! The example workspace, inside the binary.

use std::collections::BTreeMap;
use std::io::Read as _;

use include_dir::{Dir, DirEntry, include_dir};

use super::script::JobScript;
use crate::base::path as paths;
use crate::cli::error::CommandError;
use crate::ingest::MemoryBundle;

static EXAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/example-repo");

/// Inputs of launches and words about the folder itself are no part of the workspace.
fn is_workspace(path: &str) -> bool {
    path != "README.md" && !path.starts_with("runs/")
}

/// The workspace's files, sorted by path.
pub(super) fn workspace() -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    collect(&EXAMPLE, &mut out);
    let mut out: Vec<_> = out
        .into_iter()
        .filter(|(path, _)| is_workspace(path))
        .map(|(path, bytes)| (path, bytes.to_vec()))
        .collect();
    out.sort();
    out
}

/// The workspace as it was before its documentation changed: `changed` are the files that are later
/// given what they have now.
pub(super) fn beginning(changed: &[&str]) -> Vec<(String, Vec<u8>)> {
    let all = workspace().into_iter();
    let then = all.filter_map(|(path, bytes)| {
        if !changed.contains(&path.as_str()) {
            return Some((path, bytes));
        }
        let then = EXAMPLE.get_file(format!("runs/earlier/{path}"))?;
        Some((path, then.contents().to_vec()))
    });
    then.collect()
}

fn collect<'a>(folder: &'a Dir<'a>, out: &mut Vec<(String, &'a [u8])>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => collect(folder, out),
            DirEntry::File(file) => {
                let path = paths::from_native(file.path()).expect("names were UTF-8 when built");
                out.push((path, file.contents()));
            }
        }
    }
}

pub(super) fn file(path: &str) -> Result<&'static [u8], CommandError> {
    let file = EXAMPLE.get_file(path);
    file.map(|file| file.contents())
        .ok_or_else(|| CommandError::internal(format!("there is no `{path}` in the example")))
}

/// A folder or a file of the example as a bundle.
pub(super) fn input(path: &str) -> Result<MemoryBundle, CommandError> {
    let Some(folder) = EXAMPLE.get_dir(path) else {
        let name = paths::file_name(path).to_owned();
        return Ok(MemoryBundle::new(path, [(name, file(path)?.to_vec())]));
    };
    let mut files = Vec::new();
    collect(folder, &mut files);
    let below = format!("{path}/");
    let files = files
        .into_iter()
        .filter_map(|(file, bytes)| Some((file.strip_prefix(&below)?.to_owned(), bytes.to_vec())));
    Ok(MemoryBundle::new(path, files))
}

/// Unpacks the folders of archives that jobs name, each archive once.
pub(super) fn archives<'a>(
    jobs: impl Iterator<Item = &'a JobScript>,
) -> Result<BTreeMap<String, MemoryBundle>, CommandError> {
    let mut wanted: BTreeMap<&str, Vec<&'a JobScript>> = BTreeMap::new();
    for job in jobs {
        if let Some(archive) = &job.archive {
            wanted.entry(archive).or_default().push(job);
        }
    }
    let mut out = BTreeMap::new();
    for (archive, jobs) in wanted {
        let mut folders = unpack(archive)?;
        for job in jobs {
            let folder = job.folder.as_deref().unwrap_or_default();
            let files = folders.remove(folder).ok_or_else(|| {
                CommandError::internal(format!("`{archive}` has no folder `{folder}`"))
            })?;
            out.insert(job.archive_key(), MemoryBundle::new(folder, files));
        }
    }
    Ok(out)
}

type Files = Vec<(String, Vec<u8>)>;

/// The files of an archive by their folder.
fn unpack(archive: &str) -> Result<BTreeMap<String, Files>, CommandError> {
    let wrong = |error: std::io::Error| CommandError::internal(format!("`{archive}`: {error}"));
    let packed = lzma_rust2::XzReader::new(file(archive)?, false);
    let mut tar = tar::Archive::new(packed);
    let mut out: BTreeMap<String, Files> = BTreeMap::new();
    for entry in tar.entries().map_err(wrong)? {
        let mut entry = entry.map_err(wrong)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path().map_err(wrong)?.into_owned();
        let path = paths::from_native(path.strip_prefix("./").unwrap_or(&path));
        let Some(path) = path else { continue };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(wrong)?;
        let folder = paths::parent(&path).to_owned();
        out.entry(folder)
            .or_default()
            .push((paths::file_name(&path).to_owned(), bytes));
    }
    Ok(out)
}
