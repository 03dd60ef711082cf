//! Whether a part is as its append wrote it: by the sums that an append leaves in it, which nobody
//! needs but whoever carried it. Closing and sharing have sums of their own.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use super::part::{Part, StateError, number};
use super::sums::{self, Sums};
use super::{attachments, preview};
use crate::base::files::Stretch;
use crate::base::{FileError, files, text};
use crate::integrity;

/// The name of the list of a part's other files, in the format of `sha256sum -c`.
pub(super) const FILE: &str = "SHA256SUMS";

/// Whether a name is one of a file that a part has.
pub(super) fn is_file_of_part(name: &str) -> bool {
    is_evidence(name) || name == FILE
}

/// Whether a file of a part goes into a closed launch.
fn is_evidence(name: &str) -> bool {
    let is_rows = |stem| number(name, stem).is_some();
    is_rows("results") || is_rows("details") || name == attachments::FILE
}

/// Lists the sums of all that a part's append wrote, in the part's folder.
pub(super) fn seal(part: &Path) -> Result<(), FileError> {
    files::write(&part.join(FILE), &sums::write(&of(part)?))
}

fn of(part: &Path) -> Result<Sums, FileError> {
    let files = files::list_dir(part)?.into_iter().filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        is_evidence(&name).then(|| (name, Stretch::whole(entry.path())))
    });
    let files: Vec<(String, Stretch)> = files.collect();
    let sums = files.into_par_iter().map(|(name, file)| {
        let digest = sums::of_file(&file)?;
        Ok((name, digest))
    });
    sums.collect()
}

/// How a part is known to be whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wholeness {
    BySums,
    /// It has no sums, as versions before them wrote it; it has as many rows as it says.
    ByCounts,
    /// Which file is not as it was written, and why.
    Broken(String, String),
}

/// Holds a part against its sums, or, where it has none, against the counts of its intake.
pub(super) fn check(part: &Part) -> Result<Wholeness, StateError> {
    let broken = |file: &str, problem: &str| Wholeness::Broken(file.to_owned(), problem.to_owned());
    let Some(listed) = files::read_optional(&part.folder.join(FILE))? else {
        return Ok(match preview::read(std::slice::from_ref(part)) {
            Ok(_) => Wholeness::ByCounts,
            Err(StateError::Damaged { problem, .. }) => broken("results.yaml", &problem),
            Err(error) => return Err(error),
        });
    };
    let Ok(listed) = integrity::parse_sums(&listed) else {
        return Ok(broken(FILE, "it is no list of sums"));
    };
    let listed: Sums = listed.into_iter().collect();
    let found = of(&part.folder)?;
    Ok(match first_difference(&listed, &found) {
        None => Wholeness::BySums,
        Some(name) => broken(
            name,
            match (listed.contains_key(name), found.contains_key(name)) {
                (true, false) => "it is missing",
                (false, _) => "the part's sums do not list it",
                (true, true) => "it does not have the digest that it was written with",
            },
        ),
    })
}

/// Returns the first file that two parts have otherwise, or that one of them lacks.
pub(super) fn difference(one: &Path, other: &Path) -> Result<Option<String>, FileError> {
    let (one, other) = (of(one)?, of(other)?);
    Ok(first_difference(&one, &other).map(str::to_owned))
}

fn first_difference<'a>(one: &'a Sums, other: &'a Sums) -> Option<&'a str> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let mut names = names.into_iter();
    let found = names.find(|name| one.get(*name) != other.get(*name));
    found.map(String::as_str)
}

/// Says of parts without sums how they were accepted.
pub(super) fn notice(parts: &[String]) -> Option<String> {
    let (is, it) = match parts.len() {
        0 => return None,
        1 => ("has no sums", "its counts hold"),
        _ => ("have no sums", "their counts hold"),
    };
    let parts = text::ticked(parts, "and");
    Some(format!(
        "{parts} {is}, as versions before sums wrote them; {it}, and that is all that can be said"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            files::write(&folder.path().join(name), text.as_bytes()).expect("written");
        }
        folder
    }

    fn checked(folder: &Path) -> Wholeness {
        let part = Part {
            shard: "a-0123456789".into(),
            folder: folder.to_path_buf(),
            header: crate::store::ShardHeader::default(),
            results: vec!["results.yaml".into()],
            details: Vec::new(),
            order: 0,
        };
        check(&part).expect("it reads")
    }

    #[test]
    fn what_is_otherwise_is_named() {
        let whole = [
            ("results.yaml", "a"),
            ("details.yaml", "b"),
            ("details-2.yaml", "c"),
        ];
        let folder = part(&whole);
        seal(folder.path()).expect("sealed");
        assert_eq!(checked(folder.path()), Wholeness::BySums);
        let broken = |name: &str, problem: &str| Wholeness::Broken(name.into(), problem.into());
        files::write(&folder.path().join("details.yaml"), b"B").expect("written");
        let problem = "it does not have the digest that it was written with";
        assert_eq!(checked(folder.path()), broken("details.yaml", problem));
        files::write(&folder.path().join("details.yaml"), b"b").expect("written");
        files::write(&folder.path().join("details-3.yaml"), b"d").expect("written");
        let problem = "the part's sums do not list it";
        assert_eq!(checked(folder.path()), broken("details-3.yaml", problem));
        files::remove_file(&folder.path().join("details-3.yaml")).expect("removed");
        files::remove_file(&folder.path().join("details-2.yaml")).expect("removed");
        assert_eq!(
            checked(folder.path()),
            broken("details-2.yaml", "it is missing")
        );
        files::write(&folder.path().join(FILE), b"what\n").expect("written");
        assert_eq!(
            checked(folder.path()),
            broken(FILE, "it is no list of sums")
        );
    }

    #[test]
    fn parts_are_compared_by_what_is_closed() {
        let (one, other) = (
            part(&[("results.yaml", "a")]),
            part(&[("results.yaml", "a")]),
        );
        seal(one.path()).expect("sealed");
        assert_eq!(difference(one.path(), other.path()).expect("reads"), None);
        files::write(&other.path().join("attachments.tar"), b"x").expect("written");
        let found = difference(one.path(), other.path()).expect("reads");
        assert_eq!(found.as_deref(), Some("attachments.tar"));
    }

    #[test]
    fn what_has_no_sums_is_said_once() {
        assert_eq!(notice(&[]), None);
        let one = notice(&["a".into()]).expect("a notice");
        assert!(
            one.starts_with("`a` has no sums, as versions before sums wrote them; its counts hold")
        );
        let two = notice(&["a".into(), "b".into()]).expect("a notice");
        assert!(two.starts_with("`a` and `b` have no sums") && two.contains("their counts hold"));
    }
}
