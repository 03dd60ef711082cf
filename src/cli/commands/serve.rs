//! `tallybook serve`: the site on this machine, rendered again after each change, and the workbench.

mod bench;

use super::render;
use crate::base::text::{self, count};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, store_error};
use crate::cli::ui::Ui;
use crate::diag::render::{Item, Level, items};
use crate::git::CommitId;
use crate::ledger::manual;
use crate::serve::{self, Listener, Outcome, Problem, Shown, Spoken, Watched, Watcher};
use crate::site::{self, Changes, Options, Output, Workbench};
use crate::store::SnapshotName;
use crate::store::launches::Damage;
use crate::validate;

/// Show the site while you work on it, and execute tests in the browser
///
/// Serves the site of the working tree on this machine alone, and renders it again after each
/// change: open pages load again by themselves. What is wrong with the files stands in the page;
/// where the site can't be rendered, the last one stays. Ends with Ctrl-C; nothing is left behind.
///
/// The second address is the workbench: what is planned in open launches, executed step by step, and closed.
/// Every answer is on the disk before the page says that it is kept, and `tallybook execute` goes on with it.
/// The address has a key; keep it to yourself.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook serve
  tallybook serve --port 8000
  tallybook serve --as alice
  tallybook serve --read-only
  tallybook serve --at main")]
pub(crate) struct ServeArgs {
    /// The port, or the next free one of the twenty from there; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 4180)]
    port: u16,
    #[command(flatten)]
    at: AtArg,
    /// How many commits that changed the documentation get a page; 0 for no pages of changes
    #[arg(long, value_name = "N", default_value_t = render::CHANGES)]
    changes: usize,
    /// Who executes in the workbench: a member by id, name or address [default: whom git knows]
    #[arg(long = "as", value_name = "NAME", conflicts_with = "read_only")]
    who: Option<String>,
    /// Show the site alone, without the workbench
    #[arg(long)]
    read_only: bool,
}

/// How many problems a page shows.
const PROBLEMS: usize = 12;

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ServeArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let run = format!("{:x}", ctx.at_present().now.ms());
    let key = ctx.secret();
    let listener = Listener::take(args.port, run, key.clone())?;
    let mut watcher = Watcher::start(watched(&place))?;
    let port = listener.port();
    // A workbench writes: it is about the working tree, and needs a repository.
    let has_bench = !args.read_only && args.at.at.is_none() && place.repo.is_some();
    if has_bench {
        tell_who(ui, ctx, &place, args.who.as_deref())?;
    }
    if args.port != 0 && port != args.port {
        ui.status(format!("port {} is taken, using {port}", args.port));
    }
    if watcher.is_polling() {
        ui.status("the system doesn't say which files change: looking at them each second");
    }
    ui.out(format!("http://127.0.0.1:{port}/"));
    if has_bench {
        ui.out(format!("http://127.0.0.1:{port}/.work/#key={key}"));
        ui.status(
            "the second address is the workbench: execute tests, see who has what, close launches",
        );
    }
    ui.flush();
    let mut changes = Kept::default();
    let ui = std::cell::RefCell::new(ui);
    let spoken = listener.spoken();
    let render = |out: &mut dyn Output| {
        let ui = &mut **ui.borrow_mut();
        match render(ui, &ctx.at_present(), args, (&mut changes, &spoken), out) {
            Ok(shown) => Outcome::Rendered(shown),
            Err(error) => Outcome::Failed(failed(&error)),
        }
    };
    let told = |outcome: &Outcome| {
        let ui = &mut **ui.borrow_mut();
        tell(ui, outcome);
        ui.flush();
    };
    let (own, who) = (ctx.clone(), args.who.clone());
    let worker = has_bench.then_some(move || bench::worker(own, who));
    serve::run(listener, &mut watcher, worker, render, told)?;
    Ok(Exit::Fine)
}

/// Says at once what every answer in the workbench would stumble over: nobody known who executes.
fn tell_who(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    named: Option<&str>,
) -> Result<(), CommandError> {
    let Some(named) = named else {
        if let Err(error) = place.identity(ctx) {
            for (name, line) in error.lines() {
                match name {
                    "hint" => ui.hint(line),
                    _ => ui.warn(format!("nothing can be executed in the workbench: {line}")),
                }
            }
            ui.hint("or say who executes: `tallybook serve --as NAME`");
        }
        return Ok(());
    };
    // Files that don't read are told on the pages.
    let Ok(loaded) = place
        .writing_snapshot()
        .and_then(|snapshot| place::load(&snapshot))
    else {
        return Ok(());
    };
    let projects = &loaded.workspace.projects;
    let mut unknown = projects
        .iter()
        .map(|project| manual::person(project, named).err());
    match unknown.next().flatten() {
        // A member of another project is somebody.
        Some(error) if unknown.all(|other| other.is_some()) => Err(super::launch::unknown(error)),
        _ => Ok(()),
    }
}

fn watched(place: &Place) -> Watched {
    let mut git = Vec::new();
    if let Some(repo) = &place.repo {
        git.push(repo.git_dir().to_path_buf());
        if repo.common_dir() != repo.git_dir() {
            git.push(repo.common_dir().to_path_buf());
        }
    }
    Watched {
        workspace: place.root.clone(),
        git,
    }
}

