//! What all rules look at: the loaded workspace and indices over it, made once.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Timestamp;
use crate::base::path::{join, resolve};
use crate::diag::{Finding, Span};
use crate::integrity;
use crate::model::{Case, ScenarioStep, SharedSteps};
use crate::store::annotations::{self, Annotations};
use crate::store::launches::{self, Damage, LaunchHead};
use crate::store::{
    Doc, Files, Key, MemoryFiles, PathEntry, Project, Snapshot, StoreError, Workspace,
};

/// A workspace as rules see it.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) launches: &'a Launches,
    /// Whether a mute has ended is asked of this time.
    pub(super) now: Timestamp,
    /// Where each id of a case stands, aliases included, over all projects.
    pub(super) case_ids: BTreeMap<&'a str, Vec<IdPlace<'a>>>,
    /// Shared steps by path.
    pub(super) steps: BTreeMap<&'a str, &'a Doc<SharedSteps>>,
    paths: BTreeSet<&'a str>,
}

/// The closed launches of all projects, as their heads say.
#[derive(Debug, Default)]
pub(super) struct Launches {
    /// By the place of the project in the workspace.
    pub(super) heads: Vec<Vec<LaunchHead>>,
    pub(super) damages: Vec<Damage>,
    /// The branch that they have to themselves.
    pub(super) branch: Option<String>,
    /// Folders of launches that lie beside the documentation and are not on that branch.
    pub(super) stranded: Vec<String>,
    /// What was said of them later, by the place of the project and the launch's id.
    pub(super) said: Vec<BTreeMap<String, Annotations>>,
    /// Annotations that don't read.
    pub(super) malformed: Vec<Damage>,
    /// The files that launches with annotations list, by the launch's folder; none of a launch whose
    /// lists don't read.
    pub(super) listed: BTreeMap<String, BTreeSet<String>>,
}

impl Launches {
    pub(super) fn read(snapshot: &Snapshot, workspace: &Workspace) -> Result<Self, StoreError> {
        let settings = workspace.settings.as_ref().map(|doc| &doc.value);
        let branch = settings.and_then(|settings| settings.launches_branch().ok()?);
        let mut out = Self {
            branch: branch.map(str::to_owned),
            ..Self::default()
        };
        // Beside the documentation nobody looks for them where they have a branch to themselves.
        let nowhere = MemoryFiles::default();
        let files: &dyn Files = match (&snapshot.apart, branch) {
            (None, Some(_)) => &nowhere,
            _ => &*snapshot.launches,
        };
        for project in &workspace.projects {
            let (heads, damages) = launches::heads(files, &project.folder)?;
            let (said, malformed) = annotations::of_project(files, &project.folder)?;
            for head in heads.iter().filter(|head| said.contains_key(&head.file.id)) {
                if let Some(listed) = listed(files, &head.path)? {
                    out.listed.insert(head.path.clone(), listed);
                }
            }
            out.heads.push(heads);
            out.damages.extend(damages);
            if branch.is_some() {
                let known = launches::paths(files, &project.folder)?;
                let beside = launches::paths(&*snapshot.docs, &project.folder)?.into_iter();
                out.stranded
                    .extend(beside.filter(|path| !known.contains(path)));
            }
            out.said.push(said);
            out.malformed.extend(malformed);
        }
        Ok(out)
    }

    /// Says where they are, where that is not beside the documentation: `on branch …, `.
    pub(super) fn place(&self) -> String {
        let branch = self.branch.as_ref();
        branch.map_or_else(String::new, |branch| format!("on branch `{branch}`, "))
    }
}

/// Reads which files a closed launch lists.
fn listed(files: &dyn Files, launch: &str) -> Result<Option<BTreeSet<String>>, StoreError> {
    let mut out = BTreeSet::new();
    for list in ["SHA256SUMS", "PRUNABLE.sha256"] {
        match files.read(&join(launch, list))? {
            Some(bytes) => match integrity::parse_sums(&bytes) {
                Ok(sums) => out.extend(sums.into_keys()),
                Err(_) => return Ok(None),
            },
            None if list == "SHA256SUMS" => return Ok(None),
            None => {}
        }
    }
    Ok(Some(out))
}

/// Where an id of a case stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdPlace<'a> {
    pub(super) doc: &'a Doc<Case>,
    /// The place among the aliases; none for the id itself.
    pub(super) alias: Option<usize>,
}

impl IdPlace<'_> {
    pub(super) fn span(&self) -> Option<Span> {
        match self.alias {
            None => self.doc.nearest_span(&["id".into()]),
            Some(n) => self.doc.nearest_span(&["aliases".into(), n.into()]),
        }
    }
}

