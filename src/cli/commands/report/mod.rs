//! `tallybook report`: a launch told to people elsewhere.

mod badge;
mod feed;
mod make;
mod metrics;
mod site;

use std::path::{Path, PathBuf};

pub(in crate::cli::commands) use self::site::SiteArg;

use crate::base::{files, text};
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::told::Teller;
use crate::cli::ui::Ui;
use crate::exchange::report::{self, Report};

/// Tell a launch to people elsewhere: in pull requests, chats, mail
///
/// The verdict first, what changed against the baseline, new failures with message, owner and since when.
/// Each format stays inside what its receiver takes, and says how many it left out. Nothing in a result
/// can act at the receiver. The launch may be open.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_long_help = "Examples:
  tallybook report 2026-11-22-1843
  tallybook report \"$id\" --format github >> \"$GITHUB_STEP_SUMMARY\"
  tallybook report \"$id\" --format markdown --base-url https://acme.github.io/shop --out comment.md
  tallybook report \"$id\" --format slack | curl -d @- -H 'Content-Type: application/json' \"$SLACK_WEBHOOK\"
  tallybook report badge --branch main --format svg --out badge.svg
  tallybook report feed --base-url https://acme.github.io/shop --out feed.xml
  tallybook report metrics --out tallybook.prom"
)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    command: Option<ReportCommand>,
    #[command(flatten)]
    launch: LaunchReportArgs,
}

#[derive(Debug, clap::Subcommand)]
enum ReportCommand {
    Badge(badge::BadgeArgs),
    Feed(feed::FeedArgs),
    Metrics(metrics::MetricsArgs),
}

#[derive(Debug, clap::Args)]
struct LaunchReportArgs {
    /// The launch: its id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH", required = true)]
    launch: Option<String>,
    /// What it is held against [default: its baseline]
    #[arg(long, value_name = "LAUNCH")]
    base: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    #[command(flatten)]
    site: site::SiteArg,
    /// How many tests of each list [default: what the format's receivers like]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Whom to tell
    #[arg(
        long,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        value_name = "text|markdown|github|slack|teams|mail|json"
    )]
    format: Format,
    #[command(flatten)]
    out: OutArg,
}

/// Where an answer goes.
#[derive(Clone, Debug, Default, clap::Args)]
struct OutArg {
    /// Write into this file instead of printing
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A terminal
    #[default]
    Text,
    /// A comment on a pull or merge request, with a hidden marker in its first line
    Markdown,
    /// The summary of a step of GitHub Actions
    Github,
    /// An incoming webhook of Slack: Block Kit
    Slack,
    /// An incoming webhook or a workflow of Teams: an Adaptive Card
    Teams,
    /// `sendmail -t`, which wants a line `To:` before it
    Mail,
    /// Programs; stable
    Json,
}

impl Format {
    /// How many tests of a list are worth their place.
    fn listed(self) -> usize {
        match self {
            Self::Slack | Self::Teams => 10,
            Self::Text => 20,
            Self::Markdown | Self::Mail => 50,
            Self::Github => 200,
            Self::Json => usize::MAX,
        }
    }

    fn write(self, report: &Report, width: usize) -> String {
        match self {
            Self::Text => report::terminal(report, width),
            Self::Markdown => report::comment(report),
            Self::Github => report::summary(report),
            Self::Slack => report::slack(report),
            Self::Teams => report::teams(report),
            Self::Mail => report::mail(report),
            Self::Json => report.json(),
        }
    }
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ReportArgs) -> Result<Exit, CommandError> {
    match &args.command {
        Some(ReportCommand::Badge(args)) => badge::run(ui, ctx, args),
        Some(ReportCommand::Feed(args)) => feed::run(ui, ctx, args),
        Some(ReportCommand::Metrics(args)) => metrics::run(ui, ctx, args),
        None => of_launch(ui, ctx, &args.launch),
    }
}

fn of_launch(ui: &mut Ui, ctx: &Context, args: &LaunchReportArgs) -> Result<Exit, CommandError> {
    let address = args.site.address()?;
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let find = |wanted: &str, project: &ProjectArg| {
        place::launch(&place, workspace, &snapshot, wanted, project, &args.at)
    };
    let wanted = args.launch.as_deref().unwrap_or_default();
    let found = find(wanted, &args.project)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, found.project, &args.at, now)?;
    let launch = reader.launch(&found.found)?;
    let base = match &args.base {
        Some(wanted) => {
            let own = ProjectArg {
                project: Some(found.project.folder.clone()),
            };
            Some(reader.launch(&find(wanted, &own)?.found)?)
        }
        None => None,
    };
    let reading = reader.reading(ui, launch, base)?;
    let teller = Teller::new(
        found.project,
        snapshot.launches.as_ref(),
        reading.launch(),
        Some(&reading),
    )?;
    let damages = reading
        .history()
        .damages
        .iter()
        .chain(&teller.rows().damages);
    let lacks = reader.tell_damages(ui, damages);
    tell_unavailable(ui, snapshot.unavailable());
    let pages = address.map(|address| site::Pages::new(address, workspace, &reader));
    let report = make::report(&make::Made {
        reader: &reader,
        reading: &reading,
        teller: &teller,
        pages: pages.as_ref(),
        limit: args.limit.unwrap_or(args.format.listed()),
        lacks,
    });
    args.out
        .write(ui, ctx, &args.format.write(&report, ctx.width), "report")?;
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

impl OutArg {
    /// Prints an answer, or writes it into a file.
    fn write(
        &self,
        ui: &mut Ui,
        ctx: &Context,
        answer: &str,
        what: &str,
    ) -> Result<(), CommandError> {
        let Some(out) = &self.out else {
            ui.out_raw(answer);
            return Ok(());
        };
        files::write_atomic(&ctx.resolve(out), answer.as_bytes())?;
        let bytes = text::bytes(answer.len() as u64);
        ui.status(format!("wrote the {what} to `{}` ({bytes})", shown(out)));
        Ok(())
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
