//! What is said of closed launches: `projects/<project>/annotations/<launch-id>/*.yaml`.

use std::collections::BTreeMap;

use super::files::{FileKind, Files, StoreError};
use super::launches::Damage;
use super::yaml;
use crate::base::path::{extension, join};
use crate::base::{Digest, Timestamp};
use crate::model::{Annotation, AnnotationKind};

/// The largest annotation that is read, in bytes.
const MAX: usize = 16 << 20;

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Relative to the workspace.
    pub path: String,
    pub annotation: Annotation,
}

/// All that is said of one launch, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations(pub Vec<Said>);

/// Why a file of a launch is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal<'a> {
    /// [`AnnotationKind::Pruned`] or [`AnnotationKind::Redacted`].
    pub kind: AnnotationKind,
    pub at: Timestamp,
    pub by: Option<&'a str>,
    pub reason: &'a str,
}

impl Annotations {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Annotation> {
        self.0.iter().map(|said| &said.annotation)
    }

    /// Returns the first record that a file of the launch was removed; the path is from the launch's
    /// folder.
    pub fn removal(&self, path: &str) -> Option<Removal<'_>> {
        self.removal_of(|removed| removed == path)
    }

    /// Returns the first record that any file was removed whose path begins with a prefix.
    pub fn removal_below(&self, prefix: &str) -> Option<Removal<'_>> {
        self.removal_of(|removed| removed.starts_with(prefix))
    }

    fn removal_of(&self, is_meant: impl Fn(&str) -> bool) -> Option<Removal<'_>> {
        let removes = |annotation: &&Annotation| {
            matches!(
                annotation.kind,
                AnnotationKind::Pruned | AnnotationKind::Redacted
            ) && annotation.files.iter().any(|file| is_meant(&file.path))
        };
        let annotation = self.iter().find(removes)?;
        Some(Removal {
            kind: annotation.kind,
            at: annotation.at,
            by: annotation.by.as_deref(),
            reason: &annotation.reason,
        })
    }
}

/// The folder of what is said of a project's launches, relative to the workspace.
pub fn folder(project: &str) -> String {
    format!("projects/{project}/annotations")
}

/// Reads what is said of one launch, and what does not read.
pub fn of_launch(
    files: &dyn Files,
    project: &str,
    launch: &str,
) -> Result<(Annotations, Vec<Damage>), StoreError> {
    let folder = join(&folder(project), launch);
    let mut out = Vec::new();
    let mut damages = Vec::new();
    for entry in files.list(&folder)? {
        if entry.kind != FileKind::File || extension(&entry.name) != "yaml" {
            continue;
        }
        let path = join(&folder, &entry.name);
        let Some(bytes) = files.read(&path)? else {
            continue;
        };
        match parse(&bytes) {
            Ok(annotation) => out.push(Said { path, annotation }),
            Err(message) => damages.push(Damage { path, message }),
        }
    }
    out.sort_by(|a, b| (a.annotation.at, &a.path).cmp(&(b.annotation.at, &b.path)));
    Ok((Annotations(out), damages))
}

/// Reads what is said of all launches of a project, by the launch's id.
pub fn of_project(
    files: &dyn Files,
    project: &str,
) -> Result<(BTreeMap<String, Annotations>, Vec<Damage>), StoreError> {
    let mut out = BTreeMap::new();
    let mut damages = Vec::new();
    for entry in files.list(&folder(project))? {
        if entry.kind != FileKind::Folder {
            continue;
        }
        let (said, mut damaged) = of_launch(files, project, &entry.name)?;
        damages.append(&mut damaged);
        if !said.is_empty() {
            out.insert(entry.name, said);
        }
    }
    Ok((out, damages))
}

/// Parses one file; `Err` says in one line what is wrong.
pub fn parse(bytes: &[u8]) -> Result<Annotation, String> {
    if bytes.len() > MAX {
        return Err(format!("it has more than {} MiB", MAX >> 20));
    }
    let annotation: Annotation = yaml::read(bytes)?;
    if annotation.format > Annotation::FORMAT {
        let format = annotation.format;
        return Err(format!("format {format} is newer than this version reads"));
    }
    let removes = matches!(
        annotation.kind,
        AnnotationKind::Pruned | AnnotationKind::Redacted
    );
    if let Some(file) = annotation
        .files
        .iter()
        .find(|file| Digest::parse(&file.sha256).is_none())
    {
        let path = &file.path;
        return Err(format!("the `sha256` of `{path}` is not 64 hex digits"));
    }
    match &annotation {
        a if a.reason.trim().is_empty() => Err("`reason` is empty".to_owned()),
        a if removes && a.files.is_empty() => {
            Err(format!("`{}` names no `files`", a.kind.as_str()))
        }
        a if !removes && !a.files.is_empty() => {
            Err(format!("`{}` has no `files`", a.kind.as_str()))
        }
        a if a.kind == AnnotationKind::Acknowledged && a.violation.is_none() => {
            Err("`acknowledged` names no `violation`".to_owned())
        }
        a if a.kind != AnnotationKind::Acknowledged && a.violation.is_some() => {
            Err(format!("`{}` has no `violation`", a.kind.as_str()))
        }
        _ => Ok(annotation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryFiles;

    const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn pruned(at: &str) -> String {
        format!(
            "format: 1\nkind: pruned\nat: {at}\nby: Alice <a@example.com>\nreason: old\n\
             files:\n- path: details/x.yaml\n  sha256: {DIGEST}\n"
        )
    }

    #[test]
    fn what_is_said_is_read_oldest_first() {
        let folder = "projects/shop/annotations/L";
        let files: MemoryFiles = [
            (format!("{folder}/a.yaml"), pruned("2026-11-22T18:43:00Z")),
            (
                format!("{folder}/b.yaml"),
                "format: 1\nkind: note\nat: 2026-11-21T18:43:00Z\nreason: seen\n".to_owned(),
            ),
            (format!("{folder}/c.yaml"), "format: 2\n".to_owned()),
            (format!("{folder}/readme.md"), "free\n".to_owned()),
        ]
        .into_iter()
        .collect();
        let (all, damages) = of_project(&files, "shop").expect("memory reads");
        let said = &all["L"];
        let kinds: Vec<&str> = said.iter().map(|a| a.kind.as_str()).collect();
        assert_eq!(kinds, ["note", "pruned"]);
        assert_eq!(damages.len(), 1);
        let removal = said.removal("details/x.yaml").expect("it is recorded");
        assert_eq!(
            (removal.reason, removal.at.date().as_str()),
            ("old", "2026-11-22")
        );
        assert_eq!(said.removal("details/y.yaml"), None);
        assert_eq!(said.removal_below("details/"), Some(removal));
        assert_eq!(said.removal_below("attachments/"), None);
    }

    #[test]
    fn what_contradicts_itself_is_none() {
        let with = |text: &str| parse(text.as_bytes()).expect_err("refused");
        let base = "format: 1\nat: 2026-11-21T18:43:00Z\nreason: r\n";
        assert!(with(&format!("{base}kind: erased\n")).contains("erased"));
        assert!(with(&format!("{base}kind: pruned\n")).contains("names no `files`"));
        assert!(with(&format!("{base}kind: acknowledged\n")).contains("violation"));
        assert!(
            with("format: 1\nkind: note\nat: 2026-11-21T18:43:00Z\nreason: ' '\n")
                .contains("empty")
        );
        assert!(
            with(&format!(
                "{base}kind: note\nfiles: [{{path: a, sha256: x}}]\n"
            ))
            .contains("64 hex")
        );
    }
}
