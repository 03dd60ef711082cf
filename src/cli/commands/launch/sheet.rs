//! `tallybook launch sheet`

use std::path::PathBuf;
use std::sync::Arc;

use super::append::{parse_shape, tell_leaks};
use super::desk::Desk;
use super::share::ShareArgs;
use crate::base::files;
use crate::base::text::{bytes, count, shell_word};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::ProjectArg;
use crate::cli::ui::Ui;
use crate::diag::{Severity, Sources, render};
use crate::exchange;
use crate::ledger::manual::sheet::{
    HEADER, ReadBack, read_back, sheet, table_rows, write_markdown,
};
use crate::ledger::manual::{Work, record, recorded, work};
use crate::ledger::{self, Preview};

/// Write planned results to fill in away from the machine, or read them back
///
/// A sheet has what is not executed yet: texts, steps, and lines to fill in. Reading it back records what was
/// filled in, says what is wrong with the rest, and ends with 1 where something is. The same sheet read twice
/// adds nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch sheet 2026-11-22-1843 --mine > sheet.md
  tallybook launch sheet 2026-11-22-1843 --format csv > sheet.csv
  tallybook launch sheet 2026-11-22-1843 --read sheet.md --push")]
pub(super) struct SheetArgs {
    /// The launch's id, or the beginning of it
    #[arg(value_name = "LAUNCH")]
    launch: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    share: ShareArgs,
    /// How to write it; a file to read tells by its name
    #[arg(long, value_enum, default_value_t)]
    format: SheetFormat,
    /// What is assigned to you alone
    #[arg(long, conflicts_with = "read")]
    mine: bool,
    /// What is executed already as well
    #[arg(long, conflicts_with = "read")]
    all: bool,
    /// Read this sheet back
    #[arg(long, value_name = "FILE")]
    read: Option<PathBuf>,
    /// Take what was executed since by others, and by an older text, all the same
    #[arg(long, requires = "read")]
    anyway: bool,
    /// Read it into the follow-up of a launch that was closed since; that will supersede it
    #[arg(long, requires = "read")]
    late: bool,
    /// Who you are: a member by id, name or address [default: whom git knows]
    #[arg(long = "as", value_name = "NAME")]
    who: Option<String>,
    /// Let what looks like this kind of secret through, as `jwt`; may be given several times
    #[arg(long, value_name = "NAME", value_parser = parse_shape)]
    allow_secret: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum SheetFormat {
    /// Markdown: for paper and editors
    #[default]
    Md,
    /// For spreadsheets
    Csv,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &SheetArgs) -> Result<Exit, CommandError> {
    let launch = (args.launch.as_str(), &args.project);
    let secrets = args.allow_secret.as_slice();
    let (desk, made) = match args.late {
        true => Desk::find_followed(ui, ctx, launch, &args.share, secrets)?,
        false => {
            let desk = Desk::find_else(ui, ctx, launch, secrets, |id| late(id, args))?;
            (desk, None)
        }
    };
    let remote = args.share.remote(&desk.place)?;
    let preview = desk.preview(ctx)?;
    match &args.read {
        Some(path) => {
            let done = read(ui, ctx, args, &desk, &preview, path);
            let exit = done.or_else(|error| tell_leaks(ui, error))?;
            if let Some(made) = made {
                // Where the sheet brought nothing, nothing is followed up.
                ledger::withdraw(&desk.state, &made.id, &made.of)?;
                if !desk.state.is_open(&made.id) {
                    ui.status(format!(
                        "follow-up `{}` is not needed, and was taken back",
                        made.id
                    ));
                    return Ok(exit);
                }
            }
            desk.push(ui, ctx, remote.as_deref())?;
            desk.tell_alone(ui, remote.as_deref())?;
            Ok(exit)
        }
        None => write(ui, ctx, args, &desk, &preview),
    }
}

/// How a sheet of a closed launch is read all the same.
fn late(id: &str, args: &SheetArgs) -> Option<String> {
    let path = shell_word(&args.read.as_ref()?.to_string_lossy());
    Some(format!(
        "or read it into a follow-up that will supersede it: `tallybook launch sheet {id} --read {path} --late`"
    ))
}

fn write(
    ui: &mut Ui,
    ctx: &Context,
    args: &SheetArgs,
    desk: &Desk,
    preview: &Preview,
) -> Result<Exit, CommandError> {
    let who = match args.mine {
        true => Some(desk.who(ctx, args.who.as_deref())?),
        false => None,
    };
    let all = work(preview);
    let is_wanted = |one: &&Work<'_>| {
        (args.all || one.is_open()) && who.as_deref().is_none_or(|who| one.is_of(who))
    };
    let chosen: Vec<&Work<'_>> = all.iter().filter(is_wanted).collect();
    if chosen.is_empty() {
        let error = CommandError::usage(match all.is_empty() {
            true => format!("nothing is planned in launch `{}`", desk.id),
            false => "nothing is left to execute".to_owned(),
        });
        return Err(error.hint(format!(
            "`tallybook launch status {}` says who has what",
            desk.id
        )));
    }
    let sheet = sheet(desk.project()?, &preview.launch, &chosen, ctx.now);
    ui.out_raw(match args.format {
        SheetFormat::Md => write_markdown(&sheet),
        SheetFormat::Csv => exchange::csv(&HEADER, table_rows(&sheet)),
    });
    let results = count(sheet.entries.len() as u64, "planned result");
    ui.status(format!("wrote {results}"));
    let gone = chosen.len() - sheet.entries.len();
    if gone > 0 {
        ui.warn(format!(
            "{} left out: the case is gone",
            count(gone as u64, "result")
        ));
    }
    Ok(Exit::Fine)
}

