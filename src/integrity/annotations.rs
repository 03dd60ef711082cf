//! What annotations excuse: files that were removed with a record, and violations that an owner
//! answers for. Whether their author was allowed to say so is for the rules of roles.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::layout;
use super::report::{Violation, unreadable};
use crate::base::path::{self, join};
use crate::base::{Digest, text};
use crate::git::{EntryKind, GitError, TreeEntry, TreeView};
use crate::model::{Annotation, AnnotationKind};
use crate::store::annotations;

/// How much of what is wrong with an annotation is told, in characters.
const WHY: usize = 200;

/// The annotations of a workspace, by the launch's folder name.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    by_launch: BTreeMap<String, Vec<Annotation>>,
    /// Files that are no annotations, one line each.
    pub(super) notices: Vec<String>,
}

/// A record that files of a launch were removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Removal<'a> {
    pub(super) record: &'a Annotation,
}

impl Annotations {
    /// Reads all annotations of a workspace's projects.
    pub(super) fn at(tree: &TreeView, workspace: &str) -> Result<Self, GitError> {
        let mut files = Vec::new();
        for project in layout::projects(tree, workspace)? {
            files.extend(tree.walk(&join(&project.path, "annotations"))?);
        }
        Self::read(tree, files)
    }

    /// Reads the annotations of one launch, by its project's folder.
    pub(super) fn of_launch(tree: &TreeView, project: &str, id: &str) -> Result<Self, GitError> {
        let files = tree.walk(&join(project, &format!("annotations/{id}")))?;
        Self::read(tree, files)
    }

    fn read(tree: &TreeView, files: Vec<TreeEntry>) -> Result<Self, GitError> {
        let is_annotation = |file: &TreeEntry| {
            file.kind == EntryKind::File && path::extension(&file.path) == "yaml"
        };
        let read: Vec<(TreeEntry, Result<Annotation, String>)> = files
            .into_par_iter()
            .filter(is_annotation)
            .map(|file| Ok((file.clone(), parse(tree, &file)?)))
            .collect::<Result<_, GitError>>()?;
        let mut out = Self::default();
        for (file, annotation) in read {
            let launch = path::file_name(path::parent(&file.path));
            match annotation {
                Ok(annotation) => {
                    let said = out.by_launch.entry(launch.to_owned()).or_default();
                    said.push(annotation);
                }
                Err(why) => out.notices.push(format!(
                    "`{}` is no annotation and excuses nothing: {why}",
                    text::sanitize_line(&file.path)
                )),
            }
        }
        Ok(out)
    }

    fn of(&self, launch: &str) -> impl Iterator<Item = &Annotation> {
        self.by_launch.get(launch).into_iter().flatten()
    }

    /// Finds the record of a file's removal; `digest` is the one that the launch lists it with.
    pub(super) fn removal(
        &self,
        launch: &str,
        file: &str,
        digest: Option<Digest>,
    ) -> Option<Removal<'_>> {
        let may = |kind| match kind {
            AnnotationKind::Redacted => file != "PRUNABLE.sha256",
            AnnotationKind::Pruned => layout::is_prunable(file),
            AnnotationKind::Note | AnnotationKind::Acknowledged => false,
        };
        let names = |record: &&Annotation| {
            let mut files = record.files.iter().filter(|removed| removed.path == file);
            files.any(|removed| digest.is_none_or(|d| d.to_string() == removed.sha256))
        };
        let mut records = self.of(launch).filter(|record| may(record.kind));
        records.find(names).map(|record| Removal { record })
    }

    /// Finds who answers for a violation. One of no launch is named by its path from the workspace.
    pub(super) fn acknowledged(
        &self,
        workspace: &str,
        violation: &Violation,
    ) -> Option<&Annotation> {
        let from_workspace = violation.path.strip_prefix(workspace);
        let from_workspace = from_workspace.map(|path| path.trim_start_matches('/'));
        let fits = |annotation: &&Annotation| {
            let Some(known) = &annotation.violation else {
                return false;
            };
            let path = known.path.as_deref();
            let below = |path: &str| {
                let folder = layout::split_launch(workspace, &violation.path);
                folder.is_some_and(|(_, file)| file == path)
            };
            let is_path = path.is_none_or(|path| from_workspace == Some(path) || below(path));
            let commit = violation.commit.map(|id| id.to_string());
            annotation.kind == AnnotationKind::Acknowledged
                && known.kind == violation.kind.as_str()
                && is_path
                && (known.commit.is_none() || known.commit == commit)
                && (violation.launch.is_some() || path.is_some())
        };
        match &violation.launch {
            Some(launch) => self.of(launch).find(fits),
            None => self.by_launch.values().flatten().find(fits),
        }
    }
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
