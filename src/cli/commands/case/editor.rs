//! A text in a person's editor.

use std::path::Path;
use std::process::{Command, ExitStatus};

use crate::base::{files, text};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::Place;

/// What a new case begins with.
pub(super) const TEMPLATE: &str = "
What this proves, and why.

## Preconditions

## Steps

1. Do something.
   - **Expected:** what is to be seen then.

## Postconditions
";

/// Opens a text in the editor that git or the shell would take, and returns what it is afterwards.
pub(super) fn edit(
    ctx: &Context,
    place: &Place,
    name: &str,
    given: &str,
) -> Result<String, CommandError> {
    let known = ["GIT_EDITOR", "VISUAL", "EDITOR"].into_iter();
    let mut known = known.filter_map(|name| ctx.vars.get(name));
    let editor = known.find(|editor| !editor.trim().is_empty());
    let editor = editor.ok_or_else(|| {
        CommandError::usage("no editor is known: EDITOR is not set")
            .hint("set EDITOR, or give the steps by `--steps FILE`")
    })?;
    let around = match &place.repo {
        Some(repo) => repo.common_dir().join("tallybook"),
        None => place.root.clone(),
    };
    let folder = files::create_temp_dir(&around, "edit-")?;
    let path = folder.path().join(name);
    files::write(&path, given.as_bytes())?;
    let ended = start(editor, &path).map_err(|error| {
        let message = format!(
            "the editor `{}` did not start: {error}",
            text::line(editor, 100)
        );
        CommandError::usage(message)
    })?;
    if !ended.success() {
        return Err(CommandError::usage(
            "the editor ended with an error; nothing was written",
        ));
    }
    Ok(files::read_text(&path)?)
}

/// Runs an editor as git does: what is set may have arguments.
#[cfg(unix)]
fn start(editor: &str, path: &Path) -> std::io::Result<ExitStatus> {
    let script = format!("{editor} \"$@\"");
    Command::new("sh")
        .args(["-c", &script, editor])
        .arg(path)
        .status()
}

#[cfg(not(unix))]
fn start(editor: &str, path: &Path) -> std::io::Result<ExitStatus> {
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    Command::new(program).args(words).arg(path).status()
}
