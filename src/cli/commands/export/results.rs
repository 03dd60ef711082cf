//! `tallybook export junit`, `ctrf` and `allure`: results of one launch as reports of other programs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::made::Behind;
use super::out::{self, Folder, OutArgs};
use super::{WhatArgs, exit, results_of};
use crate::base::text;
use crate::cli::commands::query::{self, Results};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;
use crate::exchange::export::{self, Document, Export};
use crate::store::attachments::AttachedFiles;

/// Export results as JUnit XML
///
/// One level of suites, attempts as Surefire writes them, attachments as Jenkins and GitLab look for them. With
/// `--out report.xml` they lie in the folder `report-attachments` beside it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook export junit 2026-11-22-1843 --out report.xml
  tallybook export junit \"$id\" --query 'job = \"unit\"' --out unit.xml
  tallybook export junit \"$id\" --query 'unresolved = true' > unresolved.xml")]
pub(super) struct JunitArgs {
    #[command(flatten)]
    report: ReportArgs,
}

/// Export results as CTRF
///
/// The draft 0.0.0 of the Common Test Report Format. With `--out ctrf.json` attachments lie in the folder
/// `ctrf-attachments` beside it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook export ctrf 2026-11-22-1843 --out ctrf.json
  tallybook export ctrf \"$id\" --query 'tag = smoke' --out smoke.json")]
pub(super) struct CtrfArgs {
    #[command(flatten)]
    report: ReportArgs,
}

/// Export results as a folder of Allure results
///
/// What adapters write and `allure generate` reads: one file for each attempt, containers with fixtures,
/// attachments, the environment. The same results keep their uuids and history ids.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook export allure 2026-11-22-1843 --out allure-results
  tallybook export allure \"$id\" --query 'job = \"unit\"' --out allure-results")]
