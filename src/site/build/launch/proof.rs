//! What the page of an evidence pack shows of a failure beyond its message and trace: the steps along the path that
//! failed, its attachments with their digests, and its pictures.

use std::collections::HashMap;

use super::single::is_said;
use crate::base::Digest;
use crate::model::{Attachment, Details, Status, Step, TestResult};
use crate::site::SiteError;
use crate::site::build::attachments::{Attachments, From};
use crate::site::build::failures::LaunchContext;
use crate::site::pages::Writer;
use crate::site::texts::{bytes, human_duration, say};
use crate::site::view::document::{Proof, ProofFile, ProofStep};
use crate::site::view::{Failure, FailureGroup};
use crate::site::words;

/// Failures that are shown with steps and attachments; a pack of thousands is read by nobody.
pub(super) const FAILURES: usize = 50;
/// Steps of one failure.
const STEPS: usize = 40;
/// Attachments of one failure.
const FILES: usize = 20;
/// Pictures of one failure.
const PICTURES: usize = 3;
/// The deepest that steps are shown in each other.
const DEEPEST: usize = 6;
/// Letters of what one step says.
const SAYS: usize = 4_000;

/// Adds to the first [`FAILURES`] what is kept of them; returns how many have more that is not shown.
pub(super) fn add(
    context: &LaunchContext<'_>,
    groups: &mut [FailureGroup],
    (results, details): (&[TestResult], &[Details]),
    attachments: &mut Attachments,
    writer: &mut Writer<'_>,
) -> Result<u64, SiteError> {
    let results: HashMap<&str, &TestResult> = results.iter().map(|r| (r.id.as_str(), r)).collect();
    let details: HashMap<&str, &Details> = details.iter().map(|d| (d.id.as_str(), d)).collect();
    let (mut shown, mut cut) = (0, 0);
    for failure in groups.iter_mut().flat_map(|group| &mut group.failures) {
        let Some(row) = row_of(failure).and_then(|number| context.rows.get(number)) else {
            continue;
        };
        let id = row.outcome.id.as_str();
        let Some(result) = results.get(id) else {
            continue;
        };
        let mut maker = Maker {
            context,
            attachments: &mut *attachments,
            writer: &mut *writer,
        };
        let details = details.get(id).copied();
        if shown == FAILURES {
            cut += u64::from(has_more(result, details));
            continue;
        }
        failure.proof = maker.proof(result, details)?;
        shown += usize::from(failure.proof.is_some());
    }
    Ok(cut)
}

/// The row that a failure's anchor names.
fn row_of(failure: &Failure) -> Option<usize> {
    failure.anchor.strip_prefix('f')?.parse().ok()
}

fn has_more(result: &TestResult, details: Option<&Details>) -> bool {
    let fails = |details: &Details| all_steps(details).any(is_failing);
    !result.attachments.is_empty() || details.is_some_and(fails)
}

fn all_steps(details: &Details) -> impl Iterator<Item = &Step> {
    (details.before.iter())
        .chain(&details.steps)
        .chain(&details.after)
}

/// Whether a step failed, or one below it.
fn is_failing(step: &Step) -> bool {
    step.status.is_some_and(Status::needs_resolution) || step.steps.iter().any(is_failing)
}

struct Maker<'m, 'c, 'w> {
    context: &'m LaunchContext<'c>,
    attachments: &'m mut Attachments,
    writer: &'m mut Writer<'w>,
}

impl Maker<'_, '_, '_> {
    fn proof(
        &mut self,
        result: &TestResult,
        details: Option<&Details>,
    ) -> Result<Option<Proof>, SiteError> {
        let (mut steps, mut found) = (Vec::new(), result.attachments.iter().collect());
        let failing = details.into_iter().flat_map(all_steps);
        for step in failing.filter(|step| is_failing(step)) {
            path(step, 0, &mut steps, &mut found);
        }
        said_once(&mut steps, result.message.as_deref().unwrap_or_default());
        let left_out = (
            steps.len().saturating_sub(STEPS),
            found.len().saturating_sub(FILES),
        );
        steps.truncate(STEPS);
        let mut pictures = PICTURES;
        let files = found.into_iter().take(FILES);
        let files: Vec<ProofFile> = files
            .map(|attachment| self.file(attachment, &mut pictures))
            .collect::<Result<_, _>>()?;
        let proof = Proof {
            steps,
            files,
            left_out: match left_out {
                (0, 0) => String::new(),
                (steps, files) => say!("document.more-of-it", n = steps + files),
            },
        };
        Ok((!proof.steps.is_empty() || !proof.files.is_empty()).then_some(proof))
    }

    fn file(
        &mut self,
        attachment: &Attachment,
        pictures: &mut usize,
    ) -> Result<ProofFile, SiteError> {
        let from = From::of(self.context);
        let placed = self.attachments.place(attachment, from, self.writer)?;
        let picture = placed.image().filter(|_| *pictures > 0);
        *pictures -= usize::from(picture.is_some());
        Ok(ProofFile {
            name: words::line(&attachment.name),
            said: said(attachment),
            digest: attachment.digest().as_ref().map(Digest::to_string),
            // The pack stands two folders below the project's.
            picture: picture.map(|path| format!("../../{path}")),
            why: placed.why().to_owned(),
        })
    }
}

fn said(attachment: &Attachment) -> String {
    let size = bytes(attachment.size);
    match words::line(&attachment.media_type) {
        kind if kind.is_empty() => size,
        kind => say!("document.attachment", kind = kind, size = size),
    }
}

/// Gathers a step that failed and those below it that did, with their attachments.
fn path<'a>(
    step: &'a Step,
    depth: usize,
    steps: &mut Vec<ProofStep>,
    found: &mut Vec<&'a Attachment>,
) {
    let text = |text: &Option<String>| words::clean(text.as_deref().unwrap_or_default(), SAYS);
    steps.push(ProofStep {
        name: words::line(&step.name),
        depth: depth.min(DEEPEST),
        status: step.status.unwrap_or_default().as_str(),
        took: step.duration.map_or_else(String::new, human_duration),
        message: text(&step.message),
    });
    found.extend(&step.attachments);
    for below in step.steps.iter().filter(|step| is_failing(step)) {
        path(below, depth + 1, steps, found);
    }
}

/// Takes out what the result says above, and what the next deeper step says again.
fn said_once(steps: &mut [ProofStep], message: &str) {
    for at in 0..steps.len() {
        let (before, after) = steps.split_at_mut(at + 1);
        let Some(step) = before.last_mut() else {
            continue;
        };
        let mut below = after.iter().take_while(|one| one.depth > step.depth);
        let said = step.message.trim();
        let is_below = below.any(|one| is_said(said, one.message.trim()));
        if is_below || is_said(said, message.trim()) {
            step.message.clear();
        }
    }
}