/// The changes as they stood at a commit, since they don't depend on the working tree.
#[derive(Debug, Default)]
struct Kept(Option<(CommitId, Option<Changes>)>);

impl Kept {
    fn at(
        &mut self,
        tip: Option<CommitId>,
        read: impl FnOnce() -> Result<Option<Changes>, CommandError>,
    ) -> Result<Option<Changes>, CommandError> {
        let Some(tip) = tip else {
            return Ok(None);
        };
        match &self.0 {
            Some((of, changes)) if *of == tip => Ok(changes.clone()),
            _ => {
                let changes = read()?;
                self.0 = Some((tip, changes.clone()));
                Ok(changes)
            }
        }
    }
}

/// Renders what there is now, and returns what is wrong with it.
fn render(
    ui: &mut Ui,
    ctx: &Context,
    args: &ServeArgs,
    (kept, spoken): (&mut Kept, &Spoken),
    out: &mut dyn Output,
) -> Result<Shown, CommandError> {
    // Settings, branches and the repository itself may be others by now.
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    spoken.set(Workbench::of(&*snapshot.docs).map_err(store_error)?);
    let now = match snapshot.name {
        SnapshotName::WorkingTree => ctx.now,
        SnapshotName::Commit { time, .. } => time,
    };
    let report = validate::check(&snapshot, now).map_err(store_error)?;
    let tip = render::tip(&place, &snapshot)?;
    let changes = kept.at(tip, || {
        render::changes(ui, ctx, &place, &snapshot, args.changes)
    })?;
    place.complete(&snapshot)?;
    let snapshot = place.attached(ctx, snapshot)?;
    let options = Options {
        changes,
        earlier: render::earlier(&place),
        ..Options::default()
    };
    let rendered = site::render_to(&snapshot, now, options, out)?;
    // What is a finding is shown with its line and help.
    let found = |damage: &&Damage| report.findings.iter().any(|one| one.path == damage.path);
    let damages = rendered.damages.iter().filter(|damage| !found(damage));
    let damages = damages.map(|damage| Problem {
        level: "error",
        place: damage.path.clone(),
        message: damage.message.clone(),
        ..Problem::default()
    });
    let items = items(&report.findings, &report.sources, &place.prefix);
    let findings = items.iter().filter(|item| item.level != Level::Note);
    Ok(shown(damages.chain(findings.map(problem)).collect()))
}

fn problem(item: &Item) -> Problem {
    let place = match item.range {
        Some((from, _)) => format!("{}:{}:{}", item.path, from.line, from.column),
        None => item.path.clone(),
    };
    Problem {
        level: match item.level {
            Level::Error => "error",
            _ => "warning",
        },
        code: item.code.clone(),
        place,
        message: item.message.clone(),
        help: item.help.clone(),
    }
}

/// Says what is wrong: errors with the warnings behind them; warnings alone are for `validate`.
fn shown(mut problems: Vec<Problem>) -> Shown {
    let errors = problems.iter().filter(|p| p.level == "error").count();
    if errors == 0 {
        return Shown::default();
    }
    problems.sort_by_key(|problem| problem.level != "error");
    let files: std::collections::BTreeSet<&str> = problems[..errors]
        .iter()
        .map(|problem| problem.place.split(':').next().unwrap_or_default())
        .collect();
    let headline = format!(
        "{} in {}",
        count(errors as u64, "error"),
        count(files.len() as u64, "file")
    );
    let more = problems.len().saturating_sub(PROBLEMS) as u64;
    problems.truncate(PROBLEMS);
    Shown {
        headline,
        problems,
        more,
    }
}

fn failed(error: &CommandError) -> Shown {
    let lines = error.lines();
    let message = lines.iter().filter(|(name, _)| *name != "hint");
    let message: Vec<String> = message.map(|(_, line)| text::sanitize_line(line)).collect();
    let hints = lines.iter().filter(|(name, _)| *name == "hint");
    let hints: Vec<String> = hints.map(|(_, line)| text::sanitize_line(line)).collect();
    Shown {
        headline: "The site can't be rendered; this is the last one".to_owned(),
        problems: vec![Problem {
            level: "error",
            message: message.join(": "),
            help: (!hints.is_empty()).then(|| hints.join("; ")),
            ..Problem::default()
        }],
        more: 0,
    }
}

fn tell(ui: &mut Ui, outcome: &Outcome) {
    match outcome {
        Outcome::Rendered(shown) if shown.problems.is_empty() => ui.status("rendered"),
        Outcome::Rendered(shown) => {
            ui.warn(format!("rendered, with {}", shown.headline));
            tell_problems(ui, shown);
        }
        Outcome::Failed(shown) => {
            ui.warn("the site can't be rendered, the last one stays");
            tell_problems(ui, shown);
        }
    }
}

fn tell_problems(ui: &mut Ui, shown: &Shown) {
    for problem in &shown.problems {
        let place = match problem.place.is_empty() {
            true => String::new(),
            false => format!("{}: ", problem.place),
        };
        ui.status(format!("  {place}{}: {}", problem.level, problem.message));
    }
    if shown.more > 0 {
        ui.hint(format!("`tallybook validate` shows {} more", shown.more));
    }
}
