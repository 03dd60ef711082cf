//! `tallybook launch note`

use std::path::PathBuf;

use super::amend::{self, AmendArgs};
use super::share::{self, Wanted};
use crate::base::files;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::ProjectArg;
use crate::cli::ui::Ui;
use crate::ledger;
use crate::store::CommitFiles;

/// Say something of a closed launch later
///
/// A note is a file of its own in `annotations/`, made by one commit; the launch stays as it was closed.
/// `launch show` and the site show it. What is wrong with results is corrected by a new launch that
/// supersedes this one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch note 2026-11-22-1843-nightly-4f7k \"the sandbox was down from 18:50 on\"
  tallybook launch note \"$id\" --file findings.md --push")]
pub(crate) struct NoteArgs {
    /// The launch's id, or the beginning of it
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// What to say
    #[arg(value_name = "TEXT", required_unless_present = "file")]
    text: Option<String>,
    /// Take the text from a file
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    amend: AmendArgs,
}

/// The longest note, in bytes.
const MAX: usize = 64 << 10;

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &NoteArgs) -> Result<Exit, CommandError> {
    let text = match (&args.text, &args.file) {
        (_, Some(file)) => files::read_text(&ctx.resolve(file))?,
        (text, None) => text.clone().unwrap_or_default(),
    };
    if text.len() > MAX {
        return Err(CommandError::usage(format!(
            "a note has at most {} KiB",
            MAX >> 10
        )));
    }
    let (place, snapshot, loaded) = share::load(ctx)?;
    let wanted = Wanted::Id(&args.launch);
    let found = share::find(&place, &loaded, &snapshot, wanted, &args.project, None)?;
    let (project, head) = amend::closed(found)?;
    let amendment = args
        .amend
        .resolve(ctx, (&place, &loaded), ("the note", &text))?;
    let repo = place.repo()?;
    amendment.commit(ui, &place, &mut |tip| {
        let files = CommitFiles::of_tip(repo, tip, &place.prefix);
        Ok(ledger::note(
            &files,
            &project,
            &head.file.id,
            &amendment.said,
        )?)
    })?;
    Ok(Exit::Fine)
}
