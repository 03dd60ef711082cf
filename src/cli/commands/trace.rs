//! `tallybook trace`: requirements, the cases that name them, and their latest results.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analysis::stability::Rate;
use crate::analysis::trace::{Latest, Line, Matrix, Standing, Traced, of_results};
use crate::base::Timestamp;
use crate::base::text::{count, sanitize_line, thousands};
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::{Reader, described};
use crate::cli::side::tell_unavailable;
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::exchange;
use crate::ledger::{LatestResults, requirement_matrix, requirements};
use crate::model::{Case, Requirement};

/// Show what covers each requirement, and what does not
///
/// Requirements are files in `requirements/`; without any, the links of type `requirement` that cases
/// have. A requirement that no case names is a gap, and a row; one with a reason that holds is justified.
/// Results are the latest of each test on one branch, or those of one launch.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook trace
  tallybook trace --gaps
  tallybook trace --launch 2026-11-22-1843 --format csv
  tallybook trace --by section
  tallybook trace --by component")]
pub(crate) struct TraceArgs {
    /// Only what is not covered
    #[arg(long, conflicts_with = "by")]
    gaps: bool,
    /// The coverage of cases instead, by `section` or by a custom field
    #[arg(long, value_name = "section|FIELD")]
    by: Option<String>,
    /// The results of this launch alone: its id, the beginning of it, or its receipt
    #[arg(long, value_name = "LAUNCH", conflicts_with = "branch")]
    launch: Option<String>,
    /// The branch whose launches count [default: that of the latest]
    #[arg(long)]
    branch: Option<String>,
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
    Text,
    /// For programs; stable
    Json,
    /// For spreadsheets: one row for each requirement, case and environment
    Csv,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &TraceArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let found = args.launch.as_deref().map(|wanted| {
        place::launch(
            &place,
            workspace,
            &snapshot,
            wanted,
            &args.project,
            &args.at,
        )
    });
    let found = found.transpose()?;
    let project = match &found {
        Some(found) => found.project,
        None => place::project(workspace, &args.project)?,
    };
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let (latest, damages) = match &found {
        Some(found) => {
            let launch = reader.launch(&found.found)?;
            (LatestResults::of_launch(project, &launch), Vec::new())
        }
        None => {
            let history = reader.history(ui, args.branch.as_deref(), None)?;
            ui.status(format!("results: {}", described(&history)));
            if history.earlier() == 0 {
                ui.warn("history unavailable: no closed launch counts, so that nothing is known to have run");
            }
            let files = snapshot.launches.as_ref();
            let latest = LatestResults::read(files, project, &reader.heads, &history)?;
            (latest, history.damages)
        }
    };
    let lacks = reader.tell_damages(ui, damages.iter().chain(&latest.damages));
    tell_unavailable(ui, snapshot.unavailable());
    if let Some(by) = &args.by {
        let cases: Vec<(&Case, Vec<&str>)> = project
            .cases
            .iter()
            .map(|doc| (&doc.value, doc.section()))
            .collect();
        groups(ui, ctx, args, by, &cases, &latest)?;
    } else {
        let requirements = requirements(project);
        if requirements.is_empty() {
            let error = CommandError::usage("the project has no requirements");
            return Err(error.hint(format!(
                "write one, as `{}/requirements/REQ-1.yaml`, or give cases links of type `requirement`",
                project.path
            )));
        }
        let matrix = requirement_matrix(project, &requirements, &latest, now);
        match args.format {
            Format::Text => text(ui, ctx, &matrix, args.gaps, now),
            Format::Json => ui.out_raw(json(&View::new(&matrix, args.gaps))?),
            Format::Csv => ui.out_raw(csv(&matrix, args.gaps)),
        }
    }
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

fn json(view: &impl Serialize) -> Result<String, CommandError> {
    Ok(serde_json::to_string_pretty(view)? + "\n")
}

/// Whether a line is shown where only gaps are asked for.
fn is_gap(line: &Line<'_>) -> bool {
    line.standing != Standing::Covered
}

fn text(ui: &mut Ui, ctx: &Context, matrix: &Matrix<'_>, gaps: bool, now: Timestamp) {
    for line in matrix.lines.iter().filter(|line| !gaps || is_gap(line)) {
        let indent = "  ".repeat(line.depth);
        let requirement = line.requirement;
        let title = sanitize_line(&requirement.title);
        ui.out(format!(
            "{indent}{:<13}  {} {title}",
            line.standing.label(),
            sanitize_line(&requirement.id)
        ));
        if let Some(gap) = &requirement.gap {
            let over = gap.until.is_some_and(|until| until.end() < now);
            let until = gap.until.map(|until| format!(" until {until}"));
            let over = if over { ", which is over" } else { "" };
            let until = until.unwrap_or_default();
            ui.out(format!(
                "{indent}               {}{until}{over}",
                sanitize_line(&gap.reason)
            ));
        }
        for traced in &line.cases {
            let case = traced.case;
            let line = format!(
                "{} {}: {}",
                case.id,
                sanitize_line(&case.title),
                results(traced)
            );
            let room = ctx.width.saturating_sub(15 + indent.len());
            ui.out(format!(
                "{indent}               {}",
                crate::base::text::truncate(&line, room)
            ));
        }
    }
    for (case, words) in &matrix.unknown {
        ui.warn(format!(
            "`{}` names the requirement `{words}`, which is not here",
            case.id
        ));
    }
    let coverage = matrix.coverage();
    let counts = Standing::ALL
        .iter()
        .rev()
        .filter(|standing| matrix.count(**standing) > 0);
    let counts = counts.map(|standing| {
        format!(
            "{} {}",
            thousands(matrix.count(*standing)),
            standing.label()
        )
    });
    ui.out("");
    ui.out(format!("coverage {}", share(coverage)));
    ui.out(counts.collect::<Vec<_>>().join(", "));
}

/// `97.5% (39 of 40 requirements)`, or that there is nothing.
fn share(rate: Rate) -> String {
    match rate.value() {
        Some(value) => format!(
            "{:.1}% ({} of {})",
            (value * 1000.0).floor() / 10.0,
            thousands(rate.part),
            count(rate.of, "requirement")
        ),
        None => "of no requirement".to_owned(),
    }
}

/// `passed (browser=chrome), failed (browser=firefox)`
fn results(traced: &Traced<'_>) -> String {
    if traced.latest.is_empty() {
        return "no result".to_owned();
    }
    let words = traced.latest.iter().map(|latest| {
        let environment = match latest.environment.as_str() {
            "" => String::new(),
            environment => format!(" ({})", sanitize_line(environment)),
        };
        let muted = if latest.muted { ", muted" } else { "" };
        let stale = if latest.stale {
            ", of an older text"
        } else {
            ""
        };
        format!("{}{muted}{stale}{environment}", latest.status.label())
    });
    let mut words: Vec<String> = words.collect();
    words.dedup();
    words.join(", ")
}

#[derive(Serialize)]
struct View<'a> {
    coverage: Share,
    requirements: Vec<RequirementView<'a>>,
    /// Links to requirements that are not here.
    unknown: Vec<Unknown<'a>>,
}

