//! `tallybook merge-driver`: what git runs to merge one file.

use std::path::{Path, PathBuf};

use crate::author::merge::{ConflictStyle, Markers, Method, Versions, merge};
use crate::base::files;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;
use crate::git::Repo;
use crate::store::MAX_FILE;

/// Merge two versions of a case, a plan or another file of documentation; git runs it
///
/// Merges front matter and YAML by keys, lists by their items, and scenarios step by step; texts line
/// by line. What collides stands between markers as git writes them, with both sides. Ends with 1
/// where something does. `tallybook hook install` registers it, and `.gitattributes` selects it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook hook install
  git config merge.tallybook.driver
  tallybook merge-driver base.md ours.md theirs.md projects/shop/cases/sign-in.md")]
pub(crate) struct MergeDriverArgs {
    /// What both sides come from: git's `%O`
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// Our side, into which the result is written: git's `%A`
    #[arg(value_name = "OURS")]
    ours: PathBuf,
    /// Their side: git's `%B`
    #[arg(value_name = "THEIRS")]
    theirs: PathBuf,
    /// The file's path in the repository, by which its kind is known: git's `%P`
    #[arg(value_name = "PATH")]
    path: String,
    /// How many characters the markers of a conflict have: git's `%L`
    #[arg(long, value_name = "N", default_value = "7", value_parser = parse_size)]
    marker_size: usize,
    /// What our side is called: git's `%X`
    #[arg(
        long,
        value_name = "NAME",
        default_value = "ours",
        hide_short_help = true
    )]
    ours_label: String,
    /// What both sides come from is called: git's `%S`
    #[arg(
        long,
        value_name = "NAME",
        default_value = "base",
        hide_short_help = true
    )]
    base_label: String,
    /// What their side is called: git's `%Y`
    #[arg(
        long,
        value_name = "NAME",
        default_value = "theirs",
        hide_short_help = true
    )]
    theirs_label: String,
}

pub(crate) fn run(
    ui: &mut Ui,
    ctx: &Context,
    args: &MergeDriverArgs,
) -> Result<Exit, CommandError> {
    let [base, ours, theirs] = [&args.base, &args.ours, &args.theirs].map(|path| read(ctx, path));
    let versions = Versions {
        base: &base?,
        ours: &ours?,
        theirs: &theirs?,
    };
    let merged = merge(&args.path, &versions);
    let markers = Markers {
        size: args.marker_size,
        style: style(ctx),
        ours: label(&args.ours_label, "ours"),
        base: label(&args.base_label, "base"),
        theirs: label(&args.theirs_label, "theirs"),
    };
    let text = merged.to_text(&markers);
    files::write(&ctx.resolve(&args.ours), text.as_bytes())?;
    let why = match merged.method {
        Method::Meaning => None,
        Method::Added => Some("both sides added it"),
        Method::Lines => Some("a version of it can't be taken apart"),
        Method::Unreadable => Some("it would not read otherwise"),
    };
    if let Some(why) = why {
        ui.warn(format!("`{}` is merged by lines: {why}", args.path));
    }
    Ok(match merged.conflicts() {
        0 => Exit::Fine,
        _ => Exit::Findings,
    })
}

fn read(ctx: &Context, path: &Path) -> Result<String, CommandError> {
    let path = ctx.resolve(path);
    let bytes = files::read(&path)?;
    let fail = |why: &str| {
        let message = format!("`{}` {why}", path.display());
        CommandError::usage(message).hint("`git merge-file` merges files of any kind by lines")
    };
    if bytes.len() as u64 > MAX_FILE {
        return Err(fail(&format!("has more than {MAX_FILE} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| fail("is not UTF-8"))
}

/// How this repository shows conflicts.
fn style(ctx: &Context) -> ConflictStyle {
    let repo = Repo::discover(&ctx.cwd).ok().flatten();
    let setting = repo.and_then(|repo| repo.setting("merge.conflictStyle"));
    match setting.as_deref() {
        Some("diff3") => ConflictStyle::Diff3,
        Some("zdiff3") => ConflictStyle::Zdiff3,
        _ => ConflictStyle::Merge,
    }
}

/// gits that know no names for sides pass the letters on.
fn label<'l>(given: &'l str, usual: &'l str) -> &'l str {
    match given {
        "%X" | "%S" | "%Y" => usual,
        given => given,
    }
}

fn parse_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ 1..=1000) => Ok(size),
        _ => Err("expected a number from 1 to 1000".to_owned()),
    }
}
