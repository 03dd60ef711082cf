//! `tallybook render A B`: several workspaces as one site.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{RenderArgs, changes, idle_templates, of_site, since};
use crate::base::{path as paths, text};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place};
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::diag::{Finding, Sources, render};
use crate::site::{self, Options, Part, Projects};
use crate::store::{Loaded, Snapshot, codes};

pub(super) fn run(
    ui: &mut Ui,
    ctx: &Context,
    args: &RenderArgs,
    given: &Path,
) -> Result<Exit, CommandError> {
    let n = text::count(args.workspaces.len() as u64, "workspace");
    let apart = "`tallybook -C DIR render` renders one workspace with it, into a folder of its own";
    for (is_given, flag) in [
        (args.at.at.is_some(), "--at"),
        (args.since.is_some(), "--since"),
        (!args.projects.projects.is_empty(), "--project"),
    ] {
        if is_given {
            let message = format!("`{flag}` is about one workspace, and there are {n}");
            return Err(CommandError::usage(message).hint(apart));
        }
    }
    let mut found: Vec<(PathBuf, Place, Snapshot)> = Vec::new();
    for path in &args.workspaces {
        let own = at(ctx, path)?;
        let place = Place::find(&own)?;
        let root = place::real(&place.root);
        if let Some((other, ..)) = found.iter().find(|(_, p, _)| place::real(&p.root) == root) {
            let message = format!(
                "`{}` and `{}` are one workspace",
                other.display(),
                path.display()
            );
            return Err(CommandError::usage(message).hint("name each workspace once"));
        }
        let snapshot = place.snapshot(&args.at)?;
        tell_unavailable(ui, snapshot.unavailable());
        place.complete(&snapshot)?;
        let snapshot = place.attached(&own, snapshot)?;
        found.push((path.clone(), place, snapshot));
    }
    tell_shared_keys(ui, &found)?;
    let mut parts = Vec::with_capacity(found.len());
    for (path, place, snapshot) in &found {
        let own = at(ctx, path)?;
        idle_templates(ui, snapshot)?;
        parts.push(Part {
            name: name(place),
            now: args.now.unwrap_or(ctx.now),
            options: Options {
                changes: match args.projects.public {
                    true => None,
                    false => changes(ui, &own, place, snapshot, args.changes)?,
                },
                projects: match args.projects.public {
                    true => Projects::Public,
                    false => Projects::All,
                },
                ..Options::default()
            },
            snapshot,
        });
    }
    let out = ctx.resolve(given);
    let progress = ui.progress("rendering");
    let now = args.now.unwrap_or(ctx.now);
    let rendered = of_site(site::render_several(parts, now, args.site.address()?, &out))?;
    drop(progress);
    ui.out(given.join("index.html").display().to_string());
    let sum = |of: fn(&site::Rendered) -> u64| rendered.iter().map(of).sum::<u64>();
    ui.status(format!(
        "rendered {} and {} of {n} into {}",
        text::count(sum(|r| r.launches), "launch"),
        text::count(sum(|r| r.cases), "case"),
        text::count(sum(|r| r.files), "file"),
    ));
    for ((path, ..), rendered) in found.iter().zip(&rendered) {
        for damage in &rendered.damages {
            let path = path.join(&damage.path);
            ui.warn(format!("left out `{}`: {}", path.display(), damage.message));
        }
        if rendered.projects == 0 && args.projects.public {
            ui.warn(format!(
                "no project of `{}` says `visibility: public`, so the site has none of it",
                path.display()
            ));
        }
    }
    since::tell_nothing(ui, args, sum(|r| r.launches));
    Ok(Exit::Fine)
}

/// The same surroundings, at a workspace that was typed.
pub(super) fn at(ctx: &Context, path: &Path) -> Result<Context, CommandError> {
    let cwd = ctx.resolve(path);
    if !cwd.is_dir() {
        let message = format!("`{}` is no folder", path.display());
        return Err(CommandError::usage(message).hint("name the folders of workspaces"));
    }
    let mut own = ctx.clone();
    own.cwd = cwd;
    Ok(own)
}

/// What a workspace's folder in the site is called: as its own.
fn name(place: &Place) -> String {
    let root = place::real(&place.root);
    let name = root.file_name().unwrap_or("workspace".as_ref());
    name.to_string_lossy().into_owned()
}

/// Says which project keys are in several workspaces.
fn tell_shared_keys(ui: &mut Ui, found: &[(PathBuf, Place, Snapshot)]) -> Result<(), CommandError> {
    let loaded: Vec<(String, Loaded)> = found
        .iter()
        .map(|(path, _, snapshot)| {
            let typed = paths::from_native(path).unwrap_or_default();
            Ok((typed, place::load(snapshot)?))
        })
        .collect::<Result<_, CommandError>>()?;
    let (findings, sources) = shared_keys(&loaded);
    for line in render::short(&findings, &sources).lines() {
        ui.warn(line);
    }
    Ok(())
}

/// Finds keys that projects of several workspaces have; paths begin with the workspace as it was typed.
fn shared_keys(all: &[(String, Loaded)]) -> (Vec<Finding>, Sources) {
    let mut first: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    let (mut findings, mut sources) = (Vec::new(), Sources::default());
    for (workspace, loaded) in all {
        let docs = loaded.workspace.projects.iter();
        for doc in docs.filter_map(|project| project.settings.as_ref()) {
            let key = doc.value.key.as_str();
            if key.is_empty() {
                continue;
            }
            let path = paths::join(workspace, &doc.path);
            match first.get(key) {
                Some((other, place)) if other != workspace => {
                    if let Some(text) = loaded.sources.get(&doc.path) {
                        sources.insert(path.as_str(), text.clone());
                    }
                    let message =
                        format!("the key `{key}` belongs to the project of `{place}` too");
                    findings.push(
                        Finding::warning(codes::SHARED_PROJECT_KEY, path, message)
                            .at(doc.span(&["key".into()]))
                            .help("give one of both another key, or render two sites"),
                    );
                }
                Some(_) => {}
                None => {
                    first.insert(key, (workspace, path));
                }
            }
        }
    }
    (findings, sources)
}
