//! Where launches and executed texts stand in a tree.

use crate::base::path::{self, join};
use crate::git::{EntryKind, GitError, ObjectId, Repo, TreeEntry, TreeView};

/// Folders between `launches` and a launch: year and month.
pub(super) const LEVELS: usize = 2;

/// A closed launch's folder in a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// From the root of the repository.
    pub(super) path: String,
    /// The project's folder, from the root of the repository.
    pub(super) project: String,
    /// The folder's name: the launch's id.
    pub(super) id: String,
    pub(super) tree: ObjectId,
}

impl Place {
    fn new(project: &TreeEntry, folder: TreeEntry) -> Self {
        Self {
            path: folder.path,
            project: project.path.clone(),
            id: folder.name,
            tree: folder.id,
        }
    }
}

/// Lists the projects' folders of a workspace.
pub(super) fn projects(tree: &TreeView, workspace: &str) -> Result<Vec<TreeEntry>, GitError> {
    folders(tree, &join(workspace, "projects"))
}

/// What stands below `launches` in the projects of a workspace; each list is sorted by path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// Folders a year and a month below `launches` with a file that only a launch has.
    pub(super) places: Vec<Place>,
    /// The paths of files that belong to no launch, from the root of the repository.
    pub(super) strays: Vec<String>,
}

/// Looks through the projects of a workspace for launches, and for what is none.
pub(super) fn survey(tree: &TreeView, workspace: &str) -> Result<Survey, GitError> {
    let mut out = Survey::default();
    for project in projects(tree, workspace)? {
        for part in ["launches", "executed"] {
            let entry = tree.entry(&join(&project.path, part))?;
            let entry = entry.filter(|entry| entry.kind != EntryKind::Folder);
            out.strays.extend(entry.map(|entry| entry.path));
        }
        let (folders, strays) = descend(tree, &project)?;
        out.strays.extend(strays);
        for folder in folders {
            let id = folder.id;
            if is_launch(tree.repo(), id)? || has_sums(tree.repo(), id)? {
                out.places.push(Place::new(&project, folder));
            } else {
                let files = tree.walk(&folder.path)?;
                out.strays.extend(files.into_iter().map(|file| file.path));
            }
        }
    }
    out.places.sort();
    out.strays.sort();
    Ok(out)
}

/// Lists the folders a year and a month below `launches`, and what is no folder on the way.
fn descend(
    tree: &TreeView,
    project: &TreeEntry,
) -> Result<(Vec<TreeEntry>, Vec<String>), GitError> {
    let mut entries = tree.list(&join(&project.path, "launches"))?;
    let mut strays = Vec::new();
    for level in 0..=LEVELS {
        let mut below = Vec::new();
        for entry in entries {
            match entry.kind {
                EntryKind::Folder if level == LEVELS => below.push(entry),
                EntryKind::Folder => below.extend(tree.list(&entry.path)?),
                _ => strays.push(entry.path),
            }
        }
        entries = below;
    }
    Ok((entries, strays))
}

/// Returns a launch by its folder; `None` where there is none.
pub(super) fn place_at(tree: &TreeView, folder: &str) -> Result<Option<Place>, GitError> {
    let entry = tree.entry(folder)?.filter(|e| e.kind == EntryKind::Folder);
    let project = (0..=LEVELS + 1).fold(folder, |path, _| path::parent(path));
    let project = tree.entry(project)?;
    Ok(project
        .zip(entry)
        .map(|(project, folder)| Place::new(&project, folder)))
}

/// Lists the closed launches of a workspace: the places that hold a `launch.yaml`.
pub(super) fn launches(tree: &TreeView, workspace: &str) -> Result<Vec<Place>, GitError> {
    let mut out = Vec::new();
    for place in survey(tree, workspace)?.places {
        if is_launch(tree.repo(), place.tree)? {
            out.push(place);
        }
    }
    Ok(out)
}

fn folders(tree: &TreeView, dir: &str) -> Result<Vec<TreeEntry>, GitError> {
    let mut folders = tree.list(dir)?;
    folders.retain(|entry| entry.kind == EntryKind::Folder);
    Ok(folders)
}

/// Whether a folder's tree is that of a closed launch.
pub(super) fn is_launch(repo: &Repo, tree: ObjectId) -> Result<bool, GitError> {
    Ok(repo.tree_of(tree).entry("launch.yaml")?.is_some())
}

/// Whether a folder's tree holds what is left of a closed launch that lost its `launch.yaml`.
fn has_sums(repo: &Repo, tree: ObjectId) -> Result<bool, GitError> {
    Ok(repo.tree_of(tree).entry("SHA256SUMS")?.is_some())
}

