//! The verification of all closed launches of a workspace at one commit.

use std::collections::HashMap;

use rayon::prelude::*;

use super::annotations::Annotations;
use super::known::Known;
use super::launch::Checked;
use super::report::{Acknowledgement, Kind, Report, Violation};
use super::roles::Judged;
use super::signatures::Closing;
use super::{chain, history, launch, layout, roles, signatures, worktree};
use crate::base::path::{self, join};
use crate::base::{Digest, FileError, text};
use crate::git::{CommitId, EntryKind, GitError, Repo, Step, TreeEntry, TreeView};
use crate::store::attachments::{ContentFolder, Held, digest_of};

/// What to verify.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// The workspace's folder from the root of the repository; empty for the root.
    pub workspace: String,
    /// A revision, such as the launches' branch; `None` for `HEAD`.
    pub at: Option<String>,
    /// A receipt that was kept elsewhere: which launches does it prove?
    pub receipt: Option<Digest>,
    /// Whether all that is named must be here, as on the launches' branch. Elsewhere what is
    /// missing is a notice.
    pub complete: bool,
    /// Commits that count as verified before: only what was done since is looked at.
    pub known: Vec<CommitId>,
    /// A commit whose members bind what was done since besides those of each commit's parents, unless
    /// it follows from that commit.
    pub rules: Option<CommitId>,
    /// A commit of the documentation, where closed launches have a branch of their own: what was done
    /// there is held against roles too.
    pub documentation: Option<CommitId>,
    /// The folder that keeps attachments outside of git, where the workspace has one.
    pub attachments: Option<ContentFolder>,
}

/// A verification could not be made.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(
        "the workspace is not in a git repository, and only what git keeps can be verified; \
         `git init` makes one, and `launch close` commits to it"
    )]
    NoRepository,
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("cannot read the store of attachments")]
    Store(#[from] FileError),
}

/// Verifies every closed launch that a commit has: sums, receipts, chain and history, and the
/// working tree where that commit is checked out.
///
/// # Errors
/// There is no repository, the revision names no commit, or objects are missing. Altered evidence
/// is no error but a [`Violation`].
pub fn verify(repo: Option<&Repo>, options: &VerifyOptions) -> Result<Report, VerifyError> {
    let repo = repo.ok_or(VerifyError::NoRepository)?;
    let mut report = Report::default();
    let head = repo.head()?.commit;
    let commit = match &options.at {
        Some(rev) => Some(repo.resolve(rev)?),
        None => head,
    };
    match commit {
        Some(commit) => {
            verify_commit(repo, commit, options, &mut report)?;
            if head == Some(commit) && !repo.is_bare() {
                let tree = repo.tree(commit)?;
                worktree::check(repo, &tree, &options.workspace, &mut report)?;
            }
        }
        None => report
            .notices
            .push("the branch has no commit yet".to_owned()),
    }
    if let Some(folder) = &options.attachments {
        find_stored(folder, &mut report)?;
    }
    settle(options, &mut report);
    Ok(report)
}

fn verify_commit(
    repo: &Repo,
    commit: CommitId,
    options: &VerifyOptions,
    report: &mut Report,
) -> Result<(), GitError> {
    let workspace = &options.workspace;
    let tree = repo.tree(commit)?;
    prefetch(repo, &tree, &evidence_of(&tree, workspace)?)?;
    let said = Annotations::at(&tree, workspace, options.bench())?;
    let known = Known::new(repo, &options.known, workspace)?;
    let history = repo.history_since(commit, &options.known)?;
    repo.fetch_trees(&history.steps)?;
    let (present, (past, judged)) = rayon::join(
        || present(&tree, workspace, &said, &known),
        || {
            rayon::join(
                || history::walk(repo, commit, workspace, &history),
                || roles::check(repo, commit, workspace, &history.steps, options.bench()),
            )
        },
    );
    let Present {
        launches,
        violations,
    } = present?;
    report.known = launches.iter().filter(|launch| launch.known).count();
    report.launches = launches.len() - report.known;
    report.violations.extend(violations);
    let chain = chain::check(&launches);
    report.receipts = chain.tips;
    if let Some(receipt) = options.receipt {
        let coverage = chain::coverage(&launches, receipt);
        if coverage.covered.is_empty() {
            report.violations.push(unknown(receipt));
        }
        report.coverage = Some(coverage);
    }
    report.violations.extend(chain.violations);
    let past = history::check(repo, past?, &launches)?;
    let mut judged = judged?;
    hear_documentation(repo, options, &history.steps, &past.closings, &mut judged)?;
    report.rights = judged.rights;
    report.violations.extend(judged.violations);
    report.violations.extend(past.violations);
    report.notices.extend(past.notices);
    add_signatures(repo, &past.closings, report)?;
    for launch in launches {
        report.violations.extend(launch.violations);
        report.removed.extend(launch.removed);
    }
    acknowledge(&said, workspace, report);
    report.violations.extend(judged.firm);
    report.notices.extend(said.notices);
    Ok(())
}

