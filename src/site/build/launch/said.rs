//! What was said of a launch later, as its page shows it.

use crate::model::{Acknowledged, Annotation, AnnotationKind};
use crate::site::texts::{count, say};
use crate::site::view::SaidRow;
use crate::site::{markdown, words};
use crate::store::annotations::Annotations;

/// Files that a record names on the page; the rest is counted.
const FILES: usize = 12;

/// Files that were removed, oldest first.
pub(super) fn gone(said: &Annotations) -> Vec<SaidRow> {
    of(said, |kind| {
        matches!(kind, AnnotationKind::Pruned | AnnotationKind::Redacted)
    })
}

/// Notes, oldest first.
pub(super) fn notes(said: &Annotations) -> Vec<SaidRow> {
    of(said, |kind| kind == AnnotationKind::Note)
}

/// Violations that somebody answers for, oldest first.
pub(super) fn accepted(said: &Annotations) -> Vec<SaidRow> {
    of(said, |kind| kind == AnnotationKind::Acknowledged)
}

fn of(said: &Annotations, wanted: impl Fn(AnnotationKind) -> bool) -> Vec<SaidRow> {
    let annotations = said.iter().filter(|annotation| wanted(annotation.kind));
    annotations.map(row).collect()
}

fn row(annotation: &Annotation) -> SaidRow {
    let is_note = annotation.kind == AnnotationKind::Note;
    let files = annotation.files.iter().take(FILES);
    let more = annotation.files.len().saturating_sub(FILES) as u64;
    SaidRow {
        kind: say!(&format!("removed.{}", annotation.kind.as_str())),
        what: match &annotation.violation {
            Some(violation) => violated(violation),
            None => count(annotation.files.len() as u64, "file"),
        },
        when: words::when(annotation.at),
        by: words::by_whom(annotation.by.as_deref()),
        reason: words::line(&annotation.reason),
        html: match is_note {
            true => markdown::to_html(&annotation.reason),
            false => String::new(),
        },
        // A pruning says all with its number; what was redacted is asked for by name.
        files: match annotation.kind {
            AnnotationKind::Redacted => files.map(|file| words::line(&file.path)).collect(),
            _ => Vec::new(),
        },
        more: match annotation.kind {
            AnnotationKind::Redacted if more > 0 => say!("removed.more-files", n = more),
            _ => String::new(),
        },
    }
}

fn violated(violation: &Acknowledged) -> String {
    let mut out = words::line(&violation.kind);
    if let Some(path) = &violation.path {
        out = say!("removed.of-path", what = out, path = words::line(path));
    }
    if let Some(commit) = &violation.commit {
        out = say!(
            "removed.by-commit",
            what = out,
            commit = words::short_commit(commit)
        );
    }
    out
}
