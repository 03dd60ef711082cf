//! `tallybook fsck`: has the store of attachments what closed launches list.

use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place};
use crate::cli::ui::Ui;
use crate::ledger;
use crate::store::attachments::{AttachmentStore, Held};

/// Check the store of attachments
///
/// Holds what closed launches list against the store that `attachments` in `tallybook.yaml` names: a
/// folder, or the objects of git-lfs. Each attachment must be there with the digest that it is listed
/// with, unless it was removed with a record. Ends with 1 where one is missing or is something else.
///
/// What the folder has and no launch lists is named; a launch that is not on this branch, or not closed
/// here yet, may need it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook fsck
  tallybook fsck --at origin/main
  tallybook fsck --prune")]
pub(crate) struct FsckArgs {
    #[command(flatten)]
    at: AtArg,
    /// Remove what no launch lists; only where no other branch and no other workspace uses the folder
    #[arg(long, conflicts_with = "at")]
    prune: bool,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &FsckArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let store = place.attachments(ctx, &loaded.workspace)?;
    let Some(folder) = store.folder() else {
        ui.out("attachments are kept in git: `tallybook verify` checks them");
        return Ok(Exit::Fine);
    };
    if !folder.is_there() && matches!(store, AttachmentStore::Directory(_)) {
        let root = folder.root().display();
        return Err(
            CommandError::usage(format!("the store `{root}` is not there"))
                .hint("mount it, or create the folder if nothing was stored yet"),
        );
    }
    let projects: Vec<String> = loaded
        .workspace
        .projects
        .iter()
        .map(|p| p.folder.clone())
        .collect();
    let progress = ui.progress("reading the store");
    let stock = ledger::take_stock(&*snapshot.launches, &projects, &store)?;
    drop(progress);
    for (launch, path, held) in &stock.faults {
        let what = match held {
            Held::Wrong => "is something else in the store",
            _ => "is not in the store",
        };
        ui.out(format!("`{path}` of launch `{launch}` {what}"));
    }
    for skipped in &stock.skipped {
        ui.warn(skipped);
    }
    orphans(ui, args, folder, &stock.orphans)?;
    let listed = text::count(stock.listed as u64, "attachment");
    match stock.faults.len() as u64 {
        0 => {
            ui.status(format!("{listed} in the store, as listed"));
            Ok(Exit::Fine)
        }
        n => {
            ui.status(format!(
                "{} of {listed} {} not as listed",
                text::thousands(n),
                if n == 1 { "is" } else { "are" }
            ));
            if matches!(store, AttachmentStore::Lfs(_)) {
                ui.hint("`git lfs fetch --all` gets what a remote has");
            }
            Ok(Exit::Findings)
        }
    }
}

/// How many attachments that nobody lists are named.
const NAMED: usize = 5;

fn orphans(
    ui: &mut Ui,
    args: &FsckArgs,
    folder: &crate::store::attachments::ContentFolder,
    orphans: &[String],
) -> Result<(), CommandError> {
    if orphans.is_empty() {
        return Ok(());
    }
    let files = text::count(orphans.len() as u64, "file");
    if args.prune {
        for name in orphans {
            folder.remove(name)?;
        }
        ui.status(format!("removed {files} that no launch lists"));
        return Ok(());
    }
    let some: Vec<&String> = orphans.iter().take(NAMED).collect();
    let more = if orphans.len() > NAMED { " …" } else { "" };
    ui.status(format!(
        "{files} that no launch lists: {}{more}",
        text::ticked(&some, "and")
    ));
    ui.hint("`tallybook fsck --prune` removes them, where nothing else uses the folder");
    Ok(())
}
