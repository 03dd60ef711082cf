//! Loads a workspace's documentation at a snapshot: every file parsed once, in parallel, and what
//! is wrong collected.

use std::sync::Arc;

use rayon::prelude::*;

use super::files::{FileKind, Files, PathEntry, StoreError, walk};
use super::parse::{
    Parsed, parse_approvals, parse_case, parse_dashboard, parse_defect, parse_gate, parse_member,
    parse_mute, parse_plan, parse_project, parse_query, parse_requirements, parse_steps,
    parse_workspace,
};
use super::snapshot::{Snapshot, WORKSPACE_FILE};
use super::source::{self, MAX_FILE};
use super::workspace::{Project, Workspace};
use super::{Doc, codes};
use crate::base::path as paths;
use crate::diag::{self, Finding, Sources};
use crate::model::{
    Case, CaseApprovals, Dashboard, Defect, Gate, Member, Mute, Plan, ProjectFile, Requirements,
    SavedQuery, SharedSteps, WorkspaceFile,
};

/// What loading gives: what could be read, and what is wrong with the rest.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub workspace: Workspace,
    /// Findings of syntax and shape, sorted.
    pub findings: Vec<Finding>,
    /// The texts of all files that were read.
    pub sources: Sources,
}

/// Folders of a project that hold evidence, not documentation.
pub const EVIDENCE: [&str; 3] = ["launches", "executed", "annotations"];

/// Loads a snapshot's documentation. Wrong files are findings; an error means that files could not
/// be listed or read at all.
pub fn load(snapshot: &Snapshot) -> Result<Loaded, StoreError> {
    let files = &*snapshot.docs;
    load_by(files, |listed| {
        let read = listed.par_iter();
        read.map(|(kind, entry)| read_file(files, *kind, entry))
            .collect()
    })
}

/// Loads files of which somebody else knows how to come by what they say.
pub(super) fn load_by(
    files: &dyn Files,
    read: impl FnOnce(&[(Kind, PathEntry)]) -> Result<Vec<Read>, StoreError>,
) -> Result<Loaded, StoreError> {
    let mut loader = Loader::default();
    let listed = loader.list(files)?;
    for read in read(&listed)? {
        loader.take(read);
    }
    Ok(loader.finish())
}

/// Reads a workspace's settings alone; `None` where there are none, or none that can be read.
pub fn settings(files: &dyn Files) -> Result<Option<WorkspaceFile>, StoreError> {
    let Some(bytes) = files.read(WORKSPACE_FILE)? else {
        return Ok(None);
    };
    let Ok(text) = source::decode(WORKSPACE_FILE, bytes) else {
        return Ok(None);
    };
    let (doc, _) = parse_workspace(WORKSPACE_FILE, text);
    Ok(doc.map(|doc| doc.value))
}

/// The kinds of files that are parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Workspace,
    Project,
    Readme,
    Case,
    Steps,
    Defect,
    Mute,
    Member,
    Query,
    Plan,
    Dashboard,
    Requirements,
    Gate,
    Approvals,
}

#[derive(Clone, Debug)]
enum Value {
    None,
    Workspace(Doc<WorkspaceFile>),
    Project(Doc<ProjectFile>),
    Readme(Doc<String>),
    Case(Doc<Case>),
    Steps(Doc<SharedSteps>),
    Defect(Doc<Defect>),
    Mute(Doc<Mute>),
    Member(Doc<Member>),
    Query(Doc<SavedQuery>),
    Plan(Doc<Plan>),
    Dashboard(Doc<Dashboard>),
    Requirements(Doc<Requirements>),
    Gate(Doc<Gate>),
    Approvals(Doc<CaseApprovals>),
}

/// One file that was read. It depends on nothing but its path and its content.
#[derive(Clone, Debug)]
pub(super) struct Read {
    path: String,
    text: Option<Arc<str>>,
    value: Value,
    findings: Vec<Finding>,
}

