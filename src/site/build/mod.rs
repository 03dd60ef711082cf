//! A workspace → views → pages and chunks, launch by launch.

mod attachments;
mod behind;
mod case;
mod changes;
mod compare;
mod context;
mod dashboards;
mod defects;
pub(crate) mod details;
mod failures;
mod launch;
mod mutes;
mod names;
pub(crate) mod paths;
mod plans;
mod project;
mod publish;
mod quality;
mod requirements;
mod rerun;
mod results;
mod rows;
mod search;
mod sheet;
mod standing;
#[cfg(test)]
mod tests;
mod unseen;

pub use self::launch::Single;
pub(crate) use self::unseen::Unseen;
use super::input::{Input, Summary, Translation};
use super::pages::{FrameOf, Writer};
use super::view::project::{WorkspacePage, WorkspaceRow};
use super::view::{self, Crumb, Verdict};
use super::{Output, SiteError, texts, words};
use crate::site::texts::{counted, say};

/// Renders a whole site, and returns how the workspace stands, too. The output gets each path once.
///
/// # Errors
/// Where a launch can't be read, an overriding template doesn't work, or the output fails.
pub fn render(
    input: &Input<'_>,
    out: &mut dyn Output,
) -> Result<(Summary, WorkspaceRow), SiteError> {
    let texts = Translation::texts(input.translation.as_ref());
    texts::within(&texts, || pages(input, out))
}

fn pages(input: &Input<'_>, out: &mut dyn Output) -> Result<(Summary, WorkspaceRow), SiteError> {
    let site = input.options.site.clone();
    let mut writer = Writer::new(&input.overrides, stamp(input), site, out)?;
    writer.above = input.options.above.clone();
    let folders = paths::unique(input.projects.iter().map(|p| p.folder.as_str()));
    let mut rows = Vec::with_capacity(input.projects.len());
    for (project, folder) in input.projects.iter().zip(&folders) {
        rows.push(project::render(input, project, folder, &mut writer)?);
        writer.summary.projects += 1;
    }
    rows.sort_by(|a, b| {
        let order = urgency(a).cmp(&urgency(b));
        order.then_with(|| rows::natural(&a.name, &b.name))
    });
    changes::render(input, &folders, &mut writer)?;
    let frame = writer.frame(FrameOf {
        path: "index.html",
        title: input.title.clone(),
        crumbs: vec![Crumb {
            name: input.title.clone(),
            href: None,
        }],
        ..FrameOf::default()
    });
    let row = WorkspaceRow {
        title: words::line(&input.title),
        href: "index.html".to_owned(),
        projects: rows.clone(),
        documentation: input.stamp.documentation.clone().unwrap_or_default(),
    };
    let page = WorkspacePage {
        frame,
        title: input.title.clone(),
        verdict: overall(&rows, &Unseen::of(input)),
        projects: rows,
        changes: changes::link(input),
    };
    writer.page("index.html", "workspace.html", &page)?;
    writer.map()?;
    Ok((writer.summary, row))
}

fn stamp(input: &Input<'_>) -> view::Stamp {
    view::Stamp {
        documentation: input.stamp.documentation.clone().unwrap_or_default(),
        launches: input.stamp.launches.clone().unwrap_or_default(),
        unavailable: input.stamp.unavailable,
        now: words::when(input.stamp.now),
        version: input.stamp.version.clone(),
        since: input
            .options
            .since
            .as_ref()
            .map_or_else(String::new, |since| words::line(&since.said)),
    }
}

/// Renders one launch of an input's only project into one file of at most `budget` bytes.
///
/// # Errors
/// Where there is no such launch, it can't be read, an overriding template doesn't work, or the budget has no room for
/// what every such file says.
pub fn render_single(input: &Input<'_>, launch: &str, budget: usize) -> Result<Single, SiteError> {
    let found = input.projects.iter().find_map(|project| {
        let number = project.launches.iter().position(|l| l.file.id == launch);
        Some((project, number?))
    });
    let (project, number) = found.ok_or_else(|| SiteError::NoLaunch {
        launch: launch.to_owned(),
    })?;
    let texts = Translation::texts(input.translation.as_ref());
    texts::within(&texts, || {
        let mut beside = super::Memory::default();
        let mut writer = Writer::new(&input.overrides, stamp(input), None, &mut beside)?;
        let context = context::Context::new(input, project, &project.folder);
        launch::single(&context, number, budget, &mut writer)
    })
}

/// Returns the link to the results of a launch that a defect or a mute has; `up` leads from the page to the project's
/// folder.
fn results_of(
    context: &context::Context<'_>,
    launch: usize,
    kind: &str,
    id: &str,
    up: &str,
) -> String {
    let folder = &context.launch_folders[launch];
    let asked = paths::fragment(&format!("{kind}:\"{id}\""));
    format!("{up}launches/{folder}/results.html#q={asked}")
}

/// The link to some results of a launch in its list, by the beginnings of their ids.
fn results_named(context: &context::Context<'_>, launch: usize, ids: &[&str], up: &str) -> String {
    let folder = &context.launch_folders[launch];
    let ids: Vec<String> = ids.iter().map(|id| id.chars().take(16).collect()).collect();
    let asked = paths::fragment(&format!("id:{}", ids.join(",")));
    format!("{up}launches/{folder}/results.html#q={asked}")
}

/// What people have to look at first: projects that are blocked before those that are not; as they come else.
fn urgency(row: &view::project::ProjectRow) -> usize {
    let tone = row.latest.as_ref().map(|latest| latest.verdict.tone);
    let order = ["blocked", "accounted", "ready"];
    let place = tone.and_then(|tone| order.iter().position(|one| *one == tone));
    place.unwrap_or(order.len())
}

/// Says how the projects stand, by the latest launch of each.
pub(crate) fn overall(rows: &[view::project::ProjectRow], unseen: &Unseen) -> Verdict {
    let latest: Vec<_> = rows.iter().filter_map(|row| row.latest.as_ref()).collect();
    let names = |tone: &str| -> Vec<&str> {
        rows.iter()
            .filter(|row| row.latest.as_ref().is_some_and(|l| l.verdict.tone == tone))
            .map(|row| row.name.as_str())
            .collect()
    };
    let blocked = names("blocked");
    let verdict = |tone, lead: &str, text: String| Verdict {
        tone,
        lead: say!(lead),
        text,
        detail: String::new(),
    };
    match (rows.len(), latest.len(), blocked.as_slice()) {
        (0, _, _) => verdict(
            "empty",
            "overall.no-projects",
            say!("workspace.add-one-with-tallybook-project-new"),
        ),
        (_, 0, _) => unseen.no_launch(),
        (_, _, []) => verdict(
            "ready",
            "verdict.ready",
            say!(
                "overall.nothing-unresolved",
                projects = counted(latest.len() as u64, "project")
            ),
        ),
        (1, _, _) => latest[0].verdict.clone(),
        (n, _, [only]) => verdict(
            "blocked",
            "verdict.blocked",
            say!("overall.one-of", name = *only, n = n),
        ),
        (n, _, some) => verdict(
            "blocked",
            "verdict.blocked",
            say!("overall.some-of", part = some.len(), n = n),
        ),
    }
}
