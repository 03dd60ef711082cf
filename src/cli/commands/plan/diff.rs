//! `tallybook plan diff`

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::scope::{Cases, Wrong, ready, tell_wrong};
use crate::analysis::drift::{Cause, Drift, Side, drift};
use crate::analysis::plan::ReadyPlan;
use crate::base::text::{closest, count, sanitize_line};
use crate::cli::commands::launch::OutputFormat;
use crate::cli::commands::query::user;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::ui::Ui;
use crate::model::Plan;
use crate::query;
use crate::store::{Loaded, Project, Snapshot};

/// Say how what plans select changed between two commits, and why
///
/// A case comes in or goes because the plan's own text changed, because the case did, because it is
/// new or gone, or because of something else: a mute, the history, the day.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook plan diff v1.0..v2.0
  tallybook plan diff main.. smoke
  tallybook plan diff HEAD~1..HEAD --format json")]
pub(super) struct DiffArgs {
    /// Two commits, as `main..HEAD`; `main..` goes up to the working tree
    #[arg(value_name = "A..B")]
    range: String,
    /// The plan [default: all plans]
    #[arg(value_name = "PLAN")]
    plan: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// One moment.
struct Moment {
    at: AtArg,
    snapshot: Snapshot,
    loaded: Loaded,
}

#[derive(Debug, Serialize)]
struct View<'a> {
    plan: &'a str,
    name: &'a str,
    /// `added`, `removed` or `kept`.
    state: &'static str,
    /// Whether the plan's text, or that of the saved query that it names, changed.
    text_changed: bool,
    before: usize,
    now: usize,
    added: Vec<Moved>,
    removed: Vec<Moved>,
    environments_changed: bool,
    assignees_changed: bool,
}

#[derive(Debug, Serialize)]
struct Moved {
    id: String,
    title: String,
    cause: &'static str,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &DiffArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let (a, b) = ends(&args.range)?;
    let (before, now) = (moment(&place, Some(a))?, moment(&place, b)?);
    let new = place::project(&now.loaded.workspace, &args.project)?;
    let none = Project {
        folder: new.folder.clone(),
        path: new.path.clone(),
        ..Project::default()
    };
    let is_same = |project: &&Project| match (project.key(), new.key()) {
        (Some(one), Some(other)) => one == other,
        _ => project.folder == new.folder,
    };
    let old = before.loaded.workspace.projects.iter().find(is_same);
    let old = old.unwrap_or(&none);
    let ids = ids(old, new, args.plan.as_deref())?;
    let (old, new) = match (
        Half::new(ui, ctx, &place, &before, old),
        Half::new(ui, ctx, &place, &now, new),
    ) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let (old_cases, new_cases) = (old.cases.subjects(), new.cases.subjects());
    let (mut views, mut exit) = (Vec::new(), Exit::Fine);
    for id in ids {
        let (was, is) = match (old.plan(id), new.plan(id)) {
            (Err(wrong), _) | (_, Err(wrong)) => {
                tell_wrong(ui, wrong);
                exit = Exit::Findings;
                continue;
            }
            (Ok(was), Ok(is)) => (was, is),
        };
        let found = drift(
            &Side {
                plan: was,
                cases: &old_cases,
            },
            &Side {
                plan: is,
                cases: &new_cases,
            },
            old.text(id) == new.text(id),
        );
        views.extend(view(&old, &new, id, found));
    }
    match args.format {
        OutputFormat::Json => {
            ui.out_raw(serde_json::to_string_pretty(&views).expect("plain data") + "\n");
        }
        OutputFormat::Text => tell_text(ui, &views, args.plan.is_some()),
    }
    Ok(exit)
}

/// Splits `A..B`; a missing end is the working tree.
fn ends(range: &str) -> Result<(&str, Option<&str>), CommandError> {
    let wrong = || {
        CommandError::usage(format!("`{range}` is no pair of commits"))
            .hint("write `main..HEAD`, or `main..` to go up to the working tree")
    };
    let (a, b) = range.split_once("..").ok_or_else(wrong)?;
    if a.is_empty() || b.starts_with('.') {
        return Err(wrong());
    }
    Ok((a, Some(b).filter(|b| !b.is_empty())))
}

fn moment(place: &Place, at: Option<&str>) -> Result<Moment, CommandError> {
    let at = AtArg {
        at: at.map(str::to_owned),
    };
    let snapshot = place.snapshot(&at)?;
    Ok(Moment {
        loaded: place::load(&snapshot)?,
        snapshot,
        at,
    })
}

/// Returns the plans of both moments, or the one that was asked for.
fn ids<'a>(
    old: &'a Project,
    new: &'a Project,
    wanted: Option<&'a str>,
) -> Result<BTreeSet<&'a str>, CommandError> {
    let plans = old.plans.iter().chain(&new.plans);
    let all: BTreeSet<&str> = plans.map(|doc| doc.value.id.as_str()).collect();
    let Some(wanted) = wanted else {
        return Ok(all);
    };
    if all.contains(wanted) {
        return Ok(BTreeSet::from([wanted]));
    }
    let error = CommandError::usage(format!("neither commit has a plan `{wanted}`"));
    Err(match closest(wanted, all) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`tallybook plan list` shows the plans"),
    })
}