/// Returns which kind of file stands at a path of the workspace, if it is one that is parsed.
fn kind_of(path: &str) -> Option<Kind> {
    if path == WORKSPACE_FILE {
        return Some(Kind::Workspace);
    }
    let (_, below) = path.strip_prefix("projects/")?.split_once('/')?;
    let in_folder = |folder, extension| {
        let rest = below.strip_prefix(folder)?.strip_prefix('/')?;
        (paths::extension(rest) == extension).then_some(rest)
    };
    let directly = |folder, extension| {
        in_folder(folder, extension).is_some_and(|rest: &str| !rest.contains('/'))
    };
    match below {
        "project.yaml" => Some(Kind::Project),
        "README.md" => Some(Kind::Readme),
        _ if in_folder("cases", "md").is_some() => Some(Kind::Case),
        _ if in_folder("steps", "md").is_some() => Some(Kind::Steps),
        _ if directly("defects", "md") => Some(Kind::Defect),
        _ if directly("mutes", "yaml") => Some(Kind::Mute),
        _ if directly("members", "yaml") => Some(Kind::Member),
        _ if directly("queries", "yaml") => Some(Kind::Query),
        _ if directly("plans", "yaml") => Some(Kind::Plan),
        _ if directly("dashboards", "yaml") => Some(Kind::Dashboard),
        _ if directly("requirements", "yaml") => Some(Kind::Requirements),
        _ if directly("gates", "yaml") => Some(Kind::Gate),
        _ if directly("approvals", "yaml") => Some(Kind::Approvals),
        _ => None,
    }
}

/// Returns the path that a file has in its workspace, given the one in its repository; `None` where no
/// file that is parsed stands there.
pub fn place_of(path: &str) -> Option<&str> {
    let starts = path.match_indices('/').map(|(at, _)| at + 1);
    let mut places = std::iter::once(0).chain(starts).map(|at| &path[at..]);
    places.find(|place| kind_of(place).is_some())
}

/// Parses a text as the file at a path of the workspace, and returns what is wrong with it alone.
pub fn findings_of(path: &str, text: &str) -> Vec<Finding> {
    let kind = kind_of(path);
    kind.map_or_else(Vec::new, |kind| parse(kind, path, text.into()).1)
}

pub(super) fn read_file(
    files: &dyn Files,
    kind: Kind,
    entry: &PathEntry,
) -> Result<Read, StoreError> {
    let path = entry.path.as_str();
    let mut out = Read {
        path: path.to_owned(),
        text: None,
        value: Value::None,
        findings: Vec::new(),
    };
    if let Some(size) = entry.size.filter(|size| *size > MAX_FILE) {
        out.findings.push(source::too_large(path, size));
        return Ok(out);
    }
    // A file that went away since it was listed is as good as one that never was.
    let Some(bytes) = files.read(path)? else {
        return Ok(out);
    };
    match source::decode(path, bytes) {
        Ok(text) => {
            out.text = Some(text.clone());
            (out.value, out.findings) = parse(kind, path, text);
        }
        Err(finding) => out.findings.push(*finding),
    }
    Ok(out)
}

fn parse(kind: Kind, path: &str, text: Arc<str>) -> (Value, Vec<Finding>) {
    fn wrap<T>(parsed: Parsed<T>, value: fn(Doc<T>) -> Value) -> (Value, Vec<Finding>) {
        let (doc, findings) = parsed;
        (doc.map_or(Value::None, value), findings)
    }
    match kind {
        Kind::Workspace => wrap(parse_workspace(path, text), Value::Workspace),
        Kind::Project => wrap(parse_project(path, text), Value::Project),
        Kind::Case => wrap(parse_case(path, text), Value::Case),
        Kind::Steps => wrap(parse_steps(path, text), Value::Steps),
        Kind::Defect => wrap(parse_defect(path, text), Value::Defect),
        Kind::Mute => wrap(parse_mute(path, text), Value::Mute),
        Kind::Member => wrap(parse_member(path, text), Value::Member),
        Kind::Query => wrap(parse_query(path, text), Value::Query),
        Kind::Plan => wrap(parse_plan(path, text), Value::Plan),
        Kind::Dashboard => wrap(parse_dashboard(path, text), Value::Dashboard),
        Kind::Requirements => wrap(parse_requirements(path, text), Value::Requirements),
        Kind::Gate => wrap(parse_gate(path, text), Value::Gate),
        Kind::Approvals => wrap(parse_approvals(path, text), Value::Approvals),
        Kind::Readme => {
            let mut findings = source::inspect(path, &text);
            // A page without words is a page.
            findings.retain(|finding| finding.code != codes::EMPTY_FILE);
            let value = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
            let doc = Doc::new(path, text, value, 0..0, 0);
            (Value::Readme(doc), findings)
        }
    }
}

