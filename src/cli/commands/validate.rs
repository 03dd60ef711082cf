//! `tallybook validate`: are the workspace's files well-formed, and do they agree.

use std::path::{Path, PathBuf};

use crate::base::path::join;
use crate::base::text::count;
use crate::base::{files, path as paths};
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{AtArg, Place, store_error};
use crate::cli::side::OwnBranch;
use crate::cli::ui::Ui;
use crate::diag::render::{self, JunitSuite, SarifRule, SarifRun, View};
use crate::store::{PathEntry, Snapshot, WORKSPACE_FILE, schema};
use crate::validate::{self, Page, Report};

/// Check that the workspace's files are well-formed and agree
///
/// Reads all documentation and the heads of closed launches. Ends with 1 where anything is an
/// error; warnings alone are fine. Whether closed launches are unaltered is what `tallybook verify`
/// checks.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook validate
  tallybook validate projects/shop/cases --format short
  tallybook validate --at HEAD~1
  tallybook validate --format json | jq '.[].code'
  tallybook validate --format sarif > tallybook.sarif
  tallybook validate --format gitlab > gl-code-quality-report.json
  tallybook explain TB0161")]
pub(crate) struct ValidateArgs {
    /// Report only on these files and folders; the whole workspace is read all the same
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// How findings are shown
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Annotated source
    Human,
    /// One line a finding
    Short,
    /// An array of objects
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// A Code Quality report of GitLab
    Gitlab,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML: one test a file
    Junit,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ValidateArgs) -> Result<Exit, CommandError> {
    let place = find(ctx, args)?;
    let below = below(&place, ctx, args)?;
    let progress = ui.progress("reading the workspace");
    let snapshot = snapshot(&place, args)?;
    let mut report = validate::check(&snapshot, args.now.now(ctx)).map_err(store_error)?;
    drop(progress);
    if let Some(rev) = args.at.at.as_deref().filter(|_| is_absent(&report)) {
        let message = format!("there is no `tallybook.yaml` at `{rev}`");
        return Err(CommandError::usage(message).hint("name a commit that has the workspace"));
    }
    if !below.is_empty() {
        report.keep_below(&below);
    }
    show(ui, ctx, args, &place, &report);
    if args.format == Format::Human && args.at.at.is_none() {
        hint_at_schemas(ui, &snapshot)?;
    }
    Ok(if report.has_errors() {
        Exit::Findings
    } else {
        Exit::Fine
    })
}

/// Says that schemas are there which this release would write otherwise.
fn hint_at_schemas(ui: &mut Ui, snapshot: &Snapshot) -> Result<(), CommandError> {
    let outdated = schema::outdated(&*snapshot.docs).map_err(store_error)?;
    if !outdated.is_empty() {
        ui.hint(format!(
            "`{}` is of another release: `tallybook schema --write` renews it for editors",
            schema::FOLDER
        ));
    }
    Ok(())
}

/// Returns what is looked at. Settings that are wrong are findings, also where they should say where
/// closed launches are.
fn snapshot(place: &Place, args: &ValidateArgs) -> Result<Snapshot, CommandError> {
    let documentation = place.documentation(&args.at)?;
    match OwnBranch::of(&*documentation.docs) {
        Ok(_) => place.snapshot(&args.at),
        Err(_) => Ok(documentation),
    }
}

fn show(ui: &mut Ui, ctx: &Context, args: &ValidateArgs, place: &Place, report: &Report) {
    let (findings, sources) = (&report.findings, &report.sources);
    match args.format {
        Format::Human => {
            let (color, width) = (ui.color(), ctx.width);
            ui.out_raw(render::human(findings, sources, color, width));
        }
        Format::Short => ui.out_raw(render::short(findings, sources)),
        Format::Json => ui.out_raw(render::json(findings, sources)),
        Format::Github | Format::Gitlab | Format::Sarif | Format::Junit => {
            ui.view(for_ci(args.format, place, report));
        }
    }
    match findings.first() {
        None => ui.status(format!("no findings in {}", contents(report))),
        Some(first) => {
            ui.status(render::summary(findings));
            if args.format == Format::Human {
                ui.hint(format!("`tallybook explain {}` says more", first.code.id));
            }
        }
    }
}

/// Returns what a CI service gets; paths are from the repository's root.
fn for_ci(format: Format, place: &Place, report: &Report) -> View {
    let (sources, prefix) = (&report.sources, place.prefix.as_str());
    let items = render::items(&report.findings, sources, prefix);
    match format {
        Format::Gitlab => render::gitlab(&items),
        Format::Sarif => {
            let rules: Vec<SarifRule> = validate::pages().iter().map(Page::sarif_rule).collect();
            render::sarif(
                &items,
                &SarifRun {
                    category: "validate",
                    version: env!("CARGO_PKG_VERSION"),
                    rules: &rules,
                    sources,
                    prefix,
                },
            )
        }
        Format::Junit => {
            let files: Vec<String> = report.files().map(|path| join(prefix, path)).collect();
            let files = files.iter().map(String::as_str);
            JunitSuite::of_files("tallybook validate", files, &items).render()
        }
        _ => render::github(&items),
    }
}

/// Says what was looked at: `38 cases of 2 projects`.
fn contents(report: &Report) -> String {
    let projects = &report.workspace.projects;
    let cases: usize = projects.iter().map(|project| project.cases.len()).sum();
    format!(
        "{} of {}",
        count(cases as u64, "case"),
        count(projects.len() as u64, "project")
    )
}

/// Finds the workspace around the first path that was typed, else around the current folder.
fn find(ctx: &Context, args: &ValidateArgs) -> Result<Place, CommandError> {
    let mut ctx = ctx.clone();
    if let Some(path) = args.paths.first().filter(|_| args.at.at.is_none()) {
        let start = existing(&ctx, path)?;
        ctx.cwd = match start.parent() {
            Some(folder) if !start.is_dir() => folder.to_path_buf(),
            _ => start,
        };
    }
    Place::find(&ctx)
}

/// Returns the paths that were typed, relative to the workspace.
fn below(place: &Place, ctx: &Context, args: &ValidateArgs) -> Result<Vec<String>, CommandError> {
    let relative = |path: &PathBuf| {
        let (root, full) = match args.at.at {
            None => (files::canonical(&place.root)?, existing(ctx, path)?),
            Some(_) => (
                paths::normal(&place.root),
                paths::normal(&ctx.resolve(path)),
            ),
        };
        let inside = full.strip_prefix(&root).ok().and_then(paths::from_native);
        inside.ok_or_else(|| {
            let (path, root) = (path.display(), place.root.display());
            CommandError::usage(format!("`{path}` is not in the workspace `{root}`"))
                .hint("check one workspace at a time")
        })
    };
    args.paths.iter().map(relative).collect()
}

/// Whether a commit has no workspace at all, as those before the first have.
fn is_absent(report: &Report) -> bool {
    let is_it = |entry: &PathEntry| entry.path == WORKSPACE_FILE;
    !report.workspace.entries.iter().any(is_it)
}

/// Returns the path without links of something that must be there.
fn existing(ctx: &Context, path: &Path) -> Result<PathBuf, CommandError> {
    let full = ctx.resolve(path);
    if !full.exists() {
        let message = format!("`{}` does not exist", path.display());
        return Err(CommandError::usage(message).hint("name files or folders of the workspace"));
    }
    Ok(files::canonical(&full)?)
}
