//! `tallybook codeowners`: reviewers by path, for the host.

use std::path::{Path, PathBuf};

use crate::author::{self, OwnersFormat};
use crate::base::{files, text};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place};
use crate::cli::ui::Ui;

/// Write CODEOWNERS: who is asked to review which cases and settings
///
/// A section of cases whose owner is mostly one member gets one line, the other cases of it lines of
/// their own; settings, members and mutes go to the project's owners. In a file that others write
/// too only our lines are replaced, those between `# tallybook: begin` and `# tallybook: end`.
///
/// With `--check` nothing is written; ends with 1 where the file is not as it should be.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook codeowners
  tallybook codeowners --out .github/CODEOWNERS
  tallybook codeowners --format gitlab --out CODEOWNERS
  tallybook codeowners --out .github/CODEOWNERS --check")]
pub(crate) struct CodeownersArgs {
    /// Whose rules of writing to follow
    #[arg(long, value_enum, default_value_t = Host::Github)]
    format: Host,
    /// Put the lines into this file [default with --check: where the host looks for it]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Say whether the file is as it should be, and write nothing
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    at: AtArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Host {
    Github,
    Gitlab,
}

impl Host {
    /// Where the host looks for the file, from the root of the repository; the first one counts.
    fn places(self) -> [&'static str; 3] {
        match self {
            Self::Github => [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"],
            Self::Gitlab => ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
        }
    }

    /// What is typed to choose it.
    fn option(self) -> &'static str {
        match self {
            Self::Github => "",
            Self::Gitlab => " --format gitlab",
        }
    }

    fn format(self) -> OwnersFormat {
        match self {
            Self::Github => OwnersFormat::GitHub,
            Self::Gitlab => OwnersFormat::GitLab,
        }
    }
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &CodeownersArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let loaded = place::load(&place.documentation(&args.at)?)?;
    let owners = author::codeowners(&loaded.workspace, &place.prefix, args.format.format());
    for notice in &owners.notices {
        ui.warn(notice);
    }
    if owners.is_empty {
        ui.warn("there is nobody to name: no project has a member with an email address");
        ui.hint("`tallybook member add NAME --email ADDRESS --role owner` adds one");
    }
    let file = match (&args.out, args.check) {
        (Some(out), _) => ctx.resolve(out),
        (None, true) => find(ctx, &place, args.format)?,
        (None, false) => {
            if !owners.is_empty {
                ui.out_raw(&owners.text);
            }
            return Ok(Exit::Fine);
        }
    };
    if args.out.is_some() {
        warn_unread(ui, ctx, &place, args.format, &file);
    }
    let old = files::read_optional(&file)?.unwrap_or_default();
    let old = String::from_utf8(old)
        .map_err(|_| CommandError::usage(format!("`{}` is no text in UTF-8", file.display())))?;
    if owners.is_empty && !author::has_owners(&old) {
        ui.status("nothing to write");
        return Ok(Exit::Fine);
    }
    let new = author::put_owners(&old, &owners.text).ok_or_else(|| {
        let message = format!("`{}` has our beginning and no end", file.display());
        CommandError::usage(message).hint("end our lines with `# tallybook: end`")
    })?;
    if new == old {
        ui.status(format!("`{}` is as it should be", file.display()));
        return Ok(Exit::Fine);
    }
    if args.check {
        ui.out(format!("`{}` is not as it should be", file.display()));
        let shown = match &args.out {
            Some(out) => out.display().to_string(),
            None => from_here(ctx, &place, &file),
        };
        let shown = text::shell_word(&shown);
        let format = args.format.option();
        ui.hint(format!(
            "`tallybook codeowners{format} --out {shown}` writes it"
        ));
        return Ok(Exit::Findings);
    }
    files::write_atomic(&file, new.as_bytes())?;
    ui.status(format!("wrote {}", file.display()));
    Ok(Exit::Fine)
}

/// Hosts read the file in three places at the root of the repository, and nowhere else.
fn warn_unread(ui: &mut Ui, ctx: &Context, place: &Place, host: Host, file: &Path) {
    let places = host.places().map(|path| place.workdir().join(path));
    let is_read = |known: &PathBuf| place::real(known) == place::real(file);
    if place.repo.is_none() || places.iter().any(is_read) {
        return;
    }
    let name = host.name();
    ui.warn(format!("{name} does not read `{}`", file.display()));
    let first = from_here(ctx, place, &places[0]);
    ui.hint(format!(
        "it reads {} at the root of the repository: `--out {}`",
        text::ticked(&host.places(), "or"),
        text::shell_word(&first)
    ));
}

/// A file as a person would type it in the current folder.
fn from_here(ctx: &Context, place: &Place, file: &Path) -> String {
    let shown = || file.display().to_string();
    let (Ok(cwd), Ok(root)) = (
        files::canonical(&ctx.cwd),
        files::canonical(place.workdir()),
    ) else {
        return shown();
    };
    let (Ok(down), Ok(path)) = (cwd.strip_prefix(&root), file.strip_prefix(place.workdir())) else {
        return shown();
    };
    let up: PathBuf = down.components().map(|_| "..").collect();
    up.join(path).display().to_string()
}

fn find(ctx: &Context, place: &Place, host: Host) -> Result<PathBuf, CommandError> {
    let places = host.places().map(|path| place.workdir().join(path));
    if let Some(there) = places.iter().find(|path| path.is_file()) {
        return Ok(there.clone());
    }
    let sparse = place.repo.as_ref().filter(|repo| repo.is_sparse());
    let left_out = sparse.map(|repo| repo.left_out("")).transpose()?;
    let left_out = left_out.unwrap_or_default();
    let is_left_out = |path: &&&str| left_out.iter().any(|file| file.path == **path);
    if let Some(path) = host.places().iter().find(is_left_out) {
        return Err(CommandError::usage(format!(
            "`{path}` is left out of the working tree by a sparse checkout"
        ))
        .hint(format!(
            "`git sparse-checkout add {}` brings it",
            path.split('/').next().unwrap_or(path)
        )));
    }
    let message = format!("there is no CODEOWNERS where {} looks for it", host.name());
    let first = text::shell_word(&from_here(ctx, place, &places[0]));
    let format = host.option();
    Err(CommandError::usage(message).hint(format!(
        "`tallybook codeowners{format} --out {first}` writes one"
    )))
}
