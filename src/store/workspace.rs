//! A workspace's documentation as loaded.

use super::Doc;
use super::files::PathEntry;
use crate::model::{
    Case, CaseApprovals, Dashboard, Defect, Gate, Member, Mute, Plan, ProjectFile, Requirement,
    Requirements, SavedQuery, SharedSteps, WorkspaceFile,
};

/// All projects of a workspace at one snapshot. Everything is sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// `tallybook.yaml`; `None` where it is absent or can't be read.
    pub settings: Option<Doc<WorkspaceFile>>,
    pub projects: Vec<Project>,
    /// What stands directly in the workspace's folder and in `projects/`.
    pub entries: Vec<PathEntry>,
}

impl Workspace {
    /// Returns the project with a key, else with that folder's name.
    pub fn project(&self, key_or_folder: &str) -> Option<&Project> {
        let by_key = |project: &&Project| project.key() == Some(key_or_folder);
        let by_folder = |project: &&Project| project.folder == key_or_folder;
        let found = self.projects.iter().find(by_key);
        found.or_else(|| self.projects.iter().find(by_folder))
    }
}

/// One folder below `projects/`.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The folder's name.
    pub folder: String,
    /// `projects/<folder>`.
    pub path: String,
    /// `project.yaml`; `None` where it is absent or can't be read.
    pub settings: Option<Doc<ProjectFile>>,
    /// `README.md`, whose value is its text with LF.
    pub readme: Option<Doc<String>>,
    pub cases: Vec<Doc<Case>>,
    pub steps: Vec<Doc<SharedSteps>>,
    pub defects: Vec<Doc<Defect>>,
    pub mutes: Vec<Doc<Mute>>,
    pub members: Vec<Doc<Member>>,
    pub queries: Vec<Doc<SavedQuery>>,
    pub plans: Vec<Doc<Plan>>,
    pub dashboards: Vec<Doc<Dashboard>>,
    pub requirements: Vec<Doc<Requirements>>,
    pub gates: Vec<Doc<Gate>>,
    pub approvals: Vec<Doc<CaseApprovals>>,
    /// Every file and folder below the project, but `launches`, `executed` and `annotations`.
    pub entries: Vec<PathEntry>,
}

impl Project {
    /// Returns the project's key, where it has one.
    pub fn key(&self) -> Option<&str> {
        let key = self.settings.as_ref()?.value.key.as_str();
        (!key.is_empty()).then_some(key)
    }

    /// Returns the project's name for people: else its key, else its folder.
    pub fn name(&self) -> &str {
        let name = self.settings.as_ref().map(|doc| doc.value.name.as_str());
        let name = name.filter(|name| !name.is_empty());
        name.or(self.key()).unwrap_or(&self.folder)
    }

    /// Returns the case with an id, else the one with it as an alias.
    pub fn case(&self, id: &str) -> Option<&Doc<Case>> {
        let found = self.cases.iter().find(|doc| doc.value.id == id);
        let alias = |doc: &&Doc<Case>| doc.value.aliases.iter().any(|alias| alias == id);
        found.or_else(|| self.cases.iter().find(alias))
    }

    /// Returns the saved query of an id.
    pub fn saved_query(&self, id: &str) -> Option<&Doc<SavedQuery>> {
        self.queries.iter().find(|doc| doc.value.id == id)
    }

    /// Returns the plan of an id.
    pub fn plan(&self, id: &str) -> Option<&Doc<Plan>> {
        self.plans.iter().find(|doc| doc.value.id == id)
    }

    /// Returns the gate of a file in `gates/`; that of `project.yaml` stands in the settings.
    pub fn gate(&self, id: &str) -> Option<&Doc<Gate>> {
        self.gates.iter().find(|doc| doc.value.id == id)
    }

    /// Returns the requirements of all files.
    pub fn all_requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().flat_map(|doc| &doc.value.all)
    }

    /// Returns the shared steps at a path of the workspace.
    pub fn shared_steps(&self, path: &str) -> Option<&Doc<SharedSteps>> {
        let found = self
            .steps
            .binary_search_by(|doc| doc.path.as_str().cmp(path));
        found.ok().map(|at| &self.steps[at])
    }

    /// Returns the state of a case that names none: `active` where the project's workflow has it,
    /// else the first.
    pub fn initial_status(&self) -> &str {
        let workflow = self.settings.as_ref().map(|doc| &doc.value.workflow);
        match workflow.map(Vec::as_slice) {
            Some([first, rest @ ..])
                if first != "active" && !rest.iter().any(|s| s == "active") =>
            {
                first
            }
            _ => "active",
        }
    }
}
