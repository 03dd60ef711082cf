//! Several workspaces as one site: each in a folder of its own, under one page.

use super::build::{Unseen, overall, paths};
use super::input::Summary;
use super::output::{Folder, Output};
use super::pages::{FrameOf, Writer, is_search};
use super::snapshot::translation;
use super::texts::{self, Texts, say};
use super::view::project::{ProjectRow, WorkspaceRow, WorkspacesPage};
use super::view::{self, Crumb};
use super::{Options, Rendered, SiteError, Translation, render_to, words};
use crate::base::Timestamp;
use crate::model::Address;
use crate::store::Snapshot;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// One of several workspaces.
#[derive(Debug)]
pub struct Part<'a> {
    pub snapshot: &'a Snapshot,
    pub now: Timestamp,
    pub options: Options,
    /// What its folder in the site is called where nothing speaks against it.
    pub name: String,
}

/// Renders workspaces into a folder, which is swapped in whole; `site` is where it will be. What was rendered comes in
/// the order of the parts.
///
/// # Errors
/// Where a snapshot can't be read, a template of a workspace doesn't work, or `folder` can't be written or is something
/// else than a rendered site.
pub fn render_several(
    parts: Vec<Part<'_>>,
    now: Timestamp,
    site: Option<Address>,
    folder: &Path,
) -> Result<Vec<Rendered>, SiteError> {
    let mut out = Folder::create(folder)?;
    // The styles of the page over all lie beside the workspaces.
    let names = ["assets"]
        .into_iter()
        .chain(parts.iter().map(|p| p.name.as_str()));
    let folders = paths::unique(names).split_off(1);
    let mut all = Vec::with_capacity(parts.len());
    let mut rows = Vec::with_capacity(parts.len());
    let mut searches = Vec::new();
    let mut languages = Vec::with_capacity(parts.len());
    for (part, folder) in parts.into_iter().zip(&folders) {
        let texts = Translation::texts(translation(&*part.snapshot.docs)?.as_ref());
        let options = Options {
            site: site.as_ref().and_then(|site| site.join(folder)),
            above: Some(texts::within(&texts, title)),
            ..part.options
        };
        let mut below = Below {
            folder,
            out: &mut out,
            searches: &mut searches,
        };
        let rendered = render_to(part.snapshot, part.now, options, &mut below)?;
        rows.push(placed(&rendered.row, folder));
        all.push(rendered);
        languages.push(texts);
    }
    let texts = shared(&languages);
    let summary = texts::within(&texts, || top(rows, searches, (now, site), &mut out))?;
    if let Some(first) = all.first_mut() {
        first.files += summary.files;
        first.bytes += summary.bytes;
    }
    out.finish()?;
    Ok(all)
}

/// The name of the page over all of them.
fn title() -> String {
    say!("workspaces.title")
}

/// The texts of the page over all: those of the first where all speak one language, else English.
fn shared(all: &[Arc<Texts>]) -> Arc<Texts> {
    let first = all.first().filter(|first| {
        let mut others = all.iter();
        others.all(|one| one.language() == first.language())
    });
    first.cloned().unwrap_or_else(texts::english)
}

/// A workspace's row, with links from the page over all.
fn placed(row: &WorkspaceRow, folder: &str) -> WorkspaceRow {
    let below = |href: &str| format!("{folder}/{href}");
    let projects = row.projects.iter().map(|project| {
        let mut project = ProjectRow {
            href: below(&project.href),
            trend: None,
            ..project.clone()
        };
        if let Some(latest) = &mut project.latest {
            *latest = latest.clone().below(folder);
        }
        project
    });
    WorkspaceRow {
        href: below("index.html"),
        projects: projects.collect(),
        ..row.clone()
    }
}

fn top(
    workspaces: Vec<WorkspaceRow>,
    searches: Vec<String>,
    (now, site): (Timestamp, Option<Address>),
    out: &mut Folder,
) -> Result<Summary, SiteError> {
    let stamp = view::Stamp {
        now: words::when(now),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..view::Stamp::default()
    };
    let own = BTreeMap::new();
    let mut writer = Writer::new(&own, stamp, site, out)?;
    writer.searches = searches;
    let projects: Vec<ProjectRow> = workspaces.iter().flat_map(|w| w.projects.clone()).collect();
    let frame = writer.frame(FrameOf {
        path: "index.html",
        title: title(),
        crumbs: vec![Crumb {
            name: title(),
            href: None,
        }],
        ..FrameOf::default()
    });
    let page = WorkspacesPage {
        frame,
        verdict: overall(&projects, &Unseen::Nothing),
        count_text: texts::count(workspaces.len() as u64, "workspace"),
        workspaces,
    };
    writer.page("index.html", "workspaces.html", &page)?;
    Ok(writer.summary)
}

/// A folder of a site.
struct Below<'o> {
    folder: &'o str,
    out: &'o mut Folder,
    /// What search boxes look through.
    searches: &'o mut Vec<String>,
}

impl Output for Below<'_> {
    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), SiteError> {
        let path = format!("{}/{path}", self.folder);
        if is_search(&path) {
            self.searches.push(path.clone());
        }
        self.out.file(&path, bytes)
    }
}
