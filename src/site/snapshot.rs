//! A workspace's snapshot → the site's input.

mod closed;
mod own;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use self::closed::Closed;
use self::own::overrides;
pub(super) use self::own::translation;
pub use self::own::{Workbench, idle_templates, text_findings};
use super::input::{
    CaseInput, FindingInput, Input, LaunchInput, Options, ProjectInput, Projects, Stamp, Summary,
};
use super::output::{Folder, Output};
use super::view::project::WorkspaceRow;
use super::{Single, SiteError, render, render_single};
use crate::analysis::approval::Approvals;
use crate::analysis::executed::{executed_text, shared};
use crate::base::{Digest, Timestamp, path};
use crate::diag::{Finding, LineIndex, Severity};
use crate::model::{ApprovalRules, ProjectFile};
use crate::store::launches::Damage;
use crate::store::{Project, Snapshot, SnapshotName, StoreError};
use crate::validate::{self, Report};

/// The folder of a workspace's own templates and assets.
pub(super) const TEMPLATES: &str = "templates/site";

/// What was rendered of a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    pub projects: u64,
    pub launches: u64,
    pub cases: u64,
    pub files: u64,
    /// All files together.
    pub bytes: u64,
    /// How the workspace stands.
    pub row: WorkspaceRow,
    /// Files of closed launches and of the documentation that don't read; what they would say is left out, and said.
    pub damages: Vec<Damage>,
}

/// Renders a snapshot into a folder, which is swapped in whole.
///
/// # Errors
/// Where the snapshot can't be read, a template of the workspace doesn't work, or `folder` can't be
/// written or is something else than a rendered site.
pub fn render_snapshot(
    snapshot: &Snapshot,
    now: Timestamp,
    options: Options,
    folder: &Path,
) -> Result<Rendered, SiteError> {
    let mut out = Folder::create(folder)?;
    let rendered = render_to(snapshot, now, options, &mut out)?;
    out.finish()?;
    Ok(rendered)
}

/// Renders a snapshot to any output.
///
/// # Errors
/// As [`render_snapshot`].
pub fn render_to(
    snapshot: &Snapshot,
    now: Timestamp,
    options: Options,
    out: &mut dyn Output,
) -> Result<Rendered, SiteError> {
    let make = |input: &Input<'_>| render(input, out);
    let ((summary, row), damages) = with_input(snapshot, now, options, make)?;
    Ok(rendered(summary, row, damages))
}

/// Renders a closed launch into one file of at most `budget` bytes; also returns what doesn't read.
///
/// # Errors
/// Where the snapshot can't be read, a template of the workspace doesn't work, the project has no such launch, or the
/// budget is too small for what every such file says.
pub fn render_launch(
    snapshot: &Snapshot,
    now: Timestamp,
    project: &str,
    launch: &str,
    budget: usize,
) -> Result<(Single, Vec<Damage>), SiteError> {
    let options = Options {
        projects: Projects::Folders(vec![project.to_owned()]),
        ..Options::default()
    };
    let make = |input: &Input<'_>| render_single(input, launch, budget);
    with_input(snapshot, now, options, make)
}

