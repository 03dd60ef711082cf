//! A closing as it is made: which files the commit brings, and what `launch.yaml` says.

use rayon::prelude::*;

use super::{CloseError, CloseRequest, Closed};
use crate::analysis::{Decision, verdict};
use crate::author::{LAUNCH_ATTRIBUTES, LFS_ATTRIBUTES};
use crate::base::path::join;
use crate::base::{Digest, FileError, text};
use crate::git::{ChangeSet, CommitId, Repo, TreeView, write_pointer};
use crate::ledger::evidence::Evidence;
use crate::ledger::part::Part;
use crate::ledger::refusal::{Refusal, needless};
use crate::ledger::sums;
use crate::model::{
    Closed as ClosedBy, Environment, JobSummary, LaunchFile, OpenLaunch, OrderedMap, PlannedRecord,
};
use crate::store::attachments::AttachmentStore;
use crate::store::{CommitFiles, Files as _, MemoryFiles, Project, StoreError, block, launches};

/// The file that says which conversions git makes.
const ATTRIBUTES: &str = ".gitattributes";

/// A launch that is read and decided.
pub(super) struct Closing<'a> {
    pub(super) request: &'a CloseRequest,
    pub(super) project: &'a Project,
    pub(super) open: OpenLaunch,
    pub(super) path: String,
    pub(super) parts: Vec<Part>,
    pub(super) accepted: Vec<Refusal>,
    pub(super) evidence: Evidence,
    pub(super) decision: Decision,
    /// What outcomes refer to by their index.
    pub(super) environments: Vec<Environment>,
}