/// Returns the path of an executed text.
pub(super) fn executed(project: &str, digest: &str) -> String {
    join(project, &format!("executed/{digest}.md"))
}

/// Whether a file of a launch may be removed later, with a record.
pub(super) fn is_prunable(file: &str) -> bool {
    file.starts_with("details/") || file.starts_with("attachments/")
}

/// Whether an entry of a folder `annotations/<launch-id>` is one that counts.
pub(super) fn is_annotation(entry: &TreeEntry) -> bool {
    entry.kind == EntryKind::File && path::extension(&entry.name) == "yaml"
}

/// Returns the path of an annotation as records name it, beside the files of its launch:
/// `annotations/<name>`.
pub(super) fn annotation_of(workspace: &str, launch: &str, path: &str) -> Option<String> {
    let rest = path.strip_prefix(workspace)?.trim_start_matches('/');
    let (_, below) = rest.strip_prefix("projects/")?.split_once('/')?;
    let name = below.strip_prefix("annotations/")?.strip_prefix(launch)?;
    let name = name.strip_prefix('/')?;
    Some(format!("annotations/{name}"))
}

/// Returns the name of the project that a path of evidence lies in, wherever the workspace stood.
pub(super) fn project_of(path: &str) -> Option<&str> {
    let parts: Vec<&str> = path.split('/').collect();
    let is_evidence = |part: &str| ["launches", "executed", "annotations"].contains(&part);
    let mut windows = parts.windows(3);
    let found = windows.find(|window| window[0] == "projects" && is_evidence(window[2]))?;
    Some(found[1])
}

/// Returns the launch that an annotation is about: `<workspace>/projects/<p>/annotations/<id>/…`.
pub(super) fn said_of<'a>(workspace: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(workspace)?.trim_start_matches('/');
    let (_, below) = rest.strip_prefix("projects/")?.split_once('/')?;
    below.strip_prefix("annotations/")?.split('/').next()
}

/// Returns the launch that a path belongs to, by the name of its folder:
/// `<workspace>/projects/<p>/launches/<yyyy>/<mm>/<id>/…`.
pub(super) fn launch_of<'a>(workspace: &str, path: &'a str) -> Option<&'a str> {
    split_launch(workspace, path).map(|(folder, _)| path::file_name(folder))
}

/// Splits a path into the folder of the launch that it belongs to and the rest.
pub(super) fn split_launch<'a>(workspace: &str, path: &'a str) -> Option<(&'a str, &'a str)> {
    let rest = path.strip_prefix(workspace)?.trim_start_matches('/');
    let mut ends = rest.match_indices('/').map(|(at, _)| at);
    let mut parts = rest.split('/');
    if parts.next() != Some("projects") || parts.nth(1) != Some("launches") {
        return None;
    }
    let end = path.len() - rest.len() + ends.nth(LEVELS + 3)?;
    Some((&path[..end], &path[end + 1..]))
}

/// Whether there is a closed launch in any project of a folder `projects`.
pub(super) fn any_launch(projects: &TreeView) -> Result<bool, GitError> {
    let repo = projects.repo();
    let mut open: Vec<(ObjectId, usize)> = Vec::new();
    for project in folders(projects, "")? {
        let launches = projects.subtree_id(&join(&project.path, "launches"))?;
        open.extend(launches.map(|launches| (launches, LEVELS + 1)));
    }
    while let Some((tree, levels)) = open.pop() {
        if levels == 0 {
            if is_launch(repo, tree)? {
                return Ok(true);
            }
            continue;
        }
        let below = repo.tree_of(tree).folder_ids()?.into_iter();
        open.extend(below.map(|folder| (folder, levels - 1)));
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_launch() {
        let path = "qa/projects/shop/launches/2026/11/a-1/results/x.yaml";
        assert_eq!(launch_of("qa", path), Some("a-1"));
        assert_eq!(launch_of("", &path[3..]), Some("a-1"));
        assert_eq!(launch_of("", path), None);
        assert_eq!(launch_of("qa", "qa/projects/shop/executed/x.md"), None);
        assert_eq!(launch_of("qa", "qa/projects/shop/launches/2026/11/x"), None);
        let folder = "qa/projects/shop/launches/2026/11/a-1";
        let said = "qa/projects/shop/annotations/a-1/n.yaml";
        let named = annotation_of("qa", "a-1", said);
        assert_eq!(named.as_deref(), Some("annotations/n.yaml"));
        assert_eq!(annotation_of("qa", "a", said), None);
        assert_eq!(annotation_of("qa", "a-1", path), None);
        assert_eq!(project_of(path), Some("shop"));
        assert_eq!(project_of("projects/projects/x"), None);
        let split = Some((folder, "results/x.yaml"));
        assert_eq!(split_launch("qa", path), split);
    }
}