/// What one moment has.
struct Half<'a> {
    project: &'a Project,
    plans: BTreeMap<&'a str, Result<ReadyPlan<'a>, Wrong>>,
    cases: Cases<'a>,
}

impl<'a> Half<'a> {
    fn new(
        ui: &mut Ui,
        ctx: &Context,
        place: &'a Place,
        moment: &'a Moment,
        project: &'a Project,
    ) -> Result<Self, CommandError> {
        let now = place::now(&moment.snapshot, None, ctx);
        let context = query::Context {
            now,
            user: user(ctx, place, project),
        };
        let plans = project.plans.iter().map(|doc| {
            let plan = ready(project, &doc.value, &context);
            (doc.value.id.as_str(), plan)
        });
        let plans: BTreeMap<_, _> = plans.collect();
        let reader = Reader::new(place, &moment.snapshot, project, &moment.at, now)?;
        let askable: Vec<ReadyPlan<'_>> = plans.values().flatten().cloned().collect();
        let cases = Cases::for_plans(ui, &reader, &askable)?;
        Ok(Self {
            project,
            plans,
            cases,
        })
    }

    fn plan(&self, id: &str) -> Result<Option<&ReadyPlan<'a>>, &Wrong> {
        self.plans.get(id).map(Result::as_ref).transpose()
    }

    fn text(&self, id: &str) -> Option<(&Plan, Option<&str>)> {
        let plan = &self.project.plan(id)?.value;
        let saved = plan.saved.as_deref();
        let saved = saved.and_then(|saved| self.project.saved_query(saved));
        Some((plan, saved.map(|doc| doc.value.query.as_str())))
    }

    fn title(&self, id: &str) -> Option<String> {
        Some(self.project.case(id)?.value.title.clone())
    }
}

/// None where nothing changed.
fn view<'a>(old: &Half<'a>, new: &Half<'a>, id: &'a str, found: Drift) -> Option<View<'a>> {
    let (was, is) = (old.project.plan(id), new.project.plan(id));
    let text_changed = old.text(id) != new.text(id);
    if !text_changed && found.added.is_empty() && found.removed.is_empty() {
        return None;
    }
    let moved = |pairs: Vec<(String, Cause)>| -> Vec<Moved> {
        let pairs = pairs.into_iter().map(|(id, cause)| Moved {
            title: new.title(&id).or(old.title(&id)).unwrap_or_default(),
            cause: cause.as_str(),
            id,
        });
        pairs.collect()
    };
    let changed = |differs: fn(&Plan, &Plan) -> bool| match (was, is) {
        (Some(was), Some(is)) => differs(&was.value, &is.value),
        _ => false,
    };
    Some(View {
        plan: id,
        name: is.or(was).map_or("", |doc| doc.value.name.as_str()),
        state: match (was, is) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "kept",
        },
        text_changed,
        before: found.kept + found.removed.len(),
        now: found.kept + found.added.len(),
        added: moved(found.added),
        removed: moved(found.removed),
        environments_changed: changed(|was, is| was.environments != is.environments),
        assignees_changed: changed(|was, is| was.assignees != is.assignees),
    })
}

fn tell_text(ui: &mut Ui, views: &[View<'_>], is_one: bool) {
    if views.is_empty() {
        let what = if is_one { "the plan" } else { "every plan" };
        ui.status(format!("{what} selects what it did"));
        return;
    }
    for (at, view) in views.iter().enumerate() {
        if at > 0 {
            ui.out("");
        }
        ui.out(view.text());
    }
}

impl View<'_> {
    fn text(&self) -> String {
        let what = match self.state {
            "added" => "new plan, ",
            "removed" => "removed, ",
            _ => "",
        };
        let mut lines = vec![format!(
            "{} ({}): {what}{} before, {} now",
            sanitize_line(self.name),
            self.plan,
            count(self.before as u64, "case"),
            self.now
        )];
        for (sign, cases) in [('+', &self.added), ('-', &self.removed)] {
            for case in cases {
                lines.push(format!(
                    "  {sign} {}  {}  ({})",
                    case.id,
                    sanitize_line(&case.title),
                    match self.state {
                        "added" => "the plan is new",
                        "removed" => "the plan is gone",
                        _ => because(case.cause),
                    }
                ));
            }
        }
        if self.environments_changed {
            lines.push("  other environments".to_owned());
        }
        if self.assignees_changed {
            lines.push("  other assignees".to_owned());
        }
        let is_text_alone = lines.len() == 1 && self.text_changed && self.state == "kept";
        if is_text_alone {
            lines.push("  its text changed, and it selects the same cases".to_owned());
        }
        lines.join("\n")
    }
}

fn because(cause: &str) -> &'static str {
    match cause {
        "plan" => "the plan's text changed",
        "case" => "the case changed",
        "new" => "the case is new",
        "gone" => "the case is gone",
        "both" => "plan and case changed",
        _ => "a mute, the history or the day made it",
    }
}
