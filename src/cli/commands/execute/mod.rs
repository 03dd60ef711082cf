//! `tallybook execute`: manual cases in the terminal.
//!
//! Lines in, lines out: it works over SSH, in 80 columns, without colours, on a dumb terminal and from a pipe.
//! Every answer is on the disk before the next question.

mod paper;
mod session;
mod words;

pub(in crate::cli::commands) use self::paper::addresses;
use self::session::{Left, Session};
use super::launch::{Desk, ShareArgs, parse_shape, tell_leaks};
use crate::base::text::{closest, count};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, ProjectArg, parse_variable};
use crate::cli::ui::Ui;
use crate::ledger::manual::{self, Asked, Work, items, unplanned, work};
use crate::model::Environment;

/// Execute manual cases of an open launch, step by step, in the terminal
///
/// Shows a case, its preconditions and each of its steps, and asks how each went. Every answer is on the disk
/// before the next question: after Ctrl-C, a crash or a lost connection the same command goes on where it was.
/// What is left of you comes first, then what is nobody's. Answers may come from a pipe.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook execute 2026-11-22-1843-smoke-4f7k
  tallybook execute 2026-11-22-1843-smoke-4f7k --mine --push
  tallybook execute \"$id\" --case SHOP-K4F7QM
  printf 'pass\\nfail the page stays empty\\nrecord\\n' | tallybook execute \"$id\" --case SHOP-K4F7QM")]
pub(crate) struct ExecuteArgs {
    /// The launch's id, or the beginning of it
    #[arg(value_name = "LAUNCH")]
    launch: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    share: ShareArgs,
    /// What is assigned to you alone
    #[arg(long)]
    mine: bool,
    /// This case alone, also where it is executed already or was not planned; or one planned result, by its id
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    /// A variable of a case that was not planned, as `browser=firefox`; may be given several times
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = parse_variable, requires = "case")]
    env: Vec<(String, String)>,
    /// What you had begun when the launch was closed: it goes into the launch's follow-up, which will supersede it
    #[arg(long, conflicts_with_all = ["case", "mine"])]
    late: bool,
    /// Who executes: a member by id, name or address [default: whom git knows]
    #[arg(long = "as", value_name = "NAME")]
    who: Option<String>,
    /// Let what looks like this kind of secret through, as `jwt`; may be given several times
    #[arg(long, value_name = "NAME", value_parser = parse_shape)]
    allow_secret: Vec<&'static str>,
}

/// Something to execute: the id of its draft, and what is asked.
struct Task {
    id: String,
    asked: Asked,
    /// How it stands, where it is executed already.
    before: Option<crate::model::Status>,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ExecuteArgs) -> Result<Exit, CommandError> {
    let desk = match args.late {
        true => {
            let launch = (args.launch.as_str(), &args.project);
            let who = (&args.share, args.who.as_deref());
            Desk::find_late(ui, ctx, launch, who, &args.allow_secret)?
        }
        false => Desk::find(ui, ctx, &args.launch, &args.project, &args.allow_secret)?,
    };
    let remote = args.share.remote(&desk.place)?;
    let who = desk.who(ctx, args.who.as_deref())?;
    let preview = desk.preview(ctx)?;
    let tasks = tasks(&desk, &preview, args, &who)?;
    let manual = desk.manual(&preview.launch, ctx)?;
    let mut session = Session::new(ui, ctx, &desk, manual, &who, remote.as_deref());
    let many = tasks.len();
    let mut stopped = false;
    for (at, task) in tasks.into_iter().enumerate() {
        let place = format!("{} of {many}", at + 1);
        let left = session.execute(&task.id, task.asked, task.before, &place);
        match left {
            Ok(Left::Recorded | Left::Later) => {}
            Ok(Left::Quit) => {
                stopped = true;
                break;
            }
            Err(error) => return tell_leaks(ui, error),
        }
    }
    let tally = session.tally();
    tell_end(ui, ctx, &desk, args, (&who, &tally, stopped))?;
    desk.tell_alone(ui, remote.as_deref().filter(|_| !tally.is_unpushed))?;
    Ok(Exit::Fine)
}

