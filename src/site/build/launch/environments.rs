//! Tests by the environments that they ran in: those that differ, and those that fail.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{frame, tabs, variables};
use crate::model::{Environment, Flag, Status, Totals};
use crate::site::build::failures::LaunchContext;
use crate::site::build::rows::{Row, natural};
use crate::site::pages::Writer;
use crate::site::texts::{counted, say, thousands};
use crate::site::view::launch::{Cell, EnvironmentColumn, EnvironmentsPage, MatrixRow};
use crate::site::{chart, words};

/// Environments with a column; those with the most unresolved results come first where there are
/// more.
const COLUMNS: usize = 12;
/// Tests with a row.
const TESTS: usize = 200;

/// Returns in how many environments there were results, where it is more than one.
pub(super) fn several(rows: &[Row<'_>]) -> Option<usize> {
    let mut used: Vec<u32> = rows.iter().map(|r| r.outcome.env).collect();
    used.sort_unstable();
    used.dedup();
    Some(used.len()).filter(|n| *n > 1)
}

/// A test: what its results in all environments share.
type Key<'a> = (&'a str, &'a str, Option<&'a str>);

/// One test's results by environment: environment and row, each environment once.
#[derive(Debug, Default)]
struct Test {
    cells: Vec<(u32, usize)>,
}

