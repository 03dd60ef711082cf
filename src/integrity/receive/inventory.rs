//! Which closed launches trees hold: by their ids, each with its `launch.yaml`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::base::path::{file_name, join};
use crate::git::{EntryKind, GitError, ObjectId, Repo};
use crate::integrity::layout::{LEVELS, is_annotation};
use crate::model::LaunchFile;
use crate::store::read_yaml;

/// A closed launch in a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Held {
    /// The folder of its project, from the root.
    pub(super) project: String,
    pub(super) id: String,
    /// The tree of its folder.
    pub(super) tree: ObjectId,
}

/// What is said of a launch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SaidFile {
    /// The launch's id.
    pub(super) launch: String,
    /// The file's name.
    pub(super) name: String,
    pub(super) blob: ObjectId,
    pub(super) workspace: String,
}

impl SaidFile {
    /// What it is, wherever it stands.
    pub(super) fn content(&self) -> (&str, &str, ObjectId) {
        (&self.launch, &self.name, self.blob)
    }
}

/// Lists launches; remembers what trees hold, so that each tree is read once.
pub(super) struct Inventory<'a> {
    repo: &'a Repo,
    /// By the tree of a project's `launches`: ids and trees.
    launches: HashMap<ObjectId, Arc<Vec<(String, ObjectId)>>>,
    /// By a launch's tree: its `launch.yaml`.
    files: HashMap<ObjectId, Option<ObjectId>>,
}

impl<'a> Inventory<'a> {
    pub(super) fn new(repo: &'a Repo) -> Self {
        Self {
            repo,
            launches: HashMap::new(),
            files: HashMap::new(),
        }
    }

    /// Lists the launches of the workspaces of a tree.
    pub(super) fn of(
        &mut self,
        root: ObjectId,
        workspaces: &[String],
    ) -> Result<BTreeSet<Held>, GitError> {
        let view = self.repo.tree_of(root);
        let mut out = BTreeSet::new();
        for workspace in workspaces {
            for project in view.list(&join(workspace, "projects"))? {
                let entry = view.entry(&join(&project.path, "launches"))?;
                let Some(entry) = entry.filter(|entry| entry.kind == EntryKind::Folder) else {
                    continue;
                };
                let held = self.below(entry.id)?;
                out.extend(held.iter().map(|(id, tree)| Held {
                    project: project.path.clone(),
                    id: id.clone(),
                    tree: *tree,
                }));
            }
        }
        Ok(out)
    }

    /// Lists the executed texts of the workspaces of a tree: what each holds, by the path of one that
    /// does. Folders in `seen` are passed over.
    pub(super) fn executed(
        &self,
        root: ObjectId,
        workspaces: &[String],
        seen: &mut BTreeSet<ObjectId>,
    ) -> Result<HashMap<ObjectId, String>, GitError> {
        let view = self.repo.tree_of(root);
        let mut out = HashMap::new();
        for workspace in workspaces {
            for project in view.list(&join(workspace, "projects"))? {
                let folder = view.subtree_id(&join(&project.path, "executed"))?;
                let Some(folder) = folder.filter(|id| seen.insert(*id)) else {
                    continue;
                };
                let texts = self.repo.tree_of(folder).list("")?.into_iter();
                out.extend(texts.map(|text| (text.id, text.name)));
            }
        }
        Ok(out)
    }

    /// Lists what is said of launches in the workspaces of a tree. Folders in `seen` are passed over.
    pub(super) fn annotations(
        &self,
        root: ObjectId,
        workspaces: &[String],
        seen: &mut BTreeSet<ObjectId>,
    ) -> Result<BTreeSet<SaidFile>, GitError> {
        let view = self.repo.tree_of(root);
        let mut out = BTreeSet::new();
        for workspace in workspaces {
            for project in view.list(&join(workspace, "projects"))? {
                let folder = view.subtree_id(&join(&project.path, "annotations"))?;
                let Some(folder) = folder.filter(|id| seen.insert(*id)) else {
                    continue;
                };
                for launch in self.repo.tree_of(folder).list("")? {
                    if launch.kind != EntryKind::Folder {
                        continue;
                    }
                    let files = self.repo.tree_of(launch.id).list("")?.into_iter();
                    let files = files.filter(is_annotation);
                    out.extend(files.map(|file| SaidFile {
                        launch: launch.name.clone(),
                        name: file.name,
                        blob: file.id,
                        workspace: workspace.clone(),
                    }));
                }
            }
        }
        Ok(out)
    }

    fn below(&mut self, launches: ObjectId) -> Result<Arc<Vec<(String, ObjectId)>>, GitError> {
        if let Some(known) = self.launches.get(&launches) {
            return Ok(known.clone());
        }
        let mut level = vec![launches];
        let mut found = Vec::new();
        for depth in 0..=LEVELS {
            let mut next = Vec::new();
            for tree in level {
                for entry in self.repo.tree_of(tree).list("")? {
                    match entry.kind {
                        EntryKind::Folder if depth == LEVELS => found.push((entry.name, entry.id)),
                        EntryKind::Folder => next.push(entry.id),
                        _ => {}
                    }
                }
            }
            level = next;
        }
        let found = Arc::new(found);
        self.launches.insert(launches, found.clone());
        Ok(found)
    }

    /// Returns the blob of a launch's `launch.yaml`: equal blobs have equal receipts. `None` where the
    /// folder is no launch.
    pub(super) fn file(&mut self, launch: ObjectId) -> Result<Option<ObjectId>, GitError> {
        if let Some(known) = self.files.get(&launch) {
            return Ok(*known);
        }
        let entry = self.repo.tree_of(launch).entry("launch.yaml")?;
        let file = entry
            .filter(|entry| entry.kind != EntryKind::Folder)
            .map(|entry| entry.id);
        self.files.insert(launch, file);
        Ok(file)
    }

    /// Reads a launch's `launch.yaml`.
    pub(super) fn read(&mut self, launch: ObjectId) -> Result<Option<LaunchFile>, GitError> {
        let Some(file) = self.file(launch)? else {
            return Ok(None);
        };
        let bytes = self.repo.blob(file)?;
        Ok(read_yaml(&bytes).ok())
    }

    /// Returns the key of a launch's project, or the name of its folder where `launch.yaml` does not
    /// read.
    pub(super) fn key(&mut self, held: &Held) -> Result<String, GitError> {
        let read = self.read(held.tree)?;
        let folder = || file_name(&held.project).to_owned();
        Ok(read.map_or_else(folder, |file| file.project))
    }
}
