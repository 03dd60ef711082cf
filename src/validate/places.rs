//! Places of texts that have a structure of their own, and of requirements.

use crate::diag::{Code, Finding};
use crate::model::{Requirement, Requirements, Widget};
use crate::query::Problem;
use crate::store::{Doc, Key, Project};

/// Returns what is wrong with a query that stands in a file: inside the value where that is written
/// as it reads, else at the value as a whole.
pub(super) fn query_problem<T>(
    code: Code,
    doc: &Doc<T>,
    field: &[Key<'_>],
    text: &str,
    problem: &Problem,
) -> Finding {
    if let Some(start) = start_of(doc, field, text) {
        return problem.finding(code, &doc.path, start);
    }
    let finding = Finding::error(code, &doc.path, &problem.message).at(doc.nearest_span(field));
    match &problem.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// Returns where a value starts that is written as it reads: in one line, with quotes or without, and
/// without escapes.
fn start_of<T>(doc: &Doc<T>, field: &[Key<'_>], text: &str) -> Option<usize> {
    let span = doc.span(field)?;
    let written = doc.text.get(span.range())?;
    if written == text {
        return Some(span.start);
    }
    let quoted = ['"', '\''].iter().any(|quote| {
        let inner = written.strip_prefix(*quote);
        inner.and_then(|inner| inner.strip_suffix(*quote)) == Some(text)
    });
    quoted.then_some(span.start + 1)
}

/// Returns the way to a key of a widget.
pub(super) fn widget_field(widget: &Widget, key: &'static str) -> [Key<'static>; 3] {
    ["widgets".into(), widget.place.into(), key.into()]
}

/// Returns the way to a field of the n-th requirement of a file.
pub(super) fn requirement_field<'k>(
    doc: &Doc<Requirements>,
    n: usize,
    field: &[Key<'k>],
) -> Vec<Key<'k>> {
    match doc.value.is_list {
        true => [&["requirements".into(), n.into()], field].concat(),
        false => field.to_vec(),
    }
}

/// All requirements of a project, each with its file and its place in that.
pub(super) fn each_requirement(
    project: &Project,
) -> impl Iterator<Item = (&Doc<Requirements>, usize, &Requirement)> {
    project.requirements.iter().flat_map(|doc| {
        let all = doc.value.all.iter().enumerate();
        all.map(move |(n, requirement)| (doc, n, requirement))
    })
}
