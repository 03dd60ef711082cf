//! `tallybook mute`: failures that are left out of the statistics for a while, with a reason.

use serde_json::json;

use super::launch::OutputFormat;
use crate::author::{self, MuteError, NewMute};
use crate::base::Timestamp;
use crate::base::text::{count, sanitize_line};
use crate::base::time::Date;
use crate::cli::args::NowArgs;
use crate::cli::change::{BranchArg, Onto, carry_out, workspace};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::newest::Newest;
use crate::cli::pick;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::model::Mute;
use crate::store::{Doc, Project, Workspace};

/// Make, list and end mutes
///
/// A mute is a file, `mutes/ID.yaml`: failures of the tests that it covers are left out of the pass rate
/// until a day, with a reason and an owner. For a problem that several tests share, make a defect.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook mute new --case SHOP-K4F7QM --until 2026-12-31 --reason \"the templates are rewritten\"
  tallybook mute new --from 2026-11-22/4f7k --until 2026-12-06 --reason \"waits for WEB-812\"
  tallybook mute list --expired
  tallybook mute end MUTE-K4F7QM")]
pub(crate) struct MuteArgs {
    #[command(subcommand)]
    command: MuteCommand,
}

#[derive(Debug, clap::Subcommand)]
enum MuteCommand {
    New(NewArgs),
    List(ListArgs),
    End(EndArgs),
}