/// Returns what is to be executed now, in order.
fn tasks(
    desk: &Desk,
    preview: &crate::ledger::Preview,
    args: &ExecuteArgs,
    who: &str,
) -> Result<Vec<Task>, CommandError> {
    if args.late {
        return late(desk, who);
    }
    let all = work(preview);
    let task = |one: &Work<'_>| Task {
        id: one.planned.id.clone(),
        asked: one.asked(),
        before: one.planned.done.then_some(one.status),
    };
    if let Some(wanted) = &args.case {
        let is_meant = |one: &&Work<'_>| {
            let own = [
                Some(one.planned.asked.as_str()),
                one.planned.case.as_deref(),
            ];
            own.contains(&Some(wanted)) || one.planned.id == *wanted
        };
        let mut named: Vec<&Work<'_>> = all.iter().filter(is_meant).collect();
        // What is left comes before what is executed again.
        named.sort_by_key(|one| one.planned.done);
        place::one_value_each(&args.env)?;
        if !named.is_empty() && args.env.is_empty() {
            return Ok(named.into_iter().map(task).collect());
        }
        return not_planned(desk, args, wanted, &preview.launch.environment);
    }
    let mut open: Vec<&Work<'_>> = all.iter().filter(|one| one.is_open()).collect();
    if args.mine {
        open.retain(|one| one.is_of(who));
    }
    let rank = |one: &&Work<'_>| match &one.planned.planning.assignee {
        _ if one.is_of(who) => 0,
        None => 1,
        Some(_) => 2,
    };
    open.sort_by_key(rank);
    let is_own = |one: &&Work<'_>| rank(one) < 2;
    if open.iter().any(is_own) {
        open.retain(is_own);
    }
    if !open.is_empty() {
        return Ok(open.into_iter().map(task).collect());
    }
    let id = &desk.id;
    let error = CommandError::usage(match (all.is_empty(), args.mine) {
        (true, _) => format!("nothing is planned in launch `{id}`"),
        (false, true) => format!("nothing in launch `{id}` is left to {who}"),
        (false, false) => format!("nothing in launch `{id}` is left to execute"),
    });
    Err(match all.is_empty() {
        true => error.hint(format!(
            "execute a case that was not planned: `tallybook execute {id} --case ID`"
        )),
        false => error.hint(format!("`tallybook launch status {id}` says who has what")),
    })
}

/// Returns what somebody has begun.
fn late(desk: &Desk, who: &str) -> Result<Vec<Task>, CommandError> {
    let mut drafts = manual::Drafts::new(&desk.state, &desk.id).all()?;
    drafts.retain(|draft| manual::same_person(&draft.tester, who));
    if drafts.is_empty() {
        let message = format!("{who} has begun nothing in launch `{}`", desk.id);
        return Err(CommandError::usage(message));
    }
    let task = |draft: manual::Draft| Task {
        id: draft.id.clone(),
        asked: draft.asked(),
        before: None,
    };
    Ok(drafts.into_iter().map(task).collect())
}

/// Returns what is to be executed of a case that nobody planned.
fn not_planned(
    desk: &Desk,
    args: &ExecuteArgs,
    wanted: &str,
    launch: &Environment,
) -> Result<Vec<Task>, CommandError> {
    let project = desk.project()?;
    let Some(case) = project.case(wanted) else {
        let ids = project.cases.iter().map(|doc| doc.value.id.as_str());
        let error = CommandError::usage(format!("there is no case `{wanted}`"));
        return Err(match closest(wanted, ids) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`tallybook query '' --of cases` lists all"),
        });
    };
    let mut environment = launch.clone();
    for (name, value) in &args.env {
        environment.insert(name.as_str(), value.clone());
    }
    let items = items([&case.value], &[environment])?;
    let task = |item| {
        let (id, asked) = unplanned(item);
        Task {
            id,
            asked,
            before: None,
        }
    };
    Ok(items.into_iter().map(task).collect())
}

/// Says what was done, what is left, and the next command.
fn tell_end(
    ui: &mut Ui,
    ctx: &Context,
    desk: &Desk,
    args: &ExecuteArgs,
    (who, tally, stopped): (&str, &session::Tally, bool),
) -> Result<(), CommandError> {
    let id = &desk.id;
    let done = count(tally.recorded, "result");
    ui.out(format!("recorded {done} in launch `{id}`"));
    let drafts = manual::Drafts::new(&desk.state, id).all()?;
    let own: Vec<_> = drafts
        .iter()
        .filter(|draft| manual::same_person(&draft.tester, who))
        .collect();
    if !own.is_empty() {
        let begun = count(own.len() as u64, "case");
        ui.out(format!(
            "{begun} begun and kept, at the step where you left"
        ));
    }
    let preview = desk.preview(ctx)?;
    let all = work(&preview);
    let open: Vec<&Work<'_>> = all.iter().filter(|one| one.is_open()).collect();
    let mine = open.iter().filter(|one| one.is_of(who)).count();
    let nobody = open
        .iter()
        .filter(|one| one.planned.planning.assignee.is_none())
        .count();
    let others = open.len() - mine - nobody;
    if !all.is_empty() {
        ui.out(format!(
            "left: {mine} for you, {nobody} for nobody, {others} for others"
        ));
    }
    let as_who = match &args.who {
        Some(named) => format!(" --as {}", crate::base::text::shell_word(named)),
        None => String::new(),
    };
    let automated = all.iter().filter(|one| !one.planned.done).count() - open.len();
    match (
        mine + nobody > 0 || (stopped && !own.is_empty()),
        open.is_empty(),
    ) {
        (true, _) => ui.hint(format!("go on: `tallybook execute {id}{as_who}`")),
        (false, false) => ui.hint(format!(
            "see who has the rest: `tallybook launch status {id}`"
        )),
        (false, true) if automated > 0 => ui.hint(format!(
            "{} for automation: `tallybook launch append {id} PATH`",
            count(automated as u64, "planned result")
        )),
        (false, true) => ui.hint(format!("all is done: `tallybook launch close {id}`")),
    }
    Ok(())
}
