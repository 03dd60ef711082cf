//! `tallybook report feed`

use super::{OutArg, site};
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::exchange::report::{Entry, Feed};
use crate::store::launches::LaunchHead;

/// Make an Atom feed of closings
///
/// Each closed launch is an entry whose id is its receipt, so that feed readers tell none twice.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook report feed --base-url https://acme.github.io/shop --out feed.xml
  tallybook report feed --branch main --limit 20")]
pub(super) struct FeedArgs {
    /// Of this branch alone
    #[arg(long)]
    branch: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    #[command(flatten)]
    site: site::SiteArg,
    /// How many closings, the latest
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    out: OutArg,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &FeedArgs) -> Result<Exit, CommandError> {
    let address = args.site.address()?;
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let lacks = reader.tell_damages(ui, []);
    tell_unavailable(ui, snapshot.unavailable());
    let pages = address.map(|address| site::Pages::new(address, &loaded.workspace, &reader));
    let pages = pages.as_ref();
    let mut heads: Vec<&LaunchHead> = reader
        .heads
        .iter()
        .filter(|head| args.branch.is_none() || args.branch == head.file.source.branch)
        .collect();
    heads.sort_by_key(|head| (std::cmp::Reverse(head.file.closed.at), &head.file.id));
    let feed = Feed {
        project: project.key().unwrap_or(&project.folder).to_owned(),
        origin: reader
            .heads
            .first()
            .map_or_else(String::new, |head| head.receipt.to_string()),
        title: format!("{}: closed launches", project.name()),
        author: project.name().to_owned(),
        page: pages.and_then(site::Pages::project),
        own: pages.and_then(|pages| pages.file("feed.xml")),
        entries: heads
            .into_iter()
            .take(args.limit)
            .map(|head| entry(&reader, head, pages))
            .collect(),
    };
    args.out.write(ui, ctx, &feed.xml(), "feed")?;
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

fn entry(reader: &Reader<'_>, head: &LaunchHead, pages: Option<&site::Pages>) -> Entry {
    let id = &head.file.id;
    let next = reader
        .heads
        .iter()
        .find(|other| other.file.supersedes.as_ref() == Some(id));
    Entry {
        receipt: format!("sha256:{}", head.receipt),
        page: pages.and_then(|pages| pages.launch(id)),
        superseded_by: next.map(|other| other.file.id.clone()),
        file: head.file.clone(),
    }
}
