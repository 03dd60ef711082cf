//! A workspace → views → pages and chunks, launch by launch.

mod attachments;
mod case;
mod changes;
mod dashboards;
mod details;
mod failures;
mod launch;
pub(crate) mod paths;
mod project;
mod publish;
mod results;
mod rows;
#[cfg(test)]
mod tests;

use super::input::{Input, Summary};
use super::pages::{FrameOf, Writer};
use super::view::{self, Crumb, Verdict, WorkspacePage};
use super::{Output, SiteError, words};
use crate::base::text::count;

/// Renders a whole site. The output gets each path once.
///
/// # Errors
/// Where a launch can't be read, an overriding template doesn't work, or the output fails.
pub fn render(input: &Input<'_>, out: &mut dyn Output) -> Result<Summary, SiteError> {
    let stamp = view::Stamp {
        documentation: input.stamp.documentation.clone().unwrap_or_default(),
        launches: input.stamp.launches.clone().unwrap_or_default(),
        unavailable: input.stamp.unavailable,
        now: words::when(input.stamp.now),
        version: input.stamp.version.clone(),
    };
    let site = input.options.site.clone();
    let mut writer = Writer::new(&input.overrides, stamp, site, out)?;
    let folders = paths::unique(input.projects.iter().map(|p| p.folder.as_str()));
    let mut rows = Vec::with_capacity(input.projects.len());
    for (project, folder) in input.projects.iter().zip(&folders) {
        rows.push(project::render(input, project, folder, &mut writer)?);
        writer.summary.projects += 1;
    }
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
    let page = WorkspacePage {
        frame,
        title: input.title.clone(),
        verdict: overall(&rows, input.stamp.unavailable),
        projects: rows,
        changes: changes::link(input),
    };
    writer.page("index.html", "workspace.html", &page)?;
    writer.map()?;
    Ok(writer.summary)
}

/// Says how the projects stand, by the latest launch of each.
fn overall(rows: &[view::ProjectRow], unavailable: bool) -> Verdict {
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
        lead: lead.to_owned(),
        text,
        detail: String::new(),
    };
    match (rows.len(), latest.len(), blocked.as_slice()) {
        (0, _, _) => verdict(
            "empty",
            "No projects",
            "add one with `tallybook project new`".into(),
        ),
        (_, 0, _) => project::no_launch(unavailable),
        (_, _, []) => verdict(
            "ready",
            "Ready",
            format!(
                "nothing unresolved in the latest launch of {}",
                count(latest.len() as u64, "project")
            ),
        ),
        (1, _, _) => latest[0].verdict.clone(),
        (n, _, [only]) => verdict("blocked", "Blocked", format!("{only}, 1 of {n} projects")),
        (n, _, some) => verdict(
            "blocked",
            "Blocked",
            format!("{} of {n} projects", some.len()),
        ),
    }
}
