//! Follow-ups: what comes in after a launch was closed goes into a new launch that supersedes it and
//! has all that it had, byte for byte, so that attempts decide and nothing leaves the trends.

use std::collections::{BTreeMap, BTreeSet};

use super::attachments::Attachments;
use super::part::{OpenState, Part, StateError};
use crate::base::path::{extension, join};
use crate::base::{Digest, FileError, Timestamp, files};
use crate::integrity;
use crate::model::{
    AnnotationKind, Attachment, Backfilled, Details, LaunchFile, OpenLaunch, Opened, Step,
};
use crate::store::launches::LaunchHead;
use crate::store::shard::read_details;
use crate::store::{Files, Shard, StoreError, annotations, block};

#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error("cannot write the follow-up")]
    File(#[from] FileError),
    #[error("cannot read the closed launch")]
    Store(#[from] StoreError),
    #[error(
        "launch `{id}` can't be followed up: `{path}` was {} on {}, and a follow-up has all that it follows",
        kind.as_str(),
        at.date()
    )]
    Removed {
        id: String,
        path: String,
        kind: AnnotationKind,
        at: Timestamp,
    },
    #[error("launch `{id}` is not as it was closed: `{path}` {problem}")]
    Altered {
        id: String,
        path: String,
        problem: &'static str,
    },
}

/// Returns the id of a launch's follow-up: `.2` after the first one's id, then `.3` …
pub fn follow_up_id(id: &str) -> String {
    let numbered = id
        .rsplit_once('.')
        .and_then(|(base, number)| Some((base, number.parse::<u32>().ok().filter(|n| *n > 1)?)));
    match numbered {
        Some((base, number)) => format!("{base}.{}", number.saturating_add(1)),
        None => format!("{id}.2"),
    }
}

/// Opens the follow-up of a closed launch with all its parts, unless it is open already; returns its
/// id. Nothing is opened where a file of the closed launch is not as its sums say.
pub fn follow_up(
    state: &OpenState,
    closed: &dyn Files,
    head: &LaunchHead,
    by: Option<String>,
    now: Timestamp,
) -> Result<String, FollowError> {
    let file = &head.file;
    let id = follow_up_id(&file.id);
    if state.is_open(&id) {
        return Ok(id);
    }
    let launch = OpenLaunch {
        format: 1,
        id: id.clone(),
        project: file.project.clone(),
        name: file.name.clone(),
        tags: file.tags.clone(),
        links: file.links.clone(),
        // What follows an old run up stands beside it.
        opened: match file.opened.backfilled {
            Some(before) => Opened {
                at: file.opened.at,
                by,
                backfilled: Some(Backfilled { at: now, ..before }),
            },
            None => Opened::now(now, by),
        },
        source: file.source.clone(),
        environment: crate::model::Environment::default(),
        expect: Vec::new(),
        plan: file.plan.clone(),
        baseline: file.baseline.clone(),
        supersedes: Some(file.id.clone()),
    };
    let source = Source::new(closed, head)?;
    let aside = files::create_temp_dir(&state.aside_dir(&id), ".following-")?;
    let mut parts = Vec::new();
    for job in file.jobs.iter().filter(|job| !job.shard.is_empty()) {
        let part = aside.path().join(&job.shard);
        source.write_part(&job.shard, &part)?;
        parts.push((job.shard.clone(), part));
    }
    state.adopt_all(&id, &parts)?;
    // The opening comes last: before it, the launch is not there.
    state.set_open(&id, block::to_yaml(&launch).as_bytes())?;
    Ok(id)
}

/// Moves parts that came too late for a closed launch into its follow-up, and closes the book on
/// what was open of it here.
pub fn move_late(state: &OpenState, id: &str, follow_up: &str) -> Result<(), StateError> {
    let _lock = state.lock_exclusive(id)?;
    for part in state.parts(id)? {
        if !state.has_part(follow_up, &part.shard) {
            state.adopt(follow_up, &part.shard, &part.folder)?;
        }
    }
    state.remove(id)
}

/// Takes a follow-up back that was opened for nothing: where it has only what the closed launch has,
/// nobody is appending to it, and nobody else knows of it.
pub fn withdraw(state: &OpenState, id: &str, closed: &LaunchFile) -> Result<(), StateError> {
    let _lock = state.lock_exclusive(id)?;
    let parts = state.parts(id)?;
    let is_old = |part: &Part| closed.jobs.iter().any(|job| job.shard == part.shard);
    let is_idle = state.unfinished(id)?.is_empty() && state.shared_on(id)?.is_none();
    match parts.iter().all(is_old) && is_idle {
        true => state.remove(id),
        false => Ok(()),
    }
}