/// Adds who signed the closings, and what they lack.
pub(super) fn add_signatures(
    repo: &Repo,
    closings: &[Closing],
    report: &mut Report,
) -> Result<(), GitError> {
    let signed = signatures::check(repo, closings)?;
    report
        .violations
        .retain(|known| !signed.says_more_than(known));
    report.signatures = signed.signatures;
    report.violations.extend(signed.violations);
    report.notices.extend(signed.notices);
    report.notices.extend(signed.on_behalf);
    Ok(())
}

/// Where launches have a branch of their own, holds it against the documentation, and that against roles.
pub(super) fn hear_documentation(
    repo: &Repo,
    options: &VerifyOptions,
    steps: &[Step],
    closings: &[Closing],
    judged: &mut Judged,
) -> Result<(), GitError> {
    let Some(documentation) = options.documentation else {
        return Ok(());
    };
    if options.rules.is_none() {
        allow_by_their_time(repo, &options.workspace, steps, closings, judged)?;
    }
    judged.add(judge_documentation(repo, documentation, options)?);
    Ok(())
}

impl VerifyOptions {
    /// Whose members bind besides those of each commit's parents. Launches that have a branch to themselves
    /// have no members beside them: those of the documentation do.
    pub(super) fn bench(&self) -> Option<CommitId> {
        self.rules.or(self.documentation)
    }
}

/// Takes back what is said of commits that the documentation allowed which they were made under: members
/// come and go.
fn allow_by_their_time(
    repo: &Repo,
    workspace: &str,
    steps: &[Step],
    closings: &[Closing],
    judged: &mut Judged,
) -> Result<(), GitError> {
    let named: HashMap<CommitId, &Closing> = closings.iter().map(|c| (c.commit, c)).collect();
    let mut allowed: HashMap<CommitId, bool> = HashMap::new();
    for commit in judged.commits() {
        let at = steps.iter().position(|step| step.id == commit);
        let Some(at) = at else { continue };
        // What is no closing itself was made under the documentation of the one before it.
        let closing = steps[at..].iter().find_map(|step| named.get(&step.id));
        let Some(mut documentation) = closing.and_then(|closing| closing.documentation) else {
            continue;
        };
        for earlier in closing.iter().flat_map(|closing| &closing.earlier) {
            if repo.is_ancestor(documentation, *earlier).unwrap_or(false) {
                documentation = *earlier;
            }
        }
        let head = repo.head()?.commit;
        let is_known =
            head.is_some_and(|head| repo.is_ancestor(documentation, head).unwrap_or(false));
        if is_known {
            let mut court = roles::Court::new(repo, Some(documentation));
            allowed.insert(commit, court.judge(&steps[at], workspace)?.is_empty());
        }
    }
    judged.retain(|violation| {
        let is_allowed = violation.commit.and_then(|commit| allowed.get(&commit));
        is_allowed != Some(&true)
    });
    Ok(())
}

/// Holds the commits of the documentation against roles; the first known commit binds, too.
fn judge_documentation(
    repo: &Repo,
    documentation: CommitId,
    options: &VerifyOptions,
) -> Result<Judged, GitError> {
    let history = repo.history_since(documentation, &options.known)?;
    repo.fetch_trees(&history.steps)?;
    let rules = options.known.first().copied();
    let workspace = &options.workspace;
    roles::check(repo, documentation, workspace, &history.steps, rules)
}

/// What a commit's own files say.
pub(super) struct Present {
    pub(super) launches: Vec<Checked>,
    pub(super) violations: Vec<Violation>,
}

/// Checks all launches and executed texts that a commit has, and that are not known.
pub(super) fn present(
    tree: &TreeView,
    workspace: &str,
    said: &Annotations,
    known: &Known,
) -> Result<Present, GitError> {
    let survey = layout::survey(tree, workspace)?;
    let strays = survey.strays.iter().filter(|path| !known.has_stray(path));
    let mut violations: Vec<Violation> = strays.map(|path| stray(path)).collect();
    let launches: Result<Vec<_>, GitError> = survey
        .places
        .par_iter()
        .map(|place| match known.has_launch(tree, place)? {
            true => launch::glance(tree, place),
            false => launch::check(tree, place, said),
        })
        .collect();
    for project in layout::projects(tree, workspace)? {
        let is_new = |text: &TreeEntry| !known.has_executed(text.id);
        violations.extend(launch::check_executed(tree, &project.path, is_new)?);
    }
    Ok(Present {
        launches: launches?,
        violations,
    })
}

