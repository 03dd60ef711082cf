//! Where an export goes: to stdout, into a file, into a folder. What others wrote is not overwritten.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::base::{files, path as paths};
use crate::cli::context::Context;
use crate::cli::error::CommandError;

/// Lists what an export wrote into a folder, one path a line.
pub(super) const LIST: &str = ".tallybook-export";

/// Where to write.
#[derive(Debug, clap::Args)]
pub(super) struct OutArgs {
    /// Write into this file instead of printing
    #[arg(short, long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Write over what no export of this format wrote
    #[arg(long, requires = "out")]
    pub(super) force: bool,
}

/// Writes a file. One that is there is replaced where it is empty or `is_ours`, or where that is forced.
pub(super) fn write(
    ctx: &Context,
    (out, force): (&Path, bool),
    text: &[u8],
    is_ours: impl Fn(&[u8]) -> bool,
) -> Result<(), CommandError> {
    check(ctx, (out, force), is_ours)?;
    Ok(files::write_atomic(&ctx.resolve(out), text)?)
}

/// Refuses a file that somebody else wrote.
pub(super) fn check(
    ctx: &Context,
    (out, force): (&Path, bool),
    is_ours: impl Fn(&[u8]) -> bool,
) -> Result<(), CommandError> {
    let path = ctx.resolve(out);
    let shown = out.display();
    if path.is_dir() {
        return Err(CommandError::usage(format!("`{shown}` is a folder"))
            .hint("name a file that is to be written"));
    }
    let old = match force {
        true => None,
        false => files::read_optional(&path)?,
    };
    match old {
        Some(old) if !old.is_empty() && !is_ours(&old) => Err(CommandError::usage(format!(
            "`{shown}` is there, and no export of this format"
        ))
        .hint("name another file, or write over it with `--force`")),
        _ => Ok(()),
    }
}

/// A folder of files that an export writes.
pub(super) struct Folder {
    root: PathBuf,
    /// What an earlier export wrote here.
    old: BTreeSet<String>,
    new: BTreeSet<String>,
}

impl Folder {
    /// Takes a folder: one that is not there, is empty, or is an export; any where that is forced.
    pub(super) fn take(ctx: &Context, out: &Path, force: bool) -> Result<Self, CommandError> {
        let root = ctx.resolve(out);
        let shown = out.display();
        if root.exists() && !root.is_dir() {
            return Err(CommandError::usage(format!("`{shown}` is no folder"))
                .hint("name a folder that is to be written"));
        }
        let is_empty = !root.is_dir() || files::list_dir(&root)?.is_empty();
        let list = match root.is_dir() {
            true => files::read_optional(&root.join(LIST))?,
            false => None,
        };
        if !is_empty && list.is_none() && !force {
            return Err(CommandError::usage(format!(
                "`{shown}` is not empty, and no export wrote it"
            ))
            .hint("name another folder, or write among what is there with `--force`"));
        }
        let list = String::from_utf8_lossy(&list.unwrap_or_default()).into_owned();
        // The list may say anything: only what is below the folder counts.
        let is_below = |line: &&str| paths::resolve("", line).as_deref() == Some(*line);
        let old = list.lines().filter(is_below).map(str::to_owned);
        Ok(Self {
            old: old.collect(),
            new: BTreeSet::new(),
            root,
        })
    }

    /// Says what will be written, so that a later export knows it whatever happens to this one.
    pub(super) fn announce(
        &mut self,
        names: impl Iterator<Item = String>,
    ) -> Result<(), CommandError> {
        self.new = names.collect();
        let all: BTreeSet<&String> = self.old.union(&self.new).collect();
        self.list(all)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), CommandError> {
        let path = paths::to_native(&self.root, name);
        if let Some(parent) = path.parent() {
            files::create_dir(parent)?;
        }
        Ok(files::write(&path, bytes)?)
    }

    /// Removes what an earlier export wrote and this one did not.
    pub(super) fn finish(self) -> Result<(), CommandError> {
        for name in self.old.difference(&self.new) {
            let path = paths::to_native(&self.root, name);
            files::remove_file(&path)?;
            if name.contains('/')
                && let Some(parent) = path.parent()
            {
                files::remove_empty_dir(parent);
            }
        }
        self.list(self.new.iter().collect())
    }

    fn list(&self, names: BTreeSet<&String>) -> Result<(), CommandError> {
        files::create_dir(&self.root)?;
        let lines: String = names.into_iter().map(|name| format!("{name}\n")).collect();
        Ok(files::write_atomic(
            &self.root.join(LIST),
            lines.as_bytes(),
        )?)
    }
}
