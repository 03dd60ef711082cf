//! Relations between cases, and links to what lies elsewhere.

use serde_json::json;

use super::{CaseChange, CaseError, edited, find_case};
use crate::base::text::line;
use crate::git::ChangeSet;
use crate::model::{Case, Link, Relation};
use crate::store::edit::Change;
use crate::store::{Doc, Project};

/// A relation or a link to make, or to take away.
#[derive(Clone, Copy, Debug, Default)]
pub struct Linking<'a> {
    /// `automates`, `issue` …
    pub kind: &'a str,
    /// A case's id, what an issue or a requirement is called, or an address.
    pub target: &'a str,
    pub url: Option<&'a str>,
    /// Take it away.
    pub remove: bool,
}

/// Relations, as the case says it that has them, and as the other one does.
const RELATIONS: &[(&str, &str)] = &[
    ("automates", "automated-by"),
    ("duplicates", "duplicated-by"),
    ("clones", "cloned-by"),
    ("blocks", "blocked-by"),
    ("related", "related"),
];

/// Returns what a relation is called from its other end.
pub fn inverse(kind: &str) -> String {
    let known = RELATIONS
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(kind));
    match known {
        Some((_, other)) => (*other).to_owned(),
        None => format!("{kind} of"),
    }
}

/// Returns a relation as it is written, and whether the other case has it.
fn relation(kind: &str) -> Option<(&'static str, bool)> {
    let kind = kind.to_lowercase().replace([' ', '_'], "-");
    let kind = kind.strip_prefix("is-").unwrap_or(&kind);
    let kind = if kind == "related-to" {
        "related"
    } else {
        kind
    };
    let own = RELATIONS.iter().find(|(own, _)| *own == kind);
    let other = || RELATIONS.iter().find(|(_, other)| *other == kind);
    own.map(|(own, _)| (*own, false))
        .or_else(|| other().map(|(own, _)| (*own, true)))
}

/// Returns all words that relate cases, each from both ends.
pub fn relation_kinds() -> impl Iterator<Item = &'static str> {
    RELATIONS.iter().flat_map(|(own, other)| [*own, *other])
}

/// Whether a kind relates cases.
pub fn is_relation(kind: &str) -> bool {
    relation(kind).is_some()
}

/// Makes a relation to another case, or a link; or takes it away.
///
/// # Errors
/// The other case isn't there or is this one, or the file can't be edited in place.
pub fn link_case(
    project: &Project,
    doc: &Doc<Case>,
    linking: &Linking<'_>,
) -> Result<CaseChange, CaseError> {
    let kind = linking.kind.trim();
    let is_link = Link::KINDS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(kind));
    let other = find_case(project, linking.target);
    match (relation(kind), other, is_link) {
        (_, Ok(other), false) => {
            let (kind, is_other) = relation(kind).unwrap_or((kind, false));
            match is_other {
                true => relate(project, other, kind, &doc.value.id, linking.remove),
                false => relate(project, doc, kind, &other.value.id, linking.remove),
            }
        }
        // A case that is gone is still taken out.
        (Some((kind, false)), Err(CaseError::Unknown { .. }), false) if linking.remove => {
            relate(project, doc, kind, linking.target, true)
        }
        (Some(_), Err(CaseError::Unknown { .. }), false) => Err(CaseError::NoOther {
            kind: line(kind, 60),
            project: project.name().to_owned(),
            wanted: line(linking.target, 100),
        }),
        (Some(_), Err(error), false) => Err(error),
        _ => link(project, doc, linking),
    }
}