/// Sets violations apart that an owner answers for.
pub(super) fn acknowledge(said: &Annotations, workspace: &str, report: &mut Report) {
    for violation in std::mem::take(&mut report.violations) {
        match said.acknowledged(workspace, &violation) {
            Some(annotation) => {
                let known = Acknowledgement::new(violation, annotation);
                report.acknowledged.push(known);
            }
            None => report.violations.push(violation),
        }
    }
}

fn unknown(receipt: Digest) -> Violation {
    let message =
        format!("no launch here has the receipt {receipt}: it was altered, or is not here");
    Violation::new(Kind::UnknownReceipt, None, "", message)
}

fn stray(path: &str) -> Violation {
    let shown = text::sanitize_line(path);
    let message = format!("`{shown}` belongs to no closed launch");
    Violation::new(Kind::ExtraFile, None, path, message)
}

/// The folders that hold the evidence of a workspace.
fn evidence_of(tree: &TreeView, workspace: &str) -> Result<Vec<String>, GitError> {
    let projects = layout::projects(tree, workspace)?.into_iter();
    let parts = |project: TreeEntry| ["launches", "executed"].map(|part| join(&project.path, part));
    Ok(projects.flat_map(parts).collect())
}

/// Gets what a partial clone lacks of some folders, in one batch.
pub(super) fn prefetch(repo: &Repo, tree: &TreeView, folders: &[String]) -> Result<(), GitError> {
    if !repo.is_partial() {
        return Ok(());
    }
    let mut blobs = Vec::new();
    for folder in folders {
        let files = tree.walk(folder)?.into_iter();
        let files = files.filter(|file| file.kind != EntryKind::Submodule);
        blobs.extend(files.map(|file| file.id));
    }
    repo.fetch_missing(&blobs)
}

/// Returns the digest of a listed attachment that a commit lacks: it may be kept elsewhere.
pub(super) fn missing_attachment(violation: &Violation) -> Option<Digest> {
    let name = path::file_name(&violation.path);
    let is_attachment = path::file_name(path::parent(&violation.path)) == "attachments";
    let is_missing = is_attachment && violation.kind == Kind::MissingFile;
    digest_of(name).filter(|_| is_missing)
}

/// Looks for attachments that a commit lacks in the folder that keeps them: one that is there with its
/// digest is not missing. Where the folder isn't there, none of them can be judged.
pub(super) fn find_stored(folder: &ContentFolder, report: &mut Report) -> Result<(), FileError> {
    let mut unseen = 0;
    let mut kept = Vec::new();
    for mut violation in std::mem::take(&mut report.violations) {
        let Some(digest) = missing_attachment(&violation) else {
            kept.push(violation);
            continue;
        };
        let name = path::file_name(&violation.path);
        if !folder.is_there() {
            unseen += 1;
            continue;
        }
        match folder.holds(name, digest)? {
            Held::Right => {}
            Held::Absent => kept.push(violation),
            Held::Wrong => {
                violation.kind = Kind::ChangedFile;
                violation.message =
                    format!("`attachments/{name}` does not have its digest in the store");
                kept.push(violation);
            }
        }
    }
    report.violations = kept;
    if unseen > 0 {
        report.notices.push(format!(
            "{} in the store `{}`, which is not there: not checked",
            text::count(unseen, "attachment"),
            folder.root().display()
        ));
    }
    Ok(())
}

/// Sorts, and turns what is merely missing into notices where that is allowed.
pub(super) fn settle(options: &VerifyOptions, report: &mut Report) {
    let violations = std::mem::take(&mut report.violations);
    let (lacking, violations): (Vec<Violation>, Vec<Violation>) = violations
        .into_iter()
        .partition(|v| !options.complete && v.kind.is_completeness());
    report.violations = violations;
    report.violations.sort();
    report.violations.dedup();
    report
        .notices
        .extend(lacking.into_iter().map(|violation| violation.message));
    for notice in &mut report.notices {
        *notice = text::sanitize_line(notice);
    }
    report.notices.sort();
    report.notices.dedup();
    report.acknowledged.sort();
    report.acknowledged.dedup();
    report.removed.sort();
    report.ok = report.violations.is_empty();
}
