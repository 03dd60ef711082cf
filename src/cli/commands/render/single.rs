//! `tallybook render --single-file`: one launch in one file, for a mail or a ticket.

use std::path::{Path, PathBuf};

use super::{RenderArgs, of_site};
use crate::base::{files, text};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, FoundLaunch, Place, ProjectArg};
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::site::{self, SiteError};
use crate::store::Snapshot;

/// What a file has at most unless told, in bytes: a mail carries it as base 64, a third larger, and many servers
/// take 10 MB a mail.
pub(super) const BUDGET: u64 = 7_000_000;

pub(super) fn run(
    ui: &mut Ui,
    ctx: &Context,
    args: &RenderArgs,
    wanted: &str,
    (place, snapshot): (&Place, Snapshot),
) -> Result<Exit, CommandError> {
    let project = match args.projects.projects.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => {
            let error = CommandError::usage("a file has one launch, of one project");
            return Err(error.hint("name one project with `--project`, or none"));
        }
    };
    let loaded = place::load(&snapshot)?;
    let in_project = ProjectArg { project };
    let found = place::launch(
        place,
        &loaded.workspace,
        &snapshot,
        wanted,
        &in_project,
        &args.at,
    )?;
    let head = match found.found {
        FoundLaunch::Closed(head) => head,
        FoundLaunch::Open(id) => {
            let error = CommandError::usage(format!(
                "launch `{id}` is open; a file tells a closed launch"
            ));
            return Err(error.hint(format!(
                "`tallybook launch close {id}` closes it, `tallybook report {id}` tells it as it is"
            )));
        }
    };
    let out = match &args.out {
        Some(out) if out.as_os_str() == "-" => None,
        Some(out) => Some(out.clone()),
        None => Some(PathBuf::from(format!("{}.html", head.file.id))),
    };
    if let Some(out) = &out {
        refuse_folders(ctx, out)?;
    }
    tell_unavailable(ui, snapshot.unavailable());
    let now = place::now(&snapshot, args.now, ctx);
    let folder = found.project.folder.clone();
    let progress = ui.progress("rendering");
    place.complete(&snapshot)?;
    let snapshot = place.attached(ctx, snapshot)?;
    let budget = args.budget.unwrap_or(BUDGET);
    let room = usize::try_from(budget).unwrap_or(usize::MAX);
    let made = site::render_launch(&snapshot, now, &folder, &head.file.id, room);
    drop(progress);
    let is_small = matches!(made, Err(SiteError::Budget { .. }));
    let (single, damages) = of_site(made).map_err(|error| match is_small {
        true => error.hint("`--budget SIZE` takes bytes, or a size as `500kB`, `7MB` or `2MiB`"),
        false => error,
    })?;
    match &out {
        None => ui.out_raw(&single.html),
        Some(out) => {
            files::write_atomic(&ctx.resolve(out), single.html.as_bytes())?;
            ui.out(out.display().to_string());
        }
    }
    let size = text::bytes(single.html.len() as u64);
    ui.status(format!("{size}, of {} at most", text::bytes(budget)));
    for what in &single.left_out {
        ui.status(format!("left out: {what}"));
    }
    for damage in &damages {
        ui.warn(format!("left out `{}`: {}", damage.path, damage.message));
    }
    Ok(Exit::Fine)
}

/// A file that is to be written has a name of its own.
fn refuse_folders(ctx: &Context, out: &Path) -> Result<(), CommandError> {
    if !ctx.resolve(out).is_dir() {
        return Ok(());
    }
    let message = format!(
        "`{}` is a folder; `--single-file` writes one file",
        out.display()
    );
    Err(CommandError::usage(message).hint("name the file, as `--out launch.html`; `-` prints it"))
}

/// Parses a size: bytes, or a number and a unit.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 6] = [
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("kb", 1_000),
        ("mb", 1_000_000),
        ("b", 1),
        ("", 1),
    ];
    let wrong =
        || format!("`{text}` is no size, expected bytes, or a size as `500kB`, `7MB` or `2MiB`");
    let lower = text.trim().to_ascii_lowercase();
    let end = lower
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(lower.len());
    let (number, unit) = lower.split_at(end);
    let factor = UNITS.iter().find(|(name, _)| *name == unit.trim());
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let (_, factor) = factor.ok_or_else(wrong)?;
    number.checked_mul(*factor).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("1500"), Ok(1_500));
        assert_eq!(parse_size("7MB"), Ok(7_000_000));
        assert_eq!(parse_size("500 kB"), Ok(500_000));
        assert_eq!(parse_size("2MiB"), Ok(2 << 20));
        for wrong in ["", "MB", "-1", "1.5MB", "7 apples", "99999999999999MB"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
