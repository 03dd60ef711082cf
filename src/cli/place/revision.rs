//! Commits that a person names.

use super::Place;
use crate::base::text;
use crate::cli::error::CommandError;
use crate::git::{CommitId, GitError, Repo};

impl Place {
    /// Returns the commit that a revision names.
    pub(crate) fn commit(&self, rev: &str) -> Result<CommitId, CommandError> {
        let repo = self.repo()?;
        match repo.resolve(rev) {
            // What the parser of revisions says of it helps nobody.
            Err(GitError::Revision { .. }) => Err(no_commit(repo, rev)),
            resolved => Ok(resolved?),
        }
    }
}

fn no_commit(repo: &Repo, rev: &str) -> CommandError {
    if rev.trim().is_empty() {
        return CommandError::usage("an empty text names no commit")
            .hint("name one, as `HEAD` or `main`");
    }
    let error = CommandError::usage(format!("`{rev}` names no commit"));
    let names = names(repo);
    let (name, rest) = rev.split_at(rev.find(['~', '^', '@']).unwrap_or(rev.len()));
    let known = names.iter().any(|known| known == name) || name == "HEAD";
    let error = match text::closest(name, names.iter().map(String::as_str)) {
        Some(near) if !known => error.hint(format!("did you mean `{near}{rest}`?")),
        _ => error.hint(format!(
            "`git log --oneline --all` shows the commits that are here; `git rev-parse --verify {}` says more",
            text::shell_word(&format!("{rev}^{{commit}}"))
        )),
    };
    match repo.is_shallow() {
        true => error.hint("this clone was cut short: `git fetch --unshallow` brings the rest"),
        false => error,
    }
}

/// What branches and tags are called here, those of remotes too.
fn names(repo: &Repo) -> Vec<String> {
    let all = repo.references().unwrap_or_default().into_iter();
    let short = all.filter_map(|reference| {
        let name = reference.name.strip_prefix("refs/")?;
        let (kind, name) = name.split_once('/')?;
        ["heads", "tags", "remotes"]
            .contains(&kind)
            .then(|| name.to_owned())
    });
    short.collect()
}
