//! Parts that travelled as files: what `append --to` wrote, carried by CI as a build artefact.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::attachments;
use super::open::take_up;
use super::part::{OpenState, StateError, Unfinished, is_shard_name, read_part};
use super::whole::{self, Wholeness};
use crate::base::{Digest, FileError, files, text};
use crate::model::{OpenLaunch, is_launch_id};
use crate::store::{block, read_yaml};

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error("cannot take over parts")]
    File(#[from] FileError),
    #[error("`{folder}` holds nothing of launch `{id}`{}", others(.found))]
    Nothing {
        folder: String,
        id: String,
        /// Launches that it holds something of.
        found: Vec<String>,
    },
    #[error("`{path}` is not as `append --to` writes it: {problem}")]
    Malformed { path: String, problem: String },
    #[error(
        "part `{shard}` in `{folder}` is not as it was written: `{file}`: {problem}; nothing was taken"
    )]
    Altered {
        folder: String,
        shard: String,
        file: String,
        problem: String,
    },
    #[error(
        "part `{shard}` in `{folder}` is not the one of that name {there}: `{file}` differs; nothing was taken"
    )]
    Differs {
        folder: String,
        shard: String,
        /// The first file that is not the same.
        file: String,
        /// Where the other one is.
        there: String,
    },
}

/// What was taken over from a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many parts were not here before.
    pub parts: usize,
    /// What could not be seen.
    pub notice: Option<String>,
}

fn others(found: &[String]) -> String {
    match found {
        [] => String::new(),
        found => format!(", but of {}", text::ticked(found, "and")),
    }
}

/// Opens a launch in another folder as it is open here, so that parts can be appended there.
pub fn carry_open(state: &OpenState, to: &OpenState, id: &str) -> Result<(), StateError> {
    let bytes = files::read(&state.launch_dir(id).join("open.yaml"))?;
    to.set_open(id, &bytes)
}

/// How deep below a folder launches are looked for: CI puts artefacts into folders of their own.
const DEPTH: usize = 8;

/// Takes over all parts of a launch from a folder, at any depth. Of several openings the earliest
/// counts, and the launch waits for the jobs that any of them expects. No part is taken where one is not as it was written, or differs from one of the same name.
pub fn import(state: &OpenState, from: &Path, id: &str) -> Result<Imported, ImportError> {
    let launches = find(state, from)?;
    let wanted = launches.iter().filter(|launch| {
        let name = launch.file_name().unwrap_or_default();
        name == id
    });
    let wanted: Vec<_> = wanted.collect();
    if wanted.is_empty() {
        let names = launches.iter().filter_map(|launch| launch.file_name());
        let mut found: Vec<String> = names.map(|n| n.to_string_lossy().into_owned()).collect();
        found.sort();
        found.dedup();
        return Err(ImportError::Nothing {
            folder: from.display().to_string(),
            id: id.to_owned(),
            found,
        });
    }
    for launch in &wanted {
        take_open(state, launch, id)?;
    }
    let _lock = state.lock_shared(id)?;
    let taken = take_parts(state, id, &wanted)?;
    for launch in wanted {
        for entry in files::list_dir(&launch.join("unfinished"))? {
            take_unfinished(state, id, &entry.path())?;
        }
    }
    Ok(taken)
}

/// Copies all parts aside that are not here, and takes them together. One that is here must be the same.
fn take_parts(state: &OpenState, id: &str, launches: &[&PathBuf]) -> Result<Imported, ImportError> {
    let aside = files::create_temp_dir(&state.aside_dir(id), ".importing-")?;
    let mut parts: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut unsealed = Vec::new();
    for launch in launches {
        for entry in files::list_dir(&launch.join("parts"))? {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let name = entry.file_name();
            let Some(shard) = name.to_str().filter(|n| is_folder && is_shard_name(n)) else {
                return Err(malformed(&entry.path(), "it is no part"));
            };
            let from = entry.path();
            if state.has_part(id, shard) {
                let ours = state.parts_dir(id).join(shard);
                hold_against(&from, shard, &ours, "that is here")?;
            } else if let Some(taken) = parts.get(shard) {
                hold_against(&from, shard, taken, "that is elsewhere among them")?;
            } else {
                let part = aside.path().join(shard);
                if copy_part(&from, &part)? == Wholeness::ByCounts {
                    unsealed.push(shard.to_owned());
                }
                parts.insert(shard.to_owned(), part);
            }
        }
    }
    let parts: Vec<(String, PathBuf)> = parts.into_iter().collect();
    state.adopt_all(id, &parts)?;
    Ok(Imported {
        parts: parts.len(),
        notice: whole::notice(&unsealed),
    })
}

