//! `go test`: `-run` takes a pattern a level, separated by slashes. Full names are `package.Test/sub`, as
//! go-junit-report and gotestsum write them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Run, Target, Unusable, joined, pattern};

const FORM: Unusable = Unusable::Form {
    runner: "go",
    expected: "`example.com/module/package.TestName` or `….TestName/sub`",
};

pub(super) fn runs(targets: &[&Target]) -> Result<Vec<Run>, Unusable> {
    // By package and the tests above: names of one level make one pattern.
    let mut levels: BTreeMap<(&str, Vec<&str>), BTreeSet<&str>> = BTreeMap::new();
    for target in targets {
        let (package, test) = split(&target.full_name).ok_or(FORM)?;
        if package.contains('*') {
            return Err(Unusable::Star("go"));
        }
        let mut path: Vec<&str> = test.split('/').collect();
        let last = path.pop().ok_or(FORM)?;
        levels.entry((package, path)).or_default().insert(last);
    }
    let whole = |package: &str, path: &[&str]| {
        let above = (0..path.len()).any(|n| {
            let level = levels.get(&(package, path[..n].to_vec()));
            level.is_some_and(|names| names.contains(path[n]))
        });
        above && !path.is_empty()
    };
    let mut runs = Vec::new();
    for ((package, path), names) in &levels {
        if whole(package, path) {
            continue;
        }
        let above: String = path
            .iter()
            .map(|name| format!("^{}$/", pattern(name)))
            .collect();
        let names: Vec<String> = names.iter().map(|name| pattern(name)).collect();
        for names in joined(&names, "|", 100 + above.len() + package.len()) {
            runs.push(Run {
                args: vec![
                    "-run".to_owned(),
                    format!("{above}^(?:{names})$"),
                    (*package).to_owned(),
                ],
            });
        }
    }
    Ok(runs)
}

/// Splits before the first part that can be a test: subtests may have periods in their names, too.
fn split(full: &str) -> Option<(&str, &str)> {
    let dots = full.match_indices('.').map(|(at, _)| at);
    let at = dots
        .filter(|at| *at > 0)
        .find(|at| is_test(&full[at + 1..]))?;
    let package = &full[..at];
    let plain = |c: char| c.is_alphanumeric() || "_-./~*".contains(c);
    let is_package = !package.starts_with('-') && package.chars().all(plain);
    is_package.then_some((package, &full[at + 1..]))
}

fn is_test(name: &str) -> bool {
    let function = name.split('/').next().unwrap_or_default();
    let kinds = ["Test", "Example", "Fuzz"];
    let rest = kinds.iter().find_map(|kind| function.strip_prefix(kind));
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '*';
    rest.is_some_and(|rest| !rest.starts_with(char::is_lowercase) && rest.chars().all(is_word))
}
