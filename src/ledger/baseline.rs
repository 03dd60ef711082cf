//! Which launch another one is held against.

use super::history::superseded;
use super::launch::Launch;
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
    if let Some(named) = &launch.baseline {
        let head = heads.iter().find(|head| head.file.id == *named);
        let head = head.ok_or_else(|| NoBaseline::Gone(named.clone()))?;
        return Ok((head, Found::Named));
    }
    let superseded = superseded(heads);
    let own = (launch.opened.at, &launch.id);
    let counts = |head: &&LaunchHead| {
        let file = &head.file;
        (file.opened.at, &file.id) < own
            && file.source.branch == launch.source.branch
            && !superseded.contains(file.id.as_str())
            && launch.supersedes.as_ref() != Some(&file.id)
    };
    let before = || heads.iter().rev().filter(counts);
    let same = before().find(|head| head.file.name == launch.name);
    let alike =
        || before().find(|head| without_numbers(&head.file.name) == without_numbers(&launch.name));
    let found = same.map(|head| (head, Found::Latest));
    let found = found.or_else(|| alike().map(|head| (head, Found::Alike)));
    found.ok_or_else(|| NoBaseline::None {
        name: launch.name.clone(),
        branch: launch.source.branch.clone(),
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
