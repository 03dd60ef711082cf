//! Whose approvals a commit brings: one approves as oneself.

use super::change::{Changes, Thing, thing_at};
use super::rules::ProjectRules;
use crate::base::path::file_name;
use crate::git::{CommitInfo, EntryKind, GitError, Repo, Step};
use crate::model::{Approval, Role};
use crate::store::parse_approvals;

/// Lists reviewers whose approvals a commit brings to a file: those that no parent has there.
pub(super) fn brought(
    repo: &Repo,
    step: &Step,
    workspace: &str,
    path: &str,
    changes: &Changes,
) -> Result<Vec<String>, GitError> {
    let mut new = approvals(repo, path, changes.get(path).and_then(|change| change.now))?;
    for parent in &step.parents {
        if new.is_empty() {
            break;
        }
        let tree = repo.tree_of(repo.step(*parent)?.tree);
        let before = approvals(repo, path, thing_at(&tree, workspace, path)?)?;
        new.retain(|approval| !before.contains(approval));
    }
    Ok(new.into_iter().map(|approval| approval.by).collect())
}

/// Reads approvals; what does not read approves nothing.
fn approvals(repo: &Repo, path: &str, thing: Option<Thing>) -> Result<Vec<Approval>, GitError> {
    let Some((EntryKind::File | EntryKind::Executable, id)) = thing else {
        return Ok(Vec::new());
    };
    let Ok(text) = String::from_utf8(repo.blob(id)?) else {
        return Ok(Vec::new());
    };
    let (doc, _) = parse_approvals(file_name(path), text.into());
    Ok(doc.map(|doc| doc.value.all).unwrap_or_default())
}

/// Whether a commit may bring an approval in this name: of its author, or of somebody whom it names as a
/// co-author, as hosts do when they squash; where it must be signed, of the signer alone.
pub(super) fn may_name(
    rules: &ProjectRules,
    commit: &CommitInfo,
    signer: Option<&str>,
    by: &str,
) -> bool {
    let Some(member) = rules.reviewer(by) else {
        return false;
    };
    if let Some(signer) = signer {
        return member.id == signer;
    }
    let has = |email: &str| {
        let mut own = member.emails.iter();
        !email.is_empty() && own.any(|own| own.eq_ignore_ascii_case(email))
    };
    has(&commit.author.email)
        || member.role.covers(Role::Writer) && co_authors(&commit.message).any(has)
}

/// Returns the addresses of `Co-authored-by: Name <email>`.
fn co_authors(message: &str) -> impl Iterator<Item = &str> {
    const TRAILER: &str = "co-authored-by:";
    let lines = message.lines().filter(|line| {
        let start = line.get(..TRAILER.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(TRAILER))
    });
    lines.filter_map(|line| {
        let (_, rest) = line.rsplit_once('<')?;
        rest.trim_end().strip_suffix('>').map(str::trim)
    })
}
