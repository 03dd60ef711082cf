//! jest and vitest: a pattern of names and a file, one run a file, since a pattern counts in all files
//! that a run has.
//!
//! Allure's adapters write `path#suite test`, newer ones `package:path#suite test`; vitest's JUnit file
//! `path.suite > test`; jest-junit, as it comes, `suite test.suite test`, which names no file, and with
//! `classNameTemplate: "{filepath}"` `path.suite test`.

use std::collections::BTreeMap;

use super::{LINE_MAX, Run, Runs, Target, Unusable, joined, operand, pattern};

/// A test's file, where its name says that, and what the names of the test match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub(super) file: Option<&'a str>,
    pub(super) test: &'a str,
}

pub(super) fn jest(targets: &[&Target], how: Runs) -> Result<Vec<Run>, Unusable> {
    let by_file = by_file(targets, "jest", how)?;
    Ok(each(&by_file, |names, files| {
        let mut args = vec![format!("--testNamePattern={names}")];
        if !files.is_empty() {
            args.push("--runTestsByPath".to_owned());
            args.extend(files.iter().map(|file| operand(file)));
        }
        args
    }))
}

pub(super) fn vitest(targets: &[&Target], how: Runs) -> Result<Vec<Run>, Unusable> {
    let by_file = by_file(targets, "vitest", how)?;
    Ok(each(&by_file, |names, files| {
        let mut args = vec!["run".to_owned(), format!("--testNamePattern={names}")];
        args.extend(files.iter().map(|file| operand(file)));
        args
    }))
}

/// Patterns by the files that they count in.
type ByFile<'a> = BTreeMap<Vec<&'a str>, Vec<String>>;

fn by_file<'a>(
    targets: &[&'a Target],
    runner: &'static str,
    how: Runs,
) -> Result<ByFile<'a>, Unusable> {
    let mut out: ByFile<'_> = BTreeMap::new();
    for target in targets {
        let named = named(&target.full_name).ok_or(Unusable::Form {
            runner,
            expected: "`path#suite test`, `path.suite test` or `suite test.suite test`",
        })?;
        if named.file.is_some_and(|file| file.contains('*')) {
            return Err(Unusable::Star(runner));
        }
        let files: Vec<&str> = named.file.into_iter().collect();
        out.entry(files).or_default().push(name_pattern(named.test));
    }
    if how.together {
        // Without a file a test may be in any.
        let everywhere = out.contains_key(&Vec::new());
        let files: Vec<&str> = out.keys().flatten().copied().collect();
        let files = if everywhere { Vec::new() } else { files };
        let names = out.into_values().flatten().collect();
        out = BTreeMap::from([(files, names)]);
    }
    out.retain(|_, names| !names.is_empty());
    for names in out.values_mut() {
        names.sort();
        names.dedup();
    }
    Ok(out)
}

fn each(by_file: &ByFile<'_>, args: impl Fn(&str, &[&str]) -> Vec<String>) -> Vec<Run> {
    let mut runs = Vec::new();
    for (files, names) in by_file {
        // Files of one run are cut into several where they are many.
        let mut groups: Vec<Vec<&str>> = vec![Vec::new()];
        let mut length = 0;
        for file in files {
            length += file.len() + 3;
            if length > LINE_MAX / 2 {
                groups.push(Vec::new());
                length = file.len();
            }
            groups.last_mut().expect("there is a first").push(file);
        }
        for group in groups {
            let around = 100 + group.iter().map(|file| file.len() + 3).sum::<usize>();
            for names in joined(names, "|", around) {
                runs.push(Run {
                    args: args(&format!("^(?:{names})$"), &group),
                });
            }
        }
    }
    runs
}

/// Takes a full name apart.
pub(super) fn named(full: &str) -> Option<Named<'_>> {
    if let Some((place, test)) = full.split_once('#')
        && is_file(place)
    {
        let file = match place.split_once(':') {
            Some((package, file)) if !package.contains('/') || package.starts_with('@') => file,
            _ => place,
        };
        return some(Some(file), test);
    }
    if let Some((file, test)) = full.split_once(" › ")
        && is_file(file)
    {
        return some(Some(file), test);
    }
    if let Some(at) = end_of_file(full) {
        return some(Some(&full[..at]), &full[at + 1..]);
    }
    // The same text twice, a period between.
    let half = full.len() / 2;
    let halves = (full.get(..half), full.get(half + 1..));
    match halves {
        (Some(one), Some(other)) if one == other && full.get(half..=half) == Some(".") => {
            some(None, one)
        }
        _ => None,
    }
}

fn some<'a>(file: Option<&'a str>, test: &'a str) -> Option<Named<'a>> {
    let is_whole = !test.trim().is_empty() && file.is_none_or(|file| !file.is_empty());
    is_whole.then_some(Named { file, test })
}

const EXTENSIONS: [&str; 8] = [".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".mts", ".cts"];

fn is_file(place: &str) -> bool {
    EXTENSIONS.iter().any(|ext| place.ends_with(ext))
}

/// Returns where the file's path ends in `path.name`.
fn end_of_file(full: &str) -> Option<usize> {
    let ends = full.match_indices('.').map(|(at, _)| at);
    ends.filter(|at| *at > 0).find(|at| is_file(&full[..*at]))
}

/// Returns a pattern of a name. Suites are joined with blanks, in JUnit files with ` > `.
fn name_pattern(test: &str) -> String {
    let parts: Vec<String> = test.split(" > ").map(pattern).collect();
    parts.join(" (?:> )?")
}