pub(super) struct AllureArgs {
    #[command(flatten)]
    what: WhatArgs,
    /// Write into this folder
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Write among what is there, whoever wrote it
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
struct ReportArgs {
    #[command(flatten)]
    what: WhatArgs,
    #[command(flatten)]
    out: OutArgs,
}

pub(super) fn junit(ui: &mut Ui, ctx: &Context, args: &JunitArgs) -> Result<Exit, CommandError> {
    let is_ours = |old: &[u8]| contains(old, b"<testsuites name=\"Tallybook\"");
    report(ui, ctx, &args.report, export::junit, is_ours)
}

pub(super) fn ctrf(ui: &mut Ui, ctx: &Context, args: &CtrfArgs) -> Result<Exit, CommandError> {
    let is_ours = |old: &[u8]| contains(old, b"\"generatedBy\": \"tallybook\"");
    report(ui, ctx, &args.report, export::ctrf, is_ours)
}

/// Whether the beginning of a file has a mark.
fn contains(old: &[u8], mark: &[u8]) -> bool {
    let head = &old[..old.len().min(1024)];
    head.windows(mark.len()).any(|window| window == mark)
}

fn report(
    ui: &mut Ui,
    ctx: &Context,
    args: &ReportArgs,
    make: impl Fn(&Export<'_>, Option<&str>) -> Document,
    is_ours: impl Fn(&[u8]) -> bool,
) -> Result<Exit, CommandError> {
    let made = query::results(ui, ctx, &args.what.wanted(), |ui, results| {
        let behind = Behind::read(ui, results)?.told_apart(results);
        behind.tell_apart(ui);
        let export = behind.export(results);
        let Some(out) = &args.out.out else {
            let document = make(&export, None);
            ui.out_raw(String::from_utf8_lossy(document.bytes()));
            return tell_left(ui, &document);
        };
        let folder = beside(out);
        let document = make(&export, Some(&folder));
        let force = args.out.force;
        out::check(ctx, (out, force), &is_ours)?;
        let mut absent = 0;
        let place = out.with_file_name(&folder);
        if !document.attachments.is_empty() || place.is_dir() && is_written(ctx, &place) {
            let strip = |path: &String| path[folder.len() + 1..].to_owned();
            let mut to = Folder::take(ctx, &place, force)?;
            to.announce(document.attachments.keys().map(strip))?;
            absent = attach(ctx, results, &document, |path, bytes| {
                to.write(&strip(path), bytes)
            })?;
            to.finish()?;
        }
        out::write(ctx, (out, force), document.bytes(), &is_ours)?;
        let many = results_of(export.results.len());
        ui.status(format!("wrote {many} to `{}`", out.display()));
        tell_absent(ui, absent);
        tell_left(ui, &document)
    })?;
    Ok(exit(made))
}

/// Whether an earlier export wrote a folder of attachments.
fn is_written(ctx: &Context, folder: &Path) -> bool {
    ctx.resolve(folder).join(out::LIST).is_file()
}

/// The folder of attachments beside a report, as plain as its path has to be inside of it.
fn beside(out: &Path) -> String {
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    let slug = text::slug(&stem, 60);
    match slug.as_str() {
        "" => "attachments".to_owned(),
        slug => format!("{slug}-attachments"),
    }
}

pub(super) fn allure(ui: &mut Ui, ctx: &Context, args: &AllureArgs) -> Result<Exit, CommandError> {
    let made = query::results(ui, ctx, &args.what.wanted(), |ui, results| {
        let behind = Behind::read(ui, results)?.told_apart(results);
        behind.tell_apart(ui);
        let export = behind.export(results);
        let document = export::allure(&export);
        let mut to = Folder::take(ctx, &args.out, args.force)?;
        let names = document.files.keys().chain(document.attachments.keys());
        to.announce(names.cloned())?;
        let absent = attach(ctx, results, &document, |name, bytes| to.write(name, bytes))?;
        for (name, bytes) in &document.files {
            to.write(name, bytes)?;
        }
        to.finish()?;
        let many = results_of(export.results.len());
        ui.status(format!("wrote {many} to `{}`", args.out.display()));
        tell_absent(ui, absent);
        tell_left(ui, &document)
    })?;
    Ok(exit(made))
}

/// Writes the attachments; returns how many are not kept here.
fn attach(
    ctx: &Context,
    results: &Results<'_>,
    document: &Document,
    mut write: impl FnMut(&String, &[u8]) -> Result<(), CommandError>,
) -> Result<u64, CommandError> {
    let store = results.place.attachments(ctx, &results.loaded.workspace)?;
    let files = AttachedFiles::new(Arc::clone(&results.snapshot.launches), store);
    let attached = results.launch.attached()?;
    let mut absent = 0;
    for (path, name) in &document.attachments {
        match attached.read(&files, name)? {
            Some(bytes) => write(path, &bytes)?,
            None => absent += 1,
        }
    }
    Ok(absent)
}

fn tell_absent(ui: &mut Ui, absent: u64) {
    if absent > 0 {
        let files = text::count(absent, "attachment");
        ui.warn(format!(
            "{files} could not be written: not kept here, or not what the launch lists"
        ));
    }
}

/// Says what the format has no place for.
fn tell_left(ui: &mut Ui, document: &Document) -> Result<(), CommandError> {
    let left = &document.left;
    if left.attachments > 0 {
        let files = text::count(left.attachments, "attachment");
        ui.warn(format!("{files} left out: what is printed has no folder"));
        ui.hint("`--out FILE` writes them beside the file");
    }
    if left.absent > 0 {
        let files = text::count(left.absent, "attachment");
        ui.warn(format!(
            "{files} left out: the launch does not have the bytes"
        ));
    }
    if left.attempts > 0 {
        let attempts = text::count(left.attempts, "attempt");
        ui.warn(format!(
            "{attempts} left out: the format has no place for attempts that did not fail"
        ));
    }
    if left.alike > 0 {
        let results = text::count(left.alike, "result");
        ui.warn(format!(
            "{results} may be taken for attempts of others: of the same test, in another job or environment"
        ));
        ui.hint("export one job at a time, as `--query 'job = \"unit\"'`");
    }
    Ok(())
}
