//! `tallybook plan export`

use std::collections::{BTreeMap, BTreeSet};

use super::filter::{Filter, FilterArgs, To};
use super::scope::{Cases, readable_plan, ready, tell_wrong};
use crate::analysis::plan::{ReadyPlan, Selection, Why, select};
use crate::analysis::subjects::CaseSubject;
use crate::base::text::{count, ticked};
use crate::cli::args::NowArgs;
use crate::cli::commands::launch::OutputFormat;
use crate::cli::commands::query::user;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::ui::Ui;
use crate::exchange::runner::Wanted;
use crate::model::Execution;
use crate::query;

/// Make a test runner execute what a plan selects, and nothing else
///
/// Manual cases are left to people. A case that the runner can't be given by its selectors is said,
/// and nothing is written (exit code 1); nor is a filter of nothing. One line is the arguments of one
/// run, quoted for `xargs -L1`; pytest reads the file itself.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook plan export smoke --to pytest --out smoke.txt && pytest @smoke.txt
  tallybook plan export smoke --to go --out smoke.txt && xargs -L1 go test < smoke.txt
  tallybook plan export smoke --to testplan --skip-muted --out testplan.json
  tallybook plan export --to names --only-muted --out skip.txt")]
pub(super) struct ExportArgs {
    /// The plan [default: all cases]
    #[arg(value_name = "PLAN")]
    plan: Option<String>,
    /// The test runner
    #[arg(long, value_enum, value_name = "RUNNER")]
    to: To,
    /// Leave out cases that a mute names which holds
    #[arg(long, conflicts_with = "only_muted")]
    skip_muted: bool,
    /// Leave out all other cases
    #[arg(long)]
    only_muted: bool,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &ExportArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let context = query::Context {
        now,
        user: user(ctx, &place, project),
    };
    let plan = args
        .plan
        .as_ref()
        .map(|wanted| readable_plan(&loaded, project, wanted));
    let ready = match plan.transpose()? {
        Some(doc) => match ready(project, &doc.value, &context) {
            Ok(ready) => vec![ready],
            Err(wrong) => {
                super::filter::remove(ctx, &args.filter)?;
                return Ok(tell_wrong(ui, &wrong));
            }
        },
        None => Vec::new(),
    };
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let cases = Cases::for_plans(ui, &reader, &ready)?;
    let subjects = cases.subjects();
    let selection = selected(ready.first(), &subjects);
    let mut filter = Filter::new(args.to);
    let fits = |subject: &&CaseSubject<'_>| match (args.skip_muted, args.only_muted) {
        (true, _) => !subject.muted,
        (_, true) => subject.muted,
        _ => true,
    };
    let chosen = selection.selected.iter().map(|(at, _)| &subjects[*at]);
    let chosen: Vec<&CaseSubject<'_>> = chosen.filter(fits).collect();
    let known = known_names(ui, &reader, &chosen)?;
    for subject in chosen {
        let case = subject.case;
        let names = known.get(case.id.as_str());
        let names: Vec<String> = names.into_iter().flatten().cloned().collect();
        let is_automated =
            case.execution == Execution::Automated || !case.automation.selectors.is_empty();
        match is_automated {
            false => filter.manual.push(case.id.clone()),
            true => filter.add(&Wanted {
                id: &case.id,
                aliases: &case.aliases,
                selectors: &case.automation.selectors,
                known: &names,
            }),
        }
    }
    let unknown = selection.unknown.iter();
    filter
        .chosen
        .left
        .extend(unknown.map(|id| (id.clone(), "no case has this id".to_owned())));
    if args.only_muted && filter.chosen.is_empty() && filter.chosen.left.is_empty() {
        return no_mutes(ui, ctx, args);
    }
    filter.finish(ui, ctx, &args.filter, args.format)
}

/// A list of tests to skip may be empty, unlike one of tests to run.
fn no_mutes(ui: &mut Ui, ctx: &Context, args: &ExportArgs) -> Result<Exit, CommandError> {
    if args.to != To::Names {
        ui.say(
            "error",
            "no automated case of it is muted; no filter is written",
        );
        super::filter::remove(ctx, &args.filter)?;
        return Ok(Exit::Findings);
    }
    ui.status("no automated case of it is muted");
    if let Some(path) = &args.filter.out {
        crate::base::files::write_atomic(&ctx.resolve(path), b"")?;
    }
    Ok(Exit::Fine)
}

fn selected(plan: Option<&ReadyPlan<'_>>, subjects: &[CaseSubject<'_>]) -> Selection {
    match plan {
        Some(plan) => select(plan, subjects),
        None => Selection {
            selected: (0..subjects.len())
                .map(|at| (at, vec![Why::Query]))
                .collect(),
            ..Selection::default()
        },
    }
}

/// Returns the full names that results of these cases had in the latest closed launch, read only where a
/// case has no selector, or one with `*`.
fn known_names<'a>(
    ui: &mut Ui,
    reader: &Reader<'_>,
    cases: &[&CaseSubject<'a>],
) -> Result<BTreeMap<&'a str, BTreeSet<String>>, CommandError> {
    let mut out: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let needs = |subject: &&&CaseSubject<'a>| {
        let selectors = &subject.case.automation.selectors;
        let is_automated = subject.case.execution == Execution::Automated;
        (is_automated && selectors.is_empty()) || selectors.iter().any(|s| s.contains('*'))
    };
    let mut ids: BTreeMap<&str, &'a str> = BTreeMap::new();
    for subject in cases.iter().filter(needs) {
        let case = subject.case;
        let all = case.aliases.iter().chain([&case.id]);
        ids.extend(all.map(|id| (id.as_str(), case.id.as_str())));
    }
    let (false, Some(head)) = (ids.is_empty(), reader.latest()) else {
        return Ok(out);
    };
    let launch = reader.closed(head)?;
    for outcome in &launch.outcomes {
        let case = outcome.case.as_deref().and_then(|case| ids.get(case));
        let test = launch.tests().get(&outcome.test);
        if let (Some(case), Some(name)) = (case, test.and_then(|test| test.full_name.as_ref())) {
            out.entry(case).or_default().insert(name.clone());
        }
    }
    if !out.is_empty() {
        ui.status(format!(
            "names of {} as launch {} has them",
            count(out.len() as u64, "case"),
            ticked(&[&launch.id], "and")
        ));
    }
    Ok(out)
}
