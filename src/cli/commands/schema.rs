//! `tallybook schema`: JSON Schemas of the workspace's files, for editors.

use std::path::{Path, PathBuf};

use crate::author;
use crate::base::{files, text};
use crate::cli::change::{pathspec, write};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{AtArg, Place, store_error};
use crate::cli::ui::Ui;
use crate::store::schema::{self, Kind};

/// Print JSON Schemas of the workspace's files, for editors
///
/// They are made from the parsers: what `validate` says of a file's keys and values, an editor says
/// while it is typed, and it completes and explains them. Draft 7, which is what the language server
/// for YAML reads.
///
/// Without KIND, lists all kinds. `--write` brings the schemas into the workspace, or renews them there;
/// `init` did so, too. docs/editors.md says how editors find them.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook schema
  tallybook schema case
  tallybook schema --write
  tallybook schema --out schemas")]
pub(crate) struct SchemaArgs {
    /// The kind of file, as `case`
    #[arg(value_name = "KIND", conflicts_with_all = ["out", "write"])]
    kind: Option<String>,
    /// Write all schemas to a folder
    #[arg(long, value_name = "DIR", conflicts_with = "write")]
    out: Option<PathBuf>,
    /// Write those that editors ask for to `.tallybook/schema` of the workspace
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &SchemaArgs) -> Result<Exit, CommandError> {
    match (&args.kind, &args.out) {
        (Some(kind), _) => ui.out_raw(schema::text(named(kind)?)),
        (None, Some(folder)) => write_all(ui, &ctx.resolve(folder))?,
        (None, None) if args.write => renew(ui, ctx)?,
        (None, None) => list(ui),
    }
    Ok(Exit::Fine)
}

fn named(asked: &str) -> Result<Kind, CommandError> {
    let is_asked = |kind: &Kind| kind.as_str().eq_ignore_ascii_case(asked);
    let found = Kind::ALL.into_iter().find(is_asked);
    found.ok_or_else(|| {
        let asked = text::sanitize_line(asked);
        let error = CommandError::usage(format!("there is no kind of file `{asked}`"));
        match text::closest(&asked, Kind::ALL.map(Kind::as_str)) {
            Some(kind) => error.hint(format!("did you mean `tallybook schema {kind}`?")),
            None => error.hint("`tallybook schema` lists all kinds"),
        }
    })
}

fn list(ui: &mut Ui) {
    let width = Kind::ALL.iter().map(|kind| kind.as_str().len()).max();
    let width = width.unwrap_or_default();
    for kind in Kind::ALL {
        ui.out(format!("{:<width$}  {}", kind.as_str(), kind.files()));
    }
    ui.hint("`tallybook schema KIND` prints one, `--write` brings them into the workspace");
}

fn write_all(ui: &mut Ui, folder: &Path) -> Result<(), CommandError> {
    files::create_dir(folder)?;
    for kind in Kind::ALL {
        let path = folder.join(format!("{}.json", kind.as_str()));
        files::write_atomic(&path, schema::text(kind).as_bytes())?;
    }
    let n = text::count(Kind::ALL.len() as u64, "schema");
    ui.status(format!("wrote {n} to {}", folder.display()));
    Ok(())
}

fn renew(ui: &mut Ui, ctx: &Context) -> Result<(), CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.documentation(&AtArg::default())?;
    let changes = author::schemas(&*snapshot.docs).map_err(store_error)?;
    if changes.edits.is_empty() {
        ui.status(format!("`{}` is up to date", schema::FOLDER));
        return Ok(());
    }
    write(&place.root, &changes)?;
    for edit in &changes.edits {
        ui.out(&edit.path);
    }
    ui.status(format!(
        "wrote {}",
        text::count(changes.edits.len() as u64, "schema")
    ));
    let folder = pathspec(ctx, &place, schema::FOLDER);
    ui.hint(format!(
        "commit them: `git add {folder} && git commit -m \"{}\" -- {folder}`",
        changes.message
    ));
    Ok(())
}
