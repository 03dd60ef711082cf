//! Names that some file systems take for one: they differ in case, or in how an accent is written.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

use super::{Answer, Check, Condition, Patient};
use crate::store::{FolderFiles, walk};

const NAME: &str = "names";

/// Looks for such names in the workspace: in the current commit, and in the working tree.
pub(super) fn check(patient: &Patient<'_>) -> Answer {
    let mut paths = Vec::new();
    if let Some(commit) = patient.repo.head()?.commit {
        let tree = patient.repo.tree(commit)?;
        let prefix = match patient.prefix {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let entries = tree.walk(patient.prefix)?.into_iter();
        paths.extend(entries.filter_map(|e| e.path.strip_prefix(&prefix).map(str::to_owned)));
    }
    if !patient.repo.is_bare() {
        let files = FolderFiles::new(patient.root);
        let skip = |path: &str| path == ".git" || path == "site";
        let found = walk(&files, "", &skip)?;
        paths.extend(found.into_iter().map(|entry| entry.path));
    }
    let clashes = clashes(&paths);
    if clashes.is_empty() {
        let message = "no two paths are one to another system";
        return Ok(vec![Check::new(NAME, Condition::Ok, message)]);
    }
    let check = |names: Vec<String>| {
        let how = match names
            .iter()
            .all(|name| name.to_lowercase() == names[0].to_lowercase())
        {
            true => "in case",
            false => "in how accents are written",
        };
        let names = crate::base::text::ticked(&names, "and");
        let message = format!("{names} differ only {how}: macOS and Windows take them for one");
        Check::new(NAME, Condition::Found, message).next("rename all but one with `git mv`")
    };
    Ok(clashes.into_iter().map(check).collect())
}

/// Groups paths that fold to the same; below folders that clash nothing more is said.
fn clashes(paths: &[String]) -> Vec<Vec<String>> {
    let mut known: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for path in paths {
        let ends = path.match_indices('/').map(|(end, _)| end);
        for end in ends.chain([path.len()]) {
            let part = &path[..end];
            let names = known.entry(fold(part)).or_default();
            if !names.contains(&part) {
                names.push(part);
            }
        }
    }
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    for (folded, mut names) in known {
        let is_below = |(above, _): &(String, Vec<String>)| {
            folded
                .strip_prefix(above.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
        };
        if names.len() > 1 && !out.iter().any(is_below) {
            names.sort_unstable();
            out.push((folded, names.into_iter().map(str::to_owned).collect()));
        }
    }
    out.into_iter().map(|(_, names)| names).collect()
}

/// Returns what a file system that ignores case and normalisation compares.
fn fold(path: &str) -> String {
    path.nfd().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_clash() {
        let paths =
            |paths: &[&str]| -> Vec<String> { paths.iter().map(|p| (*p).to_owned()).collect() };
        let found = clashes(&paths(&[
            "a/B/x",
            "a/b/x",
            "a/b/y",
            "r\u{e9}",
            "re\u{301}",
            "z",
            "a-b",
        ]));
        assert_eq!(
            found,
            [paths(&["a/B", "a/b"]), paths(&["re\u{301}", "r\u{e9}"])]
        );
        assert_eq!(
            clashes(&paths(&["a", "a/b", "ab"])),
            Vec::<Vec<String>>::new()
        );
    }
}
