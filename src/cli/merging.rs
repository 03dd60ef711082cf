//! The merge driver as git is told of it.

use std::path::{Path, PathBuf};

use crate::author::merge::{DRIVER, DRIVER_NAME, driver_line, with_merge_attributes};
use crate::base::{files, text};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::git::Repo;

/// Returns the line that registers this program: by its name where that is what runs, else by its path.
pub(crate) fn driver(ctx: &Context) -> String {
    let Ok(own) = std::env::current_exe() else {
        return driver_line("tallybook");
    };
    let real = |path: &Path| path.canonicalize().unwrap_or(path.to_owned());
    let name = format!("tallybook{}", std::env::consts::EXE_SUFFIX);
    let folders = ctx.vars.get("PATH").map(std::env::split_paths);
    let mut found = folders
        .into_iter()
        .flatten()
        .map(|folder| folder.join(&name))
        .filter(|path: &PathBuf| path.is_file());
    let is_named = found.next().is_some_and(|path| real(&path) == real(&own));
    match is_named {
        true => driver_line("tallybook"),
        false => driver_line(&text::shell_word(&for_a_shell(&own))),
    }
}

/// git runs drivers by a shell, on Windows too, where a backslash is no separator.
fn for_a_shell(path: &Path) -> String {
    let path = path.display().to_string();
    match cfg!(windows) {
        true => path.replace('\\', "/"),
        false => path,
    }
}

/// Registers the driver in the repository's own configuration; whether that changed anything.
pub(crate) fn register(repo: &Repo, ctx: &Context) -> Result<bool, CommandError> {
    let driver = driver(ctx);
    let key = format!("merge.{DRIVER}.driver");
    if repo.setting(&key).as_ref() == Some(&driver) {
        return Ok(false);
    }
    repo.configure(&format!("merge.{DRIVER}.name"), DRIVER_NAME)?;
    repo.configure(&key, &driver)?;
    Ok(true)
}

/// Adds the lines to a workspace's `.gitattributes` that select the driver; whether any were missing.
pub(crate) fn select(root: &Path) -> Result<bool, CommandError> {
    let path = root.join(".gitattributes");
    let old = files::read_optional(&path)?.unwrap_or_default();
    let Ok(old) = String::from_utf8(old) else {
        return Ok(false);
    };
    let Some(new) = with_merge_attributes(&old) else {
        return Ok(false);
    };
    files::write_atomic(&path, new.as_bytes())?;
    Ok(true)
}
