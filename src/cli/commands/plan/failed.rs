//! `tallybook plan failed`

use std::collections::BTreeSet;

use serde::Serialize;

use super::filter::{Filter, FilterArgs, To, remove};
use crate::author::{PlanRequest, plan_changes};
use crate::base::text::{count, sanitize_line};
use crate::cli::args::NowArgs;
use crate::cli::change::{lined, write};
use crate::cli::commands::launch::OutputFormat;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::ui::Ui;
use crate::exchange::runner::{Entry, Target};
use crate::ledger::{Launch, Rows};
use crate::model::{Flag, Outcome, Status, TestResult};
use crate::store::Project;

/// Make the rerun of what failed in a launch
///
/// These are the failed, broken and unknown results, muted ones left out. With nothing failed no
/// filter is written, and the exit code is 0: check for the file before running anything.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook plan failed 2026-11-22-1843
  tallybook plan failed 2026-11-22-1843 --to pytest --out rerun.txt
  tallybook plan failed 2026-11-22-1843 --save rerun-1843")]
pub(super) struct FailedArgs {
    /// The launch: its id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// The test runner to make the rerun for
    #[arg(long, value_enum, value_name = "RUNNER", conflicts_with = "save")]
    to: Option<To>,
    /// Write the rerun's cases as a plan of this name
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    /// Rerun muted failures, too
    #[arg(long)]
    muted: bool,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// One test to run again; its keys stay.
#[derive(Debug, Serialize)]
struct Again<'a> {
    id: &'a str,
    name: &'a str,
    full_name: Option<&'a str>,
    case: Option<&'a str>,
    status: Status,
    muted: bool,
    manual: bool,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &FailedArgs) -> Result<Exit, CommandError> {
    if args.filter.out.is_some() && args.to.is_none() {
        let error = CommandError::usage("`--out` takes a filter, and no runner is named");
        return Err(error.hint("add `--to pytest`, say"));
    }
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let found = place::launch(
        &place,
        &loaded.workspace,
        &snapshot,
        &args.launch,
        &args.project,
        &args.at,
    )?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, found.project, &args.at, now)?;
    let launch = reader.launch(&found.found)?;
    let failed: Vec<&Outcome> = launch
        .outcomes
        .iter()
        .filter(|outcome| is_failed(outcome, args.muted))
        .collect();
    tell_left_out(ui, &launch, args);
    if launch.totals.total == 0 {
        ui.say(
            "error",
            "the launch has no results: what failed can't be told",
        );
        remove(ctx, &args.filter)?;
        return Ok(Exit::Findings);
    }
    if failed.is_empty() {
        remove(ctx, &args.filter)?;
        if args.format == OutputFormat::Json && args.to.is_none() && args.save.is_none() {
            ui.out_raw("[]\n");
        }
        ui.status(format!(
            "nothing failed in launch `{}`; there is nothing to run again",
            launch.id
        ));
        return Ok(Exit::Fine);
    }
    let rows = launch.rows(snapshot.launches.as_ref())?;
    if let Some(slug) = &args.save {
        return save(ui, &place, found.project, &launch, &failed, (slug, args));
    }
    match args.to {
        Some(to) => filter(&launch, &rows, &failed, to).finish(ui, ctx, &args.filter, args.format),
        None => {
            list(ui, &launch, &rows, &failed, args.format);
            Ok(Exit::Fine)
        }
    }
}

fn is_failed(outcome: &Outcome, with_muted: bool) -> bool {
    let is_muted = outcome.mute.is_some() || outcome.has(Flag::Muted);
    outcome.status.needs_resolution() && !outcome.has(Flag::Overridden) && (with_muted || !is_muted)
}

fn tell_left_out(ui: &mut Ui, launch: &Launch, args: &FailedArgs) {
    let failed = |with| {
        launch
            .outcomes
            .iter()
            .filter(move |o| is_failed(o, with))
            .count()
    };
    let muted = failed(true) - failed(false);
    if muted > 0 && !args.muted {
        let failures = count(muted as u64, "muted failure");
        ui.status(format!("{failures} left out; `--muted` takes them in"));
    }
}

fn filter(launch: &Launch, rows: &Rows, failed: &[&Outcome], to: To) -> Filter {
    let mut filter = Filter::new(to);
    for outcome in failed {
        let own = outcome.case.clone().unwrap_or_else(|| outcome.id.clone());
        if outcome.has(Flag::Manual) {
            filter.manual.push(own);
            continue;
        }
        let test = launch.tests().get(&outcome.test);
        let full_name = test.and_then(|test| test.full_name.clone());
        if to == To::Testplan {
            entries(
                &mut filter,
                outcome,
                full_name,
                test.map_or(&[], |test| &test.ids),
            );
            continue;
        }
        let Some(full_name) = full_name else {
            let reason = "the result has no full name".to_owned();
            filter.chosen.left.push((own, reason));
            continue;
        };
        let row = rows.get(&outcome.id).map(|(_, row)| row);
        let target = Target {
            full_name,
            name: row.map(|row| row.name.clone()),
            project: row.filter(|_| to == To::Playwright).and_then(project),
        };
        match to.check(&target) {
            Ok(()) => filter.chosen.targets.push(target),
            Err(reason) => {
                let reason = format!("`{}`: {reason}", target.full_name);
                filter.chosen.left.push((own, reason));
            }
        }
    }
    filter.manual.sort();
    filter.manual.dedup();
    filter
}

