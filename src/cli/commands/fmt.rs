//! `tallybook fmt`: documentation in its canonical form.

use std::path::{Path, PathBuf};

use super::case::unified;
use crate::author::format::{Formatted, format, formatted_kind};
use crate::base::text::{count, sanitize_line};
use crate::base::{files, path as paths};
use crate::cli::change;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place};
use crate::cli::ui::Ui;
use crate::git::ChangeSet;

/// Bring documentation into one form: the order of keys, and white space
///
/// Keys stand in the order of the schemas, with their comments; brackets and colons get one blank; steps are
/// written `1.`, so that branches merge; line ends become those of the first line. What a file says stays,
/// comments among it, and formatting twice changes nothing. Files that don't read are named and left alone.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook fmt
  tallybook fmt projects/shop/cases/auth
  tallybook fmt --check
  tallybook fmt --diff")]
pub(crate) struct FmtArgs {
    /// Files and folders [default: the whole workspace]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing; name the files that are in another form, and end with 1 where there are some
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &FmtArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.documentation(&AtArg::default())?;
    let loaded = place::load(&snapshot)?;
    let wanted = wanted(ctx, &place, &args.paths)?;
    let mut changes = ChangeSet::new("Format documentation");
    let (mut seen, mut unread) = (0u64, 0u64);
    // Of texts that are none, there is no source.
    let sources = loaded.sources.iter().map(|(path, _)| path);
    let broken = loaded.findings.iter().map(|finding| finding.path.as_str());
    let all: std::collections::BTreeSet<&str> = sources.chain(broken).collect();
    for path in all {
        let is_wanted = wanted.is_empty() || wanted.iter().any(|wanted| is_below(path, wanted));
        if !is_wanted || formatted_kind(path).is_none() {
            continue;
        }
        seen += 1;
        let formatted = match loaded.sources.get(path) {
            Some(text) => format(path, text),
            None => {
                let why = loaded.findings.iter().find(|finding| finding.path == path);
                let why = why.map(|finding| finding.message.clone());
                Formatted::Unread(why.unwrap_or_else(|| "it is no text".to_owned()))
            }
        };
        match formatted {
            Formatted::Same => {}
            Formatted::Changed(text) => {
                if args.diff {
                    let before = loaded.sources.get(path);
                    ui.out_raw(unified(path, before.map(|text| &**text), Some(&text)));
                }
                changes.write(path, text);
            }
            Formatted::Unread(why) => {
                unread += 1;
                ui.warn(format!("`{path}` is left as it is: {why}"));
            }
        }
    }
    if unread > 0 {
        ui.hint("`tallybook validate` shows what is wrong");
    }
    let many = count(changes.edits.len() as u64, "file");
    if !args.diff {
        changes
            .edits
            .iter()
            .for_each(|edit| ui.out(sanitize_line(&edit.path)));
    }
    let found = match changes.edits.is_empty() {
        true => format!("{} in form", count(seen - unread, "file")),
        false if args.check || args.diff => format!("{many} of {seen} in another form"),
        false => {
            change::write_over(&place, &loaded.sources, &changes)?;
            format!("formatted {many} of {seen}")
        }
    };
    ui.status(found);
    let differs = args.check && !changes.edits.is_empty();
    Ok(match differs || unread > 0 {
        true => Exit::Findings,
        false => Exit::Fine,
    })
}

/// Returns the paths that were named, relative to the workspace.
fn wanted(ctx: &Context, place: &Place, named: &[PathBuf]) -> Result<Vec<String>, CommandError> {
    let named = named.iter().map(|path| one(ctx, place, path));
    named.collect()
}

fn one(ctx: &Context, place: &Place, path: &Path) -> Result<String, CommandError> {
    let full = ctx.resolve(path);
    if !full.exists() {
        let message = format!("there is no `{}`", path.display());
        return Err(CommandError::usage(message).hint("name files or folders of the workspace"));
    }
    let (root, full) = (files::canonical(&place.root)?, files::canonical(&full)?);
    let inside = full.strip_prefix(&root).ok().and_then(paths::from_native);
    inside.ok_or_else(|| {
        let message = format!("`{}` is not in the workspace", path.display());
        CommandError::usage(message).hint("name files or folders of the workspace")
    })
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