/// The files of a closed launch, each held against the launch's own sums.
struct Source<'a> {
    files: &'a dyn Files,
    head: &'a LaunchHead,
    sums: BTreeMap<String, Digest>,
}

impl<'a> Source<'a> {
    fn new(files: &'a dyn Files, head: &'a LaunchHead) -> Result<Self, FollowError> {
        let mut source = Self {
            files,
            head,
            sums: BTreeMap::new(),
        };
        let digest = Digest::parse(&head.file.closed.sums);
        source
            .sums
            .extend(digest.map(|d| ("SHA256SUMS".to_owned(), d)));
        for list in ["SHA256SUMS", "PRUNABLE.sha256"] {
            if source.sums.contains_key(list) {
                let bytes = source.read(list)?;
                let sums = integrity::parse_sums(&bytes);
                let sums = sums.map_err(|_| source.altered(list, "is no list of sums"))?;
                source.sums.extend(sums);
            }
        }
        Ok(source)
    }

    fn altered(&self, path: &str, problem: &'static str) -> FollowError {
        FollowError::Altered {
            id: self.head.file.id.clone(),
            path: path.to_owned(),
            problem,
        }
    }

    /// Says why a file is not there.
    fn missing(&self, path: &str) -> Result<FollowError, FollowError> {
        let project = self.head.path.split('/').nth(1).unwrap_or_default();
        let id = &self.head.file.id;
        let (said, _) = annotations::of_launch(self.files, project, id)?;
        Ok(match said.removal(path) {
            Some(removal) => FollowError::Removed {
                id: id.clone(),
                path: path.to_owned(),
                kind: removal.kind,
                at: removal.at,
            },
            None => self.altered(path, "is missing"),
        })
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FollowError> {
        let bytes = self.files.read(&join(&self.head.path, path))?;
        let Some(bytes) = bytes else {
            return Err(self.missing(path)?);
        };
        match self.sums.get(path) == Some(&Digest::of(&bytes)) {
            true => Ok(bytes),
            false => Err(self.altered(path, "differs from its sum")),
        }
    }

    /// The files of a shard below a folder, with what stands between the shard's name and `.yaml`.
    fn files_of(&self, folder: &str, shard: &str) -> Vec<(&str, &str)> {
        let prefix = format!("{folder}/{shard}");
        self.sums
            .keys()
            .filter_map(|path| {
                let middle = path.strip_prefix(&prefix)?.strip_suffix(".yaml")?;
                let number = middle.strip_prefix('-').map(str::parse::<u32>);
                let is_shard = middle.is_empty() || matches!(number, Some(Ok(_)));
                is_shard.then_some((path.as_str(), middle))
            })
            .collect()
    }

    /// Writes a shard as the part that it was.
    fn write_part(&self, shard: &str, part: &std::path::Path) -> Result<(), FollowError> {
        files::create_dir(part)?;
        let mut attached = BTreeSet::new();
        for folder in ["results", "details"] {
            for (path, middle) in self.files_of(folder, shard) {
                let bytes = self.read(path)?;
                attach(folder, &bytes, &mut attached)
                    .ok_or_else(|| self.altered(path, "does not read"))?;
                files::write(&part.join(format!("{folder}{middle}.yaml")), &bytes)?;
            }
        }
        let attachments = Attachments::new(part);
        for name in attached {
            let bytes = self.read(&format!("attachments/{name}"))?;
            attachments.keep(&bytes, extension(&name));
        }
        Ok(attachments.finish()?)
    }
}

/// Adds the attachments that rows or details name; `None` where they don't read.
fn attach(folder: &str, bytes: &[u8], names: &mut BTreeSet<String>) -> Option<()> {
    let mut add = |all: &[Attachment]| {
        names.extend(all.iter().filter_map(|one| one.file.clone()));
    };
    if folder == "results" {
        let shard = Shard::read(bytes).ok()?;
        shard.results.iter().for_each(|row| add(&row.attachments));
        return Some(());
    }
    fn steps(all: &[Step], add: &mut dyn FnMut(&[Attachment])) {
        for step in all {
            add(&step.attachments);
            steps(&step.steps, add);
        }
    }
    for Details {
        before,
        steps: own,
        after,
        ..
    } in read_details(bytes).ok()?
    {
        for all in [&before, &own, &after] {
            steps(all, &mut add);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follow_ups_are_numbered() {
        assert_eq!(follow_up_id("run-17-3c7de7bbb3"), "run-17-3c7de7bbb3.2");
        assert_eq!(follow_up_id("run-17-3c7de7bbb3.2"), "run-17-3c7de7bbb3.3");
        assert_eq!(follow_up_id("v1.9.12"), "v1.9.13");
        assert_eq!(follow_up_id("v1.0"), "v1.0.2");
    }
}
