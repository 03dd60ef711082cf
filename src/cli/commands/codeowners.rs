//! `tallybook codeowners`: reviewers by path, for the host.

use std::path::PathBuf;

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
    let file = match (&args.out, args.check) {
        (Some(out), _) => ctx.resolve(out),
        (None, true) => find(&place, args.format)?,
        (None, false) => {
            ui.out_raw(&owners.text);
            return Ok(Exit::Fine);
        }
    };
    let old = files::read_optional(&file)?.unwrap_or_default();
    let old = String::from_utf8(old)
        .map_err(|_| CommandError::usage(format!("`{}` is no text in UTF-8", file.display())))?;
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
        let shown = args.out.clone().unwrap_or(file);
        let shown = text::shell_word(&shown.display().to_string());
        let format = match args.format {
            Host::Github => "",
            Host::Gitlab => " --format gitlab",
        };
        ui.hint(format!(
            "`tallybook codeowners{format} --out {shown}` writes it"
        ));
        return Ok(Exit::Findings);
    }
    files::write_atomic(&file, new.as_bytes())?;
    ui.status(format!("wrote {}", file.display()));
    Ok(Exit::Fine)
}

fn find(place: &Place, host: Host) -> Result<PathBuf, CommandError> {
    let places = host.places().map(|path| place.workdir().join(path));
    places
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| {
            let message = "there is no CODEOWNERS where the host looks for it";
            let first = host.places()[0];
            CommandError::usage(message)
                .hint(format!("`tallybook codeowners --out {first}` writes one"))
        })
}
