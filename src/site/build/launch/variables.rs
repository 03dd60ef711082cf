//! Results by one variable of their environments at a time, and all environments, where there are too many for columns.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Environment, Flag, Status};
use crate::site::build::behind;
use crate::site::build::failures::LaunchContext;
use crate::site::build::rows::natural;
use crate::site::texts::{say, thousands};
use crate::site::view::sheet::{Cell, Sheet, SheetPart};
use crate::site::widgets::{Filter, Tally, percent};
use crate::site::words;

/// Variables with a table.
const VARIABLES: usize = 8;
/// Values of a variable that are listed, those with the most unresolved results first where there are more.
const VALUES: usize = 30;
/// More of them, which stand behind a summary.
const REST: usize = 300;
/// Results of one of these that are named in its link; of more the value itself is asked for.
const NAMED: usize = 40;
/// Environments that are listed at once.
const ENVIRONMENTS: usize = 500;

/// The anchor of the table of all environments.
pub(super) const ALL: &str = "all-environments";

/// What ran in one environment, or with one value of a variable.
#[derive(Debug, Default)]
struct Part {
    tally: Tally,
    environments: BTreeSet<u32>,
    ids: Vec<String>,
}

/// Returns a table for each variable in which environments differ, and one of all environments. Where the matrix says as much,
/// none: one variable, and a column for each of its values.
pub(super) fn parts(
    context: &LaunchContext<'_>,
    differing: &[&str],
    names: &BTreeMap<u32, String>,
    has_all_columns: bool,
) -> Vec<SheetPart> {
    let launch = &context.project.project.launches[context.number];
    let none = Environment::default();
    let of = |env: u32| launch.environments.get(env as usize).unwrap_or(&none);
    let mut out = Vec::new();
    if differing.len() > 1 {
        for variable in differing.iter().take(VARIABLES) {
            let groups = grouped(context, |env| of(env).get(variable).cloned());
            let head = say!("environments.by", variable = words::line(variable));
            out.push(sheet(context, &head, variable, groups, VALUES));
        }
    }
    if !has_all_columns {
        let groups = grouped(context, |env| names.get(&env).cloned());
        let head = say!("environments.all");
        out.push(sheet(context, &head, "env", groups, ENVIRONMENTS).at(ALL));
    }
    out
}

/// Counts results by what is said of their environments; overridden ones are left out.
fn grouped(
    context: &LaunchContext<'_>,
    said: impl Fn(u32) -> Option<String>,
) -> BTreeMap<Option<String>, Part> {
    let mut out: BTreeMap<Option<String>, Part> = BTreeMap::new();
    let mut known: BTreeMap<u32, Option<String>> = BTreeMap::new();
    for row in context.rows {
        let outcome = row.outcome;
        if outcome.has(Flag::Overridden) {
            continue;
        }
        let value = known
            .entry(outcome.env)
            .or_insert_with(|| said(outcome.env));
        let part = out.entry(value.clone()).or_default();
        part.tally.add(outcome);
        part.environments.insert(outcome.env);
        part.ids.push(outcome.id.clone());
    }
    out
}

fn sheet(
    context: &LaunchContext<'_>,
    title: &str,
    variable: &str,
    groups: BTreeMap<Option<String>, Part>,
    most: usize,
) -> SheetPart {
    let mut sheet = Sheet::new(
        title,
        &[
            ("column.value", ""),
            ("column.unresolved", "num"),
            ("column.failed", "num"),
            ("column.broken", "num wide"),
            ("column.skipped", "num wide"),
            ("column.passed", "num mid"),
            ("column.results", "num"),
            ("column.pass-rate", "num"),
        ],
    );
    let mut groups: Vec<(Option<String>, Part)> = groups.into_iter().collect();
    let n = groups.len();
    let by_name = |a: &(Option<String>, Part), b: &(Option<String>, Part)| {
        let of = |one: &(Option<String>, Part)| one.0.clone().unwrap_or_default();
        (a.0.is_none().cmp(&b.0.is_none())).then_with(|| natural(&of(a), &of(b)))
    };
    groups.sort_by(by_name);
    let mut rest = Vec::new();
    if n > most {
        groups.sort_by_key(|(_, part)| {
            std::cmp::Reverse((part.tally.unresolved, part.tally.failures()))
        });
        rest = groups.split_off(most);
        rest.truncate(REST);
        groups.sort_by(by_name);
        rest.sort_by(by_name);
    }
    let shown = groups.len() + rest.len();
    let has_muted = { groups.iter().chain(&rest) }.any(|(_, part)| part.tally.muted > 0);
    let mut hidden = Sheet {
        rows: Vec::new(),
        ..sheet.clone()
    };
    for (value, part) in groups {
        sheet.row(cells(context, variable, value, part, usize::MAX));
    }
    for (value, part) in rest {
        hidden.row(cells(context, variable, value, part, NAMED));
    }
    let mut part = SheetPart::new(title, sheet).with_rest(n, hidden);
    if has_muted {
        part = part.lead(&say!("environments.muted-left-out"));
    }
    match n > shown {
        true => part.cut_to(say!(
            "environments.values-cut",
            shown = shown,
            all = thousands(n as u64)
        )),
        false => part,
    }
}

/// The row of a value: it leads to its results by their ids, where there are at most so many.
fn cells(
    context: &LaunchContext<'_>,
    variable: &str,
    value: Option<String>,
    part: Part,
    most: usize,
) -> [Cell; 8] {
    let tally = &part.tally;
    let name = match &value {
        Some(value) => words::line(value),
        None => say!("environments.no-variable", names = words::line(variable)),
    };
    let is_named = part.ids.len() <= most || value.is_none();
    let filter = Filter {
        label: value.map(|value| (variable.to_owned(), value)),
        ids: is_named.then_some(part.ids),
        ..Filter::default()
    };
    let href = behind::results_href(context, &filter);
    let count = |n: u64| Cell::text(thousands(n));
    [
        Cell::row(name, Some(href)),
        match tally.unresolved {
            0 => count(0),
            n => count(n).toned("failed"),
        },
        count(tally.of(Status::Failed)),
        count(tally.of(Status::Broken)),
        count(tally.of(Status::Skipped)),
        count(tally.of(Status::Passed)),
        count(tally.total()),
        Cell::text(percent(tally.passes)),
    ]
}
