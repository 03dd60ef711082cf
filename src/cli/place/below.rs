//! Workspaces below the folder where somebody looked for one.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::store_error;
use crate::store::{StoreError, WORKSPACE_FILE};

/// How many folders down is looked: a product has its workspace in `qa` or `tests/qa`.
const DEPTH: usize = 2;
/// How many files and folders are looked at: this is for a hint.
const LOOKED_AT: usize = 20_000;
/// Folders that can be large, and are nobody's own.
const FOREIGN: [&str; 3] = ["node_modules", "target", "vendor"];

/// Says that there is no workspace here, and where there is one below.
pub(super) fn no_workspace(ctx: &Context, error: StoreError) -> CommandError {
    let found = workspaces_below(&ctx.cwd);
    let [first, rest @ ..] = found.as_slice() else {
        return store_error(error);
    };
    let shown = |folder: &Path| {
        let relative = folder.strip_prefix(&ctx.started).unwrap_or(folder);
        relative.display().to_string()
    };
    let all: Vec<String> = found.iter().map(|folder| shown(folder)).collect();
    let are = if rest.is_empty() {
        "a workspace is"
    } else {
        "workspaces are"
    };
    let word = text::shell_word(&shown(first));
    CommandError::from(error).hint(format!(
        "{are} in {}: `cd {word}` first, or `tallybook -C {word} …`",
        text::ticked(&all, "and")
    ))
}

fn workspaces_below(folder: &Path) -> Vec<PathBuf> {
    let is_own = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name.starts_with('.') || FOREIGN.contains(&name.as_ref()))
    };
    WalkDir::new(folder)
        .max_depth(DEPTH + 1)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(is_own)
        .take(LOOKED_AT)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && entry.file_name() == WORKSPACE_FILE)
        .filter_map(|entry| entry.path().parent().map(Path::to_path_buf))
        .collect()
}
