//! Which file of one snapshot is which of the other: by id, whatever its path.

use std::collections::{HashMap, HashSet};

use crate::store::Doc;

/// The files of one kind on both sides.
#[derive(Debug)]
pub(super) struct Pairs<'a, T> {
    pub(super) both: Vec<(&'a Doc<T>, &'a Doc<T>)>,
    pub(super) gone: Vec<&'a Doc<T>>,
    pub(super) come: Vec<&'a Doc<T>>,
}

/// Pairs files by path and id, then by id, then by an older id, then by path where `is_alike`.
pub(super) fn pair<'a, T>(
    before: &'a [Doc<T>],
    after: &'a [Doc<T>],
    id: impl Fn(&T) -> &str,
    aliases: impl Fn(&T) -> &[String],
    is_alike: impl Fn(&Doc<T>, &Doc<T>) -> bool,
) -> Pairs<'a, T> {
    let mut partner: Vec<Option<usize>> = vec![None; after.len()];
    let mut used = vec![false; before.len()];
    let by_path: HashMap<&str, usize> = before
        .iter()
        .enumerate()
        .map(|(at, doc)| (doc.path.as_str(), at))
        .collect();
    for (at, doc) in after.iter().enumerate() {
        let same = by_path.get(doc.path.as_str()).copied();
        if let Some(old) = same.filter(|old| id(&before[*old].value) == id(&doc.value)) {
            (partner[at], used[old]) = (Some(old), true);
        }
    }
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, doc) in before.iter().enumerate().rev() {
        if !used[at] {
            by_id.entry(id(&doc.value)).or_default().push(at);
        }
    }
    let names = |doc: &'a Doc<T>| {
        std::iter::once(id(&doc.value)).chain(aliases(&doc.value).iter().map(String::as_str))
    };
    for (at, doc) in after.iter().enumerate() {
        if partner[at].is_some() {
            continue;
        }
        let found = names(doc)
            .filter(|name| !name.is_empty())
            .find_map(|name| by_id.get_mut(name)?.pop());
        if let Some(old) = found {
            (partner[at], used[old]) = (Some(old), true);
        }
    }
    for (at, doc) in after.iter().enumerate() {
        let same = by_path.get(doc.path.as_str()).copied();
        let same =
            same.filter(|old| partner[at].is_none() && !used[*old] && is_alike(&before[*old], doc));
        if let Some(old) = same {
            (partner[at], used[old]) = (Some(old), true);
        }
    }
    let mut out = Pairs {
        both: Vec::new(),
        gone: Vec::new(),
        come: Vec::new(),
    };
    for (doc, partner) in after.iter().zip(partner) {
        match partner {
            Some(old) => out.both.push((&before[old], doc)),
            None => out.come.push(doc),
        }
    }
    let gone = before.iter().zip(used).filter(|(_, used)| !used);
    out.gone = gone.map(|(doc, _)| doc).collect();
    out
}

/// Pairs files that have nothing but an id.
pub(super) fn by_id<'a, T>(
    before: &'a [Doc<T>],
    after: &'a [Doc<T>],
    id: fn(&T) -> &str,
) -> Pairs<'a, T> {
    pair(before, after, id, |_| &[], |_, _| false)
}

/// Returns the paths of some files.
pub(super) fn paths<'a, T>(docs: &'a [Doc<T>], out: &mut HashSet<&'a str>) {
    out.extend(docs.iter().map(|doc| doc.path.as_str()));
}
