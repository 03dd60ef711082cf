//! What is said of closed launches later: a file of `annotations/<launch-id>/` each, and never a
//! change of what was closed.

use std::collections::BTreeMap;

use crate::base::path::join;
use crate::base::{Digest, Timestamp, text};
use crate::git::{ChangeSet, Identity};
use crate::integrity;
use crate::model::{Acknowledged, Annotation, AnnotationKind, RemovedFile};
use crate::store::launches::{self, LaunchHead};
use crate::store::{Files, StoreError, block};

/// Who says something, when, and why.
#[derive(Clone, Debug)]
pub struct Statement {
    pub by: Identity,
    pub at: Timestamp,
    pub reason: String,
    /// The workspace's path in the repository, empty for its root.
    pub workspace: String,
    /// Where the names of files draw their last characters from.
    pub random: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    #[error("the branch has no closed launch `{id}`")]
    UnknownLaunch { id: String },
    #[error("launch `{id}` is not as it was closed: `{path}` {problem}")]
    Altered {
        id: String,
        path: String,
        problem: String,
    },
    #[error("launch `{id}` lists no file `{path}`")]
    NotListed {
        id: String,
        path: String,
        suggestion: Option<String>,
    },
    #[error("`{path}` is what proves launch `{id}`: it stays")]
    Proof { id: String, path: String },
    #[error("`{path}` of launch `{id}` is not there{}", gone_since(*removed))]
    Gone {
        id: String,
        path: String,
        /// When it was removed, where that was recorded.
        removed: Option<(AnnotationKind, Timestamp)>,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn gone_since(removed: Option<(AnnotationKind, Timestamp)>) -> String {
    match removed {
        Some((kind, at)) => format!(": it was {} on {}", kind.as_str(), at.date()),
        None => String::new(),
    }
}

/// The files that a closed launch lists, with what each is to have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed(pub(crate) BTreeMap<String, Digest>);

impl Listed {
    /// Reads both lists of a launch, each held against what commits to it.
    pub(crate) fn read(files: &dyn Files, head: &LaunchHead) -> Result<Self, AnnotateError> {
        let altered = |path: &str, problem: &str| AnnotateError::Altered {
            id: head.file.id.clone(),
            path: path.to_owned(),
            problem: problem.to_owned(),
        };
        let mut out = BTreeMap::new();
        for list in ["SHA256SUMS", "PRUNABLE.sha256"] {
            let expected = match list {
                "SHA256SUMS" => Some(head.file.closed.sums.clone()),
                _ => out.get(list).map(Digest::to_string),
            };
            let Some(expected) = expected else { continue };
            let bytes = files.read(&join(&head.path, list))?;
            let bytes = bytes.ok_or_else(|| altered(list, "is missing"))?;
            if Digest::of(&bytes).to_string() != expected {
                return Err(altered(list, "differs from its sum"));
            }
            let sums = integrity::parse_sums(&bytes);
            out.extend(sums.map_err(|_| altered(list, "is no list of sums"))?);
        }
        Ok(Self(out))
    }
}

/// Finds a launch's head among those of a project.
pub(crate) fn head(
    files: &dyn Files,
    project: &str,
    launch: &str,
) -> Result<LaunchHead, AnnotateError> {
    let (heads, _) = launches::heads(files, project)?;
    let found = heads.into_iter().find(|head| head.file.id == launch);
    found.ok_or_else(|| AnnotateError::UnknownLaunch {
        id: launch.to_owned(),
    })
}

/// Makes the change that adds a note to a closed launch.
///
/// # Errors
/// The tip does not have the launch.
pub fn note(
    files: &dyn Files,
    project: &str,
    launch: &str,
    said: &Statement,
) -> Result<ChangeSet, AnnotateError> {
    let head = head(files, project, launch)?;
    let mut changes = ChangeSet::new(message(
        &format!("Note on launch {}", named(&head)),
        &[&said.reason],
        &[format!("Tallybook-Noted: {}", whole(&head))],
    ));
    said.add(
        &mut changes,
        project,
        launch,
        0,
        said.of(AnnotationKind::Note),
    );
    Ok(changes)
}

/// Makes the change that acknowledges violations of a launch, one file each. The launch itself may
/// be gone: that is a violation too.
pub fn acknowledge(
    project: &str,
    launch: &str,
    violations: &[Acknowledged],
    said: &Statement,
) -> ChangeSet {
    let count = text::count(violations.len() as u64, "violation");
    let mut kinds: Vec<&str> = violations.iter().map(|v| v.kind.as_str()).collect();
    kinds.dedup();
    let mut changes = ChangeSet::new(message(
        &format!("Acknowledge {count} of launch {launch}"),
        &[&kinds.join(", "), &said.reason],
        &[format!("Tallybook-Acknowledged: {launch}")],
    ));
    for (number, violation) in violations.iter().enumerate() {
        let annotation = Annotation {
            violation: Some(violation.clone()),
            ..said.of(AnnotationKind::Acknowledged)
        };
        said.add(&mut changes, project, launch, number as u64, annotation);
    }
    changes
}

impl Statement {
    pub(super) fn of(&self, kind: AnnotationKind) -> Annotation {
        Annotation {
            format: Annotation::FORMAT,
            kind,
            at: self.at,
            by: Some(self.by.to_string()),
            reason: self.reason.clone(),
            files: Vec::new(),
            violation: None,
        }
    }

    pub(super) fn removal(&self, kind: AnnotationKind, files: Vec<RemovedFile>) -> Annotation {
        Annotation {
            files,
            ..self.of(kind)
        }
    }

    /// Adds an annotation under a name of its own: its time, its kind, four random characters.
    pub(super) fn add(
        &self,
        changes: &mut ChangeSet,
        project: &str,
        launch: &str,
        number: u64,
        annotation: Annotation,
    ) {
        let name = format!(
            "{}-{}-{}.yaml",
            self.at.format("%Y-%m-%d-%H%M%S"),
            annotation.kind.as_str(),
            text::base32(self.random.wrapping_add(number), 4)
        );
        let path = format!("projects/{project}/annotations/{launch}/{name}");
        changes.write(
            join(&self.workspace, &path),
            block::to_yaml(&annotation).into_bytes(),
        );
    }
}

/// A launch's name and key, short and safe to show.
pub(super) fn named(head: &LaunchHead) -> String {
    let name = text::truncate(&text::sanitize_line(&head.file.name), 40);
    format!("{name} ({})", head.file.project)
}

/// A launch's key and id, as trailers have them.
pub(super) fn whole(head: &LaunchHead) -> String {
    format!("{}/{}", head.file.project, head.file.id)
}

/// A commit's message: no build is of use for it.
pub(super) fn message(subject: &str, body: &[&str], trailers: &[String]) -> String {
    let mut out = format!("{subject} [skip ci]\n");
    for paragraph in body {
        let paragraph = text::sanitize(paragraph.trim());
        // A line of a reason may look like a trailer; one that is indented is none.
        let lines: Vec<String> = paragraph
            .lines()
            .map(|line| format!("{}\n", line.trim()))
            .collect();
        out.push_str(&format!("\n{}", lines.concat()));
    }
    format!("{out}\n{}\n", trailers.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Statement {
        Statement {
            by: Identity {
                name: "Alice".into(),
                email: "alice@example.com".into(),
            },
            at: Timestamp::parse("2026-11-22T18:43:05Z").expect("a time"),
            reason: "known".into(),
            workspace: "qa".into(),
            random: 7,
        }
    }

    #[test]
    fn violations_get_a_file_each() {
        let violation = |path: &str| Acknowledged {
            kind: "changed-history".into(),
            path: Some(path.into()),
            commit: None,
        };
        let changes = acknowledge("shop", "L", &[violation("a"), violation("b")], &said());
        let paths: Vec<&str> = changes
            .edits
            .iter()
            .map(|edit| edit.path.as_str())
            .collect();
        let folder = "qa/projects/shop/annotations/L/2026-11-22-184305-acknowledged-";
        assert_eq!(paths.len(), 2);
        assert!(
            paths.iter().all(|path| path.starts_with(folder)),
            "{paths:?}"
        );
        assert_ne!(paths[0], paths[1]);
        let message = "Acknowledge 2 violations of launch L [skip ci]\n\nchanged-history\n\nknown\n\n\
                       Tallybook-Acknowledged: L\n";
        assert_eq!(changes.message, message);
    }
}
