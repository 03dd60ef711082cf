//! `tallybook gate`: rules over a launch that end in pass or fail.

use super::launch::said_by_gate;
use crate::analysis::gate::digest;
use crate::base::text::{count, sanitize_line, ticked};
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::judged::judged;
use crate::cli::pick;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::told::Teller;
use crate::cli::ui::Ui;
use crate::exchange::{Ruling, Verdict};
use crate::ledger::{self, FoundBaseline};
use crate::model::Gate;
use crate::store::{Loaded, Project};

/// Put a launch to the project's quality gate; ends with 0 or 1
///
/// The gate is `gate:` in `project.yaml`, or a file in `gates/`. It never passes on nothing: without
/// results, with lost input, or without a baseline or a history that a rule asks for it fails, and says
/// so. Rules are put to the launch by today's documentation; `--at` takes that of a commit.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook gate \"$id\"
  tallybook gate 2026-11-22-1843 --gate release
  tallybook gate \"$id\" --format junit > gate.xml")]
pub(crate) struct GateArgs {
    /// The launch: its id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// A gate in `gates/` [default: that of `project.yaml`]
    #[arg(long, value_name = "NAME")]
    gate: Option<String>,
    /// What the launch is held against [default: its baseline]
    #[arg(long, value_name = "LAUNCH")]
    base: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// For programs; stable
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// One test a rule, for any CI
    Junit,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &GateArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let find = |wanted: &str, project: &ProjectArg| {
        place::launch(&place, workspace, &snapshot, wanted, project, &args.at)
    };
    let found = find(&args.launch, &args.project)?;
    let project = found.project;
    let gate = named(&loaded, project, args.gate.as_deref())?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let own = ProjectArg {
        project: Some(project.folder.clone()),
    };
    let base = args
        .base
        .as_deref()
        .map(|wanted| reader.launch(&find(wanted, &own)?.found));
    let reading = reader.reading(ui, reader.launch(&found.found)?, base.transpose()?)?;
    let files = snapshot.launches.as_ref();
    let teller = Teller::new(project, files, reading.launch(), Some(&reading))?;
    let damages = reading
        .history()
        .damages
        .iter()
        .chain(&teller.rows().damages);
    let lacks = reader.tell_damages(ui, damages);
    tell_unavailable(ui, snapshot.unavailable());
    let rules = digest(gate).to_string();
    let verdict = judged(gate, &reader, &reading, &teller, lacks);
    match args.format {
        Format::Human => human(ui, ctx, &verdict, &reading, &rules),
        Format::Json => ui.out_raw(serde_json::to_string_pretty(&verdict)? + "\n"),
        Format::Github => ui.out_raw(verdict.github()),
        Format::Junit => ui.out_raw(verdict.junit()),
    }
    Ok(if verdict.passed {
        Exit::Fine
    } else {
        Exit::Findings
    })
}

/// Returns the gate that was asked for.
fn named<'p>(
    loaded: &Loaded,
    project: &'p Project,
    wanted: Option<&str>,
) -> Result<&'p Gate, CommandError> {
    let names: Vec<&str> = project
        .gates
        .iter()
        .map(|doc| doc.value.id.as_str())
        .collect();
    let others = match names.is_empty() {
        true => None,
        false => Some(format!(
            "there {} {}: `--gate {}`",
            if names.len() == 1 { "is" } else { "are" },
            ticked(&names, "and"),
            names[0]
        )),
    };
    match wanted {
        Some(wanted) => {
            let gate = project
                .gates
                .iter()
                .map(|doc| &doc.value)
                .find(|gate| gate.id == wanted);
            gate.ok_or_else(|| {
                let path = format!("{}/gates/{wanted}.yaml", project.path);
                if let Some(error) = pick::unread(loaded, &path) {
                    return error.hint("a gate states rules, as `max_unresolved: 0`");
                }
                let error = CommandError::usage(format!(
                    "there is no gate `{wanted}` in `{}/gates`",
                    project.path
                ));
                match others {
                    Some(others) => error.hint(others),
                    None => error.hint(format!("write one: `{path}`")),
                }
            })
        }
        None => project
            .settings
            .as_ref()
            .and_then(|doc| doc.value.gate.as_ref())
            .ok_or_else(|| {
                let error =
                    CommandError::usage(format!("`{}/project.yaml` has no gate", project.path));
                let error = match others {
                    Some(others) => error.hint(others),
                    None => error,
                };
                error.hint("set one, as `gate: {max_new_failures: 0, max_unresolved: 0}`")
            }),
    }
}

/// How many culprits are listed.
const LISTED: usize = 20;

fn human(ui: &mut Ui, ctx: &Context, verdict: &Verdict, reading: &ledger::Reading, rules: &str) {
    let launch = reading.launch();
    let state = if launch.closing.is_some() {
        ""
    } else {
        ", open"
    };
    ui.out(format!(
        "{} ({}/{}{state})",
        sanitize_line(&launch.name),
        launch.project,
        launch.id
    ));
    let against = match &reading.baseline {
        Ok(baseline) => {
            let how = match baseline.found {
                FoundBaseline::Asked => "",
                FoundBaseline::Named => ", the baseline that it names",
                FoundBaseline::Latest => ", the latest of the same branch and name",
                FoundBaseline::Alike => ", the latest of the same branch and name, numbers apart",
            };
            format!("against {}{how}", baseline.launch.id)
        }
        Err(none) => format!("without a baseline: {none}"),
    };
    ui.out(against);
    if let Some(recorded) = launch
        .closing
        .as_ref()
        .and_then(|closing| closing.gate.as_ref())
    {
        let by = match verdict.gate {
            Some(_) => ", by the gate of project.yaml",
            None if recorded.digest == rules => "",
            None => ", by other rules than today's",
        };
        ui.out(format!("recorded: {}{by}", said_by_gate(recorded)));
    }
    ui.out("");
    let title = |ruling: &Ruling| sanitize_line(&ruling.title());
    let width = |text: fn(&Ruling) -> &str| {
        let lengths = verdict
            .rules
            .iter()
            .map(|ruling| crate::base::text::width(text(ruling)));
        lengths.max().unwrap_or(0)
    };
    let titles: Vec<String> = verdict.rules.iter().map(title).collect();
    let longest = titles
        .iter()
        .map(|title| crate::base::text::width(title))
        .max()
        .unwrap_or(0);
    let expected = width(|ruling| &ruling.expected);
    for (ruling, title) in verdict.rules.iter().zip(&titles) {
        let word = if ruling.passed { "pass" } else { "FAIL" };
        let line = format!(
            "{word}  {title:<longest$}  {:<expected$}  {}",
            ruling.expected, ruling.actual
        );
        ui.out(line.trim_end());
        for culprit in ruling.culprits.iter().take(LISTED) {
            let room = ctx.width.saturating_sub(6);
            ui.out(format!(
                "      {}",
                crate::base::text::truncate(&sanitize_line(culprit), room)
            ));
        }
        let more = ruling.culprits.len().saturating_sub(LISTED);
        if more > 0 {
            ui.out(format!("      and {more} more: `--format json` has all"));
        }
    }
    ui.out("");
    let (rules, failed) = (verdict.rules.len() as u64, verdict.failed().count() as u64);
    ui.out(match verdict.passed {
        true => format!(
            "gate `{}` passed: {}",
            verdict.gate_name(),
            count(rules, "rule")
        ),
        false => format!(
            "gate `{}` failed: {failed} of {}",
            verdict.gate_name(),
            count(rules, "rule")
        ),
    });
}
