//! Parts that CI carried here as files.

use super::{CloseArgs, wanted_id};
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::place::{self, Place};
use crate::cli::ui::Ui;
use crate::ledger::{self, ImportError};
use crate::store::Loaded;

/// Takes over parts that were carried here as files.
pub(super) fn import(
    ui: &mut Ui,
    ctx: &Context,
    args: &CloseArgs,
    place: &Place,
    loaded: &Loaded,
) -> Result<(), CommandError> {
    let project = place::project(&loaded.workspace, &args.project)?;
    let state = place.open_state(project)?;
    let id = wanted_id(args, place, project)?;
    for folder in &args.from {
        let taken = ledger::import(&state, &ctx.resolve(folder), &id).map_err(not_taken)?;
        ui.status(format!(
            "took {} from `{}`",
            text::count(taken.parts as u64, "part"),
            folder.display()
        ));
        if let Some(notice) = taken.notice {
            ui.status(notice);
        }
    }
    Ok(())
}

/// Says why nothing was taken over, and what to do about it.
fn not_taken(error: ImportError) -> CommandError {
    let hint = match &error {
        ImportError::Altered { .. } => {
            "carry the job's artefact again, or append its results again with `--to`; `sha256sum -c SHA256SUMS` \
             in the part says what is wrong"
        }
        ImportError::Differs { .. } => {
            "both are kept where they are: find out which one is right, and leave the other out; one that is open \
             here goes with `tallybook launch discard`, and one that was carried by removing its folder"
        }
        _ => return error.into(),
    };
    CommandError {
        kind: ErrorKind::Finding,
        ..CommandError::from(error)
    }
    .hint(hint)
}
