//! A text in a person's editor.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use tempfile::TempDir;

use crate::base::{files, path as paths, text};
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

/// What a person wrote in an editor. It is gone once it is dropped, unless it is kept.
pub(super) struct Draft {
    pub(super) text: String,
    folder: TempDir,
    path: PathBuf,
    /// Where the text belongs.
    target: PathBuf,
}

impl Draft {
    /// Keeps what was written and did not get to its place, and adds how to go on with it.
    pub(super) fn keep(self, error: CommandError) -> CommandError {
        let kept = self.kept();
        kept.into_iter().fold(error, CommandError::hint)
    }

    /// Keeps what was written, and returns where it is and how to go on with it.
    pub(super) fn kept(self) -> [String; 2] {
        let _ = self.folder.keep();
        let word = |path: &Path| text::shell_word(&path.display().to_string());
        let (path, target) = (word(&self.path), word(&self.target));
        let folder = self.target.parent().filter(|folder| !folder.exists());
        let next = match (self.target.exists(), folder) {
            (true, _) => format!("mend it there, and put it beside {target}, under another name"),
            (false, None) => {
                format!("mend it there, then put it in its place: `mv {path} {target}`")
            }
            (false, Some(folder)) => format!(
                "mend it there, then put it in its place: `mkdir -p {} && mv {path} {target}`",
                word(folder)
            ),
        };
        [format!("what you wrote is kept: {path}"), next]
    }
}

/// Opens a text in the editor that git or the shell would take, and returns what it is afterwards. `target` is
/// the path in the workspace that it is for.
pub(super) fn edit(
    ctx: &Context,
    place: &Place,
    target: &str,
    given: &str,
) -> Result<Draft, CommandError> {
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
    let path = folder.path().join(paths::file_name(target));
    files::write(&path, given.as_bytes())?;
    let ended = start(editor, &path).map_err(|error| {
        let message = format!(
            "the editor `{}` did not start: {error}",
            text::line(editor, 100)
        );
        CommandError::usage(message)
    })?;
    let read = files::read_text(&path);
    let draft = Draft {
        text: read.as_ref().map_or_else(|_| String::new(), Clone::clone),
        folder,
        path,
        target: paths::to_native(&place.root, target),
    };
    let error = match read {
        Ok(_) if ended.success() => return Ok(draft),
        Ok(_) => CommandError::usage("the editor ended with an error; nothing was written"),
        Err(error) => error.into(),
    };
    match draft.text == given || !draft.path.exists() {
        true => Err(error),
        false => Err(draft.keep(error)),
    }
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