/// Makes something of a snapshot; also returns what doesn't read.
fn with_input<T>(
    snapshot: &Snapshot,
    now: Timestamp,
    options: Options,
    make: impl FnOnce(&Input<'_>) -> Result<T, SiteError>,
) -> Result<(T, Vec<Damage>), SiteError> {
    let report = validate::check(snapshot, now)?;
    let workspace = &report.workspace;
    let damages = Arc::new(Mutex::new(Vec::new()));
    let defaults = ProjectFile::default();
    let shown: Vec<&Project> = workspace
        .projects
        .iter()
        .filter(|project| {
            let file = project
                .settings
                .as_ref()
                .map_or(&defaults, |doc| &doc.value);
            options.projects.have(&project.folder, file)
        })
        .collect();
    let all: Vec<Closed> = shown
        .iter()
        .map(|project| Closed::read(snapshot, project, options.since.as_ref(), &damages))
        .collect::<Result<_, _>>()?;
    let mut findings = findings(&report, &shown);
    let unread = findings.values().flatten().filter(|finding| finding.unread);
    let unread: Vec<Damage> = unread
        .map(|finding| Damage {
            path: finding.path.clone(),
            message: finding.message.clone(),
        })
        .collect();
    let projects = shown.into_iter().zip(&all);
    let title = workspace
        .settings
        .as_ref()
        .map(|doc| doc.value.title.as_str());
    let input = Input {
        title: title
            .filter(|title| !title.is_empty())
            .unwrap_or("Workspace")
            .to_owned(),
        stamp: stamp(snapshot, now),
        projects: projects
            .map(|(project, closed)| {
                let input = project_input(snapshot, project, closed, &defaults)?;
                Ok(ProjectInput {
                    findings: findings.remove(project.folder.as_str()).unwrap_or_default(),
                    ..input
                })
            })
            .collect::<Result<_, StoreError>>()?,
        overrides: overrides(&*snapshot.docs)?,
        translation: translation(&*snapshot.docs)?,
        options,
    };
    let made = make(&input)?;
    drop(input);
    drop(all);
    let mut damages = taken(&damages);
    damages.extend(unread);
    damages.sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    damages.dedup();
    Ok((made, damages))
}

/// What is wrong with the files of each project that is shown, by folder. What names a file of another project is
/// left out, as the site may not have that one.
fn findings<'p>(report: &Report, shown: &[&'p Project]) -> HashMap<&'p str, Vec<FindingInput>> {
    let hidden = report.workspace.projects.iter();
    let hidden = hidden.filter(|one| !shown.iter().any(|shown| shown.folder == one.folder));
    let hidden: Vec<String> = hidden.map(|one| format!("{}/", one.path)).collect();
    let tells = |finding: &Finding| {
        let texts = [Some(&finding.message), finding.help.as_ref()];
        let mut texts = texts.into_iter().flatten();
        texts.any(|text| hidden.iter().any(|path| text.contains(path.as_str())))
    };
    let mut lines: HashMap<&str, LineIndex> = HashMap::new();
    let mut out = HashMap::new();
    for project in shown {
        let below = format!("{}/", project.path);
        let read = read_files(project);
        let own = report.findings.iter();
        let own = own.filter(|finding| finding.path.starts_with(&below) && !tells(finding));
        let own = own.map(|finding| {
            let text = report.sources.get(&finding.path);
            let line = finding.span.zip(text).map(|(span, text)| {
                let index = lines.entry(&finding.path);
                let index = index.or_insert_with(|| LineIndex::new(text));
                index.position(text, span.start).line
            });
            FindingInput {
                code: finding.code.id,
                name: finding.code.name,
                severity: finding.severity,
                path: finding.path.clone(),
                line,
                message: finding.message.clone(),
                help: finding.help.clone(),
                unread: finding.severity == Severity::Error
                    && is_document(&finding.path[below.len()..])
                    && !read.contains(finding.path.as_str()),
            }
        });
        out.insert(project.folder.as_str(), own.collect());
    }
    out
}

/// Whether a file of a project is one that is read for what it documents.
fn is_document(below: &str) -> bool {
    const FOLDERS: [&str; 11] = [
        "cases",
        "steps",
        "defects",
        "mutes",
        "members",
        "queries",
        "plans",
        "dashboards",
        "requirements",
        "gates",
        "approvals",
    ];
    let folder = below.split_once('/').map(|(folder, _)| folder);
    below == "project.yaml" || folder.is_some_and(|folder| FOLDERS.contains(&folder))
}

