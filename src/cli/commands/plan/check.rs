//! `tallybook plan check`

use std::collections::BTreeSet;

use serde::Serialize;

use super::scope::{Cases, asks_history, history, readable_plan, ready, tell_wrong};
use super::show::variables;
use crate::analysis::plan::{Check, Did, Item, Ran, Selection, check, select};
use crate::analysis::subjects::CaseSubject;
use crate::base::text::{count, sanitize_line};
use crate::cli::args::NowArgs;
use crate::cli::commands::launch::CheckFormat;
use crate::cli::commands::query::user;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::ui::Ui;
use crate::ledger::Launch;
use crate::model::{DeclaredVariable, Environment, OrderedMap, Plan, Status};
use crate::query;
use crate::store::Doc;

/// Compare what ran in a launch with what was planned
///
/// A case that is only skipped did not run. Ends with 1 where something that was planned did not run,
/// where the plan names cases that are not there, and where it selects nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook plan check 2026-11-22-1843
  tallybook plan check 2026-11-22-1843 --plan smoke --format github
  tallybook plan check 2026-11-22-1843 --at v2.0")]
pub(super) struct CheckArgs {
    /// The launch: its id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// The plan [default: the one that the launch was opened with]
    #[arg(long, value_name = "PLAN")]
    plan: Option<String>,
    /// List all of long lists
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: CheckFormat,
}

/// What came of a check; its keys stay.
#[derive(Debug, Serialize)]
struct View<'a> {
    launch: &'a str,
    plan: &'a str,
    name: &'a str,
    whole: bool,
    /// Whether the plan selected something else when the launch was closed; null where that can't be told.
    changed_since: Option<bool>,
    counts: Counts,
    items: Vec<Planned<'a>>,
    unplanned: Vec<Unplanned<'a>>,
    unknown: &'a [String],
}

#[derive(Debug, Default, Serialize)]
struct Counts {
    planned: usize,
    ran: usize,
    skipped: usize,
    in_progress: usize,
    missing: usize,
    unplanned: usize,
}

#[derive(Debug, Serialize)]
struct Planned<'a> {
    case: &'a str,
    title: &'a str,
    path: &'a str,
    owner: Option<&'a str>,
    environment: Option<&'a Environment>,
    /// `ran`, `skipped`, `in_progress` or `missing`.
    did: &'static str,
    results: Vec<Found<'a>>,
}

#[derive(Debug, Serialize)]
struct Found<'a> {
    id: &'a str,
    status: Status,
}

#[derive(Debug, Serialize)]
struct Unplanned<'a> {
    id: &'a str,
    name: &'a str,
    case: Option<&'a str>,
    status: Status,
    environment: String,
}

/// How many of one kind are listed.
const LISTED: usize = 20;

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &CheckArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let found = place::launch(
        &place,
        workspace,
        &snapshot,
        &args.launch,
        &args.project,
        &args.at,
    )?;
    let project = found.project;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let launch = reader.launch(&found.found)?;
    let wanted = args.plan.as_ref().or(launch.plan.as_ref()).ok_or_else(|| {
        let error = format!("launch `{}` was opened without a plan", launch.id);
        CommandError::usage(error).hint(format!(
            "name one, as `tallybook plan check {} --plan smoke`; `launch open --plan` records it",
            launch.id
        ))
    })?;
    let doc = readable_plan(&loaded, project, wanted)?;
    let context = query::Context {
        now,
        user: user(ctx, &place, project),
    };
    let ready = match ready(project, &doc.value, &context) {
        Ok(ready) => ready,
        Err(wrong) => return Ok(tell_wrong(ui, &wrong)),
    };
    // As a gate does: the launch ends the history that functions look at.
    let history = match asks_history(&ready) {
        true => Some(history(ui, &reader, Some(launch.clone()))?),
        false => None,
    };
    let cases = Cases::new(&reader, history);
    let subjects = cases.subjects();
    let selection = select(&ready, &subjects);
    let none = OrderedMap::<DeclaredVariable>::default();
    let settings = project.settings.as_ref();
    let ran = Ran {
        outcomes: &launch.outcomes,
        environments: &launch.environments,
        declared: settings.map_or(&none, |doc| &doc.value.environment),
    };
    let checked = check(&doc.value, &selection, &subjects, &ran);
    let mut view = View::new(doc, &launch, &subjects, &selection, &checked);
    if args.at.at.is_none() {
        let today = ids(&selection, &subjects);
        view.changed_since = changed_since(ctx, &place, &launch, &doc.value, &today);
        tell_changed(ui, &launch, &view);
    }
    let listed = if args.all { usize::MAX } else { LISTED };
    match args.format {
        CheckFormat::Json => {
            ui.out_raw(serde_json::to_string_pretty(&view).expect("plain data") + "\n");
        }
        CheckFormat::Github => ui.out_raw(view.github(&place.prefix)),
        CheckFormat::Text => ui.out(view.text(listed)),
    }
    Ok(if view.whole {
        Exit::Fine
    } else {
        Exit::Findings
    })
}