#[derive(Debug, Default)]
struct Loader {
    workspace: Workspace,
    findings: Vec<Finding>,
    sources: Sources,
}

impl Loader {
    /// Lists the workspace's files and returns those to parse, sorted by path.
    fn list(&mut self, files: &dyn Files) -> Result<Vec<(Kind, PathEntry)>, StoreError> {
        let mut entries = Vec::new();
        let direct = |dir: &str| -> Result<Vec<PathEntry>, StoreError> {
            let listed = files.list(dir)?.into_iter();
            let with_path = listed.map(|entry| PathEntry {
                path: paths::join(dir, &entry.name),
                kind: entry.kind,
                size: entry.size,
            });
            Ok(with_path.collect())
        };
        entries.extend(direct("")?);
        let below = direct("projects")?;
        self.workspace.entries = entries.iter().chain(&below).cloned().collect();
        for entry in &below {
            let folder = paths::file_name(&entry.path);
            match entry.kind {
                FileKind::Folder if !folder.starts_with('.') => {
                    let mut project = Project {
                        folder: folder.to_owned(),
                        path: entry.path.clone(),
                        ..Project::default()
                    };
                    project.entries = walk(files, &entry.path, &is_evidence)?;
                    entries.extend(project.entries.iter().cloned());
                    self.workspace.projects.push(project);
                }
                _ => entries.push(entry.clone()),
            }
        }
        let mut listed: Vec<(Kind, PathEntry)> = Vec::new();
        for entry in entries {
            self.odd_entry(&entry);
            if let (FileKind::File, Some(kind)) = (entry.kind, kind_of(&entry.path)) {
                listed.push((kind, entry));
            }
        }
        listed.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(listed)
    }

    /// Reports an entry that nobody can read as a file: links and devices where documentation
    /// belongs, and names that are not UTF-8.
    fn odd_entry(&mut self, entry: &PathEntry) {
        let path = entry.path.as_str();
        let inside = path == WORKSPACE_FILE || path == "projects" || path.starts_with("projects/");
        let finding = match entry.kind {
            _ if !inside => return,
            FileKind::File | FileKind::Folder => return,
            FileKind::Symlink => {
                let message = "this is a symbolic link, expected a file or a folder";
                let finding = Finding::error(codes::NOT_A_FILE, path, message);
                finding.help("put the file itself here: links are not followed")
            }
            FileKind::Other => {
                let message =
                    "this is a device, a socket or a submodule, expected a file or a folder";
                Finding::error(codes::NOT_A_FILE, path, message)
            }
            FileKind::BadName => {
                let message = "the name is not UTF-8, so it is not read";
                Finding::error(codes::NAME_NOT_UTF8, path, message).help("rename it")
            }
        };
        self.findings.push(finding);
    }