/// The paths of the files of which something could be read.
fn read_files(project: &Project) -> BTreeSet<&str> {
    let mut out: BTreeSet<&str> = BTreeSet::new();
    out.extend(project.settings.iter().map(|doc| doc.path.as_str()));
    out.extend(project.cases.iter().map(|doc| doc.path.as_str()));
    out.extend(project.steps.iter().map(|doc| doc.path.as_str()));
    out.extend(project.defects.iter().map(|doc| doc.path.as_str()));
    out.extend(project.mutes.iter().map(|doc| doc.path.as_str()));
    out.extend(project.members.iter().map(|doc| doc.path.as_str()));
    out.extend(project.queries.iter().map(|doc| doc.path.as_str()));
    out.extend(project.plans.iter().map(|doc| doc.path.as_str()));
    out.extend(project.dashboards.iter().map(|doc| doc.path.as_str()));
    out.extend(project.requirements.iter().map(|doc| doc.path.as_str()));
    out.extend(project.gates.iter().map(|doc| doc.path.as_str()));
    out.extend(project.approvals.iter().map(|doc| doc.path.as_str()));
    out
}

fn rendered(summary: Summary, row: WorkspaceRow, damages: Vec<Damage>) -> Rendered {
    let Summary {
        projects,
        launches,
        cases,
        files,
        bytes,
    } = summary;
    Rendered {
        projects,
        launches,
        cases,
        files,
        bytes,
        row,
        damages,
    }
}

fn taken(damages: &Mutex<Vec<Damage>>) -> Vec<Damage> {
    std::mem::take(
        &mut *damages
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner),
    )
}

fn stamp(snapshot: &Snapshot, now: Timestamp) -> Stamp {
    let short = |id: &str| id.chars().take(12).collect::<String>();
    let documentation = match &snapshot.name {
        SnapshotName::WorkingTree => None,
        SnapshotName::Commit { id, .. } => Some(short(id)),
    };
    let launches = snapshot.apart.as_ref().and_then(|apart| apart.commit);
    Stamp {
        launches: launches
            .map(|id| short(&id.to_string()))
            .filter(|id| documentation.as_ref() != Some(id)),
        unavailable: snapshot.unavailable().is_some_and(|gap| gap.is_cut),
        documentation,
        now,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn project_input<'a>(
    snapshot: &Snapshot,
    project: &'a Project,
    closed: &'a Closed,
    defaults: &'a ProjectFile,
) -> Result<ProjectInput<'a>, StoreError> {
    let below = |path: &str| {
        let inside = path.strip_prefix(&project.path).unwrap_or(path);
        inside.trim_start_matches('/').to_owned()
    };
    let shared = shared(project);
    let asks = project.settings.as_ref();
    let asks = asks.is_some_and(|doc| doc.value.approvals != ApprovalRules::default());
    let approvals = (asks || !project.approvals.is_empty()).then(|| Approvals::new(project));
    let cases: Vec<CaseInput<'a>> = project
        .cases
        .par_iter()
        .map(|doc| {
            let text = executed_text(doc, &shared);
            CaseInput {
                path: below(&doc.path),
                case: &doc.value,
                digest: Some(Digest::of(text.as_bytes()).to_string()),
                text: Some(text),
                approval: approvals.as_ref().map(|approvals| approvals.standing(doc)),
            }
        })
        .collect();
    let launches: Vec<LaunchInput<'a>> = closed
        .launches
        .iter()
        .map(|(launch, receipt, stored)| LaunchInput {
            file: &launch.file,
            path: &launch.path,
            receipt,
            environments: &launch.environments,
            outcomes: &launch.outcomes,
            tests: &launch.tests,
            cases: &launch.cases,
            notes: launch.notes.as_deref().unwrap_or_default(),
            said: &launch.said,
            content: stored,
        })
        .collect();
    Ok(ProjectInput {
        documents: Some(project),
        findings: Vec::new(),
        folder: project.folder.clone(),
        name: project.name().to_owned(),
        file: project.settings.as_ref().map_or(defaults, |doc| &doc.value),
        readme: project.readme.as_ref().map_or("", |doc| doc.value.as_str()),
        executed: executed(snapshot, project, &cases, &launches)?,
        shared_steps: project
            .steps
            .iter()
            .map(|d| (below(&d.path), &d.value))
            .collect(),
        defects: project.defects.iter().map(|d| &d.value).collect(),
        mutes: project.mutes.iter().map(|d| &d.value).collect(),
        members: project
            .members
            .iter()
            .map(|d| (d.value.id.as_str(), d.value.name.as_str()))
            .collect(),
        unreadable: closed
            .unreadable
            .iter()
            .map(|damage| (damage.path.clone(), damage.message.clone()))
            .collect(),
        cases,
        launches,
    })
}

