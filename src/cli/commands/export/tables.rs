//! `tallybook export csv` and `jsonl`: results or cases, one a line.

use super::made::Behind;
use super::out::{self, OutArgs};
use super::{WhatArgs, exit};
use crate::base::text;
use crate::cli::commands::query::{self, Objects, Results};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place;
use crate::cli::ui::Ui;
use crate::exchange;
use crate::exchange::export::{LINE_MARK, case_line, result_line};
use crate::store::{Snapshot, parse_case};

/// Export results or cases as CSV, for spreadsheets
///
/// The columns are those of `tallybook query --format csv`, and of cases the text of their files besides: `tallybook
/// case import` reads them again. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook export csv 2026-11-22-1843 --out results.csv
  tallybook export csv 2026-11-22-1843 --query 'unresolved = true order by duration desc'
  tallybook export csv --of cases --query 'owner = alice' --out cases.csv")]
pub(super) struct CsvArgs {
    #[command(flatten)]
    table: TableArgs,
}

/// Export results or cases as JSON Lines, for programs; stable
///
/// Each line is an object with what `tallybook query --format json` shows. A result has all its rows beside
/// that, as the launch keeps them: nothing is left out but the bytes of attachments. A case has the text of
/// its file.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook export jsonl 2026-11-22-1843 --out results.jsonl
  tallybook export jsonl 2026-11-22-1843 | jq -r 'select(.status == \"failed\") | .name'
  tallybook export jsonl --of cases --query 'tag = smoke' --out cases.jsonl")]
pub(super) struct JsonlArgs {
    #[command(flatten)]
    table: TableArgs,
}

#[derive(Debug, clap::Args)]
struct TableArgs {
    #[command(flatten)]
    what: WhatArgs,
    /// What to export
    #[arg(long, value_enum, default_value_t)]
    of: Rows,
    #[command(flatten)]
    out: OutArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Rows {
    /// Results of a launch
    #[default]
    Results,
    /// Documented cases
    Cases,
}

pub(super) fn csv(ui: &mut Ui, ctx: &Context, args: &CsvArgs) -> Result<Exit, CommandError> {
    let args = &args.table;
    let write = |ui: &mut Ui, objects: &Objects| {
        let text = exchange::table_of(&objects.columns, &objects.objects);
        let header = text.split_inclusive('\n').next().unwrap_or_default();
        let is_ours = |old: &[u8]| old.starts_with(header.as_bytes());
        args.write(ui, ctx, &text, objects.objects.len(), is_ours)
    };
    args.check()?;
    let wanted = args.what.wanted();
    Ok(exit(match args.of {
        Rows::Cases => query::cases(ui, ctx, &wanted, |ui, snapshot, objects| {
            write(ui, &with_texts(snapshot, objects)?)
        })?,
        Rows::Results => query::results(ui, ctx, &wanted, |ui, results| {
            let objects = results.fitting.iter();
            let objects = Objects {
                objects: objects.map(|one| Results::object(one)).collect(),
                columns: results.columns.clone(),
            };
            write(ui, &objects)
        })?,
    }))
}

pub(super) fn jsonl(ui: &mut Ui, ctx: &Context, args: &JsonlArgs) -> Result<Exit, CommandError> {
    let args = &args.table;
    args.check()?;
    let is_ours = |old: &[u8]| old.starts_with(LINE_MARK.as_bytes());
    let wanted = args.what.wanted();
    Ok(exit(match args.of {
        Rows::Cases => query::cases(ui, ctx, &wanted, |ui, snapshot, objects| {
            let many = objects.objects.len();
            let text = case_lines(snapshot, objects)?;
            args.write(ui, ctx, &text, many, is_ours)
        })?,
        Rows::Results => query::results(ui, ctx, &wanted, |ui, results| {
            let behind = Behind::read(ui, results)?;
            let receipt = results.launch.closing.as_ref();
            let receipt = receipt.map(|closing| closing.receipt.to_string());
            let lines = results.fitting.iter().map(|subject| {
                let exported = behind.result(subject, results.rows);
                result_line(Results::object(subject), receipt.as_deref(), &exported)
            });
            let text: String = lines.collect();
            args.write(ui, ctx, &text, results.fitting.len(), is_ours)
        })?,
    }))
}

/// Adds a column of what follows the front matter of the cases' files.
fn with_texts(snapshot: &Snapshot, mut objects: Objects) -> Result<Objects, CommandError> {
    objects.columns.push("/text".to_owned());
    for object in &mut objects.objects {
        let path = object["path"].as_str().unwrap_or_default().to_owned();
        let text = text_of(snapshot, &path)?.unwrap_or_default();
        let (read, _) = parse_case(&path, text.into());
        let body = read.as_ref().map_or("", |doc| doc.body());
        object["text"] = body.trim_matches('\n').into();
    }
    Ok(objects)
}

fn text_of(snapshot: &Snapshot, path: &str) -> Result<Option<String>, CommandError> {
    let bytes = snapshot.docs.read(path).map_err(place::store_error)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Adds the texts of the cases' files.
fn case_lines(snapshot: &Snapshot, objects: Objects) -> Result<String, CommandError> {
    let mut out = String::new();
    for object in objects.objects {
        let path = object["path"].as_str().unwrap_or_default();
        let text = text_of(snapshot, path)?;
        out.push_str(&case_line(object, text.as_deref()));
    }
    Ok(out)
}

impl TableArgs {
    fn check(&self) -> Result<(), CommandError> {
        match (&self.what.launch, self.of) {
            (Some(_), Rows::Cases) => Err(CommandError::usage(
                "a launch says whose results, and cases are asked for",
            )
            .hint("leave out the launch, or `--of cases`")),
            _ => Ok(()),
        }
    }

    fn write(
        &self,
        ui: &mut Ui,
        ctx: &Context,
        text: &str,
        many: usize,
        is_ours: impl Fn(&[u8]) -> bool,
    ) -> Result<(), CommandError> {
        let Some(out) = &self.out.out else {
            ui.out_raw(text);
            return Ok(());
        };
        out::write(ctx, (out, self.out.force), text.as_bytes(), is_ours)?;
        let noun = match self.of {
            Rows::Results => "result",
            Rows::Cases => "case",
        };
        let many = text::count(many as u64, noun);
        ui.status(format!("wrote {many} to `{}`", out.display()));
        Ok(())
    }
}
