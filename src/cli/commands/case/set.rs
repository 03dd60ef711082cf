//! `tallybook case set`

use super::desk::{Desk, WriteArgs, case_error, finish};
use crate::author::case::{CaseError, Setting, find_case, set_cases};
use crate::base::text::{line, thousands};
use crate::cli::commands::approve::chosen::{Asked, cases};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, ProjectArg};
use crate::cli::ui::Ui;
use crate::model::Case;
use crate::store::{Doc, Project};

/// Set fields of one case, or of all that fit a query
///
/// `key=value` sets, `key=` takes away, `key+=value` and `key-=value` add to lists and take from them. Keys are
/// title, execution, status, layer, severity, owner, tags, selectors, aliases, combine, custom fields by their
/// names (or `fields.NAME`) and `parameters.NAME`; a list may be given as `[a, b]`. Values are held against the
/// project's workflow, layers, members and vocabularies before anything is written. Comments, order and
/// formatting stay, and cases that say all of it already are left alone.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case set SHOP-K4F7QM status=active
  tallybook case set 'tag = \"smoke\"' owner=alice tags-=smoke tags+=fast
  tallybook case set 'section = auth' component=login --dry-run
  tallybook case set 'owner = bob' owner=carol --branch bob-leaves
  tallybook case set SHOP-K4F7QM execution=automated 'selectors+=tests.auth#test_expired'")]
pub(super) struct SetArgs {
    /// A case's id or file, or a query of cases; `'id != null'` means all
    #[arg(value_name = "QUERY")]
    query: String,
    /// What to set
    #[arg(value_name = "KEY=VALUE", required = true)]
    settings: Vec<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &SetArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(ctx, &args.write.branch)?;
    refuse_empty(&args.query)?;
    let Some((project, docs)) = meant(ui, ctx, &desk, &args.query, &args.project)? else {
        return Ok(Exit::CouldNotRun);
    };
    let settings: Result<Vec<Setting>, _> = { args.settings.iter() }
        .map(|typed| Setting::parse(project, typed))
        .collect();
    let settings = settings.map_err(|error| case_error(error.into()))?;
    if docs.is_empty() {
        ui.status(format!(
            "none of {} cases fits",
            thousands(project.cases.len() as u64)
        ));
        return Ok(Exit::Fine);
    }
    tell_commas(ui, &settings);
    let change = set_cases(project, &docs, &settings).map_err(|error| match error {
        CaseError::NoTitle => {
            let error = CommandError::usage("a case needs a title");
            error.hint("give it another one: `title=TITLE`")
        }
        error => case_error(error),
    })?;
    finish(ui, ctx, &desk, &args.write, &change)
}

/// Refuses a query that says nothing, as a variable of a script that was not set: it would change all cases.
pub(super) fn refuse_empty(query: &str) -> Result<(), CommandError> {
    match query.trim().is_empty() {
        true => {
            let error = CommandError::usage("the query is empty, and would mean all cases");
            Err(error.hint("`'id != null'` means all, where that is what you want"))
        }
        false => Ok(()),
    }
}

/// Says which tags have commas: `tags+=a,b` adds one.
fn tell_commas(ui: &mut Ui, settings: &[Setting]) {
    for tag in settings.iter().filter_map(Setting::tag_with_comma) {
        let tag = line(tag, 100);
        ui.warn(format!("`{tag}` is one tag with a comma"));
        ui.hint(format!("several tags are a list: `tags+=[{tag}]`"));
    }
}

/// Cases of one project.
type Meant<'d> = (&'d Project, Vec<&'d Doc<Case>>);

/// Returns the cases that an id or a query means, and their project; none where the query is wrong, which
/// is said.
pub(super) fn meant<'d>(
    ui: &mut Ui,
    ctx: &Context,
    desk: &'d Desk,
    query: &str,
    named: &ProjectArg,
) -> Result<Option<Meant<'d>>, CommandError> {
    // One word is no query, and neither is the path of a file.
    let is_path = query.ends_with(".md") && !query.contains(['"', '=']);
    let is_word = !query.is_empty() && crate::model::is_case_id(query);
    if is_word || is_path {
        let (project, doc) = desk.case(ctx, query, named)?;
        return Ok(Some((project, vec![doc])));
    }
    let asked = Asked {
        place: &desk.place,
        cases: &[],
        query: Some(query),
        project: named,
        at: &desk.at,
    };
    let workspace = &desk.loaded.workspace;
    let project = place::project(workspace, named)?;
    // An id that holds what ids of this project don't.
    if let Ok(doc) = find_case(project, query) {
        return Ok(Some((project, vec![doc])));
    }
    let chosen = cases(ui, ctx, workspace, &asked)?;
    Ok(chosen.map(|mut chosen| {
        chosen.cases.sort_by(|a, b| a.path.cmp(&b.path));
        (chosen.project, chosen.cases)
    }))
}