fn ids<'a>(selection: &Selection, subjects: &[CaseSubject<'a>]) -> BTreeSet<&'a str> {
    let places = selection.selected.iter();
    places
        .map(|(at, _)| subjects[*at].case.id.as_str())
        .collect()
}

/// Whether the plan selected other cases, or named other environments, by the documentation that closed
/// the launch; `None` where that is not here, or was never.
fn changed_since(
    ctx: &Context,
    place: &Place,
    launch: &Launch,
    plan: &Plan,
    today: &BTreeSet<&str>,
) -> Option<bool> {
    let closed = &launch.closing.as_ref()?.closed;
    let commit = closed.documentation.as_ref()?;
    let at = AtArg {
        at: Some(commit.clone()),
    };
    let snapshot = place.snapshot(&at).ok()?;
    let loaded = place::load(&snapshot).ok()?;
    let wanted = ProjectArg {
        project: Some(launch.project.clone()),
    };
    let project = place::project(&loaded.workspace, &wanted).ok()?;
    let Some(doc) = project.plan(&plan.id) else {
        return Some(true);
    };
    let context = query::Context {
        now: closed.at,
        user: user(ctx, place, project),
    };
    let Ok(ready) = ready(project, &doc.value, &context) else {
        return Some(true);
    };
    let reader = Reader::new(place, &snapshot, project, &at, closed.at).ok()?;
    if asks_history(&ready) {
        return None;
    }
    let cases = Cases::new(&reader, None);
    let subjects = cases.subjects();
    let then = select(&ready, &subjects);
    let is_same = ids(&then, &subjects) == *today && doc.value.environments == plan.environments;
    Some(!is_same)
}

fn tell_changed(ui: &mut Ui, launch: &Launch, view: &View<'_>) {
    let Some(closing) = &launch.closing else {
        return;
    };
    let commit = closing.closed.documentation.as_ref();
    match (view.changed_since, commit) {
        (Some(false), _) => {}
        (Some(true), Some(commit)) => {
            ui.warn(format!(
                "plan `{}` is today's: it selected something else when the launch was closed",
                view.plan
            ));
            ui.hint(format!(
                "as it was: `tallybook plan check {} --plan {} --at {commit}`",
                launch.id, view.plan
            ));
        }
        _ => ui.status(format!(
            "plan `{}` is today's; what it selected when the launch was closed can't be told here",
            view.plan
        )),
    }
}

