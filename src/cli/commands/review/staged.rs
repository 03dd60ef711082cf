//! What is staged, as the later of two moments.

use std::path::PathBuf;

use super::{Ends, To};
use crate::base::text::{count, shell_word, ticked};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{AtArg, Place};
use crate::store::Snapshot;

/// How many paths a sentence names.
const SHOWN: usize = 3;

/// Returns the snapshot at the later end.
pub(super) fn later(place: &Place, ends: &Ends, at: &AtArg) -> Result<Snapshot, CommandError> {
    if ends.head != To::Staged {
        return place.snapshot(at);
    }
    let repo = place.repo()?;
    let staged = repo.staged(&place.prefix, ends.index.as_deref())?;
    if !staged.unmerged.is_empty() {
        return Err(in_conflict(&staged.unmerged));
    }
    place.with_its_launches(Snapshot::staged(repo, staged, &place.prefix))
}

/// Returns the index that git names for the hooks of a commit, where it is not the worktree's own.
pub(super) fn index(ctx: &Context, place: &Place) -> Option<PathBuf> {
    let named = ctx.vars.get("GIT_INDEX_FILE")?;
    Some(place.workdir().join(named))
}

fn in_conflict(paths: &[String]) -> CommandError {
    let files = count(paths.len() as u64, "staged file");
    let verb = if paths.len() == 1 { "is" } else { "are" };
    let mut named: Vec<String> = paths.iter().take(SHOWN).cloned().collect();
    if paths.len() > SHOWN {
        named = vec![named[0].clone()];
    }
    let more = match paths.len() - named.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    CommandError::usage(format!(
        "{files} {verb} in conflict, so that nobody can say what would be committed: {}{more}",
        ticked(&named, "and")
    ))
    .hint("resolve the conflict, `git add` the files, and review again")
}

/// Refuses a range with an end of its own.
pub(super) fn two_ends(range: &str, base: &str) -> CommandError {
    CommandError::usage(format!(
        "`--staged` compares with what is staged, and `{range}` names another end"
    ))
    .hint(format!(
        "name the beginning alone, as `tallybook review {} --staged`",
        shell_word(base)
    ))
}
