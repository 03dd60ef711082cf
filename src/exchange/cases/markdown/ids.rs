//! Ids that headings of cases begin with, as `TC-12: sign in` or `[TC-12] sign in`.

use std::collections::{BTreeMap, BTreeSet};

use super::Node;
use crate::base::path as paths;

/// What the ids of cases begin with everywhere.
const COMMON: [&str; 5] = ["C", "CASE", "T", "TC", "TEST"];

/// Finds the ids that headings of cases begin with; titles stay as they are. `UTF-8: …` is no id: an unusual
/// beginning must have another number beside it, or be in the name of the file.
pub(super) fn take(nodes: &mut [Node], is_case: &[bool], path: &str) {
    let mut numbers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let found: Vec<Option<TitleId<'_>>> = { nodes.iter().zip(is_case) }
        .map(|(node, is_case)| is_case.then(|| of_title(&node.title)).flatten())
        .collect();
    for one in found.iter().flatten() {
        numbers.entry(one.prefix).or_default().insert(one.number);
    }
    let name = paths::file_name(path).to_ascii_lowercase();
    let is_meant = |one: &TitleId<'_>| {
        COMMON.contains(&one.prefix)
            || numbers[one.prefix].len() > 1
            || name.contains(&one.id.to_ascii_lowercase())
    };
    let meant: Vec<Option<String>> = { found.iter() }
        .map(|one| {
            one.as_ref()
                .filter(|one| is_meant(one))
                .map(|one| one.id.to_owned())
        })
        .collect();
    for (node, id) in nodes.iter_mut().zip(meant) {
        node.id = id;
    }
}

/// An id that a title begins with, as its letters and its number.
struct TitleId<'a> {
    id: &'a str,
    prefix: &'a str,
    number: &'a str,
}

fn of_title(title: &str) -> Option<TitleId<'_>> {
    let title = title.trim().trim_start_matches(['*', '`']);
    let bracketed = title
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .or_else(|| {
            title
                .strip_prefix('(')
                .and_then(|rest| rest.split_once(')'))
        });
    let (id, rest) = match bracketed {
        Some(found) => found,
        None => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            let end = title.find(|c| !is_part(c))?;
            let (id, rest) = title.split_at(end);
            let rest = rest.trim_start_matches(['*', '`']);
            let is_end = [":", " -", " –", " —", " |", "."]
                .iter()
                .any(|end| rest.starts_with(end));
            is_end.then_some((id, rest))?
        }
    };
    let letters = id.find(|c: char| !c.is_ascii_uppercase())?;
    let (prefix, number) = id.split_at(letters);
    let number = number.strip_prefix(['-', '_']).unwrap_or(number);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let says_more = rest.chars().any(char::is_alphanumeric);
    (is_number && says_more && (1..=12).contains(&prefix.len())).then_some(TitleId {
        id,
        prefix,
        number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_begin_with_ids() {
        for (title, id) in [
            ("TC-12: sign in", Some("TC-12")),
            ("**TC-12:** sign in", Some("TC-12")),
            ("[SHOP_3] sign in", Some("SHOP_3")),
            ("(C8120) sign in", Some("C8120")),
            ("REQ-1 – sign in", Some("REQ-1")),
            ("TC-12", None),
            ("TC-12 signs in", None),
            ("Tc-12: sign in", None),
            ("3: sign in", None),
            ("SIGN-IN: words", None),
        ] {
            assert_eq!(of_title(title).map(|one| one.id), id, "{title}");
        }
    }

    fn taken(path: &str, titles: &[&str]) -> Vec<String> {
        let node = |title: &&str| Node {
            title: (*title).to_owned(),
            ..Node::default()
        };
        let mut nodes: Vec<Node> = titles.iter().map(node).collect();
        take(&mut nodes, &vec![true; titles.len()], path);
        nodes.into_iter().filter_map(|node| node.id).collect()
    }

    #[test]
    fn what_only_looks_like_an_id_is_none() {
        assert_eq!(taken("a.md", &["UTF-8: reads", "TC-1: x"]), ["TC-1"]);
        assert_eq!(taken("a.md", &["AB-1: x", "AB-2: y"]), ["AB-1", "AB-2"]);
        assert_eq!(taken("b/ab-1-x.md", &["AB-1: x"]), ["AB-1"]);
    }
}
