//! Whether a repository is a product's, and whether a branch is free for its closed launches.

use std::path::Path;

use crate::base::path as paths;
use crate::base::text::shell_word;
use crate::cli::error::CommandError;
use crate::git::{CommitId, Repo};
use crate::store::launches;

/// Whether a repository holds more than the workspace that is to be made at `root`: in its commits,
/// or before the first one, in files that git does not ignore.
pub(super) fn is_one(repo: &Repo, root: &Path) -> Result<bool, CommandError> {
    let Some(workdir) = repo.workdir() else {
        return Ok(false);
    };
    let workdir = workdir.canonicalize().unwrap_or(workdir.to_owned());
    let prefix = root.strip_prefix(&workdir).unwrap_or(Path::new(""));
    let prefix = paths::from_native(prefix).unwrap_or_default();
    let files: Vec<String> = match repo.head()?.commit {
        Some(commit) => {
            let entries = repo.tree(commit)?.walk("")?.into_iter();
            entries.map(|entry| entry.path).collect()
        }
        None => repo.uncommitted("")?,
    };
    Ok(files.iter().any(|path| is_product(path, &prefix)))
}

/// Whether a file is neither the workspace's nor one that any repository has.
fn is_product(path: &str, workspace: &str) -> bool {
    let own = path.strip_prefix(workspace);
    let own = match workspace {
        "" => Some(path),
        _ => own.and_then(|rest| rest.strip_prefix('/')),
    };
    let is_workspace = match (own, workspace) {
        (Some(own), "") => {
            let top = own.split('/').next().unwrap_or_default();
            ["projects", "templates", "tallybook.yaml"].contains(&top)
        }
        (own, _) => own.is_some(),
    };
    !is_workspace && !is_common(path)
}

/// Files that say how a repository is handled, not what it is of.
fn is_common(path: &str) -> bool {
    let top = path.split('/').next().unwrap_or_default();
    let stem = top.split(['.', '-']).next().unwrap_or_default();
    let papers = [
        "README",
        "LICENSE",
        "LICENCE",
        "COPYING",
        "NOTICE",
        "CODEOWNERS",
        "CHANGELOG",
        "AUTHORS",
        "CONTRIBUTING",
        "SECURITY",
    ];
    top.starts_with('.') || papers.iter().any(|name| stem.eq_ignore_ascii_case(name))
}

/// Refuses a branch that holds something else, or that can't be made beside those that are there.
pub(super) fn check_branch(repo: &Repo, name: &str) -> Result<(), CommandError> {
    let full = format!("refs/heads/{name}");
    let choose = |error: CommandError| {
        error.hint("name another one with `--launches-branch NAME`, or none with `--launches-here`")
    };
    for branch in repo.branches()? {
        let inside = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
        if inside(&branch, &full) || inside(&full, &branch) {
            let short = branch.trim_start_matches("refs/heads/");
            let message = format!("git can't have a branch `{name}` beside branch `{short}`");
            return Err(choose(CommandError::usage(message)));
        }
    }
    let standing = repo.standing(&full)?;
    for commit in standing.local.into_iter().chain(standing.fetched) {
        if let Some(path) = foreign(repo, commit)? {
            let message = format!("branch `{name}` is there, and holds `{path}`");
            return Err(choose(
                CommandError::usage(message).hint(format!("see `git log {}`", shell_word(name))),
            ));
        }
    }
    Ok(())
}

/// Returns a file of a commit that no branch of closed launches has.
fn foreign(repo: &Repo, commit: CommitId) -> Result<Option<String>, CommandError> {
    let files = repo.tree(commit)?.walk("")?.into_iter();
    let mut foreign = files.filter(|file| !launches::is_evidence(&file.path));
    Ok(foreign.next().map(|file| file.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_more_than_its_workspace() {
        for path in [
            "README.md",
            ".github/workflows/ci.yaml",
            "LICENSE-MIT",
            ".gitignore",
        ] {
            assert!(!is_product(path, ""), "{path}");
            assert!(!is_product(path, "qa"), "{path}");
        }
        for path in ["src/main.rs", "package.json", "qa-tools/x"] {
            assert!(is_product(path, "") && is_product(path, "qa"), "{path}");
        }
        assert!(!is_product("qa/notes.txt", "qa"));
        assert!(!is_product("projects/shop/project.yaml", ""));
        assert!(is_product("projects/shop/project.yaml", "qa"));
    }
}
