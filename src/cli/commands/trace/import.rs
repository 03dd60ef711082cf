//! `tallybook trace import`: requirements of other programs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::author::{RequirementsChange, import_requirements};
use crate::base::files;
use crate::base::text::{bytes, count, sanitize_line, ticked};
use crate::cli::change::{BranchArg, Onto, carry_out, workspace};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::diag::{Sources, render};
use crate::exchange::requirements::{self, Field, ImportedRequirements};

/// Bring in requirements that another program exported
///
/// Each becomes a file, `requirements/ID.yaml`; what is here already is set where it stands, with its
/// comments, and only where the import says otherwise. Nothing is removed, and the same import twice
/// changes nothing. Rows that can't be used are told, and the others come in.
///
/// A table (CSV) has columns named `id` (or `key`), `title` (or `summary`, `name`), and perhaps `url`,
/// `description`, `owner`, `parent`. ReqIF has `ReqIF.ForeignID`, `ReqIF.Name`, `ReqIF.ChapterName` and
/// `ReqIF.Text`; what an object is a part of is taken from the hierarchy.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook trace import requirements.csv
  tallybook trace import jira.csv --column 'id=Issue key' --column title=Summary --url 'https://tracker.example.com/browse/{id}'
  tallybook trace import system.reqif --branch import-requirements
  tallybook trace import system.reqif --dry-run")]
pub(super) struct ImportArgs {
    /// The file: a table or ReqIF
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the file is [default: by its name]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<ImportFormat>,
    /// Take a field (id, title, url, description, owner, parent) from this column or attribute
    #[arg(long, value_name = "FIELD=NAME", value_parser = column)]
    column: Vec<(Field, String)>,
    /// The address of requirements that come without one, with `{id}` for the id
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    url: Option<String>,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ImportFormat {
    /// A table, cells separated by commas, semicolons or tabs
    Csv,
    /// ReqIF 1.x, not packed
    Reqif,
}

fn column(text: &str) -> Result<(Field, String), String> {
    let (field, name) = text
        .split_once('=')
        .ok_or("expected FIELD=NAME, as `id=Key`")?;
    let found = Field::ALL
        .into_iter()
        .find(|one| one.as_str() == field.trim());
    let names = || ticked(&Field::ALL.map(Field::as_str), "or");
    let found = found.ok_or_else(|| format!("`{field}` is not {}", names()))?;
    Ok((found, name.trim().to_owned()))
}

fn pattern(text: &str) -> Result<String, String> {
    match text.contains("{id}") {
        true => Ok(text.to_owned()),
        false => Err("the address has no place for the id: write `{id}`".to_owned()),
    }
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &ImportArgs) -> Result<Exit, CommandError> {
    let format = format(args)?;
    let place = Place::find(ctx)?;
    let (workspace, texts) = workspace(&place, &args.branch)?;
    let project = place::project(&workspace, &args.project)?;
    let (name, text) = read(ctx, &args.file)?;
    let mut imported = match format {
        ImportFormat::Csv => requirements::read_csv(&name, &text, &args.column),
        ImportFormat::Reqif => requirements::read_reqif(&name, &text, &args.column),
    };
    if let Some(pattern) = &args.url {
        for one in &mut imported.requirements {
            let own = || pattern.replace("{id}", &one.id);
            one.url = Some(one.url.clone().unwrap_or_else(own));
        }
    }
    let has_findings = !imported.findings.is_empty();
    tell_findings(ui, ctx, &name, text, &imported);
    let done = import_requirements(project, &imported.requirements, &name);
    tell(ui, &name, &imported, &done);
    if done.changes.edits.is_empty() {
        ui.status("nothing to change");
    } else if args.dry_run {
        for edit in &done.changes.edits {
            ui.out(&edit.path);
        }
        ui.status(format!("would have: {}", summary(&done)));
    } else {
        let onto = Onto {
            place: &place,
            branch: &args.branch,
            read: &texts,
        };
        carry_out(ui, ctx, onto, &done.changes, &summary(&done))?;
    }
    match has_findings || !done.uneditable.is_empty() {
        true => Ok(Exit::Findings),
        false => Ok(Exit::Fine),
    }
}

fn format(args: &ImportArgs) -> Result<ImportFormat, CommandError> {
    let extension = args
        .file
        .extension()
        .and_then(|extension| extension.to_str());
    let extension = extension.unwrap_or_default().to_lowercase();
    match (args.format, extension.as_str()) {
        (Some(format), _) => Ok(format),
        (None, "csv" | "tsv" | "txt") => Ok(ImportFormat::Csv),
        (None, "reqif" | "xml") => Ok(ImportFormat::Reqif),
        (None, "reqifz" | "zip") => Err(CommandError::usage("packed ReqIF is not read")
            .hint("unpack it, and import the `.reqif` file")),
        _ => Err(
            CommandError::usage("the file's name does not tell what it is")
                .hint("add `--format csv` or `--format reqif`"),
        ),
    }
}

/// Reads the file; its name is what findings are shown with.
fn read(ctx: &Context, file: &Path) -> Result<(String, Arc<str>), CommandError> {
    let path = ctx.resolve(file);
    let name = file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into());
    let read = files::read(&path)?;
    if read.len() > requirements::MAX_BYTES {
        let (is, most) = (
            bytes(read.len() as u64),
            bytes(requirements::MAX_BYTES as u64),
        );
        let error = CommandError::usage(format!("`{name}` has {is}, expected at most {most}"));
        return Err(error.hint("split it"));
    }
    let text = String::from_utf8(read).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        CommandError::usage(format!("line {line} of `{name}` is not UTF-8"))
            .hint("save the file as UTF-8")
    })?;
    Ok((name, text.into()))
}

fn tell_findings(
    ui: &mut Ui,
    ctx: &Context,
    name: &str,
    text: Arc<str>,
    of: &ImportedRequirements,
) {
    let Some(first) = of.findings.first() else {
        return;
    };
    let mut sources = Sources::default();
    sources.insert(name, text);
    let shown = |color| render::human(&of.findings, &sources, color, ctx.width);
    ui.err_raw(&shown(false), &shown(true));
    ui.status(render::summary(&of.findings));
    ui.hint(format!("`tallybook explain {}` says more", first.code.id));
}

fn tell(ui: &mut Ui, name: &str, imported: &ImportedRequirements, done: &RequirementsChange) {
    let all = count(imported.requirements.len() as u64, "requirement");
    ui.status(format!("read {all} of `{}`", sanitize_line(name)));
    if !imported.unused.is_empty() {
        let shown = &imported.unused[..imported.unused.len().min(10)];
        let more = match imported.unused.len() - shown.len() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        ui.status(format!("not taken: {}{more}", ticked(shown, "and")));
    }
    if !done.absent.is_empty() && !imported.requirements.is_empty() {
        let shown = &done.absent[..done.absent.len().min(10)];
        let more = match done.absent.len() - shown.len() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let (ids, n) = (ticked(shown, "and"), done.absent.len());
        let them = if n == 1 { "it stays" } else { "they stay" };
        ui.status(format!(
            "here and not in the file: {}{more}; {them}",
            sanitize_line(&ids)
        ));
    }
    for path in &done.uneditable {
        ui.say(
            "error",
            &format!("`{path}` is written in a way that can't be edited in place"),
        );
        ui.hint(format!(
            "edit `{path}` by hand, or give each requirement lines of its own"
        ));
    }
}

fn summary(done: &RequirementsChange) -> String {
    let added = count(done.added as u64, "requirement");
    format!(
        "added {added}, changed {}; {} as they were",
        done.changed, done.unchanged
    )
}