/// Refuses a part that has the name of another one and other bytes: one of both would be lost.
fn hold_against(from: &Path, shard: &str, other: &Path, there: &str) -> Result<(), ImportError> {
    match whole::difference(from, other)? {
        Some(file) => Err(ImportError::Differs {
            folder: parent_of(from),
            shard: shard.to_owned(),
            file,
            there: there.to_owned(),
        }),
        None => Ok(()),
    }
}

fn parent_of(part: &Path) -> String {
    part.parent().unwrap_or(part).display().to_string()
}

/// Finds the folders of all launches of the project.
fn find(state: &OpenState, from: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut out = Vec::new();
    let walk = walkdir::WalkDir::new(from)
        .max_depth(DEPTH)
        .sort_by_file_name();
    for entry in walk {
        let entry = entry.map_err(|e| FileError::new("list", from, e.into()))?;
        let path = entry.path();
        let above = path.parent().and_then(Path::file_name);
        let is_launch = entry.file_type().is_dir()
            && above.is_some_and(|above| above == state.name().as_str())
            && entry.file_name().to_str().is_some_and(is_launch_id)
            && is_plain_file(&path.join("open.yaml"));
        if is_launch {
            out.push(path.to_owned());
        }
    }
    Ok(out)
}

/// Whether a path is a file itself, and no link to one.
fn is_plain_file(path: &Path) -> bool {
    let metadata = path.symlink_metadata();
    metadata.is_ok_and(|metadata| metadata.is_file())
}

fn malformed(path: &Path, problem: impl ToString) -> ImportError {
    ImportError::Malformed {
        path: path.display().to_string(),
        problem: text::truncate(&text::sanitize_line(&problem.to_string()), 200),
    }
}

/// Says of a carried part which file of it does not read, and why.
fn unread(from: &Path, error: &StateError) -> ImportError {
    match error {
        StateError::Part { path, source } => {
            let file = path.file_name().unwrap_or_default();
            let said = text::truncate(&text::sanitize_line(&source.to_string()), 150);
            malformed(&from.join(file), format!("{said}; append that job again"))
        }
        other => malformed(from, other),
    }
}

fn take_open(state: &OpenState, launch: &Path, id: &str) -> Result<(), ImportError> {
    let path = launch.join("open.yaml");
    let bytes = files::read(&path)?;
    let theirs: OpenLaunch = read_yaml(&bytes).map_err(|e| malformed(&path, e))?;
    if theirs.id != id || !state.is_of(&theirs.project) {
        let problem = format!("it opens `{}` of {}", theirs.id, theirs.project);
        return Err(malformed(&path, problem));
    }
    let Some(ours) = state.read(id)? else {
        return Ok(state.set_open(id, &bytes)?);
    };
    let (mut first, other) = match theirs.opened.at < ours.opened.at {
        true => (theirs, &ours),
        false => (ours.clone(), &theirs),
    };
    // None of them may make the launch wait for less.
    let is_new = take_up(&mut first, other);
    match (is_new, first == ours) {
        (_, true) => Ok(()),
        (true, false) => Ok(state.set_open(id, block::to_yaml(&first).as_bytes())?),
        (false, false) => Ok(state.set_open(id, &bytes)?),
    }
}

/// Copies a part, and holds it against what an append writes; how it is known to be whole.
fn copy_part(from: &Path, part: &Path) -> Result<Wholeness, ImportError> {
    files::create_dir(part)?;
    for entry in files::list_dir(from)? {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !whole::is_file_of_part(&name) {
            return Err(malformed(&path, "it is no file of a part"));
        }
        files::create(&part.join(&*name))?.copy_from(&path)?;
    }
    let read = read_part(part).map_err(|error| unread(from, &error))?;
    if read.results.is_empty() {
        return Err(malformed(from, "it has no results"));
    }
    let wholeness = whole::check(&read).map_err(|e| malformed(from, e))?;
    if let Wholeness::Broken(file, problem) = wholeness {
        return Err(ImportError::Altered {
            folder: parent_of(from),
            shard: read.shard,
            file,
            problem,
        });
    }
    match attachments::damaged(part)? {
        Some(name) => {
            let problem = format!("attachment `{name}` does not hold what its name says");
            Err(malformed(from, problem))
        }
        None => Ok(wholeness),
    }
}

/// Takes over the word that an append was begun and never finished.
fn take_unfinished(state: &OpenState, id: &str, from: &Path) -> Result<(), ImportError> {
    let Some(bytes) = files::read_optional(&from.join("append.yaml"))? else {
        return Ok(());
    };
    if read_yaml::<Unfinished>(&bytes).is_ok() {
        let name = format!("append-{}", Digest::of(&bytes).short());
        files::write(&state.aside_dir(id).join(name).join("append.yaml"), &bytes)?;
    }
    Ok(())
}
