//! What commits lost of the evidence before them, and which of it is a violation: putting back is
//! none, nor is removing with a record that the same commit has.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::annotations::Annotations;
use super::evolution::{Gone, Side, What};
use super::history::{NAMED, below, more};
use super::report::{Kind, Violation, unreadable};
use crate::base::path::{self, join};
use crate::base::{Digest, text};
use crate::git::{CommitId, EntryKind, GitError, ObjectId, Repo};

/// A commit that lost evidence of one of its parents.
pub(super) struct Loss {
    pub(super) commit: CommitId,
    /// The workspace in the commit, and in its parent.
    pub(super) now: Side,
    pub(super) before: Side,
    pub(super) gone: Gone,
}

/// What evidence was when it came, by its path from the project's folder.
#[derive(Default)]
pub(super) struct Originals {
    came: HashMap<String, HashSet<ObjectId>>,
    /// What commits put in its place.
    altered: HashMap<String, HashSet<ObjectId>>,
}

impl Originals {
    pub(super) fn note(&mut self, gone: &Gone) {
        self.insert(gone, gone.id);
    }

    fn insert(&mut self, gone: &Gone, id: ObjectId) {
        let known = self.came.entry(below(&gone.path).to_owned()).or_default();
        known.insert(id);
    }

    fn note_altered(&mut self, gone: &Gone) {
        if let Some(now) = gone.now {
            let altered = self.altered.entry(below(&gone.path).to_owned());
            altered.or_default().insert(now);
        }
    }

    /// Whether the commit put back what was there at first: the one that took it away is reported. Where
    /// history is seen from a known commit on, what was there before neither came nor was altered.
    fn are_restored(&self, gone: &Gone) -> bool {
        let has = |ids: &HashMap<String, HashSet<ObjectId>>, id| {
            ids.get(below(&gone.path))
                .is_some_and(|ids| ids.contains(&id))
        };
        let is_original = |id| has(&self.came, id);
        let displaced = matches!(
            gone.what,
            What::Annotation {
                displaced: true,
                ..
            }
        );
        let was_altered = !is_original(gone.id) && has(&self.altered, gone.id);
        gone.now.is_some_and(is_original) && was_altered && !displaced
    }
}

/// Tells which losses are violations. What was said of a launch that the same commit removed is told
/// with the launch.
pub(super) fn check(
    repo: &Repo,
    all: &[Loss],
    mut originals: Originals,
) -> Result<Vec<Violation>, GitError> {
    let mut losses = Vec::new();
    for loss in all {
        match loss.recorded(repo)? {
            Recorded::No => {
                originals.note_altered(&loss.gone);
                losses.push(loss);
            }
            Recorded::Left(left) => originals.insert(&loss.gone, left),
            Recorded::Gone => {}
        }
    }
    let removed = losses.iter().filter(|loss| loss.gone.now.is_none());
    let removed: Vec<_> = removed
        .filter(|loss| loss.gone.launch().is_some())
        .collect();
    let mut with: BTreeMap<_, BTreeSet<&str>> = removed
        .into_iter()
        .filter_map(|loss| Some((loss.of_launch()?, BTreeSet::new())))
        .collect();
    losses.retain(|loss| match (&loss.gone.what, loss.of_launch()) {
        (What::Annotation { .. }, Some(of)) => match with.get_mut(&of) {
            Some(with) => {
                with.insert(&loss.gone.path);
                false
            }
            None => true,
        },
        _ => true,
    });
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for loss in losses {
        if !originals.are_restored(&loss.gone)
            && seen.insert((loss.commit, loss.gone.path.as_str(), loss.gone.id))
        {
            let with = loss.of_launch().and_then(|of| with.get(&of));
            out.push(loss.violation(repo, with.map_or(0, BTreeSet::len))?);
        }
    }
    Ok(out)
}

/// Whether the commit of a loss has the records of it.
enum Recorded {
    No,
    /// What is left of the launch.
    Left(ObjectId),
    Gone,
}

impl Loss {
    /// The launch that this is about, told apart from those of other commits and places.
    fn of_launch(&self) -> Option<(CommitId, &str, &str, &str)> {
        let launch = match &self.gone.what {
            What::Launch(id) | What::Annotation { launch: id, .. } => id,
            What::Executed => return None,
        };
        let (project, _) = self.gone.path.split_once('/').unwrap_or_default();
        Some((self.commit, &self.before.workspace, project, launch))
    }

