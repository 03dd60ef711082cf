//! Which cases are meant: by id, by file, by folder, by query.

use std::path::Path;

use crate::analysis::subjects::{CaseSet, Of};
use crate::base::{files, path as paths, text};
use crate::cli::commands::query::{mark as underline, tell, user};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::{Reader, described};
use crate::cli::ui::Ui;
use crate::ledger::History;
use crate::model::Case;
use crate::query::{self, Bound};
use crate::store::{Doc, Project, Workspace};

/// What was typed.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli::commands) struct Asked<'a> {
    pub(in crate::cli::commands) place: &'a Place,
    /// Empty for all.
    pub(in crate::cli::commands) cases: &'a [String],
    pub(in crate::cli::commands) query: Option<&'a str>,
    pub(in crate::cli::commands) project: &'a ProjectArg,
    pub(in crate::cli::commands) at: &'a AtArg,
}

/// Cases of one project.
#[derive(Clone, Debug)]
pub(in crate::cli::commands) struct Chosen<'w> {
    pub(in crate::cli::commands) project: &'w Project,
    /// In the order of their files, or of the query; each once.
    pub(in crate::cli::commands) cases: Vec<&'w Doc<Case>>,
}

/// One word that names cases.
pub(in crate::cli::commands) enum Named {
    Id(String),
    /// A file or a folder, relative to the workspace.
    Path(String),
}

/// Finds the cases. None where the query is wrong, which is said.
pub(in crate::cli::commands) fn cases<'w>(
    ui: &mut Ui,
    ctx: &Context,
    workspace: &'w Workspace,
    asked: &Asked<'_>,
) -> Result<Option<Chosen<'w>>, CommandError> {
    // What was typed is looked at before anything is done with it.
    let parsed = match asked.query.map(query::parse).transpose() {
        Ok(parsed) => parsed,
        Err(problem) => {
            tell(ui, asked.query.unwrap_or_default(), &[problem]);
            return Ok(None);
        }
    };
    let named: Result<Vec<Named>, CommandError> = { asked.cases.iter() }
        .map(|word| named(ctx, asked.place, word))
        .collect();
    let named = named?;
    let project = project(workspace, asked.project, &named)?;
    let mut wanted = vec![named.is_empty(); project.cases.len()];
    for one in &named {
        mark(project, one, &mut wanted)?;
    }
    let Some(query) = parsed else {
        let cases = project.cases.iter().zip(wanted);
        let cases = cases.filter(|(_, wanted)| *wanted).map(|(doc, _)| doc);
        return Ok(Some(Chosen {
            project,
            cases: cases.collect(),
        }));
    };
    let snapshot = asked.place.documentation(asked.at)?;
    let now = place::now(&snapshot, None, ctx);
    let context = query::Context {
        now,
        user: user(ctx, asked.place, project),
    };
    let bound = match query.bind(Of::Cases.schema(), &context) {
        Ok(bound) => bound,
        Err(problems) => {
            tell(ui, asked.query.unwrap_or_default(), &problems);
            return Ok(None);
        }
    };
    let history = history(ui, asked, project, &bound, now)?;
    let set = CaseSet::new(project, now);
    let subjects = set.subjects(history.as_ref().map(|history| &history.past));
    let strangers = bound.strangers(&subjects, Of::Cases.as_str());
    underline(ui, "warning", asked.query.unwrap_or_default(), &strangers);
    let fitting = bound.select(&subjects).into_iter();
    let docs = fitting.filter_map(|subject| subject.approval.map(|(_, doc)| doc.path.as_str()));
    let mut chosen: Vec<&Doc<Case>> = Vec::new();
    for path in docs {
        // Cases are sorted by their files.
        let at = { &project.cases }.binary_search_by(|doc| doc.path.as_str().cmp(path));
        if let Some(at) = at.ok().filter(|at| wanted[*at]) {
            chosen.push(&project.cases[at]);
        }
    }
    Ok(Some(Chosen {
        project,
        cases: chosen,
    }))
}

/// Reads the history where the query asks for it.
fn history(
    ui: &mut Ui,
    asked: &Asked<'_>,
    project: &Project,
    bound: &Bound,
    now: crate::base::Timestamp,
) -> Result<Option<History>, CommandError> {
    if !{ bound.lookups().into_iter() }.any(|lookup| lookup.is_function()) {
        return Ok(None);
    }
    let snapshot = asked.place.snapshot(asked.at)?;
    let reader = Reader::new(asked.place, &snapshot, project, asked.at, now)?;
    let history = reader.history(ui, None, None)?;
    ui.status(format!("history: {}", described(&history)));
    Ok(Some(history))
}

/// Returns what a word means: an id, or a file or folder of the workspace.
pub(in crate::cli::commands) fn named(
    ctx: &Context,
    place: &Place,
    word: &str,
) -> Result<Named, CommandError> {
    let is_path = word.contains(['/', '\\']) || word.ends_with(".md") || word == ".";
    if !is_path {
        return Ok(Named::Id(word.to_owned()));
    }
    let full = ctx.resolve(Path::new(word));
    let (root, full) = match full.exists() {
        true => (files::canonical(&place.root)?, files::canonical(&full)?),
        false => (paths::normal(&place.root), paths::normal(&full)),
    };
    let inside = full.strip_prefix(&root).ok().and_then(paths::from_native);
    inside.map(Named::Path).ok_or_else(|| {
        let root = place.root.display();
        CommandError::usage(format!("`{word}` is not in the workspace `{root}`"))
            .hint("name a case by its id or its file")
    })
}

/// Returns the project that was named, else the only one that has all that was.
fn project<'w>(
    workspace: &'w Workspace,
    asked: &ProjectArg,
    named: &[Named],
) -> Result<&'w Project, CommandError> {
    let has = |project: &&Project| {
        named.iter().all(|one| match one {
            Named::Id(id) => project.case(id).is_some(),
            Named::Path(path) => is_below(path, &project.path),
        })
    };
    if asked.project.is_none() && !named.is_empty() {
        let mut having = workspace.projects.iter().filter(has);
        if let (Some(only), None) = (having.next(), having.next()) {
            return Ok(only);
        }
    }
    place::project(workspace, asked)
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Marks the cases that a word names.
fn mark(project: &Project, named: &Named, wanted: &mut [bool]) -> Result<(), CommandError> {
    match named {
        Named::Id(id) => {
            let found = project.case(id).ok_or_else(|| no_case(project, id))?;
            let at = project
                .cases
                .iter()
                .position(|doc| std::ptr::eq(doc, found));
            wanted[at.expect("it is one of them")] = true;
            Ok(())
        }
        Named::Path(path) => {
            let mut found = false;
            for (doc, wanted) in project.cases.iter().zip(wanted) {
                if is_below(&doc.path, path) {
                    *wanted = true;
                    found = true;
                }
            }
            match found {
                true => Ok(()),
                false => Err(CommandError::usage(format!("`{path}` has no case"))
                    .hint("`tallybook validate` says why a file is not read")),
            }
        }
    }
}

fn no_case(project: &Project, id: &str) -> CommandError {
    let ids = project.cases.iter().map(|doc| doc.value.id.as_str());
    let error = CommandError::usage(format!("project `{}` has no case `{id}`", project.name()));
    error.hint(match text::closest(id, ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "`tallybook query {}` looks for cases",
            text::shell_word(&format!("title ~= \"{id}\""))
        ),
    })
}
