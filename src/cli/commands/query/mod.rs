//! `tallybook query`: what fits a query, of cases, results, launches, defects or mutes.

mod cases;
mod decisions;
mod gather;
mod launches;
mod results;
mod saved;
mod selected;
mod show;

use self::gather::{Asked, answer};
pub(in crate::cli::commands) use self::selected::{Objects, Results, Wanted, cases, results};
use self::show::Answer;
use crate::analysis::subjects::Of;
use crate::base::text;
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::query::{self, Problem};
use crate::store::Project;

/// List what fits a query
///
/// The language is AQL of Allure TestOps and more: `status = failed and not muted = true`,
/// `tag in [smoke, auth]`, `name ~= /sign.?in/i`, `duration > 5s`, `opened > -7d`, `has issue`,
/// `flipRate(20) > 10% order by flipRate(20) desc limit 10`. An empty query lists all.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook query 'tag = smoke and owner = alice'
  tallybook query 'lastStatus() != passed or lastRun() < -30d'
  tallybook query 'unresolved = true order by duration desc' --of results --launch 2026-11-22-1843
  tallybook query 'branch = main and failed > 0' --of launches --format json
  tallybook query '' --of results --format count
  tallybook query --saved unresolved
  tallybook query --fields --of results")]
pub(crate) struct QueryArgs {
    /// What to look for; an empty text lists all
    #[arg(value_name = "QUERY", required_unless_present_any = ["fields", "saved"])]
    query: Option<String>,
    /// Ask the saved query of this name, `queries/NAME.yaml`; without a name list them
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        default_missing_value = "",
        conflicts_with_all = ["query", "fields"]
    )]
    saved: Option<String>,
    /// Print what can be asked of them instead
    #[arg(long, conflicts_with_all = ["query", "launch", "branch"])]
    fields: bool,
    /// What to look among [default: what a saved query says, else cases]
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "cases|results|launches|defects|mutes"
    )]
    of: Option<Kind>,
    /// Whose results: a launch's id, the beginning of it, or its receipt [default: the latest that is closed]
    #[arg(long, value_name = "LAUNCH")]
    launch: Option<String>,
    /// The branch whose launches are the history that functions look at [default: that of the launch, else of the latest]
    #[arg(long)]
    branch: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Cases,
    Results,
    Launches,
    Defects,
    Mutes,
}

impl From<Kind> for Of {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Cases => Self::Cases,
            Kind::Results => Self::Results,
            Kind::Launches => Self::Launches,
            Kind::Defects => Self::Defects,
            Kind::Mutes => Self::Mutes,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Table,
    /// For programs; stable
    Json,
    /// For spreadsheets
    Csv,
    /// How many fit
    Count,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &QueryArgs) -> Result<Exit, CommandError> {
    let of = args.of.map(Of::from);
    if args.fields {
        let of = of.unwrap_or_default();
        ui.out_raw(show::fields(of.schema(), ui.columns(ctx)));
        return Ok(Exit::Fine);
    }
    // What was typed is looked at before anything is read.
    let typed = args.query.as_deref().map(|text| Question {
        text,
        of: of.unwrap_or_default(),
    });
    let parsed = typed.map(|typed| typed.parse(ui, args)).transpose()?;
    if matches!(parsed, Some(None)) {
        return Ok(Exit::CouldNotRun);
    }
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let (project, launch) = place::launch_or_project(
        &place,
        workspace,
        &snapshot,
        args.launch.as_deref(),
        &args.project,
        &args.at,
    )?;
    if args.saved.as_deref() == Some("") {
        return Ok(saved::list(ui, ctx, project, args.format));
    }
    let question = match (typed, &args.saved) {
        (None, Some(name)) => saved::question(&loaded, project, name, of)?,
        (typed, _) => typed.unwrap_or_default(),
    };
    let Some(query) = parsed
        .flatten()
        .map_or_else(|| question.parse(ui, args), |q| Ok(Some(q)))?
    else {
        return Ok(Exit::CouldNotRun);
    };
    let Question { text, of } = question;
    let now = place::now(&snapshot, args.now.now, ctx);
    let context = query::Context {
        now,
        user: user(ctx, &place, project),
    };
    let bound = match query.bind(of.schema(), &context) {
        Ok(bound) => bound,
        Err(problems) => return Ok(tell(ui, text, &problems)),
    };
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?.lazily();
    let asked = Asked {
        args,
        reader: &reader,
        launch,
        bound: &bound,
    };
    let (answer, lacks) = answer(ui, of, &asked)?;
    if !matches!(of, Of::Defects | Of::Mutes) {
        tell_unavailable(ui, snapshot.unavailable());
    }
    mark(ui, "warning", text, &answer.strangers);
    print(ui, ctx, &answer, args.format, of);
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

/// Lists cases that fit a query, as `query` does.
pub(in crate::cli::commands) fn list_cases(
    ui: &mut Ui,
    ctx: &Context,
    query: &str,
    (project, at, now): (&ProjectArg, &AtArg, NowArgs),
    is_json: bool,
) -> Result<Exit, CommandError> {
    let args = QueryArgs {
        query: Some(query.to_owned()),
        saved: None,
        fields: false,
        of: Some(Kind::Cases),
        launch: None,
        branch: None,
        project: project.clone(),
        at: at.clone(),
        now,
        format: match is_json {
            true => Format::Json,
            false => Format::Table,
        },
    };
    run(ui, ctx, &args)
}

/// What is asked, and of what.
#[derive(Clone, Copy, Debug, Default)]
struct Question<'a> {
    text: &'a str,
    of: Of,
}

