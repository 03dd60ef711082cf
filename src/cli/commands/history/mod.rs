//! `tallybook history`: how steady tests are, on each branch and in each environment.

mod gather;
mod text;
mod view;

use crate::cli::args::NowArgs;
use crate::cli::commands::launch::TableFormat;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;

/// Show how steady tests are, on each branch and in each environment
///
/// For one test: its latest entries, pass rate and flip rate, since when it fails, and the commits that
/// brought that. Without one: all tests of each branch and environment together. Only closed launches
/// count, and of these entries that passed, failed or broke.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook history
  tallybook history SHOP-K4F7QM
  tallybook history 2026-11-22-1843-nightly-4f7k/4f7k3a2b9c1d0e5f --branch main
  tallybook history 'tests.auth.test_login.TestLogin#test_expired' --last 50
  tallybook history --format csv > stability.csv")]
pub(crate) struct HistoryArgs {
    /// A case's id, LAUNCH/RESULT, or a test's name as results have it
    #[arg(value_name = "TEST")]
    test: Option<String>,
    /// Only this branch; may be given more than once [default: all, the latest first]
    #[arg(long, value_name = "BRANCH")]
    branch: Vec<String>,
    /// How many entries of each line the rates are over
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    last: u16,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print; CSV has one row for each branch and environment
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
}

/// The lines of one case on all branches.
pub(in crate::cli::commands) struct CaseHistory(gather::Gathered);

/// Reads the history of a case.
pub(in crate::cli::commands) fn of_case(
    ui: &mut Ui,
    reader: &Reader<'_>,
    id: &str,
) -> Result<CaseHistory, CommandError> {
    let args = HistoryArgs {
        test: Some(id.to_owned()),
        branch: Vec::new(),
        last: 20,
        project: ProjectArg::default(),
        at: AtArg::default(),
        now: NowArgs { now: None },
        format: TableFormat::default(),
    };
    let asked = gather::Asked::of_case(reader.project, id);
    Ok(CaseHistory(gather::gather(ui, reader, asked, &args)?))
}

impl CaseHistory {
    /// Prints what people read of it.
    pub(in crate::cli::commands) fn show(&self, ui: &mut Ui) {
        text::branches(ui, &self.0);
    }

    /// Returns the lines as programs read them.
    pub(in crate::cli::commands) fn json(&self) -> Result<serde_json::Value, CommandError> {
        let whole: serde_json::Value = serde_json::from_str(&view::json(&self.0)?)?;
        Ok(whole["branches"].clone())
    }

    pub(in crate::cli::commands) fn damages(&self) -> &[crate::store::launches::Damage] {
        &self.0.damages
    }
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &HistoryArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let asked = gather::find(&place, &loaded.workspace, &snapshot, args)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, asked.project, &args.at, now)?;
    let gathered = gather::gather(ui, &reader, asked, args)?;
    let lacks = reader.tell_damages(ui, &gathered.damages);
    tell_unavailable(ui, snapshot.unavailable());
    if gathered
        .branches
        .iter()
        .all(|branch| branch.history.earlier() == 0)
    {
        ui.warn("history unavailable: no closed launch counts");
    }
    match args.format {
        TableFormat::Text => text::text(ui, ctx, &gathered),
        TableFormat::Json => ui.out_raw(view::json(&gathered)?),
        TableFormat::Csv => ui.out_raw(view::csv(&gathered)),
    }
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}
