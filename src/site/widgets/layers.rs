//! How long results took, by layer, and whose cases fail.

use std::collections::BTreeMap;

use super::facts::{Facts, Nothing, Scope};
use super::groups::{Group, called, last_of, no_cases, no_result_yet, without};
use super::launches::no_results;
use super::shown::{Figure, Filter, Mark, Row, Shown, Stack, Table, Target, Tone, numbers, words};
use crate::model::Widget;
use crate::site::texts::{counted, human_duration, say, thousands};

const NAME: usize = 60;

/// Upper ends in milliseconds, exclusive, and the text of each; the last one is open.
const BINS: [(u64, &str); 8] = [
    (10, "widget.below-10-ms"),
    (100, "widget.10-to-100-ms"),
    (1_000, "widget.100-ms-to-1-s"),
    (5_000, "widget.1-to-5-s"),
    (30_000, "widget.5-to-30-s"),
    (120_000, "widget.30-s-to-2-min"),
    (600_000, "widget.2-to-10-min"),
    (u64::MAX, "widget.10-min-or-more"),
];

pub(super) fn durations(
    facts: &Facts<'_>,
    scope: &Scope,
    widget: &Widget,
) -> Result<Shown, Nothing> {
    let launch = scope.latest().unwrap_or_default();
    // Of each bin, the ids of results by group.
    let mut bins: Vec<BTreeMap<Option<String>, Vec<String>>> = vec![BTreeMap::new(); BINS.len()];
    let (mut work, mut slow, mut n) = (0_u64, 0_u64, 0_u64);
    scope.each(facts, launch, |subject| {
        let Some(ms) = subject.outcome.duration else {
            return;
        };
        let bin = BINS
            .iter()
            .position(|(end, _)| ms < *end)
            .unwrap_or(BINS.len() - 1);
        // The first value alone, so that each result stands in one place.
        bins[bin]
            .entry(scope.groups(subject).into_iter().next())
            .or_default()
            .push(subject.outcome.id.clone());
        (work, n) = (work.saturating_add(ms), n + 1);
        if bin >= 4 {
            slow += 1;
        }
    })?;
    if n == 0 {
        return Ok(no_results(say!("widget.no-duration")));
    }
    let mut sums: BTreeMap<&Option<String>, u64> = BTreeMap::new();
    for (name, ids) in bins.iter().flatten() {
        *sums.entry(name).or_default() += ids.len() as u64;
    }
    let mut names: Vec<(&Option<String>, u64)> = sums.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    names.truncate(widget.limit.unwrap_or(4) as usize);
    let shown: Vec<&Option<String>> = names.into_iter().map(|(name, _)| name).collect();
    let text = |name: &Option<String>| {
        name.as_deref()
            .map_or_else(|| without(scope), |name| scope.shown(name, NAME))
    };
    let mut columns = vec![words(say!("column.took"))];
    let head = |name: &&Option<String>| numbers(say!("widget.of-group", name = text(name)));
    columns.extend(shown.iter().map(head));
    columns.extend([
        numbers(say!("column.others")),
        numbers(say!("column.results")),
    ]);
    let mut table = Table::new(columns);
    let mut stacks = Vec::new();
    let of = |ids: Vec<String>| Target::Results {
        launch,
        filter: Filter::default().of(ids),
    };
    for (bin, (_, key)) in bins.iter().zip(BINS) {
        let label = say!(key);
        let all: Vec<String> = bin.values().flatten().cloned().collect();
        let mut lists: Vec<Vec<String>> = shown
            .iter()
            .map(|name| bin.get(*name).cloned().unwrap_or_default())
            .collect();
        let others = bin.iter().filter(|(name, _)| !shown.contains(name));
        lists.push(others.flat_map(|(_, ids)| ids).cloned().collect());
        let cells = lists.iter().chain([&all]);
        let cells = cells.map(|ids| thousands(ids.len() as u64));
        let row: Vec<String> = [label.clone()].into_iter().chain(cells).collect();
        table.row(of(all.clone()), row);
        let parts = shown
            .iter()
            .map(|name| text(name))
            .chain([say!("widget.other-groups")]);
        let parts = parts.zip(lists).enumerate();
        let parts = parts.filter(|(_, (_, ids))| !ids.is_empty());
        let mark = |(at, (label, ids)): (usize, (String, Vec<String>))| {
            let tone = if at == 0 { Tone::Accent } else { Tone::Plain };
            Mark::count(label, ids.len() as u64, tone, of(ids))
        };
        stacks.push(Stack {
            label,
            parts: parts.map(mark).collect(),
            target: of(all),
        });
    }
    let finding = match slow {
        0 => say!("widget.all-fast", n = n, results = counted(n, "result")),
        slow => say!("widget.slow", n = slow, results = counted(n, "result")),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.durations-measure",
            launch = facts.launches[launch].named(),
            field = called(scope),
            time = human_duration(work),
            asked = scope.asked()
        ),
        figure: Figure::Histogram(stacks),
        table,
    })
}

