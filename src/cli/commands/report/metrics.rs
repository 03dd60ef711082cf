//! `tallybook report metrics`

use std::collections::BTreeMap;

use super::{OutArg, make};
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::exchange::report::{Measured, metrics};
use crate::ledger::{self, without_numbers};
use crate::store::launches::LaunchHead;

/// Measure the latest launches, as OpenMetrics text
///
/// One set of gauges for each name and branch: counts by status, pass ratio with its denominator,
/// unresolved and muted, duration, time of closing. `#` stands for numbers in names, so that nightly runs
/// are one series.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook report metrics --out /var/lib/node_exporter/tallybook.prom
  tallybook report metrics --branch main")]
pub(super) struct MetricsArgs {
    /// Of this branch alone
    #[arg(long)]
    branch: Option<String>,
    /// The project's key or folder [default: all projects]
    #[arg(short, long, value_name = "KEY")]
    project: Option<String>,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    #[command(flatten)]
    out: OutArg,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &MetricsArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let projects = match &args.project {
        Some(_) => {
            let project = args.project.clone();
            vec![place::project(workspace, &ProjectArg { project })?]
        }
        None => workspace.projects.iter().collect(),
    };
    let now = place::now(&snapshot, args.now.now, ctx);
    tell_unavailable(ui, snapshot.unavailable());
    let mut measured = Vec::new();
    let mut lacks = false;
    for project in projects {
        let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
        lacks |= reader.tell_damages(ui, []);
        for (name, head) in latest(&reader, args.branch.as_deref()) {
            let launch = reader.closed(head)?;
            measured.push(Measured {
                project: launch.project.clone(),
                name,
                branch: launch.source.branch.clone(),
                id: launch.id.clone(),
                receipt: head.receipt.to_string(),
                totals: launch.totals,
                pass_rate: make::pass_rate(&launch),
                duration: make::took(&launch),
                closed_at: head.file.closed.at,
            });
        }
    }
    args.out.write(ui, ctx, &metrics(&measured), "metrics")?;
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

/// Returns the latest launch of each name and branch, superseded ones apart, with the name.
fn latest<'r>(reader: &'r Reader<'_>, branch: Option<&str>) -> Vec<(String, &'r LaunchHead)> {
    let superseded = ledger::superseded(&reader.heads);
    let mut out = BTreeMap::new();
    for head in &reader.heads {
        let file = &head.file;
        let own = file.source.branch.as_deref();
        if superseded.contains(file.id.as_str()) || (branch.is_some() && branch != own) {
            continue;
        }
        out.insert((without_numbers(&file.name), own), head);
    }
    out.into_iter()
        .map(|((name, _), head)| (name, head))
        .collect()
}
