//! `--since`: a site of the launches that came later.

use std::collections::HashSet;

use super::RenderArgs;
use crate::cli::context::parse_time;
use crate::cli::error::CommandError;
use crate::cli::place::{self, AtArg, Place};
use crate::cli::ui::Ui;
use crate::site::{Since, TooEarly};
use crate::store::launches;

/// Returns what `--since` says: launches closed at a time or later, or those that a commit does not have.
pub(super) fn since(place: &Place, text: &str) -> Result<Since, CommandError> {
    if let Ok(time) = parse_time(text) {
        return Ok(Since {
            said: time.format("%-d %b %Y"),
            earlier: TooEarly::Before(time),
        });
    }
    let at = AtArg {
        at: Some(text.to_owned()),
    };
    let snapshot = place.snapshot(&at).map_err(|error| {
        error.hint(
            "`--since` takes a commit, a day as `2026-11-22`, or a time as `2026-11-22T18:43:00Z`",
        )
    })?;
    let loaded = place::load(&snapshot)?;
    let mut receipts = HashSet::new();
    for project in &loaded.workspace.projects {
        let (heads, _) =
            launches::heads(&*snapshot.launches, &project.folder).map_err(CommandError::from)?;
        receipts.extend(heads.iter().map(|head| head.receipt.to_string()));
    }
    Ok(Since {
        said: text.to_owned(),
        earlier: TooEarly::In(receipts),
    })
}

/// Says that no launch is new enough.
pub(super) fn tell_nothing(ui: &mut Ui, args: &RenderArgs, launches: u64) {
    if let Some(since) = args.since.as_deref().filter(|_| launches == 0) {
        ui.warn(format!(
            "no launch was closed since `{since}`, so the site has none"
        ));
    }
}