    fn take(&mut self, read: Read) {
        if let Some(text) = read.text {
            self.sources.insert(read.path.as_str(), text);
        }
        self.findings.extend(read.findings);
        if let Value::Workspace(doc) = read.value {
            self.workspace.settings = Some(doc);
            return;
        }
        let folder = read.path.split('/').nth(1).unwrap_or_default();
        let mut projects = self.workspace.projects.iter_mut();
        let Some(project) = projects.find(|project| project.folder == folder) else {
            return;
        };
        match read.value {
            Value::None | Value::Workspace(_) => {}
            Value::Project(doc) => project.settings = Some(doc),
            Value::Readme(doc) => project.readme = Some(doc),
            Value::Case(doc) => project.cases.push(doc),
            Value::Steps(doc) => project.steps.push(doc),
            Value::Defect(doc) => project.defects.push(doc),
            Value::Mute(doc) => project.mutes.push(doc),
            Value::Member(doc) => project.members.push(doc),
            Value::Query(doc) => project.queries.push(doc),
            Value::Plan(doc) => project.plans.push(doc),
            Value::Dashboard(doc) => project.dashboards.push(doc),
            Value::Requirements(doc) => project.requirements.push(doc),
            Value::Gate(doc) => project.gates.push(doc),
            Value::Approvals(doc) => project.approvals.push(doc),
        }
    }

    fn finish(mut self) -> Loaded {
        let has = |entries: &[PathEntry], path: &str| entries.iter().any(|e| e.path == path);
        if !has(&self.workspace.entries, WORKSPACE_FILE) {
            let message = "there is no `tallybook.yaml`";
            let finding = Finding::error(codes::NO_WORKSPACE_FILE, WORKSPACE_FILE, message);
            self.findings.push(finding.help("run `tallybook init`"));
        }
        for project in &mut self.workspace.projects {
            let path = format!("{}/project.yaml", project.path);
            if !has(&project.entries, &path) {
                let message = format!("the project `{}` has no `project.yaml`", project.folder);
                let finding = Finding::error(codes::NO_PROJECT_FILE, path, message);
                self.findings
                    .push(finding.help("add one with `key: …` and `name: …`"));
            }
            let status = project.initial_status().to_owned();
            for case in &mut project.cases {
                if case.value.status.is_empty() {
                    case.value.status.clone_from(&status);
                }
            }
        }
        diag::sort(&mut self.findings);
        Loaded {
            workspace: self.workspace,
            findings: self.findings,
            sources: self.sources,
        }
    }
}

