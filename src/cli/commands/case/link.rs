//! `tallybook case link`

use serde_json::json;

use super::desk::{Desk, WriteArgs, case_error, finish};
use super::view::{relations, shown_links};
use crate::author::case::{Linking, is_relation, link_case};
use crate::cli::commands::launch::{OutputFormat, json as pretty};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::ProjectArg;
use crate::cli::ui::Ui;

/// Relate a case to another one, or link it to an issue or a requirement
///
/// Relations are `automates`, `duplicates`, `clones`, `blocks` and `related`, each also from its other end
/// (`automated-by` …), and any other word between two cases. With the case alone, both ends are shown.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case link SHOP-K4F7QM
  tallybook case link SHOP-K4F7QM automates SHOP-Q9W2MA
  tallybook case link SHOP-K4F7QM issue WEB-812
  tallybook case link SHOP-K4F7QM requirement REQ-4 --url https://example.com/req/4
  tallybook case link SHOP-K4F7QM issue WEB-812 --remove")]
pub(super) struct LinkArgs {
    /// The case's id, or its file
    #[arg(value_name = "CASE")]
    case: String,
    /// `automates`, `duplicates`, `related` …, `issue`, `requirement`, `link`
    #[arg(value_name = "KIND", requires = "target")]
    kind: Option<String>,
    /// The other case, the issue, the requirement, or an address
    #[arg(value_name = "TARGET")]
    target: Option<String>,
    /// The address of what is linked
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Take the link away
    #[arg(long, requires = "target")]
    remove: bool,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    write: WriteArgs,
    /// How to print what is linked
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, conflicts_with = "kind")]
    format: OutputFormat,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &LinkArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(ctx, &args.write.branch)?;
    let (project, doc) = desk.case(ctx, &args.case, &args.project)?;
    let (Some(kind), Some(target)) = (&args.kind, &args.target) else {
        let relations = relations(project, doc);
        match args.format {
            OutputFormat::Json => ui.out_raw(pretty(&json!({
                "id": doc.value.id, "links": doc.value.links, "relations": relations,
            }))),
            OutputFormat::Text => {
                let lines = relations.iter().map(|one| one.line());
                let lines: Vec<String> = lines.chain(shown_links(project, doc)).collect();
                if lines.is_empty() {
                    ui.status(format!("{} is linked to nothing", doc.value.id));
                }
                lines.iter().for_each(|line| ui.out(line));
            }
        }
        return Ok(Exit::Fine);
    };
    if args.url.is_some() && is_relation(kind) {
        let error = CommandError::usage("a relation between cases has no address");
        return Err(error.hint("leave `--url` out"));
    }
    let linking = Linking {
        kind,
        target,
        url: args.url.as_deref(),
        remove: args.remove,
    };
    let change = link_case(project, doc, &linking).map_err(case_error)?;
    finish(ui, ctx, &desk, &args.write, &change)
}
