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
/// Environments that are listed.
const ENVIRONMENTS: usize = 500;

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
        out.push(sheet(context, &head, "env", groups, ENVIRONMENTS));
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
    if n > most {
        groups.sort_by_key(|(_, part)| {
            std::cmp::Reverse((part.tally.unresolved, part.tally.failures()))
        });
        groups.truncate(most);
        groups.sort_by(by_name);
    }
    let has_muted = groups.iter().any(|(_, part)| part.tally.muted > 0);
    for (value, part) in groups {
        let tally = &part.tally;
        let name = match &value {
            Some(value) => words::line(value),
            None => say!("environments.no-variable", names = words::line(variable)),
        };
        let filter = Filter {
            label: value.map(|value| (variable.to_owned(), value)),
            ..Filter::default()
        };
        let href = behind::results_href(context, &filter.of(part.ids));
        let count = |n: u64| Cell::text(thousands(n));
        let cells = [
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
        ];
        sheet.row(cells);
    }
    let part = SheetPart::new(title, sheet);
    let part = match has_muted {
        true => part.lead(&say!("environments.muted-left-out")),
        false => part,
    };
    match n > most {
        true => part.cut_to(say!(
            "environments.values-cut",
            shown = most,
            all = thousands(n as u64)
        )),
        false => part,
    }
}