impl Closing<'_> {
    pub(super) fn closed(
        self,
        file: LaunchFile,
        receipt: Digest,
        commit: Option<CommitId>,
    ) -> Closed {
        let mut notes = needless(&self.request.accept_loss, &self.accepted);
        if self.request.allow_unfinished.is_some() && self.decision.plans.open().next().is_none() {
            notes.push("nothing that was planned is unfinished".to_owned());
        }
        notes.extend(self.decision.notes);
        Closed {
            path: self.path,
            file,
            receipt,
            commit,
            notes,
            followed: None,
            late: Vec::new(),
        }
    }

    /// What the closing changes on a tip.
    pub(super) fn changes(
        &self,
        tip: Option<&TreeView>,
    ) -> Result<(ChangeSet, LaunchFile, Digest), CloseError> {
        let evidence = &self.evidence;
        let files = tip.map(|tip| CommitFiles::of(tip.clone(), &self.request.workspace));
        let heads = match &files {
            Some(files) => launches::heads(files, &self.project.folder)?.0,
            None => Vec::new(),
        };
        let gate = match &files {
            Some(files) => self.judged(files, &heads)?,
            None => self.judged(&MemoryFiles::default(), &heads)?,
        };
        let sums = sums::write(&evidence.sums);
        let file = LaunchFile {
            gate,
            ..self.launch_file(launches::chain_tips(&heads), Digest::of(&sums))
        };
        let yaml = block::to_yaml(&file).into_bytes();
        let receipt = Digest::of(&yaml);
        let mut changes = ChangeSet::new(self.message(receipt));
        changes.tag = self.request.signing.tag(&self.open, &changes.message);
        let at = |path: &str| join(&join(&self.request.workspace, &self.path), path);
        for (path, bytes) in &evidence.made {
            changes.write(at(path), bytes.clone());
        }
        for (path, file) in &evidence.taken {
            match (&self.request.attachments, attachment(path)) {
                (AttachmentStore::Directory(_), Some(_)) => {}
                (AttachmentStore::Lfs(_), Some(_)) => {
                    let digest = evidence.prunable[path];
                    changes.write(at(path), write_pointer(digest, file.size()?));
                }
                _ => changes.spool(at(path), file.clone()),
            }
        }
        if !evidence.prunable.is_empty() {
            changes.write(at("PRUNABLE.sha256"), sums::write(&evidence.prunable));
        }
        changes.write(at("SHA256SUMS"), sums);
        changes.write(at("launch.yaml"), yaml);
        self.add_executed(&mut changes, files.as_ref())?;
        if self.request.branch.own {
            self.add_attributes(&mut changes, files.as_ref())?;
        }
        Ok((changes, file, receipt))
    }

    /// Does what has to be done before any reference has the closing commit: judges it, and gives its
    /// attachments to where they are kept.
    pub(super) fn clear_the_way(&self, repo: &Repo, commit: CommitId) -> Result<(), CloseError> {
        let request = self.request;
        request.branch.judge(repo, commit, &request.workspace)?;
        Ok(self.store_attachments()?)
    }

    /// Puts attachments where they are kept outside of git; before the commit, so that no launch ever
    /// lists what is nowhere.
    fn store_attachments(&self) -> Result<(), FileError> {
        let Some(folder) = self.request.attachments.folder() else {
            return Ok(());
        };
        let attachments = self.evidence.taken.iter();
        let attachments = attachments.filter_map(|(path, file)| Some((attachment(path)?, file)));
        let attachments: Vec<_> = attachments.collect();
        attachments
            .par_iter()
            .try_for_each(|(name, file)| folder.keep(name, file))
    }

    /// Adds executed texts that the tip does not have: one file a distinct text.
    fn add_executed(
        &self,
        changes: &mut ChangeSet,
        tip: Option<&CommitFiles>,
    ) -> Result<(), StoreError> {
        for (digest, text) in &self.evidence.executed {
            let path = format!("projects/{}/executed/{digest}.md", self.project.folder);
            let known = match tip {
                Some(tip) => tip.read(&path)?,
                None => None,
            };
            if known.as_deref() != Some(text.as_bytes()) {
                changes.write(join(&self.request.workspace, &path), text.clone());
            }
        }
        Ok(())
    }

    /// Protects what is committed from conversions, where launches have a branch to themselves that
    /// says nothing of it yet.
    fn add_attributes(
        &self,
        changes: &mut ChangeSet,
        tip: Option<&CommitFiles>,
    ) -> Result<(), StoreError> {
        let there = tip.map(|tip| tip.list("")).transpose()?.unwrap_or_default();
        if !there.iter().any(|entry| entry.name == ATTRIBUTES) {
            let path = join(&self.request.workspace, ATTRIBUTES);
            let mut text = LAUNCH_ATTRIBUTES.to_owned();
            if matches!(self.request.attachments, AttachmentStore::Lfs(_)) {
                text.push_str(LFS_ATTRIBUTES);
            }
            changes.write(path, text);
        }
        Ok(())
    }

    fn launch_file(&self, previous: Vec<Digest>, sums: Digest) -> LaunchFile {
        let request = self.request;
        LaunchFile {
            format: 1,
            id: self.open.id.clone(),
            project: self.open.project.clone(),
            name: self.open.name.clone(),
            tags: self.open.tags.clone(),
            links: self.open.links.clone(),
            opened: self.open.opened.clone(),
            source: self.open.source.clone(),
            environment: common_environment(&self.parts),
            jobs: self.jobs(),
            expect: self.open.expect.clone(),
            plan: self.open.plan.clone(),
            baseline: self.open.baseline.clone(),
            supersedes: self.open.supersedes.clone(),
            totals: self.decision.totals,
            closed: ClosedBy {
                at: request.now,
                by: Some(request.identity.to_string()),
                reason: request.reason.clone(),
                meaning: request.meaning.clone(),
                documentation: request.documentation.clone(),
                previous: previous.iter().map(Digest::to_string).collect(),
                sums: sums.to_string(),
                version: request.version.clone(),
            },
            gate: None,
            planned: self.planned(),
        }
    }

    /// What was planned, and what of it was done.
    fn planned(&self) -> Option<PlannedRecord> {
        let record = self.decision.plans.record()?;
        let reason = self.request.allow_unfinished.clone();
        Some(PlannedRecord {
            reason: reason.filter(|_| record.unfinished > 0),
            ..record
        })
    }

    fn jobs(&self) -> Vec<JobSummary> {
        let reason = |shard: &str, job: &str| {
            let covers = |refusal: &Refusal| match refusal {
                Refusal::Loss { shard: lost, .. } => lost == shard,
                Refusal::MissingJob(name) | Refusal::Unfinished(name) => {
                    shard.is_empty() && name == job
                }
                Refusal::Empty | Refusal::Planned(_) => false,
            };
            self.accepted
                .iter()
                .any(covers)
                .then(|| self.request.reason.clone())
                .flatten()
        };
        let appended = self.parts.iter().map(|part| JobSummary {
            name: part.header.job.name.clone(),
            shard: part.shard.clone(),
            url: part.header.job.url.clone(),
            attempt: part.header.job.attempt,
            rows: part.rows(),
            accepted_loss: reason(&part.shard, &part.header.job.name),
        });
        let missing = self.accepted.iter().filter_map(|refusal| match refusal {
            Refusal::MissingJob(job) | Refusal::Unfinished(job) => Some(JobSummary {
                name: job.clone(),
                accepted_loss: reason("", job),
                ..JobSummary::default()
            }),
            Refusal::Loss { .. } | Refusal::Empty | Refusal::Planned(_) => None,
        });
        appended.chain(missing).collect()
    }

    fn message(&self, receipt: Digest) -> String {
        let (open, key) = (&self.open, &self.open.project);
        let name = text::truncate(&text::sanitize_line(&open.name), 72);
        let totals = &self.decision.totals;
        let counts = verdict::counts(totals);
        format!(
            "Close launch {name} ({key}) [skip ci]\n\n{counts}; {} unresolved\n\n\
             Tallybook-Launch: {key}/{}\nTallybook-Receipt: sha256:{receipt}\n",
            text::thousands(totals.unresolved),
            open.id,
        )
    }
}

/// Returns the name of an attachment, of a path in a launch's folder.
fn attachment(path: &str) -> Option<&str> {
    path.strip_prefix("attachments/")
}

/// The variables that all parts agree on.
fn common_environment(parts: &[Part]) -> Environment {
    let Some((first, rest)) = parts.split_first() else {
        return Environment::default();
    };
    let agreed = first.header.environment.iter().filter(|(name, value)| {
        rest.iter()
            .all(|part| part.header.environment.get(name) == Some(value))
    });
    agreed
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect::<OrderedMap<_>>()
}
