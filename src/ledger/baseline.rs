//! Which launch another one is held against.

use std::collections::BTreeSet;

use super::launch::Launch;
use crate::base::Timestamp;
use crate::model::{LaunchFile, Source};
use crate::store::launches::LaunchHead;

/// How a baseline was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Somebody named it with the command.
    Asked,
    /// The launch names it.
    Named,
    /// It is the latest one of the same branch and name.
    Latest,
    /// It is the latest one of the same branch whose name differs in numbers alone.
    Alike,
}

/// There is nothing to hold a launch against.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBaseline {
    #[error("the launch names `{0}` as its baseline, which is not here")]
    Gone(String),
    #[error(
        "no closed launch before it is called `{name}`{}",
        branch.as_ref().map(|branch| format!(" on branch `{branch}`")).unwrap_or_default()
    )]
    None {
        name: String,
        branch: Option<String>,
    },
}

/// Returns the closed launch that a launch is held against: the one that it names, else the latest
/// one before it of the same branch and name, superseded ones apart. Where none has the name, numbers
/// in names make no difference.
pub fn baseline<'h>(
    launch: &Launch,
    heads: &'h [LaunchHead],
) -> Result<(&'h LaunchHead, Found), NoBaseline> {
    let own = Own {
        id: &launch.id,
        name: &launch.name,
        opened: launch.opened.at,
        source: &launch.source,
        named: launch.baseline.as_deref(),
        supersedes: launch.supersedes.as_deref(),
    };
    let (at, found) = baseline_among(&own, heads.iter().map(|head| &head.file))?;
    Ok((&heads[at], found))
}

/// What a baseline is looked for by.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub opened: Timestamp,
    pub source: &'a Source,
    /// The id of the launch that it names as its baseline.
    pub named: Option<&'a str>,
    pub supersedes: Option<&'a str>,
}

impl<'a> From<&'a LaunchFile> for Own<'a> {
    fn from(file: &'a LaunchFile) -> Self {
        Self {
            id: &file.id,
            name: &file.name,
            opened: file.opened.at,
            source: &file.source,
            named: file.baseline.as_deref(),
            supersedes: file.supersedes.as_deref(),
        }
    }
}

/// Returns the place of the closed launch that one is held against, as [`baseline`] does, among launches in the order
/// of their opening.
pub fn baseline_among<'f, I>(own: &Own<'_>, mut files: I) -> Result<(usize, Found), NoBaseline>
where
    I: DoubleEndedIterator<Item = &'f LaunchFile> + ExactSizeIterator + Clone,
{
    if let Some(named) = own.named {
        let at = files.position(|file| file.id == named);
        let at = at.ok_or_else(|| NoBaseline::Gone(named.to_owned()))?;
        return Ok((at, Found::Named));
    }
    let superseded = files
        .clone()
        .filter_map(|file| file.supersedes.as_deref())
        .collect::<BTreeSet<&str>>();
    let counts = |(_, file): &(usize, &LaunchFile)| {
        (file.opened.at, file.id.as_str()) < (own.opened, own.id)
            && file.source.branch == own.source.branch
            && !superseded.contains(file.id.as_str())
            && own.supersedes != Some(&file.id)
    };
    let before = || files.clone().enumerate().rev().filter(counts);
    let alike = |file: &LaunchFile| without_numbers(&file.name) == without_numbers(own.name);
    let same = before().find(|(_, file)| file.name == own.name);
    let found = same.map(|(at, _)| (at, Found::Latest));
    let found = found.or_else(|| {
        let (at, _) = before().find(|(_, file)| alike(file))?;
        Some((at, Found::Alike))
    });
    found.ok_or_else(|| NoBaseline::None {
        name: own.name.to_owned(),
        branch: own.source.branch.clone(),
    })
}

/// Returns a name with each run of digits as one `#`: `Nightly 235` and `Nightly 1000` are alike.
pub fn without_numbers(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c.is_ascii_digit() {
            true if out.ends_with('#') => {}
            true => out.push('#'),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_make_no_difference() {
        for (a, b, alike) in [
            ("Nightly 99", "Nightly 100", true),
            ("Release 26.11-rc.1", "Release 26.12-rc.10", true),
            ("Release 26.11", "Release 26.11-rc.1", false),
            (
                "Launch of 2026-11-25 02:00",
                "Launch of 2026-11-26 02:00",
                true,
            ),
            ("Nightly", "Nightly 1", false),
        ] {
            assert_eq!(without_numbers(a) == without_numbers(b), alike, "{a}, {b}");
        }
    }
}