/// Whether a path is a project's folder of evidence, which is not documentation.
fn is_evidence(path: &str) -> bool {
    let mut parts = path.split('/').skip(2);
    matches!((parts.next(), parts.next()), (Some(name), None) if EVIDENCE.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryFiles;

    const CASE: &str = "---\nid: SHOP-A\ntitle: Sign in\n---\n";

    fn loaded(files: &[(&str, &str)]) -> Loaded {
        let files: MemoryFiles = files.iter().copied().collect();
        load(&Snapshot::memory(files)).expect("memory reads")
    }

    fn codes_of(loaded: &Loaded) -> Vec<(&str, diag::Code)> {
        let findings = loaded.findings.iter();
        findings.map(|f| (f.path.as_str(), f.code)).collect()
    }

    #[test]
    fn every_kind_of_file_finds_its_place() {
        let loaded = loaded(&[
            ("tallybook.yaml", "format: 1\n"),
            ("README.md", "not ours"),
            ("projects/shop/project.yaml", "key: SHOP\nname: Shop\n"),
            ("projects/shop/README.md", "# Shop\r\n"),
            ("projects/shop/cases/b/x.md", CASE),
            ("projects/shop/cases/a.md", CASE),
            ("projects/shop/cases/notes.txt", "free"),
            ("projects/shop/steps/in.md", "---\ntitle: In\n---\n"),
            ("projects/shop/defects/DEF-1.md", "---\ntitle: D\n---\n"),
            (
                "projects/shop/mutes/m.yaml",
                "reason: r\nowner: o\nuntil: 2027-01-01\n",
            ),
            ("projects/shop/members/o.yaml", "name: O\n"),
            ("projects/shop/queries/q.yaml", "name: Q\nquery: has tag\n"),
            ("projects/shop/plans/p.yaml", "name: P\nsaved: q\n"),
            (
                "projects/shop/dashboards/d.yaml",
                "name: D\nwidgets: [{kind: launch_list}]\n",
            ),
            ("projects/shop/requirements/r.yaml", "title: R\n"),
            ("projects/shop/gates/g.yaml", "name: G\nmax_failed: 0\n"),
            ("projects/shop/approvals/SHOP-A.yaml", "approvals: []\n"),
            ("projects/shop/launches/2026/11/x/launch.yaml", ": not read"),
            ("projects/.cache/x", ""),
        ]);
        assert_eq!(codes_of(&loaded), []);
        let [project] = &loaded.workspace.projects[..] else {
            panic!("one project");
        };
        let paths: Vec<&str> = project.cases.iter().map(|doc| doc.path.as_str()).collect();
        assert_eq!(
            paths,
            ["projects/shop/cases/a.md", "projects/shop/cases/b/x.md"]
        );
        assert_eq!(project.cases[1].section(), ["b"]);
        assert_eq!(project.cases[0].section(), [""; 0]);
        assert_eq!(project.cases[0].value.status, "active");
        assert_eq!(
            project.readme.as_ref().map(|doc| doc.value.as_str()),
            Some("# Shop\n")
        );
        assert!(project.shared_steps("projects/shop/steps/in.md").is_some());
        let counts = (
            project.defects.len(),
            project.mutes.len(),
            project.members.len(),
        );
        assert_eq!(counts, (1, 1, 1));
        assert!(project.saved_query("q").is_some() && project.saved_query("p").is_none());
        assert!(project.plan("p").is_some() && project.gate("g").is_some());
        assert_eq!(project.dashboards[0].value.id, "d");
        assert_eq!(project.approvals[0].value.case, "SHOP-A");
        let ids: Vec<&str> = project.all_requirements().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["r"]);
        assert!(
            project
                .entries
                .iter()
                .any(|e| e.path.ends_with("notes.txt"))
        );
        assert!(!project.entries.iter().any(|e| e.path.contains("launches")));
        assert!(loaded.workspace.project("SHOP").is_some());
        assert!(loaded.sources.get("projects/shop/cases/a.md").is_some());
    }

    #[test]
    fn one_bad_file_hides_no_other() {
        let loaded = loaded(&[
            ("projects/a/cases/bad.md", "---\nid: [\n---\n"),
            ("projects/a/cases/good.md", CASE),
            (
                "projects/b/project.yaml",
                "key: B\nname: B\nworkflow: [new, done]\n",
            ),
            ("projects/b/cases/empty.md", "  \n"),
            ("projects/b/cases/good.md", CASE),
            (
                "projects/b/cases/huge.md",
                &" ".repeat(MAX_FILE as usize + 1),
            ),
        ]);
        assert_eq!(
            codes_of(&loaded),
            [
                ("projects/a/cases/bad.md", codes::INVALID_YAML),
                ("projects/a/project.yaml", codes::NO_PROJECT_FILE),
                ("projects/b/cases/empty.md", codes::EMPTY_FILE),
                ("projects/b/cases/huge.md", codes::TOO_LARGE),
                ("tallybook.yaml", codes::NO_WORKSPACE_FILE),
            ]
        );
        let [a, b] = &loaded.workspace.projects[..] else {
            panic!("two projects");
        };
        assert_eq!((a.cases.len(), b.cases.len()), (1, 1));
        assert_eq!(b.cases[0].value.status, "new");
        assert_eq!((a.name(), b.name()), ("a", "B"));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_are_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let write = |path: &str, text: &str| {
            crate::base::files::write(&root.join(path), text.as_bytes()).expect("writes");
        };
        write("tallybook.yaml", "format: 1\n");
        write("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
        write("projects/shop/cases/a.md", CASE);
        let link = root.join("projects/shop/cases/b.md");
        std::os::unix::fs::symlink("a.md", link).expect("links");
        std::os::unix::fs::symlink("shop", root.join("projects/other")).expect("links");
        let loaded = load(&Snapshot::working_tree(root)).expect("loads");
        assert_eq!(
            codes_of(&loaded),
            [
                ("projects/other", codes::NOT_A_FILE),
                ("projects/shop/cases/b.md", codes::NOT_A_FILE),
            ]
        );
        assert_eq!(loaded.workspace.projects[0].cases.len(), 1);
    }
}