#[derive(Serialize)]
struct Share {
    value: Option<f64>,
    part: u64,
    of: u64,
}

#[derive(Serialize)]
struct Unknown<'a> {
    case: &'a str,
    requirement: &'a str,
}

#[derive(Serialize)]
struct RequirementView<'a> {
    id: &'a str,
    title: &'a str,
    url: Option<&'a str>,
    owner: Option<&'a str>,
    parent: Option<&'a str>,
    standing: &'static str,
    /// Whether it stands as its parts do.
    by_parts: bool,
    gap: Option<GapView<'a>>,
    cases: Vec<CaseView<'a>>,
}

#[derive(Serialize)]
struct GapView<'a> {
    reason: &'a str,
    by: &'a str,
    until: Option<String>,
}

#[derive(Serialize)]
struct CaseView<'a> {
    id: &'a str,
    title: &'a str,
    standing: &'static str,
    latest: Vec<LatestView<'a>>,
}

#[derive(Serialize)]
struct LatestView<'a> {
    environment: &'a str,
    status: &'static str,
    muted: bool,
    stale: bool,
    launch: &'a str,
    result: &'a str,
}

impl<'a> View<'a> {
    fn new(matrix: &'a Matrix<'a>, gaps: bool) -> Self {
        let lines = matrix.lines.iter().filter(|line| !gaps || is_gap(line));
        let unknown = matrix.unknown.iter();
        let coverage = matrix.coverage();
        Self {
            coverage: Share {
                value: coverage.value(),
                part: coverage.part,
                of: coverage.of,
            },
            requirements: lines.map(RequirementView::new).collect(),
            unknown: unknown
                .map(|(case, words)| Unknown {
                    case: &case.id,
                    requirement: words,
                })
                .collect(),
        }
    }
}

impl<'a> RequirementView<'a> {
    fn new(line: &'a Line<'a>) -> Self {
        let requirement: &Requirement = line.requirement;
        let gap = requirement.gap.as_ref().map(|gap| GapView {
            reason: &gap.reason,
            by: &gap.by,
            until: gap.until.map(|until| until.to_string()),
        });
        Self {
            id: &requirement.id,
            title: &requirement.title,
            url: requirement.url.as_deref(),
            owner: requirement.owner.as_deref(),
            parent: requirement.parent.as_deref(),
            standing: line.standing.as_str(),
            by_parts: line.by_parts,
            gap,
            cases: line.cases.iter().map(CaseView::new).collect(),
        }
    }
}

