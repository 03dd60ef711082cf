//! `tallybook case import`

mod input;
mod mapping;
mod told;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use self::input::Input;
use self::mapping::{Mapping, one_column, one_value};
use super::desk::{Desk, WriteArgs, case_error, finish};
use crate::author::case::{Importing, import_cases};
use crate::base::text::line;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, ProjectArg};
use crate::cli::ui::Ui;
use crate::diag::Severity;
use crate::exchange::cases::{CaseFormat, CaseReading, Column, Markup, read_cases};

/// Bring in cases of other tools
///
/// Sections become folders; titles, texts, steps, fields and links come along; old ids stay as aliases, so
/// that results which carry them match. What a file is, its content tells: TestRail XML and CSV, Zephyr Scale
/// and Squad CSV, Xray CSV, TestLink XML, TestOps CSV, feature files, Markdown, what `export` wrote of cases, any other
/// table.
///
/// What could not be carried is counted and told with its places. A second import adds nothing that is here: it
/// says how the source differs, and with `--update` fills in what files leave out.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case import testrail.xml --dry-run
  tallybook case import cases.csv --map 'title=Summary' --map 'steps=Action' --map 'fields.component=Area'
  tallybook case import jira.csv --value 'severity:P1=blocker' --value 'owner:Alice Smith=alice'
  tallybook case import features --branch import-features
  tallybook case import testlink.xml --id-prefix TP- --section legacy --report lost.json
  tallybook case import testrail.xml --update")]
pub(super) struct ImportArgs {
    /// Files, or folders of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// What the files are [default: as their content tells]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    format: Option<CaseFormat>,
    /// What a column of a table says, as `title=Summary`; may be repeated. Left of it stands id, title, section,
    /// description, preconditions, postconditions, steps, expected, data, execution, selector, issue, requirement, link,
    /// severity, status, layer, owner, tags, fields.NAME, parameters.NAME, text.HEADING or skip
    #[arg(long = "map", value_name = "FIELD=COLUMN", value_parser = one_column)]
    map: Vec<(Column, String)>,
    /// What a word of the other tool is here, as `severity:P1=blocker`; may be repeated
    #[arg(long = "value", value_name = "FIELD:WORD=VALUE", value_parser = one_value)]
    value: Vec<(String, String, String)>,
    /// A YAML file with `columns:` and `values:`, as `--map` and `--value` give them
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// What separates cells of tables: a character, or `tab` [default: as the first row tells]
    #[arg(long, value_name = "CHARACTER", value_parser = separator)]
    separator: Option<u8>,
    /// What texts are written in [default: as the tool has it]
    #[arg(long, value_enum, value_name = "MARKUP")]
    markup: Option<MarkupArg>,
    /// What stands before ids that are mere numbers, as `TP-`
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    id_prefix: String,
    /// The section that all others go below
    #[arg(
        short,
        long,
        value_name = "SECTION",
        default_value = "",
        hide_default_value = true
    )]
    section: String,
    /// Fill in what files of cases that are here leave out, and what the project lets others write over
    #[arg(long)]
    update: bool,
    /// Write all that was lost, with its places, to this file, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    write: WriteArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum MarkupArg {
    /// Whatever each text looks like
    Auto,
    Markdown,
    Html,
    /// The wiki markup of Jira and Confluence
    Jira,
    /// Words and nothing else
    Plain,
}

impl From<MarkupArg> for Markup {
    fn from(arg: MarkupArg) -> Self {
        match arg {
            MarkupArg::Auto => Self::Auto,
            MarkupArg::Markdown => Self::Markdown,
            MarkupArg::Html => Self::Html,
            MarkupArg::Jira => Self::Jira,
            MarkupArg::Plain => Self::Plain,
        }
    }
}

fn format_parser() -> impl clap::builder::TypedValueParser<Value = CaseFormat> {
    PossibleValuesParser::new(CaseFormat::ALL.map(CaseFormat::as_str)).map(|name| {
        let mut all = CaseFormat::ALL.into_iter();
        all.find(|format| format.as_str() == name)
            .unwrap_or_default()
    })
}

fn separator(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        text if text.len() == 1 && text.is_ascii() && !text.contains(['"', '\n', '\r']) => {
            Ok(text.as_bytes()[0])
        }
        _ => Err("expected one character, as `;`, or `tab`".to_owned()),
    }
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &ImportArgs) -> Result<Exit, CommandError> {
    let mapping = Mapping::new(ctx, args.mapping.as_deref(), &args.map, &args.value)?;
    let desk = Desk::open(ctx, &args.write.branch)?;
    let project = place::project(&desk.loaded.workspace, &args.project)?;
    place::key(project)?;
    let input = Input::read(ctx, &args.paths)?;
    let settings = project.settings.as_ref();
    let reading = CaseReading {
        format: args.format,
        separator: args.separator,
        columns: mapping.columns.clone(),
        declared: settings.map_or_else(Vec::new, |doc| doc.value.fields.clone()),
        markup: args.markup.map(Markup::from),
        id_prefix: args.id_prefix.clone(),
    };
    let mut read = read_cases(&input.sources, &reading);
    read.losses.join(input.losses);
    let importing = Importing {
        cases: &read.cases,
        shared: &read.shared,
        projects: &desk.loaded.workspace.projects,
        section: &args.section,
        update: args.update,
        values: &mapping.values,
        seed: ctx.seed(),
    };
    let mut done = import_cases(project, &importing).map_err(case_error)?;
    done.losses.join(std::mem::take(&mut read.losses));
    told::findings(ui, ctx, &input.sources, &read);
    told::read(ui, &input.sources, &read, &done);
    for idle in mapping.idle(&done.mapped) {
        let idle = line(&idle, 100);
        ui.warn(format!(
            "`--value {idle}=…` changes nothing: no case says so"
        ));
    }
    if let Some(file) = &args.report {
        told::write(ctx, file, &read, &done)?;
    }
    let exit = finish(ui, ctx, &desk, &args.write, &done.change)?;
    told::lost(ui, &read, &done, args.report.as_deref());
    let is_wrong = |finding: &crate::diag::Finding| finding.severity == Severity::Error;
    match read.findings.iter().any(is_wrong) {
        true => Ok(Exit::Findings),
        false => Ok(exit),
    }
}