impl<'a> View<'a> {
    fn new(
        doc: &'a Doc<Plan>,
        launch: &'a Launch,
        subjects: &[CaseSubject<'a>],
        selection: &'a Selection,
        checked: &Check<'a>,
    ) -> Self {
        let items = checked.items.iter().map(|item| {
            let subject = &subjects[item.case];
            let results = item.outcomes.iter().map(|at| &launch.outcomes[*at]);
            Planned {
                case: &subject.case.id,
                title: &subject.case.title,
                path: subject.path,
                owner: subject.case.owner.as_deref(),
                environment: item.environment,
                did: did(item, launch),
                results: results
                    .map(|outcome| Found {
                        id: &outcome.id,
                        status: outcome.status,
                    })
                    .collect(),
            }
        });
        let items: Vec<Planned<'_>> = items.collect();
        let unplanned = checked.unplanned.iter().map(|at| {
            let outcome = &launch.outcomes[*at];
            Unplanned {
                id: &outcome.id,
                name: launch.test_name(outcome),
                case: outcome.case.as_deref(),
                status: outcome.status,
                environment: variables(launch.environment_of(outcome)),
            }
        });
        let of = |kind: &str| items.iter().filter(|item| item.did == kind).count();
        Self {
            launch: &launch.id,
            plan: &doc.value.id,
            name: &doc.value.name,
            whole: checked.is_whole() && selection.unknown.is_empty(),
            changed_since: None,
            counts: Counts {
                planned: items.len(),
                ran: of("ran"),
                skipped: of("skipped"),
                in_progress: of("in_progress"),
                missing: of("missing"),
                unplanned: checked.unplanned.len(),
            },
            items,
            unplanned: unplanned.collect(),
            unknown: &selection.unknown,
        }
    }

    fn text(&self, listed: usize) -> String {
        let mut lines = vec![self.sentence()];
        for (kind, title) in [
            ("missing", "did not run"),
            ("skipped", "skipped"),
            ("in_progress", "in progress"),
        ] {
            let items: Vec<String> = self
                .items
                .iter()
                .filter(|item| item.did == kind)
                .map(Planned::line)
                .collect();
            section(&mut lines, title, &items, listed);
        }
        let unknown: Vec<String> = self.unknown.iter().map(|id| sanitize_line(id)).collect();
        section(&mut lines, "ids that no case has", &unknown, listed);
        let unplanned: Vec<String> = self.unplanned.iter().map(Unplanned::line).collect();
        section(&mut lines, "not planned", &unplanned, listed);
        lines.join("\n")
    }

    fn sentence(&self) -> String {
        let counts = &self.counts;
        let name = sanitize_line(self.name);
        if counts.planned == 0 {
            return format!("plan {name} ({}) selects nothing", self.plan);
        }
        let parts = [
            (counts.missing, "missing"),
            (counts.skipped, "skipped"),
            (counts.in_progress, "in progress"),
            (self.unknown.len(), "named by an id that no case has"),
        ];
        let parts = parts.iter().filter(|(n, _)| *n > 0);
        let parts: String = parts.map(|(n, what)| format!(", {n} {what}")).collect();
        let unplanned = match counts.unplanned {
            0 => String::new(),
            n => format!("; {} not planned", count(n as u64, "result")),
        };
        format!(
            "plan {name} ({}): {} of {} ran{parts}{unplanned}",
            self.plan, counts.ran, counts.planned
        )
    }

    /// One annotation for each thing that did not run, at the case's file.
    fn github(&self, prefix: &str) -> String {
        let mut out = String::new();
        let title = github_property(&format!("plan {}", self.plan));
        let mut say = |file: Option<&str>, message: &str| {
            let file = file.map(|path| crate::base::path::join(prefix, path));
            let file = file.map(|file| format!("file={},", github_property(&file)));
            let file = file.unwrap_or_default();
            out += &format!("::error {file}title={title}::{}\n", github_data(message));
        };
        for item in self.items.iter().filter(|item| item.did != "ran") {
            let how = match item.did {
                "missing" => "did not run",
                "skipped" => "was skipped",
                _ => "is in progress",
            };
            say(
                Some(item.path),
                &format!("planned, and {how}: {}", item.line()),
            );
        }
        for id in self.unknown {
            say(None, &format!("the plan names `{id}`, which no case has"));
        }
        if self.counts.planned == 0 {
            say(None, "the plan selects nothing");
        }
        out
    }
}

fn section(lines: &mut Vec<String>, title: &str, items: &[String], listed: usize) {
    if items.is_empty() {
        return;
    }
    lines.extend([String::new(), format!("{title} ({})", items.len())]);
    lines.extend(items.iter().take(listed).map(|item| format!("  {item}")));
    if items.len() > listed {
        let rest = items.len() - listed;
        lines.push(format!("  and {rest} more: `--all` lists them"));
    }
}

fn did(item: &Item<'_>, launch: &Launch) -> &'static str {
    let in_progress = |at: &usize| launch.outcomes[*at].status == Status::InProgress;
    match item.did {
        Did::Ran => "ran",
        Did::Missing => "missing",
        Did::NotYet if item.outcomes.iter().any(in_progress) => "in_progress",
        Did::NotYet => "skipped",
    }
}

impl Planned<'_> {
    fn line(&self) -> String {
        let environment = self.environment.map(variables);
        let environment = environment.map(|text| format!("  [{}]", sanitize_line(&text)));
        format!(
            "{}  {}{}",
            self.case,
            sanitize_line(self.title),
            environment.unwrap_or_default()
        )
    }
}

impl Unplanned<'_> {
    fn line(&self) -> String {
        let case = self.case.map(|case| format!("  ({case})"));
        let environment = match self.environment.as_str() {
            "" => String::new(),
            environment => format!("  [{}]", sanitize_line(environment)),
        };
        format!(
            "{:<7}  {}{}{environment}",
            self.status.label(),
            sanitize_line(self.name),
            case.unwrap_or_default()
        )
    }
}

/// Escapes a message, which no line break and no command of its own may leave.
fn github_data(text: &str) -> String {
    sanitize_line(text).replace('%', "%25")
}

fn github_property(text: &str) -> String {
    github_data(text).replace(':', "%3A").replace(',', "%2C")
}
