//! `gc`: prunable files of old closed launches are removed by a policy, with a record for each launch.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::annotate::{AnnotateError, Listed, Statement, message, whole};
use super::sums;
use crate::base::path::join;
use crate::base::{Digest, Timestamp, text};
use crate::git::ChangeSet;
use crate::model::{AnnotationKind, Attachment, Details, RemovedFile, Status, Step};
use crate::store::launches::{self, LaunchHead};
use crate::store::{Files, StoreError};

/// Which files of which launches go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Launches that were closed before this.
    pub before: Timestamp,
    /// What failed, broken and unknown results refer to stays.
    pub keep_failed: bool,
}

/// What goes of one launch.
#[derive(Clone, Debug)]
pub struct Pruning {
    pub head: LaunchHead,
    pub files: Vec<RemovedFile>,
    /// Bytes of `files`.
    pub bytes: u64,
    /// How many prunable files stay.
    pub kept: usize,
    /// How many files of details stay for some of their results, with those of all others.
    pub shared: usize,
}

/// What a policy removes, and what it can't judge.
#[derive(Debug, Default)]
pub struct Plan {
    /// Launches that lose files, in the order of their opening.
    pub launches: Vec<Pruning>,
    /// Launches of that age that have nothing left to remove, or keep all they have.
    pub untouched: usize,
    /// Launches that are passed over, and why, in one line each.
    pub skipped: Vec<String>,
}

/// Finds out what a policy removes from the launches of a project.
///
/// # Errors
/// The files can't be read. A launch that is not as it was closed is passed over.
pub fn plan(files: &dyn Files, project: &str, policy: Policy) -> Result<Plan, StoreError> {
    let (heads, damages) = launches::heads(files, project)?;
    let old = heads
        .into_par_iter()
        .filter(|head| head.file.closed.at < policy.before);
    let planned: Vec<_> = old
        .map(|head| {
            let id = head.file.id.clone();
            (id, prune(files, head, policy))
        })
        .collect();
    let mut out = Plan::default();
    for damage in damages {
        out.skipped.push(format!(
            "`{}` does not read: {}",
            damage.path, damage.message
        ));
    }
    for (id, pruning) in planned {
        match pruning {
            Ok(pruning) if pruning.files.is_empty() => out.untouched += 1,
            Ok(pruning) => out.launches.push(pruning),
            Err(PruneError::Annotate(AnnotateError::Store(error)))
            | Err(PruneError::Store(error)) => {
                return Err(error);
            }
            Err(PruneError::Annotate(error)) => out.skipped.push(error.to_string()),
            Err(PruneError::Unreadable(what)) => {
                out.skipped
                    .push(format!("launch `{id}` keeps all it has: {what}"));
            }
        }
    }
    Ok(out)
}

/// Makes the change that removes what was planned, with a record for each launch. `None` where
/// nothing goes.
pub fn prune_changes(plans: &[(String, Plan)], said: &Statement) -> Option<ChangeSet> {
    let all = || {
        let launches = |(project, plan)| {
            let (project, plan): (&String, &Plan) = (project, plan);
            plan.launches.iter().map(move |pruning| (project, pruning))
        };
        plans
            .iter()
            .flat_map(move |(project, plan)| launches((project, plan)))
    };
    let launches = all().count() as u64;
    if launches == 0 {
        return None;
    }
    let files: usize = all().map(|(_, pruning)| pruning.files.len()).sum();
    let bytes: u64 = all().map(|(_, pruning)| pruning.bytes).sum();
    let trailers: Vec<String> = all()
        .map(|(_, pruning)| format!("Tallybook-Pruned: {}", whole(&pruning.head)))
        .collect();
    let counts = format!(
        "{}, {}",
        text::count(files as u64, "file"),
        text::bytes(bytes)
    );
    let subject = format!("Prune {}", text::count(launches, "closed launch"));
    let mut changes = ChangeSet::new(message(&subject, &[&counts, &said.reason], &trailers));
    for (number, (project, pruning)) in all().enumerate() {
        for file in &pruning.files {
            let path = join(&pruning.head.path, &file.path);
            changes.remove(join(&said.workspace, &path));
        }
        let annotation = said.removal(AnnotationKind::Pruned, pruning.files.clone());
        let id = &pruning.head.file.id;
        said.add(&mut changes, project, id, number as u64, annotation);
    }
    Some(changes)
}