impl Question<'_> {
    /// Reads the query; none where it is wrong, which is said.
    fn parse(self, ui: &mut Ui, args: &QueryArgs) -> Result<Option<query::Query>, CommandError> {
        check(args, self.of)?;
        match query::parse(self.text) {
            Ok(query) => Ok(Some(query)),
            Err(problem) => {
                tell(ui, self.text, &[problem]);
                Ok(None)
            }
        }
    }
}

/// Refuses options that say nothing about what is asked.
fn check(args: &QueryArgs, of: Of) -> Result<(), CommandError> {
    let kind = of.as_str();
    if args.launch.is_some() && of != Of::Results {
        let message = format!("`--launch` says whose results, and {kind} are asked for");
        return Err(CommandError::usage(message).hint("add `--of results`"));
    }
    if args.branch.is_some() && !matches!(of, Of::Cases | Of::Results) {
        let message =
            format!("`--branch` says whose history functions look at, and {kind} have none");
        let error = CommandError::usage(message);
        return Err(match of {
            Of::Launches => error.hint("write `branch = \"main\"` into the query"),
            _ => error.hint("leave it out"),
        });
    }
    Ok(())
}

/// Returns the member who asks, else the address that git knows.
pub(in crate::cli::commands) fn user(
    ctx: &Context,
    place: &Place,
    project: &Project,
) -> Option<String> {
    let email = place.identity(ctx).ok()?.email;
    let is_own = |own: &String| own.eq_ignore_ascii_case(&email);
    let mut members = project.members.iter().map(|doc| &doc.value);
    let member = members.find(|member| member.emails.iter().any(is_own));
    Some(member.map_or(email.clone(), |member| member.id.clone()))
}

/// Shows each problem below the line of the query that it is in.
pub(in crate::cli::commands) fn tell(ui: &mut Ui, query: &str, problems: &[Problem]) -> Exit {
    mark(ui, "error", query, problems);
    Exit::CouldNotRun
}

pub(in crate::cli::commands) fn mark(ui: &mut Ui, level: &str, query: &str, problems: &[Problem]) {
    for problem in problems {
        ui.say(level, &problem.message);
        let (line, mark) = show::marked(query, problem.span);
        ui.err_raw(
            &format!("  {line}\n  {mark}\n"),
            &format!("  {line}\n  \u{1b}[1;31m{mark}\u{1b}[0m\n"),
        );
        if let Some(help) = &problem.help {
            ui.hint(help);
        }
    }
}

fn print(ui: &mut Ui, ctx: &Context, answer: &Answer, format: Format, of: Of) {
    let many = answer.fitting;
    match format {
        Format::Json => ui.out_raw(show::json(&answer.json)),
        Format::Csv => ui.out_raw(show::csv(answer)),
        Format::Count => ui.out(many.to_string()),
        Format::Table if many == 0 => {
            let of = of.as_str();
            ui.status(match answer.among {
                0 => format!("there are no {of}"),
                1 => "the only one does not fit".to_owned(),
                among => format!("none of {} {of} fits", text::thousands(among)),
            });
        }
        Format::Table => {
            let columns = ui.columns(ctx);
            ui.out_raw(table(&answer.header, &answer.rows, columns) + "\n");
            ui.status(format!(
                "{} of {} {}",
                text::thousands(many),
                text::thousands(answer.among),
                of.as_str()
            ));
        }
    }
}