/// Reads the executed texts that differ from today's: each case's latest.
fn executed(
    snapshot: &Snapshot,
    project: &Project,
    cases: &[CaseInput<'_>],
    launches: &[LaunchInput<'_>],
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut out = BTreeMap::new();
    for case in cases {
        let latest = launches
            .iter()
            .rev()
            .find_map(|launch| launch.cases.get(&case.case.id));
        let Some(digest) = latest.filter(|digest| Some(*digest) != case.digest.as_ref()) else {
            continue;
        };
        if Digest::parse(digest).is_none() {
            continue;
        }
        let file = path::join(&project.path, &format!("executed/{digest}.md"));
        if let Some(bytes) = snapshot.launches.read(&file)? {
            out.insert(digest.clone(), String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Memory;
    use crate::store::MemoryFiles;

    fn workspace(extra: &[(&str, &str)]) -> Snapshot {
        let mut files = MemoryFiles::default();
        files.insert("tallybook.yaml", "format: 1\ntitle: Acme\n");
        files.insert("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
        files.insert(
            "projects/shop/cases/auth/sign-in.md",
            "---\nid: SHOP-A1\ntitle: Sign in <script>\n---\n\n## Steps\n\n1. Open *it*.\n   - **Expected:** a form.\n",
        );
        for (path, text) in extra {
            files.insert(*path, *text);
        }
        Snapshot::memory(files)
    }

    fn pages(snapshot: &Snapshot) -> (Memory, Rendered) {
        let mut out = Memory::default();
        let now = Timestamp::from_ms(1_764_000_000_000);
        let rendered = render_to(snapshot, now, Options::default(), &mut out).unwrap();
        (out, rendered)
    }

    fn page<'m>(out: &'m Memory, path: &str) -> &'m str {
        std::str::from_utf8(&out.files[path]).unwrap()
    }

    #[test]
    fn a_workspace_without_launches_has_its_cases() {
        let (out, rendered) = pages(&workspace(&[]));
        assert_eq!(
            (rendered.projects, rendered.cases, rendered.launches),
            (1, 1, 0)
        );
        let case = page(&out, "shop/cases/SHOP-A1.html");
        assert!(case.contains("Sign in &lt;script&gt;") && !case.contains("Sign in <script>"));
        assert!(case.contains("Open <em>it</em>.") && case.contains("a form."));
        assert!(case.contains("Never ran"));
        assert!(page(&out, "index.html").contains("No closed launches"));
        assert!(
            !out.files.contains_key("shop/launches.html"),
            "no page without content"
        );
    }

    #[test]
    fn a_damaged_launch_is_left_out_and_said() {
        let path = "projects/shop/launches/2026/11/x/launch.yaml";
        let (out, rendered) = pages(&workspace(&[(path, "format: [")]));
        assert_eq!(rendered.damages.len(), 1);
        assert_eq!(rendered.damages[0].path, path);
        assert!(page(&out, "shop/index.html").contains(path));
    }

    #[test]
    fn a_workspace_may_bring_its_own_templates() {
        let own = [("templates/site/assets/site.css", "body{color:red}")];
        let (out, _) = pages(&workspace(&own));
        let css = out
            .files
            .iter()
            .find(|(name, _)| name.ends_with(".css"))
            .unwrap();
        assert_eq!(css.1, b"body{color:red}");
        let wrong = workspace(&[("templates/site/case.html", "{{ nothing.here }}")]);
        let mut out = Memory::default();
        let error =
            render_to(&wrong, Timestamp::from_ms(0), Options::default(), &mut out).unwrap_err();
        assert!(error.to_string().contains("case.html"), "{error}");
    }
}