/// Why a launch can't be judged.
enum PruneError {
    Annotate(AnnotateError),
    Store(StoreError),
    Unreadable(String),
}

impl From<AnnotateError> for PruneError {
    fn from(error: AnnotateError) -> Self {
        Self::Annotate(error)
    }
}

impl From<StoreError> for PruneError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn prune(files: &dyn Files, head: LaunchHead, policy: Policy) -> Result<Pruning, PruneError> {
    let listed = Listed::read(files, &head)?;
    let mut present = Vec::new();
    for (path, digest) in listed.0.iter().filter(|(path, _)| sums::is_prunable(path)) {
        if let Some(size) = files.size(&join(&head.path, path))? {
            present.push((path, *digest, size));
        }
    }
    let stays = match policy.keep_failed && !present.is_empty() {
        true => kept(files, &head)?,
        false => Kept::default(),
    };
    let (kept, gone): (Vec<_>, Vec<_>) = present
        .into_iter()
        .partition(|(path, ..)| stays.paths.contains(*path));
    let removed = |(path, digest, _): &(&String, Digest, u64)| RemovedFile {
        path: (*path).clone(),
        sha256: digest.to_string(),
    };
    Ok(Pruning {
        files: gone.iter().map(removed).collect(),
        bytes: gone.iter().map(|(.., size)| size).sum(),
        kept: kept.len(),
        shared: stays.shared,
        head,
    })
}

/// What results refer to that a policy keeps.
#[derive(Default)]
struct Kept {
    paths: BTreeSet<String>,
    /// Files of details that hold those of other results too.
    shared: usize,
}

/// Collects the prunable files that failed, broken and unknown results, and their retries, refer to.
fn kept(files: &dyn Files, head: &LaunchHead) -> Result<Kept, PruneError> {
    let unreadable = |damage: launches::Damage| {
        PruneError::Unreadable(format!(
            "`{}` does not read: {}",
            damage.path, damage.message
        ))
    };
    let launch = launches::load(files, head.clone())?.map_err(unreadable)?;
    let stays = |status| matches!(status, Status::Failed | Status::Broken | Status::Unknown);
    let ids: BTreeSet<&str> = launch
        .outcomes
        .iter()
        .filter(|outcome| stays(outcome.status))
        .flat_map(|outcome| [&outcome.id].into_iter().chain(&outcome.retries))
        .map(String::as_str)
        .collect();
    let mut out = Kept::default();
    for name in launches::shards(files, &head.path)? {
        let shard = launches::shard(files, &head.path, &name)?.map_err(unreadable)?;
        let rows = shard.results.iter();
        for row in rows.filter(|row| ids.contains(row.id.as_str())) {
            out.add(&row.attachments);
        }
    }
    for name in launches::details_files(files, &head.path)? {
        let details = launches::details(files, &head.path, &name)?.map_err(unreadable)?;
        let of_kept = |row: &&Details| ids.contains(row.id.as_str());
        let wanted = details.iter().filter(of_kept).count();
        if wanted == 0 {
            continue;
        }
        out.shared += usize::from(wanted < details.len());
        out.paths.insert(format!("details/{name}"));
        for row in &details {
            for steps in [&row.before, &row.steps, &row.after] {
                out.add_steps(steps);
            }
        }
    }
    Ok(out)
}

impl Kept {
    fn add(&mut self, attachments: &[Attachment]) {
        let names = attachments.iter().filter_map(|one| one.file.as_deref());
        self.paths
            .extend(names.map(|name| format!("attachments/{name}")));
    }

    fn add_steps(&mut self, steps: &[Step]) {
        for step in steps {
            self.add(&step.attachments);
            self.add_steps(&step.steps);
        }
    }
}