pub(super) fn owners(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let mut groups: BTreeMap<Option<&str>, Group> = BTreeMap::new();
    let mut unresolved: BTreeMap<&str, u64> = BTreeMap::new();
    if let Some(launch) = scope.latest() {
        let open = facts.launches[launch]
            .outcomes
            .iter()
            .filter(|outcome| outcome.is_unresolved());
        for case in open.filter_map(|outcome| outcome.case.as_deref()) {
            *unresolved.entry(case).or_default() += 1;
        }
    }
    let (mut total, mut failing, mut alone, mut ran) = (0, 0, 0, 0);
    for case in scope.cases(facts) {
        let group = groups.entry(case.case.owner.as_deref()).or_default();
        let last = last_of(facts, scope, &case.case.id);
        group.n += 1;
        group.members.push(case.case.id.clone());
        group.tally.merge(&last);
        let open = unresolved.get(case.case.id.as_str()).copied().unwrap_or(0);
        group.tally.unresolved += open;
        total += 1;
        ran += last.total();
        failing += u64::from(last.failures() > 0);
        alone += u64::from(last.failures() > 0 && case.case.owner.is_none());
    }
    if total == 0 {
        return Ok(no_cases(scope));
    }
    let mut rows: Vec<(Option<&str>, Group)> = groups.into_iter().collect();
    rows.sort_by(|a, b| {
        let worst = |group: &Group| (group.tally.unresolved, group.tally.failures(), group.n);
        worst(&b.1).cmp(&worst(&a.1)).then_with(|| a.0.cmp(&b.0))
    });
    rows.truncate(widget.limit.unwrap_or(20) as usize);
    let mut table = Table::new([
        words(say!("column.owner")),
        numbers(say!("column.unresolved")),
        numbers(say!("column.failing")),
        numbers(say!("column.cases")),
        numbers(say!("column.without-a-result")),
    ]);
    for (owner, group) in &rows {
        table.rows.push(Row {
            cells: vec![
                owner.map_or_else(|| say!("widget.nobody"), |owner| facts.person(owner, NAME)),
                thousands(group.tally.unresolved),
                thousands(group.tally.failures()),
                thousands(group.n),
                thousands(group.n - group.tally.total()),
            ],
            target: Some(Target::Cases(group.members.clone())),
            counts: Some(group.tally),
        });
    }
    let finding = match (failing, alone) {
        _ if ran == 0 => no_result_yet(facts, total, "documented case"),
        (0, _) => say!(
            "widget.none-fails",
            n = total,
            cases = counted(total, "case")
        ),
        (n, 0) => say!(
            "widget.all-fail-with-owner",
            n = n,
            cases = counted(total, "case")
        ),
        (n, alone) => say!(
            "widget.some-fail-without-owner",
            n = n,
            cases = counted(total, "case"),
            alone = alone
        ),
    };
    Ok(Shown {
        finding,
        measure: say!("widget.owners-measure", asked = scope.asked()),
        figure: Figure::List,
        table,
    })
}