/// The largest sheet, in bytes: two hundred thousand steps.
const SHEET_MAX: u64 = 64 * 1024 * 1024;

/// Reads a sheet as text: UTF-8, or UTF-16 as spreadsheets write it.
fn text(path: &std::path::Path, name: &str) -> Result<String, CommandError> {
    let size = path.metadata().map(|found| found.len());
    if let Some(size) = size.ok().filter(|size| *size > SHEET_MAX) {
        let (size, most) = (bytes(size), bytes(SHEET_MAX));
        let message = format!("`{name}` has {size}, and a sheet has at most {most}");
        return Err(CommandError::usage(message));
    }
    let read = files::read(path)?;
    let units = |of: fn([u8; 2]) -> u16| {
        let pairs = read.get(2..).unwrap_or_default().chunks_exact(2);
        pairs
            .map(|pair| of([pair[0], pair[1]]))
            .collect::<Vec<u16>>()
    };
    let text = match read.as_slice() {
        [0xff, 0xfe, ..] => String::from_utf16(&units(u16::from_le_bytes)).ok(),
        [0xfe, 0xff, ..] => String::from_utf16(&units(u16::from_be_bytes)).ok(),
        _ => String::from_utf8(read).ok(),
    };
    text.ok_or_else(|| {
        CommandError::usage(format!("`{name}` is not UTF-8"))
            .hint("save it as UTF-8: as `CSV UTF-8`, where a spreadsheet asks")
    })
}

fn read(
    ui: &mut Ui,
    ctx: &Context,
    args: &SheetArgs,
    desk: &Desk,
    preview: &Preview,
    path: &std::path::Path,
) -> Result<Exit, CommandError> {
    let full = ctx.resolve(path);
    let name = path.display().to_string();
    let text = text(&full, &name)?;
    let is_table = full
        .extension()
        .is_some_and(|ext| ext.eq_ignore_ascii_case("csv"))
        || args.format == SheetFormat::Csv;
    let tester = desk.who(ctx, args.who.as_deref())?;
    let known = recorded(&desk.state, &desk.id)?;
    let asked = ReadBack {
        project: desk.project()?,
        preview,
        recorded: &known,
        path: &name,
        folder: full.parent().unwrap_or(&ctx.cwd),
        tester: &tester,
        now: ctx.now,
        anyway: args.anyway,
    };
    let taken = read_back(&text, is_table, &asked);
    let manual = desk.manual(&preview.launch, ctx)?;
    for executed in &taken.executed {
        let recorded = record(&manual, executed)?;
        for absent in recorded.absent {
            ui.warn(format!("of case `{}`: {absent}", executed.asked.case));
        }
    }
    let mut sources = Sources::default();
    sources.insert(name, Arc::from(text));
    let mut findings = taken.findings;
    crate::diag::sort(&mut findings);
    ui.err_raw(
        &render::human(&findings, &sources, false, ctx.width),
        &render::human(&findings, &sources, true, ctx.width),
    );
    ui.out(format!(
        "recorded {}; {} known, {} not filled in, {} with findings",
        count(taken.executed.len() as u64, "result"),
        taken.known,
        taken.empty,
        findings.len()
    ));
    let is_wrong = findings.iter().any(|one| one.severity == Severity::Error);
    if is_wrong {
        ui.hint("put it right and read the sheet again: what is recorded is not recorded twice");
    } else {
        ui.hint(format!(
            "see what is left: `tallybook launch status {}`",
            desk.id
        ));
    }
    Ok(if is_wrong { Exit::Findings } else { Exit::Fine })
}