    /// Tells whether the commit only removed, and has the record of all that it removed.
    fn recorded(&self, repo: &Repo) -> Result<Recorded, GitError> {
        let Some((_, _, project, id)) = self.of_launch() else {
            return Ok(Recorded::No);
        };
        let folder = join(&self.now.workspace, &join("projects", project));
        let said_of = join(&folder, &format!("annotations/{id}"));
        let is_removal = self.gone.now.is_some() == self.gone.launch().is_some();
        if !is_removal || self.now.tree.subtree_id(&said_of)?.is_none() {
            return Ok(Recorded::No);
        }
        let said = Annotations::of_launch(&self.now.tree, &folder, id)?;
        let Some(now) = self.gone.now else {
            let name = format!("annotations/{}", path::file_name(&self.gone.path));
            let digest = Digest::of(&repo.blob(self.gone.id)?);
            return Ok(match said.removal((&folder, id), &name, Some(digest)) {
                Some(_) => Recorded::Gone,
                None => Recorded::No,
            });
        };
        let after = repo.tree_of(now);
        for file in changed_files(repo, self.gone.id, now)? {
            let is_gone = file != "." && after.entry(&file)?.is_none();
            if !is_gone || said.removal((&folder, id), &file, None).is_none() {
                return Ok(Recorded::No);
            }
        }
        Ok(Recorded::Left(now))
    }

    /// Names the loss; `with` is how much of what was said of a launch went with it.
    fn violation(&self, repo: &Repo, with: usize) -> Result<Violation, GitError> {
        let root = |side: &Side| join(&join(&side.workspace, "projects"), &self.gone.path);
        let (kind, launch, path, what) = match (&self.gone.what, self.gone.now) {
            (What::Launch(id), Some(now)) => return self.changed_launch(repo, id, now),
            (What::Launch(id), None) => {
                let annotations = match with {
                    0 => String::new(),
                    n => format!(" with {}", text::count(n as u64, "annotation")),
                };
                let what = format!("removed the closed launch `{id}`{annotations}");
                (Kind::RemovedLaunch, Some(id), root(&self.before), what)
            }
            (What::Annotation { launch, displaced }, now) => {
                let name = text::sanitize_line(path::file_name(&self.gone.path));
                let what = format!("the annotation `{name}` of the closed launch `{launch}`");
                let (kind, side, did) = match (now, displaced) {
                    (None, _) => (Kind::RemovedAnnotation, &self.before, "removed"),
                    (Some(_), false) => (Kind::ChangedAnnotation, &self.now, "changed"),
                    (Some(_), true) => (
                        Kind::ChangedAnnotation,
                        &self.now,
                        "put something else in the place of",
                    ),
                };
                (kind, Some(launch), root(side), format!("{did} {what}"))
            }
            (What::Executed, now) => {
                let what = format!("executed text `{}`", text::sanitize_line(&self.gone.path));
                match now {
                    None => {
                        let what = format!("removed the {what}");
                        (Kind::RemovedExecuted, None, root(&self.before), what)
                    }
                    Some(_) => {
                        let what = format!("changed the {what}");
                        (Kind::ChangedHistory, None, root(&self.now), what)
                    }
                }
            }
        };
        let message = format!("commit `{}` {what}", self.commit.short());
        let launch = launch.map(String::as_str);
        Ok(Violation::new(kind, launch, path, message).by(self.commit))
    }

    fn changed_launch(&self, repo: &Repo, id: &str, now: ObjectId) -> Result<Violation, GitError> {
        let commit = self.commit.short();
        let what = format!("closed launch `{id}`");
        let root = join(&join(&self.now.workspace, "projects"), &self.gone.path);
        let files = changed_files(repo, self.gone.id, now)?;
        let (path, message) = if files == ["."] {
            let message =
                format!("commit `{commit}` put something else in the place of the {what}");
            (root, message)
        } else {
            let names: Vec<String> = files
                .iter()
                .take(NAMED)
                .map(|name| text::sanitize_line(name))
                .collect();
            let message = format!(
                "commit `{commit}` changed {}{} of the {what}",
                text::ticked(&names, "and"),
                more(files.len())
            );
            let first = files.first().map_or("", String::as_str);
            (join(&root, first), message)
        };
        Ok(Violation::new(Kind::ChangedHistory, Some(id), path, message).by(self.commit))
    }
}

/// Lists the files that differ between two versions of a launch's folder, sorted; `.` stands for a
/// folder that is none any more.
fn changed_files(repo: &Repo, old: ObjectId, new: ObjectId) -> Result<Vec<String>, GitError> {
    let files = |id| -> Result<BTreeMap<String, (EntryKind, ObjectId)>, GitError> {
        let files = repo.tree_of(id).walk("")?;
        Ok(files
            .into_iter()
            .map(|e| (e.path, (e.kind, e.id)))
            .collect())
    };
    let old = files(old)?;
    let new = match files(new) {
        Ok(new) => new,
        Err(error) => {
            unreadable(error)?;
            return Ok(vec![".".to_owned()]);
        }
    };
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing = paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path));
    Ok(differing.cloned().collect())
}