/// Returns the Playwright project that a result is of: its JUnit file and allure-playwright both make it a
/// parameter.
fn project(row: &TestResult) -> Option<String> {
    let mut parameters = row.parameters.iter();
    let project = parameters.find(|one| one.name.eq_ignore_ascii_case("project"))?;
    project.value.clone().filter(|name| !name.is_empty())
}

/// The ids that the code names, and the case's own.
fn entries(filter: &mut Filter, outcome: &Outcome, selector: Option<String>, ids: &[String]) {
    let ids: BTreeSet<&String> = ids.iter().chain(&outcome.case).collect();
    if ids.is_empty() {
        match selector {
            Some(_) => filter.chosen.entries.push(Entry { id: None, selector }),
            None => {
                let reason = "the result has neither an id nor a full name".to_owned();
                filter.chosen.left.push((outcome.id.clone(), reason));
            }
        }
        return;
    }
    for id in ids {
        filter.chosen.entries.push(Entry {
            id: Some(id.clone()),
            selector: selector.clone(),
        });
    }
}

fn list(ui: &mut Ui, launch: &Launch, rows: &Rows, failed: &[&Outcome], format: OutputFormat) {
    let again = failed.iter().map(|outcome| {
        let test = launch.tests().get(&outcome.test);
        let row = rows.get(&outcome.id).map(|(_, row)| row.name.as_str());
        Again {
            id: &outcome.id,
            name: row
                .or(test.map(|test| test.name.as_str()))
                .unwrap_or_default(),
            full_name: test.and_then(|test| test.full_name.as_deref()),
            case: outcome.case.as_deref(),
            status: outcome.status,
            muted: outcome.mute.is_some() || outcome.has(Flag::Muted),
            manual: outcome.has(Flag::Manual),
        }
    });
    let again: Vec<Again<'_>> = again.collect();
    if format == OutputFormat::Json {
        ui.out_raw(serde_json::to_string_pretty(&again).expect("plain data") + "\n");
        return;
    }
    for test in &again {
        let case = test
            .case
            .map(|case| format!("  ({case})"))
            .unwrap_or_default();
        let manual = if test.manual { "  manual" } else { "" };
        let name = sanitize_line(test.full_name.unwrap_or(test.name));
        ui.out(format!("{:<8}{name}{case}{manual}", test.status.as_str()));
    }
    ui.status(format!(
        "{} to run again",
        count(again.len() as u64, "result")
    ));
    ui.hint(format!(
        "hand them to a runner: `tallybook plan failed {} --to pytest --out rerun.txt`",
        launch.id
    ));
}

/// Writes a plan of the documented cases that failed.
fn save(
    ui: &mut Ui,
    place: &Place,
    project: &Project,
    launch: &Launch,
    failed: &[&Outcome],
    (slug, args): (&str, &FailedArgs),
) -> Result<Exit, CommandError> {
    let cases: BTreeSet<&str> = failed.iter().filter_map(|o| o.case.as_deref()).collect();
    let underived: BTreeSet<&str> = failed
        .iter()
        .filter(|outcome| outcome.case.is_none())
        .map(|outcome| launch.test_name(outcome))
        .collect();
    for name in &underived {
        ui.warn(format!(
            "`{name}` has no case file, so a plan can't name it"
        ));
    }
    if cases.is_empty() || (!underived.is_empty() && !args.filter.allow_partial) {
        let tests = count(underived.len() as u64, "test");
        ui.say(
            "error",
            &format!("{tests} can't stand in a plan; none is written"),
        );
        ui.hint(format!(
            "hand all to a runner with `tallybook plan failed {} --to …`, or write the rest with `--allow-partial`",
            launch.id
        ));
        return Ok(Exit::Findings);
    }
    let cases: Vec<&str> = cases.into_iter().collect();
    let changes = plan_changes(
        project,
        &PlanRequest {
            id: slug,
            name: &format!("Rerun of {}", launch.name),
            description: &format!("What failed in launch {}.", launch.id),
            cases: &cases,
        },
    )?;
    let changes = lined(place, &AtArg::default(), &changes)?;
    write(&place.root, &changes)?;
    for edit in &changes.edits {
        ui.out(&edit.path);
    }
    ui.status(format!("a plan of {}", count(cases.len() as u64, "case")));
    ui.hint(format!(
        "`tallybook plan show {slug}` shows it; commit it where others are to see it"
    ));
    Ok(Exit::Fine)
}
