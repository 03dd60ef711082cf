//! What annotations excuse: files that were removed with a record, and violations that an owner
//! answers for. Whether their author was allowed to say so is for the rules of roles.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::layout;
use super::report::{Kind, Violation, unreadable};
use crate::base::path::{self, join};
use crate::base::{Digest, text};
use crate::git::{CommitId, GitError, TreeEntry, TreeView};
use crate::model::{Annotation, AnnotationKind};
use crate::store::{WORKSPACE_FILE, annotations};

/// How much of what is wrong with an annotation is told, in characters.
const WHY: usize = 200;

/// The annotations of a workspace, by project and launch: both are names of folders. What is said in
/// one project excuses nothing in another.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    by_launch: BTreeMap<(String, String), Vec<Annotation>>,
    /// The projects that are there.
    projects: BTreeSet<String>,
    /// Files that are no annotations, one line each.
    pub(super) notices: Vec<String>,
}

/// A record that files of a launch were removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Removal<'a> {
    pub(super) record: &'a Annotation,
}

impl Annotations {
    /// Reads all annotations of a workspace's projects. Where launches have a branch to themselves, `rules`
    /// say which projects there are: one whose folder is empty beside them has not moved.
    pub(super) fn at(
        tree: &TreeView,
        workspace: &str,
        rules: Option<CommitId>,
    ) -> Result<Self, GitError> {
        let mut files = Vec::new();
        let projects = layout::projects(tree, workspace)?;
        for project in &projects {
            files.extend(tree.walk(&join(&project.path, "annotations"))?);
        }
        let projects = projects.into_iter().map(|project| project.path);
        let mut out = Self::read(tree, files, projects)?;
        let is_apart = tree.entry(&join(workspace, WORKSPACE_FILE))?.is_none();
        if let Some(rules) = rules.filter(|_| is_apart) {
            let others = layout::projects(&tree.repo().tree(rules)?, workspace)?;
            out.projects
                .extend(others.into_iter().map(|project| project.name));
        }
        Ok(out)
    }

    /// Reads the annotations of one launch, by its project's folder.
    pub(super) fn of_launch(tree: &TreeView, project: &str, id: &str) -> Result<Self, GitError> {
        let files = tree.walk(&join(project, &format!("annotations/{id}")))?;
        Self::read(tree, files, [project.to_owned()])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_launch.is_empty()
    }

    fn read(
        tree: &TreeView,
        files: Vec<TreeEntry>,
        projects: impl IntoIterator<Item = String>,
    ) -> Result<Self, GitError> {
        let projects: BTreeSet<String> = projects.into_iter().collect();
        let read: Vec<(TreeEntry, Result<Annotation, String>)> = files
            .into_par_iter()
            .filter(layout::is_annotation)
            .map(|file| Ok((file.clone(), parse(tree, &file)?)))
            .collect::<Result<_, GitError>>()?;
        let names = projects.iter().map(|path| path::file_name(path).to_owned());
        let mut out = Self {
            projects: names.collect(),
            ..Self::default()
        };
        for (file, annotation) in read {
            let folder = path::parent(&file.path);
            let all = path::parent(folder);
            let project = path::file_name(path::parent(all));
            let launch = path::file_name(folder);
            // By the name of a folder further down anybody would speak for another project.
            let is_deeper = !projects.contains(path::parent(all));
            let annotation = match is_deeper {
                true => Err("it does not lie in a launch's folder of `annotations`".to_owned()),
                false => annotation,
            };
            match annotation {
                Ok(annotation) => {
                    let key = (project.to_owned(), launch.to_owned());
                    out.by_launch.entry(key).or_default().push(annotation);
                }
                Err(why) => out.notices.push(format!(
                    "`{}` is no annotation and excuses nothing: {why}",
                    text::sanitize_line(&file.path)
                )),
            }
        }
        Ok(out)
    }

    /// Returns what is said of a launch in its project, by the name of the project's folder; where that is
    /// gone it may have moved, and all of them count.
    fn of(&self, project: &str, launch: &str) -> impl Iterator<Item = &Annotation> {
        let is_there = self.projects.contains(project);
        let is_it = move |(of, id): &(String, String)| id == launch && (of == project || !is_there);
        let mine = self.by_launch.iter().filter(move |(key, _)| is_it(key));
        mine.flat_map(|(_, said)| said)
    }

    /// Finds the record of a file's removal; `project` is the folder's path, and `digest` is the one that the launch lists it with.
    pub(super) fn removal(
        &self,
        (project, launch): (&str, &str),
        file: &str,
        digest: Option<Digest>,
    ) -> Option<Removal<'_>> {
        if !is_removable(file) {
            return None;
        }
        let may = |kind| match kind {
            AnnotationKind::Redacted => true,
            AnnotationKind::Pruned => layout::is_prunable(file),
            AnnotationKind::Note | AnnotationKind::Acknowledged => false,
        };
        let names = |record: &&Annotation| {
            let mut files = record.files.iter().filter(|removed| removed.path == file);
            files.any(|removed| digest.is_none_or(|d| d.to_string() == removed.sha256))
        };
        let project = path::file_name(project);
        let mut records = self.of(project, launch).filter(|record| may(record.kind));
        records.find(names).map(|record| Removal { record })
    }

    /// Finds who answers for a violation. One of no launch is named by its path from the workspace.
    pub(super) fn acknowledged(
        &self,
        workspace: &str,
        violation: &Violation,
    ) -> Option<&Annotation> {
        // A receipt that was kept elsewhere is what is held against all that stands here.
        if violation.kind == Kind::UnknownReceipt {
            return None;
        }
        let from_workspace = violation.path.strip_prefix(workspace);
        let from_workspace = from_workspace.map(|path| path.trim_start_matches('/'));
        let fits = |annotation: &&Annotation| {
            let Some(known) = &annotation.violation else {
                return false;
            };
            let path = known.path.as_deref();
            let below = |path: &str| {
                let folder = layout::split_launch(workspace, &violation.path);
                let launch = violation.launch.as_deref().unwrap_or_default();
                folder.is_some_and(|(_, file)| file == path)
                    || layout::annotation_of(workspace, launch, &violation.path).as_deref()
                        == Some(path)
            };
            let is_path = path.is_none_or(|path| {
                !path.is_empty() && (from_workspace == Some(path) || below(path))
            });
            let commit = violation.commit.map(|id| id.to_string());
            annotation.kind == AnnotationKind::Acknowledged
                && known.kind == violation.kind.as_str()
                && is_path
                && (known.commit.is_none() || known.commit == commit)
                && (violation.launch.is_some() || path.is_some())
        };
        let project = layout::project_of(&violation.path).unwrap_or_default();
        match &violation.launch {
            Some(launch) => self.of(project, launch).find(fits),
            None => {
                let of = self.by_launch.iter().filter(|((of, _), _)| of == project);
                of.flat_map(|(_, said)| said).find(fits)
            }
        }
    }
}

/// Whether a file may be gone with a record: what proves a launch stays.
fn is_removable(file: &str) -> bool {
    !["launch.yaml", "SHA256SUMS", "PRUNABLE.sha256"].contains(&file)
}

fn parse(tree: &TreeView, file: &TreeEntry) -> Result<Result<Annotation, String>, GitError> {
    Ok(match tree.repo().blob(file.id) {
        Ok(bytes) => annotations::parse(&bytes).map_err(|why| {
            let why = text::sanitize_line(&why);
            text::truncate(&why, WHY)
        }),
        Err(error) => Err(unreadable(error)?),
    })
}
