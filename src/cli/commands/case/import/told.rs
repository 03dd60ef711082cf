//! What an import found, did and could not do, told.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::author::case::ImportedCases;
use crate::base::files;
use crate::base::text::{count, line, list, thousands};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
use crate::diag::render;
use crate::diag::{Severity, Sources};
use crate::exchange::cases::{CaseSource, MAPPABLE, ReadCases};

/// How many findings, losses and differing cases are shown.
const FINDINGS: usize = 50;
const LOSSES: usize = 40;
const DIFFERING: usize = 20;

pub(super) fn findings(ui: &mut Ui, ctx: &Context, sources: &[CaseSource], read: &ReadCases) {
    let Some(first) = read.findings.first() else {
        return;
    };
    let shown = &read.findings[..read.findings.len().min(FINDINGS)];
    let mut texts = Sources::default();
    for source in sources {
        if shown.iter().any(|finding| finding.path == *source.name) {
            texts.insert(&*source.name, Arc::clone(&source.text));
        }
    }
    let human = |color| render::human(shown, &texts, color, ctx.width);
    ui.err_raw(&human(false), &human(true));
    if read.findings.len() > shown.len() {
        ui.status(format!("… and {} more", read.findings.len() - shown.len()));
    }
    ui.status(render::summary(&read.findings));
    ui.hint(format!("`tallybook explain {}` says more", first.code.id));
}

/// Says what was read, and of what is here already how the source differs.
pub(super) fn read(ui: &mut Ui, sources: &[CaseSource], read: &ReadCases, done: &ImportedCases) {
    let formats: Vec<&str> = read.formats.keys().copied().collect();
    let formats = match formats.is_empty() {
        true => String::new(),
        false => format!(" ({})", list(&formats, "and")),
    };
    ui.status(format!(
        "read {} of {}{formats}",
        count(read.cases.len() as u64, "case"),
        count(sources.len() as u64, "file")
    ));
    if done.known > 0 {
        ui.status(format!(
            "{} here already",
            match done.known {
                1 => "1 case is".to_owned(),
                n => format!("{} cases are", thousands(n as u64)),
            }
        ));
    }
    for one in done.differing.iter().take(DIFFERING) {
        ui.status(format!("  {one}"));
    }
    if done.differing.len() > DIFFERING {
        let more = done.differing.len() - DIFFERING;
        ui.status(format!("  … and {more} more"));
    }
    if !done.differing.is_empty() {
        ui.hint(
            "what is here stays: edit it by hand, or let `--update` fill in what files leave out",
        );
    }
    if let Some(number) = &done.number {
        ui.hint(format!(
            "where `{number}` is another tool's number, `--id-prefix OLD-` keeps these apart"
        ));
    }
}

/// Says what was not carried over: what, how often, why, and where first.
pub(super) fn lost(ui: &mut Ui, read: &ReadCases, done: &ImportedCases, report: Option<&Path>) {
    if done.losses.is_empty() {
        return;
    }
    ui.status("not carried over:");
    let all = done.losses.iter().count();
    for (what, why, loss) in done.losses.iter().take(LOSSES) {
        let first = loss.examples.first().map(|(at, text)| {
            let (path, line) = (line(&at.path, 100), at.line);
            format!(
                "; first {path}:{line} `{}`",
                crate::base::text::line(text, 60)
            )
        });
        ui.status(format!(
            "  {what}, {}×: {}{}",
            thousands(loss.count),
            line(why, 300),
            first.unwrap_or_default()
        ));
    }
    if all > LOSSES {
        ui.status(format!("  … and {} more", all - LOSSES));
    }
    if read.has_unmapped {
        ui.hint(format!(
            "`--map 'FIELD=COLUMN'` takes a column; FIELD is {}",
            list(&MAPPABLE, "or")
        ));
    }
    if report.is_none() {
        ui.hint("`--report FILE` writes all of it with its places");
    }
}

/// Writes the report for programs.
pub(super) fn write(
    ctx: &Context,
    file: &Path,
    read: &ReadCases,
    done: &ImportedCases,
) -> Result<(), CommandError> {
    let lost: Vec<serde_json::Value> = { done.losses.iter() }
        .map(|(what, why, loss)| {
            let places = loss.examples.iter();
            let places =
                places.map(|(at, text)| json!({"path": &*at.path, "line": at.line, "text": text}));
            json!({
                "what": what, "why": why, "count": loss.count,
                "places": places.collect::<Vec<_>>(),
            })
        })
        .collect();
    let findings: Vec<serde_json::Value> = { read.findings.iter() }
        .map(|finding| {
            json!({
                "code": finding.code.id,
                "severity": match finding.severity {
                    Severity::Error => "error",
                    _ => "warning",
                },
                "path": finding.path, "message": finding.message, "help": finding.help,
            })
        })
        .collect();
    let report = json!({
        "formats": read.formats, "read": read.cases.len(), "added": done.added,
        "here": done.known, "updated": done.updated, "differing": done.differing,
        "lost": lost, "findings": findings,
    });
    let text = serde_json::to_string_pretty(&report)? + "\n";
    Ok(files::write_atomic(&ctx.resolve(file), text.as_bytes())?)
}