impl<'a> Facts<'a> {
    pub(super) fn new(workspace: &'a Workspace, launches: &'a Launches, now: Timestamp) -> Self {
        let mut facts = Self {
            workspace,
            launches,
            now,
            case_ids: BTreeMap::new(),
            steps: BTreeMap::new(),
            paths: BTreeSet::new(),
        };
        facts.paths = facts.entries().map(|e| e.path.as_str()).collect();
        for project in &workspace.projects {
            for doc in &project.cases {
                facts.add_id(&doc.value.id, doc, None);
                for (n, alias) in doc.value.aliases.iter().enumerate() {
                    facts.add_id(alias, doc, Some(n));
                }
            }
            for doc in &project.steps {
                facts.steps.insert(&doc.path, doc);
            }
        }
        facts
    }

    fn add_id(&mut self, id: &'a str, doc: &'a Doc<Case>, alias: Option<usize>) {
        if !id.is_empty() {
            let place = IdPlace { doc, alias };
            self.case_ids.entry(id).or_default().push(place);
        }
    }

    pub(super) fn projects(&self) -> impl Iterator<Item = &'a Project> {
        self.workspace.projects.iter()
    }

    /// Everything below `projects/`, evidence apart.
    pub(super) fn entries(&self) -> impl Iterator<Item = &'a PathEntry> {
        let top = self.workspace.entries.iter();
        let top = top.filter(|entry| entry.path.starts_with("projects/"));
        top.chain(self.projects().flat_map(|project| &project.entries))
    }

    /// All cases, each with its project.
    pub(super) fn cases(&self) -> impl Iterator<Item = (&'a Project, &'a Doc<Case>)> {
        self.projects()
            .flat_map(|project| project.cases.iter().map(move |doc| (project, doc)))
    }

    /// Whether a file or a folder stands below `projects/`.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Returns the shared steps that a link in a file names.
    pub(super) fn shared(&self, from: &str, target: &str) -> Option<&'a Doc<SharedSteps>> {
        self.steps
            .get(resolve(from, plain_target(target))?.as_str())
            .copied()
    }

    /// Whether a step of a list, or of the shared steps that it includes, is as asked.
    pub(super) fn any_step(
        &self,
        from: &str,
        steps: &[ScenarioStep],
        asked: &dyn Fn(&ScenarioStep) -> bool,
    ) -> bool {
        self.any_below(from, steps, asked, &mut BTreeSet::new())
    }

    fn any_below(
        &self,
        from: &str,
        steps: &[ScenarioStep],
        asked: &dyn Fn(&ScenarioStep) -> bool,
        seen: &mut BTreeSet<&'a str>,
    ) -> bool {
        steps.iter().any(|step| {
            let target = step.shared.as_deref();
            let shared = target.and_then(|target| self.shared(from, target));
            let shared = shared.filter(|doc| seen.insert(&doc.path));
            asked(step)
                || self.any_below(from, &step.steps, asked, seen)
                || shared.is_some_and(|doc| {
                    self.any_below(&doc.path, &doc.value.scenario.steps, asked, seen)
                })
        })
    }
}

/// Whether a list is absent or written empty: a value of another type is the store's finding.
pub(super) fn is_empty_list<T>(doc: &Doc<T>, field: &[Key<'_>]) -> bool {
    let written = doc
        .span(field)
        .and_then(|span| doc.text.get(span.range()))
        .filter(|_| doc.has(field));
    written.is_none_or(|text| text.starts_with('['))
}

/// Returns a link's target without its fragment and its query.
pub(super) fn plain_target(target: &str) -> &str {
    target.split(['#', '?']).next().unwrap_or_default()
}

/// Calls `visit` for each step of a list and the steps below it.
pub(super) fn each_step<'s>(steps: &'s [ScenarioStep], visit: &mut dyn FnMut(&'s ScenarioStep)) {
    for step in steps {
        visit(step);
        each_step(&step.steps, visit);
    }
}

/// Adds places to findings.
pub(super) trait At<T> {
    /// At a field's value, or at the nearest part of the way to it that is there.
    #[must_use]
    fn at_field(self, doc: &Doc<T>, field: &[Key<'_>]) -> Self;
    /// At the line of the body that starts at this offset of it.
    #[must_use]
    fn at_body(self, doc: &Doc<T>, offset: usize) -> Self;
}

impl<T> At<T> for Finding {
    fn at_field(self, doc: &Doc<T>, field: &[Key<'_>]) -> Self {
        self.at(doc.nearest_span(field))
    }

    fn at_body(self, doc: &Doc<T>, offset: usize) -> Self {
        let body = doc.body();
        let rest = body.get(offset..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default().trim_end();
        let start = doc.body_offset() + offset.min(body.len());
        self.at(Span::new(start, start + line.len()))
    }
}
