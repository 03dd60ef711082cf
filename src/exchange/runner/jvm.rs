//! Gradle's `--tests` and surefire's `-Dtest`. Full names are `package.Class.method`; what JUnit files
//! put behind a method, parameters and numbers, is left off: these select methods.

use std::collections::BTreeMap;

use super::{LINE_MAX, Run, Target, Unusable, joined};

pub(super) fn gradle(targets: &[&Target]) -> Result<Vec<Run>, Unusable> {
    let mut names = Vec::new();
    for target in targets {
        let (class, method) = split(&target.full_name, "Gradle")?;
        names.push(format!("{class}.{method}"));
    }
    names.sort();
    names.dedup();
    let runs = joined(&names, "\n", LINE_MAX / 3).into_iter();
    Ok(runs
        .map(|names| Run {
            args: names
                .lines()
                .flat_map(|name| ["--tests".to_owned(), name.to_owned()])
                .collect(),
        })
        .collect())
}

pub(super) fn maven(targets: &[&Target]) -> Result<Vec<Run>, Unusable> {
    let mut by_class: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for target in targets {
        let (class, method) = split(&target.full_name, "Maven")?;
        if class.contains('*') {
            return Err(Unusable::Star("Maven"));
        }
        let methods = by_class.entry(class).or_default();
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    let classes: Vec<String> = by_class
        .iter()
        .map(|(class, methods)| format!("{class}#{}", methods.join("+")))
        .collect();
    let runs = joined(&classes, ",", 100).into_iter();
    Ok(runs
        .map(|classes| Run {
            args: vec![format!("-Dtest={classes}")],
        })
        .collect())
}

fn split<'a>(full: &'a str, runner: &'static str) -> Result<(&'a str, &'a str), Unusable> {
    let end = full.find(['(', '{', '[']).unwrap_or(full.len());
    let is_name = |text: &str, more: &str| {
        let fits = |c: char| c.is_alphanumeric() || "_$*".contains(c) || more.contains(c);
        !text.is_empty() && text.chars().all(fits)
    };
    let found = full[..end].rsplit_once('.');
    let is_class = |class: &str| is_name(class, ".") && !class.starts_with('.');
    let found = found.filter(|(class, method)| is_class(class) && is_name(method, ""));
    // A pattern without a word of its own would select all tests.
    let found = found.filter(|(class, method)| {
        let says = |text: &str| text.chars().any(char::is_alphanumeric);
        says(class) || says(method)
    });
    found.ok_or(Unusable::Form {
        runner,
        expected: "`package.Class.method`",
    })
}