impl<'a> CaseView<'a> {
    fn new(traced: &'a Traced<'a>) -> Self {
        let latest = traced.latest.iter().map(|latest: &Latest| LatestView {
            environment: &latest.environment,
            status: latest.status.as_str(),
            muted: latest.muted,
            stale: latest.stale,
            launch: &latest.launch,
            result: &latest.result,
        });
        Self {
            id: &traced.case.id,
            title: &traced.case.title,
            standing: traced.standing.as_str(),
            latest: latest.collect(),
        }
    }
}

/// One row for each requirement, case and environment; gaps have a row of their own.
fn csv(matrix: &Matrix<'_>, gaps: bool) -> String {
    let header = [
        "requirement",
        "title",
        "standing",
        "gap",
        "case",
        "case title",
        "environment",
        "status",
        "muted",
        "stale",
        "launch",
        "result",
    ];
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in matrix.lines.iter().filter(|line| !gaps || is_gap(line)) {
        let requirement = line.requirement;
        let reason = requirement.gap.as_ref().map(|gap| gap.reason.clone());
        let own = [
            requirement.id.clone(),
            requirement.title.clone(),
            line.standing.as_str().to_owned(),
            reason.unwrap_or_default(),
        ];
        let mut add = |case: [String; 2], latest: Option<&Latest>| {
            let mut row = own.to_vec();
            row.extend(case);
            row.extend(match latest {
                None => vec![String::new(); 6],
                Some(latest) => vec![
                    latest.environment.clone(),
                    latest.status.as_str().to_owned(),
                    latest.muted.to_string(),
                    latest.stale.to_string(),
                    latest.launch.clone(),
                    latest.result.clone(),
                ],
            });
            rows.push(row);
        };
        for traced in &line.cases {
            let case = [traced.case.id.clone(), traced.case.title.clone()];
            match traced.latest.as_slice() {
                [] => add(case, None),
                all => all
                    .iter()
                    .for_each(|latest| add(case.clone(), Some(latest))),
            }
        }
        if line.cases.is_empty() {
            add(Default::default(), None);
        }
    }
    exchange::csv(&header, rows)
}

/// The cases of one section or of one value of a field, and how many of them stand how.
#[derive(Debug, Default, Serialize)]
struct Group {
    name: String,
    cases: u64,
    covered: u64,
    failing: u64,
    not_run: u64,
    stale: u64,
}

fn groups(
    ui: &mut Ui,
    ctx: &Context,
    args: &TraceArgs,
    by: &str,
    cases: &[(&Case, Vec<&str>)],
    latest: &LatestResults,
) -> Result<(), CommandError> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (case, section) in cases {
        let names = match by {
            "section" => vec![section.join("/")],
            field => values(case, field),
        };
        let standing = of_results(&latest.of(case));
        for name in if names.is_empty() {
            vec![String::new()]
        } else {
            names
        } {
            let group = groups.entry(name.clone()).or_insert_with(|| Group {
                name,
                ..Group::default()
            });
            group.cases += 1;
            match standing {
                Standing::Covered => group.covered += 1,
                Standing::Failing => group.failing += 1,
                Standing::Stale => group.stale += 1,
                _ => group.not_run += 1,
            }
        }
    }
    if by != "section" && groups.len() == 1 && groups.contains_key("") {
        let error = CommandError::usage(format!("no case has the field `{by}`"));
        return Err(error.hint(
            "`tallybook query --fields` lists what cases have; custom fields stand in `fields:`",
        ));
    }
    let header = [
        by, "cases", "covered", "failing", "not run", "stale", "share",
    ];
    let rows = groups.values().map(|group| {
        let name = if group.name.is_empty() {
            "(none)"
        } else {
            &group.name
        };
        let rate = Rate {
            part: group.covered,
            of: group.cases,
        };
        let mut row = vec![name.to_owned()];
        let counts = [
            group.cases,
            group.covered,
            group.failing,
            group.not_run,
            group.stale,
        ];
        row.extend(counts.map(|n| n.to_string()));
        row.push(format!(
            "{:.0}%",
            (rate.value().unwrap_or(0.0) * 100.0).floor()
        ));
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    match args.format {
        Format::Text => {
            let columns = ui.columns(ctx);
            ui.out_raw(table(&header.map(str::to_owned), &rows, columns) + "\n");
        }
        Format::Json => ui.out_raw(json(&groups.values().collect::<Vec<_>>())?),
        Format::Csv => ui.out_raw(exchange::csv(&header, rows)),
    }
    Ok(())
}

/// Returns a case's values of a field: one of its own, or `owner`, `layer`, `severity`, `tag`.
fn values(case: &Case, field: &str) -> Vec<String> {
    match field.to_lowercase().as_str() {
        "owner" => case.owner.iter().cloned().collect(),
        "layer" => case.layer.iter().cloned().collect(),
        "severity" => vec![case.severity.as_str().to_owned()],
        "tag" => case.tags.clone(),
        name => {
            let own = case
                .fields
                .iter()
                .filter(|(known, _)| known.eq_ignore_ascii_case(name));
            own.flat_map(|(_, values)| values.iter().cloned()).collect()
        }
    }
}
