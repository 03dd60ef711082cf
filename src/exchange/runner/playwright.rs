//! Playwright: one pattern for `--grep`, which is put to project, file, suites, title and tags, joined
//! with blanks.
//!
//! Its JUnit file says `path.suite › title`, allure-playwright `path › suite › title`, in older versions
//! `path#suite title` or `path:line:column`. A test of one project runs with `--project`; each project has
//! runs of its own, since a test may have passed in the others.

use std::collections::BTreeMap;

use super::javascript::named;
use super::{Run, Target, Unusable, joined, pattern};

pub(super) fn runs(targets: &[&Target]) -> Result<Vec<Run>, Unusable> {
    let mut by_project: BTreeMap<Option<&str>, Vec<&Target>> = BTreeMap::new();
    for target in targets {
        let project = by_project.entry(target.project.as_deref()).or_default();
        project.push(target);
    }
    let mut all = Vec::new();
    for (project, targets) in by_project {
        let mut runs = of_project(&targets)?;
        if let Some(project) = project {
            for run in &mut runs {
                run.args.insert(0, format!("--project={project}"));
            }
        }
        all.extend(runs);
    }
    Ok(all)
}

/// Returns the runs of tests that are of one project, or of all.
fn of_project(targets: &[&Target]) -> Result<Vec<Run>, Unusable> {
    let (mut patterns, mut places) = (Vec::new(), Vec::new());
    for target in targets {
        match place(&target.full_name) {
            Some(place) => places.push(place),
            None => patterns.push(title_pattern(&target.full_name)?),
        }
    }
    let greps = joined(&patterns, "|", 100).into_iter();
    let greps = greps.map(|titles| format!("--grep=(?:^| )(?:{titles})(?: @\\S+)*$"));
    let mut runs: Vec<Run> = greps.map(|grep| Run { args: vec![grep] }).collect();
    // A place and a title together would have to hold both.
    runs.extend(joined(&places, "\n", 0).into_iter().map(|places| Run {
        args: places.lines().map(str::to_owned).collect(),
    }));
    Ok(runs)
}

/// Returns the argument for a file, a line and a column. A file is a pattern, too.
fn place(full: &str) -> Option<String> {
    let (rest, column) = full.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_place = is_number(line) && is_number(column) && !file.contains(['*', '#']);
    is_place.then(|| format!("(^|/){}:{line}:{column}", pattern(file)))
}

fn title_pattern(full: &str) -> Result<String, Unusable> {
    let form = Unusable::Form {
        runner: "Playwright",
        expected: "`path.suite › title`, `path#suite title` or `path:line:column`",
    };
    let named = named(full).ok_or(form.clone())?;
    let file = named.file.ok_or(form)?;
    let titles: Vec<String> = named.test.split(" › ").map(pattern).collect();
    Ok(format!("{} {}", pattern(file), titles.join(" ")))
}