fn relate(
    project: &Project,
    doc: &Doc<Case>,
    kind: &str,
    other: &str,
    remove: bool,
) -> Result<CaseChange, CaseError> {
    let id = &doc.value.id;
    if id == other {
        return Err(CaseError::Itself(id.clone()));
    }
    let same = |relation: &Relation| {
        relation.kind.eq_ignore_ascii_case(kind) && relation.case.eq_ignore_ascii_case(other)
    };
    let there = doc.value.relations.iter().find(|relation| same(relation));
    let mut out = CaseChange::default();
    let (change, said) = match (there, remove) {
        (Some(_), false) | (None, true) => return Ok(out),
        (Some(there), true) => (
            Change::Take(json!({"type": there.kind, "case": there.case})),
            format!("{id} no longer {kind} {other}"),
        ),
        (None, false) => (
            Change::AddPairs(vec![
                ("type".to_owned(), kind.to_owned()),
                ("case".to_owned(), other.to_owned()),
            ]),
            format!("{id} {kind} {other}"),
        ),
    };
    let text = edited(
        project,
        doc,
        &[(vec!["relations"], change)],
        |case| match remove {
            true => case.relations.retain(|relation| !same(relation)),
            false => case.relations.push(Relation {
                kind: kind.to_owned(),
                case: other.to_owned(),
            }),
        },
    )?;
    out.changes = ChangeSet::new(match remove {
        true => format!("Unlink {id} and {other}"),
        false => format!("Link {id}: {kind} {other}"),
    });
    out.changes.write(&doc.path, text);
    out.cases.push(id.clone());
    out.said.push(said);
    Ok(out)
}

fn link(
    project: &Project,
    doc: &Doc<Case>,
    linking: &Linking<'_>,
) -> Result<CaseChange, CaseError> {
    let id = &doc.value.id;
    let (kind, target) = (linking.kind.trim(), linking.target.trim());
    for (text, what) in [(kind, "link"), (target, "link")]
        .into_iter()
        .chain(linking.url.map(|url| (url, "address")))
    {
        let is_wrong = text.is_empty() || crate::base::text::has_unsafe_to_show(text);
        let characters = text.chars().count();
        if is_wrong || characters > super::TITLE {
            return Err(CaseError::Name {
                name: line(text, 100),
                what,
                why: format!("expected one line of at most {} characters", super::TITLE),
            });
        }
    }
    let is_address = target.contains("://");
    let new = Link {
        kind: Some(kind.to_owned()),
        name: (!is_address).then(|| target.to_owned()),
        url: match is_address {
            true => Some(target.to_owned()),
            false => linking.url.map(str::to_owned),
        },
    };
    let same = |link: &Link| {
        link.is_of(kind)
            && (link.name.as_deref() == Some(target) || link.url.as_deref() == Some(target))
    };
    let there = doc.value.links.iter().find(|link| same(link));
    let mut out = CaseChange::default();
    if there.is_some() != linking.remove {
        return Ok(out);
    }
    let pairs = |link: &Link| {
        let pairs = [
            ("type", &link.kind),
            ("name", &link.name),
            ("url", &link.url),
        ];
        let pairs = pairs
            .into_iter()
            .filter_map(|(key, value)| value.as_ref().map(|value| (key.to_owned(), value.clone())));
        pairs.collect::<Vec<_>>()
    };
    let change = match there {
        Some(there) => {
            let object = pairs(there)
                .into_iter()
                .map(|(key, value)| (key, value.into()));
            Change::Take(serde_json::Value::Object(object.collect()))
        }
        None => Change::AddPairs(pairs(&new)),
    };
    let gone = there.cloned();
    let text = edited(
        project,
        doc,
        &[(vec!["links"], change)],
        |case| match gone {
            Some(gone) => case.links.retain(|link| *link != gone),
            None => case.links.push(new),
        },
    )?;
    let target = line(target, 100);
    out.changes = ChangeSet::new(match linking.remove {
        true => format!("Unlink {id} and {target}"),
        false => format!("Link {id}: {kind} {target}"),
    });
    out.changes.write(&doc.path, text);
    out.cases.push(id.clone());
    out.said.push(match linking.remove {
        true => format!("{id} has no link to {kind} {target} any more"),
        false => format!("{id} has a link to {kind} {target}"),
    });
    Ok(out)
}