/// Mute the failures of a test
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("what").required(true).multiple(true).args(["cases", "selector", "from"])),
    after_long_help = "Examples:
  tallybook mute new --case SHOP-K4F7QM --until 2026-12-31 --reason \"the templates are rewritten\"
  tallybook mute new --selector 'tests.api.test_search.*' --until 2026-12-06 --reason \"WEB-866\"
  tallybook mute new --from 2026-11-22/4f7k --until 2026-12-06 --reason \"WEB-812\" --branch mute-pay"
)]
struct NewArgs {
    /// A documented case; may be repeated
    #[arg(long = "case", value_name = "ID")]
    cases: Vec<String>,
    /// A full name, with `*` for any characters
    #[arg(long, value_name = "SELECTOR", conflicts_with = "from")]
    selector: Option<String>,
    /// A failure: its case, or its full name where it has none
    #[arg(long, value_name = "LAUNCH/RESULT")]
    from: Option<String>,
    /// The last day on which it holds
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    until: Date,
    /// Why
    #[arg(long)]
    reason: String,
    /// The member who answers for it [default: you]
    #[arg(long, value_name = "MEMBER")]
    owner: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

/// List mutes, those that end first on top
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook mute list
  tallybook mute list --expired --format json")]
struct ListArgs {
    /// Only those that hold no more
    #[arg(long)]
    expired: bool,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// End a mute
///
/// Its file goes; git keeps it, and launches that were closed while it held stay as they are.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook mute end MUTE-K4F7QM
  tallybook mute end MUTE-K4F7QM --branch unmute")]
struct EndArgs {
    /// The mute's id
    #[arg(value_name = "MUTE")]
    mute: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &MuteArgs) -> Result<Exit, CommandError> {
    match &args.command {
        MuteCommand::New(args) => new(ui, ctx, args),
        MuteCommand::List(args) => list(ui, ctx, args),
        MuteCommand::End(args) => end(ui, ctx, args),
    }
}

fn parse_date(typed: &str) -> Result<Date, String> {
    let expected = || format!("`{typed}` is no day, expected one as `2026-12-31`");
    Date::parse(typed).ok_or_else(expected)
}

fn new(ui: &mut Ui, ctx: &Context, args: &NewArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let (workspace, read) = workspace(&place, &args.branch)?;
    let (folder, from) = match &args.from {
        Some(from) => {
            let (folder, from) = covered_by(ctx, &place, from, &args.project)?;
            (Some(folder), Some(from))
        }
        None => (None, None),
    };
    let project = project_of(&workspace, &args.project, folder.as_deref(), &args.cases)?;
    let mut cases = args.cases.clone();
    let mut selector = args.selector.clone();
    match from {
        Some(Covered::Case(case)) if !cases.contains(&case) => cases.push(case),
        Some(Covered::Case(_)) | None => {}
        Some(Covered::Test(name)) => selector = Some(name),
    }
    let owner = pick::owner(ctx, &place, project, args.owner.as_deref())?;
    let reason = place::clean_words(&workspace, "the reason", &args.reason)?;
    let request = NewMute {
        cases: &cases,
        selector: selector.as_deref(),
        reason: &reason,
        owner: &owner,
        until: args.until,
        now: ctx.now,
        seed: ctx.seed(),
    };
    let done = author::new_mute(project, &request).map_err(mute_error)?;
    tell_held(ui, project, &done.mute, ctx.now);
    if args.from.is_none()
        && let Some(newest) = Newest::read(ctx, &place, project)
    {
        tell_idle(ui, project, &done.mute, &newest);
    }
    let covers = author::covered(&done.mute);
    let did = format!("muted {covers} until {}: {}", args.until, done.mute.id);
    let onto = Onto {
        place: &place,
        branch: &args.branch,
        read: &read,
    };
    carry_out(ui, ctx, onto, &done.changes, &did)?;
    Ok(Exit::Fine)
}

/// Says which mutes that hold cover all that a new one does.
fn tell_held(ui: &mut Ui, project: &Project, new: &Mute, now: Timestamp) {
    let holds = |mute: &&Mute| mute.until.is_some_and(|until| now <= until.end());
    let covers = |mute: &&Mute| {
        let selector = new.selector.is_none() || new.selector == mute.selector;
        selector && new.cases.iter().all(|case| mute.cases.contains(case))
    };
    let mutes = project.mutes.iter().map(|doc| &doc.value);
    for mute in mutes.filter(holds).filter(covers) {
        let until = mute.until.map(|until| format!(" until {until}"));
        ui.warn(format!(
            "`{}` mutes {} already{}",
            mute.id,
            author::covered(new),
            until.unwrap_or_default()
        ));
        ui.hint(format!(
            "one of them is enough: `tallybook mute end {}`",
            mute.id
        ));
    }
}

/// Says which parts of a new mute have no result in the launch that came last.
fn tell_idle(ui: &mut Ui, project: &Project, new: &Mute, newest: &Newest) {
    let cases = new.cases.iter();
    let cases = cases.filter(|case| !newest.has_case(project, case));
    let selectors = new.selector.iter();
    let selectors = selectors.filter(|selector| newest.named(selector) == 0);
    let all = newest.launch.outcomes.len() as u64;
    if let Some(selector) = &new.selector
        && all > 1
        && newest.named(selector) == all
    {
        ui.warn(format!(
            "`{}` fits all {} of the last launch, {}",
            sanitize_line(selector),
            count(all, "result"),
            newest.launch.id
        ));
        ui.hint(format!("`tallybook mute end {}` takes it back", new.id));
    }
    let mut is_idle = false;
    for idle in cases.chain(selectors) {
        is_idle = true;
        ui.warn(format!(
            "`{}` fits no result of the last launch, {}",
            sanitize_line(idle),
            newest.launch.id
        ));
    }
    if is_idle {
        ui.hint(format!(
            "the mute is made all the same; `tallybook query '' --of results --launch {}` shows all names",
            newest.launch.id
        ));
    }
}

enum Covered {
    Case(String),
    /// A full name.
    Test(String),
}

/// Returns the folder of a failure's project, and what is to be muted.
fn covered_by(
    ctx: &Context,
    place: &Place,
    from: &str,
    project: &ProjectArg,
) -> Result<(String, Covered), CommandError> {
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let (found, result) = pick::launch_of(place, &loaded.workspace, &snapshot, from, project)?;
    let reader = Reader::new(place, &snapshot, found.project, &AtArg::default(), ctx.now)?;
    let launch = reader.launch(&found.found)?;
    let at = pick::outcome(&launch, result)?;
    let outcome = &launch.outcomes[at];
    if !outcome.status.needs_resolution() {
        let message = format!(
            "result `{}` is {}: a mute is of failures",
            outcome.id, outcome.status
        );
        let hint = format!("`tallybook triage {}` lists what is unresolved", launch.id);
        return Err(CommandError::usage(message).hint(hint));
    }
    let case = outcome.case.clone();
    let case = case.filter(|case| found.project.case(case).is_some());
    let name = launch
        .tests()
        .get(&outcome.test)
        .and_then(|test| test.full_name.clone());
    let covered = case
        .map(Covered::Case)
        .or(name.map(Covered::Test))
        .ok_or_else(|| {
            let message = format!("result `{}` has neither a case nor a full name", outcome.id);
            CommandError::usage(message)
                .hint("make a defect of it: `tallybook defect new --from …`")
        })?;
    Ok((found.project.folder.clone(), covered))
}

/// Returns the project of a failure, else the one that was named, else the only one that has the cases.
fn project_of<'w>(
    workspace: &'w Workspace,
    named: &ProjectArg,
    folder: Option<&str>,
    cases: &[String],
) -> Result<&'w Project, CommandError> {
    let projects = workspace.projects.iter();
    if let Some(folder) = folder {
        let mut same = projects.filter(|project| project.folder == folder);
        return same.next().ok_or_else(|| {
            CommandError::usage(format!("HEAD has no project `{folder}`"))
                .hint("commit the project first")
        });
    }
    if named.project.is_none() && !cases.is_empty() {
        let has = |project: &&Project| cases.iter().all(|case| project.case(case).is_some());
        let mut having = projects.filter(has);
        if let (Some(only), None) = (having.next(), having.next()) {
            return Ok(only);
        }
    }
    place::project(workspace, named)
}

