//! `tallybook launch assign`

use std::collections::BTreeSet;

use super::desk::Desk;
use super::planning::people;
use super::share::ShareArgs;
use crate::analysis::subjects::{CaseSet, Of};
use crate::base::text::{closest, count};
use crate::cli::commands::query::{tell, user};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::ProjectArg;
use crate::cli::ui::Ui;
use crate::ledger::manual::{self, Work, work};
use crate::query;

/// Give planned results of an open launch to people
///
/// Each of several people gets them in turn. What is executed already stays as it is, unless it is named by
/// `--cases`. Any number of people assign on any number of machines: the last assignment counts.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch assign 2026-11-22-1843 --to alice
  tallybook launch assign 2026-11-22-1843 --to alice,bob --query 'tag = checkout'
  tallybook launch assign 2026-11-22-1843 --to bob --from alice --push
  tallybook launch assign 2026-11-22-1843 --to bob --from nobody
  tallybook launch assign 2026-11-22-1843 --nobody --cases SHOP-K4F7QM")]
pub(super) struct AssignArgs {
    /// The launch's id, or the beginning of it
    #[arg(value_name = "LAUNCH")]
    launch: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    share: ShareArgs,
    /// Who gets them: members by id, name or address
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        required_unless_present = "nobody"
    )]
    to: Vec<String>,
    /// Take them from whoever has them
    #[arg(long, conflicts_with = "to")]
    nobody: bool,
    /// Those of this person alone; `nobody` means those that are nobody's
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// Those of these cases alone, executed ones too
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    cases: Vec<String>,
    /// Those of cases that fit a query alone
    #[arg(long, value_name = "QUERY", conflicts_with = "cases")]
    query: Option<String>,
}

/// What `--from` calls what is assigned to nobody.
const NOBODY: &str = "nobody";

/// Whose planned results are meant.
enum Whose {
    Anybodys,
    Nobodys,
    Persons(String),
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &AssignArgs) -> Result<Exit, CommandError> {
    let desk = Desk::find(ui, ctx, &args.launch, &args.project, &[])?;
    let remote = args.share.remote(&desk.place)?;
    let project = desk.project()?;
    let to = people(project, &args.to)?;
    let from = match args.from.as_deref() {
        None => Whose::Anybodys,
        Some(NOBODY) => Whose::Nobodys,
        Some(name) => match people(project, &[name.to_owned()])?.pop() {
            Some(person) => Whose::Persons(person),
            None => Whose::Nobodys,
        },
    };
    let preview = desk.preview(ctx)?;
    let all = work(&preview);
    if all.is_empty() {
        return Err(CommandError::usage(format!(
            "nothing is planned in launch `{}`",
            desk.id
        ))
        .hint("plan results when it is opened: `tallybook launch open --plan PLAN --assign NAME,NAME`"));
    }
    let fitting = match &args.query {
        None => None,
        Some(text) => match fitting(ctx, &desk, text)? {
            Ok(ids) => Some(ids),
            Err(problems) => return Ok(tell(ui, text, &problems)),
        },
    };
    check_cases(args, &all)?;
    let is_meant = |one: &&Work<'_>| {
        let case = one.planned.case.as_deref().unwrap_or(&one.planned.asked);
        let named = args
            .cases
            .iter()
            .any(|id| id == case || *id == one.planned.asked);
        let open = named || (args.cases.is_empty() && one.is_open());
        let own = match &from {
            Whose::Anybodys => true,
            Whose::Nobodys => one.planned.planning.assignee.is_none(),
            Whose::Persons(from) => one.is_of(from),
        };
        open && own && fitting.as_ref().is_none_or(|ids| ids.contains(case))
    };
    let chosen: Vec<&Work<'_>> = all.iter().filter(is_meant).collect();
    if chosen.is_empty() {
        ui.status("no planned result fits that");
        return Ok(Exit::Findings);
    }
    let mut turn = to.iter().cycle();
    let assigned = chosen
        .iter()
        .map(|one| (one.planned, one.environment, turn.next().cloned()));
    let assigned: Vec<_> = assigned.collect();
    manual::assign(&desk.manual(&preview.launch, ctx)?, assigned)?;
    let results = count(chosen.len() as u64, "planned result");
    ui.status(match to.as_slice() {
        [] => format!("took {results} from whoever had them"),
        [one] => format!("gave {results} to {one}"),
        several => format!("gave {results} to {} people", several.len()),
    });
    desk.push(ui, ctx, remote.as_deref())?;
    desk.tell_alone(ui, remote.as_deref())?;
    Ok(Exit::Fine)
}

fn check_cases(args: &AssignArgs, all: &[Work<'_>]) -> Result<(), CommandError> {
    let known = |id: &String| {
        let is_it = |one: &Work<'_>| {
            one.planned.asked == *id || one.planned.case.as_deref() == Some(id.as_str())
        };
        all.iter().any(is_it)
    };
    let Some(unknown) = args.cases.iter().find(|id| !known(id)) else {
        return Ok(());
    };
    let ids = all.iter().map(|one| one.planned.asked.as_str());
    let error = CommandError::usage(format!("case `{unknown}` is not planned in the launch"));
    Err(match closest(unknown, ids) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`tallybook launch status LAUNCH --format json` lists what is"),
    })
}

/// The cases that fit, or what is wrong with the query.
type Fitting = Result<BTreeSet<String>, Vec<query::Problem>>;

fn fitting(ctx: &Context, desk: &Desk, text: &str) -> Result<Fitting, CommandError> {
    let project = desk.project()?;
    let context = query::Context {
        now: ctx.now,
        user: user(ctx, &desk.place, project),
    };
    let parsed = query::parse(text).map_err(|problem| vec![problem]);
    let bound = parsed.and_then(|query| query.bind(Of::Cases.schema(), &context));
    let bound = match bound {
        Ok(bound) => bound,
        Err(problems) => return Ok(Err(problems)),
    };
    let set = CaseSet::new(project, ctx.now);
    let subjects = set.subjects(None);
    let ids = bound.select(&subjects);
    Ok(Ok(ids
        .into_iter()
        .map(|subject| subject.case.id.clone())
        .collect()))
}
