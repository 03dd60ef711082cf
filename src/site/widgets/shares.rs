//! Figures of groups: shares by a field, areas, and layers.

use super::facts::{Facts, Nothing, Scope};
use super::groups::{Group, Label, NAME, Worst, called, count_groups, head, no_result_yet};
use super::shown::{Figure, Mark, Row, Shown, Table, Tone, numbers};
use super::tally::percent;
use crate::analysis::stability::Rate;
use crate::model::{Status, Widget};
use crate::query::Lookup;
use crate::site::texts::{counted as amount, say, thousands};
use crate::site::words::sentence;

const LIMIT: u64 = 8;

/// Says what most have, or all. The first group is one of its own: others come last.
fn said(scope: &Scope, (noun, total): (&'static str, u64), groups: &[(Label, Group)]) -> String {
    let (subjects, field) = (amount(total, noun), called(scope));
    let Some((label, group)) = groups.first() else {
        return String::new();
    };
    let share = percent(Rate {
        part: group.n,
        of: total,
    });
    let name = label.name().map(|name| scope.shown(name, NAME));
    match (name, groups.len()) {
        (Some(name), 1) => say!(
            "widget.all-have",
            n = total,
            subjects = subjects,
            field = field,
            name = name
        ),
        (None, 1) => say!(
            "widget.all-have-none",
            n = total,
            subjects = subjects,
            field = field
        ),
        (Some(name), _) => say!(
            "widget.share-have",
            share = share,
            subjects = subjects,
            field = field,
            name = name
        ),
        (None, _) => say!(
            "widget.share-have-none",
            share = share,
            subjects = subjects,
            field = field
        ),
    }
}

pub(super) fn pie(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let counted = count_groups(facts, scope, widget)?;
    let (noun, total) = (counted.noun, counted.groups.total());
    if total == 0 {
        return Ok(counted.nothing(scope));
    }
    let measure = counted.measure(scope);
    let is_of_status = |by: &Lookup| {
        let name = by.key.as_deref().unwrap_or(by.name);
        name.to_lowercase().contains("status")
    };
    let has_tones = scope.by.as_ref().is_some_and(is_of_status);
    let groups = counted
        .groups
        .largest(widget.limit.unwrap_or(LIMIT) as usize);
    let mut table = Table::new([
        head(scope),
        numbers(say!("column.number")),
        numbers(say!("column.share")),
    ]);
    let mut marks = Vec::new();
    for (at, (label, group)) in groups.iter().enumerate() {
        let target = (counted.target)(label, group.members.clone());
        let share = percent(Rate {
            part: group.n,
            of: total,
        });
        table.row(
            target.clone(),
            [label.text(scope), thousands(group.n), share],
        );
        let status = Status::ALL
            .iter()
            .copied()
            .find(|s| matches!(label, Label::Named(n) if s.as_str() == n));
        let tone = match status {
            Some(status) if has_tones => Tone::Status(status),
            _ if at == 0 => Tone::Accent,
            _ => Tone::Plain,
        };
        marks.push(Mark::count(label.text(scope), group.n, tone, target));
    }
    let finding = said(scope, (noun, total), &groups);
    Ok(Shown {
        finding,
        measure,
        figure: Figure::Donut(marks),
        table,
    })
}

pub(super) fn tree(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let counted = count_groups(facts, scope, widget)?;
    let total = counted.groups.total();
    if total == 0 {
        return Ok(counted.nothing(scope));
    }
    let measure = counted.measure(scope);
    let groups = counted.groups.largest(widget.limit.unwrap_or(30) as usize);
    let mut table = Table::new([
        head(scope),
        numbers(say!("column.number")),
        numbers(say!("column.did-not-pass")),
        numbers(say!("column.passed")),
        numbers(say!("column.without-a-result")),
    ]);
    let mut marks = Vec::new();
    for (label, group) in &groups {
        let target = (counted.target)(label, group.members.clone());
        let (bad, ran) = (group.tally.failures(), group.tally.total());
        let passed = group.tally.of(Status::Passed);
        table.rows.push(Row {
            cells: vec![
                label.text(scope),
                thousands(group.n),
                thousands(bad),
                thousands(passed),
                thousands(group.n - ran),
            ],
            target: Some(target.clone()),
            counts: Some(group.tally),
        });
        let tone = match (bad, passed) {
            (0, 0) => Tone::Plain,
            (0, _) => Tone::Status(Status::Passed),
            _ => Tone::Status(Status::Failed),
        };
        let text = match bad {
            0 => thousands(group.n),
            bad => say!("widget.not-passed", n = group.n, bad = bad),
        };
        marks.push(Mark {
            label: label.text(scope),
            value: group.n as f64,
            text,
            tone,
            target,
        });
    }
    let finding = match counted.groups.worst() {
        _ if counted.groups.tally().total() == 0 => no_result_yet(facts, total, counted.noun),
        None => say!(
            "widget.no-failure-in-groups",
            n = counted.groups.len(),
            groups = amount(counted.groups.len(), "group")
        ),
        Some(worst) => most_failures(scope, &worst),
    };
    Ok(Shown {
        finding,
        measure: say!("widget.tree-measure", measure = measure),
        figure: Figure::TreeMap(marks),
        table,
    })
}

/// Says which group has most failures, or that several have.
fn most_failures(scope: &Scope, worst: &Worst) -> String {
    let (part, all) = (worst.failures, worst.n);
    let name = worst.label.name().map(|name| scope.shown(name, NAME));
    match (name, worst.alike) {
        (Some(name), 0) => say!(
            "widget.most-failures",
            field = sentence(&called(scope)),
            name = name,
            part = part,
            all = all
        ),
        (Some(name), alike) => say!(
            "widget.most-failures-alike",
            field = sentence(&called(scope)),
            name = name,
            n = alike,
            part = part
        ),
        (None, _) => say!(
            "widget.most-failures-none",
            field = called(scope),
            part = part,
            all = all
        ),
    }
}

pub(super) fn pyramid(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let mut counted = count_groups(facts, scope, widget)?;
    let total = counted.groups.total();
    if total == 0 {
        return Ok(counted.nothing(scope));
    }
    // Bars are no parts of a whole: that some stand in several groups needs no words.
    counted.groups.several = 0;
    let measure = counted.measure(scope);
    let groups = counted
        .groups
        .largest(widget.limit.unwrap_or(LIMIT) as usize);
    let mut table = Table::new([
        head(scope),
        numbers(say!("column.results")),
        numbers(say!("column.share")),
        numbers(say!("metric.pass-rate")),
    ]);
    let mut marks = Vec::new();
    for (at, (label, group)) in groups.iter().enumerate() {
        let target = (counted.target)(label, group.members.clone());
        let share = percent(Rate {
            part: group.n,
            of: total,
        });
        let passes = percent(group.tally.passes);
        table.rows.push(Row {
            cells: vec![
                label.text(scope),
                thousands(group.n),
                share.clone(),
                passes.clone(),
            ],
            target: Some(target.clone()),
            counts: Some(group.tally),
        });
        let text = say!("widget.so-many-passed", n = group.n, rate = passes);
        let tone = if at == 0 { Tone::Accent } else { Tone::Plain };
        marks.push(Mark {
            label: label.text(scope),
            value: group.n as f64,
            text,
            tone,
            target,
        });
    }
    Ok(Shown {
        finding: said(scope, ("result", total), &groups),
        measure: say!("widget.pyramid-measure", measure = measure),
        figure: Figure::Bars(marks),
        table,
    })
}
