//! `tallybook render`: the static site.

use std::path::{Path, PathBuf};

use super::report::SiteArg;
use crate::base::{Timestamp, text};
use crate::cli::context::{Context, parse_time};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{AtArg, Place};
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::site::{self, Options};
use crate::store::{Snapshot, SnapshotName};

/// Render the review site
///
/// Plain files that open from anywhere: a folder, a static host, a sub-path. The same commit gives
/// the same bytes. A folder that is there is replaced only where it is a rendered site.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook render --out site
  tallybook render --out site --at main
  tallybook render --out site --at main:tallybook
  tallybook render --out site --site https://acme.github.io/shop")]
pub(crate) struct RenderArgs {
    /// The folder to write
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    at: AtArg,
    /// The time that the site speaks of [default: the commit's, or the clock]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    now: Option<Timestamp>,
    #[command(flatten)]
    site: SiteArg,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &RenderArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let now = args
        .now
        .or(matches!(snapshot.name, SnapshotName::WorkingTree).then_some(ctx.now));
    let options = Options {
        site: args.site.address()?,
        ..Options::default()
    };
    let out = ctx.resolve(&args.out);
    tell_unavailable(ui, snapshot.unavailable());
    let progress = ui.progress("rendering");
    place.complete(&snapshot)?;
    let snapshot = place.attached(ctx, snapshot)?;
    let summary = render(&snapshot, now, options, &out)?;
    drop(progress);
    ui.out(args.out.join("index.html").display().to_string());
    ui.status(format!(
        "rendered {} and {} into {}",
        text::count(summary.launches, "launch"),
        text::count(summary.cases, "case"),
        text::count(summary.files, "file"),
    ));
    for damage in &summary.damages {
        ui.warn(format!("left out `{}`: {}", damage.path, damage.message));
    }
    Ok(Exit::Fine)
}

/// Renders a snapshot into a folder; `now` is the commit's time unless given.
pub(crate) fn render(
    snapshot: &Snapshot,
    now: Option<Timestamp>,
    options: Options,
    out: &Path,
) -> Result<site::Rendered, CommandError> {
    let now = match (&snapshot.name, now) {
        (_, Some(now)) => now,
        (SnapshotName::Commit { time, .. }, None) => *time,
        (SnapshotName::WorkingTree, None) => {
            return Err(CommandError::internal(
                "a working tree has no time of its own",
            ));
        }
    };
    Ok(site::render_snapshot(snapshot, now, options, out)?)
}