fn end(ui: &mut Ui, ctx: &Context, args: &EndArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let (workspace, read) = workspace(&place, &args.branch)?;
    let has = |project: &&Project| author::end_mute(project, &args.mute).is_ok();
    let mut having = workspace.projects.iter().filter(has);
    let project = match (&args.project.project, having.next(), having.next()) {
        (None, Some(only), None) => only,
        _ => place::project(&workspace, &args.project)?,
    };
    let done = author::end_mute(project, &args.mute).map_err(mute_error)?;
    let did = format!("ended {} of {}", done.mute.id, author::covered(&done.mute));
    let onto = Onto {
        place: &place,
        branch: &args.branch,
        read: &read,
    };
    carry_out(ui, ctx, onto, &done.changes, &did)?;
    Ok(Exit::Fine)
}

fn list(ui: &mut Ui, ctx: &Context, args: &ListArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.documentation(&args.at)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let loaded = place::load(&snapshot)?;
    let projects = match &args.project.project {
        Some(_) => vec![place::project(&loaded.workspace, &args.project)?],
        None => loaded.workspace.projects.iter().collect(),
    };
    let is_expired = |mute: &Mute| mute.until.is_none_or(|until| until.end() < now);
    let mut rows: Vec<(&str, &Doc<Mute>)> = Vec::new();
    for project in projects {
        let key = project.key().unwrap_or(&project.folder);
        rows.extend(project.mutes.iter().map(|doc| (key, doc)));
    }
    rows.retain(|(_, doc)| !args.expired || is_expired(&doc.value));
    rows.sort_by_key(|(_, doc)| (doc.value.until, doc.value.id.as_str()));
    match args.format {
        OutputFormat::Json => {
            let rows: Vec<_> = rows
                .iter()
                .map(|(key, doc)| object(key, doc, is_expired(&doc.value)))
                .collect();
            ui.out_raw(super::launch::json(&rows));
        }
        OutputFormat::Text if rows.is_empty() => {
            ui.status(if args.expired {
                "no mute has expired"
            } else {
                "there are no mutes"
            });
        }
        OutputFormat::Text => {
            let header = ["id", "until", "covers", "reason", "owner", "project"].map(str::to_owned);
            let rows: Vec<Vec<String>> = rows
                .iter()
                .map(|(key, doc)| row(key, &doc.value, is_expired(&doc.value)))
                .collect();
            ui.out_raw(table(&header, &rows, ui.columns(ctx)) + "\n");
        }
    }
    Ok(Exit::Fine)
}

fn row(project: &str, mute: &Mute, is_expired: bool) -> Vec<String> {
    let until = mute
        .until
        .map(|until| until.to_string())
        .unwrap_or_default();
    vec![
        mute.id.clone(),
        if is_expired {
            format!("{until} (expired)")
        } else {
            until
        },
        author::covered(mute),
        sanitize_line(&mute.reason),
        mute.owner.clone(),
        project.to_owned(),
    ]
}

/// The keys are what scripts rely on.
fn object(project: &str, doc: &Doc<Mute>, is_expired: bool) -> serde_json::Value {
    let mute = &doc.value;
    json!({
        "id": mute.id, "project": project, "until": mute.until.map(|until| until.to_string()),
        "expired": is_expired, "cases": mute.cases, "selector": mute.selector, "query": mute.query, "reason": mute.reason,
        "owner": mute.owner, "links": mute.links, "path": doc.path,
    })
}

fn mute_error(error: MuteError) -> CommandError {
    let hint = match &error {
        MuteError::NoReason => Some("say why: `--reason TEXT`".to_owned()),
        MuteError::Past { .. } => Some("name a day to come: `--until DATE`".to_owned()),
        MuteError::Unknown { .. } => Some("`tallybook mute list` shows all mutes".to_owned()),
        MuteError::UnknownCase { .. } => Some(
            "`tallybook query ''` lists all cases; a test without one is muted by `--selector`"
                .to_owned(),
        ),
        MuteError::Nothing | MuteError::Unreadable { .. } => None,
    };
    let error = CommandError {
        kind: ErrorKind::Usage,
        ..CommandError::from(error)
    };
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