impl Test {
    fn fails<'t>(&'t self, rows: &'t [Row<'_>]) -> impl Iterator<Item = u32> + 't {
        let fails = move |row: usize| rows[row].outcome.status.needs_resolution();
        self.cells.iter().filter(move |c| fails(c.1)).map(|c| c.0)
    }

    fn differs(&self, rows: &[Row<'_>]) -> bool {
        let status = |(_, row): &(u32, usize)| rows[*row].outcome.status;
        self.cells
            .windows(2)
            .any(|pair| status(&pair[0]) != status(&pair[1]))
    }

    fn is_unresolved(&self, rows: &[Row<'_>]) -> bool {
        self.cells.iter().any(|c| rows[c.1].outcome.is_unresolved())
    }

    /// Whether it gets a row: all that [`finding`] counts as failing do, resolved or not.
    fn is_wanted(&self, rows: &[Row<'_>]) -> bool {
        self.differs(rows) || self.fails(rows).next().is_some()
    }
}

/// Tests in the order of their first row.
fn tests(rows: &[Row<'_>]) -> Vec<Test> {
    let mut at: HashMap<Key<'_>, usize> = HashMap::new();
    let mut cell_of: HashMap<(usize, u32), usize> = HashMap::new();
    let mut out: Vec<Test> = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let outcome = row.outcome;
        if outcome.has(Flag::Overridden) {
            continue;
        }
        let key = (
            outcome.test.as_str(),
            outcome.params.as_str(),
            outcome.name.as_deref(),
        );
        let test = *at.entry(key).or_insert_with(|| {
            out.push(Test::default());
            out.len() - 1
        });
        let cells = &mut out[test].cells;
        match cell_of.get(&(test, outcome.env)) {
            // Two results of one test in one environment: the one that needs a person stands.
            Some(cell) => {
                let held: &mut (u32, usize) = &mut cells[*cell];
                if outcome.is_unresolved() && !rows[held.1].outcome.is_unresolved() {
                    held.1 = number;
                }
            }
            None => {
                cell_of.insert((test, outcome.env), cells.len());
                cells.push((outcome.env, number));
            }
        }
    }
    out
}

pub(super) fn page(
    context: &LaunchContext<'_>,
    path: &str,
    writer: &Writer<'_>,
) -> EnvironmentsPage {
    let launch = &context.project.project.launches[context.number];
    let rows = context.rows;
    let totals = totals(rows);
    let differing = differing(launch.environments, &totals);
    let names = names(launch.environments, &totals, &differing);
    let (columns, columns_cut) = chosen(&totals, &names);
    let tests = tests(rows);
    let (finding, detail) = finding(rows, &tests, launch.environments, &names);
    let mut shown: Vec<&Test> = tests.iter().filter(|test| test.is_wanted(rows)).collect();
    let n = shown.len();
    if n > TESTS {
        shown.sort_by_key(|test| (!test.is_unresolved(rows), !test.differs(rows)));
        shown.truncate(TESTS);
        shown.sort_by_key(|test| test.cells.first().map(|c| c.1));
    }
    EnvironmentsPage {
        frame: frame(context, path, "environments", writer),
        tabs: tabs(context, "environments"),
        name: words::line(&launch.file.name),
        finding,
        detail,
        columns: columns
            .iter()
            .map(|env| column(&names[env], &totals[env]))
            .collect(),
        width: columns.len() + 1,
        parts: variables::parts(context, &differing, &names, columns_cut.is_empty()),
        columns_cut,
        all_columns: variables::ALL,
        rows: matrix(context, &shown, &columns),
        rows_text: match n {
            0 => say!("environments.no-test-differs-or-fails"),
            n => say!("environments.differ", n = n),
        },
        rows_cut: left_out(n, tests.len()),
    }
}

fn left_out(wanted: usize, all: usize) -> String {
    let alike = all - wanted;
    match (wanted > TESTS, alike) {
        (true, _) => say!(
            "environments.cut",
            shown = TESTS,
            tests = counted(wanted as u64, "test")
        ),
        (false, 0) => String::new(),
        (false, n) => say!("environments.left-out", n = n),
    }
}

/// Counts by environment, as the launch's own totals have them.
fn totals(rows: &[Row<'_>]) -> BTreeMap<u32, Totals> {
    let mut totals: BTreeMap<u32, Totals> = BTreeMap::new();
    for row in rows {
        let of = totals.entry(row.outcome.env).or_default();
        of.total += 1;
        of.unresolved += u64::from(row.outcome.is_unresolved());
        match row.outcome.has(Flag::Overridden) {
            true => of.overridden += 1,
            false => of.add(row.outcome.status),
        }
    }
    totals
}

/// The environments that get a column, in their order, and what is said of the others.
fn chosen(totals: &BTreeMap<u32, Totals>, names: &BTreeMap<u32, String>) -> (Vec<u32>, String) {
    let mut all: Vec<(u32, &Totals)> = totals.iter().map(|(env, t)| (*env, t)).collect();
    // As people sort: `python=3.9` before `python=3.10`.
    let by_name = |a: &(u32, &Totals), b: &(u32, &Totals)| {
        natural(&names[&a.0], &names[&b.0]).then(a.0.cmp(&b.0))
    };
    all.sort_by(by_name);
    let n = all.len();
    let mut said = String::new();
    if n > COLUMNS {
        all.sort_by_key(|(_, t)| std::cmp::Reverse(t.unresolved));
        all.truncate(COLUMNS);
        all.sort_by(by_name);
        said = say!(
            "environments.columns-cut",
            shown = COLUMNS,
            environments = counted(n as u64, "environment")
        );
    }
    (all.into_iter().map(|(env, _)| env).collect(), said)
}

/// The variables in which environments with results differ.
fn differing<'a>(environments: &'a [Environment], totals: &BTreeMap<u32, Totals>) -> Vec<&'a str> {
    let used: Vec<Option<&Environment>> = totals
        .keys()
        .map(|env| environments.get(*env as usize))
        .collect();
    let variables: BTreeSet<&str> = used.iter().flatten().flat_map(|one| one.keys()).collect();
    let value = |env: &Option<&'a Environment>, name: &str| env.and_then(|one| one.get(name));
    let differs = |name: &&str| {
        used.windows(2)
            .any(|pair| value(&pair[0], name) != value(&pair[1], name))
    };
    variables.into_iter().filter(differs).collect()
}

/// Names of environments, by the variables in which they differ.
fn names(
    environments: &[Environment],
    totals: &BTreeMap<u32, Totals>,
    differing: &[&str],
) -> BTreeMap<u32, String> {
    let none = Environment::default();
    let of = |env: &u32| environments.get(*env as usize).unwrap_or(&none);
    let name = |env: &u32| {
        let parts = differing
            .iter()
            .filter_map(|variable| Some(format!("{variable}={}", of(env).get(variable)?)));
        let name = words::line(&parts.collect::<Vec<_>>().join(", "));
        match name.is_empty() {
            true => say!(
                "environments.no-variable",
                names = words::line(&differing.join(", "))
            ),
            false => name,
        }
    };
    totals.keys().map(|env| (*env, name(env))).collect()
}

fn column(name: &str, totals: &Totals) -> EnvironmentColumn {
    let (variable, value) = name.split_at(name.find('=').map_or(0, |at| at + 1));
    EnvironmentColumn {
        variable: variable.to_owned(),
        value: value.to_owned(),
        counts: chart::counts(totals, |_| None),
        unresolved: totals.unresolved,
        unresolved_text: thousands(totals.unresolved),
    }
}

fn matrix(context: &LaunchContext<'_>, tests: &[&Test], columns: &[u32]) -> Vec<MatrixRow> {
    let mut last = String::new();
    let rows = tests.iter().map(|test| {
        let row = &context.rows[test.cells.first().map_or(0, |c| c.1)];
        let path = words::line(&words::path(&row.path));
        let shown = match path == last {
            true => String::new(),
            false => path.clone(),
        };
        last = path;
        MatrixRow {
            name: words::line(row.name),
            parameters: words::line(&row.parameters()),
            path: shown,
            cells: columns
                .iter()
                .map(|env| cell(context, test, *env))
                .collect(),
        }
    });
    rows.collect()
}

fn cell(context: &LaunchContext<'_>, test: &Test, env: u32) -> Cell {
    let Some((_, number)) = test.cells.iter().find(|(of, _)| *of == env) else {
        return Cell {
            status: "absent",
            label: say!("environments.did-not-run"),
            href: None,
            needs: false,
        };
    };
    let outcome = context.rows[*number].outcome;
    Cell {
        status: outcome.status.as_str(),
        label: words::label(outcome.status),
        href: Some(context.result_href(*number, "")),
        needs: outcome.is_unresolved(),
    }
}

/// Says what sets environments apart, and what else there is to know.
fn finding(
    rows: &[Row<'_>],
    tests: &[Test],
    environments: &[Environment],
    names: &BTreeMap<u32, String>,
) -> (String, String) {
    let mut only: BTreeMap<String, u64> = BTreeMap::new();
    let (mut apart, mut everywhere, mut single) = (0u64, 0u64, 0u64);
    for test in tests {
        let failing: Vec<u32> = test.fails(rows).collect();
        match failing.len() {
            0 => {}
            _ if test.cells.len() == 1 => single += 1,
            n if n == test.cells.len() => everywhere += 1,
            _ => {
                apart += 1;
                if let Some(place) = place(rows, test, &failing, environments, names) {
                    *only.entry(place).or_default() += 1;
                }
            }
        }
    }
    let passed = |test: &&Test| {
        let is_passed = |c: &(u32, usize)| rows[c.1].outcome.status == Status::Passed;
        test.cells.iter().all(is_passed)
    };
    let passed = tests.iter().filter(passed).count() as u64;
    let environments = || counted(names.len() as u64, "environment");
    let mut rest: Vec<String> = Vec::new();
    let mut places: Vec<(&String, &u64)> = only.iter().collect();
    places.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), *name));
    let lead = match places.as_slice() {
        [(name, n), others @ ..] => {
            rest.extend(
                others
                    .iter()
                    .take(3)
                    .map(|(name, n)| say!("environments.fail-only-on", n = **n, place = *name)),
            );
            let placed: u64 = places.iter().map(|p| *p.1).sum();
            if apart > placed {
                rest.push(say!("environments.fail-on-some", n = apart - placed));
            }
            say!("environments.fail-only-on", n = **n, place = *name)
        }
        [] if apart > 0 => say!(
            "environments.fail-on-some-of",
            n = apart,
            environments = environments()
        ),
        [] if everywhere > 0 => {
            let said = say!(
                "environments.none-stands-out",
                n = everywhere,
                environments = names.len()
            );
            everywhere = 0;
            said
        }
        [] if single > 0 => {
            let said = say!("environments.fail-in-one", n = single);
            single = 0;
            said
        }
        [] => say!("environments.no-test-fails", environments = environments()),
    };
    if everywhere > 0 {
        rest.push(say!("environments.fail-everywhere", n = everywhere));
    }
    if single > 0 {
        rest.push(say!("environments.fail-in-one", n = single));
    }
    rest.push(match passed {
        0 => say!("environments.none-passed", n = tests.len()),
        n => say!(
            "environments.passed",
            n = n,
            tests = counted(tests.len() as u64, "test")
        ),
    });
    // Other pages count such a test once: that there are more here is said.
    let is_several = |test: &Test| {
        test.cells
            .iter()
            .any(|(_, row)| !rows[*row].parameters().is_empty())
    };
    if tests.iter().any(is_several) {
        rest.push(say!("environments.with-parameters"));
    }
    let detail = words::sentence(&rest.join(&say!("list.semicolon")));
    (lead, say!("verdict.detail", detail = detail))
}

/// The variable's value, or else the environment, that all failing environments of a test share and
/// no other has that it ran in.
fn place(
    rows: &[Row<'_>],
    test: &Test,
    failing: &[u32],
    environments: &[Environment],
    names: &BTreeMap<u32, String>,
) -> Option<String> {
    let first = environments.get(*failing.first()? as usize)?;
    let has = |env: u32, name: &str, value: &String| {
        environments
            .get(env as usize)
            .is_some_and(|e| e.get(name) == Some(value))
    };
    let exactly = |(name, value): &(&str, &String)| {
        test.cells.iter().all(|(env, row)| {
            rows[*row].outcome.status.needs_resolution() == has(*env, name, value)
        })
    };
    let shared = first.iter().find(exactly);
    let shared = shared.map(|(name, value)| words::line(&format!("{name}={value}")));
    shared.or_else(|| match failing {
        [only] => names.get(only).cloned(),
        _ => None,
    })
}
